"""What a map's documentation says of each rule: one list that the forms HTML, CSV and SVG are made of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from studio.base.i18n import _
from studio.mapping import check, pages
from studio.mapping.lines import Drawing, Line, LineKind, Linker
from studio.mapping.loops import explain
from studio.mapping.model import Rule, Transformation
from studio.mapping.tree import Trees
from studio.schema.model import Place

MAPPED, LOOP, CONSTANT, WANTING, PARKED = "mapped", "loop", "constant", "wanting", "parked"


@dataclass(frozen=True)
class Entry:
    """One target node: `kind` is one of the words above, `sources` what its rule reads, `options` a loop in words."""

    path: str
    kind: str
    type: str = ""
    occurs: str = ""
    script: str = ""
    loop: str = ""
    when: str = ""
    options: str = ""
    sources: tuple[str, ...] = ()
    note: str = ""
    about: str = ""
    letter: int | None = None

    @property
    def state(self) -> str:
        """The kind as people read it."""
        return {
            MAPPED: _("mapped"), LOOP: _("loop"), CONSTANT: _("constant"), WANTING: _("mandatory, no rule"),
            PARKED: _("parked"),
        }[self.kind]  # fmt: skip


@dataclass(frozen=True)
class Documented:
    """A map as it is documented: its entries in schema order, wanting ones among them, parked ones at the end."""

    transformation: Transformation
    trees: Trees
    drawing: Drawing
    entries: tuple[Entry, ...] = field(default=())
    page: str = ""

    def count(self, kind: str) -> int:
        """How many entries are of a kind."""
        return sum(entry.kind == kind for entry in self.entries)


def documented(transformation: Transformation, trees: Trees, page: str = "") -> Documented:
    """What the documentation of a map says, of one page of it where one is named."""
    found = None
    for found in working(transformation, trees, page):  # noqa: B007
        pass
    assert found is not None
    return found


def working(transformation: Transformation, trees: Trees, page: str = "") -> Iterator[Documented | None]:
    """`documented` in steps between which a window can breathe; what comes last is the result."""
    linker = Linker(trees)
    for _step in linker.warm(transformation.mapping):
        yield None
    drawing = linker.draw(transformation.mapping)
    yield None
    reads: dict[str, list[Line]] = {}
    for line in drawing.lines:
        reads.setdefault(line.target, []).append(line)
    entries = []
    for number, rule in enumerate(transformation.mapping.rules):
        entries.append(_entry(rule, transformation, trees, reads.get(rule.path, []), drawing))
        if number % 100 == 99:
            yield None
    wanting = check.missing(transformation.mapping, trees)
    entries += [_described(Entry(path, WANTING), trees.target.find(path)) for path in wanting]
    entries.sort(key=lambda entry: trees.target.order(entry.path))
    entries += [
        Entry(rule.path, PARKED, script=rule.script or "", loop=rule.loop or "", when=rule.when or "", note=rule.note)
        for rule in transformation.mapping.parked
    ]  # fmt: skip
    yield Documented(transformation, trees, drawing, tuple(_on_page(entries, transformation, page)), page)


def _on_page(entries: Iterable[Entry], transformation: Transformation, page: str) -> Iterator[Entry]:
    shown = transformation.pages.get(page) if page else None
    for entry in entries:
        if shown is None or pages.on_page(entry.path, shown):
            yield entry


def _entry(
    rule: Rule, transformation: Transformation, trees: Trees, lines: list[Line], drawing: Drawing
) -> Entry:
    sources = tuple(dict.fromkeys(line.source for line in lines))
    kind = LOOP if rule.loops else MAPPED if sources or rule.script is None else CONSTANT
    said = explain(transformation.mapping, trees, rule.path) if rule.loops else None
    loop = drawing.loop_at(rule.path) if rule.loops else None
    inside = next((line.loop for line in lines if line.kind is not LineKind.LOOP), None)
    made = Entry(
        rule.path, kind, script=rule.script or "", loop=rule.loop or rule.each or "", when=rule.when or "",
        options=said.sentence if said is not None else "", sources=sources, note=rule.note,
        letter=loop.index if loop is not None else inside,
    )  # fmt: skip
    return _described(made, trees.target.find(rule.path))


def _described(entry: Entry, place: Place | None) -> Entry:
    if place is None:
        return entry
    node = place.node
    return Entry(
        entry.path, entry.kind, node.value.name if node.value is not None else "", str(node.occurs), entry.script,
        entry.loop, entry.when, entry.options, entry.sources, entry.note, " ".join(node.documentation.split()),
        entry.letter,
    )  # fmt: skip
