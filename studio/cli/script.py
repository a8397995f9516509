"""`weft script`: runs, checks or formats a script, or runs many, one a line."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from textwrap import indent
from typing import Annotated, Any

import typer

from studio.base.atomic import write_text
from studio.base.errors import BadInput, Problem, Severity, WeftError
from studio.base.i18n import _, ngettext
from studio.base.system_errors import unreadable
from studio.cli.script_json import to_json, variables_from
from studio.project.folder import find_project
from studio.project.tables import Table, Tables
from studio.script.check import check_text
from studio.script.errors import caret
from studio.script.format import format_script
from studio.script.host import PlainHost
from studio.script.javascript import source as javascript
from studio.script.javascript.run import run_javascript
from studio.script.javascript.source import is_javascript
from studio.script.parse import parse
from studio.script.tree import Value
from studio.script.values import text_of
from studio.script.warming import Warming

_MOST_BYTES = 20_000_000


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command(help=_("Run, check or format a script."))
    def script(
        file: Annotated[
            Path | None, typer.Argument(metavar="FILE", help=_("The script; - is the input."))
        ] = None,
        text: Annotated[str | None, typer.Option("-e", metavar="TEXT", help=_("The script itself."))] = None,
        batch: Annotated[
            Path | None,
            typer.Option("--batch", metavar="FILE.jsonl", help=_("Many scripts, one JSON object a line.")),
        ] = None,
        variables: Annotated[
            Path | None,
            typer.Option("--vars", metavar="FILE.json", help=_("The global variables at the start.")),
        ] = None,
        only_check: Annotated[
            bool, typer.Option("--check", help=_("List the problems, run nothing."))
        ] = False,
        layout: Annotated[
            bool, typer.Option("--format", help=_("Lay the file out anew; print -e TEXT or the input so."))
        ] = False,
        only_layout: Annotated[
            bool,
            typer.Option("--check-format", help=_("Say whether --format would change it; change nothing.")),
        ] = False,
        as_json: Annotated[bool, typer.Option("--json", help=_("Print one JSON document."))] = False,
        server: Annotated[
            bool, typer.Option("--lsp", help=_("Serve an editor over standard input and output."))
        ] = False,
    ) -> int:
        if server:
            return language_server()
        if sum(given is not None for given in (file, text, batch)) != 1:
            raise BadInput(
                _("Give one script: a file, -e TEXT or --batch FILE."), next_step=_("See weft script --help.")
            )
        if batch is not None:
            return run_batch(batch)
        name = None if file is None or str(file) == "-" else str(file)
        tables = tables_near(file if name is not None and file is not None else Path.cwd())
        source = text if text is not None else read_text(file or Path("-"))
        if only_check:
            return check(source, name, as_json)
        if layout or only_layout:
            return lay_out(source, name, only_layout)
        given = variables_from(read_json(variables)) if variables is not None else {}
        host = PlainHost(variables=given, tables=tables)
        return run_json(source, name, host) if as_json else run(source, name, host)


def language_server() -> int:
    """Serve an editor."""
    from studio.cli.language_server import serve

    return serve()


def lay_out(source: str, name: str | None, only_check: bool) -> int:
    """Write the file laid out anew, or print the text so; only checked, 1 says that it would change."""
    if is_javascript(source, name):
        raise BadInput(
            _("Only Jitterbit Script can be laid out anew."),
            file=name,
            next_step=_("Use your editor's formatter for JavaScript."),
        )
    parse(source, file=name)
    new = format_script(source)
    if only_check:
        if new != source:
            typer.echo(_("{name} is not laid out as --format does it.").format(name=name or "-"))
        return 1 if new != source else 0
    if name is None:
        typer.echo(new, nl=False)
    elif new != source:
        write_text(Path(name), new)
    return 0


def tables_near(place: Path) -> Mapping[str, Table]:
    """The value tables of the project around a file or folder."""
    project = find_project(place)
    return Tables(project) if project is not None else {}


def run(source: str, name: str | None, host: PlainHost) -> int:
    """Run a script; its result goes to stdout, its log to stderr."""
    value = value_of(source, name, host)
    for line in host.logged:
        typer.echo(line, err=True)
    if value is not None:
        typer.echo(text_of(value))
    return 0


def value_of(source: str, name: str | None, host: PlainHost) -> Value:
    """The value of a script in either language."""
    if is_javascript(source, name):
        return run_javascript(source, host, file=name)
    return Warming(parse(source, file=name)).run(host)


def run_json(source: str, name: str | None, host: PlainHost) -> int:
    """Run a script and print its outcome as JSON."""
    outcome = outcome_of(source, name, host)
    typer.echo(json.dumps(outcome, ensure_ascii=False, indent=2))
    return 1 if "error" in outcome else 0


def outcome_of(source: str, name: str | None, host: PlainHost) -> dict[str, Any]:
    """The result, the globals and the log of a run, or its error with line and column."""
    outcome: dict[str, Any] = {}
    try:
        outcome["result"] = to_json(value_of(source, name, host))
    except WeftError as error:
        outcome["error"] = {"message": error.message, "line": error.line, "column": error.column}
    return outcome | {"variables": _variables(host), "log": host.logged}


def _variables(host: PlainHost) -> dict[str, Any]:
    """The globals, without those that cannot be written as JSON."""
    shown: dict[str, Any] = {}
    for name, value in host.variables.items():
        with contextlib.suppress(WeftError):
            shown[f"${name}"] = to_json(value)
    return shown


def check(source: str, name: str | None, as_json: bool) -> int:
    """Print a script's problems."""
    if is_javascript(source, name):
        problems = javascript.problems(source, file=name)
    else:
        problems = check_text(source, file=name)
    if as_json:
        typer.echo(
            json.dumps({"problems": [_data(problem) for problem in problems]}, ensure_ascii=False, indent=2)
        )
    else:
        for problem in problems:
            typer.echo(
                f"{problem.place}: {problem.severity.value}: {problem.message} {problem.mend}".rstrip()
            )
            if shown := caret(source, problem.line or 0, problem.column or 0):
                typer.echo(indent(shown, "    "))
        count = ngettext("{n} problem.", "{n} problems.", len(problems)).format(n=len(problems))
        typer.echo(count if problems else _("No problems."), err=True)
    return 1 if any(problem.severity is not Severity.NOTE for problem in problems) else 0


def _data(problem: Problem) -> dict[str, Any]:
    return {
        "severity": problem.severity.value,
        "message": problem.message,
        "line": problem.line,
        "column": problem.column,
        "mend": problem.mend,
    }


def run_batch(file: Path) -> int:
    """Run one script a line and print one outcome a line, each with its `id`; 1 when some failed."""
    failed = False
    for number, line in _lines(file):
        identity, outcome = _entry(line, number)
        failed = failed or "error" in outcome
        typer.echo(json.dumps({"id": identity, **outcome}, ensure_ascii=False))
    return 1 if failed else 0


def _entry(line: str, number: int) -> tuple[Any, dict[str, Any]]:
    try:
        data = json.loads(line)
        identity, source = data.get("id"), data["script"]
        if not isinstance(source, str):
            raise TypeError
        variables = variables_from(data.get("vars") or {})
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        message = _("Line {n} is not an object with a script.").format(n=number)
        return None, {"error": {"message": message, "line": number, "column": 1}}
    except BadInput as error:
        return identity, {"error": {"message": error.message, "line": number, "column": 1}}
    return identity, outcome_of(source, None, PlainHost(variables=variables))


def _lines(file: Path) -> Iterator[tuple[int, str]]:
    if str(file) == "-":
        yield from ((number, line) for number, line in enumerate(sys.stdin, 1) if line.strip())
        return
    try:
        with file.open(encoding="utf-8-sig") as lines:
            yield from ((number, line) for number, line in enumerate(lines, 1) if line.strip())
    except (OSError, UnicodeDecodeError) as error:
        raise cannot_read(file, error) from error


def read_text(file: Path) -> str:
    """The text of a file or, for `-`, of stdin. Raises BadInput naming the file."""
    try:
        data = sys.stdin.buffer.read(_MOST_BYTES) if str(file) == "-" else _bytes(file)
        return data.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise cannot_read(file, error) from error


def _bytes(file: Path) -> bytes:
    with file.open("rb") as opened:
        return opened.read(_MOST_BYTES)


def read_json(file: Path) -> Any:
    """The data of a JSON file. Raises BadInput with the line where it goes wrong."""
    try:
        return json.loads(read_text(file))
    except json.JSONDecodeError as error:
        raise BadInput(
            _("The file is not JSON: {reason}.").format(reason=error.msg),
            file=file, line=error.lineno, column=error.colno,
            next_step=_("Correct it there and try again."),
        ) from error  # fmt: skip
    except RecursionError as error:
        raise BadInput(_("The file is nested too deeply."), file=file) from error


def cannot_read(file: Path, error: OSError | UnicodeDecodeError) -> BadInput:
    """The error for a file that cannot be read, in words."""
    if isinstance(error, UnicodeDecodeError):
        return BadInput(
            _("The file is not UTF-8 text."), file=file, next_step=_("Save it as UTF-8 and try again.")
        )
    return unreadable(file, error)
