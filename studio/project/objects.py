"""Each object as the data of its file, both ways, side by side; unknown keys survive."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from studio.base import yaml_write
from studio.base.i18n import _
from studio.base.yaml_read import Node
from studio.mapping.model import ON_FAILURE, SchemaUse, Transformation
from studio.mapping.model import Mapping as Map
from studio.mapping.open_text import read_drawn, read_picks, write_drawn, write_picks
from studio.mapping.text import read_rules, write_rules
from studio.project.migrate import header, migrated
from studio.project.model import Activity, Connection, Operation, Project
from studio.schema.path import document_of

# The kind written in a file's first line, by folder.
FILE_KINDS = {
    "transformations": "transformation",
    "operations": "operation",
    "connections": "connection",
    "environments": "environment",
    "schedules": "schedule",
    "notifications": "notification",
    "endpoints": "endpoint",
    "tests": "test",
}

# What is shown to whom gets the form of a key wrong.
_LIKE_SOURCE = "source: {schema: schemas/orders.xsd, root: orders}"
_LIKE_TARGET = "target: {schema: schemas/invoices.xsd, root: invoices}"
_LIKE_SOURCES = "sources: {prices: {schema: schemas/prices.csv, root: row, sample: samples/prices.csv}}"
_LIKE_TARGETS = "targets: {audit: {schema: schemas/audit.xsd, root: log}}"

# Written even when empty: a name left out is read as the file's.
_ALWAYS = ("weft", "name")


def read_transformation(node: Node, name: str) -> Transformation:
    """A transformation file; `name` stands where the file gives none."""
    node = migrated(node, "transformation")
    given = node.members()
    known = ("weft", "name", "description", "source", "sources", "target", "targets", "namespaces", "samples")
    return Transformation(
        name=_text(given, "name", name),
        description=_text(given, "description"),
        source=_read_use(given["source"], _LIKE_SOURCE) if "source" in given else SchemaUse(""),
        sources=_read_uses(given.get("sources"), _LIKE_SOURCES),
        target=_read_use(given["target"], _LIKE_TARGET) if "target" in given else SchemaUse(""),
        targets=_read_uses(given.get("targets"), _LIKE_TARGETS),
        namespaces=given["namespaces"].text_members('namespaces: {o: "urn:orders"}')
        if "namespaces" in given
        else {},
        samples=given["samples"].texts("samples: [samples/orders.xml]") if "samples" in given else (),
        mapping=Map(
            read_rules(given["map"]) if "map" in given else (),
            read_rules(given["parked"]) if "parked" in given else (),
        ),
        extra=node.extra(*known, "validate", "on_failure", "pages", "picks", "drawn", "map", "parked"),
        validate=_checks(given["validate"]) if "validate" in given else (),
        on_failure=_policy(given["on_failure"]) if "on_failure" in given else "",
        pages=_pages(given["pages"]) if "pages" in given else {},
        picks=read_picks(given["picks"]) if "picks" in given else {},
        drawn=read_drawn(given["drawn"]) if "drawn" in given else {},
    )


def write_transformation(value: Transformation) -> str:
    """The text of a transformation's file."""
    data = {
        "weft": header("transformation"),
        "name": value.name,
        "description": value.description,
        "source": _write_use(value.source),
        "sources": {name: _write_use(use) for name, use in value.sources.items()},
        "target": _write_use(value.target),
        "targets": {name: _write_use(use) for name, use in value.targets.items()},
        "namespaces": dict(value.namespaces),
        "samples": list(value.samples),
        "validate": list(value.validate),
        "on_failure": value.on_failure,
        "pages": {name: list(paths) for name, paths in value.pages.items()},
        "picks": write_picks(value.picks),
        "drawn": write_drawn(value.drawn),
        "map": write_rules(value.mapping.rules),
        "parked": write_rules(value.mapping.parked),
    }
    blocks = ("sources", "targets", "pages", "picks", "drawn", "map", "parked")
    return yaml_write.write(_present(data, value.extra), blocks=blocks)


def _pages(node: Node) -> dict[str, tuple[str, ...]]:
    """The target nodes of each page."""
    return {
        name: paths.texts("pages: {Parties: [invoices/invoice/party]}")
        for name, paths in node.members().items()
    }


def _checks(node: Node) -> tuple[str, ...]:
    """Which documents a run checks against their schemas."""
    given = node.texts("validate: [input, output]")
    for text in given:
        if text not in ("input", "output"):
            raise node.wrong(
                _("A transformation validates its input, its output or both, not {name}.").format(name=text),
                _("Write validate: [input, output], or one of them."),
            )
    return given


def _policy(node: Node) -> str:
    """What becomes of a record one of whose rules fails."""
    given = node.text().strip()
    if given and given not in ON_FAILURE:
        raise node.wrong(
            _("A transformation has no policy {name} for records that fail.").format(name=given),
            _("Write on_failure: with one of {names}.").format(names=", ".join(ON_FAILURE)),
        )
    return given


def _read_use(node: Node, like: str) -> SchemaUse:
    given = node.members(like)
    return SchemaUse(
        schema=_text(given, "schema"),
        root=_text(given, "root"),
        kind=_text(given, "kind"),
        extra=node.extra("schema", "root", "kind"),
    )


def _read_uses(node: Node | None, like: str) -> dict[str, SchemaUse]:
    """Further documents by their names, which paths carry before `::`."""
    found = {}
    for name, each in (node.members(like) if node else {}).items():
        if document_of(f"{name}::") != name:
            raise each.wrong(
                _("A document cannot be called {name}.").format(name=name or "—"),
                _("Leave out blanks and the characters / [ ] @ ~ : and `."),
            )
        use = _read_use(each, like)
        sample = use.extra.get("sample")
        if isinstance(sample, str):
            use = replace(use, sample=sample, extra={k: v for k, v in use.extra.items() if k != "sample"})
        found[name] = use
    return found


def _write_use(use: SchemaUse) -> dict[str, Any]:
    data = {"schema": use.schema, "root": use.root, "kind": use.kind, "sample": use.sample}
    return _present(data, use.extra)


def read_operation(node: Node, name: str) -> Operation:
    """An operation file; `name` stands where the file gives none."""
    node = migrated(node, "operation")
    given = node.members()
    return Operation(
        name=_text(given, "name", name),
        description=_text(given, "description"),
        activities=tuple(_read_activity(item) for item in given["activities"].items())
        if "activities" in given
        else (),
        on_success=given["on_success"].texts() if "on_success" in given else (),
        on_failure=given["on_failure"].texts() if "on_failure" in given else (),
        options=given["options"].plain() if "options" in given and given["options"].members() else {},
        extra=node.extra("weft", "name", "description", "activities", "on_success", "on_failure", "options"),
    )


def write_operation(value: Operation) -> str:
    """The text of an operation's file."""
    data = {
        "weft": header("operation"),
        "name": value.name,
        "description": value.description,
        "activities": [_write_activity(activity) for activity in value.activities],
        "on_success": list(value.on_success),
        "on_failure": list(value.on_failure),
        "options": dict(value.options),
    }
    return yaml_write.write(_present(data, value.extra), blocks=("activities",))


def _read_activity(node: Node) -> Activity:
    given = node.members()
    if not given:
        raise node.wrong(_("An activity is written as its kind and its settings, such as transform: NAME."))
    kind, first = next(iter(given.items()))
    if isinstance(first.value, list):
        raise first.wrong(_("The activity {kind} needs a name or settings.").format(kind=kind))
    named = isinstance(first.value, str)
    return Activity(
        kind,
        settings={} if named else first.plain(),
        ref=first.text() if named else "",
        extra=node.extra(kind),
    )


def _write_activity(activity: Activity) -> dict[str, Any]:
    return {activity.kind: dict(activity.settings) if activity.settings else activity.ref, **activity.extra}


def read_connection(node: Node, name: str) -> Connection:
    """A connection file; `name` stands where the file gives none."""
    node = migrated(node, "connection")
    given = node.members()
    if "kind" not in given:
        raise node.wrong(_("A connection needs kind: files, salesforce, http …"))
    return Connection(
        name=_text(given, "name", name),
        description=_text(given, "description"),
        kind=_text(given, "kind"),
        settings=node.extra("weft", "name", "description", "kind", "secrets"),
        secrets=given["secrets"].text_members() if "secrets" in given else {},
    )


def write_connection(value: Connection) -> str:
    """The text of a connection's file."""
    data = {
        "weft": header("connection"),
        "name": value.name,
        "description": value.description,
    }
    settings = {"kind": value.kind, **value.settings}
    return yaml_write.write(_present(data, settings) | _present({"secrets": dict(value.secrets)}, {}))


def read_project(node: Node, name: str) -> Project:
    """The project's own file: a project without objects."""
    node = migrated(node, "project")
    given = node.members()
    return Project(
        id=_text(given, "id"),
        name=_text(given, "name", name),
        description=_text(given, "description"),
        variables=given["variables"].text_members() if "variables" in given else {},
        extra=node.extra("weft", "name", "id", "description", "variables"),
    )


def write_project(value: Project) -> str:
    """The text of project.yaml."""
    data = {
        "weft": header("project"),
        "name": value.name,
        "id": value.id,
        "description": value.description,
        "variables": dict(value.variables),
    }
    return yaml_write.write(_present(data, value.extra), blocks=("variables",))


def read_other(node: Node, folder: str) -> dict[str, Any]:
    """An object of a kind without a model of its own, as plain data."""
    data: dict[str, Any] = migrated(node, FILE_KINDS[folder]).plain()
    return data | {"weft": header(FILE_KINDS[folder])}


def write_other(value: Mapping[str, Any]) -> str:
    """The text of such an object's file."""
    return yaml_write.write(value)


def _text(given: Mapping[str, Node], key: str, otherwise: str = "") -> str:
    return given[key].text() if key in given else otherwise


def _present(data: Mapping[str, Any], extra: Mapping[str, Any]) -> dict[str, Any]:
    """Without what is empty, then the keys this version does not know."""
    return {
        key: value for key, value in data.items() if key in _ALWAYS or value not in ("", {}, [], ())
    } | dict(extra)
