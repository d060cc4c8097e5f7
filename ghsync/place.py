"""Where the files of a root are on GitHub, for the links in their texts."""

from __future__ import annotations

import os
from functools import cached_property

from ghsync.bodies import Place
from ghsync.checkout import Checkout
from ghsync.config import Config
from ghsync.config.git import web_url_of


class Places:
    """Finds the place of a root; asks git only when a text has a link to a file."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._checkout = Checkout(config.root, os.environ)
        self._there: dict[str, bool] = {}

    def of(self, repo: str) -> Place:
        """The place in this repository, ``owner/name``; nowhere without a name."""
        inside = self._config.inside
        return Place(
            repo=repo,
            web_url=self._web_url,
            prefix=f"{inside}/" if inside else "",
            commit=self._commit,
            committed=lambda path: path in self._checkout.files,
            exists=self._exists,
        )

    @cached_property
    def _web_url(self) -> str:
        web = None if self._config.sandbox else web_url_of(self._config.api_url)
        return web or "https://github.com"

    def _commit(self) -> str | None:
        return self._checkout.commit

    def _exists(self, path: str) -> bool:
        """Whether the commit or the checkout has it; the commit is asked first, and once."""
        if path in self._checkout.files:
            return True
        prefix = f"{self._config.inside}/" if self._config.inside else ""
        if not path.startswith(prefix):
            return False  # beside the root: only what is committed counts
        if path not in self._there:
            self._there[path] = self._in_checkout(path.removeprefix(prefix))
        return self._there[path]

    def _in_checkout(self, path: str) -> bool:
        if ".." in path.split("/"):
            return False
        try:
            return (self._config.root / path).exists()
        except (OSError, ValueError):  # too long for a name, or with a NUL in it
            return False
