"""The skill file: its commands run, its facts are the code's, and it goes where agents look."""

from __future__ import annotations

import json
import re
import shutil
from importlib.resources import files
from pathlib import Path
from typing import Any

import frontmatter
import pytest
from cli_kit import Cli, Served
from test_cli_docs import commands, options

from ghsync import skill
from ghsync.errors import ExitCode
from ghsync.layouts.catalogue import names

TEXT = skill.text()
EXAMPLE = Path(__file__).resolve().parents[2] / "examples/ccpm-shop"
HOME = Path(".agents/skills/ghsync/SKILL.md")


def blocks(language: str) -> list[str]:
    """The fenced blocks of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)


# ------------------------------------------------------------------------- what it says


def test_it_has_the_head_that_agents_read() -> None:
    """A name like its folder's, and a description that says what for and when, not too long."""
    head = frontmatter.loads(TEXT)
    assert set(head.metadata) == {"name", "description"}
    assert head["name"] == skill.NAME
    assert re.fullmatch(r"[a-z0-9-]{1,64}", head["name"])
    assert "Use when" in head["description"]
    assert len(head["description"]) <= 500
    assert len(TEXT.splitlines()) < 200


def test_its_commands_run_as_they_stand(
    cli: Cli, server: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the first look to the push of the plan that was kept, on an example: each exits with 0
    and prints one document, and in the end every file has its issue.
    """
    shutil.copytree(EXAMPLE, cli.root, dirs_exist_ok=True)
    cli.write("ghsync.toml", 'limits = "none"\n')
    for name, text in server.environment().items():
        monkeypatch.setenv(name, text)
    lines = [line for block in blocks("sh") for line in block.splitlines()]
    assert len(lines) >= 8
    documents: dict[str, dict[str, Any]] = {}
    for line in lines:
        program, *words = line.split()
        assert program == "ghsync"
        result = cli(*words)
        assert result.code == 0, f"{line}: {result.out}{result.err}"
        documents[line] = json.loads(result.out)
    assert len(server.titles) == 12
    status = documents["ghsync status --json"]
    assert {item["state"] for item in status["items"]} == {"in step"}
    plan = documents["ghsync push --dry-run --json --out plan.json"]
    for word in ("totals", "operations", "skipped", "conflicts", "findings", "eta_seconds"):
        assert f"`{word}`" in TEXT or f"`{word}" in TEXT
        assert word in plan
    assert {operation["status"] for operation in plan["operations"]} == {"pending"}


def test_its_file_is_an_item(cli: Cli) -> None:
    """The example file is read as it is meant, without a finding."""
    (example,) = blocks("markdown")
    folder = ".claude/epics/shop"
    cli.write(f"{folder}/epic.md", "---\nname: Shop\nstatus: open\n---\n\nSell.\n")
    cli.write(f"{folder}/001.md", "---\nname: Cart\nstatus: open\n---\n\nText.\n")
    cli.write(f"{folder}/002.md", example)
    document = cli.json("items")
    assert document["findings"] == []
    (item,) = [each for each in document["items"] if each["path"].endswith("002.md")]
    assert item["title"] == "Ask for the address on one page"
    assert item["blocked_by"] == [f"{folder}/001"]
    assert item["labels"] == ["task", "frontend"] or set(item["labels"]) == {"task", "frontend"}
    assert cli("lint", "--strict").code == 0


def test_its_words_for_states_are_known(cli: Cli) -> None:
    """``completed`` and ``cancelled`` close an issue."""
    for number, word in enumerate(re.findall(r"`status: (\w+)`|\(or `(\w+)`\)", TEXT)):
        state = word[0] or word[1]
        cli.write(f".claude/epics/e/{number:03d}.md", f"---\nname: A\nstatus: {state}\n---\n\nB.\n")
    cli.write(".claude/epics/e/epic.md", "---\nname: E\nstatus: open\n---\n\nB.\n")
    states = {item["state"] for item in cli.json("items")["items"]}
    assert states == {"open", "closed"}
    assert cli.json("lint")["findings"] == []


def test_every_command_it_names_exists() -> None:
    """With the options that it gives them."""
    for code in re.findall(r"`(ghsync [^`\n]+)`", TEXT):
        words = code.split()[1:]
        name = " ".join(words[:2]) if " ".join(words[:2]) in commands() else words[0]
        assert name in commands(), code
        for option in re.findall(r"(?<![\w-])--[a-z][a-z-]+", code):
            assert option in options(commands()[name]), code
    known = set().union(*(options(command) for command in commands().values()))
    for option in re.findall(r"`(--[a-z][a-z-]+)", TEXT):
        assert option in known, option


def test_every_exit_code_is_there_once() -> None:
    """Each with what to do next."""
    rows = re.findall(r"^\| (\d+) \| [^|]+ \| [^|]+ \|$", TEXT, re.MULTILINE)
    assert [int(row) for row in rows] == sorted(code.value for code in ExitCode)


def test_every_layout_it_names_exists() -> None:
    """By the word that ``--layout`` takes."""
    found = re.findall(r"^\| `([a-z-]+)` \|", TEXT, re.MULTILINE)
    assert found
    assert set(found) <= set(names())


def test_what_needs_a_persons_word_is_named() -> None:
    """Whatever discards, overrides or widens is among the things to be told first."""
    (rule,) = re.findall(r"^4\. (.*?)^5\.", TEXT, re.MULTILINE | re.DOTALL)
    for word in ("--yes", "--prune", "--allow-changes", "--on-conflict", "--force", "undo"):
        assert word in rule


def test_it_is_in_the_package() -> None:
    """An installed ghsync can write it: the text is a resource beside its module."""
    assert files("ghsync.skill").joinpath("SKILL.md").is_file()


# --------------------------------------------------------------------- where it is put


@pytest.mark.parametrize(
    ("sign", "folder"),
    [
        (".claude/settings.json", ".claude/skills"),
        ("CLAUDE.md", ".claude/skills"),
        (".cursor/rules/a.mdc", ".cursor/skills"),
        (".github/copilot-instructions.md", ".github/skills"),
        (".codex/config.toml", ".agents/skills"),
        ("AGENTS.md", ".agents/skills"),
        ("README.md", ".agents/skills"),
    ],
)
def test_it_goes_where_the_agent_looks(cli: Cli, sign: str, folder: str) -> None:
    """By what the agents in use have left in the folder; else into the folder that most read."""
    cli.write(sign, "x")
    result = cli("init", "--skill")
    assert result.code == 0
    assert result.out == f"written {folder}/ghsync/SKILL.md\n"
    assert (cli.root / folder / "ghsync/SKILL.md").read_text() == TEXT
    assert not (cli.root / "ghsync.toml").exists()


def test_each_agent_gets_one(cli: Cli) -> None:
    """And a second call has nothing to do."""
    cli.write("CLAUDE.md", "x")
    cli.write("AGENTS.md", "x")
    assert cli("init", "--skill").out.count("written ") == 2
    assert cli("init", "--skill").out.count(" is up to date") == 2


def test_an_edited_one_is_its_owners(cli: Cli) -> None:
    """It is left alone and named; --force replaces it."""
    cli("init", "--skill")
    (cli.root / HOME).write_text(TEXT.replace("## Rules", "## Our rules"))
    result = cli("init", "--skill")
    assert "was edited here" in result.out
    assert "Our rules" in (cli.root / HOME).read_text()
    assert "updated" in cli("init", "--skill", "--force").out
    assert (cli.root / HOME).read_text() == TEXT


def test_one_that_is_no_text_is_replaced_by_force(cli: Cli) -> None:
    """Left alone without it, as any that was edited."""
    (cli.root / HOME).parent.mkdir(parents=True)
    (cli.root / HOME).write_bytes(b"\xff\xfe")
    assert "was edited here" in cli("init", "--skill").out
    assert "updated" in cli("init", "--skill", "--force").out
    assert (cli.root / HOME).read_text() == TEXT


def test_one_of_an_older_ghsync_is_renewed(cli: Cli) -> None:
    """Its signature tells that nobody has touched it."""
    with pytest.MonkeyPatch.context() as older:
        older.setattr(skill, "__version__", "0.0.9")
        cli("init", "--skill")
    assert cli("init", "--skill").out == f"updated {HOME}\n"


def test_a_look_writes_nothing(cli: Cli) -> None:
    """--dry-run names the place, --print gives the text."""
    assert cli("init", "--skill", "-n").out == f"would write {HOME}\n"
    assert cli("init", "--skill", "--print").out == TEXT
    assert list(cli.root.iterdir()) == []
    cli("init", "--skill")
    assert cli("init", "--skill", "-n").out == f"{HOME} is up to date\n"
    (cli.root / HOME).write_text("mine")
    assert "was edited here" in cli("init", "--skill", "-n").out
    assert cli("init", "--skill", "-n", "--force").out == f"would write {HOME}\n"
    assert (cli.root / HOME).read_text() == "mine"


def test_a_link_out_of_the_folder_is_not_followed(cli: Cli, tmp_path_factory: Any) -> None:
    """Somebody else's folder is no place to write to."""
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (cli.root / ".agents").symlink_to(elsewhere)
    result = cli("init", "--skill")
    assert result.code == 2
    assert "leads out of the folder" in result.err
    assert list(elsewhere.iterdir()) == []


def test_a_link_to_itself_is_said(cli: Cli) -> None:
    """No folder to write to, and no traceback."""
    (cli.root / ".agents").symlink_to(".agents")
    result = cli("init", "--skill")
    assert result.code == 2
    assert "cannot be written: Too many levels of symbolic links" in result.err


def test_linked_folders_are_written_once(cli: Cli) -> None:
    """Some keep one folder of skills, and links to it for the other agents."""
    cli.write("AGENTS.md", "x")
    (cli.root / ".agents/skills").mkdir(parents=True)
    (cli.root / ".claude").mkdir()
    (cli.root / ".claude/skills").symlink_to("../.agents/skills")
    assert len(cli("init", "--skill").out.splitlines()) == 1


def test_it_is_no_item(cli: Cli) -> None:
    """Nor is it listed among the files that are none for a reason."""
    cli.shop(1)
    cli("init", "--skill")
    paths = [item["path"] for item in cli.json("items")["items"]]
    assert not [path for path in paths if "skills" in path]
