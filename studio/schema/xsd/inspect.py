"""A look at every declaration of a schema: names that lead nowhere and declarations that make no sense."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, islice

from studio.base.errors import Problem, Severity
from studio.base.i18n import _
from studio.schema.xml_source import Element, line_of
from studio.schema.xsd.ambiguity import ambiguities
from studio.schema.xsd.closure import Closure
from studio.schema.xsd.names import LOCAL, XSD_NAMESPACES, QName
from studio.schema.xsd.symbols import Document

# Which attributes of which elements name a component of which table.
_REFERENCES: dict[str, tuple[tuple[str, str], ...]] = {
    "element": (("ref", "element"), ("type", "type"), ("substitutionGroup", "element")),
    "attribute": (("ref", "attribute"), ("type", "type")),
    "group": (("ref", "group"),),
    "attributeGroup": (("ref", "attributeGroup"),),
    "extension": (("base", "type"),),
    "restriction": (("base", "type"),),
    "list": (("itemType", "type"),),
    "union": (("memberTypes", "type"),),
}
_MOST_PROBLEMS = 200


def inspect(closure: Closure) -> tuple[Problem, ...]:
    """The problems of all files, one per cause: a name is reported where it is first used, with the number of uses.

    Names of a namespace whose file is missing are left out: that file has its message already.
    """
    lost: dict[tuple[str, str], tuple[Document, Element, int]] = {}
    for document, element, table, name, text in _uses(closure):
        if name is not None and (name[0] in XSD_NAMESPACES or name[0] in closure.missing):
            continue
        if name is None or closure.symbols.find(table, name, element) is None:
            first_document, first_element, count = lost.get((table, text), (document, element, 0))
            lost[table, text] = (first_document, first_element, count + 1)
    found = [
        Problem(
            Severity.WARNING, _sentence(table, text, count), document.file, line_of(element), mend=_mend(text)
        )
        for (table, text), (document, element, count) in lost.items()
    ]
    more = islice(chain(_twice(closure), ambiguities(closure.symbols)), _MOST_PROBLEMS)
    return (*found[:_MOST_PROBLEMS], *more)


def _twice(closure: Closure) -> Iterator[Problem]:
    """Declarations of a name that has one already; the tree shows the first."""
    told: set[Element] = set()
    for _table, name, component in closure.symbols.duplicates:
        if component.element in told:
            continue
        told.add(component.element)
        yield Problem(
            Severity.WARNING,
            _("{name} is declared already; this declaration is not used.").format(name=name[1]),
            component.document.file,
            line_of(component.element),
            mend=_("Remove one of the two, or give it another name."),
        )


def _uses(closure: Closure) -> Iterator[tuple[Document, Element, str, QName | None, str]]:
    tags = {tag: _REFERENCES[word] for tag, word in LOCAL.items() if word in _REFERENCES}
    for document in closure.symbols.documents:
        if document.path is None:
            continue
        for element in document.schema.iter(*tags):
            for attribute, table in tags[str(element.tag)]:
                for text in (element.get(attribute) or "").split():
                    yield document, element, table, document.name(element, text), text


def _sentence(table: str, text: str, count: int) -> str:
    if table == "type":
        sentence = _("The type {name} is used but not declared; uses: {count}.")
    elif table == "element":
        sentence = _("The element {name} is referred to but not declared; uses: {count}.")
    elif table == "attribute":
        sentence = _("The attribute {name} is referred to but not declared; uses: {count}.")
    else:
        sentence = _("The group {name} is referred to but not declared; uses: {count}.")
    return sentence.format(name=text, count=count)


def _mend(text: str) -> str:
    prefix, colon, _name = text.rpartition(":")
    if colon:
        return _("Check the spelling, what the prefix {prefix} stands for, and the imports.").format(
            prefix=prefix
        )
    return _("Check the spelling and the includes.")
