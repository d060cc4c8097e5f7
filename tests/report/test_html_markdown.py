"""Bodies as GitHub would show them, and nothing that a page may not hold."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from report.html_kit import dangers, parsed

from ghsync.report.html.markdown import LONGEST, rendered
from ghsync.report.html.references import Site

SITE = Site(
    repo="octo/plans",
    web_url="https://github.com",
    inside="plans",
    numbers={41: "i7"},
    paths={"epics/a/epic.md": "i1", "epics/a/002.md": "i2", "x.md": "i3"},
)
HERE = "epics/a/001.md"


def html(source: str, site: Site = SITE) -> str:
    """The HTML of a body."""
    return rendered(source, site, HERE).strip()


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("one\ntwo", "<p>one<br />\ntwo</p>"),
        ("~~gone~~", "<p><s>gone</s></p>"),
        ("# Title", '<h4 class="h1">Title</h4>'),
        ("##### Deep", '<h6 class="h5">Deep</h6>'),
        ("```py\n<b>&\n```", "<pre><code>&lt;b&gt;&amp;\n</code></pre>"),
        ("&lt;script&gt;", "<p>&lt;script&gt;</p>"),
        ("a<!-- ghsync:uid=0 -->b", "<p>ab</p>"),
        ("", ""),
    ],
)
def test_markdown_becomes_html(source: str, expected: str) -> None:
    """Line ends are breaks, headings go below the page's own, comments are not there."""
    assert html(source) == expected


def test_a_table_scrolls_by_itself_and_has_no_style() -> None:
    """Alignment is a class: the page's policy refuses style attributes."""
    found = html("| a | b |\n|--:|:-:|\n| 1 | 2 |")
    assert found.startswith('<div class="wide"><table>')
    assert '<td class="right">1</td>' in found
    assert '<td class="center">2</td>' in found


def test_tasks_have_boxes() -> None:
    """``[ ]`` and ``[x]`` at the start of an item are boxes that nobody can tick here."""
    found = parsed(html("- [ ] one\n- [x] two\n- [link](https://x.example)\n\n[ ] no item"))
    boxes = [e.attrs for e in found.of("input")]
    assert ["checked" in box for box in boxes] == [False, True]
    assert all("disabled" in box and box["aria-label"] for box in boxes)
    assert "[ ] no item" in found.text


@pytest.mark.parametrize("kind", ["Note", "Tip", "Important", "Warning", "Caution"])
def test_alerts(kind: str) -> None:
    """GitHub's five alerts have their name and colour."""
    found = html(f"> [!{kind.upper()}]\n> Mind *this*.")
    assert f'<blockquote class="alert {kind.lower()}">' in found
    assert f"<strong>{kind}</strong><br>Mind <em>this</em>." in found
    assert "alert" not in html(f"> see [!{kind.upper()}]")


@pytest.mark.parametrize(
    ("source", "link"),
    [
        ("#41", '<a href="#i7">#41</a>'),
        ("octo/plans#41", '<a href="#i7">octo/plans#41</a>'),
        ("#7", '<a href="https://github.com/octo/plans/issues/7" rel="noreferrer">#7</a>'),
        ("GH-7", '<a href="https://github.com/octo/plans/issues/7" rel="noreferrer">GH-7</a>'),
        ("a/b#7", '<a href="https://github.com/a/b/issues/7" rel="noreferrer">a/b#7</a>'),
        ("@me", '<a class="at" href="https://github.com/me" rel="noreferrer">@me</a>'),
        ("http://x.org/a_.", '<a href="http://x.org/a" rel="noreferrer">http://x.org/a</a>_.'),
        ("www.x.example", '<a href="http://www.x.example" rel="noreferrer">www.x.example</a>'),
        ("me@x.example", '<a href="mailto:me@x.example" rel="noreferrer">me@x.example</a>'),
        ("https://github.com/octo/plans/issues/41", '<a href="#i7">#41</a>'),
        ("[t](https://github.com/octo/plans/issues/41)", '<a href="#i7">t</a>'),
        ("[t](002.md)", '<a href="#i2">t</a>'),
        ("[t](../../x.md#part)", '<a href="#i3">t</a>'),
        ("[t](https://github.com/octo/plans/blob/0af/plans/x.md)", '<a href="#i3">t</a>'),
        ("[t](gone.md)", '<span class="nolink" title="gone.md">t</span>'),
        ("[t](#part)", '<span class="nolink" title="#part">t</span>'),
        ("![shot](a.png)", '<span class="img" title="a.png">shot</span>'),
        ("![](http://x.org/a)", '<a class="img" href="http://x.org/a" rel="noreferrer">a</a>'),
        (
            "[![b](http://x.org/b)](http://y.org)",
            '<a href="http://y.org" rel="noreferrer">'
            '<span class="img" title="http://x.org/b">b</span></a>',
        ),
    ],
)
def test_what_is_linked(source: str, link: str) -> None:
    """Issues of the page, other issues, people, addresses; a picture is a word."""
    assert html(source) == f"<p>{link}</p>"


@pytest.mark.parametrize(
    "source",
    ["`#41 @me`", "a#41", "#041", "x@41", "@&#8203;me", "#&#8203;41", "50% @ home", "[#41 @me](x)"],
)
def test_what_is_not_linked(source: str) -> None:
    """Code, words with a sign inside, and what ghsync has made harmless."""
    assert "<a" not in html(source)


def test_nothing_is_on_the_web_in_the_sandbox() -> None:
    """Without a web address references are shown, and lead into the page or nowhere."""
    site = Site(repo="sandbox/demo", numbers={1: "i1"})
    assert html("#1 #2 @me", site) == (
        '<p><a href="#i1">#1</a> <b class="ref">#2</b> <b class="at">@me</b></p>'
    )


HOSTILE = (
    "</noscript><script>window.hacked = 1</script>",
    "<noscript><p title='</noscript><img src=x onerror=window.hacked=1>'>",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '<a href="javascript:alert(1)">x</a>',
    "[x](javascript:alert(1)) [y](data:text/html,x) [z](vbscript:x)",
    "![x](data:image/svg+xml;base64,PHN2Zz4=)",
    "<svg onload=alert(1)><a xlink:href='javascript:alert(1)'>x</a></svg>",
    "<div style='position:fixed'></div></div></div></details></main></body>",
    "<details><details><summary>open",
    "</li></ul></section>",
    "<style>*{display:none}</style>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<base href=//evil.example><form action=x><button formaction=y>",
    "<a href='https://ok.example' onclick=x>y</a>",
    '[x](https://a.example/"onmouseover="x)',
    "<https://a.example/<b>>",
    "<!-- --><script>1</script><!--",
    "<b <script>alert(1)</script>>",
    "\x00<scr\x00ipt>\x1b[31m\u202e",
    "<plaintext><textarea><title><template><select>",
    "| <td></table> | </td></tr></table><script> |\n|--|--|\n| <td> | `</code>` |",
    "<h1 id=theme>big</h1><input id=q><p id=tools>",
    "```\n</code></pre><script>1</script>\n```",
)


@pytest.mark.parametrize("source", HOSTILE)
def test_nothing_gets_out_of_a_body(source: str) -> None:
    """Tags match, nothing runs or loads, and no element has an id of its own."""
    page = parsed(f"<div>{html(source)}</div>")
    assert dangers(page) == []
    assert not {"script", "style", "svg", "iframe", "form"} & {e.tag for e in page.elements}
    assert [e for e in page.elements if "id" in e.attrs] == []


def test_a_few_tags_pass() -> None:
    """What planning texts use and cannot do harm is shown as GitHub shows it."""
    found = html(
        "<details><summary>More</summary>\n\nH<sub>2</sub>O, <kbd>Ctrl</kbd><br>\n\n</details>"
    )
    assert "<details><summary>More</summary>" in found
    assert "H<sub>2</sub>O, <kbd>Ctrl</kbd><br>" in found
    assert found.endswith("</details>")
    assert '<code class="tag">&lt;label&gt;</code>' in html("a <label> b")


def test_what_is_too_long_is_shown_as_it_is() -> None:
    """GitHub would not take it, and rendering it could take long."""
    assert html("*x*" * LONGEST).startswith("<pre><code>*x*")


PIECES = st.sampled_from([
    *HOSTILE, "<", ">", '"', "'", "&", "`", "```\n", "\n", "\n\n", "- [ ] ", "> [!NOTE]\n",
    "| a |\n|--|\n", "](", "[", "![", "<details>", "</details>", "<summary>", "<b>", "</b>", "</p>",
    "<p>", "<a href=https://x.example>", "</a>", "#41", "@me", "https://x.example/", "<br>", "<h2>",
    "</h3>", "<li>", "</ul>", "1. ", "# ", "text", " ",
])  # fmt: skip


@given(st.lists(PIECES | st.text(max_size=6), max_size=14).map("".join))
def test_no_text_can_harm_a_page(source: str) -> None:
    """Whatever a body holds: tags match, and nothing runs, loads or restyles."""
    assert dangers(parsed(f"<div>{html(source)}</div>")) == []
