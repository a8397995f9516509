"""weft validate SCHEMA INSTANCE: what a document has against a schema, with record, line and path."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import typer

from studio.base.errors import BadInput, Problem, Severity
from studio.base.i18n import _, ngettext
from studio.cli.messages import check_messages, edi_schema
from studio.cli.printable import printable
from studio.schema.validate.document import validate as find_problems


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("validate", help=_("Check a document against a schema."))(validate)


def validate(
    schema: Annotated[Path, typer.Argument(help=_("A schema or a service description."))],
    instance: Annotated[Path, typer.Argument(help=_("The document to check."))],
    kind: Annotated[
        str | None,
        typer.Option("--as", help=_("What the schema is, where its content does not tell."), metavar="KIND"),
    ] = None,
    root: Annotated[
        str | None, typer.Option(help=_("The root of the schema to check against."), metavar="NAME")
    ] = None,
    record: Annotated[
        str | None, typer.Option(help=_("The path of what is counted as a record."), metavar="PATH")
    ] = None,
    limit: Annotated[int, typer.Option(help=_("Stop after so many problems."), min=1)] = 1000,
    seconds: Annotated[float, typer.Option(help=_("Stop after so many seconds."), min=0.1)] = 600.0,
    ack: Annotated[
        Path | None,
        typer.Option(help=_("Write the acknowledgement of X12 or EDIFACT messages: 997, 999 or CONTRL.")),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help=_("Print one JSON document."))] = False,
) -> int:
    """Print the problems on standard output; 1 when there are any."""
    messages = edi_schema(schema, kind)
    if messages is not None:
        found: Iterable[Problem] = check_messages(messages, instance, ack)[:limit]
    elif ack is not None:
        raise BadInput(
            _("Only X12 and EDIFACT messages are acknowledged."),
            file=schema,
            next_step=_("Give the definition of the messages, or leave out --ack."),
        )
    else:
        found = find_problems(
            schema, instance, kind=kind, root=root, record=record, limit=limit, seconds=seconds
        )
    shown: list[Problem] = []
    for problem in found:
        shown.append(problem)
        if not as_json:
            typer.echo(printable(_line(problem)))
    wrong = [problem for problem in shown if problem.severity is not Severity.NOTE]
    if as_json:
        data = {"valid": not wrong, "problems": [_data(problem) for problem in shown]}
        print(json.dumps(data, ensure_ascii=False))  # noqa: T201
    else:
        typer.echo(_summary(len(wrong), limit), err=True)
    return 1 if wrong else 0


def _summary(count: int, limit: int) -> str:
    if not count:
        return _("The document fits the schema.")
    if count >= limit:
        return _("Stopped after {n} problems.").format(n=limit)
    return ngettext("{n} problem was found.", "{n} problems were found.", count).format(n=count)


def _line(problem: Problem) -> str:
    where = f"{problem.place}: " if problem.place else ""
    record = _("Record {number}:").format(number=problem.record) + " " if problem.record else ""
    return f"{where}{record}{problem.message} {problem.mend}".rstrip()


def _data(problem: Problem) -> dict[str, Any]:
    return {
        "record": problem.record,
        "path": problem.path,
        "message": problem.message,
        "file": problem.file,
        "line": problem.line,
        "column": problem.column,
        "severity": problem.severity.value,
        "mend": problem.mend,
    }
