"""How each layout writes what an issue says: which field, which word, which file."""

from __future__ import annotations

from ghsync.writing.newfile import NewFile, new_file
from ghsync.writing.rewrite import rewrite
from ghsync.writing.want import UNSET, Held, NewIssue, Record, Unset, Want, WriteSettings, Written
from ghsync.writing.words import Vocabulary

__all__ = [
    "UNSET",
    "Held",
    "NewFile",
    "NewIssue",
    "Record",
    "Unset",
    "Vocabulary",
    "Want",
    "WriteSettings",
    "Written",
    "new_file",
    "rewrite",
]
