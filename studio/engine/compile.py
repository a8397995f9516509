"""Transformation + schemas → Plan: rules in target order, paths resolved, and how the input must be read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from studio.base.errors import Problem, Severity
from studio.base.i18n import _
from studio.base.quick import without_collecting
from studio.engine.effects import effects_of
from studio.engine.formats.edi_layout import layout_of
from studio.engine.formats.edi_marks import without_separators
from studio.engine.forms import Form, form_of
from studio.engine.joining import Joining
from studio.engine.kinds import kinds_of
from studio.engine.nested import FORMATS
from studio.engine.output_options import option_problems, unwritable_names, with_options
from studio.engine.passes import Uses, find_passes, shape_of
from studio.engine.plan import Document, Further, Output, Plan, Shape, Target
from studio.engine.resolve import Resolver, Use, in_further, is_entry, key_of
from studio.engine.targets import TargetBuilder
from studio.mapping import further as trees
from studio.mapping.further import NO_MORE, MoreSchemas
from studio.mapping.model import ON_FAILURE, Transformation
from studio.mapping.model import Mapping as Rules
from studio.mapping.tree import Tree
from studio.schema.model import Kind, Place, Schema
from studio.schema.path import document_of

Tables = Mapping[str, Mapping[str, Mapping[str, str]]]
_XSI = "http://www.w3.org/2001/XMLSchema-instance"
# Kinds that open as trees and map, while their documents are neither read nor written yet.
_SHOWN_ONLY = frozenset({"protobuf"})
_DECLARED = frozenset({"xsd", "wsdl", "dtd", "json_schema", "json-schema", "salesforce"})
_DECLARED = frozenset(
    {
        "xsd",
        "wsdl",
        "dtd",
        "json_schema",
        "json-schema",
        "salesforce",
        "avro",
        "parquet",
        "database",
        "copybook",
    }
)


def compile_plan(
    transformation: Transformation,
    source_schema: Schema,
    target_schema: Schema,
    tables: Tables | None = None,
    *,
    source_tree: Tree | None = None,
    target_tree: Tree | None = None,
    further: MoreSchemas = NO_MORE,
) -> Plan:
    """The plan of a transformation; what is wrong with it is in `Plan.problems`, each with the rule's target path.

    `tables` are the value tables by name: key → column → text; `further` the schemas of the further documents. Give the
    trees to use them again for the next compile; they hold those of the further documents then.
    """
    given = transformation
    source_tree = source_tree or trees.source_tree(given, source_schema, further)
    target_tree = target_tree or trees.target_tree(given, target_schema, further)
    return Compiler(source_schema, target_schema, source_tree, target_tree, further).plan(given, tables)


class Compiler:
    """Compiles transformations between schemas; after an edit, only what the edit has touched is made again.

    The plan is the one that a Compiler made anew gives. A map with joins or further documents is made anew each time.
    """

    def __init__(
        self,
        source: Schema,
        target: Schema,
        source_tree: Tree,
        target_tree: Tree,
        further: MoreSchemas = NO_MORE,
    ) -> None:
        self._schemas, self._further = (source, target), further
        self._trees = source_tree, target_tree
        self._source = _document(source, source_tree)
        self._sources = {
            name: _document(schema, source_tree.further[name]) for name, schema in further.sources.items()
        }
        self._begin()

    def _begin(self) -> None:
        formats = {"": self._source.format, **{name: each.format for name, each in self._sources.items()}}
        xml = frozenset(name for name, format in formats.items() if format == "xml")
        self._resolver = Resolver(self._trees[0], xml)
        self._joining = Joining(self._resolver, formats)
        sides = _targets(self._schemas[1], self._further, self._trees[1])
        self._targets = [_Target(*side, self._resolver, self._joining, self._source.format) for side in sides]
        self._joined = False

    def plan(self, given: Transformation, tables: Tables | None = None) -> Plan:
        """The plan of a transformation with these schemas; see compile_plan."""
        joined = bool(self._sources) or any(rule.join for rule in given.mapping.rules)
        if joined or self._joined:
            self._begin()
        self._joined = joined
        with without_collecting():
            for each in self._targets:
                each.build(given)
        main, *others = self._targets
        reads, uses = self._reads()
        roots = tuple(each.root for each in self._targets)
        effects = effects_of(*roots)
        pure = not (effects.in_order or effects.logs)
        passes = find_passes(roots, reads, self._source.format, self._trees[0], pure=pure)
        return Plan(
            name=given.name,
            source=self._source,
            target=main.document,
            root=main.root,
            shape=reads.shape,
            outer=passes.outer,
            tops=passes.tops[0],
            passes=passes.kind,
            watch=passes.watch,
            reason=passes.reason,
            in_order=effects.in_order,
            logs=effects.logs,
            on_failure=given.on_failure or ON_FAILURE[0],
            tables=tables or {},
            problems=self._problems(given),
            further=tuple(
                Further(name, document, _shape_in(name, uses, document.format))
                for name, document in self._sources.items()
            ),
            lookups=self._joining.lookups(),
            outputs=tuple(
                Output(each.name, each.document, each.root, tops)
                for each, tops in zip(others, passes.tops[1:], strict=True)
            ),
            kinds=kinds_of(given, reads.all),
        )

    def _reads(self) -> tuple[Uses, list[Use]]:
        """What is read of the main source, and with joins or further documents all that is read anywhere."""
        main, *others = (each.builder for each in self._targets)
        if not (self._joined or others):
            return Uses(main.shapes.shape(), main.leads, main.uses), []
        self._resolver.uses = [use for builder in (main, *others) for use in builder.uses()]
        uses = [*self._resolver.uses, *self._joining.beside_records()]
        here = [use for use in uses if not in_further(use.places)]
        return Uses(shape_of(here, self._source.format), tuple(here), lambda: here), uses

    def _problems(self, given: Transformation) -> tuple[Problem, ...]:
        found = list(_problems(given, *self._schemas, self._further, self._trees))
        for each in self._targets:
            found += [*each.problems, *each.builder.problems]
        return _unique(found)


class _Target:
    """A target of the plan: its rules put into its schema's order."""

    def __init__(
        self, name: str, schema: Schema, tree: Tree, resolver: Resolver, joining: Joining, source_format: str
    ) -> None:
        self.name = name
        self._schema = schema
        self._document = _document(schema, tree)
        self.builder = TargetBuilder(
            tree, resolver, self._document.format, source_format, schema.namespaces, joining
        )

    def build(self, given: Transformation) -> None:
        """Make `root` and `document` of the rules that are this target's."""
        rules = given.mapping.rules
        if self.name or given.targets:
            rules = tuple(rule for rule in rules if document_of(rule.path) == self.name)
        self.root = self.builder.build(Rules(rules))
        if self._document.messages is not None:
            self.root = without_separators(self.root)
        use = given.targets[self.name] if self.name else given.target
        document = with_options(self._document, use.extra)
        self.document = _finished(document, self.builder, self.root, self._schema.kind)
        self.problems = (
            *option_problems(self._document, use.extra, use.schema),
            *unwritable_names(self.document, self.root),
        )


def _targets(schema: Schema, further: MoreSchemas, tree: Tree) -> Iterator[tuple[str, Schema, Tree]]:
    yield "", schema, tree
    for name, each in further.targets.items():
        yield name, each, tree.further[name]


def _shape_in(name: str, uses: list[Use], format: str) -> Shape:
    """What is read of a further document as a whole."""
    inside = [
        Use(use.read, use.places[1:], use.loop)
        for use in uses
        if len(use.places) > 1 and use.places[0].path == f"{name}::" and in_further(use.places)
    ]
    return shape_of(inside, format)


def _problems(
    given: Transformation, source: Schema, target: Schema, further: MoreSchemas, trees: tuple[Tree, Tree]
) -> Iterator[Problem]:
    yield from _schema_problems(given, *trees)
    yield from _not_yet(source, given.source.schema)
    yield from _not_yet(target, given.target.schema)
    sides = ((further.sources, given.sources, trees[0]), (further.targets, given.targets, trees[1]))
    for schemas, uses, tree in sides:
        for name, schema in schemas.items():
            yield from _not_yet(schema, uses[name].schema)
            if tree.further[name].root is None:
                message = _("The schema of {document} has no root {name}.")
                yield _error(message.format(document=name, name=uses[name].root or "—"), uses[name].schema)
    for rule in given.mapping.rules:
        name = document_of(rule.path)
        if name and name not in further.targets:
            yield Problem(
                Severity.ERROR,
                _("There is no further target called {name}.").format(name=name),
                path=rule.path,
                mend=_("Name it under targets, with its schema."),
            )


def format_of(schema: Schema, root: Place | None) -> str:
    """How documents of a schema are written: xml, json, lines (JSON lines), delimited, edi or a format of engine.nested."""
    if schema.kind in FORMATS or schema.kind == "edi":
        return schema.kind
    if schema.kind == "delimited" and _mixes_records(schema):
        return "records"
    if schema.facts.get("form") == "lines":
        return "lines"
    if schema.kind.startswith(("json", "openapi")):
        return "json"
    if root is not None and root.node.kind is Kind.SEGMENT:
        return "delimited"
    return "xml"


def _mixes_records(schema: Schema) -> bool:
    """Records of several kinds, or inside one another."""
    return len(schema.roots) > 1 or any(
        child.kind is Kind.SEGMENT for root in schema.roots for child in root.type.children
    )


def _forms(schema: Schema, root: Place | None, format: str) -> tuple[Form, ...]:
    """The records there are: whatever is mapped, those of other kinds stand between them."""
    if format not in FORMATS or root is None:
        return ()
    if format == "avro":
        return (form_of(root.node, alone=True),)
    several = schema.kind in ("fixed", "delimited")
    return tuple(form_of(node) for node in (schema.roots if several else (root.node,)))


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
        declared=schema.kind in _DECLARED or _is_written(schema) or schema.facts.get("form") == "definition",
        entries=root is not None and format != "xml" and is_entry(root),
        objects=root is not None and format == "lines" and _is_object(root),
        messages=layout_of(root.node) if root is not None and format == "edi" else None,
        forms=_forms(schema, root, format),
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
    if root.speaks_of_itself:
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


def _not_yet(schema: Schema, file: str) -> Iterator[Problem]:
    """Schemas that can be mapped, but whose documents the engine neither reads nor writes."""
    if schema.kind in _SHOWN_ONLY:
        yield _error(
            _("Documents of the kind {kind} cannot be read or written by a run yet.").format(
                kind=schema.kind
            ),
            file,
        )


def _error(message: str, file: str) -> Problem:
    return Problem(Severity.ERROR, message, file or None, mend=_("Choose another schema or root."))


def _unique(problems: list[Problem]) -> tuple[Problem, ...]:
    return tuple(dict.fromkeys(problems))
