"""``doctor``: what is wrong with this machine, token or repository, and how to mend it."""

from __future__ import annotations

from pathlib import Path

import click

from ghsync.cli import options, output, running


@click.command()
@options.root
@options.remote
@options.as_json
@options.quiet
def doctor(root: Path, *, as_json: bool, quiet: bool, **settings: object) -> int:
    """Check the token, the repository, the files and the limits, and say how to mend each."""
    from ghsync.doctor import examine, exit_code

    config = options.configure(root, **settings)
    with running.observer(quiet=quiet or as_json, verbose=False) as (seen, _):
        checks = running.finish(
            lambda around: examine(
                config,
                env=around.env,
                on_event=around.on_event,
                on_request=around.trace.request if around.trace is not None else None,
            ),
            command="doctor",
            on_event=seen,
        )
    if as_json:
        from ghsync.report.jsonout import doctor_document

        output.document(doctor_document(checks))
    else:
        from ghsync.report.text import doctor_view

        output.view(doctor_view(checks))
    return exit_code(checks)
