"""The one host that the token goes to."""

from __future__ import annotations

import pytest
from remote_kit import REPO

from ghsync.errors import RemoteProtocolError, UsageError
from ghsync.remote import wire
from ghsync.remote.origin import Origin

LIST = wire.list_labels(REPO)


@pytest.mark.parametrize(
    ("api_url", "url"),
    [
        ("https://api.github.com", "https://api.github.com/user"),
        ("https://api.github.com/", "https://api.github.com/user"),
        ("https://API.GitHub.com:443", "https://api.github.com/user"),
        ("https://ghe.example:8443/api/v3/", "https://ghe.example:8443/api/v3/user"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080/user"),
        ("http://[::1]:8080", "http://[::1]:8080/user"),
    ],
)
def test_an_api_url_is_a_host_and_a_base(api_url: str, url: str) -> None:
    """GHES has a base path; the default port is not written."""
    assert Origin.parse(api_url).url(wire.get_user()) == url


@pytest.mark.parametrize(
    "api_url",
    [
        "",
        "api.github.com",
        "ftp://host",
        "https://",
        "https://user:pass@host",
        "https://host?x=1",
        "https://host#x",
        "https://host:99999",
        "https://host:x",
        "https://a b",
        "https://[::1",
        "https://höst",
        "https://host\\@evil",
    ],
)
def test_what_is_no_api_url_is_refused(api_url: str) -> None:
    """Without a traceback, and without repeating a password that may be in it."""
    with pytest.raises(UsageError) as caught:
        Origin.parse(api_url)
    assert "pass" not in caught.value.message


@pytest.mark.parametrize(
    ("api_url", "private"),
    [
        ("https://api.github.com", True),
        ("http://localhost:1", True),
        ("http://api.localhost", True),
        ("http://127.8.8.8", True),
        ("http://[::1]", True),
        ("http://10.0.0.1", False),
        ("http://localhost.evil.example", False),
        ("http://127.0.0.1.evil.example", False),
        ("http://0.0.0.0", False),
    ],
)
def test_plain_http_is_private_on_this_machine_alone(api_url: str, private: bool) -> None:
    """Names that look like loopback are not."""
    assert Origin.parse(api_url).private is private


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/repos",
        "http://api.github.com/repos",
        "https://api.github.com:8443/repos",
        "https://api.github.com.evil.example/",
        "https://api.github.com@evil.example/",
        "https://x@api.github.com/",
        "https://evil.example\\@api.github.com/",
        "https://api.github.com\t.evil.example/",
        "https://api.github.com:0/",
        "//evil.example/x",
        "/user",
        "javascript:alert(1)",
        "https://[api.github.com/",
        "",
    ],
)
def test_a_page_elsewhere_is_not_followed(url: str) -> None:
    """Other scheme, host, port, user, or a spelling that parsers read differently."""
    origin = Origin.parse("https://api.github.com")
    with pytest.raises(RemoteProtocolError):
        origin.url(wire.follow(url, like=LIST))


def test_a_page_here_is_followed_as_it_is() -> None:
    """Its path need not begin with the base: GitHub links to /repositories/ID."""
    origin = Origin.parse("https://ghe.example/api/v3")
    url = "https://GHE.example:443/repositories/1/labels?after=Y%3D%3D&page=2"
    assert origin.url(wire.follow(url, like=LIST)) == (
        "https://ghe.example/repositories/1/labels?after=Y%3D%3D&page=2"
    )
    assert origin.path("https://ghe.example/user") == "/user"


def test_a_redirect_can_be_relative() -> None:
    """A path is on this host; two slashes are another host, and refused."""
    origin = Origin.parse("https://api.github.com")
    assert origin.join("/repositories/1") == "https://api.github.com/repositories/1"
    with pytest.raises(RemoteProtocolError):
        origin.url(wire.follow(origin.join("//evil.example/x"), like=LIST))
