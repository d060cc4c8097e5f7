"""The Action on a pull request: one comment with the plan, and annotations at file and line."""

from __future__ import annotations

import pytest
from action.action_kit import BOT, Job, Use, World
from markdown_it import MarkdownIt

from ghsync.report.paper import COMMENT_LIMIT
from ghsync.sandbox.faults import FaultKind, FaultRule


def html(markdown: str) -> str:
    """As a page shows it."""
    return MarkdownIt("gfm-like", {"linkify": False}).render(markdown)


def test_the_plan_is_one_comment_that_is_kept_up_to_date(job: Job, world: World) -> None:
    """A second use for changed files updates it in place; nothing else is written."""
    number = world.open_pull()
    job.pull_request(number).example("ccpm-shop")
    first = job.use()
    assert (first.code, world.titles) == (0, [])
    [comment] = world.comments
    assert (comment.user, comment.issue) == (BOT, number)
    shown = html(comment.body)
    assert shown.startswith("<!-- ghsync:plan=")
    assert "<h3>ghsync: what a push would do</h3>" in shown
    assert "12 to create, 1 to close" in shown
    assert "<details><summary>Every change</summary>" in shown
    assert "@@ create: Guest checkout (.claude/prds/guest-checkout.md)" in shown
    assert "For the files of c0ffeec0ffee" in shown
    assert first.outputs["comment-url"].endswith(f"#issuecomment-{comment.id}")
    assert f"The plan is [on the pull request](<{first.outputs['comment-url']}>)." in first.summary
    (job.workspace / ".claude/epics/guest-checkout/005.md").unlink()
    second = job.use()
    assert second.outputs["comment-url"] == first.outputs["comment-url"]
    [comment] = world.comments
    assert "11 to create" in comment.body


def test_a_change_is_shown_line_by_line(job: Job, world: World, use: Use) -> None:
    """What is in step already is not in the comment; the change of a text is, folded."""
    path = job.item(".claude/epics/shop/001.md", "Buy", "One\n\n```py\ncode\n```\n\nTwo")
    use(command="push")
    job.pull_request(world.open_pull())
    path.write_text(path.read_text().replace("Two", "Two and a half"))
    done = use()
    assert (done.outputs["updated"], done.outputs["changes-pending"]) == ("1", "true")
    [comment] = world.comments
    assert "````diff" not in comment.body  # the fence of the text is no line of the change
    assert "\n- Two\n+ Two and a half\n" in comment.body
    assert f"[#1](<{world.url}" not in comment.body  # a server on loopback has no page
    assert "https://github.com/octo/plans/issues/1" in comment.body


def test_nothing_to_do_starts_no_comment(job: Job, world: World, use: Use) -> None:
    """A plan that writes nothing is said where a comment stands, and starts none."""
    job.item(".claude/epics/shop/001.md", "Buy")
    use(command="push")
    job.pull_request(world.open_pull())
    assert use().outputs["comment-url"] == ""
    path = job.item(".claude/epics/shop/002.md", "Sell")
    use()
    path.unlink()
    assert use().outputs["comment-url"] != ""
    [comment] = world.comments
    assert "ghsync: nothing to write" in comment.body


def test_errors_are_annotated_at_file_and_line(job: Job, world: World, use: Use) -> None:
    """From a folder of the repository, by the path that GitHub knows; the comment lists them."""
    (job.workspace / ".git").mkdir()
    job.item("plans/.claude/epics/shop/001.md", "T" * 300)
    job.item("plans/.claude/epics/shop/002.md", "Fine")
    job.pull_request(world.open_pull())
    done = use(path="plans")
    assert (done.code, done.outputs["created"]) == (1, "1")
    [annotation] = [c for c in done.commands if c.startswith("::error file=")]
    assert annotation.startswith("::error file=plans/.claude/epics/shop/001.md,line=")
    [comment] = world.comments
    assert "what a push would do in plans" in comment.body
    assert "\n- error in plans/.claude" not in comment.body  # markdown that shows the path as it is
    assert "<li>error in .claude/epics/shop/001.md:" in html(comment.body)


def test_a_forks_pull_request_is_only_summed_up(job: Job, world: World, use: Use) -> None:
    """Its token may only read: no comment is tried, and the summary says so."""
    job.example("ccpm-shop").pull_request(world.open_pull(), fork=True)
    done = use()
    assert (done.code, world.comments, done.outputs["comment-url"]) == (0, [], "")
    assert "a workflow of a fork may only read" in done.summary
    assert not [c for c in done.commands if "warning" in c]


def test_a_refused_comment_is_a_warning(job: Job, world: World, use: Use) -> None:
    """403 for the comment fails no step; nor does a server that is down for it."""
    world.github.faults.install(
        FaultRule(
            kind=FaultKind.STATUS, method="POST", path="/comments$", status=403,
            message="Resource not accessible by integration",
        )
    )  # fmt: skip
    job.example("ccpm-shop").pull_request(world.open_pull())
    done = use()
    assert (done.code, done.outputs["comment-url"]) == (0, "")
    assert "Resource not accessible by integration" in done.summary
    [warning] = [c for c in done.commands if c.startswith("::warning")]
    assert "pull-requests: write" in warning


def test_a_bug_in_commenting_is_a_warning(
    job: Job, world: World, use: Use, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever goes wrong there: outputs, summary and report are what they would have been."""

    def broken(*args: object, **kwargs: object) -> str:
        raise ZeroDivisionError

    monkeypatch.setattr("ghsync.cli.action.work.plan_comment", broken)
    job.example("ccpm-shop").pull_request(world.open_pull())
    done = use()
    assert (done.code, done.outputs["created"]) == (0, "12")
    [warning] = [c for c in done.commands if c.startswith("::warning")]
    assert "A bug in ghsync" in warning


def test_a_comment_can_be_left_out(job: Job, world: World, use: Use) -> None:
    """``comment: false``, and a push, comment nothing; without a token there is nothing to say."""
    job.example("ccpm-shop").pull_request(world.open_pull())
    assert use(comment="false").code == 0
    done = use(token="")
    assert done.code == 0
    assert "GitHub was not read" in done.summary
    assert world.comments == []


def test_a_comment_is_never_too_long(job: Job, world: World, use: Use) -> None:
    """Past GitHub's limit the rest is counted, in the table and in the diff."""
    for n in range(90):
        job.item(f".claude/epics/shop/{n:03d}.md", f"{n} " + "*" * 240)
    text = "\n".join(f"line {n}" for n in range(3000))
    path = job.item(".claude/epics/shop/big.md", "Big", text)
    use(command="push", only="big")
    path.write_text(path.read_text().replace("line", "row"))
    job.pull_request(world.open_pull())
    done = use()
    assert done.code == 0
    [comment] = world.comments
    assert len(comment.body) <= COMMENT_LIMIT
    assert "more." in comment.body
    assert "more of “Every change”." in comment.body
    assert comment.body.count("<details>") == comment.body.count("</details>") == 1
