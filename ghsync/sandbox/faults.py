"""Faults on demand: rules, as values, that make the sandbox fail the way GitHub and networks do."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import field, fields
from enum import StrEnum
from typing import Any

from ghsync.sandbox.messages import JsonObject, SandboxRequest
from ghsync.values import dataclass


class FaultKind(StrEnum):
    """What goes wrong."""

    STATUS = "status"
    """An error status instead of the answer, before or after the commit."""
    TIMEOUT = "timeout"
    """No answer, before or after the commit."""
    RESET = "reset"
    """The connection is reset, before or after the commit."""
    REFUSED = "refused"
    """The connection is not even made."""
    TRUNCATED = "truncated"
    """The answer breaks off in its body, after the commit."""
    SLOW = "slow"
    """The answer is ``seconds`` late."""
    LAG = "lag"
    """A list shows the state of ``seconds`` ago."""
    DROP = "drop"
    """``drop``: fields of the request's body that the server ignores in silence."""
    UNAUTHORIZED = "unauthorized"
    """401 Bad credentials: the token died."""
    LIMITED = "limited"
    """A secondary-limit rejection (``status`` 403 or 429), with ``retry_after`` or without."""
    TOO_QUICKLY = "too_quickly"
    """422 "was submitted too quickly": GitHub's other way to refuse content."""
    EMPTY_LIST = "empty_list"
    """200 with an empty list, although there is something."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultRule:
    """When something goes wrong, and what.

    A request matches by method and path (regular expressions, searched, in any case). Of the
    matching requests the first ``skip`` are let through, then the rule strikes up to ``times``
    times (``None``: from then on), each time with ``probability``.
    """

    kind: FaultKind
    method: str = ""
    path: str = ""
    skip: int = 0
    times: int | None = 1
    probability: float = 1.0
    committed: bool = False
    """For a status, timeout or reset: whether the request was carried out first."""
    status: int = 502
    message: str | None = None
    seconds: float = 0.0
    retry_after: str | None = None
    drop: tuple[str, ...] = ()

    def matches(self, request: SandboxRequest) -> bool:
        """Whether the rule is about this request."""
        path = request.target.partition("?")[0]
        return bool(
            re.search(self.method, request.method, re.IGNORECASE)
            and re.search(self.path, path, re.IGNORECASE)
        )

    def as_json(self) -> JsonObject:
        """The rule as the admin endpoint shows and takes it."""
        return {f.name: getattr(self, f.name) for f in fields(self)}

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> FaultRule:
        """A rule from JSON; :class:`ValueError` says what is wrong with it."""
        known = {f.name for f in fields(cls)}
        unknown = sorted(set(content) - known)
        if unknown:
            raise ValueError(f"unknown fields: {', '.join(unknown)}")
        values = dict(content)
        values["kind"] = FaultKind(values.get("kind", ""))
        values["drop"] = tuple(values.get("drop", ()))
        for name in ("method", "path"):
            try:
                re.compile(values.get(name, ""))
            except (re.error, TypeError) as error:
                raise ValueError(f"{name}: {error}") from None
        for name, kind in _JSON_TYPES.items():
            if name in values and not isinstance(values[name], kind):
                raise ValueError(f"{name} has the wrong type")
        return cls(**values)


_JSON_TYPES: Mapping[str, Any] = {
    "skip": int,
    "times": int | None,
    "probability": int | float,
    "committed": bool,
    "status": int,
    "message": str | None,
    "seconds": int | float,
    "retry_after": str | None,
}


def older_server() -> FaultRule:
    """A server that does not know ``parent_issue_id`` and ignores it."""
    return FaultRule(
        kind=FaultKind.DROP, method="^POST$", path="/issues$", times=None,
        drop=("parent_issue_id",),
    )  # fmt: skip


def lagging_lists(seconds: float) -> FaultRule:
    """Every list is so many seconds behind."""
    return FaultRule(kind=FaultKind.LAG, method="^GET$", times=None, seconds=seconds)


def token_dies(after: int = 0) -> FaultRule:
    """Every request after the first ``after`` gets 401."""
    return FaultRule(kind=FaultKind.UNAUTHORIZED, skip=after, times=None)


@dataclass(slots=True)
class _Installed:
    rule: FaultRule
    seen: int = 0
    struck: int = 0


@dataclass(slots=True)
class FaultBook:
    """The rules that are installed, and how often each has struck."""

    random: Callable[[], float] = field(default=lambda: 0.0)
    """A source of numbers in [0, 1) for rules with a probability; injected, seeded by tests."""
    _installed: dict[int, _Installed] = field(default_factory=dict)
    _next: int = 1

    def install(self, rule: FaultRule) -> int:
        """Add a rule; the answer is its number, for :meth:`remove`."""
        number, self._next = self._next, self._next + 1
        self._installed[number] = _Installed(rule)
        return number

    def remove(self, number: int) -> bool:
        """Take a rule out."""
        return self._installed.pop(number, None) is not None

    def clear(self) -> None:
        """Take every rule out."""
        self._installed.clear()

    def struck(self, number: int) -> int:
        """How often a rule has struck."""
        return self._installed[number].struck

    def strike(self, request: SandboxRequest) -> list[FaultRule]:
        """The rules that strike this request, in the order of their installation."""
        found: list[FaultRule] = []
        for installed in self._installed.values():
            rule = installed.rule
            if not rule.matches(request):
                continue
            installed.seen += 1
            if installed.seen <= rule.skip:
                continue
            if rule.times is not None and installed.struck >= rule.times:
                continue
            if rule.probability < 1.0 and self.random() >= rule.probability:
                continue
            installed.struck += 1
            found.append(rule)
        return found

    def as_json(self) -> list[JsonObject]:
        """The rules with their numbers and counts."""
        return [
            {"id": number, "seen": each.seen, "struck": each.struck, **each.rule.as_json()}
            for number, each in self._installed.items()
        ]
