"""The text of a plan file: JSON, one operation a line, with a checksum over the whole.

The file is read strictly. One that was edited, reformatted or cut off is refused: what was
reviewed is what is applied. Docs: ``docs/plan-files.md``.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NoReturn, TypeVar

from ghsync.errors import PlanFileError
from ghsync.model import (
    Adopt,
    Block,
    ClearField,
    CloseIssue,
    Comment,
    Conflict,
    CreateIssue,
    CreateLabel,
    CreateMilestone,
    FillLinks,
    Finding,
    LinkParent,
    LockIssue,
    MoveChild,
    Operation,
    Plan,
    Rename,
    ReopenIssue,
    Repo,
    RepoId,
    SetFields,
    Skip,
    Unblock,
    UnlinkParent,
    UnlockIssue,
    UpdateIssue,
)
from ghsync.model.saved import SavedPlan, Side
from ghsync.patterns import regex
from ghsync.planfile.values import (
    Json,
    Wrong,
    flag,
    items,
    many,
    mapping,
    maybe,
    of,
    read,
    text,
    texts,
    whole,
    written,
)

SCHEMA = "ghsync.plan/1"
AGAIN = "Make it again: `ghsync push --dry-run --out FILE`."
T = TypeVar("T")

OPERATIONS: Mapping[str, type] = {
    "create_label": CreateLabel,
    "create_milestone": CreateMilestone,
    "adopt": Adopt,
    "create": CreateIssue,
    "update": UpdateIssue,
    "fill_links": FillLinks,
    "close": CloseIssue,
    "reopen": ReopenIssue,
    "link": LinkParent,
    "unlink": UnlinkParent,
    "block": Block,
    "unblock": Unblock,
    "set_fields": SetFields,
    "clear_field": ClearField,
    "move": MoveChild,
    "comment": Comment,
    "lock": LockIssue,
    "unlock": UnlockIssue,
}
"""The word of each operation in a plan file."""
_WORDS = {kind: word for word, kind in OPERATIONS.items()}
_CHECKSUM = regex(r'"checksum": "(sha256:[0-9a-f]{64})",')
_SHOWN_AS_CODES = regex(
    "[\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e0fff]"
)
"""What an editor or a diff does not show, or shows elsewhere: a reviewer is to see it."""
_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False)


# ----------------------------------------------------------------------------- writing


def encode(saved: SavedPlan) -> str:
    """The text of a plan file; the same for the same plan. Its cost is linear."""
    head, lines = _lines(saved)
    rest = "\n".join([*lines, ""])
    checksum = _checksum(f"{{\n{head}\n{rest}")
    return f'{{\n{head}\n"checksum": "{checksum}",\n{rest}'


def _lines(saved: SavedPlan) -> tuple[str, list[str]]:
    plan = saved.plan
    repo = {"id": plan.repo.id, "full_name": plan.repo.full_name, "api_url": saved.api_url}
    single = {
        "ghsync": saved.version,
        "repo": repo,
        "sandbox": saved.sandbox,
        "inside": saved.inside,
        "commit": saved.commit,
        "settings": saved.settings,
        "given": list(saved.given),
    }
    last = {
        "unchanged": list(plan.unchanged),
        "later": list(plan.later),
        "numbers": {key: plan.numbers[key] for key in sorted(plan.numbers)},
    }
    lines = [f'"{name}": {_dumps(value)},' for name, value in single.items()]
    for name, rows in _rows(saved):
        lines += _block(name, rows)
    lines += [f'"{name}": {_dumps(value)},' for name, value in last.items()]
    lines[-1] = lines[-1].removesuffix(",")
    return f'"schema": "{SCHEMA}",', [*lines, "}"]


def _rows(saved: SavedPlan) -> Iterator[tuple[str, Iterable[Json]]]:
    plan = saved.plan
    yield "items", map(written, saved.sides)
    yield "operations", map(operation_json, plan.operations)
    yield "renames", map(written, plan.renames)
    yield "skipped", map(written, plan.skipped)
    yield "conflicts", map(written, plan.conflicts)
    yield "findings", map(written, plan.findings)


def operation_json(operation: Operation) -> Json:
    """One operation."""
    return {"op": _WORDS[type(operation)], **written(operation)}


def _block(name: str, rows: Iterable[Json]) -> list[str]:
    lines = [f"{_dumps(row)}," for row in rows]
    if not lines:
        return [f'"{name}": [],']
    lines[-1] = lines[-1].removesuffix(",")
    return [f'"{name}": [', *lines, "],"]


def _dumps(value: object) -> str:
    found = _ENCODER.encode(value)
    if found.isascii() and "\x7f" not in found:
        return found
    return _SHOWN_AS_CODES.sub(lambda match: json.dumps(match[0])[1:-1], found)


def _checksum(without: str) -> str:
    return f"sha256:{hashlib.sha256(without.encode()).hexdigest()}"


# ----------------------------------------------------------------------------- reading


def checksum_of(encoded: str) -> str:
    """The checksum in the text of a plan file that :func:`decode` has taken: the plan's name."""
    found = _CHECKSUM.match(encoded.split("\n", 3)[2])
    return found[1] if found is not None else ""


def decode(encoded: str) -> SavedPlan:
    """The plan of a text that :func:`encode` made.

    Raises :class:`~ghsync.errors.PlanFileError` for any other: what is wrong, and where.
    """
    encoded = encoded.replace("\r\n", "\n")  # as git may have checked it out
    raw = _loads(encoded)
    schema = raw.get("schema")
    if schema != SCHEMA:
        raise _foreign(schema)
    _verify(encoded)
    del raw["schema"], raw["checksum"]
    try:
        return _saved(raw)
    except Wrong as wrong:
        raise PlanFileError(f"The plan file cannot be read: {wrong}.", hint=AGAIN) from None


def _verify(encoded: str) -> None:
    """Compare the checksum, which stands in the third line, with the rest."""
    lines = encoded.split("\n", 3)
    found = _CHECKSUM.fullmatch(lines[2]) if len(lines) == 4 else None
    if found is None or found[1] != _checksum("\n".join([*lines[:2], lines[3]])):
        raise PlanFileError(
            "The plan file was changed after ghsync wrote it: its checksum is not that of its "
            "contents. Nothing was sent.",
            hint=f"Change the planning files, not the plan. {AGAIN}",
        )


def _foreign(schema: object) -> PlanFileError:
    if isinstance(schema, str) and re.fullmatch(r"ghsync\.plan/[0-9]{1,6}", schema):
        return PlanFileError(
            f"The plan file is of another version: {schema}; this ghsync reads {SCHEMA}.",
            hint="Apply it with the ghsync that made it, or make it again with this one.",
        )
    return PlanFileError("This file holds JSON, but no plan of ghsync.", hint=AGAIN)


def _saved(raw: Json) -> SavedPlan:
    pick = _Picker(raw)
    repo = read_repo(raw.pop("repo", None), "repo")
    plan = Plan(
        repo=Repo(id=RepoId(repo["id"]), full_name=repo["full_name"]),
        operations=tuple(
            _operation(each, f"operations[{place}]")
            for place, each in enumerate(pick("operations", items))
        ),
        unchanged=pick("unchanged", texts),
        skipped=pick("skipped", many(of(Skip))),
        conflicts=pick("conflicts", many(of(Conflict))),
        findings=pick("findings", many(of(Finding))),
        numbers=pick("numbers", mapping(whole)),
        renames=pick("renames", many(of(Rename))),
        later=pick("later", texts),
    )
    saved = SavedPlan(
        plan=plan,
        version=pick("ghsync", text),
        api_url=repo["api_url"],
        sandbox=pick("sandbox", flag),
        inside=pick("inside", text),
        commit=pick("commit", maybe(text)),
        settings=pick("settings", mapping(_anything)),
        given=pick("given", texts),
        sides=pick("items", many(of(Side))),
    )
    pick.done()
    return saved


def read_repo(raw: object, where: str) -> Json:
    """The repository that a plan is for: ``id``, ``full_name``, ``api_url``."""
    if type(raw) is not dict or raw.keys() != {"id", "full_name", "api_url"}:
        raise Wrong(where, "must hold id, full_name and api_url")
    whole(raw["id"], f"{where}.id")
    text(raw["full_name"], f"{where}.full_name")
    text(raw["api_url"], f"{where}.api_url")
    return raw


def _operation(raw: object, where: str) -> Operation:
    if type(raw) is not dict:
        raise Wrong(where, "must be an object")
    word = raw.pop("op", None)
    kind = OPERATIONS.get(word) if isinstance(word, str) else None
    if kind is None:
        raise Wrong(where, f"has the op {word!r}, which this version of ghsync does not know")
    operation: Operation = read(kind, raw, where)
    return operation


class _Picker:
    """Takes the fields of the whole document one by one."""

    def __init__(self, raw: Json) -> None:
        self._raw = raw

    def __call__(self, name: str, reader: Any) -> Any:
        """Read a field, which must be there; raises :class:`Wrong`."""
        if name not in self._raw:
            raise Wrong("it", f"has no {name!r}")
        return reader(self._raw.pop(name), name)

    def done(self) -> None:
        """Refuse what is left over."""
        if self._raw:
            odd = next(iter(self._raw))
            raise Wrong("it", f"has {odd!r}, which this version of ghsync does not know")


def _anything(value: object, where: str) -> object:
    return value


# -------------------------------------------------------------------------------- JSON


def _loads(encoded: str) -> Json:
    try:
        # No look for names given twice: it would double the time, and the checksum sees them.
        raw = json.loads(encoded, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        raise PlanFileError(
            f"The plan file is not valid JSON: {error.msg} (line {error.lineno}).", hint=AGAIN
        ) from None
    except RecursionError:
        raise PlanFileError("The plan file is nested too deeply.", hint=AGAIN) from None
    except ValueError as error:  # NaN, a number of thousands of digits
        raise PlanFileError(f"The plan file cannot be read: {error}.", hint=AGAIN) from None
    if type(raw) is not dict:
        raise PlanFileError("This file holds JSON, but no plan of ghsync.", hint=AGAIN)
    return raw


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number of JSON")
