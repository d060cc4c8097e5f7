"""Readers of the tables about what an issue carries: milestones, types, issue fields, comments."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime

from ghsync.layouts.base import IssueTypes
from ghsync.model import Kind
from ghsync.tools import MilestoneSpec
from ghsync.values import dataclass

_SLOT = re.compile(r"\{([^{}]*)\}")
SLOTS = ("path", "key", "title", "status", "commit")
"""What a closing comment can name."""


def milestones(value: object) -> dict[str, MilestoneSpec]:
    """Read ``[milestones."v1.0"]`` tables with ``due`` and ``description``."""
    if not isinstance(value, Mapping) or not all(isinstance(v, Mapping) for v in value.values()):
        raise ValueError('must hold tables such as [milestones."v1.0"]')
    found: dict[str, MilestoneSpec] = {}
    for title, table in value.items():
        if wrong := [str(name) for name in table if name not in ("due", "description")]:
            raise ValueError(f"knows no {wrong[0]!r} for {title!r}; known: due, description")
        description = table.get("description", "")
        if not isinstance(description, str):
            raise ValueError(f"must give {title!r} a text as its description")
        found[str(title)] = MilestoneSpec(due=_day(title, table), description=description)
    return found


def _day(title: object, table: Mapping[str, object]) -> str | None:
    """The day on which a milestone is due, as a TOML date or as text."""
    due = table.get("due")
    if isinstance(due, datetime):
        due = due.date()
    if due is None or isinstance(due, date):
        return None if due is None else due.isoformat()
    try:
        return date.fromisoformat(due if isinstance(due, str) else "").isoformat()
    except ValueError:
        raise ValueError(f"must give {title!r} a day such as due = 2026-12-01") from None


def types(value: object) -> IssueTypes:
    """Read the type of each kind, and the name of the field that can say another."""
    kinds = [kind.value for kind in Kind]
    if not isinstance(value, Mapping):
        raise ValueError('must be a table such as { epic = "Epic" }')
    for name, text in value.items():
        if name not in (*kinds, "field"):
            raise ValueError(f"has no kind {name!r}; known: {', '.join(kinds)}, and field")
        if not isinstance(text, str) or not text.strip():
            raise ValueError(f"must give {name!r} a text, not {text!r}")
    return IssueTypes(
        by_kind={Kind(name): value[name].strip() for name in value if name != "field"},
        field=str(value.get("field", IssueTypes().field)),
    )


def fields(value: object) -> dict[str, str]:
    """Read which field of a file is which issue field of the organization."""
    if not isinstance(value, Mapping) or not all(
        isinstance(text, str) and text.strip() for text in value.values()
    ):
        raise ValueError('must be a table of names such as { effort = "Effort" }')
    names = [text.strip() for text in value.values()]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise ValueError(f"names the issue field {twice!r} twice")
    return {str(name): text.strip() for name, text in value.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class PullRules:
    """What a pull may write beside what the files hold already."""

    labels: bool = False
    """A labels field may be added to a file that has none."""
    touch: bool = False
    """A field such as ``updated`` gets the time of the pull."""
    label: str | None = None
    """Open issues with this label become files, whatever their parent is."""


def pull(value: object) -> PullRules:
    """Read the ``[pull]`` table."""
    if not isinstance(value, Mapping):
        raise ValueError("must be a table such as [pull] with labels = true")
    for name, given in value.items():
        if name not in ("labels", "touch", "label"):
            raise ValueError(f"has no {str(name)!r}; known: label, labels, touch")
        if not isinstance(given, str if name == "label" else bool) or given == "":
            raise ValueError(f"must give {str(name)!r} {_KINDS[str(name)]}, not {given!r}")
    return PullRules(**{str(name): given for name, given in value.items()})


_KINDS = {"labels": "true or false", "touch": "true or false", "label": "a label's name"}


def closing_comment(value: object) -> str:
    """Read the template of the comment on what is closed."""
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f'must be a text such as "Closed by {{path}}", not {value!r}')
    if wrong := [name for name in _SLOT.findall(value) if name not in SLOTS]:
        raise ValueError(f"has no {{{wrong[0]}}}; known: {', '.join(SLOTS)}")
    return value
