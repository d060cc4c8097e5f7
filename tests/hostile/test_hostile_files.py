"""A checkout that somebody else filled: pipes, links, devices, giants, odd names."""

from __future__ import annotations

import json
import os
import socket
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from cli.cli_kit import EPIC, Cli

from ghsync.store import head_commit

MARKS = ("\x1b", "\u202e", "\x9b", "\x07")


def fifo(path: Path) -> None:
    """A pipe that nobody ever writes to: whoever opens it in the plain way waits for ever."""
    path.parent.mkdir(parents=True, exist_ok=True)
    os.mkfifo(path)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("ghsync.toml", 2),
        ("pyproject.toml", 2),
        (".ghsync/map.json", 5),
        (".ghsync/journal.jsonl", 5),
        (".ghsync/.gitignore", 5),
        (".ghsync/cache.jsonl", 0),
        (".ghsync/bodies.jsonl", 0),
        (".ghsync/written.json", 0),
        (".ghsync/control.json", 0),
        (".ghsync/lock.json", 0),
        (".ghsync/lock", 0),
        (".ghsync/runs", 0),
        (".ghsync/sandbox", 5),
        (".ghsync/sandbox/state.sqlite3", 5),
        (".git", 0),
        (".git/HEAD", 0),
        (f"{EPIC}/002.md", 1),
    ],
)
def test_a_pipe_under_any_name_that_is_read_ends_in_an_answer(
    cli: Cli, name: str, code: int
) -> None:
    """No command waits for a pipe: it is refused, or done without."""
    cli.shop(1)
    fifo(cli.root / name)
    result = cli("push", "--sandbox")
    assert result.code == code, result.err
    if code:
        said = result.out + result.err
        assert "egular file" in said or "cannot be made" in said or "disk I/O" in said


def test_a_pipe_among_the_records_of_other_tools_is_a_wrong_record(cli: Cli) -> None:
    """`map import` reads no pipe that has the name of a tool's file."""
    cli.shop(1)
    fifo(cli.root / EPIC / "github-mapping.md")
    result = cli("map", "import", "--sandbox", "--dry-run")
    assert result.code == 1
    assert "not a regular file" in result.out


def test_a_made_up_checkout_with_pipes_is_no_checkout(cli: Cli) -> None:
    """`.git/config`, `.git/HEAD` and what they name are read as little as any other pipe."""
    cli.shop(1)
    (cli.root / ".git").mkdir()
    (cli.root / ".git/HEAD").write_text("ref: refs/heads/main\n")
    fifo(cli.root / ".git/config")
    fifo(cli.root / ".git/refs/heads/main")
    assert cli("push", "--sandbox").code == 0


def test_a_made_up_head_publishes_no_file_of_the_machine(tmp_path: Path) -> None:
    """A commit can stand in a closing comment: what is no commit's name is none."""
    secret = tmp_path / "secret"
    secret.write_text("a private key\n")
    git = tmp_path / "plans/.git"
    git.mkdir(parents=True)
    for head in ("ref: ../../secret\n", f"ref: {secret}\n", "a private key\n"):
        (git / "HEAD").write_text(head)
        assert head_commit(tmp_path / "plans") is None


def test_devices_and_sockets_are_findings(cli: Cli) -> None:
    """A link to a device and a socket with an item's name are no items, and nothing waits."""
    cli.shop(1)
    (cli.root / EPIC / "002.md").symlink_to("/dev/zero")
    (cli.root / EPIC / "003.md").symlink_to("/dev/tty")
    with socket.socket(socket.AF_UNIX) as unix:
        here = Path.cwd()
        os.chdir(cli.root / EPIC)  # a socket's path is short
        try:
            unix.bind("004.md")
        finally:
            os.chdir(here)
        document = cli.json("items")
    assert len(document["items"]) == 2 + 1
    reasons = {each["path"]: each["reason"] for each in document["not_items"]}
    assert reasons[f"{EPIC}/002.md"] == "a link out of the root"
    codes = {each["path"]: each["code"] for each in document["findings"]}
    assert codes[f"{EPIC}/004.md"] == "unreadable"


# --------------------------------------------------------------------------------- links


@pytest.mark.parametrize("what", ["file", "folder", "loop", "nowhere"])
def test_no_link_out_of_the_root_is_read(cli: Cli, tmp_path_factory: pytest.TempPathFactory,
                                         what: str) -> None:  # fmt: skip
    """Files and folders that lie elsewhere are no items, and their texts are sent to nobody."""
    outside = tmp_path_factory.mktemp("outside")
    (outside / "900.md").write_text("---\nname: Secret\nstatus: open\n---\n\nKey.\n")
    cli.shop(1)
    place = cli.root / EPIC
    match what:
        case "file":
            (place / "900.md").symlink_to(outside / "900.md")
        case "folder":
            (place / "more").symlink_to(outside)
            (cli.root / ".claude/epics/other").symlink_to(outside)
        case "loop":
            (place / "loop").symlink_to(cli.root)
            (place / "900.md").symlink_to("900.md")
        case _:
            (place / "900.md").symlink_to(outside / "not-there.md")
    result = cli("push", "--sandbox", "--dry-run", "--json")
    assert "Secret" not in result.out
    assert len(result.document["operations"]) == 2 + 2


@pytest.mark.parametrize("link", [".ghsync", ".ghsync/runs", ".ghsync/sandbox"])
def test_no_state_is_written_through_a_link(
    cli: Cli, tmp_path_factory: pytest.TempPathFactory, link: str
) -> None:
    """`.ghsync` and its folders may be links in a checkout: nothing is made or removed behind."""
    outside = tmp_path_factory.mktemp("outside")
    kept = {f"{n:03d}.jsonl" for n in range(150)}
    for name in kept:
        (outside / name).write_text("{}\n")
    cli.shop(1)
    (cli.root / link).parent.mkdir(exist_ok=True)
    (cli.root / link).symlink_to(outside)
    result = cli("push", "--sandbox")
    assert result.code == 5
    assert "symbolic link" in result.err
    assert {path.name for path in outside.iterdir()} == kept


@pytest.mark.parametrize(
    "name", ["map.json", "journal.jsonl", "lock", "sandbox/state.sqlite3", "cache.jsonl",
             "bodies.jsonl", "written.json", "lock.json", "control.json"]
)  # fmt: skip
def test_no_state_file_is_a_link_to_another(
    cli: Cli, tmp_path_factory: pytest.TempPathFactory, name: str
) -> None:
    """What a link in `.ghsync` leads to keeps its bytes: refused, or the link is replaced."""
    target = tmp_path_factory.mktemp("outside") / "precious"
    target.write_bytes(b"precious\n")
    cli.shop(1)
    link = cli.root / ".ghsync" / name
    link.parent.mkdir(parents=True)
    link.symlink_to(target)
    result = cli("push", "--sandbox")
    assert result.code in (0, 5), result.err
    assert target.read_bytes() == b"precious\n"


def test_a_pull_writes_through_no_link(cli: Cli, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A folder that became a link after the push: the file behind it keeps its bytes."""
    outside = tmp_path_factory.mktemp("outside")
    cli.shop(1)
    assert cli("push", "--sandbox").code == 0
    (cli.root / EPIC).rename(outside / "shop")
    (cli.root / EPIC).symlink_to(outside / "shop")
    before = {path: path.read_bytes() for path in (outside / "shop").iterdir()}
    cli("pull", "--sandbox")
    assert {path: path.read_bytes() for path in (outside / "shop").iterdir()} == before


# -------------------------------------------------------------------------------- giants


def test_a_giant_is_refused_without_being_read(cli: Cli) -> None:
    """100 MB under an item's name: an error finding, from the size alone."""
    cli.shop(1)
    with (cli.root / EPIC / "002.md").open("wb") as file:
        file.truncate(100_000_000)
    document = cli.json("lint")
    (finding,) = [each for each in document["findings"] if each["severity"] == "error"]
    assert finding["code"] == "unreadable"
    assert "100,000,000 bytes" in finding["message"]


@pytest.mark.parametrize(("name", "code"), [("ghsync.toml", 2), (".ghsync/map.json", 5)])
def test_a_giant_config_or_map_is_refused(cli: Cli, name: str, code: int) -> None:
    """Larger than any real one: an error that says so, never an empty one."""
    cli.shop(1)
    path = cli.root / name
    path.parent.mkdir(exist_ok=True)
    with path.open("wb") as file:
        file.truncate(2_000_000_000)
    result = cli("push", "--sandbox")
    assert result.code == code
    assert "Over" in result.err


def test_deep_folders_are_walked_without_recursion(cli: Cli) -> None:
    """Folders a thousand deep: an answer, whatever of them can be reached."""
    cli.shop(1)
    with deep_folders(cli.root / EPIC, 1200):
        for command in (["lint"], ["items"], ["push", "-n", "--sandbox"], ["init", "--print"]):
            result = cli(*command)
            assert result.code in (0, 1), result.err


@contextmanager
def deep_folders(top: Path, depth: int) -> Iterator[None]:
    """Folders in folders, with an item in the innermost; taken away as they came, one by one."""
    here = Path.cwd()
    os.chdir(top)
    try:
        for _ in range(depth):
            Path("d").mkdir()
            os.chdir("d")
        Path("001.md").write_text("---\nname: Deep\nstatus: open\n---\n")
        os.chdir(here)
        yield
        os.chdir(top)
        for _ in range(depth):
            os.chdir("d")
        Path("001.md").unlink()
        for _ in range(depth):
            os.chdir("..")
            Path("d").rmdir()
    finally:
        os.chdir(here)


# --------------------------------------------------------------------------------- names


NAMES = [
    "a\nb.md", "a\x1b[2Jb.md", "a\u202eb.md", "::error::x.md", "-rf.md", "a`b.md", "\x01.md",
    "\u202egnp.md", "a|b.md", "#[x.md", "e\u0301.md", "\u00e9.md", "%0A::error::x.md",
]  # fmt: skip


def test_odd_names_reach_no_terminal_raw(cli: Cli) -> None:
    """Newlines, escapes and bidi overrides in names of files: visible, never obeyed."""
    cli.shop(1)
    for name in NAMES:
        cli.write(f"{EPIC}/{name}", "---\nname: Odd\nstatus: open\n---\n\nText.\n")
    odd = Path(os.fsdecode(os.fsencode(cli.root / EPIC) + b"/bad\xff\xfe.md"))
    odd.write_text("---\nname: Bytes\nstatus: open\n---\n")
    for command in (
        ["items"],
        ["items", "-v"],
        ["lint"],
        ["lint", "--format", "github"],
        ["push", "--sandbox", "--dry-run", "-v"],
        ["push", "--sandbox", "-v"],
        ["status", "--sandbox"],
        ["diff", "--sandbox"],
        ["map", "show"],
        ["runs", "show", "last", "-v"],
        ["pull", "--sandbox"],
    ):
        result = cli(*command)
        said = result.out + result.err
        assert result.code in (0, 1), (command, said)
        assert not any(mark in said for mark in MARKS), command
        if "github" not in command:
            assert not [row for row in said.splitlines() if row.lstrip().startswith("::")], command
    for command in (["items"], ["lint"], ["push", "--dry-run", "--sandbox"], ["map", "show"]):
        json.loads(cli(*command, "--json").out)


def test_paths_in_annotations_stay_properties(cli: Cli) -> None:
    """A name that holds `,title=` or a line end moves nothing in a workflow command."""
    cli.shop(1)
    cli.write(f"{EPIC}/x,line=9::y%0A\n::set-output name=a::b.md", "---\nname: [\n---\n")
    result = cli("lint", "--format", "github")
    for row in result.out.splitlines():
        assert row.startswith(("::error file=", "::warning file=", "::notice")), row
        assert row.count("::") == 2, row
    assert stat.S_ISDIR((cli.root / EPIC).stat().st_mode)
