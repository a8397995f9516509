"""Saving a move as an operation of a project: the operation, its map, both schemas, a sample and the connection."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from studio.base import atomic
from studio.base.atomic import make_folder
from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.connectors.files.delimited import DelimitedFile
from studio.connectors.salesforce.describe import ObjectFacts, facts, read_describe
from studio.mapping.connect import literal
from studio.mapping.model import Mapping as Map
from studio.mapping.model import Rule, SchemaUse, Transformation
from studio.moves.access import orgs
from studio.moves.kept.saved import KIND, settings_of
from studio.moves.load import Request
from studio.moves.model import Entry, FieldMap
from studio.project import folder as folders
from studio.project.create import create
from studio.project.layout import check_ref, file_of, ref_for
from studio.project.model import Activity, Connection, Operation
from studio.project.objects import read_connection, write_connection, write_operation, write_transformation
from studio.schema.delimited import delimited_schema, field_node
from studio.schema.model import TEXT, Node, Schema, Type
from studio.schema.own import own_text
from studio.schema.path import quote
from studio.schema.salesforce import salesforce_schema

_ROOT = "row"
_OPERATIONS = "operations"
_SAMPLE_ROWS = 20
MapOf = Callable[[ObjectFacts], FieldMap]


@dataclass(frozen=True)
class Place:
    """Where a move is saved: the project's folder and the operation's reference in it."""

    project: Path
    ref: str

    @property
    def file(self) -> Path:
        """The operation's file."""
        return self.project / file_of(f"{_OPERATIONS}/{self.ref}")


def place_of(text: str | Path) -> Place:
    """`PROJECT/operations/NAME` as a place; raises BadInput where it is written otherwise."""
    path = Path(text)
    path = path.with_suffix("") if path.suffix == ".yaml" else path
    parts = path.parts
    if _OPERATIONS not in parts[:-1]:
        raise BadInput(
            _("{text} does not say where an operation is.").format(text=text),
            next_step=_("Write it as PROJECT/operations/NAME."),
        )
    at = len(parts) - 1 - parts[::-1].index(_OPERATIONS)
    ref = "/".join(parts[at + 1 :])
    check_ref(ref)
    return Place(Path(*parts[:at]), ref)


def check_free(place: Place) -> None:
    """Raise BadInput where the operation or its map is there already, or the folder is none for a project."""
    for id in (f"{_OPERATIONS}/{place.ref}", f"transformations/{place.ref}"):
        file = place.project / file_of(id)
        if file.exists():
            raise BadInput(
                _("There is something called {name} already.").format(name=place.ref),
                file=file,
                next_step=_("Give the operation another name, or delete that one first."),
            )
    if place.project.is_dir() and any(place.project.iterdir()):
        folders.require_project(place.project)


def save(
    place: Place,
    request: Request,
    describe: bytes,
    source: DelimitedFile,
    *,
    map_of: MapOf | None = None,
) -> Path:
    """Write the operation of a move and all it needs, the operation last; a project that is not there is made.

    `describe` is the org's answer for the object. The map is the request's, or what `map_of` makes. Raises BadInput.
    """
    check_free(place)
    connection = _connection(place.project, request.org)
    answer = read_describe(describe)
    known = facts(answer)
    map_ref, texts = place.ref, {}
    if request.map is None and request.map_file is not None and request.map_file.suffix.lower() != ".sdl":
        map_ref = _of_project(request.map_file, place.project)
    else:
        assert request.map is not None or map_of is not None
        fields = request.map if request.map is not None else (map_of or (lambda _known: FieldMap()))(known)
        request = replace(request, map=fields)
        scripts = request.compute.scripts if request.compute is not None else {}
        texts = _map_files(place.ref, known.name or request.object, fields, scripts, source, answer)
    settings = settings_of(
        replace(request, object=known.name or request.object), map_ref, connection.name, place.project
    )
    operation = Operation(_title(request, known), (Activity(KIND, settings),))
    if not (place.project / "project.yaml").exists():
        create(place.project)
    if not _connection_file(place.project, connection.name).exists():
        texts[f"connections/{connection.name}.yaml"] = write_connection(connection)
    texts[file_of(f"{_OPERATIONS}/{place.ref}")] = write_operation(operation)
    for name, text in texts.items():
        file = place.project / name
        make_folder(file.parent)
        atomic.write_text(file, text)
    return place.file


def _title(request: Request, known: ObjectFacts) -> str:
    source = request.source.name if isinstance(request.source, Path) else request.pick.table or request.place
    return _("{action} {object} from {source}").format(
        action=request.action.value, object=known.label or request.object, source=source
    )


def _map_files(
    ref: str,
    object_name: str,
    fields: FieldMap,
    scripts: Mapping[str, str],
    source: DelimitedFile,
    answer: Mapping[str, Any],
) -> dict[str, str]:
    """The texts of the transformation, its two schemas and its sample, by their files in the project."""
    flat = ref.replace("/", "-")
    names = (f"schemas/{flat}-source.yaml", f"schemas/{flat}-{object_name}.yaml", f"samples/{flat}.csv")
    rules = [
        Rule(_ROOT, loop=_ROOT),
        *(
            Rule(f"{_ROOT}/{quote(e.field)}", script=_script(e))
            for e in fields.entries
            if e.field not in scripts
        ),
        *(Rule(f"{_ROOT}/{quote(name)}", script=script) for name, script in scripts.items()),
    ]
    transformation = Transformation(
        name=_("{source} to {object}").format(source=source.path.name, object=object_name),
        source=SchemaUse(names[0], _ROOT),
        target=SchemaUse(names[1], _ROOT),
        mapping=Map(tuple(rules)),
        samples=(names[2],),
    )
    return {
        names[0]: own_text(_source_schema(source.header)),
        names[1]: own_text(_target_schema(answer, fields)),
        names[2]: _sample(source),
        file_of(f"transformations/{ref}"): write_transformation(transformation),
    }


def _script(entry: Entry) -> str:
    return literal(entry.constant) if entry.constant is not None else f"[{quote(entry.column)}]"


def _source_schema(header: Sequence[str]) -> Schema:
    facts = {"delimiter": ",", "quote": '"', "encoding": "utf-8", "header": "true"}
    return delimited_schema(tuple(field_node(name, TEXT, {}) for name in header), facts, Path("source.csv"))


def _target_schema(answer: Mapping[str, Any], fields: FieldMap) -> Schema:
    """The object as the org describes it, and the keys of related records the map fills, which no describe lists."""
    schema = salesforce_schema(answer)
    row = schema.roots[0]
    present = {child.name.lower() for child in row.type.children}
    more = tuple(field_node(name, TEXT, {}) for name in fields.fields if name.lower() not in present)
    return replace(schema, roots=(_with_children(row, (*row.type.children, *more)),)) if more else schema


def _with_children(row: Node, children: tuple[Node, ...]) -> Node:
    return replace(row, type=Type(row.type.name, children=lambda: children))


def _sample(source: DelimitedFile) -> str:
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(source.header)
    width = len(source.header)
    writer.writerows(row for row in source.first(_SAMPLE_ROWS) if len(row) == width)
    return written.getvalue()


def _of_project(file: Path, project: Path) -> str:
    """The reference of a transformation of the project; raises BadInput for another file."""
    base = (project / "transformations").resolve()
    if not file.resolve().is_relative_to(base):
        raise BadInput(
            _("A saved move uses a map of its own project, and this one lies elsewhere."),
            file=file,
            next_step=_("Copy the transformation and its schemas into the project, and give it from there."),
        )
    return file.resolve().relative_to(base).with_suffix("").as_posix()


def _connection_file(project: Path, name: str) -> Path:
    return project / file_of(f"connections/{name}")


def _connection(project: Path, org: str) -> Connection:
    """The project's connection to an org: its sign-in without its secrets; raises BadInput where the name means another."""
    login = orgs.find(org, project)
    made = orgs.connection_of(login)
    name = ref_for(login.url.partition("://")[2]) if "://" in login.name else login.name
    file = _connection_file(project, name)
    if file.is_file():
        there = orgs.login_of(read_connection(folders.read_yaml(file), name), name, file)
        if (there.url, there.flow == orgs.PRACTICE) != (login.url, login.flow == orgs.PRACTICE):
            raise BadInput(
                _("The project's connection {name} leads to another org.").format(name=name),
                file=file,
                next_step=_("Rename that connection, or the org."),
            )
    return replace(made, name=name)
