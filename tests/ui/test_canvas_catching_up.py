"""A canvas that follows edits a part at a time ends where one made anew stands, whatever happens in between."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from studio.mapping import connect, edits, remap
from studio.mapping.evidence import Evidence, Seen
from studio.mapping.lines import Linker
from studio.mapping.model import Mapping, Rule
from tests.mapping.orders import invoices_map, orders_and_invoices
from ui import theme
from ui.canvas.canvas import MappingCanvas
from ui.canvas.link_index import Side
from ui.canvas.overview import marks_of
from ui.canvas.scene import Scene
from ui.canvas.shape import Shape, source_shape_of, target_shape

INVOICE = "invoices/invoice"
SOURCES = ["orders/order/@id", "orders/order/placed", "orders/order/customer/name", "orders/order/freight"]
TARGETS = [
    f"{INVOICE}/note", f"{INVOICE}/dueDate", f"{INVOICE}/buyer/email", f"{INVOICE}/seller/city",
    f"{INVOICE}/collection/shop", f"{INVOICE}/total",
]  # fmt: skip


class Map:
    """A map as an editor keeps it: each scene is made of the one before."""

    def __init__(self) -> None:
        self.trees = orders_and_invoices()
        self.linker = Linker(self.trees)
        self.mapping = invoices_map()
        self.evidence = Evidence(1, 1, target={f"{INVOICE}/@number": Seen("7", 1)})
        self.scene = self._made(None)

    def take(self, mapping: Mapping) -> None:
        self.mapping = mapping
        self.scene = self._made(self.scene)

    def _made(self, before: Scene | None) -> Scene:
        made = Scene(self.trees, self.mapping, self.linker.draw(self.mapping), evidence=self.evidence)
        if before is not None:
            made.take_over(before)
        return made

    def fresh(self) -> Scene:
        drawing = Linker(self.trees).draw(self.mapping)
        return Scene(self.trees, self.mapping, drawing, evidence=self.evidence)


def _shapes(scene: Scene) -> tuple[Shape, Shape]:
    def admitted(_path: str) -> bool:
        return False

    return (
        target_shape(scene.ruled_above, {}, (), admitted),
        source_shape_of(scene.linked_above, (), admitted),
    )


def _edited(map: Map, dice: random.Random) -> Mapping:
    target = dice.choice(TARGETS)
    match dice.randrange(6):
        case 0:
            return edits.set_script(
                map.mapping, target, dice.choice(["'x'", "[@id]", "[placed] + [@id]"]), map.trees.target
            )
        case 1:
            return connect.map_field(map.mapping, map.trees, dice.choice(SOURCES), target)
        case 2:
            return edits.unmap(map.mapping, [target], map.trees)
        case 3:
            return edits.set_when(map.mapping, target, "[freight] > 1", map.trees.target)
        case 4:
            return edits.duplicate(map.mapping, f"{INVOICE}/party", map.trees.target)
        case _:
            return edits.put(map.mapping, Rule(f"{INVOICE}/party/name", script="[@status]"), map.trees.target)


@pytest.fixture
def shown(qtbot: QtBot, qapp: QApplication) -> Iterator[tuple[Map, MappingCanvas]]:
    theme.apply(qapp, "light", strong=False)
    map = Map()
    canvas = MappingCanvas(map.scene)
    canvas.show_scene(map.scene, *_shaped(map.scene))
    canvas.resize(1000, 700)
    canvas.show()
    qtbot.waitExposed(canvas)
    yield map, canvas
    canvas.close()
    canvas.deleteLater()


def _shaped(scene: Scene) -> tuple[Shape, frozenset[str], Shape]:
    target, source = _shapes(scene)
    return target, frozenset(), source


def _seen(canvas: MappingCanvas) -> dict[str, object]:
    found: dict[str, object] = {"focus": canvas.index.focus, "links": len(canvas.scene.links)}
    for side in Side:
        rows = canvas.rows[side]
        found[f"{side} rows"] = [row.key for row in rows]
        found[f"{side} looks"] = [canvas.views[side].look(row) for row in range(len(rows))]
        found[f"{side} ends"] = [canvas.index.end(side, row) for row in range(len(rows))]
        found[f"{side} marks"] = marks_of(canvas.scene, canvas.index, side)
        found[f"{side} overview"] = canvas.overviews[side].marks
    found["bundles"] = sorted(map(repr, canvas.index.bundles))
    return found


@pytest.mark.parametrize("seed", range(6))
def test_it_ends_where_one_made_anew_stands(shown: tuple[Map, MappingCanvas], seed: int) -> None:
    map, canvas = shown
    dice = random.Random(seed)
    for _turn in range(25):
        map.take(_edited(map, dice))
        scene = map.scene
        canvas.show_values(
            scene, lambda scene=scene: _shapes(scene)[0], lambda scene=scene: _shapes(scene)[1]
        )  # type: ignore[misc]
        steps = canvas.behind.steps()
        for _step in range(dice.randrange(8)):
            next(steps, None)
        if dice.random() < 0.3:
            canvas.views[Side.TARGET].toggle(dice.randrange(len(canvas.rows[Side.TARGET])))
        if dice.random() < 0.3:
            canvas.select(Side.TARGET, dice.choice(TARGETS))
    canvas.behind.catch_up()
    followed = _seen(canvas)
    target, _flash, source = _shaped(map.fresh())
    canvas.show_scene(map.fresh(), target, source=source)
    canvas.relink()
    assert followed == _seen(canvas)


def test_what_an_edit_leaves_alone_is_taken_over(shown: tuple[Map, MappingCanvas]) -> None:
    map, _canvas = shown
    dice = random.Random(11)
    names = ("paths", "ruled_above", "linked_above", "fed_above", "by_source", "by_target", "links")
    for _turn in range(60):
        list(map.scene.prepared())
        map.take(_edited(map, dice))
        fresh = map.fresh()
        for name in names:
            assert getattr(map.scene, name) == getattr(fresh, name), name
        map.take(remap.fit(map.mapping, map.trees))


def test_a_row_that_says_the_same_is_not_painted_again(
    shown: tuple[Map, MappingCanvas], monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    map, canvas = shown
    qtbot.wait(1)
    painted: list[str] = []
    view = canvas.target
    kept = view._paint_row
    monkeypatch.setattr(
        view, "_paint_row", lambda p, row, c: (painted.append(view.rows[row].path), kept(p, row, c))
    )
    map.evidence = Evidence(1, 1, target={f"{INVOICE}/@number": Seen("8", 1)})
    map.take(map.mapping)
    canvas.show_values(map.scene, lambda: _shapes(map.scene)[0], lambda: _shapes(map.scene)[1])
    canvas.behind.catch_up()
    qtbot.waitUntil(lambda: f"{INVOICE}/@number" in painted)
    # The folded rows above show the first value in them.
    assert set(painted) <= {"invoices", INVOICE, f"{INVOICE}/@number"}
