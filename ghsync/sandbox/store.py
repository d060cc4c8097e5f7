"""The sandbox's state in a folder: SQLite, one transaction per request.

What a request changed is stored before its answer leaves, so a killed process loses nothing
that anybody was told. (Not fsynced: after a power failure the sandbox may be some requests
behind, which a sandbox may be.) One process at a time holds a folder.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

from ghsync.errors import LockedError, StateFileError
from ghsync.sandbox.codec import encode, restore
from ghsync.sandbox.github import GitHub, LogEntry
from ghsync.sandbox.limits import GITHUB, Limits
from ghsync.sandbox.state import State

FILE_NAME = "state.sqlite3"
_SCHEMA = 1
_LOG_SECONDS = 2 * 3600.0
_OUTSIDE = {
    sqlite3.SQLITE_FULL: "free some disk space, then run the same command again",
    sqlite3.SQLITE_READONLY: "make the folder writable, then run the same command again",
    sqlite3.SQLITE_CANTOPEN: "make the folder writable, then run the same command again",
}
"""What to do where the sandbox is sound and the disk is not; the low byte of SQLite's codes."""
_RESET_HINT = "run `ghsync sandbox reset` to start with an empty sandbox"

_TABLES = """
CREATE TABLE IF NOT EXISTS records (
    kind TEXT NOT NULL, key TEXT NOT NULL, content TEXT NOT NULL, PRIMARY KEY (kind, key)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS log (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL, time REAL NOT NULL, method TEXT NOT NULL,
    path TEXT NOT NULL, status INTEGER, account TEXT NOT NULL, points INTEGER NOT NULL,
    content INTEGER NOT NULL, executed INTEGER NOT NULL, limited INTEGER NOT NULL, fault TEXT
);
"""


class SandboxStore:
    """A folder with one sandbox in it; a context manager."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE_NAME
        self.birth = 0
        """A random number that tells this sandbox from one that was in the folder before it; 0
        for none, and before :meth:`open`."""
        self._db: sqlite3.Connection | None = None

    def open(self, *, limits: Limits = GITHUB, keep: bool = True) -> GitHub:
        """The folder's GitHub, made if there is none.

        Without ``keep`` nothing is written, neither now nor by requests; there must be one then.
        Raises :class:`StateFileError` when the file is damaged, :class:`LockedError` when
        another process uses it.
        """
        for path in (self.path.parent, self.path):
            if path.is_symlink():
                raise StateFileError(
                    f"{path} is a symbolic link, through which ghsync does not write",
                    hint="replace the link by what it leads to",
                )
        with self._explained():
            try:
                self.path.parent.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise StateFileError(
                    f"{self.path.parent}: the sandbox's folder cannot be made: {error.strerror}",
                    hint="make the folder writable, or name another one",
                ) from None
            frozen = not keep and self.path.exists() and not self._writable()
            db = self._db = self._frozen() if frozen else _connect(self.path)
            if not frozen:
                db.execute("PRAGMA locking_mode=EXCLUSIVE")
            db.execute("PRAGMA trusted_schema=OFF")  # the file may be anybody's
            if keep:
                db.execute("PRAGMA journal_mode=WAL")
                db.execute("PRAGMA synchronous=NORMAL")
            self._prepare(db, keep=keep, frozen=frozen)
            try:
                state = restore(db.execute("SELECT kind, key, content FROM records"))
            except ValueError as error:
                raise self._damaged(str(error)) from None
            return self._github(db, state, limits, keep=keep)

    def close(self) -> None:
        """Let the folder go."""
        if self._db is not None:
            self._db.close()
            self._db = None

    def __enter__(self) -> SandboxStore:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    # ------------------------------------------------------------------ inside

    def _writable(self) -> bool:
        return os.access(self.path, os.W_OK) and os.access(self.path.parent, os.W_OK)

    def _frozen(self) -> sqlite3.Connection:
        """The state where nothing can be written, not even the files beside it for locking."""
        if self.path.with_name(f"{FILE_NAME}-wal").exists():
            raise StateFileError(
                f"{self.path}: its last changes are in a file beside it, and cannot be taken in "
                "where nothing can be written",
                hint="make the folder and its files accessible to you, "
                "then run the same command again",
            )
        return _connect(f"{self.path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)

    def _prepare(self, db: sqlite3.Connection, *, keep: bool, frozen: bool) -> None:
        db.execute("BEGIN" if frozen else "BEGIN IMMEDIATE")
        version = db.execute("PRAGMA user_version").fetchone()[0]
        if version not in (0, _SCHEMA):
            raise self._damaged(f"it has the format {version}, this ghsync reads {_SCHEMA}")
        db.execute("COMMIT")
        problem = db.execute("PRAGMA quick_check(1)").fetchone()[0]
        if problem != "ok":
            raise self._damaged(str(problem))
        if keep:
            db.executescript(_TABLES)
            db.execute(f"PRAGMA user_version={_SCHEMA}")
            if version == 0:
                db.execute(f"PRAGMA application_id={1 + secrets.randbelow(2**31 - 1)}")
        self.birth = db.execute("PRAGMA application_id").fetchone()[0]

    def _github(
        self, db: sqlite3.Connection, state: State, limits: Limits, *, keep: bool
    ) -> GitHub:
        number, newest = db.execute("SELECT MAX(number), MAX(time) FROM log").fetchone()
        state.newest = max(state.newest, newest or 0.0)
        github = GitHub(state=state, limits=limits, first_request=(number or 0) + 1)
        executed = db.execute(
            "SELECT account, time, points, content FROM log"
            " WHERE executed AND time >= ? ORDER BY number",
            (state.newest - _LOG_SECONDS,),
        )
        github.meter.restore(executed)
        if not keep:
            return github
        db.execute("DELETE FROM log WHERE time < ?", (state.newest - _LOG_SECONDS,))
        github.on_change = self._save
        self._save_records(db, github.state)
        self._state = github.state
        return github

    def _save(self, entry: LogEntry) -> None:
        db = self._db
        if db is None:
            return
        with self._explained():
            db.execute("BEGIN")
            self._write(db, self._state)
            db.execute(
                "INSERT INTO log (id, time, method, path, status, account, points, content,"
                " executed, limited, fault) VALUES (?,?,?,?,?,?,?,?,?,?,?)",
                (
                    entry.id, entry.time, entry.method, entry.path, entry.status, entry.account,
                    entry.points, entry.content, entry.executed, entry.limited, entry.fault,
                ),
            )  # fmt: skip
            db.execute("COMMIT")

    def _save_records(self, db: sqlite3.Connection, state: State) -> None:
        db.execute("BEGIN")
        self._write(db, state)
        db.execute("COMMIT")

    def _write(self, db: sqlite3.Connection, state: State) -> None:
        for (kind, key), record in state.take_changes().items():
            if record is None:
                db.execute("DELETE FROM records WHERE kind = ? AND key = ?", (kind, key))
            else:
                db.execute(
                    "INSERT OR REPLACE INTO records (kind, key, content) VALUES (?, ?, ?)",
                    (kind, key, encode(kind, record)),
                )

    def _damaged(self, what: str) -> StateFileError:
        return StateFileError(
            f"{self.path}: the sandbox's state cannot be read: {what}", hint=_RESET_HINT
        )

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        """Turn SQLite's errors into ours; an open that fails lets the file go."""
        try:
            yield
        except sqlite3.OperationalError as error:
            self.close()
            if "locked" in str(error):
                raise LockedError(
                    f"{self.path}: another process is using this sandbox",
                    hint="stop its `ghsync sandbox serve`, or point GITHUB_API_URL at it",
                ) from None
            hint = _OUTSIDE.get(getattr(error, "sqlite_errorcode", 0) & 0xFF, _RESET_HINT)
            raise StateFileError(f"{self.path}: {error}", hint=hint) from None
        except sqlite3.DatabaseError as error:
            self.close()
            raise self._damaged(str(error)) from None
        except StateFileError:
            self.close()
            raise


def _connect(where: Path | str, *, uri: bool = False) -> sqlite3.Connection:
    return sqlite3.connect(
        where, timeout=0.2, isolation_level=None, check_same_thread=False, uri=uri
    )


def reset(folder: Path) -> bool:
    """Delete a sandbox's state; False when there was none. Works on a damaged one.

    Raises :class:`LockedError` while another process uses it.
    """
    found = False
    if (folder / FILE_NAME).exists():
        with contextlib.suppress(StateFileError), SandboxStore(folder) as store:
            store.open()
    for suffix in ("", "-wal", "-shm", "-journal"):
        path = folder / (FILE_NAME + suffix)
        if path.exists():
            path.unlink()
            found = True
    return found
