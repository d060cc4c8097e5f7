"""What YAML is read into: scalars as their text, lists, mappings with duplicate keys and all."""

from __future__ import annotations

from typing import TypeAlias

from ghsync.values import dataclass

NULLS = frozenset({"", "~", "null", "Null", "NULL"})
"""Plain scalars that are nothing."""
MAX_DEPTH = 32
MAX_NODES = 20_000


class YamlError(ValueError):
    """The text is not YAML, or more than this reader is willing to hold; ``line`` is 0-based."""

    def __init__(self, problem: str, line: int) -> None:
        super().__init__(problem)
        self.problem = problem
        self.line = line


@dataclass(frozen=True, slots=True)
class Scalar:
    """One scalar: its text (``None`` for null and empty), where it stands, and how it ends.

    ``line`` and ``end_line`` are 0-based in the YAML text; ``end_column`` is where the value stops.
    """

    text: str | None
    line: int
    plain: bool
    end_line: int
    end_column: int


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list; ``raw`` is its source text."""

    items: tuple[Value, ...]
    line: int
    raw: str


@dataclass(frozen=True, slots=True)
class Mapping:
    """A mapping, duplicate keys and all, in file order; ``raw`` is its source text."""

    entries: tuple[tuple[Scalar, Value], ...]
    line: int
    raw: str


Value: TypeAlias = Scalar | Sequence | Mapping
