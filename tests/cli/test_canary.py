"""A token shows nowhere: a known one is pushed through failures of every kind, and every byte that
was written, and every traceback with the values of its variables, is searched for it.
"""

from __future__ import annotations

import base64
import io
import pickle
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from cli_kit import Cli
from rich.console import Console
from rich.traceback import Traceback

import ghsync
from ghsync.clock import VirtualClock
from ghsync.embedded import Embedded
from ghsync.remote.auth import Token
from ghsync.remote.exchange import bare
from ghsync.sandbox.github import GitHub
from ghsync.sandbox.people import add_token

SECRET = "ghp_" + "CaNaRy" * 6
ODD = "ghp_ca/na+ry=" + "x" * 20
"""A token that URLs and JSON spell otherwise."""
EPIC = ".claude/epics/shop"


def echoed(request: httpx.Request) -> str:
    """What the server was sent, as it repeats it."""
    return request.headers["authorization"]


Act = Callable[[httpx.Request], httpx.Response]


def answer(status: int, **headers: str) -> Act:
    """A refusal whose text and headers repeat the token."""

    def act(request: httpx.Request) -> httpx.Response:
        said = echoed(request)
        data = {"message": f"no {said}", "errors": [{"message": said, "field": said}]}
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        extra = {"x-github-request-id": said, "x-echo": said, **given}
        return httpx.Response(status, json=data, headers=extra)

    return act


def redirect(place: str) -> Act:
    """A redirect whose place holds the token."""

    def act(request: httpx.Request) -> httpx.Response:
        secret = quote(echoed(request).removeprefix("Bearer "), safe="")
        return httpx.Response(301, headers={"location": place.format(secret)})

    return act


def broken(error: type[Exception]) -> Act:
    """A failure of the transport, in a frame whose variables hold the header."""

    def act(request: httpx.Request) -> httpx.Response:
        raw = list(request.headers.raw)
        raise error(f"illegal header line: {echoed(request)!r} of {len(raw)}")

    return act


def body(content: Callable[[str], bytes], status: int = 200) -> Act:
    """An answer that is not what GitHub answers."""
    return lambda request: httpx.Response(status, content=content(echoed(request)))


ACTS: dict[str, Act] = {
    "401": answer(401),
    "403": answer(403),
    "404": answer(404),
    "410": answer(410),
    "422": answer(422),
    "429": answer(429, retry_after="2"),
    "451": answer(451),
    "500": answer(500),
    "502": answer(502),
    "redirect to another host": redirect("https://evil.example/x?token={0}"),
    "redirect to plain http": redirect("http://127.0.0.1:9/{0}"),
    "redirect on this host": redirect("/repositories/1?{0}"),
    "no JSON": body(lambda said: f"<html>{said}</html>".encode()),
    "another JSON": body(lambda said: f'["{said}", 1]'.encode()),
    "JSON with a slash": body(lambda said: f'{{"message": "{said}"}}'.encode(), 418),
    "not UTF-8": body(lambda said: said.encode() + b"\xff\xfe"),
    "a lost connection": broken(httpx.ReadError),
    "no connection": broken(httpx.ConnectError),
    "no HTTP": broken(httpx.RemoteProtocolError),
    "a bug in a library": broken(ZeroDivisionError),
}


@dataclass
class Mean(httpx.AsyncBaseTransport):
    """The sandbox, which repeats the token in good answers, and from some request on fails."""

    inner: httpx.AsyncBaseTransport
    act: Act | None
    writes: bool
    """Fail at the first write of an issue, and not at the first request."""
    failing: bool = False

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer, or fail."""
        write = request.method == "POST" and request.url.path.endswith("/issues")
        self.failing = self.failing or write or not self.writes
        if self.act is not None and self.failing:
            return self.act(request)
        answered = await self.inner.handle_async_request(request)
        content = await answered.aread()
        said = echoed(request).encode()
        headers = [*answered.headers.raw, (b"x-echo", said), (b"x-github-request-id", said)]
        return httpx.Response(answered.status_code, headers=headers, content=content)


@dataclass
class Server:
    """The embedded GitHub of every run in the test."""

    github: GitHub = field(default_factory=GitHub)
    clock: VirtualClock = field(default_factory=lambda: VirtualClock(1_795_000_000.0))
    act: Act | None = None
    writes: bool = False
    token: str = field(default=SECRET, repr=False)

    @contextmanager
    def own_sandbox(self, config: object, *, keep: bool) -> Iterator[Embedded]:
        """In place of the folder's own."""
        add_token(self.github, self.token)
        yield Embedded(
            github=self.github,
            clock=self.clock,
            token=self.token,
            wrap=lambda inner: Mean(inner, self.act, self.writes),
        )


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Server:
    """A project, and a server that repeats what it is sent; the environment has its token."""
    made = Server()
    monkeypatch.setattr("ghsync.embedded.own_sandbox", made.own_sandbox)
    for name in ("GITHUB_TOKEN", "GH_TOKEN"):
        monkeypatch.setenv(name, SECRET)
    for name in ("GITHUB_REPOSITORY", "GITHUB_API_URL"):
        monkeypatch.delenv(name, raising=False)
    folder = tmp_path / EPIC
    folder.mkdir(parents=True)
    for name, title in (("epic", "Shop"), ("001", "One"), ("002", "Two")):
        (folder / f"{name}.md").write_text(f"---\nname: {title}\nstatus: open\n---\n\nText.\n")
    return made


def spellings(secret: str) -> list[bytes]:
    """How a token may be written."""
    forms = {secret, quote(secret, safe=""), secret.replace("/", "\\/")}
    return [form.encode() for form in forms] + [base64.b64encode(secret.encode())]


def clean(text: bytes | str, what: str, secret: str = SECRET) -> None:
    """Fail if the token is in it; without printing it."""
    data = text.encode("utf-8", "replace") if isinstance(text, str) else text
    for form in spellings(secret):
        place = data.find(form)
        around = data[max(place - 120, 0) : place].decode("utf-8", "replace")
        assert place < 0, f"the token is in {what}, after {around!r}"


def search(root: Path, secret: str = SECRET) -> int:
    """Look into every file of the folder; how many there were."""
    files = [path for path in root.rglob("*") if path.is_file()]
    for path in files:
        clean(path.read_bytes(), str(path.relative_to(root)), secret)
    return len(files)


def shown(error: BaseException) -> str:
    """An error as programs show it, with the values of all variables, its causes and contexts."""
    parts = []
    chain: list[BaseException | None] = [error]
    for each in chain:
        if each is None or len(chain) > 20:
            continue
        frames = traceback.StackSummary.extract(
            traceback.walk_tb(each.__traceback__), capture_locals=True, lookup_lines=False
        )
        parts += [str(frame.locals) for frame in frames]
        parts += [*traceback.format_exception_only(each), repr(each), str(vars(each))]
        chain += [each.__cause__, each.__context__]
    return "\n".join(parts)


def painted(error: BaseException) -> str:
    """The same by rich, which looks into values by itself."""
    screen = Console(file=io.StringIO(), width=400)
    screen.print(
        Traceback.from_exception(
            type(error), error, error.__traceback__, show_locals=True,
            locals_max_length=None, locals_max_string=None, max_frames=0,
        )
    )  # fmt: skip
    assert isinstance(screen.file, io.StringIO)
    return screen.file.getvalue()


FIRST = ("401", "429", "redirect to another host", "no JSON", "no HTTP", "a bug in a library")
"""Acts that are also tried on the first request."""


@pytest.mark.parametrize(
    ("name", "writes"), [*((name, True) for name in ACTS), *((name, False) for name in FIRST)]
)
def test_no_byte_that_a_command_writes_holds_the_token(
    server: Server, cli: Cli, tmp_path: Path, name: str, writes: bool
) -> None:
    """Output, errors, progress, events, log, journal, map, run record; push, status and doctor."""
    server.act, server.writes = ACTS[name], writes
    logs = ["--events", tmp_path / "events.ndjson", "--log-file", tmp_path / "log.ndjson"]
    common = ["--sandbox", "--settle", "1", "--max-time", "20m"]
    for arguments in (["-v", *logs], ["--json"]):
        result = cli("push", tmp_path, *common, *arguments)
        clean(result.out + result.err, f"the output of push {arguments}")
    assert search(tmp_path) > 4


@pytest.mark.parametrize("writes", [False, True], ids=["reading", "writing"])
@pytest.mark.parametrize("name", ACTS)
def test_no_error_of_the_library_holds_the_token(
    server: Server, tmp_path: Path, name: str, writes: bool
) -> None:
    """Raised or returned: not in its text, its chain, its frames' variables, nor its pickle."""
    server.act, server.writes = ACTS[name], writes
    run = caught = None
    try:
        run = ghsync.push(tmp_path, sandbox=True, settle=1.0, max_time=1200.0, token=SECRET)
    except Exception as error:  # noqa: BLE001 (a bug in a library is one of the failures)
        caught = error
    found = caught if run is None else run.error
    if found is not None:
        clean(shown(found), f"the traceback of {type(found).__name__}")
        if (name, writes) == ("a lost connection", True):
            clean(painted(found), f"rich's traceback of {type(found).__name__}")
        if isinstance(found, ghsync.GhsyncError):
            pickled = pickle.dumps(found)
            clean(pickled, "the pickle")
            assert str(pickle.loads(pickled)) == str(found)
    if run is not None:
        clean(repr(run), "the run")
    search(tmp_path)


def test_a_server_that_repeats_the_token_in_good_answers(
    server: Server, cli: Cli, tmp_path: Path
) -> None:
    """A push that works leaves no trace of it, and neither does a pull."""
    result = cli("push", tmp_path, "--sandbox", "-v", "--log-file", tmp_path / "log.ndjson")
    assert result.code == 0, result.err
    clean(result.out + result.err, "the output")
    page = tmp_path / "plan.html"
    for verb in (["pull"], ["diff"], ["status"], ["doctor"], ["push", "--html", page]):
        result = cli(*verb, tmp_path, "--sandbox")
        clean(result.out + result.err, f"the output of {verb[0]}")
    clean(cli("runs", tmp_path).out, "the output of runs")
    assert search(tmp_path) > 6


def test_a_text_on_github_that_holds_the_token_is_masked(
    server: Server, cli: Cli, tmp_path: Path
) -> None:
    """Somebody pasted it into an issue: a pull brings `***` into the file."""
    from ghsync.sandbox.people import Person

    cli("push", tmp_path, "--sandbox")
    person = Person(server.github, "sandbox/demo", login="mallory", now=server.clock.now())
    server.clock.advance(200)
    number = next(i.number for i in person.repo.issues.values() if i.title == "One")
    person.edit(number, body=f"My token is {SECRET}.", now=server.clock.now())
    assert cli("pull", tmp_path, "--sandbox").code == 0
    assert "My token is ***." in (tmp_path / EPIC / "001.md").read_text()
    search(tmp_path)


def test_a_token_that_is_spelled_otherwise(server: Server, cli: Cli, tmp_path: Path) -> None:
    """With `/`, `+` and `=`, as JSON and URLs write them."""
    server.token = ODD
    for name in ("redirect to another host", "JSON with a slash", "401"):
        server.act = ACTS[name]
        result = cli("push", tmp_path, "--sandbox", "--json", "--max-time", "5m")
        clean(result.out + result.err, name, ODD)
    token = Token(ODD)
    text = f"{ODD} {quote(ODD, safe='')} {ODD.replace('/', chr(92) + '/')}"
    assert token.hide_in(text) == "*** *** ***"
    assert token.hide_in_bytes(text.encode()) == b"*** *** ***"
    assert Token("short").hide_in("a short word") == "a short word"


def test_settings_that_fail_do_not_show_the_environment(tmp_path: Path) -> None:
    """An error before anything is sent has frames, too."""
    cases: list[dict[str, object]] = [
        {"limits": "fast"},
        {"repo": "o"},
        {"token": f"{SECRET} {SECRET}"},
        {"token_file": tmp_path / "none"},
    ]
    for options in cases:
        with pytest.raises(ghsync.GhsyncError) as caught:
            ghsync.push(tmp_path, env=secret_env(), **options)  # type: ignore[arg-type]
        own = caught.value.__traceback__
        assert own is not None
        caught.value.__traceback__ = own.tb_next  # this test's own frame holds the cases
        clean(shown(caught.value), f"the traceback for {[*options]}")


def secret_env() -> dict[str, str]:
    """An environment with tokens of all kinds."""
    return {
        "GITHUB_TOKEN": SECRET,
        "GH_TOKEN": SECRET,
        "GHSYNC_APP_PRIVATE_KEY": SECRET,
        "GHSYNC_APP_ID": "1",
    }


def test_an_error_of_a_library_keeps_its_place_and_loses_its_variables() -> None:
    """The frames are a note; the texts of the whole chain are without the token."""

    def library() -> None:
        header = f"Bearer {SECRET}"
        try:
            raise OSError(header)
        except OSError as error:
            raise ValueError(header.encode(), 7) from error

    with pytest.raises(ValueError, match="Bearer") as caught:
        library()
    bare(caught.value, Token(SECRET))
    assert caught.value.args == ("b'Bearer ***'", 7)
    assert caught.value.__traceback__ is None
    assert any("in library" in note for note in caught.value.__notes__)
    clean(shown(caught.value), "the error")
