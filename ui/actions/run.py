"""Run: operations on the embedded agent, with the unsaved state; Stop ends only that run."""

from __future__ import annotations

from studio.agent.overlay import overlay_of
from studio.agent.run import RunRequest
from studio.base.errors import WeftError
from studio.base.i18n import _
from ui.actions.frame import RUNS, Frame, workspace_of
from ui.commands import Command


def commands(frame: Frame) -> list[Command]:
    """The commands of the Run menu."""
    run = _("Run")

    def reason() -> str:
        if frame.session.workspace is None:
            return _("no project is open")
        operation = _wanted(frame)
        if not operation:
            return _("no operation is open or selected")
        return _("it is running") if frame.book.going(operation) else ""

    return [
        Command(
            "run.start", _("Run"), run, lambda: start(frame, _wanted(frame)), "play", ("F5",), reason,
            hint=_("Run the operation"),
        ),
        Command(
            "run.stop", _("Stop"), run, lambda: stop(frame), "stop-fill", ("Shift+F5",),
            lambda: "" if frame.book.going() else _("nothing is running"), hint=_("Stop the run"),
        ),
        Command(
            "run.clear", _("Clear the list of runs"), run, frame.book.clear, "trash", (),
            lambda: "" if frame.book.runs() else _("nothing has run yet"),
        ),
    ]  # fmt: skip


async def start(frame: Frame, operation: str) -> None:
    """Run an operation as it is now, unsaved changes included; its figures go to the Runs panel."""
    for editor in frame.area:
        editor.commit()
    workspace = workspace_of(frame)
    request = RunRequest(
        str(workspace.folder), operation, overlay=overlay_of(workspace.project, workspace.unsaved)
    )
    frame.book.begin(request)
    frame.panel("bottom").show()
    frame.bottom.show_page(RUNS)
    frame.session.tasks.spawn(_follow(frame, request), quiet=True)


async def _follow(frame: Frame, request: RunRequest) -> None:
    try:
        async for _event in frame.session.agent.run(request):
            pass
    except (WeftError, OSError) as error:
        frame.book.fail(request.id, str(error))
        raise
    finally:
        frame.table.refresh_soon()


async def stop(frame: Frame, run: str = "") -> None:
    """Stop one run, or the newest one going on."""
    going = frame.book.going()
    chosen = run if run in going else (going[0] if going else "")
    if chosen:
        await frame.session.agent.cancel(chosen)


def _wanted(frame: Frame) -> str:
    id = frame.selected()
    if not id.startswith("operations/"):
        current = frame.area.current
        id = current.ref if current is not None else ""
    return id.partition("/")[2] if id.startswith("operations/") else ""
