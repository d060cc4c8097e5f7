"""PyGithub as it comes: its own pace, ``GithubRetry`` with ten tries."""

from __future__ import annotations

from importlib.metadata import version

import github

from benchmarks.reliability.peers.job import Create, Job, carry_out


def creator(job: Job, name: str) -> Create:
    """A client of its own for one repository."""
    client = github.Github(
        base_url=job.url, auth=github.Auth.Token(job.token), timeout=int(job.timeout)
    )
    repo = client.get_repo(name, lazy=True)
    return lambda title: repo.create_issue(title, body="Text.")


if __name__ == "__main__":
    carry_out(version("PyGithub"), creator)
