"""All layouts by name, in the order in which they are asked."""

from __future__ import annotations

from collections.abc import Sequence

from ghsync.errors import UsageError
from ghsync.layouts.backlog import BacklogLayout
from ghsync.layouts.base import Layout, LoadOptions
from ghsync.layouts.ccpm import CcpmLayout
from ghsync.layouts.claudeautopm import ClaudeAutoPmLayout
from ghsync.layouts.custom import OwnLayout
from ghsync.layouts.speckit import SpecKitLayout

BUILT_IN: tuple[Layout, ...] = (
    ClaudeAutoPmLayout(),
    CcpmLayout(),
    BacklogLayout(),
    SpecKitLayout(),
)
_ALIASES = {"speckit": "spec-kit", "backlog.md": "backlog", "autopm": "claudeautopm"}


def names(options: LoadOptions | None = None) -> tuple[str, ...]:
    """The words that ``--layout`` takes."""
    custom = [layout.name for layout in options.custom] if options else []
    return tuple(dict.fromkeys([*custom, *(layout.name for layout in BUILT_IN)]))


def chosen(options: LoadOptions) -> tuple[Layout, ...]:
    """The layouts to try: the user's own first, and only those that the options name.

    Raises:
        UsageError: A name in ``options.layouts`` is none of the layouts'.
    """
    own = tuple(OwnLayout(settings=settings) for settings in options.custom)
    known: Sequence[Layout] = (*own, *BUILT_IN)
    if not options.layouts:
        return tuple(known)
    wanted = {_ALIASES.get(name.casefold(), name.casefold()) for name in options.layouts}
    unknown = sorted(wanted - {layout.name.casefold() for layout in known})
    if unknown:
        raise UsageError(
            f"There is no layout '{unknown[0]}'.",
            hint=f"Use one of: {', '.join(names(options))}.",
        )
    return tuple(layout for layout in known if layout.name.casefold() in wanted)
