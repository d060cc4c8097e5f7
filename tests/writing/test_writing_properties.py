"""What holds whatever an issue says: the file says it too, or it is named as not held."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from writing_kit import items

from ghsync import render
from ghsync.edit import EditError
from ghsync.edit.bodies import trimmed
from ghsync.model import Item, State, StateReason
from ghsync.writing import Want, Written, rewrite

FILES = {
    ".claude/epics/shop/epic.md": "---\nname: shop # x\nstatus: backlog\nlabels: [a]\n---\n"
    "\n# Epic\n",
    ".claude/epics/shop/001.md": "# Pay\r\n\r\nText\r\n",
    "backlog/tasks/task-1 - Pay.md": "---\nid: task-1\ntitle: 'Pay'\nstatus: To Do\nassignee: []\n"
    "labels:\n  - bug\ndependencies: []\n---\n\n## Description\n\nText  \n",
    "docs/stories/1.1.pay.md": "# Story\n\n**Status:** Draft\n\nText\n",
    "specs/001-shop/spec.md": "# Shop\n\n**Status**: Draft\n",
    "specs/001-shop/tasks.md": "## One\n\n- [ ] T001 [P] Make\n  - with care\n- [x] T002 Pay\n",
}
KEYS = st.sampled_from(sorted(items(FILES)))
WORDS = st.text(max_size=30) | st.text(st.sampled_from("ab #:-*_`'\"[]{}@,\n"), max_size=12)
NAMES = st.lists(WORDS.map(lambda text: " ".join(text.split())).filter(bool), max_size=3)


def written(key: str, want: Want) -> tuple[Written, Item, Item] | None:
    """What was written, the item before and after; ``None`` where it was refused."""
    before = items(FILES)
    try:
        made = rewrite(before[key], FILES[before[key].path], want)
    except EditError:
        return None
    after = items({**FILES, before[key].path: made.text})
    for other in before.keys() - {key}:
        old, new = before[other], after[other]
        assert (old.title, old.body, old.state) == (new.title, new.body, new.state)
    return made, before[key], after[key]


@given(KEYS, WORDS)
def test_a_title_is_read_back_or_not_held(key: str, title: str) -> None:
    """Never another title, and no other field with it."""
    found = written(key, Want(title=title))
    if found is None:
        return
    made, before, after = found
    wanted = before.title if "title" in made.unheld else render.one_line(title)
    assert after.title == (wanted or before.title)
    assert (after.state, after.labels, after.assignees) == (
        before.state,
        before.labels,
        before.assignees,
    )
    if "body" not in made.changed:
        assert after.body == before.body


@given(KEYS, st.sampled_from([State.OPEN, State.CLOSED]), st.sampled_from([None, *StateReason]))
def test_a_state_is_read_back(key: str, state: State, reason: StateReason | None) -> None:
    """Every layout here can say every state; back again, it says the first."""
    found = written(key, Want(state=state, reason=reason))
    assert found is not None
    made, before, after = found
    assert made.unheld == ()
    assert after.state is state
    assert after.title == before.title
    assert (made.text == FILES[before.path]) is ("state" not in made.changed)


@settings(max_examples=50)
@given(KEYS, NAMES, NAMES)
def test_names_are_read_back_or_not_held(key: str, labels: list[str], people: list[str]) -> None:
    """A set that the file holds is just the wanted one."""
    item = items(FILES)[key]
    want = Want(labels=(item.kind.value, *labels), assignees=tuple(people))
    found = written(key, want)
    if found is None:
        return
    made, before, after = found
    if "labels" not in made.unheld:
        assert {x.casefold() for x in after.labels} == {x.casefold() for x in want.labels or ()}
    assert (after.title, after.body, after.state) == (before.title, before.body, before.state)


@given(KEYS, st.text(st.sampled_from("ab#*: \n-[x]T01`<!>"), max_size=60))
def test_a_body_is_read_back_or_not_held(key: str, body: str) -> None:
    """Whatever stands in it, and back again, the file has its old body."""
    found = written(key, Want(body=body))
    if found is None:
        return
    made, before, after = found
    if "body" in made.unheld:
        assert after.body == before.body
        return
    assert after.body == trimmed(body)
    if before.body and body.strip() and before.path != "specs/001-shop/tasks.md":
        try:
            back = rewrite(after, made.text, Want(body=before.body))
        except EditError:
            return
        assert items({**FILES, before.path: back.text})[key].body == before.body
