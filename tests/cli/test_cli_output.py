"""Output: data on stdout, talk on stderr; one JSON document whatever happens; the events."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from cli_kit import EPIC, REPO, Cli, Served, judged

HOSTILE = (
    ("[bold red]markup[/bold red]", "[bold red]markup[/bold red]"),
    ("\x1b[31mcolour\x07 \u202egnirts", "\\x1b[31mcolour\\x07 \\u202egnirts"),
    ("::error::pwned", "\\::error::pwned"),
    ("##[error]pwned", "#\\#[error]pwned"),
)


@pytest.mark.parametrize(
    ("command", "schema"),
    [
        (["items"], "items"),
        (["lint"], "lint"),
        (["push", "--dry-run"], "run"),
        (["push", "--dry-run", "--sandbox"], "run"),
        (["push", "--sandbox"], "run"),
        (["status", "--sandbox"], "status"),
        (["map", "show"], "map-show"),
        (["doctor", "--sandbox"], "doctor"),
        (["runs"], "runs"),
    ],
    ids=" ".join,
)
def test_json_is_one_document(cli: Cli, command: list[str], schema: str) -> None:
    """Each command that prints data has a document, judged by its published schema."""
    cli.shop()
    document = cli.json(*command)
    assert document["schema"] == f"ghsync.{schema}/1"
    assert "error" not in document


@pytest.mark.parametrize(
    ("command", "code", "named"),
    [
        (["push", "--nope"], "usage", "push"),
        (["push", "--limits", "fast"], "usage", "push"),
        (["push", "nowhere"], "usage", "push"),
        (["push"], "usage", "push"),
        (["push", "--repo", REPO], "auth", "push"),
        (["push", "--dry-run", "--layout", "x"], "usage", "push"),
        (["psh"], "usage", "psh"),
        (["items", "empty"], "no_layout", "items"),
        (["lint", "empty"], "no_layout", "lint"),
        (["status", "--repo", REPO], "auth", "status"),
        (["map", "show", "--nope"], "usage", "map show"),
        (["map"], "usage", "map"),
        (["sandbox", "reset"], "usage", "sandbox reset"),
        (["doctor", "nowhere"], "usage", "doctor"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_json_errors_are_one_document(cli: Cli, command: list[str], code: str, named: str) -> None:
    """What fails before it has anything to report is a document too: code, message, next step."""
    cli.shop()
    (cli.root / "empty").mkdir()
    result = cli(*command, "--json")
    document = result.document
    assert result.code in (2, 4)
    assert document["error"]["code"] == code
    assert document["error"]["hint"]
    assert document["command"] == named
    assert document["dry_run"] == ("--dry-run" in command)
    assert document["error"]["message"].splitlines()[0] in result.err


def test_json_of_lint_by_format(cli: Cli) -> None:
    """``lint --format json`` is as good as ``--json``, in errors as well."""
    cli.shop()
    assert cli("lint", "--format", "json").document["schema"] == "ghsync.lint/1"
    assert cli("lint", "--format=json", "nowhere").document["error"]["code"] == "usage"


def test_json_of_a_refused_and_of_a_stopped_run(cli: Cli) -> None:
    """A run that ends early says what was known, what was done and why it ended."""
    cli.shop(9)
    cli.item(f"{EPIC}/010.md", "Ten", depends_on="[77]")
    refused = cli.json("push", "--sandbox", "--strict")
    assert refused["error"]["code"] == "strict"
    assert refused["totals"]["create"] == 11
    assert {o["status"] for o in refused["operations"]} == {"pending"}
    stopped = cli.json("push", "--sandbox", "--max-time", "4s")
    assert stopped["error"]["code"] == "stopped"
    assert {o["status"] for o in stopped["operations"]} == {"done", "pending"}


def test_json_of_a_push(cli: Cli) -> None:
    """The design's fields: totals, operations with key, path and number, requests and time."""
    cli.shop()
    run = cli.json("push", "--sandbox")
    assert run["command"] == "push"
    assert run["repo"] == "sandbox/demo"
    assert run["remote"] == "sandbox"
    assert run["totals"]["items"] == run["totals"]["create"] == 3
    epic, first, _ = (o for o in run["operations"] if o["op"] == "create")
    assert (epic["kind"], epic["parent"], epic["number"]) == ("epic", None, 1)
    assert (first["kind"], first["parent"]) == ("task", f"{EPIC}/epic")
    assert first["path"] == f"{EPIC}/001.md"
    assert run["spent"]["writes"] == run["requests"]["writes"]
    assert run["spent"]["content"] == 3
    assert {o["url"] for o in run["operations"]} == {None}, "the sandbox's issues have no address"


def test_push_over_http_gives_addresses(
    cli: Cli, server: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Against a server each issue has its address, in the document and in the text."""
    for name, text in server.environment().items():
        monkeypatch.setenv(name, text)
    cli.shop(1)
    pushed = cli("push", "--limits", "none")
    assert f"#1  Shop · {server.url}/{REPO}/issues/1" in pushed.out
    assert cli("push", "--limits", "none").code == 0
    assert server.titles == ["Shop", "Task 1"]


def test_sandbox_shows_no_addresses(cli: Cli) -> None:
    """An address on github.com would lead to nobody's, or to somebody else's, issue."""
    cli.shop()
    assert "http" not in cli("push", "--sandbox").out


def test_data_is_on_stdout_and_talk_on_stderr(cli: Cli) -> None:
    """What a program reads is on stdout alone; --quiet and --json silence the talk."""
    cli.shop()
    loud = cli("push", "--sandbox", "--dry-run", "-v")
    assert loud.out.startswith("Dry run: sandbox/demo in the sandbox, not on GitHub\n")
    pushed = cli("push", "--sandbox")
    assert "plan: 5 operations" in pushed.err
    assert "plan: 5 operations" not in pushed.out
    assert cli("push", "--sandbox", "--quiet").err == ""
    assert cli("push", "--sandbox", "--json").err == ""


def test_dry_run_without_a_token_says_so(cli: Cli) -> None:
    """It cannot read GitHub, says it plainly, and shows what a first push would do."""
    cli.shop()
    shown = cli("push", "--dry-run")
    assert shown.code == 0
    assert "GitHub was not read" in shown.out
    assert "3 to create" in shown.out
    assert not (cli.root / ".ghsync").exists()


def test_hostile_titles_are_shown_and_not_obeyed(cli: Cli) -> None:
    """Markup, terminal escapes and workflow commands in a title are text everywhere."""
    for number, (title, _) in enumerate(HOSTILE, start=1):
        cli.item(f"{EPIC}/{number:03d}.md", json.dumps(title))
    for command in (["items"], ["push", "--sandbox", "--dry-run"], ["push", "--sandbox"]):
        out = cli(*command).out
        assert "\x1b" not in out
        for _, shown in HOSTILE:
            assert shown in out, command
    assert not any(line.lstrip().startswith("::") for line in cli("map", "show").out.splitlines())
    titles = {item["title"] for item in cli.json("items")["items"]}
    assert {title for title, _ in HOSTILE} == titles, "JSON holds them as they are"


def test_annotations_for_github_actions(cli: Cli) -> None:
    """``lint --format github`` writes workflow commands with path, line and severity."""
    cli.item(f"{EPIC}/001.md", "One", depends_on="[77]")
    cli.write(f"{EPIC}/002.md", "---\nname: [open\n---\n")
    result = cli("lint", "--format", "github")
    assert result.code == 1
    kinds = {line.partition(" ")[0] for line in result.out.splitlines()}
    assert kinds == {"::error", "::warning"}
    assert f"file={EPIC}/001.md,line=3" in result.out


def test_crlf_files_are_no_change(cli: Cli) -> None:
    """The same text with Windows line ends is in step."""
    cli.shop()
    cli("push", "--sandbox")
    for path in (cli.root / EPIC).glob("*.md"):
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert "Nothing to do: 3 unchanged" in cli("push", "--sandbox").out


def events_of(path: Path) -> list[dict[str, Any]]:
    """The lines of ``--events``, judged by their schema."""
    return [judged(json.loads(line)) for line in path.read_text().splitlines()]


def test_events_tell_what_the_run_tells(cli: Cli) -> None:
    """The stream and the document are the same facts: operations, totals, what was sent."""
    cli.shop(4)
    run = cli.json("push", "--sandbox", "--events", "events.ndjson")
    events = events_of(cli.root / "events.ndjson")
    kinds = [event["event"] for event in events]
    assert kinds.count("plan") == kinds.count("end") == 1
    assert kinds.index("plan") < kinds.index("operation")
    ended = {
        (event["op"], event["key"], event["title"]): (event["status"], event["number"])
        for event in events
        if event["event"] == "operation"
    }
    told = {(o["op"], o["key"], o["title"]): (o["status"], o["number"]) for o in run["operations"]}
    assert ended == told
    assert events[-1]["totals"] == run["totals"]
    assert events[-1]["spent"] == run["spent"]
    assert events[-1]["run_id"] == run["run_id"]


def test_events_end_with_the_error(cli: Cli) -> None:
    """A run that cannot start ends its stream with the reason."""
    cli.shop()
    cli("push", "--repo", REPO, "--events", "events.ndjson")
    (end,) = events_of(cli.root / "events.ndjson")
    assert end["event"] == "end"
    assert end["error"]["code"] == "auth"


def test_events_on_a_full_disk_do_not_stop_the_run(cli: Cli) -> None:
    """The push goes on; that the stream is cut is said once."""
    if not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full here")
    cli.shop()
    pushed = cli("push", "--sandbox", "--events", "/dev/full")
    assert pushed.code == 0
    assert pushed.err.count("--events: the file is incomplete") == 1
    assert cli("push", "--sandbox", "--events", "nowhere/events").code == 2


def test_many_skipped_for_one_reason_are_one_line(cli: Cli) -> None:
    """Fifty archived items do not drown the plan; --verbose lists them."""
    cli.shop()
    for n in range(50):
        cli.item(f".claude/epics/archived/old/{n:03d}.md", f"Old {n}")
    for command in (["push", "--sandbox", "--dry-run"], ["push", "--sandbox"]):
        out = cli(*command).out
        assert "skipped  50 items: archived" in out
        assert "Old 7" not in out
    assert "Old 7" in cli("push", "--sandbox", "-v").out


def test_every_item_is_counted_whatever_becomes_of_it(cli: Cli) -> None:
    """One that lint refuses is an item, too: the numbers add up, in JSON and on the page."""
    cli.shop()
    cli.write(f"{EPIC}/009.md", "---\nname: [\n---\n")
    totals = cli.json("push", "--dry-run", "--html", "plan.html")["totals"]
    assert totals["items"] == len(cli.json("items")["items"]) == totals["create"] + 1
    assert totals["skipped"] == 1
    shown = f"<dt>Items</dt><dd>{totals['items']}</dd>"
    assert shown in (cli.root / "plan.html").read_text()
