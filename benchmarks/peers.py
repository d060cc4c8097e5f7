"""What a user would write instead: the same issues by other clients, one program for all of them.

    python -m benchmarks.peers KIND JOB.json

Prints one line of JSON: the seconds from the first request to the last answer. The asynchronous
ones keep 50 requests under way; PyGithub is synchronous and has one.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

CONCURRENCY = 50
Job = dict[str, Any]
One = Callable[[dict[str, Any]], Awaitable[object]]


def _headers(job: Job) -> dict[str, str]:
    return {
        "Accept": "application/vnd.github+json",
        "User-Agent": "bench",
        "X-GitHub-Api-Version": "2022-11-28",
        "Authorization": f"Bearer {job['token']}",
    }


async def _all(job: Job, one: One) -> float:
    """Create every issue; returns the seconds."""
    left = iter(job["issues"])

    async def worker() -> None:
        for issue in left:
            await one(issue)

    begun = time.perf_counter()
    await asyncio.gather(*(worker() for _ in range(CONCURRENCY)))
    return time.perf_counter() - begun


async def over_httpx(job: Job, *, fast: bool = False) -> float:
    """Plain httpx, its pool twice as large as the concurrency; or over ghsync's transport."""
    import httpx

    transport = None
    if fast:
        from ghsync.remote.fast import FastTransport

        transport = FastTransport(tls=False, trust_env=False, connections=2 * CONCURRENCY)
    size = httpx.Limits(max_connections=2 * CONCURRENCY, max_keepalive_connections=2 * CONCURRENCY)
    url = f"{job['url']}/repos/{job['repo']}/issues"
    async with httpx.AsyncClient(
        headers=_headers(job), limits=size, trust_env=False, transport=transport
    ) as client:

        async def one(issue: dict[str, Any]) -> None:
            answer = await client.post(url, json=issue)
            answer.raise_for_status()
            answer.json()

        return await _all(job, one)


async def over_aiohttp(job: Job) -> float:
    """Plain aiohttp."""
    import aiohttp

    url = f"{job['url']}/repos/{job['repo']}/issues"
    connector = aiohttp.TCPConnector(limit=2 * CONCURRENCY)
    async with aiohttp.ClientSession(headers=_headers(job), connector=connector) as session:

        async def one(issue: dict[str, Any]) -> None:
            async with session.post(url, json=issue) as answer:
                answer.raise_for_status()
                await answer.json()

        return await _all(job, one)


async def by_githubkit(job: Job) -> float:
    """By githubkit without its HTTP cache, which writes to the disk."""
    from githubkit import GitHub

    owner, repo = job["repo"].split("/")
    async with GitHub(
        job["token"], base_url=f"{job['url']}/", trust_env=False, http_cache=False
    ) as client:

        async def one(issue: dict[str, Any]) -> None:
            made = await client.rest.issues.async_create(owner, repo, **issue)
            json.loads(made.content)

        return await _all(job, one)


async def by_gidgethub(job: Job) -> float:
    """By gidgethub over aiohttp."""
    import aiohttp
    from gidgethub.aiohttp import GitHubAPI

    connector = aiohttp.TCPConnector(limit=2 * CONCURRENCY)
    async with aiohttp.ClientSession(connector=connector) as session:
        client = GitHubAPI(session, "bench", oauth_token=job["token"], base_url=job["url"])

        async def one(issue: dict[str, Any]) -> None:
            await client.post(f"/repos/{job['repo']}/issues", data=issue)

        return await _all(job, one)


def by_pygithub(job: Job) -> float:
    """PyGithub with its own pauses (one write a second) off, else they are all it would show."""
    from github import Auth, Github

    client = Github(
        auth=Auth.Token(job["token"]),
        base_url=job["url"],
        seconds_between_requests=None,
        seconds_between_writes=None,
    )
    repo = client.get_repo(job["repo"], lazy=True)
    begun = time.perf_counter()
    for issue in job["issues"]:
        repo.create_issue(**issue)
    return time.perf_counter() - begun


KINDS: dict[str, Callable[[Job], float]] = {
    "httpx": lambda job: asyncio.run(over_httpx(job)),
    "httpx over aiohttp": lambda job: asyncio.run(over_httpx(job, fast=True)),
    "aiohttp": lambda job: asyncio.run(over_aiohttp(job)),
    "githubkit": lambda job: asyncio.run(by_githubkit(job)),
    "gidgethub": lambda job: asyncio.run(by_gidgethub(job)),
    "PyGithub": by_pygithub,
}

if __name__ == "__main__":
    seconds = KINDS[sys.argv[1]](json.loads(Path(sys.argv[2]).read_text("utf-8")))
    print(json.dumps({"seconds": seconds}))
