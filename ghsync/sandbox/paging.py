"""Pages and ``Link`` headers as GitHub gives them (docs: using-pagination-in-the-rest-api).

Issue lists are paged by a cursor that names the last issue seen, so an issue created meanwhile
neither repeats nor hides another; the rest by page numbers. Both point at
``/repositories/ID/…``, whatever URL the client asked.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar
from urllib.parse import urlencode

from ghsync.sandbox.call import Call
from ghsync.sandbox.messages import Problem, Response, reply_json
from ghsync.sandbox.state import Repo

LARGE_PAGE = 100
"""From this page on, an issue list refuses page numbers without a cursor."""

T = TypeVar("T")


def per_page(query: Mapping[str, str], *, default: int = 30) -> int:
    """The page size: at most 100, nonsense becomes the default."""
    text = query.get("per_page", "")
    return min(int(text), 100) if text.isascii() and text.isdigit() and int(text) > 0 else default


def page_number(query: Mapping[str, str]) -> int:
    """The page asked for, from 1."""
    text = query.get("page", "")
    return int(text) if text.isascii() and text.isdigit() and 0 < int(text) < 10**9 else 1


def paged(
    call: Call, path: str, items: Sequence[T], present: Callable[[T], Any], repo: Repo | None
) -> Response:
    """One page of a list by its number; ``path`` is relative to the repository (or the root)."""
    size, page = per_page(call.query), page_number(call.query)
    last = max(1, -(-len(items) // size))
    links: list[tuple[str, int]] = []
    if page > 1:
        links.append(("prev", min(page - 1, last)))
    if page < last:
        links += [("next", page + 1), ("last", last)]
    if page > 1:
        links.append(("first", 1))
    shown = items[(page - 1) * size : page * size]
    headers = _link(call, repo, path, [(rel, {"page": str(n)}) for rel, n in links])
    return reply_json(200, [present(item) for item in shown], headers=headers)


def by_cursor(
    call: Call,
    path: str,
    items: Sequence[T],
    key: Callable[[T], tuple[float, int]],
    present: Callable[[T], Any],
    repo: Repo,
    *,
    descending: bool,
) -> Response:
    """One page of a sorted issue list, continued by cursor; ``items`` are sorted by ``key``."""
    size, page = per_page(call.query), page_number(call.query)
    after = call.query.get("after")
    if after is None:
        if page >= LARGE_PAGE:
            raise Problem(
                422,
                "Pagination with the page parameter is not supported for large datasets,"
                " please use cursor based pagination (after/before)",
            )
        start = (page - 1) * size
    else:
        start = _after(items, key, _decode(after), descending=descending)
    shown = items[start : start + size]
    links: list[tuple[str, dict[str, str]]] = []
    if shown and start + size < len(items):
        links.append(("next", {"after": _encode(key(shown[-1])), "page": str(page + 1)}))
    return reply_json(
        200, [present(item) for item in shown], headers=_link(call, repo, path, links)
    )


def _after(
    items: Sequence[T],
    key: Callable[[T], tuple[float, int]],
    seen: tuple[float, int],
    *,
    descending: bool,
) -> int:
    low, high = 0, len(items)
    while low < high:
        middle = (low + high) // 2
        here = key(items[middle])
        passed = here >= seen if descending else here <= seen
        if passed:
            low = middle + 1
        else:
            high = middle
    return low


def _encode(position: tuple[float, int]) -> str:
    return urlsafe_b64encode(f"cursor:v2:{json.dumps(position)}".encode()).decode()


def _decode(cursor: str) -> tuple[float, int]:
    try:
        text = urlsafe_b64decode(cursor.encode()).decode()
        moment, number = json.loads(text.removeprefix("cursor:v2:"))
        return float(moment), int(number)
    except (ValueError, TypeError):
        raise Problem(422, "Invalid cursor") from None


def _link(
    call: Call, repo: Repo | None, path: str, links: Sequence[tuple[str, Mapping[str, str]]]
) -> tuple[tuple[str, str], ...]:
    if not links:
        return ()
    root = call.urls.api if repo is None else f"{call.urls.api}/repositories/{repo.info.id}"
    kept = {k: v for k, v in call.query.items() if k not in ("page", "after", "before")}
    parts = [f'<{root}{path}?{urlencode({**kept, **more})}>; rel="{rel}"' for rel, more in links]
    return (("link", ", ".join(parts)),)
