"""Runs a page of the documentation: writes its files, runs its commands, compares the outputs."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

BLOCK = re.compile(r"^```(\w+)(?: (\S.*?))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PORT = "8321"
"""The port that the pages name; each test takes a free one instead."""
REST = "…"
"""A line that stands for any lines; at a line's end, for the rest of it."""


@dataclass(frozen=True)
class Step:
    """A command and what the page says it prints; several without output are one step."""

    commands: str
    output: str


def files(page: str) -> Iterator[tuple[int, str, str]]:
    """Where in the page, path and text of each example file."""
    for found in BLOCK.finditer(page):
        if found.group(2):
            yield found.start(), found.group(2), found.group(3)


def sessions(page: str) -> Iterator[tuple[int, tuple[Step, ...]]]:
    """Where in the page, and the steps of, each block of a terminal."""
    for found in BLOCK.finditer(page):
        if found.group(1) == "console":
            parts = re.split(r"^\$ ", found.group(3), flags=re.MULTILINE)[1:]
            steps: list[Step] = []
            for part in parts:
                command, _, output = part.partition("\n")
                if steps and not steps[-1].output:
                    steps[-1] = Step(f"{steps[-1].commands}\n{command}", output)
                else:
                    steps.append(Step(command, output))
            yield found.start(), tuple(steps)


def agrees(said: str, printed: str) -> bool:
    """Whether the page's output is what was printed, ``…`` standing for what it leaves out."""
    lines = (
        r"(?:.*\n)*" if line == REST else re.escape(line).replace(REST, ".*") + r"\n"
        for line in said.strip("\n").splitlines()
    )
    return re.fullmatch("".join(lines), printed.strip("\n") + "\n") is not None or said == printed


def run_page(page: Path, folder: Path) -> list[str]:
    """Run the page in ``folder``; what did not come out as it says."""
    text = page.read_text("utf-8")
    todo: list[tuple[int, str | tuple[Step, ...], str]] = [
        *((at, path, content) for at, path, content in files(text)),
        *((at, steps, "") for at, steps in sessions(text)),
    ]
    wrong: list[str] = []
    port = free_port()
    for _, what, content in sorted(todo, key=lambda each: each[0]):
        if isinstance(what, str):
            target = folder / what
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(content, "utf-8")
            continue
        for step in what:
            done = run(step.commands.replace(PORT, port), folder)
            if not agrees(step.output, done.stdout) or done.returncode:
                wrong.append(f"$ {step.commands}\n{done.stdout}[{done.returncode}]\n{done.stderr}")
    return wrong


def run(commands: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the commands in a shell that finds ``ghsync``, at 80 columns, without a token."""
    env = {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(folder),
        "LANG": "C.UTF-8",
        "COLUMNS": "80",
        "GIT_CEILING_DIRECTORIES": str(folder.parent),
    }
    with subprocess.Popen(
        ["bash", "-c", commands],
        cwd=folder,
        env=env,
        text=True,
        encoding="utf-8",
        start_new_session=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as shell:
        try:
            out, err = shell.communicate(timeout=60)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(shell.pid, signal.SIGKILL)
    return subprocess.CompletedProcess(commands, shell.returncode, out, err)


def free_port() -> str:
    """A port that nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return str(one.getsockname()[1])
