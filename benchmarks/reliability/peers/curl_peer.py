"""A shell script's way: ``curl --retry 3``, which repeats 5xx answers and timeouts, POST or not."""

from __future__ import annotations

import json
import shutil
import subprocess

from benchmarks.reliability.peers.job import Create, Job, carry_out

CURL = shutil.which("curl") or "curl"


def creator(job: Job, name: str) -> Create:
    """One curl for each issue."""

    def create(title: str) -> None:
        subprocess.run(
            [
                CURL, "--silent", "--show-error", "--fail", "--retry", "3",
                "--max-time", str(job.timeout), "--noproxy", "*",
                "--header", f"Authorization: Bearer {job.token}",
                "--header", "Content-Type: application/json",
                "--data", json.dumps({"title": title, "body": "Text."}),
                f"{job.url}/repos/{name}/issues",
            ],
            check=True, capture_output=True,
        )  # fmt: skip

    return create


def installed() -> str:
    """Curl's version."""
    said = subprocess.run([CURL, "--version"], check=True, capture_output=True, text=True)
    return said.stdout.split()[1]


if __name__ == "__main__":
    carry_out(installed(), creator)
