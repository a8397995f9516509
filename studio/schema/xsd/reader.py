"""XML Schema files as schemas: global elements are the roots, complex types where there are none."""

from __future__ import annotations

from pathlib import Path

from studio.base.errors import BadInput, Problem, Severity
from studio.base.i18n import _
from studio.schema.model import Schema
from studio.schema.xml_source import Element, line_of, parse_schema
from studio.schema.xsd.closure import Closure
from studio.schema.xsd.inspect import inspect
from studio.schema.xsd.names import local_name
from studio.schema.xsd.roots import element_roots, type_roots
from studio.schema.xsd.symbols import Document
from studio.schema.xsd.types import Types


def read_xsd(
    path: Path, *, encoding: str | None = None, within: Path | None = None, beside: tuple[Path, ...] = ()
) -> Schema:
    """The schema in an XSD file with everything it includes and imports.

    `within` is the folder no reference may leave; `beside` are further schemas whose elements are roots too. Raises BadInput when the file itself cannot be used; what is missing
    elsewhere is among the schema's problems and marked in the tree.
    """
    return schema_of(parse_schema(path, encoding=encoding), path, within=within, beside=beside)


def schema_of(
    root: Element, path: Path, *, within: Path | None = None, beside: tuple[Path, ...] = ()
) -> Schema:
    """`read_xsd` of a root parsed already."""
    if local_name(root) != "schema":
        raise BadInput(
            _("This is not an XML schema: its root element is {name}.").format(name=repr(root.tag)),
            file=path,
            line=line_of(root),
            next_step=_("Give the .xsd file, or read this one as a sample."),
        )
    closure = Closure(within)
    closure.start(path, root)
    entry = closure.add(path, root)
    closure.load()
    for further in beside:
        parsed = closure.parse(further)
        if parsed is not None and local_name(parsed) == "schema":
            closure.add(further, parsed)
            closure.load()
    types = Types(closure.symbols, closure.missing)
    own = [document for document in closure.symbols.documents if not document.imported]
    roots = element_roots(types, own) or element_roots(types, closure.symbols.documents)
    problems = list(closure.problems)
    if not roots:
        roots = type_roots(types, own)
    if not roots:
        problems.append(_nothing(entry, path))
    return Schema(
        "xsd",
        roots,
        files=(str(path), *(str(file) for file in closure.files if file != closure.real(path))),
        problems=tuple(problems),
        namespaces=types.prefixes.all(),
        facts={"looked_for": "\n".join(map(str, closure.looked_for))} if closure.looked_for else {},
        others=lambda: element_roots(types, [d for d in closure.symbols.documents if d.imported]),
        inspect=lambda: inspect(closure),
    )


def _nothing(document: Document, path: Path) -> Problem:
    return Problem(
        Severity.WARNING,
        _("The schema declares no element and no complex type, so there is nothing to show."),
        document.file,
        line_of(document.schema),
        mend=_("Read the schema that includes {name}.").format(name=path.name),
    )
