"""A page taken apart, and what each part of it may be."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"br", "hr", "img", "input", "meta", "link"}
ADDRESS = re.compile(r"(?:https?://|mailto:)[!-~]+")
ANCHOR = re.compile(r"#[a-z][a-z0-9]*")


@dataclass
class Element:
    """A start tag with its attributes and the text that stands directly in it."""

    tag: str
    attrs: dict[str, str]
    above: tuple[str, ...]
    text: str = ""

    @property
    def css(self) -> list[str]:
        """Its classes."""
        return self.attrs.get("class", "").split()


@dataclass
class Parsed(HTMLParser):
    """What a strict reader makes of HTML: tags have to match."""

    elements: list[Element] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Start with nothing open."""
        super().__init__(convert_charrefs=True)
        self._open: list[Element] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element, and open it unless it is void."""
        above = tuple(e.tag for e in self._open)
        element = Element(tag, {name: value or "" for name, value in attrs}, above)
        self.elements.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take ``<path/>`` as an element without content."""
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        """Close what is open, and nothing else."""
        if self._open and self._open[-1].tag == tag:
            self._open.pop()
        else:
            self.wrong.append(f"</{tag}> in {[e.tag for e in self._open]}")

    def handle_data(self, data: str) -> None:
        """Keep the text."""
        self.words.append(data)
        if self._open:
            self._open[-1].text += data

    def handle_comment(self, data: str) -> None:
        """A page has no comments: what is not to be seen is not there."""
        self.wrong.append(f"comment {data[:50]!r}")

    def close(self) -> None:
        """Everything has to be closed at the end."""
        super().close()
        self.wrong += [f"open: {element.tag}" for element in self._open]

    @property
    def text(self) -> str:
        """All text, white space as in the source."""
        return "".join(self.words)

    def of(self, tag: str) -> list[Element]:
        """The elements of a kind."""
        return [element for element in self.elements if element.tag == tag]


def parsed(html: str) -> Parsed:
    """Read HTML strictly."""
    made = Parsed()
    made.feed(html)
    made.close()
    return made


def dangers(page: Parsed) -> list[str]:
    """What may load, run, submit or restyle something, or lead where nothing should."""
    found = list(page.wrong)
    for element in page.elements:
        for name, value in element.attrs.items():
            if name.startswith("on") or name in ("style", "src", "srcset", "action", "formaction"):
                found.append(f"<{element.tag} {name}={value[:60]!r}>")
            if name in ("href", "xlink:href") and not (
                ADDRESS.fullmatch(value) or ANCHOR.fullmatch(value)
            ):
                found.append(f"<{element.tag} {name}={value[:60]!r}>")
        if element.tag in ("img", "iframe", "object", "embed", "form", "link", "base", "video"):
            found.append(f"<{element.tag}>")
    return found
