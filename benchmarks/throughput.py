"""Creates a second beside what a user would pick instead, against a fast loopback server.

    python -m benchmarks.throughput [--quick]

Whole processes, started in turns, so that whatever else the machine does hits all alike; medians.
The server (``benchmarks/server.py``) has a process of its own and says what CPU it used.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.machine import Cost, environment, measured
from benchmarks.peers import KINDS
from benchmarks.svg import bars
from benchmarks.tables import table

NAME = "throughput"
ROOT = Path(__file__).parents[1]
TEXT = "A sentence of a plan that says what is to be done, and why. " * 15
OCTOKIT = ("@octokit/rest@22.0.1", "@octokit/plugin-throttling@11.0.5")
RAW = "httpx over aiohttp"
"""The transport that ghsync uses, with nothing but httpx on top."""
_FEW = {"PyGithub": 0.2, "httpx": 0.5, "githubkit": 0.5, "Octokit, throttled": 0.0}
"""The share of the issues that slow ones make: what is reported is a rate."""
_LEAST = 5


@dataclass(slots=True, kw_only=True)
class Found:
    """What one contender took in each round."""

    items: int
    rate: list[float] = field(default_factory=list)
    """Items a second, of the whole process."""
    pace: list[float] = field(default_factory=list)
    """Items a second from the first request to the last answer."""
    cpu: list[float] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The medians."""
        return {
            "items": self.items,
            "per_second": round(median(self.rate), 1),
            "creating_per_second": round(median(self.pace), 1),
            "cpu_ms_per_item": round(median(self.cpu), 3),
            "peak_mb": round(median(self.memory), 1),
        }


def run(*, quick: bool = False, say: Callable[[str], None] = lambda _: None) -> dict[str, Any]:
    """Measure every contender; JSON-able."""
    sizes = (200,) if quick else (1_000, 5_000)
    rounds = 1 if quick else 3
    results: dict[str, Any] = {"rounds": rounds, "runs": []}
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        octokit = _octokit(scratch, say)
        for latency in (0, 50):
            for size in sizes:
                names = _contenders(size, sizes[0], octokit)
                found = _compare(names, size, latency, rounds, scratch, octokit, say)
                results["runs"].append(
                    {
                        "latency_ms": latency,
                        "items": size,
                        "clients": {name: each.as_json() for name, each in found.items()},
                    }
                )
    return results


def _contenders(size: int, least: int, octokit: Path | None) -> list[str]:
    if size > least:
        return ["ghsync", RAW, "aiohttp"]
    return ["ghsync", *KINDS, *(("Octokit", "Octokit, throttled") if octokit else ())]


def _compare(
    names: list[str],
    size: int,
    latency: int,
    rounds: int,
    scratch: Path,
    octokit: Path | None,
    say: Callable[[str], None],
) -> dict[str, Found]:
    found = {name: Found(items=_share(name, size)) for name in names}
    with serving(latency) as url:
        for number in range(rounds):
            for name in names:
                say(f"{latency} ms, {size:,} items, round {number + 1}: {name}")
                items = found[name].items
                repo = f"bench/{name.replace(' ', '-').replace(',', '')}-{size}-{number}"
                if name == "ghsync":
                    cost, seconds = _ghsync(items, url, repo, scratch)
                else:
                    cost, seconds = _peer(name, items, url, repo, scratch, octokit)
                _check(url, repo, items)
                found[name].rate.append(items / cost.wall)
                found[name].pace.append(items / seconds)
                found[name].cpu.append(1000 * cost.cpu / items)
                found[name].memory.append(cost.memory)
    return found


def _share(name: str, size: int) -> int:
    return max(_LEAST, int(size * _FEW.get(name, 1.0)))


# ----------------------------------------------------------------------------- contenders


def _ghsync(items: int, url: str, repo: str, scratch: Path) -> tuple[Cost, float]:
    """``ghsync push`` of files: journal, map, markers, limiter and log as they always are."""
    root = scratch / f"plan-{items}"
    if not root.exists():
        write_plan(root, items)
    shutil.rmtree(root / ".ghsync", ignore_errors=True)
    command = [sys.executable, "-m", "ghsync", "push", str(root), "--repo", repo, "--json"]
    env = environment() | {"GITHUB_API_URL": url, "GITHUB_TOKEN": "bench"}
    cost = measured(command, env=env, cwd=ROOT, scratch=scratch)
    if cost.code:
        raise RuntimeError(
            f"ghsync ended with {cost.code}: {cost.output[-400:]}{cost.errors[-400:]}"
        )
    log = next((root / ".ghsync" / "runs").iterdir()).read_text("utf-8").splitlines()
    sent = [each for each in map(json.loads, log) if each["e"] == "request"]
    creates = [each for each in sent if each["label"].startswith("create the issue")]
    ended = max(each["at"] + each["seconds"] for each in creates)
    return cost, ended - min(each["at"] for each in creates)


def write_plan(root: Path, items: int) -> None:
    """Write epics of 20 items each, so that 50 of them can be under way (a parent takes one)."""
    for number in range(items):
        epic, place = divmod(number, 20)
        folder = root / ".claude" / "epics" / f"epic-{epic:04d}"
        folder.mkdir(parents=True, exist_ok=True)
        name = f"{place:03d}.md" if place else "epic.md"
        text = f"---\nname: {_title(number)}\nstatus: open\n---\n\n{TEXT}\n"
        (folder / name).write_text(text, "utf-8")


def _title(number: int) -> str:
    return f"Item {number} of the plan"


def _peer(
    name: str, items: int, url: str, repo: str, scratch: Path, octokit: Path | None
) -> tuple[Cost, float]:
    """Another client, which is handed texts as long as those that ghsync makes."""
    job = scratch / "job.json"
    issues = [
        {
            "title": _title(number),
            "body": f"<!-- ghsync:uid={number:032x} key=.claude/epics/epic-0000/001 -->\n{TEXT}",
            "labels": ["task"],
        }
        for number in range(items)
    ]
    job.write_text(json.dumps({"url": url, "token": "bench", "repo": repo, "issues": issues}))
    if name.startswith("Octokit"):
        kind = "throttled" if name.endswith("throttled") else "plain"
        command = ["node", str(octokit), kind, str(job)]
    else:
        command = [sys.executable, "-m", "benchmarks.peers", name, str(job)]
    cost = measured(command, env=environment(), cwd=ROOT, scratch=scratch)
    if cost.code:
        raise RuntimeError(f"{name} ended with {cost.code}: {cost.errors[-400:]}")
    return cost, json.loads(cost.output)["seconds"]


def _octokit(scratch: Path, say: Callable[[str], None]) -> Path | None:
    """Install it, by names and versions; ``None`` where there is no npm."""
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm is None or node is None:
        say("node and npm are not installed: without Octokit")
        return None
    folder = scratch / "octokit"
    folder.mkdir()
    command = [npm, "install", "--no-save", "--no-package-lock", "--no-audit", "--no-fund",
               "--ignore-scripts", "--prefix", str(folder), *OCTOKIT]  # fmt: skip
    ended = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if ended.returncode:
        say(f"npm could not install Octokit: {ended.stderr.strip()[-200:]}")
        return None
    return Path(shutil.copy(Path(__file__).with_name("octokit.mjs"), folder))


# --------------------------------------------------------------------------------- server


@contextmanager
def serving(latency: int) -> Iterator[str]:
    """A server whose answers take so many milliseconds; its address."""
    command = [sys.executable, "-m", "benchmarks.server", "--latency", str(latency)]
    process = subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None  # noqa: S101 (a pipe was asked for)
        yield process.stdout.readline().strip()
    finally:
        process.communicate()


def _check(url: str, repo: str, items: int) -> None:
    """Every client has made every issue, or its rate says nothing."""
    with urllib.request.urlopen(f"{url}/repos/{repo}/issues/{items}") as answer:  # noqa: S310
        if json.load(answer)["number"] != items:
            raise RuntimeError(f"{repo} has no issue {items}")


# --------------------------------------------------------------------------------- report


def markdown(results: Mapping[str, Any]) -> str:
    """A table for each latency and number of items."""
    parts = []
    for each in results["runs"]:
        ours = each["clients"]["ghsync"]
        rows = []
        for name, found in sorted(each["clients"].items(), key=lambda e: -e[1]["per_second"]):
            rows.append(
                [
                    f"**{name}**" if name == "ghsync" else name,
                    f"{found['items']:,}",
                    f"{found['per_second']:,.0f}" if found["per_second"] >= 10 else
                    f"{found['per_second']:.1f}",
                    f"{ours['per_second'] / found['per_second']:,.2f}",
                    f"{found['creating_per_second']:,.0f}",
                    f"{ours['creating_per_second'] / found['creating_per_second']:,.2f}",
                    f"{found['cpu_ms_per_item']:.2f}",
                    f"{found['peak_mb']:.0f}",
                ]
            )  # fmt: skip
        parts.append(f"**{each['items']:,} items, {each['latency_ms']} ms latency**")
        heads = ["client", "items", "items/s", "ghsync is × as fast", "creating/s", "ghsync is ×",
                 "CPU ms/item", "peak MB"]  # fmt: skip
        parts.append(table(heads, rows))
    parts.append(
        "`items/s` is of the whole process: for ghsync with reading, linting and planning the "
        "files, and with reading back what was made; `creating/s` is from the first create to "
        f"the last answer. `{RAW}` is ghsync's own transport under plain httpx. Medians of "
        f"{results['rounds']} rounds, all clients in turns."
    )
    return "\n\n".join(parts)


def plots(results: Mapping[str, Any]) -> dict[str, str]:
    """The first size at each latency."""
    first = min(each["items"] for each in results["runs"])
    charts = {}
    for each in results["runs"]:
        if each["items"] == first:
            title = f"{first:,} items, whole process, {each['latency_ms']} ms latency"
            values = {name: found["per_second"] for name, found in each["clients"].items()}
            charts[f"throughput-{each['latency_ms']}ms.svg"] = bars(
                title, "items/s", values, ours="ghsync"
            )
    return charts


if __name__ == "__main__":
    print(markdown(run(quick="--quick" in sys.argv, say=lambda line: print(line, file=sys.stderr))))
