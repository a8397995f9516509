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
from studio.schema.export.write import export
from studio.schema.model import Schema
from studio.schema.outline import Outline, outline, outline_of
from studio.schema.read import KINDS, read_schema, with_root_first
from studio.schema.search import find
from studio.schema.several import infer_from


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
        str | None, typer.Option("--find", help=_("Show where names hold this text."), metavar="TEXT")
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
    """Print the tree on standard output and problems on standard error; 1 when there are problems."""
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
    problems = read.all_problems()
    data = _data(read, root, depth, text)
    if as_json:
        print(json.dumps(data | _problem_data(problems), ensure_ascii=False))  # noqa: T201
    else:
        _print_tree(data, text)
    _print_problems(problems)
    return 1 if any(problem.severity is not Severity.NOTE for problem in problems) else 0


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
    read = read_schema(Path(file), kind=kind, encoding=encoding)
    return with_root_first(read, root, Path(file)) if root is not None else read


def _data(read: Schema, root: str | None, depth: int, text: str | None) -> Outline:
    if text is None:
        return outline(read, root=root, depth=depth)
    return outline_of(read, find(read, text, root=root))


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
    colour = sys.stdout.isatty()
    if text is not None:
        paths = data["found"]
        for path in paths:
            typer.echo(path)
        count = ngettext("{n} place holds that name.", "{n} places hold that name.", len(paths))
        typer.echo(count.format(n=len(paths)), err=True)
        return
    waiting = [(node, 0) for node in reversed(data["roots"])]
    while waiting:
        node, level = waiting.pop()
        typer.echo("  " * level + _line(node, colour))
        waiting += [(child, level + 1) for child in reversed(node["children"])]


def _line(node: Outline, colour: bool) -> str:
    name = node["name"]
    if node["kind"] == "choice":
        name = _("(one of)")
    elif node["kind"] == "attribute" or node.get("facts", {}).get("attribute") == "true":
        name = f"@{name}"
    most = "n" if node["max"] is None else str(node["max"])
    occurs = most if str(node["min"]) == most else f"{node['min']}..{most}"
    marks = [
        mark for mark, there in ((_("(repeats above)"), node["recursive"]), ("…", node.get("more"))) if there
    ]
    if node.get("unresolved"):
        marks.append(_("(missing: {reason})").format(reason=node["unresolved"]))
    if not colour:
        return "  ".join(part for part in (name, occurs, node["type"], *marks) if part)
    parts = (
        typer.style(name, bold=not node["type"] or bool(node["children"])),
        typer.style(occurs, dim=True),
        typer.style(node["type"], fg=typer.colors.CYAN),
        *(typer.style(mark, dim=True) for mark in marks),
    )
    return "  ".join(part for part in parts if part)


def _print_problems(problems: tuple[Problem, ...]) -> None:
    for problem in problems:
        where = f"{problem.place}: " if problem.place else ""
        typer.echo(f"{where}{problem.message} {problem.mend}".rstrip(), err=True)
