"""The group of commands. What ends in an error is told in :mod:`ghsync.cli.ending`.

Commands are imported when they are called: ``ghsync --help`` loads none of them.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING

import click

from ghsync import __version__
from ghsync.cli.invocation import Invocation
from ghsync.errors import ExitCode

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

_CLICKS_LEAST = 52
_COMMANDS: dict[str, tuple[str, str]] = {
    "init": ("ghsync.cli.init:init", "Look at a folder and write a commented ghsync.toml."),
    "items": ("ghsync.cli.files:items", "List the items, and the files that are none and why."),
    "lint": ("ghsync.cli.files:lint", "Check the files against GitHub's limits."),
    "push": ("ghsync.cli.push:push", "Bring the issues to the files; preview with --dry-run."),
    "apply": ("ghsync.cli.apply:apply", "Carry out a plan that a dry run kept in a file."),
    "pull": ("ghsync.cli.pull:pull", "Bring what changed on GitHub into the files."),
    "sync": ("ghsync.cli.pull:both", "Pull, then push."),
    "retry": ("ghsync.cli.again:retry", "Push again what failed in the last push."),
    "undo": ("ghsync.cli.again:undo", "Take back what a push did; the plan is shown first."),
    "status": ("ghsync.cli.state:status", "Say which items and issues are out of step."),
    "diff": ("ghsync.cli.differ:diff", "Show what differs between files and issues."),
    "runs": ("ghsync.cli.runs:runs", "Look at earlier runs; pause or cancel one under way."),
    "map": ("ghsync.cli.state:map_group", "Look at the sync map, or mend it."),
    "token": ("ghsync.cli.token:token", "Keep a token in the keyring; say where it comes from."),
    "doctor": ("ghsync.cli.doctor:doctor", "Check token, repository, files and limits."),
    "sandbox": ("ghsync.cli.sandbox:sandbox", "Serve or reset the embedded GitHub."),
    "demo": ("ghsync.cli.demo:demo", "Push the examples to the sandbox and watch."),
    "completion": ("ghsync.cli.completion:completion", "Print a shell's completion script."),
}


class LazyGroup(click.Group):
    """A group that knows its commands' names and one-line helps without importing them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands, in the order in which a newcomer meets them."""
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command."""
        if cmd_name not in _COMMANDS:
            return None
        module, _, name = _COMMANDS[cmd_name][0].partition(":")
        command: click.Command = getattr(import_module(module), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in _COMMANDS.items()])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem[str]]:
        """Offer the commands without importing them."""
        from click.shell_completion import CompletionItem

        named = [
            CompletionItem(name, help=text)
            for name, (_, text) in _COMMANDS.items()
            if name.startswith(incomplete)
        ]
        return [*named, *click.Command.shell_complete(self, ctx, incomplete)]


@click.group(
    cls=LazyGroup,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, "-V", "--version", prog_name="ghsync")
@click.pass_context
def cli(ctx: click.Context) -> None:
    """Keep planning markdown (PRDs, epics, tasks) and GitHub Issues in step."""
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


def run(arguments: Sequence[str]) -> int:
    """Run the command line; return its exit code. Nothing escapes as a traceback."""
    if asked_by_shell := os.environ.get("_GHSYNC_COMPLETE"):
        from ghsync.cli.completion import answer

        return answer(cli, asked_by_shell)
    invocation = Invocation(arguments)
    code = _run(invocation)
    if invocation.log is not None:
        invocation.log.end(code)
    return code


def _narrow() -> int | None:
    """The width of the help on a terminal that is narrower than click thinks possible."""
    try:
        columns = os.get_terminal_size(1).columns
    except OSError:  # no terminal
        return None
    return max(columns - 1, 24) if columns < _CLICKS_LEAST else None


def _run(invocation: Invocation) -> int:
    try:
        result = cli.main(
            list(invocation.arguments),
            prog_name="ghsync",
            standalone_mode=False,
            obj=invocation,
            terminal_width=_narrow(),
        )
        sys.stdout.flush()
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except BaseException as error:  # noqa: BLE001 (the last line of defence against a traceback)
        from ghsync.cli.ending import asked, end

        return end(error, asked(invocation.arguments), invocation.log)
    return result if isinstance(result, int) else ExitCode.DONE
