"""Bytes to text and back, with the byte order mark and the encoding that the file has."""

from __future__ import annotations

from ghsync.edit.base import EditError
from ghsync.layouts import texts
from ghsync.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A file's text with its own line ends, and how it is written as bytes."""

    text: str
    encoding: str = "utf-8"
    mark: bytes = b""

    def pack(self, text: str) -> bytes:
        """The bytes of a new text for this file.

        Raises:
            EditError: The file's encoding has no such character.
        """
        try:
            return self.mark + text.encode(self.encoding)
        except UnicodeEncodeError as error:
            raise EditError(
                f"The new text holds U+{ord(text[error.start]):04X}, which {self.encoding.upper()} "
                "cannot hold.",
                hint="Remove that character from the issue.",
            ) from None


def unpack(data: bytes) -> Source:
    """The text of a file, as the loader decodes it but for its line ends.

    Raises:
        EditError: The bytes are no text, or would not be the same when written again.
    """
    encoding, start = texts.encoding_of(data)
    try:
        source = Source(text=data[start:].decode(encoding), encoding=encoding, mark=data[:start])
        same = source.pack(source.text) == data
    except UnicodeDecodeError:
        same, source = False, Source(text="")
    if not same:
        raise EditError(
            f"The file is not valid {encoding.upper()}, so it cannot be changed without loss.",
            hint="Save it as UTF-8.",
        )
    return source
