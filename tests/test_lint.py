"""GitHub's limits, applied before anything is sent."""

from __future__ import annotations

import random
import re
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import ghsync.lint  # noqa: F401 (the module; the name is the public function's)
from ghsync import render
from ghsync.errors import ExitCode
from ghsync.lint.base import (
    BODY_MAX,
    LABELS_MAX,
    TITLE_MAX,
    LintSettings,
    Overflow,
    Oversize,
)
from ghsync.model import Checked, Finding, Item, Key, Kind, Loaded, Severity, Uid
from ghsync.room import CHILDREN_MAX, LEVELS_MAX, RELATION_MAX

PLAIN = LintSettings()
CUT = LintSettings(oversize=Oversize.TRUNCATE, file_url="https://github.com/o/r/blob/HEAD/")

lint = sys.modules["ghsync.lint"]


def item(
    key: str,
    *,
    title: str = "A title",
    body: str = "",
    labels: Iterable[str] = (),
    assignees: Iterable[str] = (),
    milestone: str | None = None,
    parent: str | None = None,
    blocked_by: Iterable[str] = (),
    archived: bool = False,
    path: str | None = None,
) -> Item:
    """One item with what the test is about."""
    return Item(
        key=Key(key),
        kind=Kind.TASK,
        path=path or f"{key}.md",
        layout="ccpm",
        title=title,
        body=body,
        labels=tuple(labels),
        assignees=tuple(assignees),
        milestone=milestone,
        parent=None if parent is None else Key(parent),
        blocked_by=tuple(Key(other) for other in blocked_by),
        archived=archived,
    )


def check(
    *items: Item,
    findings: Sequence[Finding] = (),
    settings: LintSettings = PLAIN,
    assignable: frozenset[str] | None = None,
) -> Checked:
    """Lint these items."""
    loaded = Loaded(items=items, findings=tuple(findings))
    return lint.check(loaded, settings=settings, assignable=assignable)


def codes(checked: Checked) -> list[tuple[str, str]]:
    """Each finding's path and code."""
    return [(finding.path, finding.code) for finding in checked.findings]


def finding(severity: Severity, code: str = "x", key: str | None = None) -> Finding:
    return Finding(
        path="f.md",
        line=1,
        code=code,
        severity=severity,
        message="m",
        key=None if key is None else Key(key),
    )


class TestRefused:
    def test_nothing_wrong(self) -> None:
        """An item within the limits comes back as the same object, without a finding."""
        one = item("a", labels=["x"], assignees=["octo-cat"], blocked_by=["b"])
        two = item("b", parent="a")
        checked = check(one, two)
        assert checked.items[0] is one
        assert checked.items[1] is two
        assert checked.findings == ()
        assert checked.refused == {}

    def test_title_length(self) -> None:
        """256 characters pass, 257 do not; the template's own text counts."""
        checked = check(item("a", title="x" * TITLE_MAX), item("b", title="x" * 257))
        assert codes(checked) == [("b.md", "title_too_long")]
        assert [one.key for one in checked.items] == ["a"]
        assert "257" in checked.refused[Key("b")]
        settings = LintSettings(title="Epic: {title}")
        assert check(item("a", title="x" * 251), settings=settings).refused

    @pytest.mark.parametrize("title", ["", "  \n", "\x00"])
    def test_empty_title(self, title: str) -> None:
        """A title of nothing is refused, in a template too."""
        settings = LintSettings(title="Epic: {title}")
        assert codes(check(item("a", title=title), settings=settings)) == [("a.md", "empty_title")]

    def test_body_length(self) -> None:
        """The body is measured with its marker, in characters."""
        room = BODY_MAX - render.wire_length(item("a", body="x")) + 1
        assert check(item("a", body="ä" * room)).refused == {}
        checked = check(item("a", body="x" * (room + 1)))
        assert codes(checked) == [("a.md", "body_too_long")]
        assert "65,537" in checked.refused[Key("a")]

    def test_duplicate_key(self) -> None:
        """All items of one key are refused, and each place is named."""
        checked = check(item("a"), item("a", path="b.md"), item("c"))
        assert codes(checked) == [("a.md", "duplicate_key"), ("b.md", "duplicate_key")]
        assert [one.key for one in checked.items] == ["c"]
        assert "a.md:1, b.md:1" in checked.refused[Key("a")]

    def test_loader_errors(self) -> None:
        """An error of the loader with a key refuses that item; a warning or no key does not."""
        checked = check(
            item("a"),
            item("b"),
            findings=[
                finding(Severity.ERROR, "recorded_twice", "a"),
                finding(Severity.WARNING, "w", "b"),
                finding(Severity.ERROR, "unreadable", "gone"),
                finding(Severity.ERROR, "e"),
            ],
        )
        assert [one.key for one in checked.items] == ["b"]
        assert checked.refused == {"a": "m", "gone": "m"}
        assert len(checked.findings) == 4


class TestTruncate:
    def test_cut_at_a_paragraph(self) -> None:
        """The body ends after a whole paragraph, fits, and links its file on top."""
        body = "\n\n".join(f"Paragraph {n}." for n in range(8000))
        checked = check(item("d ir/a)", body=body), settings=CUT)
        sent = checked.items[0]
        assert render.wire_length(sent) <= BODY_MAX
        assert len(sent.body) > BODY_MAX - 400
        assert "(https://github.com/o/r/blob/HEAD/d%20ir/a%29.md)" in sent.body.splitlines()[0]
        assert sent.body.rsplit("\n\n", 1)[1] in body.split("\n\n")
        assert codes(checked) == [("d ir/a).md", "body_truncated")]
        assert lint.exit_code(checked.findings, strict=False) is ExitCode.DONE

    @pytest.mark.parametrize("body", ["x" * 70_000, "x\n" * 40_000, "```\n" + "y\n" * 40_000])
    def test_without_paragraphs(self, body: str) -> None:
        """A body without a blank line is cut at a line, else anywhere; the note comes first."""
        settings = LintSettings(oversize=Oversize.TRUNCATE)
        sent = check(item("a", body=body), settings=settings).items[0]
        assert BODY_MAX // 2 < render.wire_length(sent) <= BODY_MAX
        assert sent.body.startswith("> Cut off: ")
        assert "`a.md`" in sent.body

    def test_twice_is_once(self) -> None:
        """What was cut is not cut again."""
        once = check(item("a", body="x y\n\n" * 20_000), settings=CUT)
        again = lint.check(Loaded(items=once.items), settings=CUT)
        assert again.items == once.items


class TestValues:
    def test_labels(self) -> None:
        """A label that GitHub refuses is left out, the others stay in their order."""
        checked = check(item("a", labels=["b", "x" * 51, "c,d", " B ", "b", "", "x" * 50]))
        assert checked.items[0].labels == ("b", "x" * 50)
        assert sorted(code for _, code in codes(checked)) == [
            "label_comma",
            "label_too_long",
            "label_twice",
        ]

    def test_the_locks_own_labels(self) -> None:
        """The remote lock's label, and what a broken one is renamed to, are no item's."""
        names = ["GHSYNC-lock", "ghsync-lock-x", "ghsync-locks", "ghsync"]
        checked = check(item("a", labels=names))
        assert checked.items[0].labels == ("ghsync-locks", "ghsync")
        assert [code for _, code in codes(checked)] == ["label_reserved", "label_reserved"]

    def test_too_many_labels(self) -> None:
        """The first hundred labels are kept."""
        checked = check(item("a", labels=[f"l{n}" for n in range(LABELS_MAX + 1)]))
        assert len(checked.items[0].labels) == LABELS_MAX
        assert "'l100'" in checked.findings[0].message

    @pytest.mark.parametrize(
        "login",
        ["octocat", "a", "a-b-c", "A1", "x" * 39, "jane_company", "copilot-swe-agent[bot]", "7"],
    )
    def test_logins(self, login: str) -> None:
        """These could be accounts."""
        assert lint.is_login(login)

    @pytest.mark.parametrize(
        "login",
        ["", "-a", "a-", "a--b", "a b", "x" * 40, "ä", "a.b", "@a", "_a", "a_", "[bot]", "a@b.c"],
    )
    def test_no_logins(self, login: str) -> None:
        """These could not."""
        assert not lint.is_login(login)

    def test_assignees(self) -> None:
        """No login, not assignable, or the same again: left out."""
        checked = check(
            item("a", assignees=["@Octo", "octo", "Jane Doe", "ghost"]),
            assignable=frozenset({"octo"}),
        )
        assert checked.items[0].assignees == ("Octo",)
        assert codes(checked) == [
            ("a.md", "assignee_no_login"),
            ("a.md", "assignee_not_assignable"),
        ]

    def test_too_many_assignees(self) -> None:
        """The first ten are kept."""
        checked = check(item("a", assignees=[f"u{n}" for n in range(12)]))
        assert checked.items[0].assignees == tuple(f"u{n}" for n in range(10))
        assert codes(checked) == [("a.md", "too_many_assignees")]

    def test_milestone(self) -> None:
        """A milestone's title is one line; an empty one is none."""
        checked = check(item("a", milestone=" v1\n0 "), item("b", milestone="  "))
        assert [one.milestone for one in checked.items] == ["v1 0", None]


class TestParents:
    def test_self(self) -> None:
        """An item that names itself stands alone and is pushed."""
        checked = check(item("a", parent="a"))
        assert checked.items[0].parent is None
        assert codes(checked) == [("a.md", "parent_self")]
        assert lint.exit_code(checked.findings, strict=False) is ExitCode.PARTIAL

    def test_cycle(self) -> None:
        """One link of the cycle goes, that of its last item; what hangs on it stays."""
        checked = check(
            item("a", parent="c"),
            item("b", parent="a"),
            item("c", parent="b"),
            item("d", parent="c"),
        )
        assert [one.parent for one in checked.items] == ["c", "a", None, "c"]
        assert codes(checked) == [("c.md", "parent_cycle")]
        assert "c → b → a → c" in checked.findings[0].message.replace(
            "a → c → b → a", "c → b → a → c"
        )

    def test_unknown_and_refused(self) -> None:
        """A parent that is not sent is no parent; the warning names both."""
        checked = check(item("a", parent="x"), item("b", parent="bad"), item("bad", title=""))
        assert [one.parent for one in checked.items] == [None, None]
        assert codes(checked) == [
            ("a.md", "parent_unknown"),
            ("b.md", "parent_refused"),
            ("bad.md", "empty_title"),
        ]
        assert "'b'" in checked.findings[1].message
        assert "'bad'" in checked.findings[1].message

    def test_children(self) -> None:
        """The first hundred by path are linked, archived ones last."""
        children = [item(f"t{n:03}", parent="e") for n in range(CHILDREN_MAX + 1)]
        children[0] = item("t000", parent="e", archived=True)
        checked = check(item("e"), *children)
        assert codes(checked) == [("t000.md", "too_many_children")]
        assert sum(one.parent == "e" for one in checked.items) == CHILDREN_MAX

    @pytest.mark.parametrize("overflow", [Overflow.NONE, Overflow.LABEL])
    def test_a_way_out(self, overflow: Overflow) -> None:
        """The rest is a warning, and a label names the parent where that is wanted."""
        children = [item(f"e/{n:03}", parent="shop/epic") for n in range(CHILDREN_MAX + 2)]
        checked = check(item("shop/epic"), *children, settings=LintSettings(overflow=overflow))
        assert {f.severity for f in checked.findings} == {Severity.WARNING}
        alone = [one for one in checked.items if one.parent is None and one.key != "shop/epic"]
        assert len(alone) == 2
        assert all(("in: shop" in one.labels) is (overflow is Overflow.LABEL) for one in alone)

    def test_the_message_says_the_way_out(self) -> None:
        """Split the parent, or choose what becomes of the rest."""
        children = [item(f"t{n:03}", parent="e") for n in range(CHILDREN_MAX + 1)]
        [finding] = check(item("e"), *children).findings
        assert "Split the parent" in finding.message
        assert 'overflow = "label"' in finding.message

    def test_levels(self) -> None:
        """The ninth level starts a tree of its own."""
        chain = [item("n00")] + [item(f"n{n:02}", parent=f"n{n - 1:02}") for n in range(1, 20)]
        checked = check(*chain)
        assert codes(checked) == [("n08.md", "too_many_levels"), ("n16.md", "too_many_levels")]
        assert [one.key for one in checked.items if one.parent is None] == ["n00", "n08", "n16"]


class TestBlockers:
    def test_self_and_repeated(self) -> None:
        """A link to itself goes with an error, a repeated one without a word."""
        checked = check(item("a", blocked_by=["a", "b", "b"]), item("b"))
        assert checked.items[0].blocked_by == ("b",)
        assert codes(checked) == [("a.md", "blocked_by_self")]

    def test_cycle(self) -> None:
        """The link that closes the cycle goes, and the message shows the way."""
        checked = check(
            item("a", blocked_by=["b"]),
            item("b", blocked_by=["c"]),
            item("c", blocked_by=["a", "d"]),
            item("d"),
        )
        assert [one.blocked_by for one in checked.items] == [("b",), ("c",), ("d",), ()]
        assert codes(checked) == [("c.md", "blocked_by_cycle")]
        assert "(a → b → c → a)" in checked.findings[0].message

    def test_long_cycle(self) -> None:
        """A cycle of any length is cut without recursion, its message stays short."""
        ring = [item(f"n{n:04}", blocked_by=[f"n{(n + 1) % 5000:04}"]) for n in range(5000)]
        checked = check(*ring)
        assert codes(checked) == [("n4999.md", "blocked_by_cycle")]
        assert "n0000 → … → n4996 → n4997 → n4998 → n4999 → n0000" in checked.findings[0].message

    def test_both_ways_of_the_limit(self) -> None:
        """An item has at most 50 blockers and blocks at most 50."""
        names = [f"n{n:02}" for n in range(RELATION_MAX + 2)]
        many = check(item("a", blocked_by=names), *(item(name) for name in names))
        assert many.items[0].blocked_by == tuple(names[:RELATION_MAX])
        assert codes(many) == [("a.md", "too_many_blockers")]
        one = check(item("a"), *(item(name, blocked_by=["a"]) for name in names))
        assert sum(bool(other.blocked_by) for other in one.items) == RELATION_MAX
        assert codes(one) == [("n50.md", "too_many_blocked"), ("n51.md", "too_many_blocked")]

    def test_unknown_and_refused(self) -> None:
        """A blocker that is not sent is left out with a warning that names it."""
        checked = check(item("a", blocked_by=["x", "bad"]), item("bad", title=""))
        assert checked.items[0].blocked_by == ()
        assert codes(checked)[:2] == [("a.md", "blocker_refused"), ("a.md", "blocker_unknown")]


KEYS = [f"k{n}" for n in range(7)]
anything = st.lists(
    st.builds(
        item,
        st.sampled_from(KEYS),
        title=st.sampled_from(["", "t", "x" * 300]),
        labels=st.lists(st.sampled_from(["a", "A", "b,c", "y" * 60]), max_size=3),
        parent=st.one_of(st.none(), st.sampled_from(KEYS)),
        blocked_by=st.lists(st.sampled_from(KEYS), max_size=4),
    ),
    max_size=9,
)


class TestProperties:
    @given(items=anything, seed=st.integers(0, 99))
    def test_order_never_matters(self, items: list[Item], seed: int) -> None:
        """The same items in another order give the same result."""
        shuffled = items.copy()
        random.Random(seed).shuffle(shuffled)
        assert check(*shuffled) == check(*items)

    @given(items=anything)
    def test_result_is_clean(self, items: list[Item]) -> None:
        """What lint lets through, lint finds nothing wrong with; nothing is lost on the way."""
        checked = check(*items)
        again = check(*checked.items)
        assert again.items == checked.items
        assert again.findings == ()
        assert {one.key for one in items} == {one.key for one in checked.items} | set(
            checked.refused
        )

    @given(items=anything)
    def test_links_form_no_cycle(self, items: list[Item]) -> None:
        """Parents make trees of at most 8 levels; blockers can be worked off in some order."""
        left = {one.key: one for one in check(*items).items}
        for one in left.values():
            level = 1
            while one.parent is not None:
                one, level = left[one.parent], level + 1
            assert level <= LEVELS_MAX
        while left:
            free = [key for key, one in left.items() if not set(one.blocked_by) & set(left)]
            assert free
            for key in free:
                del left[key]


class TestExitCode:
    @pytest.mark.parametrize(
        ("severities", "plain", "strict"),
        [
            ([], ExitCode.DONE, ExitCode.DONE),
            ([Severity.INFO], ExitCode.DONE, ExitCode.DONE),
            ([Severity.INFO, Severity.WARNING], ExitCode.DONE, ExitCode.STRICT),
            ([Severity.WARNING, Severity.ERROR], ExitCode.PARTIAL, ExitCode.STRICT),
        ],
    )
    def test_table(self, severities: list[Severity], plain: ExitCode, strict: ExitCode) -> None:
        """Errors are 1; under --strict errors and warnings are 3."""
        found = [finding(severity) for severity in severities]
        assert lint.exit_code(found, strict=False) is plain
        assert lint.exit_code(found, strict=True) is strict

    def test_findings_sorted(self) -> None:
        """Findings come by path, line and code, each once."""
        late = Finding(path="b", line=1, code="c", severity=Severity.INFO, message="m")
        early = Finding(path="a", line=9, code="z", severity=Severity.INFO, message="m")
        assert lint.in_order([late, early, late]) == (early, late)


def test_documented() -> None:
    """Every code of lint is explained in docs/lint.md."""
    root = Path(__file__).parent.parent
    text = (root / "docs" / "lint.md").read_text(encoding="utf-8")
    source = "".join(
        file.read_text(encoding="utf-8") for file in (root / "ghsync/lint").glob("*.py")
    )
    used = set(re.findall(r'(?:error|warn)\(\s*"(\w+)"|Severity\.INFO,\s*"(\w+)"', source))
    names = {name for pair in used for name in pair if name}
    assert len(names) > 10
    assert [name for name in sorted(names) if f"`{name}`" not in text] == []


def test_uid_is_free() -> None:
    """A truncated body still fits with a real uid."""
    sent = check(item("a", body="x " * 40_000), settings=CUT).items[0]
    assert len(render.with_marker(sent.body, Uid("f" * 32), sent.key)) <= BODY_MAX
