"""GitHub's limits in virtual time, tokens without rights, and servers that turn a run away."""

from __future__ import annotations

import pytest
from world import World, code, names, of_status, unfinished

from ghsync.errors import AuthError, ExitCode, RepositoryError
from ghsync.model import Status, Waiting
from ghsync.sandbox.faults import FaultKind, token_dies
from ghsync.sandbox.limits import CAUTIOUS
from ghsync.sandbox.people import add_token, revoke_token
from ghsync.sandbox.records import Role
from ghsync.sandbox.seeds import SANDBOX_TOKEN


def rejections(world: World) -> list[float]:
    """When the server turned a request away for a limit."""
    return [entry.time for entry in world.github.log if entry.limited]


def test_two_hundred_creates_meet_no_limit(world: World) -> None:
    """As fast as 80 a minute allow, and never over: no rejection in the server's log."""
    for epic in range(4):
        world.backlog(49, f".claude/epics/e{epic:03d}")
    run = world.push()
    assert unfinished(run) == []
    assert rejections(world) == []
    creates = [e.time for e in world.writes() if e.path.endswith("/issues")]
    assert len(creates) == 200
    assert creates[-1] - creates[0] < 200 * 0.75 * 1.02


def test_the_eta_is_right(world: World) -> None:
    """For 300 creates, before the run: within 2 % of what it takes; the writes are as announced."""
    for epic in range(6):
        world.backlog(49, f".claude/epics/e{epic:03d}")
    plan = world.dry_run()
    run = world.push()
    assert unfinished(run) == []
    assert abs(plan.eta_seconds - run.duration) < 0.02 * run.duration
    assert plan.requests.writes == run.spent.writes
    assert plan.requests.content == run.spent.content == 300
    assert plan.requests.reads == pytest.approx(run.spent.reads, abs=2)
    assert run.rate_limit is not None
    assert run.rate_limit.limit == 5000
    assert run.rate_limit.remaining < 5000


def test_a_second_run_does_not_burst(world: World) -> None:
    """The windows are seeded from the journal: a restart at once still meets no limit."""
    world.backlog(60)
    world.push()
    world.backlog(60, ".claude/epics/more")
    assert unfinished(world.push()) == []
    assert rejections(world) == []


def test_a_second_run_keeps_to_a_longer_window_too(world: World) -> None:
    """A window of the user's own may be a day long: the journal keeps what counts in it."""
    world.file("ghsync.toml", '[limits]\ncontent = ["6/1m", "9/20h"]\n')
    world.backlog(5)
    world.push()
    world.later(7200)
    world.push()
    world.backlog(5, ".claude/epics/more")
    run = world.push(max_time=3600)
    assert code(run) is ExitCode.STOPPED
    assert len(world.titles) == 9


@pytest.mark.parametrize("status", [403, 429])
@pytest.mark.parametrize("retry_after", ["30", None])
def test_a_secondary_limit_is_waited_for(
    world: World, status: int, retry_after: str | None
) -> None:
    """As long as GitHub asks, else a minute; then the run goes on and nothing is lost or twice."""
    world.backlog(20)
    world.fault(
        FaultKind.LIMITED, method="POST", path="/issues$", skip=5, status=status,
        retry_after=retry_after,
    )  # fmt: skip
    run = world.push()
    assert (unfinished(run), code(run)) == ([], ExitCode.DONE)
    (rejected,) = rejections(world)
    after = [e.time for e in world.github.log if e.time > rejected + 1]
    assert min(after) - rejected >= (30 if retry_after else 60)
    assert any(isinstance(event, Waiting) for event in world.events)
    assert len(world.titles) == 21
    world.agree()


def test_submitted_too_quickly_is_waited_for(world: World) -> None:
    """The 422 that is a limit: not executed, sent again later."""
    world.backlog(5)
    world.fault(FaultKind.TOO_QUICKLY, method="POST", path="/issues$", skip=2)
    assert unfinished(world.push()) == []
    assert len(world.titles) == 6
    world.agree()


def test_a_stricter_server_than_expected_is_learned(world: World) -> None:
    """A server with 20 a minute and 150 an hour, and a run that believes in 80 and 500."""
    world.limit(CAUTIOUS)
    world.backlog(60)
    run = world.push()
    assert (unfinished(run), code(run)) == ([], ExitCode.DONE)
    assert len(world.titles) == 61
    assert len(rejections(world)) <= 2
    world.agree()


# --------------------------------------------------------------------------- rights


@pytest.mark.parametrize("role", [Role.READ])
def test_a_token_that_may_not_triage_is_refused_up_front(world: World, role: Role) -> None:
    """GitHub would drop labels in silence: exit 4, nothing is sent."""
    world.me.configure(private=False, now=world.clock.now())
    add_token(world.github, "weak", login="guest", cap=role)
    world.token = "weak"
    world.backlog(2)
    with pytest.raises(AuthError) as caught:
        world.push()
    assert caught.value.exit_code is ExitCode.AUTH
    assert "drop" in caught.value.message
    assert world.writes() == []


def test_an_apps_token_is_probed_by_the_first_create(world: World) -> None:
    """It shows no permissions; what its first issue lost is named, and the run stops with 4."""
    _weak_app(world)
    world.me.open_issue("An older one", labels=["x", "epic", "task"], now=world.clock.now())
    world.backlog(3, labels=["x"])
    run = world.push()
    assert code(run) is ExitCode.AUTH
    assert run.error is not None
    assert "labels" in run.error.message
    assert "--allow-dropped" in run.error.hint
    assert len(world.titles) <= 3


def test_an_app_that_may_make_no_label_stops_at_once(world: World) -> None:
    """403 for the first label: exit 4, before any issue is made without it."""
    _weak_app(world)
    world.backlog(3, labels=["x"])
    assert code(world.push()) is ExitCode.AUTH
    assert world.titles == []


def test_dropped_fields_can_be_allowed(world: World) -> None:
    """``--allow-dropped`` goes on, with a warning for each issue; the next push repeats none."""
    _weak_app(world)
    for name in "abcd":
        world.epic(name, f".claude/epics/{name}", labels=["x"])
    run = world.push(allow_dropped=True)
    assert [f.code for f in run.findings].count("dropped") == 4
    assert len(world.titles) == 4
    assert not of_status(run, Status.FAILED) + of_status(run, Status.PENDING)
    world.agree()
    world.later()
    again = world.push(allow_dropped=True)
    assert [name for name in names(again) if name != "create_label"] == []


def _weak_app(world: World) -> None:
    """An app that may open issues, but set no labels: GitHub lets it, and drops them."""
    add_token(world.github, "app", login="app[bot]", cap=Role.READ, installation=True)
    world.token = "app"


def test_a_token_that_dies_midway_stops_the_run(world: World) -> None:
    """401: exit 4, what was done is recorded, and a new token goes on."""
    world.backlog(30)
    rule = world.github.faults.install(token_dies(after=12))
    run = world.push()
    assert code(run) is ExitCode.AUTH
    done = [t for t in of_status(run, Status.DONE) if t.startswith("create shop")]
    assert 0 < len(done) == len(world.titles) < 31
    assert not of_status(run, Status.UNKNOWN)
    assert of_status(run, Status.PENDING)
    world.github.faults.remove(rule)
    assert unfinished(world.push()) == []
    world.agree()


def test_a_revoked_token_is_exit_4(world: World) -> None:
    """From the first request on."""
    world.backlog(1)
    revoke_token(world.github, SANDBOX_TOKEN)
    with pytest.raises(AuthError) as caught:
        world.push()
    assert caught.value.exit_code is ExitCode.AUTH


@pytest.mark.parametrize("what", ["archived", "no issues", "deleted"])
def test_a_repository_that_takes_no_issues_is_exit_4(world: World, what: str) -> None:
    """Archived, issues switched off, or not there: said before anything is sent."""
    world.backlog(1)
    if what == "deleted":
        world.github.state.remove_repo(world.me.repo)
    else:
        changes = {"archived": {"archived": True}, "no issues": {"has_issues": False}}[what]
        world.me.configure(now=world.clock.now(), **changes)
    with pytest.raises(RepositoryError) as caught:
        world.push()
    assert caught.value.exit_code is ExitCode.AUTH
    assert caught.value.hint
    assert world.writes() == []


def test_a_repository_that_is_archived_midway_stops_the_run(world: World) -> None:
    """The first refusal is enough."""
    world.backlog(20)
    world.fault(
        FaultKind.STATUS, method="POST", path="/issues$", skip=5, times=None, status=403,
        message="Repository was archived so is read-only.",
    )  # fmt: skip
    run = world.push()
    assert code(run) is ExitCode.AUTH
    assert len(of_status(run, Status.FAILED)) <= 2
    assert len(world.titles) == 5


# -------------------------------------------------------------------- time and budget


def test_the_reserve_is_left_to_others(world: World) -> None:
    """``--reserve`` keeps so many of the hour's requests; the run waits for the next hour."""
    world.backlog(10)
    run = world.push(reserve=4990)
    assert unfinished(run) == []
    assert run.duration > 600
    assert names(run).count("create") == 11
