"""The text of the journal (one JSON event a line) and of the map (one item a line).

Both are strict: an unknown kind, field or schema is an error, because a newer ghsync may have
meant something by it that this one would silently drop. Docs: ``docs/state-files.md``.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from typing import Any, NoReturn, TypeVar, assert_never

from ghsync.journal.events import (
    Base,
    BoundTo,
    Entry,
    Forgotten,
    Intent,
    JournalEvent,
    NotExecuted,
    Recorded,
    Rekeyed,
    Sent,
    SyncMap,
)
from ghsync.model import IssueId, IssueNumber, Key, Kind, RepoId, State, Uid

MAP_SCHEMA = "ghsync.map/1"

NEWER = "use the newer ghsync that wrote it, or rebuild it with `ghsync map rebuild`"
REBUILD = "restore it from git, or run `ghsync map rebuild` to build it anew from GitHub"

JsonObject = dict[str, Any]
_T = TypeVar("_T")

# "<<<<<<< ours", "=======", ">>>>>>> theirs", and "|||||||" in the diff3 style. A JSON string
# holds no raw line end, so none of these can begin a line of a sound map.
_CONFLICT = re.compile(r"^(?:<{7}|={7}|>{7}|\|{7})(?:[ \r]|$)", re.MULTILINE)
_SURROGATE = re.compile("[\ud800-\udfff]")


class CodecError(ValueError):
    """A line or a file that cannot be understood: what, in which line (from 1), what to do."""

    def __init__(self, message: str, *, line: int | None = None, hint: str = REBUILD) -> None:
        super().__init__(message)
        self.message = message
        self.line = line
        self.hint = hint


class NotJsonError(CodecError):
    """The text is no JSON at all: torn, or overwritten."""


# ------------------------------------------------------------------------- journal


def encode(event: JournalEvent) -> str:
    """An event as one line of JSON, without its line end; empty fields are left out."""
    return _dumps(_event_json(event))


def decode(line: str) -> JournalEvent:
    """The event of one line; raises :class:`CodecError` (a ``ValueError``) for anything else."""
    raw = _object(_loads(line), "the line")
    kind = _take(raw, "e", str)
    build = _EVENTS.get(kind)
    if build is None:
        raise CodecError(f"event {kind!r} is unknown to this version of ghsync", hint=NEWER)
    event = build(raw)
    _nothing_left(raw, f"event {kind!r}")
    return event


def _event_json(event: JournalEvent) -> JsonObject:
    match event:
        case Intent():
            raw = {"e": "intent", "key": event.key, "uid": event.uid, "floor": event.floor}
            return raw | _given(at=event.at, what=None if event.what == "issue" else event.what)
        case NotExecuted():
            return {"e": "not_executed", "uid": event.uid}
        case Recorded():
            return {"e": "recorded", "entry": entry_json(event.entry)}
        case Rekeyed():
            return {"e": "rekeyed", "old": event.old, "new": event.new, "number": event.number}
        case Forgotten():
            return {"e": "forgotten", "key": event.key, "number": event.number}
        case BoundTo():
            return {"e": "bound", "id": event.repo_id, "repo": event.repo}
        case Sent():
            return {"e": "sent", "at": event.at} | ({"content": True} if event.content else {})
        case _:
            assert_never(event)


_EVENTS: Mapping[str, Callable[[JsonObject], JournalEvent]] = {
    "intent": lambda raw: Intent(
        key=Key(_take(raw, "key", str)),
        uid=Uid(_take(raw, "uid", str)),
        floor=IssueNumber(_take(raw, "floor", int)),
        at=_time(raw, "at"),
        what=_take(raw, "what", str, "issue"),
    ),
    "not_executed": lambda raw: NotExecuted(uid=Uid(_take(raw, "uid", str))),
    "recorded": lambda raw: Recorded(entry=_entry(_take(raw, "entry", dict))),
    "rekeyed": lambda raw: Rekeyed(
        old=Key(_take(raw, "old", str)),
        new=Key(_take(raw, "new", str)),
        number=IssueNumber(_take(raw, "number", int)),
    ),
    "forgotten": lambda raw: Forgotten(
        key=Key(_take(raw, "key", str)), number=IssueNumber(_take(raw, "number", int))
    ),
    "bound": lambda raw: BoundTo(
        repo_id=RepoId(_take(raw, "id", int)), repo=_take(raw, "repo", str)
    ),
    "sent": lambda raw: Sent(at=_time(raw, "at"), content=_take(raw, "content", bool, False)),
}


# ----------------------------------------------------------------------------- map


def dump_map(sync_map: SyncMap) -> str:
    """The map's text: one item a line, sorted by key, nothing that changes by itself."""
    repo = _given(id=sync_map.repo_id, full_name=sync_map.repo)
    lines = [
        "{",
        f'"schema": "{MAP_SCHEMA}",',
        f'"repo": {_dumps(repo)},',
        f'"forgotten": {_dumps(sorted(sync_map.forgotten))},',
        '"items": [',
    ]
    items = [_dumps(entry_json(sync_map.entries[key])) for key in sorted(sync_map.entries)]
    lines += [f"{item}," for item in items[:-1]] + items[-1:]
    return "\n".join([*lines, "]", "}", ""])


def parse_map(text: str) -> SyncMap:
    """The map of a text that :func:`dump_map` wrote, however formatted since.

    Raises :class:`CodecError` for all else, an empty text included: a map that cannot be read
    is never an empty map, which would create every issue a second time.
    """
    try:
        raw = _object(_loads(text), "the map")
    except CodecError as error:
        if conflict := _CONFLICT.search(text):
            raise CodecError(
                "the file holds git merge conflict markers",
                line=_line_at(text, conflict.start()),
                hint="settle the conflict in git (each item is one line: keep both sides' items), "
                "or run `ghsync map rebuild` to build the map anew from GitHub",
            ) from None
        raise error from None
    schema = _take(raw, "schema", str)
    if schema != MAP_SCHEMA:
        newer = re.fullmatch(r"ghsync\.map/[0-9]+", schema) is not None
        problem = "written by another version of ghsync" if newer else "not a sync map"
        raise CodecError(
            f"the schema is {schema!r}, not {MAP_SCHEMA!r}: {problem}",
            hint=NEWER if newer else REBUILD,
        )
    repo = _take(raw, "repo", dict)
    repo_id = _take(repo, "id", int, None)
    sync_map = SyncMap(
        repo_id=None if repo_id is None else RepoId(repo_id),
        repo=_take(repo, "full_name", str, None),
        forgotten=frozenset(IssueNumber(n) for n in _list(raw, "forgotten", int)),
        entries=_entries(_take(raw, "items", list), text),
    )
    _nothing_left(repo, "repo")
    _nothing_left(raw, "the map")
    return sync_map


def _entries(items: list[Any], text: str) -> dict[Key, Entry]:
    entries: dict[Key, Entry] = {}
    keys: dict[IssueNumber, Key] = {}
    for position, item in enumerate(items, start=1):
        key = item.get("key") if isinstance(item, dict) else None
        try:
            entry = _entry(_object(item, "an item"))
        except CodecError as error:
            name = repr(key) if isinstance(key, str) else f"number {position} of the list"
            line = _line_of(text, key)
            raise CodecError(f"item {name}: {error.message}", line=line, hint=error.hint) from None
        if entry.key in entries:
            raise CodecError(
                f"two items have the key {entry.key!r}: "
                f"issues #{entries[entry.key].number} and #{entry.number}",
                line=_line_of(text, entry.key, last=True),
                hint="keep the right one of the two lines, or run `ghsync map rebuild`",
            )
        if (other := keys.setdefault(entry.number, entry.key)) != entry.key:
            raise CodecError(
                f"issue #{entry.number} belongs to two items: {other!r} and {entry.key!r}",
                line=_line_of(text, entry.key),
                hint="remove the wrong one of the two lines, or run `ghsync map rebuild`",
            )
        entries[entry.key] = entry
    return entries


def entry_json(entry: Entry) -> JsonObject:
    """One line of the map; the path only where it is not the key's own file."""
    return {"key": entry.key, "number": entry.number, "id": entry.id} | _given(
        uid=entry.uid,
        kind=entry.kind.value,
        path=None if entry.path == f"{entry.key}.md" else entry.path,
        ident=entry.ident,
        base=None if entry.base is None else _base_json(entry.base),
    )


def _base_json(base: Base) -> JsonObject:
    return {"title": base.title, "body": base.body} | _given(
        labels=base.labels or None,
        assignees=base.assignees or None,
        milestone=base.milestone,
        state=None if base.state is State.OPEN else base.state.value,
        parent=base.parent,
        blocked_by=base.blocked_by or None,
    )


def _entry(raw: JsonObject) -> Entry:
    key = _take(raw, "key", str)
    uid = _take(raw, "uid", str, None)
    base = _take(raw, "base", dict, None)
    entry = Entry(
        key=Key(key),
        number=IssueNumber(_take(raw, "number", int)),
        id=IssueId(_take(raw, "id", int)),
        uid=None if uid is None else Uid(uid),
        kind=_word(Kind, _take(raw, "kind", str), "kind"),
        path=_take(raw, "path", str, f"{key}.md"),
        ident=_take(raw, "ident", str, None),
        base=None if base is None else _base(base),
    )
    _nothing_left(raw, "an item")
    return entry


def _base(raw: JsonObject) -> Base:
    parent = _take(raw, "parent", int, None)
    base = Base(
        title=_take(raw, "title", str),
        body=_take(raw, "body", str),
        labels=tuple(_list(raw, "labels", str)),
        assignees=tuple(_list(raw, "assignees", str)),
        milestone=_take(raw, "milestone", str, None),
        state=_word(State, _take(raw, "state", str, "open"), "state"),
        parent=None if parent is None else IssueNumber(parent),
        blocked_by=tuple(IssueNumber(n) for n in _list(raw, "blocked_by", int)),
    )
    _nothing_left(raw, "base")
    return base


# ---------------------------------------------------------------------------- JSON


def _dumps(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    # A file name that is not UTF-8 reaches us with lone surrogates, which no UTF-8 file can hold.
    return _SURROGATE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _loads(text: str) -> object:
    try:
        value: object = json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        problem = "it ends too early" if error.pos >= len(text.rstrip()) else f"{error.msg}"
        message = f"not valid JSON: {problem} (column {error.colno})"
        raise NotJsonError(message, line=error.lineno) from None
    except RecursionError:
        raise NotJsonError("not valid JSON: nested too deeply") from None
    return value


def _unique(pairs: list[tuple[str, Any]]) -> JsonObject:
    unique = dict(pairs)
    if len(unique) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise CodecError(f"the field {twice!r} is given twice")
    return unique


def _no_constant(name: str) -> NoReturn:
    raise CodecError(f"not valid JSON: {name}")


def _given(**fields: object) -> JsonObject:
    return {name: value for name, value in fields.items() if value is not None}


def _object(value: object, what: str) -> JsonObject:
    if not isinstance(value, dict):
        raise CodecError(f"{what} is not a JSON object")
    return value


_REQUIRED: Any = object()


def _take(raw: JsonObject, name: str, kind: type, default: Any = _REQUIRED) -> Any:
    """Take a field out of an object, so that what is left is unknown."""
    value = raw.pop(name, default)
    if value is default and value is not _REQUIRED:
        return value
    if value is _REQUIRED:
        raise CodecError(f"the field {name!r} is missing")
    if type(value) is not kind or (isinstance(value, int) and value < 0):
        raise CodecError(f"the field {name!r} has a wrong value")
    return value


def _list(raw: JsonObject, name: str, kind: type[_T]) -> list[_T]:
    values: list[_T] = _take(raw, name, list, [])
    if not all(type(value) is kind for value in values):
        raise CodecError(f"the field {name!r} has a wrong value")
    return values


def _time(raw: JsonObject, name: str) -> float:
    value = raw.pop(name, None)
    if type(value) not in (int, float) or not math.isfinite(value):
        raise CodecError(f"the field {name!r} is not a time")
    return float(value)


def _word(words: Callable[[str], _T], value: str, name: str) -> _T:
    try:
        return words(value)
    except ValueError:
        message = f"the field {name!r} holds {value!r}, which this version of ghsync does not know"
        raise CodecError(message, hint=NEWER) from None


def _nothing_left(raw: JsonObject, what: str) -> None:
    if raw:
        unknown = ", ".join(repr(name) for name in sorted(raw))
        message = f"{what} has a field unknown to this version of ghsync: {unknown}"
        raise CodecError(message, hint=NEWER)


def _line_at(text: str, position: int) -> int:
    return text.count("\n", 0, position) + 1


def _line_of(text: str, key: object, *, last: bool = False) -> int | None:
    """The line of an item, as this module spells its key; ``None`` in a reformatted file."""
    if not isinstance(key, str):
        return None
    spelled = f'{{"key":{_dumps(key)},'
    position = text.rfind(spelled) if last else text.find(spelled)
    return None if position < 0 else _line_at(text, position)
