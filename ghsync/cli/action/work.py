"""Carry out the command of the step: load the settings, run it, print it as a terminal shows it."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, assert_never

from ghsync import sync
from ghsync.cli import output, picture, running
from ghsync.cli.action import outcome
from ghsync.cli.action.event import Trigger
from ghsync.cli.action.inputs import Command, Inputs
from ghsync.cli.action.outcome import Outcome
from ghsync.commenting import Kept, keep_comment
from ghsync.config import Config, load_config
from ghsync.config.git import web_url_of
from ghsync.errors import StalePlanError, StoppedError, UsageError, WrongRepositoryError
from ghsync.model import Run, Severity
from ghsync.outcome import exit_code_of
from ghsync.report.markdown import plan_comment
from ghsync.surroundings import Surroundings
from ghsync.values import dataclass

if TYPE_CHECKING:
    from ghsync.applying import PlanFile
    from ghsync.pulling import Pulled

T = TypeVar("T")
_HINT = "docs/action.md lists the inputs."
_PATIENCE = 120.0
"""Seconds that a comment may take, a limit's waiting included: the step is not about it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """One command with its settings."""

    command: Command
    inputs: Inputs
    config: Config
    env: Mapping[str, str]
    web: str
    file: PlanFile | None = None
    """What ``apply`` carries out."""

    @property
    def dry_run(self) -> bool:
        """Whether nothing may be written."""
        return self.inputs.dry_run or self.command is Command.PLAN

    def carry_out(self) -> Outcome:
        """Run the command. Raises :class:`~ghsync.errors.GhsyncError`."""
        match self.command:
            case Command.AUTO | Command.PUSH | Command.PLAN | Command.APPLY:
                picture.ready(self.inputs.html)
                run = self._push() if self.file is None else self._apply(self.file)
                self._show(run)
                return outcome.of_run(run, web=self.web)
            case Command.PULL:
                pulled = self._pull()
                return outcome.of_pull(pulled, web=self.web)
            case Command.SYNC:
                pulled = self._pull()
                run = self._push()
                self._show(run)
                return outcome.of_both(pulled, run, web=self.web)
            case Command.STATUS:
                rows, remote = self._finish(
                    "status", lambda around: sync.status(self.config, around)
                )
                from ghsync.report.text import status_view

                output.view(status_view(rows))
                return outcome.of_status(rows, remote, self.config, web=self.web)
            case Command.LINT:
                return self._lint()
            case _:
                assert_never(self.command)

    def comment(self, run: Run, trigger: Trigger) -> Kept | None:
        """Keep the plan's comment on the pull request; ``None`` where there is none to write to.

        Raises :class:`~ghsync.errors.GhsyncError`.
        """
        if trigger.pull is None or not trigger.repository:
            return None
        number, inside = trigger.pull, self.inputs.path.as_posix()
        body = plan_comment(
            run,
            commit=trigger.sha,
            run_url=trigger.run_url,
            what="" if inside == "." else inside,
            web=self.web,
        )
        worth = run.plan.operations or run.plan.conflicts or run.error
        told = any(finding.severity is Severity.ERROR for finding in run.findings)

        async def write(around: Surroundings) -> Kept:
            async with around.session(self.config, keep=False) as session:
                try:
                    async with asyncio.timeout(_PATIENCE):
                        return await keep_comment(
                            session.client,
                            trigger.repository,
                            number,
                            body,
                            marker=marker_of(str(self.config.repo), inside),
                            start=bool(worth or told),
                        )
                except TimeoutError:
                    raise StoppedError(
                        f"GitHub did not take the comment within {_PATIENCE:.0f} s.",
                        hint="Run the job again; the plan itself is in the step's summary.",
                    ) from None

        return self._finish("comment", write)

    # ------------------------------------------------------------------------- details

    def _push(self) -> Run:
        if self.dry_run:
            around = Surroundings(env=self.env, command="push")
            run = sync.preview(self.config, around)  # without GitHub, where there is none to ask
            if run is not None:
                return run
        return self._finish(
            "push", lambda around: sync.push(self.config, around, dry_run=self.dry_run)
        )

    def _apply(self, file: PlanFile) -> Run:
        from ghsync import applying

        return self._finish(
            "apply",
            lambda around: applying.apply(self.config, around, file, dry_run=self.dry_run),
        )

    def _show(self, run: Run) -> None:
        from ghsync.cli.apply import stale
        from ghsync.report.text import plan_view, run_summary

        planned = run.dry_run or (run.error is not None and not run.spent.writes)
        if isinstance(run.error, StalePlanError | WrongRepositoryError):
            stale(run.error)  # the plan that was made now is not the one that anybody asked for
        else:
            output.view(plan_view(run, now=time.time()) if planned else run_summary(run))
        picture.write(self.inputs.html, run, self.config, exit_code_of(run))

    def _pull(self) -> Pulled:
        from ghsync.report.text import pull_view

        pulled = self._finish(
            "pull", lambda around: sync.pull(self.config, around, dry_run=self.dry_run)
        )
        output.view(pull_view(pulled))
        return pulled

    def _lint(self) -> Outcome:
        from ghsync.report.text import lint_view

        output.notes(self.config.notices)
        loaded, checked = sync.lint(self.config)
        output.view(lint_view(checked.findings, items=len(loaded.items)))
        return outcome.of_lint(checked.findings, items=len(loaded.items), strict=self.config.strict)

    def _finish(self, command: str, work: Callable[[Surroundings], Coroutine[Any, Any, T]]) -> T:
        with running.observer(quiet=False, verbose=False, virtual=self.config.sandbox) as (seen, _):
            return running.finish(
                lambda around: work(replace(around, env=self.env)), command=command, on_event=seen
            )


def load(inputs: Inputs, command: Command, env: Mapping[str, str]) -> Work:
    """Settle the settings. Raises :class:`~ghsync.errors.UsageError`, which names the input."""
    file = None
    try:
        if command is Command.APPLY:
            from ghsync import applying

            if inputs.plan is None:
                raise UsageError("The input plan is empty; apply needs it.", hint=_HINT)
            file = applying.open_plan(inputs.plan)
            config = applying.settle(file, inputs.path, options=inputs.settings, env=env)
        else:
            config = load_config(inputs.path, options=inputs.settings, env=env)
    except UsageError as error:
        if error.message.startswith("--"):
            said = f"The input {error.message.removeprefix('--')}"
            raise UsageError(said, hint=_HINT) from None
        raise
    return Work(
        command=command,
        inputs=inputs,
        config=config,
        env=env,
        web=web_url_of(config.api_url) or env.get("GITHUB_SERVER_URL", "").rstrip("/"),
        file=file,
    )


def prefix_of(root: Path, workspace: str) -> str:
    """The root's path in the checkout, as annotations need it: ``plans/``, or nothing."""
    root = root.absolute()
    for folder in (root, *root.parents):
        if (folder / ".git").exists() or folder == Path(workspace or "/").absolute():
            inside = root.relative_to(folder).as_posix()
            return "" if inside == "." else f"{inside}/"
    return ""


def marker_of(repo: str, path: str) -> str:
    """The hidden first line of a plan's comment; each repository and folder has its own."""
    digest = hashlib.sha256(f"{repo.casefold()}\n{path}".encode()).hexdigest()
    return f"<!-- ghsync:plan={digest[:16]} -->"
