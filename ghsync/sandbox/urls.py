"""Where things are: every URL and node id that the sandbox gives, under the client's own host."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from urllib.parse import quote

from ghsync.values import dataclass

PUBLIC_API = "https://api.github.com"
ENTERPRISE_PREFIX = "/api/v3"


def segment(text: str) -> str:
    """A text as one segment of a path."""
    return quote(text, safe="")


def node_id(prefix: str, *numbers: int) -> str:
    """An opaque global id, unique for its kind and numbers, as GitHub's new format looks."""
    packed = b"".join(number.to_bytes(8, "big") for number in numbers)
    return f"{prefix}_kwDO{urlsafe_b64encode(packed).decode().rstrip('=')}"


@dataclass(frozen=True, slots=True)
class Urls:
    """URL builders for one request: ``api`` is its API root, ``web`` its page root, no slash."""

    api: str
    web: str

    @classmethod
    def under(cls, base: str, *, enterprise: bool) -> Urls:
        """The roots for a request to ``base`` (scheme and host), with or without ``/api/v3``."""
        if base == PUBLIC_API:
            return cls(api=base, web="https://github.com")
        return cls(api=base + ENTERPRISE_PREFIX if enterprise else base, web=base)

    def user(self, login: str) -> str:
        """An account in the API."""
        return f"{self.api}/users/{segment(login)}"

    def repo(self, full_name: str) -> str:
        """A repository in the API."""
        return f"{self.api}/repos/{full_name}"

    def repo_web(self, full_name: str) -> str:
        """A repository's page."""
        return f"{self.web}/{full_name}"

    def issue(self, full_name: str, number: int) -> str:
        """An issue in the API."""
        return f"{self.repo(full_name)}/issues/{number}"

    def issue_web(self, full_name: str, number: int, *, pull: bool = False) -> str:
        """An issue's page."""
        return f"{self.repo_web(full_name)}/{'pull' if pull else 'issues'}/{number}"
