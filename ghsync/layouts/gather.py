"""From files to what was found: which layout has which file, then drafts, then items.

Pure: the caller gives the paths, and a function that reads one of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from ghsync.errors import NoLayoutError
from ghsync.layouts import build, catalogue, frontmatter
from ghsync.layouts.base import Draft, Layout, LoadOptions
from ghsync.layouts.frontmatter import Document
from ghsync.layouts.resolve import resolve
from ghsync.layouts.texts import Decoded
from ghsync.model import Finding, Key, Loaded, NotItem, Severity

Reader = Callable[[str], Decoded]
OUTSIDE = "outside every layout"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A base folder and the layouts that recognise it, in the order to ask them."""

    base: str
    layouts: tuple[Layout, ...]


def claims(paths: Sequence[str], options: LoadOptions) -> tuple[Claim, ...]:
    """The bases that the layouts recognise in these paths.

    Raises:
        UsageError: The options name a layout that does not exist.
    """
    found: dict[str, list[Layout]] = {}
    for layout in catalogue.chosen(options):
        for base in layout.recognise(paths):
            found.setdefault(base, []).append(layout)
    return tuple(Claim(base=base, layouts=tuple(found[base])) for base in sorted(found))


def assign(paths: Iterable[str], bases: Sequence[Claim]) -> Mapping[str, list[str]]:
    """Each path under its deepest base; ``OUTSIDE`` holds the rest."""
    known = {claim.base for claim in bases}
    assigned: dict[str, list[str]] = {OUTSIDE: []}
    for path in paths:
        folder = path.rpartition("/")[0]
        while folder not in known and folder:
            folder = folder.rpartition("/")[0]
        assigned.setdefault(folder if folder in known else OUTSIDE, []).append(path)
    return assigned


def gather(paths: Iterable[str], reader: Reader, options: LoadOptions, *, root: str) -> Loaded:
    """Load every item among these files; ``root`` is only named in messages.

    Raises:
        NoLayoutError: No layout recognises anything.
        UsageError: The options name a layout that does not exist.
    """
    ordered = sorted(paths)
    bases = claims(ordered, options)
    if not bases:
        raise nothing_found(root, options, len(ordered))
    assigned = assign(ordered, bases)
    drafts: list[Draft] = []
    not_items = [NotItem(path=path, reason=OUTSIDE) for path in assigned[OUTSIDE]]
    findings: list[Finding] = []
    for claim in bases:
        made, refused, found = _read(claim, assigned.get(claim.base, []), reader)
        drafts += made
        not_items += refused
        findings += found
    items, resolved = resolve(drafts)
    findings += resolved
    used = {item.layout for item in items}
    return Loaded(
        items=tuple(sorted(items, key=lambda i: (i.path, i.line, i.key))),
        not_items=tuple(sorted(not_items, key=lambda n: n.path)),
        findings=tuple(sorted(findings, key=lambda f: (f.path, f.line, f.code, f.message))),
        layouts=tuple(sorted(used)) or tuple(sorted({x.name for c in bases for x in c.layouts})),
    )


def _read(
    claim: Claim, paths: Sequence[str], reader: Reader
) -> tuple[list[Draft], list[NotItem], list[Finding]]:
    """The drafts of one base: each layout takes what is its own and leaves the rest."""
    not_items: list[NotItem] = []
    documents: list[Document] = []
    for path in paths:
        reason = claim.layouts[0].refuse(claim.base, path)
        if reason is None:
            documents.append(document(path, reader(path)))
        else:
            not_items.append(NotItem(path=path, reason=reason))
    drafts: list[Draft] = []
    findings: list[Finding] = []
    rest: Sequence[Document] = documents
    for layout in claim.layouts:
        reading = layout.read(claim.base, rest)
        drafts += reading.drafts
        not_items += reading.not_items
        findings += reading.findings
        rest = reading.rest
    not_items += [NotItem(path=d.path, reason="no layout takes it") for d in rest]
    return drafts, not_items, findings


def document(path: str, decoded: Decoded) -> Document:
    """Read one decoded file; a file that is no text is a broken document with its finding."""
    finding = decoded.finding
    if finding is not None and finding.severity is Severity.ERROR:
        return Document(path=path, findings=(finding,), broken=True)
    read = frontmatter.parse(path, decoded.text)
    return replace(read, findings=(finding, *read.findings)) if finding else read


def nothing_found(root: str, options: LoadOptions, markdown: int) -> NoLayoutError:
    """The error that says what was looked for, and where."""
    looked = "; ".join(f"{x.name}: {x.looks_for}" for x in catalogue.chosen(options))
    return NoLayoutError(
        f"No planning files recognised in {root} ({markdown} markdown files looked at). "
        f"Looked for {looked}.",
        hint="Give the folder that holds them, or run `ghsync init` to describe your own layout.",
    )


def key_of(path: str) -> Key:
    """The key that a file of this path would have."""
    return build.key_of(path)
