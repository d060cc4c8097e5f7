"""The async batch engine: takes what is ready, carries it out, reports what became of it.

It owns nothing but the loop: :mod:`ghsync.engine` knows the order, :mod:`ghsync.executor` the
operations, the client the limits. Stopping is cooperative: what was sent is waited for, what was
not sent yet is left to the next run.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from ghsync.breaker import Breaker
from ghsync.clock import Clock
from ghsync.engine import Engine, OnError, Skipped
from ghsync.errors import (
    ExitCode,
    GhsyncError,
    RemoteUnavailableError,
    RunInterruptedError,
    StoppedError,
)
from ghsync.executor import Executor
from ghsync.model import (
    CONTENT,
    CreateIssue,
    Event,
    IssueNumber,
    Operation,
    OperationEnded,
    OpResult,
    Status,
    Waiting,
    op_name,
)
from ghsync.remote.errors import ApiError, NotSent, UnknownOutcome
from ghsync.sender import Held
from ghsync.stop import Stop
from ghsync.turns import Index
from ghsync.values import dataclass

MOST_TRIES = 3
"""How often an operation is carried out that fails for want of the server, client's tries aside."""
GRACE = 15.0
"""Seconds that requests under way are waited for when a run ends early (GitHub ends one at 10)."""
_ETA_STEPS = 20
"""How often in a run the rest is simulated anew; in between the ETA counts down."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Uploaded:
    """What became of each operation, in the plan's order, and why the run ended early."""

    results: tuple[OpResult, ...]
    error: GhsyncError | None


class Uploader:
    """Carries out a plan's operations with a bounded number of them in flight."""

    def __init__(
        self,
        operations: Sequence[Operation],
        executor: Executor,
        *,
        concurrency: int,
        stop: Stop,
        clock: Clock,
        on_event: Callable[[Event], None],
        eta: Callable[[Iterable[Operation]], float],
        on_error: OnError = OnError.CONTINUE,
        max_failures: int | None = None,
        paced: Callable[[], bool] = lambda: True,
    ) -> None:
        """``paced``: whether the server's limits space what counts as content, as of now."""
        self._operations = operations
        self._executor = executor
        self._concurrency = concurrency
        self._stop = stop
        self._clock = clock
        self._on_event = on_event
        self._eta = eta
        self._paced = paced
        self._begun = clock.now()
        self._done_by = 0.0
        self._engine = Engine(operations)
        self._results: dict[Index, OpResult] = {}
        self._running: dict[asyncio.Task[OpResult], Index] = {}
        self._on_error = on_error
        self._max_failures = max_failures
        self._failures = 0
        self._tries: Counter[Index] = Counter()
        self._unclear: dict[Index, UnknownOutcome] = {}
        self._aside: set[Index] = set()
        self._breaker = Breaker()
        self._rest: asyncio.Task[None] | None = None
        self._over: list[asyncio.Task[OpResult]] = []
        self._news = asyncio.Event()
        executor.on_unclear = self._let_go
        executor.on_leave = self._news.set

    async def run(self) -> Uploaded:
        """Go on until every operation has an outcome, or something ends the run."""
        self._executor.expect(len(self._operations))
        stopping = asyncio.ensure_future(self._stop.wait())
        stopping.add_done_callback(self._wake)
        try:
            while not self._engine.finished and not self._stop.requested:
                self._start()
                if not self._running and self._rest is None:
                    break
                await self._news.wait()
                self._news.clear()
                over, self._over = self._over, []
                for task in over:
                    self._finish(task)
        except asyncio.CancelledError:
            hint = "Run the same command again: it goes on where this ended."
            self._stop.request(RunInterruptedError("The run was cancelled.", hint=hint))
            await self._drain()
            raise
        except BaseException:  # a bug, here or in whoever watches: nothing is sent behind its back
            await self._cut_off()
            raise
        finally:
            helpers = [task for task in (stopping, self._rest) if task is not None]
            for helper in helpers:
                helper.cancel()
            await asyncio.gather(*helpers, return_exceptions=True)
        await self._drain()
        for index, unclear in self._unclear.items():
            self._settle(index, _result(self._operations[index], Status.UNKNOWN, unclear))
        return Uploaded(results=self._all(), error=self._error())

    def _start(self) -> None:
        """Start what is ready, the most urgent first, and none long before it can go."""
        while self._room():
            taken = self._engine.take(1)
            if not taken:
                return
            for index in taken:
                task = asyncio.ensure_future(self._executor.run(self._operations[index]))
                self._running[task] = index
                task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[OpResult]) -> None:
        self._over.append(task)
        self._news.set()

    def _wake(self, _: object) -> None:
        self._news.set()

    def _room(self) -> bool:
        """True if one more may start; while the breaker is open one alone, after a wait.

        Where limits space what counts as content, one of that waits at the gate at a time. The
        line there is first come first served, so more would go before what becomes ready meanwhile
        and matters more, such as the next child of a parent, whose children are added one by one.
        """
        if self._breaker.open:
            return not self._running and not self._resting()
        if len(self._running) >= self._concurrency:
            return False
        return not self._paced() or not any(
            isinstance(self._operations[index], CONTENT)
            for task, index in self._running.items()
            if task not in self._executor.in_air and index not in self._aside
        )

    def _resting(self) -> bool:
        """True until the breaker lets one operation probe the server."""
        now, until = self._clock.now(), self._breaker.until
        if now >= until:
            self._rest = None
            return False
        if self._rest is None or self._rest.done():
            self._rest = asyncio.ensure_future(self._clock.sleep_until(until))
            self._rest.add_done_callback(self._wake)
            reason = "the server fails; after this wait one operation tries again"
            self._on_event(Waiting(reason=reason, seconds=until - now, until=until))
        return True

    def _let_go(self) -> None:
        """While one create is looked for, go on with the other children of its parent."""
        this = asyncio.current_task()
        index = next((i for task, i in self._running.items() if task is this), None)
        if index is not None:
            self._engine.let_go(index)
            self._aside.add(index)
            self._news.set()

    def _finish(self, task: asyncio.Task[OpResult]) -> None:
        index = self._running.pop(task)
        self._aside.discard(index)
        operation = self._operations[index]
        try:
            result = task.result()
        except (asyncio.CancelledError, Held):
            return
        except ApiError as error:
            if self._leave(index, error):
                return
            unclear = isinstance(error, UnknownOutcome)
            if not unclear and not _wants_server(error):
                self._breaker.worked()  # a refusal is an answer, too
            result = _result(operation, Status.UNKNOWN if unclear else Status.FAILED, error)
            if error.exit_code is ExitCode.AUTH:
                self._stop.request(error)
        except GhsyncError as error:
            result = _result(operation, Status.FAILED, error)
            self._stop.request(error)
        else:
            self._breaker.worked()
        self._unclear.pop(index, None)
        self._end(index, result)
        self._count(result)

    def _leave(self, index: Index, error: ApiError) -> bool:
        """Leave an operation without an outcome, where its error says nothing of it.

        It is tried again, or left to the next run: one outage, one dead token or one exhausted
        limit is one message, not as many failures as there are operations.
        """
        if isinstance(error, UnknownOutcome):
            self._unclear[index] = error
        if isinstance(error, UnknownOutcome) or _wants_server(error):
            return self._stop.requested or self._try_again(index, error)
        if error.code == "rate_limited":
            self._stop.request(error)
            return True
        return error.exit_code is ExitCode.AUTH and self._stop.requested

    def _try_again(self, index: Index, error: ApiError) -> bool:
        """Put an operation back that failed for want of the server, unless it had its tries.

        What probes a server that fails everything has as many as it takes, and what never
        reached one has not been tried.
        """
        now = self._clock.now()
        self._breaker.failed(now, alone=not self._running and not self._engine.has_ready)
        self._tries[index] += not (self._breaker.sure or isinstance(error, NotSent))
        if self._breaker.gave_up(now):
            self._stop.request(
                RemoteUnavailableError(
                    "The server fails one operation after another, so the run stops. "
                    f"The last: {error.message}",
                    hint="Run the same command again later; it goes on where this ended.",
                )
            )
            return True
        if self._tries[index] >= MOST_TRIES:
            return False
        self._engine.again(index)
        return True

    def _count(self, result: OpResult) -> None:
        """Stop the run at the first failure, or at too many, if the user says so."""
        if result.status not in (Status.FAILED, Status.UNKNOWN):
            return
        self._failures += 1
        if self._on_error is not OnError.CONTINUE:
            self._stop.request(
                StoppedError(
                    f"An operation failed, and --on-error is {self._on_error}. {result.message}",
                    hint="Mend it, then run the same command again.",
                )
            )
        elif self._max_failures is not None and self._failures >= self._max_failures:
            self._stop.request(
                StoppedError(
                    f"{self._failures} operations failed, so the run stops (--max-failures). "
                    f"The last: {result.message}",
                    hint="Mend it, then run the same command again.",
                )
            )

    def _end(self, index: Index, result: OpResult) -> None:
        skipped = self._engine.end(index, ok=result.status is Status.DONE)
        self._settle(index, result)
        for skip in skipped:
            self._settle(skip.index, self._skipped(skip))

    def _settle(self, index: Index, result: OpResult) -> None:
        self._results[index] = result
        done, total = len(self._results), len(self._operations)
        over = done < total and self._clock.now() >= self._done_by  # a limit nobody foretold
        if over or (done - 1) % max(1, total // _ETA_STEPS) == 0:
            self._done_by = self._clock.now() + self._left(done)
        self._on_event(
            OperationEnded(
                result=result,
                done=done,
                total=total,
                eta_seconds=max(0.0, self._done_by - self._clock.now()),
            )
        )

    def _left(self, done: int) -> float:
        """Seconds to go: by the server's limits, or where it has none by the pace so far."""
        if not self._paced():
            return (self._clock.now() - self._begun) / done * (len(self._operations) - done)
        return self._eta(op for i, op in enumerate(self._operations) if i not in self._results)

    def _skipped(self, skip: Skipped) -> OpResult:
        because = self._operations[skip.because]
        what = because.key if isinstance(because, CreateIssue) else op_name(because)
        return OpResult(
            operation=self._operations[skip.index],
            status=Status.SKIPPED,
            message=f"not tried, because {what} has no issue",
        )

    async def _drain(self) -> None:
        """Let what is under way end; what is not over after a while is cancelled.

        A cancelled create keeps its intent in the journal, so the next run looks for it.
        """
        self._executor.hold()
        for task in self._running.keys() - self._executor.in_air:
            task.cancel()
        if not self._running:
            return
        try:
            await asyncio.wait(self._running, timeout=GRACE)
        finally:
            await self._cut_off()
        for task in tuple(self._running):
            self._finish(task)

    async def _cut_off(self) -> None:
        """Cancel what is under way, and return when it is over."""
        self._executor.hold()
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    def _error(self) -> GhsyncError | None:
        """Why the run ended early; its time was not over too soon if everything is done."""
        error, operations = self._stop.error, len(self._operations)
        in_time = error is not None and error.code == StoppedError.code
        whole = sum(r.status is Status.DONE for r in self._results.values()) == operations
        return None if in_time and whole and operations else error

    def _all(self) -> tuple[OpResult, ...]:
        return tuple(
            self._results.get(Index(i)) or OpResult(operation=op, status=Status.PENDING)
            for i, op in enumerate(self._operations)
        )


def _wants_server(error: ApiError) -> bool:
    """True for a failure that says nothing of the operation: outage, no connection, nonsense."""
    return error.exit_code is ExitCode.STOPPED and error.code != "rate_limited"


def _result(operation: Operation, status: Status, error: GhsyncError) -> OpResult:
    where = getattr(operation, "path", "")
    number: IssueNumber | None = getattr(operation, "number", None)
    message = error.message if not where or where in error.message else f"{where}: {error.message}"
    if error.hint:
        message = f"{message}{'' if message.endswith(('.', '!', '?')) else '.'} {error.hint}"
    return OpResult(operation=operation, status=status, number=number, message=message)
