"""The sandbox's own endpoints, ``/_sandbox/…``: faults, limits, log, state and clock over HTTP.

They want a token of the sandbox like any write, so that no web page can use them.
"""

from __future__ import annotations

from dataclasses import asdict, fields, replace
from typing import Any

from ghsync.sandbox.faults import FaultRule
from ghsync.sandbox.github import GitHub
from ghsync.sandbox.limits import MODES, Limits
from ghsync.sandbox.messages import (
    JsonObject,
    Problem,
    Response,
    SandboxRequest,
    json_body,
    no_content,
    not_found,
    reply_json,
)
from ghsync.sandbox.state import Repo

PREFIX = "/_sandbox/"


class Admin:
    """The control room of one sandbox; ``offset`` is how far its clock is ahead, in seconds."""

    def __init__(self, github: GitHub) -> None:
        self._github = github
        self.offset = 0.0

    def handle(self, request: SandboxRequest, now: float) -> Response:
        """Answer one request under ``/_sandbox/``."""
        try:
            if self._github.actor(request) is None:
                raise Problem(401, "Requires a token of this sandbox")
            return self._route(request, now)
        except Problem as problem:
            return problem.response()
        except ValueError as error:
            return Problem(422, str(error)).response()

    def _route(self, request: SandboxRequest, now: float) -> Response:
        name, _, rest = request.target.partition("?")[0].removeprefix(PREFIX).partition("/")
        match request.method, name, rest:
            case "GET", "faults", "":
                return reply_json(200, self._github.faults.as_json())
            case "POST", "faults", "":
                rule = FaultRule.from_json(json_body(request.body))
                return reply_json(201, {"id": self._github.faults.install(rule)})
            case "DELETE", "faults", "":
                self._github.faults.clear()
                return no_content()
            case "DELETE", "faults", _ if rest.isascii() and rest.isdigit():
                if not self._github.faults.remove(int(rest)):
                    raise not_found()
                return no_content()
            case "GET", "limits", "":
                return reply_json(200, asdict(self._github.limits))
            case "PUT", "limits", "":
                self._github.limits = limits_from_json(json_body(request.body))
                return reply_json(200, asdict(self._github.limits))
            case "GET", "log", "":
                return reply_json(200, [asdict(entry) for entry in self._github.log])
            case "GET", "state", "":
                repos = self._github.state.repos.values()
                return reply_json(200, {"repositories": [_outline(repo) for repo in repos]})
            case "GET", "clock", "":
                return reply_json(200, {"now": now, "offset": self.offset})
            case "POST", "clock", "":
                return self._advance(json_body(request.body), now)
            case _:
                raise not_found()

    def _advance(self, content: JsonObject, now: float) -> Response:
        seconds = content.get("advance")
        if isinstance(seconds, bool) or not isinstance(seconds, int | float) or seconds < 0:
            raise ValueError("advance: a number of seconds, 0 or more, is wanted")
        self.offset += seconds
        return reply_json(200, {"now": now + seconds, "offset": self.offset})


def limits_from_json(content: JsonObject) -> Limits:
    """Limits by the name of a mode, by numbers, or by a mode with other numbers.

    :class:`ValueError` says what is wrong.
    """
    values: dict[str, Any] = dict(content)
    mode = values.pop("mode", "github")
    if mode not in MODES:
        raise ValueError(f"mode: one of {', '.join(MODES)} is wanted")
    known = {f.name for f in fields(Limits)}
    unknown = sorted(set(values) - known)
    if unknown:
        raise ValueError(f"unknown fields: {', '.join(unknown)}")
    for name in ("concurrent", "primary", "search"):
        if name in values and (isinstance(values[name], bool) or not isinstance(values[name], int)):
            raise ValueError(f"{name}: a whole number is wanted")
    for name in ("content", "points"):
        if name in values:
            values[name] = tuple((int(most), float(period)) for most, period in values[name])
    return replace(MODES[mode], **values)


def _outline(repo: Repo) -> JsonObject:
    return {
        "id": repo.info.id,
        "full_name": repo.info.full_name,
        "labels": sorted(label.name for label in repo.labels.values()),
        "milestones": [m.title for m in repo.milestones.values()],
        "issues": [
            {
                "number": issue.number,
                "id": issue.id,
                "title": issue.title,
                "state": issue.state,
                "state_reason": issue.state_reason,
                "labels": [repo.labels[each].name for each in issue.labels if each in repo.labels],
                "assignees": list(issue.assignees),
                "parent": issue.parent,
                "blocked_by": list(issue.blocked_by),
                "pull": issue.pull,
                "here": issue.here,
            }
            for issue in repo.issues.values()
        ],
    }
