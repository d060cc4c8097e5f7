"""What an issue carries beside its PATCH: types, issue fields, locks, milestones, comments."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from store.store_disk import Killed
from world import EPIC, World, code, codes, names, numbers, ops, unfinished

from ghsync.errors import ExitCode, WrongRepositoryError
from ghsync.model import Status
from ghsync.sandbox import present, records, routes_issues, routes_labels
from ghsync.sandbox.faults import FaultKind
from ghsync.sandbox.people import Person, add_token
from ghsync.sandbox.records import ISSUE_FIELDS, Comment, Role

ORG = "acme/plan"
TYPES = {"epic": "Feature", "task": "Task"}
FIELDS = {"effort": "Effort", "due": "Target date", "importance": "Priority", "team": "Team"}


class Org(World):
    """A world whose repository belongs to an organization."""

    def __post_init__(self) -> None:
        """Point every run at it."""
        super().__post_init__()
        self.options |= {"repo": ORG, "remote_lock": False}
        self.me = Person(self.github, ORG, login="octo", now=self.clock.now())

    def settings(self, text: str) -> None:
        """Write the config."""
        self.file("ghsync.toml", text)

    def fields(self, title: str) -> dict[str, object]:
        """The issue fields of an issue by name."""
        held = dict(self.issue(title).fields)
        return {each.name: held[each.id] for each in ISSUE_FIELDS if each.id in held}

    def comments(self, title: str) -> list[Comment]:
        """The comments of an issue."""
        number = self.issue(title).number
        return [c for c in self.me.repo.comments.values() if c.issue == number]


@pytest.fixture
def org(tmp_path: Path) -> Org:
    """A folder, a GitHub with an organization, and the time."""
    return Org(tmp_path)


def in_step(world: World) -> None:
    """Check that another push has nothing to write."""
    world.later()
    run = world.push()
    assert (names(run), code(run)) == ([], ExitCode.DONE)


# ------------------------------------------------------------------------------- types


def test_a_type_travels_in_the_create_and_in_the_one_patch(org: Org) -> None:
    """By kind from the config, another by the file; no request of its own."""
    org.settings('types = { epic = "Feature", task = "task" }\n')
    org.epic()
    org.task(1, issue_type="Bug")
    org.task(2)
    assert unfinished(org.push()) == []
    assert [org.issue(t).type for t in ("Shop", "Task 1", "Task 2")] == ["Feature", "Bug", "Task"]
    in_step(org)
    org.later()
    org.task(1, title="Form", issue_type="Feature")
    before = len(org.github.log)
    run = org.push()
    assert names(run) == ["update"]
    assert len(org.writes(before)) == 1
    assert org.issue("Form").type == "Feature"
    in_step(org)


def test_a_type_is_merged_like_any_field(org: Org) -> None:
    """What a person sets stays, a removal in the file is one, both differently is a conflict."""
    org.epic()
    org.task(1, issue_type="Bug")
    org.task(2)
    org.push()
    org.me.edit(org.issue("Task 2").number, type="Feature", now=org.later())
    assert names(org.push()) == []
    org.task(1)
    assert ops(org.push()) == ["update Task 1"]
    assert org.issue("Task 1").type is None
    org.me.edit(org.issue("Task 2").number, type="Bug", now=org.later())
    org.task(2, issue_type="Task")
    run = org.push()
    assert [conflict.field for conflict in run.plan.conflicts] == ["type"]


def test_a_user_has_no_types(world: World) -> None:
    """Left out with one warning, not one for each item; a type set elsewhere stays."""
    world.file("ghsync.toml", 'types = { task = "Task" }\nfields = { effort = "Effort" }\n')
    world.backlog(4, effort=3)
    run = world.push()
    assert unfinished(run) == []
    assert [f.code for f in run.findings] == ["fields_unavailable", "types_unavailable"]
    assert code(run) is ExitCode.DONE
    world.later()
    assert names(world.push()) == []


def test_an_unknown_type_is_left_out(org: Org) -> None:
    """One warning for the word, with what there is."""
    org.settings('types = { task = "Story" }\n')
    org.backlog(3)
    run = org.push()
    found = [f.message for f in run.findings if f.code == "type_unknown"]
    assert len(found) == 1
    assert "Task, Bug, Feature" in found[0]
    assert unfinished(run) == []


def test_what_a_token_may_not_set_is_named(org: Org) -> None:
    """GitHub drops type and fields in silence without the right to set them."""
    org.settings('types = { task = "Bug" }\nfields = { effort = "Effort" }\n')
    org.me.open_issue("Other", labels=["task"], now=org.clock.now())
    org.me.add_collaborator("reader", Role.READ, now=org.clock.now())
    add_token(org.github, "weak", login="reader", installation=True)
    org.token = "weak"
    org.task(1, effort=3)
    run = org.push()
    assert code(run) is ExitCode.AUTH
    assert "type" in str(run.error)


# ------------------------------------------------------------------------ issue fields


def fields_of(**names_: str) -> str:
    """The setting that maps these."""
    return "fields = { " + ", ".join(f'{k} = "{v}"' for k, v in names_.items()) + " }\n"


def test_fields_are_made_with_the_issue_and_set_by_one_request(org: Org) -> None:
    """Text, date, number and select; changed ones in one request, which counts as content."""
    org.settings(fields_of(**FIELDS))
    org.task(1, effort="3.0", due="2026-12-01", importance="high", team="Shop")
    first = org.dry_run()
    assert (first.requests.writes, first.requests.content) == (2, 1)  # with the label `task`
    assert unfinished(org.push()) == []
    told = {"Effort": 3, "Target date": "2026-12-01", "Priority": "High", "Team": "Shop"}
    assert org.fields("Task 1") == told
    in_step(org)
    org.task(1, effort=5, due="2026-12-01", importance="low")
    plan = org.dry_run()
    assert names(plan) == ["set_fields", "clear_field"]
    assert (plan.requests.writes, plan.requests.content) == (2, 2)
    before = len(org.github.log)
    assert unfinished(org.push()) == []
    assert len(org.writes(before)) == 2
    assert org.fields("Task 1") == {"Effort": 5, "Target date": "2026-12-01", "Priority": "Low"}
    in_step(org)


def test_fields_are_merged_one_by_one(org: Org) -> None:
    """What people set stays; only a field that both changed is a conflict."""
    org.settings(fields_of(**FIELDS))
    org.task(1, effort=3, team="Shop")
    org.push()
    number = org.issue("Task 1").number
    org.me.set_field(number, "Priority", "Low", now=org.later())
    org.me.set_field(number, "Effort", 8, now=org.later())
    org.task(1, effort=3, team="Till")
    assert names(org.push()) == ["set_fields"]
    assert org.fields("Task 1") == {"Effort": 8, "Priority": "Low", "Team": "Till"}
    org.later()
    org.task(1, effort=5, team="Till")
    run = org.push()
    [conflict] = run.plan.conflicts
    assert (conflict.field, conflict.local, conflict.remote) == (
        "fields",
        "Effort: 5",
        "Effort: 8",
    )
    assert names(org.push(on_conflict="local")) == ["set_fields"]
    assert org.fields("Task 1")["Effort"] == 5


@pytest.mark.parametrize("text", ["[web, Android]", "web, Android", "\n  - web\n  - Android"])
def test_several_options_are_set_at_once(org: Org, text: str) -> None:
    """From a list or a text with commas, in any case; their order on GitHub is no change."""
    org.settings(fields_of(platforms="Platforms"))
    org.task(1, platforms=text)
    assert unfinished(org.push()) == []
    assert org.fields("Task 1") == {"Platforms": ("Web", "Android")}
    in_step(org)
    number = org.issue("Task 1").number
    org.me.set_field(number, "Platforms", ["Android", "Web"], now=org.later())
    in_step(org)
    org.task(1, platforms="[iOS, web]")
    run = org.push()
    assert (names(run), unfinished(run)) == (["set_fields"], [])
    assert org.fields("Task 1") == {"Platforms": ("iOS", "Web")}
    in_step(org)
    org.me.set_field(number, "Platforms", ["Web"], now=org.later())
    in_step(org)  # what somebody else changed alone stays
    org.task(1, platforms="[iOS, Web, Android]")
    [conflict] = org.push().plan.conflicts
    assert (conflict.local, conflict.remote) == (
        "Platforms: iOS, Web, Android", "Platforms: Web",
    )  # fmt: skip
    org.task(1)
    org.me.set_field(number, "Platforms", ["iOS", "Web"], now=org.later())
    assert names(org.push()) == ["clear_field"]
    assert org.fields("Task 1") == {}
    in_step(org)


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("platforms", "[Web, BeOS]", "several"),
        ("effort", "much", "numbers"),
        ("due", "soon", "dates"),
        ("importance", "Vast", "offers"),
    ],
)
def test_a_value_that_does_not_fit_is_left_out(org: Org, field: str, value: str, says: str) -> None:
    """A warning that says what the field holds; the item goes on, and nothing is taken off."""
    org.settings(fields_of(**FIELDS, platforms="Platforms"))
    fits = {"effort": "1", "due": "2026-01-01", "importance": "Low", "platforms": "Web"}
    org.task(1, **{field: fits[field]})
    org.push()
    held = org.fields("Task 1")
    org.later()
    org.task(1, **{field: value})
    run = org.push()
    [finding] = [f for f in run.findings if f.code == "field_value"]
    assert says in finding.message
    assert org.fields("Task 1") == held


# -------------------------------------------------------------------------------- lock


def test_a_file_can_lock_its_issue(org: Org) -> None:
    """By a request of its own, which is no content; unlocked again, and a person's lock stays."""
    org.task(1, locked="true")
    org.task(2)
    first = org.dry_run()
    assert (first.requests.writes, first.requests.content) == (4, 2)  # with the label `task`
    assert unfinished(org.push()) == []
    assert org.issue("Task 1").locked
    in_step(org)
    org.task(1)
    assert names(org.push()) == ["unlock"]
    assert not org.issue("Task 1").locked
    org.me.lock(org.issue("Task 2").number, now=org.later())
    in_step(org)
    assert org.issue("Task 2").locked


def test_closed_issues_can_be_locked(org: Org) -> None:
    """`lock = "closed"`: closed, then locked; unlocked before it is opened again."""
    org.settings('lock = "closed"\n')
    org.task(1)
    org.task(2, status="done", locked="false")
    org.push()
    org.later()
    org.task(1, status="done")
    assert names(org.push()) == ["close", "lock"]
    assert org.issue("Task 1").locked
    assert not org.issue("Task 2").locked
    org.later()
    org.task(1)
    run = org.push()
    assert names(run) == ["unlock", "reopen"]
    assert not org.issue("Task 1").locked
    in_step(org)


# -------------------------------------------------------------------------- milestones


def test_a_milestone_is_made_as_the_config_says(org: Org) -> None:
    """With its day and its text; one that exists is left as it is, in whatever case."""
    org.settings('[milestones."V1.0"]\ndue = 2026-12-01\ndescription = "The first."\n')
    org.task(1, milestone="v1.0")
    org.task(2, milestone="V1.0")
    assert unfinished(org.push()) == []
    [made] = org.me.repo.milestones.values()
    assert made.title.casefold() == "v1.0"
    assert made.description == "The first."
    assert made.due_on is not None
    assert org.issue("Task 1").milestone == org.issue("Task 2").milestone == made.number
    in_step(org)
    org.settings('[milestones."v1.0"]\ndue = 2027-01-01\n')
    in_step(org)


def test_the_configs_spelling_of_a_milestone_wins(org: Org) -> None:
    """Where items spell it in several ways, one is made, by the config's name."""
    org.settings('[milestones."v1.0"]\ndue = 2026-12-01\n')
    org.task(1, milestone="V1.0")
    org.task(2, milestone="v1.0")
    org.push()
    assert [each.title for each in org.me.repo.milestones.values()] == ["v1.0"]
    in_step(org)


def test_an_update_without_its_milestone_says_so(org: Org) -> None:
    """No empty PATCH: the update fails with the reason, and the next push makes up for it."""
    org.task(1)
    org.push()
    org.later()
    org.task(1, milestone="v2")
    org.fault(FaultKind.STATUS, status=403, method="POST", path="/milestones$")
    before = len(org.github.log)
    run = org.push()
    assert [r.status for r in run.results] == [Status.FAILED, Status.FAILED]
    assert "milestone v2 could not be made" in run.results[1].message
    assert [e.method for e in org.writes(before)] == ["POST"]
    org.later()
    assert unfinished(org.push()) == []
    in_step(org)


# ---------------------------------------------------------------------- closing comment


def closing(org: Org) -> None:
    """One open task that has its issue, and a config with a closing comment."""
    org.settings('closing_comment = "Closed by {path} ({status})."\n')
    org.task(1)
    org.push()
    org.later()
    org.task(1, status="done")


def test_a_closing_comment_comes_with_the_close(org: Org) -> None:
    """One comment for each closing, counted as content; none for an issue that is born closed."""
    closing(org)
    org.task(2, status="done")
    run = org.push()
    assert [n for n in names(run) if n in ("comment", "close")] == ["comment", "close", "close"]
    [comment] = org.comments("Task 1")
    assert comment.body.endswith(f"Closed by {EPIC}/001.md (done).")
    assert org.comments("Task 2") == []
    in_step(org)
    org.task(1)
    org.push()
    org.later()
    org.task(1, title="Form", status="done")
    assert sorted(names(org.push())) == ["comment", "update"]
    assert len(org.comments("Form")) == 2


@pytest.mark.parametrize("committed", [True, False])
@pytest.mark.parametrize("kind", [FaultKind.STATUS, FaultKind.RESET])
def test_a_comment_of_unclear_outcome_is_looked_for(
    org: Org, kind: FaultKind, committed: bool
) -> None:
    """Not sent again before it is certain that it was not made."""
    closing(org)
    org.fault(kind, method="POST", path="/comments$", committed=committed)
    run = org.push()
    assert unfinished(run) == []
    assert len(org.comments("Task 1")) == 1
    assert org.issue("Task 1").state == "closed"
    in_step(org)


class _Deadly:
    """A transport that kills the process at a write, before or after it was carried out."""

    def __init__(self, inner: object, at: int, committed: bool) -> None:
        self._inner = inner
        self._left = at
        self._committed = committed

    async def handle_async_request(self, request: object) -> object:
        self._left -= request.method != "GET"  # type: ignore[attr-defined]
        dying = self._left == 0 and request.method != "GET"  # type: ignore[attr-defined]
        if dying and not self._committed:
            raise Killed
        answer = await self._inner.handle_async_request(request)  # type: ignore[attr-defined]
        if dying:
            raise Killed
        return answer

    async def aclose(self) -> None:
        await self._inner.aclose()  # type: ignore[attr-defined]


@pytest.mark.parametrize("at", [1, 2])
@pytest.mark.parametrize("committed", [True, False])
def test_a_process_that_dies_at_its_comment(org: Org, at: int, committed: bool) -> None:
    """Killed at the comment or at the close: the next push comments once in all."""
    closing(org)
    org.wrap = lambda inner: _Deadly(inner, at, committed)
    with pytest.raises(Killed):
        org.push()
    org.wrap = lambda inner: inner
    org.revive()
    org.later()
    plan = org.dry_run().plan
    run = org.push()
    assert run.plan.operations == plan.operations
    assert unfinished(run) == []
    assert len(org.comments("Task 1")) == 1
    assert org.issue("Task 1").state == "closed"
    in_step(org)


def test_a_push_killed_at_any_step_comments_once(tmp_path: Path) -> None:
    """Between any two writes to the disk."""
    step = 0
    done = False
    while not done:
        step += 1
        root = tmp_path / str(step)
        root.mkdir()
        org = Org(root)
        closing(org)
        org.disk.kill_at = len(org.disk.steps) + step
        try:
            org.push()
        except Killed:
            org.revive()
            org.later()
            assert unfinished(org.push()) == []
        else:
            done = True
        assert len(org.comments("Task 1")) == 1
        assert org.issue("Task 1").state == "closed"
    assert step > 5


# -------------------------------------------------------------------------------- undo


def test_an_undo_restores_what_it_can(org: Org) -> None:
    """Type, fields, lock and milestone go back; a comment stays."""
    org.settings(fields_of(effort="Effort", team="Team") + 'closing_comment = "Done."\n')
    org.task(1, issue_type="Bug", effort=3, team="Shop", milestone="v1")
    org.push()
    org.later()
    org.task(1, issue_type="Task", effort=5, milestone="v2", locked="true", status="done")
    assert unfinished(org.push()) == []
    org.later()
    run = org.undo()
    assert unfinished(run) == []
    issue = org.issue("Task 1")
    assert (issue.type, issue.locked, issue.state) == ("Bug", False, "open")
    assert org.me.repo.milestones[issue.milestone or 0].title == "v1"
    assert org.fields("Task 1") == {"Effort": 3, "Team": "Shop"}
    assert len(org.comments("Task 1")) == 1


# -------------------------------------------------------------------------------- gone


@pytest.mark.parametrize(
    ("happen", "words"),
    [
        (lambda org, n: org.me.delete(n, now=org.later()), "was deleted from acme/plan"),
        (
            lambda org, n: org.me.transfer(n, "acme/other", now=org.later()),
            "was transferred to acme/other#1",
        ),
        (
            lambda org, n: org.me.convert_to_discussion(n, now=org.later()),
            "was converted to a discussion",
        ),
    ],
)
def test_what_became_of_an_issue_is_said_by_name(
    org: Org, happen: Callable[[Org, int], object], words: str
) -> None:
    """Deleted, transferred (and where to), converted: an error that says what to do."""
    org.backlog(2)
    org.push()
    happen(org, org.issue("shop 1").number)
    org.later(100_000)  # what is gone shows only where everything is read again
    org.task(1, "shop 1", body="New.")
    run = org.push()
    [finding] = [f for f in run.findings if f.code == "issue_gone"]
    assert words in finding.message
    assert "ghsync map forget" in finding.message
    assert names(run) == []
    assert code(run) is ExitCode.PARTIAL


def test_a_sandbox_removed_by_hand_is_one_message(org: Org) -> None:
    """Not one for each item; it names what to do."""
    org.backlog(3)
    org.push()
    org.later()
    fresh = Org(org.root, clock=org.clock, disk=org.disk)
    with pytest.raises(WrongRepositoryError, match="not there any more") as caught:
        fresh.push()
    assert "ghsync sandbox reset" in caught.value.hint


def test_requests_of_the_details_are_as_planned(org: Org) -> None:
    """Every write of the plan is sent, and no other."""
    org.settings(
        fields_of(effort="Effort") + 'closing_comment = "Done."\nlock = "closed"\n'
        'types = { task = "Task" }\n'
    )
    org.backlog(3, effort=1)
    org.push()
    org.later()
    org.task(1, "shop 1", effort=2, status="done")
    org.task(2, "shop 2", body="New.", effort=1)
    plan = org.dry_run()
    before = len(org.github.log)
    run = org.push()
    assert unfinished(run) == []
    assert run.plan.operations == plan.plan.operations
    sent = org.writes(before)
    assert len(sent) == plan.requests.writes, numbers(sent)
    assert sum(entry.content for entry in sent) == plan.requests.content
    assert codes(run) == set()
    in_step(org)


# ------------------------------------------------------------- what people do to the names


def test_labels_that_differ_in_case_are_one(world: World) -> None:
    """GitHub has one of them; each file may spell it as it likes, and nothing is written for it."""
    world.epic()
    world.task(1, labels=["Web"])
    world.task(2, labels=["web"])
    world.push()
    assert world.labels("Task 1") == world.labels("Task 2") == {"task", "Web"}
    in_step(world)
    world.task(1, labels=["WEB"])
    in_step(world)


def test_a_label_that_was_renamed_on_github_stays_renamed(world: World) -> None:
    """Renaming touches no issue, so the cache has the old name when the file adds another one."""
    world.epic()
    world.task(1, labels=["web"])
    world.push()
    for _ in range(2):
        world.later(200)
        world.push()
    world.later(200)
    label = world.me.repo.label_named("web")
    assert label is not None
    world.github.state.put_label(replace(label, name="frontend"))
    in_step(world)
    world.task(1, labels=["web", "new"])
    assert ops(world.push()) == ["create_label new", "update Task 1"]
    assert world.labels("Task 1") == {"task", "frontend", "new"}
    assert world.me.repo.label_named("web") is None
    in_step(world)


def test_a_milestone_that_was_closed_is_still_the_one(world: World) -> None:
    """No second of its title, and nothing reopens it."""
    world.epic()
    world.task(1, milestone="v1")
    world.push()
    [milestone] = world.me.repo.milestones.values()
    world.github.state.put_milestone(replace(milestone, state="closed"))
    world.later()
    world.task(2, milestone="v1")
    assert ops(world.push()) == ["create Task 2"]
    [now] = world.me.repo.milestones.values()
    assert (now.state, world.issue("Task 2").milestone) == ("closed", now.number)
    in_step(world)


def test_a_type_that_the_organization_took_away_is_no_write_at_every_push(
    org: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The issues lose it on GitHub, and that stays; a new one is made without, with a warning."""
    org.settings('types = { task = "Bug" }\n')
    org.epic()
    org.task(1)
    org.push()
    kept = tuple(each for each in records.ISSUE_TYPES if each.name != "Bug")
    for module in (present, routes_issues, routes_labels):
        monkeypatch.setattr(module, "ISSUE_TYPES", kept)
    org.me.edit(org.issue("Task 1").number, type=None, now=org.later())
    in_step(org)
    org.task(2)
    run = org.push()
    assert (ops(run), codes(run)) == (["create Task 2"], {"type_unknown"})
    in_step(org)
