"""Plan files: kept by a dry run, carried out by ``apply`` as they are, or refused."""

from __future__ import annotations

import errno
import os
import stat
import time

import pytest
from apply_kit import PLAN, Project
from cli_kit import EPIC, REPO, Cli, judged

from ghsync.cli import confirm
from ghsync.sandbox.seeds import SANDBOX_LOGIN, SANDBOX_TOKEN


def test_what_the_plan_shows_is_what_is_sent(project: Project) -> None:
    """The dry run's operations, those of the file and those of the run are the same."""
    shown = project.cli.json("push", "--limits", "none", "--dry-run", "--out", PLAN)
    judged(project.raw)
    done = project.apply("--json").document
    assert done["command"] == "apply"
    assert done["dry_run"] is False

    def ops(document: dict[str, object]) -> list[tuple[str, str]]:
        found = document["operations"]
        assert isinstance(found, list)
        return [(each["op"], each.get("key") or "") for each in found]

    assert ops(done) == ops(shown) == ops(project.raw)
    assert {each["status"] for each in done["operations"]} == {"done"}
    assert project.server.titles == ["Shop", "Task 1", "Task 2"]
    assert "Nothing to do" in project.push().out


def test_the_same_state_gives_the_same_file(project: Project) -> None:
    """A plan is a value: no time and no random name is in it."""
    project.plan()
    project.plan(out="again.json")
    assert (project.cli.root / "again.json").read_bytes() == project.file.read_bytes()


# --------------------------------------------------------------------- what has moved


def test_a_file_that_changed_is_named(project: Project) -> None:
    """And what would be sent now is another operation."""
    project.plan()
    path = project.task(1, "Another title")
    project.refused(f"file {path}: it changed", f"changed: create {EPIC}/001 (title")


def test_a_new_file_is_named(project: Project) -> None:
    """Nothing is sent that nobody has reviewed."""
    project.plan()
    project.task(3)
    project.refused(f"operation new: create {EPIC}/003")


def test_a_file_that_is_gone_is_named(project: Project) -> None:
    """And its operation as well."""
    project.plan()
    (project.cli.root / EPIC / "002.md").unlink()
    project.refused(f"file {EPIC}/002.md: it is gone", f"operation gone: create {EPIC}/002")


def test_a_map_that_moved_is_named(project: Project) -> None:
    """Somebody pushed a part of it without the plan."""
    project.plan()
    project.push("--only", "001")
    number = project.number("Task 1")
    project.refused(f"map: {EPIC}/001 has issue #{number} by now, it had none")


def test_a_map_that_is_lost_is_named(project: Project) -> None:
    """The item would get a second issue."""
    project.push()
    project.task(1, body="Other.")
    project.plan()
    project.cli("map", "forget", f"{EPIC}/001")
    project.refused(f"map: {EPIC}/001 is no longer in it", "operation new: create")


@pytest.mark.parametrize("field", ["title", "body", "labels", "state", "assignees"])
def test_an_issue_that_somebody_changed_is_named(project: Project, field: str) -> None:
    """Any field that ghsync keeps in step, also one that the plan would leave alone."""
    project.push()
    project.task(1, body="Other.")
    project.plan()
    number, now = project.number("Task 1"), time.time()
    match field:
        case "labels":
            project.somebody.label(number, "urgent", now=now)
        case "state":
            project.somebody.close(number, now=now)
        case "assignees":
            project.somebody.assign(number, SANDBOX_LOGIN, now=now)
        case _:
            project.somebody.edit(number, now=now, **{field: "Mine."})
    project.refused(f"issue #{number}: {field}")


def test_an_issue_that_is_gone_is_named(project: Project) -> None:
    """Deleted since."""
    project.push()
    project.task(1, body="Other.")
    project.plan()
    number = project.number("Task 1")
    project.somebody.delete(number, now=time.time())
    project.refused(f"issue #{number}")


def test_a_parent_that_is_another_issue_now_is_named(project: Project) -> None:
    """An operation names it by its item, so the plan would be the same."""
    project.push()
    project.task(3)
    project.plan()
    path = project.cli.root / ".ghsync/map.json"
    line = next(row for row in path.read_text().splitlines() if f'"{EPIC}/epic"' in row)
    stranger = project.somebody.open_issue("Shop", body="Sell.", labels=["epic"], now=time.time())
    other = line.replace('"number":1,', f'"number":{stranger.number},')
    assert other != line
    path.write_text(path.read_text().replace(line, other))
    project.refused(f"map: {EPIC}/epic has issue #{stranger.number} by now, it was #1")


def test_what_does_not_matter_to_the_plan_may_move(project: Project) -> None:
    """A stranger's issue, comments, another item's issue, and its line in the map."""
    project.push()
    project.task(1, body="Other.")
    project.task(3)
    project.plan()
    someone, now = project.somebody, time.time()
    someone.open_issue("A stranger's", now=now)
    someone.open_pull_request("A pull request", now=now)
    someone.comment(project.number("Task 1"), "Me, too.", now=now)
    someone.edit(project.number("Task 2"), now=now, title="Task two")
    done = project.apply()
    assert done.code == 0, done.err
    mine = ["Shop", "Task 1", "Task 3", "Task two"]
    assert project.server.titles == ["A pull request", "A stranger's", *mine]


def test_a_push_of_other_items_may_come_between(project: Project) -> None:
    """As when another pull request is merged first."""
    project.plan("--only", "001")
    project.push("--only", f"{EPIC}/epic.md")
    said = project.refused(f"{EPIC}/epic has issue #1 by now")
    assert f"{EPIC}/001 " not in said.partition("operation")[0]
    project.plan("--only", "001")
    project.push("--only", "002")
    assert project.apply().code == 0


def test_a_label_that_somebody_made_is_no_reason(project: Project) -> None:
    """What it was to be made for is as it was."""
    project.plan()
    project.somebody.open_issue("Other", labels=["task"], now=time.time())
    done = project.apply("--json").document
    assert "error" not in done
    assert [e["title"] for e in done["operations"] if e["op"] == "create_label"] == ["epic"]


def test_all_that_moved_is_listed(project: Project) -> None:
    """The message names the first, the output and the document all of them."""
    project.cli.shop(9)
    project.plan()
    for number in range(1, 10):
        project.task(number, f"Other {number}")
    done = project.apply()
    assert done.code == 5
    assert len(done.out.splitlines()) == 18
    assert "and 13 more" in " ".join(done.err.split())
    document = project.apply("--json").document
    assert document["error"]["code"] == "stale_plan"
    assert len(document["error"]["moved"]) == 18


# -------------------------------------------------------------------------- settings


def test_its_options_come_with_it(project: Project) -> None:
    """``apply`` needs no flags: it is about the same part, with the same rules."""
    project.plan("--only", "00[12]", "--kind", "task", "--limit", 2, "--prune")
    assert project.raw["settings"] == {
        "only": ["00[12]"],
        "kind": ["task"],
        "limit": 2,
        "prune": True,
    }
    assert project.apply().code == 0
    assert project.server.titles == ["Shop", "Task 1"]


def test_the_same_option_may_be_given_again_and_no_other(project: Project) -> None:
    """A contradiction is a usage error that names the option."""
    project.plan("--only", "001")
    for options in (
        ("--only", "002"),
        ("--prune",),
        ("--limit", 1),
        ("--archived",),
        ("--sandbox",),
    ):
        done = project.apply(*options)
        assert done.code == 2, options
        assert f"{options[0]} contradicts the plan" in done.err
    assert project.writes == 0
    assert project.apply("--only", "001").code == 0


def test_a_decision_about_conflicts_comes_with_it(project: Project) -> None:
    """``--on-conflict`` shaped the plan, and shapes the run."""
    project.push()
    project.task(1, "Ours")
    project.somebody.edit(project.number("Task 1"), now=time.time(), title="Theirs")
    project.plan("--on-conflict", "local")
    assert project.apply().code == 0
    assert "Ours" in project.server.titles


def test_a_setting_that_changed_is_named(project: Project) -> None:
    """The config of the checkout counts, and has to be what it was."""
    project.cli.write("ghsync.toml", 'title = "Plan: {title}"\n')
    project.plan()
    project.cli.write("ghsync.toml", 'title = "Work: {title}"\n')
    project.refused('setting title was "Plan: {title}" and is "Work: {title}"')
    project.cli.write("ghsync.toml", 'reserve = 3\ntitle = "Plan: {title}"\n')
    assert project.apply().code == 0
    assert "Plan: Shop" in project.server.titles


def test_custom_layouts_are_settings(project: Project) -> None:
    """They decide what is an item."""
    text = '[layouts.mine]\ntask = ["plans/*.md"]\n'
    project.cli.write("ghsync.toml", text)
    project.cli.item("plans/a.md", "A")
    project.plan()
    project.cli.write("ghsync.toml", text.replace("task", "epic"))
    project.refused("setting layouts was")
    project.cli.write("ghsync.toml", text)
    assert project.apply().code == 0


# ------------------------------------------------------------------ where it belongs


def test_another_repository_is_refused(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """By its id; the name in the file sends nothing anywhere."""
    project.plan()
    monkeypatch.setenv("GITHUB_REPOSITORY", "octo/other")
    project.refused("made for octo/plan", "not for octo/other")


def test_a_repository_that_was_given_comes_with_it(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Unless the environment names another one."""
    monkeypatch.delenv("GITHUB_REPOSITORY")
    project.plan("--repo", REPO)
    assert project.apply().code == 0
    monkeypatch.setenv("GITHUB_REPOSITORY", "octo/other")
    assert project.apply().code == 5


def test_another_server_gets_nothing(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file does not say where a token goes: not even a look is sent."""
    project.plan()
    looks = len(project.server.github.log)
    monkeypatch.setenv("GITHUB_API_URL", project.server.url.replace("127.0.0.1", "localhost"))
    project.refused("made for the API at http://127.0.0.1", "http://localhost")
    assert len(project.server.github.log) == looks


def test_another_folder_of_the_checkout_is_refused(project: Project) -> None:
    """The keys of its items are others."""
    project.cli.write(".git/HEAD", "ref: refs/heads/main\n")
    project.cli.write(".git/config", "")
    project.plan()
    (project.cli.root / "sub").mkdir()
    done = project.cli("apply", PLAN, "sub")
    assert done.code == 5
    assert "made for the top of the checkout" in done.err
    assert "ghsync apply PLAN FOLDER" in done.err


# ------------------------------------------------------------------------ the file


def test_a_file_that_was_edited_is_refused(project: Project) -> None:
    """Even where the change is harmless."""
    project.plan()
    text = project.file.read_text("utf-8")
    project.file.write_text(text.replace("Task 1", "Task I"), "utf-8")
    project.refused("was changed after ghsync wrote it")
    project.file.write_bytes(text.encode("utf-16"))
    project.refused("not UTF-8")
    project.file.write_text("{}")
    project.refused("no plan of ghsync")
    assert project.cli("apply", "none.json").code == 2
    assert project.cli("apply", EPIC).code == 2


def test_no_token_is_in_it(project: Project) -> None:
    """Nor any name of this machine."""
    project.plan()
    text = project.file.read_text("utf-8")
    assert SANDBOX_TOKEN not in text
    assert str(project.cli.root) not in text


def test_where_it_is_written(project: Project) -> None:
    """Readable by others, in one step, and through a link."""
    target = project.cli.root / "real.json"
    project.file.symlink_to(target)
    before = os.umask(0o022)
    try:
        project.plan()
    finally:
        os.umask(before)
    assert project.file.is_symlink()
    assert stat.S_IMODE(target.stat().st_mode) == 0o644
    assert [path.name for path in project.cli.root.iterdir() if path.name.endswith(".tmp")] == []


@pytest.mark.parametrize("there", [False, True])
def test_a_link_out_of_its_folder_is_not_followed(
    project: Project, tmp_path_factory: pytest.TempPathFactory, there: bool
) -> None:
    """A repository from elsewhere does not choose what is written to, nor what begins to be."""
    target = tmp_path_factory.mktemp("home") / ".profile"
    if there:
        target.touch()
    project.file.symlink_to(target)
    done = project.cli("push", "--dry-run", "--out", PLAN)
    assert done.code == 2
    assert "a link that leads to another folder" in done.err
    assert target.exists() is there
    assert not there or target.read_bytes() == b""


@pytest.mark.parametrize("out", ["none/plan.json", EPIC, f"{EPIC}/001.md"])
def test_a_place_where_no_file_can_be_is_a_usage_error(project: Project, out: str) -> None:
    """Said before anything is read; no other file is overwritten."""
    done = project.cli("push", "--dry-run", "--out", out)
    assert done.code == 2
    assert "--out" in done.err
    assert list(project.server.github.log) == []


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no full device")  # noqa: PTH110
def test_a_full_disk_is_said(project: Project) -> None:
    """With what to do about it."""
    done = project.cli("push", "--dry-run", "--out", "/dev/full")
    assert done.code == 5
    assert "could not be saved" in done.err
    assert "disk space" in done.err


def test_a_disk_that_is_full_keeps_the_earlier_plan(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The new one is put in its place whole, or not at all."""
    project.plan()
    before = project.file.read_bytes()
    project.task(3)

    def full(fd: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("ghsync.saving.os.fsync", full)
    done = project.cli("push", "--dry-run", "--out", PLAN)
    assert done.code == 5
    assert "No space left" in done.err
    assert project.file.read_bytes() == before
    assert [path.name for path in project.cli.root.iterdir() if path.name.endswith(".tmp")] == []


def test_out_is_for_a_dry_run(project: Project) -> None:
    """A push would carry it out."""
    done = project.cli("push", "--out", PLAN)
    assert done.code == 2
    assert "Add --dry-run" in done.err
    assert project.server.titles == []


def test_it_goes_through_a_pipe(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """``--out -`` is the plan alone on stdout; ``apply -`` reads it."""
    piped = project.cli("push", "--limits", "none", "--dry-run", "--out", "-")
    project.plan()
    assert piped.out == project.file.read_text("utf-8")
    done = project.cli("push", "--dry-run", "--out", "-", "--json")
    assert done.code == 2
    with project.file.open("r") as stream:
        monkeypatch.setattr("sys.stdin", stream)
        assert project.cli("apply", "-", "--limits", "none").code == 0


def test_without_a_token_there_is_no_plan_file(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What GitHub holds is a part of it."""
    for name in ("GITHUB_TOKEN", "GITHUB_API_URL"):
        monkeypatch.delenv(name)
    done = project.cli("push", "--dry-run", "--out", PLAN)
    assert done.code == 4
    assert not project.file.exists()


def test_a_plan_that_a_brake_holds_is_not_saved(project: Project) -> None:
    """It would be refused; with the number it is saved, and the number comes with it."""
    project.cli.shop(12)
    project.push()
    for number in range(1, 13):
        project.task(number, f"Other {number}")
    held = project.cli("push", "--dry-run", "--out", PLAN)
    assert held.code == 5
    assert "no plan was saved" in held.err
    assert not project.file.exists()
    project.plan("--allow-changes", 12)
    assert project.apply().code == 0


def test_the_sandbox_has_plan_files(cli: Cli) -> None:
    """Without a token, also as the first thing that is done there."""
    cli.shop(2)
    assert cli("push", "--sandbox", "--dry-run", "--out", PLAN).code == 0
    assert cli("apply", PLAN).code == 0
    cli.item(f"{EPIC}/001.md", "Other")
    assert cli("push", "--sandbox", "--dry-run", "--out", PLAN).code == 0
    assert cli("apply", PLAN).code == 0
    assert "Nothing to do" in cli("push", "--sandbox").out


def test_it_asks_as_a_push_does(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the totals in view; a no leaves the plan as if nobody had begun it."""
    said = ["n\n", "y\n"]

    async def answer(question: str) -> str:
        return said.pop(0)

    monkeypatch.setattr(confirm, "_somebody_there", lambda: True)
    monkeypatch.setattr(confirm, "_answer", answer)
    project.plan()
    assert project.apply().code == 5
    assert not (project.cli.root / ".ghsync/plans.json").exists()
    assert project.apply().code == 0
    assert said == []


def test_what_another_machine_makes_at_the_last_moment_is_named(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The plan is made once more under the lock between machines, and compared once more."""

    async def slowly(question: str) -> str:
        body = f"<!-- ghsync:uid={'1' * 32} key={EPIC}/001 -->\n\nDo 1."
        project.somebody.open_issue("Task 1", body=body, now=time.time())
        return "y\n"

    monkeypatch.setattr(confirm, "_somebody_there", lambda: True)
    monkeypatch.setattr(confirm, "_answer", slowly)
    project.plan()
    done = project.apply()
    assert done.code == 5
    assert f"operation new: adopt {EPIC}/001" in " ".join(done.err.split())
    assert project.server.titles == ["Task 1"]
