"""Items that are no files: a caller makes them, and they are pushed like those of files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from enum import StrEnum
from typing import Literal, NoReturn, TypeAlias, TypeVar

from ghsync.bodies import GIVEN
from ghsync.errors import RefusedError, UsageError
from ghsync.journal import SyncMap
from ghsync.layouts.base import LoadOptions, Locking
from ghsync.model import (
    IssueNumber,
    Item,
    Key,
    Kind,
    Loaded,
    Priority,
    RecordedIssue,
    State,
    StateReason,
)

PLACE = "items"
"""The path of an item that names none; its line is its position in the list."""
E = TypeVar("E", bound=StrEnum)

KindWord: TypeAlias = Kind | Literal["prd", "epic", "task"]
StateWord: TypeAlias = State | Literal["open", "closed"]
ReasonWord: TypeAlias = StateReason | Literal["completed", "not_planned"]
PriorityWord: TypeAlias = Priority | Literal["critical", "high", "medium", "low"]


def item(
    key: str,
    *,
    title: str,
    body: str = "",
    kind: KindWord = Kind.TASK,
    labels: Iterable[str] = (),
    assignees: Iterable[str] = (),
    milestone: str | None = None,
    state: StateWord = State.OPEN,
    reason: ReasonWord | None = None,
    priority: PriorityWord = Priority.MEDIUM,
    parent: str | None = None,
    blocked_by: Iterable[str] = (),
    type: str | None = None,
    fields: Mapping[str, str] | None = None,
    locked: bool = False,
    archived: bool = False,
    issue: int | None = None,
    ident: str | None = None,
    path: str | None = None,
    line: int | None = None,
) -> Item:
    """Make an item for ``push(items=…)``.

    ``key`` is its lasting name: the issue follows it. ``parent`` and ``blocked_by`` are keys.
    ``issue`` is the number of an issue that is there already. ``ident`` is an id of your own, by
    which an item is known again when its key changes. ``path`` and ``line`` say in findings where
    it comes from, by default its place in the list.

    Raises:
        UsageError: A value is of the wrong kind; the message names the item and the argument.
    """
    name = _key(key, "key", key)
    state = _word(State, state, "state", name)
    why = None if reason is None else _word(StateReason, reason, "reason", name)
    if why is not None and state is State.OPEN:
        _wrong(name, "reason", "says why an item is closed, and this one is open")
    if state is State.CLOSED:
        why = why or StateReason.COMPLETED
    the_kind = _word(Kind, kind, "kind", name)
    return Item(
        key=name,
        kind=the_kind,
        path=PLACE if path is None else _path(path, name),
        line=0 if line is None else _line(line, name),
        layout=GIVEN,
        title=_text(title, "title", name),
        body=_text(body, "body", name),
        labels=_once((the_kind.value, *_texts(labels, "labels", name))),
        assignees=_once(one.lstrip("@") for one in _texts(assignees, "assignees", name)),
        milestone=None if milestone is None else _text(milestone, "milestone", name),
        state=state,
        reason=why,
        priority=_priority(priority, name),
        parent=None if parent is None else _key(parent, "parent", name),
        blocked_by=tuple(
            _key(k, "blocked_by", name) for k in _texts(blocked_by, "blocked_by", name)
        ),
        archived=_switch(archived, "archived", name),
        type=None if type is None else _text(type, "type", name),
        fields=() if fields is None else _fields(fields, name),
        locked=_switch(locked, "locked", name),
        ident=None if ident is None else _text(ident, "ident", name),
        recorded=None
        if issue is None
        else RecordedIssue(number=_number(issue, name), repo=None, line=line or 0),
    )


def loaded(items: Iterable[Item], options: LoadOptions) -> Loaded:
    """These items as if they had been read: numbered, with the settings' issue types and locks.

    Raises:
        UsageError: One of them is no item.
    """
    if not isinstance(items, Iterable):
        raise UsageError(
            f"items is a {type(items).__name__}, which holds no items.",
            hint="Give a list of what ghsync.item(KEY, title=…) makes.",
        )
    found: list[Item] = []
    for position, each in enumerate(items, start=1):
        if not isinstance(each, Item):
            raise UsageError(
                f"items[{position - 1}] is a {type(each).__name__}, not an item.",
                hint="Make it with ghsync.item(KEY, title=…).",
            )
        closed = options.lock is Locking.CLOSED and each.state is State.CLOSED
        found.append(
            replace(
                each,
                line=each.line or position,
                type=each.type or options.types.by_kind.get(each.kind),
                locked=each.locked or closed,
            )
        )
    ordered = sorted(found, key=lambda each: (each.path, each.line, each.key))
    return Loaded(items=tuple(ordered), layouts=(GIVEN,))


# ------------------------------------------------------------------- beside files in a map


def is_file(path: str) -> bool:
    """Whether an item of this path is a file's: only markdown is read."""
    return path.casefold().endswith(".md")


def check_source(items: Loaded, smap: SyncMap, *, given: bool) -> None:
    """Refuse to take the items of another source for items that are gone.

    Raises:
        RefusedError: The map holds items of files, and these are none, or the other way round.
    """
    here = {each.key for each in items.items}
    sorts = {is_file(each.path) for each in items.items} if given else {True}
    sorts = sorts or {False}
    strange = [
        entry
        for key, entry in smap.entries.items()
        if key not in here and is_file(entry.path) not in sorts
    ]
    if not strange:
        return
    first = min(entry.key for entry in strange)
    count = f"{len(strange):,} item{'s' if len(strange) != 1 else ''}"
    if given:
        raise RefusedError(
            f"The sync map .ghsync/map.json holds {count} of files ({first} …), which are not "
            "among the items given; a push would take their files to be gone.",
            hint="Keep items that are no files under a root of their own.",
        )
    raise RefusedError(
        f"The sync map .ghsync/map.json holds {count} that no file holds ({first} …): a program "
        "pushed them with push(items=…).",
        hint="Push them with that program, and keep files under another root.",
    )


# ----------------------------------------------------------------------------- arguments


def _wrong(key: object, argument: str, problem: str) -> NoReturn:
    raise UsageError(
        f"item {key!r}: {argument} {problem}.",
        hint="`help(ghsync.item)` says what each argument takes.",
    )


def _text(value: object, argument: str, key: object) -> str:
    if not isinstance(value, str):
        _wrong(key, argument, f"must be text, not {type(value).__name__}")
    return value


def _texts(values: object, argument: str, key: object) -> tuple[str, ...]:
    """Several texts; a single one is no list of its letters."""
    if isinstance(values, str) or not isinstance(values, Iterable):
        _wrong(key, argument, f"must be a list of texts, not {values!r}")
    return tuple(_text(value, argument, key) for value in values)


def _once(texts: Iterable[str]) -> tuple[str, ...]:
    """Each once, without regard to case."""
    seen: dict[str, str] = {}
    for text in texts:
        seen.setdefault(text.casefold(), text)
    return tuple(seen.values())


def _key(value: object, argument: str, key: object) -> Key:
    text = _text(value, argument, key)
    if not text or text != text.strip() or not text.isprintable():
        _wrong(key, argument, "must be printable text with no white space around it")
    if len(text) > _KEY_MAX:
        _wrong(f"{text[:40]}…", argument, f"must have at most {_KEY_MAX} characters")
    return Key(text)


_KEY_MAX = 500


def _number(value: object, key: Key) -> IssueNumber:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        _wrong(key, "issue", f"must be an issue's number, not {value!r}")
    return IssueNumber(value)


def _line(value: object, key: Key) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        _wrong(key, "line", f"must be a line's number, from 1, not {value!r}")
    return value


def _switch(value: object, argument: str, key: Key) -> bool:
    if not isinstance(value, bool):
        _wrong(key, argument, f"must be True or False, not {value!r}")
    return value


def _fields(value: object, key: Key) -> tuple[tuple[str, str], ...]:
    if not isinstance(value, Mapping):
        _wrong(key, "fields", f"must be a mapping of texts, not {type(value).__name__}")
    return tuple(
        sorted((_text(k, "fields", key), _text(v, "fields", key)) for k, v in value.items())
    )


def _path(value: object, key: Key) -> str:
    text = _text(value, "path", key)
    if not text or not text.isprintable() or text.startswith("/") or ".." in text.split("/"):
        _wrong(key, "path", "must be a place below the root, such as plan.csv")
    if is_file(text):
        _wrong(key, "path", f"must not be markdown ({text}): files are read by a layout")
    return text


def _word(words: type[E], value: object, argument: str, key: Key) -> E:
    for word in words:
        if value == word.value:
            return word
    shown = ", ".join(word.value for word in words)
    _wrong(key, argument, f"must be one of {shown}, not {value!r}")


def _priority(value: object, key: Key) -> Priority:
    if isinstance(value, Priority):
        return value
    found = Priority.__members__.get(value.upper()) if isinstance(value, str) else None
    if found is None:
        shown = ", ".join(name.lower() for name in Priority.__members__)
        _wrong(key, "priority", f"must be one of {shown}, not {value!r}")
    return found
