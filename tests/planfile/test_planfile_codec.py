"""The text of a plan file: it holds the whole plan, and nothing but what ghsync wrote is taken."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from planfile.planfile_strategies import OPERATION, SAVED

from ghsync.errors import PlanFileError
from ghsync.model import CreateIssue, Key, Kind, Operation, Plan, Priority, Repo, RepoId
from ghsync.model.saved import SavedPlan
from ghsync.planfile import codec
from ghsync.planfile.codec import OPERATIONS, checksum_of, decode, encode
from ghsync.report import schemas

SLOW = settings(max_examples=40, suppress_health_check=list(HealthCheck))


def create(key: str = "a/b", body: str = "Text.") -> CreateIssue:
    """A create."""
    return CreateIssue(
        key=Key(key),
        kind=Kind.TASK,
        path=f"{key}.md",
        title="Title",
        body=body,
        labels=("task",),
        assignees=(),
        milestone=None,
        parent=None,
        blocked_by=(),
        priority=Priority.MEDIUM,
    )


def saved(*operations: Operation) -> SavedPlan:
    """A plan as a file keeps it."""
    return SavedPlan(
        plan=Plan(repo=Repo(id=RepoId(1), full_name="octo/plan"), operations=operations),
        version="0.1.0",
        api_url="https://api.github.com",
        sandbox=False,
        inside="",
        commit=None,
        settings={},
        given=(),
        sides=(),
    )


def signed(text: str) -> str:
    """A text with the checksum that it should have."""
    lines = text.split("\n", 3)
    found = codec._checksum("\n".join([*lines[:2], lines[3]]))
    return "\n".join([*lines[:2], f'"checksum": "{found}",', lines[3]])


@SLOW
@given(SAVED)
def test_what_is_written_is_read_again(plan: SavedPlan) -> None:
    """Every plan comes back equal, from a text that is the same each time and fits its schema."""
    text = encode(plan)
    assert decode(text) == plan
    assert encode(decode(text)) == text
    Draft202012Validator(schemas.load("plan")).validate(json.loads(text))


@settings(max_examples=150)
@given(OPERATION)
def test_each_operation_is_read_again(operation: Operation) -> None:
    """Every operation comes back equal, whatever its texts hold."""
    found = decode(encode(saved(operation))).plan.operations
    assert found == (operation,)


def test_every_operation_has_a_word() -> None:
    """No kind of operation is missing in the file."""
    kinds = {kind for union in get_args(Operation) for kind in (get_args(union) or (union,))}
    assert set(OPERATIONS.values()) == kinds


@settings(max_examples=150)
@given(st.data())
def test_any_changed_byte_is_refused(data: st.DataObject) -> None:
    """A file in which one byte is another one is no plan, wherever that is."""
    text = encode(saved(create(), create("c"))).encode()
    place = data.draw(st.integers(0, len(text) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda found: found != text[place]))
    changed = bytes([*text[:place], byte, *text[place + 1 :]])
    with pytest.raises((PlanFileError, UnicodeDecodeError)):
        decode(changed.decode())


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "not valid JSON"),
        ("[]", "no plan"),
        ("{}", "no plan"),
        ('{"schema": "ghsync.map/1"}', "no plan"),
        ('{"schema": "ghsync.plan/2"}', "another version"),
        ('{"schema": "ghsync.plan/1"}', "changed after"),
        ('{"a": NaN}', "NaN"),
        ('{"a": ' + "9" * 5000 + "}", "cannot be read"),
        ("[" * 100_000, "nested too deeply"),
        ("<<<<<<< ours\n", "line 1"),
    ],
)
def test_what_is_no_plan_file(text: str, says: str) -> None:
    """Whatever the file holds, the error says what is wrong, and what to do."""
    with pytest.raises(PlanFileError) as caught:
        decode(text)
    assert says in caught.value.message
    assert caught.value.hint
    assert caught.value.exit_code == 5


def test_another_layout_of_the_same_json_is_refused() -> None:
    """A formatter that ran over the file has changed it."""
    raw = json.loads(encode(saved(create())))
    with pytest.raises(PlanFileError, match="changed after"):
        decode(json.dumps(raw, indent=2))


def test_windows_line_ends_are_no_change() -> None:
    """Git may check the file out with CRLF."""
    text = encode(saved(create(body="two\r\nlines")))
    assert decode(text.replace("\n", "\r\n")) == decode(text)
    assert checksum_of(text.replace("\n", "\r\n")) == checksum_of(text)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda raw: raw["operations"][0].pop("title"), "operations[0] has no 'title'"),
        (lambda raw: raw["operations"][0].update(title=1), "operations[0].title must be a text"),
        (lambda raw: raw["operations"][0].update(op="burn"), "operations[0] has the op 'burn'"),
        (lambda raw: raw["operations"][0].update(kind="x"), "operations[0].kind must be one of"),
        (lambda raw: raw["operations"][0].update(more=1), "operations[0] has 'more'"),
        (lambda raw: raw["operations"][0].update(labels="x"), "operations[0].labels must be a"),
        (lambda raw: raw["operations"].append(3), "operations[1] must be an object"),
        (lambda raw: raw["repo"].pop("id"), "repo must hold"),
        (lambda raw: raw.update(more=1), "it has 'more'"),
        (lambda raw: raw.pop("items"), "it has no 'items'"),
        (lambda raw: raw["numbers"].update(a=-1), "numbers.a must be a whole number"),
        (lambda raw: raw.update(sandbox=1), "sandbox must be true or false"),
    ],
)
def test_a_wrong_value_is_named_by_its_place(change: Any, says: str) -> None:
    """A file of another version, say, whose checksum is right: the error names the place."""
    raw = json.loads(encode(saved(create())))
    del raw["checksum"]
    change(raw)
    lines = [f"{json.dumps(name)}: {json.dumps(value)}," for name, value in raw.items()]
    text = signed("\n".join(["{", lines[0], "", *lines[1:]]).rstrip(",") + "\n}\n")
    with pytest.raises(PlanFileError) as caught:
        decode(text)
    assert says in caught.value.message


def test_a_reviewer_sees_what_an_editor_hides() -> None:
    """Invisible and overriding characters are written as codes; other letters as they are."""
    text = encode(saved(create(body="plän \u202ereversed\u2066 \x9b31m \u200b")))
    assert "plän \\u202ereversed\\u2066 \\u009b31m \\u200b" in text


def test_one_operation_is_one_line() -> None:
    """So that a diff of two plans shows operations."""
    one, two = encode(saved(create("a"))), encode(saved(create("a"), create("b")))
    new = set(two.splitlines()) - set(one.splitlines())
    assert len(new) == 3  # the checksum, the new one, and the comma after the old one


def test_its_name_is_its_checksum() -> None:
    """Another plan has another checksum."""
    one, two = encode(saved(create("a"))), encode(saved(create("b")))
    assert checksum_of(one).startswith("sha256:")
    assert checksum_of(one) != checksum_of(two)
    assert checksum_of(encode(replace(saved(create("a")), sandbox=True))) != checksum_of(one)
