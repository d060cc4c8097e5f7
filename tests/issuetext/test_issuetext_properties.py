"""Rewriting, over generated bodies: exact, harmless, and nothing but what it says."""

from __future__ import annotations

from hypothesis import example, given, settings
from hypothesis import strategies as st
from issuetext_kit import CONTEXT, PATH, Shown, github
from markdown_it import MarkdownIt
from markdown_it.token import Token

from ghsync.issuetext.blocks import parsed
from ghsync.issuetext.links import link_positions
from ghsync.issuetext.references import find
from ghsync.issuetext.rewrite import to_file, to_github
from ghsync.issuetext.zones import Spans, zones

PIECES = [
    "@name", "@a/b", "@octocat", "#12", "#41", "GH-3", "fixes #41", "octo/shop#5", "other/x#5",
    "&#8203;", "<!-- ghsync:live -->", "<!-- x", "-->", "[t](001.md)", "![i](/img.png)", "](", ")",
    "[", "]", "`", "``", "\\", "\\`", "```", "~~~", "<b>", "</b>", "<code>", "</code>", "|",
    "https://x.example/@a#12", "<https://x.example/@b>", "a@b.example", " ", " ", "  ", "\n", "\n",
    "\n\n", "\n    ", "\n\t", "\n- ", "\n  ", "\n   ", "\n1. ", "\n> ", "\n```\n", "\n  ```\n",
    "\n~~~\n", "\n# ", "\n[d]: 001.md\n", "\n<div>\n", "\n<!-- c -->\n", "\n|-|-|\n", "*", "**",
    "_", "word", ".", '"', "#", "@", "-", "/",
]  # fmt: skip
bodies = st.lists(st.sampled_from(PIECES), max_size=30).map("".join)


@settings(max_examples=200)
@given(bodies)
@example("@x<!-- ghsync:live -->#12")
@example("@fix<!-- ghsync:live --> #41")
@example("@name/GH-3")
@example("&octo/shop#12")
@example("@octo/shop#12")
def test_every_body_comes_back_to_the_byte(body: str) -> None:
    """With as many lines, each where it was; and a second time with the same result."""
    text = github(body)
    assert (
        text
        == to_github(to_file(text, path=PATH, context=CONTEXT), path=PATH, context=CONTEXT).text
    )


@settings(max_examples=150)
@given(bodies)
def test_no_stranger_is_mentioned_and_no_strangers_issue_linked(body: str) -> None:
    """Of what the rewritten text shows, GitHub acts on what is known and nothing else."""
    meant = {"@octocat", "#41"}
    unsure = ("<", "\\", "&#8203;", "octo/shop#5", "@GH", "/GH", "-GH")
    if not any(tag in body for tag in unsure):
        assert set(Shown(github(body)).live()) <= meant


def codes(tokens: list[Token]) -> list[str]:
    """The code of a text."""
    found = []
    for token in tokens:
        if token.type in ("fence", "code_block", "code_inline"):
            found.append(token.content)
        found += codes(token.children or [])
    return found


@settings(max_examples=150)
@given(bodies)
def test_no_code_is_changed(body: str) -> None:
    """markdown-it finds the same code before and after."""
    parser = MarkdownIt("commonmark").enable("table")
    assert codes(parser.parse(body)) == codes(parser.parse(github(body)))


@settings(max_examples=300)
@given(bodies)
@example("1. a\n\n    ```\n    @x\n\n    @y\n    ```\n")
@example("a\n    ```\n    @x\n    ```\n")
@example("- a\n  ```\n@x\n  ```\n@y")
def test_the_fast_way_agrees_with_the_parser(body: str) -> None:
    """Wherever something may have to change, both say the same of it."""
    positions = sorted({*find(body).positions(), *link_positions(body)})
    fast = zones(body, positions)
    fixed, html = (Spans(spans) for spans in parsed(body))
    for position in positions:
        assert (position in fast.fixed) == (position in fixed)
        assert position in fixed or (position in fast.html) == (position in html)


@given(st.text(alphabet="ab @#[]()`~<>-*1\n\t:", max_size=60))
def test_any_text_comes_back(body: str) -> None:
    """Even where it is no markdown at all."""
    github(body)


@given(st.text(alphabet="abc .,!?*_`~\n-+>=", max_size=80))
def test_a_text_with_nothing_to_rewrite_is_left_as_it_is(body: str) -> None:
    """Byte for byte."""
    result = to_github(body, path=PATH, context=CONTEXT)
    assert (body, (), ()) == (result.text, result.waits, result.notes)
