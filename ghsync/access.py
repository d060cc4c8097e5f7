"""What lets a run in: the repository's name, a token, and a server that may see the token."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from ghsync.config import Config, Source
from ghsync.config.values import is_loopback
from ghsync.errors import AuthError, UsageError
from ghsync.remote.auth import Token, TokenProvider, resolve_token
from ghsync.tokens import Wanted, find

HOW_TO_GET_IN = (
    "Set GITHUB_TOKEN (or GH_TOKEN) to a token with Issues: read and write, or log in with "
    "`gh auth login`, or try it without one: `ghsync push --sandbox`."
)


def require_repo(config: Config) -> str:
    """The repository's name, or an error that says how to name it."""
    if config.repo is None:
        raise UsageError(
            "No repository is named, and the folder's git remote names none.",
            hint="Pass --repo OWNER/NAME, or set GITHUB_REPOSITORY; --sandbox needs neither.",
        )
    return config.repo.full_name


def find_token(
    config: Config, env: Mapping[str, str], now: Callable[[], float]
) -> Token | TokenProvider | None:
    """The token of the first source that has one, else ``None``; see ``docs/tokens.md``.

    Nobody is asked for a server that may not have it. Raises
    :class:`~ghsync.errors.AuthError` for a source that is set up and gives none.
    """
    if not may_have_token(config):
        return resolve_token(env)
    wanted = Wanted(
        api_url=config.api_url,
        env=env,
        root=config.root,
        repo=None if config.repo is None else config.repo.full_name,
        file=config.token_file,
        named=config.sources.get("token_file") is Source.OPTION,
        sources=config.token_from,
    )
    return find(wanted, now)


def unreadable(config: Config, token: Callable[[Config], Token | TokenProvider | None]) -> bool:
    """True where nothing says which GitHub to read, or with which token."""
    return config.repo is None or token(config) is None


def check_host(config: Config) -> None:
    """Send no token to a host that only a file of the checkout names: a stranger may own both."""
    if not may_have_token(config):
        host = urlsplit(config.api_url).hostname or ""
        raise AuthError(
            f"{config.file} names the API server {host}; a token is not sent to a server that "
            "only a file of the checkout names.",
            hint=f"If it is yours, set GITHUB_API_URL={config.api_url}.",
        )


def may_have_token(config: Config) -> bool:
    """Whether somebody but a file of the checkout named the API's host, or it needs no naming."""
    host = urlsplit(config.api_url).hostname or ""
    named_by_file = config.sources.get("api_url") is Source.FILE
    return not named_by_file or is_github(config.api_url) or is_loopback(host)


def is_github(api_url: str) -> bool:
    """True for the servers whose limits are published: github.com and ghe.com."""
    host = urlsplit(api_url).hostname or ""
    return host == "api.github.com" or host.endswith(".ghe.com")
