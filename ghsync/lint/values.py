"""What an item itself holds: refused as a whole, or mended value by value."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from ghsync import render
from ghsync.lint.base import (
    ASSIGNEES_MAX,
    BODY_MAX,
    LABEL_MAX,
    LABELS_MAX,
    LOCK_LABEL,
    TITLE_MAX,
    LintSettings,
    Oversize,
    Work,
    in_order,
)
from ghsync.model import Item, Key, Severity
from ghsync.patterns import regex

_LOGIN = regex(r"[A-Za-z0-9](?:[A-Za-z0-9]|-(?=[A-Za-z0-9])){0,38}(?:_[A-Za-z0-9]+)?")
_LOGIN_MAX = 39
_BOT = "[bot]"


# ------------------------------------------------------------------- refused as a whole


def refused_items(items: Sequence[Item], work: Work) -> dict[Key, str]:
    """Set apart what GitHub would refuse, and what the loader could not vouch for.

    An error that the loader gives a key is about the whole item: an unreadable file, two files
    that record one issue. The key may belong to no item here; its issue is left alone then.
    """
    refused: dict[Key, str] = {}
    for finding in in_order(work.findings):
        if finding.severity is Severity.ERROR and finding.key is not None:
            refused.setdefault(finding.key, finding.message)
    places: defaultdict[Key, list[Item]] = defaultdict(list)
    for item in items:
        places[item.key].append(item)
    for key, same in places.items():
        if len(same) > 1:
            where = ", ".join(f"{item.path}:{item.line}" for item in same)
            reason = f"several items have the key {key!r}: {where}; rename all but one"
            refused[key] = reason
            for item in same:
                work.error("duplicate_key", item, reason)
        elif key not in refused:
            found = _whole(same[0], work.settings)
            if found is not None:
                code, reason = found
                refused[key] = reason
                work.error(code, same[0], reason)
    return refused


def _whole(item: Item, settings: LintSettings) -> tuple[str, str] | None:
    """The code and the reason why GitHub would refuse this item, if it would."""
    title = render.title(item, settings.title)
    if not render.one_line(item.title):
        return "empty_title", "the title is empty; give the file a title"
    if len(title) > TITLE_MAX:
        return (
            "title_too_long",
            f"the title has {len(title)} characters, GitHub allows {TITLE_MAX}: shorten it",
        )
    if settings.oversize is Oversize.REFUSE and not _fits(item):
        return (
            "body_too_long",
            f"the body has {render.wire_length(item):,} characters with ghsync's marker, GitHub "
            f'allows {BODY_MAX:,}: split the file, or set oversize = "truncate" in ghsync.toml',
        )
    return None


def _fits(item: Item) -> bool:
    """Whether the body may be sent; only long ones are rendered to see (12: ``%xx`` four times)."""
    if len(item.body) + 12 * len(item.key) + 100 <= BODY_MAX:
        return True
    return render.wire_length(item) <= BODY_MAX


# -------------------------------------------------------------------------- mended


def mend(item: Item, work: Work) -> Item:
    """Leave out the values that GitHub would refuse; the same item where nothing changes."""
    labels = item.labels
    if labels not in work.clean_labels:
        labels = _labels(item, work)
    assignees = item.assignees
    if assignees not in work.clean_assignees:
        assignees = _assignees(item, work)
    milestone = (render.one_line(item.milestone) or None) if item.milestone else None
    body = item.body
    if not _fits(item):
        body = _truncated(item, work)
    if (labels, assignees, milestone) == (item.labels, item.assignees, item.milestone) and (
        body is item.body
    ):
        work.clean_labels.add(labels)
        work.clean_assignees.add(assignees)
        return item
    return replace(item, labels=labels, assignees=assignees, milestone=milestone, body=body)


def _labels(item: Item, work: Work) -> tuple[str, ...]:
    """The labels that GitHub takes, each once without regard to case."""
    kept: dict[str, str] = {}
    for raw in item.labels:
        name = render.one_line(raw)
        first = kept.get(name.casefold())
        if not name or name == first:
            continue
        if "," in name:
            work.warn("label_comma", item, f"label {name!r} has a comma and is left out")
        elif is_reserved(name):
            work.warn(
                "label_reserved",
                item,
                f"label {name!r} is ghsync's own (a push holds it as a lock) and is left out",
            )
        elif len(name) > LABEL_MAX:
            work.warn(
                "label_too_long",
                item,
                f"label {_short(name)!r} has {len(name)} characters, GitHub allows {LABEL_MAX}; "
                "it is left out",
            )
        elif first is not None:
            work.say(
                Severity.INFO,
                "label_twice",
                item,
                f"labels {first!r} and {name!r} differ only in case, which GitHub does not tell "
                f"apart; {first!r} is used",
            )
        else:
            kept[name.casefold()] = name
    return _first(tuple(kept.values()), LABELS_MAX, "labels", item, work)


def is_reserved(label: str) -> bool:
    """Whether a label is the remote lock's, or one that a broken lock is renamed to."""
    folded = label.casefold()
    return folded == LOCK_LABEL or folded.startswith(f"{LOCK_LABEL}-")


def _assignees(item: Item, work: Work) -> tuple[str, ...]:
    """The logins that can be assigned, each once without regard to case."""
    kept: dict[str, str] = {}
    for raw in item.assignees:
        login = render.one_line(raw).removeprefix("@")
        folded = login.casefold()
        if not login or folded in kept:
            continue
        if not is_login(login):
            work.warn(
                "assignee_no_login",
                item,
                f"assignee {_short(login)!r} is no GitHub login and is left out",
            )
        elif work.assignable is not None and folded not in work.assignable:
            work.warn(
                "assignee_not_assignable",
                item,
                f"assignee {login!r} cannot be assigned in this repository and is left out",
            )
        else:
            kept[folded] = login
    return _first(tuple(kept.values()), ASSIGNEES_MAX, "assignees", item, work)


def is_login(text: str) -> bool:
    """Whether GitHub could have an account of this name.

    Letters, digits and single hyphens inside, at most 39; ``name_company`` for managed users,
    ``name[bot]`` for apps.
    """
    name = text.removesuffix(_BOT)
    return len(name) <= _LOGIN_MAX and _LOGIN.fullmatch(name) is not None


def _first(
    values: tuple[str, ...], most: int, what: str, item: Item, work: Work
) -> tuple[str, ...]:
    """The first so many values, with a warning that counts the others."""
    if len(values) > most:
        rest = ", ".join(repr(value) for value in values[most : most + 5])
        more = " …" if len(values) > most + 5 else ""
        work.warn(
            f"too_many_{what}",
            item,
            f"{len(values)} {what}, GitHub allows {most}; left out: {rest}{more}",
        )
    return values[:most]


def _short(text: str) -> str:
    """Enough of a long value to find it."""
    return text if len(text) <= 60 else f"{text[:57]}…"


def _truncated(item: Item, work: Work) -> str:
    """Cut a body at a paragraph; the note stands on top, where no open fence swallows it."""
    url = work.settings.file_url
    name = item.path.replace("`", "'")
    file = f"[`{name}`]({url.rstrip('/')}/{_url_path(item.path)})" if url else f"`{name}`"
    note = f"> Cut off: the text is longer than GitHub allows. The whole is in {file}.\n\n"
    body = render.canonical(item.body)
    room = BODY_MAX - (render.wire_length(item) - len(render.issue_body(item))) - len(note)
    end = body.rfind("\n\n", room // 2, room)
    if end < 0:
        end = body.rfind("\n", room // 2, room)
    if end < 0:
        end = room
    work.warn(
        "body_truncated",
        item,
        f"the body has {len(body):,} characters; the first {end:,} are sent, with a link to "
        "the file",
    )
    return render.canonical(note + body[:end])


def _url_path(path: str) -> str:
    """A path that cannot end a markdown link; the marker's encoding serves."""
    return render.quote(path)
