"""Items as GitHub gets them: title, body, marker, label colours; and back again.

The marker is the first line of an issue's body, an HTML comment that GitHub does not show, so
that no open fence or comment of the text can swallow it. It ends on its own line, so the
markdown below it renders as if it were not there (CommonMark, HTML blocks, condition 2).
"""

from __future__ import annotations

import re
from bisect import bisect
from collections.abc import Mapping
from hashlib import sha256
from typing import NamedTuple, TypeAlias
from urllib.parse import quote_from_bytes, unquote_to_bytes

from ghsync.issuetext.permalinks import without_commits
from ghsync.model import Item, Key, Kind, Uid
from ghsync.patterns import regex

TitleTemplate: TypeAlias = str | Mapping[Kind, str]
"""``"Epic: {title}"`` for every kind, or one template a kind (a missing kind: ``{title}``)."""

DEFAULT_TITLE = "{title}"
_SLOT = "{title}"


class Marker(NamedTuple):
    """What an issue's marker says."""

    uid: Uid
    key: Key


class Split(NamedTuple):
    """An issue's text, taken apart."""

    body: str
    """Canonical, without the marker."""
    marker: Marker | None


# ---------------------------------------------------------------------------- marker

_MARKER = regex(r"<!-- ghsync:uid=([0-9a-f]{32}) key=([A-Za-z0-9._~/%-]*) -->")
_PERCENT = regex(r"%(?![0-9A-F]{2})")


def new_uid(random_bytes: bytes) -> Uid:
    """Name an issue that is about to be made; takes 16 random bytes."""
    if len(random_bytes) != 16:
        raise ValueError(f"a uid takes 16 random bytes, not {len(random_bytes)}")
    return Uid(random_bytes.hex())


def marker(uid: Uid, key: Key) -> str:
    """Write the marker's comment; its text is ASCII, on one line, without ``--`` or ``>``."""
    return f"<!-- ghsync:uid={uid} key={quote(key)} -->"


def with_marker(body: str, uid: Uid, key: Key) -> str:
    """Put the marker above a body; :func:`split` takes it off again."""
    comment = marker(uid, key)
    text = canonical(body)
    return f"{comment}\n{text}" if text else comment


def parse_marker(text: str) -> Marker | None:
    """Find the first marker, wherever in the text a person may have moved it."""
    found = _find(text)
    return None if found is None else found[1]


def split(text: str) -> Split:
    """Take an issue's text apart: the canonical body and the marker, if it has one.

    A blank line or byte-order mark above the marker goes with it. Only the first marker is
    taken off: a second one is text that the file itself holds.
    """
    found = _find(text)
    if found is None:
        return Split(canonical(text), None)
    match, value = found
    before, after = text[: match.start()], text[match.end() :]
    if not before.strip("\ufeff \t\r\n"):
        before = ""
    if not before or before[-1] in "\r\n":
        after = _LINE_END.sub("", after, count=1)
    return Split(canonical(before + after), value)


_LINE_END = regex(r"\A(?:\r\n|\n|\r)")


def _find(text: str) -> tuple[re.Match[str], Marker] | None:
    """The first comment that is exactly ours, with what it says."""
    ends: list[int] | None = None
    for match in _MARKER.finditer(text):
        key = _unquote(match[2])
        if key is None or text[match.start() - 1 : match.start()] == "`":
            continue
        if match.start() and ends is None:
            ends = _fences(text)
        # An odd number of fences above it: it stands in a block of code, and is an example.
        if not ends or bisect(ends, match.start()) % 2 == 0:
            return match, Marker(Uid(match[1]), key)
    return None


_FENCE = regex(r"^ {0,3}(`{3,}|~{3,})(.*)$", re.MULTILINE)


def _fences(text: str) -> list[int]:
    """Where blocks of code begin and end, in turn."""
    ends: list[int] = []
    fence: str | None = None
    for found in _FENCE.finditer(text) if "```" in text or "~~~" in text else ():
        if fence is None and (found[1][0] == "~" or "`" not in found[2]):
            fence = found[1]
            ends.append(found.start())
        elif fence is not None and found[1].startswith(fence) and not found[2].strip():
            fence = None
            ends.append(found.end())
    return ends


def quote(key: str) -> str:
    """Percent-encode a key or path; a hyphen after a hyphen too (``--`` ends comments).

    ``surrogatepass`` keeps keys apart whose paths are not UTF-8 on disk.
    """
    quoted = quote_from_bytes(key.encode("utf-8", "surrogatepass"))
    return quoted.replace("--", "-%2D")


def _unquote(text: str) -> Key | None:
    """Undo :func:`quote`; ``None`` for what it cannot have written."""
    if _PERCENT.search(text):
        return None
    try:
        return Key(unquote_to_bytes(text).decode("utf-8", "surrogatepass"))
    except UnicodeDecodeError:
        return None


# ------------------------------------------------------------------------------ text


def canonical(text: str) -> str:
    """The form in which texts are compared and sent: LF line ends, no trailing whitespace.

    GitHub's web editor sends CRLF, so line ends alone are no change. NUL, which no database
    behind a web form keeps reliably, is removed, and half a surrogate pair, which has no UTF-8,
    becomes U+FFFD: otherwise what comes back would never equal what was sent.
    """
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "\0" in text:
        text = text.replace("\0", "")
    try:
        text.encode()
    except UnicodeEncodeError:
        text = _SURROGATE.sub("\ufffd", text)
    return text.rstrip()


_SURROGATE = regex("[\ud800-\udfff]")


def digest(body: str) -> str:
    """16 hex digits that stand for a canonical body in the map's base."""
    return sha256(comparable(canonical(body)).encode()).hexdigest()[:16]


def comparable(text: str) -> str:
    """A text without what makes no difference: the commit of a permalink that ghsync wrote, and
    the space that keeps a name from being called.

    So neither a new commit nor another list of known people makes a text another one.
    """
    text = without_commits(text)
    return _CALL.sub("@", text) if "@&#8203;" in text else text


_CALL = regex("@(?:&#8203;)+")


def one_line(text: str) -> str:
    """Collapse whitespace and control characters, as a title needs it (GitHub trims)."""
    if text.isprintable() and "  " not in text:  # only printable white space is U+0020
        return text.strip()
    return " ".join(_CONTROL.sub(" ", canonical(text)).split())


_CONTROL = regex("[\x00-\x1f\x7f-\x9f]")


# ----------------------------------------------------------------------------- title


def title(item: Item, template: TitleTemplate = DEFAULT_TITLE) -> str:
    """The issue's title: the item's, on one line, in the template."""
    text, pattern = one_line(item.title), _of_kind(template, item.kind)
    return text if pattern == _SLOT else one_line(pattern.replace(_SLOT, text))


def untitle(template: TitleTemplate, text: str, kind: Kind | None = None) -> str | None:
    """Take a title out of its template again; ``None`` if the text does not fit the template.

    ``kind`` is needed where the template differs by kind.
    """
    pattern = one_line(_of_kind(template, kind))
    before, slot, after = pattern.partition(_SLOT)
    line = one_line(text)
    if not slot or len(line) < len(before) + len(after):
        return None
    if not (line.startswith(before) and line.endswith(after)):
        return None
    return line[len(before) : len(line) - len(after)].strip()


def _of_kind(template: TitleTemplate, kind: Kind | None) -> str:
    """The template for this kind."""
    if isinstance(template, str):
        return template
    return template.get(kind, DEFAULT_TITLE) if kind is not None else DEFAULT_TITLE


# ------------------------------------------------------------------------------ body


def issue_body(item: Item) -> str:
    """The item's own text; :mod:`ghsync.bodies` makes it fit for GitHub."""
    return canonical(item.body)


def wire_length(item: Item, body: str | None = None) -> int:
    """The length of what is sent in characters (code points), as GitHub counts to 65,536.

    ``body`` is the text as it was rewritten for GitHub; without it, the file's own counts.

    65,536 code points never exceed the 262,144 UTF-8 bytes that were measured as the hard cap.
    """
    text = issue_body(item) if body is None else body
    return len(with_marker(text, _ANY_UID, item.key))


_ANY_UID = Uid("0" * 32)


# ---------------------------------------------------------------------------- labels

_FIXED = {
    "prd": "5319e7",
    "epic": "3e4b9e",
    "task": "0e8a16",
    "critical": "b60205",
    "high": "d93f0b",
    "medium": "fbca04",
    "low": "c2e0c6",
    "p0": "b60205",
    "p1": "d93f0b",
    "p2": "fbca04",
    "p3": "c2e0c6",
    "bug": "d73a4a",
    "documentation": "0075ca",
    "enhancement": "a2eeef",
}
_PALETTE = (
    "1d76db", "006b75", "0052cc", "5319e7", "8e44ad", "ad1457", "c2185b", "bf5b04",
    "8d6e63", "558b2f", "00796b", "00838f", "3949ab", "6d4c41", "7b1fa2", "455a64",
    "bfdadc", "c5def5", "bfd4f2", "d4c5f9", "f9d0c4", "fef2c0", "c2e0c6", "e6b8af",
)  # fmt: skip
_PRIORITY = regex(r"^(?:priority|prio)[\s:/_-]+")


def label_color(name: str) -> str:
    """A label's colour, six hex digits, from its name alone: the same on every machine."""
    folded = one_line(name).casefold()
    fixed = _FIXED.get(_PRIORITY.sub("", folded))
    if fixed is not None:
        return fixed
    return _PALETTE[sha256(folded.encode()).digest()[0] % len(_PALETTE)]
