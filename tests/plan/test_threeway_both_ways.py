"""Any sequence of edits, pushes and pulls: nothing that a person wrote is lost or comes back."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from plan_kit import base, issue, item, local

from ghsync.bases import settle, settle_pull
from ghsync.journal import Base
from ghsync.model import Issue, State
from ghsync.render import digest
from ghsync.threeway import Local, Merge, OnConflict, merge

PLACE = st.floats(0, 1, allow_nan=False)
START = [f"line {n}" for n in range(8)]


class BothWays(RuleBasedStateMachine):
    """A file and its issue; every line that a person writes is a new word."""

    def __init__(self) -> None:
        super().__init__()
        self.file = list(START)
        self.labels: tuple[str, ...] = ()
        self.issue: Issue = issue(1, body="\n".join(START))
        self.base: Base = base(body="\n".join(START))
        self.texts = {self.base.body: "\n".join(START)}
        self.written = 0
        self.alive: set[str] = set(START)
        self.dead: set[str] = set()

    # ------------------------------------------------------------------ what people do

    def _edit(self, lines: list[str], place: float, gone: int, come: int) -> list[str]:
        at = int(place * len(lines))
        new = []
        for _ in range(come):
            self.written += 1
            new.append(f"word {self.written}")
        out = lines[at : at + gone]
        self.alive |= set(new)
        self.alive -= set(out)
        self.dead |= set(out)
        return [*lines[:at], *new, *lines[at + gone :]]

    @rule(place=PLACE, gone=st.integers(0, 2), come=st.integers(0, 2))
    def edit_the_file(self, place: float, gone: int, come: int) -> None:
        """Somebody edits the file."""
        self.file = self._edit(self.file, place, gone, come)

    @rule(place=PLACE, gone=st.integers(0, 2), come=st.integers(0, 2))
    def edit_the_issue(self, place: float, gone: int, come: int) -> None:
        """Somebody edits the issue."""
        lines = self._edit(self.remote, place, gone, come)
        self.issue = replace(self.issue, body="\n".join(lines))

    @rule(names=st.sets(st.sampled_from("abc")))
    def label_the_file(self, names: set[str]) -> None:
        """Somebody changes the file's labels."""
        self.labels = tuple(sorted(names))

    @rule(names=st.sets(st.sampled_from("abc")))
    def label_the_issue(self, names: set[str]) -> None:
        """Somebody changes the issue's labels."""
        self.issue = replace(self.issue, labels=tuple(sorted(names)))

    @rule(state=st.sampled_from(State))
    def close_the_issue(self, state: State) -> None:
        """Somebody closes or reopens it."""
        self.issue = replace(self.issue, state=state)

    # --------------------------------------------------------------------- what ghsync does

    @property
    def remote(self) -> list[str]:
        """The issue's lines."""
        return self.issue.body.split("\n") if self.issue.body else []

    @property
    def local(self) -> Local:
        """The file's side."""
        # a file that holds no status follows no closing, so its state is the base's
        state = self.base.state
        return local(item("k", body="\n".join(self.file), labels=self.labels, state=state))

    def merged(self, on_conflict: OnConflict = OnConflict.SKIP) -> Merge:
        """Merge both sides as they are."""
        return merge(self.local, self.base, self.issue, on_conflict, self.texts)

    def _keep(self, *texts: str) -> None:
        self.texts |= {digest(text): text for text in texts}

    @rule()
    def push(self) -> None:
        """What a push does; a second one would write nothing."""
        merged = self.merged()
        if merged.conflicts:
            return
        self._carry_out(merged)
        again = self.merged()
        assert (again.changes, again.conflicts) == ((), ())
        assert self.alive <= set(self.remote)
        assert not self.dead & set(self.remote)

    def _carry_out(self, merged: Merge) -> None:
        assert merged.base is not None
        self._keep(self.local.body)
        for change in merged.changes:
            assert change.field in ("body", "labels")
            self.issue = replace(self.issue, **{change.field: change.new})
        self.base = settle(merged.base, self.local.base, merged.changes)

    @rule()
    def pull(self) -> None:
        """What a pull does; a second one would change no byte."""
        merged = self.merged()
        if merged.conflicts:
            return
        self._take_in(merged)
        again = self.merged()
        assert (again.incoming, again.conflicts) == ((), ())
        assert self.alive <= set(self.file)
        assert not self.dead & set(self.file)

    def _take_in(self, merged: Merge) -> None:
        assert merged.base is not None
        self._keep(self.issue.body)
        for change in merged.incoming:
            match change.field:
                case "body":
                    self.file = str(change.new).split("\n") if change.new else []
                case "labels":
                    self.labels = tuple(change.new or ())
                case _:
                    pass
        decided = merged.body is not None and "body" not in {c.field for c in merged.incoming}
        self.base = settle_pull(merged.base, self.issue, merged.incoming, decided=decided)

    @rule()
    def sync(self) -> None:
        """Pull, then push: both sides are the same."""
        self.pull()
        if not self.merged().conflicts:
            self.push()
            assert (self.file, set(self.labels)) == (self.remote, set(self.issue.labels))

    @precondition(lambda self: self.merged().conflicts)
    @rule(winner=st.sampled_from([OnConflict.LOCAL, OnConflict.REMOTE]), pushed=st.booleans())
    def decide(self, winner: OnConflict, pushed: bool) -> None:
        """Somebody decides; what loses is what that person gave up, clean lines stay."""
        merged = self.merged(winner)
        assert not merged.conflicts
        lines = set(merged.body.text.split("\n")) if merged.body is not None else set()
        held = set(self.file) | set(self.remote)
        for hunk in merged.body.conflicts if merged.body is not None else ():
            held -= set(hunk.local) | set(hunk.remote)
        assert self.alive & held <= lines
        lost = self.alive - lines
        self.alive = self.alive - lost | lines  # whose removal lost, is there again
        self.dead = self.dead - lines | lost
        if pushed:
            self._carry_out(merged)
        else:
            self._take_in(merged)
        assert not self.merged().conflicts

    @invariant()
    def nothing_is_lost(self) -> None:
        """Each living line is on at least one side."""
        assert self.alive <= set(self.file) | set(self.remote)


BothWays.TestCase.settings = settings(max_examples=100, stateful_step_count=25, deadline=None)
TestBothWays = BothWays.TestCase
