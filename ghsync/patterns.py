"""Regular expressions that are compiled when they are first used.

A command loads some hundred and fifty of them and uses thirty; compiling the others was a twelfth
of what a dry run of ten items cost. :mod:`ghsync.values` does the same for dataclasses.
"""

from __future__ import annotations

import re
from typing import Any, cast


class _Later:
    """Stands for a pattern, and from the first use on has that pattern's methods as its own."""

    def __init__(self, text: str, flags: int) -> None:
        self.pattern = text
        self._flags = flags

    def __getattr__(self, name: str) -> Any:
        """Compile; called only for what is not there yet."""
        compiled = re.compile(self.pattern, self._flags)
        for each in dir(compiled):
            if not each.startswith("_"):
                self.__dict__[each] = getattr(compiled, each)
        return getattr(compiled, name)


def regex(text: str, flags: int = 0) -> re.Pattern[str]:
    """Do as :func:`re.compile` does, later: an error in ``text`` shows at the first use.

    For constants of a module. What :mod:`re` itself is to take, or a match's ``re`` is compared
    with, has to be compiled by it.
    """
    return cast("re.Pattern[str]", _Later(text, flags))
