"""The content of a new file for an issue, with the fields that its layout's own files have."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TypeAlias

from ghsync.bases import alike
from ghsync.edit import EditError, FieldEdit
from ghsync.edit.bodies import trimmed
from ghsync.edit.lists import Way
from ghsync.edit.scalars import Quote, write
from ghsync.layouts import build, fields, frontmatter, markdown, names
from ghsync.model import FieldKind, Item, Key, Kind, State, StateReason
from ghsync.values import dataclass
from ghsync.writing import conventions, values, view, words
from ghsync.writing.conventions import Convention
from ghsync.writing.details import own_name, says
from ghsync.writing.places import Place, place
from ghsync.writing.references import spelled
from ghsync.writing.want import Form, Held, NewIssue, WriteSettings

_Value: TypeAlias = str | int | bool | tuple[str, ...] | None
_Field: TypeAlias = tuple[str, _Value]
_DEFAULT = WriteSettings()


@dataclass(frozen=True, slots=True, kw_only=True)
class NewFile:
    """A file that does not exist yet; ``unheld`` are the values that it does not hold."""

    path: str
    text: str
    item: Item
    """What it will be, as far as the naming of the next new file needs it."""
    unheld: tuple[Held, ...] = ()


def new_file(
    layout: str,
    issue: NewIssue,
    *,
    parent: Item | None,
    items: Sequence[Item],
    paths: Iterable[str],
    settings: WriteSettings = _DEFAULT,
    form: Form | None = None,
    safe: bool = False,
) -> NewFile:
    """The file of an issue that has none.

    ``items`` are all items of the repository, which show how files are named here, ``paths``
    all its files, and ``form`` is how they name what blocks them; with ``safe`` parent and
    blockers are named by their paths.

    Raises:
        EditError: The layout has no place for it, or the file would say something else.
    """
    if layout == "export":
        raise EditError(
            f"Issue #{issue.number} has no file, and its folder belongs to another tool.",
            hint="Let that tool write the file, or move to a layout of your own.",
        )
    custom = next((own for own in settings.custom if own.name == layout), None)
    where = place(layout, issue, parent, items, tuple(paths), custom)
    convention = conventions.of(layout, where.path, settings.custom)
    made = _Maker(layout, issue, parent, where, convention, settings, form, safe=safe)
    text = made.text()
    made.check(text)
    return NewFile(path=where.path, text=text, item=made.item(), unheld=made.unheld())


class _Maker:
    """Puts one file together."""

    def __init__(
        self,
        layout: str,
        issue: NewIssue,
        parent: Item | None,
        where: Place,
        convention: Convention,
        settings: WriteSettings,
        form: Form | None,
        *,
        safe: bool,
    ) -> None:
        self._layout, self._issue, self._parent = layout, issue, parent
        self._form, self._safe = form, safe
        self._where, self._convention, self._settings = where, convention, settings
        self._names = convention.names[issue.kind]
        own = convention.kind_labels.get(issue.kind, (issue.kind.value,))
        aside = {label.casefold() for label in own} | settings.own_labels | fields.NOTHING
        self._labels = tuple(label for label in issue.labels if label.casefold() not in aside)
        self._reason = None
        if issue.state is State.CLOSED:
            self._reason = issue.reason or StateReason.COMPLETED

    def text(self) -> str:
        """The whole file."""
        body = trimmed(self._issue.body)
        title = " ".join(self._issue.title.split())
        heading = self._issue.kind in self._convention.heading_first
        if heading and markdown.first_h1(body) != title:
            body = f"# {title}\n\n{body}".rstrip()
        if self._layout == "spec-kit" and self._issue.state is State.CLOSED:
            head, _, rest = body.partition("\n")
            body = f"{head}\n\n**Status**: {self._word()}\n{rest}".rstrip()
        given = {
            "ccpm": self._ccpm,
            "claudeautopm": self._autopm,
            "backlog": self._backlog,
            "spec-kit": list,
        }.get(self._layout, self._plain)()
        given += self._details() if given else []
        if not given:
            return f"{body}\n"
        lines = [line for name, value in given for line in self._lines(name, value)]
        return "\n".join(["---", *lines, "---", *(["", body] if body else [])]) + "\n"

    def _lines(self, name: str, value: _Value) -> list[str]:
        """One field as lines of YAML; for Backlog.md as its own tool writes them."""
        backlog = self._layout == "backlog"
        prefer = Quote.SINGLE if backlog else Quote.DOUBLE
        match value:
            case None:
                return [f"{name}:"]
            case bool():
                return [f"{name}: {str(value).lower()}"]
            case int():
                return [f"{name}: {value}"]
            case str():
                dates = ("created", "updated", *self._bare)  # a date or a number is meant
                plain = name in dates
                shown = write(value, old=Quote.PLAIN, prefer=prefer, same_type=plain)
                return [f"{name}: {shown}"]
            case ():
                return [f"{name}: []"]
            case tuple() if backlog:
                items = (write(text, old=Quote.PLAIN, prefer=prefer) for text in value)
                return [f"{name}:", *(f"  - {item}" for item in items)]
            case tuple():
                way = Way(prefer=prefer, bare=name == self._convention.blockers)
                parts = (way.write(text, Quote.PLAIN, flow=True) for text in value)
                return [f"{name}: [{', '.join(parts)}]"]

    # ------------------------------------------------------------------- by layout

    def _ccpm(self) -> list[_Field]:
        issue = self._issue
        times: list[_Field] = []
        if issue.created:
            times = [("created", issue.created), ("updated", issue.created)]
        found: list[_Field] = [("name", self._title()), ("status", self._word()), *times]
        if issue.kind is not Kind.PRD:
            found.append(("github", issue.url))
        if issue.kind is Kind.TASK:
            blockers: list[_Field] = [("depends_on", self._blockers())]
            found += [*blockers, ("parallel", True), ("conflicts_with", ())]
        if issue.kind is Kind.EPIC:
            found += self._parents()
        return [*found, *self._optional()]

    def _autopm(self) -> list[_Field]:
        found: list[_Field] = [("id", self._where.ident)] if self._where.ident else []
        if self._issue.kind is Kind.TASK and self._parent and self._parent.ident:
            found.append(("epic_id", self._parent.ident))
        found += [("title", self._title()), ("status", self._word())]
        if self._issue.kind is Kind.EPIC:
            found += self._parents()
        found.append(("github_issue", self._issue.number))
        if self._issue.created:
            found.append(("created", self._issue.created))
        return [*found, *self._optional()]

    def _backlog(self) -> list[_Field]:
        issue = self._issue
        found: list[_Field] = [
            ("id", self._where.ident),
            ("title", self._title()),
            ("status", self._word()),
            ("assignee", issue.assignees),
        ]
        if issue.created:
            found.append(("created_date", values.like("2000-01-01 00:00", issue.created)))
        found += [("labels", self._labels)]
        if issue.milestone:
            found.append(("milestone", self._milestone()))
        found.append(("dependencies", self._blockers()))
        return [*found, *self._parents()]

    def _plain(self) -> list[_Field]:
        issue, names_ = self._issue, self._names
        found: list[_Field] = []
        if self._where.ident:
            found.append((names_.ident[0], self._where.ident))
        found += [(names_.title[0], self._title()), (names_.status[0], self._word())]
        if self._layout == "folder" and issue.kind is not Kind.TASK:
            found.append(("type", issue.kind.value))
        if self._labels and names_.labels and self._layout != "bmad":
            found.append((names_.labels[0], self._labels))
        if "assignees" in self._convention.inserts and issue.assignees:
            found.append((names_.assignees[0], issue.assignees))
        if "milestone" in self._convention.inserts and issue.milestone:
            found.append((names_.milestone[0], self._milestone()))
        found += self._parents()
        if "recorded" in self._convention.inserts:
            found.append((names_.issue[0], issue.url))
        return found

    def _details(self) -> list[_Field]:
        """Type, issue fields, and what blocks it, where the layout's own lines do not say so."""
        found: list[_Field] = []
        issue, types = self._issue, self._settings.types
        other = issue.type is not None and not alike(issue.type, types.by_kind.get(issue.kind))
        if other and types.by_kind and "recorded" in self._convention.inserts:
            found.append((types.field, issue.type))
        for held in issue.fields:
            name = own_name(self._settings.fields, held.name)
            several = held.kind is FieldKind.MULTI_SELECT
            if name is not None:
                found.append((name, tuple(held.value.split(", ")) if several else held.value))
        said = self._layout == "backlog" or (self._layout == "ccpm" and issue.kind is Kind.TASK)
        if issue.blockers and self._convention.blockers is not None and not said:
            found.append((self._convention.blockers, self._blockers()))
        return found

    # ----------------------------------------------------------------------- parts

    @property
    def _bare(self) -> tuple[str, ...]:
        """The fields that hold a number or a date."""
        kinds = (FieldKind.NUMBER, FieldKind.DATE)
        held = (each.name for each in self._issue.fields if each.kind in kinds)
        names_ = self._settings.fields
        return tuple(own for name in held if (own := own_name(names_, name)) is not None)

    def _blockers(self) -> tuple[str, ...]:
        item = self._item()
        blockers = self._issue.blockers
        return tuple(spelled(each, item, self._form, safe=self._safe) for each in blockers)

    def _title(self) -> str:
        return " ".join(self._issue.title.split())

    def _milestone(self) -> str:
        title = self._issue.milestone or ""
        return (self._settings.milestones or {}).get(title, title)

    def _optional(self) -> list[_Field]:
        """Labels where the config lets files have them."""
        return [("labels", self._labels)] if self._labels and self._settings.labels else []

    def _parents(self) -> list[_Field]:
        """The field that names the parent, where its place does not."""
        candidates = self._convention.parent.get(self._issue.kind, ())
        if self._parent is None or not candidates:
            return []
        prd = self._parent.kind is Kind.PRD
        name = next((c for c in candidates if c.startswith("prd") is prd), candidates[0])
        return [(name, values.called(self._parent, safe=self._safe))]

    def _by_place(self) -> bool:
        """Whether the folder or the name says the parent."""
        return self._issue.kind is Kind.TASK and self._layout in ("ccpm", "claudeautopm", "bmad")

    def _word(self) -> str:
        return words.choose(
            self._item(),
            (self._issue.state, self._reason),
            had=None,
            words=self._convention.words[self._issue.kind],
            own=self._convention.statuses,
            vocabulary=self._settings.vocabulary,
        )

    def _item(self) -> Item:
        path = self._where.path
        return Item(
            key=build.key_of(path)
            if self._layout != "spec-kit"
            else Key(build.parent_folder(path)),
            kind=self._issue.kind,
            path=path,
            layout=self._layout,
            title=names.stem(path),
            body="",
        )

    def item(self) -> Item:
        """The item, with the place and the id that the next new file is numbered after."""
        return replace(
            self._item(),
            title=self._title(),
            state=self._issue.state,
            parent=self._parent.key if self._parent is not None else None,
            ident=self._where.ident,
        )

    # ----------------------------------------------------------------------- proof

    def check(self, text: str) -> None:
        """Read the file as the loader would: it must say what the issue says."""
        document = frontmatter.parse(self._where.path, text)
        lens = view.Lens(item=self._item(), convention=self._convention)
        seen = view.look(lens, document)
        wanted = (self._title(), self._issue.state, self._reason)
        if document.broken or (seen["title"], seen["state"], seen["reason"]) != wanted:
            raise EditError(
                f"A file for issue #{self._issue.number} ({self._where.path}) would not be read as "
                "what the issue says, so none was written.",
                hint="Write it by hand.",
            )
        self._seen = seen
        self._document = document

    def unheld(self) -> tuple[Held, ...]:
        """What the issue has and the file does not."""
        seen, issue = self._seen, self._issue
        missing: list[Held] = []
        own = {label.casefold() for label in self._labels}
        found = seen["labels"]
        if isinstance(found, frozenset) and not own <= found:
            missing.append("labels")
        if seen["assignees"] != frozenset(person.casefold() for person in issue.assignees):
            missing.append("assignees")
        if issue.milestone and seen["milestone"] not in (issue.milestone, self._milestone()):
            missing.append("milestone")
        if seen["body"] != trimmed(issue.body):
            missing.append("body")
        missing += self._details_missing()
        if self._parent is not None and not self._by_place() and not self._parents():
            missing.append("parent")
        return tuple(missing)

    def _details_missing(self) -> list[Held]:
        """Of type, fields and blockers what the file does not say, or not in these words."""
        issue, settings, document = self._issue, self._settings, self._document
        missing: list[Held] = []
        said = fields.word(document, (settings.types.field,))
        type_ = said.text if said is not None else settings.types.by_kind.get(issue.kind)
        if not alike(type_, issue.type):
            missing.append("type")
        for held in issue.fields:
            name = own_name(settings.fields, held.name)
            several = held.kind is FieldKind.MULTI_SELECT
            if name is not None:
                value = tuple(held.value.split(", ")) if several else held.value
                if not says(document, FieldEdit(name=name, value=value)):
                    missing.append("fields")
        names_ = {text.text for text in fields.many(document, self._names.blocked_by)}
        if not names_.issuperset(self._blockers()):
            missing.append("blocked_by")
        return list(dict.fromkeys(missing))
