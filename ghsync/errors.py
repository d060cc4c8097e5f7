"""One family of errors: each class has an exit code, says what happened and what to do next.

The library raises these; only :mod:`ghsync.cli` turns them into text and exit codes.
"""

from __future__ import annotations

from enum import IntEnum
from typing import ClassVar


class ExitCode(IntEnum):
    """What the process says to its caller; fixed by the design, relied on by scripts."""

    DONE = 0
    PARTIAL = 1
    USAGE = 2
    STRICT = 3
    AUTH = 4
    REFUSED = 5
    STOPPED = 6
    PENDING = 10
    BUG = 70
    INTERRUPTED = 130


class GhsyncError(Exception):
    """The base of the family.

    ``message`` says what happened and where; ``hint`` says what to do next, as a sentence or a
    command; ``code`` is a stable word for programs.
    """

    exit_code: ClassVar[ExitCode] = ExitCode.BUG
    code: ClassVar[str] = "error"

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle by what it holds: the classes below have arguments of their own."""
        return _again, (type(self), self.message, dict(self.__dict__))


def _again(kind: type[GhsyncError], message: str, facts: dict[str, object]) -> GhsyncError:
    """Make an error that was pickled in another process."""
    made = kind.__new__(kind, message)
    made.__dict__.update(facts)
    return made


class UsageError(GhsyncError):
    """An option, an argument or a setting is wrong."""

    exit_code = ExitCode.USAGE
    code = "usage"


class ConfigError(UsageError):
    """``ghsync.toml`` (or ``[tool.ghsync]``) cannot be read or holds a wrong value."""

    code = "config"


class NoLayoutError(UsageError):
    """Nothing under the root looks like a planning layout."""

    code = "no_layout"


class StrictLintError(GhsyncError):
    """``--strict`` and lint found something; nothing was sent."""

    exit_code = ExitCode.STRICT
    code = "strict"


class AuthError(GhsyncError):
    """No token, a refused token, or one that may not do what the run needs."""

    exit_code = ExitCode.AUTH
    code = "auth"


class RepositoryError(AuthError):
    """The repository is not found, archived, or has issues disabled."""

    code = "repository"


class RefusedError(GhsyncError):
    """A brake: the run would do something that a person should confirm first."""

    exit_code = ExitCode.REFUSED
    code = "refused"


class DeclinedError(RefusedError):
    """Somebody was asked whether to send the plan, and did not say yes."""

    code = "declined"


class WrongRepositoryError(RefusedError):
    """The sync map belongs to another repository."""

    code = "wrong_repository"


class LockedError(RefusedError):
    """Another run holds the lock; the message names the holder."""

    code = "locked"


class PlanFileError(RefusedError):
    """A plan file cannot be written, or is not as ghsync wrote it."""

    code = "plan_file"


class StalePlanError(RefusedError):
    """What a plan file takes for granted has moved; ``moved`` names each thing."""

    code = "stale_plan"

    def __init__(self, message: str, *, hint: str = "", moved: tuple[str, ...] = ()) -> None:
        super().__init__(message, hint=hint)
        self.moved = moved


class StateFileError(RefusedError):
    """The map, the journal or a file beside them cannot be read or written."""

    code = "state_file"


class StoppedError(GhsyncError):
    """The run stopped early and can be resumed: a time or rate budget, or an outage."""

    exit_code = ExitCode.STOPPED
    code = "stopped"


class RunCancelledError(StoppedError):
    """Somebody said `ghsync runs cancel`; what was done is recorded and the next push goes on."""

    code = "cancelled"


class RemoteUnavailableError(StoppedError):
    """The API host cannot be reached, or keeps answering with server errors."""

    code = "unavailable"


class RemoteProtocolError(StoppedError):
    """The API host answers something that is not GitHub's API."""

    code = "protocol"


class RunInterruptedError(GhsyncError):
    """Ctrl-C or SIGTERM; what was done is recorded and the next push goes on."""

    exit_code = ExitCode.INTERRUPTED
    code = "interrupted"


class InternalError(GhsyncError):
    """A bug in ghsync; the message says where to report it."""

    code = "bug"
