"""Findings as GitHub's workflow commands, shown beside the lines of a pull request.

Escaping as in actions/toolkit (``packages/core/src/command.ts``). GitHub shows ten errors, ten
warnings and ten notices of a step and drops the others without a word.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ghsync.model import Finding, Severity
from ghsync.report import safe, words

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}
_SHOWN = {Severity.ERROR: 10, Severity.WARNING: 10, Severity.INFO: 9}
"""One notice is kept for the line that says how many more there are."""


def commands(findings: Sequence[Finding], *, prefix: str = "") -> Iterator[str]:
    """Yield one workflow command a finding, and a last one that counts what GitHub would drop.

    ``prefix`` is ROOT relative to the workspace (``plans/``), because annotations are placed by
    the path in the repository.
    """
    left = dict(_SHOWN)
    more = dict.fromkeys(Severity, 0)
    for finding in findings:
        if left[finding.severity] == 0:
            more[finding.severity] += 1
            continue
        left[finding.severity] -= 1
        yield _command(finding, prefix)
    if any(more.values()):
        nouns = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
        counted = [words.count(number, nouns[s]) for s, number in more.items() if number]
        text = f"{', '.join(counted)} more; ghsync lint shows all of them"
        yield f"::notice title=ghsync::{_data(text)}"


def message(command: str, text: str, *, title: str = "ghsync") -> str:
    """Make a workflow command that is about no file: ``error``, ``warning`` or ``notice``."""
    shown = "\n".join(safe.lines(text.replace("\r\n", "\n")))
    return f"::{command} title={_property(title)}::{_data(shown)}"


def _command(finding: Finding, prefix: str) -> str:
    properties = [f"file={_property(prefix + finding.path)}"] if finding.path else []
    if finding.line > 0:
        properties.append(f"line={finding.line}")
    properties.append(f"title={_property(f'ghsync: {finding.code}')}")
    # Line by line, so that a message keeps its line ends and nothing else that moves a cursor.
    shown = "\n".join(safe.lines(finding.message.replace("\r\n", "\n")))
    return f"::{_COMMANDS[finding.severity]} {','.join(properties)}::{_data(shown)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(safe.line(text)).replace(":", "%3A").replace(",", "%2C")
