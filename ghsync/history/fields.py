"""Values of a line that somebody may have damaged: each by its name, or a default."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from ghsync.model import IssueNumber, Key

Fields: TypeAlias = Mapping[str, Any]


def text(fields: Fields, name: str) -> str:
    """A text, or an empty one."""
    value = fields.get(name)
    return value if isinstance(value, str) else ""


def maybe_text(fields: Fields, name: str) -> str | None:
    """A text, or ``None``."""
    value = fields.get(name)
    return value if isinstance(value, str) else None


def number(fields: Fields, name: str, default: float = 0.0) -> float:
    """A finite number, or the default."""
    value = maybe_number(fields, name)
    return default if value is None else value


def maybe_number(fields: Fields, name: str) -> float | None:
    """A finite number, or ``None``."""
    value = fields.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if abs(value) < 1e15 else None  # infinity and nan, too


def whole(fields: Fields, name: str, default: int = 0) -> int:
    """A whole number, or the default."""
    value = maybe_whole(fields, name)
    return default if value is None else value


def maybe_whole(fields: Fields, name: str) -> int | None:
    """A whole number, or ``None``."""
    value = fields.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def key(fields: Fields) -> Key | None:
    """The key of an item, or ``None``."""
    value = maybe_text(fields, "key")
    return None if value is None else Key(value)


def issue(fields: Fields) -> IssueNumber | None:
    """The number of an issue, or ``None``."""
    value = maybe_whole(fields, "number")
    return None if value is None or value < 1 else IssueNumber(value)


def mapping(fields: Fields, name: str) -> Mapping[str, Any]:
    """An object, or an empty one."""
    value = fields.get(name)
    return value if isinstance(value, dict) else {}


def counts(value: object) -> Mapping[str, int]:
    """Whole numbers by name."""
    if not isinstance(value, dict):
        return {}
    return {str(name): whole(value, name) for name in value}
