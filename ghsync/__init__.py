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
        Options,
        lint,
        load,
        plan,
        plan_async,
        pull,
        pull_async,
        push,
        push_async,
    )
    from ghsync.errors import (
        AuthError,
        ConfigError,
        ExitCode,
        GhsyncError,
        LockedError,
        NoLayoutError,
        RefusedError,
        RemoteUnavailableError,
        RepositoryError,
        RunInterruptedError,
        StateFileError,
        StoppedError,
        StrictLintError,
        UsageError,
        WrongRepositoryError,
    )
    from ghsync.model import (
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
        RateLimit,
        Reading,
        Requests,
        Run,
        Severity,
        Skip,
        State,
        Status,
        Waiting,
    )
    from ghsync.pulling import Pulled
    from ghsync.remote.auth import Token, TokenProvider

_HOMES = {
    "ghsync.api": (
        "Options",
        "lint",
        "load",
        "plan",
        "plan_async",
        "pull",
        "pull_async",
        "push",
        "push_async",
    ),
    "ghsync.pulling": ("Pulled",),
    "ghsync.errors": (
        "AuthError",
        "ConfigError",
        "ExitCode",
        "GhsyncError",
        "LockedError",
        "NoLayoutError",
        "RefusedError",
        "RemoteUnavailableError",
        "RepositoryError",
        "RunInterruptedError",
        "StateFileError",
        "StoppedError",
        "StrictLintError",
        "UsageError",
        "WrongRepositoryError",
    ),
    "ghsync.model": (
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
        "RateLimit",
        "Reading",
        "Requests",
        "Run",
        "Severity",
        "Skip",
        "State",
        "Status",
        "Waiting",
    ),
    "ghsync.remote.auth": ("Token", "TokenProvider"),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "AuthError",
    "Checked",
    "ConfigError",
    "Conflict",
    "Event",
    "ExitCode",
    "Finding",
    "GhsyncError",
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
    "PlanReady",
    "Pulled",
    "RateLimit",
    "Reading",
    "RefusedError",
    "RemoteUnavailableError",
    "RepositoryError",
    "Requests",
    "Run",
    "RunInterruptedError",
    "Severity",
    "Skip",
    "State",
    "StateFileError",
    "Status",
    "StoppedError",
    "StrictLintError",
    "Token",
    "TokenProvider",
    "UsageError",
    "Waiting",
    "WrongRepositoryError",
    "__version__",
    "lint",
    "load",
    "plan",
    "plan_async",
    "pull",
    "pull_async",
    "push",
    "push_async",
]


class _Package(ModuleType):
    """The package itself: two functions of the API have the names of modules inside.

    Importing ``ghsync.plan`` binds that module to the package's attribute ``plan``; the public
    function of that name must win, whoever imported what before.
    """

    @property
    def plan(self) -> object:
        """Return :func:`ghsync.api.plan`."""
        return _load("plan")

    @plan.setter
    def plan(self, module: object) -> None:
        """Leave the module to ``sys.modules``."""

    @property
    def lint(self) -> object:
        """Return :func:`ghsync.api.lint`."""
        return _load("lint")

    @lint.setter
    def lint(self, module: object) -> None:
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
