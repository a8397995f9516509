"""weft schema FILE: the tree of a schema of any kind, as text or JSON, or where a name is found in it."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from studio.base import atomic
from studio.base.errors import BadInput, Problem, Severity
from studio.base.i18n import _, ngettext
from studio.engine.address import Address, is_address
from studio.schema.export.write import export
from studio.schema.model import Schema
from studio.schema.outline import Outline, outline, outline_of
from studio.schema.read import KINDS, read_schema, with_root_first
from studio.schema.search import find
from studio.schema.several import infer_from

# So many roots are shown on a screen, which scrolls; a file or another program gets all.
_MOST_ROOTS = 200
# So many places that match are named.
_MOST_FOUND = 200


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("schema", help=_("Show the schema tree of a file of any supported kind."))(schema)


def schema(
    file: Annotated[
        str,
        typer.Argument(
            help=_("A schema, a service description or a sample; a folder or zip of them, or an address.")
        ),
    ],
    kind: Annotated[
        str | None,
        typer.Option("--as", help=_("What the file is, where its content does not tell."), metavar="KIND"),
    ] = None,
    root: Annotated[str | None, typer.Option(help=_("Show this root only."), metavar="NAME")] = None,
    depth: Annotated[int, typer.Option(help=_("How many levels to show."), min=1)] = 3,
    text: Annotated[
        str | None,
        typer.Option(
            "--find", help=_("Show where names, types or documentation hold this text."), metavar="TEXT"
        ),
    ] = None,
    encoding: Annotated[
        str | None, typer.Option(help=_("The file's encoding, if it is not recognised."))
    ] = None,
    more: Annotated[
        list[Path] | None,
        typer.Option(
            "--with", help=_("A further sample of the same kind, to infer from all."), metavar="FILE"
        ),
    ] = None,
    form: Annotated[
        str | None,
        typer.Option("--export", help=_("Write the tree as xsd, json-schema, dtd or csv."), metavar="FORM"),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help=_("The file to export to."), metavar="FILE")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help=_("Print one JSON document."))] = False,
) -> int:
    """Print the tree on standard output and problems on standard error; 1 for problems and where nothing is found."""
    if kind is not None and kind not in KINDS:
        raise BadInput(
            _("There is no kind of schema called {kind}.").format(kind=kind),
            next_step=_("The kinds are: {kinds}.").format(kinds=", ".join(KINDS)),
        )
    if more:
        read = infer_from([Path(file), *more], encoding=encoding)
        read = with_root_first(read, root, Path(file)) if root is not None else read
    else:
        read = _read(file, kind, root, encoding)
    if form is not None:
        return _export(read, form, root, output)
    # Whoever looks for a name does not ask what every declaration of a large schema has.
    problems = read.all_problems() if text is None else read.problems
    data = _data(read, root, depth, text)
    if as_json:
        print(json.dumps(data | _problem_data(problems), ensure_ascii=False))  # noqa: T201
    else:
        _print_tree(data, text)
    _print_problems(problems)
    nothing = text is not None and not data["found"]
    return 1 if nothing or any(problem.severity is not Severity.NOTE for problem in problems) else 0


def _export(read: Schema, form: str, root: str | None, output: Path | None) -> int:
    """Write the exported files, the further ones beside the first; problems on standard error."""
    files = export(
        read, form, root=read.roots[0] if root is not None else None, name=output.stem if output else "schema"
    )
    if output is None:
        if len(files) > 1:
            raise BadInput(
                _("The schema has several namespaces, so it becomes {count} files.").format(count=len(files)),
                next_step=_("Say with --output where to; the others are written beside that file."),
            )
        typer.echo(next(iter(files.values())), nl=False)
    else:
        names = [output, *(output.parent / name for name in list(files)[1:])]
        for path, text in zip(names, files.values(), strict=True):
            atomic.write_text(path, text)
    _print_problems(read.problems)
    return 1 if any(problem.severity is not Severity.NOTE for problem in read.problems) else 0


def _read(file: str, kind: str | None, root: str | None, encoding: str | None) -> Schema:
    if file.lower().startswith(("http://", "https://")):
        # The network is only loaded for those who ask for it.
        from studio.cli.schema_address import read_address

        return read_address(file, kind=kind, root=root, encoding=encoding)
    if is_address(file):
        from studio.schema.typed.database import (
            read_url,  # SQLAlchemy is only loaded for those who ask for it
        )

        found = read_url(file)
        return with_root_first(found, root, Path(str(Address(file)))) if root is not None else found
    read = read_schema(Path(file), kind=kind, encoding=encoding)
    return with_root_first(read, root, Path(file)) if root is not None else read


def _data(read: Schema, root: str | None, depth: int, text: str | None) -> Outline:
    if text is None:
        return outline(read, root=root, depth=depth)
    return outline_of(read, find(read, text, root=root, limit=_MOST_FOUND))


def _problem_data(problems: tuple[Problem, ...]) -> dict[str, Any]:
    if not problems:
        return {}
    return {
        "problems": [
            {
                "severity": problem.severity.value,
                "message": problem.message,
                "file": problem.file,
                "line": problem.line,
                "mend": problem.mend,
            }
            for problem in problems
        ]
    }


def _print_tree(data: Outline, text: str | None) -> None:
    if text is not None:
        _print_found(data["found"])
        return
    screen = sys.stdout.isatty()
    roots = data["roots"][:_MOST_ROOTS] if screen else data["roots"]
    waiting = [(node, 0) for node in reversed(roots)]
    while waiting:
        node, level = waiting.pop()
        typer.echo("  " * level + _line(node, screen))
        waiting += [(child, level + 1) for child in reversed(node["children"])]
    left = len(data["roots"]) - len(roots)
    if left:
        more = ngettext(
            "{n} more root is not shown; --root NAME shows one, --find TEXT looks in all, --depth 1 leaves out what is inside.",
            "{n} more roots are not shown; --root NAME shows one, --find TEXT looks in all, --depth 1 leaves out what is inside.",
            left,
        )
        typer.echo(more.format(n=left), err=True)


def _print_found(paths: list[str]) -> None:
    for path in paths:
        typer.echo(path)
    if len(paths) < _MOST_FOUND:
        count = ngettext("{n} place matches.", "{n} places match.", len(paths))
    else:
        count = _("{n} places match, and there may be more: a longer text or --root NAME narrows it.")
    typer.echo(count.format(n=len(paths)), err=True)


def _line(node: Outline, colour: bool) -> str:
    name = node["name"] or _("document")
    if node["kind"] == "choice":
        name = _("(one of)")
    elif node["kind"] == "attribute" or node.get("facts", {}).get("attribute") == "true":
        name = f"@{name}"
    most = "n" if node["max"] is None else str(node["max"])
    occurs = most if str(node["min"]) == most else f"{node['min']}..{most}"
    marks = _marks(node)
    if not colour:
        return "  ".join(part for part in (name, occurs, node["type"], *marks) if part)
    parts = (
        typer.style(name, bold=not node["type"] or bool(node["children"])),
        typer.style(occurs, dim=True),
        typer.style(node["type"], fg=typer.colors.CYAN),
        *(typer.style(mark, dim=True) for mark in marks),
    )
    return "  ".join(part for part in parts if part)


def _marks(node: Outline) -> list[str]:
    marks = []
    if node["recursive"]:
        marks.append(_("(repeats above)"))
    if node.get("more"):
        marks.append("…")
    if node.get("unresolved"):
        marks.append(_("(missing: {reason})").format(reason=node["unresolved"]))
    elif node["kind"] == "message" and not (node["children"] or node["type"] or node.get("more")):
        marks.append(_("(nothing)"))
    return marks


def _print_problems(problems: tuple[Problem, ...]) -> None:
    for problem in problems:
        where = f"{problem.place}: " if problem.place else ""
        typer.echo(f"{where}{problem.message} {problem.mend}".rstrip(), err=True)
