"""A loopback GitHub without limits that is faster than any client: what it costs is the client's.

    python -m benchmarks.server [--latency MILLISECONDS]

Prints its address as the first line and serves until its standard input ends. A parser of its own,
for the few requests that the clients make; uvloop where it is installed. ``GET /stats`` says how
many requests of each kind there were and how much CPU the server used, so that a run in which the
server was the bottleneck can be told.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from collections import Counter
from collections.abc import Callable
from typing import Any, cast
from urllib.parse import parse_qs, unquote

PAGE = 100
_USER = (
    '{"login":"octo","id":1,"node_id":"MDQ6VXNlcjE=","avatar_url":"https://avatars.example/u/1?v=4",'
    '"url":"http://x/users/octo","html_url":"http://x/octo","type":"User","site_admin":false}'
)
_ISSUE = (
    '{"url":"%(root)s/repos/%(repo)s/issues/%(number)d","repository_url":"%(root)s/repos/%(repo)s",'
    '"labels_url":"%(root)s/repos/%(repo)s/issues/%(number)d/labels{/name}",'
    '"comments_url":"%(root)s/repos/%(repo)s/issues/%(number)d/comments",'
    '"events_url":"%(root)s/repos/%(repo)s/issues/%(number)d/events",'
    '"html_url":"%(root)s/%(repo)s/issues/%(number)d","id":%(id)d,"node_id":"I_kwDOA%(number)d",'
    '"number":%(number)d,"title":%(title)s,"user":' + _USER + ',"labels":%(labels)s,'
    '"state":"open","locked":false,"assignee":null,"assignees":[],"milestone":null,"comments":0,'
    '"created_at":"%(now)s","updated_at":"%(now)s","closed_at":null,"author_association":"OWNER",'
    '"active_lock_reason":null,"sub_issues_summary":{"total":0,"completed":0,"percent_completed":0},'
    '"issue_dependencies_summary":{"blocked_by":0,"total_blocked_by":0,"blocking":0,'
    '"total_blocking":0},%(parent)s"body":%(body)s,"closed_by":null,"reactions":{"url":'
    '"%(root)s/repos/%(repo)s/issues/%(number)d/reactions","total_count":0,"+1":0,"-1":0,"laugh":0,'
    '"hooray":0,"confused":0,"heart":0,"rocket":0,"eyes":0},"timeline_url":'
    '"%(root)s/repos/%(repo)s/issues/%(number)d/timeline","performed_via_github_app":null,'
    '"state_reason":null}'
)
_LABEL = '{"id":1,"name":%s,"color":"ededed","description":%s,"default":false}'
_REASONS = {200: b"OK", 201: b"Created", 204: b"No Content", 404: b"Not Found"}
Reply = tuple[int, bytes, str]
"""Status, body, further header lines."""
_NOT_FOUND: Reply = (404, b'{"message":"Not Found"}', "")


class Server:
    """The repositories, each made when it is first asked for."""

    def __init__(self, latency: float) -> None:
        self.latency = latency
        self.root = ""
        self.counts: Counter[str] = Counter()
        self.clients = 0
        self._issues: dict[str, list[bytes]] = {}
        self._touched: dict[str, list[str]] = {}
        self._labels: dict[str, dict[str, str]] = {}
        self._second, self._date, self._now = 0, "", ""

    def head(self) -> str:
        """The lines that every answer has; the date is made once a second."""
        second = int(time.time())
        if second != self._second:
            moment = time.gmtime(second)
            self._second = second
            self._date = time.strftime("%a, %d %b %Y %H:%M:%S GMT", moment)
            self._now = time.strftime("%Y-%m-%dT%H:%M:%SZ", moment)
        return (
            "Content-Type: application/json; charset=utf-8\r\nX-GitHub-Request-Id: AB:12:34\r\n"
            f"Date: {self._date}\r\n"
        )

    def answer(self, method: str, target: str, body: bytes) -> Reply:
        """Do what one request asks for."""
        path, _, query = target.partition("?")
        parts = path.strip("/").split("/")
        if parts[0] == "repos" and len(parts) >= 3:
            repo, rest = f"{parts[1]}/{parts[2]}", parts[3:]
            self.counts[f"{method} {'/'.join(rest[:1]) or 'repo'}"] += 1
            if not rest:
                return 200, self._repo(repo), ""
            if rest[0] == "issues":
                return self._issue_request(method, repo, rest[1:], query, body)
            if rest[0] == "labels":
                return self._label_request(method, repo, rest[1:], body)
            return (200, b"[]", "") if method == "GET" else _NOT_FOUND
        if parts[0] == "stats":
            used = time.process_time()
            return 200, json.dumps({"requests": dict(self.counts), "cpu": used}).encode(), ""
        return _NOT_FOUND

    def _repo(self, repo: str) -> bytes:
        fields = {
            "id": 7,
            "full_name": repo,
            "name": repo.partition("/")[2],
            "owner": json.loads(_USER),
            "url": f"{self.root}/repos/{repo}",
            "has_issues": True,
            "archived": False,
            "permissions": {"admin": True, "push": True, "triage": True, "pull": True},
        }
        return json.dumps(fields).encode()

    def _issue_request(
        self, method: str, repo: str, rest: list[str], query: str, body: bytes
    ) -> Reply:
        issues = self._issues.setdefault(repo, [])
        if not rest:
            if method == "POST":
                issues.append(self._made(repo, len(issues) + 1, json.loads(body)))
                self._touched.setdefault(repo, []).append(self._now)
                return 201, issues[-1], ""
            return self._page(repo, issues, query)
        number = int(rest[0])
        if not 0 < number <= len(issues):
            return _NOT_FOUND
        if method == "PATCH":
            old = json.loads(issues[number - 1])
            new = old | json.loads(body) | {"updated_at": self._now}
            issues[number - 1] = json.dumps(new).encode()
            self._touched[repo][number - 1] = self._now
        return 200, issues[number - 1], ""

    def _made(self, repo: str, number: int, fields: dict[str, Any]) -> bytes:
        labels = ",".join(_LABEL % (json.dumps(name), '""') for name in fields.get("labels") or ())
        parent = fields.get("parent_issue_id")
        url = f'"parent_issue_url":"{self.root}/repos/{repo}/issues/{(parent or 0) - 1000}",'
        values = {
            "root": self.root,
            "repo": repo,
            "number": number,
            "id": number + 1000,
            "title": json.dumps(fields["title"]),
            "body": json.dumps(fields.get("body")),
            "labels": f"[{labels}]",
            "parent": url if parent else "",
            "now": self._now,
        }
        return (_ISSUE % values).encode()

    def _page(self, repo: str, issues: list[bytes], query: str) -> Reply:
        asked = parse_qs(query)
        page, since = int(asked.get("page", ["1"])[0]), asked.get("since", [""])[0]
        if since:
            pairs = zip(issues, self._touched.get(repo, ()), strict=True)
            issues = [issue for issue, touched in pairs if touched >= since]
        rows = issues[(page - 1) * PAGE : page * PAGE]
        rest = f"state=all&since={since}&page={page + 1}"
        more = f"{self.root}/repos/{repo}/issues?per_page={PAGE}&{rest}"
        link = f'Link: <{more}>; rel="next"\r\n' if len(issues) > page * PAGE else ""
        return 200, b"[%b]" % b",".join(rows), link

    def _label_request(self, method: str, repo: str, rest: list[str], body: bytes) -> Reply:
        labels = self._labels.setdefault(repo, {})
        fields = json.loads(body) if body else {}
        if not rest and method == "GET":
            return 200, f"[{','.join(labels.values())}]".encode(), ""
        name = fields["name"] if not rest else unquote(rest[0])
        if method == "POST":
            shown = json.dumps(fields.get("description") or "")
            labels[name] = _LABEL % (json.dumps(name), shown)
            return 201, labels[name].encode(), ""
        if name not in labels:
            return _NOT_FOUND
        if method == "DELETE":
            del labels[name]
            return 204, b"", ""
        return 200, labels[name].encode(), ""


class Connection(asyncio.Protocol):
    """One client's connection: requests by their length, answers in order, after the latency."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._rest = b""
        self._write: Callable[[bytes], None] = lambda _: None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the connection."""
        self._write = cast("asyncio.Transport", transport).write  # uvloop's own is no subclass

    def data_received(self, data: bytes) -> None:
        """Answer each whole request."""
        self._rest += data
        while (end := self._rest.find(b"\r\n\r\n")) >= 0:
            head = self._rest[:end]
            low = head.lower()
            at = low.find(b"\r\ncontent-length:")
            length = int(low[at + 17 :].partition(b"\r\n")[0]) if at >= 0 else 0
            stop = end + 4 + length
            if len(self._rest) < stop:
                return
            body, self._rest = self._rest[end + 4 : stop], self._rest[stop:]
            method, target, _ = head.partition(b"\r\n")[0].decode("ascii").split(" ")
            self._answer(method, target, body)

    def _answer(self, method: str, target: str, body: bytes) -> None:
        lines = self._server.head()
        status, content, more = self._server.answer(method, target, body)
        first = b"HTTP/1.1 %d %b\r\n" % (status, _REASONS[status])
        length = f"{lines}{more}Content-Length: {len(content)}\r\n\r\n".encode()
        message = first + length + content
        if self._server.latency:
            loop = asyncio.get_running_loop()
            loop.call_later(self._server.latency, self._write, message)
        else:
            self._write(message)


async def serve(latency: float) -> None:
    """Serve on a free port until standard input ends."""
    loop = asyncio.get_running_loop()
    server = Server(latency)
    listening = await loop.create_server(lambda: Connection(server), "127.0.0.1", 0, backlog=512)
    server.root = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    print(server.root, flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    listening.close()


def main() -> None:
    """Serve as the command line says."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.server")
    parser.add_argument("--latency", type=float, default=0.0, help="milliseconds of each answer")
    options = parser.parse_args()
    try:
        import uvloop
    except ImportError:
        asyncio.run(serve(options.latency / 1000))
    else:
        uvloop.run(serve(options.latency / 1000))


if __name__ == "__main__":
    main()
