"""The entry point: ``ghsync`` and ``python -m ghsync``."""

from __future__ import annotations

import gc
import os
import sys


def main() -> None:
    """Run the command line and exit with its code."""
    # What is loaded stays until the end, so looking for cycles in it again and again finds nothing
    # and takes a fifth of the time. Here and not in the library: it is the process's setting.
    gc.set_threshold(100_000, 50, 50)
    try:
        _open_streams()
        from ghsync.cli.main import run

        code = run(sys.argv[1:])
    except KeyboardInterrupt:  # before there was a command that could say so
        code = 130
    sys.exit(code)


def _open_streams() -> None:
    """See to it that there are streams, and that what they cannot encode does not end a command.

    A stream that the caller closed is opened on nothing; its number would else be given to the
    first file opened, and what is printed would go there.
    """
    while (number := os.open(os.devnull, os.O_RDWR)) <= 2:
        pass
    os.close(number)
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            mode = "w" if number else "r"
            stream = open(number, mode, closefd=False)  # noqa: SIM115 (as long as the process)
            setattr(sys, name, stream)
    reconfigure = getattr(sys.stdout, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="backslashreplace")


if __name__ == "__main__":
    main()
