"""All layouts by name, in the order in which they are asked."""

from __future__ import annotations

from ghsync.errors import UsageError
from ghsync.layouts.backlog import BacklogLayout
from ghsync.layouts.base import Layout, LoadOptions
from ghsync.layouts.bmad import BmadLayout
from ghsync.layouts.ccpm import CcpmLayout
from ghsync.layouts.claudeautopm import ClaudeAutoPmLayout
from ghsync.layouts.custom import OwnLayout
from ghsync.layouts.export import ExportLayout
from ghsync.layouts.folder import FolderLayout
from ghsync.layouts.speckit import SpecKitLayout

BUILT_IN: tuple[Layout, ...] = (
    ClaudeAutoPmLayout(),
    CcpmLayout(),
    BacklogLayout(),
    SpecKitLayout(),
    BmadLayout(),
)
FALLBACK: tuple[Layout, ...] = (ExportLayout(), FolderLayout())
"""Asked in turn, each only where no other layout recognises anything, or by name."""
_ALIASES = {"speckit": "spec-kit", "backlog.md": "backlog", "autopm": "claudeautopm"}


def names(options: LoadOptions | None = None) -> tuple[str, ...]:
    """The words that ``--layout`` takes."""
    custom = [layout.name for layout in options.custom] if options else []
    built_in = [layout.name for layout in (*BUILT_IN, *FALLBACK)]
    return tuple(dict.fromkeys([*custom, *built_in]))


def chosen(options: LoadOptions) -> tuple[tuple[Layout, ...], ...]:
    """The layouts to try, in tiers: a later tier is asked only where an earlier finds nothing.

    The user's own come first; with names in the options, just those, in one tier.

    Raises:
        UsageError: A name in ``options.layouts`` is none of the layouts'.
    """
    own = tuple(OwnLayout(settings=settings) for settings in options.custom)
    first: tuple[Layout, ...] = (*own, *BUILT_IN)
    if not options.layouts:
        return first, *((layout,) for layout in FALLBACK)
    known = (*first, *FALLBACK)
    wanted = {_ALIASES.get(name.casefold(), name.casefold()) for name in options.layouts}
    unknown = sorted(wanted - {layout.name.casefold() for layout in known})
    if unknown:
        raise UsageError(
            f"There is no layout '{unknown[0]}'.",
            hint=f"Use one of: {', '.join(names(options))}.",
        )
    return (tuple(layout for layout in known if layout.name.casefold() in wanted),)
