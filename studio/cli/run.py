"""weft run PROJECT OPERATION: one operation on the embedded agent."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from studio.agent.embedded import EmbeddedAgent
from studio.agent.run import RunEvent, RunRequest, RunState, error_from_data
from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.cli import move_options
from studio.cli.printable import printable
from studio.project.folder import load

EXIT_CODES = {
    RunState.SUCCEEDED: 0,
    RunState.PARTLY: 1,
    RunState.FAILED: 2,
    RunState.CANCELLED: 130,
    RunState.LOST: 2,
}


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("run", help=_("Run an operation on the embedded agent."))(run)


def run(
    project: Annotated[
        Path,
        typer.Argument(
            metavar="PROJECT", help=_("The project's folder, or PROJECT/operations/NAME for both in one.")
        ),
    ],
    operation: Annotated[
        str,
        typer.Argument(metavar="OPERATION", help=_("The operation, by the name of its file without ending.")),
    ] = "",
    var: Annotated[list[str] | None, typer.Option(help=_("A variable, as NAME=VALUE."))] = None,
    yes_production: move_options.YesProduction = "",
    as_json: Annotated[bool, typer.Option("--json", help=_("Print one JSON document at the end."))] = False,
) -> int:
    """Run an operation; the log goes to standard error."""
    if not operation:
        from studio.moves.kept.save_as import place_of

        place = place_of(project)
        project, operation = place.project, place.ref
    if not (project / "project.yaml").is_file():
        raise BadInput(
            _("This folder holds no project: there is no project.yaml."),
            file=project,
            next_step=_("Choose a project's folder, or make a new one with: weft new FOLDER"),
        )
    request = RunRequest(
        str(project.resolve()),
        _ref(project, operation),
        variables=dict(_variable(text) for text in var or ()),
        confirmed=yes_production,
    )
    files: dict[str, str] = {}
    last = asyncio.run(_follow(request, files))
    if as_json:
        print(json.dumps(_summary(last) | {"files": files}))  # noqa: T201
    if last.error is not None:
        return error_from_data(last.error).exit_code
    return EXIT_CODES.get(last.state, 2)


def _ref(folder: Path, asked: str) -> str:
    """The operation asked for, by its file's name or by the name the window shows; nothing is run for a wrong one."""
    loaded = load(folder)
    known = loaded.project.operations
    if asked in known or f"operations/{asked}.yaml" in loaded.broken:
        return asked
    named = [ref for ref, operation in known.items() if operation.name.casefold() == asked.casefold()]
    if len(named) == 1:
        return named[0]
    raise BadInput(
        _("There is no operation called {name}.").format(name=asked),
        file=folder,
        next_step=_("The project's operations are: {names}.").format(names=", ".join(sorted(known)) or "-"),
    )


def _variable(text: str) -> tuple[str, str]:
    name, mark, value = text.partition("=")
    if not mark or not name:
        raise BadInput(
            _("{text} is not a variable.").format(text=text), next_step=_("Write it as NAME=VALUE.")
        )
    return name.removeprefix("$"), value


async def _follow(request: RunRequest, files: dict[str, str]) -> RunEvent:
    agent = EmbeddedAgent()
    last = RunEvent(request.id, "started")
    run = asyncio.create_task(_consume(agent, request, files))
    try:
        last = await asyncio.shield(run)
    except asyncio.CancelledError:
        await agent.cancel(request.id)
        last = await run
    finally:
        await agent.close()
    return last


async def _consume(agent: EmbeddedAgent, request: RunRequest, files: dict[str, str]) -> RunEvent:
    last = RunEvent(request.id, "started")
    told: set[str] = set()
    async for event in agent.run(request):
        if event.kind == "file":
            files[event.detail] = event.text
        # The log of a run and its end both hold an error: it is told once.
        line = _line(event, event.text in told)
        if line:
            print(printable(line), file=sys.stderr)  # noqa: T201
        if event.level == "error":
            told.add(event.text)
        last = event
    return last


def _line(event: RunEvent, told: bool) -> str:
    match event.kind:
        case "activity":
            return f"[{event.activity}/{event.activities}] {event.text}"
        case "log":
            return "" if told else event.text
        case "file":
            return f"{event.detail}: {event.text}"
        case "ended":
            return _counts(event) if told else f"{event.text} {_counts(event)}".strip()
        case _:
            return ""


def _counts(event: RunEvent) -> str:
    counts = event.counts
    return _("{read} read, {written} written, {failed} failed, {filtered} left out.").format(
        read=counts.read, written=counts.written, failed=counts.failed, filtered=counts.filtered
    )


def _summary(event: RunEvent) -> dict[str, Any]:
    counts = event.counts
    return {
        "run": event.run,
        "state": event.state,
        "read": counts.read,
        "written": counts.written,
        "failed": counts.failed,
        "filtered": counts.filtered,
        "message": event.text,
    }
