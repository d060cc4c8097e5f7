"""One random walk: files, people, pushes, crashes, faults, lag, limits, clocks, two checkouts.

Everything follows from the seed. The walk keeps a book of what has to hold in the end: what the
files say, and what people wrote on GitHub that no file touched since.
"""

from __future__ import annotations

import asyncio
import dataclasses
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from push.world import EPIC, START
from sim_kit import Fate, SimDisk, SimWorld
from store.store_disk import Killed

from ghsync import sync
from ghsync.clock import VirtualClock
from ghsync.errors import ExitCode, GhsyncError, LockedError
from ghsync.journal import Entry, SyncMap
from ghsync.model import Run
from ghsync.render import parse_marker, split
from ghsync.sandbox.faults import FaultKind, FaultRule
from ghsync.sandbox.github import GitHub
from ghsync.sandbox.limits import GITHUB
from ghsync.sandbox.records import Issue

OTHER = ".claude/epics/other"
STEPS_OF_A_PUSH = 90
BOUND = 10.0
"""Seconds that lists lag at most in a walk: the settle time is longer."""
_FAULTS = (
    FaultKind.STATUS,
    FaultKind.TIMEOUT,
    FaultKind.RESET,
    FaultKind.TRUNCATED,
    FaultKind.REFUSED,
    FaultKind.LIMITED,
    FaultKind.TOO_QUICKLY,
    FaultKind.SLOW,
)
_PATHS = ("", "/issues$", "/issues/\\d+$", "/sub_issues$", "/blocked_by", "/labels", "/milestones$")


@dataclass
class File:
    """A task or an epic as its file says it."""

    path: str
    title: str
    body: str
    status: str = "open"
    labels: list[str] = field(default_factory=list)
    needs: list[str] = field(default_factory=list)
    milestone: str | None = None
    pushed_status: str | None = None
    """The status when it was in step last; ``None``: not yet."""
    pushed_labels: list[str] | None = None

    @property
    def key(self) -> str:
        return self.path.removesuffix(".md")

    @property
    def closed(self) -> bool:
        return self.status == "done"


@dataclass
class Book:
    """What people wrote on GitHub, by issue number; it has to be there in the end."""

    titles: dict[int, str] = field(default_factory=dict)
    bodies: dict[int, str] = field(default_factory=dict)
    states: dict[int, str] = field(default_factory=dict)
    added: dict[int, set[str]] = field(default_factory=dict)
    removed: dict[int, set[str]] = field(default_factory=dict)
    moot: dict[int, set[str]] = field(default_factory=dict)
    """Labels that somebody took off and that the file had not always since."""
    comments: dict[int, int] = field(default_factory=dict)
    parents: set[int] = field(default_factory=set)
    """Issues whose parent somebody moved."""
    foreign: dict[int, Issue] = field(default_factory=dict)
    gone: set[int] = field(default_factory=set)


class Walk:
    """A seed, a folder, a GitHub, one or two checkouts of the folder."""

    def __init__(self, seed: int, root: Path) -> None:
        self.chance = random.Random(seed)
        root.mkdir(parents=True, exist_ok=True)
        self.world = SimWorld(
            root,
            github=GitHub(limits=GITHUB),
            clock=VirtualClock(START),
            chance=random.Random(seed + 1),
        )
        self.world.options["allow_changes"] = 10_000
        # An update that GitHub carries out when the next run has already read the issue looks
        # like a person's: nobody could tell. A create is looked for, however late it is.
        self.world.can_be_late = lambda request: (
            request.method == "POST" and request.url.path.endswith("/issues")
        )
        self.files: dict[str, File] = {}
        self.book = Book()
        self.words = 0
        self.two = self.chance.random() < 0.3
        self.disks = [self.world.disk]
        if self.two:
            self.disks.append(SimDisk())
            self.disks[1].folders.add(root)
        self.at = 0
        self.edited = False
        self.dirty = False
        """The present checkout's last run did not end; its map is not what it knows."""
        self.story: list[str] = []

    # ------------------------------------------------------------------ the walk

    def run(self) -> None:
        """Walk, come to rest, and check."""
        self._add_epic(EPIC)
        for _ in range(self.chance.randint(1, 3)):
            self._add_task()
        for _ in range(self.chance.randint(2, 6)):
            for _ in range(self.chance.randint(1, 4)):
                self._edit()
            self._push_somehow()
        self._come_to_rest()
        self._check()

    def _say(self, what: str) -> None:
        self.story.append(f"{self.world.clock.now() - START:9.2f} {what}")

    def _word(self) -> str:
        self.words += 1
        return f"w{self.words}"

    def _edit(self) -> None:
        """Somebody does something, in a file or on GitHub."""
        choices: list[tuple[int, Callable[[], None]]] = [
            (3, self._add_task),
            (4, self._edit_text),
            (3, self._edit_state),
            (2, self._edit_labels),
            (2, self._edit_needs),
            (1, self._remove_file),
            (1, self._rename_file),
            (1, self._move_file),
            (8, self._somebody),
            (1, self._environment),
        ]
        weights, actions = zip(*choices, strict=True)
        self.chance.choices(actions, weights)[0]()

    # --------------------------------------------------------------------- files

    def _write(self, file: File) -> None:
        fields: dict[str, Any] = {"status": file.status}
        if file.labels:
            fields["labels"] = file.labels
        if file.milestone:
            fields["milestone"] = file.milestone
        needs = [n for n in file.needs if any(f.path.endswith(f"/{n}.md") for f in self._tasks())]
        if needs:
            fields["depends_on"] = needs
        self.world.item(file.path, file.title, file.body, **fields)

    def _tasks(self) -> list[File]:
        return [file for _, file in sorted(self.files.items()) if not file.path.endswith("epic.md")]

    def _add_epic(self, folder: str) -> None:
        file = File(path=f"{folder}/epic.md", title=self._word(), body=self._word())
        self.files[file.path] = file
        self._write(file)

    def _add_task(self) -> None:
        if len(self.files) >= 7:
            return
        if self.chance.random() < 0.2 and f"{OTHER}/epic.md" not in self.files:
            self._add_epic(OTHER)
            return
        folders = sorted({path.rpartition("/")[0] for path in self.files}) or [EPIC]
        self.words += 1
        file = File(
            path=f"{self.chance.choice(folders)}/{self.words:03d}.md",
            title=self._word(),
            body=self._word(),
            status=self.chance.choice(["open", "open", "done"]),
            labels=self.chance.sample(["f1", "f2"], self.chance.randint(0, 2)),
            milestone=self.chance.choice([None, None, "m1"]),
        )
        self.files[file.path] = file
        self._write(file)
        self._say(f"file added {file.path}")

    def _any_file(self) -> File | None:
        return (
            self.chance.choice([f for _, f in sorted(self.files.items())]) if self.files else None
        )

    def _edit_text(self) -> None:
        if (file := self._any_file()) is not None:
            if self.chance.random() < 0.5:
                file.title = self._word()
            else:
                file.body = self._word()
            self._write(file)
            self._say(f"file text {file.path}: {file.title}, {file.body}")

    def _edit_state(self) -> None:
        if (file := self._any_file()) is not None:
            file.status = "open" if file.closed else "done"
            self._write(file)
            self._forget_states(file)
            self._say(f"file state {file.path}: {file.status}")

    def _forget_states(self, file: File) -> None:
        """The file has a say again in what somebody set on GitHub."""
        for number in self._numbers(file.key):
            if number in self.book.states:
                self.book.states[number] = "either"

    def _edit_labels(self) -> None:
        if (file := self._any_file()) is not None:
            file.labels = self.chance.sample(["f1", "f2", "f3"], self.chance.randint(0, 3))
            self._write(file)
            for number in self._numbers(file.key):
                off = self.book.removed.get(number, set())
                self.book.moot.setdefault(number, set()).update(off - set(file.labels))
                off &= set(file.labels)
            self._say(f"file labels {file.path}: {file.labels}")

    def _edit_needs(self) -> None:
        tasks = self._tasks()
        if len(tasks) >= 2:
            one, other = sorted(self.chance.sample(tasks, 2), key=lambda f: f.path[-6:])
            name = one.path.rpartition("/")[2].removesuffix(".md")
            if one.path.rpartition("/")[0] == other.path.rpartition("/")[0]:
                other.needs = [] if other.needs else [name]
                self._write(other)
                self._say(f"file needs {other.path}: {other.needs}")

    def _remove_file(self) -> None:
        tasks = self._tasks()
        if len(tasks) >= 2 and not self.two:
            file = self.chance.choice(tasks)
            del self.files[file.path]
            self.world.remove(file.path)
            self._rewrite()
            self._say(f"file removed {file.path}")

    def _rename_file(self) -> None:
        self._to(lambda file: f"{file.path.rpartition('/')[0]}/{self.words:03d}.md")

    def _move_file(self) -> None:
        folders = sorted({path.rpartition("/")[0] for path in self.files})
        if len(folders) == 2:
            self._to(lambda f: next(p for p in folders if not f.path.startswith(f"{p}/"))
                     + "/" + f.path.rpartition("/")[2])  # fmt: skip

    def _to(self, name: Callable[[File], str]) -> None:
        """Rename a file whose issue is known, and whose text is what was pushed."""
        known = self.world.map.entries
        tasks = [f for f in self._tasks() if self._in_step(known, f)]
        if not tasks or self.two or self.dirty:
            return
        file = self.chance.choice(tasks)
        self.words += 1
        new = name(file)
        self.world.move(file.path, new)
        del self.files[file.path]
        self._say(f"file {file.path} -> {new}")
        file.path = new
        self.files[new] = file
        self._rewrite()

    def _in_step(self, known: Any, file: File) -> bool:
        entry = known.get(file.key)
        return entry is not None and entry.base is not None and entry.base.title == file.title

    def _rewrite(self) -> None:
        for file in self.files.values():
            self._write(file)

    # -------------------------------------------------------------------- people

    def _numbers(self, key: str) -> list[int]:
        """The issues that are this item's, by what GitHub shows."""
        return [
            number
            for number, issue in self.world.issues.items()
            if (marker := parse_marker(issue.body or "")) is not None and marker[1] == key
        ]

    def _ours(self) -> list[tuple[int, File]]:
        """Issues of items whose key is still what the marker says."""
        found = [(n, file) for file in self.files.values() for n in self._numbers(file.key)]
        return sorted(found, key=lambda each: each[0])

    def _somebody(self) -> None:
        choices = [
            (2, self._person_opens),
            (2, self._person_opens_pull),
            (3, self._person_edits),
            (3, self._person_labels),
            (2, self._person_unlabels),
            (3, self._person_switches),
            (2, self._person_comments),
            (1, self._person_moves),
            (1, self._person_deletes),
        ]
        weights, actions = zip(*choices, strict=True)
        self.world.clock.advance(self.chance.choice([0.5, 5.0, 60.0]))
        self.edited = True
        self.chance.choices(actions, weights)[0]()

    def _one_of_ours(self) -> tuple[int, File] | None:
        ours = self._ours()
        return self.chance.choice(ours) if ours else None

    def _person_opens(self) -> None:
        world = self.world
        issue = world.me.open_issue(
            self._word(), body="Mine.", labels=["mine"], now=world.clock.now()
        )
        self.book.foreign[issue.number] = issue
        self._say(f"person opens #{issue.number}")

    def _person_opens_pull(self) -> None:
        pull = self.world.me.open_pull_request(self._word(), now=self.world.clock.now())
        self._say(f"person opens pull request #{pull.number}")

    def _person_edits(self) -> None:
        if (found := self._one_of_ours()) is None:
            return
        number, now = found[0], self.world.clock.now()
        word = self._word()
        if self.chance.random() < 0.5:
            self.world.me.edit(number, title=word, now=now)
            self.book.titles[number] = word
        else:
            head = (self.world.issues[number].body or "").partition("\n")[0].rstrip()
            self.world.me.edit(number, body=f"{head}\r\n{word}\r\n", now=now)
            self.book.bodies[number] = word
        self._say(f"person edits #{number}: {word}")

    def _person_labels(self) -> None:
        if (found := self._one_of_ours()) is not None:
            name = self.chance.choice(["p1", "p2"])
            self.world.me.label(found[0], name, now=self.world.clock.now())
            self.book.added.setdefault(found[0], set()).add(name)
            self._say(f"person labels #{found[0]}: {name}")

    def _person_unlabels(self) -> None:
        found = self._one_of_ours()
        if found is None or self.two or found[1].pushed_labels != found[1].labels:
            return
        number, file = found
        held = set(file.labels) & self._labels(self.world.issues[number])
        if held:
            name = self.chance.choice(sorted(held))
            self.world.me.unlabel(number, name, now=self.world.clock.now())
            self.book.removed.setdefault(number, set()).add(name)
            self._say(f"person takes {name} off #{number}")

    def _person_switches(self) -> None:
        if (found := self._one_of_ours()) is None:
            return
        number, file = found
        now = self.world.clock.now()
        if self.world.issues[number].state == "open":
            self.world.me.close(number, now=now)
        else:
            self.world.me.reopen(number, now=now)
        self.book.states.pop(number, None)
        if file.pushed_status == file.status and not self.two:
            self.book.states[number] = self.world.issues[number].state
        else:
            self.book.states[number] = "either"
        self._say(f"person makes #{number} {self.world.issues[number].state}")

    def _person_comments(self) -> None:
        if (found := self._one_of_ours()) is not None:
            self.world.me.comment(found[0], "Said.", now=self.world.clock.now())
            self.book.comments[found[0]] = self.book.comments.get(found[0], 0) + 1
            self._say(f"person comments on #{found[0]}")

    def _person_moves(self) -> None:
        """Make an issue somebody's own issue's child."""
        found = self._one_of_ours()
        parents = [n for n in self.book.foreign if n in self.world.issues]
        if found is None or not parents or found[1].path.endswith("epic.md"):
            return
        parent = self.chance.choice(parents)
        if self.world.issues[found[0]].parent == self.world.issues[parent].id:
            return
        self.world.me.add_sub_issue(parent, found[0], now=self.world.clock.now())
        self.book.parents.add(found[0])
        self._say(f"person moves #{found[0]} under #{parent}")

    def _person_deletes(self) -> None:
        found = self._one_of_ours()
        if found is None or self.two or self.chance.random() < 0.5:
            return  # another checkout, without the map, could not know that there was one
        self.world.me.delete(found[0], now=self.world.clock.now())
        self.book.gone.add(found[0])
        self._say(f"person deletes #{found[0]}")

    # --------------------------------------------------------------- environment

    def _environment(self) -> None:
        world, now = self.world, self.world.clock.now()
        match self.chance.randrange(4):
            case 0:
                world.me.configure(lag=self.chance.choice([0.0, 1.0, BOUND]), now=now)
            case 1:
                tight = ((self.chance.randint(2, 5), 30.0), (500, 3600.0))
                world.limit(
                    dataclasses.replace(
                        GITHUB,
                        content=tight,
                        retry_after=self.chance.choice(["exact", "absent", 5.0]),
                    )
                )
            case 2:
                world.skew = self.chance.choice([0.0, 600.0, -600.0, 7.0])
            case _:
                world.later(self.chance.choice([1.0, 100.0, 4000.0]))

    def _change_checkout(self) -> None:
        """Go on in the other checkout, with the map as it was committed in this one."""
        world = self.world
        self.disks[self.at] = world.disk
        name = world.root / ".ghsync" / "map.json"
        committed = world.disk.names.get(name)
        self.at = 1 - self.at
        world.disk = self.disks[self.at]
        folder = world.disk.is_folder(name.parent)
        if committed is not None and folder and self.chance.random() < 0.7:
            world.disk.names[name] = type(committed)(committed.data, committed.data)
        self._say(f"checkout {self.at}")

    # --------------------------------------------------------------------- pushes

    def _push_somehow(self) -> None:
        if self.two and self.chance.random() < 0.4:
            self._change_checkout()
        world = self.world
        if self.edited:  # what no list shows yet, nobody can take into account
            world.later(world.me.repo.info.lag)
            self.edited = False
        for _ in range(self.chance.choice([0, 0, 1, 2])):
            rule = self._fault()
            world.github.faults.install(rule)
            self._say(f"fault {rule.kind} {rule.method}{rule.path} {rule.skip} {rule.committed}")
        world.fate = self.chance.choice(list(Fate))
        at = self.chance.randint(1, STEPS_OF_A_PUSH)
        end = self.chance.choice(["", "", "kill", "kill", "cancel", "power", "two"])
        kill, cancel = (at if end in ("kill", "power") else None), (at if end == "cancel" else None)
        self._say(f"push {end} {at} {world.fate}")
        try:
            with world.killed_at_step(kill, cancel=cancel):
                run = self._two_at_once() if end == "two" else world.push()
            self._note(run)
        except Killed:
            self.dirty = True
            if end == "power":
                world.power_cut()
            else:
                world.revive()
        except asyncio.CancelledError:
            self.dirty = True
        except GhsyncError as error:
            self._say(f"  {error.code}: {error.message}")
            if error.exit_code is ExitCode.BUG:
                raise
        world.github.faults.clear()
        world.later(self.chance.choice([0.0, 1.0, 30.0, 200.0]))

    def _fault(self) -> FaultRule:
        chance = self.chance
        return FaultRule(
            kind=chance.choice(_FAULTS),
            method=chance.choice(["", "POST", "POST", "PATCH", "GET"]),
            path=chance.choice(_PATHS),
            skip=chance.randint(0, 6),
            times=chance.choice([1, 1, 2, 4]),
            committed=chance.random() < 0.5,
            status=chance.choice([500, 502, 503, 504]),
            seconds=chance.choice([1.0, 40.0]),
            retry_after=chance.choice([None, "0", "3", "61"]),
        )

    def _two_at_once(self) -> Run | None:
        """Two runs at the same moment: in one folder, or in two checkouts of it."""
        world = self.world
        other = self.disks[1 - self.at] if self.two else world.disk
        config = world.config()
        first, second = world.around(), world.around(files=other)
        if isinstance(other, SimDisk):
            other.steps_of_run = world.steps

        async def both() -> list[Run | BaseException]:
            return await asyncio.gather(
                sync.push(config, first), sync.push(config, second), return_exceptions=True
            )

        runs = world.do(both)
        for run in runs:
            if isinstance(run, BaseException) and not isinstance(run, GhsyncError):
                raise run
        if not self.two:
            assert sum(isinstance(run, LockedError) for run in runs) == 1
        return next((run for run in runs if isinstance(run, Run)), None)

    def _note(self, run: Run | None) -> None:
        if run is None:
            return
        self._say(
            f"  {run.error.code if run.error else 'ok'} {[str(r.status) for r in run.results]}"
        )
        if run.error is not None:
            assert run.error.exit_code is not ExitCode.BUG, run.error
            self.dirty = True
        elif not run.failed:
            self.dirty = False
            for file in self.files.values():
                file.pushed_status, file.pushed_labels = file.status, list(file.labels)

    def _come_to_rest(self) -> None:
        """Let faults end and time pass, and push until there is nothing to do."""
        world = self.world
        world.github.faults.clear()
        world.limit(GITHUB)
        world.skew = 0.0
        world.later()
        world.me.configure(lag=0.0, now=world.clock.now())
        for _ in range(3):
            world.later(100_000.0)  # once a day everything is read again
            if self.two:
                self._change_checkout()
            before = len(world.writes())
            run = world.push()
            self._say(f"rest: {[type(op).__name__ for op in run.plan.operations]} {run.error}")
            if not run.plan.operations and not self.two:
                break
        world.later(4000.0)
        if self.two:
            self._change_checkout()
        before = len(world.writes())
        self.last = world.push()
        self._say(f"last: {[str(op) for op in self.last.plan.operations]} {self.last.error}")
        assert self.last.error is None
        assert self.last.plan.operations == ()
        assert len(world.writes()) == before
        assert not world.pending

    # --------------------------------------------------------------------- checks

    def _labels(self, issue: Issue) -> set[str]:
        return {self.world.me.repo.labels[each].name for each in issue.labels}

    def _check(self) -> None:
        world = self.world
        assert "ghsync-lock" not in world.me.repo.label_ids
        smap = world.map
        self._check_identity(smap)
        self._check_people()
        apart = {c.key for c in self.last.plan.conflicts} | {s.key for s in self.last.plan.skipped}
        for file in self.files.values():
            entry = smap.entries.get(file.key)  # type: ignore[call-overload]
            assert entry is not None, f"no issue for {file.key}"
            if entry.number in self.book.gone:
                assert file.key in apart
            else:
                self._check_item(file, entry, conflict=file.key in apart)

    def _check_identity(self, smap: SyncMap) -> None:
        """One issue for each entry, with its marker; no issue of ours beside."""
        issues = self.world.issues
        marked: dict[str, int] = {}
        for number, issue in issues.items():
            marker = parse_marker(issue.body or "")
            if marker is not None:
                assert marker[0] not in marked, f"two issues with one uid: #{number}"
                marked[marker[0]] = number
        known = {str(e.uid): e.number for e in smap.entries.values() if e.number in issues}
        assert marked == known
        numbers = [entry.number for entry in smap.entries.values()]
        assert len(set(numbers)) == len(numbers)
        for entry in smap.entries.values():
            assert entry.number in self.book.gone or issues[entry.number].id == entry.id

    def _check_people(self) -> None:
        """What somebody wrote on GitHub is there."""
        book, issues = self.book, self.world.issues
        for number, issue in book.foreign.items():
            same = dataclasses.replace(
                issues[number], updated_at=issue.updated_at, sub_issues=issue.sub_issues
            )
            assert same == issue
        for number, issue in issues.items():
            if number in book.titles:
                assert issue.title == book.titles[number]
            if number in book.bodies:
                assert split(issue.body or "")[0] == book.bodies[number]
            if book.states.get(number, "either") != "either":
                assert issue.state == book.states[number]
            assert book.added.get(number, set()) <= self._labels(issue)
            assert not book.removed.get(number, set()) & self._labels(issue)
            assert issue.comments == book.comments.get(number, 0)

    def _check_item(self, file: File, entry: Entry, *, conflict: bool) -> None:
        """The issue holds what the file says, where nobody said otherwise on GitHub."""
        book, issue = self.book, self.world.issues[entry.number]
        number = entry.number
        # A checkout that adopted an issue by its marker does not know who changed what since.
        touched = self.two or number in book.titles or number in book.bodies
        touched = touched or number in book.parents
        assert not conflict or touched or number in book.states, f"conflict on #{number}"
        if conflict:
            return
        if number not in book.titles:
            assert issue.title == file.title
        if number not in book.bodies:
            assert split(issue.body or "")[0] == file.body
        # A checkout whose map is old may take the other's reopening for a person's.
        if number not in book.states and not self.two:
            assert (issue.state == "closed") == file.closed
        moot = book.moot.get(number, set())
        wanted = set(file.labels) - book.removed.get(number, set()) - moot
        mine = {n for n in self._labels(issue) if n.startswith("f")} - moot
        assert mine >= wanted, f"#{number}"
        # Of two machines that change the same labels at once, one may not know what went.
        assert self.two or mine == wanted, f"#{number}"
        if number not in book.parents and not file.path.endswith("epic.md"):
            epic = self.files.get(f"{file.path.rpartition('/')[0]}/epic.md")
            parent = self.world._title(issue.parent)
            above = self.world.map.entries.get(epic.key) if epic else None  # type: ignore[call-overload]
            if above is not None and above.number in self.world.issues:
                assert parent == self.world.issues[above.number].title
