"""The journal on disk: append and fsync, torn tails, atomic replacement."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from ghsync.errors import StateFileError
from ghsync.journal import NEWER, CodecError, JournalEvent, NotJsonError, decode, encode
from ghsync.store.errors import explained
from ghsync.store.fs import Files, write_atomically

REBUILD = (
    "run `ghsync map rebuild`: it builds the map anew from the issues' markers "
    "and starts a new journal"
)
AGAIN = "then run the same command again; nothing was sent that is not recorded"


class JournalFile:
    """``journal.jsonl``: one event a line, an event is recorded once its ``append`` returns."""

    def __init__(self, files: Files, path: Path) -> None:
        self._files = files
        self._path = path
        self._fd: int | None = None
        self._sound: int | None = None
        """How many bytes at the start are whole events; ``None`` when it was not read yet."""
        self._failed = False

    def read(self) -> tuple[tuple[JournalEvent, ...], str | None]:
        """Return the events, and a notice where a torn last line was left out.

        A line is torn when its end is missing: its append never returned, so nothing relied on
        it. Raises :class:`StateFileError` for a broken line elsewhere.
        """
        with explained("read", self._path):
            data = self._files.read(self._path) or b""
        sound = data.rfind(b"\n") + 1
        lines = data[:sound].split(b"\n")[:-1]
        events: list[JournalEvent] = []
        for number, line in enumerate(lines, start=1):
            try:
                events.append(_decode(line))
            except NotJsonError as error:
                if number < len(lines) or sound < len(data):
                    raise self._broken(number, error) from None
                sound -= len(line) + 1
            except CodecError as error:
                raise self._broken(number, error) from None
        self._sound = sound
        if sound == len(data):
            return tuple(events), None
        return tuple(events), (
            f"{self._path}:{len(events) + 1}: the last line was cut off (by a crash or a full "
            "disk) and is ignored; nothing had been sent on its account"
        )

    def append(self, events: Iterable[JournalEvent]) -> None:
        """Add events, all in one write, and return when they are on the disk.

        Raises :class:`StateFileError`; after that the journal takes no more until it is opened
        again, since its end may hold half a line.
        """
        if self._failed:
            raise StateFileError(
                f"{self._path} takes no more events: an earlier write to it failed",
                hint=f"mend that, {AGAIN}",
            )
        data = "".join(f"{encode(event)}\n" for event in events).encode()
        if not data:
            return
        if self._sound is None:
            self.read()
        self._failed = True  # until proved otherwise; an interrupt in the middle counts as well
        with explained("append to", self._path, after=AGAIN):
            fd = self._open()
            self._write(fd, data)
            # A failed sync leaves whole lines whose fate nobody knows. They stay: each says
            # something true, or announces a create that was not sent and will not be found.
            self._files.sync(fd)
        self._sound = (self._sound or 0) + len(data)
        self._failed = False

    def replace(self, events: Iterable[JournalEvent]) -> None:
        """Let the journal be these events and no others, atomically and durably."""
        data = "".join(f"{encode(event)}\n" for event in events).encode()
        self._close()  # Windows replaces no file that is open
        with explained("replace", self._path, after=AGAIN):
            if (self._files.read(self._path) or b"") != data:
                write_atomically(self._files, self._path, data)
        self._sound = len(data)

    def reset(self) -> None:
        """Forget what is known of the file: another process may have written it since."""
        self._close()
        self._sound = None
        self._failed = False

    def _open(self) -> int:
        if self._fd is None:
            fd = self._fd = self._files.append_to(self._path)
            self._files.sync_folder(self._path.parent)  # a new file's name must survive as well
            sound = self._sound or 0
            if self._files.size(fd) < sound:
                raise OSError(None, "it became shorter while it was in use")
            if self._files.size(fd) > sound:
                self._files.truncate(fd, sound)  # else the next event would grow onto a torn one
        return self._fd

    def _write(self, fd: int, data: bytes) -> None:
        try:
            self._files.write(fd, data)
        except OSError:
            with suppress(OSError):
                self._files.truncate(fd, self._sound or 0)
            raise

    def _close(self) -> None:
        fd, self._fd = self._fd, None
        if fd is not None:
            with suppress(OSError):
                self._files.close(fd)

    def _broken(self, line: int, error: CodecError) -> StateFileError:
        hint = NEWER if error.hint == NEWER else REBUILD
        return StateFileError(f"{self._path}:{line}: {error.message}", hint=hint)


def _decode(line: bytes) -> JournalEvent:
    try:
        text = line.decode()
    except UnicodeDecodeError:
        raise NotJsonError("not valid JSON: not UTF-8") from None
    return decode(text)
