"""A map of 5,000 rules in the whole window: from the key that takes an edit over to its values painted, and what each
handler holds the window up, opening the map and after an edit.

Until the values are painted: the wall's clock, and beside it the processor time of the window and of the agent, which is
a process of its own. What comes after them counts in the handlers: processor time of the window's thread between one
event and the next, painting without a graphics card left out; they are timed in edits of their own.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import qasync
from PySide6.QtCore import QAbstractEventDispatcher, QEvent, QObject, Qt
from PySide6.QtTest import QTest

from studio.mapping.model import Transformation
from studio.project import edits
from studio.project.create import create
from studio.workspace import Workspace
from tests.bench.bench_agent import agent_time, xsd
from tests.bench.bench_script_map import COUNT, made
from ui.app import Studio, application
from ui.canvas.link_index import Side
from ui.editors.mapping.editor import MappingEditor

_REF = "transformations/large"
_EDITS = 5
# So long (ms) a handler may hold the window up.
_LIMIT = 50.0
_VALUES = 100.0
_CASE = f"map of {COUNT:,} rules, in the window"


class Handlers(QObject):
    """The processor time between events, in the order they came: what was handled, milliseconds."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, float]] = []
        self._at: tuple[float, str] | None = None
        self._on = False
        dispatcher = QAbstractEventDispatcher.instance()
        assert dispatcher is not None
        dispatcher.aboutToBlock.connect(self._end)

    def turn(self, *, on: bool) -> None:
        """Looking at every event costs more than handling most of them: only while handlers are asked for."""
        self.found, self._at = [], None
        if on != self._on:
            self._on = on
            (application().installEventFilter if on else application().removeEventFilter)(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """One ends, the next begins."""
        self._end()
        self._at = time.thread_time(), f"{event.type().name} to {type(watched).__name__}"
        return False

    def _end(self) -> None:
        if self._at is not None:
            self.found.append((self._at[1], (time.thread_time() - self._at[0]) * 1000))
            self._at = None

    def longest(self) -> tuple[str, float]:
        """What held the window up longest since it was last asked."""
        found, self.found = self.found, []
        painting = ("Paint to", "UpdateRequest to", "Show to", "Polish to")
        return max((each for each in found if not each[0].startswith(painting)), key=lambda each: each[1])


class Painted(QObject):
    """Notes when values that came after it was made were on the screen: `at` tells the wall's clock and the processor's.

    What their coming asks to be painted is painted before any timer is served: the first one served after it is the end.
    """

    def __init__(self, editor: MappingEditor) -> None:
        super().__init__()
        self.done: asyncio.Future[None] = asyncio.get_event_loop().create_future()
        self.at = (0.0, 0.0, 0.0)
        self._process = editor.agent.worker_id
        self._unlisten = editor.preview.arrived.connect(self._come)
        self._preview = editor.preview

    def _come(self) -> None:
        self._preview.arrived.disconnect(self._unlisten)
        application().installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """Painting is over."""
        if event.type() is QEvent.Type.Timer and not self.done.done():
            self.at = time.perf_counter(), time.process_time(), agent_time(self._process)
            application().removeEventFilter(self)
            self.done.set_result(None)
        return False


def run() -> Iterator[dict[str, object]]:
    """Figures in milliseconds; a ratio is what is used of the time allowed."""
    app = application()
    with tempfile.TemporaryDirectory() as home:
        os.environ["WEFT_HOME"] = str(Path(home) / "home")
        folder = _project(Path(home))
        loop = qasync.QEventLoop(app)
        asyncio.set_event_loop(loop)
        try:
            with loop:
                rows = loop.run_until_complete(_edited(folder))
        finally:
            asyncio.set_event_loop(None)
            del os.environ["WEFT_HOME"]
    yield from rows


def _project(home: Path) -> Path:
    folder = home / "large"
    create(folder, sample="orders")
    source, target, transformation, document = made()
    for side, schema in (("in", source), ("out", target)):
        (folder / "schemas" / f"{side}.xsd").write_text(xsd(schema, side), encoding="utf-8")
    (folder / "samples" / "large.xml").write_text(document, encoding="utf-8")
    workspace = Workspace.open(folder)
    workspace.edit(
        "Large map", edits.put(workspace.project, _REF, _placed(transformation)), initiator="bench"
    )
    workspace.save()
    workspace.close()
    return folder


def _placed(transformation: Transformation) -> Transformation:
    return replace(
        transformation,
        source=replace(transformation.source, schema="schemas/in.xsd"),
        target=replace(transformation.target, schema="schemas/out.xsd"),
        samples=("samples/large.xml",),
    )


def _row(metric: str, value: float, limit: float | None = None, unit: str = "ms") -> dict[str, object]:
    return {
        "bench": "editing", "case": _CASE, "metric": metric, "value": round(value, 1), "unit": unit,
        "peer": f"the limit of {limit:.0f} ms" if limit else None, "ratio": value / limit if limit else None,
    }  # fmt: skip


async def _edited(folder: Path) -> list[dict[str, object]]:
    studio = Studio(application(), theme_mode="light", language="en")
    studio.show("1600x1000")
    studio.window.activateWindow()
    await studio.begin()
    await studio.start(folder)
    workspace = studio.session.workspace
    assert workspace is not None
    rows = [_row("load of the machine at the start", os.getloadavg()[0], unit="")]
    # The schemas are read and kept before a person opens the map; what the first map of a session loads is not this one's.
    transformation = workspace.project.get(_REF)
    assert isinstance(transformation, Transformation)
    workspace.schema(transformation.source), workspace.schema(transformation.target)
    spent = []
    for ref in ("transformations/orders-to-invoices", _REF, _REF, _REF):
        await asyncio.sleep(0.2)
        start = time.thread_time()
        editor = MappingEditor(workspace, studio.session.agent, ref, studio.window.desk)
        spent.append((time.thread_time() - start) * 1000)
        editor.let_go()
        editor.deleteLater()
    rows.append(_row("making the editor, median", statistics.median(spent[1:]), _LIMIT))
    handlers = Handlers()
    await asyncio.sleep(0.5)
    handlers.turn(on=True)
    studio.window.open_object(_REF)
    found = studio.window.area.current
    assert isinstance(found, MappingEditor)
    while found.map.evidence is None:
        await asyncio.sleep(0.005)
    await _at_rest(found)
    rows.append(_named("opening, the longest handler", handlers.longest()))
    handlers.turn(on=False)
    bench = _Bench(studio, found, handlers)
    for kind in (bench.same_fields, bench.other_fields, bench.unmapped, bench.undone):
        rows += await bench.values(kind)
        rows += await bench.handlers(kind)
    await studio.close()
    return rows


def _named(metric: str, longest: tuple[str, float]) -> dict[str, object]:
    return _row(f"{metric} ({longest[0]})", longest[1], _LIMIT)


async def _at_rest(editor: MappingEditor) -> None:
    """Everything an edit has led to is done, the check of the whole project too."""
    calm = 0
    while calm < 4:
        await asyncio.sleep(0.1)
        waits = editor.map.busy or editor.quiet.waiting or editor.preview.waits
        calm = 0 if waits else calm + 1


class _Bench:
    """Edits of one map by the keyboard."""

    def __init__(self, studio: Studio, editor: MappingEditor, handlers: Handlers) -> None:
        self._studio, self._editor, self._handlers = studio, editor, handlers
        self._operands = dict(editor.map.scene.by_target)
        self._paths = [
            rule.path for rule in editor.map.mapping.rules if rule.script and rule.path in self._operands
        ]
        self._number = 0

    async def values(self, kind: Callable[[], Callable[[], None]]) -> list[dict[str, object]]:
        """From the key to the values painted."""
        walls, window, agent = [], [], []
        process = self._studio.session.agent.worker_id
        for _edit in range(_EDITS):
            self._number += 1
            act = kind()
            await _at_rest(self._editor)
            painted = Painted(self._editor)
            wall, own, theirs = time.perf_counter(), time.process_time(), agent_time(process)
            act()
            await asyncio.wait_for(painted.done, 60)
            walls.append((painted.at[0] - wall) * 1000)
            window.append((painted.at[1] - own) * 1000)
            agent.append((painted.at[2] - theirs) * 1000)
        both = [one + other for one, other in zip(window, agent, strict=True)]
        what = f"{kind.__name__.replace('_', ' ')}: until the values are painted"
        return [
            _row(f"{what}, wall, median", statistics.median(walls), _VALUES),
            _row(f"{what}, wall, longest of {_EDITS}", max(walls), _VALUES),
            _row(f"{what}, CPU of the window, median", statistics.median(window)),
            _row(f"{what}, CPU of the agent, median", statistics.median(agent)),
            _row(f"{what}, CPU of both, median", statistics.median(both), _VALUES),
        ]

    async def handlers(self, kind: Callable[[], Callable[[], None]]) -> list[dict[str, object]]:
        """The key's own handler and the longest one until everything it led to is done."""
        found, keys = [], []
        for _edit in range(_EDITS):
            self._number += 1
            act = kind()
            await _at_rest(self._editor)
            self._handlers.turn(on=True)
            start = time.thread_time()
            act()
            keys.append((time.thread_time() - start) * 1000)
            self._handlers.found.clear()
            await _at_rest(self._editor)
            found.append(self._handlers.longest())
            self._handlers.turn(on=False)
        what = kind.__name__.replace("_", " ")
        return [
            _row(f"{what}: the key's handler, median", statistics.median(keys), _LIMIT),
            _named(f"{what}: the longest handler after it", max(found, key=lambda each: each[1])),
            _row(f"{what}: the longest after it, median", statistics.median(t for _w, t in found), _LIMIT),
        ]

    def _path(self) -> str:
        return self._paths[(self._number * 37) % len(self._paths)]

    def _select(self) -> str:
        path = self._path()
        self._editor.canvas.select(Side.TARGET, path)
        return path

    def _written(self, text: str) -> Callable[[], None]:
        self._editor.bar.write(self._editor.bar.part)
        script = self._editor.bar.edit
        script.selectAll()
        script.insertPlainText(text)
        return lambda: QTest.keyClick(script, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)

    def same_fields(self) -> Callable[[], None]:
        """A script that reads what it read before."""
        rule = self._editor.map.mapping.by_path[self._select()]
        return self._written(f"'{self._number}' + {rule.script}")

    def other_fields(self) -> Callable[[], None]:
        """A script that reads other fields: its links change."""
        self._select()
        at = self._number * 37
        read = [self._operands[self._paths[(at + by) % len(self._paths)]][0].source for by in (11, 22)]
        names = " + ".join(f"[{each.removeprefix('in/rec/')}]" for each in read)
        return self._written(f"{names} + '{self._number}'")

    def unmapped(self) -> Callable[[], None]:
        """A rule taken away."""
        self._select()
        return lambda: self._run("map.unmap")

    def undone(self) -> Callable[[], None]:
        """The last step taken back."""
        return lambda: self._run("edit.undo")

    def _run(self, command: str) -> None:
        assert self._studio.window.table.run(command), command


if __name__ == "__main__":
    import json

    for row in run():
        print(json.dumps(row))
