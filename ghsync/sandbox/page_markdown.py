"""An issue's markdown as HTML, safe to put into a page."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})", re.MULTILINE)
_TASK = re.compile(r"<li>(\s*<p>)?\[([ xX])\] ")


def rendered(text: str | None) -> str:
    """Markdown to HTML: tables and task lists, HTML shown as text, HTML comments invisible."""
    if not text:
        return ""
    html: str = _markdown().render(_without_comments(text.replace("\r\n", "\n")))
    return _TASK.sub(_checkbox, html)


@cache
def _markdown() -> MarkdownIt:
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])


def _checkbox(found: re.Match[str]) -> str:
    done = " checked" if found[2] in "xX" else ""
    return f'<li class="todo">{found[1] or ""}<input type="checkbox" disabled{done}> '


def _without_comments(text: str) -> str:
    """The text without HTML comments, except inside fenced code, where they are code."""
    parts: list[str] = []
    at = 0
    while at < len(text):
        fence = _FENCE.search(text, at)
        comment = _COMMENT.search(text, at)
        if comment is not None and (fence is None or comment.start() < fence.start()):
            parts.append(text[at : comment.start()])
            at = comment.end()
        elif fence is not None:
            end = _fence_end(text, fence)
            parts.append(text[at:end])
            at = end
        else:
            parts.append(text[at:])
            break
    return "".join(parts)


def _fence_end(text: str, fence: re.Match[str]) -> int:
    mark = fence[1]
    closing = re.compile(rf"^ {{0,3}}{re.escape(mark[0])}{{{len(mark)},}}[ \t]*$", re.MULTILINE)
    found = closing.search(text, fence.end())
    return len(text) if found is None else found.end()
