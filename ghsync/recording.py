"""Keep the log of a run while it goes on: who started it from where, and how it ended."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ghsync import __version__
from ghsync.clock import Clock
from ghsync.config import Config
from ghsync.model import Event, Notice, RunId
from ghsync.store import RunHeader, Store, head_commit, whoami
from ghsync.trail import Trail


@contextmanager
def recorded(
    config: Config,
    store: Store,
    run_id: RunId,
    command: str,
    clock: Clock,
    on_event: Callable[[Event], None],
) -> Iterator[Trail]:
    """Write the log ``runs/<run_id>.jsonl``; needs the lock.

    Put the result into the trail's ``run``; an error that leaves the block is written in its
    place. A disk that does not take the log is told to ``on_event``, and stops nothing.
    """
    log = store.run_log(
        RunHeader(
            id=run_id,
            command=command,
            version=__version__,
            repo=str(config.repo) if config.repo is not None else None,
            started=clock.now(),
            user=whoami(),
            commit=head_commit(config.root),
        )
    )
    trail = Trail(log.write, clock.now)
    try:
        yield trail
    except BaseException as error:
        log.close(trail.footer(error))
        raise
    else:
        log.close(trail.footer())
    finally:
        if log.notice:
            on_event(Notice(message=log.notice))
