"""The folder's own embedded GitHub, or one that the caller holds.

Apart from :mod:`ghsync.session`, so that a run against GitHub loads none of the sandbox.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ghsync.clock import SystemClock, VirtualClock
from ghsync.config import AnyLimits, Config, CustomLimits, Limits
from ghsync.sandbox.github import GitHub
from ghsync.sandbox.limits import CAUTIOUS as CAUTIOUS_LIMITS
from ghsync.sandbox.limits import GITHUB as GITHUB_LIMITS
from ghsync.sandbox.limits import NONE as NO_LIMITS
from ghsync.sandbox.limits import Limits as SandboxLimits
from ghsync.sandbox.seeds import SANDBOX_TOKEN
from ghsync.sandbox.store import SandboxStore
from ghsync.values import dataclass

if TYPE_CHECKING:
    from ghsync.remote.auth import TokenProvider
    from ghsync.sandbox.inprocess import SandboxTransport
SANDBOX_URL = "sandbox:"
"""Stands for the embedded GitHub where a server's address tells caches apart; the number of its
birth follows, since the one that is in the folder now need not be the one that was read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Embedded:
    """A sandbox that the caller holds, to be used instead of the folder's own."""

    github: GitHub
    clock: VirtualClock
    token: str = field(default=SANDBOX_TOKEN, repr=False)
    tokens: TokenProvider | None = None
    """Gives a token for each request, in place of ``token``."""
    url: str = SANDBOX_URL
    wrap: Callable[[SandboxTransport], Any] = lambda inner: inner
    """Puts another httpx transport around the sandbox's: a judge, a fault."""


@contextmanager
def own_sandbox(config: Config, *, keep: bool) -> Iterator[Embedded]:
    """The folder's sandbox; where nothing may be kept, a copy in memory or an empty one.

    Its clock goes on where the last run's virtual time ended, if that is still to come: a server
    whose time went back would hide what changes now from a reading "since" then.
    """
    folder = sandbox_folder(config.root)
    store = SandboxStore(folder)
    now = SystemClock().now()
    if not keep and not store.path.exists():
        yield Embedded(github=GitHub(limits=sandbox_limits(config.limits)), clock=VirtualClock(now))
        return
    with store:
        github = store.open(limits=sandbox_limits(config.limits), keep=keep)
        clock = VirtualClock(max(now, last_time(github)))
        yield Embedded(github=github, clock=clock, url=f"{SANDBOX_URL}{store.birth}")


def last_time(github: GitHub) -> float:
    """The time of the sandbox's last request; its virtual clock can be ahead of the machine's."""
    return github.state.newest


def sandbox_folder(root: Path) -> Path:
    """Where a project's sandbox is kept."""
    return root / ".ghsync" / "sandbox"


def sandbox_limits(limits: AnyLimits) -> SandboxLimits:
    """The sandbox's own limits for a setting; it judges by its own code, not the limiter's."""
    match limits:
        case Limits.GITHUB:
            return GITHUB_LIMITS
        case Limits.CAUTIOUS:
            return CAUTIOUS_LIMITS
        case CustomLimits():
            return SandboxLimits(content=limits.content, points=limits.points)
        case Limits.NONE | Limits.GHES:
            return NO_LIMITS
