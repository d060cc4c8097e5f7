"""What became of the files that should name their issues, as lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from ghsync.model import FileStatus, FileWrite, Run
from ghsync.report import words
from ghsync.report.canvas import Line, Look, plain

_SHOWN = 20


def lines(run: Run, look: Look) -> Iterator[Line]:
    """Say which files got, or would get, a line; and how many have no place for one.

    A file that was left alone has a finding, which is shown with the others.
    """
    would = _paths(run.files, FileStatus.PENDING)
    if would and run.dry_run:
        yield plain(f"A push writes the issue into {words.count(len(would), 'file')}:")
        shown = would if look.verbose else would[:_SHOWN]
        yield from (plain(path, "dim", indent="  ") for path in shown)
        if len(shown) < len(would):
            more = len(would) - len(shown)
            yield plain(f"  {look.glyphs.more} and {more:,} more; --verbose shows all", "dim")
    if written := _paths(run.files, FileStatus.WRITTEN):
        yield plain(f"Wrote the issue into {words.count(len(written), 'file')}.")
    without = [file for file in run.files if file.status is FileStatus.NO_PLACE]
    if without:
        layouts = Counter(file.layout for file in without)
        named = ", ".join(f"{name}: {number:,}" for name, number in sorted(layouts.items()))
        items = words.count(len(without), "item")
        verb = "has" if len(without) == 1 else "have"
        yield plain(f"{items} {verb} no field for an issue ({named}).", "dim")


def _paths(files: tuple[FileWrite, ...], status: FileStatus) -> list[str]:
    """Each file of this status once."""
    return list(dict.fromkeys(file.path for file in files if file.status is status))
