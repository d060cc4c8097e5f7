"""Tables of the documentation that repeat what the code says."""

from __future__ import annotations

import re
from pathlib import Path

from ghsync.errors import ExitCode

ROOT = Path(__file__).resolve().parents[2]


def exit_codes(page: str) -> dict[str, str]:
    """Code → meaning, from the section *Exit codes* of a page."""
    part = (ROOT / page).read_text("utf-8").partition("## Exit codes\n")[2].partition("\n## ")[0]
    return dict(re.findall(r"^\| (\d+) \| (.*) \|$", part, re.MULTILINE))


def test_the_exit_codes_are_the_programs() -> None:
    """The README and the page on output list the same, and each code of the program."""
    assert exit_codes("docs/output.md") == exit_codes("README.md")
    assert {int(code) for code in exit_codes("README.md")} == {int(code) for code in ExitCode}
