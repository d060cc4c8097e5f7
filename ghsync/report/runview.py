"""A finished (or stopped) push as lines: what was done, what was not, and how to go on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from ghsync.model import (
    CreateLabel,
    CreateMilestone,
    IssueNumber,
    Item,
    Key,
    OpResult,
    Run,
    Status,
    UpdateIssue,
    op_name,
)
from ghsync.report import backview, diff, facts, findings, marks, safe, words
from ghsync.report.canvas import BLANK, Branch, Line, Look, Span, Spans, draw, plain
from ghsync.report.planview import by_key, item_spans, later, left_alone, source
from ghsync.report.tree import crowds, grow, without_crowds

_SHOWN = 200
"""Past this many operations done, those of an epic are counted and not listed."""


def lines(run: Run, look: Look) -> Iterator[Line]:
    """Draw what a push did."""
    yield from source(run)
    yield BLANK
    body = list(_tree(run, look))
    if body:
        yield from body
        yield BLANK
    yield from _troubles(run, look)
    if run.findings:
        yield from findings.lines(run.findings, look)
        yield findings.totals(run.findings)
        yield BLANK
    yield from _totals(run)
    yield from backview.lines(run, look)
    yield from _next_steps(run)


# ------------------------------------------------------------------------------ tree


def _tree(run: Run, look: Look) -> Iterator[Line]:
    results = by_key(facts.results_of(run))
    numbers = numbers_of(run)
    skips = {skip.key: skip.reason for skip in run.plan.skipped}
    conflicts = {conflict.key for conflict in run.plan.conflicts}
    crowded = not look.verbose and run.succeeded > _SHOWN
    parents = {item.parent for item in run.items}

    def quiet(key: Key) -> bool:
        if look.verbose or key in skips or key in conflicts:
            return False
        ended = results.get(key, ())
        if not ended:
            return True
        return crowded and key not in parents and all(r.status is Status.DONE for r in ended)

    def branch(item: Item) -> Branch:
        drawn = _branch(item, run, results.get(item.key, ()), numbers, look)
        if item.key in skips:
            drawn.head = (marks.SKIPPED, *drawn.head[1:])
            drawn.details.append(((skips[item.key], ""),))
        if item.key in conflicts:
            drawn.head = (marks.CONFLICT, *drawn.head[1:])
            for conflict in run.plan.conflicts:
                if conflict.key == item.key:
                    drawn.details += diff.conflict(conflict, look)
        return drawn

    word = "done or unchanged" if crowded else "unchanged"
    items, crowd = without_crowds(run.items, {} if look.verbose else skips)
    trees = grow(
        items,
        branch,
        quiet=quiet,
        folded=lambda away: ((f"{look.glyphs.more} {len(away):,} {word}", "dim"),),
    )
    known = {item.key for item in run.items}
    others = [
        Branch(_head(result, None, numbers), marks.details(result.operation, look, numbers))
        for result in facts.results_of(run)
        if facts.key_of(result.operation) not in known and not _made(result)
    ]
    for kind, noun in ((CreateLabel, "label"), (CreateMilestone, "milestone")):
        made = [r.operation for r in run.results if _made(r) and isinstance(r.operation, kind)]
        if made:
            names = ", ".join(sorted(facts.title_of(operation) for operation in made))
            mark = f"+ created {words.count(len(made), noun)}"
            yield Line(((mark, "green"), (f"  {names}", "")), "", "    ")
    left = left_alone(run, known | results.keys(), look)
    yield from draw([*others, *trees, *left], look.glyphs)
    yield from crowds(crowd)


def _made(result: OpResult) -> bool:
    kinds = CreateLabel | CreateMilestone
    return result.status is Status.DONE and isinstance(result.operation, kinds)


def _branch(
    item: Item,
    run: Run,
    results: Sequence[OpResult],
    numbers: Mapping[Key, IssueNumber],
    look: Look,
) -> Branch:
    ordered = marks.main_first(results)
    if not ordered:
        head: Spans = (marks.UNCHANGED, *item_spans(item, numbers.get(item.key)))
        return Branch(head)
    head = _head(ordered[0], item, numbers)
    url = None if run.remote == "sandbox" else _url(ordered)
    shown = url is not None and (look.wide or item.parent is None)
    tail = (url, f"dim link {url}") if url is not None and shown else None
    details: list[Spans] = []
    for index, result in enumerate(ordered):
        brief = isinstance(result.operation, UpdateIssue) and not look.verbose
        lines = marks.details(result.operation, look, numbers, brief=brief)
        details += marks.then_ended(result, lines) if index else lines
    return Branch(head, details, tail=tail)


def _url(results: Sequence[OpResult]) -> str | None:
    return next((found for r in results if (found := safe.url(r.url))), None)


def _head(result: OpResult, item: Item | None, numbers: Mapping[Key, IssueNumber]) -> Spans:
    if item is not None:
        return (marks.ended(result), *item_spans(item, numbers.get(item.key)))
    number = facts.number_of(result)
    where = f"  #{number}  " if number else "  "
    return (marks.ended(result), (where, "dim"), (facts.title_of(result.operation), ""))


def numbers_of(run: Run) -> dict[Key, IssueNumber]:
    """Give each item's issue: those the plan knew and those the run made."""
    numbers = dict(run.plan.numbers)
    for result in run.results:
        key, number = facts.key_of(result.operation), facts.number_of(result)
        if key is not None and number is not None:
            numbers[key] = number
    return numbers


# ---------------------------------------------------------------------- what went wrong


def _troubles(run: Run, look: Look) -> Iterator[Line]:
    for status, title, style in (
        (Status.FAILED, "Failed", "bold red"),
        (Status.UNKNOWN, "Outcome not known", "bold yellow"),
        (Status.SKIPPED, "Not done", "yellow"),
    ):
        found = [r for r in run.results if r.status is status]
        if not found:
            continue
        yield Line(((f"{title}: {words.count(len(found), 'operation')}", style),))
        shown = found if look.verbose else found[:20]
        for result in shown:
            yield from _trouble(result)
        if len(found) > len(shown):
            text = f"  {look.glyphs.more} and {len(found) - len(shown):,} more; --verbose shows all"
            yield plain(text, "dim")
        yield BLANK


def _trouble(result: OpResult) -> Iterator[Line]:
    operation = result.operation
    number = facts.number_of(result)
    path = getattr(operation, "path", "")
    what = op_name(operation).replace("_", " ") + (f" #{number}" if number else "")
    where: Spans = ((f" ({path})", "dim"),) if path else ()
    yield Line(((f"{what}  ", "bold"), (facts.title_of(operation), ""), *where), "  ", "    ")
    for text in (result.message or "no reason was given").split("\n"):
        yield plain(text, indent="    ")


# ----------------------------------------------------------------------------- totals


def _totals(run: Run) -> Iterator[Line]:
    head: Span = ("Done: ", "bold") if run.total else ("Nothing to do: ", "bold green")
    yield Line((head, *counted(run)), "", "  ")
    yield from later(run.plan)
    yield plain(f"Sent {words.requests(run.spent)}{_took(run)}.")
    if run.remote == "sandbox" and run.duration >= 1:
        yield plain(f"{words.would_take(run.duration, run.limits)}.")


def counted(run: Run) -> Spans:
    """Count what was done and what was not, in words, leaving out what is none."""
    counts = facts.run_totals(run)
    done = Counter(op_name(r.operation) for r in run.results if r.status is Status.DONE)
    spans: list[Span] = []
    for name, word in marks.DONE.items():
        if done[name]:
            spans.append((f"{done[name]:,} {_counted(word, done[name])}", ""))
    for name, word, style in (
        ("unchanged", "unchanged", "dim"),
        ("skipped", "skipped", "yellow"),
        ("conflict", "in conflict", "bold red"),
        ("failed", "failed", "bold red"),
        ("unknown", "unknown", "bold yellow"),
    ):
        if counts[name]:
            spans.append((f"{counts[name]:,} {word}", style))
    return _commas(spans or [("no items", "dim")])


def _took(run: Run) -> str:
    # On the sandbox's virtual clock the duration is GitHub's, not ours: it has its own line.
    return "" if run.remote == "sandbox" else f", in {words.duration(run.duration)}"


def _counted(word: str, number: int) -> str:
    verb, _, noun = word.partition(" ")
    return verb if not noun else f"{noun if number == 1 else noun + 's'} {verb}"


def _commas(spans: Sequence[Span]) -> Spans:
    joined: list[Span] = []
    for span in spans:
        if joined:
            joined.append((", ", ""))
        joined.append(span)
    return tuple(joined)


def _next_steps(run: Run) -> Iterator[Line]:
    pending = sum(r.status is Status.PENDING for r in run.results)
    unknown = len(facts.with_status(run.results, Status.UNKNOWN))
    if run.stopped:
        yield BLANK
        yield plain(f"Stopped: {run.stopped}", "bold yellow")
        yield plain(
            f"{run.succeeded:,} of {words.count(run.total, 'operation')} done, {pending:,} to do. "
            "What is done is recorded: the same command again goes on from here."
        )
        if run.error is not None and run.error.hint:
            yield plain(run.error.hint)
    if unknown:
        yield plain(
            f"Whether GitHub carried out {words.count(unknown, 'write')} is not known. "
            "The next push looks first and sends again only what is not there."
        )
    elif run.failed and not run.stopped:
        yield plain("The same command again tries what failed and repeats nothing that is done.")
