"""Workflow commands are escaped, and count what GitHub would drop."""

from __future__ import annotations

import re

import report_samples as samples
import report_strategies as strategies
from hypothesis import given
from hypothesis import strategies as st

from ghsync.model import Severity
from ghsync.report.annotations import commands


def test_command_is_escaped() -> None:
    """Per cent signs, line ends, colons and commas cannot end a property or a message."""
    finding = samples.finding("a,b:c%.md", 7, "x::y,z", Severity.ERROR, "50% of\r\nit: a, b\nend")
    assert list(commands([finding], prefix="plans/")) == [
        "::error file=plans/a%2Cb%3Ac%25.md,line=7,title=ghsync%3A x%3A%3Ay%2Cz"
        "::50%25 of%0Ait: a, b%0Aend"
    ]


def test_severities_have_their_commands() -> None:
    """Errors, warnings and notes are error, warning and notice; no line means none."""
    findings = [samples.finding("a.md", 0, "c", severity, "m") for severity in Severity]
    assert [line.split(",")[0] for line in commands(findings)] == [
        "::error file=a.md",
        "::warning file=a.md",
        "::notice file=a.md",
    ]


def test_ten_of_each_and_a_notice_of_the_rest() -> None:
    """Past ten errors and ten warnings one notice says how many more there are."""
    findings = [
        samples.finding("a.md", n, "c", severity, "m")
        for severity in (Severity.ERROR, Severity.WARNING)
        for n in range(1, 15)
    ]
    lines = list(commands(findings))
    assert len(lines) == 21
    assert lines[-1] == (
        "::notice title=ghsync::4 errors, 4 warnings more; ghsync lint shows all of them"
    )


@given(findings=st.lists(strategies.FINDING, max_size=4))
def test_no_text_starts_a_command_of_its_own(findings: list) -> None:  # type: ignore[type-arg]
    """Whatever a finding holds, it is one line, one command, with three properties at most."""
    for line in commands(findings):
        assert re.fullmatch(r"::(error|warning|notice) [^:]*::[^\r\n]*", line)
        assert line.isprintable() or not re.search("[\x00-\x1f\x7f-\x9f\u202e]", line)
        properties = line.split("::")[1]
        assert properties.count(",") <= 2
