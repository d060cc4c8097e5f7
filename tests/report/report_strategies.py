"""Hypothesis strategies for every shape of run that the documents must hold."""

from __future__ import annotations

from hypothesis import strategies as st

from ghsync import model as m
from ghsync.errors import AuthError, StoppedError

TEXT = st.text(st.characters(), max_size=12)
KEY = st.text(min_size=1, max_size=6).map(m.Key)
NUMBER = st.integers(1, 10**6).map(m.IssueNumber)
TEXTS = st.lists(TEXT, max_size=2).map(tuple)
KEYS = st.lists(KEY, max_size=2).map(tuple)
PRIORITY = st.sampled_from(m.Priority)
FIELD = st.sampled_from(("title", "body", "labels", "assignees", "milestone", "state", "parent"))
VALUE = st.none() | TEXT | TEXTS
FINDING = st.builds(
    m.Finding,
    path=TEXT,
    line=st.integers(0, 99),
    code=TEXT,
    severity=st.sampled_from(m.Severity),
    message=TEXT,
    key=st.none() | KEY,
)
CHANGE = st.builds(m.Change, field=FIELD, old=VALUE, new=VALUE)
PAIRS = st.dictionaries(TEXT, TEXT, max_size=3).map(lambda found: tuple(found.items()))
_COMMON = {"key": KEY, "path": TEXT, "title": TEXT, "reason": TEXT}
_ISSUE = {**_COMMON, "priority": PRIORITY}
_MAYBE = {**_ISSUE, "number": st.none() | NUMBER}
_KNOWN = {**_ISSUE, "number": NUMBER}
_REASON = st.sampled_from(m.StateReason)
OPERATION = st.one_of(
    st.builds(
        m.CreateLabel,
        name=TEXT,
        color=st.text("0123456789abcdef", min_size=6, max_size=6),
        description=TEXT,
    ),
    st.builds(m.CreateMilestone, title=TEXT, due=st.none() | TEXT, description=TEXT),
    st.builds(
        m.CreateIssue,
        **_ISSUE,
        kind=st.sampled_from(m.Kind),
        body=TEXT,
        labels=TEXTS,
        assignees=TEXTS,
        milestone=st.none() | TEXT,
        type=st.none() | TEXT,
        fields=PAIRS,
        parent=st.none() | KEY,
        blocked_by=KEYS,
    ),
    st.builds(
        m.UpdateIssue,
        **_KNOWN,
        changes=st.lists(CHANGE, max_size=3).map(tuple),
        state_reason=st.none() | _REASON,
    ),
    st.builds(m.CloseIssue, **_MAYBE, state_reason=_REASON),
    st.builds(m.ReopenIssue, **_KNOWN),
    st.builds(m.LinkParent, **_MAYBE, parent=KEY, replace=st.booleans()),
    st.builds(m.UnlinkParent, **_KNOWN, parent=NUMBER),
    st.builds(m.Block, **_MAYBE, blocker=KEY),
    st.builds(m.Unblock, **_KNOWN, blocker=NUMBER),
    st.builds(m.SetFields, **_KNOWN, old=PAIRS, new=PAIRS),
    st.builds(m.ClearField, **_KNOWN, field=TEXT, old=TEXT),
    st.builds(m.MoveChild, **_MAYBE, parent=KEY, after=st.none() | KEY, before=st.none() | KEY),
    st.builds(m.Comment, **_KNOWN, body=TEXT),
    st.builds(m.LockIssue, **_MAYBE),
    st.builds(m.UnlockIssue, **_KNOWN),
    st.builds(m.Adopt, **_COMMON, number=NUMBER, uid=st.none()),
)
ITEM = st.builds(
    m.Item,
    key=KEY,
    kind=st.sampled_from(m.Kind),
    path=TEXT,
    line=st.integers(1, 99),
    layout=TEXT,
    title=TEXT,
    body=TEXT,
    labels=TEXTS,
    assignees=TEXTS,
    milestone=st.none() | TEXT,
    state=st.sampled_from(m.State),
    reason=st.none() | _REASON,
    status=st.none() | TEXT,
    priority=PRIORITY,
    parent=st.none() | KEY,
    blocked_by=KEYS,
    archived=st.booleans(),
    ident=st.none() | TEXT,
    recorded=st.none()
    | st.builds(m.RecordedIssue, number=NUMBER, repo=st.none() | TEXT, line=st.just(1)),
)
ITEMS = st.lists(ITEM, max_size=6, unique_by=lambda item: item.key).map(tuple)
RESULT = st.builds(
    m.OpResult,
    operation=OPERATION,
    status=st.sampled_from(m.Status),
    number=st.none() | NUMBER,
    url=st.none() | TEXT,
    message=TEXT,
)
REQUESTS = st.builds(
    m.Requests, reads=st.integers(0, 9), writes=st.integers(0, 9), content=st.integers(0, 9)
)
SECONDS = st.floats(0, 1e9) | st.just(float("inf")) | st.just(float("nan"))
ERROR = st.none() | st.builds(StoppedError, TEXT, hint=TEXT) | st.builds(AuthError, TEXT)


@st.composite
def plans(draw: st.DrawFn, results: tuple[m.OpResult, ...]) -> m.Plan:
    """A plan whose operations are those of the results."""
    return m.Plan(
        repo=m.Repo(id=m.RepoId(1), full_name=draw(TEXT)),
        operations=tuple(result.operation for result in results),
        unchanged=draw(KEYS),
        skipped=tuple(
            draw(st.lists(st.builds(m.Skip, key=KEY, path=TEXT, reason=TEXT), max_size=2))
        ),
        conflicts=tuple(
            draw(
                st.lists(
                    st.builds(
                        m.Conflict,
                        key=KEY,
                        path=TEXT,
                        number=NUMBER,
                        field=FIELD,
                        base=VALUE,
                        local=VALUE,
                        remote=VALUE,
                    ),
                    max_size=2,
                )
            )
        ),
        renames=tuple(
            draw(st.lists(st.builds(m.Rename, old=KEY, new=KEY, number=NUMBER), max_size=1))
        ),
        numbers=draw(st.dictionaries(KEY, NUMBER, max_size=2)),
    )


@st.composite
def runs(draw: st.DrawFn) -> m.Run:
    """Any run, likely or not."""
    results = tuple(draw(st.lists(RESULT, max_size=5)))
    return m.Run(
        id=m.RunId(draw(TEXT)),
        command=draw(TEXT),
        dry_run=draw(st.booleans()),
        plan=draw(plans(results)),
        items=draw(ITEMS),
        results=draw(st.sampled_from((results, ()))),
        findings=tuple(draw(st.lists(FINDING, max_size=3))),
        requests=draw(REQUESTS),
        spent=draw(REQUESTS),
        eta_seconds=draw(SECONDS),
        duration=draw(SECONDS),
        rate_limit=draw(
            st.none()
            | st.builds(m.RateLimit, limit=st.just(5), remaining=st.just(0), reset=st.just(1))
        ),
        remote=draw(st.sampled_from(("github", "sandbox", "none"))),
        stopped=draw(st.none() | TEXT),
        error=draw(ERROR),
    )


@st.composite
def events(draw: st.DrawFn) -> m.Event:
    """Any event."""
    run = draw(runs())
    return draw(
        st.one_of(
            st.builds(m.PlanReady, plan=st.just(run.plan), requests=REQUESTS, eta_seconds=SECONDS),
            st.builds(m.Reading, what=TEXT, count=st.integers(0, 9)),
            st.builds(
                m.OperationEnded,
                result=RESULT,
                done=st.integers(0, 9),
                total=st.integers(0, 9),
                eta_seconds=SECONDS,
            ),
            st.builds(m.Waiting, reason=TEXT, seconds=SECONDS, until=SECONDS),
            st.builds(m.Notice, message=TEXT),
        )
    )
