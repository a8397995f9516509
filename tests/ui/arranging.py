"""A map looked at in every way that comes back, by mouse and keys; `python -m tests.ui.arranging FOLDER` waits to be killed."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Any

import qasync
from PySide6.QtCore import QPoint
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QSplitter, QToolButton

from tests.ui.canvas_hands import INVOICE, ORDER, SOURCE, TARGET, Map, map_of, open_map
from tests.ui.driver import LEFT, NONE, Drive, running
from ui.app import application

SIZE = "1500x760"
DUE = f"{INVOICE}/dueDate"


def seen(drive: Drive) -> dict[str, Any]:
    """What a person sees of the map in front that should come back."""
    map = Map(drive)
    found: dict[str, Any] = {"page": drive.shows("page dueDate"), "view": drive.shows("Mapped only")}
    for name in (SOURCE, TARGET):
        view = map.tree(name)
        found[name] = {
            "rows": map.shown(name),
            "top": view.verticalScrollBar().value(),
            "height": view.row_height,
            "value": view.value_width,
            "current": view.selection.paths()[:1],
            "width": view.width(),
        }
    found["script"] = drive.find("Script of the rule").height()
    found["record"] = drive.window.area.current.preview.record
    return found


async def arrange(drive: Drive) -> dict[str, Any]:
    """Another size, fold, scroll, width of everything; a page; a record. Gives what is seen then."""
    map = await open_map(drive)
    await map.key(TARGET, "Ctrl++")
    await map.fold(SOURCE, f"{ORDER}/customer")
    await map.fold(SOURCE, f"{ORDER}/lines/line/product")
    source = map.tree(SOURCE)
    edge = source.painter.columns(source.viewport().width(), source.value_width).value - 4
    await drive.drag(source.viewport(), QPoint(edge, 30), source.viewport(), QPoint(edge + 40, 30))
    editor = drive.window.area.current
    splits = editor.findChildren(QSplitter)
    for split in splits:
        handle = split.handle(1)
        # A splitter whose second part is made when it is first wanted has no handle yet.
        if handle is not None and handle.isVisible() and split.count() in (2, 3):
            middle = handle.rect().center()
            await drive.drag(handle, middle, handle, middle + QPoint(-30, -60))
    await map.click(TARGET, DUE)
    drive.click(drive.find("View of the source", QToolButton))
    await drive.rest(0.05)
    await map.choose("View of the source", "Source: hide unmapped")
    bar = source.verticalScrollBar()
    if bar.maximum():
        QTest.mouseClick(bar, LEFT, NONE, QPoint(4, bar.height() - 24))
    await drive.rest(0.05)
    return seen(drive)


async def _wait_to_be_killed(folder: Path) -> None:
    async with running(folder, size=SIZE) as drive:
        await arrange(drive)
        map = Map(drive)
        await map.click(TARGET, DUE)
        await map.key(TARGET, "Del")
        await map.click(TARGET, f"{INVOICE}/@number")
        await map.key(TARGET, "Del")
        drive.key("Ctrl+Z", map.tree(TARGET))
        assert map_of(drive).mapping.get(DUE) is None
        places = drive.window.places
        await drive.until(lambda: not places.waiting)
        print("ready", flush=True)
        await asyncio.sleep(600)


if __name__ == "__main__":
    loop = qasync.QEventLoop(application())
    asyncio.set_event_loop(loop)
    with loop:
        loop.run_until_complete(_wait_to_be_killed(Path(sys.argv[1])))
