"""The program on trial: the bundle's self-test, and pictures of the window, both without anybody at the screen."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QPoint
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtWidgets import QApplication, QDialog, QMenu

from studio.agent.run import RunState
from studio.base.errors import WeftError
from studio.base.i18n import _
from studio.project.create import create, samples
from ui.actions.frame import Frame, workspace_of
from ui.actions.project import open_project
from ui.actions.run import start

PATIENCE = 60.0
AGENT_PATIENCE = 3.0
# Long enough for the last repaint that follows the last event.
SETTLE = 0.4


async def self_test(frame: Frame) -> int:
    """Open a sample in a temporary folder, preview a record, run an operation; 0 when everything worked."""
    with tempfile.TemporaryDirectory(prefix="weft-self-test-") as folder:
        try:
            lines = await _self_test(frame, Path(folder) / "sample")
        except (WeftError, TimeoutError) as error:
            print(f"self-test: {str(error) or 'too slow'}", file=sys.stderr)  # noqa: T201
            return 1
        finally:
            frame.session.close_project()
    print("\n".join(lines))  # noqa: T201
    return 0


async def _self_test(frame: Frame, folder: Path) -> list[str]:
    create(folder, sample=next(iter(samples())))
    if not await open_project(frame, folder):
        raise WeftError(_("The sample could not be opened."))
    workspace = workspace_of(frame)
    lines = [f"opened {workspace.project.name}"]
    for ref, transformation in workspace.project.transformations.items():
        frame.open_object(f"transformations/{ref}")
        if transformation.samples:
            sample = transformation.samples[0]
            evidence = await frame.session.agent.preview(folder, transformation, sample, 1, key="self-test")
            if evidence is None or not evidence.target:
                raise WeftError(_("The preview of {name} showed nothing.").format(name=ref))
            lines.append(f"previewed {ref}: {len(evidence.target)} values of record 1 of {evidence.records}")
            break
    operation = _local_operation(frame)
    await start(frame, operation)
    await until(lambda: not frame.book.going())
    run = frame.book.runs()[0]
    if run.state not in (RunState.SUCCEEDED, RunState.PARTLY):
        raise WeftError(_("The run of {name} failed: {reason}").format(name=operation, reason=run.message))
    lines.append(
        f"ran {operation}: {run.counts.read} read, {run.counts.written} written, {run.counts.failed} failed"
    )
    return lines


def _local_operation(frame: Frame) -> str:
    """An operation that needs no other system than files."""
    project = workspace_of(frame).project
    for ref, operation in project.operations.items():
        used = [
            project.connections.get(activity.connection)
            for activity in operation.activities
            if activity.connection
        ]
        if used and all(connection is not None and connection.kind == "files" for connection in used):
            return ref
    raise WeftError(_("The sample has no operation on files."))


async def picture(
    frame: Frame,
    file: Path,
    *,
    project: Path | None = None,
    start_page: bool = False,
    open: str = "",
    select: str = "",
    do: str = "",
) -> int:
    """Save a picture of the window: a project (a sample by default), an object open at a node, a command done."""
    with tempfile.TemporaryDirectory(prefix="weft-picture-") as folder:
        if not start_page:
            place = project or Path(folder) / "orders-to-erp"
            if project is None:
                create(place, sample=next(iter(samples())))
            if not await open_project(frame, place):
                return 1
        if open:
            frame.open_object(open, select)
        await settled(frame)
        if do:
            frame.table.refresh()
            if not frame.table.run(do):
                print(frame.table.reason(do), file=sys.stderr)  # noqa: T201
                return 1
            await settled(frame)
        saved = taken(frame).save(str(file))
        if project is None:
            frame.session.close_project()
    return 0 if saved else 1


def taken(frame: Frame) -> QPixmap:
    """The window as it looks now, with its dialogs and menus over it."""
    window = frame.widget()
    shown = window.grab()
    painter = QPainter(shown)
    for widget in QApplication.topLevelWidgets():
        if isinstance(widget, QDialog | QMenu) and widget.isVisible():
            place = widget.mapToGlobal(QPoint(0, 0)) - window.mapToGlobal(QPoint(0, 0))
            if isinstance(widget, QDialog):
                place = QPoint(
                    (window.width() - widget.width()) // 2, (window.height() - widget.height()) // 3
                )
            painter.drawPixmap(place, widget.grab())
    painter.end()
    return shown


async def settled(frame: Frame) -> None:
    """Wait until nothing is being awaited and the agent rests."""
    with contextlib.suppress(TimeoutError):
        await until(lambda: frame.session.agent.state in ("ready", "failed"), AGENT_PATIENCE)
    quiet_since = time.monotonic()
    deadline = quiet_since + PATIENCE
    while time.monotonic() - quiet_since < SETTLE and time.monotonic() < deadline:
        await asyncio.sleep(0.02)
        if frame.session.agent.state == "busy" or frame.book.going():
            quiet_since = time.monotonic()


async def until(true: Callable[[], bool], patience: float = PATIENCE) -> None:
    """Wait for something to become true; raises TimeoutError after so many seconds."""
    deadline = time.monotonic() + patience
    while not true():
        if time.monotonic() > deadline:
            raise TimeoutError
        await asyncio.sleep(0.02)
