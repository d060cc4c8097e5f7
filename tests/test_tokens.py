"""Where tokens come from: six sources, each asked only where it should be, and their order."""

from __future__ import annotations

import os
import sys
import traceback
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

import pytest
from click.testing import CliRunner

from ghsync.access import find_token
from ghsync.cli.token import token as token_command
from ghsync.config import load_config
from ghsync.errors import AuthError, ExitCode, GhsyncError, UsageError
from ghsync.remote.auth import AppToken, Environment, Token
from ghsync.surroundings import Surroundings
from ghsync.tokens import host_of, keyring, source_of
from ghsync.tokens.file import read_token

SECRET = "ghp_" + "canary" * 6
APP = {
    "GHSYNC_APP_ID": "12",
    "GHSYNC_APP_INSTALLATION": "34",
    "GHSYNC_APP_PRIVATE_KEY": "-----BEGIN KEY-----",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A checkout."""
    folder = tmp_path / "checkout"
    folder.mkdir()
    return folder


class Keyring(ModuleType):
    """What the package ``keyring`` does, in memory."""

    def __init__(self) -> None:
        super().__init__("keyring")
        self.__spec__ = ModuleSpec("keyring", None)
        self.held: dict[tuple[str, str], str] = {}
        self.asked: list[str] = []
        self.broken = False

    def get_password(self, service: str, user: str) -> str | None:
        """The token, and who asked."""
        self.asked.append(user)
        if self.broken:
            raise RuntimeError(SECRET)
        return self.held.get((service, user))

    def set_password(self, service: str, user: str, password: str) -> None:
        """Keep it."""
        if self.broken:
            raise RuntimeError(password)
        self.held[service, user] = password

    def delete_password(self, service: str, user: str) -> None:
        """Forget it."""
        del self.held[service, user]


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Keyring:
    """A keyring that is installed."""
    made = Keyring()
    monkeypatch.setitem(sys.modules, "keyring", made)
    return made


@pytest.fixture
def gh(tmp_path: Path) -> Path:
    """A ``gh`` on the path, which notes how it was called."""
    folder = tmp_path / "bin"
    folder.mkdir()
    program = folder / "gh"
    program.write_text(
        f'#!/bin/sh\necho "$@ $GH_PROMPT_DISABLED" >> {tmp_path}/calls\n'
        f"test -f {tmp_path}/slow && exec sleep 30\n"
        f"test -f {tmp_path}/out && exit 1\necho {SECRET}\n"
    )
    program.chmod(0o755)
    return folder


def found(root: Path, env: dict[str, str], **options: object) -> str | None:
    """Where the token comes from; it is the one that the test put there."""
    config = load_config(root, options={"repo": "o/r", **options}, env=env)
    token = find_token(config, env, lambda: 0.0)
    if isinstance(token, Token):
        assert token.reveal() in (SECRET, "env", "env2", "file")
    return None if token is None else source_of(token)


def secret_file(path: Path, text: str = "file\n", mode: int = 0o600) -> Path:
    """A file with a token."""
    path.write_text(text)
    path.chmod(mode)
    return path


@pytest.mark.skipif(os.name != "posix", reason="the gh of this test is a shell script")
def test_the_first_source_that_has_one_is_used(
    root: Path, tmp_path: Path, held: Keyring, gh: Path
) -> None:
    """Named for this run, the App, the file, the variables, the keyring, gh; the rest unasked."""
    file = str(secret_file(tmp_path / "token"))
    held.held["ghsync", "github.com"] = SECRET
    env = {"PATH": str(gh)}
    assert found(root, env) == "the keyring (ghsync, github.com)"
    assert not (tmp_path / "calls").exists()
    held.held.clear()
    assert found(root, env) == "gh auth token (github.com)"
    assert (tmp_path / "calls").read_text() == "auth token --hostname github.com 1\n"
    held.asked.clear()
    env |= {"GH_TOKEN": "env2"}
    assert found(root, env) == "GH_TOKEN"
    env |= {"GITHUB_TOKEN": "env"}
    assert found(root, env) == "GITHUB_TOKEN"
    env |= {"GHSYNC_TOKEN_FILE": file}
    assert found(root, env) == f"the file {file}"
    assert found(root, {**env, **APP}) == "the GitHub App 12"
    assert found(root, {**env, **APP}, token_file=file) == f"the file {file}"
    assert held.asked == []
    assert (tmp_path / "calls").read_text().count("\n") == 1


def test_a_variable_names_the_sources_and_their_order(
    root: Path, tmp_path: Path, held: Keyring
) -> None:
    """``GHSYNC_TOKEN_FROM``; an unknown word is an error, and no file of a checkout may say it."""
    file = str(secret_file(tmp_path / "token"))
    env = {"GITHUB_TOKEN": "env", "GHSYNC_TOKEN_FILE": file, "GHSYNC_TOKEN_FROM": "env, file"}
    held.held["ghsync", "github.com"] = SECRET
    assert found(root, env) == "GITHUB_TOKEN"
    assert found(root, {**env, "GHSYNC_TOKEN_FROM": "keyring,env"}) == (
        "the keyring (ghsync, github.com)"
    )
    assert found(root, {"GHSYNC_TOKEN_FROM": "env"}) is None
    with pytest.raises(GhsyncError, match="must be one of app, file, env, keyring, gh"):
        found(root, {"GHSYNC_TOKEN_FROM": "netrc"})
    for line in ('token_from = ["gh"]', f'token_file = "{file}"'):
        (root / "ghsync.toml").write_text(line)
        with pytest.raises(GhsyncError, match=r"GHSYNC_TOKEN_FROM|--token-file"):
            found(root, {})


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
@pytest.mark.parametrize(
    ("mode", "refused"), [(0o600, False), (0o640, False), (0o644, True), (0o602, True)]
)
def test_a_token_file_is_nobody_elses(tmp_path: Path, mode: int, refused: bool) -> None:
    """Readable or writable by others: refused, with the command that mends it."""
    path = secret_file(tmp_path / "token", f"\ufeff {SECRET}\r\n", mode)
    if not refused:
        assert read_token(path).reveal() == SECRET
        return
    with pytest.raises(AuthError, match="open to everybody") as caught:
        read_token(path)
    assert "chmod 600" in caught.value.hint
    assert SECRET not in "".join(traceback.format_exception(caught.value))


@pytest.mark.skipif(os.name != "posix", reason="named pipes are POSIX's")
def test_what_is_no_token_file_is_said(tmp_path: Path) -> None:
    """Missing, a folder, a pipe that nobody writes to, huge, binary, empty: never a traceback."""
    os.mkfifo(tmp_path / "pipe", 0o600)
    cases = {
        tmp_path / "none": "no such file",
        tmp_path: "no regular file|is a directory",
        tmp_path / "pipe": "no regular file",
        secret_file(tmp_path / "huge", "x" * 70_000): "70,000 bytes",
        secret_file(tmp_path / "empty", "\n"): "is not a token",
        secret_file(tmp_path / "two", f"{SECRET}\n{SECRET}\n"): "is not a token",
    }
    binary = secret_file(tmp_path / "binary")
    binary.write_bytes(b"\xff\xfe\x00")
    cases[binary] = "not text"
    for path, said in cases.items():
        with pytest.raises(AuthError, match=said):
            read_token(path)


def test_the_keyring_is_asked_for_the_configured_host_alone(root: Path, held: Keyring) -> None:
    """A company's server does not get the token of github.com."""
    held.held["ghsync", "github.com"] = SECRET
    env = {"GITHUB_API_URL": "https://ghes.corp/api/v3", "GHSYNC_TOKEN_FROM": "keyring"}
    assert found(root, env) is None
    held.held["ghsync", "ghes.corp"] = SECRET
    assert found(root, env) == "the keyring (ghsync, ghes.corp)"
    assert set(held.asked) == {"ghes.corp"}


def test_a_keyring_that_fails_is_no_keyring(root: Path, held: Keyring) -> None:
    """Its errors end no run and say nothing; where a person asked for it, they are told."""
    held.broken = True
    assert found(root, {}) is None
    with pytest.raises(UsageError, match="RuntimeError") as caught:
        keyring.put("github.com", Token(SECRET))
    assert SECRET not in "".join(traceback.format_exception(caught.value))


def test_without_the_package_there_is_no_keyring(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A push goes on without; ``token set`` says how to install it."""
    monkeypatch.setitem(sys.modules, "keyring", None)
    monkeypatch.setattr("ghsync.tokens.keyring.find_spec", lambda name: None)
    assert found(root, {}) is None
    with pytest.raises(UsageError, match="not installed") as caught:
        keyring.forget("github.com")
    assert "ghsync-issues[keyring]" in caught.value.hint


@pytest.mark.skipif(os.name != "posix", reason="the gh of this test is a shell script")
def test_gh_is_asked_with_care(root: Path, tmp_path: Path, gh: Path) -> None:
    """Not for this machine or a port, not from the checkout, not for ever; a failure is none."""
    path = {"PATH": str(gh)}
    assert found(root, {**path, "GITHUB_API_URL": "https://ghes.corp/api/v3"}) == (
        "gh auth token (ghes.corp)"
    )
    for url in ("http://127.0.0.1:80", "https://ghes.corp:8443/api/v3", "https://localhost:1"):
        assert found(root, {**path, "GITHUB_API_URL": url}) is None
    inside = root / "node_modules" / ".bin"
    inside.mkdir(parents=True)
    (gh / "gh").rename(inside / "gh")
    assert found(root, {"PATH": f"{inside}{os.pathsep}bin{os.pathsep}."}) is None
    (inside / "gh").rename(gh / "gh")
    (tmp_path / "out").touch()
    assert found(root, path) is None


@pytest.mark.skipif(os.name != "posix", reason="the gh of this test is a shell script")
def test_a_gh_that_hangs_is_left(
    root: Path, tmp_path: Path, gh: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After its timeout there is no token from it."""
    monkeypatch.setattr("ghsync.tokens.gh.TIMEOUT", 0.2)
    (tmp_path / "slow").touch()
    assert found(root, {"PATH": str(gh)}) is None


def test_nobody_is_asked_for_a_server_that_only_a_file_names(root: Path, held: Keyring) -> None:
    """A stranger's checkout could name its own server, and have a keyring opened for it."""
    (root / "ghsync.toml").write_text('api_url = "https://ghes.corp/api/v3"\n')
    held.held["ghsync", "ghes.corp"] = SECRET
    assert found(root, {}) is None
    assert held.asked == []


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://api.github.com", "github.com"),
        ("https://api.octo.ghe.com", "octo.ghe.com"),
        ("https://ghes.corp/api/v3", "ghes.corp"),
        ("http://127.0.0.1:8080", "127.0.0.1:8080"),
    ],
)
def test_a_token_is_kept_under_the_host_that_people_know(url: str, host: str) -> None:
    """github.com and not its API's name, as gh has it."""
    assert host_of(url) == host


def test_a_run_looks_for_its_token_once(root: Path, held: Keyring) -> None:
    """A keyring may ask a person; dry run and session need the same token."""
    held.held["ghsync", "github.com"] = SECRET
    around = Surroundings(env=Environment({}))
    config = load_config(root, options={"repo": "o/r"}, env={})
    assert around.token_for(config) is around.token_for(config)
    assert held.asked == ["github.com"]


def test_a_command_asks_a_helper_once(
    root: Path, held: Keyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A dry run looks for a token before it opens anything, and again when it does."""
    monkeypatch.setenv("GHSYNC_TOKEN_FROM", "keyring")
    config = load_config(root, options={"repo": "o/r"}, env=os.environ)
    held.held["ghsync", "github.com"] = SECRET
    first = Surroundings().token_for(config)
    assert first is not None
    assert Surroundings().token_for(config) is first
    assert held.asked == ["github.com"]
    monkeypatch.setenv("SOMETHING", "else")
    assert Surroundings().token_for(config) is not first


def test_half_an_app_is_an_error_and_no_other_token(root: Path) -> None:
    """Falling back to another account would be a surprise."""
    with pytest.raises(AuthError, match="half configured"):
        found(root, {"GITHUB_TOKEN": "env", "GHSYNC_APP_ID": "12"})


def test_variables_do_not_show(root: Path) -> None:
    """The environment holds tokens; no repr of a run's values prints it."""
    env = Environment({"GITHUB_TOKEN": SECRET})
    around = Surroundings(env=env)
    around.token_for(load_config(root, options={"repo": "o/r"}, env=env))
    assert SECRET not in f"{env!r} {env} {around!r}"
    assert dict(env) == {"GITHUB_TOKEN": SECRET}
    assert repr(AppToken(None, now=lambda: 0.0)).startswith("<ghsync")  # type: ignore[arg-type]


# ------------------------------------------------------------------------- the command


def test_the_command_keeps_says_and_forgets(
    root: Path, held: Keyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The token comes from a pipe and is printed nowhere."""
    monkeypatch.setenv("GHSYNC_TOKEN_FROM", "keyring")
    runner = CliRunner()
    where = [str(root), "--repo", "o/r"]
    kept = runner.invoke(token_command, ["set", *where], input=f"{SECRET}\n")
    assert kept.exit_code == 0, kept.output
    assert held.held == {("ghsync", "github.com"): SECRET}
    told = runner.invoke(token_command, ["source", *where])
    assert told.output == "github.com: the keyring (ghsync, github.com)\n"
    assert runner.invoke(token_command, ["forget", *where]).exit_code == 0
    assert held.held == {}
    assert "not in the keyring" in runner.invoke(token_command, ["forget", *where]).output
    none = runner.invoke(token_command, ["source", *where])
    assert isinstance(none.exception, AuthError)
    assert none.exception.exit_code is ExitCode.AUTH
    assert SECRET not in kept.output + told.output
