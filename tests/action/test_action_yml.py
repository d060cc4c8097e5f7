"""``action.yml`` is what the program reads and what the page says; what it installs is pinned."""

from __future__ import annotations

import re
import shutil
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from action.action_kit import ROOT, Job, World, action, evaluate, expression, heard, read_outputs
from packaging.requirements import Requirement
from packaging.version import Version

from ghsync.cli.action import inputs, work
from ghsync.cli.action.outcome import Outcome
from ghsync.cli.action.runner import heredoc

PAGE = ROOT / "docs/action.md"
PINS = ROOT / "action/constraints.txt"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


class Asked(Mapping[str, str]):
    """An environment without anything that remembers what it was asked for."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def __getitem__(self, name: str) -> str:
        self.names.append(name)
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


def steps() -> list[dict[str, Any]]:
    """The steps of the Action."""
    found: list[dict[str, Any]] = action()["runs"]["steps"]
    return found


def test_each_input_reaches_the_program() -> None:
    """By a variable of its own, and the program reads no other."""
    env = steps()[-1]["env"]
    names = {name: f"INPUT_{name.upper().replace('-', '_')}" for name in action()["inputs"]}
    asked = Asked()
    inputs.read(asked)
    assert {*asked.names, "INPUT_TOKEN"} == set(names.values())
    wanted = {variable: f"${{{{ inputs.{name} }}}}" for name, variable in names.items()}
    assert {k: v for k, v in env.items() if k.startswith("INPUT_")} == wanted


def test_no_program_that_is_started_later_sees_the_token() -> None:
    """Inputs leave the environment before anything else, and the job's own token with them."""
    environ = {"INPUT_TOKEN": " one ", "INPUT_PATH": "x", "GITHUB_TOKEN": "two", "HOME": "/h"}
    env = inputs.take(environ)
    assert environ == {"HOME": "/h"}
    assert (env["GITHUB_TOKEN"], "INPUT_TOKEN" in env, env["INPUT_PATH"]) == ("one", False, "x")
    environ = {"INPUT_TOKEN": "", "GITHUB_TOKEN": "two"}
    assert inputs.take(environ)["GITHUB_TOKEN"] == "two"


def test_a_plan_has_its_own_comment() -> None:
    """One for each repository and folder; GitHub's names know no case."""
    made = {work.marker_of(*of) for of in (("o/r", "."), ("o/r", "a"), ("o/s", "."), ("O/R", "."))}
    assert len(made) == 3


def test_annotations_are_placed_in_their_own_checkout(tmp_path: Path) -> None:
    """A second repository in a folder of the workspace has paths of its own."""
    (tmp_path / "second/.git").mkdir(parents=True)
    (tmp_path / "second/plans").mkdir()
    assert work.prefix_of(tmp_path / "second/plans", str(tmp_path)) == "plans/"
    assert work.prefix_of(tmp_path / "second", str(tmp_path)) == ""
    assert work.prefix_of(tmp_path / "plans", str(tmp_path)) == "plans/"


def test_each_output_is_set_by_the_program() -> None:
    """And every one that it sets is offered."""
    outcome = Outcome(code=0, document={}, summary="")
    made = {*outcome.outputs, "report", "plan", "comment-url"}
    values = {name: each["value"] for name, each in action()["outputs"].items()}
    assert values == {name: f"${{{{ steps.run.outputs.{name} }}}}" for name in made}


def test_no_expression_is_in_a_script() -> None:
    """Inputs reach the shell through ``env:`` alone; other actions are named by commit."""
    for step in steps():
        assert "${{" not in step.get("run", "")
        assert step.get("shell", "bash") == "bash"
        assert re.fullmatch(r"actions/setup-python@[0-9a-f]{40}", step.get("uses", "")) or (
            "uses" not in step
        )
    for each in (*action()["inputs"].values(), *action()["outputs"].values()):
        assert "${{" not in each["description"], "the runner would not load the file"
    assert all(each["description"] and "default" in each for each in action()["inputs"].values())


def test_python_is_isolated() -> None:
    """Each Python is started with ``-I``: no module of the workspace, no PYTHONPATH."""
    for step in steps():
        for line in step.get("run", "").splitlines():
            starts = re.search(r'"\$(?:found|BASE_PYTHON|python|GHSYNC_PYTHON)" (?!= )(.*)', line)
            if starts and not starts[1].startswith(("]", ";", ">")):
                assert starts[1].startswith("-I "), line


def test_what_is_installed_is_pinned() -> None:
    """By version and hash, without a host; each dependency of the project, within its range."""
    text = PINS.read_text("utf-8")
    assert "://" not in text
    assert "--index" not in text
    pin = r"^([\w.-]+)==([\w.]+)[^\n]*\n(?: +--hash=sha256:[0-9a-f]{64}.*\n)+"
    blocks = re.findall(pin, text, re.MULTILINE)
    assert len(blocks) == len(re.findall(r"^\S", text, re.MULTILINE))
    pinned = {name.casefold().replace("_", "-"): Version(version) for name, version in blocks}
    for each in (*PROJECT["project"]["dependencies"], *PROJECT["build-system"]["requires"]):
        requirement = Requirement(each)
        name = requirement.name.casefold()
        hint = f"{name}: run `make pins`"
        assert name in pinned, hint
        assert pinned[name] in requirement.specifier, hint


def test_the_page_is_the_file() -> None:
    """``docs/action.md`` has a row for each input and output, in the file's own words."""

    def row(name: str, each: Mapping[str, str], *more: str) -> str:
        return f"| {' | '.join((f'`{name}`', *more, ' '.join(each['description'].split())))} |"

    page = PAGE.read_text("utf-8")
    rows = [line for line in page.splitlines() if re.match(r"\| `[\w-]+` \|", line)]
    wanted = [
        row(name, each, f"`{each['default']}`" if each["default"] else "")
        for name, each in action()["inputs"].items()
    ]
    wanted += [row(name, each) for name, each in action()["outputs"].items()]
    assert rows == wanted, "\n".join(["docs/action.md should hold:", *wanted])


@pytest.mark.parametrize("value", ["x", "", "a\nb", "a\nEOF\ncreated=9", "x<<y\nz", "ü\u2028%0A"])
def test_an_output_is_read_back(value: str) -> None:
    """No value ends early or makes another output."""
    text = heredoc("first", value) + heredoc("second", "2")
    assert read_outputs(text) == {"first": value.replace("\u2028", "\n"), "second": "2"}


def test_the_kit_is_like_a_runner() -> None:
    """Expressions, and which commands of a log are heard."""
    contexts = {"inputs": {"a": "1"}, "steps": {"x": {"outputs": {"dry-run": ""}}}}
    text = "${{ inputs.a }}-${{ steps.x.outputs.dry-run || 'none' }}"
    assert evaluate(text, contexts) == "1-none"
    assert expression("steps.x.outputs.dry-run == '' && inputs.a != '2'", contexts) is True
    log = "::error::a\n::stop-commands::k\n::error::b\n##[error]c\n::k::\n ::notice x=1::d"
    assert heard(log) == ["::error::a", "::notice x=1::d"]


@pytest.mark.soak
def test_it_installs_itself(world: World, tmp_path: Path) -> None:
    """The installation as a runner does it: from its own folder, without git, by the pins."""
    copy = tmp_path / "action"
    for name in ("action", "ghsync", "examples"):
        shutil.copytree(ROOT / name, copy / name)
    for name in ("action.yml", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, copy / name)
    job = Job(tmp_path / "job", world.url, action_path=copy).example("ccpm-shop")
    done = job.use()
    assert (done.code, done.outputs["created"]) == (0, "12"), done.log
    assert job.use().code == 0
