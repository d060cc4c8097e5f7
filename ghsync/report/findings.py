"""Findings by file and line, and what was left out, for the terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from ghsync.model import Finding, Severity
from ghsync.report import facts, words
from ghsync.report.canvas import Line, Look, Span

_LIMITS = {Severity.ERROR: 20, Severity.WARNING: 5, Severity.INFO: 3}
"""How many findings of one code are shown without ``--verbose``."""
STYLES = {Severity.ERROR: "bold red", Severity.WARNING: "yellow", Severity.INFO: "cyan"}


def lines(findings: Sequence[Finding], look: Look) -> Iterator[Line]:
    """Group findings by file; without ``verbose``, show only the first few of each code."""
    shown, more = _limited(findings, look)
    path: str | None = None
    for finding in sorted(shown, key=lambda f: (f.path, f.line)):
        if finding.path != path:
            path = finding.path
            yield Line(((path or "(no file)", "bold"),), "", "  ")
        yield _line(finding)
    for code, number in more.items():
        text = f"{look.glyphs.more} and {number:,} more like this: {code}"
        yield Line(((text, "dim"), ("; --verbose shows all", "dim")), "", "  ")


def totals(findings: Sequence[Finding]) -> Line:
    """Count findings by severity in one line."""
    counts = facts.severities(findings)
    if not findings:
        return Line((("No findings", "green"),))
    nouns = {Severity.INFO: "note"}
    spans: list[Span] = []
    for severity, number in counts.items():
        if number:
            spans.append((", " if spans else "", ""))
            text = words.count(number, nouns.get(severity, severity.value))
            spans.append((text, STYLES[severity]))
    return Line(tuple(spans))


def _line(finding: Finding) -> Line:
    first, *rest = finding.message.split("\n")
    where = f"{finding.line:>5}  " if finding.line > 0 else "       "
    return Line(
        (
            (where, "dim"),
            (f"{finding.severity.value:<7}", STYLES[finding.severity]),
            ("  " + " ".join([first, *rest]), ""),
            (f"  ({finding.code})", "dim"),
        ),
        "",
        " " * 16,
    )


def _limited(findings: Sequence[Finding], look: Look) -> tuple[list[Finding], Counter[str]]:
    if look.verbose:
        return list(findings), Counter()
    seen: Counter[tuple[str, Severity]] = Counter()
    shown: list[Finding] = []
    more: Counter[str] = Counter()
    for finding in findings:
        kind = (finding.code, finding.severity)
        seen[kind] += 1
        if seen[kind] <= _LIMITS[finding.severity]:
            shown.append(finding)
        else:
            more[finding.code] += 1
    return shown, more
