"""The mapping canvas: frame times of two long trees with 5,000 links, opening the sample, edit to new values."""

from __future__ import annotations

import asyncio
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import qasync
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication

from studio.agent.embedded import EmbeddedAgent
from studio.mapping.lines import draw
from studio.mapping.model import Mapping, Rule
from studio.mapping.tree import Trees
from studio.project.create import create
from studio.workspace import Workspace
from tests.mapping.orders import tree_of
from ui import theme
from ui.app import application
from ui.canvas.canvas import MappingCanvas
from ui.canvas.link_index import Side
from ui.canvas.scene import Scene
from ui.canvas.shape import shape_of
from ui.canvas.tree_view import TreeView
from ui.commands import CommandTable
from ui.editors.base import Desk
from ui.editors.mapping.editor import MappingEditor

ROWS = 10_000
GROUPS = 100
STEPS = 200
EDITS = 30
# 60 frames a second.
FRAME = 1000 / 60


def run() -> Iterator[dict[str, object]]:
    """Figures in milliseconds: a wheel step from event to end of paint, the pretty repaint, opening, live values."""
    app = application()
    theme.apply(app, "light", strong=False)
    yield from _frames(app)
    yield from _sample(app)


def row_of(case: str, metric: str, value: float, limit: float | None = None) -> dict[str, object]:
    ratio = value / limit if limit else None
    return {
        "bench": "canvas", "case": case, "metric": metric, "value": round(value, 2), "unit": "ms",
        "peer": f"the limit of {limit:.0f} ms" if limit else None, "ratio": ratio,
    }  # fmt: skip


def timed(work: Callable[[], object]) -> float:
    """Milliseconds of processor time: other programs on the machine do not count."""
    start = time.process_time()
    work()
    return (time.process_time() - start) * 1000


def _large_scene() -> Scene:
    lines = ["root", "  rec 0..n"]
    paths = []
    for group in range(GROUPS):
        lines.append(f"    g{group}")
        for number in range(group * ROWS // GROUPS, (group + 1) * ROWS // GROUPS):
            lines.append(f"      f{number} 0..1")
            paths.append(f"root/rec/g{group}/f{number}")
    trees = Trees(tree_of("\n".join(lines)), tree_of("\n".join(lines)))
    # Every other field is mapped, from somewhere near: about 115 links have an end in sight.
    near = [paths[max(0, min(len(paths) - 1, at + (at * 7) % 41 - 20))] for at in range(len(paths))]
    rules = (
        Rule(path, script=f"[{near[at].removeprefix('root/rec/')}]")
        for at, path in enumerate(paths)
        if at % 2
    )
    mapping = Mapping((Rule("root/rec", loop="root/rec"), *rules))
    return Scene(trees, mapping, draw(mapping, trees))


def _frames(app: QApplication) -> Iterator[dict[str, object]]:
    scene = _large_scene()
    canvas = MappingCanvas(scene)
    canvas.show_scene(scene, shape_of(scene.mapping.rules, {}, ()))
    canvas.resize(1600, 900)
    canvas.show()
    for side in Side:
        for _ in range(3):
            canvas.rows[side].set_expanded(list(canvas.rows[side]), True)
    case = f"{len(canvas.rows[Side.SOURCE]):,} rows a side, {len(scene.links):,} links"
    yield row_of(case, "bundle and measure", timed(canvas.relink))
    settle(app)
    for name, views in (("one tree", [canvas.target]), ("both trees", [canvas.source, canvas.target])):
        times = sorted(timed(lambda views=views: wheel(app, views)) for _ in range(STEPS))  # type: ignore[misc]
        yield row_of(case, f"wheel step, {name}, median", statistics.median(times), FRAME)
        yield row_of(case, f"wheel step, {name}, p95", times[int(len(times) * 0.95)], 2 * FRAME)
    canvas.links._come_to_rest()
    yield row_of(case, "pretty repaint", timed(lambda: app.processEvents()), 100)
    row = canvas.target.visible_rows().start + 5
    yield row_of(
        case, "hover", timed(lambda: (canvas._hover_row(Side.TARGET, row), app.processEvents())), FRAME
    )
    path = canvas.rows[Side.TARGET][row + 1].path
    yield row_of(case, "focus", timed(lambda: (canvas.select(Side.TARGET, path), app.processEvents())), 100)
    yield row_of(case, "fold", timed(lambda: (canvas.target.toggle(2), app.processEvents())), 100)
    canvas.close()
    canvas.deleteLater()
    settle(app)


def settle(app: QApplication) -> None:
    until = time.perf_counter() + 0.3
    while time.perf_counter() < until:
        app.processEvents()


def wheel(app: QApplication, views: list[TreeView]) -> None:
    for view in views:
        place = QPointF(100, 300)
        event = QWheelEvent(
            place, view.viewport().mapToGlobal(place), QPoint(), QPoint(0, -120), Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        app.sendEvent(view.viewport(), event)
    app.processEvents()


def _sample(app: QApplication) -> Iterator[dict[str, object]]:
    with tempfile.TemporaryDirectory() as home:
        os.environ["WEFT_HOME"] = str(Path(home) / "home")
        folder = Path(home) / "orders-to-erp"
        create(folder, sample="orders")
        loop = qasync.QEventLoop(app)
        asyncio.set_event_loop(loop)
        try:
            with loop:
                rows = loop.run_until_complete(_live(folder))
        finally:
            asyncio.set_event_loop(None)
            del os.environ["WEFT_HOME"]
    yield from rows


async def _live(folder: Path) -> list[dict[str, object]]:
    agent = EmbeddedAgent()
    await agent.start()
    workspace = Workspace.open(folder)
    tasks: set[asyncio.Task[object]] = set()

    def spawn(work: object) -> None:
        task = asyncio.get_event_loop().create_task(work)  # type: ignore[arg-type]
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    table = CommandTable(spawn)
    desk = Desk(table, spawn, lambda _id, _path: None, lambda _text: None, lambda _error: None)
    start = time.perf_counter()
    editor = MappingEditor(workspace, agent, "transformations/orders-to-invoices", desk)
    editor.resize(1100, 740)
    editor.show()
    await _painted()
    rows = [row_of("the sample", "open to first paint", (time.perf_counter() - start) * 1000)]
    while editor.map.evidence is None:
        await asyncio.sleep(0.005)
    rows.append(row_of("the sample", "open to first values", (time.perf_counter() - start) * 1000))
    times = []
    for number in range(EDITS):
        times.append(await _edit(editor, f"'N{number}-' + [@id]", f"N{number}-10248"))
    times.sort()
    rows.append(row_of("the sample", "edit to new values, median", statistics.median(times), 150))
    rows.append(row_of("the sample", "edit to new values, p95", times[int(len(times) * 0.95)], 150))
    editor.let_go()
    editor.close()
    editor.deleteLater()
    workspace.close(discard=True)
    await agent.close()
    await asyncio.gather(*tasks, return_exceptions=True)
    await _painted()
    return rows


async def _painted() -> None:
    """Let the loop handle Qt's events, painting among them."""
    for _ in range(3):
        await asyncio.sleep(0)


async def _edit(editor: MappingEditor, script: str, value: str) -> float:
    """From an edit to the new value painted in the target tree."""
    path = "invoices/invoice/@number"
    start = time.perf_counter()
    editor.wishes.set_script(path, script)
    while (seen := editor.map.evidence) is None or seen.target[path].text != value:
        await asyncio.sleep(0.001)
    await _painted()
    return (time.perf_counter() - start) * 1000
