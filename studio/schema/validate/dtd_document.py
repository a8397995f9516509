"""XML documents against a DTD: our reader puts its modules together, libxml2 checks what it is then given."""

from __future__ import annotations

from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

from lxml import etree

from studio.base.errors import BadInput, Problem, Severity
from studio.base.i18n import _
from studio.schema.dtd.content import written
from studio.schema.dtd.declarations import Declarations, Element
from studio.schema.dtd.model import Attribute, Particle
from studio.schema.dtd.parser import parse_file
from studio.schema.path import Step, parse_path
from studio.schema.source import MEGABYTE
from studio.schema.validate.dtd_words import in_plain_words
from studio.schema.validate.size import check_size
from studio.schema.xml_source import line_of, parse_schema

_LARGEST = 64 * MEGABYTE


def check_by_dtd(
    schema: Path, instance: Path, *, root: str | None, record: str | None, within: Path | None
) -> Iterator[Problem]:
    """The problems of a document; libxml2 needs the whole of it in memory."""
    check_size(instance, _LARGEST)
    parser, files = parse_file(schema, within=within)
    yield from (problem for problem in files.problems if problem.severity is not Severity.NOTE)
    dtd = _compiled(parser.declarations, schema)
    document = parse_schema(instance, limit=_LARGEST)
    names = tuple(step.name for step in parse_path(record)) if record else ()
    if root and _local(document) != root:
        yield Problem(
            Severity.ERROR,
            _("The document starts with {name}, not with {root}.").format(name=_local(document), root=root),
            str(instance),
            line_of(document),
            path=_local(document),
        )
    if dtd.validate(document):
        return
    tree = document.getroottree()
    log: Any = dtd.error_log
    for entry in log:
        yield _problem(entry, tree, instance, names)


def _compiled(declarations: Declarations, schema: Path) -> etree.DTD:
    try:
        return etree.DTD(StringIO(flat_text(declarations)))
    except etree.DTDParseError as error:
        raise BadInput(
            _("The schema cannot be used to check documents: {reason}.").format(
                reason=" ".join(str(error).split())[:200].rstrip(".")
            ),
            file=schema,
            next_step=_("Correct the schema first."),
        ) from None


def flat_text(declarations: Declarations) -> str:
    """The declarations as one DTD without entities."""
    lines = [_element(element) for element in declarations.elements.values()]
    lines += [
        _attribute(name, attribute)
        for name, listed in declarations.attributes.items()
        for attribute in listed.named.values()
    ]
    return "\n".join(lines)


def _element(element: Element) -> str:
    if element.kind in ("EMPTY", "ANY"):
        return f"<!ELEMENT {element.name} {element.kind}>"
    if element.kind == "MIXED":
        names = _names(element.model.items) if element.model else []
        mixed = " | ".join(["#PCDATA", *names])
        return f"<!ELEMENT {element.name} ({mixed}){'*' if names else ''}>"
    return f"<!ELEMENT {element.name} {written(element.model) if element.model else 'ANY'}>"


def _names(items: tuple[Any, ...]) -> list[str]:
    """The elements that may stand among the text."""
    found = [item.name for item in items if isinstance(item, Particle) and not item.name.startswith("#")]
    for item in items:
        if not isinstance(item, Particle):
            found += _names(item.items)
    return list(dict.fromkeys(found))


def _attribute(element: str, attribute: Attribute) -> str:
    kind = attribute.kind
    if attribute.values:
        kind = f"{'NOTATION ' if kind == 'NOTATION' else ''}({'|'.join(attribute.values)})"
    default = ""
    if attribute.default is not None:
        text = attribute.default.replace("&", "&#38;").replace("<", "&#60;").replace('"', "&#34;")
        default = f' "{text}"'
    return f"<!ATTLIST {element} {attribute.name} {kind} {attribute.use}{default}>"


def _problem(entry: Any, tree: Any, instance: Path, record: tuple[str, ...]) -> Problem:
    message, mend = in_plain_words(" ".join(entry.message.split()))
    element = _at(tree, entry.path)
    chain = [element, *element.iterancestors()][::-1] if element is not None else []
    return Problem(
        Severity.ERROR,
        message,
        str(instance),
        (line_of(element) if element is not None else None) or entry.line or None,
        path="/".join(str(_step(one)) for one in chain) or None,
        mend=mend,
        record=_record(chain, record),
    )


def _at(tree: Any, path: str | None) -> Any:
    try:
        found = tree.xpath(path) if path else []
    except etree.XPathError:
        return None
    return found[0] if found else None


def _record(chain: list[Any], record: tuple[str, ...]) -> int | None:
    if not chain:
        return None
    if record and tuple(map(_local, chain[: len(record)])) != record:
        return None
    at = len(record) - 1 if record else 1
    if len(chain) <= at or at < 1:
        return None
    return 1 + sum(1 for _same in chain[at].itersiblings(chain[at].tag, preceding=True))


def _step(element: Any) -> Step:
    number = 1 + sum(1 for _same in element.itersiblings(element.tag, preceding=True))
    return Step(_local(element), index=number if number > 1 else None)


def _local(element: Any) -> str:
    return str(element.tag).rpartition("}")[2]
