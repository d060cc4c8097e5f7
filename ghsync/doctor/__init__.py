"""``ghsync doctor``: everything that a push relies on, looked at one by one.

Nothing is written, and no finding is an exception: each is a row with the next step. The remote
rows come from PyGithub (:mod:`ghsync.remote.inspect`), which cross-checks ghsync's own client.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from ghsync.access import HOW_TO_GET_IN, check_host, find_token, require_repo
from ghsync.clock import SystemClock
from ghsync.config import Config, Source
from ghsync.doctor import git, local, remote
from ghsync.doctor.remote import ABOUT_ACCESS, Access
from ghsync.doctor.replies import failed
from ghsync.embedded import own_sandbox
from ghsync.errors import ExitCode, GhsyncError
from ghsync.journal import SyncMap
from ghsync.model import Check, Event, Loaded, Notice
from ghsync.remote.answers import RequestLog
from ghsync.remote.auth import Token, TokenProvider
from ghsync.remote.inspect import Inspector
from ghsync.values import dataclass

__all__ = ["examine", "exit_code"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Who is told what is being asked."""

    event: Callable[[Event], None]
    request: Callable[[RequestLog], None] | None


async def examine(
    config: Config,
    *,
    env: Mapping[str, str],
    token: Token | TokenProvider | None = None,
    on_event: Callable[[Event], None] = lambda _: None,
    on_request: Callable[[RequestLog], None] | None = None,
) -> tuple[Check, ...]:
    """Look at the machine, the files, the token and the repository; writes nothing.

    A finding never raises: it is a row. With ``sandbox`` settings the folder's sandbox is asked
    (over loopback, as it is now), and what it learns is forgotten.
    """
    rows = await _examine(config, env, token, Told(event=on_event, request=on_request))
    return tuple(replace(row, hint="") if row.ok else row for row in rows)


def exit_code(checks: Iterable[Check]) -> ExitCode:
    """0 without a failed check, 4 if one about the token or the repository failed, else 1."""
    failed = {check.name for check in checks if check.ok is False}
    if not failed:
        return ExitCode.DONE
    return ExitCode.AUTH if failed & ABOUT_ACCESS else ExitCode.PARTIAL


async def _examine(
    config: Config,
    env: Mapping[str, str],
    token: Token | TokenProvider | None,
    told: Told,
) -> tuple[Check, ...]:
    clock = SystemClock()
    of_state, mapped = local.state(config, now=clock.now())
    of_files, loaded = local.files(config)
    checks = [*local.machine(config), *of_files, *of_state, git.check(config, loaded, env)]
    checks.append(_repository_name(config))
    if config.sandbox:
        return (*checks, *await _of_sandbox(config, mapped, loaded, told))
    server = _server_name(config)
    row, secret = await _token(config, env, token, clock.now)
    checks += [server, row]
    if server.ok is False or secret is None:
        why = "there is no usable token" if secret is None else "the token is not sent there"
        return (*checks, *remote.not_checked(why))
    access = Access(config=config, now=clock.now, mapped=mapped, loaded=loaded)
    return (*checks, *await _ask(access, config.api_url, secret, told))


# ----------------------------------------------------------------------------- remote


async def _ask(access: Access, api_url: str, secret: Token, told: Told) -> tuple[Check, ...]:
    try:
        with Inspector(
            api_url=api_url, token=secret, now=access.now, on_request=told.request
        ) as inspector:
            told.event(Notice(message=f"asking {inspector.origin.host}"))
            return await remote.checks(access, inspector)
    except GhsyncError as error:
        rest = remote.not_checked("no request was sent", but=frozenset({"server"}))
        return (failed("server", error), *rest)


async def _of_sandbox(
    config: Config, mapped: SyncMap | None, loaded: Loaded | None, told: Told
) -> tuple[Check, ...]:
    """The same checks against the folder's sandbox, which listens on loopback meanwhile."""
    from ghsync.sandbox.serve import running

    try:
        with (
            own_sandbox(config, keep=False) as held,
            running(held.github, clock=held.clock) as address,
        ):
            secret = Token(held.token, source="the sandbox")
            row = Check(name="token", ok=True, detail="the sandbox's own; it needs no other")
            now = held.clock.now
            access = Access(config=config, now=now, mapped=mapped, loaded=loaded)
            return (row, *await _ask(access, address.url, secret, told))
    except GhsyncError as error:
        return (failed("sandbox", error), *remote.not_checked("the sandbox did not start"))
    except OSError as error:
        detail = f"it cannot listen on loopback: {error.strerror or type(error).__name__}"
        row = Check(name="sandbox", ok=False, detail=detail, hint="Is loopback blocked here?")
        return (row, *remote.not_checked("the sandbox did not start"))


# ------------------------------------------------------------- what the settings say


def _repository_name(config: Config) -> Check:
    try:
        name = require_repo(config)
    except GhsyncError as error:
        return failed("repository name", error)
    source = config.sources.get("repo", Source.DEFAULT).value
    if config.sandbox and source == Source.DEFAULT.value:
        source = "the sandbox's own"
    return Check(name="repository name", ok=True, detail=f"{name} ({source})")


def _server_name(config: Config) -> Check:
    try:
        check_host(config)
    except GhsyncError as error:
        return failed("api url", error)
    source = config.sources.get("api_url", Source.DEFAULT).value
    return Check(name="api url", ok=True, detail=f"{config.api_url} ({source})")


async def _token(
    config: Config,
    env: Mapping[str, str],
    token: Token | TokenProvider | None,
    now: Callable[[], float],
) -> tuple[Check, Token | None]:
    """The row, and the token itself; an app's is asked for here."""
    try:
        found = token or find_token(config, env, now)
        if found is None:
            return Check(name="token", ok=False, detail="there is none", hint=HOW_TO_GET_IN), None
        secret = found if isinstance(found, Token) else await found.token()
    except GhsyncError as error:
        return failed("token", error), None
    return Check(name="token", ok=True, detail=f"from {secret.source}"), secret
