"""What a person sees: golden outputs at 80 and 200 columns and in a pipe, and hostile text."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from datetime import UTC
from pathlib import Path

import pytest
import report_samples as samples
import report_strategies as strategies
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ghsync.errors import RefusedError
from ghsync.journal import SyncMap
from ghsync.model import (
    Check,
    IssueNumber,
    Key,
    Kind,
    Loaded,
    NotItem,
    Plan,
    Repo,
    RepoId,
    Requests,
    Run,
    Severity,
    Status,
    StatusRow,
)
from ghsync.report import text, words

GOLDEN = Path(__file__).parent / "golden"
VIEWS = {
    "plan": text.plan_view(samples.run(), now=samples.NOW, tz=UTC),
    "run": text.run_summary(samples.pushed()),
}
LOOKS = {
    "80": {"width": 80},
    "200": {"width": 200},
    "pipe": {},
    "ascii": {"encoding": "ascii"},
}


def plan_text(run: Run, *, verbose: bool = False, width: int | None = None) -> str:
    """Render a dry run."""
    return text.to_text(text.plan_view(run, now=samples.NOW, tz=UTC, verbose=verbose), width=width)


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("view", VIEWS)
def test_golden(view: str, look: str) -> None:
    """The plan and the run look exactly as in golden/, which a person has read."""
    expected = (GOLDEN / f"{view}-{look}.txt").read_text(encoding="utf-8")
    assert text.to_text(VIEWS[view], **LOOKS[look]) == expected  # type: ignore[arg-type]


def test_80_columns_hold_every_line() -> None:
    """No line of the plan or the run is wider than the terminal, whatever its titles."""
    for view in VIEWS.values():
        assert max(len(line) for line in text.to_text(view, width=80).splitlines()) <= 80


def test_ascii_where_the_encoding_is_not_utf8() -> None:
    """Signs and titles that the encoding cannot hold become ASCII."""
    item = samples.item("a", Kind.TASK, "Größe 尺")
    shown = text.to_text(text.loaded_view(Loaded(items=(item,))), encoding="ascii")
    assert shown.isascii()
    assert r"Gr\xf6\xdfe \u5c3a" in shown


def test_hostile_text_is_shown_and_not_obeyed() -> None:
    """Markup, terminal escapes, bidi overrides, line ends and commands are visible text."""
    title = "[red]x[/red] :smile: \x1b]0;t\x07\u202e\n::error::y ##[group]z \x9b31m"
    item = samples.item("a", Kind.TASK, title)
    shown = text.to_text(text.loaded_view(Loaded(items=(item,))))
    assert r"[red]x[/red] :smile: \x1b]0;t\x07\u202e\n::error::y #\#[group]z \x9b31m" in shown
    assert len(shown.splitlines()) == 3


def test_no_line_starts_a_workflow_command() -> None:
    """A file named like a workflow command is no command in a log."""
    finding = samples.finding("::error::x.md", 1, "code", Severity.ERROR, "##[error]no\r\n::stop::")
    shown = text.to_text(text.lint_view([finding], items=1))
    assert not re.search(r"^\s*::", shown, re.MULTILINE)
    assert "##[" not in shown


def test_unchanged_items_fold_unless_verbose() -> None:
    """Unchanged items are counted under their parent; verbose lists each."""
    epic = samples.item("e", Kind.EPIC, "Epic")
    tasks = tuple(samples.item(f"t{n}", Kind.TASK, f"Task {n}", "e") for n in range(213))
    operation = samples.create(tasks[0])
    plan = replace(
        samples.PLAN,
        operations=(operation,),
        skipped=(),
        conflicts=(),
        unchanged=tuple(item.key for item in (epic, *tasks[1:])),
    )
    run = samples.run(plan=plan, items=(epic, *tasks), results=(), findings=())
    shown = plan_text(run)
    assert "… 212 unchanged" in shown
    assert len(shown.splitlines()) < 12
    assert "Task 200" in plan_text(run, verbose=True)


def test_verbose_shows_the_whole_body_diff_and_every_finding() -> None:
    """Verbose folds nothing."""
    shown = plan_text(samples.run(), verbose=True)
    assert "+ - step 19 of 20" in shown
    assert "… " not in shown
    assert "doing7" in shown


def test_cycles_and_missing_parents_lose_no_item() -> None:
    """Each item is drawn once, even if parents form a cycle or are not there."""
    items = (
        samples.item("a", Kind.EPIC, "AAA", "b"),
        samples.item("b", Kind.EPIC, "BBB", "a"),
        samples.item("c", Kind.TASK, "CCC", "nowhere"),
        samples.item("d", Kind.TASK, "DDD", "d"),
    )
    shown = text.to_text(text.loaded_view(Loaded(items=items, layouts=("ccpm",))))
    assert [shown.count(name) for name in ("AAA", "BBB", "CCC", "DDD")] == [1, 1, 1, 1]


def test_a_long_chain_of_parents_needs_no_recursion() -> None:
    """Two thousand levels are drawn, though GitHub takes eight."""
    items = tuple(
        samples.item(f"k{n}", Kind.EPIC, f"T{n}", f"k{n - 1}" if n else None) for n in range(2000)
    )
    assert "T1999" in text.to_text(text.loaded_view(Loaded(items=items)))


@pytest.mark.parametrize(
    ("remote", "words_of_it"),
    [
        ("github", "octo/plans on GitHub"),
        ("sandbox", "in the sandbox, not on GitHub"),
        ("none", "GitHub was not read: there is no token"),
    ],
)
def test_the_plan_says_where_github_was_read(remote: str, words_of_it: str) -> None:
    """Whether GitHub, the sandbox or nothing was read is said first."""
    assert words_of_it in plan_text(samples.run(remote=remote))


def test_refused_plan_says_so() -> None:
    """A dry run whose push a brake would refuse says so with the hint."""
    error = RefusedError("too much", hint="use --allow-changes 40")
    shown = plan_text(samples.run(stopped="31 % of the issues would be closed", error=error))
    assert "A push would be refused: 31 % of the issues would be closed" in shown
    assert "use --allow-changes 40" in shown


def test_nothing_to_do() -> None:
    """A plan without operations says that there is nothing to do, and what is unchanged."""
    plan = Plan(
        repo=Repo(id=RepoId(1), full_name="o/r"),
        operations=(),
        unchanged=tuple(item.key for item in samples.ITEMS),
    )
    run = samples.run(plan=plan, results=(), findings=(), requests=Requests(reads=2), eta_seconds=0)
    assert "Nothing to do: 11 unchanged" in plan_text(run)
    done = text.to_text(text.run_summary(replace(run, dry_run=False)))
    assert "Nothing to do: 11 unchanged" in done


def test_sandbox_run_says_what_github_would_have_taken() -> None:
    """The virtual clock's time is reported as GitHub's, not as ours."""
    shown = text.to_text(text.run_summary(samples.pushed(remote="sandbox", duration=3960.0)))
    assert "With GitHub's limits this would have taken 1 h 6 min." in shown
    assert ", in 1 h" not in shown


def test_stopped_run_says_how_to_go_on() -> None:
    """An interrupted run says what is done, what is left and how to go on."""
    results = tuple(
        replace(r, status=Status.PENDING) if i > 3 else r
        for i, r in enumerate(samples.pushed().results)
    )
    shown = text.to_text(text.run_summary(samples.pushed(results=results, stopped="Ctrl-C")))
    assert "Stopped: Ctrl-C" in shown
    assert "4 of 9 operations done, 5 to do." in shown
    assert "the same command again goes on from here" in shown
    assert ". still to create" in shown


def test_big_run_counts_what_is_done() -> None:
    """Past two hundred operations those of an epic are counted; verbose lists each."""
    epic = samples.item("e", Kind.EPIC, "Epic")
    tasks = tuple(samples.item(f"t{n}", Kind.TASK, f"Task {n}", "e") for n in range(300))
    results = tuple(
        samples.OpResult(
            operation=samples.create(item), status=Status.DONE, number=IssueNumber(number)
        )
        for number, item in enumerate((epic, *tasks), 1)
    )
    plan = replace(samples.PLAN, operations=tuple(r.operation for r in results), skipped=())
    plan = replace(plan, conflicts=(), numbers={})
    run = samples.pushed(plan=plan, items=(epic, *tasks), results=results, findings=())
    assert "… 300 done or unchanged" in text.to_text(text.run_summary(run))
    assert "Task 299" in text.to_text(text.run_summary(run, verbose=True))


def test_lists() -> None:
    """Items, status, doctor and map say in words what they show in colour."""
    loaded = Loaded(
        items=samples.ITEMS,
        not_items=tuple(NotItem(path=f"n{n}.md", reason="a README") for n in range(12)),
        layouts=("ccpm",),
    )
    shown = text.to_text(text.loaded_view(loaded), width=80)
    assert "Layout ccpm: 11 items: 1 PRD, 2 epics, 8 tasks" in shown
    assert "a README (12)" in shown
    assert "… and 2 more; --verbose shows all" in shown
    rows = [
        StatusRow(key=Key("a"), path="a.md", number=IssueNumber(3), state="ahead"),
        StatusRow(key=Key("b"), path="b.md", number=IssueNumber(4), state="in step"),
    ]
    shown = text.to_text(text.status_view(rows))
    assert shown == "> ahead     #3  a.md · the file changed: push\n1 in step, 1 ahead\n"
    checks = [
        Check(name="token", ok=False, detail="none found", hint="set GITHUB_TOKEN"),
        Check(name="python", ok=True, detail="3.11"),
    ]
    assert text.to_text(text.doctor_view(checks)) == (
        "FAIL  token: none found\n      set GITHUB_TOKEN\nok    python: 3.11\n1 check failed\n"
    )
    assert "no repository yet: 0 items" in text.to_text(text.map_view(SyncMap()))


def test_pipe_has_no_colour_and_breaks_no_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """A console made for a stream that is no terminal writes whole lines without escapes."""
    monkeypatch.delenv("COLUMNS", raising=False)
    stream, written = io.StringIO(), io.StringIO()
    text.make_console(stream).print(VIEWS["plan"])
    text.write(VIEWS["plan"], written)
    assert stream.getvalue() == written.getvalue() == text.to_text(VIEWS["plan"])
    assert "\x1b" not in stream.getvalue()


def test_a_pipe_that_wants_colour_gets_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """FORCE_COLOR makes rich paint for a stream that is no terminal, as in a CI's log."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    stream = io.StringIO()
    text.write(VIEWS["plan"], stream)
    assert "\x1b[" in stream.getvalue()


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(run=strategies.runs(), encoding=st.sampled_from(["utf-8", "ascii", "latin-1", "cp1252"]))
def test_a_pipe_gets_what_rich_would_write(run: Run, encoding: str) -> None:
    """The lines written without rich are the ones that rich writes, whatever a text holds."""
    for view in (text.plan_view(run, now=samples.NOW, tz=UTC), text.run_summary(run)):
        plain = "".join(f"{row}\n" for row in text.plain_rows(view, encoding=encoding))
        assert plain == text.to_text(view, encoding=encoding)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(run=strategies.runs())
def test_any_run_can_be_shown(run: Run) -> None:
    """No run breaks a view, none writes a control character."""
    for view in (text.plan_view(run, now=samples.NOW, tz=UTC), text.run_summary(run)):
        for shown in (text.to_text(view, width=80), text.to_text(view, encoding="ascii")):
            assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", shown)


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (0, "less than 1 s"),
        (42.2, "42 s"),
        (59.6, "1 min"),
        (95, "1 min 35 s"),
        (600, "10 min"),
        (3599, "1 h"),
        (3960, "1 h 6 min"),
        (200_000, "2 d 8 h"),
        (float("inf"), "unknown time"),
    ],
)
def test_durations(seconds: float, expected: str) -> None:
    """Durations are two units at most."""
    assert words.duration(seconds) == expected


def test_time_of_day_names_another_day() -> None:
    """The end of a long run has its date."""
    assert words.clock_time(samples.NOW, 3600, UTC) == "09:00"
    assert words.clock_time(samples.NOW, 86400, UTC) == "08:00 on 2027-01-16"
