"""Plan files of every shape: strategies made from the classes' own fields, so none is forgotten."""

from __future__ import annotations

import dataclasses
from typing import Any, get_args

from hypothesis import strategies as st

from ghsync import model as m
from ghsync.model.saved import SavedPlan, Side
from ghsync.planfile.codec import OPERATIONS

# Everything but the upper half of a surrogate pair: the lower one is a byte of an odd file name.
TEXT = st.text(
    st.characters(exclude_categories=("Cs",)) | st.sampled_from("\udc80\udcff\u202e\x9b\u200b\r\n"),
    max_size=8,
)
NUMBER = st.integers(1, 10**12)
TEXTS = st.lists(TEXT, max_size=2).map(tuple)
PAIRS = st.lists(st.tuples(TEXT, TEXT), max_size=2).map(tuple)
FIELD = st.sampled_from(get_args(m.FieldName))
VALUE = st.none() | TEXT | TEXTS
HELD = TEXT | NUMBER | st.booleans() | TEXTS


def build(kind: type) -> st.SearchStrategy[Any]:
    """An instance with any value in each field, or without the field where it has a default."""
    return st.deferred(
        lambda: st.builds(kind, **{f.name: BY_TYPE[str(f.type)] for f in dataclasses.fields(kind)})
    )


BY_TYPE: dict[str, st.SearchStrategy[Any]] = {
    "str": TEXT,
    "Key": TEXT,
    "str | None": st.none() | TEXT,
    "Key | None": st.none() | TEXT,
    "Uid | None": st.none() | TEXT,
    "tuple[str, ...]": TEXTS,
    "tuple[Key, ...]": TEXTS,
    "int": NUMBER,
    "IssueNumber": NUMBER,
    "IssueNumber | None": st.none() | NUMBER,
    "bool": st.booleans(),
    "Kind": st.sampled_from(m.Kind),
    "Severity": st.sampled_from(m.Severity),
    "StateReason": st.sampled_from(m.StateReason),
    "StateReason | None": st.none() | st.sampled_from(m.StateReason),
    "Priority": st.sampled_from(m.Priority),
    "Fields": PAIRS,
    "FieldName": FIELD,
    "FieldValue": VALUE,
    "Mapping[str, Held] | None": st.none() | st.dictionaries(TEXT, HELD, max_size=2),
    "tuple[Change, ...]": st.lists(build(m.Change), max_size=2).map(tuple),
    "tuple[Hunk, ...]": st.lists(build(m.Hunk), max_size=2).map(tuple),
}


def some(kind: type, most: int = 2) -> st.SearchStrategy[Any]:
    """A few of them."""
    return st.lists(build(kind), max_size=most).map(tuple)


OPERATION = st.one_of([build(kind) for kind in OPERATIONS.values()])
JSON = st.recursive(
    st.none() | st.booleans() | NUMBER | TEXT,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(TEXT, inner, max_size=2),
    max_leaves=4,
)
PLAN = st.builds(
    m.Plan,
    repo=st.builds(m.Repo, id=NUMBER, full_name=TEXT),
    operations=st.lists(OPERATION, max_size=4).map(tuple),
    unchanged=TEXTS,
    skipped=some(m.Skip),
    conflicts=some(m.Conflict),
    findings=some(m.Finding),
    numbers=st.dictionaries(TEXT, NUMBER, max_size=3),
    renames=some(m.Rename),
    later=TEXTS,
)
SAVED = st.builds(
    SavedPlan,
    plan=PLAN,
    version=TEXT,
    api_url=TEXT,
    sandbox=st.booleans(),
    inside=TEXT,
    commit=st.none() | TEXT,
    settings=st.dictionaries(TEXT, JSON, max_size=3),
    given=TEXTS,
    sides=some(Side),
)
