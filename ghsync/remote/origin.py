"""The one host that requests, and with them the token, may go to."""

from __future__ import annotations

import ipaddress
from typing import Self
from urllib.parse import SplitResult, urlencode, urlsplit

from ghsync.errors import UsageError
from ghsync.remote.errors import BadAnswer
from ghsync.remote.requests import Request
from ghsync.values import dataclass

_PORTS = {"https": 443, "http": 80}


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """An API's scheme, host, port and base path (``/api/v3`` on GHES)."""

    scheme: str
    host: str
    port: int
    base: str

    @classmethod
    def parse(cls, api_url: str) -> Self:
        """Read ``GITHUB_API_URL``. Raises :class:`UsageError`."""
        parts = _split(api_url.strip())
        if parts is None or parts.query or parts.fragment or parts.username is not None:
            raise UsageError(
                "the API's URL is not a plain http(s) URL",
                hint="GITHUB_API_URL is https://api.github.com, or https://HOST/api/v3 on GHES.",
            )
        scheme, host, port = _where(parts)
        return cls(scheme=scheme, host=host, port=port, base=parts.path.rstrip("/"))

    @property
    def loopback(self) -> bool:
        """True if requests never leave this machine."""
        if self.host == "localhost" or self.host.endswith(".localhost"):
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    @property
    def private(self) -> bool:
        """True if nobody on the way can read a token."""
        return self.scheme == "https" or self.loopback

    def url(self, request: Request) -> str:
        """Return the absolute URL of a request, which is always on this host.

        A URL that an answer gave is taken apart, and its path and query are put behind this
        host: no spelling that two parsers read differently can lead elsewhere. Raises
        :class:`BadAnswer` for one that names another scheme, host or port.
        """
        if not request.given:
            query = f"?{urlencode(request.query)}" if request.query else ""
            return f"{self._root}{self.base}{request.path}{query}"
        parts = _split(request.path)
        if parts is None or parts.username is not None or _where(parts) != self._triple:
            raise BadAnswer(
                f"could not {request.label}: the answer before points to another host",
                hint="The token goes to the configured API host alone; check GITHUB_API_URL.",
                request=request.label,
            )
        query = f"?{parts.query}" if parts.query else ""
        return f"{self._root}{parts.path or '/'}{query}"

    def join(self, location: str) -> str:
        """Make a redirect's place absolute; :meth:`url` checks it."""
        if location.startswith("/") and not location.startswith("//"):
            return f"{self._root}{location}"
        return location

    def path(self, url: str) -> str:
        """Return a URL of this host without the host, for the audit trail."""
        return url.removeprefix(self._root)

    @property
    def _triple(self) -> tuple[str, str, int]:
        return self.scheme, self.host, self.port

    @property
    def netloc(self) -> str:
        """Host and, where it is not the scheme's own, port: the ``Host`` header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def _root(self) -> str:
        return f"{self.scheme}://{self.netloc}"


def _split(url: str) -> SplitResult | None:
    """Take an http(s) URL apart; ``None`` for anything that is not plainly one."""
    if not url.isascii() or not url.isprintable() or " " in url or "\\" in url or len(url) > 8192:
        return None
    try:
        parts = urlsplit(url)
        usable = parts.scheme in _PORTS and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return None
    return parts if usable else None


def _where(parts: SplitResult) -> tuple[str, str, int]:
    host = (parts.hostname or "").lower()
    return parts.scheme, host, parts.port or _PORTS[parts.scheme]
