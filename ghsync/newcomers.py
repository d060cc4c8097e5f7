"""Issues that have no file yet and shall have one: which they are, and the files made of them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial

from ghsync.arrivals import Arrival, PullSettings
from ghsync.edit import EditError
from ghsync.incoming import reason_of
from ghsync.model import FieldName, Issue, IssueNumber, Item, Key, Kind, Loaded, State
from ghsync.plan import Planned
from ghsync.render import untitle
from ghsync.values import dataclass
from ghsync.writer import FileChange
from ghsync.writing import Blocker, Form, NewFile, NewIssue, new_file

_MARKS = {"epic": Kind.EPIC, "prd": Kind.PRD, "task": Kind.TASK}
_BELOW = {Kind.PRD: Kind.EPIC, Kind.EPIC: Kind.TASK, Kind.TASK: Kind.TASK}
Belongs = Callable[[Key | None, Key, str, IssueNumber, Kind], bool]
"""Whether a pull is about a new item: its parent's key, its own, its path, number and kind."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What became of one issue: its file, unless there is none, and what is told of it."""

    arrival: Arrival
    file: FileChange | None = None
    links: Links | None = None
    """What its file says of other items."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """What shall be read from a file, where it was written anew; ``None`` where it was not."""

    parent: tuple[Key | None] | None = None
    blockers: frozenset[Key] | None = None


SAFE, BARE = 1, 2
"""How much care an item's links need: named by paths, or left as its place says."""


class Newcomers:
    """Makes files of issues that have none; each new one is known to those after it."""

    def __init__(
        self,
        planned: Planned,
        loaded: Loaded,
        issues: Mapping[IssueNumber, Issue],
        settings: PullSettings,
        blockers: Mapping[IssueNumber, Collection[IssueNumber]],
        form: Callable[[str], Form | None],
    ) -> None:
        """``form`` says how the files of a layout name what blocks them."""
        self._issues = issues
        self._bodies = planned.bodies
        self._numbers = {key: entry.number for key, entry in planned.entries.items()}
        self._settings = settings
        self._blockers = blockers
        self._form = form
        self._layouts = loaded.layouts
        self._items = list(loaded.items)
        self._known = {item.key: item for item in self._items}
        self._owners = owned(planned)
        self._paths = [*(i.path for i in self._items), *(o.path for o in loaded.not_items)]

    def run(
        self, forgotten: frozenset[IssueNumber], belongs: Belongs, care: Mapping[Key, int]
    ) -> Iterator[Made]:
        """The new files; ``care`` says which links would be read otherwise."""
        chosen = without_file(self._issues, self._owners, forgotten, self._settings.label)
        for number in chosen:
            issue = self._issues[number]
            if issue.parent in chosen and issue.parent not in self._owners:
                continue  # its parent was refused or left out just now, so it has no place
            above = self._owners.get(issue.parent) if issue.parent is not None else None
            parent = self._known.get(above) if above is not None else None
            made = self._of(issue, parent, belongs, care)
            if made is not None:
                yield made

    def _of(
        self, issue: Issue, parent: Item | None, belongs: Belongs, care: Mapping[Key, int]
    ) -> Made | None:
        layout = parent.layout if parent is not None else self._layouts[0]
        kinds = [kind for name, kind in _MARKS.items() if name in _folded(issue.labels)]
        kind = kinds[0] if kinds else _BELOW[parent.kind] if parent is not None else Kind.TASK
        above = parent.key if parent is not None else None
        arrival = Arrival(
            key=Key(""),
            path="",
            number=issue.number,
            title=issue.title,
            kind=kind,
            changes=(),
            new=True,
        )
        wanted = self._wanted(issue, kind)
        make = partial(
            new_file,
            layout,
            parent=parent,
            items=self._items,
            paths=self._paths,
            settings=self._settings.write,
            form=self._form(layout),
        )
        try:
            # Its links depend on where it is, and that on all but its text.
            where = make(wanted)
            if not belongs(above, where.item.key, where.path, issue.number, kind):
                return None
            level = care.get(where.item.key, 0)
            if level >= BARE:
                wanted = replace(wanted, blockers=())
            text = self._bodies.text_at(where.path, issue.body, self._numbers)
            made = make(replace(wanted, body=text), safe=level >= SAFE)
        except EditError as error:
            if not belongs(above, Key(""), "", issue.number, kind):
                return None
            alone = f"`ghsync map forget '#{issue.number}'` leaves it on GitHub alone."
            refused = f"{error.message} {error.hint} {alone}"
            return Made(arrival=replace(arrival, refused=refused))
        return self._made(arrival, made, wanted, above if level < BARE else None)

    def _wanted(self, issue: Issue, kind: Kind) -> NewIssue:
        return NewIssue(
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
            type=issue.type,
            fields=issue.fields or (),
            blockers=tuple(
                Blocker(item=self._known[self._owners[number]], number=number)
                for number in sorted(self._blockers.get(issue.number, ()))
                if self._owners.get(number) in self._known
            ),
        )

    def _made(self, arrival: Arrival, made: NewFile, wanted: NewIssue, above: Key | None) -> Made:
        """What a file became; ``above`` is the parent that it can say, where it has one."""
        self._paths.append(made.path)
        self._items.append(made.item)  # the next one is numbered after it, or below it
        self._known[made.item.key] = made.item
        self._owners[arrival.number] = made.item.key
        unheld: set[FieldName] = {name for name in made.unheld if name != "recorded"}
        if len(wanted.blockers) < len(self._blockers.get(arrival.number, ())):
            unheld.add("blocked_by")
        if above is None and made.item.parent is not None:
            unheld.add("parent")
        named = () if "blocked_by" in made.unheld else wanted.blockers
        arrival = replace(
            arrival,
            key=made.item.key,
            path=made.path,
            unheld=tuple(sorted(unheld)),
            apart=frozenset(unheld),
        )
        return Made(
            arrival=arrival,
            file=FileChange(path=made.path, before=None, after=made.text.encode()),
            links=Links(
                parent=None if above is None or "parent" in unheld else (above,),
                blockers=frozenset(each.item.key for each in named) or None,
            ),
        )


def _folded(names: Iterable[str]) -> set[str]:
    return {name.casefold() for name in names}
