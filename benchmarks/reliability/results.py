"""What one client did in one scenario, counted on the server."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from benchmarks.reliability.scenarios import Scenario

SCHEMA = "ghsync.reliability/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """The server's issues, by title, against what was asked for."""

    duplicates: int
    """Issues too many."""
    lost: int
    """Titles that no issue has."""

    @classmethod
    def of(cls, asked: Iterable[str], found: Iterable[str]) -> Count:
        """Count; a title that nobody asked for would be a duplicate of nothing, and counts."""
        wanted, there = Counter(asked), Counter(found)
        return cls(duplicates=(there - wanted).total(), lost=(wanted - there).total())


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One client in one scenario."""

    client: str
    scenario: Scenario
    count: Count
    errors: int
    """Issues that the client said it failed to make, or does not know about."""
    mistaken: int
    """Those of them that exist: who repeats them makes a duplicate."""
    strikes: int
    """How often the fault really struck."""
    seconds: float
    again: Count | None = None
    """After the same command once more, for a client that is made for that and had errors."""

    def as_json(self) -> dict[str, Any]:
        """The result as the results file holds it."""
        return {
            "client": self.client,
            **asdict(self.scenario),
            **asdict(self.count),
            "errors": self.errors,
            "mistaken": self.mistaken,
            "strikes": self.strikes,
            "seconds": round(self.seconds),
            "again": None if self.again is None else asdict(self.again),
        }

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Result:
        """A result from the results file."""
        again = content["again"]
        return cls(
            client=content["client"],
            scenario=Scenario(**{name: content[name] for name in ("fault", "committed", "times")}),
            count=Count(duplicates=content["duplicates"], lost=content["lost"]),
            errors=content["errors"],
            mistaken=content["mistaken"],
            strikes=content["strikes"],
            seconds=content["seconds"],
            again=None if again is None else Count(**again),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """A column of the table."""

    name: str
    version: str
    settings: str
    """How it was set up, in a few words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Everything that was measured."""

    issues: int
    clients: tuple[Client, ...]
    results: tuple[Result, ...]

    def as_json(self) -> dict[str, Any]:
        """The results file."""
        return {
            "schema": SCHEMA,
            "issues": self.issues,
            "clients": [asdict(client) for client in self.clients],
            "results": [result.as_json() for result in self.results],
        }

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Report:
        """The report of a results file."""
        return cls(
            issues=content["issues"],
            clients=tuple(Client(**client) for client in content["clients"]),
            results=tuple(Result.from_json(each) for each in content["results"]),
        )

    def problems(self) -> list[str]:
        """What makes the measurement void, and what ghsync did wrong."""
        wrong: list[str] = []
        for each in self.results:
            where = f"{each.client}, {each.scenario.name}"
            if each.strikes != each.scenario.times:
                wrong.append(f"{where}: the fault struck {each.strikes} times")
            if each.scenario.fault == "none" and (each.count != Count(duplicates=0, lost=0)):
                wrong.append(f"{where}: went wrong without a fault: {each.count}")
            if each.count.duplicates > (each.scenario.times if each.scenario.committed else 0):
                wrong.append(f"{where}: more duplicates than faults; was the machine too busy?")
            if each.client.startswith("ghsync"):
                last = each.again or each.count
                if each.count.duplicates or last != Count(duplicates=0, lost=0):
                    wrong.append(f"{where}: {each.count}, after another push {each.again}")
        return wrong
