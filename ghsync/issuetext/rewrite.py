"""The two directions: a body for GitHub, and a text from GitHub for the file."""

from __future__ import annotations

from collections.abc import Iterable

from ghsync.issuetext.context import Context, Rewritten
from ghsync.issuetext.links import Edit, Links, link_positions, links_matter, rewrite_links
from ghsync.issuetext.references import find, rewrite_references
from ghsync.issuetext.zones import Spans, zones


def to_github(body: str, *, path: str, context: Context) -> Rewritten:
    """Make a body fit for an issue: the same lines, with links, mentions and numbers rewritten.

    ``path`` is the file's, relative to the repository's root. A body with nothing to rewrite
    comes back as it is.
    """
    text, links = _rewrite(body, path, context, back=False)
    notes = sorted(links.notes, key=lambda note: note.line)
    added = len(text) - len(body)
    return Rewritten(text=text, waits=tuple(links.waits), notes=tuple(notes), added=added)


def to_file(text: str, *, path: str, context: Context) -> str:
    """Undo :func:`to_github`: the same lines in the form of the file.

    Give it the whole text, so that it knows what is code, and take the lines that are wanted. A
    mention or number that a person typed on GitHub gets a form that pushes as it was typed.
    """
    return _rewrite(text, path, context, back=True)[0]


def _rewrite(text: str, path: str, context: Context, *, back: bool) -> tuple[str, Links]:
    """Apply every edit of one direction."""
    found = find(text)
    places = link_positions(text)
    if not (found.mentions or found.numbers or links_matter(text, places, context)):
        return text, Links()
    areas = zones(text, sorted({*found.positions(), *places}))
    links = rewrite_links(text, areas, path, context, back=back)
    spans = Spans(links.spans)

    def free(position: int) -> bool:
        return position not in areas.fixed and position not in spans

    references = rewrite_references(text, found, free, path, context, back=back)
    links.notes += references.notes
    return _applied(text, [*links.edits, *references.edits]), links


def _applied(text: str, edits: Iterable[Edit]) -> str:
    """The text with the edits, which do not overlap."""
    parts: list[str] = []
    position = 0
    for edit in sorted(edits):
        parts += (text[position : edit.start], edit.new)
        position = edit.end
    return "".join((*parts, text[position:])) if parts else text
