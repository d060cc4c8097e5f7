"""The group of commands, and the one place where an error becomes text and an exit code.

Commands are imported when they are called: ``ghsync --help`` loads none of them.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module

import click

from ghsync import __version__
from ghsync.errors import ExitCode, GhsyncError, RunInterruptedError

_COMMANDS: dict[str, tuple[str, str]] = {
    "init": ("ghsync.cli.init:init", "Look at a folder and write a commented ghsync.toml."),
    "items": ("ghsync.cli.files:items", "List the items, and the files that are none and why."),
    "lint": ("ghsync.cli.files:lint", "Check the files against GitHub's limits."),
    "push": ("ghsync.cli.push:push", "Bring the issues to the files; preview with --dry-run."),
    "retry": ("ghsync.cli.again:retry", "Push again what failed in the last push."),
    "undo": ("ghsync.cli.again:undo", "Take back what a push did; the plan is shown first."),
    "status": ("ghsync.cli.state:status", "Say which items and issues are out of step."),
    "runs": ("ghsync.cli.runs:runs", "Look at earlier runs; pause or cancel one under way."),
    "map": ("ghsync.cli.state:map_group", "Look at the sync map, or mend it."),
    "doctor": ("ghsync.cli.doctor:doctor", "Check token, repository, files and limits."),
    "sandbox": ("ghsync.cli.sandbox:sandbox", "Serve or reset the embedded GitHub."),
    "demo": ("ghsync.cli.demo:demo", "Push the examples to the sandbox and watch."),
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
    as_json = "--json" in arguments
    command = next((word for word in arguments if not word.startswith("-")), "ghsync")
    try:
        result = cli.main(list(arguments), prog_name="ghsync", standalone_mode=False)
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except (KeyboardInterrupt, click.Abort):
        return _report(
            RunInterruptedError("Interrupted; nothing was being sent."), command, as_json
        )
    except click.ClickException as error:
        return _usage(error, command, as_json)
    except GhsyncError as error:
        return _report(error, command, as_json)
    except BrokenPipeError:
        return _broken_pipe()
    except Exception as error:  # noqa: BLE001 (the last line of defence against a traceback)
        return _bug(error, command, as_json)
    return result if isinstance(result, int) else ExitCode.DONE


def _usage(error: click.ClickException, command: str, as_json: bool) -> int:
    context = getattr(error, "ctx", None)
    hint = f"See `{context.command_path} --help`." if context is not None else ""
    _say(error.format_message(), hint)
    if as_json:
        from ghsync.errors import UsageError

        _document(UsageError(error.format_message(), hint=hint), command)
    return ExitCode.USAGE


def _report(error: GhsyncError, command: str, as_json: bool) -> int:
    _say(error.message, error.hint)
    if as_json:
        _document(error, command)
    return error.exit_code


def _document(error: GhsyncError, command: str) -> None:
    from ghsync.report.jsonout import dumps, error_document

    click.echo(dumps(error_document(command, error)))


def _say(message: str, hint: str) -> None:
    from ghsync.report import safe

    click.echo(f"ghsync: {safe.line(message)}", err=True)
    if hint:
        click.echo(f"        {safe.line(hint)}", err=True)


def _broken_pipe() -> int:
    """The reader went away (``| head``): no message, and none from Python's own cleanup."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 128 + 13


def _bug(error: Exception, command: str, as_json: bool) -> int:
    from ghsync.errors import InternalError

    if os.environ.get("GHSYNC_TRACEBACK"):
        raise error
    where = error.__traceback__
    while where is not None and where.tb_next is not None:
        where = where.tb_next
    place = f"{where.tb_frame.f_code.co_name}:{where.tb_lineno}" if where is not None else "?"
    return _report(
        InternalError(
            f"A bug in ghsync {__version__}: {type(error).__name__} in {place}: {error}",
            hint="Please report it, with the command; GHSYNC_TRACEBACK=1 shows the whole trace.",
        ),
        command,
        as_json,
    )
