"""The order of sub-issues, left out of the map where the map's other lines say it.

A parent's line would change with each new child, and two branches that each add a task to one
epic could not be merged. As long as the children are in the order of their files, nothing is said.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from ghsync.journal.events import Entry
from ghsync.model import IssueNumber, Key

Children = Mapping[IssueNumber, tuple[IssueNumber, ...]]


def implied(entries: Iterable[Entry]) -> Children:
    """The children of each issue that has several, in the order of their files."""
    found: dict[IssueNumber, list[Entry]] = defaultdict(list)
    for entry in entries:
        if entry.base is not None and entry.base.parent is not None:
            found[entry.base.parent].append(entry)
    return {
        parent: tuple(e.number for e in sorted(children, key=lambda e: (e.path, e.key)))
        for parent, children in found.items()
        if len(children) > 1
    }


def shorten(line: dict[str, Any], entry: Entry, known: Children) -> dict[str, Any]:
    """A line of the map without an order that is implied; one that nobody settled is ``[]``."""
    base = entry.base
    if base is None or (not base.children and entry.number not in known):
        return line
    if base.children == known.get(entry.number):
        line["base"].pop("children", None)
    elif not base.children:
        line["base"]["children"] = []
    return line


def restore(lines: Iterable[Mapping[str, Any]], entries: dict[Key, Entry]) -> dict[Key, Entry]:
    """The entries of these lines with the orders that they imply."""
    known = implied(entries.values())
    result = dict(entries)
    for line in lines:
        entry = entries[line["key"]]
        children = known.get(entry.number)
        if children is not None and entry.base is not None and "children" not in line["base"]:
            result[entry.key] = replace(entry, base=replace(entry.base, children=children))
    return result
