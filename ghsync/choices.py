"""Several options at once: what a multi-select field's text in a file stands for.

A file has them as a list or as one text with commas; both are one text in between. An option's
own name may have a comma, too, so which names a text means, the field's options decide.
"""

from __future__ import annotations

from collections.abc import Sequence

_COMMA = ","


def parts(text: str) -> list[str]:
    """What stands between the commas."""
    return [part for piece in text.split(_COMMA) if (part := " ".join(piece.split()))]


def same(one: str, other: str) -> bool:
    """Whether two texts name the same options, in whatever order and case."""
    return _folded(one) == _folded(other)


def _folded(text: str) -> set[str]:
    return {part.casefold() for part in parts(text)}


def chosen(text: str, options: Sequence[str]) -> list[str]:
    """The options that a text names, in the order of the text, each once.

    Raises :class:`ValueError` with the part that is none.
    """
    known = {", ".join(parts(option)).casefold(): option for option in options}
    most = max((len(parts(option)) for option in options), default=0)
    named, found, at = parts(text), [], 0
    while at < len(named):
        for end in range(min(len(named), at + most), at, -1):
            option = known.get(", ".join(named[at:end]).casefold())
            if option is not None:
                break
        else:
            raise ValueError(named[at])
        found.append(option)
        at = end
    return list(dict.fromkeys(found))
