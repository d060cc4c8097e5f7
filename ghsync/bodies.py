"""The items' texts as GitHub gets them: links that work there, names that call nobody.

Wraps :mod:`ghsync.issuetext` for a set of items. How a text comes out depends on the numbers that
the linked issues have, so it is rendered when they are known, and again when more of them are.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from ghsync import render
from ghsync.issuetext.context import Context, Rewritten
from ghsync.model import Finding, IssueNumber, Item, Key, Severity, State
from ghsync.patterns import regex
from ghsync.values import dataclass

if TYPE_CHECKING:
    from ghsync.issuetext.children import Child

_SIGNS = ("](", "]:", "@", "#", "GH-")
"""A text without these holds no link, name or number."""
GIVEN = "items"
"""The layout of items that are no files."""
BODY_MAX = 65_536
"""Characters of a body that GitHub takes."""

Numbers = Mapping[Key, IssueNumber]


class Mentions(StrEnum):
    """Who may be notified by an ``@name`` in a text."""

    KNOWN = "known"
    """The people who can be assigned in the repository."""
    ALL = "all"
    NONE = "none"


class Children(StrEnum):
    """Whether a parent's text ends in a list of its children."""

    NONE = "none"
    LIST = "list"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the files are, as far as texts need to know. Paths are the repository's own."""

    repo: str
    """``owner/name``; empty where no repository is known, and then texts stay as they are."""
    web_url: str = "https://github.com"
    prefix: str = ""
    """The root's path in the repository, with a slash at its end; empty at the top."""
    commit: Callable[[], str | None] = lambda: None
    """The newest commit that GitHub has; ``None``: links to files stay as they are."""
    committed: Callable[[str], bool] = lambda _path: False
    """Whether that commit has a file or folder."""
    exists: Callable[[str], bool] = lambda _path: False
    """Whether the checkout has it."""


NOWHERE = Place(repo="")
"""No repository: texts stay as they are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TextSettings:
    """What a user may decide about texts."""

    mentions: Mentions = Mentions.KNOWN
    children: Children = Children.NONE


class Body(NamedTuple):
    """An item's text for GitHub."""

    text: str
    waits: tuple[Key, ...] = ()
    """Items that it links, or lists as children, and that have no issue yet."""
    calls: bool = False
    """True if a name in it was made harmless because nobody knows whose it is."""
    findings: tuple[Finding, ...] = ()


class Bodies:
    """Renders the texts of a set of items; pure, the same for the same arguments."""

    def __init__(
        self,
        items: Iterable[Item],
        place: Place = NOWHERE,
        settings: TextSettings = TextSettings(),  # noqa: B008
        *,
        known: Collection[str] | None = None,
    ) -> None:
        """``known``: case-folded logins that may be notified; ``None`` where they were not read."""
        self._items = {item.key: item for item in items}
        self._place = place
        self._settings = settings
        self._known = known
        self._contexts: tuple[Numbers, dict[bool, Context]] = ({}, {})
        """Those for the numbers asked for last: a plan renders all its texts with the same."""
        self._found: dict[Key, tuple[Item, tuple[Finding, ...]]] = {}

    def body(self, item: Item, numbers: Numbers) -> Body:
        """The item's text, with the issues in ``numbers`` linked.

        Beyond them the numbers that files name themselves count, wherever they are.
        """
        text = render.canonical(item.body)
        if not self._place.repo:
            return Body(text)
        made = self._rewritten(item, text, numbers)
        calls = "@&#8203;" in made.text and self._known is None
        calls = calls and self._settings.mentions is Mentions.KNOWN
        text, waits = render.canonical(made.text), dict.fromkeys(made.waits)
        if self._settings.children is Children.LIST and item.key in self._children:
            from ghsync.issuetext.children import with_children

            rows, missing = self._rows(item.key, numbers)
            text = with_children(text, rows)
            waits |= dict.fromkeys(missing)
        findings = tuple(_finding(item, note.line, note.message) for note in made.notes)
        if not numbers:
            self._found[item.key] = item, findings
        return Body(text, tuple(waits), calls, findings)

    def findings(self, item: Item) -> tuple[Finding, ...]:
        """What there is to say of an item's text where nothing is made yet.

        From :meth:`body`, if that was asked before: rewriting is most of what a plan costs.
        """
        rendered, findings = self._found.get(item.key, (None, ()))
        return findings if rendered is item else self.body(item, {}).findings

    def renewed(self, item: Item, text: str, numbers: Numbers) -> str:
        """A text that GitHub holds, or held, with its links as they are written now."""
        if not self._place.repo or "](" not in text or self._settings.children is Children.LIST:
            return text
        return self._rewritten(item, self.file_text(item, text, numbers), numbers).text

    def _rewritten(self, item: Item, text: str, numbers: Numbers) -> Rewritten:
        if not any(sign in text for sign in _SIGNS):
            return Rewritten(text=text)
        from ghsync.issuetext.rewrite import to_github

        context = self._with(numbers, linking="](" in text or "]:" in text)
        return to_github(text, path=self._place.prefix + item.path, context=context)

    def _with(self, numbers: Numbers, *, linking: bool) -> Context:
        """What rewriting needs to know; git is asked for the commit only where something links."""
        for_numbers, contexts = self._contexts
        if for_numbers is not numbers:
            self._contexts = numbers, (contexts := {})
        if linking not in contexts:
            commit = self._place.commit() if linking else None
            contexts[linking] = replace(self._context, numbers=numbers, commit=commit)
        return contexts[linking]

    def file_text(self, item: Item, text: str, numbers: Numbers) -> str:
        """A text of GitHub in the form of the item's file, line for line."""
        return self.text_at(item.path, text, numbers)

    def text_at(self, path: str, text: str, numbers: Numbers) -> str:
        """The same for a file that may not be there yet; ``path`` is below the root."""
        if not self._place.repo:
            return text
        from ghsync.issuetext.children import split_children
        from ghsync.issuetext.rewrite import to_file

        text = split_children(text).text
        context = self._with(numbers, linking=True)
        return to_file(text, path=self._place.prefix + path, context=context)

    def _rows(self, key: Key, numbers: Numbers) -> tuple[list[Child], list[Key]]:
        from ghsync.issuetext.children import Child

        rows = [
            Child(number=numbers[child], closed=self._items[child].state is State.CLOSED)
            for child in self._children[key]
            if child in numbers
        ]
        return rows, [child for child in self._children[key] if child not in numbers]

    @cached_property
    def _context(self) -> Context:
        place, mentions = self._place, self._settings.mentions
        paths: dict[str, list[Key]] = defaultdict(list)
        for item in self._items.values():
            paths[place.prefix + item.path].append(item.key)
            if item.layout == GIVEN:  # no file has this name: its key is what others link
                paths.setdefault(place.prefix + item.key, [item.key])
        idents = {
            (folder, name): key
            for (folder, name), key in _idents(self._items.values(), place.prefix).items()
            if self._recorded(key) != int(name)  # then there is nothing else that it could mean
        }
        anywhere: dict[str, set[Key]] = defaultdict(set)
        for (_, name), key in idents.items():
            anywhere[name].add(key)
        return Context(
            repo=place.repo,
            web_url=place.web_url,
            items={path: keys[0] for path, keys in paths.items() if len(keys) == 1},
            idents=idents,
            anywhere={name: frozenset(keys) for name, keys in anywhere.items()},
            named=frozenset(
                number for key in self._items if (number := self._recorded(key)) is not None
            ),
            files=place.exists,
            committed=place.committed,
            known=None
            if mentions is Mentions.ALL
            else frozenset(self._known or ())
            if mentions is Mentions.KNOWN
            else frozenset(),
        )

    def _recorded(self, key: Key) -> IssueNumber | None:
        """The issue of this repository that an item's file names."""
        named, repo = self._items[key].recorded, self._place.repo
        if named is None or (named.repo or repo).casefold() != repo.casefold():
            return None
        return named.number

    @cached_property
    def _children(self) -> Mapping[Key, tuple[Key, ...]]:
        """The children of each item, in the order of their files."""
        found: dict[Key, list[Item]] = defaultdict(list)
        for item in self._items.values():
            if item.parent is not None and not item.archived:
                found[item.parent].append(item)
        return {
            parent: tuple(i.key for i in sorted(children, key=lambda i: (i.path, i.line)))
            for parent, children in found.items()
        }


_ID = regex(r"(?:[a-z]+[-_ ]?)?0*((?!0)\d{1,18}|0)(?:[-_. ].*)?\Z", re.IGNORECASE)


def _idents(items: Iterable[Item], prefix: str) -> dict[tuple[str, str], Key]:
    """What a number may mean in a folder: the file of that number, or of that id."""
    found: dict[tuple[str, str], Key] = {}
    for item in items:
        folder, _, name = item.path.rpartition("/")
        folder = (prefix + folder).rstrip("/")
        for text in (name.removesuffix(".md"), item.ident or ""):
            if match := _ID.match(text):
                found.setdefault((folder, match[1]), item.key)
    return found


def _finding(item: Item, line: int, message: str) -> Finding:
    """What a person may want to know about a line of an item's text."""
    return Finding(
        path=item.path,
        line=item.line,
        code="text",
        severity=Severity.INFO,
        message=f"line {line} of the text: {message}",
        key=item.key,
    )


def oversized(item: Item, text: str) -> str | None:
    """Why GitHub would refuse a text that was made fit for it, if it would."""
    if len(text) < BODY_MAX // 2 or (length := render.wire_length(item, text)) <= BODY_MAX:
        return None
    return (
        f"its text has {length:,} characters once its links and names are written for GitHub, "
        f"which takes {BODY_MAX:,}; shorten it or write fewer links"
    )
