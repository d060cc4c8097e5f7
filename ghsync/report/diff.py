"""One field of one issue, before and after, as lines."""

from __future__ import annotations

from collections.abc import Iterator

from ghsync.model import Change, Conflict, FieldValue
from ghsync.report.canvas import Glyphs, Look, Spans

_FOLD = 8
"""Lines of a body's diff that are shown without ``--verbose``."""
_DIFF_LINES = 4000
"""Past this many lines on one side the diff would take longer than anybody reads."""


def change(item: Change, look: Look) -> list[Spans]:
    """Show a change: ``old → new``, ``+added -removed`` for sets, a line diff for the body."""
    if item.field == "body":
        return body(_text(item.old), _text(item.new), look)
    if isinstance(item.old, tuple) or isinstance(item.new, tuple):
        return [_set(item.field, _members(item.old), _members(item.new))]
    return [_short(item.name or item.field, item.old, item.new, look.glyphs)]


def conflict(item: Conflict, look: Look) -> list[Spans]:
    """Show what the file wants and what GitHub has; the body as the diff between them."""
    if item.field == "body":
        head: Spans = (("body: ", ""), ("- is GitHub's, + is the file's", "dim"))
        if item.hunks and not item.why:
            return [head, *_hunks(item, look)]
        if item.why:
            head = (*head, ("; ", "dim"), (item.why, "dim"))
        return [head, *body(_text(item.remote), _text(item.local), look)[1:]]
    name = f"{item.field}: "
    return [
        ((name, ""), ("file ", "dim"), (_shown(item.local), "green")),
        ((" " * len(name), ""), ("GitHub ", "dim"), (_shown(item.remote), "red")),
        ((" " * len(name), ""), ("before ", "dim"), (_shown(item.base), "")),
    ]


def _hunks(item: Conflict, look: Look) -> list[Spans]:
    """The lines in conflict, each place with its line in the file; the rest merges."""
    rows: list[tuple[str, str]] = []
    for hunk in item.hunks:
        rows.append(("@", f"line {hunk.local_line:,} of the file's text"))
        rows += [("-", line.expandtabs(4)) for line in hunk.remote]
        rows += [("+", line.expandtabs(4)) for line in hunk.local]
    shown = rows if look.verbose or len(rows) <= 2 * _FOLD + 1 else rows[: 2 * _FOLD]
    spans: list[Spans] = [((f"{sign} {text}", _STYLES[sign]),) for sign, text in shown]
    if len(rows) > len(shown):
        spans.append(((f"{look.glyphs.more} {len(rows) - len(shown):,} more lines", "dim"),))
    return spans


def body(old: str, new: str, look: Look) -> list[Spans]:
    """Show a body's change as a line diff, folded to a few lines unless verbose."""
    rows = list(_diff(old, new))
    added = sum(sign == "+" for sign, _ in rows)
    removed = sum(sign == "-" for sign, _ in rows)
    if not rows:
        return [(("body: ", ""), ("white space or line ends", "dim"))]
    shown = rows if look.verbose or len(rows) <= _FOLD + 1 else rows[:_FOLD]
    lines: list[Spans] = [
        (
            ("body: ", ""),
            (f"+{added:,}", "green"),
            (" ", ""),
            (f"-{removed:,}", "red"),
            (" lines", ""),
        )
    ]
    lines += [((f"{sign} {text}", _STYLES[sign]),) for sign, text in shown]
    if len(rows) > len(shown):
        lines.append(((f"{look.glyphs.more} {len(rows) - len(shown):,} more lines", "dim"),))
    return lines


_STYLES = {"+": "green", "-": "red", " ": "dim", "@": "cyan"}


def _diff(old: str, new: str) -> Iterator[tuple[str, str]]:
    from difflib import unified_diff  # only a changed body needs it

    before = old.split("\n") if old else []
    after = new.split("\n") if new else []
    if max(len(before), len(after)) > _DIFF_LINES:
        yield from (("-", line) for line in before)
        yield from (("+", line) for line in after)
        return
    first = True
    for line in unified_diff(before, after, lineterm="", n=1):
        if line.startswith(("--- ", "+++ ")) and first:
            continue
        if line.startswith("@@"):
            if not first:
                yield "@", ""
            first = False
            continue
        yield line[0], line[1:].expandtabs(4)


def _short(name: str, old: FieldValue, new: FieldValue, glyphs: Glyphs) -> Spans:
    return (
        (f"{name}: ", ""),
        (_shown(old, quoted=name in ("title", "milestone")), "red"),
        (f" {glyphs.arrow} ", ""),
        (_shown(new, quoted=name in ("title", "milestone")), "green"),
    )


def _set(name: str, old: tuple[str, ...], new: tuple[str, ...]) -> Spans:
    spans: list[tuple[str, str]] = [(f"{name}:", "")]
    spans += [(f" +{_word(member)}", "green") for member in new if member not in old]
    spans += [(f" -{_word(member)}", "red") for member in old if member not in new]
    if len(spans) == 1:
        spans.append((" the same", "dim"))
    return tuple(spans)


def _members(value: FieldValue) -> tuple[str, ...]:
    if value is None:
        return ()
    return value if isinstance(value, tuple) else (value,)


def _text(value: FieldValue) -> str:
    return "\n".join(_members(value))


def _shown(value: FieldValue, *, quoted: bool = True) -> str:
    if isinstance(value, tuple):
        return ", ".join(value) or "none"
    if value is None:
        return "none"
    return f'"{value}"' if quoted else value


def _word(member: str) -> str:
    return f'"{member}"' if " " in member else member
