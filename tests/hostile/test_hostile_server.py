"""A server that means harm, on real sockets and over both transports: bounded, named, once."""

from __future__ import annotations

import asyncio
import gzip
import json
import zlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache

import pytest
from remote.remote_kit import REPO, START, issue_json

from ghsync.clock import VirtualClock
from ghsync.limiter import GHES, GITHUB, Limiter, Profile
from ghsync.limiter.core import LONGEST_WAIT
from ghsync.model import IssueNumber
from ghsync.remote import wire
from ghsync.remote.client import Client
from ghsync.remote.gate import Gate
from ghsync.remote.unpack import unpacker_for

GET = wire.get_issue(REPO, IssueNumber(7))
LIST = wire.list_issues(REPO)
MAKE = wire.create_issue(REPO, title="T", body="B")
ISSUE = json.dumps(issue_json()).encode()
MIB = 1 << 20
LARGEST = 4 * MIB

Answer = Callable[["Evil", bytes], AsyncIterator[bytes]]


@dataclass
class Evil:
    """A server that answers every request with what a function yields."""

    answer: Answer
    port: int = 0
    seen: list[bytes] = field(default_factory=list)
    sent: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection: read a request, answer it, close."""
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            for line in head.lower().split(b"\r\n"):
                if line.startswith(b"content-length:"):
                    await reader.readexactly(int(line.split(b":")[1]))
            self.seen.append(head.split(b" HTTP/", 1)[0])
            async for piece in self.answer(self, head):
                writer.write(piece)
                self.sent += len(piece)
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


def says(status: str, *headers: str, body: bytes = b"", length: int | None = None) -> Answer:
    """An answer of these parts, as it stands."""

    async def answer(evil: Evil, request: bytes) -> AsyncIterator[bytes]:
        lines = [f"HTTP/1.1 {status}", *headers]
        lines.append(f"content-length: {len(body) if length is None else length}")
        head = "\r\n".join(lines).replace("PORT", str(evil.port))
        yield head.encode("latin-1") + b"\r\n\r\n"
        yield body

    return answer


def raw(data: bytes, *, again: int = 1) -> Answer:
    """Bytes as they are, so many times."""

    async def answer(evil: Evil, request: bytes) -> AsyncIterator[bytes]:
        for _ in range(again):
            yield data

    return answer


@pytest.fixture(params=["httpx", "aiohttp"])
def fast(request: pytest.FixtureRequest) -> bool:
    """Whether the client is in a hurry: what is promised holds over either transport."""
    return bool(request.param == "aiohttp")


@asynccontextmanager
async def meeting(
    answer: Answer,
    *,
    fast: bool,
    patience: float = 2.0,
    clock: VirtualClock | None = None,
    profile: Profile = GHES,
) -> AsyncIterator[tuple[Client, Evil]]:
    """A client, in the presence of such a server."""
    evil = Evil(answer)
    server = await asyncio.start_server(evil.serve, "127.0.0.1", 0)
    evil.port = server.sockets[0].getsockname()[1]
    clock = clock or VirtualClock(START)
    async with (
        server,
        Client(
            api_url=f"http://127.0.0.1:{evil.port}",
            token=None,
            gate=Gate(Limiter(profile), clock),
            clock=clock,
            timeout=patience,
            largest_answer=LARGEST,
        ) as client,
    ):
        if fast:
            client._exchange.hurry()
        yield client, evil


def ends(
    answer: Answer, request: wire.Request, *, fast: bool, patience: float = 2.0
) -> tuple[wire.ApiError, Evil]:
    """The error in which this request ends, and the server that it was sent to."""

    async def inside() -> tuple[wire.ApiError, Evil]:
        async with meeting(answer, fast=fast, patience=patience) as (client, evil):
            with pytest.raises(wire.ApiError) as caught:
                await client.send(request)
            return caught.value, evil

    return asyncio.run(inside())


@cache
def bomb(times: int) -> bytes:
    """White space that is packed again and again: a few kilobytes, gigabytes when unpacked."""
    packer = zlib.compressobj(9, wbits=31)
    data = b"".join(packer.compress(b" " * MIB) for _ in range(64)) + packer.flush()
    for _ in range(times - 1):
        data = gzip.compress(data)
    return data


# ------------------------------------------------------------------------------- too much


def test_an_answer_without_end_is_cut_off(fast: bool) -> None:
    """No length, no end: reading stops at the bound, and not much more was taken in."""
    endless = raw(b"HTTP/1.1 200 OK\r\n\r\n", again=1)

    async def answer(evil: Evil, request: bytes) -> AsyncIterator[bytes]:
        async for piece in endless(evil, request):
            yield piece
        while True:
            yield b" " * 65536

    error, evil = ends(answer, GET, fast=fast)
    assert "over 4,194,304 bytes" in error.message
    assert evil.sent < 3 * LARGEST + 16 * MIB  # what sockets hold is on its way


@pytest.mark.parametrize("encoding", ["gzip", "x-gzip"])
def test_a_bomb_is_unpacked_to_the_bound_and_no_further(fast: bool, encoding: str) -> None:
    """64 MiB in 64 KiB: an error that says how much was too much."""
    answer = says("200 OK", f"content-encoding: {encoding}", body=bomb(1))
    error, _ = ends(answer, GET, fast=fast)
    assert "over 4,194,304 bytes" in error.message


@pytest.mark.parametrize(
    "encoding", ["gzip, gzip", "gzip,utf-8,gzip", "deflate", "br", "zstd", "compress", "\xff,br"]
)
def test_only_the_packing_that_was_asked_for_is_undone(fast: bool, encoding: str) -> None:
    """Packed twice is a thousand times the bomb; what nobody asked for is nobody's answer."""
    answer = says("200 OK", f"content-encoding: {encoding}", body=bomb(2))
    error, _ = ends(answer, GET, fast=fast)
    assert "which nobody asked for" in error.message
    assert error.message.isprintable()


@pytest.mark.parametrize("encoding", ["utf-8", "none", "aws-chunked", "identity, UTF-8", "\xff"])
def test_an_encoding_that_is_no_packing_is_passed_over(fast: bool, encoding: str) -> None:
    """Some servers and proxies name other things there: the answer is taken as it stands."""

    async def inside() -> None:
        answer = says("200 OK", f"content-encoding: {encoding}", body=ISSUE)
        async with meeting(answer, fast=fast) as (client, _):
            assert (await client.send(GET)).status == 200

    asyncio.run(inside())


def test_a_create_answered_with_a_bomb_is_unclear_and_not_sent_again(fast: bool) -> None:
    """It may have been made: one request, and the next run looks."""
    error, evil = ends(says("201 Created", "content-encoding: gzip", body=bomb(1)), MAKE, fast=fast)
    assert isinstance(error, wire.UnknownOutcome)
    assert len(evil.seen) == 1


@pytest.mark.parametrize("cut", [0.5, 0.99])
def test_packed_and_cut_off_is_no_whole_answer(fast: bool, cut: float) -> None:
    """Half a gzip stream is lost, as half a plain answer is."""
    whole = gzip.compress(ISSUE)
    body = whole[: int(len(whole) * cut)]
    error, evil = ends(says("201 Created", "content-encoding: gzip", body=body), MAKE, fast=fast)
    assert isinstance(error, wire.UnknownOutcome)
    assert len(evil.seen) == 1


def test_nothing_packed_is_an_empty_answer(fast: bool) -> None:
    """A 204 or 304 may name a packing and have no body."""

    async def inside() -> None:
        answer = says("304 Not Modified", "content-encoding: gzip", "etag: x")
        async with meeting(answer, fast=fast) as (client, _):
            assert (await client.send(GET)).status == 304

    asyncio.run(inside())


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 200 OK\r\n" + b"x: " + b"a" * 8 * MIB,
        b"HTTP/1.1 200 OK\r\n" + b"x: a\r\n" * 500_000,
        b"HTTP/1.1 200 " + b"O" * 8 * MIB,
        b"H" * 8 * MIB,
    ],
    ids=["long value", "many", "long reason", "long line"],
)
def test_headers_without_end_are_cut_off(fast: bool, head: bytes) -> None:
    """However long the head, little of it is held."""
    error, _ = ends(raw(head), GET, fast=fast)
    assert isinstance(error, wire.Lost)
    assert len(error.message) < 500


def test_interim_answers_without_end_meet_the_deadline(fast: bool) -> None:
    """`100 Continue` for ever: the whole exchange has a time of its own."""

    async def answer(evil: Evil, request: bytes) -> AsyncIterator[bytes]:
        while True:
            yield b"HTTP/1.1 100 Continue\r\n\r\n" * 100
            await asyncio.sleep(0)

    error, _ = ends(answer, MAKE, fast=fast, patience=0.2)
    assert isinstance(error, wire.UnknownOutcome)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x00" * 100,
        b"HTTP/1.1\r\n\r\n",
        b"HTTP/9.9 200 OK\r\n\r\n",
        b"HTTP/1.1 999 What\r\ncontent-length: 2\r\n\r\n{}",
        b"HTTP/1.1 0 No\r\ncontent-length: 2\r\n\r\n{}",
        b"HTTP/1.1 2000 No\r\n\r\n",
        b"HTTP/1.1 -1 No\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: -5\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\ncontent-length: 99999999999999999999\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nZZ\r\n{}\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nffffffffffffffff\r\n{}",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked, chunked\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nx\x00y: \x00\r\ncontent-length: 2\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\n folded: x\r\ncontent-length: 2\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nno colon\r\ncontent-length: 2\r\n\r\n{}",
        b"HTTP/1.1 101 Switching Protocols\r\nupgrade: evil\r\n\r\n{}",
        b"HTTP/1.0 200 OK\r\n\r\n{",
        b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n\xff\xfe",
        b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nNaN",
        b"HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\n[1e999",
        b"HTTP/1.1 204 No Content\r\n\r\n",
        b"HTTP/1.1 205 Reset\r\n\r\n",
        b"HTTP/1.1 201 Created\r\ncontent-length: 0\r\n\r\n",
    ],
)
def test_whatever_a_create_is_answered_it_is_sent_once(fast: bool, data: bytes) -> None:
    """No status, no length, no framing: not one of them sends the create a second time."""
    error, evil = ends(raw(data), MAKE, fast=fast)
    assert evil.seen == [b"POST /repos/octo/site/issues"]
    assert isinstance(error, wire.UnknownOutcome), type(error)
    assert error.message.isprintable()


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 3_000_000,
        b'{"a":' * 600_000,
        b"[" * 500 + b"]" * 500,
        b'{"number": 1' + b"0" * 100_000 + b"}",
        b'{"number": 1e400, "id": 1e400}',
        b'"\\ud800"',
        b"\xed\xa0\x80",
        b"{}",
        b"[]",
        b"null",
        b"true",
        b'{"number": [], "id": {}, "title": 5, "body": [], "labels": "x", "state": 7}',
    ],
    ids=["deep list", "deep object", "500 deep", "huge int", "huge float", "half pair",
         "no utf-8", "empty", "list", "null", "true", "wrong types"],
)  # fmt: skip
def test_json_of_any_shape_is_a_bad_answer(fast: bool, body: bytes) -> None:
    """Deep, huge, half or of the wrong type: an error for a reader, unclear for a create."""
    error, _ = ends(says("200 OK", body=body), GET, fast=fast)
    assert isinstance(error, wire.BadAnswer)
    assert len(error.message) < 400
    error, evil = ends(says("201 Created", body=body), MAKE, fast=fast)
    assert isinstance(error, wire.UnknownOutcome)
    assert len(evil.seen) == 1


# ---------------------------------------------------------------------------- elsewhere


@pytest.mark.parametrize(
    "place", ["http://127.0.0.1:PORT/repos/octo/site/issues", "file:///etc/passwd",
              "https://evil.example/", "//evil.example/x", "gopher://127.0.0.1:PORT/", ""]
)  # fmt: skip
def test_a_redirected_create_is_not_sent_again(fast: bool, place: str) -> None:
    """Not to the same place, not to another, not with 307, which would keep its body."""
    for status in (300, 301, 302, 303, 307, 308):
        error, evil = ends(says(f"{status} x", f"location: {place}"), MAKE, fast=fast)
        assert isinstance(error, wire.Moved)
        assert len(evil.seen) == 1


@pytest.mark.parametrize(
    "place", ["file:///etc/passwd", "https://evil.example/repos/x/y", "http://127.0.0.1:1/x",
              "http://a@127.0.0.1:PORT/x", "http://127.0.0.1:PORT\\@evil.example/", "/repos/a/b"]
)  # fmt: skip
def test_a_repository_that_moves_for_ever_or_elsewhere_is_not_followed(
    fast: bool, place: str
) -> None:
    """Few hops, all on the configured host and port."""

    async def inside() -> None:
        answer = says("301 Moved Permanently", f"location: {place}")
        async with meeting(answer, fast=fast) as (client, evil):
            with pytest.raises(wire.ApiError):
                await client.find_repo("octo/site")
            assert len(evil.seen) <= 3

    asyncio.run(inside())


@pytest.mark.parametrize(
    "link",
    [
        "http://127.0.0.1:PORT/repos/octo/site/issues?page=1",
        "https://127.0.0.1:PORT/x",
        "http://127.0.0.1:1/x",
        "http://evil.example:PORT/x",
        "http://127.0.0.1.evil.example:PORT/x",
        "file:///etc/passwd",
        "x" * 10_000,
        "http://127.0.0.1:PORT/\x80",
    ],
)
def test_the_next_page_is_here_and_another_one(fast: bool, link: str) -> None:
    """A page that is its own next one, or stands elsewhere, ends the reading."""

    async def inside() -> int:
        answer = says("200 OK", f'link: <{link}>; rel="next"', body=b"[]")
        async with meeting(answer, fast=fast) as (client, evil):
            try:
                async for _ in client.pages(LIST):
                    pass
            except wire.BadAnswer:
                pass
            return len(evil.seen)

    assert asyncio.run(inside()) <= 3


def test_pages_without_end_end(fast: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Always another next page: so many are read, then it is said that they have no end."""
    monkeypatch.setattr("ghsync.remote.client.MOST_PAGES", 20)

    async def inside() -> int:
        async def answer(evil: Evil, request: bytes) -> AsyncIterator[bytes]:
            url = f"http://127.0.0.1:{evil.port}/repos/octo/site/issues?page={len(evil.seen)}"
            pages = says("200 OK", f'link: <{url}>; rel="next"', body=b"[]")
            async for piece in pages(evil, request):
                yield piece

        async with meeting(answer, fast=fast) as (client, evil):
            with pytest.raises(wire.BadAnswer, match="no end"):
                async for _ in client.pages(LIST):
                    pass
            return len(evil.seen)

    assert asyncio.run(inside()) == 21


# --------------------------------------------------------------------------------- waits


@pytest.mark.parametrize(
    "asked", ["31536000", "99999999999", "-1", "NaN", "inf", "1e9", "0x10", "٣",
              "Fri, 31 Dec 9999 23:59:59 GMT", "", "9" * 400]
)  # fmt: skip
def test_no_server_makes_anybody_wait_for_years(fast: bool, asked: str) -> None:
    """Whatever is asked for: hours at most, then it is asked again or given up."""

    async def waited(status: str) -> float:
        body = b'{"message": "You have exceeded a secondary rate limit"}'
        header = f"retry-after: {asked}".encode().decode("latin-1")
        clock = VirtualClock(START)
        async with meeting(says(status, header, body=body), fast=fast, clock=clock) as (client, _):
            client._max_rejections = 3
            with pytest.raises(wire.ApiError):
                await client.send(GET)
        return clock.now() - START

    for status in ("403 Forbidden", "429 Too Many Requests", "503 Unavailable"):
        assert asyncio.run(waited(status)) <= 2 * LONGEST_WAIT + 2 * 3600


@pytest.mark.parametrize("reset", ["99999999999", "-5", "NaN", "0", "1", ""])
def test_no_budget_keeps_anybody_for_years(fast: bool, reset: str) -> None:
    """A reset in another century is taken for an hour at most."""

    async def waited(remaining: str) -> float:
        headers = (
            "x-ratelimit-limit: 5000",
            f"x-ratelimit-remaining: {remaining}",
            f"x-ratelimit-reset: {reset}",
        )
        clock = VirtualClock(START)
        answer = says("200 OK", *headers, body=ISSUE)
        async with meeting(answer, fast=fast, clock=clock, profile=GITHUB) as (client, _):
            for _ in range(3):
                await client.send(GET)
        return clock.now() - START

    for remaining in ("0", "-1", "999999999999999999", "x"):
        assert asyncio.run(waited(remaining)) <= 3 * 3700


def test_an_issue_with_an_impossible_number_is_looked_up_once_and_not_counted_to(
    fast: bool,
) -> None:
    """A number of nineteen digits: how many nobody accounts for is computed, not counted."""
    from ghsync.journal import Intent
    from ghsync.model import Key, Repo, RepoId, Uid
    from ghsync.reconcile import Accounts, Reconciler

    accounts = Accounts(highest=IssueNumber(2**62), known={IssueNumber(1), IssueNumber(2**62)})
    repo = Repo(id=RepoId(1), full_name=REPO)
    intent = Intent(key=Key("a"), uid=Uid("0" * 32), floor=IssueNumber(0), at=START)

    async def inside() -> None:
        async with meeting(says("200 OK", body=ISSUE), fast=fast) as (client, _):
            clock = VirtualClock(START)
            looker = Reconciler(client, repo, clock, accounts, settle=0, notice=lambda _: None)
            assert looker._open(intent) == 2**62 - 2

    asyncio.run(inside())


def test_a_piece_is_unpacked_no_further_than_there_is_room() -> None:
    """64 KiB from the wire are 64 MiB at once, before anybody counts them."""
    unpacker = unpacker_for("gzip")
    assert unpacker is not None
    assert len(unpacker.take(bomb(1), 100)) == 101
