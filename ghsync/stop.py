"""How a run is asked to end; apart from the engine that obeys, for those who only ask."""

from __future__ import annotations

import asyncio

from ghsync.errors import GhsyncError


class Stop:
    """How another task or a signal handler asks a run to end; safe to call more than once."""

    def __init__(self) -> None:
        self._event = asyncio.Event()
        self.error: GhsyncError | None = None

    def request(self, error: GhsyncError) -> None:
        """Ask the run to end with this error; the first one counts."""
        if self.error is None:
            self.error = error
        self._event.set()

    @property
    def requested(self) -> bool:
        """True once somebody asked."""
        return self._event.is_set()

    async def wait(self) -> None:
        """Return when somebody asks."""
        await self._event.wait()
