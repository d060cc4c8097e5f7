"""Read ``ghsync.toml`` or ``[tool.ghsync]``, and say in which line something is wrong."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import field
from pathlib import Path

from ghsync.errors import ConfigError
from ghsync.patterns import regex
from ghsync.regularfile import read_regular
from ghsync.values import dataclass

OWN = "ghsync.toml"
SHARED = "pyproject.toml"
_OWN_TABLE = ("tool", "ghsync")
LARGEST = 256 * 1024
"""Bytes; a file of settings has a few thousand."""
_MOST_DOTS = 500
"""In a line: tomllib's time grows with the square of a dotted key's parts."""
_HINT = "`ghsync init --print` explains every setting."


@dataclass(frozen=True, slots=True, kw_only=True)
class TomlFile:
    """The settings of one file, with its text for line numbers."""

    name: str
    """As messages show it: ``ghsync.toml`` or ``pyproject.toml``."""
    text: str
    table: Mapping[str, object]
    inside: tuple[str, ...] = ()
    """The table that holds the settings."""
    notices: tuple[str, ...] = field(default=())

    def place(self, *keys: str) -> str:
        """``file:line`` of a setting, or of the innermost table around it that has a line."""
        path = (*self.inside, *keys)
        lines = _lines(self.text)
        for size in range(len(path), len(self.inside), -1):
            if path[:size] in lines:
                return f"{self.name}:{lines[path[:size]]}"
        return self.name

    def error(self, keys: tuple[str, ...], problem: str) -> ConfigError:
        """An error about one setting; ``problem`` goes on after its name."""
        return ConfigError(f"{self.place(*keys)}: {'.'.join(keys)} {problem}", hint=_HINT)

    def unknown(self, keys: tuple[str, ...], known: Iterable[str]) -> ConfigError:
        """An error about a key that means nothing, with the nearest that does."""
        names = sorted(known)
        from difflib import get_close_matches

        near = get_close_matches(keys[-1], names, n=1)
        guess = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(names)}"
        return ConfigError(
            f"{self.place(*keys)}: unknown setting {'.'.join(keys)!r}; {guess}", hint=_HINT
        )


def read_settings(root: Path) -> TomlFile | None:
    """Find the settings of a root: its ``ghsync.toml``, else the table in its pyproject.toml."""
    own = _read(root / OWN)
    shared = _read(root / SHARED)
    if own is not None:
        notices: tuple[str, ...] = ()
        if shared is not None and _mentions(shared):
            notices = (f"{OWN} is used; [tool.ghsync] in {SHARED} is ignored",)
        return TomlFile(name=OWN, text=own, table=_parse(OWN, own), notices=notices)
    if shared is None or not _mentions(shared):
        return None
    table: object = _parse(SHARED, shared)
    for key in _OWN_TABLE:
        table = table.get(key) if isinstance(table, Mapping) else None
    if table is None:
        return None
    if not isinstance(table, Mapping):
        raise ConfigError(f"{SHARED}: tool.ghsync must be a table", hint=_HINT)
    return TomlFile(name=SHARED, text=shared, table=table, inside=_OWN_TABLE)


def _mentions(text: str) -> bool:
    """Whether a pyproject.toml could be about us; one that is not may be as broken as it likes."""
    return re.search(r"\btool\b.*\bghsync\b|\bghsync\b.*=.*\{", text) is not None


def _read(path: Path) -> str | None:
    """The file's text, ``None`` if there is none."""
    try:
        return read_regular(path, LARGEST).decode("utf-8-sig")
    except (FileNotFoundError, NotADirectoryError):
        return None
    except UnicodeDecodeError as error:
        raise ConfigError(
            f"{path.name}: byte {error.start} is not UTF-8", hint="Save the file as UTF-8."
        ) from None
    except OSError as error:
        raise ConfigError(
            f"{path.name} cannot be read: {error.strerror}", hint="Check what it is."
        ) from None


def _parse(name: str, text: str) -> Mapping[str, object]:
    """The TOML document; its error with the line in front."""
    import tomllib  # many projects have no such file

    for number, line in enumerate(text.splitlines(), 1):
        if line.count(".") > _MOST_DOTS:
            problem = f"the line has over {_MOST_DOTS} dots, too many to be read"
            raise ConfigError(f"{name}:{number}: {problem}", hint="Break or shorten the line.")
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise ConfigError(f"{name}: nested too deeply", hint="Mend the TOML.") from None
    except ValueError as error:  # tomllib's own, and a number of thousands of digits
        message = str(error)
        at = re.search(r"\(at line (\d+), column (\d+)\)", message)
        if at is None:  # "(at end of document)"
            raise ConfigError(f"{name}: {message}", hint="Mend the TOML.") from None
        problem = message[: at.start()].strip()
        raise ConfigError(
            f"{name}:{at[1]}: {problem} (column {at[2]})", hint="Mend the TOML in this line."
        ) from None


_HEADER = regex(r"\[\[?([^\[\]]+)\]\]?\s*(?:#.*)?$")
_ASSIGNMENT = regex(r"""((?:[\w.\s-]|"[^"]*"|'[^']*')+)=""")
_PART = regex(r"""\s*(?:"([^"]*)"|'([^']*)'|([\w-]+))\s*(?:\.|$)""")


def _lines(text: str) -> dict[tuple[str, ...], int]:
    """Dotted path to line, for headers and assignments; a best effort for messages only."""
    found: dict[tuple[str, ...], int] = {}
    table: tuple[str, ...] = ()
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.strip()
        if header := _HEADER.match(line):
            table = _path(header[1])
            found.setdefault(table, number)
        elif assignment := _ASSIGNMENT.match(line):
            found.setdefault((*table, *_path(assignment[1])), number)
    return found


def _path(dotted: str) -> tuple[str, ...]:
    """``a."b c".d`` as its parts."""
    parts: list[str] = []
    at = 0
    # One after the other and not finditer, which would look for a part at every character.
    while at < len(dotted) and (found := _PART.match(dotted, at)):
        parts.append(found[1] or found[2] or found[3] or "")
        at = found.end()
    return tuple(parts)
