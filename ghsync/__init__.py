"""ghsync: planning markdown and GitHub Issues in step.

    import ghsync

    run = ghsync.push("path/to/project", sandbox=True)
    print(run.succeeded, "of", run.total)

The names below are the public API. They are loaded when they are first used, so that importing
ghsync, and starting its command line, costs next to nothing.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

__version__ = "0.1.0"

if TYPE_CHECKING:
    from ghsync.api import (
        PushEvents,
        Synced,
        apply,
        apply_async,
        diff,
        diff_async,
        lint,
        load,
        plan,
        plan_async,
        pull,
        pull_and_push,
        pull_and_push_async,
        pull_async,
        push,
        push_async,
        push_events,
        retry,
        retry_async,
        save_plan,
        status,
        status_async,
        undo,
        undo_async,
    )
    from ghsync.calls import Options, PyGithubAuth
    from ghsync.differing import (
        Difference,
    )
    from ghsync.errors import (
        AuthError,
        ConfigError,
        DeclinedError,
        ExitCode,
        GhsyncError,
        InternalError,
        LockedError,
        NoLayoutError,
        PlanFileError,
        RefusedError,
        RemoteProtocolError,
        RemoteUnavailableError,
        RepositoryError,
        RunCancelledError,
        RunInterruptedError,
        StalePlanError,
        StateFileError,
        StoppedError,
        StrictLintError,
        UsageError,
        WrongRepositoryError,
    )
    from ghsync.given import (
        item,
    )
    from ghsync.model import (
        Change,
        Checked,
        Conflict,
        Event,
        Finding,
        Item,
        Kind,
        Loaded,
        Notice,
        Operation,
        OperationEnded,
        OpResult,
        Plan,
        PlanReady,
        Priority,
        RateLimit,
        Reading,
        Requests,
        Run,
        Severity,
        Skip,
        State,
        StateReason,
        Status,
        StatusRow,
        Waiting,
        op_name,
    )
    from ghsync.pulling import (
        Pulled,
    )
    from ghsync.remote.auth import (
        Token,
        TokenProvider,
    )
    from ghsync.remote.errors import (
        ApiError,
    )

_HOMES = {
    "ghsync.calls": ("Options", "PyGithubAuth"),
    "ghsync.api": (
        "PushEvents",
        "Synced",
        "apply",
        "apply_async",
        "diff",
        "diff_async",
        "lint",
        "load",
        "plan",
        "plan_async",
        "pull",
        "pull_and_push",
        "pull_and_push_async",
        "pull_async",
        "push",
        "push_async",
        "push_events",
        "retry",
        "retry_async",
        "save_plan",
        "status",
        "status_async",
        "undo",
        "undo_async",
    ),
    "ghsync.differing": ("Difference",),
    "ghsync.given": ("item",),
    "ghsync.pulling": ("Pulled",),
    "ghsync.errors": (
        "AuthError",
        "ConfigError",
        "DeclinedError",
        "ExitCode",
        "GhsyncError",
        "InternalError",
        "LockedError",
        "NoLayoutError",
        "PlanFileError",
        "RefusedError",
        "RemoteProtocolError",
        "RemoteUnavailableError",
        "RepositoryError",
        "RunCancelledError",
        "RunInterruptedError",
        "StalePlanError",
        "StateFileError",
        "StoppedError",
        "StrictLintError",
        "UsageError",
        "WrongRepositoryError",
    ),
    "ghsync.remote.errors": ("ApiError",),
    "ghsync.model": (
        "Change",
        "Checked",
        "Conflict",
        "Event",
        "Finding",
        "Item",
        "Kind",
        "Loaded",
        "Notice",
        "OpResult",
        "Operation",
        "OperationEnded",
        "Plan",
        "PlanReady",
        "Priority",
        "RateLimit",
        "Reading",
        "Requests",
        "Run",
        "Severity",
        "Skip",
        "State",
        "StateReason",
        "Status",
        "StatusRow",
        "Waiting",
        "op_name",
    ),
    "ghsync.remote.auth": (
        "Token",
        "TokenProvider",
    ),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "ApiError",
    "AuthError",
    "Change",
    "Checked",
    "ConfigError",
    "Conflict",
    "DeclinedError",
    "Difference",
    "Event",
    "ExitCode",
    "Finding",
    "GhsyncError",
    "InternalError",
    "Item",
    "Kind",
    "Loaded",
    "LockedError",
    "NoLayoutError",
    "Notice",
    "OpResult",
    "Operation",
    "OperationEnded",
    "Options",
    "Plan",
    "PlanFileError",
    "PlanReady",
    "Priority",
    "Pulled",
    "PushEvents",
    "PyGithubAuth",
    "RateLimit",
    "Reading",
    "RefusedError",
    "RemoteProtocolError",
    "RemoteUnavailableError",
    "RepositoryError",
    "Requests",
    "Run",
    "RunCancelledError",
    "RunInterruptedError",
    "Severity",
    "Skip",
    "StalePlanError",
    "State",
    "StateFileError",
    "StateReason",
    "Status",
    "StatusRow",
    "StoppedError",
    "StrictLintError",
    "Synced",
    "Token",
    "TokenProvider",
    "UsageError",
    "Waiting",
    "WrongRepositoryError",
    "__version__",
    "apply",
    "apply_async",
    "diff",
    "diff_async",
    "item",
    "lint",
    "load",
    "op_name",
    "plan",
    "plan_async",
    "pull",
    "pull_and_push",
    "pull_and_push_async",
    "pull_async",
    "push",
    "push_async",
    "push_events",
    "retry",
    "retry_async",
    "save_plan",
    "status",
    "status_async",
    "undo",
    "undo_async",
]


class _Package(ModuleType):
    """The package itself: some functions of the API have the names of modules inside.

    Importing ``ghsync.plan`` binds that module to the package's attribute ``plan``; the public
    function of that name must win, whoever imported what before.
    """

    @property
    def lint(self) -> object:
        """Return :func:`ghsync.api.lint`."""
        return _load("lint")

    @lint.setter
    def lint(self, module: object) -> None:
        """Leave the module to ``sys.modules``."""

    @property
    def plan(self) -> object:
        """Return :func:`ghsync.api.plan`."""
        return _load("plan")

    @plan.setter
    def plan(self, module: object) -> None:
        """Leave the module to ``sys.modules``."""

    @property
    def undo(self) -> object:
        """Return :func:`ghsync.api.undo`."""
        return _load("undo")

    @undo.setter
    def undo(self, module: object) -> None:
        """Leave the module to ``sys.modules``."""


def _load(name: str) -> object:
    return getattr(import_module(_HOME_OF[name]), name)


def __getattr__(name: str) -> object:
    """Load a public name from where it lives (PEP 562)."""
    if name not in _HOME_OF:
        raise AttributeError(f"module 'ghsync' has no attribute {name!r}")
    value = globals()[name] = _load(name)
    return value


def __dir__() -> list[str]:
    """List the public names, loaded or not."""
    return sorted(__all__)


sys.modules[__name__].__class__ = _Package
