"""Readers: a value from a file, an option or the environment to a typed one, or what it must be.

Each raises :class:`ValueError` with a text that goes on after the setting's name.
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from ipaddress import ip_address
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from ghsync.model import Kind
from ghsync.patterns import regex
from ghsync.render import TitleTemplate
from ghsync.values import dataclass

E = TypeVar("E", bound=StrEnum)
_OWNER = regex(r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,98}[A-Za-z0-9_-])?")
_NAME = regex(r"[A-Za-z0-9._-]{1,100}")
_SPAN = regex(r"(\d+(?:\.\d+)?)\s*(s|m|h|)", re.IGNORECASE)
_UNIT = {"": 1.0, "s": 1.0, "m": 60.0, "h": 3600.0}


@dataclass(frozen=True, slots=True)
class RepoName:
    """A repository's name on its host."""

    owner: str
    name: str

    @property
    def full_name(self) -> str:
        """``owner/name``."""
        return f"{self.owner}/{self.name}"

    def __str__(self) -> str:
        return self.full_name


def repo_name(value: object) -> RepoName:
    """Read ``OWNER/NAME`` by GitHub's rules for both."""
    text = _text(value, "OWNER/NAME, such as octocat/hello")
    owner, slash, name = text.strip().partition("/")
    if (
        not slash
        or not _OWNER.fullmatch(owner)
        or not _NAME.fullmatch(name)
        or name in {".", "..", ".git"}
    ):
        raise ValueError(
            f"must be OWNER/NAME, such as octocat/hello (letters, digits and - . _), not {text!r}"
        )
    return RepoName(owner, name.removesuffix(".git"))


def api_url(value: object) -> str:
    """Read the API's address: https, or http on the loopback only; no user, no query."""
    text = _text(value, "an https address").strip().rstrip("/")
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        raise ValueError("is no address") from None
    if parts.scheme not in {"http", "https"} or not host or re.search(r"\s", text):
        raise ValueError("must be an address such as https://api.github.com")
    if parts.username is not None or parts.password is not None:
        raise ValueError("must not hold a user or a password; a token comes from GITHUB_TOKEN")
    if parts.query or parts.fragment:
        raise ValueError(f"must end after its path, not {text!r}")
    if parts.scheme == "http" and not is_loopback(host):
        raise ValueError(f"must be https: a token would cross the network readable to {host}")
    if host in {"github.com", "www.github.com"}:
        raise ValueError("must be the API's address, https://api.github.com")
    return text


def is_loopback(host: str) -> bool:
    """Whether a host name means this machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def title_template(value: object) -> TitleTemplate:
    """Read one template, or a table with one for each kind; each holds ``{title}`` once."""
    if isinstance(value, Mapping):
        kinds = [kind.value for kind in Kind]
        if wrong := [str(name) for name in value if name not in kinds]:
            raise ValueError(f"has no kind {wrong[0]!r}; known: {', '.join(kinds)}")
        return {Kind(name): _template(text) for name, text in value.items()}
    return _template(value)


def _template(value: object) -> str:
    """One template of a title."""
    text = _text(value, 'a text with {title} in it, such as "Epic: {title}"')
    if text.count("{title}") != 1:
        raise ValueError(f"must hold {{title}} exactly once, not {text!r}")
    return text


def choice(options: type[E]) -> Callable[[object], E]:
    """Make a reader of one word out of an enumeration."""

    def read(value: object) -> E:
        words = [option.value for option in options]
        if not isinstance(value, str) or value not in words:
            raise ValueError(f"must be one of {', '.join(words)}, not {value!r}")
        return options(value)

    return read


def choices(options: type[E]) -> Callable[[object], frozenset[E]]:
    """Make a reader of one or more words out of an enumeration."""
    one = choice(options)
    return lambda value: frozenset(one(text) for text in texts(value))


def choices_in_order(options: type[E]) -> Callable[[object], tuple[E, ...]]:
    """Make a reader of a list of words, each once; a text holds them with commas between."""
    one = choice(options)

    def read(value: object) -> tuple[E, ...]:
        words = value.split(",") if isinstance(value, str) else texts(value)
        return tuple(dict.fromkeys(one(word.strip()) for word in words))

    return read


def path(value: object) -> Path:
    """Read the path of a file."""
    if isinstance(value, os.PathLike):
        value = os.fspath(value)
    if not isinstance(value, str) or not value.strip() or "\0" in value:
        raise ValueError("must be the path of a file")
    return Path(value)


def patterns(value: object) -> tuple[str, ...]:
    """Read patterns, none of them empty."""
    found = texts(value)
    if not all(text.strip() for text in found):
        raise ValueError("must name a key, a path, a folder or a glob, not nothing")
    return found


def flag(value: object) -> bool:
    """Read true or false."""
    if not isinstance(value, bool):
        raise ValueError(f"must be true or false, not {value!r}")
    return value


def seconds(value: object) -> float:
    """Read a time: a number of seconds, or a text such as ``90s``, ``10m``, ``1.5h``."""
    number: float | None = None
    if isinstance(value, str):
        if found := _SPAN.fullmatch(value.strip()):
            number = float(found[1]) * _UNIT[found[2].lower()]
    elif isinstance(value, int | float) and not isinstance(value, bool):
        number = float(value)
    if number is None or not math.isfinite(number) or number < 0:
        raise ValueError(f'must be a number of seconds or a text such as "10m", not {value!r}')
    return number


def whole(least: int) -> Callable[[object], int]:
    """Make a reader of whole numbers from ``least`` up."""

    def read(value: object) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or value < least:
            raise ValueError(f"must be a whole number, at least {least}, not {value!r}")
        return value

    return read


def texts(value: object) -> tuple[str, ...]:
    """Read one text or a list of texts."""
    if isinstance(value, str):
        return (value,)
    if not isinstance(value, Sequence) or not all(isinstance(one, str) for one in value):
        raise ValueError(f"must be a text or a list of texts, not {value!r}")
    return tuple(value)


def _text(value: object, example: str) -> str:
    """A text, or what it should be."""
    if not isinstance(value, str):
        raise ValueError(f"must be {example}, not {value!r}")
    return value
