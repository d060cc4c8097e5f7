"""A page of markdown stays within its limit, and says what it left out."""

from __future__ import annotations

from dataclasses import replace

import report_samples as samples
import report_strategies as strategies
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from ghsync.errors import RefusedError
from ghsync.model import Run
from ghsync.report import markdown
from ghsync.report.paper import Paper, escape, link

PAGE = MarkdownIt("gfm-like", {"linkify": False, "html": True})


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(run=strategies.runs(), limit=st.sampled_from([2_000, 4_000, 65_536]))
def test_any_plan_is_a_comment(run: Run, limit: int) -> None:
    """Whatever a plan holds: within the limit, tags that are closed, no HTML of its own."""
    page = markdown.plan_comment(replace(run, dry_run=True), run_url="https://x.y/z", limit=limit)
    assert len(page) <= max(limit, 7_000)  # a head of long messages is never cut
    assert page.count("<details>") == page.count("</details>") <= 1
    html = PAGE.render(page)
    assert "<script" not in html
    assert html.count("<sub>") == 1


def test_a_fence_is_longer_than_what_it_holds() -> None:
    """No line of code ends the code."""
    paper = Paper(5_000)
    paper.folded("Code", ["```", "</details>", "`````", "<b>"], language="diff")
    html = PAGE.render(paper.text)
    assert "&lt;/details&gt;\n`````\n&lt;b&gt;" in html
    assert html.count("</details>") == 1


def test_what_is_left_out_is_counted() -> None:
    """Rows, items and lines, each with how many more there are."""
    paper = Paper(2_400)
    paper.table("| a |", [f"| {n} |" for n in range(10)], noun="row", most=4)
    paper.items(["x" * 50] * 3, noun="thing")
    paper.folded("Lines", ["y" * 50] * 100)
    assert "… and 6 rows more." in paper.text
    assert "things more" not in paper.text
    assert "lines more of “Lines”." in paper.text


def test_a_bad_address_is_no_link() -> None:
    """Only http, and nothing that ends the link."""
    assert link("x", "javascript:alert(1)") == link("x", None) == "x"
    assert link(escape("a]b"), "https://x.y/<z>") == "[a\\]b](<https://x.y/%3Cz%3E>)"


def test_a_plan_that_is_refused_says_so() -> None:
    """The comment has the reason and the way out."""
    error = RefusedError("30 of 40 would be closed.", hint="--allow-changes 30 lets it through.")
    run = replace(samples.pushed(), dry_run=True, error=error, stopped=error.message)
    page = markdown.plan_comment(run, what="plans", commit="c0ffee" * 7)
    assert page.startswith("### ghsync: what a push would do in plans\n")
    assert (
        "**A push would be refused: 30 of 40 would be closed\\.** \\-\\-allow\\-changes 30" in page
    )
    assert page.count("30 of 40") == 1
    assert "For the files of c0ffeec0ffee" in page
