"""The client against the sandbox: every request that ghsync makes, and its faults, end to end."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import pytest
from remote_kit import REPO, START

from ghsync.clock import VirtualClock
from ghsync.limiter import GITHUB, Limiter
from ghsync.model import Issue, IssueNumber, Requests, State
from ghsync.remote import wire
from ghsync.remote.auth import Token
from ghsync.remote.client import Client
from ghsync.remote.gate import Gate
from ghsync.sandbox.faults import FaultKind, FaultRule
from ghsync.sandbox.github import GitHub
from ghsync.sandbox.inprocess import SandboxTransport
from ghsync.sandbox.seeds import SANDBOX_TOKEN

T = TypeVar("T")
Story = Callable[[Client], Awaitable[T]]


def tell(story: Story[T], *, faults: tuple[FaultRule, ...] = (), github: GitHub | None = None) -> T:
    """Tell a story to a client whose network is a sandbox."""
    github = GitHub() if github is None else github
    for fault in faults:
        github.faults.install(fault)
    clock = VirtualClock(START)

    async def inside() -> T:
        async with Client(
            api_url="https://api.github.com",
            token=Token(SANDBOX_TOKEN),
            gate=Gate(Limiter(GITHUB), clock),
            clock=clock,
            transport=SandboxTransport(github, clock),
            random=lambda: 0.0,
        ) as client:
            return await story(client)

    return asyncio.run(inside())


async def make(client: Client, title: str = "T", **fields: object) -> Issue:
    """Create an issue and read the answer."""
    request = wire.create_issue(REPO, title=title, body="B", **fields)  # type: ignore[arg-type]
    issue = wire.parse_issue((await client.send(request)).data)
    assert issue is not None
    return issue


async def count(client: Client) -> int:
    """How many issues there are, by all pages."""
    total = 0
    async for page in client.pages(wire.list_issues(REPO, page_size=2)):
        assert isinstance(page.data, list)
        total += len(page.data)
    return total


def test_every_request_is_understood() -> None:
    """One of each, in an order that makes sense; the sandbox answers as GitHub does."""

    async def story(client: Client) -> None:
        send = client.send
        repo = await client.find_repo(REPO)
        assert (repo.full_name, repo.push) == (REPO, True)
        login = wire.parse_login((await send(wire.get_user())).data)
        assert await client.probe_limits() is True
        await send(wire.create_label(REPO, "task", "0e8a16", "a task"))
        answer = await send(wire.create_milestone(REPO, "v1"))
        milestone = wire.parse_milestone(answer.data)
        epic = await make(client, "Epic")
        task = await make(
            client,
            "Task",
            labels=["task"],
            assignees=[login],
            milestone=milestone.number,
            parent_issue_id=epic.id,
        )
        assert (task.parent, task.milestone, task.labels) == (epic.number, "v1", ("task",))
        closing = {"state": "closed", "state_reason": "not_planned"}
        closed = wire.parse_issue((await send(wire.update_issue(REPO, task.number, closing))).data)
        assert closed is not None
        assert (closed.state, closed.state_reason) == (State.CLOSED, "not_planned")
        await send(wire.create_comment(REPO, task.number, "hi"))
        await send(wire.add_blocked_by(REPO, task.number, epic.id))
        blockers = (await send(wire.list_blocked_by(REPO, task.number))).data
        assert isinstance(blockers, list)
        ref = wire.parse_ref(blockers[0])
        assert (ref.repo, ref.number) == (REPO, epic.number)
        await send(wire.remove_blocked_by(REPO, task.number, epic.id))
        await send(wire.remove_sub_issue(REPO, epic.number, task.id))
        await send(wire.add_sub_issue(REPO, epic.number, task.id))
        children = (await send(wire.list_sub_issues(REPO, epic.number))).data
        assert isinstance(children, list)
        assert len(children) == 1
        for request in (
            wire.list_labels(REPO),
            wire.list_milestones(REPO),
            wire.list_assignees(REPO),
        ):
            assert (await send(request)).data
        first = await send(wire.get_issue(REPO, task.number))
        again = wire.conditional(wire.get_issue(REPO, task.number), first.etag)
        assert (await send(again)).status == 304

    tell(story)


def test_pages_are_followed_to_the_end() -> None:
    """By the sandbox's own links, which go by the repository's id as GitHub's do."""

    async def story(client: Client) -> int:
        for number in range(5):
            await make(client, f"T{number}")
        return await count(client)

    assert tell(story) == 5


def test_githubs_refusals_are_recognised() -> None:
    """The texts and codes of the sandbox are those that the predicates know."""

    async def refused(client: Client, request: wire.Request) -> wire.ApiError:
        with pytest.raises(wire.Unprocessable) as caught:
            await client.send(request)
        return caught.value

    async def story(client: Client) -> None:
        await client.send(wire.create_label(REPO, "task", "0e8a16"))
        await client.send(wire.create_milestone(REPO, "v1"))
        epic, task = await make(client, "Epic"), await make(client, "Task")
        await client.send(wire.add_sub_issue(REPO, epic.number, task.id))
        await client.send(wire.add_blocked_by(REPO, task.number, epic.id))
        for request, known in (
            (wire.create_label(REPO, "TASK", "0e8a16"), wire.label_exists),
            (wire.create_milestone(REPO, "v1"), wire.milestone_exists),
            (wire.add_sub_issue(REPO, epic.number, task.id), wire.already_sub_issue),
            (wire.add_blocked_by(REPO, task.number, epic.id), wire.already_blocked_by),
        ):
            assert known(await refused(client, request)), request.label
        error = await refused(
            client, wire.create_issue(REPO, title="T", body="", assignees=["nobody-here"])
        )
        assert wire.invalid_assignees(error) == ("nobody-here",)
        with pytest.raises(wire.NotFound):
            await client.send(wire.get_issue(REPO, IssueNumber(999)))

    tell(story)


CREATES = {"method": "^POST$", "path": "/issues$"}
AMBIGUOUS = [
    FaultRule(kind=kind, committed=committed, status=status, **CREATES)  # type: ignore[arg-type]
    for committed in (True, False)
    for kind, status in (
        (FaultKind.STATUS, 500),
        (FaultKind.STATUS, 502),
        (FaultKind.STATUS, 503),
        (FaultKind.STATUS, 504),
        (FaultKind.TIMEOUT, 0),
        (FaultKind.RESET, 0),
    )
]
TRUNCATED = FaultRule(kind=FaultKind.TRUNCATED, **CREATES)  # type: ignore[arg-type]
SLOW = FaultRule(kind=FaultKind.SLOW, seconds=99.0, **CREATES)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "fault", [*AMBIGUOUS, TRUNCATED, SLOW], ids=lambda f: f"{f.kind}-{f.status}"
)
def test_an_unclear_create_leaves_one_issue_or_none(fault: FaultRule) -> None:
    """Committed or not: one sending, no duplicate, and an outcome to be reconciled."""

    async def story(client: Client) -> tuple[int, Requests]:
        with pytest.raises(wire.UnknownOutcome):
            await make(client)
        return await count(client), client.spent

    executed = fault.committed or fault.kind in (FaultKind.TRUNCATED, FaultKind.SLOW)
    found, spent = tell(story, faults=(fault,))
    assert (found, spent.writes) == (int(executed), 1)


@pytest.mark.parametrize(
    "fault",
    [
        FaultRule(kind=FaultKind.REFUSED, times=3, **CREATES),  # type: ignore[arg-type]
        FaultRule(kind=FaultKind.LIMITED, status=403, times=2, **CREATES),  # type: ignore[arg-type]
        FaultRule(kind=FaultKind.LIMITED, status=429, retry_after="7", **CREATES),  # type: ignore[arg-type]
        FaultRule(kind=FaultKind.TOO_QUICKLY, times=2, **CREATES),  # type: ignore[arg-type]
    ],
    ids=lambda f: f"{f.kind}-{f.status}",
)
def test_a_create_that_was_not_executed_is_made_once_in_the_end(fault: FaultRule) -> None:
    """Refused connections and limits are waited out, by the client itself."""

    async def story(client: Client) -> int:
        await make(client)
        return await count(client)

    assert tell(story, faults=(fault,)) == 1


def test_a_burst_of_creates_never_meets_a_limit() -> None:
    """A hundred and twenty at once: the gate spreads them, the sandbox refuses none."""
    github = GitHub()

    async def story(client: Client) -> int:
        await asyncio.gather(*(make(client, f"T{n}") for n in range(120)))
        return await count(client)

    assert tell(story, github=github) == 120
    assert not [entry for entry in github.log if entry.limited]
