"""The token that GitHub's own command line keeps: ``gh auth token --hostname HOST``."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from ghsync.errors import AuthError
from ghsync.remote.auth import Token

TIMEOUT = 5.0
"""Seconds; it reads a file or asks the keyring."""


def get(api_url: str, env: Mapping[str, str], root: Path) -> Token | None:
    """What gh knows for the API's host; ``None`` without gh, a login there, or an answer in time.

    gh goes by its own variables (``GH_CONFIG_DIR``, ``GH_ENTERPRISE_TOKEN``), which are in ``env``.
    """
    from ghsync.tokens import host_of

    host = host_of(api_url)
    program = _program(env, root)
    if urlsplit(api_url).scheme != "https" or ":" in host or program is None:
        return None
    try:
        done = subprocess.run(  # noqa: S603 (no shell; the host is the one of the configured API)
            [program, "auth", "token", "--hostname", host],
            env={**env, "GH_PROMPT_DISABLED": "1", "GH_NO_UPDATE_NOTIFIER": "1"},
            cwd=Path(program).anchor,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=TIMEOUT,
            check=False,
        )
        if done.returncode != 0:
            return None
        return Token(done.stdout.decode("ascii").strip(), source=f"gh auth token ({host})")
    except (OSError, ValueError, AuthError, subprocess.TimeoutExpired):
        return None


def _program(env: Mapping[str, str], root: Path) -> str | None:
    """The gh of the search path, without places that a checkout could fill."""
    inside = root.resolve()
    folders = [
        folder
        for folder in env.get("PATH", "").split(os.pathsep)
        if Path(folder).is_absolute() and not Path(folder).resolve().is_relative_to(inside)
    ]
    found = shutil.which("gh", path=os.pathsep.join(folders))
    return found if found is not None and Path(found).is_absolute() else None
