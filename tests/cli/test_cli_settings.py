"""Where settings come from, end to end: option, environment, file, git remote, default."""

from __future__ import annotations

import pytest
from cli_kit import REPO, Cli


def git_remote(cli: Cli, url: str) -> None:
    """Make the folder a checkout with this ``origin``."""
    cli.write(".git/HEAD", "ref: refs/heads/main\n")
    cli.write(".git/config", f'[remote "origin"]\n\turl = {url}\n')


def repo_of(cli: Cli, *arguments: str) -> str | None:
    """The repository that a dry run is about."""
    repo: str | None = cli.json("push", "--dry-run", *arguments)["repo"]
    return repo


def test_the_first_of_option_environment_file_and_remote_wins(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each is asked only where those before it say nothing."""
    cli.shop()
    assert repo_of(cli) is None
    git_remote(cli, "git@github.com:from/remote.git")
    assert repo_of(cli) == "from/remote"
    cli.write("ghsync.toml", 'repo = "from/file"\n')
    assert repo_of(cli) == "from/file"
    monkeypatch.setenv("GITHUB_REPOSITORY", "from/environment")
    assert repo_of(cli) == "from/environment"
    assert repo_of(cli, "--repo", "from/option") == "from/option"


def test_pyproject_holds_settings_too(cli: Cli) -> None:
    """``[tool.ghsync]`` is as good as ghsync.toml."""
    cli.shop()
    cli.write("pyproject.toml", '[tool.ghsync]\nrepo = "from/pyproject"\n')
    assert repo_of(cli) == "from/pyproject"


def test_the_sandbox_uses_the_named_repository(cli: Cli) -> None:
    """Without a name it is sandbox/demo; nothing else about a push changes."""
    cli.shop()
    assert cli.json("push", "--sandbox", "--dry-run")["repo"] == "sandbox/demo"
    assert cli.json("push", "--sandbox", "--dry-run", "--repo", REPO)["repo"] == REPO


def test_root_is_the_current_folder_or_the_named_one(cli: Cli) -> None:
    """State and settings belong to ROOT, wherever the command is typed."""
    cli.shop()
    cli.write("sub/.claude/prds/one.md", "---\nname: One\n---\n")
    assert cli.json("items", "sub")["items"][0]["path"] == ".claude/prds/one.md"
    cli("push", "--sandbox", "sub")
    assert (cli.root / "sub/.ghsync/map.json").exists()
    assert not (cli.root / ".ghsync").exists()


def test_ghsync_ignores_all_but_the_map(cli: Cli) -> None:
    """The folder's own .gitignore leaves the map to be committed, one item a line."""
    cli.shop()
    cli("push", "--sandbox")
    lines = (cli.root / ".ghsync/.gitignore").read_text().splitlines()
    assert [line for line in lines if not line.startswith("#")] == ["*", "!.gitignore", "!map.json"]
    before = (cli.root / ".ghsync/map.json").read_text()
    assert sum('"number"' in line for line in before.splitlines()) == 3
    cli("push", "--sandbox")
    assert (cli.root / ".ghsync/map.json").read_text() == before, "a second push changes no byte"


def test_sandbox_reset_removes_the_rehearsal(cli: Cli) -> None:
    """After it the map is gone and the first push starts at #1; a second reset says so."""
    cli.shop()
    cli("push", "--sandbox")
    assert "removed" in cli("sandbox", "reset").err
    assert not (cli.root / ".ghsync/map.json").exists()
    assert cli("sandbox", "reset").err == "ghsync: there is no sandbox here\n"
    assert cli.json("push", "--sandbox")["totals"]["create"] == 3


def test_init_writes_a_file_that_means_the_defaults(cli: Cli) -> None:
    """``init`` names what was found, writes a file that can be read, and says what is next."""
    cli.shop()
    result = cli("init")
    assert result.out.splitlines()[1].startswith("found ccpm in .claude: 3 items")
    assert "next: ghsync items\n" in result.out
    assert cli("items").code == 0
    assert cli("init").code == 2
    assert cli("init", "--force").code == 0
    assert cli("init", "--print").out == (cli.root / "ghsync.toml").read_text()
    assert "ghsync items sub" in cli("init", (cli.root / "sub").mkdir() or "sub").out


def test_map_forget_makes_a_new_issue(cli: Cli) -> None:
    """A forgotten item gets a new issue; the old one stays as it is."""
    cli.shop(1)
    cli("push", "--sandbox")
    assert "#2 is forgotten" in cli("map", "forget", ".claude/epics/shop/001").out
    assert cli.json("push", "--sandbox")["totals"]["create"] == 1


def test_bare_commands_show_help(cli: Cli) -> None:
    """A bare ``ghsync``, ``map`` and ``sandbox`` show what there is."""
    for command in ([], ["map"], ["sandbox"], ["--help"], ["push", "-h"]):
        result = cli(*command)
        assert result.code == 0
        assert result.out.startswith("Usage: ghsync")
    assert cli("--version").out.startswith("ghsync, version ")
