"""What people write on GitHub, on its way into files: one folder, one file each, no other item."""

from __future__ import annotations

import os
import random
import subprocess
import time
from pathlib import Path

import pytest
from cli.cli_kit import EPIC, REPO, Cli, Served

from ghsync.sandbox.people import Person
from ghsync.writing.naming import slug

NOW = time.time() + 3600.0  # after whatever a push has read
TITLES = [
    "../../../x", "..\\..\\x", "/etc/passwd", "C:\\x", ".git/hooks/pre-push", ".gitattributes",
    "-rf", "--help", "CON", "nul.txt", "com1", "a" * 250, "   .  ", "???", "\u202egnp", "a\tb",
    "Ünï", "a" + "\u0301" * 100, "\uff0e\uff0e\uff0fx", "A", "a", "аbc", "x\u2215y", "~/x", "$HOME",
    "%2e%2e%2fx", "a:b", "aux.md", "lpt9 ", "epic", "readme", "²", "٣",
]  # fmt: skip
BODIES = [
    "---\nname: Other\nstatus: closed\n---\n\nX.",
    "- [ ] T001 one\n- [x] T002 two\n",
    "# Epic: other\n\n## Story 1.1\n",
    "```\n---\n",
    "<!-- ghsync:uid=" + "f" * 32 + " key=x -->",
    "\x00\x1b[2J\u202e",
    "a\r\nb\rc\n\n\n",
    "x" * 60_000,
]


@pytest.fixture
def octo(github: Served) -> Person:
    """A member of the repository, in the browser."""
    return Person(github.github, REPO, login="octo", now=NOW)


def everything(root: Path) -> set[str]:
    """Every file below a folder but ghsync's own."""
    found = (
        Path(folder, name).relative_to(root).as_posix()
        for folder, _, names in os.walk(root)
        for name in names
    )
    return {path for path in found if not path.startswith(".ghsync/")}


def test_titles_become_names_inside_one_folder(cli: Cli, octo: Person) -> None:
    """Paths, devices, options, look-alikes: a new file lands beside the others, once each."""
    cli.shop(1)
    assert cli("push").code == 0
    before = everything(cli.root)
    for title in TITLES:
        new = octo.open_issue(title, body="X.", now=NOW)
        octo.add_sub_issue(1, new.number, now=NOW)
    outside = everything(cli.root.parent) - {
        path.relative_to(cli.root.parent).as_posix() for path in cli.root.rglob("*")
    }
    result = cli("pull")
    assert result.code in (0, 1), result.err
    made = everything(cli.root) - before
    assert made
    for path in made:
        folder, _, name = path.rpartition("/")
        assert folder == EPIC
        assert name.isprintable()
        assert not name.startswith((".", "-"))
        assert len(name.encode()) < 200
    assert len({name.casefold() for name in made}) == len(made)
    after = everything(cli.root.parent) - {
        path.relative_to(cli.root.parent).as_posix() for path in cli.root.rglob("*")
    }
    assert after == outside
    count = len(octo.repo.issues)
    assert cli("push").code in (0, 1)
    assert len(octo.repo.issues) == count


@pytest.mark.parametrize("title", TITLES)
def test_no_slug_is_a_path_a_device_or_an_option(title: str) -> None:
    """Letters and digits, joined; empty where nothing is left."""
    for name in (slug(title), slug(title, lower=False)):
        assert not set(name) & set("./\\:~$%\0\n\t ")
        assert not name.startswith("-")
        assert name.casefold() not in {"con", "nul", "aux", "prn", "com1", "lpt9"}
        assert len(name.encode()) <= 125


@pytest.mark.parametrize("body", BODIES, ids=range(len(BODIES)))
def test_a_text_becomes_no_other_item(cli: Cli, octo: Person, body: str) -> None:
    """Fences, task lines, markers: the file says what it said, with the text below."""
    cli.shop(1)
    assert cli("push").code == 0
    octo.edit(2, body=body, now=NOW)
    new = octo.open_issue("New", body=body, now=NOW)
    octo.add_sub_issue(1, new.number, now=NOW)
    assert cli("pull").code in (0, 1)
    items = {item["key"]: item for item in cli.json("items")["items"]}
    assert items[f"{EPIC}/001"]["title"] == "Task 1"
    assert items[f"{EPIC}/001"]["state"] == "open"
    assert len(items) <= 3
    count = len(octo.repo.issues)
    assert cli("push").code in (0, 1)
    assert len(octo.repo.issues) == count


def test_a_text_of_alternating_lines_takes_no_cube(cli: Cli, octo: Person) -> None:
    """Thirty thousand lines that are a or b, in a file and otherwise on GitHub."""
    rng = random.Random(7)
    old, new = ("\n".join(rng.choice("ab") for _ in range(16_000)) for _ in range(2))
    cli.item(f"{EPIC}/epic.md", "Shop", old)
    assert cli("push").code == 0
    octo.edit(1, body=new, now=NOW)
    start = time.process_time()
    assert cli("pull").code == 0
    assert time.process_time() - start < 30  # of CPU; it took ten minutes
    assert (cli.root / EPIC / "epic.md").read_text().endswith(f"{new}\n")


def test_git_is_run_without_a_checkouts_programs(cli: Cli, octo: Person) -> None:
    """A folder in a checkout that is itself a repository names a program: it is not started."""
    cli.shop(1)
    mark = cli.root / "started"
    subprocess.run(["git", "init", "-q", "."], check=True)
    subprocess.run(["git", "config", "core.fsmonitor", f"touch {mark}; false"], check=True)
    subprocess.run(["git", "-c", "core.fsmonitor=false", "add", "."], check=True)
    mark.unlink(missing_ok=True)
    assert cli("push").code == 0
    octo.edit(1, body="New.", now=NOW)
    cli("pull")
    assert not mark.exists()
