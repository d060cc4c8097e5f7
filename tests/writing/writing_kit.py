"""Small helpers: load texts, rewrite one item, and load again."""

from __future__ import annotations

from collections.abc import Mapping

from ghsync import loader
from ghsync.layouts.base import LoadOptions
from ghsync.model import Item
from ghsync.writing import Want, WriteSettings, Written, rewrite

DEFAULT = WriteSettings()


def items(texts: Mapping[str, str], options: LoadOptions | None = None) -> dict[str, Item]:
    """The items of these files by key."""
    return {str(item.key): item for item in loader.load_texts(texts, options).items}


def write(
    texts: Mapping[str, str],
    key: str,
    want: Want,
    settings: WriteSettings = DEFAULT,
) -> tuple[Written, Item]:
    """What became of the item's file, and the item as it is loaded from it."""
    options = LoadOptions(custom=settings.custom)
    item = items(texts, options)[key]
    written = rewrite(item, texts[item.path], want, settings)
    return written, items({**texts, item.path: written.text}, options)[key]


def lines(old: str, new: str) -> list[tuple[str, str]]:
    """The lines that differ, of texts with as many lines."""
    return [(a, b) for a, b in zip(old.split("\n"), new.split("\n"), strict=True) if a != b]
