"""``--write-back`` on the command line: what it says, and how it ends."""

from __future__ import annotations

import pytest
from cli_kit import EPIC, Cli, Served

ONE = f"{EPIC}/001.md"


@pytest.fixture
def github(cli: Cli, server: Served, monkeypatch: pytest.MonkeyPatch) -> Served:
    """A GitHub that the commands reach; ``cli`` has taken all settings away before."""
    assert cli.root.is_dir()
    for name, value in server.environment().items():
        monkeypatch.setenv(name, value)
    return server


@pytest.mark.usefixtures("github")
def test_a_push_says_how_many_files_it_wrote(cli: Cli) -> None:
    """And JSON has each of them; the next push has none."""
    cli.shop(2)
    dry = cli("push", "--dry-run", "--write-back")
    assert (dry.code, "A push writes the issue into 3 files:" in dry.out) == (0, True)
    assert f"  {ONE}\n" in dry.out
    document = cli.json("push", "--dry-run", "--write-back")
    assert {(file["path"], file["number"], file["status"]) for file in document["files"]} == {
        (f"{EPIC}/{name}.md", None, "pending") for name in ("epic", "001", "002")
    }
    done = cli("push", "--write-back")
    assert (done.code, "Wrote the issue into 3 files." in done.out) == (0, True)
    assert "github: " in (cli.root / ONE).read_text()
    again = cli.json("push", "--write-back")
    assert (again["files"], again["operations"]) == ([], [])


@pytest.mark.usefixtures("github")
def test_retry_and_sync_take_it(cli: Cli) -> None:
    """A push without it can be completed later."""
    cli.shop(1)
    cli("push")
    done = cli("sync", "--write-back")
    assert done.code == 0
    assert "github: " in (cli.root / ONE).read_text()
    assert cli("retry", "--write-back").code == 0


@pytest.mark.usefixtures("github")
def test_a_layout_without_a_field_is_one_line(cli: Cli) -> None:
    """Two items, one line, exit 0."""
    for n in (1, 2):
        path = f"backlog/tasks/task-{n} - T{n}.md"
        cli.write(path, f"---\nid: task-{n}\ntitle: T{n}\nstatus: To Do\n---\n\nText.\n")
    done = cli("push", "--write-back")
    assert done.code == 0
    assert "2 items have no field for an issue (backlog: 2)." in done.out


@pytest.mark.usefixtures("github")
def test_a_read_only_file_is_exit_1(cli: Cli) -> None:
    """The issue is there; the file is named."""
    cli.shop(1)
    (cli.root / ONE).chmod(0o444)
    done = cli("push", "--write-back")
    assert done.code == 1
    assert f"{ONE} is read-only" in done.out
    document = cli.json("push", "--write-back")
    assert [(file["path"], file["status"]) for file in document["files"]] == [(ONE, "left")]


def test_the_sandbox_writes_nothing_back(cli: Cli) -> None:
    """And says so."""
    cli.shop(1)
    done = cli("push", "--sandbox", "--repo", "octo/plan", "--write-back")
    assert done.code == 0
    assert "the sandbox's numbers are not GitHub's" in done.err
    assert "github:" not in (cli.root / ONE).read_text()
