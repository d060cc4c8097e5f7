"""What the tests of the Action share: a runner in small, which executes ``action.yml``'s own steps.

It does what GitHub's runner does with a composite action: evaluates the expressions, runs each
``run:`` with bash in an environment of its own, and reads the files that the step wrote. The
environment is empty but for what a runner sets, so a step cannot lean on this machine.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

import pytest
import yaml
from cli.cli_kit import judged

from ghsync.sandbox.github import GitHub
from ghsync.sandbox.people import Person, add_token
from ghsync.sandbox.records import Comment, Role

ROOT = Path(__file__).resolve().parents[2]
REPO = "octo/plans"
BOT = "github-actions[bot]"
TOKEN = "ghs_workflow-token"


@cache
def action() -> dict[str, Any]:
    """``action.yml``."""
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
    return loaded


# ------------------------------------------------------------------------ expressions

_TOKEN = re.compile(r"\s*(==|!=|\|\||&&|!|\(|\)|'(?:[^']|'')*'|[A-Za-z_][\w.-]*)")


def evaluate(text: str, contexts: Mapping[str, Any]) -> str:
    """Put the values of ``${{ … }}`` into a text; what is not known is empty, as on GitHub."""
    return re.sub(
        r"\$\{\{(.*?)\}\}", lambda found: shown(expression(found[1], contexts)), text, flags=re.S
    )


def expression(text: str, contexts: Mapping[str, Any]) -> Any:
    """The value of one expression: names, texts, ``==``, ``!=``, ``!``, ``&&`` and ``||``."""
    words = _TOKEN.findall(text)
    assert "".join(words) == re.sub(r"\s(?=(?:[^']*'[^']*')*[^']*$)", "", text), text
    value, rest = _either(words, contexts)
    assert not rest, f"{text!r}: {rest}"
    return value


def _either(words: list[str], contexts: Mapping[str, Any]) -> tuple[Any, list[str]]:
    value, words = _both(words, contexts)
    while words[:1] == ["||"]:
        other, words = _both(words[1:], contexts)
        value = value or other
    return value, words


def _both(words: list[str], contexts: Mapping[str, Any]) -> tuple[Any, list[str]]:
    value, words = _compared(words, contexts)
    while words[:1] == ["&&"]:
        other, words = _compared(words[1:], contexts)
        value = value and other
    return value, words


def _compared(words: list[str], contexts: Mapping[str, Any]) -> tuple[Any, list[str]]:
    value, words = _single(words, contexts)
    if words[:1] in (["=="], ["!="]):
        sign = words[0]
        other, words = _single(words[1:], contexts)
        same = shown(value).casefold() == shown(other).casefold()
        value = same if sign == "==" else not same
    return value, words


def _single(words: list[str], contexts: Mapping[str, Any]) -> tuple[Any, list[str]]:
    head, rest = words[0], words[1:]
    if head == "!":
        value, rest = _single(rest, contexts)
        return not value, rest
    if head == "(":
        value, rest = _either(rest, contexts)
        assert rest[:1] == [")"]
        return value, rest[1:]
    if head.startswith("'"):
        return head[1:-1].replace("''", "'"), rest
    if rest[:2] == ["(", ")"]:
        return contexts["functions"][head], rest[2:]
    value = contexts
    for part in head.split("."):
        value = value.get(part, "") if isinstance(value, Mapping) else ""
    return value, rest


def shown(value: Any) -> str:
    """A value as an expression puts it into a text."""
    return str(value).lower() if isinstance(value, bool) else str(value)


# ----------------------------------------------------------------------------- runner


def read_outputs(text: str) -> dict[str, str]:
    """Read a file of outputs as the runner does: ``name=value``, or lines up to a delimiter."""
    found: dict[str, str] = {}
    lines = iter(text.splitlines())
    for line in lines:
        if re.match(r"[^=]+<<", line):
            name, _, end = line.partition("<<")
            value = []
            for inner in lines:
                if inner == end:
                    break
                value.append(inner)
            else:
                raise AssertionError(f"{name}: no {end}")
            found[name] = "\n".join(value)
        elif line:
            name, equals, value_ = line.partition("=")
            assert equals, line
            found[name] = value_
    return found


def heard(log: str) -> list[str]:
    """The workflow commands that the runner obeys in a log."""
    found, waiting_for = [], None
    for line in log.splitlines():
        command = re.match(r"\s*::([\w-]+)(?: [^:]*)?::", line)
        if waiting_for is not None:
            if line.strip() == f"::{waiting_for}::":
                waiting_for = None
        elif command and command[1] == "stop-commands":
            waiting_for = line.strip().removeprefix("::stop-commands::")
        elif command:
            found.append(line.strip())
        elif "##[" in line:
            found.append(line)
    return found


@dataclass(frozen=True)
class Done:
    """How the action ended."""

    code: int
    outputs: dict[str, str]
    summary: str
    log: str
    """Both streams, as the runner merges them."""

    @property
    def commands(self) -> list[str]:
        """What the runner obeyed."""
        return heard(self.log)

    @property
    def report(self) -> dict[str, Any]:
        """The JSON document, which is as its published schema says."""
        return judged(json.loads(Path(self.outputs["report"]).read_text("utf-8")))


Use: TypeAlias = Callable[..., Done]
"""Calls the program with inputs."""


@dataclass
class Job:
    """A job of a workflow: a workspace, the runner's folders and variables."""

    folder: Path
    url: str
    token: str = TOKEN
    env: dict[str, str] = field(default_factory=dict)
    action_path: Path = ROOT
    process: subprocess.Popen[bytes] | None = None
    """The step that was started last; one that ends in ``exec`` is the program itself."""
    _steps: int = 0

    def __post_init__(self) -> None:
        self.workspace.mkdir(parents=True)
        self.temp.mkdir()
        (self.folder / "home").mkdir()
        self.event("push", ref="refs/heads/main")

    @property
    def workspace(self) -> Path:
        """Where the repository is checked out."""
        return self.folder / "workspace"

    @property
    def temp(self) -> Path:
        """``RUNNER_TEMP``."""
        return self.folder / "temp"

    def installed(self) -> Job:
        """Let the installation be done already, as after an earlier use in the same job.

        The step that installs is still executed; it finds what it would have made.
        """
        place = self.temp / "ghsync-action"
        (place / "bin").mkdir(parents=True)
        starter = place / "bin" / "python"
        starter.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
        starter.chmod(0o755)
        (place / "installed").write_text(str(self.action_path))
        return self

    def event(self, name: str, *, ref: str = "refs/pull/1/merge", **payload: Any) -> Job:
        """Say which event started the run, with what GitHub sends of it."""
        payload.setdefault("repository", {"full_name": REPO, "default_branch": "main"})
        path = self.folder / "event.json"
        path.write_text(json.dumps(payload))
        self.env |= {
            "GITHUB_EVENT_NAME": name,
            "GITHUB_EVENT_PATH": str(path),
            "GITHUB_REF": ref,
        }
        return self

    def pull_request(self, number: int, *, fork: bool = False) -> Job:
        """A run for a pull request, of a branch or of a fork."""
        head = {
            "sha": "c0ffee" * 6 + "c0ff",
            "repo": {"full_name": "other/plans" if fork else REPO},
        }
        return self.event(
            "pull_request",
            ref=f"refs/pull/{number}/merge",
            pull_request={"number": number, "head": head, "base": {"repo": {"full_name": REPO}}},
        )

    def use(self, **inputs: str) -> Done:
        """Use the action with these inputs (``dry_run`` is ``dry-run``), as a step of the job."""
        contexts = self._contexts(inputs)
        code, summary, log = 0, "", ""
        for step in action()["runs"]["steps"]:
            if code or not expression(step.get("if", "'x'"), contexts):
                continue
            assert "uses" not in step, "no step of another action is executed here"
            ended = self.run(step, contexts)
            code, log, summary = ended.code, log + ended.log, summary + ended.summary
            contexts["steps"][step["id"]] = {"outputs": ended.outputs}
        outputs = {
            name: evaluate(each["value"], contexts) for name, each in action()["outputs"].items()
        }
        return Done(code, outputs, summary, log)

    def call(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], **inputs: str
    ) -> Done:
        """Call the program of the last step in this process, with the variables of that step."""
        from ghsync.cli.action.__main__ import main

        contexts = self._contexts(inputs)
        files = {name: self.folder / name for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
        for file in files.values():
            file.write_text("")
        step = action()["runs"]["steps"][-1]
        env = {n: evaluate(str(v), contexts) for n, v in step["env"].items()}
        env |= self.variables() | {name: str(file) for name, file in files.items()}
        with monkeypatch.context() as patched:
            patched.chdir(self.workspace)
            for name in os.environ:
                patched.delenv(name)
            for name, text in env.items():
                patched.setenv(name, text)
            capsys.readouterr()
            code = main()
        log = "".join(capsys.readouterr())
        assert "Traceback" not in log, log
        outputs = read_outputs(files["GITHUB_OUTPUT"].read_text("utf-8"))
        return Done(code, outputs, files["GITHUB_STEP_SUMMARY"].read_text("utf-8"), log)

    def _contexts(self, inputs: Mapping[str, str]) -> dict[str, Any]:
        known = action()["inputs"]
        given = {name.replace("_", "-"): text for name, text in inputs.items()}
        assert given.keys() <= known.keys()
        contexts: dict[str, Any] = {
            "github": {"token": self.token},
            "runner": {"temp": str(self.temp)},
            "steps": {},
        }
        contexts["inputs"] = {
            name: given.get(name, evaluate(str(each.get("default", "")), contexts))
            for name, each in known.items()
        }
        return contexts

    def run(self, step: Mapping[str, Any], contexts: Mapping[str, Any]) -> Done:
        """Run the script of one step."""
        assert step.get("shell", "bash") == "bash"
        self._steps += 1
        place = self.folder / f"step-{self._steps}"
        place.mkdir()
        script = place / "script.sh"
        script.write_text(evaluate(step["run"], contexts))
        files = {name: place / name for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
        for file in files.values():
            file.touch()
        env = self.variables() | {name: str(file) for name, file in files.items()}
        env |= {name: evaluate(str(v), contexts) for name, v in step.get("env", {}).items()}
        with subprocess.Popen(
            ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", str(script)],
            cwd=self.workspace, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        ) as process:  # fmt: skip
            self.process = process
            log = process.communicate(timeout=300)[0].decode("utf-8")
        assert "Traceback" not in log, log
        outputs = read_outputs(files["GITHUB_OUTPUT"].read_text("utf-8"))
        summary = files["GITHUB_STEP_SUMMARY"].read_text("utf-8")
        return Done(process.returncode, outputs, summary, log)

    def variables(self) -> dict[str, str]:
        """What a runner sets for a step of a composite action; ``PATH`` is this machine's."""
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder / "home"),
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "GITHUB_ACTION_PATH": str(self.action_path),
            "GITHUB_API_URL": self.url,
            "GITHUB_SERVER_URL": "https://github.com",
            "GITHUB_REPOSITORY": REPO,
            "GITHUB_RUN_ID": "42",
            "GITHUB_SHA": "a" * 40,
            "GITHUB_WORKSPACE": str(self.workspace),
            "RUNNER_OS": "Linux",
            "RUNNER_TEMP": str(self.temp),
            "GHSYNC_SETTLE": "0",
            **self.env,
        }

    # ------------------------------------------------------------------------- project

    def example(self, name: str, *, into: str = ".") -> Job:
        """Check out one of the examples."""
        shutil.copytree(ROOT / "examples" / name, self.workspace / into, dirs_exist_ok=True)
        return self

    def write(self, path: str, text: str) -> Path:
        """Write a file of the project."""
        target = self.workspace / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
        return target

    def item(self, path: str, title: str, body: str = "Text.") -> Path:
        """Write an item; the title is quoted as YAML quotes any text."""
        head = f"---\nname: {json.dumps(title)}\nstatus: open\n---\n"
        return self.write(path, f"{head}\n{body}\n")


def workflows_bot(github: GitHub, *, now: float = 0.0) -> Person:
    """Give a repository's workflow its token; who owns the repository."""
    octo = Person(github, REPO, login="octo", now=now)
    add_token(github, TOKEN, login=BOT, installation=True)
    octo.add_collaborator(BOT, Role.WRITE, now=now)
    return octo


@dataclass(frozen=True)
class World:
    """A GitHub, and who owns the repository on it."""

    github: GitHub
    url: str
    octo: Person

    @property
    def titles(self) -> list[str]:
        """The titles of all issues, sorted: what was made twice is there twice."""
        issues = self.octo.repo.issues.values()
        return sorted(issue.title for issue in issues if not issue.pull)

    @property
    def comments(self) -> list[Comment]:
        """All comments."""
        return list(self.octo.repo.comments.values())

    def open_pull(self) -> int:
        """Open a pull request; its number."""
        return self.octo.open_pull_request("Plan the shop", now=0.0).number
