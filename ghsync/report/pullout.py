"""``ghsync pull``: for the terminal, and as a document; and ``ghsync sync``, which is both ways."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ghsync.apart import spoken
from ghsync.model import Run
from ghsync.report import diff, diffout, parts, words
from ghsync.report.canvas import BLANK, Line, Look, plain
from ghsync.report.jsonout import run_document

if TYPE_CHECKING:
    from ghsync.arrivals import Arrival
    from ghsync.pulling import Pulled


def lines(pulled: Pulled, look: Look) -> Iterator[Line]:
    """Each file with what arrives in it, what is left alone and why, and the totals."""
    verb = "Pull, dry run" if pulled.dry_run else "Pull"
    yield Line(((f"{verb}: {pulled.repo}", "bold"), (f" {_place(pulled.remote)}", "dim")))
    yield BLANK
    for each in pulled.items:
        yield from _item(each, look)
    if pulled.items:
        yield BLANK
    if pulled.dry_run:
        for file in pulled.files:
            for row in file.diff.splitlines():
                yield plain(row, _STYLES.get(row[:1], ""))
            yield BLANK
    for conflict in pulled.conflicts:
        head = f"{conflict.path}  #{conflict.number}: both sides changed the {conflict.field}"
        yield plain(head, "bold red")
        for spans in diff.conflict(conflict, look):
            yield Line(spans, "    ", "      ")
    if pulled.conflicts:
        yield plain("--on-conflict local or remote decides.", "dim")
        yield BLANK
    yield from _unheld(pulled)
    yield plain(_totals(pulled), "bold")


_STYLES = {"+": "green", "-": "red", "@": "cyan"}


def _place(remote: str) -> str:
    return "on GitHub" if remote == "github" else "in the sandbox, not on GitHub"


def _item(each: Arrival, look: Look) -> Iterator[Line]:
    mark = ("! left alone", "yellow") if each.refused else ("+ new", "green")
    if not each.refused and not each.new:
        if not each.changes:
            return  # what its file cannot hold is said below, in one line for all
        mark = ("~ changed", "yellow")
    where = each.path or "no file"
    yield Line((mark, (f"  {where}", ""), (f"  #{each.number}", "dim"), (f"  {each.title}", "")))
    for change in each.changes:
        for spans in diff.change(change, look):
            yield Line(spans, "    ", "      ")
    if each.refused:
        yield Line(((each.refused, "yellow"),), "    ", "    ")


def _unheld(pulled: Pulled) -> Iterator[Line]:
    """In one line for each field: what the files have no place for."""
    fields: dict[str, list[str]] = {}
    for each in pulled.items:
        for name in each.unheld:
            fields.setdefault(name, []).append(f"#{each.number}")
    for name, numbers in sorted(fields.items()):
        some = ", ".join(numbers[:5]) + (", …" if len(numbers) > 5 else "")
        what = words.count(len(numbers), "file")
        stays = "they stay" if spoken(name).endswith("s") else "it stays"
        yield plain(f"{what} cannot hold the {spoken(name)} of {some}; {stays} on GitHub.", "dim")


def _totals(pulled: Pulled) -> str:
    counts = totals(pulled)
    said = [
        f"{words.count(counts['changed'], 'file')} changed" if counts["changed"] else "",
        f"{counts['new']} new" if counts["new"] else "",
        f"{counts['refused']} left alone" if counts["refused"] else "",
        words.count(counts["conflict"], "conflict") if counts["conflict"] else "",
    ]
    text = ", ".join(filter(None, said)) or "nothing to bring: no file lacks what GitHub has"
    return f"{'Plan' if pulled.dry_run else 'Done'}: {text}"


def totals(pulled: Pulled) -> dict[str, int]:
    """Files changed and new, items left alone, items in conflict."""
    return {
        "changed": sum(not file.new for file in pulled.files),
        "new": sum(file.new for file in pulled.files),
        "refused": len(pulled.refused),
        "conflict": len({conflict.key for conflict in pulled.conflicts}),
    }


def document(pulled: Pulled) -> parts.Document:
    """Build ``ghsync.pull/1``."""
    return {
        "schema": "ghsync.pull/1",
        "command": pulled.command,
        "dry_run": pulled.dry_run,
        "repo": pulled.repo,
        "remote": pulled.remote,
        "totals": totals(pulled),
        "items": [
            {
                "key": each.key,
                "path": each.path or None,
                "number": each.number,
                "title": each.title,
                "new": each.new,
                "changes": [diffout.change(change) for change in each.changes],
                "unheld": list(each.unheld),
                "refused": each.refused or None,
            }
            for each in pulled.items
        ],
        "files": [{"path": file.path, "new": file.new, "diff": file.diff} for file in pulled.files],
        "conflicts": [
            {"key": each.key, "path": each.path, "number": each.number, **diffout.conflict(each)}
            for each in pulled.conflicts
        ],
        "findings": parts.findings(pulled.findings),
        "spent": parts.requests(pulled.spent),
    }


def sync_document(pulled: Pulled, run: Run) -> parts.Document:
    """Build ``ghsync.sync/1``: the pull, then the push."""
    return {"schema": "ghsync.sync/1", "pull": document(pulled), "push": run_document(run)}
