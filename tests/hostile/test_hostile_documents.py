"""YAML, TOML and JSON that somebody made to hurt: findings and errors, never a traceback."""

from __future__ import annotations

import sqlite3

import pytest
from cli.cli_kit import EPIC, Cli

DIGITS = "1" * 6000
LAUGHS = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "\n".join(
    f"{chr(98 + i)}: &{chr(98 + i)} [{','.join(['*' + chr(97 + i)] * 9)}]" for i in range(20)
)


@pytest.mark.parametrize(
    "yaml",
    [
        LAUGHS,
        "a: " + "[" * 100_000,
        "a: " + "{a: " * 20_000,
        "- " * 50_000,
        "\n".join(" " * i + "a:" for i in range(1500)),
        "a: &a [*a]",
        "a: *nobody",
    ],
    ids=["laughs", "lists", "mappings", "dashes", "blocks", "self", "nobody"],
)
def test_yaml_that_grows_or_nests_is_refused_in_its_line(cli: Cli, yaml: str) -> None:
    """The bomb, the well and the circle: an error finding for this file; the others go on."""
    cli.shop(1)
    cli.write(f"{EPIC}/002.md", f"---\nname: Bomb\nstatus: open\n{yaml}\n---\n\nText.\n")
    document = cli.json("lint")
    (finding,) = [each for each in document["findings"] if each["severity"] == "error"]
    assert finding["code"] == "yaml_invalid"
    assert finding["line"] > 1
    assert len(finding["message"]) < 600
    assert len(cli.json("items")["items"]) == 3


@pytest.mark.parametrize(
    "value",
    [
        DIGITS, f'"#{DIGITS}"', f"[{DIGITS}]", f"https://github.com/o/r/issues/{DIGITS}", "1e999",
        "²", "٣", "-1", "0x" + "f" * 5000, "!!python/object/apply:os.system [id]", "!!int '3'",
        "!!binary aGk=", "&a b", "2024-02-30", "0000-00-00", "{a: {b: [c]}}", "<<", "~", ".nan",
    ],
)  # fmt: skip
def test_a_field_may_hold_anything(cli: Cli, value: str) -> None:
    """Huge numbers, tags, dates that are none, other scripts' digits: text, or a finding."""
    names = ("github", "id", "epic", "depends_on", "parent", "milestone", "assignees", "labels")
    for name in names:
        cli.write(f"{EPIC}/epic.md", "---\nname: Epic\nstatus: open\n---\n")
        cli.write(f"{EPIC}/001.md", f"---\nname: T\nstatus: open\n{name}: {value}\n---\n\nX.\n")
        result = cli("push", "--sandbox", "--dry-run")
        assert result.code in (0, 1), (name, result.err)


@pytest.mark.parametrize(
    "text",
    [f"#{DIGITS}", f"o/r#{DIGITS}", f"[a]({'a' * 6000}.md)", "[a](\0.md)",
     "[a](../../../etc/passwd)", f"- [ ] T{DIGITS} x",
     f"- [ ] T001 [US{DIGITS}] x", f"depends on #{DIGITS}"],
)  # fmt: skip
def test_a_text_may_hold_anything(cli: Cli, text: str) -> None:
    """Numbers that Python does not read, paths that no system has: the text is sent as it is."""
    cli.shop(1)
    cli.write(f"{EPIC}/002.md", f"---\nname: T\nstatus: open\n---\n\n{text}\n")
    cli.write("specs/001-a/spec.md", "# A\n")
    cli.write("specs/001-a/tasks.md", f"- [ ] T001 x {text}\n{text}\n")
    assert cli("push", "--sandbox").code in (0, 1)


def test_one_id_ten_thousand_times_takes_no_square(cli: Cli) -> None:
    """Copies are numbered on, not counted anew: seconds, where it took minutes."""
    cli.write("specs/001-a/spec.md", "# A\n")
    cli.write("specs/001-a/tasks.md", "- [ ] T001 x\n" * 5000)
    assert len(cli.json("items")["items"]) == 5001


@pytest.mark.parametrize(
    "toml",
    [
        "a = " + "[" * 100_000,
        "a = " + "{a = " * 50_000,
        f"max_time = {DIGITS}",
        ".".join("a" * 100_000) + " = 1",
        "[" + ".".join("a" * 100_000) + "]",
        "x" * 300_000,
        "settle = nan",
        "settle = inf",
        "max_time = 1e400",
        'limits = { content = ["1/a' + " " * 100_000 + '"] }',
        "[" + " " * 100_000 + "] x\nsettle = -1",
        " " * 100_000 + "x\nsettle = -1",
        "\xff",
    ],
    ids=range(13),
)
def test_settings_made_to_hurt_are_an_error_of_the_config(cli: Cli, toml: str) -> None:
    """Deep, long, huge, dotted a hundred thousand times: exit 2, at once."""
    cli.shop(1)
    cli.write("ghsync.toml", toml.encode("latin-1"))
    result = cli("lint")
    assert result.code == 2
    assert len(result.err) < 5000


JSON = [
    '{"a":' * 50_000, "[" * 100_000, "[" * 900 + "]" * 900, f'{{"schema": {DIGITS}}}',
    '{"schema": 1e999}', '{"schema": NaN}', '{"schema": "\\ud800"}', "[]", "null", "7", '""', "",
    '{"schema": "ghsync.map/1", "repo": [], "forgotten": {}, "items": 5}',
    '{"schema": "ghsync.map/1", "repo": {}, "forgotten": [], "items": [[], 1, null, {}]}',
    '{"schema": "ghsync.map/1", "repo": {"id": -1}, "forgotten": [], "items": []}',
]  # fmt: skip


@pytest.mark.parametrize("text", JSON, ids=range(len(JSON)))
def test_a_map_of_any_json_is_an_error_and_never_an_empty_map(cli: Cli, text: str) -> None:
    """Taken for empty, it would have every issue made a second time."""
    cli.shop(1)
    assert cli("push", "--sandbox").code == 0
    cli.write(".ghsync/map.json", text)
    for command in (
        ["push", "--sandbox"],
        ["push", "--sandbox", "-n"],
        ["map", "show"],
        ["status"],
    ):
        result = cli(*command)
        assert result.code == 5, (command, result.out, result.err)
        assert "map.json" in result.err
        assert len(result.err) < 1500


@pytest.mark.parametrize("text", JSON[:11], ids=range(11))
def test_any_json_in_the_other_state_files_is_survived(cli: Cli, text: str) -> None:
    """Caches and notes are as if they were not there; a journal is an error with a remedy."""
    cli.shop(1)
    names = ("cache.jsonl", "bodies.jsonl", "written.json", "control.json", "lock.json",
             "remote-lock.json", "runs/0-a.jsonl")  # fmt: skip
    for name in names:
        cli.write(f".ghsync/{name}", f"{text}\n")
    for command in (["push", "--sandbox"], ["runs"], ["runs", "show", "last"], ["runs", "stats"]):
        assert cli(*command).code == 0, command
    cli.write(".ghsync/journal.jsonl", f"{text}\n" * 2)
    result = cli("push", "--sandbox")
    assert result.code == 5
    assert "map rebuild" in result.err


@pytest.mark.parametrize("text", JSON, ids=range(len(JSON)))
def test_any_json_among_the_records_of_other_tools_is_said_to_be_none(cli: Cli, text: str) -> None:
    """`map import` names the file, and what it cannot read of it."""
    cli.shop(1)
    for name in (".claude/epic-sync-map.json", ".claude/task-sync-map.json"):
        cli.write(name, text)
    assert cli("map", "import", "--sandbox", "--dry-run").code in (0, 1)


@pytest.mark.parametrize("text", JSON, ids=range(len(JSON)))
def test_any_json_in_the_sandbox_is_an_error_with_a_remedy(cli: Cli, text: str) -> None:
    """Its database can hold whatever somebody put there."""
    cli.shop(1)
    assert cli("push", "--sandbox").code == 0
    path = cli.root / ".ghsync/sandbox/state.sqlite3"
    with sqlite3.connect(path) as db:
        db.execute("UPDATE records SET content = ? WHERE kind = 'issue'", (text,))
    db.close()
    result = cli("push", "--sandbox")
    assert result.code == 5
    assert "sandbox reset" in result.err
