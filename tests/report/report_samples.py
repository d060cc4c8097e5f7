"""Runs and findings that the report's tests look at."""

from __future__ import annotations

from ghsync.model import (
    Block,
    Change,
    CloseIssue,
    Conflict,
    CreateIssue,
    CreateLabel,
    Finding,
    IssueNumber,
    Item,
    Key,
    Kind,
    LinkParent,
    OpResult,
    Plan,
    Priority,
    RateLimit,
    Repo,
    RepoId,
    Requests,
    Run,
    RunId,
    Severity,
    Skip,
    State,
    StateReason,
    Status,
    UpdateIssue,
)

NOW = 1_800_000_000.0
"""2027-01-15 08:00:00 UTC."""


def item(key: str, kind: Kind, title: str, parent: str | None = None, **more: object) -> Item:
    """Make an item whose path is its key."""
    return Item(
        key=Key(key),
        kind=kind,
        path=f"{key}.md",
        layout="ccpm",
        title=title,
        body=f"# {title}\n",
        parent=Key(parent) if parent else None,
        **more,  # type: ignore[arg-type]
    )


def create(source: Item) -> CreateIssue:
    """Make the create of an item."""
    return CreateIssue(
        key=source.key,
        kind=source.kind,
        path=source.path,
        title=source.title,
        body=source.body,
        labels=source.labels,
        assignees=source.assignees,
        milestone=source.milestone,
        parent=source.parent,
        blocked_by=source.blocked_by,
        priority=Priority.MEDIUM,
    )


def finding(path: str, line: int, code: str, severity: Severity, message: str) -> Finding:
    """Make a finding."""
    return Finding(path=path, line=line, code=code, severity=severity, message=message)


BODY_OLD = "Intro\n\n" + "\n".join(f"- step {n}" for n in range(20))
BODY_NEW = "Intro, rewritten\n\n" + "\n".join(f"- step {n} of 20" for n in range(20))

ITEMS = (
    item("prds/login", Kind.PRD, "Login for customers"),
    item("epics/login/epic", Kind.EPIC, "Login", "prds/login"),
    item(
        "epics/login/001",
        Kind.TASK,
        "Store passwords with argon2",
        "epics/login/epic",
        labels=("task", "backend", "security"),
        assignees=("octocat",),
        milestone="v1",
    ),
    item("epics/login/002", Kind.TASK, "Sign-in form with a title that is long enough to be broken "
         "over more than one row of eighty columns", "epics/login/epic", labels=("task", "ui")),
    item("epics/login/003", Kind.TASK, "Session cookie", "epics/login/epic"),
    item("epics/login/004", Kind.TASK, "Rate limit", "epics/login/epic",
         state=State.CLOSED, reason=StateReason.COMPLETED),
    item("epics/login/005", Kind.TASK, "Audit log", "epics/login/epic"),
    item("epics/login/006", Kind.TASK, "Password reset", "epics/login/epic"),
    item("epics/search/epic", Kind.EPIC, "Search"),
    item("epics/search/001", Kind.TASK, "Index", "epics/search/epic"),
    item("epics/search/002", Kind.TASK, "[red]Not red[/red] \x1b[31mnor this\u202e",
         "epics/search/epic"),
)  # fmt: skip

_N = IssueNumber
_EPIC, _T1, _T2, _T4 = ITEMS[1], ITEMS[2], ITEMS[3], ITEMS[5]

OPERATIONS = (
    CreateLabel(name="backend", color="aabbcc", description=""),
    CreateLabel(name="security", color="aabbcc", description=""),
    UpdateIssue(
        key=_EPIC.key,
        path=_EPIC.path,
        number=_N(2),
        title="Login",
        changes=(
            Change(field="title", old="Logins", new="Login"),
            Change(field="labels", old=("epic", "old"), new=("epic", "good first issue")),
            Change(field="body", old=BODY_OLD, new=BODY_NEW),
        ),
        state_reason=None,
        priority=Priority.HIGH,
    ),
    create(_T1),
    create(_T2),
    create(_T4),
    CloseIssue(
        key=_T4.key,
        path=_T4.path,
        number=None,
        title=_T4.title,
        state_reason=StateReason.COMPLETED,
        priority=Priority.MEDIUM,
    ),
    Block(
        key=_T2.key,
        path=_T2.path,
        number=None,
        title=_T2.title,
        blocker=_T1.key,
        priority=Priority.MEDIUM,
    ),
    LinkParent(
        key=ITEMS[10].key,
        path=ITEMS[10].path,
        number=_N(11),
        title=ITEMS[10].title,
        parent=ITEMS[8].key,
        replace=True,
        priority=Priority.MEDIUM,
    ),
)

FINDINGS = (
    finding("epics/login/002.md", 4, "unknown-reference", Severity.WARNING,
            "depends_on names 009, which is no file, id or issue here; correct it or take it out"),
    finding("epics/login/005.md", 1, "yaml", Severity.ERROR,
            "the frontmatter is no valid YAML: mapping values are not allowed here"),
    *(finding(f"epics/search/{n:03}.md", 3, "unknown-status", Severity.WARNING,
              f'status "doing{n}" is not known and counts as open') for n in range(8)),
)  # fmt: skip

PLAN = Plan(
    repo=Repo(id=RepoId(1), full_name="octo/plans"),
    operations=OPERATIONS,
    unchanged=(ITEMS[0].key, ITEMS[4].key, ITEMS[8].key, ITEMS[9].key),
    skipped=(Skip(key=ITEMS[6].key, path=ITEMS[6].path, reason="its frontmatter cannot be read"),),
    conflicts=(
        Conflict(
            key=ITEMS[7].key,
            path=ITEMS[7].path,
            number=_N(8),
            field="title",
            base="Reset",
            local="Password reset",
            remote="Reset of passwords",
        ),
    ),
    findings=FINDINGS,
    numbers={
        item.key: _N(number)
        for number, item in enumerate(ITEMS, 1)
        if number in (1, 2, 5, 8, 9, 10, 11)
    },
)


def run(**more: object) -> Run:
    """Make the dry run of the plan, or what ``more`` makes of it."""
    fields: dict[str, object] = {
        "id": RunId("20270115-080000-abcd"),
        "command": "push",
        "dry_run": True,
        "plan": PLAN,
        "items": ITEMS,
        "results": tuple(OpResult(operation=o, status=Status.PENDING) for o in OPERATIONS),
        "findings": FINDINGS,
        "requests": Requests(reads=4, writes=9, content=5),
        "spent": Requests(reads=4),
        "eta_seconds": 3960.0,
        "duration": 2.0,
        "rate_limit": RateLimit(limit=5000, remaining=4988, reset=1_800_003_600),
        "remote": "github",
    }
    return Run(**(fields | more))  # type: ignore[arg-type]


def pushed(**more: object) -> Run:
    """Make the push of the plan, with one of each outcome."""
    statuses = (Status.DONE, Status.DONE, Status.DONE, Status.DONE, Status.UNKNOWN, Status.DONE,
                Status.FAILED, Status.SKIPPED, Status.DONE)  # fmt: skip
    messages = {
        Status.FAILED: "GitHub answered 422: Validation Failed.\nLook at the labels of the file.",
        Status.UNKNOWN: "no answer within 30 s; the next push looks for it",
        Status.SKIPPED: "its issue does not exist yet",
    }
    numbers = (None, None, 2, 12, None, 13, 13, None, 11)
    results = tuple(
        OpResult(
            operation=operation,
            status=status,
            number=_N(number) if number else None,
            url=f"https://github.com/octo/plans/issues/{number}" if number else None,
            message=messages.get(status, ""),
        )
        for operation, status, number in zip(OPERATIONS, statuses, numbers, strict=True)
    )
    fields: dict[str, object] = {
        "dry_run": False,
        "results": results,
        "spent": Requests(reads=4, writes=9, content=5),
        "duration": 12.4,
    }
    return run(**(fields | more))
