"""Settings: option, environment, ``ghsync.toml`` or ``[tool.ghsync]``, git remote, default.

The first source that has a setting wins. Everything that can be wrong is checked here, once, with
the file and line, the variable or the option in the message.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from ghsync.bodies import Children, Mentions, TextSettings
from ghsync.childorder import Order
from ghsync.config import settings as s
from ghsync.config.custom import TABLE, custom_layouts
from ghsync.config.details import PullRules
from ghsync.config.git import GitRemote, find_remote, web_url_of
from ghsync.config.limits import AnyLimits, CustomLimits, Limits
from ghsync.config.settings import SETTINGS, Setting
from ghsync.config.tomlfile import TomlFile, read_settings
from ghsync.config.values import RepoName
from ghsync.engine import OnError
from ghsync.errors import ConfigError, UsageError
from ghsync.layouts.base import CustomLayout, IssueTypes, LoadOptions, Locking
from ghsync.lint import LintSettings, Overflow, Oversize
from ghsync.model import Kind, Loaded
from ghsync.plan import PlanSettings
from ghsync.render import TitleTemplate
from ghsync.selection import Selection
from ghsync.threeway import OnConflict
from ghsync.tokens import TokenFrom
from ghsync.tools import MilestoneSpec
from ghsync.values import dataclass

__all__ = ["AnyLimits", "Config", "CustomLimits", "Limits", "RepoName", "Source", "load_config"]

T = TypeVar("T")
SANDBOX_REPO = RepoName("sandbox", "demo")


class Source(StrEnum):
    """Where a setting came from."""

    OPTION = "option"
    ENVIRONMENT = "environment"
    FILE = "file"
    GIT = "git remote"
    DEFAULT = "default"


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """What one run goes by; ``docs/configuration.md`` explains each setting.

    It never holds a token: :mod:`ghsync.remote.auth` reads that itself.
    """

    root: Path
    repo: RepoName | None
    """``None``: no source names one. With ``sandbox`` there always is one."""
    api_url: str
    token_file: Path | None
    token_from: tuple[TokenFrom, ...]
    layout: tuple[str, ...]
    custom: tuple[CustomLayout, ...]
    title: TitleTemplate
    oversize: Oversize
    sandbox: bool
    limits: AnyLimits
    settle: float
    """Seconds."""
    reserve: int
    concurrency: int | None
    max_time: float | None
    """Seconds."""
    on_conflict: OnConflict
    archived: bool
    strict: bool
    only: tuple[str, ...]
    kind: frozenset[Kind]
    limit: int | None
    confirm: bool
    allow_changes: int | None
    allow_dropped: bool
    on_error: OnError
    max_failures: int | None
    remote_lock: bool
    types: IssueTypes
    fields: Mapping[str, str]
    milestones: Mapping[str, MilestoneSpec]
    lock: Locking
    closing_comment: str | None
    order: Order
    overflow: Overflow
    mentions: Mentions
    children: Children
    pull: PullRules
    write_back: bool
    prune: bool
    commit: str | None = None
    """What HEAD of the checkout is, where a closing comment names it."""
    sources: Mapping[str, Source] = field(default_factory=dict)
    """Setting to where it came from; an ``api_url`` of the file or git is less to be trusted."""
    file: str | None = None
    """The name of the file that was read, if any."""
    given: Loaded | None = field(default=None, repr=False)
    """Items that are no files: they are pushed in place of what the root's files hold."""
    inside: str = ""
    """The root's path inside its git checkout, POSIX."""
    notices: tuple[str, ...] = ()

    @property
    def file_url(self) -> str | None:
        """Where the root's files can be read on the web, for links to them."""
        web = web_url_of(self.api_url)
        if web is None or self.repo is None or self.sandbox or self.given is not None:
            return None
        inside = f"/{self.inside}" if self.inside else ""
        return f"{web}/{self.repo}/blob/HEAD{inside}"

    @property
    def load_options(self) -> LoadOptions:
        """What the loader goes by."""
        return LoadOptions(
            layouts=self.layout,
            custom=self.custom,
            types=self.types,
            fields=self.fields,
            lock=self.lock,
            repo=self.repo.full_name if self.repo is not None else None,
        )

    @property
    def lint_settings(self) -> LintSettings:
        """What lint goes by."""
        return LintSettings(
            title=self.title,
            oversize=self.oversize,
            overflow=self.overflow,
            file_url=self.file_url,
        )

    @property
    def plan_settings(self) -> PlanSettings:
        """What the plan goes by."""
        return PlanSettings(
            title=self.title,
            on_conflict=self.on_conflict,
            archived=self.archived,
            milestones=self.milestones,
            closing_comment=self.closing_comment,
            commit=self.commit,
            order=self.order,
            prune=self.prune,
            fields=frozenset(self.fields.values()),
        )

    @property
    def selection(self) -> Selection:
        """Which items a run is about."""
        return Selection(only=self.only, kinds=self.kind, limit=self.limit)

    @property
    def text_settings(self) -> TextSettings:
        """What texts go by."""
        return TextSettings(mentions=self.mentions, children=self.children)


def load_config(
    root: Path,
    *,
    options: Mapping[str, object] | None = None,
    env: Mapping[str, str] | None = None,
) -> Config:
    """Settle every setting for one root.

    ``options`` holds what the user typed, by the setting's name; ``None`` and ``()`` mean that
    the option was not given, so a flag that was not given must be ``None``, not ``False``.
    ``env`` is the environment; an empty variable counts as absent. Raises
    :class:`~ghsync.errors.UsageError` or :class:`~ghsync.errors.ConfigError`.
    """
    if not root.is_dir():
        hint = "Name the folder with the planning files."
        if root.is_file():
            hint = f"Name its folder; for this file alone, add --only {root} to a push or a pull."
        raise UsageError(f"{root} is not a folder", hint=hint)
    file = read_settings(root)
    if file is not None:
        _check_keys(file)
    git = find_remote(root)
    pick = _Picker(options or {}, env or {}, file, git)
    sandbox = pick(s.SANDBOX)
    repo = pick(s.REPO)
    return Config(
        root=root,
        repo=SANDBOX_REPO if sandbox and repo is None else repo,
        api_url=pick(s.API_URL),
        token_file=pick(s.TOKEN_FILE),
        token_from=pick(s.TOKEN_FROM),
        layout=pick(s.LAYOUT),
        custom=custom_layouts(file) if file is not None else (),
        title=pick(s.TITLE),
        oversize=pick(s.OVERSIZE),
        sandbox=sandbox,
        limits=pick(s.LIMITS),
        settle=pick(s.SETTLE),
        reserve=pick(s.RESERVE),
        concurrency=pick(s.CONCURRENCY),
        max_time=pick(s.MAX_TIME),
        on_conflict=pick(s.ON_CONFLICT),
        archived=pick(s.ARCHIVED),
        strict=pick(s.STRICT),
        only=pick(s.ONLY),
        kind=pick(s.KIND),
        limit=pick(s.LIMIT),
        confirm=pick(s.CONFIRM),
        allow_changes=pick(s.ALLOW_CHANGES),
        allow_dropped=pick(s.ALLOW_DROPPED),
        on_error=pick(s.ON_ERROR),
        max_failures=pick(s.MAX_FAILURES),
        remote_lock=pick(s.REMOTE_LOCK),
        types=pick(s.TYPES),
        fields=pick(s.FIELDS),
        milestones=pick(s.MILESTONES),
        lock=pick(s.LOCK),
        closing_comment=(comment := pick(s.CLOSING_COMMENT)),
        order=pick(s.ORDER),
        overflow=pick(s.OVERFLOW),
        mentions=pick(s.MENTIONS),
        children=pick(s.CHILDREN),
        pull=pick(s.PULL),
        write_back=pick(s.WRITE_BACK),
        prune=pick(s.PRUNE),
        commit=_commit(root, comment),
        sources=pick.sources,
        file=file.name if file is not None else None,
        inside=git.inside,
        notices=(
            *(file.notices if file is not None else ()),
            *(git.notices if repo is None else ()),
        ),
    )


def _commit(root: Path, comment: str | None) -> str | None:
    """What HEAD is, where a closing comment names it."""
    if comment is None or "{commit}" not in comment:
        return None
    from ghsync.store import head_commit

    return head_commit(root)


class _Picker:
    """Takes each setting from the first source that has it, and remembers which that was."""

    def __init__(
        self,
        options: Mapping[str, object],
        env: Mapping[str, str],
        file: TomlFile | None,
        git: GitRemote,
    ) -> None:
        known = {setting.name for setting in SETTINGS}
        if unknown := set(options) - known:
            raise TypeError(f"no such setting: {', '.join(sorted(unknown))}")
        self._options = options
        self._env = env
        self._file = file
        self._git: Mapping[str, object] = {
            s.REPO.name: git.repo and git.repo.full_name,
            s.API_URL.name: git.api_url,
        }
        self.sources: dict[str, Source] = {}

    def __call__(self, setting: Setting[T]) -> T:
        """The setting's value; raises what :func:`load_config` raises."""
        for source, value in self._candidates(setting):
            if value is not None and value != ():
                self.sources[setting.name] = source
                return self._read(setting, source, value)
        self.sources[setting.name] = Source.DEFAULT
        return setting.default

    def _candidates(self, setting: Setting[T]) -> tuple[tuple[Source, object], ...]:
        """What each source says, best first."""
        in_file = self._file is not None and setting.in_file
        return (
            (Source.OPTION, self._options.get(setting.name)),
            (Source.ENVIRONMENT, (self._env.get(setting.env) or None) if setting.env else None),
            (Source.FILE, self._file.table.get(setting.name) if in_file and self._file else None),
            (Source.GIT, self._git.get(setting.name)),
        )

    def _read(self, setting: Setting[T], source: Source, value: object) -> T:
        """Read a value; an error says where it stands."""
        try:
            return setting.read(value)
        except ValueError as error:
            problem = str(error)
        if source is Source.FILE and self._file is not None:
            raise self._file.error((setting.name,), problem)
        if source is Source.ENVIRONMENT:
            raise ConfigError(
                f"the environment variable {setting.env} {problem}", hint="Correct or unset it."
            )
        name = setting.option or setting.name
        raise UsageError(f"{name} {problem}", hint="`ghsync init --print` explains every setting.")


def _check_keys(file: TomlFile) -> None:
    """Refuse a setting that does not exist, and one that only an option may set."""
    known = {setting.name for setting in SETTINGS if setting.in_file} | {TABLE}
    by_hand = {each.name: each.option or each.env for each in SETTINGS if not each.in_file}
    for name in file.table:
        if name in by_hand:
            raise file.error((name,), f"cannot be set in a file; give {by_hand[name]} each time")
        if name not in known:
            raise file.unknown((name,), known)
