"""The brakes: plans that look like an accident are refused until a person names the number."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence

from ghsync.errors import NoLayoutError, RefusedError, WrongRepositoryError
from ghsync.journal import SyncMap
from ghsync.model import (
    SANDBOX_REPOS,
    Adopt,
    CloseIssue,
    CreateIssue,
    Issue,
    IssueNumber,
    Key,
    Operation,
    Plan,
    Repo,
    State,
    UpdateIssue,
)
from ghsync.values import dataclass

BRAKE_SHARE = 0.30
BRAKE_FLOOR = 10
GONE_FLOOR = 3
"""Mapped files of which not one is there: from here on that is no deletion by hand."""
ALIKE_FLOOR = 2
"""Issues of an item's title that nobody has mapped: a single one may be chance."""
_SHOWN = 5


# ----------------------------------------------------------------------- the repository


def check_repository(smap: SyncMap, repo: Repo) -> None:
    """Refuse a map that was made for another repository, by its id (a rename keeps it)."""
    if smap.repo_id is None or smap.repo_id == repo.id:
        return
    if min(smap.repo_id, repo.id) >= SANDBOX_REPOS and smap.repo == repo.full_name:
        raise WrongRepositoryError(
            f"The sync map .ghsync/map.json was made with an earlier sandbox, which is not "
            f"there any more; the {repo.full_name} of this one knows none of its issues.",
            hint="`ghsync sandbox reset` removes the map and the journal along with the "
            "sandbox; the next push starts afresh.",
        )
    belongs = f"The sync map .ghsync/map.json belongs to {smap.repo} (id {smap.repo_id})"
    origin = _origin(smap, repo)
    if origin is not None:
        raise WrongRepositoryError(
            f"{belongs}; {repo.full_name} (id {repo.id}) {origin}, and has issues of its own.",
            hint=f"`ghsync map rebuild` begins a map of its own for {repo.full_name}; where files "
            "name issues by number alone, `ghsync map forget --all` after it lets go of those.",
        )
    raise WrongRepositoryError(
        f"{belongs}, not to {repo.full_name} (id {repo.id}).",
        hint=f"Push to {smap.repo}, or work in a checkout without this map. "
        "A map that the sandbox made goes away with `ghsync sandbox reset`.",
    )


def _origin(smap: SyncMap, repo: Repo) -> str | None:
    """How a repository came by the map of another, where GitHub says so."""
    if smap.repo_id in repo.forked_from:
        return "is a fork of it"
    if smap.repo_id == repo.made_from:
        return "was made from it as a template"
    if (smap.repo or "").casefold() == repo.full_name.casefold():
        return "was made anew under the same name"
    return None


# ----------------------------------------------------------------------------- the files


def check_files(error: NoLayoutError, smap: SyncMap, allow: int | None) -> None:
    """Refuse a folder without any planning files, if a map says that there were some.

    Raises ``error`` where there is no map.
    """
    count = len(smap.entries)
    if not count:
        raise error
    if allow is None or allow < count:
        raise RefusedError(
            "No planning files are recognised here, but the sync map .ghsync/map.json holds "
            f"{_count(count, 'item')}, all of whose issues would be orphaned.",
            hint="Is this the folder, the branch and the `layout` that was pushed? "
            f"`--allow-changes {count}` goes on without the files.",
        )


# ------------------------------------------------------------------------------ the plan


@dataclass(frozen=True, slots=True, kw_only=True)
class _Trip:
    """A brake that holds: how much would happen, and what to do instead."""

    count: int
    message: str
    hint: str
    allowed: str
    """What happens where the number is allowed, as the end of a sentence."""


def brake(
    plan: Plan,
    smap: SyncMap,
    allow: int | None,
    *,
    files: Collection[Key] | None = None,
    issues: Iterable[Issue] = (),
) -> None:
    """Refuse a plan that looks like an accident; :class:`~ghsync.errors.RefusedError`.

    ``files`` are the items that the files hold, ``issues`` what GitHub holds, as far as that is
    known. ``allow`` lets through what is no larger.
    """
    brakes: Sequence[Callable[[], _Trip | None]] = (
        lambda: _lost_map(plan, smap),
        lambda: _all_elsewhere(plan, smap, files),
        lambda: _look_alike(plan, smap, issues),
        lambda: _rewritten(plan, smap),
    )
    found = [trip for each in brakes if (trip := each()) is not None]
    holding = [trip for trip in found if allow is None or allow < trip.count]
    if not holding:
        return
    first = holding[0]
    most = max(trip.count for trip in holding)
    raise RefusedError(
        " ".join(trip.message for trip in holding),
        hint=f"{first.hint} `--allow-changes {most}` {first.allowed}.",
    )


def _lost_map(plan: Plan, smap: SyncMap) -> _Trip | None:
    """Without a map, though GitHub holds issues with our marker."""
    if smap.entries:
        return None
    marked = sorted(
        op.number for op in plan.operations if isinstance(op, Adopt) and op.uid is not None
    )
    if not marked:
        return None
    return _Trip(
        count=len(marked),
        message=f"There is no sync map here, but {plan.repo.full_name} already holds "
        f"{_count(len(marked), 'issue')} that ghsync made for these files ({_numbers(marked)}).",
        hint="Run `ghsync map rebuild`, or fetch the .ghsync/map.json that was committed;",
        allowed="takes those issues as they are",
    )


def _all_elsewhere(plan: Plan, smap: SyncMap, files: Collection[Key] | None) -> _Trip | None:
    """Where no mapped file has kept its key: another root, another layout, a folder moved."""
    moved = {rename.old: rename.new for rename in plan.renames}
    if files is None or any(key in files and key not in moved for key in smap.entries):
        return None
    gone, count = smap.entries.keys() - moved.keys(), len(smap.entries)
    if len(gone) < GONE_FLOOR and count < BRAKE_FLOOR:
        return None
    if moved:
        old, new = min(moved.items())
        lost = f", and {len(gone):,} are gone" if gone else ""
        message = (
            f"None of the {count:,} mapped items has kept its key: {len(moved):,} would move "
            f"(such as {old} to {new}){lost}."
        )
    else:
        makes = sum(isinstance(op, CreateIssue) for op in plan.operations)
        closes = sum(isinstance(op, CloseIssue) for op in plan.operations)
        then = f", and {_count(makes, 'new one')} made" if makes else ""
        fate = "closed" if closes else "orphaned"
        message = f"None of the {count:,} mapped files is here: their issues would be {fate}{then}."
    return _Trip(
        count=count,
        message=message,
        hint="Is this the folder, the branch and the `layout` that was pushed? If it is meant,",
        allowed="goes on",
    )


def _look_alike(plan: Plan, smap: SyncMap, issues: Iterable[Issue]) -> _Trip | None:
    """Many creates of which GitHub holds issues with the same title, and no map to speak of.

    That is one smaller than what is to be made, as after a first try with ``--limit``.
    """
    creates = [op for op in plan.operations if isinstance(op, CreateIssue)]
    if len(creates) < ALIKE_FLOOR or len(smap.entries) >= len(creates):
        return None
    mapped = set(plan.numbers.values())
    held: dict[str, list[IssueNumber]] = defaultdict(list)
    for issue in issues:
        if issue.marker_key is None and issue.number not in mapped:
            held[_folded(issue.title)].append(issue.number)
    alike = [op for op in creates if _folded(op.title) in held]
    numbers = sorted({n for op in alike for n in held[_folded(op.title)]})
    if min(len(alike), len(numbers)) < max(ALIKE_FLOOR, BRAKE_SHARE * len(creates)):
        return None
    known = "There is no sync map here"
    if smap.entries:
        known = f"The sync map holds only {_count(len(smap.entries), 'item')}"
    return _Trip(
        count=len(alike),
        message=f"{known}, and {plan.repo.full_name} already holds "
        f"{_count(len(numbers), 'issue')} with the titles of {len(alike):,} of the "
        f"{len(creates):,} to create ({_numbers(numbers)}), made by a person or another tool.",
        hint="`ghsync map import` takes over another tool's numbers, `ghsync map adopt --by-title` "
        "pairs what has the same title (both show it first);",
        allowed="makes new issues beside them",
    )


def _rewritten(plan: Plan, smap: SyncMap) -> _Trip | None:
    """More than 30 % of at least 10 mapped issues closed or rewritten (octoDNS's thresholds)."""
    changed = [what for op in plan.operations if (what := _rewrites(op))]
    mapped, count = len(smap.entries), len(changed)
    if mapped < BRAKE_FLOOR or count <= BRAKE_SHARE * mapped:
        return None
    counts = {
        "to close": sum("closed" in what for what in changed),
        "to reopen": sum("open" in what for what in changed),
        "with another title": sum("title" in what for what in changed),
        "with another text": sum("body" in what for what in changed),
    }
    parts = ", ".join(f"{number:,} {word}" for word, number in counts.items() if number)
    return _Trip(
        count=count,
        message=f"This plan closes or rewrites {count:,} of {mapped:,} mapped issues ({parts}), "
        f"more than {BRAKE_SHARE:.0%}.",
        hint="Look at it with `ghsync push --dry-run`; if it is meant,",
        allowed="lets it through",
    )


def _rewrites(op: Operation) -> frozenset[str]:
    """What an operation does to an issue that is there, of what an accident would destroy."""
    match op:
        case CloseIssue():
            return frozenset({"closed"} if op.number is not None else ())
        case UpdateIssue():
            fields = {each.field for each in op.changes} & {"title", "body"}
            states = {each.new for each in op.changes if each.field == "state"}
            closing = {"closed" if new == State.CLOSED else "open" for new in states}
            return frozenset(fields | closing)
        case _:
            return frozenset()


# ------------------------------------------------------------------------------- words


def _folded(title: str) -> str:
    return " ".join(title.casefold().split())


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _numbers(numbers: Sequence[IssueNumber]) -> str:
    shown = ", ".join(f"#{n}" for n in numbers[:_SHOWN])
    return f"{shown}, …" if len(numbers) > _SHOWN else shown
