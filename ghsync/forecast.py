"""How long a plan takes: its operations, run ahead on a copy of the limiter.

The engine says what may go when, as in the run itself, so that parents before children, the one
child at a time of a parent and closes after creates are in the figure; the limiter says when each
request goes. No clock: the time is an argument.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence

from ghsync.engine import Engine
from ghsync.limiter import Ahead, Limiter
from ghsync.model import CONTENT, Adopt, Cost, FillLinks, Operation, Requests, UpdateIssue
from ghsync.turns import Index
from ghsync.values import dataclass

_READ = Cost(points=1)
_WRITE = Cost(points=5)
_CONTENT = Cost(points=5, content=True)
_SAMPLE = 200
"""Operations that are run ahead, twice, where there are no limits; the rest goes on as the second
half of them went."""
_MARKS = 4
"""Over how many of the last parts of a run its pace is taken."""
_TOLERANCE = 0.002
_TOLERATED = 1.0
"""By which share of what is left, and seconds, a run may be off and the forecast still stands."""
_NONE = Requests()
STALE_AFTER = 10.0
"""Seconds: an issue that was read longer ago is read again before it is rewritten."""


def looks(op: Operation) -> bool:
    """Whether an operation reads its issue before it writes, however new what is known of it."""
    return isinstance(op, FillLinks) or (isinstance(op, UpdateIssue) and bool(op.links))


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """When all is done, and what is expected on the way."""

    end: float
    """Epoch seconds."""
    ends: tuple[float, ...] = ()
    """When each operation ends, in the order of ending; empty where only some were run ahead."""


def forecast(
    limiter: Limiter,
    now: float,
    operations: Sequence[Operation],
    *,
    concurrency: int,
    before: Requests = _NONE,
    after: Requests = _NONE,
    read_at: float | None = None,
) -> Forecast:
    """Say when all of it is done, begun ``now``.

    ``before`` and ``after`` are the reads and writes around the operations, one after another.
    ``read_at`` is when GitHub was read, if not just then.
    """
    ahead = Ahead(limiter, now)
    _serial(ahead, before)
    stale = STALE_AFTER + (ahead.time if read_at is None else read_at)
    ends: tuple[float, ...] = ()
    if limiter.limited or len(operations) <= 2 * _SAMPLE or _may_run_out(limiter, operations):
        ends = tuple(_carry_out(ahead, operations, concurrency, stale))
    else:
        first = _carry_out(ahead, operations, concurrency, stale, most=2 * _SAMPLE)
        pace = (first[-1] - first[_SAMPLE - 1]) / (len(first) - _SAMPLE)  # no plan is a circle
        ahead.time = first[-1] + pace * (len(operations) - len(first))
    _serial(ahead, after)
    return Forecast(end=ahead.time, ends=ends)


class Countdown:
    """What is left of a run that goes on: the first forecast, as long as it comes true.

    Running a long plan ahead costs time, too, so it is done again only where the run has left
    the forecast. Where nothing is limited, what is left goes on as the last part went.
    """

    def __init__(
        self,
        limiter: Limiter,
        *,
        concurrency: int,
        after: Requests = _NONE,
        read_at: float | None = None,
    ) -> None:
        """``read_at``: when GitHub was read."""
        self._read_at = read_at
        self._limiter = limiter
        self._concurrency = concurrency
        self._after = after
        self._said: Forecast | None = None
        self._marks: deque[tuple[float, int]] = deque(maxlen=_MARKS)

    def left(self, operations: Sequence[Operation], now: float) -> float:
        """Return the seconds until these are done, and what comes after them."""
        said, count = self._said, len(operations)
        if said is not None and 0 < count <= len(said.ends):
            late = now - (said.ends[-count - 1] if count < len(said.ends) else now)
            if abs(late) <= _TOLERANCE * (said.end - now) + _TOLERATED:
                return said.end + late - now
        if not self._limiter.limited:
            self._marks.append((now, count))
            begun, there = self._marks[0]
            if there - count >= _SAMPLE and now > begun:
                return count * (now - begun) / (there - count)
        self._said = forecast(
            self._limiter,
            now,
            operations,
            concurrency=self._concurrency,
            after=self._after,
            read_at=self._read_at,
        )
        return self._said.end - now


def _may_run_out(limiter: Limiter, operations: Sequence[Operation]) -> bool:
    rate = limiter.rate_limit
    return rate is not None and rate.remaining < 2 * len(operations)


def _serial(ahead: Ahead, requests: Requests) -> None:
    for cost, times in ((_READ, requests.reads), (_WRITE, requests.writes)):
        for _ in range(times):
            ahead.send(cost)
            ahead.finish()


def _carry_out(
    ahead: Ahead,
    operations: Sequence[Operation],
    concurrency: int,
    stale: float,
    *,
    most: float = math.inf,
) -> list[float]:
    """Send these as the uploader does; return when each ended, in that order, ``most`` at least.

    ``stale``: the time from which an issue is read once more before it is rewritten.
    """
    engine = Engine(operations)
    running: dict[int, Index] = {}
    looking: set[Index] = set()
    ends: list[float] = []
    while not engine.finished and len(ends) < most:
        for number in ahead.landed():
            if (index := running.pop(number, None)) is None:
                continue
            if index in looking:
                looking.remove(index)
                running[ahead.send(_WRITE)] = index
            else:
                engine.end(index, ok=True)
                ends.append(ahead.time)
        taken = engine.take(1) if len(running) < concurrency else []
        for index in taken:
            operation = operations[index]
            if isinstance(operation, Adopt):
                engine.end(index, ok=True)
                ends.append(ahead.time)
            elif looks(operation) or (isinstance(operation, UpdateIssue) and ahead.time > stale):
                looking.add(index)
                running[ahead.send(_READ)] = index
            else:
                running[ahead.send(_cost(operation))] = index
        if not taken and not (running and ahead.wait()):
            break
    ahead.finish()
    return ends


def _cost(op: Operation) -> Cost:
    """What the request costs that carries out an operation."""
    return _CONTENT if isinstance(op, CONTENT) else _WRITE
