"""A map as a drawing: the nodes that take part, with those above them, and a curve for every value, condition and loop."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from html import escape

from studio.base.i18n import _
from studio.mapping import address
from studio.mapping.documented import CONSTANT, PARKED, WANTING, Documented
from studio.mapping.letters import loop_letter
from studio.mapping.lines import Bundle, LineKind, Visible, bundles
from studio.mapping.tree import Tree
from studio.schema.path import document_of

# The families of the loops, as the window shows them on light ground.
LOOP_COLORS = (
    "#0B666B", "#652A8E", "#96902A", "#D26B9A", "#4692D0", "#A64BA0", "#6963EC", "#333E4D",
)  # fmt: skip
TEXT, DIM, LINE, GROUND, MIDDLE, WANT, ACCENT = (
    "#1B1E23", "#5D6570", "#DCDFE3", "#FFFFFF", "#FAFBFC", "#8F4700", "#2A5FC4",
)  # fmt: skip
ROW, INDENT, TREE, LINKS, HEAD = 22, 14, 440, 320, 40
# About the width of a letter, to know where a name has to end.
_LETTER = 7.0
# Between two words of a row: spaces that no reader of SVG drops, as some drop dx.
_APART = "\u00a0\u00a0"


@dataclass(frozen=True)
class _Row:
    path: str
    depth: int
    name: str
    note: str = ""
    state: str = ""
    loop: int | None = None
    fixed: str = ""


@dataclass(frozen=True)
class Drawn:
    """What is drawn: the rows of both sides and the curves between them."""

    source: tuple[_Row, ...]
    target: tuple[_Row, ...]
    curves: tuple[Bundle, ...]

    @property
    def rows(self) -> int:
        """How many rows high it is."""
        return max(len(self.source), len(self.target), 1)


def svg_text(found: Documented) -> str:
    """The drawing as SVG; what is on no rule's way is left out, so that a large schema stays a small picture."""
    return svg_part(found, drawn(found))


def svg_part(found: Documented, drawn: Drawn, first: int = 0, count: int | None = None) -> str:
    """Some rows of the drawing, as a sheet of paper has room for; curves to other rows lead out of it."""
    shown = drawn.rows if count is None else count
    return "".join(_parts(found, drawn, range(first, first + shown)))


def drawn(found: Documented) -> Drawn:
    """The rows and curves of a documented map."""
    source = _rows(_sources(found), found.trees.source, _loops(found, source=True))
    states = {entry.path: entry.kind for entry in found.entries if entry.kind in (WANTING, PARKED)}
    target = _rows((entry.path for entry in found.entries), found.trees.target, _loops(found), states)
    fixed = {entry.path: entry.script for entry in found.entries if entry.kind == CONSTANT}
    target = [replace(row, fixed=fixed.get(row.path, "")) for row in target]
    shown = {entry.path for entry in found.entries}
    lines = [line for line in found.drawing.lines if line.target in shown]
    return Drawn(tuple(source), tuple(target), tuple(bundles(lines, _visible(source), _visible(target))))


def _sources(found: Documented) -> Iterator[str]:
    for entry in found.entries:
        yield from entry.sources


def _loops(found: Documented, *, source: bool = False) -> dict[str, int]:
    loops: dict[str, int] = {}
    for loop in found.drawing.loops:
        path = loop.source if source else loop.target
        if path is not None:
            loops.setdefault(path, loop.index)
    return loops


def _rows(
    paths: Iterable[str], tree: Tree, loops: Mapping[str, int], states: Mapping[str, str] | None = None
) -> list[_Row]:
    wanted = {up for path in paths for up in (path, *address.ancestors(path))}
    rows: list[_Row] = []
    document = ""
    for path in sorted(wanted, key=tree.order):
        name = document_of(path)
        if name != document:
            document = name
            rows.append(_Row("", 0, name, _("further document")))
        place = tree.find(path)
        shown = address.split(path)[-1].rpartition("::")[2] if address.split(path) else "/"
        note = str(place.node.occurs) if place is not None else ""
        depth = max(0, len(address.split(path)) - (0 if path.startswith("/") else 1)) + bool(name)
        rows.append(_Row(path, depth, shown or "/", note, (states or {}).get(path, ""), loops.get(path)))
    return rows


def _visible(rows: list[_Row]) -> Visible:
    at = {row.path: number for number, row in enumerate(rows) if row.path or row.name == "/"}

    def nearest(path: str) -> tuple[int, bool]:
        for up in (path, *address.ancestors(path)):
            if up in at:
                return at[up], up == path
        return -1, False

    return nearest


def _parts(found: Documented, drawn: Drawn, shown: range) -> Iterator[str]:
    width, height = 2 * TREE + LINKS, HEAD + ROW * len(shown) + ROW
    title = found.transformation.name + (f" · {found.page}" if found.page else "")
    yield f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
    yield f'role="img" font-family="system-ui,sans-serif" font-size="13" fill="{TEXT}">\n<title>{escape(title)}</title>\n'
    yield f'<rect width="{width}" height="{height}" fill="{GROUND}"/>\n'
    yield f'<rect x="{TREE}" width="{LINKS}" height="{height}" fill="{MIDDLE}" stroke="{LINE}"/>\n'
    for left, use in ((12, found.transformation.source), (TREE + LINKS + 12, found.transformation.target)):
        yield f'<text x="{left}" y="26" font-weight="600">{escape(_cut(use.schema.rpartition("/")[2], TREE - 24))}</text>\n'
    yield f'<text x="{TREE + LINKS / 2}" y="26" text-anchor="middle" font-weight="600">{escape(_cut(title, LINKS - 16))}</text>\n'
    yield f'<path d="M0 {HEAD - 4.5}H{width}" stroke="{LINE}"/>\n'
    passing = [bundle for bundle in drawn.curves if _passes(bundle, shown)]
    yield from (_link(bundle, shown.start) for bundle in passing)
    yield from (_mark(bundle, shown.start) for bundle in passing if _computed(bundle))
    for rows, left in ((drawn.source, 8), (drawn.target, TREE + LINKS + 20)):
        for number, row in enumerate(rows[shown.start : shown.stop]):
            yield _row(row, number, left)
    yield "</svg>\n"


def _row(row: _Row, number: int, left: int) -> str:
    x, y = left + row.depth * INDENT, HEAD + number * ROW + 15
    color = {WANTING: WANT, PARKED: DIM}.get(row.state, TEXT)
    style = ' font-weight="600"' if row.loop is not None or not row.path else ""
    style += ' text-decoration="line-through"' if row.state == PARKED else ""
    name = _cut(row.name, TREE - 60 - row.depth * INDENT)
    text = f'<text x="{x}" y="{y}" fill="{color}"{style} xml:space="preserve">{escape(name)}'
    note = (
        f'<tspan font-size="11" font-weight="400" fill="{DIM}">{_APART}{escape(row.note)}</tspan>'
        if row.note
        else ""
    )
    if row.state == WANTING:
        note += f'<tspan font-style="italic" font-weight="400">{_APART}{escape(_("needs a rule"))}</tspan>'
    if row.fixed:
        room = TREE - 80 - row.depth * INDENT - len(name) * _LETTER
        said = escape(_cut(" ".join(row.fixed.split()), room))
        note += f'<tspan font-size="12" font-weight="400" fill="{DIM}">{_APART}= {said}</tspan>'
    letter = ""
    if row.loop is not None:
        letter = f'<tspan font-size="11" font-weight="700" fill="{_color(row.loop)}">{_APART}{loop_letter(row.loop)}</tspan>'
    return f"{text}{note}{letter}</text>\n"


def _link(bundle: Bundle, first: int) -> str:
    start, end = (HEAD + (row - first) * ROW + ROW / 2 for row in (bundle.source_row, bundle.target_row))
    left, right, middle = TREE, TREE + LINKS, TREE + LINKS / 2
    kind = bundle.kind
    width = 3 if kind is LineKind.LOOP else 1.5
    dashes = {LineKind.CONDITION: ' stroke-dasharray="4 3"', LineKind.PARKED: ' stroke-dasharray="2 4"'}.get(
        kind, ""
    )
    color = DIM if kind is LineKind.PARKED else _color(bundle.loop)
    return (
        f'<path d="M{left} {start:g}C{middle:g} {start:g} {middle:g} {end:g} {right} {end:g}" fill="none" '
        f'stroke="{color}" stroke-width="{width}"{dashes}/>\n'
    )


def _passes(bundle: Bundle, shown: range) -> bool:
    low, high = sorted((bundle.source_row, bundle.target_row))
    return low < shown.stop and high >= shown.start


def _computed(bundle: Bundle) -> bool:
    return any(line.computed and line.kind is LineKind.VALUE for line in bundle.lines)


def _mark(bundle: Bundle, first: int) -> str:
    """The sign of a computed value on ground of its own: no curve goes through the letter."""
    right, end = TREE + LINKS, HEAD + (bundle.target_row - first) * ROW + ROW / 2
    color = DIM if bundle.kind is LineKind.PARKED else _color(bundle.loop)
    return (
        f'<rect x="{right - 20}" y="{end - 7:g}" width="13" height="14" fill="{MIDDLE}"/>\n'
        f'<text x="{right - 17}" y="{end + 4:g}" font-size="12" font-style="italic" fill="{color}">ƒ</text>\n'
    )


def _color(loop: int | None) -> str:
    return ACCENT if loop is None else LOOP_COLORS[loop % len(LOOP_COLORS)]


def _cut(text: str, room: float) -> str:
    most = max(4, int(room / _LETTER))
    return text if len(text) <= most else text[: most - 1] + "…"
