"""What GitHub links inside plain text: addresses, ``#41``, ``owner/repo#41``, ``@name``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import field
from html import escape
from posixpath import dirname, normpath
from urllib.parse import unquote

from ghsync.patterns import regex
from ghsync.report.html.markup import address, inner, link, text
from ghsync.values import dataclass

_FOUND = regex(
    r"(?P<url>(?<![\w/])(?:https?://|www\.)[^\s<]{1,2000})"
    r"|(?P<mail>(?<![\w.+/-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8})"
    r"|(?P<ref>(?<![\w/&#.-])(?P<repo>[\w.-]{1,39}/[\w.-]{1,100})?#(?P<number>[1-9]\d{0,8})(?!\w))"
    r"|(?P<gh>(?<![\w/&#-])GH-(?P<gh_number>[1-9]\d{0,8})(?!\w))"
    r"|(?P<name>(?<![\w/.`@&-])@[A-Za-z0-9][A-Za-z0-9-]{0,38}(?:/[\w.-]{1,100})?(?![\w@]))"
)
_SIGNS = ("#", "@", "://", "www.", "GH-")
_TAIL = "?!.,:*_~'\""


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Where a link may lead: into the page, and to GitHub if the run was about it."""

    repo: str = ""
    web_url: str | None = None
    """``https://github.com``; ``None``: nothing of this run is on the web."""
    file_url: str | None = None
    """Where the root's files can be read."""
    inside: str = ""
    """The root's path in the repository."""
    numbers: Mapping[int, str] = field(default_factory=dict)
    """Issues of the page by number, as anchors."""
    paths: Mapping[str, str] = field(default_factory=dict)
    """The same by path."""

    def issue(self, number: int, repo: str | None = None) -> str | None:
        """The address of an issue on GitHub."""
        if self.web_url is None or not (repo or self.repo):
            return None
        return f"{self.web_url}/{repo or self.repo}/issues/{number}"

    def place(self, target: str, path: str) -> str | None:
        """The anchor of the issue that a link in a file's text leads to, if it has one here."""
        if (number := self._number(target)) is not None:
            return self.numbers.get(number)
        target = target.partition("#")[0].partition("?")[0]
        if (file := self._file(target)) is not None:
            return self.paths.get(file)
        if not target or ":" in target.partition("/")[0] or target.startswith("/"):
            return None
        return self.paths.get(normpath(f"{dirname(path)}/{unquote(target)}".lstrip("/")))

    def _number(self, target: str) -> int | None:
        base = f"{self.web_url}/{self.repo}/issues/"
        number = target.removeprefix(base) if target.startswith(base) else ""
        return int(number) if re.fullmatch(r"[1-9][0-9]{0,8}", number) else None

    def _file(self, target: str) -> str | None:
        """The path below the root of a permalink to a file of this repository."""
        base = f"{self.web_url}/{self.repo}/blob/"
        if self.web_url is None or not target.startswith(base):
            return None
        path = unquote(target.removeprefix(base).partition("/")[2])
        return path.removeprefix(f"{self.inside}/") if self.inside else path


def marked(content: str, site: Site) -> str | None:
    """Give plain text as HTML with its references linked; ``None`` where it holds none."""
    if not any(sign in content for sign in _SIGNS):
        return None
    parts: list[str] = []
    at = 0
    for found in _FOUND.finditer(content):
        shown = _one(found, site)
        parts += (text(content[at : found.start()]), shown)
        at = found.end()
    return "".join((*parts, text(content[at:]))) if parts else None


def _one(found: re.Match[str], site: Site) -> str:
    shown = text(found[0])
    match found.lastgroup:
        case "url":
            return _url(found[0], site)
        case "mail":
            return link(f"mailto:{found[0]}", shown)
        case "ref":
            return _issue(int(found["number"]), found["repo"], shown, site)
        case "gh":
            return _issue(int(found["gh_number"]), None, shown, site)
        case _:
            name = found[0][1:]
            where = f"{site.web_url}/{name}" if site.web_url and "/" not in name else None
            return link(where, shown, css="at") if where else f'<b class="at">{shown}</b>'


def _issue(number: int, repo: str | None, shown: str, site: Site) -> str:
    own = repo is None or repo.casefold() == site.repo.casefold()
    if own and number in site.numbers:
        return inner(site.numbers[number], shown)
    where = site.issue(number, repo)
    return link(where, shown) if where else f'<b class="ref">{shown}</b>'


def _url(found: str, site: Site) -> str:
    """An address in running text ends before the punctuation that follows it."""
    url = found.rstrip(_TAIL)
    while url.endswith(")") and url.count(")") > url.count("("):
        url = url[:-1].rstrip(_TAIL)
    rest = escape(found[len(url) :], quote=True)
    target = f"http://{url}" if url.startswith("www.") else url
    if not address(target):
        return text(found)
    if (anchor := site.place(target, "")) is not None:
        return f'<a href="#{anchor}">#{target.rpartition("/")[2]}</a>{rest}'
    return link(target, text(url)) + rest
