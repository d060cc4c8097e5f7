"""Every setting once: its name, how it is read, its default, and where else it comes from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Generic, TypeVar

from ghsync.bodies import Children, Mentions
from ghsync.childorder import Order
from ghsync.config import details, values
from ghsync.config.details import PullRules
from ghsync.config.limits import AnyLimits, Limits, read_limits
from ghsync.config.values import RepoName
from ghsync.engine import OnError
from ghsync.layouts.base import IssueTypes, Locking
from ghsync.lint import Overflow, Oversize
from ghsync.model import Kind
from ghsync.render import DEFAULT_TITLE, TitleTemplate
from ghsync.threeway import OnConflict
from ghsync.tokens import TokenFrom
from ghsync.tools import MilestoneSpec
from ghsync.values import dataclass

T = TypeVar("T")
DEFAULT_API_URL = "https://api.github.com"


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting(Generic[T]):
    """One setting, for the resolver, for ``ghsync init`` and for the documentation."""

    name: str
    read: Callable[[object], T]
    default: T
    kind: str
    """Its type in words."""
    doc: str
    example: str | None = None
    """A value in TOML, for a setting whose default is to have none."""
    env: str | None = None
    option: str | None = None
    in_file: bool = True
    shown_default: str | None = None
    """The default in words, where the value does not say it."""


REPO: Final[Setting[RepoName | None]] = Setting(
    name="repo",
    read=values.repo_name,
    default=None,
    kind="`OWNER/NAME`",
    doc="The repository whose issues are kept in step.",
    example='"octocat/hello"',
    env="GITHUB_REPOSITORY",
    option="--repo",
    shown_default="the git remote `origin`",
)
API_URL: Final[Setting[str]] = Setting(
    name="api_url",
    read=values.api_url,
    default=DEFAULT_API_URL,
    kind="address",
    doc="The API: https, or http on this machine only. GitHub Enterprise Server: "
    "`https://HOST/api/v3`.",
    env="GITHUB_API_URL",
    shown_default="the git remote's host, else `https://api.github.com`",
)
TOKEN_FILE: Final[Setting[Path | None]] = Setting(
    name="token_file",
    read=values.path,
    default=None,
    kind="path",
    doc="A file that holds a token and that only you can read (see tokens.md).",
    env="GHSYNC_TOKEN_FILE",
    option="--token-file",
    in_file=False,
    shown_default="none",
)
TOKEN_FROM: Final[Setting[tuple[TokenFrom, ...]]] = Setting(
    name="token_from",
    read=values.choices_in_order(TokenFrom),
    default=tuple(TokenFrom),
    kind="list of `app`, `file`, `env`, `keyring`, `gh`",
    doc="Which sources are asked for a token, in this order; with commas between them.",
    env="GHSYNC_TOKEN_FROM",
    in_file=False,
    shown_default="all of them, in this order",
)
LAYOUT: Final[Setting[tuple[str, ...]]] = Setting(
    name="layout",
    read=values.texts,
    default=(),
    kind="text or list of texts",
    doc="Use these layouts only.",
    example='["ccpm"]',
    option="--layout",
    shown_default="every layout that is recognised",
)
TITLE: Final[Setting[TitleTemplate]] = Setting(
    name="title",
    read=values.title_template,
    default=DEFAULT_TITLE,
    kind="text, or table kind → text",
    doc="The template of an issue's title; it holds `{title}` once. A table gives one for each "
    'kind: `title = { epic = "Epic: {title}" }`.',
)
OVERSIZE: Final[Setting[Oversize]] = Setting(
    name="oversize",
    read=values.choice(Oversize),
    default=Oversize.REFUSE,
    kind="`refuse` or `truncate`",
    doc="What happens to a body that GitHub would refuse as too long: refuse the item, or cut the "
    "body at a paragraph and link the file.",
)
SANDBOX: Final[Setting[bool]] = Setting(
    name="sandbox",
    read=values.flag,
    default=False,
    kind="true or false",
    doc="Use the embedded GitHub in `.ghsync/sandbox/` instead of the real one; the repository is "
    "`sandbox/demo` if none is named.",
    option="--sandbox",
    in_file=False,
)
LIMITS: Final[Setting[AnyLimits]] = Setting(
    name="limits",
    read=read_limits,
    default=Limits.GITHUB,
    kind="`github`, `ghes`, `cautious`, `none`, or a table",
    doc="Which limits a run keeps to: GitHub's, none (`ghes`, `none`), about a quarter of GitHub's "
    "(where others use the same account), or a table with numbers of your own (see limits.md).",
    option="--limits",
)
SETTLE: Final[Setting[float]] = Setting(
    name="settle",
    read=values.seconds,
    default=20.0,
    kind="seconds, or text such as `1m`",
    doc="How long to wait before a create of unknown outcome is looked for again.",
    env="GHSYNC_SETTLE",
    option="--settle",
)
RESERVE: Final[Setting[int]] = Setting(
    name="reserve",
    read=values.whole(0),
    default=0,
    kind="whole number",
    doc="How many requests of the token's hourly budget to leave for others.",
    option="--reserve",
)
CONCURRENCY: Final[Setting[int | None]] = Setting(
    name="concurrency",
    read=values.whole(1),
    default=None,
    kind="whole number",
    doc="How many requests may be under way at once.",
    example="10",
    option="--concurrency",
    shown_default="the profile's",
)
MAX_TIME: Final[Setting[float | None]] = Setting(
    name="max_time",
    read=values.seconds,
    default=None,
    kind="seconds, or text such as `30m`",
    doc="Stop after this time, with exit code 6; the next run goes on.",
    example='"30m"',
    option="--max-time",
    shown_default="no limit",
)
ON_CONFLICT: Final[Setting[OnConflict]] = Setting(
    name="on_conflict",
    read=values.choice(OnConflict),
    default=OnConflict.SKIP,
    kind="`skip`, `local` or `remote`",
    doc="Who wins a field that was changed in the file and on GitHub: nobody (it is reported), "
    "the file, or GitHub.",
    option="--on-conflict",
)
ARCHIVED: Final[Setting[bool]] = Setting(
    name="archived",
    read=values.flag,
    default=False,
    kind="true or false",
    doc="Create issues for archived items, too. Those that have one are updated anyway.",
    option="--archived",
)
STRICT: Final[Setting[bool]] = Setting(
    name="strict",
    read=values.flag,
    default=False,
    kind="true or false",
    doc="Send nothing, and exit with 3, if lint finds an error or a warning.",
    option="--strict",
)
ONLY: Final[Setting[tuple[str, ...]]] = Setting(
    name="only",
    read=values.patterns,
    default=(),
    kind="text or list of texts",
    doc="These items and what they need: a key, a path, a folder, a name, a glob, or `#41`.",
    option="--only",
    in_file=False,
    shown_default="every item",
)
KIND: Final[Setting[frozenset[Kind]]] = Setting(
    name="kind",
    read=values.choices(Kind),
    default=frozenset(),
    kind="`prd`, `epic` or `task`, or a list of them",
    doc="Items of these kinds and what they need.",
    option="--kind",
    in_file=False,
    shown_default="every kind",
)
LIMIT: Final[Setting[int | None]] = Setting(
    name="limit",
    read=values.whole(1),
    default=None,
    kind="whole number",
    doc="Write to at most so many items, the most urgent ones; the next run goes on.",
    option="--limit",
    in_file=False,
    shown_default="none",
)
CONFIRM: Final[Setting[bool]] = Setting(
    name="confirm",
    read=values.flag,
    default=True,
    kind="true or false",
    doc="On a terminal, show the totals of a push and ask before anything is sent.",
    option="--yes",
)
ALLOW_CHANGES: Final[Setting[int | None]] = Setting(
    name="allow_changes",
    read=values.whole(0),
    default=None,
    kind="whole number",
    doc="Go on although so many issues would be changed that a brake holds the plan; the number "
    "is the one that the refusal names, or a larger one.",
    option="--allow-changes",
    in_file=False,
    shown_default="none",
)
ALLOW_DROPPED: Final[Setting[bool]] = Setting(
    name="allow_dropped",
    read=values.flag,
    default=False,
    kind="true or false",
    doc="Go on although GitHub drops labels, assignees or milestones that this token may not set.",
    option="--allow-dropped",
    in_file=False,
)
ON_ERROR: Final[Setting[OnError]] = Setting(
    name="on_error",
    read=values.choice(OnError),
    default=OnError.CONTINUE,
    kind="`continue`, `stop` or `rollback`",
    doc="After an operation has failed: go on with the others, stop, or stop and take back what "
    "this run did.",
    option="--on-error",
)
MAX_FAILURES: Final[Setting[int | None]] = Setting(
    name="max_failures",
    read=values.whole(1),
    default=None,
    kind="whole number",
    doc="Stop after so many failed operations.",
    example="10",
    option="--max-failures",
    shown_default="none",
)

REMOTE_LOCK: Final[Setting[bool]] = Setting(
    name="remote_lock",
    read=values.flag,
    default=True,
    kind="true or false",
    doc="While issues are created, hold a lock on GitHub (the label `ghsync-lock`), so that two "
    "machines that push at once make no issue twice.",
    option="--no-remote-lock",
)

TYPES: Final[Setting[IssueTypes]] = Setting(
    name="types",
    read=details.types,
    default=IssueTypes(),
    kind="table kind → text",
    doc="The issue type of each kind, where the repository belongs to an organization that has "
    "types. A file names another in its field `issue_type`, or in the one that `field` names.",
    example='{ epic = "Epic", task = "Task" }',
    shown_default="no types",
)
FIELDS: Final[Setting[Mapping[str, str]]] = Setting(
    name="fields",
    read=details.fields,
    default=MappingProxyType({}),
    kind="table field → text",
    doc="Which field of a file is which issue field of the organization.",
    example='{ effort = "Effort", due = "Target date" }',
    shown_default="none",
)
MILESTONES: Final[Setting[Mapping[str, MilestoneSpec]]] = Setting(
    name="milestones",
    read=details.milestones,
    default=MappingProxyType({}),
    kind="table title → `due`, `description`",
    doc="What a milestone gets when a push makes it. One that exists is left as it is.",
    example='{ "v1.0" = { due = 2026-12-01, description = "The first release" } }',
    shown_default="neither",
)
LOCK: Final[Setting[Locking]] = Setting(
    name="lock",
    read=values.choice(Locking),
    default=Locking.FILE,
    kind="`file` or `closed`",
    doc="Which issues are locked: those whose file says `locked: true`, or all that are closed "
    "(unless the file says `locked: false`).",
)
CLOSING_COMMENT: Final[Setting[str | None]] = Setting(
    name="closing_comment",
    read=details.closing_comment,
    default=None,
    kind="text",
    doc="A comment on each issue that a push closes. It can hold `{path}`, `{key}`, `{title}`, "
    "`{status}` and `{commit}`.",
    example='"Closed by {path} at {commit}"',
    shown_default="none",
)
ORDER: Final[Setting[Order]] = Setting(
    name="order",
    read=values.choice(Order),
    default=Order.FILES,
    kind="`files` or `none`",
    doc="The order of an issue's sub-issues: as their files are, or as they came to be.",
)
OVERFLOW: Final[Setting[Overflow]] = Setting(
    name="overflow",
    read=values.choice(Overflow),
    default=Overflow.ERROR,
    kind="`error`, `none` or `label`",
    doc="What becomes of the children beyond the 100 that GitHub allows an issue. They stand "
    "without a parent: as an error, as a warning, or with a label that names the parent.",
)
MENTIONS: Final[Setting[Mentions]] = Setting(
    name="mentions",
    read=values.choice(Mentions),
    default=Mentions.KNOWN,
    kind="`known`, `all` or `none`",
    doc="Whom an `@name` in a text may notify: people who can be assigned in the repository, "
    "everybody, or nobody.",
)
CHILDREN: Final[Setting[Children]] = Setting(
    name="children",
    read=values.choice(Children),
    default=Children.NONE,
    kind="`none` or `list`",
    doc="Whether the text of an issue with children ends in a task list of them.",
)
PULL: Final[Setting[PullRules]] = Setting(
    name="pull",
    read=details.pull,
    default=PullRules(),
    kind="table `label`, `labels`, `touch`",
    doc="What a pull may write: with `labels` a labels field is added to a file that has none, "
    "with `touch` a field such as `updated` is set, and open issues with the `label` become "
    "files, whatever their parent is.",
    example='{ labels = true, touch = true, label = "planned" }',
    shown_default="none of these",
)
WRITE_BACK: Final[Setting[bool]] = Setting(
    name="write_back",
    read=values.flag,
    default=False,
    kind="true or false",
    doc="Write the issue's URL or number into the file, in the layout's own field.",
    option="--write-back",
)
PRUNE: Final[Setting[bool]] = Setting(
    name="prune",
    read=values.flag,
    default=False,
    kind="true or false",
    doc="Close the issues whose files are gone, as not planned.",
    option="--prune",
    in_file=False,
)

SETTINGS: Final[tuple[Setting[Any], ...]] = (
    REPO,
    API_URL,
    TOKEN_FILE,
    TOKEN_FROM,
    LAYOUT,
    TITLE,
    OVERSIZE,
    SANDBOX,
    LIMITS,
    SETTLE,
    RESERVE,
    CONCURRENCY,
    MAX_TIME,
    ON_CONFLICT,
    ARCHIVED,
    STRICT,
    ONLY,
    KIND,
    LIMIT,
    CONFIRM,
    ALLOW_CHANGES,
    ALLOW_DROPPED,
    ON_ERROR,
    MAX_FAILURES,
    REMOTE_LOCK,
    TYPES,
    FIELDS,
    MILESTONES,
    LOCK,
    CLOSING_COMMENT,
    ORDER,
    OVERFLOW,
    MENTIONS,
    CHILDREN,
    PULL,
    WRITE_BACK,
    PRUNE,
)
"""In the order of the documentation."""
