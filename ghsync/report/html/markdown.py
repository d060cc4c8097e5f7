"""An issue's markdown as HTML, as GitHub would show it, as far as a page without network can.

CommonMark with GitHub's tables, strikethrough, task lists, addresses, references, names, alerts,
and every line end a line break. Not done: highlighting, emoji codes, footnotes, diagrams, maths.
"""

from __future__ import annotations

import re
from collections.abc import MutableMapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, TypeAlias

from ghsync.patterns import regex
from ghsync.report.html import rawhtml
from ghsync.report.html.markup import address, text, visible
from ghsync.report.html.references import Site, marked

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_core import StateCore
    from markdown_it.token import Token

Env: TypeAlias = MutableMapping[str, Any]

LONGEST = 70_000
"""Characters; GitHub takes fewer, so what is longer is shown as it is written."""
_TASK = regex(r"\[([ xX])\](?:\s|\Z)")
_ALERT = regex(r"\[!(NOTE|TIP|IMPORTANT|WARNING|CAUTION)\][ \t]*\Z", re.IGNORECASE)


def rendered(source: str, site: Site, path: str = "") -> str:
    """Markdown to HTML that is safe in a page; ``path`` is the file's, for relative links."""
    if not source.strip():
        return ""
    if len(source) > LONGEST:
        return f"<pre><code>{text(source)}</code></pre>"
    env: Env = {"site": site, "path": path, "raw": False}
    html: str = _markdown().render(visible(source), env)
    return rawhtml.balanced(html) if env["raw"] else html


@cache
def _markdown() -> MarkdownIt:
    from markdown_it import MarkdownIt

    made = MarkdownIt("commonmark", {"html": True, "breaks": True, "maxNesting": 20})
    made.enable(["table", "strikethrough"])
    made.core.ruler.push("github", _github)
    for names, rule in (
        (("html_block", "html_inline"), _raw),
        (("fence", "code_block"), _code),
        (("safe",), _as_it_is),
        (("table_open", "table_close"), _table),
    ):
        for name in names:
            made.add_render_rule(name, rule)
    return made


# -------------------------------------------------------------------------- rendering


def _raw(_self: Any, tokens: Sequence[Token], at: int, _options: Any, env: Env) -> str:
    env["raw"] = True
    return rawhtml.shown(tokens[at].content)


def _code(_self: Any, tokens: Sequence[Token], at: int, _options: Any, _env: Env) -> str:
    return f"<pre><code>{text(tokens[at].content)}</code></pre>\n"


def _as_it_is(_self: Any, tokens: Sequence[Token], at: int, _options: Any, _env: Env) -> str:
    return tokens[at].content


def _table(_self: Any, tokens: Sequence[Token], at: int, _options: Any, _env: Env) -> str:
    opens = tokens[at].type == "table_open"
    return '<div class="wide"><table>\n' if opens else "</table></div>\n"


# --------------------------------------------------------------------- what GitHub adds


def _github(state: StateCore) -> None:
    tokens = state.tokens
    for at, token in enumerate(tokens):
        match token.type:
            case "heading_open" | "heading_close":
                level = int(token.tag[1])
                token.tag = f"h{min(6, level + 3)}"  # below the headings of the page
                if token.type == "heading_open":
                    token.attrSet("class", f"h{level}")
            case "th_open" | "td_open" if style := str(token.attrs.pop("style", "")):
                token.attrSet("class", style.rpartition(":")[2].strip())  # the policy: no style
            case "inline":
                if at > 1 and tokens[at - 2].type == "list_item_open":
                    _task(tokens[at - 2], token)
                elif at > 1 and tokens[at - 2].type == "blockquote_open":
                    _alert(tokens[at - 2], token)
                token.children = _children(token.children or [], state.env)
            case _:
                pass


def _safe(html: str) -> Token:
    from markdown_it.token import Token

    return Token("safe", "", 0, content=html)


def _task(item: Token, line: Token) -> None:
    found = _TASK.match(line.content)
    first = line.children[0] if line.children else None
    if found is None or first is None or first.type != "text":
        return
    done = found[1] != " "
    first.content = first.content[found.end() :]
    item.attrSet("class", "task")
    checked, name = (" checked", "done") if done else ("", "to do")
    box = f'<input type="checkbox" disabled{checked} aria-label="{name}"> '
    line.children = [_safe(box), *(line.children or [])]


def _alert(quote: Token, line: Token) -> None:
    children = line.children or []
    if not children or children[0].type != "text":
        return
    found = _ALERT.match(children[0].content)
    if found is None or (len(children) > 1 and children[1].type not in ("softbreak", "hardbreak")):
        return
    kind = found[1].lower()
    quote.attrSet("class", f"alert {kind}")
    line.children = [_safe(f"<strong>{kind.capitalize()}</strong><br>"), *children[2:]]


def _children(children: Sequence[Token], env: Env) -> list[Token]:
    """Links made safe, images named, references linked; nothing inside a link is one again."""
    made: list[Token] = []
    opened = ""  # the tag of the link that is open: links do not nest
    site: Site = env["site"]
    for token in children:
        match token.type:
            case "link_open":
                opened, html = _link(token, site, env["path"])
                made.append(_safe(html))
            case "link_close":
                made.append(_safe(f"</{opened}>"))
                opened = ""
            case "image":
                source = str(token.attrGet("src") or "")
                name = token.content or ""
                made.append(_safe(rawhtml.image(source, name, linked=bool(opened))))
            case "text" if not opened and (linked := marked(token.content, site)) is not None:
                made.append(_safe(linked))
            case _:
                made.append(token)
    return made


def _link(token: Token, site: Site, path: str) -> tuple[str, str]:
    """The element that a link becomes, and how it opens."""
    target = str(token.attrGet("href") or "")
    title = str(token.attrGet("title") or "")
    hint = f' title="{text(title)}"' if title else ""
    anchor = site.place(target, path)
    if anchor is not None:
        return "a", f'<a href="#{anchor}"{hint}>'
    if address(target):
        return "a", f'<a href="{text(target)}"{hint} rel="noreferrer">'
    return "span", f'<span class="nolink" title="{text(target)}">'
