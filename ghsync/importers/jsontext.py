"""JSON as other tools wrote it: every pair in its order, twice-used keys and lines included."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator

from ghsync.values import dataclass


@dataclass(frozen=True, slots=True)
class Pairs:
    """A JSON object with all its pairs, also those whose key stands there twice."""

    pairs: tuple[tuple[str, object], ...]

    def get(self, key: str) -> object:
        """The last value of a key, as every JSON reader has it; ``None`` where there is none."""
        return dict(self.pairs).get(key)

    def section(self, key: str) -> Pairs:
        """The object under a key; an empty one for what is none."""
        found = self.get(key)
        return found if isinstance(found, Pairs) else Pairs(())

    def __contains__(self, key: str) -> bool:
        return any(name == key for name, _ in self.pairs)

    def __iter__(self) -> Iterator[tuple[str, object]]:
        return iter(self.pairs)

    @property
    def doubled(self) -> frozenset[str]:
        """The keys that stand there more than once."""
        counts = Counter(name for name, _ in self.pairs)
        return frozenset(name for name, count in counts.items() if count > 1)


def parse(text: str) -> Pairs | str:
    """The object that a text holds, or why it holds none."""
    try:
        found = json.loads(
            text.removeprefix("\ufeff"), object_pairs_hook=lambda pairs: Pairs(tuple(pairs))
        )
    except json.JSONDecodeError as error:
        return f"not JSON: {error.msg} in line {error.lineno}"
    except (ValueError, RecursionError):
        return "not JSON that can be read"
    return found if isinstance(found, Pairs) else "no JSON object"


def line_of(text: str, key: str, after: str = "") -> int:
    """The line (1-based) of a key, behind the key ``after`` if that is given."""
    start = _at(text, after, 0) if after else 0
    return text.count("\n", 0, _at(text, key, start)) + 1


def _at(text: str, key: str, start: int) -> int:
    for spelled in (json.dumps(key), json.dumps(key, ensure_ascii=False)):
        match = re.compile(re.escape(spelled) + r"\s*:").search(text, start)
        if match:
            return match.start()
    return start
