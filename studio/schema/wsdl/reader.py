"""WSDL files, 1.1 and 2.0, as schemas: every operation is a root."""

from __future__ import annotations

from pathlib import Path

from studio.base.errors import BadInput, Problem, Severity
from studio.base.i18n import _
from studio.schema.model import Node, Schema
from studio.schema.wsdl.definitions import Definitions, wsdl_name
from studio.schema.wsdl.description import Description, word_of
from studio.schema.wsdl.interfaces import Interfaces
from studio.schema.wsdl.operations import Operations
from studio.schema.xml_source import Element, line_of, parse_schema
from studio.schema.xsd.closure import Closure
from studio.schema.xsd.inspect import inspect
from studio.schema.xsd.roots import element_roots, type_roots
from studio.schema.xsd.types import Types


def read_wsdl(
    path: Path, *, encoding: str | None = None, within: Path | None = None, beside: tuple[Path, ...] = ()
) -> Schema:
    """The schema in a WSDL file with all it imports; `within` is the folder no reference may leave.

    `beside` are further descriptions and schemas read together with it, as if it imported them.

    Raises BadInput when the file itself cannot be used. Where a description has no operations, the elements of its
    schemas are the roots, and a problem says so.
    """
    root = parse_schema(path, encoding=encoding)
    closure = Closure(within)
    closure.start(path, root)
    types, roots, version = _operations(path, root, closure, beside)
    if not roots:
        closure.problems.append(_no_operations(path, line_of(root)))
    facts = {"wsdl": version}
    if closure.looked_for:
        facts["looked_for"] = "\n".join(map(str, closure.looked_for))
    return Schema(
        "wsdl",
        roots or _element_roots(types),
        files=(str(path), *(str(file) for file in closure.files if file != closure.real(path))),
        problems=tuple(closure.problems),
        namespaces=types.prefixes.all(),
        facts=facts,
        others=lambda: _element_roots(types),
        inspect=lambda: inspect(closure),
    )


def _operations(
    path: Path, root: Element, closure: Closure, beside: tuple[Path, ...]
) -> tuple[Types, tuple[Node, ...], str]:
    """The types and operations of a description, and the version of WSDL it is written in."""
    if wsdl_name(root) == "definitions":
        definitions = Definitions(closure)
        definitions.load(path, root, beside)
        types = Types(closure.symbols, closure.missing)
        return types, Operations(definitions, types).roots(), "1.1"
    if word_of(root) == "description":
        description = Description(closure)
        description.load(path, root, beside)
        types = Types(closure.symbols, closure.missing)
        return types, Interfaces(description, types).roots(), "2.0"
    raise BadInput(
        _("This is not a service description: its root element is {name}.").format(name=repr(root.tag)),
        file=path,
        line=line_of(root),
        next_step=_("Give the .wsdl file, in WSDL 1.1 or 2.0."),
    )


def _element_roots(types: Types) -> tuple[Node, ...]:
    documents = types.symbols.documents
    return element_roots(types, documents) or type_roots(types, documents)


def _no_operations(path: Path, line: int | None) -> Problem:
    return Problem(
        Severity.WARNING,
        _("The description has no operations; the elements of its schemas are shown instead."),
        str(path),
        line,
        mend=_("Give the file that describes the port types, or one that imports it."),
    )
