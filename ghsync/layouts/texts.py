"""Bytes to text: UTF-8, UTF-16 and byte order marks, line ends, NUL."""

from __future__ import annotations

import codecs

from ghsync.model import Finding, Severity
from ghsync.values import dataclass

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """A file's text with LF line ends, and a finding if something about its bytes is odd."""

    text: str
    finding: Finding | None = None


def decode(path: str, data: bytes) -> Decoded:
    """Decode a file's bytes; an error finding and an empty text if they are no text."""
    encoding, start = encoding_of(data)
    try:
        text = data[start:].decode(encoding)
    except UnicodeDecodeError as error:
        line = _line(data[: start + error.start])
        value = data[start + error.start]
        return Decoded(
            text="",
            finding=Finding(
                path=path,
                line=line,
                code="not_utf8",
                severity=Severity.ERROR,
                message=f"The file is not valid {encoding.upper()} (byte 0x{value:02x}). "
                "Save it as UTF-8.",
            ),
        )
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "\0" not in text:
        return Decoded(text=text)
    finding = Finding(
        path=path,
        line=text.count("\n", 0, text.index("\0")) + 1,
        code="nul_character",
        severity=Severity.WARNING,
        message=f"The file holds {text.count(chr(0))} NUL characters, which GitHub does not "
        "store; each is read as U+FFFD. Remove them.",
    )
    return Decoded(text=text.replace("\0", "\N{REPLACEMENT CHARACTER}"), finding=finding)


def encoding_of(data: bytes) -> tuple[str, int]:
    """The encoding by the byte order mark, or by the NULs of UTF-16 without one."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return encoding, len(mark)
    head = data[:2048]
    if 0 not in head:
        return "utf-8", 0
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if len(data) % 2 == 0 and max(even, odd) * 5 > len(head) and min(even, odd) * 20 < len(head):
        return ("utf-16-le" if odd > even else "utf-16-be"), 0
    return "utf-8", 0


def _line(before: bytes) -> int:
    """The 1-based line after these bytes, whatever the line ends."""
    return before.replace(b"\r\n", b"\n").replace(b"\r", b"\n").count(b"\n") + 1
