"""Transformation + schemas → Plan: rules in target order, paths resolved, and how the input must be read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from studio.base.errors import Problem, Severity
from studio.base.i18n import _
from studio.engine.effects import effects_of
from studio.engine.passes import find_passes, shape_of
from studio.engine.plan import Document, Plan, Target
from studio.engine.resolve import Resolver, key_of
from studio.engine.targets import TargetBuilder, is_entry
from studio.mapping.model import ON_FAILURE, Transformation
from studio.mapping.tree import Tree
from studio.schema.model import Kind, Place, Schema

Tables = Mapping[str, Mapping[str, Mapping[str, str]]]
_XSI = "http://www.w3.org/2001/XMLSchema-instance"
# Kinds that open as trees and map, while their documents are neither read nor written yet.
_SHOWN_ONLY = frozenset({"edi", "fixed", "copybook", "excel", "avro", "parquet", "protobuf"})
_DECLARED = frozenset({"xsd", "wsdl", "dtd", "json_schema", "json-schema", "salesforce"})


def compile_plan(
    transformation: Transformation,
    source_schema: Schema,
    target_schema: Schema,
    tables: Tables | None = None,
    *,
    source_tree: Tree | None = None,
    target_tree: Tree | None = None,
) -> Plan:
    """The plan of a transformation; what is wrong with it is in `Plan.problems`, each with the rule's target path.

    `tables` are the value tables by name: key → column → text. Give the trees to use them again for the next compile.
    """
    source_tree = source_tree or Tree(source_schema.root(transformation.source.root))
    target_tree = target_tree or Tree(target_schema.root(transformation.target.root))
    source = _document(source_schema, source_tree)
    target = _document(target_schema, target_tree)
    resolver = Resolver(source_tree, source.format == "xml")
    builder = TargetBuilder(
        transformation.mapping, target_tree, resolver, target.format, target_schema.namespaces
    )
    root = builder.build()
    problems = list(_schema_problems(transformation, source_tree, target_tree))
    problems += _not_yet(source_schema, transformation.source.schema)
    problems += _not_yet(target_schema, transformation.target.schema)
    problems += resolver.problems
    effects = effects_of(root)
    passes = find_passes(root, resolver.uses, source.format, source_tree)
    return Plan(
        name=transformation.name,
        source=source,
        target=_finished(target, builder, root, target_schema.kind),
        root=root,
        shape=shape_of(resolver.uses, source.format),
        outer=passes.outer,
        tops=passes.tops,
        passes=passes.kind,
        watch=passes.watch,
        reason=passes.reason,
        in_order=effects.in_order,
        logs=effects.logs,
        on_failure=transformation.on_failure or ON_FAILURE[0],
        tables=tables or {},
        problems=_unique(problems),
    )


def format_of(schema: Schema, root: Place | None) -> str:
    """How documents of a schema are written: xml, json, lines (JSON lines) or delimited."""
    if schema.facts.get("form") == "lines":
        return "lines"
    if schema.kind.startswith(("json", "openapi")):
        return "json"
    if root is not None and root.node.kind is Kind.SEGMENT:
        return "delimited"
    return "xml"


def _document(schema: Schema, tree: Tree) -> Document:
    root = tree.root
    format = format_of(schema, root)
    columns: tuple[str, ...] = ()
    if format == "delimited" and root is not None:
        columns = tuple(place.node.name for place in root.flat_children())
    return Document(
        format=format,
        root=key_of(root, format == "xml") if root is not None else "",
        schema=schema.files[0] if schema.files else "",
        facts=dict(schema.facts),
        columns=columns,
        declared=schema.kind in _DECLARED or _is_written(schema),
        entries=root is not None and format != "xml" and is_entry(root),
        objects=root is not None and format == "lines" and _is_object(root),
    )


def _is_written(schema: Schema) -> bool:
    """Somebody wrote a schema file of ours, with types; a sample beside it only has values."""
    return bool(schema.files) and schema.files[0].lower().endswith((".yaml", ".yml"))


def _is_object(place: Place) -> bool:
    """In a JSON schema: instances are objects, nothing else."""
    node = place.node
    plain = node.kind is Kind.ELEMENT and node.value is None
    return plain and not any(is_entry(child) for child in place.flat_children())


def _finished(target: Document, builder: TargetBuilder, root: Target, kind: str) -> Document:
    """The target with the namespaces its names need, and only the mapped columns where others would mean something."""
    declared = dict(builder.prefixes.declared)
    if any(node.nillable or node.xsi_type for node in root.walk()):
        declared["xsi"] = _XSI
    columns = target.columns
    if kind == "salesforce":
        mapped = {node.tag for top in root.children for node in top.children}
        columns = tuple(name for name in columns if name in mapped)
    return replace(target, namespaces=declared, columns=columns)


def _schema_problems(transformation: Transformation, source: Tree, target: Tree) -> Iterator[Problem]:
    sides = (
        (source, transformation.source, _("The source schema has no root {name}.")),
        (target, transformation.target, _("The target schema has no root {name}.")),
    )
    for tree_, use, message in sides:
        if tree_.root is None:
            yield _error(message.format(name=use.root or "—"), use.schema)
        elif tree_.root.node.kind in (Kind.OPERATION, Kind.MESSAGE):
            yield _error(_("A web service's operation cannot be read or written as a file yet."), use.schema)
    if transformation.sources or transformation.targets:
        yield Problem(
            Severity.WARNING,
            _(
                "The transformation names further sources or targets; this version reads and writes one of each."
            ),
            mend=_("Remove them, or bring the values into the main source."),
        )


def _not_yet(schema: Schema, file: str) -> Iterator[Problem]:
    """Schemas that can be mapped, but whose documents the engine neither reads nor writes."""
    if schema.kind in _SHOWN_ONLY:
        yield _error(
            _("Documents of the kind {kind} cannot be read or written by a run yet.").format(
                kind=schema.kind
            ),
            file,
        )
    elif schema.kind == "delimited" and any(
        child.kind is Kind.SEGMENT for root in schema.roots for child in root.type.children
    ):
        yield _error(
            _("Records inside records of a delimited file cannot be read or written by a run yet."), file
        )


def _error(message: str, file: str) -> Problem:
    return Problem(Severity.ERROR, message, file or None, mend=_("Choose another schema or root."))


def _unique(problems: list[Problem]) -> tuple[Problem, ...]:
    return tuple(dict.fromkeys(problems))
