"""Whatever people do on both sides, in whatever order: nothing is lost, and both sides settle.

Every push and pull goes through the real client, whose transport is the sandbox. That merging is
symmetric is proved where the merges are: ``tests/test_textmerge.py``, ``tests/plan``.
"""

from __future__ import annotations

import asyncio
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pull_repositories import ALL, Repository
from push.world import World, unfinished

from ghsync import sync
from ghsync.errors import ExitCode
from ghsync.model import Run
from ghsync.pulling import Pulled, exit_code_of_pull
from ghsync.sandbox.people import Person
from ghsync.sandbox.records import Issue

SETTINGS: Mapping[str, dict[str, object]] = {
    "plain": {},
    "children": {"children": "list", "order": "none"},
    "nobody": {"mentions": "none", "title": "Plan: {title} (x)"},
}
_TITLE = re.compile(r"(?m)^(name|title|subject): ([^'\"\r\n#]*[^'\"\r\n# ])(\r?)$")
_SAID = (
    "Some {}.",
    "- [ ] do {}",
    "{} @who @octo [x](001.md), fixes #1",
    "\n# {}\n",
    "Status: {}",
    "```\n{}",
    "<!-- {}",
    "  {}\t  ",
    "---\n{}: x\n---",
    "- [x] T007: {}",
    "> {} https://github.com/octo/plan/issues/2",
)
_FREE = {"allow_changes": 10_000}


_ORG = "acme/plan"
_DETAILS = 'types = { task = "Task" }\nfields = { effort = "Effort", runs_on = "Platforms" }\n'


class Org(World):
    """A world whose repository belongs to an organization, which has types and issue fields."""

    def __post_init__(self) -> None:
        """Point every run at it."""
        super().__post_init__()
        self.options |= {"repo": _ORG}
        self.me.add_collaborator("octo", now=self.clock.now())

    def person(self, login: str = "somebody") -> Person:
        """Somebody on its web page."""
        return Person(self.github, _ORG, login=login, now=self.clock.now())


@contextmanager
def standing(
    repository: Repository, *, backwards: bool = False, org: bool = False
) -> Iterator[World]:
    """A checkout of the repository; ``backwards``: its files were made in the other order.

    ``org``: an organization owns it, and the config has places for what it adds to issues.
    """
    with tempfile.TemporaryDirectory() as folder:
        world = Org(Path(folder)) if org else World(Path(folder))
        config = (_DETAILS if org else "") + repository.config
        if config:
            world.file("ghsync.toml", config)
        for path, data in sorted(repository.files.items(), reverse=backwards):
            (world.root / path).parent.mkdir(parents=True, exist_ok=True)
            (world.root / path).write_bytes(data)
        yield world


def files(world: World) -> dict[str, bytes]:
    """What the files hold, ghsync's own aside."""
    found = {path.relative_to(world.root).as_posix(): path for path in world.root.rglob("*")}
    return {
        name: path.read_bytes()
        for name, path in sorted(found.items())
        if path.is_file() and not name.startswith(".ghsync/")
    }


def texts(world: World) -> dict[int, tuple[str, str | None]]:
    """What the issues say."""
    return {number: (issue.title, issue.body) for number, issue in world.issues.items()}


def quiet(run: Run) -> bool:
    """Whether a push had nothing to do."""
    return run.results == () and not run.plan.conflicts


@pytest.mark.parametrize("options", SETTINGS.values(), ids=SETTINGS)
@pytest.mark.parametrize("name", ALL)
def test_what_nobody_edits_stays(name: str, options: dict[str, object]) -> None:
    """A plan after its own push is empty; a pull after it changes no byte, whatever the settings.

    Nor does it matter in which order the files came to be.
    """
    repository = ALL[name]
    with standing(repository) as world, standing(repository, backwards=True) as other:
        world.options |= options
        other.options |= options
        before = files(world)
        assert world.dry_run().plan.operations == other.dry_run().plan.operations
        assert unfinished(world.push()) == []
        said = texts(world)
        assert quiet(world.push())
        pulled = world.pull()
        assert (pulled.files, pulled.items, pulled.conflicts) == ((), (), ())
        assert quiet(world.push())
        assert files(world) == before
        assert texts(world) == said


class Walk:
    """People at work on both sides of one repository; each leaves words that nobody else has."""

    def __init__(self, world: World, repository: Repository) -> None:
        self.world = world
        self._repository = repository
        self._made = 0
        self.here: dict[str, str] = {}
        """Words to the file that a person wrote them into."""
        self.there: dict[str, int] = {}
        """Words to the issue that a person wrote them into."""
        self.log: list[str] = []

    def word(self) -> str:
        """A word of its own."""
        self._made += 1
        return f"word{self._made}x"

    # ------------------------------------------------------------------------ files

    def _file(self, random: Random) -> tuple[str, str]:
        path = random.choice(sorted(path for path in files(self.world) if path.endswith(".md")))
        return path, (self.world.root / path).read_bytes().decode()

    def _write(self, path: str, text: str, word: str | None = None) -> None:
        (self.world.root / path).write_bytes(text.encode())
        if word is not None:
            self.here[word] = path

    def write_line(self, random: Random) -> None:
        """A new line in a file's text."""
        path, text = self._file(random)
        lines = text.split("\n")
        start = 1
        if lines[0].removeprefix("\ufeff").rstrip() == "---":
            start = next(i for i, line in enumerate(lines) if i and line.rstrip() == "---") + 1
        word, at = self.word(), random.randint(start, len(lines))
        made = random.choice(_SAID).format(word)
        lines.insert(at, made.replace("\n", "\r\n") + "\r" if "\r" in lines[at - 1] else made)
        self._write(path, "\n".join(lines), word)

    def write_new(self, random: Random) -> None:
        """A new file, which may link others."""
        word = self.word()
        path = self._repository.new.format(50 + self._made)
        self.world.file(path, f"---\ntitle: New {word}\n---\n\n# New {word}\n\n[x](001.md) @x\n")
        self.here[word] = path

    def move(self, random: Random) -> None:
        """A file that a person made gets another name."""
        made = {self._repository.new.format(n) for n in range(50, 50 + self._made + 1)}
        if there := sorted(made & files(self.world).keys()):
            self._made += 1
            path = self._repository.new.format(50 + self._made)
            self.world.move(random.choice(there), path)

    def write_title(self, random: Random) -> None:
        """Another title in a file's field."""
        path, text = self._file(random)
        word = self.word()
        new = _TITLE.sub(rf"\1: \2 {word}\3", text, count=1)
        if new != text:
            self._write(path, new, word)

    def write_tick(self, random: Random) -> None:
        """A tick in a file."""
        path, text = self._file(random)
        self._write(path, text.replace("- [ ] ", "- [x] ", 1))

    # ----------------------------------------------------------------------- issues

    def _issue(self, random: Random) -> Issue:
        return self.world.issues[random.choice(sorted(self.world.issues))]

    def _edit(self, issue: Issue, word: str | None = None, **fields: object) -> None:
        self.world.person().edit(issue.number, now=self.world.later(), **fields)
        if word is not None:
            self.there[word] = issue.number

    def say_line(self, random: Random) -> None:
        """A new line in an issue's text, in the web editor."""
        issue, word = self._issue(random), self.word()
        lines = (issue.body or "").replace("\r\n", "\n").split("\n")
        made = random.choice(_SAID).format(word).split("\n")
        at = random.randint(0, len(lines))
        lines[at:at] = made
        self._edit(issue, word, body=random.choice(["\n", "\r\n"]).join(lines))

    def say_title(self, random: Random) -> None:
        """Another title of an issue."""
        issue, word = self._issue(random), self.word()
        odd = random.choice(["", ": it's", ' "q" #', " - [x]"])
        self._edit(issue, word, title=f"{issue.title} {word}{odd}")

    def say_tick(self, random: Random) -> None:
        """A tick on GitHub."""
        issue = self._issue(random)
        self._edit(issue, body=(issue.body or "").replace("- [ ] ", "- [x] ", 1))

    def say_labels(self, random: Random) -> None:
        """A label more, or one less."""
        issue, person = self._issue(random), self.world.person()
        held = sorted(self.world.me.repo.labels[each].name for each in issue.labels)
        if held and random.random() < 0.4:
            person.unlabel(issue.number, random.choice(held), now=self.world.later())
        else:
            person.label(issue.number, self.word(), now=self.world.later())

    def say_people(self, random: Random) -> None:
        """Somebody is assigned, or nobody."""
        who = ("octo",) if random.random() < 0.7 else ()
        self.world.person().assign(self._issue(random).number, *who, now=self.world.later())

    def say_state(self, random: Random) -> None:
        """Closed, for one reason or another, or open again."""
        issue, person = self._issue(random), self.world.person()
        if issue.state == "closed" and random.random() < 0.7:
            person.reopen(issue.number, now=self.world.later())
        else:
            reason = random.choice(["completed", "not_planned"])
            person.close(issue.number, reason=reason, now=self.world.later())

    def say_milestone(self, random: Random) -> None:
        """Taken off."""
        self._edit(self._issue(random), milestone=None)

    def say_new(self, random: Random) -> None:
        """A new issue below another."""
        parent, word = self._issue(random), self.word()
        person, now = self.world.person(), self.world.later()
        body = random.choice([None, f"About {word}. #1 @x", f"---\nA: {word}\n---\n- [ ] y"])
        made = person.open_issue(f"New {word}", body=body, labels=["bug"], now=now)
        person.add_sub_issue(parent.number, made.number, now=now)
        self.there[word] = made.number

    def say_parent(self, random: Random) -> None:
        """An issue that has a file is taken out of its parent; one without would get none."""
        issue = self._issue(random)
        if issue.parent is not None and issue.number not in self.there.values():
            self.world.person().remove_parent(issue.number, now=self.world.later())

    def say_blocker(self, random: Random) -> None:
        """One issue blocks another, or does no more; a stranger's, too."""
        issue, other, person = self._issue(random), self._issue(random), self.world.person()
        if issue.blocked_by and random.random() < 0.5:
            gone = self.world.github.state.issue_by_id(random.choice(issue.blocked_by))
            assert gone is not None
            person.unblock(issue.number, by=gone.number, now=self.world.later())
        elif issue.number != other.number and other.id not in issue.blocked_by:
            person.block(issue.number, by=other.number, now=self.world.later())

    def say_detail(self, random: Random) -> None:
        """A type or an issue field, where an organization has them."""
        if not isinstance(self.world, Org):
            return
        issue, person, now = self._issue(random), self.world.person(), self.world.later()
        match random.randrange(3):
            case 0:
                person.edit(issue.number, type=random.choice(["Bug", "Task", None]), now=now)
            case 1:
                effort = random.choice([1, 2.5, None])
                person.set_field(issue.number, "Effort", effort, now=now)
            case _:
                several = random.choice([["Web"], ["iOS", "Web"], None])
                person.set_field(issue.number, "Platforms", several, now=now)

    # ------------------------------------------------------------------------- runs

    def push(self, _: Random | None = None) -> Run:
        """Push; every operation that is planned is done."""
        run = self.world.push(**_FREE)
        assert unfinished(run) == [], self.log
        self.check()
        return run

    def pull(self, _: Random | None = None) -> Pulled:
        """Pull; what it says dry, it does.

        A new issue may find no place, and a text is no frontmatter, even where it looks so.
        """
        dry = self.world.pull(dry_run=True)
        pulled = self.world.pull()
        assert (dry.files, dry.conflicts) == (pulled.files, pulled.conflicts), self.log
        wrong = [e.refused for e in pulled.refused if not e.new and "frontmatter" not in e.refused]
        assert wrong == [], self.log
        self.check()
        return pulled

    def sync(self, _: Random | None = None) -> None:
        """Pull and push; what the dry run of both says, both do."""
        world = self.world
        config, around = world.config(**_FREE), world.around(command="sync")
        dry = asyncio.run(sync.pull(config, around, dry_run=True, ahead=True))
        then = asyncio.run(sync.push(config, around, dry_run=True, after=dry.after))
        assert world.pull().files == dry.files, self.log
        run = self.push()
        assert run.plan.operations == then.plan.operations, self.log
        assert run.plan.conflicts == then.plan.conflicts, self.log

    def check(self) -> None:
        """Nobody's words are gone from where they were written."""
        held = b"\n".join(files(self.world).values()).decode()
        said = "\n".join(f"{title}\n{body}" for title, body in texts(self.world).values())
        assert [word for word in self.here if word not in held] == [], self.log
        assert [word for word in self.there if word not in said] == [], self.log

    def settle(self) -> None:
        """After a pull and a push neither has anything to do, and what was written is everywhere.

        Where a title is a line of the text, or the text gives the title, one more round carries
        the other (docs/editing.md). Conflicts are left, until somebody decides.
        """
        for _ in range(2):
            self.pull()
            self.push()
        last, run = self.pull(), self.push()
        assert last.files == (), self.log
        assert run.results == (), self.log
        entries = self.world.map.entries.values()
        apart = any(entry.base is not None and entry.base.apart for entry in entries)
        if self._repository.whole and not last.conflicts and not last.items and not apart:
            held = b"\n".join(files(self.world).values()).decode()
            assert [word for word in self.there if word not in held] == [], self.log

    def decide(self, side: str) -> None:
        """With one side chosen nothing is left undecided."""
        self.world.pull(on_conflict=side)
        self.world.push(on_conflict=side, **_FREE)
        for _ in range(2):
            self.world.pull()
            self.world.push(**_FREE)
        assert self.world.pull().conflicts == (), self.log
        assert quiet(self.world.push(**_FREE)), self.log


_ACTIONS: tuple[Callable[[Walk, Random], object], ...] = (
    Walk.write_line,
    Walk.write_title,
    Walk.write_tick,
    Walk.write_new,
    Walk.move,
    Walk.say_line,
    Walk.say_title,
    Walk.say_tick,
    Walk.say_labels,
    Walk.say_people,
    Walk.say_state,
    Walk.say_milestone,
    Walk.say_new,
    Walk.say_parent,
    Walk.say_blocker,
    Walk.say_detail,
    Walk.push,
    Walk.pull,
    Walk.sync,
)


def walk(
    repository: Repository, seed: int, options: dict[str, object], steps: int, *, org: bool = False
) -> None:
    """One random story; ``seed`` repeats it."""
    random = Random(seed)
    with standing(repository, org=org) as world:
        world.options |= options
        story = Walk(world, repository)
        story.log.append(f"seed {seed}, {options}, {org}")
        assert unfinished(world.push()) == []
        for _ in range(steps):
            action = random.choice(_ACTIONS)
            story.log.append(action.__name__)
            action(story, random)
        story.settle()
        story.decide(random.choice(["local", "remote"]))
        assert exit_code_of_pull(world.pull()) in (ExitCode.DONE, ExitCode.PARTIAL)


@pytest.mark.parametrize("name", ALL)
@settings(max_examples=4)
@given(
    seed=st.integers(0, 2**32),
    options=st.sampled_from(list(SETTINGS.values())),
    steps=st.integers(2, 9),
    org=st.booleans(),
)
def test_whatever_people_do(
    name: str, seed: int, options: dict[str, object], steps: int, org: bool
) -> None:
    """No story loses a word, and each ends with both sides in step."""
    walk(ALL[name], seed, options, steps, org=org)
