"""``--html FILE``: written whole or not at all, and refused before anything is sent."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest
from cli.cli_kit import EPIC, Cli

from ghsync.wholefile import write_whole

SANDBOX = ("--sandbox", "--yes")


def page(path: Path) -> str:
    """The page, which is one document."""
    text = path.read_text("utf-8")
    assert text.startswith("<!doctype html>")
    assert text.rstrip().endswith("</html>")
    return text


def left(folder: Path) -> list[str]:
    """Files that were begun and not finished."""
    return [p.name for p in folder.rglob("*.tmp")]


def test_dry_run_and_push_write_a_page(cli: Cli) -> None:
    """What would be, then what was; stdout is the same with and without it."""
    cli.shop(2)
    told = cli("push", "--dry-run", "--sandbox", "--html", "plan.html")
    assert told.code == 0
    assert "Dry run" in page(cli.root / "plan.html")
    assert ">create</span>" in page(cli.root / "plan.html")
    done = cli("push", *SANDBOX, "--html", "plan.html")
    assert done.code == 0
    assert ">created</span>" in page(cli.root / "plan.html")
    assert left(cli.root) == []
    assert cli("push", "--dry-run", "--sandbox").code == 0


def test_without_github_too(cli: Cli) -> None:
    """The preview without a token has its page."""
    cli.shop(1)
    assert cli("push", "--dry-run", "--html", "plan.html").code == 0
    assert "GitHub was not read" in page(cli.root / "plan.html")


@pytest.mark.parametrize("command", ["sync", "retry"])
def test_other_runs_have_one_too(cli: Cli, command: str) -> None:
    """Both ways, and what is tried again."""
    cli.shop(1)
    assert cli("push", *SANDBOX).code == 0
    assert cli(command, *SANDBOX, "--html", "run.html").code == 0
    assert "<h1>" in page(cli.root / "run.html")


def test_what_is_taken_back_has_one(cli: Cli) -> None:
    """Before it is agreed to, and after."""
    cli.shop(1)
    assert cli("push", *SANDBOX).code == 0
    assert cli("undo", "--sandbox", "--dry-run", "--html", "plan.html").code == 0
    assert ">close</span>" in page(cli.root / "plan.html")
    assert cli("undo", "--sandbox", "--html", "asked.html").code == 5
    assert page(cli.root / "asked.html").count(">close</span>") > 1
    assert cli("undo", "--sandbox", "--yes", "--html", "run.html").code == 0
    assert ">closed</span>" in page(cli.root / "run.html")
    assert cli("undo", "--sandbox", "--html", ".").code == 2


def test_a_plan_file_that_is_applied(cli: Cli) -> None:
    """``apply`` shows what it did."""
    cli.shop(1)
    assert cli("push", "--dry-run", "--sandbox", "--out", "plan.json").code == 0
    assert cli("apply", "plan.json", *SANDBOX, "--html", "run.html").code == 0
    assert ">created</span>" in page(cli.root / "run.html")


def test_json_stays_one_document(cli: Cli) -> None:
    """The page goes to its file alone."""
    cli.shop(1)
    result = cli("push", *SANDBOX, "--html", "run.html", "--json")
    assert result.document["totals"]["create"] == 2
    assert page(cli.root / "run.html")


@pytest.mark.parametrize("target", ["-", "none/run.html", "."])
def test_what_cannot_be_written_is_refused_first(cli: Cli, target: str) -> None:
    """Exit 2, and nothing is sent: a push of hours does not end without its page."""
    cli.shop(1)
    result = cli("push", *SANDBOX, "--html", target)
    assert result.code == 2
    assert "--html" in result.err
    assert not (cli.root / ".ghsync").exists()


def test_a_disk_that_is_full_at_the_end(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was done stays done and is told; the old page is left; exit 1."""
    cli.shop(1)
    target = cli.root / "run.html"
    target.write_text("old")
    create, calls = os.open, []

    def full(path: str, *more: object) -> int:
        if str(path).endswith(f"{os.getpid()}.tmp"):
            calls.append(path)
            if len(calls) > 1:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return create(path, *more)  # type: ignore[arg-type]

    monkeypatch.setattr("ghsync.wholefile.os.open", full)
    result = cli("push", *SANDBOX, "--html", "run.html")
    assert result.code == 1
    assert "--html run.html could not be written: No space left on device" in result.err
    assert "2 created" in result.out
    assert target.read_text() == "old"
    assert left(cli.root) == []


def test_a_link_stays_a_link(cli: Cli) -> None:
    """The page goes where the link points."""
    cli.shop(1)
    (cli.root / "real.html").write_text("old")
    (cli.root / "run.html").symlink_to("real.html")
    assert cli("push", "--dry-run", "--sandbox", "--html", "run.html").code == 0
    assert (cli.root / "run.html").is_symlink()
    assert page(cli.root / "real.html")


@pytest.mark.parametrize("option", ["--html", "--log-file", "--events"])
def test_a_planning_file_is_no_place_for_output(cli: Cli, option: str) -> None:
    """A slip of the finger costs no work: markdown is only read."""
    cli.shop(1)
    before = (cli.root / EPIC / "001.md").read_bytes()
    done = cli("push", "--sandbox", "--dry-run", option, f"{EPIC}/001.md")
    assert (done.code, (cli.root / EPIC / "001.md").read_bytes()) == (2, before)
    assert f"{option} {EPIC}/001.md is markdown" in done.err


def test_a_link_out_of_its_folder_is_not_followed(
    cli: Cli, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A repository from elsewhere does not choose what is written to."""
    target = tmp_path_factory.mktemp("home") / ".profile"
    target.write_text("mine")
    (cli.root / "run.html").symlink_to(target)
    for option in ("--html", "--log-file", "--events"):
        done = cli("push", "--sandbox", "--dry-run", option, "run.html")
        assert (done.code, target.read_text()) == (2, "mine")
        assert f"{option} run.html is a link" in done.err
    assert "a link that leads to another folder" in done.err


def test_a_link_to_itself_is_refused(cli: Cli) -> None:
    """It leads nowhere: said before anything is sent, and left as it is."""
    (cli.root / "run.html").symlink_to("run.html")
    for option in ("--html", "--log-file", "--events"):
        done = cli("push", "--sandbox", "--dry-run", option, "run.html")
        assert done.code == 2
        assert f"{option} run.html is a link" in done.err
    with pytest.raises(OSError, match="symbolic links"):
        write_whole(cli.root / "run.html", b"x")
    assert (cli.root / "run.html").is_symlink()
    assert left(cli.root) == []
