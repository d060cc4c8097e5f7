"""The program that ``action.yml`` starts: one command, then outputs, summary and annotations."""

from __future__ import annotations

import os
import sys
import tempfile
import traceback
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from ghsync import __version__
from ghsync.cli.action import event, inputs, outcome, work
from ghsync.cli.action.event import Trigger
from ghsync.cli.action.inputs import Command
from ghsync.cli.action.outcome import Outcome
from ghsync.cli.action.runner import Runner
from ghsync.cli.action.work import Work
from ghsync.commenting import Fate
from ghsync.errors import (
    AuthError,
    ExitCode,
    GhsyncError,
    InternalError,
    RunInterruptedError,
)
from ghsync.report import words
from ghsync.report.annotations import commands
from ghsync.report.jsonout import dumps
from ghsync.report.paper import escape, link
from ghsync.values import dataclass

_HERE = "In a workflow: the input token, and the job's permissions (docs/action.md)."
_FORK = "The plan is not commented on the pull request: a workflow of a fork may only read."


@dataclass(frozen=True, slots=True, kw_only=True)
class _Note:
    """What is said below the summary about the comment, and its address."""

    text: str = ""
    url: str = ""
    warning: str = ""


def main() -> int:
    """Run the step; give its exit code. Nothing escapes as a traceback."""
    reconfigure = getattr(sys.stdout, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="backslashreplace")
    env = inputs.take(os.environ)
    runner = Runner(env)
    prefix, note = "", _Note()
    with runner.unheard():
        ended, task, trigger = _carry_out(env)
        if task is not None:
            prefix = work.prefix_of(task.config.root, env.get("GITHUB_WORKSPACE", ""))
            note = _comment(task, ended, trigger)
    _tell(runner, ended, prefix, note)
    runner.summary("\n\n".join(filter(None, (ended.summary.rstrip(), note.text))) + "\n")
    runner.outputs({**ended.outputs, **_files(env, ended), "comment-url": note.url})
    return int(ended.code)


def _carry_out(env: Mapping[str, str]) -> tuple[Outcome, Work | None, Trigger]:
    """Read the inputs and run the command; whatever goes wrong is an outcome, too."""
    command, task, dry_run = Command.AUTO, None, False
    trigger = event.read(env)
    try:
        given = inputs.read(env)
        command, dry_run = trigger.settle(given.command), given.dry_run
        if given.command is Command.AUTO:
            print(f"ghsync: {command} ({trigger.event or 'no event'})", flush=True)
        task = work.load(given, command, env)
        return task.carry_out(), task, trigger
    except BaseException as error:  # noqa: BLE001 (the last line of defence against a traceback)
        found = _error(error, env)
        name = "push" if command in (Command.AUTO, Command.PLAN) else command.value
        dry = dry_run or command is Command.PLAN
        return outcome.of_error(name, found, dry_run=dry), task, trigger


def _error(error: BaseException, env: Mapping[str, str]) -> GhsyncError:
    if env.get("RUNNER_DEBUG") == "1":
        traceback.print_exception(error)
    match error:
        case AuthError():
            error.hint = f"{error.hint} {_HERE}".strip()
            return error
        case GhsyncError():
            return error
        case KeyboardInterrupt():
            hint = "Run the step again; what is done is not done twice."
            return RunInterruptedError("Interrupted.", hint=hint)
        case _:
            return InternalError(
                f"A bug in ghsync {__version__}: {type(error).__name__}: {error}",
                hint="Please report it; a run with debug logging shows the whole trace.",
            )


def _comment(task: Work, ended: Outcome, trigger: Trigger) -> _Note:
    """Put the plan on the pull request; that it cannot be put there fails nothing."""
    run = ended.run
    if run is None or not run.dry_run or trigger.pull is None or not task.inputs.comment:
        return _Note()
    if trigger.from_fork:
        return _Note(text=_FORK)
    if run.remote != "github":
        return _Note(text="The plan is not commented on the pull request: GitHub was not read.")
    try:
        kept = task.comment(run, trigger)
    except BaseException as caught:  # noqa: BLE001 (the plan is made: what else there is, is told)
        error = _error(caught, task.env)
        said = f"The plan could not be commented on the pull request: {error.message[:200]}"
        needs = "The comment needs `permissions: pull-requests: write`, or `comment: false`."
        return _Note(text=f"{escape(said)}\n\n{needs}", warning=f"{said} {needs}")
    if kept is None or kept.fate is Fate.NOT_NEEDED:
        return _Note()
    return _Note(text=f"The plan is {link('on the pull request', kept.url)}.", url=kept.url)


def _tell(runner: Runner, ended: Outcome, prefix: str, note: _Note) -> None:
    """Say on the run's page what is wrong, and at which line."""
    runner.annotate(commands(ended.findings, prefix=prefix))
    if note.warning:
        runner.warning(note.warning)
    if ended.error is not None:
        say = runner.warning if ended.code == ExitCode.STOPPED else runner.error
        say(f"{ended.error.message}\n{ended.error.hint}".strip())
    if ended.failed:
        runner.error(f"{words.count(ended.failed, 'item')} failed; the summary says why.")
    if ended.conflicts:
        text = f"{words.count(ended.conflicts, 'item')} in conflict: both sides changed the same."
        runner.warning(text)


def _files(env: Mapping[str, str], ended: Outcome) -> dict[str, str]:
    """Write report and plan where later steps can read them; give the paths of what there is."""
    found = {"report": "", "plan": ""}
    with suppress(OSError):  # a full disk: the step did what it did
        folder = Path(tempfile.mkdtemp(prefix="ghsync-", dir=env.get("RUNNER_TEMP") or None))
        report = folder / "report.json"
        report.write_text(f"{dumps(ended.document)}\n", encoding="utf-8")
        found["report"] = str(report)
        if ended.run is not None and ended.run.dry_run and ended.run.command == "push":
            from ghsync.saving import save

            with suppress(GhsyncError):  # refused, or made without GitHub: there is nothing to keep
                save(ended.run, folder / "plan.json")
                found["plan"] = str(folder / "plan.json")
    return found


if __name__ == "__main__":
    sys.exit(main())
