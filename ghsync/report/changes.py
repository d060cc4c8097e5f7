"""What a plan changes in each issue, line by line, as ``diff`` colours it."""

from __future__ import annotations

from collections.abc import Iterator

from ghsync.model import CreateIssue, CreateLabel, CreateMilestone, OpResult, Run
from ghsync.report import diff, facts, marks
from ghsync.report.canvas import Look, Spans

_LOOK = Look(verbose=True)


def lines(run: Run) -> Iterator[str]:
    """The operations in their order, each with its fields, and the conflicts.

    A line of an issue's text starts with ``+``, ``-`` or a blank; what is about an issue starts
    with ``@@``, as the head of a hunk does.
    """
    for result in facts.results_of(run):
        yield from _operation(run, result)
    for conflict in run.plan.conflicts:
        yield f"@@ conflict: #{conflict.number} ({conflict.path})"
        yield from _plain(diff.conflict(conflict, _LOOK))


def _operation(run: Run, result: OpResult) -> Iterator[str]:
    operation = result.operation
    mark = marks.planned(operation)[0][2:]
    number = facts.number_of(result)
    path = getattr(operation, "path", "")
    words = [f"@@ {mark}:", f"#{number}" if number else "", facts.title_of(operation)]
    yield " ".join(filter(None, [*words, f"({path})" if path else ""]))
    if isinstance(operation, CreateIssue):
        made = marks.created_fields(operation, _LOOK)
        yield from (f"+ {text.removeprefix(_LOOK.glyphs.dot)}" for text, _ in made)
    elif not isinstance(operation, CreateLabel | CreateMilestone):
        yield from _plain(marks.details(operation, _LOOK, run.plan.numbers))


def _plain(details: list[Spans]) -> Iterator[str]:
    for spans in details:
        text = "".join(text for text, _ in spans)
        yield "@@ …" if text == "@ " else text  # between two places of a text
