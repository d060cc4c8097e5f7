"""What the doctor makes of an answer: its data, or the row of what it is instead."""

from __future__ import annotations

from dataclasses import replace

from ghsync.errors import GhsyncError
from ghsync.model import Check
from ghsync.remote import wire
from ghsync.remote.inspect import Reply
from ghsync.remote.wire import Failed, Limited, NotFound, Ok


def is_missing(reply: Reply) -> bool:
    """Whether the answer is a 404."""
    return isinstance(reply.outcome, Failed) and isinstance(reply.outcome.error, NotFound)


def data_of(reply: Reply) -> object:
    """The answer's JSON. Raises the error that it is instead."""
    match reply.outcome:
        case Ok(data=data):
            return data
        case Failed(error=error):
            raise error
        case Limited(message=message):
            raise wire.RateLimited(
                f"could not {reply.request.label}: a rate limit is in force"
                + (f": {message}" if message else ""),
                hint="Try again in a few minutes.",
                request=reply.request.label,
            )
        case _:
            raise wire.BadAnswer(
                f"could not {reply.request.label}: the answer is a bare 304",
                hint="A proxy or a cache may answer in GitHub's place.",
            )


def unknown(name: str, why: str) -> Check:
    """The row of what was not asked."""
    return Check(name=name, ok=None, detail=f"not checked: {why}")


def failed(name: str, error: GhsyncError) -> Check:
    """The row of an error."""
    return Check(name=name, ok=False, detail=error.message, hint=error.hint)


def told(name: str, error: GhsyncError) -> Check:
    """A failed row, or one that says that a limit or the server kept it from being told."""
    passing = isinstance(error, wire.RateLimited | wire.ServerTrouble | wire.Lost)
    return replace(failed(name, error), ok=None if passing else False)
