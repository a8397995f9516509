"""`weft check`: every problem of a project, with its file, line and how to mend it."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Annotated

import typer

from studio.base.errors import Problem, Severity
from studio.base.i18n import _, ngettext
from studio.cli.printable import printable
from studio.project.check import problems_of_folder
from studio.project.folder import project_at

_COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.NOTE: None}


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command(help=_("List every problem of a project: file, line, what is wrong and how to mend it."))
    def check(
        project: Annotated[Path, typer.Argument(metavar="PROJECT", help=_("The project's folder."))],
        as_json: Annotated[bool, typer.Option("--json", help=_("Print one JSON document."))] = False,
    ) -> int:
        found = problems_of_folder(project_at(project))
        if as_json:
            typer.echo(json.dumps(document(found), ensure_ascii=False, indent=2))
        else:
            for problem in found:
                _print(problem)
            typer.echo(summary(found), err=bool(found))
        return 1 if any(problem.severity is not Severity.NOTE for problem in found) else 0


def document(found: tuple[Problem, ...]) -> dict[str, object]:
    """The problems as JSON data, with how many there are of each severity."""
    counts = {f"{kind.value}s": sum(problem.severity is kind for problem in found) for kind in Severity}
    return {**counts, "problems": [dataclasses.asdict(problem) for problem in found]}


def summary(found: tuple[Problem, ...]) -> str:
    """One sentence on how many problems there are."""
    if not found:
        return _("No problems.")
    return ngettext("{n} problem.", "{n} problems.", len(found)).format(n=len(found))


def _print(problem: Problem) -> None:
    words = {Severity.ERROR: _("error"), Severity.WARNING: _("warning"), Severity.NOTE: _("note")}
    place = f"{problem.place}: " if problem.place else ""
    typer.secho(words[problem.severity], fg=_COLOURS[problem.severity], bold=True, nl=False)
    typer.echo(printable(f" {place}{problem.message} {problem.mend}".rstrip()))
