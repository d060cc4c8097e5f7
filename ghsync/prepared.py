"""A plan with what it was made from, and the one that is made without asking GitHub."""

from __future__ import annotations

from dataclasses import replace

from ghsync.bodies import Bodies
from ghsync.brakes import check_files
from ghsync.config import Config
from ghsync.errors import NoLayoutError
from ghsync.given import check_source
from ghsync.journal import BoundTo, JournalEvent, Recorded, SyncMap, rekeyed
from ghsync.lint import check
from ghsync.loader import load
from ghsync.model import Checked, IssueNumber, Key, Loaded, Snapshot
from ghsync.place import Places
from ghsync.plan import Planned, make_plan
from ghsync.selection import Selection, checked_part, choose, narrow
from ghsync.sides import assumed
from ghsync.values import dataclass

NOTHING = Loaded(items=())
"""No files: what a run needs that does not look at them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A plan with everything it was made from."""

    loaded: Loaded
    checked: Checked
    snapshot: Snapshot
    planned: Planned
    numbers: frozenset[IssueNumber] = frozenset()
    """Every number that was seen, pull requests included."""
    cursor: str = ""
    whole: str = ""
    read_at: float = 0.0
    """When the reading of the snapshot began, by the session's clock."""
    chosen: frozenset[Key] | None = None
    """The items that the plan was narrowed to; ``None`` for all."""


def selected(prepared: Prepared, selection: Selection, smap: SyncMap) -> Prepared:
    """The same for the items that a run is about; what is read and known stays.

    Raises :class:`~ghsync.errors.UsageError` for a pattern that fits no item.
    """
    if selection.everything:
        return prepared
    chosen = choose(selection, prepared.loaded.items, smap.entries)
    planned, chosen = narrow(prepared.planned, chosen, selection)
    checked = prepared.checked
    if chosen is not None:
        checked = checked_part(checked, chosen, selection)
    return replace(prepared, planned=planned, checked=checked, chosen=chosen)


def known(prepared: Prepared, smap: SyncMap) -> list[JournalEvent]:
    """What is known without any request: the repository, renames, what both sides agree on."""
    repo, planned = prepared.snapshot.repo, prepared.planned
    events: list[JournalEvent] = []
    if smap.repo_id is None or smap.repo != repo.full_name:
        events.append(BoundTo(repo_id=repo.id, repo=repo.full_name))
    events += rekeyed(planned.plan.renames)
    events += [Recorded(entry=entry) for entry in planned.learned]
    return events


def read_items(config: Config) -> Loaded:
    """The items of a run: those that were given, or what the root's files hold."""
    return config.given or load(config.root, config.load_options)


def files_of(config: Config, smap: SyncMap) -> Loaded:
    """The items of a push; none at all only where that is allowed by number.

    Raises :class:`~ghsync.errors.NoLayoutError` where there never were any, and
    :class:`~ghsync.errors.RefusedError` where the map knows some, or holds those of another source.
    """
    given = config.given is not None
    try:
        found = read_items(config)
    except NoLayoutError as error:
        check_source(NOTHING, smap, given=given)
        check_files(error, smap, config.allow_changes)
        return NOTHING
    check_source(found, smap, given=given)
    return found


def offline(config: Config, smap: SyncMap) -> Prepared:
    """Plan without GitHub: against what the map last agreed on."""
    loaded = files_of(config, smap)
    checked = check(loaded, settings=config.lint_settings)
    snapshot = assumed(smap)
    if config.repo is not None and not snapshot.repo.full_name:
        snapshot = replace(snapshot, repo=replace(snapshot.repo, full_name=config.repo.full_name))
    place = Places(config).of(snapshot.repo.full_name)
    planned = make_plan(
        checked,
        loaded,
        smap,
        snapshot,
        config.plan_settings,
        read=False,
        bodies=Bodies(loaded.items, place, config.text_settings),
    )
    prepared = Prepared(loaded=loaded, checked=checked, snapshot=snapshot, planned=planned)
    return selected(prepared, config.selection, smap)
