"""The page of ``--html``, annotations and the Action's outputs, seen from outside."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path

import pytest
from cli.cli_kit import EPIC, Cli

from ghsync.cli.action.runner import Runner

TEXTS = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</noscript><script>alert(1)</script>",
    "</style><svg onload=alert(1)>",
    "</script><b>",
    "[x](javascript:alert(1)) <javascript:alert(1)> ![y](data:text/html,<script>)",
    "<a href=\"javascript:alert(1)\" style='x' onclick=y>z</a>",
    "<iframe src=https://evil.example></iframe><meta http-equiv=refresh content=0>",
    "<!-- --><base href=https://evil.example><form action=https://evil.example>",
    "[a]: javascript:alert(1)\n\n[a] &#106;avascript:x \x00 \u202e",
]
NEVER = {"iframe", "object", "embed", "form", "base", "svg", "math", "link", "frame", "applet"}


class Page(HTMLParser):
    """What a browser would make of a page: tags, addresses, handlers, scripts."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.odd: list[str] = []
        self.scripts = 0
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Judge one tag."""
        self.tags.append(tag)
        self.scripts += tag == "script"
        for name, value in attrs:
            address = name in ("href", "src", "action", "formaction", "poster", "data")
            allowed = (value or "").startswith(("https://", "http://", "#"))
            if name.startswith("on") or name == "style" or (address and not allowed):
                self.odd.append(f"{tag} {name}={value!r}")


def page(cli: Cli, text: str) -> Page:
    """The page of a dry run over items that hold this text everywhere."""
    quoted = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    quoted = "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in quoted)
    cli.shop(1)
    cli.write(
        f"{EPIC}/002.md",
        f'---\nname: "{quoted}"\nstatus: open\nlabels: ["{quoted[:40]}"]\n---\n\n{text}\n',
    )
    target = cli.root / "page.html"
    assert cli("push", "--sandbox", "--dry-run", "--html", target).code in (0, 1)
    return Page(target.read_text(encoding="utf-8"))


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_a_page_holds_the_scripts_of_ghsync_alone(cli: Cli, text: str) -> None:
    """No script, handler, style or address of a text's own, and nothing that loads anything."""
    plain = page(cli, "Plain.")
    found = page(cli, text)
    assert found.scripts == plain.scripts
    assert not NEVER & (set(found.tags) - set(plain.tags))
    assert found.odd == plain.odd


@pytest.mark.parametrize(
    "value", ["a\nb=c", "x\nEOF\ny=z", "ghsync_0\n", "a<<b\nc\nb", "\r\n=\u2028"]
)
def test_no_output_sets_another_one(tmp_path: Path, value: str) -> None:
    """GITHUB_OUTPUT: whatever a value holds, the file says one thing of one name."""
    file = tmp_path / "output"
    Runner({"GITHUB_OUTPUT": str(file)}).outputs({"report": value, "created": "1"})
    lines = file.read_bytes().decode().split("\n")
    found: dict[str, str] = {}
    while lines and lines[0]:
        name, _, end = lines.pop(0).partition("<<")
        at = lines.index(end)
        found[name] = "\n".join(lines[:at])
        del lines[: at + 1]
    assert found == {"report": value, "created": "1"}
