"""Which values an issue field takes, and who has issue fields at all."""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import date
from typing import Any

from ghsync.sandbox.call import wrong_type
from ghsync.sandbox.messages import Problem, field_error, invalid
from ghsync.sandbox.records import ISSUE_FIELDS, IssueField
from ghsync.sandbox.state import Repo, State

_MOST = 25


def field_owner(state: State, repo: Repo) -> bool:
    """Whether an organization owns the repository; a user's has no types and no fields."""
    owner = state.user(repo.info.owner)
    return owner is not None and owner.kind == "Organization"


def field_values(rows: Any) -> dict[int, Any]:
    """The values of a body by the ids of their fields; refused as GitHub does where one is not."""
    if not isinstance(rows, list):
        raise wrong_type("issue_field_values", rows, "array")
    if len(rows) > _MOST:
        raise _refused(f"no more than {_MOST} fields at once")
    found: dict[int, Any] = {}
    for row in rows:
        if not isinstance(row, dict) or not {"field_id", "value"} <= row.keys():
            raise wrong_type("issue_field_values", row, "object")
        field = next((f for f in ISSUE_FIELDS if f.id == row["field_id"]), None)
        if field is None:
            raise _refused(f"there is no field {row['field_id']}")
        found[field.id] = _value(field, row["value"])
    return found


def _refused(reason: str) -> Problem:
    return invalid(field_error("Issue", "issue_field_values", "custom", message=reason))


def _value(field: IssueField, value: Any) -> Any:
    options = [option.name for option in field.options]
    match field.kind:
        case "number" if isinstance(value, int | float) and not isinstance(value, bool):
            if math.isfinite(value):
                return value
        case "text" if isinstance(value, str) and value:
            return value
        case "date" if isinstance(value, str) and _is_date(value):
            return value
        case "single_select" if value in options:
            return value
        case "multi_select" if isinstance(value, list) and _all_of(value, options):
            return tuple(value)
        case _:
            pass
    raise _refused(f"{value!r} is no value of {field.name} ({field.kind})")


def _all_of(values: Iterable[Any], options: list[str]) -> bool:
    return all(each in options for each in values)


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
