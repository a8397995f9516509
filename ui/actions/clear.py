"""People's data off this computer: asked about in a dialog, done by the command while the project is closed for a moment."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from studio.base.child import python_command
from studio.base.errors import BadInput
from studio.base.i18n import _, language
from ui.actions.frame import Frame, with_project, workspace_of
from ui.actions.project import close_project, open_project
from ui.commands import Command
from ui.dialogs.clear import ask_what_to_clear


def commands(frame: Frame) -> list[Command]:
    """The one command."""
    return [
        Command(
            "file.clear",
            _("Clear data of this project…"),
            _("File"),
            lambda: frame.session.tasks.spawn(_clear(frame)),
            "trash",
            (),
            with_project(frame),
        )
    ]


async def _clear(frame: Frame) -> None:
    folder = workspace_of(frame).folder

    async def look(options: Sequence[str]) -> Any:
        return await _run(folder, *options, "--dry-run")

    options = await ask_what_to_clear(frame.widget(), look, frame.session.tasks)
    if not options or not await close_project(frame):
        return
    try:
        told = await _run(folder, *options, "--yes")
    finally:
        await open_project(frame, folder)
    gone = len(told["files"]) + len(told["runs"]) + len(told["moves"]) + int(told["history"])
    frame.tell(_("The data was cleared.") if gone else _("There was nothing to clear."))


async def _run(folder: Path, *options: str) -> Any:
    """What the command answers. Raises BadInput with its own sentence where it cannot be done."""
    process = await asyncio.create_subprocess_exec(
        *python_command("studio.__main__"),
        "clear",
        str(folder),
        "--json",
        *options,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=os.environ | {"WEFT_LANGUAGE": language()},
    )
    out, err = await process.communicate()
    if process.returncode != 0:
        raise BadInput(err.decode("utf-8", "replace").strip())
    return json.loads(out)
