"""The README's pictures of a terminal: ``make pictures`` takes them anew, from real runs.

Each is what a person sees at 80 columns, in the folder of the tutorial.
"""

from __future__ import annotations

import fcntl
import io
import os
import pty
import re
import struct
import subprocess
import sys
import tempfile
import termios
from pathlib import Path

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.terminal_theme import SVG_EXPORT_THEME
from rich.text import Text

DOCS = Path(__file__).parent
COLUMNS = 80
LOCAL_FONTS = re.sub(r"@font-face \{\{.*?\}\}\s*", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL).replace(
    "Fira Code", "Menlo, Consolas, DejaVu Sans Mono"
)
"""Rich's frame without its fonts from a server: a picture in a README asks nobody."""
FILE = re.compile(r"^```markdown (\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def pictures(folder: Path) -> dict[str, str]:
    """Name → SVG, taken in an empty ``folder``."""
    files = FILE.findall((DOCS / "tutorial.md").read_text("utf-8"))
    first = dict(reversed(files))  # of a file that the page changes, its first text
    for path, text in first.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, "utf-8")
    taken = {
        "dry-run": picture("ghsync push --sandbox --dry-run", folder),
        "push": picture("ghsync push --sandbox --yes", folder),
    }
    for path, text in files:
        (folder / path).write_text(text, "utf-8")
    return {**taken, "update": picture("ghsync push --sandbox --dry-run", folder)}


def picture(command: str, folder: Path) -> str:
    """Run a command in a terminal and return what is on its screen, as SVG."""
    screen = Console(
        width=COLUMNS,
        record=True,
        file=io.StringIO(),
        force_terminal=True,
        color_system="truecolor",
        legacy_windows=False,
    )
    screen.print(Text.from_ansi(f"\x1b[1m$ {command}\x1b[0m"))
    screen.print(Text.from_ansi(in_a_terminal(command, folder)))
    return screen.export_svg(
        title="ghsync", theme=SVG_EXPORT_THEME, code_format=LOCAL_FONTS, unique_id="ghsync"
    )


def in_a_terminal(command: str, folder: Path) -> str:
    """Run a command on a terminal of its own; its output there, without its progress."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, COLUMNS, 0, 0))
    program = Path(sys.executable).with_name("ghsync")
    env = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "LANG": "C.UTF-8",
        "TERM": "xterm-256color",
    }
    with subprocess.Popen(
        [program, *command.split()[1:]],
        cwd=folder,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=subprocess.DEVNULL,
    ):
        os.close(theirs)
        return "".join(_read(ours)).replace("\r\n", "\n").rstrip("\n")


def _read(terminal: int) -> list[str]:
    parts: list[bytes] = []
    while True:
        try:
            part = os.read(terminal, 65536)
        except OSError:  # Linux says EIO when the other side has closed it
            part = b""
        if not part:
            os.close(terminal)
            return [b"".join(parts).decode("utf-8")]
        parts.append(part)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        for name, svg in pictures(Path(place)).items():
            (DOCS / "pictures").mkdir(exist_ok=True)
            (DOCS / "pictures" / f"{name}.svg").write_text(svg, "utf-8")
