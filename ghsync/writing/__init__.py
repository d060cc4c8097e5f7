"""How each layout writes what an issue says: which field, which word, which file."""

from __future__ import annotations

from ghsync.writing.newfile import NewFile, new_file
from ghsync.writing.references import form_of
from ghsync.writing.rewrite import rewrite
from ghsync.writing.want import (
    UNSET,
    Blocker,
    Blockers,
    Form,
    Held,
    NewIssue,
    Record,
    Unset,
    Want,
    WriteSettings,
    Written,
)
from ghsync.writing.words import Vocabulary

__all__ = [
    "UNSET",
    "Blocker",
    "Blockers",
    "Form",
    "Held",
    "NewFile",
    "NewIssue",
    "Record",
    "Unset",
    "Vocabulary",
    "Want",
    "WriteSettings",
    "Written",
    "form_of",
    "new_file",
    "rewrite",
]
