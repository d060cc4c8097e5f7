"""When a failed request is sent again, as values; tenacity carries them out.

Limits are not retried here: the gate decides when a request that a limit turned away goes again.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from ghsync.remote.errors import ApiError, NotSent
from ghsync.remote.requests import Request
from ghsync.values import dataclass

if TYPE_CHECKING:
    from tenacity import AsyncRetrying, RetryCallState

LONGEST_WAIT = 900.0
"""Seconds; a server that asks for more is down, and the run stops instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """How often and how long: one try more than there are ``waits`` (seconds)."""

    waits: tuple[float, ...] = (1.0, 2.0, 4.0)
    jitter: float = 0.25
    """Each wait grows by up to this share, so that clients that failed together part."""
    only_unsent: bool = False
    """Send again only what certainly did not reach the server."""

    def allows(self, error: BaseException) -> bool:
        """Say whether this failure may pass and the request may go again."""
        if not isinstance(error, ApiError) or not error.transient:
            return False
        if error.retry_after is not None and error.retry_after > LONGEST_WAIT:
            return False
        return isinstance(error, NotSent) or not self.only_unsent

    def wait(self, tries: int, error: BaseException | None, random: float) -> float:
        """Return the seconds before the next try; ``random`` is in [0, 1)."""
        base = self.waits[min(tries, len(self.waits)) - 1]
        wait = base * (1.0 + self.jitter * random)
        asked = error.retry_after if isinstance(error, ApiError) else None
        return wait if asked is None else max(wait, asked)


REPEATABLE = Policy()
CREATE = Policy(only_unsent=True)


def policy_for(request: Request) -> Policy:
    """Reads and idempotent writes repeat; a create only if it never left."""
    return REPEATABLE if request.idempotent else CREATE


def retrying(
    policy: Policy,
    *,
    sleep: Callable[[float], Awaitable[None]],
    random: Callable[[], float],
    on_retry: Callable[[float, BaseException | None], None],
) -> AsyncRetrying:
    """Make tenacity's loop for a policy; the last failure is raised as it is."""
    from tenacity import AsyncRetrying, retry_if_exception, stop_after_attempt

    def wait(state: RetryCallState) -> float:
        return policy.wait(state.attempt_number, _failure(state), random())

    def before_sleep(state: RetryCallState) -> None:
        on_retry(state.upcoming_sleep, _failure(state))

    return AsyncRetrying(
        sleep=sleep,
        stop=stop_after_attempt(len(policy.waits) + 1),
        wait=wait,
        retry=retry_if_exception(policy.allows),
        before_sleep=before_sleep,
        reraise=True,
    )


def _failure(state: RetryCallState) -> BaseException | None:
    return None if state.outcome is None else state.outcome.exception()
