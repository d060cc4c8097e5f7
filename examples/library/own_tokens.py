"""Tokens from a place of your own, renewed while the push goes on.

    TOKEN_COMMAND="vault read -field=token secret/github" python own_tokens.py path/to/project

A provider is asked before each request, so it keeps its token and gets another only when GitHub
has refused it (``stale``).
"""

from __future__ import annotations

import asyncio
import os
import shlex
import sys

import ghsync


class Command:
    """Tokens that a command prints."""

    def __init__(self, words: list[str]) -> None:
        self._words = words
        self._token: ghsync.Token | None = None
        self._asking = asyncio.Lock()

    async def token(self, *, stale: ghsync.Token | None = None) -> ghsync.Token:
        """The token at hand; a new one first, or when GitHub has just refused the last."""
        async with self._asking:  # requests that meet the end together ask once
            if self._token is None or self._token is stale:
                self._token = await self._ask()
            return self._token

    async def _ask(self) -> ghsync.Token:
        program, *arguments = self._words
        process = await asyncio.create_subprocess_exec(
            program, *arguments, stdout=asyncio.subprocess.PIPE
        )
        output, _ = await process.communicate()
        if process.returncode:
            raise ghsync.AuthError(
                f"{program} gave no token (exit {process.returncode}).", hint="Log in there first."
            )
        return ghsync.Token(output.decode().strip(), source=program)


async def main(root: str) -> int:
    """Push ``root`` with the command's tokens."""
    words = shlex.split(os.environ["TOKEN_COMMAND"])
    try:
        run = await ghsync.push_async(root, token=Command(words))
    except ghsync.GhsyncError as error:
        print(f"{error.message}\n{error.hint}", file=sys.stderr)
        return int(error.exit_code)
    print(f"{run.succeeded} of {run.total} operations done")
    return int(run.error.exit_code) if run.error is not None else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main(sys.argv[1] if len(sys.argv) > 1 else ".")))
