"""The journal's events, the sync map as their fold, and the codec of both. Pure.

The journal is append-only JSON, one event a line. ``fold`` is idempotent: replaying a journal
onto a map that already holds it changes nothing, so a crash between "map replaced" and "journal
cut" needs no bookkeeping of its own.
"""

from ghsync.journal.codec import (
    MAP_SCHEMA,
    NEWER,
    CodecError,
    NotJsonError,
    decode,
    dump_map,
    encode,
    parse_map,
)
from ghsync.journal.events import (
    Base,
    BoundTo,
    Entry,
    Forgotten,
    Intent,
    JournalEvent,
    NotExecuted,
    Recorded,
    Rekeyed,
    Sent,
    SyncMap,
    Trying,
)
from ghsync.journal.fold import fold, numbers, pending, sends, trials
from ghsync.journal.rekeying import rekeyed

__all__ = [
    "MAP_SCHEMA",
    "NEWER",
    "Base",
    "BoundTo",
    "CodecError",
    "Entry",
    "Forgotten",
    "Intent",
    "JournalEvent",
    "NotExecuted",
    "NotJsonError",
    "Recorded",
    "Rekeyed",
    "Sent",
    "SyncMap",
    "Trying",
    "decode",
    "dump_map",
    "encode",
    "fold",
    "numbers",
    "parse_map",
    "pending",
    "rekeyed",
    "sends",
    "trials",
]
