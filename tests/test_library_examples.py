"""The programs of ``examples/library``, run as they are against the sandbox over HTTP."""

from __future__ import annotations

import asyncio
import json
import runpy
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ghsync.sandbox.github import GitHub
from ghsync.sandbox.limits import NONE
from ghsync.sandbox.people import add_token, revoke_token
from ghsync.sandbox.seeds import SANDBOX_TOKEN
from ghsync.sandbox.serve import running

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"
LIBRARY = EXAMPLES / "library"
TESTED = {"push", "plan_in_ci", "progress", "from_csv", "web_service", "own_tokens"}


@pytest.fixture
def github(monkeypatch: pytest.MonkeyPatch) -> Iterator[GitHub]:
    """A GitHub over HTTP that the environment names, as a job's does."""
    made = GitHub(limits=NONE)
    with running(made) as address:
        monkeypatch.setenv("GITHUB_API_URL", address.url)
        monkeypatch.setenv("GITHUB_TOKEN", SANDBOX_TOKEN)
        monkeypatch.setenv("GITHUB_REPOSITORY", "octo/plan")
        monkeypatch.delenv("GH_TOKEN", raising=False)
        yield made


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A copy of the example project."""
    folder = tmp_path / "shop"
    shutil.copytree(EXAMPLES / "ccpm-shop", folder)
    (folder / "ghsync.toml").write_text('limits = "none"\n')
    return folder


def program(name: str) -> dict[str, Any]:
    """What an example defines."""
    return runpy.run_path(str(LIBRARY / f"{name}.py"))


def test_every_example_is_tested() -> None:
    """Here, or in test_examples.py."""
    assert {path.stem for path in LIBRARY.glob("*.py")} == TESTED


def test_a_plan_in_ci_fails_while_changes_are_pending(
    github: GitHub, shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """10 before a push, 0 after it; nothing is written by a plan."""
    main = program("plan_in_ci")["main"]
    assert main(str(shop)) == 10
    assert "create .claude/epics/guest-checkout/001.md" in capsys.readouterr().out
    assert not (shop / ".ghsync").exists()
    assert program("progress")["main"](str(shop)) == 0
    capsys.readouterr()
    assert main(str(shop)) == 0
    assert capsys.readouterr().out == "0 operations pending, about 0 s\n"


def test_an_error_has_the_command_lines_exit_code(
    github: GitHub, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With its message and the next step."""
    assert program("plan_in_ci")["main"](str(tmp_path)) == 2
    assert "No planning files recognised" in capsys.readouterr().err


def test_progress_is_a_line_for_each_operation(
    github: GitHub, shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The plan, each operation with the time that is left, the sum."""
    assert program("progress")["main"](str(shop)) == 0
    lines = capsys.readouterr().out.splitlines()
    planned = next(line for line in lines if "operations, about" in line)
    total = int(planned.split()[0])
    assert sum(line.endswith("s left") for line in lines) == total
    assert lines[-1] == f"{total} of {total} operations done"


def test_the_rows_of_a_table_are_issues(
    github: GitHub, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Parents, blockers, links by key; a changed row updates its issue; a wrong one is named."""
    table = tmp_path / "plan.csv"
    shutil.copy(LIBRARY / "plan.csv", table)
    (tmp_path / "ghsync.toml").write_text('limits = "none"\n')
    main = program("from_csv")["main"]
    assert main(str(table)) == 0
    repo = github.state.repo_named("octo/plan")
    assert repo is not None
    issues = {issue.title: issue for issue in repo.issues.values()}
    assert len(issues) == 4
    assert issues["Tide of today"].parent == issues["Harbour app"].id
    assert f"/issues/{issues['Map of the gauges'].number}" in issues["Harbour app"].body
    table.write_text(table.read_text().replace("Tide of today", "Today's tide"))
    capsys.readouterr()
    assert main(str(table)) == 0
    assert capsys.readouterr().out == "1 of 1 operations done\n"
    table.write_text(table.read_text() + "harbour/map,Twice,,,,,,\n")
    assert main(str(table)) == 1
    assert "plan.csv:6: several items have the key 'harbour/map'" in capsys.readouterr().err


def test_a_web_service_pushes_one_at_a_time(
    github: GitHub, shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A line for each event and the end; a second request meanwhile is answered 409."""
    monkeypatch.setenv("PLANS", str(shop))
    app = program("web_service")["app"]

    async def ask(method: str = "POST", path: str = "/push") -> tuple[int, list[Any]]:
        sent: list[Any] = []

        async def send(message: Any) -> None:
            sent.append(message)

        async def receive() -> Any:
            raise AssertionError("nobody reads the request")

        await app({"type": "http", "method": method, "path": path}, receive, send)
        assert sent[-1]["more_body"] is False
        body = b"".join(message.get("body", b"") for message in sent)
        return sent[0]["status"], [json.loads(line) for line in body.splitlines()]

    async def story() -> list[tuple[int, list[Any]]]:
        both = await asyncio.gather(ask(), ask())
        return [*both, await ask("GET"), await ask()]

    first, second, wrong, again = asyncio.run(story())
    assert (first[0], second[0], wrong[0], again[0]) == (200, 409, 404, 200)
    *events, end = first[1]
    assert events[-1]["done"] == events[-1]["of"] == end["succeeded"]
    assert again[1] == [{"succeeded": 0, "failed": 0, "errors": []}]
    monkeypatch.setenv("PLANS", str(shop / "none"))
    _, (told,) = asyncio.run(ask())
    assert told["error"] == "usage"


def test_tokens_of_ones_own_are_renewed(
    github: GitHub,
    shop: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The command is asked once, and again when GitHub has refused its token."""
    old, new = "x" * 40, "y" * 40
    add_token(github, old)
    add_token(github, new)
    revoke_token(github, old)
    vault = tmp_path / "vault.py"
    vault.write_text(
        "import pathlib, sys\n"
        f"calls = pathlib.Path({str(tmp_path / 'calls')!r})\n"
        "calls.write_text(calls.read_text() + '.' if calls.exists() else '.')\n"
        f"print({old!r} if calls.read_text() == '.' else {new!r})\n"
    )
    monkeypatch.delenv("GITHUB_TOKEN")
    monkeypatch.setenv("TOKEN_COMMAND", f"{sys.executable} {vault}")
    assert asyncio.run(program("own_tokens")["main"](str(shop))) == 0
    assert (tmp_path / "calls").read_text() == ".."
    assert "operations done" in capsys.readouterr().out
    monkeypatch.setenv("TOKEN_COMMAND", f"{sys.executable} {tmp_path / 'none'}")
    assert asyncio.run(program("own_tokens")["main"](str(shop))) == 4
