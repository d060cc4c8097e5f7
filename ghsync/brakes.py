"""The brakes: plans that look like an accident are refused until a person names the number."""

from __future__ import annotations

from ghsync.errors import RefusedError, WrongRepositoryError
from ghsync.journal import SyncMap
from ghsync.model import SANDBOX_REPOS, Adopt, CloseIssue, Operation, Plan, Repo, UpdateIssue

BRAKE_SHARE = 0.30
BRAKE_FLOOR = 10


def check_repository(smap: SyncMap, repo: Repo) -> None:
    """Refuse a map that was made for another repository, by its id (a rename keeps it)."""
    if smap.repo_id is not None and smap.repo_id != repo.id:
        if min(smap.repo_id, repo.id) >= SANDBOX_REPOS and smap.repo == repo.full_name:
            raise WrongRepositoryError(
                f"The sync map .ghsync/map.json was made with an earlier sandbox, which is not "
                f"there any more; the {repo.full_name} of this one knows none of its issues.",
                hint="`ghsync sandbox reset` removes the map and the journal along with the "
                "sandbox; the next push starts afresh.",
            )
        raise WrongRepositoryError(
            f"The sync map .ghsync/map.json belongs to {smap.repo} (id {smap.repo_id}), "
            f"not to {repo.full_name} (id {repo.id}).",
            hint=f"Push to {smap.repo}, or work in a checkout without this map. "
            "A map that the sandbox made goes away with `ghsync sandbox reset`.",
        )


def brake(plan: Plan, smap: SyncMap, allow: int | None) -> None:
    """Refuse a plan that looks like an accident; :class:`~ghsync.errors.RefusedError`.

    More than 30 % of at least 10 mapped issues closed or rewritten (octoDNS's thresholds), or no
    map though GitHub holds issues with our marker.
    """
    if not smap.entries:
        marked = sorted(
            op.number for op in plan.operations if isinstance(op, Adopt) and op.uid is not None
        )
        if marked and (allow is None or allow < len(marked)):
            raise RefusedError(
                f"There is no sync map here, but {plan.repo.full_name} already holds "
                f"{len(marked)} issues that ghsync made for these files "
                f"({', '.join(f'#{n}' for n in marked[:5])}{', …' if len(marked) > 5 else ''}).",
                hint="Run `ghsync map rebuild`, or fetch the .ghsync/map.json that was committed; "
                f"`--allow-changes {len(marked)}` takes those issues as they are.",
            )
    changed = sum(_rewrites(op) for op in plan.operations)
    mapped = len(smap.entries)
    if mapped < BRAKE_FLOOR or changed <= BRAKE_SHARE * mapped:
        return
    if allow is None or allow < changed:
        raise RefusedError(
            f"This plan closes or rewrites {changed} of {mapped} mapped issues, "
            f"more than {BRAKE_SHARE:.0%}.",
            hint="Look at it with `ghsync push --dry-run`; if it is meant, "
            f"`--allow-changes {changed}` lets it through.",
        )


def _rewrites(op: Operation) -> bool:
    match op:
        case CloseIssue():
            return op.number is not None
        case UpdateIssue():
            return any(change.field in ("title", "body", "state") for change in op.changes)
        case _:
            return False
