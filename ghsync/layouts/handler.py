"""Frontmatter whose every scalar stays text, as a handler of python-frontmatter.

Apart from :mod:`ghsync.layouts.frontmatter`, since python-frontmatter brings all of PyYAML along,
and most files are read without either.
"""

from __future__ import annotations

import re

from frontmatter.default_handlers import BaseHandler

from ghsync.layouts import frontmatter, yamltext


class TextHandler(BaseHandler):
    """The handler for ``---`` frontmatter whose every scalar stays text."""

    FM_BOUNDARY: re.Pattern[str] = frontmatter.BOUNDARY
    START_DELIMITER = END_DELIMITER = "---"

    def detect(self, text: str) -> bool:
        """Whether the text opens with a ``---`` line."""
        return frontmatter.detect(text)

    def split(self, text: str) -> tuple[str, str]:
        """Split into frontmatter and the rest; ``ValueError`` if it is never closed."""
        return frontmatter.split(text)

    def load(self, fm: str) -> dict[str, object]:
        """The fields by name, the last of duplicates."""
        value = yamltext.read(fm)
        if not isinstance(value, yamltext.Mapping):
            return {}
        return {key.text or "": entry for key, entry in value.entries}
