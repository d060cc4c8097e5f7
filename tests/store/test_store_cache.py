"""The snapshot cache comes back whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest
from store_disk import MemoryDisk

from ghsync.model import Issue, IssueId, IssueNumber, Key, RepoId, Uid
from ghsync.model import State as IssueState
from ghsync.render import digest
from ghsync.store import Cache, Store

REPO = RepoId(7)
URL = "https://api.github.com"
FULL = Issue(
    number=IssueNumber(2),
    id=IssueId(9_000_000_000),
    title="Log in — with\u2028a key\n",
    body="the text\n\nof an issue",
    state=IssueState.CLOSED,
    state_reason="not_planned",
    labels=("task", "später"),
    assignees=("octocat",),
    milestone="1.0",
    parent=IssueNumber(1),
    children_total=4,
    blocked_by_total=3,
    uid=Uid("f" * 32),
    marker_key=Key("epics/caf\udce9"),
    locked=True,
    updated_at="2026-07-01T00:00:00Z",
    html_url="https://github.com/octo/plans/issues/2",
)
PLAIN = Issue(
    number=IssueNumber(1),
    id=IssueId(5),
    title="",
    body="",
    digest="0123456789abcdef",
    state=IssueState.OPEN,
)
CACHE = Cache(
    repo_id=REPO,
    api_url=URL,
    cursor="2026-07-02T10:00:00Z",
    whole="2026-11-20T00:00:00Z",
    issues={FULL.number: FULL, PLAIN.number: PLAIN},
)


def stored(root: Path) -> tuple[Store, Path]:
    store = Store.open(root)
    with store.locked(since=0.0):
        assert store.save_cache(CACHE) is None
    return store, root / ".ghsync" / "cache.jsonl"


def test_a_cache_comes_back_with_digests_for_texts(tmp_path: Path) -> None:
    """Every field but the body, in whose place its digest stands."""
    store, _ = stored(tmp_path)
    cache = store.load_cache(repo_id=REPO, api_url=URL)
    assert cache is not None
    assert (cache.cursor, list(cache.issues)) == ("2026-07-02T10:00:00Z", [1, 2])
    full = cache.issues[IssueNumber(2)]
    assert (full.body, full.digest) == ("", digest(FULL.body))
    assert cache.issues[IssueNumber(1)] == PLAIN
    names = [name for name in Issue.__slots__ if name not in ("body", "digest")]
    assert [getattr(full, name) for name in names] == [getattr(FULL, name) for name in names]
    store.save_cache(cache)
    assert store.load_cache(repo_id=REPO, api_url=URL) == cache


def test_a_foreign_cache_is_ignored(tmp_path: Path) -> None:
    """Another repository's, or another server's."""
    store, _ = stored(tmp_path)
    assert store.load_cache(repo_id=RepoId(8), api_url=URL) is None
    assert store.load_cache(repo_id=REPO, api_url="https://ghes.example/api/v3") is None


def test_a_damaged_cache_is_ignored(tmp_path: Path) -> None:
    """Cut off anywhere, a flipped byte, rubble: read as if there were none, without an error."""
    store, path = stored(tmp_path)
    data = path.read_bytes()
    damaged = [data[:end] for end in range(len(data))]
    damaged += [data.replace(b"Log in", b"Log on"), b"\0" * 100, b"[" * 100_000, b"[]\n", data * 2]
    for rubble in damaged:
        path.write_bytes(rubble)
        assert store.load_cache(repo_id=REPO, api_url=URL) is None
    path.unlink()
    path.mkdir()
    assert store.load_cache(repo_id=REPO, api_url=URL) is None


def test_an_empty_cache_is_a_cache(tmp_path: Path) -> None:
    """A repository without issues was read, too."""
    store = Store.open(tmp_path)
    empty = Cache(repo_id=REPO, api_url=URL, cursor="x", whole="x", issues={})
    with store.locked(since=0.0):
        store.save_cache(empty)
    assert store.load_cache(repo_id=REPO, api_url=URL) == empty


def test_a_look_leaves_no_folder_behind(tmp_path: Path) -> None:
    """Without ``.ghsync`` there is no place for a cache, and that is fine."""
    assert Store.open(tmp_path).save_cache(CACHE) is None
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("read_only", [True, False])
def test_a_disk_that_takes_no_cache_gives_a_notice(read_only: bool) -> None:
    """The run goes on; the next one reads everything again."""
    root = Path("project")
    disk = MemoryDisk(folders={root, root / ".ghsync"}, read_only=read_only, fail_at=2)
    store = Store.open(root, files=disk)
    notice = store.save_cache(CACHE)
    assert notice is not None
    assert "cache.jsonl was not written" in notice
    assert store.load_cache(repo_id=REPO, api_url=URL) is None
