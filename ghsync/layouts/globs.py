"""Globs over POSIX paths: ``*`` stays in a folder, ``**`` crosses folders."""

from __future__ import annotations

import re
from functools import lru_cache

_PART = re.compile(r"\*\*/|\*\*|\*|\?|\[!?[^\]/]+\]|.", re.DOTALL)
_MEANING = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}


@lru_cache(maxsize=512)
def _compiled(glob: str) -> re.Pattern[str]:
    pieces: list[str] = []
    for part in _PART.findall(glob.removeprefix("./")):
        if part in _MEANING:
            pieces.append(_MEANING[part])
        elif part.startswith("[") and len(part) > 2:
            inner = part[1:-1].replace("\\", "\\\\")
            pieces.append(f"[{'^' + inner[1:] if inner.startswith('!') else inner}]")
        else:
            pieces.append(re.escape(part))
    try:
        return re.compile("".join(pieces) + r"\Z")
    except re.error:  # a class such as [z-a]: only the literal text can be meant
        return re.compile(re.escape(glob) + r"\Z")


def matches(path: str, glob: str) -> bool:
    """Whether a path, relative to the root, matches the glob as a whole."""
    return _compiled(glob).match(path) is not None
