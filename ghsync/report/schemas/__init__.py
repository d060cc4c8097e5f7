"""The published JSON Schemas (draft 2020-12) of ghsync's JSON documents."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any, Literal, TypeAlias, cast, get_args

Name: TypeAlias = Literal[
    "run",
    "plan",
    "event",
    "items",
    "lint",
    "status",
    "diff",
    "pull",
    "sync",
    "map-show",
    "map-import",
    "doctor",
    "log",
    "runs",
    "run-show",
    "runs-stats",
]

NAMES: tuple[Name, ...] = get_args(Name)
"""Every document ``ghsync.<name>/1``."""


@cache
def load(name: Name) -> dict[str, Any]:
    """Read the schema of ``ghsync.<name>/1``; treat it as constant."""
    text = files(__name__).joinpath(f"{name}.json").read_text(encoding="utf-8")
    return cast("dict[str, Any]", json.loads(text))
