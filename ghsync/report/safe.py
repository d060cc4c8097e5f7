r"""Text from files and from GitHub, made harmless for a terminal, a log and GitHub's runner.

A title may hold terminal escapes, bidi overrides that make one text look like another, or a
workflow command. What cannot be shown as it is becomes visible as ``\x1b`` or ``\u202e``.
"""

from __future__ import annotations

import re

_BIDI = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_INVISIBLE = "\u00ad\u200b\u2028\u2029\u2060-\u2064\ufeff\ufff9-\ufffb\U000e0000-\U000e007f"
_UNSAFE = re.compile(f"[\x00-\x1f\x7f-\x9f\ud800-\udfff{_BIDI}{_INVISIBLE}]")
_NAMED = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def line(text: str) -> str:
    """Make ``text`` one line that moves no cursor and starts no workflow command."""
    return _no_command(visible(text))


def visible(text: str) -> str:
    """The same for a page, which knows no workflow commands."""
    return _UNSAFE.sub(_visible, text)


def lines(text: str) -> list[str]:
    """Split ``text`` at LF and make each line safe; a tab becomes four spaces."""
    return [line(part.expandtabs(4)) for part in text.split("\n")]


def url(text: str | None) -> str | None:
    """Give an http(s) address without blanks or control characters, or ``None``."""
    if text is None or not re.fullmatch(r"https?://[!-~]+", text):
        return None
    return text


def encodable(text: str, encoding: str) -> str:
    """Replace what ``encoding`` cannot hold by its escape, so that writing never fails."""
    try:
        return text.encode(encoding, "backslashreplace").decode(encoding)
    except LookupError:
        return text.encode("ascii", "backslashreplace").decode("ascii")


def _visible(match: re.Match[str]) -> str:
    char = match.group()
    if char in _NAMED:
        return _NAMED[char]
    code = ord(char)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _no_command(text: str) -> str:
    # The runner reads `::command::` at a line's start and `##[command]` anywhere in a line
    # (actions/runner, ActionCommand.cs); a log line is no place for either.
    text = text.replace("##[", "#\\#[")
    return f"\\{text}" if text.lstrip().startswith("::") else text
