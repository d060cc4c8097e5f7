"""How a file names the items that block it: as its list does, else so that nobody else is meant."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from ghsync.edit import FieldEdit
from ghsync.layouts import build, fields, names, references
from ghsync.layouts.frontmatter import Document
from ghsync.model import Item
from ghsync.writing import conventions
from ghsync.writing.conventions import Convention
from ghsync.writing.values import Names, called
from ghsync.writing.want import Blocker, Blockers, Form, WriteSettings

_SAFE: Form = "path"
"""What means one item wherever it stands."""
_NEAR: frozenset[Form] = frozenset({"stem", "number", "file"})
"""What means the item beside a file."""
_OWN: Mapping[str, Form] = {"ccpm": "stem", "export": "plain issue"}
"""What a layout's own tool looks for."""


def edits(
    document: Document, item: Item, convention: Convention, wanted: Blockers, *, safe: bool
) -> list[FieldEdit] | None:
    """The changes of the fields that name blockers; ``None`` where there is no place for them."""
    candidates = convention.names[item.kind].blocked_by
    found = Names(document, candidates, fields.NOTHING)
    gone = {text for each in wanted.drop for text in _said(found.known, each, item, wanted)}
    if len(gone) < len(wanted.drop):
        return None  # it is named in a way that is not understood, or together with another
    form = wanted.form or _form_of(document, item, convention, wanted.had)
    new = [spelled(each, item, form, safe=safe) for each in wanted.add]
    bare = any(text.isdigit() for text in new)
    if not document.has_frontmatter and convention.opens and convention.blockers and new:
        return [FieldEdit(name=convention.blockers, value=tuple(new), bare=bare, open=True)]
    changes = found.changes(new, gone, insert=convention.blockers)
    if changes is None:
        return None
    return [FieldEdit(name=c.name, value=c.value, after=c.after, bare=bare) for c in changes]


def form_of(
    document: Document, item: Item, settings: WriteSettings, had: Iterable[Blocker]
) -> Form | None:
    """The form in which most of a file's blockers are named; ``None`` where it names none."""
    convention = conventions.of(item.layout, item.path, settings.custom)
    return _form_of(document, item, convention, had)


def _form_of(
    document: Document, item: Item, convention: Convention, had: Iterable[Blocker]
) -> Form | None:
    candidates = convention.names[item.kind].blocked_by
    texts = {text.text.strip() for text in fields.many(document, candidates)}
    counts: Counter[Form] = Counter()
    for each in had:
        counts.update(form for form, text in _forms(each, item).items() if text in texts)
    return max(counts, key=lambda form: counts[form], default=None)


def spelled(blocker: Blocker, item: Item, form: Form | None, *, safe: bool = False) -> str:
    """A blocker's name, as the file of an item writes it; with ``safe`` its path."""
    forms = _forms(blocker, item)
    beside = build.parent_folder(blocker.item.path) == build.parent_folder(item.path)
    if safe or (not beside and form in _NEAR):
        form = _SAFE
    if form is None:
        form = _OWN.get(item.layout)
        form = _SAFE if form in _NEAR and not beside else form
    if form is None or form not in forms:
        form = "ident" if "ident" in forms else "stem" if beside and "stem" in forms else _SAFE
    return forms[form] if form in forms else str(blocker.item.key)


def _forms(blocker: Blocker, item: Item) -> Mapping[Form, str]:
    """What an item may be called in the file of another, as far as it has such a name."""
    other, number = blocker.item, blocker.number
    forms: dict[Form, str] = {"key": str(other.key)}
    if other.ident:
        forms["ident"] = other.ident
    if "#" not in other.key:
        stem = names.stem(other.path)
        forms |= {"stem": stem, "path": called(other, safe=True)}
        if build.parent_folder(other.path) == build.parent_folder(item.path):
            forms["file"] = f"{stem}.md"
        short = names.of_file(other.path)[0]
        if short:
            forms["number"] = short[0]
    if number is not None:
        forms |= {"issue": f"#{number}", "plain issue": str(number)}
    return forms


def _said(
    known: Mapping[str, str], blocker: Blocker, item: Item, wanted: Blockers
) -> Sequence[str]:
    """The texts (by their folded form) that mean a blocker, and none of the others."""
    others = [each for each in wanted.had if each.item.key != blocker.item.key]
    found = []
    for key, text in known.items():
        mine = _rank(text, blocker, item)
        if mine and all(_rank(text, each, item) < mine for each in others):
            found.append(key)
    return found


def _rank(text: str, blocker: Blocker, item: Item) -> int:
    """How well a text fits an item: 0 not, 1 by a name, 2 as a neighbour, 3 as it is written."""
    other = blocker.item
    beside = build.parent_folder(other.path) == build.parent_folder(item.path)
    written = _forms(blocker, item).items()
    if any(text.strip() == name and (beside or form not in _NEAR) for form, name in written):
        return 3
    spelled_as = references.spellings(text)
    idents = names.of_ident(other.ident) if other.ident else ((), ())
    called = {name for kind in (*names.of_file(other.path), *idents) for name in kind}
    called |= {names.fold(name) for name in _forms(blocker, item).values()}
    if not any(names.fold(name.removesuffix(".md")) in called for name in spelled_as):
        return 0
    return 2 if beside else 1
