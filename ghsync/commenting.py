"""One comment on an issue or a pull request that is found again and kept up to date.

It is known by a hidden first line, the marker, and by its author: anybody can write that line, and
whoever wrote a comment may edit it later, so another's comment is never taken for ours.
"""

from __future__ import annotations

from enum import StrEnum

from ghsync.model import IssueNumber
from ghsync.remote import wire
from ghsync.remote.client import Client
from ghsync.values import dataclass


class Fate(StrEnum):
    """What became of the comment."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    NOT_NEEDED = "not needed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What became of the comment, and where it is."""

    fate: Fate
    url: str = ""


async def keep_comment(
    client: Client, repo: str, number: IssueNumber, body: str, *, marker: str, start: bool = True
) -> Kept:
    """Put ``body`` below ``marker`` into our comment; make it where there is none.

    Without ``start`` a comment is only updated, never made. A create of unclear outcome is looked
    for once and not repeated. Raises :class:`~ghsync.remote.errors.ApiError`.
    """
    text = f"{marker}\n{body}"
    own = await _own(client, repo, number, marker)
    if own is None and not start:
        return Kept(fate=Fate.NOT_NEEDED)
    if own is not None:
        if own.body.replace("\r\n", "\n").rstrip() == text.rstrip():
            return Kept(fate=Fate.UNCHANGED, url=own.html_url)
        try:
            return await _update(client, repo, own, text)
        except (wire.NotFound, wire.Gone):
            pass  # somebody deleted it since
    request = wire.create_comment(repo, number, text)
    try:
        answer = await client.send(request)
    except wire.UnknownOutcome:
        own = await _own(client, repo, number, marker)
        if own is None:
            raise
        return await _update(client, repo, own, text)
    made = wire.parse_posted(answer.data, request=request.label)
    return Kept(fate=Fate.CREATED, url=made.html_url)


async def _update(client: Client, repo: str, own: wire.PostedComment, text: str) -> Kept:
    await client.send(wire.update_comment(repo, own.id, text))
    return Kept(fate=Fate.UPDATED, url=own.html_url)


async def _own(
    client: Client, repo: str, number: IssueNumber, marker: str
) -> wire.PostedComment | None:
    """Our comment, the oldest if there are several; the account is asked for only if need be."""
    request = wire.list_comments(repo, number)
    found = [
        comment
        async for answer in client.pages(request)
        for each in (answer.data if isinstance(answer.data, list) else ())
        if (comment := wire.parse_posted(each, request=request.label)).body.startswith(marker)
    ]
    if not found:
        return None
    login = await _login(client)
    return next((c for c in found if (c.by_app if login is None else c.author == login)), None)


async def _login(client: Client) -> str | None:
    """Whose the token is; ``None`` for an app's, such as the one of GitHub Actions."""
    request = wire.get_user()
    try:
        answer = await client.send(request)
    except wire.Forbidden:
        return None
    return wire.parse_login(answer.data, request=request.label)
