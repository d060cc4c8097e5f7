"""What a shell offers for a value: keys, layouts, runs. From files alone, and quickly."""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import click
    from click.shell_completion import CompletionItem

_MOST_READ = 400
"""Markdown files up to which a folder is read for its keys; reading so many takes 0.1 s."""
_MOST_SEEN = 20_000
"""Entries of a folder that are looked at for that."""
_LARGEST = 64 << 20
"""Bytes of a map that is read for its keys."""
_MOST_OFFERED = 100
"""Past so many keys, those of a folder are offered as that folder."""

_DESCRIBED = 20
"""Runs whose logs are read for what they were; a log can have a megabyte."""


def folders(
    ctx: click.Context, param: click.Parameter, incomplete: str
) -> list[CompletionItem[str]]:
    """Folders, which the shell knows itself."""
    from click.shell_completion import CompletionItem

    return [CompletionItem(incomplete, type="dir")]


def keys(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """Keys of the items that the map or, in a folder that is quickly read, the files hold."""
    return _folded(sorted(_keys(_root(ctx))), incomplete)


def keys_and_paths(
    ctx: click.Context, param: click.Parameter, incomplete: str
) -> list[CompletionItem[str]]:
    """Keys; where none begins so, paths."""
    from click.shell_completion import CompletionItem

    found = keys(ctx, param, incomplete)
    if found:
        return [CompletionItem(key) for key in found]
    return [CompletionItem(incomplete, type="file")]


def keys_and_numbers(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """Keys in turn with numbers, which nobody knows without asking GitHub."""
    given = ctx.params.get(param.name or "") or ()
    return [] if len(given) % 2 else keys(ctx, param, incomplete)


def mapped_keys(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """Keys that the map holds."""
    return _folded(sorted(_mapped(_root(ctx))), incomplete)


def run_ids(
    ctx: click.Context, param: click.Parameter, incomplete: str
) -> list[CompletionItem[str]]:
    """Runs whose logs are kept, newest first; of the newest also what they were."""
    from click.shell_completion import CompletionItem

    from ghsync.control import runs
    from ghsync.store import Store

    store = Store.open(_root(ctx))
    named = [name for name in reversed(store.run_ids()) if name.startswith(incomplete)]
    known = runs(store, only=named[:_DESCRIBED])
    said = {record.id: f"{record.command}, {record.status}" for record in known}
    return [CompletionItem(name, help=said.get(name)) for name in named]


def layouts(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """Names of layouts, those of the folder's configuration included."""
    from ghsync.config import load_config
    from ghsync.layouts.catalogue import names

    settings = load_config(_root(ctx), options={}, env=os.environ).load_options
    return [name for name in names(settings) if name.startswith(incomplete)]


def _root(ctx: click.Context) -> Path:
    return Path(ctx.params.get("root") or ".")


def _keys(root: Path) -> set[str]:
    found = set(_mapped(root))
    if _few_files(root):
        from ghsync.config import load_config
        from ghsync.errors import GhsyncError
        from ghsync.loader import load

        try:
            settings = load_config(root, options={}, env=os.environ).load_options
            found.update(item.key for item in load(root, settings).items)
        except GhsyncError:
            pass  # the command itself says what is wrong
    return found


def _mapped(root: Path) -> Collection[str]:
    """The keys in the map's file, not judged: the command will."""
    from ghsync.regularfile import read_regular

    try:
        document = json.loads(read_regular(root / ".ghsync" / "map.json", _LARGEST))
        return [str(entry["key"]) for entry in document["items"]]
    except (OSError, ValueError, TypeError, KeyError):
        return ()


def _few_files(root: Path) -> bool:
    """Whether the folder is small enough to be read while a person waits for a key."""
    from ghsync.loader import SKIPPED_FOLDERS

    seen = markdown = 0
    for _, folders, names in os.walk(root):
        folders[:] = [name for name in folders if name not in SKIPPED_FOLDERS]
        seen += len(folders) + len(names)
        markdown += sum(name.endswith(".md") for name in names)
        if seen > _MOST_SEEN or markdown > _MOST_READ:
            return False
    return True


def _folded(names: Iterable[str], incomplete: str) -> list[str]:
    """The names that begin so; of very many only the next part, up to its slash."""
    # A shell lists what it is offered: no escape of a file's name gets there.
    fitting = [name for name in names if name.startswith(incomplete) and name.isprintable()]
    offered, start = fitting, len(incomplete)
    while len(fitting) > _MOST_OFFERED:
        offered = list(dict.fromkeys(_next_part(name, start) for name in fitting))
        if len(offered) > 1:
            break
        start = len(offered[0])
    return offered


def _next_part(name: str, start: int) -> str:
    slash = name.find("/", start)
    return name if slash < 0 else name[: slash + 1]
