"""A run that is cut short has done what matters most, whatever goes on at once."""

from __future__ import annotations

from pathlib import Path

import ghsync
from ghsync.model import CreateIssue


def write(root: Path, epic: str, tasks: dict[str, str]) -> None:
    """An epic and its tasks, each with a priority."""
    folder = root / ".claude" / "epics" / epic
    folder.mkdir(parents=True)
    (folder / "epic.md").write_text(f"---\nname: {epic}\n---\n")
    for name, priority in tasks.items():
        text = f"---\nname: {epic} {name}\npriority: {priority}\n---\n"
        (folder / f"{name}.md").write_text(text)


def made(root: Path) -> list[str]:
    """Push to the sandbox with GitHub's limits; the keys in the order of their issues."""
    run = ghsync.push(root, sandbox=True)
    assert not run.failed
    numbers = {
        result.operation.key: result.number
        for result in run.results
        if isinstance(result.operation, CreateIssue) and result.number
    }
    return sorted(numbers, key=lambda key: numbers[key])


def test_the_tasks_of_many_epics_go_by_priority(tmp_path: Path) -> None:
    """All that is critical goes first, then all that is high, in whatever epic it is.

    While one waits for its parent or its sibling, one other goes.
    """
    words = ["critical", "high", "medium", "low"]
    for number in range(11):
        write(tmp_path, f"e{number:02}", {f"{i:03}": words[i % 4] for i in range(8)})
    order = [int(key[-1]) % 4 for key in made(tmp_path) if not key.endswith("epic")]
    for place, rank in enumerate(order):
        assert sum(other < rank for other in order[place:]) <= 3


def test_one_urgent_epic_does_not_wait_for_nine_others(tmp_path: Path) -> None:
    """A parent's children go one at a time; meanwhile one other may go, not nine."""
    for number in range(9):
        write(tmp_path, f"e{number}", {f"{i:03}": "low" for i in range(12)})
    write(tmp_path, "urgent", {f"{i:03}": "critical" for i in range(12)})
    order = made(tmp_path)
    last = max(place for place, key in enumerate(order) if "/urgent/" in key)
    assert last < 2 * 13 + 2
