"""Where a token comes from: the first source that has one, asked once for a run.

Pure of any network: a GitHub App's tokens are got when the first request needs one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Literal, assert_never
from urllib.parse import urlsplit

from ghsync.errors import AuthError
from ghsync.remote.auth import AppToken, Environment, Hidden, Token, TokenProvider, resolve_token
from ghsync.tokens.file import read_secret, read_token
from ghsync.values import dataclass

GITHUB_API = "api.github.com"


class TokenFrom(StrEnum):
    """A source of tokens, in the order in which they are asked."""

    APP = "app"
    """A GitHub App: ``GHSYNC_APP_ID``, ``…_PRIVATE_KEY`` or ``…_KEY_FILE``, ``…_INSTALLATION``."""
    FILE = "file"
    """``--token-file`` or ``GHSYNC_TOKEN_FILE``."""
    ENV = "env"
    """``GITHUB_TOKEN``, then ``GH_TOKEN``."""
    KEYRING = "keyring"
    """The operating system's keyring, where the package ``keyring`` is installed."""
    GH = "gh"
    """``gh auth token``, where GitHub's own command line is installed."""


EVERY = tuple(TokenFrom)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a token is looked for with."""

    api_url: str
    env: Mapping[str, str]
    root: Path
    repo: str | None = None
    """``owner/name``: whose installation of an app is meant where none is named."""
    file: Path | None = None
    """The token's file, if one is named."""
    named: bool = False
    """The file was named on the command line or in a call, which comes before everything."""
    sources: tuple[TokenFrom, ...] = EVERY


def find(wanted: Wanted, now: Callable[[], float]) -> Token | TokenProvider | None:
    """The token of the first source that has one; ``None`` if none has.

    Raises :class:`AuthError` for a source that was set up and gives no token: another's would be
    a surprise.
    """
    if wanted.named and wanted.file is not None:
        return read_token(wanted.file)
    for source in wanted.sources:
        found = _ask(source, wanted, now)
        if found is not None:
            return found
    return None


def _ask(
    source: TokenFrom, wanted: Wanted, now: Callable[[], float]
) -> Token | TokenProvider | None:
    match source:
        case TokenFrom.APP:
            return app_from_env(wanted.env, api_url=wanted.api_url, repo=wanted.repo, now=now)
        case TokenFrom.FILE:
            return read_token(wanted.file) if wanted.file is not None else None
        case TokenFrom.ENV:
            return resolve_token(wanted.env)
        case TokenFrom.KEYRING | TokenFrom.GH:
            return _helped(source, wanted)
    assert_never(source)


def _helped(source: Literal[TokenFrom.KEYRING, TokenFrom.GH], wanted: Wanted) -> Token | None:
    """Ask another program, once for an environment."""
    known = wanted.env.helpers if isinstance(wanted.env, Environment) else {}
    key = source.value, wanted.api_url
    if key not in known:
        if source is TokenFrom.KEYRING:
            from ghsync.tokens import keyring

            known[key] = keyring.get(host_of(wanted.api_url))
        else:
            from ghsync.tokens import gh

            known[key] = gh.get(wanted.api_url, wanted.env, wanted.root)
    return known[key]


def source_of(token: Token | TokenProvider) -> str:
    """Where a token comes from, in words that follow "the token comes from"."""
    return str(getattr(token, "source", None) or "the caller")


def host_of(api_url: str) -> str:
    """The host that people know, for the API at this URL: what a token is kept under."""
    parts = urlsplit(api_url)
    host = (parts.hostname or "").lower()
    if host == GITHUB_API:
        return "github.com"
    if host.endswith(".ghe.com"):
        return host.removeprefix("api.")
    return host if parts.port is None else f"{host}:{parts.port}"


def app_from_env(
    env: Mapping[str, str],
    *,
    api_url: str,
    now: Callable[[], float],
    repo: str | None = None,
) -> AppToken | None:
    """Make the provider that ``GHSYNC_APP_ID``, ``…_PRIVATE_KEY`` (or ``…_PRIVATE_KEY_FILE``)
    and ``…_INSTALLATION`` describe; ``None`` if none is set. Raises :class:`AuthError`.

    Without ``…_INSTALLATION`` it is the one that ``repo`` has, looked up with the first token.
    """
    key = _private_key(env)
    app_id = env.get("GHSYNC_APP_ID", "").strip()
    installation = env.get("GHSYNC_APP_INSTALLATION", "").strip()
    if not (app_id or installation) and key is None:
        return None
    missing = [] if app_id else ["GHSYNC_APP_ID"]
    missing += [] if key is not None else ["GHSYNC_APP_PRIVATE_KEY"]
    if missing or key is None:
        raise AuthError(
            f"the GitHub App is only half configured: {', '.join(missing)} is not set",
            hint="Set both GHSYNC_APP_ID and GHSYNC_APP_PRIVATE_KEY (or …_PRIVATE_KEY_FILE).",
        )
    if not installation and repo is None:
        raise AuthError(
            "a GitHub App acts for one installation, and no repository says which",
            hint="Pass --repo OWNER/NAME, or set GHSYNC_APP_INSTALLATION.",
        )
    if installation and not installation.isdecimal():
        raise AuthError(
            "GHSYNC_APP_INSTALLATION is not a number",
            hint="It is the number at the end of the installation's settings URL.",
        )
    from ghsync.remote.pygithub import app_fetch

    named = int(installation) if installation else None
    fetch = app_fetch(app_id, key, api_url=api_url, installation=named, repo=repo)
    return AppToken(fetch, now=now, source=f"the GitHub App {app_id}")


def _private_key(env: Mapping[str, str]) -> Hidden | None:
    if env.get("GHSYNC_APP_PRIVATE_KEY", "").strip():
        # A key in one line, as some secret stores keep it.
        return Hidden(env["GHSYNC_APP_PRIVATE_KEY"].strip().replace("\\n", "\n"))
    path = env.get("GHSYNC_APP_PRIVATE_KEY_FILE", "").strip()
    if not path:
        return None
    return read_secret(Path(path), what="private key", named_by="GHSYNC_APP_PRIVATE_KEY_FILE")
