"""The doctor's look at GitHub: the server, the token, the repository, the limits, the clock."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ghsync import reader
from ghsync.brakes import check_repository
from ghsync.config import Config
from ghsync.doctor.contents import contents
from ghsync.doctor.replies import data_of, failed, is_missing, told, unknown
from ghsync.errors import GhsyncError
from ghsync.journal import SyncMap
from ghsync.model import Check, Loaded, Repo
from ghsync.remote import wire
from ghsync.remote.errors import PERMISSIONS_HINT
from ghsync.remote.inspect import Inspector, Reply
from ghsync.remote.wire import Failed, Unauthorized
from ghsync.values import dataclass

NAMES = (
    "server", "clock", "token accepted", "scopes", "limits",
    "repository", "archived", "issues enabled", "permission", "map", "labels", "types",
    "sub-issues",
)  # fmt: skip
"""The remote rows, in their order."""
_OF_REPOSITORY = NAMES[NAMES.index("repository") :]
ABOUT_ACCESS = frozenset(
    {"repository name", "api url", "token", "token accepted", "scopes", "repository", "archived"}
    | {"issues enabled", "permission"}
)
"""The rows whose failure is about the token or the repository: exit code 4."""
_SKEW = 60.0
"""Seconds; a lock's expiry and the reading of what changed since then go by the clock."""
_FEW = 100
_NO_API = (wire.Lost, wire.ServerTrouble, wire.BadAnswer, wire.NotFound, wire.Moved)
"""What no GitHub that works says to ``GET /user``."""
_ENTERPRISE = "x-github-enterprise-version"
_SCOPES = "x-oauth-scopes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """What the remote checks go by, besides the answers."""

    config: Config
    now: Callable[[], float]
    mapped: SyncMap | None
    """``None`` where the map could not be read."""
    loaded: Loaded | None = None
    """``None`` where no items were found."""


def not_checked(why: str, *, but: frozenset[str] = frozenset()) -> tuple[Check, ...]:
    """The remote rows where nothing was asked, ``but`` for those that say something."""
    return tuple(unknown(name, why) for name in NAMES if name not in but)


async def checks(access: Access, inspector: Inspector) -> tuple[Check, ...]:
    """Ask, and say what the answers mean; at most seven reads."""
    user = await inspector.ask(wire.get_user())
    rows = [_server(user, access)]
    if rows[0].ok is False:
        return (*rows, *not_checked("the server gave no answer", but=frozenset({"server"})))
    rows += [_clock(user, access), _accepted(user)]
    if rows[-1].ok is False:
        asked = frozenset(row.name for row in rows)
        return (*rows, *not_checked("the token was not accepted", but=asked))
    limits = _limits(await inspector.ask(wire.get_rate_limit()), access)
    named = access.config.repo
    if named is None:
        rows += [*_scopes(user, None, access), limits]
        return (*rows, *(unknown(name, "no repository is named") for name in _OF_REPOSITORY))
    found = await inspector.ask(wire.get_repo(named.full_name))
    try:
        repo = wire.parse_repo(data_of(found), request=found.request.label)
    except GhsyncError as error:
        if isinstance(error, wire.Lost | wire.ServerTrouble):
            rows[0] = failed("server", error)  # it has stopped answering; the token is not to blame
        rows += [*_scopes(user, None, access), limits, told("repository", error)]
        others = _OF_REPOSITORY[1:]
        return (*rows, *(unknown(name, "the repository was not read") for name in others))
    rows += [*_scopes(user, found, access), limits, *_repository(repo, access)]
    return (*rows, *await contents(repo, access.loaded, inspector))


# ------------------------------------------------------------------ server, token, clock


def _server(reply: Reply, access: Access) -> Check:
    host = "the sandbox" if access.config.sandbox else ""
    if isinstance(reply.outcome, Failed) and isinstance(reply.outcome.error, _NO_API):
        return failed("server", reply.outcome.error)
    enterprise = reply.headers.get(_ENTERPRISE)
    what = f"GitHub Enterprise Server {enterprise}" if enterprise else "a GitHub"
    return Check(name="server", ok=True, detail=host or f"{what} answers")


def _clock(reply: Reply, access: Access) -> Check:
    date = wire.parse_date(reply.headers.get("date"))
    if date is None:
        return unknown("clock", "the server does not say its time")
    # The header counts whole seconds.
    skew = reply.at - (date + 0.5)
    side = "ahead of" if skew > 0 else "behind"
    detail = f"{abs(skew):,.0f} s {side} the server"
    if abs(skew) <= _SKEW:
        return Check(name="clock", ok=True, detail="agrees with the server's")
    return Check(name="clock", ok=None, detail=detail, hint="Let this machine set its time.")


def _accepted(reply: Reply) -> Check:
    name = "token accepted"
    try:
        login = wire.parse_login(data_of(reply), request=reply.request.label)
    except wire.PermissionDenied as error:
        # Installation tokens, and GITHUB_TOKEN in Actions, are refused here and good elsewhere.
        if "integration" in error.message:
            return Check(name=name, ok=True, detail="an app's token, which is no user's")
        return failed(name, error)
    except Unauthorized as error:
        return failed(name, error)
    except GhsyncError as error:
        return Check(name=name, ok=None, detail=error.message, hint=error.hint)
    return Check(name=name, ok=True, detail=f"it is {login}'s")


def _scopes(user: Reply, repo: Reply | None, access: Access) -> tuple[Check, ...]:
    """What a classic token may do; other kinds have permissions that no answer lists."""
    if access.config.sandbox:
        return (Check(name="scopes", ok=True, detail="the sandbox has none"),)
    text = user.headers.get(_SCOPES)
    if text is None:
        detail = "not a classic token: what it may write shows only when it writes"
        return (Check(name="scopes", ok=None, detail=detail, hint=PERMISSIONS_HINT),)
    scopes = {scope.strip() for scope in text.split(",")} - {""}
    detail = ", ".join(sorted(scopes)) or "none"
    data = data_of(repo) if repo is not None else None
    private = isinstance(data, Mapping) and data.get("private") is not False
    if "repo" in scopes or ("public_repo" in scopes and not private):
        return (Check(name="scopes", ok=True, detail=detail),)
    hint = "A classic token needs the scope repo, or public_repo for a public repository."
    return (Check(name="scopes", ok=False, detail=detail, hint=hint),)


def _limits(reply: Reply, access: Access) -> Check:
    counted = any(name.startswith("x-ratelimit-") for name in reply.headers)
    if is_missing(reply) and not counted:
        return Check(name="limits", ok=True, detail="this server has none")
    try:
        core = _core(data_of(reply))
    except GhsyncError as error:
        return Check(name="limits", ok=None, detail=error.message, hint=error.hint)
    if core is None:
        return unknown("limits", "the answer does not name them")
    limit, remaining, reset = core
    since = wire.parse_date(reply.headers.get("date")) or reply.at
    minutes = max(1, round((reset - since) / 60))
    detail = f"{remaining:,} of {limit:,} requests left, full again in {minutes} min"
    if remaining > max(_FEW, access.config.reserve):
        return Check(name="limits", ok=True, detail=detail)
    hint = "A push waits for them; something else may be using this account's requests."
    return Check(name="limits", ok=None, detail=detail, hint=hint)


def _core(data: object) -> tuple[int, int, int] | None:
    """Limit, remaining and reset (epoch seconds) of the core budget."""
    for name in ("resources", "core"):
        data = data.get(name) if isinstance(data, Mapping) else None
    if not isinstance(data, Mapping):
        return None
    numbers = [data.get(name) for name in ("limit", "remaining", "reset")]
    limit, remaining, reset = (each if isinstance(each, int) else None for each in numbers)
    if limit is None or remaining is None or reset is None:
        return None
    return limit, remaining, reset


# ------------------------------------------------------------------------ the repository


def _repository(repo: Repo, access: Access) -> tuple[Check, ...]:
    return (
        _found(repo, access),
        Check(
            name="archived",
            ok=not repo.archived,
            detail="yes: nothing in it can be changed" if repo.archived else "no",
            hint=f"Unarchive it in the repository's settings (gh repo unarchive {repo.full_name}), "
            "or name another with --repo.",
        ),
        Check(
            name="issues enabled",
            ok=repo.has_issues,
            detail="yes" if repo.has_issues else "no",
            hint="Turn Issues on in the repository's settings, under Features "
            f"(gh repo edit {repo.full_name} --enable-issues).",
        ),
        _permission(repo),
        _map(repo, access.mapped),
    )


def _found(repo: Repo, access: Access) -> Check:
    named = str(access.config.repo)
    if named.casefold() == repo.full_name.casefold():
        return Check(name="repository", ok=True, detail=f"{repo.full_name} (id {repo.id})")
    return Check(
        name="repository",
        ok=None,
        detail=f"{named} is called {repo.full_name} now (id {repo.id})",
        hint="Use the new name in --repo, ghsync.toml or the git remote.",
    )


def _permission(repo: Repo) -> Check:
    name = "permission"
    if not repo.permissions_known:
        detail = "an app's token: what it may write shows only when it writes"
        return Check(name=name, ok=None, detail=detail, hint=PERMISSIONS_HINT)
    try:
        reader.check_rights(repo)
    except GhsyncError as error:
        return failed(name, error)
    if repo.push:
        return Check(name=name, ok=True, detail="push")
    hint = "Labels that are missing have to be made by somebody who may push."
    return Check(name=name, ok=None, detail="triage", hint=hint)


def _map(repo: Repo, mapped: SyncMap | None) -> Check:
    if mapped is None:
        return unknown("map", "it cannot be read")
    if mapped.repo_id is None:
        return Check(name="map", ok=True, detail="belongs to no repository yet")
    try:
        check_repository(mapped, repo)
    except GhsyncError as error:
        return failed("map", error)
    return Check(name="map", ok=True, detail="belongs to this repository")
