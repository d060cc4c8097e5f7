"""From a plan that was read to the changes of files: what a pull writes, and what it cannot."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import field, replace

from ghsync.apart import called
from ghsync.arrivals import Arrival, Arrivals, PullSettings
from ghsync.edit import EditError, Source, loaded, unpack
from ghsync.errors import NoLayoutError, RefusedError
from ghsync.incoming import for_file, want_of
from ghsync.journal import Entry
from ghsync.layouts import build, frontmatter
from ghsync.model import Change, FieldName, IssueNumber, Item, Key, Loaded, Snapshot
from ghsync.newcomers import BARE, SAFE, Belongs, Links, Newcomers
from ghsync.plan import Planned
from ghsync.threeway import Local, Merge
from ghsync.values import dataclass
from ghsync.writer import FileChange, Writer
from ghsync.writing import UNSET, Blocker, Blockers, Form, Unset, Want, Written, form_of, rewrite

_ASKED = 5
"""How many neighbours are looked at for the way in which they name what blocks them."""


@dataclass(slots=True)
class _Attempt:
    """Files on their way, and what was made of them."""

    sources: dict[str, tuple[bytes, Source]] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    done: list[Arrival] = field(default_factory=list)
    links: dict[Key, Links] = field(default_factory=dict)
    """What shall be read from the files of these items about others."""

    def text(self, path: str, read: Callable[[str], bytes]) -> str:
        """A file's text as it is by now."""
        if path not in self.sources:
            data = read(path)
            self.sources[path] = (data, unpack(data))
            self.texts[path] = self.sources[path][1].text
        return self.texts[path]

    def changed(self) -> list[FileChange]:
        """The files whose text is another one now."""
        return [
            FileChange(path=path, before=before, after=source.pack(self.texts[path]))
            for path, (before, source) in sorted(self.sources.items())
            if self.texts[path] != source.text
        ]


class Arriving:
    """Turns what GitHub has for the files into changes of files; reads files, writes none."""

    def __init__(
        self,
        planned: Planned,
        items: Loaded,
        snapshot: Snapshot,
        writer: Writer,
        settings: PullSettings,
        imagine: Callable[[Mapping[str, bytes]], Loaded],
    ) -> None:
        """``imagine`` loads the items as they would be with these bytes in the files' places."""
        self._planned = planned
        self._loaded = items
        self._said = {item.key: item for item in items.items}
        self._issues = snapshot.issues
        self._there = snapshot.blockers
        self._bodies = planned.bodies
        self._writer = writer
        self._settings = settings
        self._imagine = imagine
        self._numbers = {key: entry.number for key, entry in planned.entries.items()}
        self._forms: dict[tuple[str, str], Form | None] = {}
        self._care: dict[Key, int] = {}

    def run(
        self,
        forgotten: frozenset[IssueNumber],
        only: Collection[Key] | None = None,
        belongs: Belongs = lambda *_: True,
    ) -> Arrivals:
        """Everything, or what concerns these items and the new ones that belong to it.

        A name may mean another item in another file, so parents and blockers are read again, as
        the loader does; one that it reads otherwise is written as a path, or left out.
        """
        while True:
            attempt, files = self._attempt(forgotten, only, belongs)
            wrong = self._misread(attempt.links, files)
            if not wrong:
                order = sorted(attempt.done, key=lambda each: (each.path, each.key))
                return Arrivals(items=tuple(order), files=tuple(files))
            for key in wrong:
                self._care[key] = self._care.get(key, 0) + 1

    def _attempt(
        self,
        forgotten: frozenset[IssueNumber],
        only: Collection[Key] | None,
        belongs: Belongs,
    ) -> tuple[_Attempt, list[FileChange]]:
        attempt = _Attempt()
        by_path: dict[str, list[Key]] = defaultdict(list)
        for key, merged in self._planned.merges.items():
            if merged.incoming and not merged.conflicts and (only is None or key in only):
                by_path[self._planned.locals[key].item.path].append(key)
        for path in sorted(by_path):
            # From the bottom up: a line that is changed moves none above it.
            keys = sorted(by_path[path], key=lambda key: -self._planned.locals[key].item.line)
            for key in keys:
                self._existing(attempt, self._planned.locals[key], self._planned.entries[key])
        files = attempt.changed()
        newcomers = Newcomers(
            self._planned,
            self._loaded,
            self._issues,
            self._settings,
            self._there,
            lambda layout: self._form(layout, ""),
        )
        for made in newcomers.run(forgotten, belongs, self._care):
            attempt.done.append(made.arrival)
            if made.file is not None:
                files.append(made.file)
            if made.links is not None and made.links != Links():
                attempt.links[made.arrival.key] = made.links
        return attempt, files

    def _misread(self, wanted: Mapping[Key, Links], files: Iterable[FileChange]) -> list[Key]:
        """The items of which the loader would read another parent or blockers than are meant."""
        if not wanted:
            return []
        try:
            found = self._imagine({file.path: file.after for file in files}).items
        except NoLayoutError:
            return []  # an own layout that takes none of them; each was read by itself
        read = {item.key: item for item in found}
        return [key for key, links in wanted.items() if not _reads(links, read.get(key))]

    # ------------------------------------------------------------------ known files

    def _existing(self, attempt: _Attempt, local: Local, entry: Entry) -> None:
        item, merged = local.item, self._planned.merges[local.item.key]
        issue, said = self._issues[entry.number], self._said[item.key]
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
        want = for_file(want, item, said)
        care = self._care.get(item.key, 0)
        if care < BARE:
            parent, blockers = self._parent(merged), self._blockers(said, merged)
            want = replace(want, parent=parent, blockers=blockers, safe=care >= SAFE)
        try:
            text = attempt.text(item.path, self._writer.read)
            written = rewrite(said, text, want, self._settings.write)
        except (EditError, RefusedError) as error:
            hint = f" {error.hint}" if error.hint else ""
            attempt.done.append(replace(arrival, refused=f"{error.message}{hint}"))
            return
        attempt.texts[item.path] = written.text
        links = _links(said, want, written)
        if links != Links():
            attempt.links[item.key] = links
        unheld = self._unheld(merged, want, written)
        arrival = replace(
            arrival,
            changes=tuple(filter(None, (self._taken(c, unheld, written) for c in merged.incoming))),
            unheld=_to_say(merged, unheld),
            apart=frozenset(change.field for change in merged.incoming if change.field in unheld),
        )
        if arrival.changes or arrival.unheld or merged.body is not None:
            attempt.done.append(arrival)

    def _parent(self, merged: Merge) -> Item | Unset | None:
        """The parent that somebody gave the issue on GitHub, if it is an item of ours."""
        change = next((each for each in merged.incoming if each.field == "parent"), None)
        if change is None:
            return UNSET
        return None if change.new is None else self._said.get(Key(str(change.new)), UNSET)

    def _unheld(self, merged: Merge, want: Want, written: Written) -> set[FieldName]:
        """The fields of which the file cannot hold all."""
        unheld = {name for name in written.unheld if name != "recorded"}
        if want.body is None:
            unheld.add("body")
        if want.parent is UNSET:
            unheld.add("parent")
        if "state" in unheld:
            unheld.add("state_reason")
        links = next((each for each in merged.incoming if each.field == "blocked_by"), None)
        if links is not None and (want.blockers is None or _strangers(links, self._said)):
            unheld.add("blocked_by")
        return unheld

    def _taken(
        self, change: Change, unheld: Collection[FieldName], written: Written
    ) -> Change | None:
        """A change as far as the file has taken it."""
        if change.field not in unheld:
            return change
        old, new = change.old, change.new
        if change.field not in written.changed or old is None or not isinstance(new, tuple):
            return None
        own = self._settings.write.own_labels
        if change.field == "labels":
            new = (*new, *(n for n in old if n.casefold() in own and n not in new))
        if change.field == "blocked_by":
            new = tuple(name for name in new if name in self._said)
        return replace(change, new=new) if new != old else None

    # ---------------------------------------------------------------------- blockers

    def _blockers(self, item: Item, merged: Merge) -> Blockers | None:
        """What shall come into the file's list, and go, as far as it is an item of ours."""
        change = next((each for each in merged.incoming if each.field == "blocked_by"), None)
        if change is None:
            return None
        new = change.new if isinstance(change.new, tuple) else ()
        add = [Key(n) for n in new if n in self._said and n not in item.blocked_by]
        drop = [key for key in item.blocked_by if key not in new]
        if not add and not drop:
            return None
        folder = build.parent_folder(item.path)
        return Blockers(
            had=self._named(item.blocked_by),
            add=self._named(add),
            drop=self._named(drop),
            form=None if item.blocked_by else self._form(item.layout, folder),
        )

    def _named(self, keys: Iterable[Key]) -> tuple[Blocker, ...]:
        return tuple(
            Blocker(item=self._said[key], number=self._numbers.get(key))
            for key in keys
            if key in self._said
        )

    def _form(self, layout: str, folder: str) -> Form | None:
        """How the nearest files of a layout name what blocks them, if any does."""
        if (layout, folder) not in self._forms:
            naming = [
                item
                for item in self._loaded.items
                if item.layout == layout and item.blocked_by and "#" not in item.key
            ]
            naming.sort(key=lambda item: build.parent_folder(item.path) != folder)
            forms = (self._form_in(item) for item in naming[:_ASKED])
            self._forms[layout, folder] = next(filter(None, forms), None)
        return self._forms[layout, folder]

    def _form_in(self, item: Item) -> Form | None:
        try:
            text = unpack(self._writer.read(item.path)).text
        except (EditError, RefusedError):
            return None
        document = frontmatter.parse(item.path, loaded(text))
        return form_of(document, item, self._settings.write, self._named(item.blocked_by))


def _links(item: Item, want: Want, written: Written) -> Links:
    """What shall be read of the links that were written into an item's file."""
    parent, blockers = None, None
    if "parent" in written.changed and not isinstance(want.parent, Unset):
        parent = (None if want.parent is None else want.parent.key,)
    if "blocked_by" in written.changed and want.blockers is not None:
        there = {*item.blocked_by, *(each.item.key for each in want.blockers.add)}
        blockers = frozenset(there - {each.item.key for each in want.blockers.drop})
    return Links(parent=parent, blockers=blockers)


def _reads(links: Links, item: Item | None) -> bool:
    """Whether an item is read with these links."""
    if item is None:
        return False
    parent = links.parent is None or links.parent == (item.parent,)
    return parent and links.blockers in (None, frozenset(item.blocked_by))


def _strangers(change: Change, known: Collection[str]) -> bool:
    """Whether somebody made an issue a blocker that is no item of ours."""
    return isinstance(change.new, tuple) and any(name not in known for name in change.new)


def _to_say(merged: Merge, unheld: Collection[FieldName]) -> tuple[str, ...]:
    """The fields that cannot be held, those aside of which a pull has said so."""
    new = (c for c in merged.incoming if c.field in unheld and called(c) not in merged.apart)
    return tuple(sorted({change.field for change in new}))
