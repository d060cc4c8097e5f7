"""Lines with styles and guides, drawn without knowing of rich; :mod:`.text` paints them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import field
from typing import TypeAlias

from ghsync.values import dataclass

Span: TypeAlias = tuple[str, str]
"""A text and the style it has; the text may hold anything, the painter makes it safe."""
Spans: TypeAlias = tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Glyphs:
    """The signs that differ between a terminal of today and one that has only ASCII."""

    branch: str = "├─ "
    last: str = "└─ "
    bar: str = "│  "
    gap: str = "   "
    more: str = "…"
    arrow: str = "→"
    dot: str = " · "


UNICODE = Glyphs()
ASCII = Glyphs(branch="|- ", last="`- ", bar="|  ", more="...", arrow="->", dot=" | ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How much room there is, and how much is wanted."""

    glyphs: Glyphs = UNICODE
    width: int | None = None
    """Columns of the terminal; ``None`` in a pipe, where no line is broken."""
    verbose: bool = False

    @property
    def wide(self) -> bool:
        """Whether paths and addresses fit on the line."""
        return self.verbose or self.width is None or self.width >= 120


@dataclass(frozen=True, slots=True)
class Line:
    """One line; where it must be broken, the rows after the first start with ``rest``."""

    spans: Spans = ()
    first: str = ""
    rest: str = ""
    tail: Span | None = None
    """Stands in a column of its own beside the text, where there is room for columns."""


@dataclass(slots=True)
class Branch:
    """A node of a tree: its line, lines that explain it, and what is below it."""

    head: Spans
    details: list[Spans] = field(default_factory=list)
    children: list[Branch] = field(default_factory=list)
    tail: Span | None = None
    """What is said of it in the other column: a path, an address."""


BLANK = Line()


def with_tail(line: Line, glyphs: Glyphs) -> Spans:
    """A line's text with what has no column of its own behind it."""
    if line.tail is None:
        return line.spans
    return (*line.spans, (f"{glyphs.dot}{line.tail[0]}", line.tail[1]))


def plain(text: str, style: str = "", indent: str = "") -> Line:
    """Make a line of one style, its broken rows indented by two more."""
    return Line(((text, style),), indent, indent + "  ")


def heading(text: str) -> Line:
    """Make a section's first line."""
    return Line(((text, "bold"),))


def draw(roots: Iterable[Branch], glyphs: Glyphs) -> Iterator[Line]:
    """Draw trees depth first, without recursion: parents can form a chain of any length."""
    stack = [(root, "", "") for root in reversed(list(roots))]
    while stack:
        branch, first, rest = stack.pop()
        below = rest + (glyphs.bar if branch.children else glyphs.gap)
        yield Line(branch.head, first, below + "  ", branch.tail)
        for detail in branch.details:
            yield Line(detail, below + "  ", below + "    ")
        children = list(branch.children)
        for index, child in reversed(list(enumerate(children))):
            last = index == len(children) - 1
            stack.append(
                (
                    child,
                    rest + (glyphs.last if last else glyphs.branch),
                    rest + (glyphs.gap if last else glyphs.bar),
                )
            )
