"""What is fuzzed: functions of bytes that may raise nothing but ghsync's own errors.

Each holds a promise besides: what is read can be written again, and means the same. A run of
``make fuzz`` finds new inputs; the ones in ``corpus/`` and what once broke run in every test.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from html.parser import HTMLParser

from ghsync.errors import NoLayoutError
from ghsync.importers import catalogue
from ghsync.issuetext.context import Context
from ghsync.issuetext.rewrite import to_file, to_github
from ghsync.journal import CodecError, decode, dump_map, encode, parse_map
from ghsync.layouts import frontmatter
from ghsync.lint import LintSettings, check
from ghsync.loader import load_texts
from ghsync.model import IssueNumber, Key, Uid
from ghsync.remote import wire
from ghsync.render import canonical, parse_marker, split, with_marker
from ghsync.report import safe
from ghsync.report.html.markdown import rendered
from ghsync.report.html.references import Site
from ghsync.textmerge import merge_text

_PATHS = (
    ".claude/epics/shop/001.md",
    ".claude/epics/shop/epic.md",
    ".claude/prds/shop.md",
    "backlog/tasks/task-1 - a.md",
    "specs/001-a/tasks.md",
    "specs/001-a/spec.md",
    "docs/stories/1.1.a.md",
    "issues/1-a.md",
    ".issues/open/1-a.md",
    "TODO.md",
)
_RECORDS = (
    ".claude/epic-sync-map.json",
    ".claude/task-sync-map.json",
    ".claude/epics/shop/github-mapping.md",
    ".plan/sync.json",
)


def loader(data: bytes) -> None:
    """A file of any layout: items and findings, each one line that may go to a terminal."""
    if not data:
        return
    path = _PATHS[data[0] % len(_PATHS)]
    text = data[1:].decode("utf-8", "surrogateescape").encode("utf-8", "replace").decode()
    epic = "---\nname: Shop\nstatus: open\n---\n"
    try:
        loaded = load_texts({".claude/epics/shop/epic.md": epic, path: text})
    except NoLayoutError:
        return
    checked = check(loaded, settings=LintSettings())
    keys = [item.key for item in loaded.items]
    assert len(set(keys)) == len(keys)
    assert all(finding.message for finding in checked.findings)
    frontmatter.parse(path, text)


def render(data: bytes) -> None:
    """A text with a marker comes apart into the same text and the same marker."""
    text = data.decode("utf-8", "replace")
    key = Key(text[:40].replace("\0", ""))
    whole = with_marker(text, Uid("0" * 32), key)
    apart = split(whole)
    assert apart.marker is not None
    assert apart.marker.key == key
    assert apart.body == canonical(text)
    assert split(canonical(text)).body == canonical(split(canonical(text)).body)
    parse_marker(text)
    shown = safe.line(text)
    assert "\n" not in shown
    assert "\x1b" not in shown
    assert not shown.lstrip().startswith("::")


_HERE = Context(
    repo="o/r",
    commit="0" * 40,
    items={"e/1.md": Key("e/1"), "e/2.md": Key("e/2")},
    idents={("e", "1"): Key("e/1"), ("e", "2"): Key("e/2")},
    numbers={Key("e/1"): IssueNumber(41)},
    named=frozenset({IssueNumber(41)}),
    files={"e", "e/1.md", "e/2.md", "x.png"}.__contains__,
    known=frozenset({"octocat"}),
)
_SITE = Site(repo="o/r", web_url="https://github.com", file_url="https://github.com/o/r/blob/x")


def texts(data: bytes) -> None:
    """Rewritten for GitHub a text comes back; merging loses no side; a page holds no script."""
    text = canonical(data.decode("utf-8", "replace"))
    sent = to_github(text, path="e/2.md", context=_HERE).text
    assert to_file(sent, path="e/2.md", context=_HERE) == text
    base, local, remote = [*map(canonical, text.split("\f")), "", "", ""][:3]
    assert merge_text(base, local, base).text.strip("\n") == local.strip("\n")
    assert merge_text(base, base, remote).text.strip("\n") == remote.strip("\n")
    one, other = merge_text(base, local, remote), merge_text(base, remote, local)
    assert len(one.conflicts) == len(other.conflicts)
    assert one.conflicts or one.text == other.text
    Harmless().feed(rendered(text, _SITE, "e/2.md"))


class Harmless(HTMLParser):
    """Refuses what could run or fetch something in the page of a report."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A tag and its attributes."""
        assert tag not in {"script", "style", "img", "iframe", "object", "link", "meta", "base"}
        assert not {name for name, _ in attrs if name.startswith("on")} | {"style", "src"} & {
            name for name, _ in attrs
        }
        target = (dict(attrs).get("href") or "#").lower()
        assert target.startswith(("#", "http://", "https://", "mailto:")), target


_REQUESTS = (
    wire.get_issue("o/r", IssueNumber(1)),
    wire.create_issue("o/r", title="T", body="B"),
    wire.list_issues("o/r"),
    wire.get_repo("o/r"),
)
_STATUSES = (200, 201, 204, 301, 304, 401, 403, 404, 410, 422, 429, 500, 502, 999, 0)


def decoder(data: bytes) -> None:
    """Any status, headers and body are one of four outcomes."""
    if len(data) < 3:
        return
    request = _REQUESTS[data[0] % len(_REQUESTS)]
    status = _STATUSES[data[1] % len(_STATUSES)]
    head, _, body = data[2:].partition(b"\n\n")
    headers = {
        name.strip().lower(): value.strip()
        for name, _, value in (line.partition(":") for line in head.decode("latin-1").split("\n"))
    }
    found = wire.decode(wire.Response(status=status, headers=headers, body=body), request, now=0.0)
    if isinstance(found, wire.Failed):
        assert found.error.message.isprintable()
    if isinstance(found, wire.Ok) and isinstance(found.data, dict):
        for parse in (
            wire.parse_issue,
            wire.parse_repo,
            wire.parse_label,
            wire.parse_milestone,
            wire.parse_comment,
        ):
            with suppress(wire.BadAnswer):
                parse(found.data)


def state(data: bytes) -> None:
    """A map or a journal line that is understood is written as what is understood again."""
    text = data.decode("utf-8", "replace")
    with suppress(CodecError):
        found = parse_map(text)
        assert parse_map(dump_map(found)) == found
    for line in text.split("\n"):
        with suppress(CodecError):
            event = decode(line)
            assert decode(encode(event)) == event
    for path in _RECORDS:
        for record in catalogue.read(path, text, None):
            assert record.line >= 0
    json.dumps(text)


TARGETS: Mapping[str, Callable[[bytes], None]] = {
    "loader": loader,
    "render": render,
    "decoder": decoder,
    "state": state,
    "texts": texts,
}
