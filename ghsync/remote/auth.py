"""A token that does not show itself, and those who give one for each request."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import TYPE_CHECKING, NoReturn, Protocol, TypeAlias
from urllib.parse import quote
from weakref import WeakKeyDictionary

from ghsync.errors import AuthError, RemoteUnavailableError

if TYPE_CHECKING:
    import asyncio

TOKEN_VARIABLES = ("GITHUB_TOKEN", "GH_TOKEN")
_EARLY = 300.0
"""Seconds before its end at which an app's token is renewed; a request must outlive its token."""
_CALM = 60.0
"""Seconds for which a new token is not renewed by the clock, which may be wrong."""


_SECRET = 8
"""Characters from which a token is a secret and no word of an answer; GitHub's have 40."""


class Hidden:
    """A text that must not show: only :meth:`reveal` gives it away."""

    __slots__ = ("__secret",)

    def __init__(self, secret: str) -> None:
        self.__secret = secret

    def reveal(self) -> str:
        """The text itself, for whoever needs it."""
        return self.__secret

    def __repr__(self) -> str:
        return "***"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return format(repr(self), spec)

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a token or key is never pickled or copied")


class Token(Hidden):
    """A secret for the ``Authorization`` header; only :meth:`reveal` gives it away."""

    __slots__ = ("source",)

    def __init__(self, secret: str, *, source: str = "the caller") -> None:
        """Check the shape: printable ASCII without white space. Raises :class:`AuthError`."""
        good = bool(secret) and secret.isascii() and secret.isprintable() and " " not in secret
        super().__init__(secret)
        self.source = source
        del secret  # for tracebacks that show what variables hold
        if not good:
            raise AuthError(
                f"the token from {source} is not a token: it is empty, or has white space, "
                "control characters or letters outside ASCII",
                hint="Copy it again without quotes, line ends or spaces around it.",
            )

    def hide_in(self, text: str) -> str:
        """The text with ``***`` where the token stands, also as URLs and JSON may write it."""
        for form in self._forms():
            text = text.replace(form, "***")
        return text

    def hide_in_bytes(self, data: bytes) -> bytes:
        """The same for bytes; nothing is copied where it stands nowhere."""
        for form in self._forms():
            data = data.replace(form.encode("ascii"), b"***")
        return data

    def _forms(self) -> set[str]:
        secret = self.reveal()
        if len(secret) < _SECRET:
            return set()
        return {secret, quote(secret, safe=""), secret.replace("/", "\\/")}

    def __repr__(self) -> str:
        return f"Token(***, source={self.source!r})"

    __str__ = __repr__


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


class Environment(Mapping[str, str]):
    """Environment variables whose repr does not show them: some hold tokens."""

    __slots__ = ("_variables", "helpers")

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._variables = dict(variables)
        self.helpers: dict[tuple[str, str], Token | None] = {}
        """What other programs answered, by their name and the host: a keyring may ask a person."""

    def __getitem__(self, name: str) -> str:
        return self._variables[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._variables)

    def __len__(self) -> int:
        return len(self._variables)

    def __repr__(self) -> str:
        return f"Environment({len(self)} variables)"


def resolve_token(env: Mapping[str, str]) -> Token | None:
    """Find a token: ``GITHUB_TOKEN``, ``GH_TOKEN``; an empty variable is not set.

    Raises :class:`AuthError`, without the text, for one that cannot be a token.
    """
    for name in TOKEN_VARIABLES:
        if env.get(name):
            return Token(env[name], source=name)
    return None


# ----------------------------------------------------------------- tokens with an end

Fetch: TypeAlias = Callable[[], Awaitable[tuple[Token, float]]]
"""Gets a new token and its end in epoch seconds."""


class AppToken:
    """A provider that gets an installation's token and renews it before its hour is over.

    However many requests ask at once, one of them renews and the others wait for it. A provider
    may serve several event loops, one after another or in threads; each then renews for itself.
    """

    def __init__(
        self, fetch: Fetch, *, now: Callable[[], float], source: str = "the GitHub App"
    ) -> None:
        self._fetch = fetch
        self._now = now
        self._current: tuple[Token, float, float] | None = None
        """The token, its end, and when it was got."""
        self._again = 0.0
        self._locks: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock] = (
            WeakKeyDictionary()
        )
        self.source = source

    async def token(self, *, stale: Token | None = None) -> Token:
        """Return the current token, or a new one if it is refused or about to end.

        Raises :class:`AuthError` where there is none to be had, and
        :class:`~ghsync.errors.RemoteUnavailableError` where nobody answers; not while the present
        token is still good.
        """
        if (good := self._good(stale)) is not None:
            return good
        import asyncio  # a dry run that only looks for a token needs no loop

        lock = self._locks.setdefault(asyncio.get_running_loop(), asyncio.Lock())
        async with lock:
            if (good := self._good(stale)) is not None:
                return good
            try:
                token, until = await self._fetch()
            except RemoteUnavailableError:
                last, now = self._current, self._now()
                if last is None or last[0] is stale or now >= last[1]:
                    raise
                self._again = now + _CALM
                return last[0]
            self._current = token, until, self._now()
            return token

    def _good(self, stale: Token | None) -> Token | None:
        """The token at hand, unless it was refused or its end is near."""
        if self._current is None:
            return None
        token, until, got = self._current
        if token is stale:
            return None
        now = self._now()
        if now < min(self._again, until):  # nobody answered just now, and there is time left
            return token
        return token if now < max(until - _EARLY, got + _CALM) else None
