"""The doctor's look at the checkout: is the map shared, and is nothing else."""

from __future__ import annotations

import shlex
from collections.abc import Mapping

from ghsync.checkout import Checkout
from ghsync.config import Config
from ghsync.model import Check, Loaded

_MAP = ".ghsync/map.json"
_SHARED = {".ghsync/.gitignore", _MAP}


def check(config: Config, loaded: Loaded | None, env: Mapping[str, str]) -> Check:
    """One row: what git makes of the map and of the items' files."""
    git = Checkout(config.root, env)
    if git.prefix is None:
        return Check(name="git", ok=True, detail="no checkout here; nothing in ghsync needs one")
    if (config.root / _MAP).exists():
        status = ("status", "--porcelain", "--ignored", "--untracked-files=all", "--", _MAP)
        said = (git.run(*status) or b"").decode(errors="replace")
        if said.startswith("!!"):
            return _note(
                f"{_MAP} is ignored, so nobody else gets it, and they make every issue again",
                "Take .ghsync out of .gitignore: the one in that folder hides what is local.",
            )
        if said.startswith("??"):
            return _note(
                f"{_MAP} is not committed: it says for everybody which file is which issue",
                "git add .ghsync && git commit -m 'ghsync: which file is which issue'",
            )
        if said:
            return _note(
                f"{_MAP} has changed since it was committed",
                "git commit -m 'ghsync: after a push' .ghsync/map.json",
            )
    tracked = (git.run("ls-files", "-z", ".ghsync") or b"").decode(errors="replace").split("\0")
    local = [path for path in tracked if path and path not in _SHARED]
    if local:
        return _note(
            f"{local[0]} is committed and belongs to this machine alone",
            f"git rm --cached {shlex.quote(local[0])}",
        )
    return Check(name="git", ok=True, detail=_summary(git, loaded))


def _summary(git: Checkout, loaded: Loaded | None) -> str:
    if git.commit is None:
        return "a checkout without a commit"
    mine = {item.path for item in loaded.items} if loaded else set()
    said = (git.run("status", "--porcelain", "-z", "--untracked-files=all", ".") or b"").decode(
        "utf-8", "surrogateescape"
    )
    prefix = git.prefix or ""
    changed = {entry[3:].removeprefix(prefix) for entry in said.split("\0") if len(entry) > 3}
    dirty = len(changed & mine)
    if not dirty:
        return f"a checkout at {git.commit[:10]}; every item's file is committed"
    files = "1 item's file is" if dirty == 1 else f"{dirty:,} items' files are"
    return f"a checkout at {git.commit[:10]}; {files} not committed, which a pull leaves alone"


def _note(detail: str, hint: str) -> Check:
    return Check(name="git", ok=None, detail=detail, hint=hint)
