"""The texts that bases name by their digests: which are needed, where they are, which are kept.

Kept in the store by the run that pushed them. Where they are not (a fresh clone, CI), an earlier
version of the file in git's history is as good, if its digest says that it is the one.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from ghsync import render
from ghsync.checkout import Checkout
from ghsync.errors import GhsyncError
from ghsync.journal import SyncMap
from ghsync.layouts.base import LoadOptions
from ghsync.loader import load_texts
from ghsync.model import IssueNumber, Item, Key, Loaded, Plan, Snapshot, UpdateIssue
from ghsync.operations import sets_body
from ghsync.plan import Planned
from ghsync.store import Store
from ghsync.threeway import Local, Texts

VERSIONS = 30
"""How many earlier versions of a file are looked at."""
FILES = 20
"""For how many files a run asks git: each version is a process of its own."""

Find = Callable[[Local, str], str | None]
"""An item, and the digest that a text of it must have."""
Localise = Callable[[Iterable[Item]], Mapping[Key, Local]]
"""Items in the form in which they are compared."""


def look_up(
    planned: Planned, store: Store, have: Texts, find: Find
) -> tuple[dict[str, str], str | None]:
    """Find the texts that merges set out from, beside those at hand; and a notice.

    Also of bodies that only the file changed: a person may change one before its turn comes.
    ``find`` is asked only for what both sides changed, and that is not in the store.
    """
    since = {key: each.since for key, each in planned.merges.items() if each.since is not None}
    wanted = {key: name for key, name in since.items() if name not in have}
    if not wanted:
        return {}, None
    found, notice = store.bodies(set(wanted.values()))
    lost = [key for key in wanted if planned.merges[key].lost and wanted[key] not in found]
    for key in lost[:FILES]:
        text = find(planned.locals[key], wanted[key])
        if text is not None:
            found[wanted[key]] = text
    return found, notice


def unread(planned: Planned, snapshot: Snapshot) -> set[IssueNumber]:
    """Issues whose text a plan replaces or shows, and of which only the digest is known.

    Also those that have no room for what it adds, as far as is known without reading them.
    """
    plan = planned.plan
    numbers = {conflict.number for conflict in plan.conflicts if conflict.field == "body"}
    numbers |= {
        op.number for op in plan.operations if isinstance(op, UpdateIssue) and sets_body(op)
    }
    return {n for n in numbers | planned.doubtful if snapshot.issues[n].digest is not None}


def with_gone(loaded: Loaded, smap: SyncMap, store: Store, have: Texts) -> Texts:
    """Add the texts of items whose files are gone: a file that is new may be one of them."""
    here = {item.key for item in loaded.items}
    bases = [entry.base for key, entry in smap.entries.items() if key not in here]
    wanted = {base.body for base in bases if base is not None} - have.keys()
    if not wanted or here <= smap.entries.keys():
        return have
    return {**have, **store.bodies(wanted)[0]}


def agreed(planned: Planned, *, every: bool) -> dict[str, str]:
    """The bodies, by digest, that bases name when this plan is carried out: the files' own.

    Of the items that this plan is about; of ``every`` one, where none is kept yet (a clone).
    """
    left = {conflict.key for conflict in planned.plan.conflicts}
    left |= {skip.key for skip in planned.plan.skipped}
    about = {getattr(op, "key", None) for op in planned.plan.operations}
    about |= {entry.key for entry in planned.learned}
    local = (
        each for key, each in planned.locals.items() if key not in left and (every or key in about)
    )
    return {each.base.body: each.body for each in local}


def written(plan: Plan) -> dict[str, str]:
    """The bodies, by digest, that a plan writes into issues."""
    texts = (
        str(change.new)
        for op in plan.operations
        if isinstance(op, UpdateIssue)
        for change in op.changes
        if change.field == "body"
    )
    return {render.digest(text): text for text in texts}


# ------------------------------------------------------------------------------ git


def in_history(root: Path, options: LoadOptions, localise: Localise) -> Find:
    """Look for a body among the earlier versions of its file, as git has them."""

    def find(local: Local, wanted: str) -> str | None:
        path = local.item.path
        for text in _versions(Checkout(root, os.environ), path):
            try:
                items = load_texts({path: text}, options).items
            except GhsyncError:  # an old version need not be one of this layout
                continue
            earlier = localise(item for item in items if item.key == local.item.key)
            was = earlier.get(local.item.key)
            if was is not None and was.base.body == wanted:
                return was.body
        return None

    return find


def _versions(checkout: Checkout, path: str) -> Iterator[str]:
    """Earlier texts of a file, the newest first; none without git or outside a repository."""
    shown = ("--format=%x00%H", "--name-only", "-z", "--no-show-signature", "--no-ext-diff")
    listed = checkout.run("log", "--follow", f"-n{VERSIONS}", *shown, "--", path)
    for commit, name in _commits(listed or b""):
        data = checkout.run("cat-file", "blob", f"{commit}:{name}")
        try:
            text = data.decode("utf-8-sig") if data is not None else None
        except UnicodeDecodeError:
            continue
        if text is not None:
            yield text


def _commits(listed: bytes) -> Iterator[tuple[str, str]]:
    """Each commit with the name that the file had in it, from the top of the repository."""
    words = [word.strip(b"\n") for word in listed.split(b"\0")]
    commit = ""
    for word in words:
        if len(word) in (40, 64) and not word.strip(b"0123456789abcdef"):
            commit = word.decode()
        elif word and commit:
            yield commit, word.decode("utf-8", "surrogateescape")
