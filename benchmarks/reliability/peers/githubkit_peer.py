"""githubkit as it comes: ``auto_retry``, which repeats server errors three times.

Without its HTTP cache: through that (githubkit 0.16.1, hishel 1.4.0) the timeout is lost on the
way, and a request that hangs is waited for without end.
"""

from __future__ import annotations

from importlib.metadata import version

from githubkit import GitHub

from benchmarks.reliability.peers.job import Create, Job, carry_out


def creator(job: Job, name: str) -> Create:
    """A client of its own for one repository."""
    client = GitHub(
        job.token,
        base_url=f"{job.url}/",
        timeout=job.timeout,
        trust_env=False,
        http_cache=False,
    )
    owner, repo = name.split("/")
    return lambda title: client.rest.issues.create(owner, repo, title=title, body="Text.")


if __name__ == "__main__":
    carry_out(version("githubkit"), creator)
