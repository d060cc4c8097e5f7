"""The library: what the CLI does, as typed values; it prints nothing and never exits."""

from __future__ import annotations

import asyncio
import logging
import subprocess
import sys
from pathlib import Path

import pytest

import ghsync
from ghsync.cli.push import push as push_command
from ghsync.sandbox.github import GitHub
from ghsync.sandbox.limits import NONE
from ghsync.sandbox.seeds import SANDBOX_TOKEN
from ghsync.sandbox.serve import running

EPIC = ".claude/epics/shop"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder with an epic and two tasks."""
    folder = tmp_path / EPIC
    folder.mkdir(parents=True)
    for name, title in (("epic", "Shop"), ("001", "One"), ("002", "Two")):
        (folder / f"{name}.md").write_text(f"---\nname: {title}\nstatus: open\n---\n\nText.\n")
    return tmp_path


def test_push_and_plan_return_a_run(root: Path) -> None:
    """A plan writes nothing; a push does what it said; a second one has nothing to do."""
    planned = ghsync.plan(root, sandbox=True, env={})
    assert planned.dry_run
    assert not (root / ".ghsync").exists()
    run = ghsync.push(root, sandbox=True, env={})
    assert [r.operation for r in run.results] == [r.operation for r in planned.results]
    assert run.total == run.succeeded == 5
    assert run.failed == 0
    assert list(run.errors) == []
    assert run.duration > 0
    assert run.rate_limit is not None
    assert run.error is None
    assert ghsync.push(root, sandbox=True, env={}).total == 0


def test_root_may_be_text_and_the_push_a_dry_run(root: Path) -> None:
    """``push(dry_run=True)`` is ``plan``."""
    assert ghsync.push(str(root), dry_run=True, env={}).dry_run
    assert ghsync.plan(root, env={}).remote == "none"


def test_a_switch_that_is_false_is_off(root: Path) -> None:
    """Whatever the file says; what is left out is the file's to say."""
    (root / "ghsync.toml").write_text("strict = true\n")
    (root / EPIC / "003.md").write_text("---\nname: Three\ndepends_on: [77]\n---\n")
    for given in ({}, {"strict": True}):
        assert isinstance(ghsync.plan(root, env={}, **given).error, ghsync.StrictLintError)
    assert ghsync.plan(root, strict=False, env={}).error is None


def test_load_and_lint(root: Path) -> None:
    """The items and the findings, without GitHub."""
    (root / EPIC / "003.md").write_text("---\nname: Three\ndepends_on: [77]\n---\n")
    loaded = ghsync.load(root)
    assert [item.title for item in loaded.items] == ["One", "Two", "Three", "Shop"]
    assert "reference_unknown" in {f.code for f in ghsync.lint(root).findings}
    with pytest.raises(ghsync.NoLayoutError):
        ghsync.load(root, layout=("spec-kit",))


def test_progress_is_every_event_in_order(root: Path) -> None:
    """The plan once, then one event for each operation."""
    events: list[ghsync.Event] = []
    run = ghsync.push(root, sandbox=True, env={}, on_progress=events.append)
    assert sum(isinstance(event, ghsync.PlanReady) for event in events) == 1
    ended = [event for event in events if isinstance(event, ghsync.OperationEnded)]
    assert [event.done for event in ended] == [1, 2, 3, 4, 5]
    assert {id(event.result) for event in ended} == {id(result) for result in run.results}


def test_async_forms_run_side_by_side(root: Path) -> None:
    """Two plans at once in one loop; the plain forms refuse to block it."""

    async def both() -> list[ghsync.Run]:
        with pytest.raises(ghsync.UsageError, match="running event loop"):
            ghsync.push(root, sandbox=True, env={})
        with pytest.raises(ghsync.UsageError, match="running event loop"):
            ghsync.plan(root, sandbox=True, env={})
        plans = (ghsync.plan_async(root, sandbox=True, env={}) for _ in range(2))
        return list(await asyncio.gather(*plans))

    first, second = asyncio.run(both())
    assert first.total == second.total == 5


@pytest.mark.parametrize(
    ("options", "error", "code"),
    [
        ({}, ghsync.UsageError, 2),
        ({"repo": "octo/plan"}, ghsync.AuthError, 4),
        ({"repo": "octo"}, ghsync.UsageError, 2),
        ({"sandbox": True, "limits": "fast"}, ghsync.UsageError, 2),
        ({"sandbox": True, "layout": ("nope",)}, ghsync.UsageError, 2),
        ({"sandbox": True, "unheard_of": 1}, Exception, None),
    ],
)
def test_what_keeps_a_run_from_starting_is_raised(
    root: Path, options: dict[str, object], error: type[Exception], code: int | None
) -> None:
    """A GhsyncError with a message, a next step and the CLI's exit code."""
    with pytest.raises(error) as caught:
        ghsync.push(root, env={}, **options)  # type: ignore[arg-type]
    if isinstance(caught.value, ghsync.GhsyncError):
        assert caught.value.message
        assert caught.value.hint
        assert code in (None, caught.value.exit_code)


def test_what_stops_a_run_is_its_error(root: Path) -> None:
    """A run that ended early is returned, with its error, and the next call goes on."""
    run = ghsync.push(root, sandbox=True, env={}, max_time=2.0)
    assert isinstance(run.error, ghsync.StoppedError)
    assert 0 < run.succeeded < run.total
    assert ghsync.push(root, sandbox=True, env={}).error is None
    assert ghsync.push(root, sandbox=True, env={}).total == 0


def test_a_token_and_a_server_of_ones_own(root: Path) -> None:
    """The token is an argument, the server is in ``env``; nothing of the process's is read."""
    with running(GitHub(limits=NONE)) as address:
        env = {"GITHUB_API_URL": address.url}
        run = ghsync.push(root, repo="octo/plan", token=SANDBOX_TOKEN, limits="none", env=env)
    assert run.remote == "github"
    assert run.results[-1].url is not None
    assert run.results[-1].url.startswith(address.url)


def test_a_push_takes_what_the_command_takes() -> None:
    """Each setting that an option of `ghsync push` sets is one of the function's, too."""
    screen = {
        "root",
        "dry_run",
        "detailed_exitcode",
        "events",
        "as_json",
        "verbose",
        "quiet",
        "yes",
        "html",
        "out",
        "log_file",
    }
    taken = {param.name for param in push_command.params} - screen
    assert taken <= set(ghsync.Options.__annotations__)


def test_a_failure_may_stop_a_push(root: Path) -> None:
    """``max_failures`` and ``on_error`` are the command's."""
    run = ghsync.push(root, sandbox=True, on_error="stop", max_failures=1, concurrency=1, env={})
    assert run.succeeded == run.total


def test_nothing_is_printed_or_configured(root: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """No output, no handler, no level: that is the caller's."""
    before = (list(logging.root.handlers), logging.root.level)
    ghsync.push(root, sandbox=True, env={})
    assert capfd.readouterr() == ("", "")
    assert (list(logging.root.handlers), logging.root.level) == before


def test_import_costs_next_to_nothing() -> None:
    """``import ghsync`` loads none of what a push needs, and every public name is there."""
    program = (
        "import sys, ghsync; heavy = {'asyncio', 'httpx', 'yaml', 'rich'} & set(sys.modules);"
        "assert not heavy, heavy; [getattr(ghsync, name) for name in ghsync.__all__]"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
    assert set(ghsync.__all__) <= set(dir(ghsync))
    with pytest.raises(AttributeError):
        _ = ghsync.nothing_of_this_name  # type: ignore[attr-defined]
