"""What GitHub still has room for: what people gave an issue there counts, too.

Lint sees the files alone. An issue that has a hundred sub-issues, or stands on the eighth level,
refuses one more, at each push anew; so such a link is withheld, and said before anything is sent.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from ghsync.model import Finding, Issue, IssueNumber, Item, Severity, Snapshot

CHILDREN_MAX = 100
LEVELS_MAX = 8
"""An item without a parent is on level 1."""
RELATION_MAX = 50
"""GitHub's limit for each relation of an issue: blocked by, and blocking."""


class Room:
    """Counts what a plan adds to issues that are there."""

    def __init__(self, snapshot: Snapshot, find: Callable[[Finding], None]) -> None:
        self._snapshot = snapshot
        self._find = find
        self._children: Counter[IssueNumber] = Counter()
        self.doubtful: set[IssueNumber] = set()
        """Issues without room as far as the cache tells: they should be read before it counts."""

    def for_child(self, item: Item, parent: IssueNumber) -> bool:
        """Whether an item can become one more sub-issue of this issue; a finding if not."""
        issue = self._snapshot.issues.get(parent)
        if issue is None:
            return True
        if issue.children_total + self._children[parent] >= CHILDREN_MAX:
            more = self._children[parent]
            message = (
                f"#{parent} has {issue.children_total} sub-issues on GitHub"
                f"{f' and gets {more} more' if more else ''}, and {CHILDREN_MAX} is as many as it "
                "may have; this one stands without a parent. Take some out there, or split the "
                "parent (an epic may hold epics)."
            )
            return self._refuse(item, issue, "too_many_children", message)
        if (level := self._level(issue)) >= LEVELS_MAX:
            message = (
                f"#{parent} is on level {level} on GitHub, which allows {LEVELS_MAX}; this one "
                "stands without a parent. Name one further up, or move the parent up there."
            )
            return self._refuse(item, issue, "too_many_levels", message)
        self._children[parent] += 1
        return True

    def for_blockers(self, issue: Issue, *, leaving: int) -> int:
        """How many more blockers an issue takes, with ``leaving`` taken off before."""
        return max(0, RELATION_MAX - issue.blocked_by_total + leaving)

    def without_blockers(self, item: Item, issue: Issue, left_out: int) -> None:
        """Say that blockers were left out."""
        message = (
            f"#{issue.number} has {issue.blocked_by_total} blockers on GitHub, which allows "
            f"{RELATION_MAX}; {left_out} of this file are left out. Take some out there, or let "
            "one item stand for several."
        )
        self._refuse(item, issue, "too_many_blockers", message)

    def _level(self, issue: Issue) -> int:
        """On which level an issue stands, from 1; parents in other repositories are not seen."""
        above: list[IssueNumber] = [issue.number]
        while (parent := issue.parent) is not None and parent not in above:
            above.append(parent)
            if parent not in self._snapshot.issues:
                break
            issue = self._snapshot.issues[parent]
        return len(above)

    def _refuse(self, item: Item, issue: Issue, code: str, message: str) -> bool:
        if issue.digest is not None:
            self.doubtful.add(issue.number)
        self._find(
            Finding(
                path=item.path,
                line=item.line,
                code=code,
                severity=Severity.ERROR,
                message=message,
                key=item.key,
            )
        )
        return False
