"""The one door: pages, redirects, tokens, and what an environment or a server may do to it."""

from __future__ import annotations

import gzip

import httpx
import pytest
from remote_kit import API, REPO, SECRET, Wire, issue_json, reply, run, send

from ghsync.errors import AuthError, RemoteProtocolError, UsageError
from ghsync.model import IssueNumber
from ghsync.remote import wire
from ghsync.remote.auth import Token
from ghsync.remote.client import Client

GET = wire.get_issue(REPO, IssueNumber(7))
MAKE = wire.create_issue(REPO, title="T", body="B")


# ------------------------------------------------------------------------------- pages


def page(number: int, following: str | None) -> httpx.Response:
    """A page of labels with a link to the next."""
    link = {} if following is None else {"link": f'<{following}>; rel="next"'}
    return reply(200, [{"name": f"l{number}", "color": ""}], **link)


async def names(client: Client) -> list[str]:
    """The labels on all pages."""
    return [
        wire.parse_label(each).name
        async for answer in client.pages(wire.list_labels(REPO))
        for each in (answer.data if isinstance(answer.data, list) else [])
    ]


def test_pages_follow_githubs_own_links() -> None:
    """As they are: a cursor cannot be computed."""
    second = f"{API}/repositories/1/labels?per_page=100&after=Y3Vyc29y"
    script = Wire([page(1, second), page(2, None)])
    assert run(script.client(), names) == ["l1", "l2"]
    assert [str(sent.url) for sent in script.sent] == [
        f"{API}/repos/{REPO}/labels?per_page=100",
        second,
    ]


@pytest.mark.parametrize("url", ["https://evil.example/x", "http://api.github.com/x", "/x"])
def test_the_token_does_not_follow_a_link_elsewhere(url: str) -> None:
    """Nothing is sent there."""
    script = Wire([page(1, url)])
    with pytest.raises(RemoteProtocolError):
        run(script.client(token=Token(SECRET)), names)
    assert len(script.sent) == 1


def test_pages_without_an_end_are_an_error() -> None:
    """A page that links to itself is not read for ever."""
    first = f"{API}/repos/{REPO}/labels?per_page=100&page=2"
    script = Wire([page(n, first) for n in range(9)])
    with pytest.raises(RemoteProtocolError, match="no end"):
        run(script.client(), names)
    assert len(script.sent) == 2


# --------------------------------------------------------------------------- redirects


def test_a_redirect_is_never_followed_by_itself() -> None:
    """A transferred issue would be written to in its new repository."""
    script = Wire([reply(301, {"message": "Moved"}, location=f"{API}/repositories/9/issues/1")])
    with pytest.raises(wire.Moved) as caught:
        send(script.client(), GET)
    assert caught.value.location == f"{API}/repositories/9/issues/1"


@pytest.mark.parametrize("location", [f"{API}/repositories/9", "/repositories/9"])
def test_a_renamed_repository_is_found_by_its_new_name(location: str) -> None:
    """Asked for explicitly, on the same host."""
    found = {"id": 9, "full_name": "octo/new"}
    script = Wire([reply(301, {}, location=location), reply(200, found)])
    repo = run(script.client(), lambda door: door.find_repo(REPO))
    assert repo.full_name == "octo/new"
    assert str(script.sent[1].url) == f"{API}/repositories/9"


def test_a_repository_that_moves_in_circles_or_away_is_an_error() -> None:
    """Another host does not get the token."""
    circle = reply(301, {}, location=f"{API}/repositories/9")
    away = reply(301, {}, location="https://evil.example/repos/x/y")
    for script in (Wire([circle] * 5), Wire([away])):
        with pytest.raises(RemoteProtocolError):
            run(script.client(token=Token(SECRET)), lambda door: door.find_repo(REPO))
        assert all(sent.url.host == "api.github.com" for sent in script.sent)
    with pytest.raises(wire.Moved):
        run(Wire([reply(301, {})]).client(), lambda door: door.find_repo(REPO))


# ------------------------------------------------------------------------------ tokens


def test_a_token_is_not_sent_in_the_clear() -> None:
    """Refused before a client exists; on this machine, and without a token, it may."""
    for url in ("http://ghe.example/api/v3", "http://10.0.0.1"):
        with pytest.raises(UsageError):
            Wire([]).client(token=Token(SECRET), api_url=url)
        Wire([]).client(api_url=url)
    Wire([]).client(token=Token(SECRET), api_url="http://127.0.0.1:9")


class Renewing:
    """A provider whose token can be refused once."""

    def __init__(self, *tokens: str) -> None:
        self.tokens = [Token(each) for each in tokens]

    async def token(self, *, stale: Token | None = None) -> Token:
        """The next one, if this one is stale."""
        if stale is self.tokens[0] and len(self.tokens) > 1:
            del self.tokens[0]
        return self.tokens[0]


def test_a_token_that_ends_midway_is_renewed_once() -> None:
    """A 401 means not executed, so even a create goes again with the new token."""
    script = Wire([reply(401, {"message": "Bad credentials"}), reply(201, issue_json())])
    assert send(script.client(token=Renewing("old", "new")), MAKE).status == 201
    assert [sent.headers["authorization"] for sent in script.sent] == ["Bearer old", "Bearer new"]
    script = Wire([reply(401, {"message": "Bad credentials"})] * 2)
    with pytest.raises(AuthError):
        send(script.client(token=Renewing("a", "b", "c")), MAKE)
    script = Wire([reply(401, {"message": "Bad credentials"})])
    with pytest.raises(AuthError):
        send(script.client(token=Token(SECRET)), MAKE)


def test_a_server_that_echoes_the_token_does_not_get_it_into_a_message() -> None:
    """Messages end on terminals and in logs."""
    script = Wire([reply(400, {"message": f"bad header: Bearer {SECRET}"})])
    with pytest.raises(wire.BadRequest) as caught:
        send(script.client(token=Token(SECRET)), GET)
    assert SECRET not in caught.value.message
    assert "***" in caught.value.message
    assert SECRET not in repr(script.log)


# ----------------------------------------------------------------- size and environment


def test_an_answer_without_end_is_cut_off() -> None:
    """Counted after decompression: a small answer can unpack to a large one."""
    bomb = gzip.compress(b" " * 1_000_000)
    for request, kind in ((GET, wire.BadAnswer), (MAKE, wire.UnknownOutcome)):
        step = httpx.Response(200, headers={"content-encoding": "gzip"}, content=bomb)
        script = Wire([step])
        with pytest.raises(kind):
            send(script.client(largest_answer=100_000), request)
        assert len(script.sent) == 1


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:1", "gopher://127.0.0.1:1"])
def test_a_proxy_that_cannot_be_used_is_a_usage_error(
    proxy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The variable is in the hint; there is no traceback."""
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    client = Wire([]).client()
    client._exchange._given = None
    with pytest.raises(UsageError, match="proxy"):
        send(client, GET)


def test_proxies_of_the_environment_are_not_for_this_machine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A request to a loopback address, with its token, stays here."""
    monkeypatch.setenv("HTTP_PROXY", "nonsense")
    client = Wire([]).client(api_url="http://127.0.0.1:1")
    client._exchange._given = None
    with pytest.raises(wire.NotSent):
        send(client, GET)
