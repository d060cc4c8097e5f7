"""From files to what was found: which layout has which file, then drafts, then items.

Pure: the caller gives the paths, and a function that reads one of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from ghsync.errors import NoLayoutError
from ghsync.layouts import catalogue, frontmatter
from ghsync.layouts.base import Draft, Layout, LoadOptions
from ghsync.layouts.custom import OwnLayout
from ghsync.layouts.extras import enrich
from ghsync.layouts.frontmatter import Document
from ghsync.layouts.resolve import resolve
from ghsync.layouts.texts import Decoded
from ghsync.model import Finding, Item, Loaded, NotItem, Severity
from ghsync.values import dataclass

Reader = Callable[[str], Decoded]
OUTSIDE = "outside every layout"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A base folder, the layouts that recognise it in the order to ask them, and its files."""

    base: str
    layouts: tuple[Layout, ...]
    paths: tuple[str, ...]


def claims(paths: Sequence[str], options: LoadOptions) -> tuple[tuple[Claim, ...], list[str]]:
    """Which files belong to which layouts, and those that belong to none.

    The user's own layouts take what their globs match; the rest goes to the deepest base folder
    that a built-in layout recognises around it.

    Raises:
        UsageError: The options name a layout that does not exist.
    """
    outside = list(paths)
    for tier in catalogue.chosen(options):
        found, outside = _claims(paths, tier)
        if any(claim.paths for claim in found):
            return found, outside
    return (), list(outside)


def _claims(paths: Sequence[str], tier: Sequence[Layout]) -> tuple[tuple[Claim, ...], list[str]]:
    """Which files belong to which layouts of one tier."""
    found: list[Claim] = []
    rest = list(paths)
    built_in: list[Layout] = []
    for layout in tier:
        if not isinstance(layout, OwnLayout):
            built_in.append(layout)
            continue
        taken = tuple(path for path in rest if layout.kind(path) is not None)
        if taken:
            found.append(Claim(base="", layouts=(layout,), paths=taken))
            rest = [path for path in rest if layout.kind(path) is None]
    bases: dict[str, list[Layout]] = {}
    for layout in built_in:
        for base in layout.recognise(rest):
            bases.setdefault(base, []).append(layout)
    inside, outside = _assign(rest, bases)
    found += [
        Claim(base=base, layouts=tuple(bases[base]), paths=tuple(inside.get(base, ())))
        for base in sorted(bases)
    ]
    return tuple(found), outside


def _assign(
    paths: Iterable[str], bases: Mapping[str, object]
) -> tuple[Mapping[str, list[str]], list[str]]:
    """Each path under its deepest base, and the paths under none."""
    inside: dict[str, list[str]] = {}
    outside: list[str] = []
    for path in paths:
        folder = path.rpartition("/")[0]
        while folder not in bases and folder:
            folder = folder.rpartition("/")[0]
        (inside.setdefault(folder, []) if folder in bases else outside).append(path)
    return inside, outside


def gather(paths: Iterable[str], reader: Reader, options: LoadOptions, *, root: str) -> Loaded:
    """Load every item among these files; ``root`` is only named in messages.

    Raises:
        NoLayoutError: No layout recognises anything.
        UsageError: The options name a layout that does not exist.
    """
    files = sorted(paths)
    found, outside = claims(files, options)
    if not found:
        raise nothing_found(root, options, len(files))
    drafts: list[Draft] = []
    not_items = [NotItem(path=path, reason=OUTSIDE) for path in outside]
    findings: list[Finding] = []
    for claim in found:
        made, refused, said = _read(claim, reader, options)
        drafts += made
        not_items += refused
        findings += said
    if not drafts and all(layout in catalogue.FALLBACK for c in found for layout in c.layouts):
        raise nothing_found(root, options, len(files))
    items, resolved = resolve(drafts, options.repo)
    findings += resolved
    return Loaded(
        items=tuple(sorted(items, key=lambda i: (i.path, i.line, i.key))),
        not_items=tuple(sorted(not_items, key=lambda n: n.path)),
        findings=ordered(findings),
        layouts=_used(items, found),
    )


def ordered(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Findings by path and line."""
    return tuple(sorted(findings, key=lambda f: (f.path, f.line, f.code, f.message)))


def _used(items: Iterable[Item], found: Iterable[Claim]) -> tuple[str, ...]:
    """The layouts that gave items, or if none did, those that recognised a folder."""
    used = {item.layout for item in items}
    return tuple(sorted(used or {layout.name for claim in found for layout in claim.layouts}))


def _read(
    claim: Claim, reader: Reader, options: LoadOptions
) -> tuple[list[Draft], list[NotItem], list[Finding]]:
    """The drafts of one base: each layout takes what is its own and leaves the rest."""
    not_items: list[NotItem] = []
    documents: list[Document] = []
    for path in claim.paths:
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
    return list(enrich(drafts, documents, options)), not_items, findings


def document(path: str, decoded: Decoded) -> Document:
    """Read one decoded file; a file that is no text is a broken document with its finding."""
    finding = decoded.finding
    if finding is not None and finding.severity is Severity.ERROR:
        return Document(path=path, findings=(finding,), broken=True)
    read = frontmatter.parse(path, decoded.text)
    return replace(read, findings=(finding, *read.findings)) if finding else read


def nothing_found(root: str, options: LoadOptions, markdown: int) -> NoLayoutError:
    """The error that says what was looked for, and where."""
    tried = [layout for tier in catalogue.chosen(options) for layout in tier]
    looked = "; ".join(f"{layout.name}: {layout.looks_for}" for layout in tried)
    return NoLayoutError(
        f"No planning files recognised in {root} ({markdown} markdown files looked at). "
        f"Looked for {looked}.",
        hint="Give the folder that holds them, or run `ghsync init` to describe your own layout.",
    )
