"""Records to plain JSON and back, for the store."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import MISSING, fields
from typing import Any

from ghsync.sandbox.records import (
    Comment,
    Issue,
    IssueEvent,
    Label,
    Milestone,
    Record,
    RepoInfo,
    Token,
    User,
)
from ghsync.sandbox.state import State

_KINDS: dict[str, type[Any]] = {
    "user": User,
    "token": Token,
    "repo": RepoInfo,
    "label": Label,
    "milestone": Milestone,
    "issue": Issue,
    "comment": Comment,
    "event": IssueEvent,
}
_FIELDS = {kind: tuple(f.name for f in fields(record)) for kind, record in _KINDS.items()}
_REQUIRED = {
    kind: {f.name for f in fields(record) if f.default is MISSING and f.default_factory is MISSING}
    for kind, record in _KINDS.items()
}
_SCALARS = ("counter", "redirect", "deleted")
_ORDER = (*_KINDS, *_SCALARS)


def encode(kind: str, record: Record | Any) -> str:
    """One record as compact JSON."""
    if kind in _SCALARS:
        return json.dumps(record)
    content = {name: getattr(record, name) for name in _FIELDS[kind]}
    return json.dumps(content, separators=(",", ":"), ensure_ascii=True)


def restore(rows: Iterable[tuple[str, str, str]]) -> State:
    """A state from (kind, key, JSON) rows in any order; :class:`ValueError` if they are broken."""
    state = State()
    grouped: dict[str, list[tuple[str, Any]]] = {kind: [] for kind in _ORDER}
    for kind, key, text in rows:
        if kind not in grouped:
            raise ValueError(f"a record of unknown kind {kind!r}")
        grouped[kind].append((key, _decode(kind, text)))
    for kind in _ORDER:
        for key, value in sorted(grouped[kind], key=_by_id):
            try:
                _place(state, kind, key, value)
            except (KeyError, AttributeError, TypeError) as error:
                raise ValueError(f"{kind} {key} does not fit: {error!r}") from None
    state.take_changes()
    return state


def _by_id(row: tuple[str, Any]) -> tuple[int, str]:
    return (int(row[0]) if row[0].isdigit() else 0, row[0])


def _decode(kind: str, text: str) -> Any:
    try:
        content = json.loads(text)
    except RecursionError:
        raise ValueError(f"a {kind} that is nested too deeply") from None
    if kind in _SCALARS:
        return content
    if not isinstance(content, dict):
        raise ValueError(f"a {kind} that is no object")
    lacking = _REQUIRED[kind] - set(content)
    unknown = set(content) - set(_FIELDS[kind])
    if lacking or unknown:
        raise ValueError(f"a {kind} with wrong fields: {sorted(lacking | unknown)}")
    plain = {n: _plain(v) for n, v in content.items()}
    return _KINDS[kind](**plain)


def _plain(value: Any) -> Any:
    """Lists as the tuples that they were."""
    return tuple(_plain(each) for each in value) if isinstance(value, list) else value


def _place(state: State, kind: str, key: str, value: Any) -> None:
    match kind:
        case "user":
            state.put_user(value)
        case "token":
            state.put_token(value)
        case "repo":
            state.put_repo(value)
        case "label":
            state.put_label(value)
        case "milestone":
            state.put_milestone(value)
        case "issue":
            state.repos[value.repo].hold(value)
            state.issue_index[value.id] = (value.repo, value.number)
            state.newest = max(state.newest, value.updated_at)
        case "comment":
            state.put_comment(value)
        case "event":
            state.put_event(value)
        case "counter":
            state.set_counter(key, value)
        case "redirect":
            state.redirects[key] = value
        case _:
            state.deleted_names.add(key)
