"""Which item a record means. Nothing is guessed by order, and two answers are none."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import assert_never

from ghsync.importers.records import ByIdent, ByKey, ByPath, ByTitle, Name, Record, Tool
from ghsync.importers.singlefiles import is_gh_issue_sync, is_planhub
from ghsync.model import Item
from ghsync.values import dataclass

_TOOLS: Mapping[str, Tool] = {"ccpm": Tool.CCPM, "claudeautopm": Tool.CLAUDEAUTOPM}
"""Whose field it is that an item of a layout records its issue in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A record and the item that it means, or why it means none."""

    record: Record
    item: Item | None = None
    wrong: str | None = None


class Matcher:
    """Finds items by the names that records use."""

    def __init__(self, items: Iterable[Item]) -> None:
        self._named: dict[Name, list[Item]] = defaultdict(list)
        for item in items:
            self._named[ByKey(key=item.key)].append(item)
            self._named[ByPath(path=item.path)].append(item)
            if item.ident:
                self._named[ByIdent(ident=item.ident.casefold())].append(item)
            title = ByTitle(folder=item.path.rpartition("/")[0], title=item.title.strip())
            self._named[title].append(item)

    def match(self, record: Record) -> Claim:
        """Find the item that a record means."""
        if record.wrong is not None:
            return Claim(record=record, wrong=record.wrong)
        found = {item.key: item for name in record.names for item in self._find(name)}
        items = list(found.values())
        if len(items) > 1:
            live = [item for item in items if not item.archived]
            items = live if len(live) == 1 else items
        if len(items) > 1:  # ccpm: a file may be called by a number that is another file's issue
            free = [item for item in items if not _elsewhere(item, record)]
            items = free if len(free) == 1 else items
        if not items:
            return Claim(record=record, wrong=f"no item is {_spelled(record.names)}")
        if len(items) > 1:
            keys = ", ".join(item.key for item in sorted(items, key=lambda item: item.key))
            return Claim(record=record, wrong=f"fits several items: {keys}")
        return Claim(record=record, item=items[0])

    def _find(self, name: Name) -> list[Item]:
        match name:
            case ByIdent(ident=ident):
                return self._named.get(ByIdent(ident=ident.casefold()), [])
            case ByKey() | ByPath():
                return self._named.get(name, [])
            case ByTitle(folder=folder, title=title):
                found = self._named.get(ByTitle(folder=folder, title=title.strip()), [])
                return found if len(found) == 1 else []  # a title that repeats proves nothing
            case _:
                assert_never(name)


def _elsewhere(item: Item, record: Record) -> bool:
    """Whether the item's own file says that another issue is its."""
    return item.recorded is not None and item.recorded.number != record.number


def of_items(items: Iterable[Item]) -> tuple[Record, ...]:
    """The records that the items' own files hold: ``github:``, ``github_issue:`` and the like."""
    return tuple(
        Record(
            tool=_tool(item),
            path=item.path,
            line=item.recorded.line,
            text=item.title,
            names=(ByKey(key=item.key),),
            number=item.recorded.number,
            repo=item.recorded.repo,
        )
        for item in items
        if item.recorded is not None
    )


def _tool(item: Item) -> Tool | None:
    if is_gh_issue_sync(item.path):
        return Tool.GH_ISSUE_SYNC
    return Tool.PLANHUB if is_planhub(item.path) else _TOOLS.get(item.layout)


def _spelled(names: Iterable[Name]) -> str:
    """The names in words: ``called 'x'``, ``a/b.md or a/c.md``."""
    words: list[str] = []
    for name in names:
        match name:
            case ByKey(key=key):
                words.append(key)
            case ByIdent(ident=ident):
                words.append(f"called '{ident}' by its id")
            case ByPath(path=path):
                words.append(path)
            case ByTitle(title=title):
                words.append(f"alone called '{title}' there")
            case _:
                assert_never(name)
    return " or ".join(dict.fromkeys(words)) or "meant"
