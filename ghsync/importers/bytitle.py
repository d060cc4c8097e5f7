"""Items and issues of the same title, where it is the only one on both sides; on request alone."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping

from ghsync.importers.records import ByKey, Record
from ghsync.journal import SyncMap
from ghsync.model import Issue, IssueNumber, Item, Key


def pairs(
    items: Iterable[Item],
    titles: Mapping[Key, str],
    issues: Mapping[IssueNumber, Issue],
    smap: SyncMap,
) -> tuple[Record, ...]:
    """The pairs whose titles are exactly the same, and stand once in the files and once on GitHub.

    Every item and every issue counts for that, open or closed, mapped or not; what has its issue,
    names one or carries a marker is no part of a pair.
    """
    named: dict[str, list[Item]] = defaultdict(list)
    for item in items:
        named[_exact(titles[item.key])].append(item)
    called: dict[str, list[Issue]] = defaultdict(list)
    for issue in issues.values():
        called[_exact(issue.title)].append(issue)
    owned = {entry.number for entry in smap.entries.values()} | smap.forgotten
    found = []
    for title, ones in named.items():
        others = called.get(title, [])
        if len(ones) != 1 or len(others) != 1 or not title:
            continue
        item, issue = ones[0], others[0]
        if item.key in smap.entries or item.recorded is not None:
            continue
        if issue.number in owned or issue.marker_key is not None:
            continue
        found.append(
            Record(
                tool=None,
                path=item.path,
                line=item.line,
                text=title,
                names=(ByKey(key=item.key),),
                number=issue.number,
            )
        )
    return tuple(sorted(found, key=lambda record: (record.path, record.line)))


def _exact(title: str) -> str:
    return unicodedata.normalize("NFC", title).strip()
