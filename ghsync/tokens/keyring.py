"""A token in the operating system's keyring, by the package ``keyring`` where it is installed.

The service is ``ghsync``, the user is the host (``github.com``). Imported only when it is asked.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from ghsync.errors import AuthError, UsageError
from ghsync.remote.auth import Token

SERVICE = "ghsync"
_INSTALL = "Install it: `pip install 'ghsync-issues[keyring]'`."


def get(host: str) -> Token | None:
    """The host's token; ``None`` without the package, a keyring, or an entry."""
    if find_spec("keyring") is None:
        return None
    try:
        found = Token(
            import_module("keyring").get_password(SERVICE, host) or "",
            source=f"the keyring (ghsync, {host})",
        )
    except AuthError:
        return None
    except Exception:  # noqa: BLE001 (each backend has errors of its own; none may end a run)
        return None
    return found


def put(host: str, token: Token) -> None:
    """Keep a token for a host. Raises :class:`UsageError` without a keyring."""
    module = _module()
    try:
        module.set_password(SERVICE, host, token.reveal())
    except Exception as error:  # noqa: BLE001 (as above)
        raise _failed(error) from None


def forget(host: str) -> bool:
    """Remove a host's token; whether there was one. Raises :class:`UsageError`."""
    module = _module()
    try:
        if not module.get_password(SERVICE, host):
            return False
        module.delete_password(SERVICE, host)
    except Exception as error:  # noqa: BLE001 (as above)
        raise _failed(error) from None
    return True


def _module() -> Any:
    if find_spec("keyring") is None:
        raise UsageError("The package keyring is not installed.", hint=_INSTALL)
    return import_module("keyring")


def _failed(error: Exception) -> UsageError:
    return UsageError(
        f"The keyring did not do it: {type(error).__name__}.",
        hint="`python -m keyring diagnose` says which keyring there is; "
        "a token file (GHSYNC_TOKEN_FILE) needs none.",
    )
