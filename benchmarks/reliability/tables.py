"""The tables in ``docs/reliability.md``, made from the results."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from benchmarks.reliability.results import Report, Result
from benchmarks.reliability.scenarios import FAULTS

BEGIN = "<!-- measured: begin (python -m benchmarks.reliability) -->"
END = "<!-- measured: end -->"


def markdown(report: Report) -> str:
    """Both tables, and what was compared."""
    names = [client.name for client in report.clients]
    parts = [
        "| client | version | settings |\n|---|---|---|\n"
        + "\n".join(f"| {c.name} | {c.version} | {c.settings} |" for c in report.clients),
        f"**GitHub made the issue, then its answer failed.** Issues too many, of {report.issues}:",
        _table(report, names, committed=True),
        f"**GitHub failed before it made the issue.** Issues missing, of {report.issues}:",
        _table(report, names, committed=False),
    ]
    return "\n\n".join(parts)


def write_into(page: Path, report: Report) -> None:
    """Put the tables between the markers of a page. Raises :class:`ValueError` without them."""
    text = page.read_text("utf-8")
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{page} lacks the markers {BEGIN} and {END}")
    page.write_text(f"{before}{BEGIN}\n\n{markdown(report)}\n\n{END}{after}", "utf-8")


def _table(report: Report, names: list[str], *, committed: bool) -> str:
    found = {
        (each.client, each.scenario.fault, each.scenario.times): each
        for each in report.results
        if each.scenario.committed is committed and each.scenario.fault != "none"
    }
    rows = [
        f"| fault | times | {' | '.join(names)} |",
        f"|---|---:|{'---:|' * len(names)}",
    ]
    for fault in FAULTS:
        for times in (1, 3):
            cells = [found.get((name, fault, times)) for name in names]
            if any(cells):
                shown = " | ".join(_cell(each, committed=committed) for each in cells)
                rows.append(f"| {fault} | {times} | {shown} |")
    sums = (_sum(found.values(), name, committed=committed) for name in names)
    rows.append(f"| **all** | | {' | '.join(sums)} |")
    return "\n".join(rows)


def _cell(result: Result | None, *, committed: bool) -> str:
    if result is None:
        return "–"
    number = result.count.duplicates if committed else result.count.lost
    other = result.count.lost if committed else result.count.duplicates
    shown = str(number)
    if result.again is not None and result.count.lost:
        shown += f" → {result.again.lost}"
    if other:
        shown += f" (and {other} {'missing' if committed else 'too many'})"
    if result.mistaken:
        shown += f" (+{result.mistaken} wrong error{'s' * (result.mistaken > 1)})"
    return shown


def _sum(results: Iterable[Result], name: str, *, committed: bool) -> str:
    own = [each for each in results if each.client == name]
    total = sum(each.count.duplicates if committed else each.count.lost for each in own)
    last = sum((each.again or each.count).lost for each in own)
    shown = str(total) if committed or last == total else f"{total} → {last}"
    mistaken = sum(each.mistaken for each in own)
    return f"**{shown}**" + (f" (+{mistaken})" if mistaken else "")
