"""What every edit speaks: the lines of a file with their own line ends, and the refusal."""

from __future__ import annotations

import re
from collections import Counter
from typing import ClassVar

from ghsync.errors import ExitCode, GhsyncError

_LINE = re.compile(r"([^\r\n]*)(\r\n|\n|\r|\Z)")


class EditError(GhsyncError):
    """A change that cannot be made without touching something else; the file stays as it is."""

    exit_code: ClassVar[ExitCode] = ExitCode.PARTIAL
    code: ClassVar[str] = "edit"


class Lines:
    """A text as lines, each with the line end that it has: LF, CRLF, CR, or none at the end.

    The loader sees the same lines with LF and with U+FFFD for NUL, so a line and a column there
    are a line and a column here.
    """

    def __init__(self, text: str) -> None:
        self.texts: list[str] = []
        self.ends: list[str] = []
        for match in _LINE.finditer(text):
            if match.end() == len(text) and not match.group(0) and self.ends:
                break  # behind a final line end there is no line
            self.texts.append(match.group(1))
            self.ends.append(match.group(2))
            if not match.group(2):
                break

    def __len__(self) -> int:
        return len(self.texts)

    def text(self) -> str:
        """The whole, byte for byte where nothing was changed."""
        return "".join(text + end for text, end in zip(self.texts, self.ends, strict=True))

    def seen(self) -> str:
        """The text as the loader reads it."""
        return loaded(self.text())

    def end_near(self, number: int) -> str:
        """The line end for a new line at this place: that of the line before, or after it."""
        for at in (number - 1, number, number - 2):
            if 0 <= at < len(self.ends) and self.ends[at]:
                return self.ends[at]
        known = Counter(end for end in self.ends if end)
        return known.most_common(1)[0][0] if known else "\n"

    def insert(self, number: int, texts: list[str]) -> None:
        """Put lines before this one; behind a last line without an end, that line gets one."""
        if not texts:
            return
        end = self.end_near(number)
        ends = [end] * len(texts)
        if number == len(self.texts) and self.ends and not self.ends[-1]:
            self.ends[-1] = end
            ends[-1] = ""
        self.texts[number:number] = texts
        self.ends[number:number] = ends

    def remove(self, start: int, stop: int) -> None:
        """Take out the lines from ``start`` up to ``stop``."""
        del self.texts[start:stop]
        del self.ends[start:stop]

    def replace(self, start: tuple[int, int], stop: tuple[int, int], text: str) -> None:
        """Put one line's text in the place of what lies between two (line, column) points."""
        head, tail = self.texts[start[0]][: start[1]], self.texts[stop[0]][stop[1] :]
        self.texts[start[0] : stop[0] + 1] = [head + text + tail]
        self.ends[start[0] : stop[0] + 1] = [self.ends[stop[0]]]

    def put(self, start: tuple[int, int], stop: tuple[int, int], text: str) -> None:
        """Put a value in another's place: one space behind the colon, none where nothing is."""
        head = self.texts[start[0]][: start[1]]
        if text and head.endswith(":"):
            text = f" {text}"
        elif not text:
            start = (start[0], len(head.rstrip(" ")))
        self.replace(start, stop, text)


def loaded(text: str) -> str:
    """A text as the loader reads it: LF line ends, U+FFFD for NUL."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}")
