"""What the parts of lint share: the limits, the user's settings, the list of findings."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import field
from enum import StrEnum

from ghsync import render
from ghsync.model import Finding, Item, Key, Severity
from ghsync.values import dataclass

TITLE_MAX = 256
BODY_MAX = 65_536
LABEL_MAX = 50
LABELS_MAX = 100
ASSIGNEES_MAX = 10
LOCK_LABEL = "ghsync-lock"
"""The label that is the remote lock; no item has it."""


class Oversize(StrEnum):
    """What happens to a body that is too long for GitHub."""

    REFUSE = "refuse"
    TRUNCATE = "truncate"


class Overflow(StrEnum):
    """What becomes of children beyond the 100 that GitHub allows."""

    ERROR = "error"
    NONE = "none"
    LABEL = "label"


@dataclass(frozen=True, slots=True, kw_only=True)
class LintSettings:
    """What the user may decide about lint."""

    title: render.TitleTemplate = render.DEFAULT_TITLE
    oversize: Oversize = Oversize.REFUSE
    overflow: Overflow = Overflow.ERROR
    file_url: str | None = None
    """Where the root's files can be read, as ``https://host/o/r/blob/HEAD``; for cut bodies."""


@dataclass(slots=True, kw_only=True)
class Work:
    """The settings of one check, and the findings so far."""

    settings: LintSettings
    assignable: frozenset[str] | None
    findings: list[Finding]
    overflown: dict[Key, Key] = field(default_factory=dict)
    """Children that have no place under their parent, and that parent."""
    clean_labels: set[tuple[str, ...]] = field(default_factory=set)
    clean_assignees: set[tuple[str, ...]] = field(default_factory=set)
    """Values that needed no mending: most items of a repository share them."""

    def say(self, severity: Severity, code: str, item: Item, message: str) -> None:
        """Note a finding about an item."""
        self.findings.append(
            Finding(
                path=item.path,
                line=item.line,
                code=code,
                severity=severity,
                message=message,
                key=item.key,
            )
        )

    def error(self, code: str, item: Item, message: str) -> None:
        """Note what makes exit 1."""
        self.say(Severity.ERROR, code, item, message)

    def warn(self, code: str, item: Item, message: str) -> None:
        """Note what makes an exit only under ``--strict``."""
        self.say(Severity.WARNING, code, item, message)


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Sort findings by path, line and code; one that is said twice is said once."""
    by = {(f.path, f.line, f.code, f.message, f.severity, f.key or ""): f for f in findings}
    return tuple(by[key] for key in sorted(by))
