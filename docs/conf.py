"""The documentation site: ``make docs`` builds it into ``build/docs``, and a warning is an error.

The pages are written to be read in the folder, too. What the site needs besides, it gets here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.util.docutils import SphinxDirective

from ghsync.report import schemas

if TYPE_CHECKING:
    from sphinx.application import Sphinx

project = "ghsync"
author = "the ghsync authors"
release = metadata.version("ghsync-issues")
html_title = f"ghsync {release}"

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx_click"]
root_doc = "index"
exclude_patterns = ["README.md"]  # the index for who reads the folder; index.md is the site's
html_theme = "furo"
html_copy_source = False
highlight_language = "none"
myst_heading_anchors = 4
autodoc_member_order = "bysource"
autodoc_default_options = {"members": True}
suppress_warnings = ["misc.highlighting_failure"]  # an ellipsis in a JSON example

Row = tuple[str, str, str]
FENCE_WITH_PATH = re.compile(r"^(```\w+) (\S.*)$", re.MULTILINE)
"""An example file: its path follows the language, where Sphinx would look for options."""
LINK = re.compile(r"\[([^\]\n]*)\]\(([^)\s#:]+)(#[^)\s]*)?\)")


def for_the_site(app: Sphinx, page: str, source: list[str]) -> None:
    """Example files get their path as a line above, and links become those of a site."""
    here = Path(app.srcdir, page).parent
    docs = Path(app.srcdir).resolve()

    def of_the_site(found: re.Match[str]) -> str:
        words, target, anchor = found.group(1), found.group(2), found.group(3) or ""
        place = (here / target).resolve()
        if not place.is_relative_to(docs):  # of the checkout, and no page here
            return words if words.strip("`").endswith(place.name) else f"{words} (`{place.name}`)"
        if (place / "index.md").is_file():
            return f"[{words}]({target.rstrip('/')}/index.md{anchor})"
        return found.group()

    text = FENCE_WITH_PATH.sub(r"`\2`\n\n\1", source[0])
    source[0] = LINK.sub(of_the_site, text)


class Schemas(SphinxDirective):
    """Every published JSON Schema: its fields as a table, and the whole of it."""

    def run(self) -> list[nodes.Node]:
        """Return one section for each document."""
        return [self._section(name) for name in schemas.NAMES]

    def _section(self, name: schemas.Name) -> nodes.section:
        schema = schemas.load(name)
        section = nodes.section(ids=[nodes.make_id(f"schema-{name}")])
        section += nodes.title(text=schema["title"])
        rows = [f"| `{path}` | {kind} | {always} |" for path, kind, always in fields(schema)]
        table = ["| field | type | always there |", "|---|---|---|", *rows, ""]
        self.state.nested_parse(StringList(table, source=name), 0, section)
        text = json.dumps(schema, indent=2, ensure_ascii=False)
        section += nodes.literal_block(text, text, language="json")
        return section


def fields(schema: dict[str, Any]) -> Iterator[Row]:
    """The fields of a document and of what it holds: path, type, whether it is always there."""

    def look(part: dict[str, Any], path: str, seen: tuple[str, ...]) -> Iterator[Row]:
        for name, value in part.get("properties", {}).items():
            inner, deeper = follow(value, seen)
            where = f"{path}{name}"
            always = "yes" if name in part.get("required", []) else "no"
            yield where, words(inner), always
            items, deepest = follow(inner.get("items", {}), deeper)
            yield from look(inner, f"{where}.", deeper)
            yield from look(items, f"{where}[].", deepest)

    def follow(
        part: dict[str, Any], seen: tuple[str, ...]
    ) -> tuple[dict[str, Any], tuple[str, ...]]:
        name = part.get("$ref", "").rpartition("/")[2]
        if not name:
            return part, seen
        found = {} if name in seen else schema["$defs"][name]
        return found, (*seen, name)

    yield from look(schema, "", ())


def words(part: dict[str, Any]) -> str:
    """A type as a person says it."""
    if "const" in part:
        return f"`{part['const']}`"
    if "enum" in part:
        return ", ".join(f"`{each}`" for each in part["enum"])
    kinds = part.get("type", "any")
    return kinds if isinstance(kinds, str) else " or ".join(kinds)


def setup(app: Sphinx) -> None:
    """Tell Sphinx of the two."""
    app.connect("source-read", for_the_site)
    app.add_directive("json-schemas", Schemas)
