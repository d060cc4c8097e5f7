"""A repository on a small GitHub Actions: whole workflows are run, step by step.

``actions/checkout`` clones, ``actions/upload-artifact`` copies what the workflow lists, the Action
is :class:`~action.action_kit.Job`, scripts run in bash, and ``gh`` is a stand-in that notes what
it is asked for.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from action.action_kit import REPO, ROOT, TOKEN, Done, Job, World, evaluate, expression, shown

WORKFLOWS = ROOT / "examples/workflows"
_GH = """#!/bin/sh
echo "$*" >> "$GH_STATE/log"
case "$1 $2" in
  "run download") mkdir -p "$7" && cp "$GH_STATE/artifacts/$3/"* "$7/" 2>/dev/null ;;
  "pr list") test ! -e "$GH_STATE/pull" || echo 7 ;;
  "pr create") touch "$GH_STATE/pull" ;;
esac
"""


def workflow(name: str) -> dict[str, Any]:
    """A workflow of ``examples/workflows``; YAML reads its key ``on`` as true."""
    loaded: dict[str, Any] = yaml.safe_load((WORKFLOWS / name).read_text("utf-8"))
    return loaded


@dataclass(frozen=True)
class Ran:
    """How a run of a workflow ended."""

    id: int
    failed: bool
    steps: dict[str, dict[str, Any]]
    asked: list[str]
    """What ``gh`` was asked for in this run."""
    job: Job

    def outputs(self, step: str) -> dict[str, str]:
        """The outputs of a step."""
        found: dict[str, str] = self.steps[step]["outputs"]
        return found


@dataclass
class Hosted:
    """A repository with its default branch ``main``, and the runs of its workflows."""

    folder: Path
    world: World
    runs: int = 0
    jobs: int = 0
    """Runs, and attempts to run one again."""
    use: Callable[..., Done] = Job.use
    """How the Action is used: as its steps, or by calling its program, which is quicker."""
    settings: dict[str, str] = field(default_factory=dict)
    """Variables that every run has."""

    def __post_init__(self) -> None:
        self.folder.mkdir()
        (self.folder / "gh/artifacts").mkdir(parents=True)
        program = self.folder / "bin/gh"
        program.parent.mkdir()
        program.write_text(_GH)
        program.chmod(0o755)
        self.git("init", "-q", "--bare", "-b", "main", str(self.origin), at=self.folder)

    @property
    def origin(self) -> Path:
        """The repository as GitHub has it."""
        return self.folder / "origin.git"

    def git(self, *words: str, at: Path | None = None) -> str:
        """Run git; what it prints."""
        mail = ("-c", "user.name=Octo", "-c", "user.email=octo@example.org")
        done = subprocess.run(
            ["git", *mail, *words],
            cwd=at or self.origin,
            check=True,
            capture_output=True,
            text=True,
        )
        return done.stdout

    def commit(self, write: Callable[[Path], object], message: str = "Plan") -> None:
        """Change files and push them."""
        clone = self.folder / "clone"
        if not clone.exists():
            self.git("clone", "-q", str(self.origin), str(clone), at=self.folder)
        elif self.git("branch", "--list", "main").strip():
            self.git("pull", "-q", "--rebase", "origin", "main", at=clone)
        write(clone)
        self.git("add", ".", at=clone)
        self.git("commit", "-q", "-m", message, at=clone)
        self.git("push", "-q", "origin", "HEAD:main", at=clone)

    def files(self, branch: str = "main") -> list[str]:
        """The files of a branch."""
        return self.git("ls-tree", "-r", "--name-only", branch).split()

    def run(
        self,
        name: str,
        event: str = "push",
        *,
        inputs: Mapping[str, str] | None = None,
        pull: int | None = None,
        commit: str = "main",
        attempt_of: int | None = None,
        change: Mapping[str, str] | None = None,
        ready: Callable[[Job], object] = lambda _: None,
    ) -> Ran:
        """Run the only job of a workflow. ``change`` replaces inputs of the Action's step.

        ``commit`` is the event's, which may be older than the branch by now; ``attempt_of`` is a
        run that is run again.
        """
        self.jobs += 1
        self.runs += attempt_of is None
        run = attempt_of or self.runs
        job = Job(self.folder / f"job-{self.jobs}", self.world.url).installed()
        job.env |= {
            "PATH": f"{self.folder / 'bin'}{os.pathsep}{os.environ['PATH']}",
            "GH_STATE": str(self.folder / "gh"),
            "GITHUB_REF_NAME": "main",
            "GITHUB_RUN_ID": str(run),
            "GITHUB_RUN_ATTEMPT": "1" if attempt_of is None else "2",
            "GITHUB_WORKFLOW_REF": f"{REPO}/.github/workflows/{name}@refs/heads/main",
            **self.settings,
        }
        if pull is not None:
            job.pull_request(pull)
        else:
            job.event(event, ref="refs/heads/main")
        ready(job)
        [(_, made)] = workflow(name)["jobs"].items()
        contexts: dict[str, Any] = {
            "github": {
                "token": TOKEN, "ref_name": "main", "repository": REPO, "run_id": run,
                "sha": self.git("rev-parse", commit).strip(), "server_url": "https://github.com",
            },
            "inputs": {"previous": "", **(inputs or {})},
            "steps": {},
            "functions": {"always": True},
        }  # fmt: skip
        return self._steps(made["steps"], job, contexts, dict(change or {}))

    def _steps(
        self,
        steps: list[dict[str, Any]],
        job: Job,
        contexts: dict[str, Any],
        change: dict[str, str],
    ) -> Ran:
        log = self.folder / "gh/log"
        log.unlink(missing_ok=True)
        failed = False
        for step in steps:
            condition = step.get("if", "success()")
            contexts["functions"]["success"] = not failed
            if (failed and "always()" not in condition) or not expression(condition, contexts):
                continue
            code, outputs = self._step(step, job, contexts, change)
            failed = failed or (code != 0 and not step.get("continue-on-error"))
            outcome = "failure" if code else "success"
            contexts["steps"][step.get("id", step.get("name", "?"))] = {
                "outputs": outputs,
                "outcome": outcome,
            }
        asked = log.read_text("utf-8").splitlines() if log.exists() else []
        return Ran(contexts["github"]["run_id"], failed, contexts["steps"], asked, job)

    def _step(
        self, step: dict[str, Any], job: Job, contexts: dict[str, Any], change: dict[str, str]
    ) -> tuple[int, dict[str, str]]:
        given = {n: evaluate(shown(v), contexts) for n, v in step.get("with", {}).items()}
        match step.get("uses", "").partition("@")[0]:
            case "":
                done = job.run(step, contexts)
                return done.code, done.outputs
            case "actions/checkout":
                at = job.workspace
                self.git("clone", "-q", str(self.origin), str(at), at=self.folder)
                if "ref" not in given:  # the event's commit, as a branch of that name
                    self.git("checkout", "-q", "-B", "main", contexts["github"]["sha"], at=at)
                return 0, {}
            case "actions/upload-artifact":
                return 0, self._upload(given, job.workspace, contexts["github"]["run_id"])
            case "OWNER/ghsync":
                used = {n.replace("-", "_"): v for n, v in (given | change).items()}
                done = self.use(job, **used)
                return done.code, done.outputs
            case other:
                raise AssertionError(other)

    def _upload(self, given: Mapping[str, str], workspace: Path, run: int) -> dict[str, str]:
        """Keep the listed files; the folder that all share is left out, as GitHub does it."""
        assert given["include-hidden-files"] == "true"
        there = [workspace / line for line in given["path"].split() if (workspace / line).exists()]
        if not there:
            return {}
        place = self.folder / "gh/artifacts" / str(run)
        assert given["overwrite"] == "true"
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir()
        for file in there:
            shutil.copy(file, place / file.name)
        return {"artifact-id": str(1000 + run)}
