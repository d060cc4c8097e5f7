"""The step summary is escaped, linked and never too long."""

from __future__ import annotations

from dataclasses import replace

import report_samples as samples
import report_strategies as strategies
from hypothesis import HealthCheck, given, settings
from markdown_it import MarkdownIt

from ghsync.model import Run
from ghsync.report import markdown


def test_summary_of_a_push() -> None:
    """Each operation is a row with its outcome and its issue's link."""
    summary = markdown.step_summary(samples.pushed())
    assert summary.startswith("### ghsync push: octo/plans\n")
    assert (
        "| created | Store passwords with argon2 | "
        "[#12](<https://github.com/octo/plans/issues/12>) | epics/login/001\\.md |" in summary
    )
    assert "1 failed, 1 unknown" in summary
    assert "\\[red\\]Not red" in summary


def test_markup_in_titles_is_text() -> None:
    """A title can make no link, image, HTML, table cell or mention."""
    title = "a|b <img src=x> [l](http://e) ![i](u) `c` **d** @octocat #12 o/r#3 GH-4 C# &lt;"
    html = MarkdownIt("gfm-like", {"linkify": False}).render(
        f"| x |\n|---|\n| {markdown.escape(title)} |\n"
    )
    assert (
        "<td>a|b &lt;img src=x&gt; [l](http://|e) ![i](u) `c` **d** @|octocat #|12 o/r#|3 GH-|4 C# "
        "&amp;lt;</td>" in html.replace("\u200b", "|")
    )


def test_summary_has_a_limit() -> None:
    """Rows that would go over the limit are counted."""
    summary = markdown.step_summary(samples.pushed(), limit=700)
    assert len(summary.encode()) <= 700
    assert "more." in summary


def test_bad_address_is_no_link() -> None:
    """Only an http address becomes a link."""
    results = tuple(replace(r, url="javascript:alert(1)") for r in samples.pushed().results)
    assert "javascript" not in markdown.step_summary(samples.pushed(results=results))


@settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
@given(run=strategies.runs())
def test_any_run_has_a_summary(run: Run) -> None:
    """Whatever a run holds, every operation is one row of four cells."""
    rows = [x for x in markdown.step_summary(run).split("\n") if x.startswith("| ")]
    assert len(rows) == (len(run.plan.operations) + 1 if run.plan.operations else 0)
