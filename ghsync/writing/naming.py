"""Names for new files: the layout's own numbering, slugs that are safe on every system."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from ghsync.edit import EditError
from ghsync.layouts import names
from ghsync.model import Item
from ghsync.values import dataclass

_RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)$", re.IGNORECASE)
"""What Windows takes for a device, with any extension."""
_NUMBERED = re.compile(
    r"(?P<prefix>[A-Za-z]{0,10}[-_ ]?)(?P<number>\d+)(?P<slug>[-_ .].*)?$"
    r"|(?P<long>.*\D)(?P<last>\d+)$"
)
"""``001``, ``T001``, ``task-7``, ``007-setup``; or a longer name with its number at the end."""
_MOST_BYTES = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class _Parts:
    """A file's name, taken apart."""

    prefix: str
    digits: str
    slug: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbering:
    """How the files beside a new one are numbered."""

    prefix: str
    number: int
    width: int
    joint: str | None
    """What stands between number and slug; ``None`` where the files have no slug."""

    def stem(self, slug: str) -> str:
        """A file's name without ``.md``."""
        plain = f"{self.prefix}{self.number:0{self.width}d}"
        return f"{plain}{self.joint}{slug}" if self.joint and slug else plain


def slug(title: str, *, most: int = 50, lower: bool = True, space: str = "-") -> str:
    """A title as part of a file's name: letters and digits of any script, joined by ``-``.

    Empty where nothing of it can stand in a name; never a dot, a separator or a device's name.
    """
    text = unicodedata.normalize("NFC", title)
    text = text.lower() if lower else text
    words = re.findall(r"[^\W_]+", text)
    kept = ""
    for word in words:
        longer = f"{kept}{space}{word}" if kept else word[:most]
        if len(longer) > most or len(longer.encode()) > _MOST_BYTES:
            break
        kept = longer
    while len(kept.encode()) > _MOST_BYTES:
        kept = kept[:-1]
    return f"{kept}{space}item" if _RESERVED.match(kept) else kept


def numbering(siblings: Sequence[Item], issue: int) -> Numbering | None:
    """The numbering that most of these files have, at the place of the new one.

    Files that are named by their issues' numbers give the new one its issue's number, else it is
    the next. ``None`` where they are not numbered.
    """
    parsed = [(item, found) for item in siblings if (found := _parts(item))]
    if not parsed or len(parsed) * 2 < len(siblings):
        return None
    prefix = Counter(found.prefix for _, found in parsed).most_common(1)[0][0]
    mine = [(item, found) for item, found in parsed if found.prefix == prefix]
    recorded = [item.recorded.number == int(found.digits) for item, found in mine if item.recorded]
    own = 2 * sum(recorded) > len(recorded)
    slugs = [found.slug for _, found in mine if found.slug]
    joint = None
    if 2 * len(slugs) > len(mine):
        joint = " - " if slugs[0].startswith(" - ") else slugs[0][0]
    widths = Counter(len(found.digits) for _, found in mine)
    return Numbering(
        prefix=prefix,
        number=issue if own else max(int(found.digits) for _, found in mine) + 1,
        width=1 if own else widths.most_common(1)[0][0],
        joint=joint,
    )


def _parts(item: Item) -> _Parts | None:
    match = _NUMBERED.match(names.stem(item.path))
    if match is None:
        return None
    if match["last"]:
        return _Parts(prefix=match["long"], digits=match["last"], slug="")
    return _Parts(prefix=match["prefix"], digits=match["number"], slug=match["slug"] or "")


def free(candidates: Iterable[str], paths: Iterable[str], allowed: Callable[[str], bool]) -> str:
    """The first of these paths that no file has, in any case or spelling, and the layout takes.

    Raises:
        EditError: None is.
    """
    taken = {_same(path) for path in paths}
    taken |= {folder for path in taken if (folder := path.rpartition("/")[0])}
    listed = list(candidates)
    for path in listed:
        if _same(path) not in taken and allowed(path):
            return path
    for path in listed:
        for number in range(2, 100):
            other = f"{path.removesuffix('.md')}-{number}.md"
            if _same(other) not in taken and allowed(other):
                return other
    raise EditError(
        f"There is no free name for a new file beside {listed[0]}.",
        hint="Write the file by hand, with the issue's number in it.",
    )


def _same(path: str) -> str:
    return unicodedata.normalize("NFC", path).casefold()
