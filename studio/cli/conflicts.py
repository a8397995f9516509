"""`weft conflicts`: what two people changed differently, side by side, and which of it is to stand."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from studio.base import yaml_write
from studio.base.errors import BadInput
from studio.base.i18n import _, ngettext
from studio.base.yaml_read import read
from studio.cli.printable import printable
from studio.project.folder import project_at, read_bytes
from studio.protocol.manifests import Content
from studio.repository.undecided import (
    Undecided,
    decide,
    decided,
    join,
    keep_both,
    text_of,
    undecided,
)

_HERE = Path()
_LIMIT = 40
_PROJECT = typer.Argument(metavar="PROJECT", help=_("The project's folder."))
_JSON = typer.Option("--json", help=_("Print one JSON document."))
_SIDES = ("mine", "theirs", "base", "joined", "both", "nothing")


def register(app: typer.Typer) -> None:
    """Add the verb."""
    conflicts = typer.Typer(
        help=_("What you and others changed differently: see it, decide it. Every version is kept."),
        no_args_is_help=True,
    )
    conflicts.command("list", help=_("The conflicts that are open, or those decided."))(_list)
    conflicts.command("decide", help=_("Say what stands in a conflict's place."))(_decide)
    app.add_typer(conflicts, name="conflicts")


def _list(
    project: Annotated[Path, _PROJECT] = _HERE,
    over: Annotated[
        bool, typer.Option("--decided", help=_("Those decided, which can be decided anew."))
    ] = False,
    as_json: Annotated[bool, _JSON] = False,
) -> int:
    folder = project_at(project)
    found = [one.conflict for one in decided(folder)] if over else list(undecided(folder))
    if as_json:
        typer.echo(json.dumps([asdict(one) for one in found], ensure_ascii=False))
        return 1 if found and not over else 0
    for conflict in found:
        _tell(folder, conflict)
    typer.echo(
        ngettext("{n} conflict.", "{n} conflicts.", len(found)).format(n=len(found))
        if found
        else _("No conflicts."),
        err=bool(found),
    )
    return 1 if found and not over else 0


def _decide(
    project: Annotated[Path, _PROJECT],
    number: Annotated[int, typer.Argument(metavar="NUMBER", help=_("Which conflict."))],
    side: Annotated[
        str,
        typer.Argument(
            metavar="mine|theirs|base|joined|both|nothing", help=_("What is to stand; both: of a whole file.")
        ),
    ] = "",
    value: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help=_("Or what this file holds: a rule's YAML, a whole file.")),
    ] = None,
) -> int:
    folder = project_at(project)
    if (side in _SIDES) == (value is not None):
        raise BadInput(
            _("Say what is to stand: one of {sides}, or --value FILE.").format(sides=", ".join(_SIDES)),
            next_step=_("See both versions with: weft conflicts list"),
        )
    if side == "both":
        path = keep_both(folder, number)
        typer.echo(_("Both stand: theirs is in {path}.").format(path=printable(path)))
        return 0
    left = decide(folder, number, _value(folder, number, side, value))
    typer.echo(
        ngettext("Decided; {n} conflict is left.", "Decided; {n} conflicts are left.", len(left)).format(
            n=len(left)
        )
    )
    return 0


def _value(folder: Path, number: int, side: str, file: Path | None) -> Any:
    known = [*undecided(folder), *(one.conflict for one in decided(folder))]
    conflict = next((one for one in known if one.number == number), None)
    if conflict is None or side == "nothing":
        return None
    if file is not None:
        data = read_bytes(file)
        return read(data, file=file).plain() if conflict.keys else data
    if side == "joined":
        joined = join(conflict)
        if joined is None:
            raise BadInput(
                _("The two versions touch the same part, so they cannot be joined."),
                file=conflict.path,
                path="/".join(conflict.keys) or None,
                next_step=_("Decide for one of them, or write a third with --value FILE."),
            )
        return joined
    return getattr(conflict, side)


def _tell(folder: Path, conflict: Undecided) -> None:
    place = printable(f"{conflict.path} {'/'.join(conflict.keys)}".rstrip())
    typer.secho(f"{conflict.number}  {place}", bold=True)
    who = _("theirs ({name}, revision {number})").format(
        name=printable(conflict.author_name), number=conflict.revision
    )
    for title, side in ((_("before"), conflict.base), (_("mine"), conflict.mine), (who, conflict.theirs)):
        lines = _lines(folder, conflict, side)
        typer.echo(f"   {title}: {lines[0]}" if len(lines) == 1 else f"   {title}:")
        for line in lines[:_LIMIT] if len(lines) > 1 else ():
            typer.echo(f"      {line}")
    if join(conflict) is not None:
        typer.echo("   " + _("They touch different parts and can be joined: decide for joined."))


def _lines(folder: Path, conflict: Undecided, side: Any) -> list[str]:
    if side is None:
        return [_("nothing")]
    if isinstance(side, Content):
        return _file_lines(folder, conflict, side)
    text = yaml_write.write(side) if isinstance(side, dict) else str(side)
    return [printable(line) for line in text.splitlines()] or ['""']


def _file_lines(folder: Path, conflict: Undecided, side: Content) -> list[str]:
    size = ngettext("a file of {n} byte", "a file of {n} bytes", side.size).format(n=side.size)
    if conflict.object is None:
        return [size]
    try:
        return [printable(line) for line in text_of(folder, side).decode().splitlines()] or [size]
    except (BadInput, UnicodeDecodeError):
        return [size]
