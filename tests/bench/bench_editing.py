"""The editor over a map of 5,000 rules: how long its event handlers hold the window up, opening it and after an edit.

Processor time of the window's thread alone; the agent is a process of its own. A handler is what happens between one
event and the next; painting without a graphics card is left out.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import qasync
from PySide6.QtCore import QAbstractEventDispatcher, QEvent, QObject

from studio.agent.embedded import EmbeddedAgent
from studio.mapping.model import Transformation
from studio.project import edits
from studio.project.create import create
from studio.workspace import Workspace
from tests.bench.bench_agent import processor_time, xsd
from tests.bench.bench_script_map import COUNT, made
from ui import theme
from ui.app import application
from ui.commands import CommandTable
from ui.editors.base import Desk
from ui.editors.mapping.editor import MappingEditor

_REF = "transformations/large"
_EDITS = 9
# So long (ms) a handler may hold the window up.
_LIMIT = 50.0
_CASE = f"map of {COUNT:,} rules, in the editor"


class Handlers(QObject):
    """The processor time between events, in the order they came: what was handled, milliseconds."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, float]] = []
        self._at: tuple[float, str] | None = None
        application().installEventFilter(self)
        dispatcher = QAbstractEventDispatcher.instance()
        assert dispatcher is not None
        dispatcher.aboutToBlock.connect(self._end)

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


def run() -> Iterator[dict[str, object]]:
    """Figures in milliseconds; a ratio is what is used of the time allowed."""
    app = application()
    theme.apply(app, "light", strong=False)
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


def _row(metric: str, value: float, limit: float | None = None) -> dict[str, object]:
    return {
        "bench": "editing", "case": _CASE, "metric": metric, "value": round(value, 1), "unit": "ms",
        "peer": f"the limit of {limit:.0f} ms" if limit else None, "ratio": value / limit if limit else None,
    }  # fmt: skip


async def _edited(folder: Path) -> list[dict[str, object]]:
    agent = EmbeddedAgent()
    await agent.start()
    workspace = Workspace.open(folder)
    tasks: set[asyncio.Task[object]] = set()

    def spawn(work: object) -> None:
        task = asyncio.get_event_loop().create_task(work)  # type: ignore[arg-type]
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    desk = Desk(CommandTable(spawn), spawn, lambda _id, _path: None, lambda _text: None, lambda _error: None)
    transformation = workspace.project.get(_REF)
    assert isinstance(transformation, Transformation)
    # The schemas are read by the agent and kept before a person opens the map.
    workspace.schema(transformation.source), workspace.schema(transformation.target)
    # What the first map of a session loads is not this map's.
    first = MappingEditor(workspace, agent, "transformations/orders-to-invoices", desk)
    first.let_go()
    first.deleteLater()
    await asyncio.sleep(0.1)
    # Before every event of the hundreds of widgets being made is timed, which takes longer than making them.
    start = time.thread_time()
    editor = MappingEditor(workspace, agent, _REF, desk)
    rows = [_row("making the editor", (time.thread_time() - start) * 1000, _LIMIT)]
    handlers = Handlers()
    editor.resize(1100, 740)
    editor.show()
    while editor.map.evidence is None or editor.map.busy:
        await asyncio.sleep(0.005)
    rows.append(_named("opening, the longest handler", handlers.longest()))
    for what, more in (("same operands", 0), ("other operands", 1)):
        rows += await _edits_of(editor, handlers, what, more)
    editor.let_go()
    editor.close()
    editor.deleteLater()
    workspace.close(discard=True)
    await agent.close()
    await asyncio.gather(*tasks, return_exceptions=True)
    return rows


def _named(metric: str, longest: tuple[str, float]) -> dict[str, object]:
    return _row(f"{metric} ({longest[0]})", longest[1], _LIMIT)


async def _edits_of(
    editor: MappingEditor, handlers: Handlers, what: str, more: int
) -> list[dict[str, object]]:
    """The edit itself, and the longest handler until everything it led to is done."""
    operands = editor.map.scene.by_target
    paths = [rule.path for rule in editor.map.mapping.rules if rule.script and rule.path in operands]
    itself, after, walls, used = [], [], [], []
    longest = ("", 0.0)
    for number in range(_EDITS):
        path = paths[(number * 37 + more) % len(paths)]
        read = [operands[paths[(number * 37 + at * 11) % len(paths)]][0].source for at in range(1 + more)]
        text = " + ".join(f"[{each.removeprefix('in/rec/')}]" for each in read) + f" + '{number}'"
        if not more:
            text = f"'{number}' + {editor.map.mapping.by_path[path].script}"
        editor.canvas.select(editor.last_side, path)
        await asyncio.sleep(0.3)
        handlers.found.clear()
        seen = editor.map.evidence
        wall, start, both = time.perf_counter(), time.thread_time(), processor_time(editor.agent.worker_id)
        editor.wishes.set_script(path, text)
        itself.append((time.thread_time() - start) * 1000)
        while editor.map.evidence is seen:
            await asyncio.sleep(0.001)
        walls.append((time.perf_counter() - wall) * 1000)
        used.append((processor_time(editor.agent.worker_id) - both) * 1000)
        await asyncio.sleep(0.6)
        while editor.map.busy:
            await asyncio.sleep(0.005)
        found = handlers.longest()
        after.append(found[1])
        longest = max(longest, found, key=lambda each: each[1])
    return [
        _row(f"{what}: the edit, median", statistics.median(itself), _LIMIT),
        _row(f"{what}: the edit, longest", max(itself), _LIMIT),
        _named(f"{what}: the longest handler after it, longest of {_EDITS}", longest),
        _row(f"{what}: the longest handler after it, median", statistics.median(after), _LIMIT),
        _row(f"{what}: until the values are there, wall, median", statistics.median(walls), 100),
        _row(
            f"{what}: until the values are there, CPU of window and agent, median",
            statistics.median(used),
            100,
        ),
    ]


if __name__ == "__main__":
    import json

    for row in run():
        print(json.dumps(row))
