"""References: found by rules.md's order, never guessed, and said where they are not found."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from layouts_kit import EPIC, codes, epic, items, key, load, only, task

from ghsync.layouts.base import LoadOptions
from ghsync.model import Severity

URL = "https://github.com/o/r/issues"


def blockers(texts: dict[str, str], name: str = "001") -> list[str]:
    """The blockers of one task of the epic, by their files' names."""
    found = items(load(texts))[key(name)].blocked_by
    return [str(blocker).removeprefix(key("")) for blocker in found]


@pytest.mark.parametrize(
    "reference",
    [
        *("010", "10", "'010'", '"#10"', "task-10", "task-010", "T010", "010.md", "./010.md"),
        *("Task 10", "010 - Set up", "'010: Set up'", ".claude/epics/shop/010.md"),
        "'[the tenth](010.md)'",
    ],
)
@pytest.mark.parametrize("form", ["[{}]", "{}", "\n  - {}"])
def test_every_form_of_a_reference(reference: str, form: str) -> None:
    """Ints, quoted, prefixed, file names, paths, links: always task 010, never task 8."""
    texts = epic(_001=task(f"depends_on: {form.format(reference)}"), _008=task(), _010=task())
    if form != "{}" or not reference.startswith("'["):
        assert blockers(texts) == ["010"]


@pytest.mark.parametrize("name", ["010-set-up", "task-010", "T010-set-up", "10"])
def test_a_number_finds_the_file_however_it_is_named(name: str) -> None:
    """``NNN-slug``, ``task-NNN`` and ``TNNN`` are task NNN to their neighbours."""
    assert blockers(epic(_001=task("depends_on: [010]"), **{name: task()})) == [name]


def test_octal_is_not_read() -> None:
    """``[001, 010]`` is not ``[1, 8]``."""
    texts = epic(_001=task(), _008=task(), _010=task(), _012=task("depends_on: [001, 010]"))

    assert blockers(texts, "012") == ["001", "010"]


def test_dotted_ids_are_not_floats() -> None:
    """``1.10`` is not ``1.1``."""
    texts = epic(
        a=task("id: BACK-1.1"), b=task("id: BACK-1.10"), _001=task("depends_on: [BACK-1.10, 1.10]")
    )

    assert blockers(texts) == ["b"]


def test_comma_separated_text() -> None:
    """A text that names several tasks names each of them."""
    texts = epic(_001=task("depends_on: 002, 003 and T004"), _002=task(), _003=task(), _004=task())

    assert blockers(texts) == ["002", "003", "004"]


@pytest.mark.parametrize("nothing", ["[]", "none", "None", "n/a", "", "null", "[none]", "'-'"])
def test_nothing_is_nothing(nothing: str) -> None:
    """Placeholders are no references."""
    assert codes(load(epic(_001=task(f"depends_on: {nothing}")))) == []


def test_the_same_folder_comes_first() -> None:
    """Another epic's 002 is never meant by a bare number."""
    texts = epic(_001=task("depends_on: [002]"), _002=task())
    texts[".claude/epics/cart/epic.md"] = EPIC
    texts[".claude/epics/cart/002.md"] = task()
    texts[".claude/epics/cart/003.md"] = task("depends_on: [001]")
    loaded = load(texts)

    assert items(loaded)[key("001")].blocked_by == (key("002"),)
    assert items(loaded)[".claude/epics/cart/003"].blocked_by == ()
    assert only(loaded, "reference_unknown").path == ".claude/epics/cart/003.md"


def test_an_id_or_slug_that_is_unique_in_the_repository() -> None:
    """Ids, slugs and paths reach into other folders."""
    texts = epic(_001=task("depends_on: [CART-7, pay-by-card, epics/cart/003]"))
    texts[".claude/epics/cart/001.md"] = task("id: CART-007")
    texts[".claude/epics/cart/002-pay-by-card.md"] = task()
    texts[".claude/epics/cart/003.md"] = task()

    assert items(load(texts))[key("001")].blocked_by == (
        ".claude/epics/cart/001",
        ".claude/epics/cart/002-pay-by-card",
        ".claude/epics/cart/003",
    )


def test_two_answers_at_one_step_are_no_link() -> None:
    """The warning names both, and says what to write."""
    texts = epic(_001=task("depends_on: [003]"), **{"003-a": task(), "003-b": task()})
    finding = only(load(texts), "reference_ambiguous")

    assert blockers(texts) == []
    assert (finding.line, finding.severity) == (4, Severity.WARNING)
    assert "003-a.md" in finding.message
    assert "003-b.md" in finding.message


def test_an_exact_file_name_is_not_ambiguous() -> None:
    """``003.md`` is what 003 means, whatever lies beside it."""
    texts = epic(_001=task("depends_on: [003]"), **{"003": task(), "003-b": task()})

    assert blockers(texts) == ["003"]


def test_a_file_and_another_files_id_are_two_answers() -> None:
    """After a rename ``13.md`` stands beside a file whose old number is 013."""
    texts = epic(_12=task("depends_on: [13]"), _13=task(), _14=task("number: 013"))

    assert blockers(texts, "12") == []
    assert codes(load(texts)) == ["reference_ambiguous"]


def test_no_answer_is_one_warning_a_line() -> None:
    """All names without an answer stand in one warning at their line."""
    finding = only(load(epic(_001=task("depends_on: [007, 008]"))), "reference_unknown")

    assert finding.line == 4
    assert "007, 008" in finding.message


def test_after_the_rename_a_number_is_an_issue() -> None:
    """After ccpm names files by issue, a bare number reaches the file that records it."""
    texts = epic(_001=task("depends_on: [41]"), cart=task(f"github: {URL}/41"))

    assert blockers(texts) == ["cart"]


def test_a_number_with_zeros_is_no_issue() -> None:
    """``007`` is an old file name, and never issue 7."""
    texts = epic(_001=task("depends_on: [007]"), cart=task(f"github: {URL}/7"))

    assert blockers(texts) == []
    assert codes(load(texts)) == ["reference_unknown"]


def test_the_folders_own_number_goes_before_an_issue_without_a_word() -> None:
    """There is one answer at the first step, so nothing is ambiguous, also under --strict."""
    texts = epic(_001=task("depends_on: [5]"), _005=task(), cart=task(f"github: {URL}/5"))
    assert blockers(texts) == ["005"]
    assert load(texts).findings == ()


def test_a_number_from_another_folder_goes_before_an_issue_and_both_are_shown() -> None:
    """Where files number themselves throughout, that is an info: which one was taken."""
    texts = {
        ".claude/epics/a/epic.md": "---\nname: A\n---\n",
        ".claude/epics/a/one.md": "---\nid: 1\nname: One\nstatus: open\ndepends_on: [5]\n---\n",
        ".claude/epics/b/epic.md": "---\nname: B\n---\n",
        ".claude/epics/b/five.md": "---\nid: 5\nname: Five\nstatus: open\n---\n",
        ".claude/epics/b/cart.md": f"---\nname: Cart\nstatus: open\ngithub: {URL}/5\n---\n",
    }
    finding = only(load(texts), "reference_two_ways")
    assert finding.severity is Severity.INFO
    assert "five.md" in finding.message
    assert "cart.md" in finding.message


def test_the_address_of_an_issue_is_that_issue() -> None:
    """A URL never means a file's number."""
    texts = epic(
        _001=task(f"depends_on: [{URL}/5, 'https://github.com/x/y/issues/9']"),
        _005=task(),
        cart=task(f"github: {URL}/5"),
        till=task(f"github: {URL}/9"),
    )

    assert blockers(texts) == ["cart"]
    assert codes(load(texts)) == ["reference_unknown"]


def test_a_hash_that_could_be_either_is_ambiguous() -> None:
    """``#5`` is an issue or a file; where both exist and differ, neither is taken."""
    texts = epic(_001=task("depends_on: ['#5']"), _005=task(), cart=task(f"github: {URL}/5"))

    assert blockers(texts) == []
    assert codes(load(texts)) == ["reference_ambiguous"]


def test_titles_are_never_matched() -> None:
    """Two items may share a title; it names neither."""
    texts = epic(_001=task("depends_on: [Cart]"), x=task(name="Cart"))

    assert blockers(texts) == []


def test_a_bare_number_that_other_folders_reuse_stays_in_its_folder() -> None:
    """Where ids are per folder, the one other folder that has a number is not meant."""
    texts = epic(_001=task("number: 001"), _003=task("number: 003\ndepends_on: [004]"))
    texts[".claude/epics/cart/epic.md"] = EPIC
    texts[".claude/epics/cart/001.md"] = task("number: 001")
    texts[".claude/epics/cart/004.md"] = task("number: 004")

    assert blockers(texts, "003") == []


def test_a_bare_number_of_a_file_without_one_stays_in_its_folder() -> None:
    """An old number that another epic's file still has as its id is not meant."""
    texts = epic(_242=task("depends_on: [013]"))
    texts[".claude/epics/cart/014.md"] = task("id: 013")

    assert blockers(texts, "242") == []


def test_numbers_that_are_unique_reach_across_folders() -> None:
    """Where no number is used twice, it is an id of the repository."""
    texts = epic(_003=task("number: 003\ndepends_on: [004]"))
    texts[".claude/epics/cart/004.md"] = task("number: 004")

    assert items(load(texts))[key("003")].blocked_by == (".claude/epics/cart/004",)


# ------------------------------------------------------------------- recorded issues


@pytest.mark.parametrize(
    "value",
    [f"{URL}/12", f"<{URL}/12>", "12", '"#12"', f"'{URL}/12'", f"[{URL}/12]"],
)
@pytest.mark.parametrize("name", ["github", "github_issue", "issue"])
def test_the_issue_that_a_file_records(name: str, value: str) -> None:
    """A number or a URL, in any of the three fields."""
    found = load(epic(_001=task(f"{name}: {value}"))).items[0].recorded

    assert found is not None
    assert (found.number, found.line) == (12, 4)


@pytest.mark.parametrize(
    "value",
    ["[Will be updated when synced to GitHub]", "(will be set on sync)", "null", '""', "", "N/A"],
)
def test_placeholders_record_nothing(value: str) -> None:
    """The first of them is a list to YAML."""
    loaded = load(epic(_001=task(f"github: {value}")))

    assert (loaded.items[0].recorded, codes(loaded)) == (None, [])


def test_an_issue_in_a_live_and_an_archived_file_is_the_live_ones() -> None:
    """The copy in the archive loses it, with a note."""
    texts = epic(_001=task(f"github: {URL}/12"))
    texts[".claude/epics/archived/shop/epic.md"] = EPIC
    texts[".claude/epics/archived/shop/001.md"] = task(f"github: {URL}/12")
    loaded = load(texts)

    recorded = {item.key: item.recorded for item in loaded.items}
    assert recorded[".claude/epics/archived/shop/001"] is None  # type: ignore[index]
    assert recorded[key("001")] is not None  # type: ignore[index]
    assert only(loaded, "recorded_archived").severity is Severity.INFO


def test_an_issue_in_two_live_files_is_an_error_for_both() -> None:
    """Neither is mapped, and both are refused by their keys; a bare number counts as well."""
    loaded = load(epic(_001=task(f"github: {URL}/12"), _002=task("issue: 12"), _003=task()))

    assert [finding.key for finding in loaded.findings] == [key("001"), key("002")]
    assert codes(loaded) == ["recorded_twice", "recorded_twice"]
    assert all(finding.severity is Severity.ERROR for finding in loaded.findings)
    assert all(item.recorded is None for item in loaded.items)


def test_the_same_number_in_two_repositories_is_two_issues() -> None:
    """Only the same repository makes it one."""
    other = "https://github.com/x/y/issues"

    assert codes(load(epic(_001=task(f"github: {URL}/12"), _002=task(f"github: {other}/12")))) == []


@pytest.mark.parametrize("more", [{}, {"_003": task("github: https://github.com/m/n/issues/5")}])
def test_whose_a_bare_number_is_does_not_hang_on_other_files(more: dict[str, str]) -> None:
    """It is the repository's own; where that is not known, it may be any one's."""
    other = "https://github.com/x/y/issues"
    texts = epic(_001=task(f"github: {other}/12"), _002=task("issue: 12"), **more)

    assert codes(load(texts)) == ["recorded_twice", "recorded_twice"]
    assert codes(load(texts, LoadOptions(repo="a/b"))) == []
    assert codes(load(texts, LoadOptions(repo="X/y"))) == ["recorded_twice", "recorded_twice"]


def test_two_fields_that_disagree_are_a_warning() -> None:
    """The first is taken."""
    loaded = load(epic(_001=task(f"github: {URL}/12\nissue: 13")))

    assert loaded.items[0].recorded is not None
    assert loaded.items[0].recorded.number == 12
    assert only(loaded, "recorded_unusable").line == 5


# ------------------------------------------------------------------------ properties

NAMES = st.sampled_from(["001", "002", "010", "010-cart", "T003", "task-004", "5"])
REFS = st.sampled_from(["001", "2", "010", "T003", "task-4", "5", "#5", "cart", "7", "a, b"])
TASKS = st.dictionaries(NAMES, st.tuples(st.lists(REFS, max_size=3), st.integers(0, 6)), min_size=1)


@given(TASKS, st.randoms(use_true_random=False))
def test_the_order_of_files_never_matters(
    tasks: dict[str, tuple[list[str], int]], random: object
) -> None:
    """The same files in another order give the same items and findings."""
    texts = epic(
        **{
            name: task("depends_on:\n" + "".join(f"  - '{ref}'\n" for ref in refs) + f"issue: {n}")
            for name, (refs, n) in tasks.items()
        }
    )
    shuffled = list(texts.items())
    random.shuffle(shuffled)  # type: ignore[attr-defined]

    assert load(dict(shuffled)) == load(texts)


@given(st.dictionaries(NAMES, st.text(max_size=80), min_size=1, max_size=4))
def test_any_text_is_an_item_or_listed(texts: dict[str, str]) -> None:
    """Nothing raises, no file is lost, and every link leads to an item."""
    files = epic(**{name: f"---\n{text}\n---\n" for name, text in texts.items()})
    loaded = load(files)

    seen = {item.path for item in loaded.items} | {entry.path for entry in loaded.not_items}
    keys = {item.key for item in loaded.items}
    assert seen == set(files)
    assert all(blocker in keys for item in loaded.items for blocker in item.blocked_by)
