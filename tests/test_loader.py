"""The loader on disk: walking, bytes, links, and what cannot be read."""

from __future__ import annotations

import codecs
import os
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ghsync import loader
from ghsync.errors import NoLayoutError, UsageError
from ghsync.layouts.base import LoadOptions
from ghsync.loader import Detected
from ghsync.model import Key, Kind, Severity, State


def write(root: Path, files: dict[str, str]) -> Path:
    """Write these files below a root."""
    for path, text in files.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    return root


CCPM = {
    ".claude/prds/shop.md": "---\nname: shop\nstatus: active\n---\n\n# PRD: Shop\n",
    ".claude/epics/shop/epic.md": (
        "---\nname: shop\nstatus: backlog\nprd: .claude/prds/shop.md\n---\n\n# Epic: Shop\n"
    ),
    ".claude/epics/shop/001.md": "---\nname: Cart\nstatus: open\ndepends_on: []\n---\nA cart.\n",
    ".claude/epics/shop/002.md": (
        "---\nname: Till\nstatus: closed\ndepends_on: [001]\n---\n\nA till.\n"
    ),
}


def test_loads_a_ccpm_tree(tmp_path: Path) -> None:
    """A PRD, its epic and its tasks become items with parents and blockers."""
    loaded = loader.load(write(tmp_path, CCPM))

    by_key = {item.key: item for item in loaded.items}
    assert {key: item.kind for key, item in by_key.items()} == {
        ".claude/prds/shop": Kind.PRD,
        ".claude/epics/shop/epic": Kind.EPIC,
        ".claude/epics/shop/001": Kind.TASK,
        ".claude/epics/shop/002": Kind.TASK,
    }
    assert by_key[Key(".claude/epics/shop/002")].blocked_by == (".claude/epics/shop/001",)
    assert by_key[Key(".claude/epics/shop/002")].parent == ".claude/epics/shop/epic"
    assert by_key[Key(".claude/epics/shop/epic")].parent == ".claude/prds/shop"
    assert loaded.findings == ()
    assert loaded.layouts == ("ccpm",)


def test_nothing_recognised_is_a_usage_error(tmp_path: Path) -> None:
    """A folder without planning files says what was looked for, and the next step."""
    with pytest.raises(NoLayoutError) as caught:
        loader.load(write(tmp_path, {"README.md": "# Hello\n"}))

    assert "ccpm" in caught.value.message
    assert "ghsync init" in caught.value.hint


def test_a_root_that_is_no_folder_is_a_usage_error(tmp_path: Path) -> None:
    """A file or a missing folder is said plainly."""
    with pytest.raises(UsageError, match="not there"):
        loader.load(tmp_path / "absent")
    with pytest.raises(UsageError, match="not a folder"):
        loader.load(write(tmp_path, {"a.md": "x"}) / "a.md")


def test_every_markdown_file_is_accounted_for(tmp_path: Path) -> None:
    """It is an item, or it is listed with a reason; other files are not mentioned."""
    files = {**CCPM, "README.md": "x", "docs/a.MD": "x", ".claude/rules/b.md": "x", "c.txt": "x"}
    loaded = loader.load(write(tmp_path, files))

    seen = {item.path for item in loaded.items} | {entry.path for entry in loaded.not_items}
    assert seen == set(files) - {"c.txt"}


def test_texts_on_disk_and_in_memory_are_the_same(tmp_path: Path) -> None:
    """The two ways to load agree."""
    assert loader.load(write(tmp_path, CCPM)) == loader.load_texts(CCPM)


@pytest.mark.parametrize(
    "data",
    [
        codecs.BOM_UTF8 + b"---\nname: Cart\nstatus: done\n---\n\nA\nb\n",
        b"---\r\nname: Cart\r\nstatus: done\r\n---\r\n\r\nA\r\nb\r\n",
        b"---\rname: Cart\rstatus: done\r---\r\rA\rb\r",
        b"---\r\nname: Cart\nstatus: done\r---\n\r\nA\rb\n",
        codecs.BOM_UTF16_LE + "---\nname: Cart\nstatus: done\n---\n\nA\nb\n".encode("utf-16-le"),
        codecs.BOM_UTF16_BE + "---\nname: Cart\nstatus: done\n---\n\nA\nb\n".encode("utf-16-be"),
    ],
    ids=["bom", "crlf", "cr", "mixed", "utf16-le", "utf16-be"],
)
def test_bytes_of_every_kind(tmp_path: Path, data: bytes) -> None:
    """Byte order marks, UTF-16 and every line end give the same item."""
    path = write(tmp_path, CCPM) / ".claude/epics/shop/001.md"
    path.write_bytes(data)
    item = next(i for i in loader.load(tmp_path).items if i.path.endswith("001.md"))

    assert (item.title, item.state, item.body) == ("Cart", State.CLOSED, "A\nb")


def test_a_file_that_is_no_utf8_is_refused_and_the_others_go_on(tmp_path: Path) -> None:
    """The finding has the line and the key; the item is still listed."""
    path = write(tmp_path, CCPM) / ".claude/epics/shop/001.md"
    path.write_bytes(b"---\nname: Caf\xe9\nstatus: open\n---\n")
    loaded = loader.load(tmp_path)

    (finding,) = loaded.findings
    assert (finding.code, finding.line, finding.severity) == ("not_utf8", 2, Severity.ERROR)
    assert finding.key == ".claude/epics/shop/001"
    assert len(loaded.items) == 4


def test_a_file_too_large_is_refused(tmp_path: Path) -> None:
    """It is not read at all."""
    write(tmp_path, {**CCPM, ".claude/epics/shop/003.md": "x" * 2000})
    loaded = loader.load(tmp_path, LoadOptions(max_bytes=1000))

    (finding,) = loaded.findings
    assert (finding.code, finding.key) == ("unreadable", ".claude/epics/shop/003")
    assert "2,000 bytes" in finding.message


def test_links_are_listed_and_not_followed(tmp_path: Path) -> None:
    """Out of the root, to a file that is loaded anyway, in a circle, and to nothing."""
    root = write(tmp_path / "root", CCPM)
    outside = write(tmp_path / "outside", {"secret.md": "---\nname: x\nstatus: open\n---\n"})
    shop = root / ".claude/epics/shop"
    (shop / "003.md").symlink_to(outside / "secret.md")
    (shop / "004.md").symlink_to(shop / "001.md")
    (shop / "005.md").symlink_to(shop / "absent.md")
    (root / "all").symlink_to(outside)
    (root / "loop").symlink_to(root)
    loaded = loader.load(root)

    assert {entry.path: entry.reason for entry in loaded.not_items} == {
        ".claude/epics/shop/003.md": "a link out of the root",
        ".claude/epics/shop/004.md": "a link to .claude/epics/shop/001.md",
        "all": "a link out of the root",
        "loop": "a link to .",
    }
    assert [(finding.code, finding.path) for finding in loaded.findings] == [
        ("unreadable", ".claude/epics/shop/005.md")
    ]


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
def test_a_name_that_is_no_utf8_is_an_error(tmp_path: Path) -> None:
    """It cannot be a key, and is said in a form that can be printed."""
    folder = write(tmp_path, CCPM) / ".claude/epics/shop"
    (Path(os.fsdecode(os.fsencode(folder) + b"/00\xff.md"))).write_text("x")
    (finding,) = loader.load(tmp_path).findings

    assert (finding.code, finding.path) == ("path_not_utf8", ".claude/epics/shop/00?.md")


def test_folders_of_tools_and_other_checkouts_are_left_alone(tmp_path: Path) -> None:
    """``node_modules`` and the like are skipped; a worktree inside the root is listed."""
    inner = {f"{folder}/{p}": t for folder in ("node_modules/a", "wt") for p, t in CCPM.items()}
    write(tmp_path, {**CCPM, **inner, "wt/.git": "gitdir: elsewhere\n", ".git/HEAD": "x"})
    loaded = loader.load(tmp_path)

    assert len(loaded.items) == len(CCPM)
    assert [entry.path for entry in loaded.not_items] == ["wt"]


def test_detect_names_layouts_bases_and_counts(tmp_path: Path) -> None:
    """What ``ghsync init`` shows; nothing where nothing is recognised."""
    write(tmp_path, {**CCPM, "specs/001-a/tasks.md": "- [ ] T001 A\n"})

    assert loader.detect(tmp_path) == (
        Detected(layout="ccpm", base=".claude", items=4),
        Detected(layout="spec-kit", base="specs", items=2),
    )
    assert loader.detect(write(tmp_path / "empty", {"README.md": "x"})) == ()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.binary(max_size=400))
def test_any_bytes_in_a_file_are_an_item_or_a_finding(tmp_path: Path, data: bytes) -> None:
    """The loader never raises over what a file holds."""
    path = write(tmp_path, CCPM) / ".claude/epics/shop/001.md"
    path.write_bytes(b"---\n" + data)
    loaded = loader.load(tmp_path)

    assert path.relative_to(tmp_path).as_posix() in {item.path for item in loaded.items}
