"""A small repository for the tests of rewriting, and what a browser would show of a text."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

from markdown_it import MarkdownIt

from ghsync.issuetext.context import Context
from ghsync.issuetext.rewrite import to_file, to_github
from ghsync.model import IssueNumber, Key

COMMIT = "0123456789abcdef0123456789abcdef01234567"
PATH = "epics/shop/002.md"
URL = "https://github.com/octo/shop"
FILES = frozenset(
    {
        "README.md", "docs", "docs/a b.md", "docs/100%.md", "docs/plan (old).md", "docs/x.md",
        "img.png", "epics/shop/shot.png", "epics/shop/epic.md", "epics/shop/001.md",
        "epics/shop/002.md", "epics/shop/003.md", "epics/other/007.md",
    }
)  # fmt: skip

CONTEXT = Context(
    repo="octo/shop",
    commit=COMMIT,
    items={
        "epics/shop/epic.md": Key("shop/epic"),
        "epics/shop/001.md": Key("shop/001"),
        "epics/shop/002.md": Key("shop/002"),
        "epics/shop/003.md": Key("shop/003"),
        "epics/other/007.md": Key("other/007"),
    },
    idents={
        ("epics/shop", "1"): Key("shop/001"),
        ("epics/shop", "2"): Key("shop/002"),
        ("epics/shop", "3"): Key("shop/003"),
        ("epics/other", "7"): Key("other/007"),
    },
    numbers={
        Key("shop/epic"): IssueNumber(41),
        Key("shop/001"): IssueNumber(42),
        Key("shop/002"): IssueNumber(43),
        Key("other/007"): IssueNumber(7),
    },
    named=frozenset({IssueNumber(41), IssueNumber(7)}),
    files=FILES.__contains__,
    known=frozenset({"octocat", "octo/core"}),
)


def context(**changes: Any) -> Context:
    """The repository with some of it different."""
    return replace(CONTEXT, **changes)


def github(body: str, context: Context = CONTEXT, path: str = PATH) -> str:
    """The body for GitHub, after a look that it comes back to the byte with as many lines."""
    text = to_github(body, path=path, context=context).text
    assert body == to_file(text, path=path, context=context)
    assert body.count("\n") == text.count("\n")
    return text


def back(text: str, context: Context = CONTEXT, path: str = PATH) -> str:
    """A text from GitHub for the file, after a look that it pushes as it was."""
    body = to_file(text, path=path, context=context)
    assert text == to_github(body, path=path, context=context).text
    return body


class Shown(HTMLParser):
    """What a browser shows of a text: all of it, and what GitHub looks for names in."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = ""
        self.searched: list[str] = []
        self.code = ""
        self._within: list[str] = []
        parser = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
        self.feed(parser.render(text))
        self.close()
        self.text = self.text.replace("\u200b", "")

    def handle_starttag(self, tag: str, attrs: object) -> None:
        """Remember what GitHub's filters leave alone."""
        if tag in ("pre", "code", "a", "tt", "script", "style"):
            self._within.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Leave it again."""
        if self._within and tag == self._within[-1]:
            self._within.pop()

    def handle_data(self, data: str) -> None:
        """Text."""
        self.text += data
        if "code" in self._within or "pre" in self._within:
            self.code += data
        if not self._within:
            self.searched.append(data)

    def live(self) -> list[str]:
        """The mentions and numbers that GitHub would act on."""
        found: list[str] = []
        for text in self.searched:
            plain = re.sub(r"(?:https?://|www\.)\S+", "x", text)
            found += re.findall(r"(?:^|(?<=[^A-Za-z0-9_]))@[A-Za-z0-9][A-Za-z0-9-]*", plain)
            found += re.findall(r"(?:^|(?<=[^A-Za-z0-9_&/]))(?:#|GH-)[0-9]*[1-9][0-9]*\b", plain)
        return found
