"""``token``: keep one in the operating system's keyring, forget it, or say where it comes from."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from ghsync.cli import options, output
from ghsync.errors import AuthError
from ghsync.remote.auth import Token

_LONGEST = 10_000
"""Characters that are read from a pipe."""


@click.group()
def token() -> None:
    """Keep a token in the operating system's keyring, or say where the present one comes from."""


@token.command("set", short_help="Keep a token in the keyring; asked for, or read from a pipe.")
@options.root
@options.repo
def set_(root: Path, **settings: object) -> int:
    """Keep the token for ROOT's API host in the operating system's keyring.

    It is asked for without an echo, or read from a pipe: `gh auth token | ghsync token set`.
    It needs the package keyring: `pip install 'ghsync-issues[keyring]'`.
    """
    from ghsync.tokens import host_of, keyring

    host = host_of(options.configure(root, **settings).api_url)
    keyring.put(host, _asked(host))
    output.note(f"the token for {host} is in the keyring")
    return 0


@token.command(short_help="Remove the keyring's token.")
@options.root
@options.repo
def forget(root: Path, **settings: object) -> int:
    """Remove the token for ROOT's API host from the operating system's keyring."""
    from ghsync.tokens import host_of, keyring

    host = host_of(options.configure(root, **settings).api_url)
    there = keyring.forget(host)
    output.note(f"the token for {host} is {'removed' if there else 'not in the keyring'}")
    return 0


@token.command(short_help="Say where the token comes from.")
@options.root
@options.repo
@options.token_file
def source(root: Path, **settings: object) -> int:
    """Say where the token of a push comes from; never the token. Exits 4 where there is none."""
    from ghsync.access import HOW_TO_GET_IN, check_host, find_token
    from ghsync.clock import SystemClock
    from ghsync.tokens import host_of, source_of

    config = options.configure(root, **settings)
    check_host(config)
    found = find_token(config, os.environ, SystemClock().now)
    if found is None:
        raise AuthError("There is no token for GitHub.", hint=HOW_TO_GET_IN)
    click.echo(f"{host_of(config.api_url)}: {source_of(found)}")
    return 0


def _asked(host: str) -> Token:
    """The token that a person types, or a pipe brings."""
    if sys.stdin.isatty():
        typed = click.prompt(f"Token for {host}", hide_input=True, err=True)
        return Token(str(typed).strip(), source="the prompt")
    return Token(sys.stdin.read(_LONGEST).strip(), source="the standard input")
