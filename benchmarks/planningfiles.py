"""Planning files to measure with: the shapes of real ones, their texts made up here.

Seeded, so that two machines load the same bytes. The shares follow what planning markdown in public
repositories looks like: frontmatter with quotes, flow and block lists, dates and numbers with
leading zeros, in one file of twelve also with a comment or a folded text, which takes a real YAML
parser; bodies of 1 to 8 KB, half of them not ASCII; one file in 27 is a note beside the items.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

_TEXT = """
    the order page shows totals before tax and shipping when a customer opens the basket from an
    email link so the session has to be restored first without asking for a password again — each
    handler validates its input and returns a typed error which the client turns into a message
    retry with backoff only where the request can be repeated safely measure latency at the edge
"""
_WORDS = tuple(_TEXT.split())
_TITLES = ("Add", "Repair", "Measure", "Describe", "Move", "Split", "Cache", "Validate", "Remove")
_THINGS = ("the basket", "search", "login", "exports", "the price list", "webhooks", "the importer")
_STATUS = ("open", "open", "open", "in-progress", "closed", "completed", "backlog", "blocked")
_TASKS = 24
"""Tasks of an epic."""


def files(count: int, seed: int = 1) -> Iterator[tuple[str, str]]:
    """Path and text of ``count`` files: PRDs, epics with their tasks, and some notes."""
    made = 0
    epic = 0
    while made < count:
        draw = random.Random(f"{seed}-{epic}")  # noqa: S311 (shapes, not secrets)
        name = f"{draw.choice(('billing', 'search', 'import', 'mobile', 'reports'))}-{epic:04d}"
        for path, text in _epic(name, epic, draw):
            if made < count:
                made += 1
                yield path, text
        epic += 1


def write(root: Path, count: int, seed: int = 1) -> int:
    """Write the files below ``root``; return their bytes."""
    size = 0
    for path, text in files(count, seed):
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        data = text.encode()
        target.write_bytes(data)
        size += len(data)
    return size


def _epic(name: str, number: int, draw: random.Random) -> Iterator[tuple[str, str]]:
    folder = f".claude/epics/{name}"
    if number % 2 == 0:
        yield f".claude/prds/{name}.md", _prd(name, draw)
    yield (
        f"{folder}/epic.md",
        _text(
            [f"name: {name}", "status: in-progress", f"created: {_date(draw)}", "progress: 40%"]
            + ([f"prd: .claude/prds/{name}.md"] if number % 2 == 0 else []),
            _body(f"Epic: {name}", draw),
        ),
    )
    yield (
        f"{folder}/{draw.choice(('notes', 'architecture-analysis', 'README'))}.md",
        _body("Notes", draw),
    )
    for task in range(1, _TASKS + 1):
        yield f"{folder}/{task:03d}.md", _text(_task(name, task, draw), _body("Task", draw))


def _prd(name: str, draw: random.Random) -> str:
    lines = [f"name: {name}", f"description: {_sentence(draw)}", "status: backlog"]
    return _text([*lines, f"created: {_date(draw)}"], _body(f"PRD: {name}", draw))


def _task(epic: str, number: int, draw: random.Random) -> list[str]:
    title = f"{draw.choice(_TITLES)} {draw.choice(_THINGS)}, step {number}"
    shape = draw.random()
    if shape < 0.12:
        title = f'"{title}: part {number}"'
    elif shape < 0.2:
        title = f"'{title}'"
    lines = [
        f"name: {title}",
        f"status: {draw.choice(_STATUS)}",
        f"created: {_date(draw)}",
        f"updated: {_date(draw)}",
        f"epic: {epic}",
    ]
    before = [f"{n:03d}" for n in range(max(1, number - 2), number)]
    lines += _list("depends_on", before, draw)
    lines.append(f"parallel: {draw.choice(('true', 'false'))}")
    if draw.random() < 0.4:
        lines += _list("labels", draw.sample(["api", "ui", "docs", "needs review"], 2), draw)
    if draw.random() < 0.3:
        lines.append(f"effort: {draw.randint(1, 16)}h")
    if draw.random() < 0.03:
        lines.append("github:  # filled in by the first sync")
    if draw.random() < 0.03:
        lines += ["description: >", f"  {_sentence(draw)}", f"  {_sentence(draw)}"]
    if draw.random() < 0.02:
        lines.insert(1, "# one task an endpoint")
    return lines


def _list(name: str, values: list[str], draw: random.Random) -> list[str]:
    shape = draw.random()
    if shape < 0.75:
        return [f"{name}: [{', '.join(values)}]"]
    if shape < 0.85:
        return [f"{name}: {', '.join(values)}"]
    return [f"{name}:", *(f"  - {value}" for value in values)]


def _text(fields: list[str], body: str) -> str:
    return "\n".join(["---", *fields, "---", "", body])


def _body(title: str, draw: random.Random) -> str:
    wanted = int(1000 * 8 ** draw.random())  # 1 to 8 KB, the small ones more often
    parts = [f"# {title}", ""]
    size = len(title)
    while size < wanted:
        part = _part(draw)
        parts += [*part, ""]
        size += sum(len(line) + 1 for line in part)
    return "\n".join(parts)


def _part(draw: random.Random) -> list[str]:
    match draw.randrange(6):
        case 0:
            heading = f"## {draw.choice(_TITLES)} {draw.choice(_THINGS)}"
            return [heading, "", *(f"- [ ] {_sentence(draw)}" for _ in range(draw.randint(2, 5)))]
        case 1:
            name = draw.choice(("load", "save", "check"))
            return [
                "```python",
                f"@cached\ndef {name}(item):",
                "    return item.id  # the key",
                "```",
            ]
        case 2:
            return ["| field | meaning |", "|---|---|", f"| `id` | {_sentence(draw)} |"]
        case 3:
            return [f"{_sentence(draw)} See [the plan](../plan.md) and #{draw.randint(1, 900)}."]
        case _:
            return [" ".join(_sentence(draw) for _ in range(draw.randint(2, 4)))]


def _sentence(draw: random.Random) -> str:
    words = draw.choices(_WORDS, k=draw.randint(8, 16))
    return " ".join(words).capitalize() + "."


def _date(draw: random.Random) -> str:
    return (
        f"2026-{draw.randint(1, 12):02d}-{draw.randint(1, 28):02d}T09:{draw.randint(0, 59):02d}:00Z"
    )
