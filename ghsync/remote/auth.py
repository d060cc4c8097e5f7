"""Where a token comes from, and a token that does not show itself."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import NoReturn, Protocol

from ghsync.errors import AuthError

TOKEN_VARIABLES = ("GITHUB_TOKEN", "GH_TOKEN")
_EARLY = 300.0
"""Seconds before its end at which an app's token is renewed; a request must outlive its token."""


class Token:
    """A secret for the ``Authorization`` header; only :meth:`reveal` gives it away."""

    __slots__ = ("__secret", "source")

    def __init__(self, secret: str, *, source: str = "the caller") -> None:
        """Check the shape: printable ASCII without white space. Raises :class:`AuthError`."""
        if not secret or not secret.isascii() or not secret.isprintable() or " " in secret:
            raise AuthError(
                f"the token from {source} is not a token: it is empty, or has white space, "
                "control characters or letters outside ASCII",
                hint="Copy it again without quotes, line ends or spaces around it.",
            )
        self.__secret = secret
        self.source = source

    def reveal(self) -> str:
        """The secret itself, for the one header that needs it."""
        return self.__secret

    def __repr__(self) -> str:
        return f"Token(***, source={self.source!r})"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return format(repr(self), spec)

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a token is never pickled or copied")


class TokenProvider(Protocol):
    """Gives the token for a request; one that expires is renewed here."""

    async def token(self, *, stale: Token | None = None) -> Token:
        """Return a token; ``stale`` is one that GitHub has just refused.

        Returning the same again means that there is no other.
        """
        ...


class StaticToken:
    """A provider of one token that never changes."""

    def __init__(self, token: Token) -> None:
        self._token = token

    async def token(self, *, stale: Token | None = None) -> Token:
        """Return the token."""
        return self._token


def resolve_token(env: Mapping[str, str], option: str | None = None) -> Token | None:
    """Find a token: the option, ``GITHUB_TOKEN``, ``GH_TOKEN``; an empty variable is not set.

    Raises :class:`AuthError`, without the text, for one that cannot be a token.
    """
    if option is not None:
        return Token(option, source="the option")
    for name in TOKEN_VARIABLES:
        if value := env.get(name):
            return Token(value, source=name)
    return None


# -------------------------------------------------------------------------- GitHub App

Fetch = Callable[[], Awaitable[tuple[str, float]]]
"""Gets a new installation token and its end in epoch seconds."""


class AppToken:
    """A provider that gets an installation's token and renews it before its hour is over."""

    def __init__(self, fetch: Fetch, *, now: Callable[[], float]) -> None:
        import asyncio  # a dry run that only looks for a token needs no loop

        self._fetch = fetch
        self._now = now
        self._current: Token | None = None
        self._until = 0.0
        self._lock = asyncio.Lock()

    async def token(self, *, stale: Token | None = None) -> Token:
        """Return the current token, or a new one if it is refused or about to end."""
        async with self._lock:
            current = self._current
            if current is None or current is stale or self._now() >= self._until - _EARLY:
                secret, self._until = await self._fetch()
                current = self._current = Token(secret, source="the GitHub App")
            return current


def app_from_env(
    env: Mapping[str, str], *, api_url: str, now: Callable[[], float]
) -> AppToken | None:
    """Make the provider that ``GHSYNC_APP_ID``, ``…_PRIVATE_KEY`` (or ``…_PRIVATE_KEY_FILE``)
    and ``…_INSTALLATION`` describe; ``None`` if none is set. Raises :class:`AuthError`.
    """
    names = ("GHSYNC_APP_ID", "GHSYNC_APP_INSTALLATION")
    key = _private_key(env)
    values = [env.get(name, "").strip() for name in names]
    if not any(values) and not key:
        return None
    missing = [name for name, value in zip(names, values, strict=True) if not value]
    missing += [] if key else ["GHSYNC_APP_PRIVATE_KEY"]
    if missing:
        raise AuthError(
            f"the GitHub App is only half configured: {', '.join(missing)} is not set",
            hint="Set all of GHSYNC_APP_ID, GHSYNC_APP_PRIVATE_KEY and GHSYNC_APP_INSTALLATION.",
        )
    app_id, installation = values
    if not installation.isdecimal():
        raise AuthError(
            "GHSYNC_APP_INSTALLATION is not a number",
            hint="It is the number at the end of the installation's settings URL.",
        )
    return AppToken(_pygithub(app_id, key, int(installation), api_url), now=now)


def _private_key(env: Mapping[str, str]) -> str:
    if key := env.get("GHSYNC_APP_PRIVATE_KEY", "").strip():
        return key
    path = env.get("GHSYNC_APP_PRIVATE_KEY_FILE", "").strip()
    if not path:
        return ""
    try:
        return Path(path).read_text(encoding="ascii").strip()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is not text"
        raise AuthError(
            f"the private key {path} cannot be read: {reason}",
            hint="Check GHSYNC_APP_PRIVATE_KEY_FILE.",
        ) from None


def _pygithub(app_id: str, key: str, installation: int, api_url: str) -> Fetch:
    """PyGithub signs the request and sends it, in a thread; imported only when it is needed."""

    def fetch() -> tuple[str, float]:
        import github

        try:
            app = github.GithubIntegration(
                auth=github.Auth.AppAuth(app_id, key), base_url=api_url.rstrip("/"), lazy=True
            )
            found = app.get_access_token(installation)
        except Exception as error:  # noqa: BLE001 (PyGithub, jwt, cryptography, requests share no base)
            raise AuthError(
                f"the GitHub App {app_id} got no token for installation {installation}: "
                f"{type(error).__name__}",
                hint="Check the app's id, its private key, and that it is installed there.",
            ) from None
        return found.token, found.expires_at.timestamp()

    async def in_thread() -> tuple[str, float]:
        import asyncio

        return await asyncio.to_thread(fetch)

    return in_thread
