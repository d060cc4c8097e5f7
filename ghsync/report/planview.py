"""A plan as lines: where GitHub's state came from, the tree, the findings, the price."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set
from datetime import tzinfo

from ghsync.model import (
    Conflict,
    CreateIssue,
    CreateLabel,
    CreateMilestone,
    Item,
    Key,
    OpResult,
    Plan,
    Run,
    op_name,
)
from ghsync.report import backview, diff, facts, findings, marks, words
from ghsync.report.canvas import BLANK, Branch, Line, Look, Span, Spans, draw, plain
from ghsync.report.tree import crowds, grow, without_crowds

_LEFT_ALONE = 20
"""How many skipped paths are listed; the others are counted."""
_LONG = 200
"""Items to be written from which a terminal is shown only some of those that are alike."""
_ALIKE = 5
"""How many of one parent's, of one kind of write, are shown then."""


def lines(run: Run, look: Look, *, now: float, tz: tzinfo | None) -> Iterator[Line]:
    """Draw the dry run of a push."""
    yield from source(run)
    yield BLANK
    body = [*_labels(run.plan, look), *_renames(run.plan, look), *_tree(run, look)]
    if body:
        yield from body
        yield BLANK
    if run.findings:
        yield from findings.lines(run.findings, look)
        yield findings.totals(run.findings)
        yield BLANK
    yield from _price(run, now, tz)
    yield from backview.lines(run, look)
    if run.stopped:
        lead = "A push would be refused" if run.dry_run else "Refused, nothing is sent"
        yield plain(f"{lead}: {run.stopped}", "bold red")
        if run.error is not None and run.error.hint:
            yield plain(run.error.hint, indent="  ")


def brief(run: Run, *, now: float, tz: tzinfo | None) -> Iterator[Line]:
    """Say what a push would send, in numbers: what somebody agrees to."""
    yield from source(run)
    yield from _price(run, now, tz)
    if run.findings:
        yield findings.totals(run.findings)


def source(run: Run) -> Iterator[Line]:
    """Say which repository this is about and where its state came from."""
    repo = run.plan.repo.full_name or "no repository named"
    what = "Dry run" if run.dry_run else run.command.capitalize()
    match run.remote:
        case "none":
            yield Line(((f"{what}: {repo}", "bold"),))
            missing = (
                "there is no token (GITHUB_TOKEN; `ghsync doctor` looks for one)"
                if run.plan.repo.full_name
                else "no repository is named (--repo OWNER/NAME)"
            )
            yield plain(
                f"GitHub was not read: {missing}, so this shows what a first push would do. "
                "With --sandbox the embedded GitHub is used instead.",
                "yellow",
            )
        case "sandbox":
            yield Line(((f"{what}: {repo}", "bold"), (" in the sandbox, not on GitHub", "")))
        case _:
            yield Line(((f"{what}: {repo}", "bold"), (" on GitHub", "")))


# ------------------------------------------------------------------------------ tree


def _tree(run: Run, look: Look) -> Iterator[Line]:
    plan = run.plan
    results = by_key(facts.results_of(run))
    conflicts: dict[Key, list[Conflict]] = {}
    for conflict in plan.conflicts:
        conflicts.setdefault(conflict.key, []).append(conflict)
    skips = {skip.key: skip.reason for skip in plan.skipped}
    busy = results.keys() | conflicts.keys() | skips.keys()

    def branch(item: Item) -> Branch:
        drawn = _branch(item, plan, results.get(item.key, []), look)
        for conflict in conflicts.get(item.key, ()):
            drawn.details += diff.conflict(conflict, look)
        if item.key in conflicts:
            drawn.head = (marks.CONFLICT, *drawn.head[1:])
        if item.key in skips:
            drawn.head = (marks.SKIPPED, *drawn.head[1:])
            drawn.details.append(((skips[item.key], ""),))
        return drawn

    crowd_of_writes = _crowded(run.items, results, conflicts.keys() | skips.keys(), look)
    items, crowd = without_crowds(run.items, {} if look.verbose else skips)
    trees = grow(
        items,
        branch,
        quiet=lambda key: not look.verbose and (key not in busy or key in crowd_of_writes),
        folded=lambda away: ((f"{look.glyphs.more} {_folded(away, results)}", "dim"),),
    )
    yield from draw([*trees, *_without_item(run, results, look)], look.glyphs)
    yield from crowds(crowd)


def _crowded(
    items: Sequence[Item],
    results: Mapping[Key, Sequence[OpResult]],
    told: Set[Key],
    look: Look,
) -> frozenset[Key]:
    """Items of a long plan whose writes a terminal need not list: like those beside them."""
    if look.verbose or look.width is None or len(results) <= _LONG:
        return frozenset()
    parents = {item.parent for item in items}
    seen: Counter[tuple[Key | None, str]] = Counter()
    crowd = set()
    for item in items:
        if item.key in results and item.key not in parents and item.key not in told:
            kind = (item.parent, op_name(marks.main_first(results[item.key])[0].operation))
            seen[kind] += 1
            if seen[kind] > _ALIKE:
                crowd.add(item.key)
    return frozenset(crowd)


def _folded(away: Sequence[Key], results: Mapping[Key, Sequence[OpResult]]) -> str:
    """Say what is not listed, by what becomes of it."""
    counts = Counter(
        op_name(marks.main_first(results[key])[0].operation) if key in results else "unchanged"
        for key in away
    )
    if counts.keys() == {"unchanged"}:
        return f"{len(away):,} unchanged"
    parts = [f"{counts[name]:,} {text}" for name, text, _ in _COUNTED if counts[name]]
    if len(parts) == 1:
        return f"{parts[0].replace(' ', ' more ', 1)}; --verbose lists them"
    return f"{len(away):,} more: {', '.join(parts)}; --verbose lists them"


def _branch(item: Item, plan: Plan, results: Sequence[OpResult], look: Look) -> Branch:
    number = plan.numbers.get(item.key)
    ordered = marks.main_first(results)
    mark = marks.planned(ordered[0].operation) if ordered else marks.UNCHANGED
    head: Spans = (mark, *item_spans(item, number))
    details: list[Spans] = []
    for index, result in enumerate(ordered):
        operation = result.operation
        if isinstance(operation, CreateIssue):
            head += marks.created_fields(operation, look)
        lines = marks.details(operation, look, plan.numbers)
        details += marks.then_planned(operation, lines) if index else lines
    return Branch(head, details, tail=(item.path, "dim") if look.wide else None)


def item_spans(item: Item, number: int | None) -> Spans:
    """Name an item: its kind, its issue's number if it has one, its title."""
    where = f"{item.kind.value} #{number}" if number else item.kind.value
    return ((f"  {where}  ", "dim"), (item.title, ""))


def by_key(results: Sequence[OpResult]) -> dict[Key, list[OpResult]]:
    """Group results by item."""
    grouped: dict[Key, list[OpResult]] = {}
    for result in results:
        key = facts.key_of(result.operation)
        if key is not None:
            grouped.setdefault(key, []).append(result)
    return grouped


def _without_item(
    run: Run, results: Mapping[Key, Sequence[OpResult]], look: Look
) -> Iterator[Branch]:
    """Draw what concerns no file that was read: an issue whose file is gone, a skipped path."""
    known = {item.key for item in run.items}
    for key, ended in results.items():
        if key in known:
            continue
        for result in ended:
            operation = result.operation
            number = facts.number_of(result)
            where = f"  #{number}  " if number else "  "
            head = (marks.planned(operation), (where, "dim"), (facts.title_of(operation), ""))
            yield Branch(head, marks.details(operation, look, run.plan.numbers))
    yield from left_alone(run, known | results.keys(), look)


def left_alone(run: Run, told: Set[Key], look: Look) -> Iterator[Branch]:
    """Draw what was skipped and is nowhere else: issues whose files are gone, paths."""
    found = {(finding.path, finding.message) for finding in run.findings}
    left = [
        skip
        for skip in run.plan.skipped
        if skip.key not in told and (skip.path, skip.reason) not in found
    ]
    shown = left if look.verbose else left[:_LEFT_ALONE]
    for skip in shown:
        head = (marks.SKIPPED, (f"  {skip.path or skip.key}", ""))
        yield Branch(head, [((skip.reason, ""),)])
    if len(shown) < len(left):
        more = f"{look.glyphs.more} {len(left) - len(shown):,} more skipped"
        yield Branch(((more, "dim"),))


# ------------------------------------------------------------------- labels and price


def _labels(plan: Plan, look: Look) -> Iterator[Line]:
    labels = [o.name for o in plan.operations if isinstance(o, CreateLabel)]
    milestones = [o.title for o in plan.operations if isinstance(o, CreateMilestone)]
    for noun, names in (("label", labels), ("milestone", milestones)):
        if names:
            shown = names if look.verbose else names[:20]
            rest = f", {look.glyphs.more} and {len(names) - len(shown):,} more"
            text = f"  {', '.join(shown)}{rest if len(shown) < len(names) else ''}"
            mark = f"+ create {words.count(len(names), noun)}"
            yield Line(((mark, "green"), (text, "")), "", "    ")


def _renames(plan: Plan, look: Look) -> Iterator[Line]:
    for rename in plan.renames:
        text = f"  #{rename.number}  {rename.old} {look.glyphs.arrow} {rename.new}"
        yield Line((("@ renamed", "cyan"), (text, "")), "", "    ")


def _price(run: Run, now: float, tz: tzinfo | None) -> Iterator[Line]:
    operations = run.plan.operations
    counts = facts.run_totals(run)
    if not operations:
        left = counts["conflict"] + counts["skipped"]
        text = "Nothing to write" if left else "Nothing to do"
        yield Line(((f"{text}: ", "bold green"), *count_spans(counts)))
        return
    yield Line((("Plan: ", "bold"), *count_spans(counts)), "", "  ")
    yield from later(run.plan)
    yield plain(f"Needs {words.requests(run.requests)}.")
    if not run.eta_seconds < _YEAR:
        yield plain("How long it takes cannot be told.")
    elif run.eta_seconds >= 1:
        done_by = words.clock_time(now, run.eta_seconds, tz)
        takes = words.takes(run.eta_seconds, run.limits)
        more = " (no waiting in the sandbox)" if run.remote == "sandbox" else f", done by {done_by}"
        yield plain(f"Takes {takes}{more}.")


def later(plan: Plan) -> Iterator[Line]:
    """Say how many items a limit leaves for the next run."""
    if plan.later:
        items = words.count(len(plan.later), "item")
        left = "is left" if len(plan.later) == 1 else "are left"
        yield plain(f"{items} {left} for the next run (--limit).", "yellow")


_YEAR = 365 * 24 * 3600.0

_COUNTED: tuple[tuple[str, str, str], ...] = (
    ("create", "to create", "green"),
    ("update", "to update", "yellow"),
    ("close", "to close", "magenta"),
    ("reopen", "to reopen", "green"),
    ("adopt", "to adopt", "cyan"),
    ("link", "parent links", "cyan"),
    ("unlink", "parent links to remove", "cyan"),
    ("block", "blocked-by links", "cyan"),
    ("unblock", "blocked-by links to remove", "cyan"),
    ("set_fields", "times fields to set", "yellow"),
    ("clear_field", "fields to clear", "yellow"),
    ("move", "sub-issues to move", "cyan"),
    ("comment", "to comment on", "green"),
    ("lock", "to lock", "magenta"),
    ("unlock", "to unlock", "green"),
    ("create_label", "labels to create", "green"),
    ("create_milestone", "milestones to create", "green"),
    ("unchanged", "unchanged", "dim"),
    ("skipped", "skipped", "yellow"),
    ("conflict", "in conflict", "bold red"),
)


def count_spans(counts: Mapping[str, int]) -> Spans:
    """Count a plan's operations and items in words, leaving out what is none."""
    spans: list[Span] = []
    for name, text, style in _COUNTED:
        if counts[name]:
            spans.append((", " if spans else "", ""))
            one = text.replace("links", "link").replace("labels", "label")
            one = one.replace("milestones", "milestone").replace("sub-issues", "sub-issue")
            spans.append((f"{counts[name]:,} {one if counts[name] == 1 else text}", style))
    return tuple(spans) or (("no items", "dim"),)
