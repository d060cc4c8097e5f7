"""PyGithub where tokens need it: a GitHub App's signature and renewal, and its ``Auth`` objects.

PyGithub is imported here when it is needed; an ``Auth`` object is known by its class's module, so
that a program without one never loads it. Its requests run in a thread, go to the configured host
alone, and are kept out of its debug log, which shows the answer with the new token in it.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from ghsync import __version__
from ghsync.errors import AuthError, GhsyncError, RemoteUnavailableError, UsageError
from ghsync.remote.auth import AppToken, Fetch, Hidden, Token, TokenProvider
from ghsync.remote.origin import Origin

if TYPE_CHECKING:
    from github import GithubIntegration
    from github.Auth import AppAuth, AppUserAuth, Auth, NetrcAuth
    from github.Requester import Requester

T = TypeVar("T")
TIMEOUT = 20
"""Seconds, for the connection and for each read."""
_RETRIES = 2
_HOUR = 3600.0
_CHECK_APP = "Check the app's id, its private key, and that it is installed there."
_NO_PASSWORD = "Make a token (github.com/settings/tokens) and use github.Auth.Token."  # noqa: S105


def is_pygithub(value: object) -> bool:
    """Whether this is one of PyGithub's ``Auth`` objects; PyGithub is not imported to find out."""
    return any(
        base.__module__ == "github.Auth" and base.__name__ == "Auth" for base in type(value).__mro__
    )


def provider_of(
    auth: Auth, *, api_url: str, repo: str | None, now: Callable[[], float]
) -> Token | TokenProvider:
    """What gives the tokens of an ``Auth`` object.

    An ``AppAuth`` is the app; its installation for ``repo`` is looked up when the first token is
    needed. Raises :class:`AuthError` for one that GitHub's API takes no requests with, and
    :class:`UsageError` for plain http.
    """
    from github import Auth as Kinds

    _private(api_url)
    match auth:
        case Kinds.AppInstallationAuth():
            app = auth._app_auth  # PyGithub has no other way to it
            fetch = installation_fetch(
                lambda: app,
                api_url=api_url,
                installation=auth.installation_id,
                permissions=auth.token_permissions,
            )
            return AppToken(fetch, now=now, source=f"the GitHub App {app.app_id}")
        case Kinds.AppAuth():
            fetch = installation_fetch(lambda: auth, api_url=api_url, repo=repo)
            return AppToken(fetch, now=now, source=f"the GitHub App {auth.app_id}")
        case Kinds.AppUserAuth():
            return AppToken(_user_fetch(auth, api_url, now), now=now, source="github.Auth")
        case Kinds.NetrcAuth():
            return _from_netrc(auth, api_url)
        case Kinds.Token():
            return Token(auth.token, source="github.Auth.Token")
        case Kinds.HTTPBasicAuth():
            raise AuthError("GitHub's API takes no login with a password.", hint=_NO_PASSWORD)
        case Kinds.JWT():
            raise AuthError(
                f"github.Auth.{type(auth).__name__} speaks for the app itself, which has no issues",
                hint="Use github.Auth.AppAuth, or AppAuth(…).get_installation_auth(ID).",
            )
        case _:
            raise AuthError(
                f"ghsync does not know the Auth object {type(auth).__name__}",
                hint="Give its token as text, or an object with `async def token(self, *, stale)`.",
            )


def app_fetch(
    app_id: str, key: Hidden, *, api_url: str, installation: int | None, repo: str | None = None
) -> Fetch:
    """Get an installation's tokens with the app's id and private key. Sends nothing yet.

    Without ``installation`` it is the one that ``repo`` has.
    """

    def app() -> AppAuth:
        import github

        return github.Auth.AppAuth(app_id, key.reveal())

    return installation_fetch(app, api_url=api_url, installation=installation, repo=repo)


def installation_fetch(
    app: Callable[[], AppAuth],
    *,
    api_url: str,
    installation: int | None = None,
    repo: str | None = None,
    permissions: dict[str, str] | None = None,
) -> Fetch:
    """Get tokens of an app's installation: the one named, or the one that ``repo`` has."""
    known = installation

    def fetch() -> tuple[Token, float]:
        nonlocal known
        auth = app()
        with _integration(auth, api_url) as integration:
            if known is None:
                owner, _, name = (repo or "").partition("/")
                known = integration.get_repo_installation(owner, name).id
            found = integration.get_access_token(known, permissions=permissions)
        source = f"the GitHub App {auth.app_id}"
        return Token(found.token, source=source), found.expires_at.timestamp()

    def where() -> str:
        return f"installation {known}" if known is not None else f"the repository {repo}"

    if known is None and not repo:
        raise UsageError(
            "A GitHub App acts for one installation, and no repository says which.",
            hint="Name the repository, or use AppAuth(…).get_installation_auth(ID).",
        )
    return _in_thread(fetch, lambda: f"the GitHub App got no token for {where()}")


def _user_fetch(auth: AppUserAuth, api_url: str, now: Callable[[], float]) -> Fetch:
    """Get an app's tokens on behalf of a user; with a refresh token they are renewed.

    The object itself is used and changed: a refresh token is good for one time only.
    """
    refresh: Callable[[], None] | None = getattr(auth, "_refresh", None)
    asked = False

    def fetch() -> tuple[Token, float]:
        nonlocal asked
        end = auth.expires_at.timestamp() if auth.expires_at is not None else now() + _HOUR
        if auth.refresh_token is not None and refresh is not None and (asked or end <= now()):
            requester = _requester(api_url)
            auth.withRequester(requester)
            refresh()
            end = auth.expires_at.timestamp() if auth.expires_at is not None else now() + _HOUR
        asked = True
        return Token(auth.token, source="github.Auth.AppUserAuth"), end

    return _in_thread(fetch, lambda: "the GitHub App's token for a user was not renewed")


def _from_netrc(auth: NetrcAuth, api_url: str) -> Token:
    """The password that ``~/.netrc`` has for the API's host, as a token."""
    try:
        bound = auth.withRequester(_requester(api_url))
    except Exception as error:  # noqa: BLE001 (netrc, requests and PyGithub share no base)
        raise AuthError(
            f"~/.netrc has no token for {Origin.parse(api_url).host} ({type(error).__name__})",
            hint="Add a line `machine HOST login NAME password TOKEN`, or set GITHUB_TOKEN.",
        ) from None
    return Token(bound.password, source="~/.netrc")


# ------------------------------------------------------------------------ PyGithub itself


def _in_thread(fetch: Callable[[], T], what: Callable[[], str]) -> Callable[[], Awaitable[T]]:
    """Run it in a thread; what goes wrong is told without a word of what was sent."""

    def guarded() -> T | GhsyncError:
        try:
            with unlogged():
                return fetch()
        except GhsyncError as error:
            return error
        except Exception as error:  # noqa: BLE001 (PyGithub, jwt, cryptography, requests share no base)
            return _told(error, what())

    async def run() -> T:
        # Returned, not raised: the error's traceback then holds no frame that knows the key.
        found = await asyncio.to_thread(guarded)
        if isinstance(found, GhsyncError):
            raise found.with_traceback(None)
        return found

    return run


def _told(error: Exception, what: str) -> GhsyncError:
    """An error in our words; those of the libraries may quote what was sent or answered."""
    import github

    status = error.status if isinstance(error, github.GithubException) else None
    if isinstance(error, OSError) or (status or 0) >= 500:  # requests' errors are OSErrors
        return RemoteUnavailableError(
            f"{what}: {f'HTTP {status}' if status else type(error).__name__}",
            hint="Check the network; the next push goes on.",
        )
    return AuthError(
        f"{what}: {f'HTTP {status}' if status else type(error).__name__}", hint=_CHECK_APP
    )


@contextmanager
def _integration(auth: AppAuth, api_url: str) -> Iterator[GithubIntegration]:
    import github

    with github.GithubIntegration(auth=auth, base_url=_private(api_url), **_OPTIONS) as found:
        stay_on_this_machine(found.requester, api_url)
        yield found


def _requester(api_url: str) -> Requester:
    import github

    made = github.Github(base_url=_private(api_url), **_OPTIONS).requester
    stay_on_this_machine(made, api_url)
    return made


_OPTIONS: dict[str, Any] = {
    "timeout": TIMEOUT,
    "retry": _RETRIES,
    "user_agent": f"ghsync/{__version__} PyGithub",
}


def _private(api_url: str) -> str:
    """The URL for PyGithub. Raises :class:`UsageError` where others could read what is sent."""
    origin = Origin.parse(api_url)
    if not origin.private:
        raise UsageError(
            f"a token is not sent over plain http to {origin.host}",
            hint="Use https:// in GITHUB_API_URL; http:// is for this machine alone.",
        )
    return api_url.strip().rstrip("/")


@contextmanager
def unlogged() -> Iterator[None]:
    """Keep what PyGithub does in this thread out of its debug log."""
    this = threading.get_ident()

    def other(record: logging.LogRecord) -> bool:
        return record.thread != this

    logger = logging.getLogger("github.Requester")
    logger.addFilter(other)
    try:
        yield
    finally:
        logger.removeFilter(other)


def stay_on_this_machine(requester: Requester, api_url: str) -> None:
    """Keep requests from taking a loopback host's requests, and the token, to a proxy.

    PyGithub has no option for it but one that changes the whole process
    (``injectConnectionClasses``), so the class is put into this one object.
    """
    if not Origin.parse(api_url).loopback:
        return
    from github.Requester import HTTPRequestsConnectionClass, HTTPSRequestsConnectionClass

    class Http(HTTPRequestsConnectionClass):
        def __init__(self, *arguments: object, **options: object) -> None:
            super().__init__(*arguments, **options)  # type: ignore[arg-type]
            self.session.trust_env = False

    class Https(HTTPSRequestsConnectionClass):
        def __init__(self, *arguments: object, **options: object) -> None:
            super().__init__(*arguments, **options)  # type: ignore[arg-type]
            self.session.trust_env = False

    name = "_Requester__connectionClass"
    known: dict[object, object] = {
        HTTPRequestsConnectionClass: Http,
        HTTPSRequestsConnectionClass: Https,
    }
    found = known.get(getattr(requester, name, None))
    if found is None:
        raise RuntimeError("this PyGithub cannot be kept from using a proxy")
    setattr(requester, name, found)
