"""Maps over the largest schemas: how long they take to open, to scroll and to search, on the canvas of the window."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Iterator

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtWidgets import QApplication

from studio.mapping.lines import draw
from studio.mapping.model import Mapping, Rule
from studio.mapping.tree import Tree, Trees
from studio.schema.model import MANY, OPTIONAL, Kind, Node, Place, Type, ValueType
from studio.schema.read import read_schema
from tests.bench.bench_canvas import FRAME, row_of, settle, timed, wheel
from tests.bench.bench_schema import CORPORA
from ui import theme
from ui.app import application
from ui.canvas.canvas import MappingCanvas
from ui.canvas.link_index import Side
from ui.canvas.scene import Scene
from ui.canvas.shape import NO_SHAPE, RowKind
from ui.canvas.views import View

ROWS = 5_000
LINKS = 2_500
STEPS = 100
SCHEMAS = (
    ("FHIR, one file", "xsd/fhir-r4-single/fhir-single.xsd", "Patient", "name"),
    ("UBL Invoice", "xsd/ubl-2.1/maindoc/UBL-Invoice-2.1.xsd", "Invoice", "PostalZone"),
    ("Salesforce partner", "wsdl/salesforce-partner-v66/sforce.660.partner.wsdl", "create", "sObject"),
)


def run() -> Iterator[dict[str, object]]:
    """Milliseconds of processor time: first paint of a map over a schema, unfolding, a wheel step in both trees, a search, a view."""
    app = application()
    theme.apply(app, "light", strong=False)
    for case, file, root, word in SCHEMAS:
        started = time.process_time()
        schema = read_schema(CORPORA / file)
        read = (time.process_time() - started) * 1000
        yield row_of(case, "schema read, without a cache", read)
        yield from _map(app, case, lambda schema=schema, root=root: schema.root(root), word)  # type: ignore[misc]
    yield from _map(app, "1,000,000 leaves", million, "f77_88_99")


def million() -> Place:
    """A tree of 100 groups of 100 records of 100 fields, each with a name of its own; made as it is unfolded."""

    def fields(group: int, record: int) -> tuple[Node, ...]:
        text = Type("text", value=ValueType())
        return tuple(Node(f"f{group}_{record}_{n}", Kind.ELEMENT, text, occurs=OPTIONAL) for n in range(100))

    def records(group: int) -> tuple[Node, ...]:
        return tuple(
            Node(f"r{group}_{n}", Kind.ELEMENT, Type(f"R{group}_{n}", children=lambda n=n: fields(group, n)), occurs=MANY)
            for n in range(100)
        )  # fmt: skip

    groups = tuple(
        Node(f"g{n}", Kind.ELEMENT, Type(f"G{n}", children=lambda n=n: records(n)), occurs=OPTIONAL)
        for n in range(100)
    )
    return Place.root(Node("root", Kind.ELEMENT, Type("Root", children=lambda: groups)))


def _map(app: QApplication, case: str, root: Callable[[], Place], word: str) -> Iterator[dict[str, object]]:
    started = time.process_time()
    trees = Trees(Tree(root()), Tree(root()))
    scene = Scene(trees)
    canvas = MappingCanvas(scene)
    canvas.resize(1600, 900)
    canvas.show()
    app.processEvents()
    yield row_of(case, "first paint of an empty map", (time.process_time() - started) * 1000)
    _unfold(canvas)
    scene = _mapped(canvas, trees)
    canvas.show_scene(scene, NO_SHAPE)
    settle(app)
    rows, links = len(canvas.rows[Side.TARGET]), len(scene.links)
    case = f"{case}, {rows:,} rows a side, {links:,} links"
    views = [canvas.source, canvas.target]
    times = sorted(timed(lambda: wheel(app, views)) for _ in range(STEPS))
    yield row_of(case, "wheel step, both trees, median", statistics.median(times), FRAME)
    yield row_of(case, "wheel step, both trees, p95", times[int(len(times) * 0.95)], 2 * FRAME)
    canvas.links._come_to_rest()
    yield row_of(case, "pretty repaint", timed(lambda: app.processEvents()), 100)
    yield row_of(case, "fold", timed(lambda: (canvas.target.toggle(1), app.processEvents())), 100)
    for view in (View.MAPPED, View.ALL):
        work = lambda view=view: (canvas.narrowing.show_view(Side.TARGET, view), app.processEvents())  # type: ignore[misc] # noqa: E731
        yield row_of(case, f"view: {view.value}", timed(work), 150)
    yield from _search(app, canvas, case, word)
    canvas.close()
    canvas.deleteLater()
    settle(app)


def _search(app: QApplication, canvas: MappingCanvas, case: str, word: str) -> Iterator[dict[str, object]]:
    """A filter over types nobody unfolded, slice by slice as the window works it off, then its matches shown."""
    rows = canvas.rows[Side.TARGET]
    search = rows.start_filter(word)
    assert search is not None
    work, slices = search.work(), []
    while not search.done:
        slices.append(timed(lambda: next(work, None)))
    yield row_of(case, f"search “{word}”, all of it", sum(slices))
    yield row_of(case, "its longest slice", max(slices), 50)

    def show() -> None:
        rows.finish_filter(search)
        canvas.relink()
        app.processEvents()

    yield row_of(case, "its matches shown", timed(show), 100)


def _unfold(canvas: MappingCanvas) -> None:
    """Unfold both trees level by level until they have enough rows, or nothing is left to unfold."""
    for rows in canvas.rows.values():
        while len(rows) < ROWS:
            closed = [
                row for row in rows
                if row.expandable and row.kind is not RowKind.INSTEAD and not rows.is_expanded(row)
            ]  # fmt: skip
            if not closed:
                break
            # Some of every level: fields are to be seen, too.
            rows.set_expanded(closed[:: max(1, len(closed) // 8)][: max(1, (ROWS - len(rows)) // 20)], True)
    canvas.relink()


def _mapped(canvas: MappingCanvas, trees: Trees) -> Scene:
    """Every other field onto itself, with a second operand for every fifth."""
    fields = [row.path for row in canvas.rows[Side.TARGET] if row.kind is RowKind.NODE and not row.expandable]
    rules = []
    for at, path in enumerate(fields[:: max(1, len(fields) // LINKS)]):
        other = f" + [/{fields[(at * 7) % len(fields)]}]" if at % 5 == 0 else ""
        rules.append(Rule(path, script=f"[/{path}]{other}"))
    mapping = Mapping(tuple(rules))
    return Scene(trees, mapping, draw(mapping, trees))
