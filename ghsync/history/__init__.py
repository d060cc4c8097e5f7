"""Runs as their logs tell them: typed records of ``runs/<id>.jsonl``, and sums over several.

Pure: lines in, values out. A log may be cut off, old or damaged; what cannot be read is counted
and left out, because a record of the past never stops anybody. :mod:`ghsync.trail` writes them.
"""

from ghsync.history.reading import parse
from ghsync.history.records import (
    PAUSED,
    Counts,
    NoticeRecord,
    OpRecord,
    RequestRecord,
    RunRecord,
    RunStatus,
    WaitRecord,
)
from ghsync.history.stats import OpStats, RunStats, WaitStats, statistics

__all__ = [
    "PAUSED",
    "Counts",
    "NoticeRecord",
    "OpRecord",
    "OpStats",
    "RequestRecord",
    "RunRecord",
    "RunStats",
    "RunStatus",
    "WaitRecord",
    "WaitStats",
    "parse",
    "statistics",
]
