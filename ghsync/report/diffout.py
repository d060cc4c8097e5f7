"""``ghsync diff``: for the terminal, and as a document."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from ghsync.model import Change, Conflict
from ghsync.report import diff, parts, words
from ghsync.report.canvas import BLANK, Line, Look, Spans, plain

if TYPE_CHECKING:
    from ghsync.differing import Difference

_NEXT = "--on-conflict local or remote decides; clean changes of either side are kept"


def lines(found: Sequence[Difference], look: Look) -> Iterator[Line]:
    """Each item with what a push and a pull would change, and what is in conflict."""
    for each in found:
        yield Line(((each.path, "bold"), (f"  #{each.number}", "dim"), (f"  {each.title}", "")))
        yield from _section("a push sends", "", [diff.change(c, look) for c in each.outgoing])
        there = [diff.change(c, look) for c in each.incoming]
        yield from _section("changed on GitHub", "", there)
        alone = [diff.change(c, look) for c in each.apart]
        yield from _section("only on GitHub, since the file cannot hold it", "", alone)
        undecided = [diff.conflict(c, look) for c in each.conflicts]
        yield from _section("changed on both sides", "bold red", undecided)
        yield BLANK
    conflicting = sum(bool(each.conflicts) for each in found)
    if not found:
        yield plain("no item differs from its issue")
        return
    apart = sum(not (each.outgoing or each.incoming or each.conflicts) for each in found)
    yield Line(((f"{words.count(len(found) - apart, 'item')} out of step", "bold"),))
    if conflicting:
        yield plain(f"{words.count(conflicting, 'item')} in conflict: {_NEXT}", "bold red")


def _section(name: str, style: str, fields: Sequence[list[Spans]]) -> Iterator[Line]:
    if fields:
        yield Line(((name, style or "dim"),), "  ", "    ")
    for rows in fields:
        for row in rows:
            yield Line(row, "    ", "      ")


def document(found: Sequence[Difference], *, repo: str | None, remote: str) -> parts.Document:
    """Build ``ghsync.diff/1``."""
    return {
        "schema": "ghsync.diff/1",
        "repo": repo,
        "remote": remote,
        "totals": {
            "items": len(found),
            "outgoing": sum(bool(each.outgoing) for each in found),
            "incoming": sum(bool(each.incoming) for each in found),
            "conflict": sum(bool(each.conflicts) for each in found),
        },
        "items": [
            {
                "key": each.key,
                "path": each.path,
                "number": each.number,
                "title": each.title,
                "outgoing": [change(each_) for each_ in each.outgoing],
                "incoming": [change(each_) for each_ in each.incoming],
                "apart": [change(each_) for each_ in each.apart],
                "conflicts": [conflict(each_) for each_ in each.conflicts],
            }
            for each in found
        ],
    }


def change(given: Change) -> parts.Document:
    """One field, before and after; of an issue field with its name."""
    name = {} if given.name is None else {"name": given.name}
    values = {"old": parts.value(given.old), "new": parts.value(given.new)}
    return {"field": given.field, **name, **values}


def conflict(given: Conflict) -> parts.Document:
    """One field that both sides changed: what each has, and the lines in conflict."""
    return {
        "field": given.field,
        "base": parts.value(given.base),
        "local": parts.value(given.local),
        "remote": parts.value(given.remote),
        "why": given.why,
        "hunks": [
            {
                "base": list(hunk.base),
                "local": list(hunk.local),
                "remote": list(hunk.remote),
                "local_line": hunk.local_line,
                "remote_line": hunk.remote_line,
            }
            for hunk in given.hunks
        ],
    }
