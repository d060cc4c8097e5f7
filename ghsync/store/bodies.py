"""The texts of bodies that both sides agreed on, by digest: ``bodies.jsonl``.

The map names each body by a digest only. Where both sides changed one since, the merge needs the
text that they started from. This is a help and no record: a line or a file that is lost makes a
conflict where there could have been a merge, and nothing else. So it is appended without waiting
for the disk, and a damaged line is left out, with a notice.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from ghsync.render import digest
from ghsync.store.fs import Files, write_atomically

SMALL = 1 << 18
"""Bytes up to which nothing is thrown away."""
MOST = 1 << 26
"""Bytes above which the oldest texts go, needed or not."""
_HEX = 16
"""Length of a digest; a line is one, a space and the text as JSON."""


class Bodies:
    """The file of texts. Methods raise ``OSError`` for the disk's sake."""

    def __init__(self, files: Files, path: Path) -> None:
        self._files = files
        self._path = path
        self._grown = False

    def find(self, wanted: Collection[str]) -> tuple[dict[str, str], int]:
        """The texts of these digests, as far as they are here, and how many lines are damaged."""
        names = {name.encode() for name in wanted}
        found: dict[str, str] = {}
        damaged = 0
        for line in self._lines() if names else ():
            if line[:_HEX] not in names:
                continue
            text = _text(line)
            if text is None:
                damaged += 1
            else:
                found[line[:_HEX].decode()] = text
        return found, damaged

    def add(self, texts: Mapping[str, str]) -> None:
        """Keep these texts by their digests, as far as they are not here yet."""
        data = self._files.read(self._path) or b""
        known = {line[:_HEX] for line in data.split(b"\n")}
        new = [(name, text) for name, text in texts.items() if name.encode() not in known]
        if not new:
            return
        lines = b"".join(_line(name, text) for name, text in new)
        torn = b"" if not data or data.endswith(b"\n") else b"\n"
        fd = self._files.append_to(self._path)
        try:
            self._files.write(fd, torn + lines)
        finally:
            self._files.close(fd)
        self._grown = True

    def compact(self, needed: Collection[str]) -> None:
        """Throw away what nobody needs, where the file has grown and half of it is such."""
        if not self._grown:
            return
        self._grown = False
        data = self._files.read(self._path) or b""
        if len(data) <= SMALL:
            return
        names = {name.encode() for name in needed}
        kept: list[bytes] = []
        size = 0
        for line in reversed(data.split(b"\n")):  # the newest first
            if line[:_HEX] in names and size + len(line) < MOST:
                names.discard(line[:_HEX])
                kept.append(line)
                size += len(line) + 1
        if 2 * size < len(data) or len(data) > MOST:
            whole = b"".join(b"%b\n" % line for line in reversed(kept))
            write_atomically(self._files, self._path, whole, durable=False)

    def _lines(self) -> Iterator[bytes]:
        return iter((self._files.read(self._path) or b"").split(b"\n"))


def _line(name: str, text: str) -> bytes:
    return f"{name} {json.dumps(text)}\n".encode()


def _text(line: bytes) -> str | None:
    """The text of a line, if it is what its digest says."""
    try:
        text = json.loads(line[_HEX + 1 :])
    except (ValueError, RecursionError):
        return None
    if not isinstance(text, str) or digest(text) != line[:_HEX].decode(errors="replace"):
        return None
    return text
