"""planpilot's sync map, and the block that it puts into every issue's body.

Facts: github.com/aryeko/planpilot at 2350733 ``src/planpilot/core/contracts/sync.py`` (``SyncMap``:
``plan_id``, ``target``, ``board_url``, ``entries`` by item id, each with ``id``, ``key``, ``url``,
``item_type``; ``sync-map.json`` by default) and its metadata block ``PLANPILOT_META_V1`` …
``ITEM_ID:`` … ``END_PLANPILOT_META``. Its ``PLAN_ID`` is a hash of the plan and says nothing here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from ghsync.importers.jsontext import Pairs, line_of
from ghsync.importers.records import ByIdent, Record, Tool, shown
from ghsync.layouts.recorded import issue_in
from ghsync.model import Issue, IssueNumber

_BLOCK = re.compile(
    r"^PLANPILOT_META_V1[ \t]*\n(.*?)^END_PLANPILOT_META[ \t]*$", re.DOTALL | re.MULTILINE
)
_ITEM = re.compile(r"^ITEM_ID[ \t]*:[ \t]*(\S(?:.*\S)?)[ \t]*$", re.MULTILINE)


def is_map(found: Pairs) -> bool:
    """Whether an object is a sync map of planpilot's rather than another tool's."""
    return isinstance(found.get("entries"), Pairs) and ("plan_id" in found or "target" in found)


def read_map(path: str, text: str, found: Pairs) -> tuple[Record, ...]:
    """The records of a sync map; the address of each entry counts."""
    entries = found.section("entries")
    doubled = entries.doubled
    records = []
    for ident, value in entries:
        url = value.get("url") if isinstance(value, Pairs) else None
        issue = issue_in(url) if isinstance(url, str) else None
        wrong = None
        if ident in doubled:
            wrong = f"{shown(ident)} stands in the file twice"
        elif issue is None:
            wrong = "has no issue's address"  # a dry run's entries have none that exists
        records.append(
            Record(
                tool=Tool.PLANPILOT,
                path=path,
                line=line_of(text, ident, "entries"),
                text=shown(ident),
                names=(ByIdent(ident=ident),),
                number=IssueNumber(issue[0]) if issue and wrong is None else None,
                repo=issue[1] if issue else None,
                wrong=wrong,
            )
        )
    return tuple(records)


def item_of(body: str) -> str | None:
    """The id of the item that an issue's body says it is."""
    block = _BLOCK.search(body)
    found = _ITEM.search(block.group(1)) if block else None
    return found.group(1) if found else None


def read_bodies(issues: Iterable[Issue]) -> tuple[Record, ...]:
    """The records in the issues themselves, where no map is left; two of one item are named.

    Renaming an epic makes planpilot create every issue again, so doubles are no rare case.
    """
    found: dict[str, list[Issue]] = {}
    for issue in issues:
        ident = item_of(issue.body)
        if ident is not None:
            found.setdefault(ident, []).append(issue)
    records: list[Record] = []
    for ident, marked in sorted(found.items()):
        others = ", ".join(f"#{issue.number}" for issue in marked)
        wrong = f"{others} all say that they are {ident}" if len(marked) > 1 else None
        records += [_in_body(issue, ident, wrong) for issue in marked]
    return tuple(records)


def _in_body(issue: Issue, ident: str, wrong: str | None) -> Record:
    return Record(
        tool=Tool.PLANPILOT,
        path=f"issue #{issue.number}",
        line=1,
        text=shown(ident),
        names=(ByIdent(ident=ident),),
        number=issue.number,
        proven=True,
        wrong=wrong,
    )
