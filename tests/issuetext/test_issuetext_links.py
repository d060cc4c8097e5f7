"""Links in a body: to items, to files, to nowhere."""

from __future__ import annotations

import pytest
from issuetext_kit import COMMIT, CONTEXT, PATH, URL, back, context, github

from ghsync.issuetext.permalinks import without_commits
from ghsync.issuetext.rewrite import to_file, to_github
from ghsync.model import IssueNumber, Key
from ghsync.render import digest

BLOB, RAW, TREE = (f"{URL}/{kind}/{COMMIT}" for kind in ("blob", "raw", "tree"))


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("[the epic](epic.md)", f'[the epic]({URL}/issues/41 "#41 epic.md")'),
        ("[x](../other/007.md)", f'[x]({URL}/issues/7 "#7 ../other/007.md")'),
        ("[x](/epics/shop/001.md)", f'[x]({URL}/issues/42 "#42 /epics/shop/001.md")'),
        ("[x](./001.md#goal)", f'[x]({URL}/issues/42 "#42 ./001.md#goal")'),
        ("[x](<001.md>)", f'[x]({URL}/issues/42 "#42 <001.md>")'),
        ("[x](%30%301.md)", f'[x]({URL}/issues/42 "#42 %30%301.md")'),
        ('[x](001.md "First")', f'[x]({URL}/issues/42 "#42 001.md · First")'),
        ('[x](001.md "")', f'[x]({URL}/issues/42 "#42 001.md · ")'),
        ("[x]:  001.md", f'[x]:  {URL}/issues/42 "#42 001.md"'),
        ('[x]: 001.md  "First"', f'[x]: {URL}/issues/42  "#42 001.md · First"'),
        ("- [`a[0]`](001.md), [b](epic.md).",
         f'- [`a[0]`]({URL}/issues/42 "#42 001.md"), [b]({URL}/issues/41 "#41 epic.md").'),
    ],
)  # fmt: skip
def test_a_link_to_an_items_file_leads_to_its_issue(body: str, text: str) -> None:
    """However the path is written; the words and the path stay."""
    assert text == github(body)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("[x](/README.md)", f'[x]({BLOB}/README.md "/README.md")'),
        ("[x](../../docs/x.md?plain=1#L3)",
         f'[x]({BLOB}/docs/x.md?plain=1#L3 "../../docs/x.md?plain=1#L3")'),
        ("[x](/docs/)", f'[x]({TREE}/docs "/docs/")'),
        ("[x](</docs/a b.md>)", f'[x]({BLOB}/docs/a%20b.md "</docs/a b.md>")'),
        ("[x](/docs/a%20b.md)", f'[x]({BLOB}/docs/a%20b.md "/docs/a%20b.md")'),
        ("[x](/docs/100%.md)", f'[x]({BLOB}/docs/100%25.md "/docs/100%.md")'),
        ("[x](</docs/plan (old).md>)",
         f'[x]({BLOB}/docs/plan%20%28old%29.md "</docs/plan (old).md>")'),
        ("![shot](shot.png)", f'![shot]({RAW}/epics/shop/shot.png "shot.png")'),
        ("[![s](/img.png)](001.md)",
         f'[![s]({RAW}/img.png "/img.png")]({URL}/issues/42 "#42 001.md")'),
        ("[me](002.md#top)", f'[me]({BLOB}/epics/shop/002.md#top "002.md#top")'),
        ("![no issue](001.md)", f'![no issue]({RAW}/epics/shop/001.md "001.md")'),
    ],
)  # fmt: skip
def test_a_link_to_another_file_becomes_a_permalink(body: str, text: str) -> None:
    """A file, a folder, a picture; the item itself too, whose number is not known in time."""
    assert text == github(body)


@pytest.mark.parametrize(
    "body",
    [
        "[x](https://example.com/001.md) [x](mailto:a@b.example) [x](#goal) [x](//h/001.md)",
        "[x](missing.md) [x](url) [x](...) [x](C:\\001.md) [x](tel:1) [x]() [x]( )",
        "[x](../../../001.md)",
        "`[x](001.md)` and ``a ` [x](001.md)``",
        "```\n[x](001.md)\n[x]: 001.md\n```",
        "text\n\n    [x](001.md)",
        "<!-- [x](001.md) -->",
        "\\[x\\](001.md) and [x\\](001.md)",
        "x](001.md)",
        "[^1]: 001.md",
        "words\n[x]: 001.md",
        '[x]: 001.md\n"a title on the next line"',
        "[x](001.md 'single')",
        "<div>\n[x](001.md)\n</div>",
        "[[001]] [[001.md]]",
        "[x](001.md\n)",
    ],
)
def test_what_is_no_link_to_a_file_stays(body: str) -> None:
    """Elsewhere, nowhere, code, comments, footnotes, and forms that are too rare to touch."""
    assert body == github(body)


def test_a_link_to_an_item_without_an_issue_waits() -> None:
    """It leads to the file for now and is named, once; without a commit it stays as it is."""
    body = "[x](003.md), [y](003.md#a), [z](001.md)"
    result = to_github(body, path=PATH, context=CONTEXT)
    assert (Key("shop/003"),) == result.waits
    assert f'[x]({BLOB}/epics/shop/003.md "003.md"), [y]({BLOB}/epics/shop/003.md#a' in github(body)
    uncommitted = to_github(body, path=PATH, context=context(commit=None))
    assert f'[x](003.md), [y](003.md#a), [z]({URL}/issues/42 "#42 001.md")' == uncommitted.text
    assert (Key("shop/003"),) == uncommitted.waits


def test_a_link_that_waited_comes_back_to_the_path_after_the_issue_is_made() -> None:
    """The tooltip tells the path, whatever the link leads to."""
    text = github("[x](003.md)")
    numbers = {**CONTEXT.numbers, Key("shop/003"): IssueNumber(44)}
    assert "[x](003.md)" == to_file(text, path=PATH, context=context(numbers=numbers))


def test_a_new_commit_alone_is_no_change() -> None:
    """The digest looks through the commit of our permalinks, and only of ours."""
    old = github("[x](/README.md) ![y](/img.png)")
    new = github("[x](/README.md) ![y](/img.png)", context(commit="f" * 40))
    assert old != new
    assert without_commits(old) == without_commits(new)
    assert digest(old) == digest(new)
    assert digest(f"{BLOB}/README.md") != digest(f"{URL}/blob/{'f' * 40}/README.md")


@pytest.mark.parametrize(
    "body",
    [
        f"[x]({URL}/issues/42) {URL}/issues/42 [y]({BLOB}/README.md)",
        f'[x]({URL}/issues/42 "look")',
        f'[x]({URL}/issues/42 "#42 nowhere.md")',
        f'[x]({URL}/issues/42 "#41 001.md")',
        f'[x]({BLOB}/README.md "/docs/x.md")',
    ],
)
def test_an_authors_own_url_of_the_repository_stays(body: str) -> None:
    """Both ways: what names an issue or a commit itself is meant so."""
    assert body == github(body) == back(body)


def test_a_body_that_holds_our_own_form_still_comes_back() -> None:
    """Someone copied it out of an issue: it is marked, and the mark taken off again."""
    copied = github("[x](001.md) [y](/README.md)")
    twice = github(copied)
    assert '"· #42 001.md"' in twice
    assert '"· · #42 001.md"' in github(twice)


def test_an_edited_number_wins_over_the_tooltip() -> None:
    """A person who points a link at another issue does not get the old path back."""
    text = f'[x]({URL}/issues/41 "#42 001.md")'
    assert text == back(text)


def test_a_line_that_was_moved_to_another_issue_keeps_its_url() -> None:
    """The tooltip's path means something else, or nothing, from another folder."""
    text = github("[x](001.md)")
    assert text == back(text, path="docs/elsewhere.md")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("a\n[x](../../../etc/passwd)", "outside-link"),
        ("a\n[x](gone.md)", "missing-link"),
        ("a\n[x](001.md 'single')", "link-form"),
    ],
)
def test_what_is_left_alone_is_noted_with_its_line(body: str, code: str) -> None:
    """A person may want to know of a link that will be dead."""
    notes = to_github(body, path=PATH, context=CONTEXT).notes
    assert [(2, code)] == [(note.line, note.code) for note in notes]


def test_what_rewriting_adds_is_told() -> None:
    """A body just under GitHub's limit may be over it afterwards."""
    body = "x" * 65_530 + " @a"
    result = to_github(body, path=PATH, context=CONTEXT)
    assert (65_540, 7) == (len(result.text), result.added)


def test_another_host_has_other_urls() -> None:
    """GitHub Enterprise Server."""
    there = context(web_url="https://git.example")
    assert '[x](https://git.example/octo/shop/issues/42 "#42 001.md")' == github(
        "[x](001.md)", there
    )
