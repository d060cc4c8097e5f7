"""The project's state on disk, as one object: load, append, checkpoint, cache, run logs."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeAlias

from ghsync.errors import InternalError, StateFileError
from ghsync.journal import (
    CodecError,
    Intent,
    JournalEvent,
    Sent,
    SyncMap,
    Trying,
    dump_map,
    fold,
    parse_map,
    pending,
    sends,
    trials,
)
from ghsync.model import RepoId, RunId
from ghsync.store.bodies import Bodies
from ghsync.store.cache import Cache, load_cache, save_cache
from ghsync.store.errors import explained
from ghsync.store.fs import Files, write_atomically
from ghsync.store.journal_file import AGAIN, JournalFile
from ghsync.store.lock import held, running
from ghsync.store.plans import add_plan, read_plans
from ghsync.store.runlog import RunHeader, RunLog, prune, read_log, run_ids
from ghsync.store.wish import Wish, read_wish, write_wish
from ghsync.store.writings import add_written, read_written
from ghsync.values import dataclass

Watch: TypeAlias = Callable[[tuple[JournalEvent, ...]], None]
"""Told of events once they are durable, in whichever thread wrote them; must not raise."""
FOLDER = ".ghsync"
IGNORE = b"# Only the sync map is meant to be committed.\n*\n!.gitignore\n!map.json\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What is known from earlier runs."""

    map: SyncMap
    pending: tuple[Intent, ...] = ()
    """Creates whose outcome nobody knows, oldest first."""
    tried: tuple[Trying, ...] = ()
    """Updates whose answer nobody saw."""
    sent: tuple[Sent, ...] = ()
    notices: tuple[str, ...] = ()
    """What a person should know about the files: one sentence each."""


class Store:
    """The state of one root. Reading takes no lock and writes nothing; writing needs the lock."""

    def __init__(
        self,
        root: Path,
        *,
        folder: str = FOLDER,
        files: Files | None = None,
        watch: Watch | None = None,
    ) -> None:
        """Bind to ``root``; ``folder`` (inside ``.ghsync``) keeps a second, separate state."""
        self._files = files or Files()
        self._watch = watch
        self._root = root
        self._folder = root / folder
        self._locked = False
        self._journal = JournalFile(self._files, self._folder / "journal.jsonl")
        self._bodies = Bodies(self._files, self._folder / "bodies.jsonl")
        self.map_path = self._folder / "map.json"

    @classmethod
    def open(
        cls,
        root: Path,
        *,
        folder: str = FOLDER,
        files: Files | None = None,
        watch: Watch | None = None,
    ) -> Store:
        """Return the store of a root; touches nothing. ``watch`` is told what was appended."""
        return cls(root, folder=folder, files=files, watch=watch)

    @contextmanager
    def locked(
        self, *, since: float, command: str = "", run: RunId | None = None
    ) -> Iterator[None]:
        """Be the one run that may write; makes the folder where there is none.

        ``since`` (epoch seconds) and ``command`` are shown to a second run, which is refused with
        :class:`LockedError`; ``run`` is what :meth:`running` says meanwhile. Raises
        :class:`StateFileError` where the folder cannot be written.
        """
        self.make_folder()
        lock = self._folder / "lock"
        with held(self._files, lock, since=since, command=command, run=run):
            self._locked = True
            try:
                self._journal.reset()
                with explained("clean", self._folder):
                    self._remove_leftovers()
                yield
            finally:
                self._journal.reset()
                self._locked = False

    def load(self) -> State:
        """Replay the journal onto the map.

        Raises :class:`StateFileError` for a file that cannot be read or understood; a missing
        one is a new project's.
        """
        self._refuse_links(self.map_path, self._folder / "journal.jsonl")
        # The journal first: a run that ends between the two reads puts its events into the map,
        # and an event read twice changes nothing. The other way round it could be read never.
        events, notice = self._journal.read()
        sync_map = fold(self._read_map(), events)
        mapped = {entry.uid for entry in sync_map.entries.values()}
        return State(
            map=sync_map,
            pending=tuple(i for i in pending(events).values() if i.uid not in mapped),
            tried=tuple(trials(events).values()),
            sent=sends(events),
            notices=() if notice is None else (notice,),
        )

    def append(self, events: Iterable[JournalEvent]) -> None:
        """Record events: one write, one fsync; on return they survive anything.

        Raises :class:`StateFileError`, and from then on for every append until the lock is taken
        again: the caller stops, and sends nothing that it could not record.
        """
        self._require_lock()
        if self._watch is None:
            self._journal.append(events)
            return
        recorded = tuple(events)
        self._journal.append(recorded)
        self._watch(recorded)

    @property
    def slow(self) -> bool:
        """Whether :meth:`append` waits for a disk; it may be called in a thread, one at a time."""
        return self._files.slow

    def checkpoint(self, sync_map: SyncMap, keep: Iterable[JournalEvent] = ()) -> None:
        """Write the map, where it changed, and cut the journal down to ``keep``.

        ``sync_map`` is the fold of what :meth:`load` gave and all that was appended since;
        ``keep`` is what the next run needs: unsettled intents, and the last hour's ``Sent``.
        """
        self._require_lock()
        # Order is important. While the map is old, the journal still holds every event; once it
        # is new and on the disk, the same events change nothing (fold is idempotent). So either
        # a crash in between or one on either side leaves the same state.
        data = dump_map(sync_map).encode()
        with explained("write", self.map_path, after=AGAIN):
            old = self._files.read(self.map_path)
            new_project = old is None and sync_map == SyncMap()
            # git may have checked the file out with CRLF line ends; that is no change.
            if not new_project and (old is None or old.replace(b"\r\n", b"\n") != data):
                write_atomically(self._files, self.map_path, data)
        kept = tuple(keep)
        self._journal.replace(kept)
        with suppress(OSError):  # the file stays as it is: larger than it needs to be
            self._bodies.compact(_named(sync_map, kept))

    def remove(self) -> None:
        """Delete the map, the journal, the cache and the bodies; needs the lock."""
        self._require_lock()
        for name in ("map.json", "journal.jsonl", "cache.jsonl", "bodies.jsonl"):
            with explained("remove", self._folder / name):
                self._files.remove(self._folder / name)
        self._journal.reset()

    def bodies(self, wanted: Collection[str]) -> tuple[dict[str, str], str | None]:
        """The texts of bodies by their digests, as far as they are kept; and a notice."""
        path = self._folder / "bodies.jsonl"
        try:
            found, damaged = self._bodies.find(wanted)
        except OSError as error:
            return {}, f"{path} cannot be read: {error.strerror or error}"
        if damaged:
            return found, f"{path}: a damaged line was left out, so a merge may become a conflict"
        return found, None

    @property
    def keeps_bodies(self) -> bool:
        """Whether any texts of bodies are kept."""
        try:
            return "bodies.jsonl" in self._files.list_folder(self._folder)
        except OSError:
            return False

    def keep_bodies(self, texts: Mapping[str, str]) -> str | None:
        """Keep texts of bodies by their digests, for a merge later; needs the lock.

        Returns a notice instead of raising when the disk does not take them.
        """
        self._require_lock()
        if not texts:
            return None
        try:
            self._bodies.add(texts)
        except OSError as error:
            path = self._folder / "bodies.jsonl"
            return f"{path} was not written, so a merge may become a conflict: {error.strerror}"
        return None

    def written(self) -> Mapping[str, str]:
        """The digest of what ghsync wrote last into each file, by path; never raises."""
        return read_written(self._files, self._written_path)

    def note_written(self, written: Mapping[str, str]) -> str | None:
        """Remember what was written into files just now, digests by path; needs the lock.

        Only what held nobody's uncommitted work before: a pull will write it again. Returns a
        notice instead of raising when the disk does not take it.
        """
        self._require_lock()
        if not written:
            return None
        try:
            add_written(self._files, self._written_path, written)
        except OSError as error:
            reason = error.strerror or error
            return (
                f"{self._written_path} was not written ({reason}), so the files of this run are "
                "left alone by a pull until they are committed"
            )
        return None

    def load_cache(self, *, repo_id: RepoId, api_url: str) -> Cache | None:
        """Return what GitHub held by an earlier read, or ``None``; never raises for its sake."""
        return load_cache(self._files, self._cache_path, repo_id=repo_id, api_url=api_url)

    def save_cache(self, cache: Cache) -> str | None:
        """Keep a read for the next run, where there is a folder to keep it in.

        Returns a notice instead of raising when the disk does not take it.
        """
        if not self._files.is_folder(self._folder):
            return None
        try:
            save_cache(self._files, self._cache_path, cache)
        except OSError as error:
            return f"{self._cache_path} was not written: {error.strerror or error}"
        return None

    def lock_note(self) -> bytes | None:
        """What :meth:`note_lock` kept: of a run that was killed, if this one has kept nothing."""
        with suppress(OSError):
            return self._files.read(self._note_path)
        return None

    def note_lock(self, note: bytes | None) -> None:
        """Keep what names a lock on GitHub, so that the next run here knows whose it is.

        On return it survives anything; ``None`` removes it. Raises :class:`StateFileError`.
        """
        self._require_lock()
        with explained("write", self._note_path):
            if note is None:
                self._files.remove(self._note_path)
            else:
                write_atomically(self._files, self._note_path, note)

    def has_begun(self, checksum: str) -> bool:
        """Whether a plan file of this checksum was carried out here, or a part of it."""
        return checksum in read_plans(self._files, self._plans_path)

    def begin_plan(self, checksum: str) -> None:
        """Remember that a plan file is carried out; on return it survives anything.

        Needs the lock. Raises :class:`StateFileError`.
        """
        self._require_lock()
        with explained("write", self._plans_path, after=AGAIN):
            add_plan(self._files, self._plans_path, checksum)

    def run_log(self, header: RunHeader) -> RunLog:
        """Start the audit trail of a run, ``runs/<id>.jsonl``; needs the lock."""
        self._require_lock()
        prune(self._files, self._runs)
        return RunLog(self._files, self._runs / f"{header.id}.jsonl", header)

    def run_ids(self) -> list[RunId]:
        """The runs whose logs are kept, oldest first."""
        with explained("read", self._runs):
            return run_ids(self._files, self._runs)

    def read_log(self, run: RunId) -> str | None:
        """The log of a run as it is now, ``None`` where there is none."""
        with explained("read", self._runs):
            return read_log(self._files, self._runs, run)

    def running(self) -> RunId | None:
        """The run that holds the lock at this moment."""
        return running(self._files, self._folder / "lock")

    def wish(self) -> Wish | None:
        """What somebody wants of a run, if anything."""
        return read_wish(self._files, self._wish_path)

    def ask(self, wish: Wish) -> None:
        """Tell a run what is wanted of it; needs no lock, the run has it."""
        with explained("write", self._wish_path):
            write_wish(self._files, self._wish_path, wish)

    def drop_wish(self) -> None:
        """Forget what was wanted; a disk that does not take it leaves a wish for nobody."""
        with suppress(OSError):
            self._files.remove(self._wish_path)

    @property
    def _runs(self) -> Path:
        return self._folder / "runs"

    @property
    def _plans_path(self) -> Path:
        return self._folder / "plans.json"

    @property
    def _wish_path(self) -> Path:
        return self._folder / "control.json"

    @property
    def _cache_path(self) -> Path:
        return self._folder / "cache.jsonl"

    @property
    def _written_path(self) -> Path:
        return self._folder / "written.json"

    @property
    def _note_path(self) -> Path:
        return self._folder / "remote-lock.json"

    def _read_map(self) -> SyncMap:
        with explained("read", self.map_path):
            data = self._files.read(self.map_path)
        if data is None:
            return SyncMap()
        try:
            return parse_map(data.decode("utf-8-sig"))
        except UnicodeDecodeError:
            error = CodecError("not valid JSON: not UTF-8")
        except CodecError as caught:
            error = caught
        where = self.map_path if error.line is None else f"{self.map_path}:{error.line}"
        raise StateFileError(f"{where}: {error.message}", hint=error.hint)

    def make_folder(self) -> None:
        """Make the folder and its ``.gitignore``, and let their names survive a power cut."""
        top = self._root / FOLDER
        self._refuse_links()
        with explained("make", self._folder):
            for folder in (top, self._folder):
                if not self._files.is_folder(folder):
                    self._files.make_folder(folder)
                    self._files.sync_folder(folder.parent)
            if self._files.read(top / ".gitignore") is None:
                write_atomically(self._files, top / ".gitignore", IGNORE, durable=False)

    def _refuse_links(self, *files: Path) -> None:
        """A checkout can hold a link under any of these names, and what it leads to is not ours."""
        for path in (self._root / FOLDER, self._folder, self._runs, *files):
            if self._files.is_link(path):
                raise StateFileError(
                    f"{path} is a symbolic link, through which ghsync does not write",
                    hint="replace the link by what it leads to",
                )

    def _remove_leftovers(self) -> None:
        """Remove the temporary files of a killed run; they were never put in place."""
        for name in ("map.json", "remote-lock.json", "written.json", "plans.json"):
            self._files.remove(self._folder / f"{name}.tmp")
        for name in ("journal", "cache", "bodies"):
            self._files.remove(self._folder / f"{name}.jsonl.tmp")

    def _require_lock(self) -> None:
        if not self._locked:
            raise InternalError(
                "the store was written to without its lock", hint="please report it"
            )


def _named(sync_map: SyncMap, kept: Iterable[JournalEvent]) -> set[str]:
    """The bodies that a base names, in the map or in what is not settled yet."""
    bases = [entry.base for entry in sync_map.entries.values()]
    for event in kept:
        match event:
            case Intent(base=base):
                bases.append(base)
            case Trying(entry=entry):
                bases.append(entry.base)
            case _:
                pass
    return {base.body for base in bases if base is not None}
