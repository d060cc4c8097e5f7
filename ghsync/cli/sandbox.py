"""``sandbox serve|reset``: the embedded GitHub over HTTP, or a fresh one."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

import click

from ghsync.cli import options, output
from ghsync.errors import ExitCode, UsageError


@click.group()
def sandbox() -> None:
    """Serve the embedded GitHub over HTTP, or start it afresh."""


@sandbox.command(short_help="Serve the sandbox of ROOT over HTTP until Ctrl-C.")
@options.root
@click.option(
    "--host", metavar="ADDRESS", default="127.0.0.1", show_default=True, help="Where to listen."
)
@click.option(
    "--port",
    metavar="N",
    default=0,
    type=click.IntRange(0, 65535),
    show_default="a free one",
    help="The port to listen on.",
)
@options.repo
@options.limits
@click.option(
    "--latency",
    default=0.0,
    type=click.FloatRange(0, 60),
    metavar="SECONDS",
    help="How long an answer takes.",
)
@options.as_json
def serve(
    root: Path,
    *,
    host: str,
    port: int,
    repo: str | None,
    limits: str | None,
    latency: float,
    as_json: bool,
) -> int:
    """Serve the sandbox of ROOT over HTTP until Ctrl-C, in real time.

    The first line says its URL and token. Point GITHUB_API_URL and GITHUB_TOKEN of any client
    at them, or open the URL in a browser to see the issues.
    """
    from ghsync.clock import SystemClock
    from ghsync.embedded import last_time, sandbox_folder, sandbox_limits
    from ghsync.sandbox.serve import Address
    from ghsync.sandbox.serve import serve as run
    from ghsync.sandbox.store import SandboxStore
    from ghsync.store import Store

    config = options.configure(root, sandbox=True, limits=limits, repo=repo)
    Store.open(config.root).make_folder()

    def on_ready(address: Address) -> None:
        if as_json:
            said = {"url": address.url, "token": address.token, "repo": str(config.repo)}
            click.echo(json.dumps(said))
        else:
            click.echo(f"{address.url} token {address.token}")
            output.note(f"serving {config.repo}; Ctrl-C ends it")
        sys.stdout.flush()

    with SandboxStore(sandbox_folder(config.root)) as store:
        github = store.open(limits=sandbox_limits(config.limits))
        clock = SystemClock(not_before=last_time(github))
        try:
            asyncio.run(
                run(github, host=host, port=port, clock=clock, latency=latency, on_ready=on_ready)
            )
        except OSError as error:
            raise UsageError(
                f"Cannot listen on {host}:{port}: {error.strerror or error}.",
                hint="Name another --host or --port; port 0 takes a free one.",
            ) from error
    return ExitCode.DONE


@sandbox.command(short_help="Remove the sandbox of ROOT and its map.")
@options.root
def reset(root: Path) -> int:
    """Remove the sandbox of ROOT, and the map and journal that were made against it."""
    from ghsync.upkeep import reset_sandbox

    output.notes(reset_sandbox(options.configure(root)))
    return ExitCode.DONE
