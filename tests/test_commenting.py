"""The one comment on a pull request: found again, kept up to date, never somebody else's."""

from __future__ import annotations

import asyncio

import pytest
from contract.transport import ConformingTransport

from ghsync.clock import VirtualClock
from ghsync.commenting import Fate, Kept, keep_comment
from ghsync.limiter import GITHUB, Limiter
from ghsync.model import IssueNumber
from ghsync.remote import wire
from ghsync.remote.auth import Token
from ghsync.remote.client import Client
from ghsync.remote.gate import Gate
from ghsync.sandbox.faults import FaultKind, FaultRule
from ghsync.sandbox.github import GitHub
from ghsync.sandbox.inprocess import SandboxTransport
from ghsync.sandbox.people import Person, add_token
from ghsync.sandbox.records import Comment, Role

REPO = "octo/site"
START = 1_790_000_000.0
MARKER = "<!-- ghsync:test -->"


class Pull:
    """A pull request, and the app's token of a workflow that comments on it."""

    def __init__(self) -> None:
        self.github = GitHub()
        self.octo = Person(self.github, REPO, login="octo", now=START)
        self.number = IssueNumber(self.octo.open_pull_request("A plan", now=START).number)
        add_token(self.github, "app", login="github-actions[bot]", installation=True)
        self.octo.add_collaborator("github-actions[bot]", Role.WRITE, now=START)

    def keep(self, body: str, *, start: bool = True, token: str = "app") -> Kept:
        """Keep the comment as a workflow does, every exchange judged by GitHub's OpenAPI."""
        clock = VirtualClock(START)

        async def inside() -> Kept:
            async with Client(
                api_url="https://api.github.com",
                token=Token(token),
                gate=Gate(Limiter(GITHUB), clock),
                clock=clock,
                transport=ConformingTransport(SandboxTransport(self.github, clock)),
                random=lambda: 0.0,
            ) as client:
                return await keep_comment(
                    client, REPO, self.number, body, marker=MARKER, start=start
                )

        return asyncio.run(inside())

    def fault(self, **rule: object) -> None:
        """Let something go wrong."""
        self.github.faults.install(FaultRule(**rule))  # type: ignore[arg-type]

    @property
    def comments(self) -> list[Comment]:
        """What stands below the pull request."""
        return list(self.octo.repo.comments.values())


@pytest.fixture
def pull() -> Pull:
    """A pull request without a comment."""
    return Pull()


def test_it_is_made_once_and_then_updated(pull: Pull) -> None:
    """A second body replaces the first one, below the hidden marker; the same one sends nothing."""
    first = pull.keep("one")
    assert first.fate is Fate.CREATED
    assert first.url.endswith(f"#issuecomment-{pull.comments[0].id}")
    assert pull.keep("two") == Kept(fate=Fate.UPDATED, url=first.url)
    assert pull.keep("two") == Kept(fate=Fate.UNCHANGED, url=first.url)
    assert [comment.body for comment in pull.comments] == [f"{MARKER}\ntwo"]


def test_nothing_to_say_starts_no_comment(pull: Pull) -> None:
    """Without ``start`` a comment that is there is updated, and none is made."""
    assert pull.keep("nothing", start=False).fate is Fate.NOT_NEEDED
    assert pull.comments == []
    pull.keep("something")
    assert pull.keep("nothing", start=False).fate is Fate.UPDATED


def test_a_strangers_comment_is_not_ours(pull: Pull) -> None:
    """Whoever writes our marker first does not get our plan put under a name that is theirs."""
    pull.octo.comment(pull.number, f"{MARKER}\nNothing to see", now=START)
    assert pull.keep("plan").fate is Fate.CREATED
    assert pull.keep("plan 2").fate is Fate.UPDATED
    assert [c.body.partition("\n")[2] for c in pull.comments] == ["Nothing to see", "plan 2"]


def test_a_persons_token_knows_its_own_comment(pull: Pull) -> None:
    """A personal token's comment is found by its login, and the bot's is left alone."""
    pull.keep("by the bot")
    add_token(pull.github, "mine", login="octo")
    assert pull.keep("by octo", token="mine").fate is Fate.CREATED
    assert pull.keep("by octo again", token="mine").fate is Fate.UPDATED
    assert [(c.user, c.body.partition("\n")[2]) for c in pull.comments] == [
        ("github-actions[bot]", "by the bot"),
        ("octo", "by octo again"),
    ]


def test_it_is_found_on_a_later_page(pull: Pull) -> None:
    """Among more than a hundred comments."""
    for n in range(120):
        pull.octo.comment(pull.number, f"Comment {n}", now=START + n)
    pull.keep("one")
    assert pull.keep("two").fate is Fate.UPDATED
    assert len(pull.comments) == 121


def test_one_that_was_deleted_is_made_again(pull: Pull) -> None:
    """Somebody deletes it between the look and the update."""
    pull.keep("one")
    pull.fault(kind=FaultKind.STATUS, method="PATCH", path="/comments/", status=404)
    assert pull.keep("two").fate is Fate.CREATED


@pytest.mark.parametrize("committed", [True, False])
def test_an_unclear_create_is_looked_for(pull: Pull, committed: bool) -> None:
    """A 502 after the comment was made leaves one; one before it is an error, not a second try."""
    pull.fault(kind=FaultKind.STATUS, method="POST", path="/comments$", committed=committed)
    if committed:
        assert pull.keep("one").fate is Fate.UPDATED
    else:
        with pytest.raises(wire.UnknownOutcome):
            pull.keep("one")
    assert len(pull.comments) == int(committed)


def test_a_token_that_may_not_is_told(pull: Pull) -> None:
    """A fork's read-only token gets GitHub's 403."""
    pull.fault(
        kind=FaultKind.STATUS,
        method="POST",
        path="/comments$",
        status=403,
        message="Resource not accessible by integration",
    )
    with pytest.raises(wire.Forbidden, match="Resource not accessible by integration"):
        pull.keep("one")
