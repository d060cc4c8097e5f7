"""Run the clients against one sandbox, all scenarios at once, and count what it holds then.

Each client has a repository for each scenario, and each fault strikes in one repository alone, so
they share a server and their waiting overlaps.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.reliability.clients import (
    GHSYNC,
    PATIENCE,
    PEERS,
    Ghsync,
    Peer,
    Unavailable,
    write_plan,
)
from benchmarks.reliability.peers.job import Job
from benchmarks.reliability.results import Client, Count, Report, Result
from benchmarks.reliability.scenarios import Scenario, scenarios, titles
from ghsync import __version__
from ghsync.sandbox.github import GitHub
from ghsync.sandbox.limits import NONE
from ghsync.sandbox.serve import Address, running

AT_ONCE = 16
"""ghsync processes; nearly all of their time is waiting."""


@dataclass
class Bench:
    """One server with its faults installed, and where clients find it."""

    github: GitHub
    address: Address
    folder: Path
    tell: Callable[[str], None]
    rules: Mapping[str, int]
    """The number of each repository's fault."""

    def struck(self, repo: str) -> int:
        """How often the repository's fault struck."""
        return self.github.faults.struck(self.rules[repo]) if repo in self.rules else 0

    def found(self, repo: str) -> list[str]:
        """The titles of the repository's issues."""
        there = self.github.state.repo_named(repo)
        return [] if there is None else [issue.title for issue in there.issues.values()]


def measure(wanted: Iterable[str], tell: Callable[[str], None]) -> Report:
    """Run the clients of these names; ``tell`` is called with a line for each that has ended."""
    names = set(wanted)
    peers = [peer for peer in PEERS if peer.name in names]
    ours = [client for client in GHSYNC if client.name in names]
    github = GitHub(limits=NONE)
    rules = _install(github, [*(peer.name for peer in peers), *(client.name for client in ours)])
    with tempfile.TemporaryDirectory(prefix="ghsync-bench-") as folder, running(github) as address:
        bench = Bench(github=github, address=address, folder=Path(folder), tell=tell, rules=rules)
        pool = ThreadPoolExecutor(AT_ONCE)
        with pool, ThreadPoolExecutor(max(1, len(peers))) as beside:
            runs = [beside.submit(_peer, bench, peer) for peer in peers]
            pushes = [
                pool.submit(_ghsync, bench, client, scenario)
                for scenario in _longest_first()
                for client in ours
            ]
            clients, results = _collect(runs)
            results += [push.result() for push in pushes]
    clients += [Client(name=c.name, version=__version__, settings=c.settings) for c in ours]
    order = {scenario: at for at, scenario in enumerate(scenarios())}
    position = {client.name: at for at, client in enumerate(clients)}
    results.sort(key=lambda each: (position[each.client], order[each.scenario]))
    return Report(issues=len(titles()), clients=tuple(clients), results=tuple(results))


def _install(github: GitHub, clients: Iterable[str]) -> dict[str, int]:
    """Install every fault, before anybody asks: the server's thread goes through the rules."""
    rules: dict[str, int] = {}
    for client in clients:
        for scenario in scenarios():
            repo = _repo(client, scenario)
            rule = scenario.rule(repo)
            if rule is not None:
                rules[repo] = github.faults.install(rule)
    return rules


def _repo(client: str, scenario: Scenario) -> str:
    return f"{client.replace(',', '').replace(' ', '-').lower()}/{scenario.name}"


def _longest_first() -> list[Scenario]:
    """What is waited for the longest starts first: what was not done, timeouts, three times."""
    return sorted(scenarios(), key=lambda s: (s.committed, s.fault != "timeout", -s.times))


def _collect(
    runs: list[Future[tuple[Client, list[Result]] | None]],
) -> tuple[list[Client], list[Result]]:
    ended = [each for run in runs if (each := run.result()) is not None]
    return [client for client, _ in ended], [one for _, found in ended for one in found]


def _peer(bench: Bench, peer: Peer) -> tuple[Client, list[Result]] | None:
    repos = {scenario: _repo(peer.name, scenario) for scenario in scenarios()}
    job = Job(
        url=bench.address.url,
        token=bench.address.token,
        timeout=PATIENCE,
        titles=titles(),
        repos=tuple(repos.values()),
    )
    folder = bench.folder / peer.program
    folder.mkdir()
    begun = time.monotonic()
    try:
        said = peer.run(job, folder)
    except Unavailable as error:
        bench.tell(f"{peer.name} is left out: {error}")
        return None
    seconds = time.monotonic() - begun
    bench.tell(f"{peer.name} {said.version}: {seconds:.0f} s")
    results = [
        _result(bench, peer.name, scenario, repo, said.errors[repo], seconds)
        for scenario, repo in repos.items()
    ]
    return Client(name=peer.name, version=said.version, settings=peer.settings), results


def _ghsync(bench: Bench, client: Ghsync, scenario: Scenario) -> Result:
    repo = _repo(client.name, scenario)
    folder = bench.folder / repo
    folder.mkdir(parents=True)
    write_plan(folder, titles())
    where = {"url": bench.address.url, "token": bench.address.token, "repo": repo}
    begun = time.monotonic()
    pushed = client.push(folder, **where)
    seconds = time.monotonic() - begun
    first = _result(bench, client.name, scenario, repo, pushed.errors, seconds)
    bench.tell(f"{client.name}, {scenario.name}: {seconds:.0f} s, exit {pushed.exit_code}")
    if pushed.exit_code == 0:
        return first
    client.push(folder, **where)
    return replace(first, again=Count.of(titles(), bench.found(repo)))


def _result(
    bench: Bench,
    client: str,
    scenario: Scenario,
    repo: str,
    errors: Iterable[str],
    seconds: float,
) -> Result:
    found, failed = bench.found(repo), set(errors)
    return Result(
        client=client,
        scenario=scenario,
        count=Count.of(titles(), found),
        errors=len(failed),
        mistaken=len(failed & set(found)),
        strikes=bench.struck(repo),
        seconds=seconds,
    )
