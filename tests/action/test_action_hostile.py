"""What is in files and events is no command: to the runner, to a shell, or to a page."""

from __future__ import annotations

import pytest
from action.action_kit import Job, Use, World
from markdown_it import MarkdownIt

from ghsync.report.paper import Paper, escape, utf8

BOOM = "::error::boom"
TITLES = (
    BOOM,
    "##[error]boom",
    "A\nEOF\ncreated=99\n::set-output name=x::y",
    "$(touch owned) `touch owned` ; touch owned",
    "</details><script>alert(1)</script>",
    "```\n</details>\n::warning::x",
    "%0A::error::boom",
    "@octocat closes #1 [x](javascript:alert(1))",
    "\x1b[2J\u202egnp",
)


def test_titles_are_no_commands(job: Job, world: World) -> None:
    """Each title becomes an issue as it is; the runner hears nothing, the shell runs nothing."""
    for n, title in enumerate(TITLES):
        job.item(f".claude/epics/shop/{n:03d}.md", title, body=title)
    job.pull_request(world.open_pull())
    planned = job.use()
    assert planned.outputs["created"] == str(len(TITLES))
    assert [
        c for c in planned.commands if "boom" in c and not c.startswith("::warning file=")
    ] == []
    assert not any(line.lstrip().startswith("::error") for line in planned.log.splitlines())
    assert not (job.workspace / "owned").exists()
    [comment] = world.comments
    for markdown in (comment.body, planned.summary):
        page = MarkdownIt("gfm-like", {"linkify": False, "html": True}).render(markdown)
        assert "<script" not in page
        assert 'href="javascript' not in page
        assert page.count("<details>") == page.count("</details>") == 1
        assert "@octocat" not in page.partition("<details>")[0]
    pushed = job.event("push", ref="refs/heads/main").use()
    assert pushed.outputs["created"] == str(len(TITLES))
    assert pushed.outputs["exit-code"] == str(pushed.code)


@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        ({"command": "rm -rf"}, "The input command is 'rm -rf', not one of auto, push, plan"),
        ({"dry_run": "yes"}, "The input dry-run is 'yes', neither true nor false"),
        ({"max_time": "soon"}, "The input max-time "),
        ({"limit": "-1"}, "The input limit is '-1', not a whole number"),
        ({"path": "nowhere"}, "nowhere is not a folder"),
        ({"repo": "a/b/c; echo"}, "The input repo "),
        ({"on_conflict": "me%0A::error::x"}, "The input on-conflict is 'me%250A::error::x'"),
        ({"layout": "$(id)"}, "$(id)"),
    ],
)
def test_a_wrong_input_is_named(job: Job, use: Use, inputs: dict[str, str], said: str) -> None:
    """Exit 2 and one annotation that names the input; the outputs are there all the same."""
    job.example("ccpm-shop")
    done = use(**inputs)
    assert (done.code, done.outputs["exit-code"]) == (2, "2")
    [error] = done.commands
    assert error.startswith(f"::error title=ghsync::{said}") or said in error
    assert done.report["error"]["code"] in ("usage", "no_layout", "config")
    assert done.summary.startswith("### ghsync ")


def test_no_token_is_told(job: Job, use: Use) -> None:
    """Exit 4, with the way out."""
    job.example("ccpm-shop")
    done = use(command="push", token="")
    assert (done.code, done.outputs["exit-code"]) == (4, "4")
    [error] = done.commands
    assert error.startswith("::error title=ghsync::There is no token for GitHub.%0A")
    assert "the input token, and the job's permissions" in error


def test_modules_of_the_workspace_are_not_imported(job: Job, world: World) -> None:
    """A pull request may bring a ``click.py`` or a ``sitecustomize.py``; neither is run."""
    job.example("ccpm-shop")
    for name in ("click.py", "ghsync.py", "sitecustomize.py", "venv.py", "json.py"):
        job.write(name, "raise SystemExit('owned')\n")
    done = job.use(dry_run="true")
    assert (done.code, "owned" in done.log) == (0, False), done.log


def test_an_event_that_is_no_event(job: Job, use: Use) -> None:
    """A payload that cannot be read is no payload: a plan, no comment, no traceback."""
    job.example("ccpm-shop")
    for text in ("", "[]", '{"pull_request": {"number": "1"}}', "{" * 5000):
        job.event("pull_request")
        (job.folder / "event.json").write_text(text)
        done = use(dry_run="true")
        assert (done.code, done.outputs["comment-url"]) == (0, "")


@pytest.mark.parametrize("limit", [1200, 3000, 9000])
def test_a_page_stays_within_its_limit(limit: int) -> None:
    """Whatever is put on it, counted in characters or in bytes, with whole tags."""
    for size in (len, utf8):
        paper = Paper(limit, size=size)
        paper.say(f"### {escape('é' * 50)}")
        paper.table("| a | b |", [f"| {n} | {'ü' * 20} |" for n in range(200)], noun="row")
        paper.items(["x`" * 20] * 100, noun="thing")
        paper.folded("Lines", ["`````", "</details>", "é" * 30] * 200, language="diff")
        assert size(paper.text) <= limit
        assert paper.text.count("<details>") <= 1
        assert "more" in paper.text
