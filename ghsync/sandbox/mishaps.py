"""What a fault does to an answer: the effect of each kind of :class:`FaultRule`."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from dataclasses import replace

from ghsync.sandbox.faults import FaultKind, FaultRule
from ghsync.sandbox.limits import limit_problem
from ghsync.sandbox.messages import (
    Problem,
    Refused,
    Reply,
    Reset,
    Response,
    SandboxRequest,
    Slow,
    Timeout,
    Truncated,
    reply_json,
)

_AFTERWARDS = (FaultKind.TRUNCATED, FaultKind.SLOW, FaultKind.EMPTY_LIST)
_LIMITING = (FaultKind.LIMITED, FaultKind.TOO_QUICKLY)
_BESIDE = (FaultKind.LAG, FaultKind.DROP)
_FAILURES = {
    500: "Server Error",
    502: "Server Error",
    503: "Service Unavailable",
    504: "We couldn't respond to your request in time. Sorry about that.",
}


def main_rule(rules: Iterable[FaultRule]) -> FaultRule | None:
    """The first rule that replaces or spoils the answer; lag and dropped fields stand beside it."""
    return next((rule for rule in rules if rule.kind not in _BESIDE), None)


def lets_through(rule: FaultRule) -> bool:
    """Whether the request is carried out."""
    return rule.committed or rule.kind in _AFTERWARDS


def is_limit(rule: FaultRule) -> bool:
    """Whether the rule stands for a limit's rejection."""
    return rule.kind in _LIMITING


def lag(rules: Iterable[FaultRule]) -> float:
    """How many seconds lists are behind."""
    return max((rule.seconds for rule in rules if rule.kind is FaultKind.LAG), default=0.0)


def without_dropped(request: SandboxRequest, rules: Iterable[FaultRule]) -> SandboxRequest:
    """The request as a server sees it that ignores some of its fields."""
    names = {name for rule in rules if rule.kind is FaultKind.DROP for name in rule.drop}
    return _drop(request, names) if names else request


def _drop(request: SandboxRequest, names: Collection[str]) -> SandboxRequest:
    try:
        content = json.loads(request.body)
    except ValueError:
        return request
    if not isinstance(content, dict):
        return request
    left = {name: value for name, value in content.items() if name not in names}
    return replace(request, body=json.dumps(left).encode())


def instead(rule: FaultRule) -> Reply:
    """What is answered when the request is not carried out."""
    match rule.kind:
        case FaultKind.TIMEOUT:
            return Timeout(committed=False)
        case FaultKind.RESET:
            return Reset(committed=False)
        case FaultKind.REFUSED:
            return Refused()
        case FaultKind.UNAUTHORIZED:
            return Problem(401, "Bad credentials").response()
        case FaultKind.LIMITED:
            status = rule.status if rule.status in (403, 429) else 403
            problem = limit_problem(rule.message, status=status, retry_after=rule.retry_after)
            return problem.response()
        case FaultKind.TOO_QUICKLY:
            error = {"resource": "Issue", "code": "custom", "message": "was submitted too quickly"}
            return Problem(422, "Validation Failed", errors=[error]).response()
        case _:
            return _failure(rule)


def spoiled(rule: FaultRule, response: Response) -> Reply:
    """What becomes of the answer to a request that was carried out."""
    match rule.kind:
        case FaultKind.STATUS:
            return _failure(rule)
        case FaultKind.TIMEOUT:
            return Timeout(committed=True)
        case FaultKind.RESET:
            return Reset(committed=True)
        case FaultKind.TRUNCATED:
            return Truncated(response=response, sent=len(response.body) // 2)
        case FaultKind.SLOW:
            return Slow(response=response, seconds=rule.seconds)
        case FaultKind.EMPTY_LIST:
            return reply_json(200, []) if response.body.startswith(b"[") else response
        case _:
            return response


_FAILURES = {
    500: "Server Error",
    502: "Server Error",
    503: "Service Unavailable",
    504: "We couldn't respond to your request in time. Sorry about that.",
}


def _failure(rule: FaultRule) -> Response:
    message = rule.message or _FAILURES.get(rule.status, "Not Found")
    headers = () if rule.retry_after is None else (("retry-after", rule.retry_after),)
    return Problem(rule.status, message, headers=headers).response()
