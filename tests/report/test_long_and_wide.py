"""Plans of thousands of items, terminals of many columns, and who gets colour."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
import report_samples as samples
from rich.cells import cell_len

from ghsync.model import Item, Key, Kind, Loaded, Run, StatusRow
from ghsync.report import text


def many(number: int) -> Run:
    """A plan that creates an epic with so many tasks."""
    epic = samples.item("e", Kind.EPIC, "Epic")
    tasks = tuple(samples.item(f"e/{n:04d}", Kind.TASK, f"Task {n}", "e") for n in range(number))
    items: tuple[Item, ...] = (epic, *tasks)
    operations = tuple(samples.create(item) for item in items)
    plan = replace(
        samples.PLAN, operations=operations, skipped=(), conflicts=(), unchanged=(), numbers={}
    )
    return samples.run(plan=plan, items=items, results=(), findings=())


def shown(run: Run, *, width: int | None = None, verbose: bool = False) -> list[str]:
    """A dry run as lines."""
    view = text.plan_view(run, now=samples.NOW, verbose=verbose)
    return text.to_text(view, width=width).splitlines()


def test_a_terminal_is_not_flooded() -> None:
    """Of two thousand creates the first few of a parent are listed, the others counted."""
    lines = shown(many(2000), width=80)
    assert len(lines) < 20
    assert any(line.endswith("… 1,995 more to create; --verbose lists them") for line in lines)


def test_whoever_asks_gets_every_write() -> None:
    """With --verbose, in a pipe, and where the plan is short."""

    def tasks(lines: list[str]) -> int:
        return sum("Task" in line for line in lines)

    assert tasks(shown(many(2000), width=80, verbose=True)) == 2000
    assert tasks(shown(many(2000))) == 2000
    assert tasks(shown(many(150), width=80)) == 150


def test_what_a_person_must_decide_is_never_folded() -> None:
    """A conflict among two thousand creates stands there."""
    run = many(2000)
    conflict = replace(samples.PLAN.conflicts[0], key=run.items[1500].key)
    plan = replace(run.plan, conflicts=(conflict,))
    lines = shown(replace(run, plan=plan), width=80)
    assert any("! conflict" in line and "Task 1499" in line for line in lines)


def test_a_wide_terminal_has_a_column_of_paths() -> None:
    """They stand under each other; a long title pushes its own path, or puts it below."""
    titles = ["Short", "購入フローを改善する", "Longer than the others", "x" * 190]
    items = tuple(samples.item(f"k{n}", Kind.EPIC, title) for n, title in enumerate(titles))
    lines = text.to_text(text.loaded_view(Loaded(items=items)), width=200).splitlines()
    starts = {
        cell_len(line[: line.index(item.path)])
        for line, item in zip(lines[2:5], items, strict=False)
    }
    assert len(starts) == 1
    assert lines[6].strip() == items[3].path
    assert max(map(cell_len, lines)) <= 200


def test_the_status_of_many_is_counted() -> None:
    """On a terminal the first twenty of each state; in a pipe and with --verbose all."""
    rows = [
        StatusRow(key=Key(f"k{n}"), path=f"k{n}.md", number=None, state="missing", detail="")
        for n in range(300)
    ]

    def lines(width: int | None, *, verbose: bool = False) -> list[str]:
        return text.to_text(text.status_view(rows, verbose=verbose), width=width).splitlines()

    assert len(lines(80)) == 22
    assert lines(80)[-2:] == ["… 280 more missing; --verbose lists them", "300 missing"]
    assert len(lines(None)) == len(lines(80, verbose=True)) == 301


def test_a_pipe_has_no_columns() -> None:
    """There a path follows its title: one line for each item, however long."""
    items = (samples.item("k", Kind.EPIC, "x" * 300),)
    lines = text.to_text(text.loaded_view(Loaded(items=items))).splitlines()
    assert lines[-1] == f"epic  {'x' * 300} · {items[0].path}"


class Pipe(io.StringIO):
    """A stream that is no terminal."""

    encoding = "utf-8"


@pytest.mark.parametrize(
    ("settings", "coloured"),
    [
        ({}, False),
        ({"FORCE_COLOR": "1"}, True),
        ({"CLICOLOR_FORCE": "1"}, True),
        ({"CLICOLOR_FORCE": "0"}, False),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
    ],
)
def test_who_gets_colour_in_a_pipe(
    settings: dict[str, str], coloured: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever asks for it, unless somebody asks for none; no line is broken either way."""
    for name in ("FORCE_COLOR", "CLICOLOR_FORCE", "NO_COLOR", "TTY_COMPATIBLE", "COLUMNS", "TERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {"TERM": "xterm-256color", **settings}.items():
        monkeypatch.setenv(name, value)
    stream = Pipe()
    text.write(text.plan_view(samples.run(), now=samples.NOW), stream)
    assert ("\x1b[32m" in stream.getvalue()) is coloured
    assert "blocked by epics/login/001\n" in stream.getvalue()
    assert "broken over more than one row of eighty columns" in stream.getvalue()
