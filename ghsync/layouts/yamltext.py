"""YAML read as the text that it is: no octal, no floats, no dates, no booleans.

YAML 1.1 turns ``[001, 010]`` into ``[1, 8]``, ``1.10`` into ``1.1`` and ``no`` into false; none of
that is wanted of ids and titles. Most frontmatter is read by :mod:`ghsync.layouts.plainyaml`; what
is not plain goes to the parser of :mod:`ghsync.layouts.yamlevents`, which is loaded only then.
"""

from __future__ import annotations

from ghsync.layouts import plainyaml
from ghsync.layouts.yamlnodes import (
    MAX_DEPTH,
    MAX_NODES,
    Mapping,
    Scalar,
    Sequence,
    Value,
    YamlError,
)

__all__ = [
    "MAX_DEPTH",
    "MAX_NODES",
    "Mapping",
    "Scalar",
    "Sequence",
    "Value",
    "YamlError",
    "parse",
    "read",
]


def read(text: str) -> Value | None:
    """Read one YAML document; ``None`` if there is nothing in it.

    Raises:
        YamlError: It is not valid, nests deeper than `MAX_DEPTH`, or has over `MAX_NODES` nodes.
    """
    return plainyaml.read(text) or parse(text)


def parse(text: str) -> Value | None:
    """What `read` does, by the parser alone."""
    from ghsync.layouts import yamlevents

    return yamlevents.parse(text)
