"""How long a plan takes: its operations, run ahead on a copy of the limiter.

The engine says what may go when, as in the run itself, so that parents before children, the one
child at a time of a parent and closes after creates are in the figure; the limiter says when each
request goes. No clock: the time is an argument.
"""

from __future__ import annotations

from collections.abc import Sequence

from ghsync.engine import Engine, Index
from ghsync.limiter import Ahead, Limiter
from ghsync.model import (
    CONTENT,
    Adopt,
    Cost,
    Operation,
    Requests,
)

_READ = Cost(points=1)
_WRITE = Cost(points=5)
_CONTENT = Cost(points=5, content=True)
_SAMPLE = 200
"""Operations that are run ahead, twice, where there are no limits; the rest goes on like them."""
_NONE = Requests()


def forecast(
    limiter: Limiter,
    now: float,
    operations: Sequence[Operation],
    *,
    concurrency: int,
    before: Requests = _NONE,
    after: Requests = _NONE,
) -> float:
    """Return the seconds from ``now`` until all of it is done.

    ``before`` and ``after`` are the reads and writes around the operations, one after another.
    """
    ahead = Ahead(limiter, now)
    _serial(ahead, before)
    if limiter.limited or len(operations) <= 2 * _SAMPLE or _may_run_out(limiter, operations):
        _carry_out(ahead, operations, concurrency)
    else:
        _carry_out(ahead, operations[:_SAMPLE], concurrency)
        half = ahead.time
        _carry_out(ahead, operations[_SAMPLE : 2 * _SAMPLE], concurrency)
        ahead.time += (ahead.time - half) * (len(operations) / _SAMPLE - 2)
    _serial(ahead, after)
    return ahead.time - now


def _may_run_out(limiter: Limiter, operations: Sequence[Operation]) -> bool:
    rate = limiter.rate_limit
    return rate is not None and rate.remaining < 2 * len(operations)


def _serial(ahead: Ahead, requests: Requests) -> None:
    for cost, times in ((_READ, requests.reads), (_WRITE, requests.writes)):
        for _ in range(times):
            ahead.send(cost)
            ahead.finish()


def _carry_out(ahead: Ahead, operations: Sequence[Operation], concurrency: int) -> None:
    """Send these as the uploader does: what is ready, in the plan's order."""
    engine = Engine(operations)
    running: dict[int, Index] = {}
    while not engine.finished:
        for number in ahead.landed():
            if (index := running.pop(number, None)) is not None:
                engine.end(index, ok=True)
        taken = engine.take(1) if len(running) < concurrency else []
        for index in taken:
            cost = _cost(operations[index])
            if cost is None:
                engine.end(index, ok=True)
            else:
                running[ahead.send(cost)] = index
        if not taken and not (running and ahead.wait()):
            break
    ahead.finish()


def _cost(op: Operation) -> Cost | None:
    """What the one request of an operation costs; ``None`` for what needs none."""
    match op:
        case Adopt():
            return None
        case _:
            return _CONTENT if isinstance(op, CONTENT) else _WRITE
