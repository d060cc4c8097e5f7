"""Which of the issues that mention each other come first, so that a link needs no second write.

An issue's number is known once it is made. A text that links an issue made before it can name it
at once; one that links an issue made after it takes a second write. Parents come before their
children whatever the texts say, so where the links form a circle some of them have to wait.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterable, Mapping

from ghsync.model import Key


def first(
    parents: Mapping[Key, Key | None], links: Mapping[Key, Iterable[Key]]
) -> dict[Key, frozenset[Key]]:
    """For each item, the targets of its links that can be made before it.

    ``parents`` has every item that is made, with its parent if that is made, too, and no circle;
    ``links`` has the items that a text links. A link to an item that is not made here is left
    out. What is returned contains no circle, not even together with the parents: it leaves out
    nothing unless the links form one, and of a circle the items that wait for the fewest others
    come first.
    """
    wanted = {
        key: frozenset(target for target in links.get(key, ()) if target in parents) - {key}
        for key in parents
    }
    children: dict[Key, list[Key]] = defaultdict(list)
    linking: dict[Key, list[Key]] = defaultdict(list)
    for key, parent in parents.items():
        if parent is not None and parent in parents:
            children[parent].append(key)
        for target in wanted[key]:
            linking[target].append(key)
    waiting = {key: len(targets) for key, targets in wanted.items()}
    roots = parents.keys() - {child for siblings in children.values() for child in siblings}
    ready = [(waiting[key], key) for key in roots]
    heapq.heapify(ready)
    open_ = set(roots)
    placed: dict[Key, frozenset[Key]] = {}
    while ready:
        _, key = heapq.heappop(ready)
        if key in placed:
            continue
        placed[key] = wanted[key] & placed.keys()
        open_.update(children[key])
        for child in children[key]:
            heapq.heappush(ready, (waiting[child], child))
        for other in linking[key]:
            waiting[other] -= 1
            if other in open_ and other not in placed:
                heapq.heappush(ready, (waiting[other], other))
    return placed
