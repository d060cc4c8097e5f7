"""The lists: what was loaded, what is out of step, what the doctor found, the map."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from ghsync.journal import SyncMap
from ghsync.model import Check, Item, Kind, Loaded, NotItem, State, StatusRow, StepState
from ghsync.report import findings, words
from ghsync.report.canvas import BLANK, Branch, Line, Look, Span, Spans, draw, heading, plain
from ghsync.report.tree import grow

_STATES: Mapping[StepState, Span] = {
    "in step": ("= in step", "green"),
    "ahead": ("> ahead", "yellow"),
    "behind": ("< behind", "yellow"),
    "diverged": ("! diverged", "bold red"),
    "missing": ("+ missing", "cyan"),
    "gone": ("- gone", "yellow"),
    "new": ("+ new", "cyan"),
}
_MEANING: Mapping[StepState, str] = {
    "in step": "",
    "ahead": "the file changed: push",
    "behind": "the issue changed on GitHub: pull",
    "diverged": "both changed",
    "missing": "no issue yet: push",
    "gone": "its file is gone",
    "new": "no file yet: pull",
}
_UNCHECKED = "not checked: "
"""How :mod:`ghsync.doctor` begins what it could not look at."""
_CROWD = 200
"""Items from which a terminal is shown only some of those in one state."""
_ROWS = 20
_FILES = 10
"""Files of one reason that are listed without ``--verbose``."""


# ---------------------------------------------------------------------------- loaded


def loaded(found: Loaded, look: Look) -> Iterator[Line]:
    """Draw ``ghsync items``."""
    layouts = ", ".join(found.layouts) or "none"
    kinds = Counter(item.kind for item in found.items)
    names = {Kind.PRD: "PRD", Kind.EPIC: "epic", Kind.TASK: "task"}
    counted = ", ".join(words.count(kinds[k], names[k]) for k in Kind if kinds[k])
    tail = f": {counted}" if counted else ""
    yield heading(f"Layout {layouts}: {words.count(len(found.items), 'item')}{tail}")
    if found.items:
        yield BLANK
        trees = grow(
            found.items,
            lambda item: _item(item, look),
            quiet=lambda key: False,
            folded=lambda away: (),
        )
        yield from draw(trees, look.glyphs)
    yield from _not_items(found.not_items, look)
    if found.findings:
        yield BLANK
        yield from findings.lines(found.findings, look)
        yield findings.totals(found.findings)


def _item(item: Item, look: Look) -> Branch:
    spans: list[Span] = [(f"{item.kind.value:<4}  ", "cyan"), (item.title, "")]
    notes = []
    if item.state is State.CLOSED:
        notes.append("closed" if item.reason is None else f"closed, {item.reason.value}")
    if item.archived:
        notes.append("archived")
    if item.blocked_by:
        notes.append(f"blocked by {words.count(len(item.blocked_by), 'other')}")
    if notes:
        spans.append((f"  ({'; '.join(notes).replace('_', ' ')})", "dim"))
    where = f"{item.path}:{item.line}" if item.line > 1 else item.path
    return Branch(tuple(spans), tail=(where, "dim") if look.wide else None)


def _not_items(files: Sequence[NotItem], look: Look) -> Iterator[Line]:
    if not files:
        return
    yield BLANK
    yield heading(f"Not items: {words.count(len(files), 'markdown file')}")
    reasons: dict[str, list[str]] = {}
    for file in files:
        reasons.setdefault(file.reason, []).append(file.path)
    for reason, paths in reasons.items():
        yield plain(f"{reason} ({len(paths):,})", indent="  ")
        shown = paths if look.verbose else paths[:_FILES]
        for path in shown:
            yield plain(path, "dim", indent="    ")
        if len(paths) > len(shown):
            text = f"{look.glyphs.more} and {len(paths) - len(shown):,} more; --verbose shows all"
            yield plain(text, "dim", indent="    ")


# ---------------------------------------------------------------------------- status


def status(rows: Sequence[StatusRow], look: Look) -> Iterator[Line]:
    """Draw ``ghsync status``: what is in step is counted, or listed when verbose."""
    counts = Counter(row.state for row in rows)
    shown: Counter[StepState] = Counter()
    crowded = look.width is not None and not look.verbose and len(rows) > _CROWD
    for row in rows:
        if row.state == "in step" and not look.verbose:
            continue
        shown[row.state] += 1
        if crowded and shown[row.state] > _ROWS:
            continue
        number = f"#{row.number}  " if row.number else ""
        note = row.detail or _MEANING[row.state]
        spans: Spans = (
            (f"{_STATES[row.state][0]:<11} ", _STATES[row.state][1]),
            (number, "bold"),
            (row.path or row.title, ""),
        )
        yield Line(spans, "", " " * 12, (note, "dim") if note else None)
    for state, number_of in shown.items():
        if crowded and number_of > _ROWS:
            text = f"{look.glyphs.more} {number_of - _ROWS:,} more {state}; --verbose lists them"
            yield plain(text, "dim")
    parts = [f"{counts[state]:,} {state}" for state in _STATES if counts[state]]
    yield heading(", ".join(parts) or "No items")


# ---------------------------------------------------------------------- doctor and map


def doctor(checks: Sequence[Check]) -> Iterator[Line]:
    """Draw ``ghsync doctor``; each check that is not ok says what to do."""
    words_of: Mapping[bool | None, Span] = {
        True: ("ok  ", "green"),
        False: ("FAIL", "bold red"),
        None: ("note", "yellow"),
    }
    unchecked: dict[str, list[str]] = {}
    for check in checks:
        if check.ok is None and not check.hint and check.detail.startswith(_UNCHECKED):
            unchecked.setdefault(check.detail, []).append(check.name)
            continue
        spans: Spans = (words_of[check.ok], (f"  {check.name}: ", "bold"), (check.detail, ""))
        yield Line(spans, "", " " * 6)
        if check.hint and check.ok is not True:
            yield plain(check.hint, indent=" " * 6)
    for detail, names in unchecked.items():
        text = f"  {detail} ({', '.join(names)})" if len(names) > 1 else f"  {names[0]}: {detail}"
        yield Line((words_of[None], (text, "")), "", " " * 6)
    bad = sum(check.ok is False for check in checks)
    yield heading(f"{words.count(bad, 'check')} failed" if bad else "Nothing is wrong")


def sync_map(mapped: SyncMap, look: Look) -> Iterator[Line]:
    """Draw ``ghsync map show``."""
    yield heading(
        f"Map of {mapped.repo or 'no repository yet'}: {words.count(len(mapped.entries), 'item')}"
    )
    entries = sorted(mapped.entries.values(), key=lambda entry: entry.key)
    width = max((len(str(entry.number)) for entry in entries), default=0) + 1
    for entry in entries:
        title = entry.base.title if entry.base else "(not agreed on yet)"
        number = f"#{entry.number}".rjust(width)
        spans: Spans = (
            (f"{number}  ", "bold"),
            (f"{entry.kind.value:<4}  ", "cyan"),
            (entry.key, ""),
        )
        yield Line(spans, "", " " * (width + 8), (title, "dim"))
    if mapped.forgotten:
        numbers = ", ".join(f"#{number}" for number in sorted(mapped.forgotten))
        yield plain(f"Forgotten issues, not taken from a file again: {numbers}", "dim")
