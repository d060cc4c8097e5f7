"""Reading what blocks an issue that is gone meanwhile."""

from __future__ import annotations

import pytest
from remote_kit import REPO, Wire, reply, run

from ghsync import reader
from ghsync.model import IssueNumber, Repo, RepoId
from ghsync.remote import wire

HERE = Repo(id=RepoId(1), full_name=REPO)
NUMBER = IssueNumber(7)


@pytest.mark.parametrize("status", [301, 404, 410])
def test_an_issue_that_is_gone_has_no_blockers(status: int) -> None:
    """Transferred, hidden or deleted: the others are read all the same."""
    script = Wire([reply(status, {"message": "This issue was deleted"})])
    assert run(script.client(), lambda door: reader.blockers_of(door, HERE, NUMBER)) is None


def test_a_repository_without_issues_is_an_error() -> None:
    """It is a 410, too, and not about this issue."""
    script = Wire([reply(410, {"message": "Issues are disabled for this repo"})])
    with pytest.raises(wire.IssuesDisabled):
        run(script.client(), lambda door: reader.blockers_of(door, HERE, NUMBER))
