"""python -m studio.agent.run_process: one run, asked for by one line on stdin, told line by line on stdout."""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path
from typing import Any

from studio.agent.activities import PERFORMERS
from studio.agent.journal import Journal
from studio.agent.overlay import overlaid
from studio.agent.run import RunEvent, RunRequest, RunState, error_to_data, event_to_data
from studio.agent.runner import run_operation
from studio.agent.wire import Wire
from studio.base import i18n
from studio.base.child import end_with_parent
from studio.base.errors import BadInput, WeftError
from studio.base.progress import Progress
from studio.project.folder import load
from studio.project.model import Loaded, Project
from studio.project.texts import object_text


def main() -> None:
    """Serve one request and end."""
    end_with_parent()
    wire = Wire()
    messages = wire.messages()
    asked = next(messages, None)
    if asked is None:
        return
    i18n.use_language(asked.get("language"))
    progress = Progress()

    def listen() -> None:
        for message in messages:
            if message.get("do") == "stop":
                progress.stop()

    threading.Thread(target=listen, name="stop", daemon=True).start()
    journal = Journal(Path(asked["journal"]))
    try:
        serve(asked, wire, journal, progress)
    finally:
        journal.close()
    sys.stderr.flush()
    # The listener sits in a read of standard input that the interpreter could not take away from it.
    os._exit(0)


def serve(asked: dict[str, Any], wire: Wire, journal: Journal, progress: Progress) -> None:
    """Run what is asked; journal each event before it is told."""
    request = RunRequest(
        folder=asked["folder"],
        operation=asked["operation"],
        variables=asked["variables"],
        overlay=asked["overlay"],
        confirmed=asked.get("confirmed", ""),
        id=asked["id"],
    )
    journal.begin(request, os.getpid())

    def tell(event: RunEvent) -> None:
        journal.add(event)
        wire.send(event_to_data(event))

    folder = Path(request.folder)
    try:
        loaded = load(folder)
        project = overlaid(loaded.project, request.overlay)
        check_read(loaded, project, request.operation)
    except WeftError as error:
        data = error_to_data(error)
        tell(RunEvent(request.id, "ended", str(error), level="error", state=RunState.FAILED, error=data))
        return
    run_operation(project, folder, request, tell, PERFORMERS, progress)


def check_read(loaded: Loaded, project: Project, operation: str) -> None:
    """Raise what is wrong with a file of the operation, or of what it names, that could not be read.

    Without this the run would only say that there is no such object, though its file is there.
    """
    named = [f"operations/{operation}"]
    if operation in project.operations:
        for activity in project.operations[operation].activities:
            kind = "scripts" if activity.kind == "script" else "transformations"
            named += [f"{kind}/{activity.ref}", f"connections/{activity.connection}"]
    for problem in loaded.problems:
        name = problem.object or ""
        # An object whose file is broken may still be there as unsaved work.
        if name in named and problem.file in loaded.broken and object_text(project, name) is None:
            raise BadInput(
                problem.message,
                file=problem.file,
                line=problem.line,
                column=problem.column,
                next_step=problem.mend,
            )


if __name__ == "__main__":
    main()
