"""``ghsync init``: what it says of a folder, what it writes, and what it leaves alone."""

from __future__ import annotations

import errno
import io
import os
import subprocess
from pathlib import Path

import pytest
from cli_kit import EPIC, Cli

from ghsync.config import load_config

CORPUS_LIKE = 12
"""Folders of one layout, as where a team keeps its tasks beside each project."""


def test_it_names_what_it_found_and_what_comes_next(cli: Cli) -> None:
    """Layout, folder, count, a few titles, findings in short; then the commands to type."""
    cli.shop(3)
    cli.write(f"{EPIC}/004.md", "---\nname: Broken\nstatus: [\n---\n")
    result = cli("init")
    assert result.code == 0
    assert 'found ccpm in .claude: 5 items: "Task 1", "Task 2", …' in result.out
    assert "lint: 1 error; `ghsync lint` lists them" in result.out
    assert "next: ghsync items\n" in result.out
    assert "ghsync push --sandbox" in result.out
    assert ".ghsync/; commit its map.json" in result.out


def test_its_commands_are_to_be_typed_as_they_stand(cli: Cli) -> None:
    """Of another folder, with its name in quotes where it needs them."""
    cli.write("two words/.claude/epics/shop/epic.md", "---\nname: Shop\nstatus: open\n---\n")
    result = cli("init", "two words")
    assert "next: ghsync items 'two words'\n" in result.out


def test_the_file_loads_and_changes_nothing(cli: Cli) -> None:
    """Every setting stands there as a comment; the repository is the git remote's."""
    cli.shop(1)
    subprocess.run(["git", "init", "-q"], check=True)
    remote = ("git", "remote", "add", "origin", "git@github.com:octo/plan.git")
    subprocess.run(remote, check=True)
    result = cli("init")
    assert "repository: octo/plan (git remote)" in result.out
    text = (cli.root / "ghsync.toml").read_text()
    assert '\n# repo = "octo/plan"\n' in text
    assert str(load_config(cli.root).repo) == "octo/plan"
    assert cli("items").code == 0


def test_a_second_time_nothing_is_overwritten(cli: Cli) -> None:
    """The file stays as it is until somebody says --force."""
    cli.shop(1)
    mine = cli.write("ghsync.toml", 'limits = "none"\n')
    result = cli("init")
    assert result.code == 2
    assert "--force" in result.err
    assert mine.read_text() == 'limits = "none"\n'
    assert cli("init", "--force").code == 0
    assert "# limits" in mine.read_text()


@pytest.mark.parametrize("options", [(), ("--force",), ("--skill",), ("--skill", "--force")])
def test_a_full_disk_leaves_what_was_there(
    cli: Cli, options: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """No half file, which the next init would take for somebody's own; --force loses nothing."""
    cli.shop(1)
    mine = {"ghsync.toml": "# mine\n", ".claude/skills/ghsync/SKILL.md": "mine"}
    for name, text in mine.items():
        if "--force" in options:
            cli.write(name, text)
    before = {path: path.read_bytes() for path in cli.root.rglob("*") if path.is_file()}

    def full(*arguments: object) -> object:
        class Full(io.BytesIO):
            def write(self, data: object) -> int:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        os.close(arguments[0])  # type: ignore[arg-type]
        return Full()

    with monkeypatch.context() as disk:
        disk.setattr("ghsync.wholefile.os.fdopen", full)
        result = cli("init", *options)
    assert result.code == 2
    assert "No space left on device" in result.err
    assert "Free some disk space" in result.err
    assert {path: path.read_bytes() for path in cli.root.rglob("*") if path.is_file()} == before
    assert cli("init", *options).code == 0


def test_a_link_out_of_the_folder_is_not_written_through(
    cli: Cli, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A repository from elsewhere does not choose what --force replaces."""
    cli.shop(1)
    target = tmp_path_factory.mktemp("home") / ".profile"
    target.write_text("mine")
    (cli.root / "ghsync.toml").symlink_to(target)
    assert (cli("init", "--force").code, target.read_text()) == (2, "mine")


@pytest.mark.parametrize("option", ["--dry-run", "--print"])
def test_a_look_writes_nothing(cli: Cli, option: str) -> None:
    """Also where a file is there already."""
    cli.shop(1)
    for _ in range(2):
        before = sorted(cli.root.rglob("*"))
        assert cli("init", option).code == 0
        assert sorted(cli.root.rglob("*")) == before
        cli.write("ghsync.toml", "")


def test_settings_in_pyproject_stay_in_force(cli: Cli) -> None:
    """A ghsync.toml beside them would hide them: refused, with the way round."""
    cli.shop(1)
    cli.write("pyproject.toml", '[tool.ghsync]\nlimits = "none"\n')
    result = cli("init")
    assert result.code == 2
    assert "[tool.ghsync]" in result.err
    assert not (cli.root / "ghsync.toml").exists()


def test_a_folder_with_nothing_in_it(cli: Cli) -> None:
    """The file has an example of a layout of one's own, and that is said."""
    result = cli("init")
    assert result.code == 0
    assert "no layout is recognised here" in result.out
    assert "[layouts.custom]" in (cli.root / "ghsync.toml").read_text()


def test_a_home_folder_is_no_project(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not walked through; with a .git in it, or --force, it is a folder like any."""
    monkeypatch.setenv("HOME", str(cli.root))
    result = cli("init")
    assert result.code == 2
    assert "no project's folder" in result.err
    assert not (cli.root / "ghsync.toml").exists()
    (cli.root / ".git").mkdir()
    assert cli("init").code == 0


def test_many_folders_of_one_layout_are_counted(cli: Cli) -> None:
    """The first few are named."""
    for number in range(CORPUS_LIKE):
        cli.item(f"p{number:02d}/tasks/a.md", f"Task {number}")
    result = cli("init", "--dry-run")
    assert result.out.count("found folder in ") == 6
    assert "found folder in 7 folders more: 7 items" in result.out


def test_a_broken_file_can_be_replaced(cli: Cli) -> None:
    """What is there is not used, and that is said."""
    cli.shop(1)
    cli.write("ghsync.toml", "limits = [\n")
    result = cli("init", "--force")
    assert result.code == 0
    assert "is not used" in result.err
    assert "found ccpm" in result.out


def test_titles_are_shown_harmless(cli: Cli) -> None:
    """An escape in a title is text."""
    cli.write(f"{EPIC}/epic.md", '---\nname: "\\e[31mred"\nstatus: open\n---\n')
    assert "\x1b" not in cli("init", "--dry-run").out


@pytest.mark.parametrize("root", ["nowhere", "file"])
def test_what_is_no_folder(cli: Cli, root: str) -> None:
    """Is refused with the next step."""
    cli.write("file", "")
    result = cli("init", root)
    assert result.code == 2
    assert Path(root).name in result.err
    assert len(result.err.splitlines()) == 2
