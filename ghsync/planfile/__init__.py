"""Plan files: a plan as text, what it takes for granted, and what of that has moved. Pure.

:mod:`.codec` is the text, :mod:`.binding` says what a plan stands on, :mod:`.moving` compares a
plan with the one that is made again from the same files. Docs: ``docs/plan-files.md``.
"""

from ghsync.planfile.binding import Ground, kept, sides
from ghsync.planfile.codec import checksum_of, decode, encode
from ghsync.planfile.moving import moved, settings_moved

__all__ = [
    "Ground",
    "checksum_of",
    "decode",
    "encode",
    "kept",
    "moved",
    "settings_moved",
    "sides",
]
