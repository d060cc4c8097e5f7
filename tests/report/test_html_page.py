"""The page of a run: complete, closed to the network, and safe whatever the run holds."""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import replace
from hashlib import sha256
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from report import report_samples as samples
from report.html_kit import Parsed, dangers, parsed
from report.report_strategies import runs

from ghsync.errors import RefusedError
from ghsync.model import Conflict, Hunk, IssueNumber, Key, Kind, Requests, Run, Status
from ghsync.report.html import Links, page
from ghsync.report.html.colours import contrast, dark, light
from ghsync.report.html.tree import nested

LINKS = Links(
    web_url="https://github.com", file_url="https://github.com/octo/plans/blob/HEAD/plans"
)
HOSTILE = (
    "<script>alert(1)</script>", "</title></style></script><script>x</script>", '"><img src=x>',
    "<!-- x", "]]>", "&lt;b&gt;", "\x1b[31m\x00\u202eevil", "' onmouseover='x",
    "--></h3></summary>",
    "</noscript><script>window.hacked = 1</script>",
)  # fmt: skip


def made(run: Run, links: Links = LINKS) -> str:
    """The page of a run at a fixed time."""
    return page(run, now=samples.NOW, links=links)


def read(run: Run, links: Links = LINKS) -> Parsed:
    """The same, taken apart."""
    return parsed(made(run, links))


def issue_of(found: Parsed, title: str) -> str:
    """The anchor of the issue with this title."""
    heading = next(e for e in found.of("h3") if e.text == title)
    at = found.elements.index(heading)
    rows = [e for e in found.elements[:at] if e.tag == "li" and "data-m" in e.attrs]
    return rows[-1].attrs["id"]


# --------------------------------------------------------------------------- closed, safe


def test_the_policy_names_this_style_and_this_script_alone() -> None:
    """The digests are right, so the page works; nothing else may load, run or be sent."""
    found = read(samples.run())
    policy = next(e for e in found.of("meta") if "http-equiv" in e.attrs).attrs["content"]
    parts = dict(part.strip().split(" ", 1) for part in policy.split(";"))

    def digest(tag: str) -> str:
        (element,) = found.of(tag)
        return f"'sha256-{b64encode(sha256(element.text.encode()).digest()).decode()}'"

    assert parts == {
        "default-src": "'none'",
        "style-src": digest("style"),
        "script-src": digest("script"),
        "img-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
    }


@pytest.mark.parametrize("run", [samples.run(), samples.pushed()])
def test_a_page_needs_nothing_else(run: Run) -> None:
    """Tags match, nothing is loaded, and links lead to GitHub or into the page."""
    found = read(run)
    assert dangers(found) == []
    (style,) = found.of("style")
    assert "url(" not in style.text
    assert "@import" not in style.text
    outside = {e.attrs["href"] for e in found.of("a") if e.attrs.get("href", "#")[0] != "#"}
    assert all(link.startswith("https://github.com/octo/plans") for link in outside)
    ids = [e.attrs["id"] for e in found.elements if "id" in e.attrs]
    assert len(ids) == len(set(ids))
    inside = {e.attrs["href"][1:] for e in found.of("a") if e.attrs.get("href", "")[:1] == "#"}
    assert inside <= set(ids)
    labels = {
        e.attrs[n] for e in found.elements for n in ("aria-labelledby", "for") if n in e.attrs
    }
    assert labels <= set(ids)


def test_headings_are_in_order() -> None:
    """One first-level heading; none skips a level on its way down, bodies apart."""
    found = read(samples.pushed())
    levels = [int(e.tag[1]) for e in found.elements if re.fullmatch("h[1-5]", e.tag) and not e.css]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(b - a <= 1 for a, b in pairwise(levels))
    assert found.of("html")[0].attrs["lang"] == "en"
    assert [len(found.of(tag)) for tag in ("main", "header", "footer", "search")] == [1, 1, 1, 1]


def test_the_same_run_gives_the_same_page() -> None:
    """No clock, no chance: a page can be compared."""
    assert made(samples.pushed()) == made(samples.pushed())


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_text(text: str) -> None:
    """In titles, bodies, labels, people, paths, messages, findings: words, not markup."""
    name = Key(f"epics/{text}/1")
    item = samples.item(
        str(name), Kind.TASK, text, labels=(text,), assignees=(text,), milestone=text, type=text,
        fields=((text, text),), blocked_by=(Key(text),),
    )  # fmt: skip
    create = samples.create(replace(item, body=f"{text}\n\n{text}"))
    conflict = Conflict(
        key=name, path=item.path, number=IssueNumber(9), field="body", base=text, local=text,
        remote=text, why=text,
    )  # fmt: skip
    run = samples.pushed()
    results = tuple(replace(r, message=text, url=text) for r in run.results)
    results += (
        replace(run.results[-1], operation=create, status=Status.FAILED, message=text, url=text),
    )
    found = read(
        replace(
            run,
            items=(*run.items, item),
            results=results,
            plan=replace(
                run.plan, conflicts=(conflict,), repo=replace(run.plan.repo, full_name=text)
            ),
            findings=(replace(samples.FINDINGS[0], path=text, message=text, code=text, key=name),),
            stopped=text,
        ),
        Links(web_url="https://github.com"),
    )
    assert dangers(found) == []
    assert len(found.of("script")) == len(found.of("style")) == 1
    shown = "".join(e.text for e in found.of("h3"))
    assert (
        text.replace("\x1b", "\ufffd").replace("\x00", "\ufffd").replace("\u202e", "[U+202E]")
        in shown
    )


@settings(max_examples=40)
@given(runs())
def test_no_run_breaks_the_page(run: Run) -> None:
    """Whatever a run holds: a page that can be written, with tags that match."""
    html = made(run)
    html.encode()
    assert dangers(parsed(html)) == []


# ------------------------------------------------------------------------------- complete


def test_every_item_has_its_row_and_what_becomes_of_it() -> None:
    """The tree holds each item once; a row can be filtered by each thing that happens to it."""
    found = read(samples.run())
    rows = [e for e in found.of("li") if "data-m" in e.attrs]
    marks = {
        title: next(r.attrs["data-m"] for r in rows if r.attrs["id"] == issue_of(found, title))
        for title in ("Login for customers", "Login", "Rate limit", "Password reset", "Audit log")
    }
    assert marks == {
        "Login for customers": "unchanged",
        "Login": "update",
        "Rate limit": "create close",
        "Password reset": "conflict",
        "Audit log": "skipped",
    }
    assert len(rows) == len(samples.ITEMS)
    depths = {
        title: _depth(found, title) for title in ("Login for customers", "Login", "Rate limit")
    }
    assert list(depths.values()) == [1, 2, 3]


def _depth(found: Parsed, title: str) -> int:
    heading = next(e for e in found.of("h3") if e.text == title)
    return heading.above.count("ul")


def test_totals_price_and_findings_are_told() -> None:
    """What the terminal says of a dry run, the page says too."""
    text = read(samples.run()).text
    for words in (
        "3 to create, 1 to update, 1 to close",
        "13 requests: 4 reads, 9 writes (5 count as new content)",
        "about 1 h 6 min, done by 09:06 UTC",
        "4,988 of 5,000 left, reset at 09:00 UTC",
        "1 error, 9 warnings",
        "epics/login/002.md:4",
        "depends_on names 009",
        "create label",
    ):
        assert words in text


def test_old_and_new_stand_side_by_side() -> None:
    """An update: its fields in a table, sets by member, the body by line."""
    html = made(samples.run())
    assert "<del>Logins</del></td><td><ins>Login</ins>" in html
    assert '<del><span class="chip">old</span></del>' in html
    assert '<ins><span class="chip">good first issue</span></ins>' in html
    assert "<del>Intro</del>" in html
    assert "<ins>Intro<b>, rewritten</b></ins>" in html
    assert "21 lines removed, 21 added" in html


def test_a_conflict_shows_three_sides() -> None:
    """Before, in the file, on GitHub; a body by the lines in conflict, with their place."""
    text = read(samples.run()).text
    assert "BeforeResetIn the filePassword resetOn GitHubReset of passwords" in text
    hunk = Hunk(base=("old",), local=("mine",), remote=("theirs",), local_line=7, remote_line=8)
    conflict = replace(
        samples.PLAN.conflicts[0], field="body", base=None, local="a\nmine", remote="a\ntheirs"
    )
    run = samples.run()

    def told(found: Conflict) -> str:
        return read(replace(run, plan=replace(run.plan, conflicts=(found,)))).text

    by_hunk = told(replace(conflict, hunks=(hunk,)))
    assert "body, line 7 of the file's text" in by_hunk
    assert "BeforeoldIn the filemineOn GitHubtheirs" in by_hunk
    whole = told(replace(conflict, why="the text both set out from is not known"))
    assert "the text both set out from is not known" in whole
    assert "2theirs2mine" in whole


def test_a_push_tells_what_became_of_it() -> None:
    """Failures with their messages first, links to the issues that were made."""
    html = made(samples.pushed())
    text = parsed(html).text
    assert "Needs a look" in text
    assert "GitHub answered 422: Validation Failed.\nLook at the labels of the file." in text
    assert "no answer within 30 s; the next push looks for it" in text
    assert 'href="https://github.com/octo/plans/issues/12" rel="noreferrer">#12 on GitHub' in html
    assert "Sent13 requests" in text
    assert "Took12 s" in text


def test_what_failed_has_not_changed() -> None:
    """An issue whose close failed is open; a text that was not sent is the file's."""
    html = made(samples.pushed())
    closing = html[html.index("<h3>Rate limit</h3>") :].partition("<h3>Audit")[0]
    assert ">Open</span>" in closing
    assert "The text on GitHub" in closing
    unknown = html[html.index("<h3>Sign-in form") :].partition("<h3>Session")[0]
    assert "The text of the file" in unknown
    planned = made(samples.run())
    assert ">Closed</span>" in planned
    assert "The text for GitHub" in planned


def test_a_run_that_stopped_says_why_and_what_is_left() -> None:
    """The reason, the hint, and how far it came; what was not reached can be filtered."""
    run = samples.pushed()
    half = tuple(replace(r, status=Status.PENDING, message="") if at > 3 else r
                 for at, r in enumerate(run.results))  # fmt: skip
    error = RefusedError("The time is over.", hint="Run it again.")
    found = read(replace(run, results=half, stopped=error.message, error=error))
    assert "Stopped: The time is over.4 of 9 operations done, 5 to do.Run it again." in found.text
    assert "pending" in {e.attrs.get("data-f") for e in found.of("button")}
    nothing = replace(run, results=(), stopped=error.message, error=error, spent=Requests(reads=3))
    assert "3 to create" in read(nothing).text


def test_the_sandbox_is_not_on_the_web() -> None:
    """Its numbers lead nowhere, whatever address its answers had."""
    html = made(samples.pushed(remote="sandbox"), Links(web_url="https://github.com"))
    assert "in the sandbox, not on GitHub" in html
    assert "https://" not in html


def test_what_has_no_item_is_there_too() -> None:
    """An undo has operations and no items; a file that was refused has a path and a reason."""
    run = samples.pushed(items=())
    found = read(run)
    assert {"Login", "Rate limit", "epics/login/005.md"} <= {e.text for e in found.of("h3")}
    assert "its frontmatter cannot be read" in found.text
    empty = replace(
        run, results=(), plan=replace(run.plan, operations=(), skipped=(), conflicts=())
    )
    assert "There are no items." in read(empty).text


def test_dependencies_are_drawn_and_listed() -> None:
    """An inline picture whose nodes lead to their issues, and the same in words at each issue."""
    one, other = samples.ITEMS[2], samples.ITEMS[3]
    items = tuple(
        replace(i, blocked_by=(one.key,)) if i.key == other.key else i for i in samples.ITEMS
    )
    found = read(samples.run(items=items))
    (svg,) = found.of("svg")
    assert svg.attrs["aria-labelledby"] in {e.attrs.get("id") for e in found.of("figcaption")}
    inside = [e.attrs["href"] for e in found.of("a") if "svg" in e.above]
    assert inside == [f"#{issue_of(found, title)}" for title in (one.title, other.title)]
    assert "Blocked byStore passwords with argon2" in found.text
    assert "BlocksSign-in form" in found.text


def test_too_many_dependencies_are_not_drawn() -> None:
    """A picture that nobody could read is left out, and the page says so."""
    items = [samples.item("e", Kind.EPIC, "E")]
    for n in range(300):
        before = (items[-1].key,) if n else ()
        items.append(samples.item(f"t{n}", Kind.TASK, f"T{n}", "e", blocked_by=before))
    empty = replace(samples.PLAN, operations=(), skipped=(), conflicts=(), numbers={})
    found = read(samples.run(items=tuple(items), results=(), plan=empty))
    assert "Too many to draw: more than 250 issues or 1,000 arrows in one picture." in found.text
    assert "299 between 300 issues" in found.text
    assert found.of("svg") == []


def test_cycles_and_missing_parents_lose_nobody() -> None:
    """Each issue is in the tree once, whatever its parents say."""
    items = (
        samples.item("a", Kind.TASK, "A", "b"),
        samples.item("b", Kind.TASK, "B", "a"),
        samples.item("c", Kind.TASK, "C", "gone"),
        samples.item("d", Kind.TASK, "D", "d"),
        *(samples.item(f"e{n}", Kind.TASK, f"E{n}", f"e{n - 1}" if n else None) for n in range(30)),
    )
    found = read(samples.run(items=items, results=(), plan=replace(
        samples.PLAN, operations=(), skipped=(), conflicts=(), numbers={})))  # fmt: skip
    assert sorted(e.text for e in found.of("h3")) == sorted(i.title for i in items)
    assert max(e.above.count("ul") for e in found.of("h3")) <= 10


@given(st.lists(st.tuples(st.integers(0, 9), st.none() | st.integers(0, 12)), max_size=10))
def test_nesting_places_each_once(pairs: list[tuple[int, int | None]]) -> None:
    """However parents are given, every issue has one place."""
    from ghsync.report.html.entries import entries_of

    given_ = dict(pairs)
    items = tuple(
        samples.item(f"k{n}", Kind.TASK, "T", None if up is None else f"k{up}")
        for n, up in given_.items()
    )
    empty = replace(samples.PLAN, operations=(), skipped=(), conflicts=(), numbers={})
    entries = entries_of(samples.run(items=items, results=(), plan=empty))
    placed = [key for keys in nested(entries).values() for key in keys]
    assert sorted(placed) == sorted(item.key for item in items)


@given(st.integers(0, 0xFFFFFF))
def test_every_label_can_be_read(colour: int) -> None:
    """AA in both schemes, whatever colour a label has."""
    text = f"{colour:06x}"
    assert contrast(*light(text)) >= 4.5
    assert contrast(*dark(text)) >= 4.5
