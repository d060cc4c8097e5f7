"""Which repository a checkout belongs to, read from git's files without running git."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from ghsync.config.values import RepoName, is_loopback, repo_name
from ghsync.patterns import regex
from ghsync.regularfile import read_regular
from ghsync.values import dataclass

_OTHER_FORGES = (
    "gitlab.com", "bitbucket.org", "codeberg.org", "sr.ht", "dev.azure.com", "visualstudio.com",
    "gitea.com", "gitee.com", "huggingface.co", "sourceforge.net", "gist.github.com",
)  # fmt: skip
_LARGEST = 1 << 20
"""Bytes of a file of git's that is read here."""
_SECTION = regex(r'\[\s*([\w.-]+)(?:\s+"((?:[^"\\]|\\.)*)")?\s*\]')
_PAIR = regex(r"([A-Za-z][\w-]*)\s*=\s*(.*)")
_SCP = regex(r"(?:[^@/\s]+@)?(\[[^\]]+\]|[^:/\s\[\]]+):(?!//)(.+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class GitRemote:
    """What a checkout's remote says."""

    repo: RepoName | None = None
    api_url: str | None = None
    """``None`` when the host is not known to be one: an alias of the user's ssh configuration."""
    inside: str = ""
    """The root's path inside the checkout, ``""`` at its top; POSIX."""
    notices: tuple[str, ...] = ()


def find_remote(root: Path) -> GitRemote:
    """Read ``origin`` (or the only remote) of the checkout that the root lies in."""
    found = _checkout(root.resolve())
    if found is None:
        return GitRemote()
    top, config = found
    inside = root.resolve().relative_to(top).as_posix()
    inside = "" if inside == "." else inside
    urls = _remote_urls(config)
    url = urls.get("origin") or (next(iter(urls.values())) if len(urls) == 1 else None)
    if url is None:
        return GitRemote(inside=inside)
    parsed = parse_url(url)
    if parsed is None:
        return GitRemote(inside=inside)
    host, repo = parsed
    if any(host == other or host.endswith("." + other) for other in _OTHER_FORGES):
        return GitRemote(
            inside=inside, notices=(f"the git remote is at {host}, which is not GitHub",)
        )
    return GitRemote(repo=repo, api_url=api_url_of(host), inside=inside)


def parse_url(url: str) -> tuple[str, RepoName] | None:
    """Take a remote's address apart, in its https, ssh, git and scp forms.

    Gives the host, with its port for http and https, and the repository; ``None`` for a path on
    this machine and for what has not exactly an owner and a name.
    """
    url = url.strip()
    if "://" in url:
        try:
            parts = urlsplit(url)
            host, port = (parts.hostname or "").lower(), parts.port
        except ValueError:
            return None
        if parts.scheme not in {"https", "http", "ssh", "git", "git+ssh", "git+https"}:
            return None
        if port is not None and parts.scheme.endswith(("http", "https")) and port not in {80, 443}:
            host = f"{host}:{port}"
        path = parts.path
    else:
        scp = _SCP.fullmatch(url)
        if scp is None or len(scp[1]) == 1:  # one letter: a Windows drive
            return None
        host, path = scp[1].lower(), scp[2]
    host = {"ssh.github.com": "github.com", "www.github.com": "github.com"}.get(host, host)
    try:
        return (host, repo_name(path.strip("/").removesuffix(".git"))) if host else None
    except ValueError:
        return None


def api_url_of(host: str) -> str | None:
    """The API of a GitHub host: github.com, SUB.ghe.com, or a GitHub Enterprise Server."""
    if host == "github.com":
        return "https://api.github.com"
    if host.endswith(".ghe.com"):
        return f"https://api.{host}"
    name = host.rsplit(":", 1)[0]
    if "." not in name or is_loopback(name):
        return None
    return f"https://{host}/api/v3"


def web_url_of(api_url: str) -> str | None:
    """The web host that belongs to an API, for links; ``None`` for a loopback server."""
    parts = urlsplit(api_url)
    host = parts.hostname or ""
    if is_loopback(host):
        return None
    if host == "api.github.com" or host.endswith(".ghe.com"):
        return f"https://{host.removeprefix('api.')}"
    return f"{parts.scheme}://{parts.netloc}"


def _checkout(folder: Path) -> tuple[Path, Path] | None:
    """The checkout's top folder and its git configuration, as git looks for them: upwards."""
    for top in (folder, *folder.parents):
        dot = top / ".git"
        if dot.is_dir():
            return (top, dot / "config") if (dot / "HEAD").exists() else None
        if dot.is_file():  # a worktree or a submodule: "gitdir: PATH"
            word, _, target = _first_line(dot).partition(":")
            if word != "gitdir" or not target.strip():
                return None
            git_dir = top / target.strip()
            common = _first_line(git_dir / "commondir").strip()
            return top, (git_dir / common if common else git_dir) / "config"
    return None


def _first_line(path: Path) -> str:
    """The first line of a small file, empty if there is none."""
    try:
        return (_text(path).splitlines() or [""])[0]
    except (OSError, ValueError):  # ValueError: a NUL in the path
        return ""


def _text(path: Path) -> str:
    return read_regular(path, _LARGEST).decode("utf-8", "replace")


def _remote_urls(config: Path) -> Mapping[str, str]:
    """Remote to its first address, from git's configuration file."""
    try:
        text = _text(config)
    except (OSError, ValueError):
        return {}
    urls: dict[str, str] = {}
    remote: str | None = None
    for raw in text.replace("\\\n", "").splitlines():
        line = raw.strip()
        if section := _SECTION.match(line):
            is_remote = section[1].lower() == "remote" and section[2] is not None
            remote = section[2] if is_remote else None
            line = line[section.end() :].strip()
        pair = _PAIR.match(line)
        if remote is not None and pair is not None and pair[1].lower() == "url":
            urls.setdefault(remote, _unquoted(pair[2]))
    return urls


def _unquoted(value: str) -> str:
    """A value without its quotes and the comment behind it."""
    if value.startswith('"'):
        return value[1:].partition('"')[0]
    return re.split(r"\s[#;]|^[#;]", value, maxsplit=1)[0].strip()
