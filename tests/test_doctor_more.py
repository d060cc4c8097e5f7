"""``ghsync doctor`` on what goes wrong less often: checkouts, labels, types, strange servers."""

from __future__ import annotations

import json
import shlex
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from test_doctor import REPO, SECRET, TASK, Ward
from test_doctor import ward as ward  # a fixture

from ghsync.errors import ExitCode
from ghsync.sandbox.faults import FaultKind, FaultRule
from ghsync.sandbox.records import Role
from ghsync.sandbox.records import Token as Credential


def git(root: Path, *arguments: str) -> None:
    """Run git as nobody in particular."""
    names = ["-c", "user.name=A", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", "-C", root, *names, *arguments], check=True, capture_output=True)


@pytest.fixture
def checkout(ward: Ward) -> Ward:
    """The project, committed."""
    git(ward.root, "init", "-q")
    git(ward.root, "add", "-A")
    git(ward.root, "commit", "-qm", "All")
    return ward


def keep_map(ward: Ward) -> None:
    """Leave the files that a first push leaves."""
    folder = ward.root / ".ghsync"
    folder.mkdir()
    (folder / ".gitignore").write_text("*\n!.gitignore\n!map.json\n")
    (folder / "map.json").write_text(
        '{"schema": "ghsync.map/1", "repo": null, "forgotten": [], "items": []}\n'
    )


def test_a_clean_checkout(checkout: Ward) -> None:
    """Its commit is named; files that are not committed are counted."""
    row = checkout.visit()["git"]
    assert row.ok is True
    assert "every item's file is committed" in row.detail
    (checkout.root / ".claude/epics/site/001.md").write_text(TASK + "More.\n")
    (checkout.root / ".claude/epics/site/002.md").write_text(TASK)
    assert "2 items' files are not committed" in checkout.visit()["git"].detail


def test_the_map_is_to_be_committed(checkout: Ward) -> None:
    """New, changed and ignored: a note each, with the command; then nothing."""
    keep_map(checkout)
    row = checkout.visit()["git"]
    assert row.ok is None
    assert "not committed" in row.detail
    assert row.hint.startswith("git add .ghsync && git commit")
    git(checkout.root, "add", ".ghsync")
    git(checkout.root, "commit", "-qm", "Map")
    assert checkout.visit()["git"].ok is True
    with (checkout.root / ".ghsync/map.json").open("a") as file:
        file.write("\n")
    assert "has changed" in checkout.visit()["git"].detail


def test_an_ignored_map_is_a_trap(checkout: Ward) -> None:
    """Whoever clones the repository would make every issue again."""
    (checkout.root / ".gitignore").write_text(".ghsync/\n")
    keep_map(checkout)
    row = checkout.visit()["git"]
    assert row.ok is None
    assert "ignored" in row.detail
    assert ".gitignore" in row.hint


def test_a_journal_is_nobody_elses(checkout: Ward) -> None:
    """What is local and was committed by force is named, with the way out."""
    keep_map(checkout)
    (checkout.root / ".ghsync/journal.jsonl").write_text("")
    git(checkout.root, "add", "-f", ".ghsync")
    git(checkout.root, "commit", "-qm", "Too much")
    assert checkout.visit()["git"].hint == "git rm --cached .ghsync/journal.jsonl"
    (checkout.root / ".ghsync/a'; echo b; '").write_text("")
    git(checkout.root, "add", "-f", ".ghsync")
    command = checkout.visit()["git"].hint
    assert shlex.split(command) == ["git", "rm", "--cached", ".ghsync/a'; echo b; '"]


def test_missing_labels_are_named(ward: Ward) -> None:
    """A push makes them; where it may not, somebody else has to, by this command."""
    assert ward.visit()["labels"].detail == "can be read; a push makes epic, task"
    ward.env = {"GITHUB_TOKEN": SECRET}
    token = Credential(value=SECRET, login="sandbox-user", cap=int(Role.TRIAGE))
    ward.github.state.put_token(token)
    row = ward.visit()["labels"]
    assert row.ok is None
    assert f"gh label create epic --repo {REPO}" in row.hint
    task = ward.root / ".claude/epics/site/001.md"
    task.write_text(TASK.replace("---\n", "---\nlabels: [\"a'; echo b; '\"]\n", 1))
    hint = ward.visit()["labels"].hint
    command = hint[hint.index("gh label") :]
    assert shlex.split(command)[:4] == ["gh", "label", "create", "a'; echo b; '"]


def test_issue_types_that_there_are_not(ward: Ward) -> None:
    """Asked only where an item has one: a user's repository has none."""
    (ward.root / "ghsync.toml").write_text('types = { epic = "Epic" }\n')
    row = ward.visit()["types"]
    assert row.ok is None
    assert row.detail
    assert "types" in row.hint
    assert len(ward.github.log) == 7


def test_single_sign_on(ward: Ward) -> None:
    """A 403 of an organization's SAML is about the token, and says where to go."""
    text = "Resource protected by organization SAML enforcement."
    ward.github.faults.install(
        FaultRule(kind=FaultKind.STATUS, status=403, message=text, path="/repos/", times=None)
    )
    rows = ward.visit()
    assert "repository" in ward.failed
    assert "single sign-on" in rows["repository"].hint
    assert ward.code is ExitCode.AUTH


def test_a_spent_hour(ward: Ward) -> None:
    """No request is left: a note, and what could not be read is no failure."""
    ward.github.limits = replace(ward.github.limits, primary=1)
    rows = ward.visit()
    assert rows["limits"].ok is None
    assert "0 of 1 requests left" in rows["limits"].detail
    assert ward.failed == set()


def test_a_map_of_a_newer_ghsync(ward: Ward) -> None:
    """It is not read as far as it goes: the row says which program to take."""
    keep_map(ward)
    (ward.root / ".ghsync/map.json").write_text('{"schema": "ghsync.map/9"}\n')
    rows = ward.visit()
    assert rows["state"].ok is False
    assert "another version" in rows["state"].detail
    assert "newer ghsync" in rows["state"].hint


# --------------------------------------------------------------------- other servers

Answers = Mapping[str, tuple[int, Mapping[str, str], str]]


@contextmanager
def server(answers: Answers) -> Iterator[str]:
    """A server that says these things to these paths, and 404 to all others."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            status, headers, text = answers.get(path, (404, {}, '{"message": "Not Found"}'))
            self.send_response(status)
            for name, value in {"content-type": "application/json", **headers}.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(text)))
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *arguments: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        thread = threading.Thread(target=listening.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.server_port}"
        finally:
            listening.shutdown()
            thread.join()


USER = (200, {}, json.dumps({"login": "octo", "id": 1, "type": "User"}))


def test_an_old_enterprise_server_is_named(ward: Ward) -> None:
    """Its version stands in the row of the server; it has no limits, and that is said."""
    versioned = {"X-GitHub-Enterprise-Version": "3.12.4"}
    with server({"/api/v3/user": (200, versioned, USER[2])}) as url:
        rows = ward.look(f"{url}/api/v3")
    assert rows["server"].detail == "GitHub Enterprise Server 3.12.4 answers"
    assert rows["limits"].detail == "this server has none"
    assert ward.failed == {"repository"}


def test_a_web_page_is_no_api(ward: Ward) -> None:
    """The address of GitHub's pages in place of the API's: the server's row fails."""
    page = (200, {"content-type": "text/html"}, "<!doctype html><title>GitHub</title>")
    with server({"/user": page}) as url:
        rows = ward.look(url)
    assert ward.failed == {"server"}
    assert rows["server"].hint
    assert rows["token accepted"].ok is None


def test_a_server_that_is_something_else(ward: Ward) -> None:
    """A 404 to the first question: no GitHub, or a wrong path."""
    with server({}) as url:
        rows = ward.look(url)
    assert ward.failed == {"server"}
    assert rows["server"].hint


def test_where_to_sign_on_is_said(ward: Ward) -> None:
    """GitHub's header has the address; a person need not look for it."""
    sso = {"X-GitHub-SSO": "required; url=https://github.com/orgs/octo/sso?authorization_request=A"}
    said = '{"message": "Resource protected by organization SAML enforcement."}'
    with server({"/user": USER, f"/repos/{REPO}": (403, sso, said)}) as url:
        hint = ward.look(url)["repository"].hint
    assert hint.endswith("https://github.com/orgs/octo/sso?authorization_request=A")
