"""Whatever is asked of it, the sandbox's state stays consistent, and survives its store."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from sandbox_kit import Kit, R

from ghsync.sandbox.codec import encode, restore
from ghsync.sandbox.state import State

NUMBER = st.integers(1, 6)
STEP = st.one_of(
    st.tuples(st.just("create"), st.none() | NUMBER, st.booleans()),
    st.tuples(st.just("link"), NUMBER, NUMBER),
    st.tuples(st.just("unlink"), NUMBER, NUMBER),
    st.tuples(st.just("block"), NUMBER, NUMBER),
    st.tuples(st.just("unblock"), NUMBER, NUMBER),
    st.tuples(st.just("state"), NUMBER, st.booleans()),
    st.tuples(st.just("milestone"), NUMBER, st.booleans()),
    st.tuples(st.just("delete"), NUMBER, st.none()),
)


def do(kit: Kit, step: tuple[str, Any, Any]) -> None:
    """One step; those that make no sense are refused by the sandbox."""
    kind, one, two = step
    repo = kit.github.state.repo_named("sandbox/demo")
    assert repo is not None
    ids = {n: issue.id for n, issue in repo.issues.items()}
    other = ids.get(two, 7) if isinstance(two, int) else 7
    path = f"{R}/issues/{one}"
    match kind:
        case "create":
            parent = {} if one is None else {"parent_issue_id": ids.get(one, 7)}
            kit.quick("POST", f"{R}/issues", {"title": "x", **parent})
        case "link":
            kit.quick("POST", f"{path}/sub_issues", {"sub_issue_id": other, "replace_parent": True})
        case "unlink":
            kit.quick("DELETE", f"{path}/sub_issue", {"sub_issue_id": other})
        case "block":
            kit.quick("POST", f"{path}/dependencies/blocked_by", {"issue_id": other})
        case "unblock":
            kit.quick("DELETE", f"{path}/dependencies/blocked_by/{other}")
        case "state":
            kit.quick("PATCH", path, {"state": "closed" if two else "open"})
        case "milestone":
            kit.quick("PATCH", path, {"milestone": 1 if two else None})
        case _:
            if one in repo.issues and repo.issues[one].here:
                kit.person("sandbox-user").delete(one, now=kit.now)


def consistent(state: State) -> None:
    """Both ends of every edge agree, no cycle, and the tally is what counting gives."""
    repo = state.repo_named("sandbox/demo")
    assert repo is not None
    here = [issue for issue in repo.issues.values() if issue.here]
    for issue in here:
        for child in issue.sub_issues:
            found = state.issue_by_id(child)
            assert found is not None
            assert found.parent == issue.id
        for blocker in issue.blocked_by:
            found = state.issue_by_id(blocker)
            assert found is not None
            assert issue.id in found.blocking
        for blocked in issue.blocking:
            found = state.issue_by_id(blocked)
            assert found is not None
            assert issue.id in found.blocked_by
        seen, above = {issue.id}, issue.parent
        while above is not None:
            assert above not in seen
            seen.add(above)
            found = state.issue_by_id(above)
            assert found is not None
            assert issue.id in found.sub_issues or issue.parent != found.id
            above = found.parent
    for key, count in repo.tally.items():
        assert count == sum((issue.milestone, issue.state) == key for issue in here)


@settings(max_examples=60, deadline=None)
@given(st.lists(STEP, max_size=25))
def test_every_walk_keeps_the_state_consistent(steps: list[tuple[str, Any, Any]]) -> None:
    """Edges have two ends, trees no cycles, counts are right, and storing loses nothing."""
    kit = Kit()
    kit.quick("POST", f"{R}/milestones", {"title": "m"})
    for step in steps:
        do(kit, step)
        kit.now += 1
    state = kit.github.state
    consistent(state)
    rows = [
        (kind, key, encode(kind, record))
        for (kind, key), record in state.changes.items()
        if record is not None
    ]
    back = restore(rows)
    consistent(back)
    for repo_id, repo in state.repos.items():
        assert back.repos[repo_id].issues == repo.issues
