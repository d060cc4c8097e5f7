"""``ghsync doctor`` against the sandbox over loopback: a finding is a row, never an exception."""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

import ghsync
from ghsync.clock import Clock, SystemClock, VirtualClock
from ghsync.config import load_config
from ghsync.doctor import examine, exit_code
from ghsync.doctor.remote import NAMES
from ghsync.errors import ExitCode
from ghsync.journal import BoundTo, Intent, fold
from ghsync.journal import SyncMap as Map
from ghsync.model import Check, Event, IssueNumber, Key, Notice, RepoId, Uid
from ghsync.remote.auth import Token
from ghsync.sandbox.faults import FaultKind, FaultRule
from ghsync.sandbox.github import GitHub
from ghsync.sandbox.limits import NONE
from ghsync.sandbox.people import Person
from ghsync.sandbox.records import Role
from ghsync.sandbox.records import Token as Credential
from ghsync.sandbox.seeds import SANDBOX_TOKEN
from ghsync.sandbox.serve import running
from ghsync.store import Store

REPO = "octo/site"
SECRET = "ghp_" + "n0t4ev3ryb0dy" * 3
TASK = "---\nname: Write it\nstatus: open\n---\n\nText.\n"


@dataclass
class Ward:
    """A project, a GitHub that listens, and the doctor."""

    root: Path
    github: GitHub = field(default_factory=GitHub)
    env: dict[str, str] = field(default_factory=lambda: {"GITHUB_TOKEN": SANDBOX_TOKEN})
    options: dict[str, object] = field(default_factory=lambda: {"repo": REPO})
    clock: Clock = field(default_factory=SystemClock)
    rows: tuple[Check, ...] = ()
    events: list[Event] = field(default_factory=list)

    @property
    def person(self) -> Person:
        """Somebody with a browser, in the repository."""
        return Person(self.github, REPO, now=self.clock.now())

    def change(self, **fields: Any) -> None:
        """Change the repository's settings."""
        self.github.state.put_repo(replace(self.person.repo.info, **fields))

    def visit(self, path: str = "") -> dict[str, Check]:
        """Examine the project against the sandbox over HTTP."""
        with running(self.github, clock=self.clock) as address:
            return self.look(address.url + path)

    def look(self, api_url: str) -> dict[str, Check]:
        """Examine the project against a server; each row stands once."""
        env = {"GITHUB_API_URL": api_url, **self.env}
        config = load_config(self.root, options=self.options, env=env)
        self.rows = asyncio.run(examine(config, env=env, on_event=self.events.append))
        found = {row.name: row for row in self.rows}
        assert len(found) == len(self.rows)
        for row in self.rows:
            assert row.detail, row
            assert row.hint or row.ok is not False, f"a failed row says what to do: {row}"
            assert not (row.hint and row.ok), f"nothing is to be done: {row}"
        assert SECRET not in repr(self.rows) + repr(self.events)
        return found

    @property
    def failed(self) -> set[str]:
        """The names of the failed rows."""
        return {row.name for row in self.rows if row.ok is False}

    @property
    def code(self) -> ExitCode:
        """What the command would exit with."""
        return exit_code(self.rows)


@pytest.fixture
def ward(tmp_path: Path) -> Ward:
    """A small project and a sandbox that has its repository with one issue."""
    tasks = tmp_path / ".claude" / "epics" / "site"
    tasks.mkdir(parents=True)
    (tasks / "epic.md").write_text("---\nname: Site\nstatus: open\n---\n\nAll of it.\n")
    (tasks / "001.md").write_text(TASK)
    ward = Ward(tmp_path)
    ward.person.open_issue("One", now=0.0)
    return ward


def closed_port() -> str:
    """An address on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"


def test_a_healthy_project_has_no_failed_row(ward: Ward) -> None:
    """Machine, files, token and repository are in order: every row but the scopes is ok."""
    rows = ward.visit()
    assert {name for name, row in rows.items() if row.ok is not True} == {"scopes"}
    assert rows["layouts"].detail == "ccpm: 2 items"
    assert rows["repository name"].detail == f"{REPO} (option)"
    assert rows["token"].detail == "from GITHUB_TOKEN"
    assert rows["token accepted"].detail == "it is sandbox-user's"
    assert rows["permission"].detail == "push"
    assert " of 5,000 requests left, full again in 60 min" in rows["limits"].detail
    assert ward.code is ExitCode.DONE
    assert [type(event) for event in ward.events] == [Notice]


def test_the_remote_rows_keep_their_order(ward: Ward) -> None:
    """A person finds the same rows in the same place, whatever is wrong."""
    ward.visit()
    answered = [row.name for row in ward.rows]
    ward.look(closed_port())
    assert [row.name for row in ward.rows] == answered
    assert tuple(answered[-len(NAMES) :]) == NAMES


def test_it_writes_nothing(ward: Ward) -> None:
    """Neither the folder nor GitHub is changed, and a handful of reads is all that is sent."""
    before = sorted(ward.root.rglob("*"))
    ward.visit()
    assert sorted(ward.root.rglob("*")) == before
    assert {entry.method for entry in ward.github.log} == {"GET"}
    assert len(ward.github.log) == 6


def test_without_a_token_nothing_is_asked(ward: Ward) -> None:
    """The token's row says how to get in; what needs one is not checked."""
    ward.env = {}
    rows = ward.visit()
    assert ward.failed == {"token"}
    assert "GITHUB_TOKEN" in rows["token"].hint
    assert "--sandbox" in rows["token"].hint
    assert all(rows[name].ok is None and "not checked" in rows[name].detail for name in NAMES)
    assert ward.code is ExitCode.AUTH
    assert len(ward.github.log) == 0


def test_a_token_that_cannot_be_one_is_not_shown(ward: Ward) -> None:
    """A token with a line end in it fails its row, without its text."""
    ward.env = {"GH_TOKEN": f"{SECRET}\n"}
    rows = ward.visit()
    assert ward.failed == {"token"}
    assert "GH_TOKEN" in rows["token"].detail
    assert ward.code is ExitCode.AUTH


def test_a_refused_token_ends_the_questions(ward: Ward) -> None:
    """After a 401 nothing more is asked: wrong tokens in a row lock an account out."""
    ward.env = {"GITHUB_TOKEN": SECRET}
    rows = ward.visit()
    assert ward.failed == {"token accepted"}
    assert "401" in rows["token accepted"].detail
    assert "expired" in rows["token accepted"].hint
    assert rows["server"].ok is True
    assert rows["repository"].ok is None
    assert ward.code is ExitCode.AUTH
    assert len(ward.github.log) == 1


def test_a_token_echoed_by_a_server_is_blanked(ward: Ward) -> None:
    """What an answer repeats of the token does not reach a row."""
    ward.env = {"GITHUB_TOKEN": SECRET}
    text = f"you sent {SECRET}"
    ward.github.faults.install(FaultRule(kind=FaultKind.STATUS, status=401, message=text))
    assert "you sent ***" in ward.visit()["token accepted"].detail
    ward.env = {"GITHUB_TOKEN": "a/secret+token"}
    text = "you sent a%2Fsecret%2Btoken"
    ward.github.faults.install(FaultRule(kind=FaultKind.STATUS, status=401, message=text))
    assert "you sent ***" in ward.visit()["token accepted"].detail


def test_without_a_repository_the_token_is_still_looked_at(ward: Ward) -> None:
    """The row says how to name it; only what is about a repository stays unchecked."""
    ward.options = {}
    rows = ward.visit()
    assert ward.failed == {"repository name"}
    assert "--repo" in rows["repository name"].hint
    assert rows["token accepted"].ok is True
    assert rows["limits"].ok is True
    assert rows["labels"].detail == "not checked: no repository is named"
    assert ward.code is ExitCode.AUTH


def test_a_missing_repository(ward: Ward) -> None:
    """A 404 fails the repository's row and says that it can be the token's fault."""
    ward.github.auto_create = False
    ward.options = {"repo": "octo/nowhere"}
    rows = ward.visit()
    assert ward.failed == {"repository"}
    assert "octo/nowhere" in rows["repository"].detail
    assert "not for this token" in rows["repository"].hint
    assert rows["permission"].detail == "not checked: the repository was not read"
    assert ward.code is ExitCode.AUTH


def test_a_renamed_repository_is_followed_and_named(ward: Ward) -> None:
    """An old name leads to the new one, with a note; nothing fails."""
    ward.change(name="home")
    rows = ward.visit()
    assert rows["repository"].ok is None
    assert "octo/home" in rows["repository"].detail
    assert rows["labels"].ok is True
    assert ward.failed == set()


@pytest.mark.parametrize(
    ("fields", "row"), [({"archived": True}, "archived"), ({"has_issues": False}, "issues enabled")]
)
def test_a_closed_repository(ward: Ward, fields: dict[str, bool], row: str) -> None:
    """An archived repository, and one without issues, fail with the way to open them."""
    ward.change(**fields)
    rows = ward.visit()
    assert ward.failed == {row}
    assert "settings" in rows[row].hint
    assert ward.code is ExitCode.AUTH


@pytest.mark.parametrize(
    ("role", "fine", "words"),
    [
        (Role.READ, False, "may read octo/site but not manage its issues"),
        (Role.TRIAGE, None, "triage"),
        (Role.WRITE, True, "push"),
    ],
)
def test_what_the_token_may_do(ward: Ward, role: Role, fine: bool | None, words: str) -> None:
    """Without triage rights GitHub would drop labels in silence; without push, make none."""
    ward.env = {"GITHUB_TOKEN": SECRET}
    token = Credential(value=SECRET, login="sandbox-user", cap=int(role))
    ward.github.state.put_token(token)
    row = ward.visit()["permission"]
    assert row.ok is fine
    assert words in row.detail
    assert ward.code is (ExitCode.AUTH if fine is False else ExitCode.DONE)


def test_the_token_of_an_app(ward: Ward) -> None:
    """An installation's token has no user and shows no permissions; it is accepted all the same."""
    ward.env = {"GITHUB_TOKEN": SECRET}
    token = Credential(value=SECRET, login="sandbox-user", installation=True)
    ward.github.state.put_token(token)
    rows = ward.visit()
    assert rows["token accepted"].ok is True
    assert "app" in rows["token accepted"].detail
    assert rows["permission"].ok is None
    assert ward.failed == set()


def test_an_unreachable_server(ward: Ward) -> None:
    """A closed port is one failed row in plain words; it is not the token's fault."""
    rows = ward.look(closed_port())
    assert ward.failed == {"server"}
    assert "Connection refused" in rows["server"].detail
    assert "GITHUB_API_URL" in rows["server"].hint
    assert ward.code is ExitCode.PARTIAL


def test_a_server_that_does_not_speak_tls(ward: Ward) -> None:
    """A failed handshake is a row, not a traceback."""
    with running(ward.github) as address:
        ward.look(address.url.replace("http://", "https://"))
    assert ward.failed == {"server"}


@pytest.mark.parametrize(
    "rule",
    [
        FaultRule(kind=FaultKind.STATUS, status=502),
        FaultRule(kind=FaultKind.STATUS, status=404),
        FaultRule(kind=FaultKind.RESET),
        FaultRule(kind=FaultKind.TRUNCATED),
    ],
)
@pytest.mark.parametrize("skip", range(6))
def test_a_fault_at_any_question_is_a_row(ward: Ward, rule: FaultRule, skip: int) -> None:
    """Whatever one of the answers is, there are all the rows, and no traceback."""
    ward.github.faults.install(replace(rule, skip=skip))
    assert set(NAMES) <= ward.visit().keys()


def test_a_server_that_stops_answering_does_not_blame_the_token(ward: Ward) -> None:
    """A 502 at the repository fails the server's row: exit 1, not 4."""
    ward.github.faults.install(FaultRule(kind=FaultKind.STATUS, status=502, path="/repos/"))
    rows = ward.visit()
    assert ward.failed == {"server"}
    assert rows["repository"].ok is None
    assert ward.code is ExitCode.PARTIAL


def test_a_rate_limit_is_no_failure(ward: Ward) -> None:
    """A repository that a limit keeps from being read could not be told."""
    rule = FaultRule(kind=FaultKind.LIMITED, path="/repos/", status=429, retry_after="60")
    ward.github.faults.install(rule)
    rows = ward.visit()
    assert rows["repository"].ok is None
    assert "rate limit" in rows["repository"].detail
    assert ward.failed == set()


def test_a_server_without_limits(ward: Ward) -> None:
    """GHES without limits answers 404 to ``/rate_limit``; the rest is as ever."""
    ward.github.limits = NONE
    rows = ward.visit("/api/v3")
    assert rows["limits"].detail == "this server has none"
    assert ward.failed == set()


def test_few_requests_left_is_a_note(ward: Ward) -> None:
    """An account whose budget is nearly spent is told when it is full again."""
    ward.github.limits = replace(ward.github.limits, primary=50)
    row = ward.visit()["limits"]
    assert row.ok is None
    assert "of 50 requests left" in row.detail


def test_a_server_without_sub_issues(ward: Ward) -> None:
    """A 404 of the endpoint, on an issue that is there, means that the server lacks it."""
    fault = FaultRule(kind=FaultKind.STATUS, status=404, path="sub_issues", message="Not Found")
    ward.github.faults.install(fault)
    rows = ward.visit()
    assert ward.failed == {"sub-issues"}
    assert "Enterprise" in rows["sub-issues"].hint
    assert ward.code is ExitCode.PARTIAL


@pytest.mark.parametrize(
    ("drift", "words"),
    [(3600.0, "behind the server"), (-3600.0, "ahead of the server"), (-30.0, "agrees")],
)
def test_the_clock_is_compared(ward: Ward, drift: float, words: str) -> None:
    """More than a minute beside the server's time is a note."""
    ward.clock = VirtualClock(SystemClock().now() + drift)
    row = ward.visit()["clock"]
    assert words in row.detail
    assert row.ok is (True if words == "agrees" else None)


def test_a_proxy_never_sees_a_loopback_host(ward: Ward, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment's proxy is not used for this machine, as in ghsync's own client."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, closed_port())
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    ward.visit()
    assert ward.failed == set()


def test_a_map_of_another_repository(ward: Ward) -> None:
    """The map's repository id is compared, not its name."""
    with keeping(ward) as store:
        store.checkpoint(fold(Map(), [BoundTo(repo_id=RepoId(7), repo="octo/other")]))
    rows = ward.visit()
    assert ward.failed == {"map"}
    assert "octo/other" in rows["map"].detail
    assert ward.code is ExitCode.PARTIAL


def test_a_map_of_this_repository(ward: Ward) -> None:
    """A map with this id is fine, whatever name it knows."""
    with keeping(ward) as store:
        repo_id = RepoId(ward.person.repo.info.id)
        store.checkpoint(fold(Map(), [BoundTo(repo_id=repo_id, repo="octo/old")]))
    assert ward.visit()["map"].detail == "belongs to this repository"


def test_a_damaged_map(ward: Ward) -> None:
    """A map that cannot be read fails its row, and what hangs on it is not checked."""
    with keeping(ward):
        pass
    (ward.root / ".ghsync" / "map.json").write_text("{")
    rows = ward.visit()
    assert ward.failed == {"state"}
    assert rows["map"].ok is None
    assert ward.code is ExitCode.PARTIAL


def test_lost_creates_are_named(ward: Ward) -> None:
    """A create of unknown outcome is worth a look, and the next push settles it."""
    intent = Intent(key=Key("a"), uid=Uid("0" * 32), floor=IssueNumber(0), at=1.0)
    with keeping(ward) as store:
        store.append([intent])
    row = ward.visit()["state"]
    assert row.ok is None
    assert "1 create of an earlier run without a known outcome" in row.detail
    assert "next push" in row.hint


def test_who_holds_the_lock(ward: Ward) -> None:
    """A running push is named; what a killed one left behind is nobody."""
    with keeping(ward):
        row = ward.visit()["lock"]
        assert row.ok is None
        assert "pid" in row.detail
        assert "push" in row.detail
    (ward.root / ".ghsync" / "lock.json").write_text('{"pid": 1}')
    assert ward.visit()["lock"].detail == "nobody holds it"


def test_no_layout(ward: Ward, tmp_path: Path) -> None:
    """A folder without planning files fails with the next step; the rest is checked."""
    ward.root = tmp_path / "empty"
    ward.root.mkdir()
    rows = ward.visit()
    assert ward.failed == {"layouts"}
    assert rows["lint"].ok is None
    assert rows["labels"].ok is True
    assert ward.code is ExitCode.PARTIAL


def test_lint_is_counted(ward: Ward) -> None:
    """Errors fail the row and send the reader to ``ghsync lint``."""
    path = ward.root / ".claude/epics/site/002.md"
    path.write_text(TASK.replace("Write it", "x" * 300))
    rows = ward.visit()
    assert ward.failed == {"lint"}
    assert rows["lint"].detail == "1 error, 0 warnings"
    assert "ghsync lint" in rows["lint"].hint


def test_a_token_goes_to_no_server_that_only_a_file_names(ward: Ward) -> None:
    """A stranger's checkout does not choose where the token is sent."""
    (ward.root / "ghsync.toml").write_text('api_url = "https://github.example.org/api/v3"\n')
    env = {"GITHUB_TOKEN": SECRET}
    config = load_config(ward.root, options=ward.options, env=env)
    rows = {row.name: row for row in asyncio.run(examine(config, env=env))}
    assert rows["api url"].ok is False
    assert all(rows[name].ok is None for name in NAMES)
    assert SECRET not in repr(rows)


def test_the_sandbox_is_asked_like_any_server(ward: Ward) -> None:
    """``--sandbox`` needs no token and no name, and leaves nothing behind."""
    ward.env, ward.options = {}, {"sandbox": True}
    before = sorted(ward.root.rglob("*"))
    rows = ward.look("https://api.github.com")
    assert ward.failed == set()
    assert rows["repository"].detail.startswith("sandbox/demo (id ")
    assert rows["permission"].detail == "push"
    assert sorted(ward.root.rglob("*")) == before


def test_a_token_can_be_given(ward: Ward) -> None:
    """The library's caller gives a token; its source is named, not its text."""
    with running(ward.github) as address:
        env = {"GITHUB_API_URL": address.url}
        config = load_config(ward.root, options=ward.options, env=env)
        token = Token(SANDBOX_TOKEN, source="the vault")
        rows = asyncio.run(examine(config, env=env, token=token))
    assert Check(name="token", ok=True, detail="from the vault") in rows
    assert exit_code(rows) is ExitCode.DONE


def scoped(scopes: str) -> Callable[[GitHub], None]:
    """Make a sandbox answer with the scopes of a classic token."""

    def change(github: GitHub) -> None:
        plain = github._dressed

        def dressed(*arguments: Any) -> Any:
            answer = plain(*arguments)
            more = (("x-oauth-scopes", scopes), ("x-github-enterprise-version", "3.19.0"))
            return replace(answer, headers=(*answer.headers, *more))

        github._dressed = dressed  # type: ignore[method-assign]

    return change


@pytest.mark.parametrize(
    ("scopes", "private", "fine"),
    [
        ("repo, gist", True, True),
        ("public_repo", False, True),
        ("public_repo", True, False),
        ("gist, read:org", False, False),
        ("", False, False),
    ],
)
def test_the_scopes_of_a_classic_token(ward: Ward, scopes: str, private: bool, fine: bool) -> None:
    """``repo`` is needed, or ``public_repo`` where the repository is public."""
    ward.change(private=private)
    scoped(scopes)(ward.github)
    rows = ward.visit()
    assert rows["scopes"].ok is fine
    assert rows["server"].detail == "GitHub Enterprise Server 3.19.0 answers"
    assert ward.code is (ExitCode.DONE if fine else ExitCode.AUTH)


def test_pygithub_is_imported_in_two_places() -> None:
    """Only tokens and the doctor's questions use it, inside their functions."""
    package = Path(ghsync.__file__).parent
    importing = re.compile(r"^( *)(?:from|import) github\b", re.MULTILINE)
    found = {
        path.relative_to(package).as_posix(): importing.findall(path.read_text("utf-8"))
        for path in package.rglob("*.py")
    }
    found = {name: indents for name, indents in found.items() if indents}
    assert set(found) == {"remote/pygithub.py", "remote/inspect.py"}
    assert all(indent for indents in found.values() for indent in indents)


@contextmanager
def keeping(ward: Ward) -> Iterator[Store]:
    """The project's state, locked by a push."""
    store = Store.open(ward.root)
    with store.locked(since=0.0, command="push"):
        yield store
