"""From a plan that was read to the changes of files: what a pull writes, and what it cannot."""

from __future__ import annotations

import difflib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial

from ghsync.edit import EditError, Source, unpack
from ghsync.errors import RefusedError
from ghsync.incoming import for_file, reason_of, want_of
from ghsync.journal import Entry
from ghsync.model import Change, Issue, IssueNumber, Item, Key, Kind, Loaded, State
from ghsync.plan import Planned
from ghsync.render import TitleTemplate, untitle
from ghsync.threeway import Local, Merge
from ghsync.values import dataclass
from ghsync.writer import FileChange, Writer
from ghsync.writing import UNSET, NewFile, NewIssue, Unset, Want, WriteSettings, new_file, rewrite

_MARKS = {"epic": Kind.EPIC, "prd": Kind.PRD, "task": Kind.TASK}
_BELOW = {Kind.PRD: Kind.EPIC, Kind.EPIC: Kind.TASK, Kind.TASK: Kind.TASK}


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """One issue on its way into a file."""

    key: Key
    path: str
    number: IssueNumber
    title: str
    kind: Kind
    changes: tuple[Change, ...]
    """What the file says now, and what it shall say; of a new file what it holds."""
    unheld: tuple[str, ...] = ()
    """Changes of the issue that its layout has no place for."""
    new: bool = False
    refused: str = ""
    """Why the file is left alone, and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrivals:
    """All of a pull: what arrives where, and the files' new bytes."""

    items: tuple[Arrival, ...]
    files: tuple[FileChange, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PullSettings:
    """What a user may decide about a pull."""

    write: WriteSettings
    title: TitleTemplate
    label: str | None = None
    """Issues with this label become files, too, though no item is their parent."""


class Arriving:
    """Turns what GitHub has for the files into changes of files; reads files, writes none."""

    def __init__(
        self,
        planned: Planned,
        loaded: Loaded,
        issues: Mapping[IssueNumber, Issue],
        writer: Writer,
        settings: PullSettings,
        forgotten: frozenset[IssueNumber],
    ) -> None:
        self._planned = planned
        self._loaded = loaded
        self._said = {item.key: item for item in loaded.items}
        self._issues = issues
        self._bodies = planned.bodies
        self._writer = writer
        self._settings = settings
        self._forgotten = forgotten
        self._numbers = {key: entry.number for key, entry in planned.entries.items()}
        self._sources: dict[str, tuple[bytes, Source]] = {}
        self._texts: dict[str, str] = {}
        self._done: list[Arrival] = []

    def run(self, only: frozenset[Key] | None = None) -> Arrivals:
        """Everything, or what concerns these items."""
        by_path: dict[str, list[Key]] = defaultdict(list)
        for key, merged in self._planned.merges.items():
            if merged.incoming and not merged.conflicts and (only is None or key in only):
                by_path[self._planned.locals[key].item.path].append(key)
        for path in sorted(by_path):
            # From the bottom up: a line that is changed moves none above it.
            keys = sorted(by_path[path], key=lambda key: -self._planned.locals[key].item.line)
            for key in keys:
                self._existing(self._planned.locals[key], self._planned.entries[key])
        files = [
            FileChange(path=path, before=before, after=source.pack(self._texts[path]))
            for path, (before, source) in sorted(self._sources.items())
            if self._texts[path] != source.text
        ]
        files += self._new(only)
        order = sorted(self._done, key=lambda each: (each.path, each.key))
        return Arrivals(items=tuple(order), files=tuple(files))

    # ------------------------------------------------------------------ known files

    def _existing(self, local: Local, entry: Entry) -> None:
        item, merged = local.item, self._planned.merges[local.item.key]
        issue = self._issues[entry.number]
        fields = {change.field for change in merged.incoming}
        arrival = Arrival(
            key=item.key,
            path=item.path,
            number=issue.number,
            title=issue.title,
            kind=item.kind,
            changes=merged.incoming,
        )
        want = want_of(
            local,
            merged,
            issue,
            lambda text: self._bodies.file_text(item, text, self._numbers),
            word=entry.word,
        )
        said = self._said[item.key]
        want = replace(for_file(want, item, said), parent=self._parent(merged))
        try:
            unheld = self._write(said, want)
        except (EditError, RefusedError) as error:
            hint = f" {error.hint}" if error.hint else ""
            self._done.append(replace(arrival, refused=f"{error.message}{hint}"))
            return
        if want.body is None:
            unheld.add("body")
        if want.parent is UNSET:
            unheld.add("parent")
        if "state" in unheld:
            unheld |= {"state_reason"}
        self._done.append(
            replace(
                arrival,
                changes=tuple(c for c in merged.incoming if c.field not in unheld),
                unheld=tuple(sorted(fields & unheld)),
            )
        )

    def _parent(self, merged: Merge) -> Item | Unset | None:
        """The parent that somebody gave the issue on GitHub, if it is an item of ours."""
        change = next((each for each in merged.incoming if each.field == "parent"), None)
        if change is None:
            return UNSET
        return None if change.new is None else self._said.get(Key(str(change.new)), UNSET)

    def _write(self, item: Item, want: Want) -> set[str]:
        """Bring the values into the file's text; return what it cannot hold."""
        if item.path not in self._sources:
            data = self._writer.read(item.path)
            self._sources[item.path] = (data, unpack(data))
            self._texts[item.path] = self._sources[item.path][1].text
        written = rewrite(item, self._texts[item.path], want, self._settings.write)
        self._texts[item.path] = written.text
        return set(written.unheld)

    # -------------------------------------------------------------------- new files

    def _new(self, only: frozenset[Key] | None) -> Iterable[FileChange]:
        """Files for issues that have none: below an item of ours, or with the chosen label."""
        if only is not None:
            return
        by_number = owned(self._planned)
        items = list(self._loaded.items)
        known = {item.key: item for item in items}
        paths = [item.path for item in items] + [other.path for other in self._loaded.not_items]
        label = self._settings.label
        chosen = without_file(self._issues, by_number, self._forgotten, label)
        for number in chosen:
            issue = self._issues[number]
            if issue.parent in chosen and issue.parent not in by_number:
                continue  # its parent was refused just now, so its place is not known
            above = by_number.get(issue.parent) if issue.parent is not None else None
            parent = known.get(above) if above is not None else None
            made = self._file_of(issue, parent, items, paths)
            if made is not None:
                paths.append(made.path)
                items.append(made.item)  # the next one is numbered after it, or below it
                known[made.item.key] = made.item
                by_number[number] = made.item.key
                yield FileChange(path=made.path, before=None, after=made.text.encode())

    def _file_of(
        self, issue: Issue, parent: Item | None, items: Sequence[Item], paths: Sequence[str]
    ) -> NewFile | None:
        layouts = [parent.layout] if parent is not None else [*self._loaded.layouts]
        kinds = [kind for name, kind in _MARKS.items() if name in _folded(issue.labels)]
        kind = kinds[0] if kinds else _BELOW[parent.kind] if parent is not None else Kind.TASK
        wanted = NewIssue(
            kind=kind,
            title=untitle(self._settings.title, issue.title, kind) or issue.title,
            body=issue.body,
            number=issue.number,
            url=issue.html_url,
            labels=issue.labels,
            assignees=issue.assignees,
            milestone=issue.milestone,
            state=issue.state,
            reason=reason_of(issue) if issue.state is State.CLOSED else None,
        )
        arrival = Arrival(
            key=Key(""),
            path="",
            number=issue.number,
            title=issue.title,
            kind=kind,
            changes=(),
            new=True,
        )
        make = partial(
            new_file,
            layouts[0],
            parent=parent,
            items=items,
            paths=paths,
            settings=self._settings.write,
        )
        try:
            # Its links depend on where it is, and that on all but its text.
            text = self._bodies.text_at(make(wanted).path, issue.body, self._numbers)
            made = make(replace(wanted, body=text))
        except EditError as error:
            self._done.append(replace(arrival, refused=f"{error.message} {error.hint}".strip()))
            return None
        key = Key(made.path.removesuffix(".md"))
        self._done.append(replace(arrival, key=key, path=made.path, unheld=made.unheld))
        return made


def owned(planned: Planned) -> dict[IssueNumber, Key]:
    """The items of issues; not of one whose file a pull was about to make when it was killed."""
    return {
        entry.number: key
        for key, entry in planned.entries.items()
        if entry.base is not None or key in planned.locals
    }


def without_file(
    issues: Mapping[IssueNumber, Issue],
    taken: Mapping[IssueNumber, Key],
    forgotten: frozenset[IssueNumber],
    label: str | None,
) -> list[IssueNumber]:
    """Issues that shall have a file and have none: below an item's issue, or with the label.

    Parents come before what is below them. Not one that carries a marker (its file is elsewhere,
    or gone), nor one that was forgotten.
    """
    wanted = label.casefold() if label is not None else None
    reached: set[IssueNumber] = set(taken)

    def chosen(issue: Issue) -> bool:
        if issue.parent is not None and issue.parent in reached:
            return True
        return wanted is not None and issue.state is State.OPEN and wanted in _folded(issue.labels)

    free = [
        number
        for number, issue in sorted(issues.items())
        if number not in taken and number not in forgotten and issue.marker_key is None
    ]
    found: list[IssueNumber] = []
    while more := [number for number in free if number not in reached and chosen(issues[number])]:
        found += more
        reached.update(more)
    return found


def _folded(names: Iterable[str]) -> set[str]:
    return {name.casefold() for name in names}


def diff_of(change: FileChange) -> str:
    """A unified diff of one file, as ``git diff`` shows it."""
    old = "" if change.before is None else change.before.decode("utf-8", "replace")
    new = change.after.decode("utf-8", "replace")
    lines = difflib.unified_diff(
        old.splitlines(keepends=True),
        new.splitlines(keepends=True),
        "/dev/null" if change.before is None else f"a/{change.path}",
        f"b/{change.path}",
    )
    return "".join(line if line.endswith("\n") else f"{line}\n" for line in lines)
