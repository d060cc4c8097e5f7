"""What a workflow run is about: the event that started it, as the runner tells it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import cast

from ghsync.cli.action.inputs import Command
from ghsync.model import IssueNumber
from ghsync.values import dataclass

_PULLS = ("pull_request", "pull_request_target")
_PUSHES = ("push", "workflow_dispatch", "schedule")
"""Where ``auto`` pushes, on the default branch. Others say that branch although the job may have
checked out something else: ``workflow_run`` and ``issue_comment`` a fork's files, for one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trigger:
    """The event of a workflow run; a field that the runner did not tell is empty."""

    event: str
    ref: str
    sha: str
    """The checked-out commit; of a pull request its own newest, not the trial merge."""
    default_branch: str
    pull: IssueNumber | None
    """The number of the pull request that this is about."""
    from_fork: bool
    """Whether that is a fork's, whose workflows get a token that may only read."""
    repository: str
    run_url: str

    @property
    def on_default_branch(self) -> bool:
        """Whether this runs on the repository's default branch; a schedule always does."""
        if self.event == "schedule":
            return True
        return bool(self.default_branch) and self.ref == f"refs/heads/{self.default_branch}"

    def settle(self, command: Command) -> Command:
        """Say what ``auto`` means here."""
        if command is not Command.AUTO:
            return command
        pushes = self.event in _PUSHES and self.on_default_branch
        return Command.PUSH if pushes else Command.PLAN


def read(env: Mapping[str, str]) -> Trigger:
    """Read the event from the runner's variables and its file; what is not there is unknown."""
    payload = _payload(env.get("GITHUB_EVENT_PATH", ""))
    event = env.get("GITHUB_EVENT_NAME", "")
    pull = _object(payload, "pull_request") if event in _PULLS else {}
    head = _object(pull, "head")
    repository = env.get("GITHUB_REPOSITORY", "")
    return Trigger(
        event=event,
        ref=env.get("GITHUB_REF", ""),
        sha=_text(head, "sha") or env.get("GITHUB_SHA", ""),
        default_branch=_text(_object(payload, "repository"), "default_branch"),
        pull=_number(pull),
        from_fork=event == "pull_request" and _is_fork(pull, head),
        repository=repository,
        run_url=_run_url(env, repository),
    )


def _run_url(env: Mapping[str, str], repository: str) -> str:
    server, run = env.get("GITHUB_SERVER_URL", ""), env.get("GITHUB_RUN_ID", "")
    return f"{server}/{repository}/actions/runs/{run}" if server and run else ""


def _is_fork(pull: Mapping[str, object], head: Mapping[str, object]) -> bool:
    """By the repositories' names; a head without one was deleted, so it was another one."""
    base = _text(_object(_object(pull, "base"), "repo"), "full_name")
    theirs = _text(_object(head, "repo"), "full_name")
    return bool(base) and base.casefold() != theirs.casefold()


def _payload(path: str) -> Mapping[str, object]:
    if not path:
        return {}
    try:
        found = json.loads(Path(path).read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _object(data: Mapping[str, object], name: str) -> Mapping[str, object]:
    found = data.get(name)
    return cast("Mapping[str, object]", found) if isinstance(found, dict) else {}


def _text(data: Mapping[str, object], name: str) -> str:
    found = data.get(name)
    return found if isinstance(found, str) else ""


def _number(pull: Mapping[str, object]) -> IssueNumber | None:
    found = pull.get("number")
    right = isinstance(found, int) and not isinstance(found, bool) and found > 0
    return IssueNumber(cast("int", found)) if right else None
