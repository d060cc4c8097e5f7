"""Mentions, numbers and closing words: nobody and nothing is meant by accident."""

from __future__ import annotations

import pytest
from issuetext_kit import CONTEXT, PATH, Shown, back, context, github

from ghsync.issuetext.rewrite import to_file, to_github
from ghsync.model import IssueNumber, Key

G = "&#8203;"
LIVE = "<!-- ghsync:live -->"


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("use @staticmethod", f"use @{G}staticmethod"),
        ("@types/node", f"@{G}types/node"),
        ("**@param** (@returns)", f"**@{G}param** (@{G}returns)"),
        ("\\@escaped", f"\\@{G}escaped"),
        ("app/@modal/page", f"app/@{G}modal/page"),
        ("<td>@dataclass</td>", f"<td>@{G}dataclass</td>"),
        ("[@scope/pkg] [x][@ref]", f"[@{G}scope/pkg] [x][@{G}ref]"),
        ("| @a | `@b` |\n| -- | -- |\n| @c | `@d` |",
         f"| @{G}a | `@b` |\n| -- | -- |\n| @{G}c | `@d` |"),
        ("@octocat/fork", f"@{G}octocat/fork"),
    ],
)  # fmt: skip
def test_a_name_that_is_nobody_we_know_notifies_nobody(body: str, text: str) -> None:
    """The text reads the same, and GitHub finds no name in it."""
    assert text == github(body)
    assert [] == Shown(text).live()
    assert Shown(body).text == Shown(text).text


@pytest.mark.parametrize(
    "body",
    [
        "@octocat and @OctoCat's, @octo/core",
        "mail octo@example.com, git@github.com:octo/shop.git, foo@1.2.3",
        "`@staticmethod` and ``@a ` @b``",
        "```python\n@dataclass\nclass A: ...\n```",
        "~~~\n@a\n```\n@b\n~~~",
        "- step\n  ```\n  @a\n  ```\n- next",
        "1. step\n\n       @indented\n",
        "> ```\n> @quoted\n> ```",
        "text\n\n\t@tab",
        "<!-- @a\n\n@b -->",
        "`code over\n@lines` here",
        "<pre>\n@a\n</pre>",
        "<code>@a</code> <a href='x'>@b</a>",
        "https://medium.com/@a/post <https://x.example/@b> www.example.com/@c",
        "[@a](https://npm.example/@a) [x](001 '@b')",
        "[@a]: https://npm.example/@a\n\nsee [@a] and [x][@a]",
        "https://x.example/[id]/@a and (https://x.example/@b)",
        "@ @- @_x @@ a@b",
    ],
)
def test_what_is_no_mention_of_a_stranger_stays(body: str) -> None:
    """Known people, addresses, code, comments, links and URLs."""
    assert body == github(body)


def test_everybody_may_be_notified_where_that_is_wanted() -> None:
    """``mentions = "all"``."""
    assert "@anybody" == github("@anybody", context(known=None))


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("Task #3 and (#12)", f"Task #{G}3 and (#{G}12)"),
        ("rows #16–#20, #5/#6", f"rows #{G}16–#{G}20, #{G}5/#{G}6"),
        ("- [x] #1 works", f"- [x] #{G}1 works"),
        ("GH-12", f"GH-{G}12"),
        ("#012", f"#{G}012"),
        ("#12 starts no heading", f"#{G}12 starts no heading"),
        ("fixes #3, Closes: #12", f"fixes #{G}3, Closes: #{G}12"),
    ],
)
def test_a_number_links_to_no_strangers_issue(body: str, text: str) -> None:
    """Whatever it counts: tasks, rows, criteria, pull requests of another repository."""
    assert text == github(body)
    assert [] == Shown(text).live()
    assert Shown(body).text == Shown(text).text


@pytest.mark.parametrize(
    "body",
    [
        "other/repo#12, https://github.com/octo/shop/issues/12",
        "`#12` and https://x.example/#12",
        "#3B82F6 #fff &#39; &#12; #0 #000 C#7 PR#7 # 7",
        "[#12](https://github.com/octo/shop/pull/12)",
        "```\n#12\n```",
    ],
)
def test_what_is_no_bare_number_stays(body: str) -> None:
    """Explicit references, code, colours, entities, words."""
    assert body == github(body)


def test_a_number_that_the_files_record_stays_a_link() -> None:
    """41 and 7 are recorded in files of ours, and no other item here is called so."""
    assert "see #41, #7 and GH-41" == github("see #41, #7 and GH-41")


def test_a_number_that_fits_two_items_is_no_link() -> None:
    """7 is an issue of ours, but in its folder the id of another item."""
    path = "epics/other/008.md"
    doubt = context(numbers={Key("other/007"): IssueNumber(9), Key("shop/epic"): IssueNumber(41)})
    result = to_github("a\nsee #7", path=path, context=doubt)
    assert f"a\nsee #{G}7" == result.text
    assert [(2, "ambiguous-number")] == [(note.line, note.code) for note in result.notes]


def test_a_number_that_another_folders_file_has_is_no_link() -> None:
    """Texts count in the numbers of files next door, too; the one item that has both is meant."""
    there = context(
        anywhere={"41": frozenset({Key("other/041")}), "7": frozenset({Key("other/007")})}
    )
    result = to_github("see #41 and #7", path="epics/shop/001.md", context=there)
    assert result.text == f"see #{G}41 and #7"
    assert [note.code for note in result.notes] == ["ambiguous-number"]
    assert to_file(result.text, path="epics/shop/001.md", context=there) == "see #41 and #7"


def test_before_and_after_ccpms_rename() -> None:
    """``#2`` is the second task before; after it ``#43`` is the issue that its file records."""
    before = context(named=frozenset())
    assert f"after #{G}2 comes #{G}43" == github("after #2 comes #43", before)
    after = context(
        items={"epics/shop/43.md": Key("shop/43")},
        idents={("epics/shop", "43"): Key("shop/43")},
        numbers={Key("shop/43"): IssueNumber(43)},
        named=frozenset({IssueNumber(43)}),
    )
    assert f"after #{G}2 comes #43" == github("after #2 comes #43", after, "epics/shop/44.md")


def test_issues_that_are_made_change_no_text() -> None:
    """The number that an item happens to get makes no stray number a link."""
    fresh = context(numbers={}, named=frozenset())
    made = context(numbers={Key("shop/001"): IssueNumber(1)}, named=frozenset())
    assert github("#1", fresh) == github("#1", made)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("Fixes #41.", f"Fixes{G} #41."),
        ("closes: other/repo#3", f"closes:{G} other/repo#3"),
        ("resolved GH-7", f"resolved{G} GH-7"),
        ("prefixes #41, a fix for #41", "prefixes #41, a fix for #41"),
    ],
)
def test_a_closing_word_before_a_reference_is_parted_from_it(body: str, text: str) -> None:
    """The reference stays a reference, and closes nothing wherever the text is copied."""
    assert text == github(body)


@pytest.mark.parametrize(
    ("text", "body"),
    [
        ("done in #99", "done in octo/shop#99"),
        ("#99/#98", f"octo/shop#99/#98{LIVE}"),
        ("octo/shop#99", f"octo/shop#99{LIVE}"),
        ("GH-99", f"GH-99{LIVE}"),
        ("thanks @stranger!", f"thanks @stranger{LIVE}!"),
        ("fixes #99", f"fixes{LIVE} octo/shop#99"),
        ("fixes #41", f"fixes{LIVE} #41"),
        ("@octocat, see #41", "@octocat, see #41"),
        ("`@a` #&#8203;5 and @&#8203;b", "`@a` #5 and @b"),
        ("```\n@a #99\n```", "```\n@a #99\n```"),
    ],
)
def test_what_a_person_typed_on_github_stays_live(text: str, body: str) -> None:
    """In the file it takes a form that pushes as it was typed: a push after a pull is empty."""
    assert body == back(text)


def test_our_own_marks_in_a_file_come_back() -> None:
    """An author who writes the zero-width space or the comment himself finds it again."""
    for body in (
        f"@{G}x",
        f"#{G}{G}5",
        f"@x{LIVE}{LIVE}",
        f"#5{LIVE}",
        f"fixes{G} #41",
        "octo/shop#5",
    ):
        github(body)


def test_one_line_alone_comes_back_too() -> None:
    """Lines of prose need no text around them."""
    body = "see #3 and @a\n[x](001.md), fixes #41"
    for line in body.split("\n"):
        assert line == to_file(github(line), path=PATH, context=CONTEXT)
