"""Text that nobody trusts, as HTML: what stands in a page stays text, whatever it holds."""

from __future__ import annotations

import re
from html import escape
from urllib.parse import quote

from ghsync.patterns import regex

_CONTROL = regex("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_TURNING = regex("[\u202a-\u202e\u2066-\u2069]")
_ADDRESS = regex(r"(?:https?://|mailto:)[!-~]+", re.IGNORECASE)


def visible(value: str) -> str:
    """Make visible what would hide or turn other text: control characters, bidi overrides."""
    if value.isprintable():
        return value
    value = _CONTROL.sub("\ufffd", value.replace("\r\n", "\n").replace("\r", "\n"))
    return _TURNING.sub(lambda found: f"[U+{ord(found[0]):04X}]", value)


def text(value: str) -> str:
    """Escape for the content of an element and for a quoted attribute."""
    return escape(visible(value), quote=True)


def address(value: str | None) -> str | None:
    """Give an http, https or mailto address, or ``None`` for anything else."""
    if value is None or not _ADDRESS.fullmatch(value):
        return None
    return value


def link(target: str | None, content: str, *, css: str = "") -> str:
    """Link ``content`` (HTML), or leave it as it is where there is no address to link."""
    found = address(target)
    if found is None:
        return content
    attribute = f' class="{css}"' if css else ""
    return f'<a{attribute} href="{escape(found)}" rel="noreferrer">{content}</a>'


def later(html: str) -> str:
    """Hold back what is not seen at first: with a script it is one text until it is opened.

    A browser that runs scripts reads the inside of ``noscript`` as a text, so thousands of issues
    cost little; one that does not shows it as it is. Nothing here writes ``</noscript``.
    """
    return f"<noscript>{html}</noscript>"


def inner(anchor: str | None, content: str) -> str:
    """Link ``content`` (HTML) to a place of the page."""
    return content if anchor is None else f'<a href="#{anchor}">{content}</a>'


def path_url(base: str | None, path: str, line: int = 0) -> str | None:
    """Where a file can be read on the web; a path that is no UTF-8 has no address."""
    if base is None or not path:
        return None
    try:
        place = f"{base}/{quote(path)}"
    except UnicodeEncodeError:
        return None
    return f"{place}#L{line}" if line > 1 else place
