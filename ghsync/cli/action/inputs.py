"""The inputs of ``action.yml``, from the variables that it puts them into."""

from __future__ import annotations

from collections.abc import Callable, Mapping, MutableMapping
from enum import StrEnum
from pathlib import Path
from typing import Final, TypeVar

from ghsync.errors import UsageError
from ghsync.values import dataclass

T = TypeVar("T")
PREFIX: Final = "INPUT_"
_HINT = "docs/action.md lists the inputs."


class Command(StrEnum):
    """What the step does."""

    AUTO = "auto"
    """Push on the default branch, plan everywhere else."""
    PUSH = "push"
    PLAN = "plan"
    APPLY = "apply"
    """Carry out a plan file."""
    PULL = "pull"
    SYNC = "sync"
    STATUS = "status"
    LINT = "lint"


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """What the workflow asked for; settings that it left out are ``None`` or empty."""

    command: Command
    path: Path
    plan: Path | None
    """The plan file that ``apply`` carries out."""
    html: Path | None
    repo: str | None
    layout: tuple[str, ...]
    only: tuple[str, ...]
    dry_run: bool
    strict: bool | None
    archived: bool | None
    on_conflict: str | None
    max_time: str | None
    limit: int | None
    prune: bool | None
    allow_changes: int | None
    write_back: bool | None
    sandbox: bool | None
    comment: bool

    @property
    def settings(self) -> dict[str, object]:
        """The inputs that are settings, for :func:`ghsync.config.load_config`."""
        return {
            "repo": self.repo,
            "layout": self.layout,
            "only": self.only,
            "strict": self.strict,
            "archived": self.archived,
            "on_conflict": self.on_conflict,
            "max_time": self.max_time,
            "limit": self.limit,
            "prune": self.prune,
            "allow_changes": self.allow_changes,
            "write_back": self.write_back,
            "sandbox": self.sandbox,
        }


def take(environ: MutableMapping[str, str]) -> dict[str, str]:
    """Take the inputs out of the environment, so that no program started later sees the token.

    Returns what is left, with the input ``token`` in the place of ``GITHUB_TOKEN``, and the inputs.
    """
    env = dict(environ)
    for name in [name for name in environ if name.startswith(PREFIX)]:
        del environ[name]
    token = env.pop(f"{PREFIX}TOKEN", "").strip()
    if token:
        env["GITHUB_TOKEN"] = token
        environ.pop("GITHUB_TOKEN", None)
    return env


def read(env: Mapping[str, str]) -> Inputs:
    """Read the inputs; an empty one counts as left out.

    Raises :class:`~ghsync.errors.UsageError`, which names the input.
    """

    def given(name: str, read_one: Callable[[str], T]) -> T | None:
        text = env.get(PREFIX + name.upper().replace("-", "_"), "").strip()
        if not text:
            return None
        try:
            return read_one(text)
        except ValueError as error:
            raise UsageError(f"The input {name} {error}", hint=_HINT) from None

    return Inputs(
        command=given("command", _command) or Command.AUTO,
        path=given("path", Path) or Path(),
        plan=given("plan", Path),
        html=given("html", Path),
        repo=given("repo", str),
        layout=given("layout", _words) or (),
        only=given("only", _lines) or (),
        dry_run=given("dry-run", _flag) or False,
        strict=given("strict", _flag),
        archived=given("archived", _flag),
        on_conflict=given("on-conflict", _on_conflict),
        max_time=given("max-time", str),
        limit=given("limit", _whole),
        prune=given("prune", _flag),
        allow_changes=given("allow-changes", _whole),
        write_back=given("write-back", _flag),
        sandbox=given("sandbox", _flag),
        comment=given("comment", _flag) is not False,
    )


def _command(text: str) -> Command:
    try:
        return Command(text)
    except ValueError:
        raise ValueError(f"is {text!r}, not one of {', '.join(Command)}") from None


def _flag(text: str) -> bool:
    # The words of YAML's core schema, as the toolkit's getBooleanInput takes them.
    if text not in ("true", "True", "TRUE", "false", "False", "FALSE"):
        raise ValueError(f"is {text!r}, neither true nor false")
    return text.lower() == "true"


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or len(text) > 9:
        raise ValueError(f"is {text!r}, not a whole number")
    return int(text)


def _on_conflict(text: str) -> str:
    if text not in ("skip", "local", "remote"):
        raise ValueError(f"is {text!r}, not one of skip, local, remote")
    return text


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.replace(",", " ").split())


def _lines(text: str) -> tuple[str, ...]:
    return tuple(filter(None, (line.strip() for line in text.splitlines())))
