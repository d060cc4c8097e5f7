"""HTML inside markdown: a few tags without attributes pass, everything else is shown as text.

GitHub lets many more through. Here nothing may close an element of the page, load anything or
run, so what passes is a short list, and :func:`balanced` closes what was left open.
"""

from __future__ import annotations

import re
from html import escape

from ghsync.patterns import regex
from ghsync.report.html.markup import address

_PLAIN = frozenset((
    "abbr", "b", "blockquote", "br", "code", "dd", "del", "details", "div", "dl", "dt", "em", "hr",
    "i", "ins", "kbd", "li", "mark", "ol", "p", "pre", "q", "s", "samp", "small", "strong", "sub",
    "summary", "sup", "u", "ul", "var",
))  # fmt: skip
_HEADING = regex(r"h([1-6])")
_VOID = frozenset(("br", "hr", "img", "input"))
_DEEPEST = 40
"""Open elements of one text; browsers themselves give up at 512."""
_PART = regex(
    r"<!--.*?(?:-->|\Z)"
    r"|</?([A-Za-z][A-Za-z0-9-]{0,20})((?:\"[^\"]{0,2000}\"|'[^']{0,2000}'|[^\"'>]){0,1000})>",
    re.DOTALL,
)
_ATTRIBUTE = r"""(?:^|\s)%s\s*=\s*("[^"]*"|'[^']*'|[^\s"'>]+)"""
_TAG = regex(r"<(/?)([a-z][a-z0-9]*)[^>]*>")


def shown(content: str) -> str:
    """Turn raw HTML into what the page may hold: allowed tags bare, the rest as text."""
    parts: list[str] = []
    at = 0
    for found in _PART.finditer(content):
        parts.append(_text(content[at : found.start()]))
        parts.append(_tag(found))
        at = found.end()
    parts.append(_text(content[at:]))
    return "".join(parts)


def _text(content: str) -> str:
    return escape(content, quote=True)


def _tag(found: re.Match[str]) -> str:
    whole = found[0]
    if whole.startswith("<!--"):
        return ""  # as on GitHub
    name, closing = found[1].lower(), whole.startswith("</")
    heading = _HEADING.fullmatch(name)
    if heading is not None:
        below = min(6, int(heading[1]) + 3)
        return f"</h{below}>" if closing else f'<h{below} class="h{heading[1]}">'
    if name in _PLAIN:
        if name in _VOID:
            return "" if closing else f"<{name}>"
        return f"</{name}>" if closing else f"<{name}>"
    if name == "img" and not closing:
        return image(_attribute(found[2], "src"), _attribute(found[2], "alt"))
    if name == "a":
        target = None if closing else address(_attribute(found[2], "href"))
        if closing:
            return "</a>"
        return f'<a href="{_text(target)}" rel="noreferrer">' if target else "<a>"
    return f'<code class="tag">{_text(whole)}</code>'


def _attribute(content: str, name: str) -> str:
    found = re.search(_ATTRIBUTE % name, content, re.IGNORECASE)
    return "" if found is None else found[1].strip("\"'")


def image(source: str, alt: str, *, linked: bool = False) -> str:
    """Show an image by its name: a page that loads nothing has no pictures."""
    name = _text(alt or source.rpartition("/")[2] or "image")
    target = None if linked else address(source)
    if target is None:
        return f'<span class="img" title="{_text(source)}">{name}</span>'
    return f'<a class="img" href="{_text(target)}" rel="noreferrer">{name}</a>'


def balanced(html: str) -> str:
    """Close what a text leaves open and drop what it never opened.

    ``html`` is this package's own: every ``<`` in it begins a tag, every attribute is escaped.
    """
    parts: list[str] = []
    open_: list[str] = []
    at = 0
    for found in _TAG.finditer(html):
        parts.append(html[at : found.start()])
        at = found.end()
        closing, name = found[1], found[2]
        if name in _VOID:
            parts.append(found[0])
        elif not closing:
            if len(open_) < _DEEPEST:
                open_.append(name)
                parts.append(found[0])
        elif name in open_:
            while (last := open_.pop()) != name:
                parts.append(f"</{last}>")
            parts.append(found[0])
    parts.append(html[at:])
    parts += [f"</{name}>" for name in reversed(open_)]
    return "".join(parts)
