"""The doctor's look at this machine and the folder: versions, settings, files, state, lock."""

from __future__ import annotations

import os
import platform
import re
import sys
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, requires, version

from ghsync import __version__
from ghsync.config import Config
from ghsync.errors import GhsyncError, LockedError
from ghsync.journal import SyncMap
from ghsync.lint import check
from ghsync.loader import load
from ghsync.model import Check, Finding, Loaded, Severity
from ghsync.store import Files, Store
from ghsync.store.lock import held

_OURSELVES = "ghsync-issues"
_NAME = re.compile(r"[\w.-]+")
_OLDEST = (3, 11)


def machine(config: Config) -> tuple[Check, ...]:
    """Look at the machine, the folder and the settings; writes nothing."""
    return (_python(), _packages(), _root(config), _settings(config))


def state(config: Config, *, now: float) -> tuple[tuple[Check, ...], SyncMap | None]:
    """Look at what earlier runs left; the map is ``None`` where it cannot be read."""
    try:
        found = Store.open(config.root).load()
    except GhsyncError as error:
        return (_failed("state", error), _lock(config, now)), None
    entries = _count(len(found.map.entries), "item")
    belongs = f"; the map of {found.map.repo}" if found.map.repo else ""
    if not found.pending and not found.notices:
        row = Check(name="state", ok=True, detail=f"{entries} mapped{belongs}")
        return (row, _lock(config, now)), found.map
    notes = list(found.notices)
    if found.pending:
        lost = _count(len(found.pending), "create")
        notes.insert(0, f"{lost} of an earlier run without a known outcome")
    row = Check(
        name="state",
        ok=None,
        detail=f"{entries} mapped{belongs}; {'; '.join(notes)}",
        hint="The next push settles this first: it looks on GitHub before it sends anything."
        if found.pending
        else "",
    )
    return (row, _lock(config, now)), found.map


# ---------------------------------------------------------------------------- machine


def _python() -> Check:
    found = f"{platform.python_version()} ({platform.python_implementation()}, {sys.platform})"
    fine = sys.version_info[:2] >= _OLDEST
    oldest = ".".join(map(str, _OLDEST))
    return Check(
        name="python", ok=fine, detail=found, hint=f"ghsync needs Python {oldest} or newer."
    )


def _packages() -> Check:
    found, missing = [f"ghsync {__version__}"], []
    for name in _needed():
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            missing.append(name)
    if not missing:
        return Check(name="packages", ok=True, detail=", ".join(found))
    return Check(
        name="packages",
        ok=False,
        detail=f"not installed: {', '.join(missing)}",
        hint="Install ghsync again: pip install --force-reinstall ghsync-issues",
    )


def _needed() -> list[str]:
    """The packages that ghsync needs, as it was installed; none where it was not."""
    try:
        wanted = requires(_OURSELVES) or []
    except PackageNotFoundError:  # run from its sources
        return []
    names = (_NAME.match(each) for each in wanted if "extra ==" not in each)
    return sorted((name[0] for name in names if name), key=str.casefold)


# ------------------------------------------------------------------------------- files


def _root(config: Config) -> Check:
    folder = config.root / ".ghsync"
    place = folder if folder.is_dir() else config.root
    if os.access(place, os.W_OK | os.X_OK):
        return Check(name="root", ok=True, detail=str(config.root.resolve()))
    return Check(
        name="root",
        ok=False,
        detail=f"{place} cannot be written, and a push keeps its state there",
        hint="Make the folder writable for you.",
    )


def _settings(config: Config) -> Check:
    file = config.file or "no ghsync.toml"
    given = [f"{name} ({source.value})" for name, source in config.sources.items()]
    given = [each for each in given if not each.endswith("(default)")]
    detail = f"{file}; set: {', '.join(given)}" if given else f"{file}; all defaults"
    if not config.notices:
        return Check(name="settings", ok=True, detail=detail)
    return Check(
        name="settings",
        ok=None,
        detail=f"{detail}; {'; '.join(config.notices)}",
        hint="`ghsync init --print` explains every setting.",
    )


def files(config: Config) -> tuple[tuple[Check, ...], Loaded | None]:
    """Look at the items and at what lint says of them; the items, if there are any."""
    try:
        loaded = load(config.root, config.load_options)
        findings = check(loaded, settings=config.lint_settings).findings
    except GhsyncError as error:
        nothing = Check(name="lint", ok=None, detail="not checked: no items were found")
        return (_failed("layouts", error), nothing), None
    return (_layouts(loaded), _lint(findings)), loaded


def _layouts(loaded: Loaded) -> Check:
    names = ", ".join(loaded.layouts)
    detail = f"{names}: {_count(len(loaded.items), 'item')}"
    if loaded.not_items:
        detail += f", {_count(len(loaded.not_items), 'file')} left out"
    if loaded.items:
        return Check(name="layouts", ok=True, detail=detail)
    return Check(
        name="layouts", ok=None, detail=detail, hint="`ghsync items` says why each file is none."
    )


def _lint(findings: Iterable[Finding]) -> Check:
    found = [finding.severity for finding in findings]
    errors, warnings = found.count(Severity.ERROR), found.count(Severity.WARNING)
    detail = f"{_count(errors, 'error')}, {_count(warnings, 'warning')}"
    fine = False if errors else None if warnings else True
    return Check(name="lint", ok=fine, detail=detail, hint="`ghsync lint` lists them.")


# ------------------------------------------------------------------------------- state


def _lock(config: Config, now: float) -> Check:
    """Who holds the lock. It is tried only where a holder has left its note."""
    path = config.root / ".ghsync" / "lock"
    free = Check(name="lock", ok=True, detail="nobody holds it")
    if not path.with_name("lock.json").exists():
        return free
    try:
        with held(Files(), path, since=now, command="doctor"):
            return free
    except LockedError as error:
        return Check(name="lock", ok=None, detail=error.message, hint=error.hint)
    except GhsyncError as error:
        return Check(name="lock", ok=None, detail=error.message, hint=error.hint)


def _failed(name: str, error: GhsyncError) -> Check:
    return Check(name=name, ok=False, detail=error.message, hint=error.hint)


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
