"""The text of a first ``ghsync.toml``: every setting with its default, commented out."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import fields as dataclass_fields
from enum import StrEnum
from pathlib import Path

from ghsync.config.proposal import Proposal, propose
from ghsync.config.settings import LAYOUT, REPO, SETTINGS, Setting
from ghsync.layouts.base import FieldNames
from ghsync.model import Kind

_HEAD = """\
# ghsync keeps the planning markdown of this folder and its GitHub issues in step.
# Every setting is shown with its default; remove the # to change one.
# An option on the command line and the environment win over this file.
# More: docs/configuration.md in ghsync's repository.
"""


def init_text(root: Path, detected: Sequence[str] = (), *, repo: str | None = None) -> str:
    """Write a ghsync.toml for a root whose layouts are ``detected`` (names, none if unknown).

    ``repo`` is the one that is found without the file.

    Where nothing was recognised, a layout is proposed from what the folder holds, ready to use;
    where that fails too, an example stands there, commented out.
    """
    proposal = None if detected else propose(root)
    settings = [_setting(setting, detected, repo) for setting in SETTINGS if setting.in_file]
    return "\n".join([_HEAD, *settings, _custom(proposal, recognised=bool(detected))])


def _setting(setting: Setting[object], detected: Sequence[str], repo: str | None) -> str:
    """One setting: what it does, where else it comes from, and its default."""
    doc = setting.doc.replace("`", "")
    also = [word for word in (setting.option, setting.env) if word]
    note = f" ({' or '.join(also)})" if also else ""
    lines = [*_comment(doc + note)]
    if setting.name == LAYOUT.name and detected:
        lines.append(f"# Recognised here: {', '.join(detected)}.")
        value = _toml(list(detected))
    elif setting.name == REPO.name and repo is not None:
        lines.append(f"# Found here: {repo}.")
        value = _toml(repo)
    else:
        value = setting.example or _toml(setting.default)
    if setting.shown_default:
        lines.extend(_comment(f"Default: {setting.shown_default}.".replace("`", "")))
    lines.append(f"# {setting.name} = {value}")
    return "\n".join(lines) + "\n"


def _custom(proposal: Proposal | None, *, recognised: bool) -> str:
    """The table of a layout of one's own: proposed, or as an example."""
    if proposal is not None:
        lead = (
            f"No layout was recognised, but {proposal.files} markdown files look like items. "
            "Check the globs (the first that matches decides a file's kind), then try "
            "`ghsync items` and `ghsync push --sandbox`."
        )
        return "\n".join([*_comment(lead), *_layout(proposal)]) + "\n"
    lead = "A layout of your own, for files that no layout recognises."
    if not recognised:
        lead += " None was recognised here: set the globs, and remove the #."
    lines = [line.removeprefix("# ") for line in _layout(_EXAMPLE)]
    return "\n".join([*_comment(lead), *_commented(lines)]) + "\n"


def _layout(proposal: Proposal) -> list[str]:
    """A layout's table: what is proposed, and what else it can hold, commented out."""
    proposed = dict(proposal.fields)
    fields: list[str] = []
    for field in dataclass_fields(FieldNames):
        names = proposed.get(field.name)
        line = f"{field.name} = {_toml(names or getattr(FieldNames(), field.name))}"
        fields.append(line if names else f"# {line}")
    header = "[layouts.custom.fields]  # which field of a file holds what"
    return [
        "[layouts.custom]",
        *(f"{kind.value} = {_toml(globs)}" for kind, globs in proposal.kinds),
        '# ignore = ["**/README.md"]',
        f"archived = {_toml(proposal.archived)}"
        if proposal.archived
        else '# archived = ["**/archive/**"]',
        '# title = "{title}"  # over the fields of the file, such as "{id}: {title}"',
        header if proposed else f"# {header}",
        *fields,
        "# [layouts.custom.status]  # words beyond those that ghsync knows",
        '# open = ["in qa"]',
        '# closed = ["shipped to prod"]',
        '# not_planned = ["dropped"]',
        "# [layouts.custom.labels]  # in place of the kind's own word",
        *(f'# {kind.value} = ["{kind.value}"]' for kind in Kind),
    ]


_EXAMPLE = Proposal(kinds=((Kind.EPIC, ("plans/*/epic.md",)), (Kind.TASK, ("plans/*/*.md",))))


def _commented(lines: Iterable[str]) -> list[str]:
    """Each line behind a #."""
    return [f"# {line}".rstrip() for line in lines]


def _comment(text: str) -> list[str]:
    """Prose as comment lines."""
    return [f"# {line}" for line in textwrap.wrap(text, 96)]


def _toml(value: object) -> str:
    """A value in TOML; a JSON string is a TOML string, apart from U+007F."""
    match value:
        case bool():
            return "true" if value else "false"
        case StrEnum():
            return json.dumps(value.value)
        case str():
            return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
        case float() if value.is_integer():
            return str(int(value))
        case list() | tuple():
            return f"[{', '.join(_toml(one) for one in value)}]"
        case _:
            return str(value)
