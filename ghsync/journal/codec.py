"""The text of the journal (one JSON event a line) and of the map (one item a line).

Both are strict: an unknown kind, field or schema is an error, because a newer ghsync may have
meant something by it that this one would silently drop. Docs: ``docs/state-files.md``.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, NoReturn, TypeVar, assert_never

from ghsync.journal.childlists import implied, restore, shorten
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
    Trying,
)
from ghsync.model import Fields, IssueNumber, Key, Kind, State
from ghsync.patterns import regex

MAP_SCHEMA = "ghsync.map/1"

NEWER = "use the newer ghsync that wrote it, or rebuild it with `ghsync map rebuild`"
REBUILD = "restore it from git, or run `ghsync map rebuild` to build it anew from GitHub"

JsonObject = dict[str, Any]
_E = TypeVar("_E", bound=StrEnum)

# "<<<<<<< ours", "=======", ">>>>>>> theirs", and "|||||||" in the diff3 style. A JSON string
# holds no raw line end, so none of these can begin a line of a sound map.
_CONFLICT = regex(r"^(?:<{7}|={7}|>{7}|\|{7})(?:[ \r]|$)", re.MULTILINE)
_SURROGATE = regex("[\ud800-\udfff]")


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
    kind = raw.pop("e", None)
    if kind not in _EVENTS:
        raise CodecError(f"event {kind!r} is unknown to this version of ghsync", hint=NEWER)
    shape, build = _EVENTS[kind]
    return build(shape.check(raw))


def _event_json(event: JournalEvent) -> JsonObject:
    match event:
        case Intent():
            raw = {"e": "intent", "key": event.key, "uid": event.uid, "floor": event.floor}
            base = None if event.base is None else _base_json(event.base)
            what = None if event.what == "issue" else event.what
            item = _given(kind=event.kind, path=event.path or None, ident=event.ident)
            return raw | _given(at=event.at, what=what, base=base) | (item if base else {})
        case NotExecuted():
            return {"e": "not_executed", "uid": event.uid}
        case Recorded():
            return {"e": "recorded", "entry": entry_json(event.entry)}
        case Trying():
            return {"e": "trying", "entry": entry_json(event.entry)} | _given(body=event.body)
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
    known = implied(sync_map.entries.values())
    entries = [sync_map.entries[key] for key in sorted(sync_map.entries)]
    items = [_dumps(shorten(entry_json(entry), entry, known)) for entry in entries]
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
    schema = raw.get("schema")
    if schema != MAP_SCHEMA:
        newer = re.fullmatch(r"ghsync\.map/[0-9]+", str(schema)) is not None
        problem = "written by another version of ghsync" if newer else "not a sync map"
        raise CodecError(
            f"the schema is {schema!r}, not {MAP_SCHEMA!r}: {problem}",
            hint=NEWER if newer else REBUILD,
        )
    _MAP.check(raw)
    repo = _REPO.check(raw["repo"])
    return SyncMap(
        repo_id=repo.get("id"),
        repo=repo.get("full_name"),
        forgotten=frozenset(_all(raw, "forgotten", int)),
        entries=restore(raw["items"], _entries(raw["items"], text)),
    )


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
        word=entry.word,
        commented=entry.commented,
    )


def _base_json(base: Base) -> JsonObject:
    return {"title": base.title, "body": base.body} | _given(
        labels=base.labels or None,
        assignees=base.assignees or None,
        milestone=base.milestone,
        type=base.type,
        fields=dict(base.fields) or None,
        state=None if base.state is State.OPEN else base.state.value,
        locked=base.locked or None,
        not_planned=base.not_planned or None,
        parent=base.parent,
        blocked_by=base.blocked_by or None,
        children=base.children or None,
        apart=dict(base.apart) or None,
    )


def _entry(raw: JsonObject) -> Entry:
    _ENTRY.check(raw)
    base = raw.get("base")
    return Entry(
        key=raw["key"],
        number=raw["number"],
        id=raw["id"],
        uid=raw.get("uid"),
        kind=_word(Kind, raw, "kind", Kind.TASK),
        path=raw.get("path", f"{raw['key']}.md"),
        ident=raw.get("ident"),
        base=None if base is None else _base(base),
        word=raw.get("word"),
        commented=raw.get("commented"),
    )


def _base(raw: JsonObject) -> Base:
    _BASE.check(raw)
    return Base(
        title=raw["title"],
        body=raw["body"],
        labels=_all(raw, "labels", str),
        assignees=_all(raw, "assignees", str),
        milestone=raw.get("milestone"),
        type=raw.get("type"),
        fields=_texts(raw, "fields"),
        state=_word(State, raw, "state", State.OPEN),
        locked=raw.get("locked", False),
        not_planned=raw.get("not_planned", False),
        parent=raw.get("parent"),
        blocked_by=_all(raw, "blocked_by", int),
        children=_all(raw, "children", int),
        apart=_texts(raw, "apart"),
    )


# -------------------------------------------------------------------------- shapes


class _Shape:
    """Which fields an object must and may have, and of which type."""

    def __init__(self, name: str, required: Mapping[str, type], /, **optional: type) -> None:
        self._name = name
        self._required = required.keys()
        types = {**required, **optional}
        self._known = types.keys()
        self._fitting = set(types.items()) | {(n, int) for n, t in types.items() if t is float}
        self._numbers = [name for name, kind in types.items() if kind in (int, float)]

    def check(self, raw: JsonObject) -> JsonObject:
        """Return the object; raises :class:`CodecError` where it is not of this shape."""
        # Twice for each of 10,000 items, at the start of every run: sets do the looping.
        if not self._fitting.issuperset(zip(raw, map(type, raw.values()), strict=True)):
            if odd := sorted(raw.keys() - self._known):
                message = f"{self._name} has a field unknown to this version of ghsync: {odd[0]!r}"
                raise CodecError(message, hint=NEWER)
            wrong = next(n for n, value in raw.items() if (n, type(value)) not in self._fitting)
            raise CodecError(f"the field {wrong!r} has a wrong value")
        if not self._required <= raw.keys():
            missing = next(name for name in self._required if name not in raw)
            raise CodecError(f"the field {missing!r} is missing")
        for name in self._numbers:
            if not 0 <= raw.get(name, 0) < math.inf:
                raise CodecError(f"the field {name!r} has a wrong value")
        return raw


_MAP = _Shape("the map", {"schema": str, "repo": dict, "forgotten": list, "items": list})
_REPO = _Shape("repo", {}, id=int, full_name=str)
_ENTRY = _Shape(
    "the item",
    {"key": str, "number": int, "id": int, "kind": str},
    uid=str,
    path=str,
    ident=str,
    base=dict,
    word=str,
    commented=str,
)
_BASE = _Shape(
    "base",
    {"title": str, "body": str},
    labels=list,
    assignees=list,
    milestone=str,
    type=str,
    fields=dict,
    state=str,
    locked=bool,
    not_planned=bool,
    parent=int,
    blocked_by=list,
    children=list,
    apart=dict,
)
_EVENTS: Mapping[object, tuple[_Shape, Callable[[JsonObject], JournalEvent]]] = {
    "intent": (
        _Shape(
            "the intent",
            {"key": str, "uid": str, "floor": int, "at": float},
            what=str,
            base=dict,
            kind=str,
            path=str,
            ident=str,
        ),
        lambda raw: Intent(
            **raw
            | ({"base": _base(raw["base"])} if "base" in raw else {})
            | {"kind": _word(Kind, raw, "kind", Kind.TASK)}
        ),
    ),
    "not_executed": (_Shape("the event", {"uid": str}), lambda raw: NotExecuted(**raw)),
    "recorded": (
        _Shape("the event", {"entry": dict}),
        lambda raw: Recorded(entry=_entry(raw["entry"])),
    ),
    "trying": (
        _Shape("the event", {"entry": dict}, body=str),
        lambda raw: Trying(entry=_entry(raw["entry"]), body=raw.get("body")),
    ),
    "rekeyed": (
        _Shape("the event", {"old": str, "new": str, "number": int}),
        lambda raw: Rekeyed(**raw),
    ),
    "forgotten": (
        _Shape("the event", {"key": str, "number": int}),
        lambda raw: Forgotten(**raw),
    ),
    "bound": (
        _Shape("the event", {"id": int, "repo": str}),
        lambda raw: BoundTo(repo_id=raw["id"], repo=raw["repo"]),
    ),
    "sent": (
        _Shape("the event", {"at": float}, content=bool),
        lambda raw: Sent(at=raw["at"], content=raw.get("content", False)),
    ),
}


# ---------------------------------------------------------------------------- JSON


_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _dumps(value: object) -> str:
    text = _ENCODER.encode(value)
    # A file name that is not UTF-8 reaches us with lone surrogates, which no UTF-8 file can hold.
    return _SURROGATE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _loads(text: str) -> object:
    try:
        value: object = json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        problem = "it ends too early" if error.pos >= len(text.rstrip()) else f"{error.msg}"
        message = f"not valid JSON: {problem} (column {error.colno})"
        raise NotJsonError(message, line=error.lineno) from None
    except CodecError:
        raise
    except (RecursionError, ValueError):
        raise NotJsonError("not valid JSON: nested too deeply, or a number too long") from None
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


def _all(raw: JsonObject, name: str, kind: type) -> tuple[Any, ...]:
    values = raw.get(name)
    if not values:
        return ()
    if set(map(type, values)) != {kind}:
        raise CodecError(f"the field {name!r} has a wrong value")
    return tuple(values)


def _texts(raw: JsonObject, name: str) -> Fields:
    values: JsonObject = raw.get(name, {})
    if not all(type(value) is str for value in values.values()):
        raise CodecError(f"the field {name!r} has a wrong value")
    return tuple(sorted(values.items()))


def _word(words: type[_E], raw: JsonObject, name: str, default: _E) -> _E:
    value = raw.get(name, default)
    try:
        return words(value)
    except ValueError:
        message = f"the field {name!r} holds {value!r}, which this version of ghsync does not know"
        raise CodecError(message, hint=NEWER) from None


def _line_at(text: str, position: int) -> int:
    return text.count("\n", 0, position) + 1


def _line_of(text: str, key: object, *, last: bool = False) -> int | None:
    """The line of an item, as this module spells its key; ``None`` in a reformatted file."""
    if not isinstance(key, str):
        return None
    spelled = f'{{"key":{_dumps(key)},'
    position = text.rfind(spelled) if last else text.find(spelled)
    return None if position < 0 else _line_at(text, position)
