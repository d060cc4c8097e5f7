"""Unpacking an answer piece by piece, never more of it than somebody has room for.

A few kilobytes can unpack to gigabytes, and packed twice to a thousand times that. So one packing
is taken, the one that was asked for, and it is told beforehand how much it may give.
"""

from __future__ import annotations

import zlib

_GZIP = 16 + zlib.MAX_WBITS
_PACKINGS = frozenset(
    {"gzip", "x-gzip", "deflate", "br", "zstd", "compress", "x-compress", "dcb", "dcz"}
)
"""Of RFC 9110 and after it. Some servers name other things there (``utf-8``, ``none``)."""


class TooMuch(ValueError):
    """The answer unpacks to more than there is room for, or is packed as nobody asked."""


class Broken(OSError):
    """The answer is not what it is packed as, or was cut off."""


class Unpacker:
    """Takes the bytes of one gzip stream."""

    def __init__(self) -> None:
        self._stream = zlib.decompressobj(_GZIP)

    def take(self, packed: bytes, room: int) -> bytes:
        """What these bytes unpack to: at most ``room`` bytes and one, which says there is more."""
        if self._stream.eof:
            return b""  # what stands behind the end is nobody's
        try:
            return self._stream.decompress(packed, max(room, 0) + 1)
        except zlib.error as error:
            raise Broken(f"not gzip: {error}") from None

    def end(self) -> None:
        """Check that the stream is whole. Raises :class:`Broken`."""
        if not self._stream.eof:
            raise Broken("gzip that was cut off")


def unpacker_for(encoding: str | None) -> Unpacker | None:
    """What unpacks a ``content-encoding``; ``None`` for none. Raises :class:`TooMuch`.

    A word that is no packing's is passed over: what comes is taken as it stands.
    """
    words = (each.strip().lower() for each in (encoding or "").split(","))
    named = [word for word in words if word in _PACKINGS]
    if not named:
        return None
    if named not in (["gzip"], ["x-gzip"]):
        raise TooMuch(f"the answer is packed as {', '.join(named)[:60]!r}, which nobody asked for")
    return Unpacker()
