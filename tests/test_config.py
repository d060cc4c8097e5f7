"""Settings: where each comes from, what is refused, and what ``ghsync init`` writes."""

from __future__ import annotations

import dataclasses
import tomllib
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ghsync.config import Config, Limits, RepoName, Source, load_config
from ghsync.config.git import api_url_of, parse_url, web_url_of
from ghsync.config.inittext import init_text
from ghsync.config.proposal import propose
from ghsync.config.settings import SETTINGS
from ghsync.config.tomlfile import read_settings
from ghsync.errors import ConfigError, ExitCode, UsageError
from ghsync.layouts.base import FieldNames
from ghsync.lint import Oversize
from ghsync.model import Kind, StateReason
from ghsync.threeway import OnConflict


def write(root: Path, files: Mapping[str, str]) -> Path:
    """Put files under a root."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


def git(root: Path, url: str, remote: str = "origin") -> None:
    """Make a root look like a checkout."""
    write(root, {".git/HEAD": "ref: x\n", ".git/config": f'[remote "{remote}"]\n\turl = {url}\n'})


def toml(root: Path, text: str) -> Path:
    """Write the root's ghsync.toml."""
    return write(root, {"ghsync.toml": text})


def message(root: Path, **kwargs: Mapping[str, str]) -> str:
    """The message of the error that these settings are."""
    with pytest.raises(UsageError) as caught:
        load_config(root, **kwargs)
    assert caught.value.exit_code is ExitCode.USAGE
    assert caught.value.hint
    return caught.value.message


class TestSources:
    def test_defaults(self, tmp_path: Path) -> None:
        """An empty folder needs no settings."""
        config = load_config(tmp_path)
        assert config.repo is None
        assert config.api_url == "https://api.github.com"
        assert config.settle == 20
        assert config.limits is Limits.GITHUB
        assert config.load_options.layouts == ()
        assert set(config.sources.values()) == {Source.DEFAULT}
        assert config.notices == ()

    def test_order(self, tmp_path: Path) -> None:
        """Option, environment, file, git remote: the first wins."""
        names = []
        git(tmp_path, "https://github.com/from/git")
        names.append(load_config(tmp_path).repo)
        toml(tmp_path, 'repo = "from/file"')
        names.append(load_config(tmp_path).repo)
        env = {"GITHUB_REPOSITORY": "from/env"}
        names.append(load_config(tmp_path, env=env).repo)
        config = load_config(tmp_path, env=env, options={"repo": "from/option", "settle": None})
        names.append(config.repo)
        assert [name.name for name in names if name] == ["git", "file", "env", "option"]
        assert config.sources["repo"] is Source.OPTION

    def test_absent_values(self, tmp_path: Path) -> None:
        """An empty variable, None and () count as not given."""
        toml(tmp_path, 'layout = "ccpm"\nsettle = "1m"\n')
        config = load_config(tmp_path, env={"GHSYNC_SETTLE": ""}, options={"layout": ()})
        assert config.layout == ("ccpm",)
        assert config.settle == 60
        assert load_config(tmp_path, env={"GHSYNC_SETTLE": "2.5"}).settle == 2.5

    def test_every_setting_of_a_file(self, tmp_path: Path) -> None:
        """Each setting arrives as its type, and where it belongs."""
        toml(
            tmp_path,
            """
            repo = "o/r"
            api_url = "https://ghe.example.com/api/v3/"
            layout = ["ccpm", "mine"]
            title = { epic = "Epic: {title}" }
            oversize = "truncate"
            limits = "cautious"
            settle = 5
            reserve = 100
            concurrency = 4
            max_time = "1.5h"
            on_conflict = "local"
            archived = true
            strict = true
            """,
        )
        config = load_config(tmp_path, options={"allow_changes": 7, "allow_dropped": True})
        assert config.api_url == "https://ghe.example.com/api/v3"
        assert config.file_url == "https://ghe.example.com/o/r/blob/HEAD"
        assert config.lint_settings.oversize is Oversize.TRUNCATE
        assert config.lint_settings.title == {Kind.EPIC: "Epic: {title}"}
        assert config.lint_settings.file_url == config.file_url
        assert config.plan_settings.on_conflict is OnConflict.LOCAL
        assert config.allow_changes == 7
        assert config.plan_settings.archived
        assert config.load_options.layouts == ("ccpm", "mine")
        assert (config.reserve, config.concurrency, config.max_time) == (100, 4, 5400)
        assert config.strict
        assert config.allow_dropped
        assert config.limits is Limits.CAUTIOUS

    def test_sandbox(self, tmp_path: Path) -> None:
        """The sandbox has a repository even where none is named."""
        config = load_config(tmp_path, options={"sandbox": True})
        assert str(config.repo) == "sandbox/demo"
        assert config.file_url is None
        named = load_config(tmp_path, options={"sandbox": True, "repo": "o/r"})
        assert str(named.repo) == "o/r"

    def test_pyproject(self, tmp_path: Path) -> None:
        """[tool.ghsync] serves as well; beside a ghsync.toml it is ignored with a notice."""
        write(tmp_path, {"pyproject.toml": '[project]\nname = "x"\n[tool.ghsync]\nreserve = 3\n'})
        config = load_config(tmp_path)
        assert (config.reserve, config.file) == (3, "pyproject.toml")
        toml(tmp_path, "reserve = 4")
        config = load_config(tmp_path)
        assert (config.reserve, config.file) == (4, "ghsync.toml")
        assert config.notices == (
            "ghsync.toml is used; [tool.ghsync] in pyproject.toml is ignored",
        )

    @pytest.mark.parametrize("text", ["not toml at all [", "[tool.other]\nx = 1", ""])
    def test_another_pyproject(self, tmp_path: Path, text: str) -> None:
        """A pyproject.toml that is not about ghsync does not matter, whatever is in it."""
        write(tmp_path, {"pyproject.toml": text})
        assert load_config(tmp_path).file is None

    def test_bom(self, tmp_path: Path) -> None:
        """A byte-order mark is no part of the first key."""
        (tmp_path / "ghsync.toml").write_bytes(b"\xef\xbb\xbfreserve = 1\r\n")
        assert load_config(tmp_path).reserve == 1

    def test_config_is_complete(self) -> None:
        """Every setting is a field of Config; nothing else is decided by users."""
        fields = {field.name for field in dataclasses.fields(Config)}
        derived = {"root", "custom", "commit", "sources", "file", "inside", "notices", "given"}
        assert fields - derived == {setting.name for setting in SETTINGS}


class TestMistakes:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("\nsetle = 3", "ghsync.toml:2: unknown setting 'setle'; did you mean 'settle'?"),
            ("qqqq = 3", "ghsync.toml:1: unknown setting 'qqqq'; known: api_url, "),
            ("settle = true", "ghsync.toml:1: settle must be a number of seconds"),
            ("settle = -1", "settle must be a number of seconds"),
            ("settle = nan", "settle must be a number of seconds"),
            ('settle = "soon"', "not 'soon'"),
            ("reserve = 1.5", "reserve must be a whole number, at least 0, not 1.5"),
            ("concurrency = 0", "at least 1, not 0"),
            ('strict = "yes"', "strict must be true or false, not 'yes'"),
            ('oversize = "cut"', "oversize must be one of refuse, truncate, not 'cut'"),
            ("repo = 3", "repo must be OWNER/NAME"),
            ('repo = "justname"', "repo must be OWNER/NAME"),
            ('repo = "a/b/c"', "repo must be OWNER/NAME"),
            ('repo = "-a/b"', "repo must be OWNER/NAME"),
            ('repo = "a/.."', "repo must be OWNER/NAME"),
            ('repo = "https://github.com/a/b"', "repo must be OWNER/NAME"),
            ('title = "Epic"', "title must hold {title} exactly once"),
            ('title = "{title} {title}"', "exactly once"),
            ('title = { story = "{title}" }', "title has no kind 'story'; known: prd, epic, task"),
            ("title = 3", "title must be a text"),
            ("layout = 3", "layout must be a text or a list of texts"),
            ("layout = [1]", "layout must be a text or a list of texts"),
            ("allow_changes = 3", "cannot be set in a file; give --allow-changes each time"),
            ("sandbox = true", "give --sandbox each time"),
            ("a = = 3", "ghsync.toml:1: Invalid value (column 5)"),
            ('x = 1\ny = "open\n', "ghsync.toml:2: Illegal character"),
            ("x = [1,", "ghsync.toml: "),
            ('layouts = ["ccpm"]', "to choose layouts, set `layout`"),
            ("[layouts.mine]\n", "ghsync.toml:1: layouts.mine names no files"),
            ("[layouts.CCPM]\ntask = 'a'", "ghsync.toml:1: layouts.CCPM has the name of a layout"),
            ("layouts.mine = 3", "layouts.mine must be a table"),
            (
                "[layouts.mine]\ntasks = ['a']",
                "ghsync.toml:2: unknown setting 'layouts.mine.tasks'",
            ),
            ("[layouts.mine]\ntask = ['/a']", "must hold globs relative to the root"),
            ("[layouts.mine]\ntask = ['../a/*.md']", "must hold globs relative to the root"),
            ("[layouts.m]\ntask = 'a'\n[layouts.m.fields]\ntitel = 'x'", "did you mean 'title'?"),
            ("[layouts.m]\ntask = 'a'\nfields.title = 3", "ghsync.toml:3: layouts.m.fields.title"),
            ("[layouts.m]\ntask = 'a'\nstatus.done = 'x'", "known: closed, not_planned, open"),
            (
                "[layouts.m]\ntask = 'a'\n[layouts.m.status]\nopen = 'x'\nclosed = 'x'",
                "ghsync.toml:5: layouts.m.status.closed has 'x', which stands in another list, too",
            ),
            ("[layouts.m]\ntask = 'a'\ntitle = ''", "layouts.m.title must be a text"),
            ("[layouts.m]\ntask = 'a'\nlabels.story = 'x'", "known: epic, prd, task"),
        ],
    )
    def test_in_a_file(self, tmp_path: Path, text: str, expected: str) -> None:
        """A mistake is named with its file and line, and what would be right."""
        assert expected in message(toml(tmp_path, text))

    def test_in_pyproject(self, tmp_path: Path) -> None:
        """The line is that of pyproject.toml, also inside its table."""
        write(tmp_path, {"pyproject.toml": "[project]\nstrict=1\n\n[tool.ghsync]\nstrict = 1\n"})
        assert message(tmp_path).startswith("pyproject.toml:5: strict must be true or false")
        write(tmp_path, {"pyproject.toml": "tool.ghsync = 3\n"})
        assert "tool.ghsync must be a table" in message(tmp_path)

    def test_in_the_environment(self, tmp_path: Path) -> None:
        """A wrong variable is named."""
        text = message(tmp_path, env={"GITHUB_REPOSITORY": "oops"})
        assert text.startswith("the environment variable GITHUB_REPOSITORY must be OWNER/NAME")

    def test_in_an_option(self, tmp_path: Path) -> None:
        """A wrong option is named; one that does not exist is a bug of the caller."""
        assert message(tmp_path, options={"repo": "oops"}).startswith("--repo must be OWNER/NAME")
        with pytest.raises(TypeError, match="nonsense"):
            load_config(tmp_path, options={"nonsense": 1})

    def test_unreadable(self, tmp_path: Path) -> None:
        """A file that is no text, or no file, and a root that is no folder are errors."""
        (tmp_path / "ghsync.toml").write_bytes(b"repo = '\xff'")
        assert "byte 8 is not UTF-8" in message(tmp_path)
        (tmp_path / "ghsync.toml").unlink()
        (tmp_path / "ghsync.toml").mkdir()
        assert "ghsync.toml cannot be read" in message(tmp_path)
        assert "is not a folder" in message(tmp_path / "nowhere")

    @pytest.mark.parametrize(
        ("url", "expected"),
        [
            ("http://example.com", "must be https"),
            ("ftp://example.com", "must be an address"),
            ("example.com", "must be an address"),
            ("https://", "must be an address"),
            ("https://user:secret@example.com", "must not hold a user"),
            ("https://example.com?x=1", "must end after its path"),
            ("https://github.com", "https://api.github.com"),
            ("https://[::1", "is no address"),
            ("https://host:99999", "is no address"),
        ],
    )
    def test_api_url(self, tmp_path: Path, url: str, expected: str) -> None:
        """An address that could leak a token or is none is refused, without showing secrets."""
        text = message(tmp_path, env={"GITHUB_API_URL": url})
        assert expected in text
        assert "secret" not in text

    @pytest.mark.parametrize(
        "url",
        ["http://127.0.0.1:8080", "http://localhost:1", "http://[::1]:80", "https://h/api/v3"],
    )
    def test_good_api_url(self, tmp_path: Path, url: str) -> None:
        """Plain http is for this machine only."""
        assert load_config(tmp_path, env={"GITHUB_API_URL": url + "/"}).api_url == url

    @given(text=st.text(alphabet="abc.[]\"'= \n#1{},-", max_size=60))
    def test_any_text(self, text: str, tmp_path_factory: pytest.TempPathFactory) -> None:
        """Whatever a file holds, it is read or refused, and never anything else."""
        root = tmp_path_factory.mktemp("any")
        toml(root, text)
        try:
            load_config(root)
        except ConfigError as error:
            assert error.message.startswith("ghsync.toml")  # noqa: PT017


class TestCustom:
    def test_a_full_one(self, tmp_path: Path) -> None:
        """Everything that a layout of one's own can say."""
        toml(
            tmp_path,
            """
            [layouts.mine]
            epic = "plans/*/epic.md"
            task = ["plans/**/*.md", "todo/*.md"]
            ignore = ["**/README.md"]
            archived = ["old/**"]
            title = "{id}: {title}"
            [layouts.mine.fields]
            title = "summary"
            blocked_by = ["needs", "after"]
            [layouts.mine.status]
            open = ["qa"]
            closed = ["live"]
            not_planned = ["dropped"]
            [layouts.mine.labels]
            task = ["work item"]
            [layouts.other]
            task = "x.md"
            """,
        )
        mine, other = load_config(tmp_path).custom
        assert (mine.name, other.name) == ("mine", "other")
        assert mine.kinds == (
            ("plans/*/epic.md", Kind.EPIC),
            ("plans/**/*.md", Kind.TASK),
            ("todo/*.md", Kind.TASK),
        )
        assert mine.ignore == ("**/README.md",)
        assert mine.archived == ("old/**",)
        assert mine.title == "{id}: {title}"
        assert mine.fields == FieldNames(title=("summary",), blocked_by=("needs", "after"))
        assert mine.statuses == {
            "qa": None,
            "live": StateReason.COMPLETED,
            "dropped": StateReason.NOT_PLANNED,
        }
        assert mine.labels == {Kind.TASK: ("work item",)}
        assert other.kinds == (("x.md", Kind.TASK),)
        assert other.title == "{title}"


class TestGit:
    @pytest.mark.parametrize(
        ("url", "host"),
        [
            ("https://github.com/o/r.git", "github.com"),
            ("https://github.com/o/r/", "github.com"),
            ("https://user:token@GitHub.com/o/r", "github.com"),
            ("https://www.github.com/o/r", "github.com"),
            ("git@github.com:o/r.git", "github.com"),
            ("org-123@github.com:o/r", "github.com"),
            ("github.com:o/r", "github.com"),
            ("ssh://git@github.com/o/r.git", "github.com"),
            ("ssh://git@ssh.github.com:443/o/r.git", "github.com"),
            ("git://github.com/o/r", "github.com"),
            ("ssh://git@ghe.example.com:2222/o/r", "ghe.example.com"),
            ("https://ghe.example.com:8443/o/r", "ghe.example.com:8443"),
            ("git@octo.ghe.com:o/r.git", "octo.ghe.com"),
        ],
    )
    def test_forms(self, url: str, host: str) -> None:
        """Every form of a remote's address is understood."""
        assert parse_url(url) == (host, RepoName("o", "r"))

    @pytest.mark.parametrize(
        "url",
        ["", "/srv/git/o/r.git", "../r", "C:/o/r", "file:///o/r", "https://github.com/o",
         "https://github.com/o/sub/r", "https://[::1/o/r", "git@github.com:", "https:///o/r"],
    )  # fmt: skip
    def test_no_repository(self, url: str) -> None:
        """What names no owner and repository on a host is none."""
        assert parse_url(url) is None

    @pytest.mark.parametrize(
        ("host", "api", "web"),
        [
            ("github.com", "https://api.github.com", "https://github.com"),
            ("octo.ghe.com", "https://api.octo.ghe.com", "https://octo.ghe.com"),
            ("git.example.com", "https://git.example.com/api/v3", "https://git.example.com"),
            ("git.example.com:8443", "https://git.example.com:8443/api/v3",
             "https://git.example.com:8443"),
        ],
    )  # fmt: skip
    def test_hosts(self, host: str, api: str, web: str) -> None:
        """A host has an API and a web address."""
        assert api_url_of(host) == api
        assert web_url_of(api) == web

    def test_an_alias_has_no_api(self) -> None:
        """A host without a dot is an alias of the user's ssh configuration."""
        assert api_url_of("work") is None
        assert web_url_of("http://127.0.0.1:8000") is None

    def test_enterprise_server(self, tmp_path: Path) -> None:
        """The remote's host decides the API, unless the environment does."""
        git(tmp_path, "git@ghe.example.com:o/r.git")
        config = load_config(tmp_path)
        assert config.api_url == "https://ghe.example.com/api/v3"
        assert config.sources["api_url"] is Source.GIT
        env = {"GITHUB_API_URL": "http://127.0.0.1:1"}
        assert load_config(tmp_path, env=env).api_url == "http://127.0.0.1:1"

    def test_other_forges(self, tmp_path: Path) -> None:
        """Another forge is no GitHub Enterprise Server: no token may go there."""
        git(tmp_path, "https://gitlab.com/o/r.git")
        config = load_config(tmp_path)
        assert (config.repo, config.api_url) == (None, "https://api.github.com")
        assert config.notices == ("the git remote is at gitlab.com, which is not GitHub",)
        assert load_config(tmp_path, options={"repo": "o/r"}).notices == ()

    def test_which_remote(self, tmp_path: Path) -> None:
        """The remote origin counts, or the only one there is."""
        config = (
            "[core]\n\tbare = false\n"
            '[remote "fork"]\n\turl = https://github.com/me/r\n'
            '[remote "origin"] ; the main one\n\turl = "https://github.com/o/r" # here\n'
            "\turl = https://github.com/second/r\n"
            '[branch "main"]\n\turl = https://github.com/no/no\n'
        )
        write(tmp_path, {".git/HEAD": "", ".git/config": config})
        assert str(load_config(tmp_path).repo) == "o/r"
        write(tmp_path, {".git/config": config.replace('"origin"', '"upstream"')})
        assert load_config(tmp_path).repo is None
        git(tmp_path, "https://github.com/only/r", "upstream")
        assert str(load_config(tmp_path).repo) == "only/r"

    def test_inside_a_checkout(self, tmp_path: Path) -> None:
        """A root below the checkout's top finds it, and links name the way."""
        git(tmp_path, "https://github.com/o/r")
        (tmp_path / "docs" / "plans").mkdir(parents=True)
        config = load_config(tmp_path / "docs" / "plans")
        assert config.file_url == "https://github.com/o/r/blob/HEAD/docs/plans"

    def test_worktree(self, tmp_path: Path) -> None:
        """A worktree's .git file leads to the common configuration."""
        git(tmp_path / "main", "https://github.com/o/r")
        common = tmp_path / "main" / ".git" / "worktrees" / "w"
        write(tmp_path, {"w/.git": f"gitdir: {common}\n"})
        write(common, {"commondir": "../..\n", "HEAD": ""})
        assert str(load_config(tmp_path / "w").repo) == "o/r"

    def test_submodule(self, tmp_path: Path) -> None:
        """A submodule's .git file leads to its own configuration, by a relative path."""
        write(tmp_path, {"sub/.git": "gitdir: ../.git/modules/sub\n"})
        write(
            tmp_path,
            {".git/modules/sub/config": '[remote "origin"]\nurl = https://github.com/o/sub\n'},
        )
        assert str(load_config(tmp_path / "sub").repo) == "o/sub"

    @pytest.mark.parametrize("text", ["", "gitdir:\n", "gitdir: nowhere\n", "gitdir: \x00\xff"])
    def test_broken(self, tmp_path: Path, text: str) -> None:
        """What git itself would not understand is no checkout."""
        write(tmp_path, {"x/.git": text})
        assert load_config(tmp_path / "x").repo is None


TASK = "---\nid: 1\nsummary: A\nstatus: open\n---\nText\n"


class TestInit:
    def check(self, root: Path, text: str) -> Config:
        """The text is a valid ghsync.toml, as it is and with every line used."""
        toml(root, text)
        used = "\n".join(
            line.removeprefix("# ") if " = " in line or line.startswith("# [") else line
            for line in text.splitlines()
            if not line.startswith("# = ")
        )
        tomllib.loads(used)
        toml(root, used)
        load_config(root)
        toml(root, text)
        return load_config(root)

    def test_recognised(self, tmp_path: Path) -> None:
        """Where layouts are recognised every setting stands there as a comment."""
        text = init_text(tmp_path, ["ccpm"])
        config = self.check(tmp_path, text)
        assert 'layout = ["ccpm"]' in text
        assert config.custom == ()
        assert set(config.sources.values()) == {Source.DEFAULT}
        for setting in SETTINGS:
            assert (f"\n# {setting.name} = " in text) is setting.in_file

    def test_commented_defaults(self, tmp_path: Path) -> None:
        """Using a commented line whose default is a value changes nothing."""
        plain = load_config(tmp_path)
        for setting in SETTINGS:
            if setting.in_file and setting.example is None:
                line = next(
                    line
                    for line in init_text(tmp_path).splitlines()
                    if line.startswith(f"# {setting.name} = ")
                )
                toml(tmp_path, line.removeprefix("# "))
                config = load_config(tmp_path)
                assert getattr(config, setting.name) == getattr(plain, setting.name)
                assert config.sources[setting.name] is Source.FILE
                (tmp_path / "ghsync.toml").unlink()

    def test_nothing_there(self, tmp_path: Path) -> None:
        """An empty folder gets an example, commented out."""
        assert self.check(tmp_path, init_text(tmp_path)).custom == ()

    def test_proposal(self, tmp_path: Path) -> None:
        """Folders that look like items become a layout that works at once."""
        write(
            tmp_path,
            {
                "docs/stories/a.md": TASK,
                "docs/stories/README.md": "# no item",
                "docs/epics/one.md": "# One",
                "notes/n1.md": TASK,
                "notes/n2.md": TASK,
                "essays/e1.md": "# Essay",
                "essays/e2.md": "# Essay",
                "node_modules/x/tasks/t.md": TASK,
                **{f"teams/t{n}/tasks/x.md": TASK for n in range(3)},
                "teams/t1/tasks/archive/y.md": TASK,
                "teams/t1/tasks/archive/z.md": TASK,
            },
        )
        (mine,) = self.check(tmp_path, init_text(tmp_path)).custom
        assert mine.kinds == (
            ("docs/epics/*.md", Kind.EPIC),
            ("docs/stories/*.md", Kind.TASK),
            ("notes/*.md", Kind.TASK),
            ("teams/*/tasks/*.md", Kind.TASK),
            ("teams/t1/tasks/archive/*.md", Kind.TASK),
        )
        assert mine.archived == ("teams/t1/tasks/archive/*.md",)
        assert mine.fields == FieldNames(title=("summary",))

    def test_odd_names(self, tmp_path: Path) -> None:
        """Folder names that mean something in globs or TOML do no harm."""
        write(tmp_path, {'a["*]b\\/tasks/x.md': TASK, 'q"uote/tasks/x.md': TASK})
        (mine,) = self.check(tmp_path, init_text(tmp_path)).custom
        assert [glob for glob, _ in mine.kinds] == ['a?"??b?/tasks/*.md', 'q"uote/tasks/*.md']

    def test_links_are_not_followed(self, tmp_path: Path) -> None:
        """A link in a circle does not keep init busy."""
        write(tmp_path, {"tasks/x.md": TASK})
        (tmp_path / "tasks" / "loop").symlink_to(tmp_path)
        found = propose(tmp_path)
        assert found is not None
        assert found.files == 1


def test_documented() -> None:
    """The documentation has one row for each setting, and it says what the code does."""
    text = (Path(__file__).parent.parent / "docs" / "configuration.md").read_text(encoding="utf-8")
    for setting in SETTINGS:
        default = setting.shown_default or _shown(setting.default)
        row = (
            f"| `{setting.name}` | {setting.kind} | {default} "
            f"| {_code(setting.env)} | {_code(setting.option)} "
            f"| {'' if setting.in_file else 'not in a file. '}{setting.doc} |"
        )
        assert row in text, row
    for field in dataclasses.fields(FieldNames):
        names = ", ".join(f"`{name}`" for name in getattr(FieldNames(), field.name))
        assert f"| `{field.name}` | {names} |" in text


def _code(text: str | None) -> str:
    return f"`{text}`" if text else "–"


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "`true`" if value else "`false`"
    if isinstance(value, float):
        return f"`{value:g}`"
    return f"`{value}`"


def test_settings_file_is_optional(tmp_path: Path) -> None:
    """No file is no settings."""
    assert read_settings(tmp_path) is None
