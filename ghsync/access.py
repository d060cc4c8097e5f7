"""What lets a run in: the repository's name, a token, and a server that may see the token."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from ghsync.config import Config, Source
from ghsync.config.values import is_loopback
from ghsync.errors import AuthError, UsageError
from ghsync.remote.auth import Token, TokenProvider, app_from_env, resolve_token

HOW_TO_GET_IN = (
    "Set GITHUB_TOKEN (or GH_TOKEN) to a token with Issues: read and write, "
    "or try it without one: `ghsync push --sandbox`."
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
    """A GitHub App's tokens if its variables are set, else a plain token, else ``None``."""
    app = app_from_env(env, api_url=config.api_url, now=now)
    return app if app is not None else resolve_token(env)


def unreadable(
    config: Config,
    env: Mapping[str, str],
    token: Token | TokenProvider | None,
    now: Callable[[], float],
) -> bool:
    """True where nothing says which GitHub to read, or with which token."""
    return config.repo is None or (token or find_token(config, env, now)) is None


def check_host(config: Config) -> None:
    """Send no token to a host that only a file of the checkout names: a stranger may own both."""
    host = urlsplit(config.api_url).hostname or ""
    named_by_file = config.sources.get("api_url") is Source.FILE
    if named_by_file and not is_github(config.api_url) and not is_loopback(host):
        raise AuthError(
            f"{config.file} names the API server {host}; a token is not sent to a server that "
            "only a file of the checkout names.",
            hint=f"If it is yours, set GITHUB_API_URL={config.api_url}.",
        )


def is_github(api_url: str) -> bool:
    """True for the servers whose limits are published: github.com and ghe.com."""
    host = urlsplit(api_url).hostname or ""
    return host == "api.github.com" or host.endswith(".ghe.com")
