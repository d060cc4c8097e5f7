"""How accounts and repositories come to be: on first use, with GitHub's default labels."""

from __future__ import annotations

from dataclasses import replace

from ghsync.model import SANDBOX_REPOS
from ghsync.sandbox.records import Label, RepoInfo, Role, Token, User
from ghsync.sandbox.state import Repo, State

DEFAULT_REPOSITORY = "sandbox/demo"
SANDBOX_LOGIN = "sandbox-user"
SANDBOX_TOKEN = "sandbox-token"  # noqa: S105 - opens nothing but this sandbox

_DEFAULT_LABELS = (
    ("bug", "d73a4a", "Something isn't working"),
    ("documentation", "0075ca", "Improvements or additions to documentation"),
    ("duplicate", "cfd3d7", "This issue or pull request already exists"),
    ("enhancement", "a2eeef", "New feature or request"),
    ("good first issue", "7057ff", "Good for newcomers"),
    ("help wanted", "008672", "Extra attention is needed"),
    ("invalid", "e4e669", "This doesn't seem right"),
    ("question", "d876e3", "Further information is requested"),
    ("wontfix", "ffffff", "This will not be worked on"),
)


def add_user(state: State, login: str, *, kind: str = "User", now: float = 0.0) -> User:
    """The account of that login, made if there is none."""
    found = state.user(login)
    if found is not None:
        return found
    user = User(id=state.new_id("user"), login=login, kind=kind, created_at=now)
    return state.put_user(user)


def seed(state: State) -> None:
    """The sandbox's own account and its token, where the state has none yet."""
    if not state.tokens:
        add_user(state, SANDBOX_LOGIN)
        state.put_token(Token(value=SANDBOX_TOKEN, login=SANDBOX_LOGIN))


def found_repo(state: State, info: RepoInfo, *, admin: str) -> Repo:
    """Make a repository with a new id; an owner that is no account becomes an organization."""
    owner = add_user(state, info.owner, kind="Organization", now=info.created_at)
    roles = {admin.casefold(): int(Role.ADMIN), **info.roles}
    # The time is in it, so that a sandbox that was removed and made again is another one.
    milliseconds = int(info.created_at * 1000)
    own = SANDBOX_REPOS + milliseconds * 1000 + state.new_id("repo") % 1000
    repo = state.put_repo(replace(info, id=own, owner=owner.login, roles=roles))
    for name, color, description in _DEFAULT_LABELS:
        state.put_label(
            Label(
                id=state.new_id("label"), repo=repo.info.id, name=name, color=color,
                description=description, default=True,
            )
        )  # fmt: skip
    return repo


def first_use(state: State, full_name: str, *, admin: str, now: float) -> Repo:
    """Make the repository that somebody names for the first time."""
    owner, _, name = full_name.partition("/")
    info = RepoInfo(id=0, owner=owner, name=name, created_at=now, updated_at=now)
    return found_repo(state, info, admin=admin)
