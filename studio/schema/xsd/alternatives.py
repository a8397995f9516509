"""What an element says of its type in XML Schema 1.1: other types by a test of its attributes, and assertions."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from studio.schema.model import Type
from studio.schema.xml_source import Element
from studio.schema.xsd.names import XSD, QName, first
from studio.schema.xsd.newer import alternatives, assertions
from studio.schema.xsd.symbols import Component, Document

_ERROR = (XSD, "error")
_SEPARATOR = "\n"


class Alternatives:
    """Gives an element the types of its alternatives to choose from, and its tests as facts.

    `chain` gives the types an element's type comes from, itself first.
    """

    def __init__(
        self,
        type_named: Callable[[QName | None, str, Element], tuple[Type, str | None]],
        type_of: Callable[[Component], Type],
        chain: Callable[[Element, Document], Iterator[Component]],
    ) -> None:
        self._type_named = type_named
        self._type_of = type_of
        self._chain = chain
        self._made: dict[tuple[Element, Document], Type] = {}

    def element(self, element: Element, document: Document, kind: Type) -> tuple[Type, dict[str, str]]:
        """The type of an element that may have alternatives, and its facts.

        `alternatives`: a line for each, `TYPE if TEST`; `assertions`: a line for each test of its type.
        """
        facts: dict[str, str] = {}
        tests = [test for step in self._chain(element, document) for test in assertions(step.element)]
        if tests:
            facts["assertions"] = _SEPARATOR.join(tests)
        offered, notes = self._offered(element, document)
        if notes:
            facts["alternatives"] = _SEPARATOR.join(notes)
        if offered:
            kind = self._with(element, document, kind, offered)
        return kind, facts

    def _offered(self, element: Element, document: Document) -> tuple[list[Type], list[str]]:
        offered: list[Type] = []
        notes: list[str] = []
        for number, (test, declared) in enumerate(alternatives(element), 1):
            kind = self._alternative(declared, document, number)
            name = kind.name if kind is not None else "error"
            notes.append(f"{name} if {test}" if test else name)
            if kind is not None:
                offered.append(kind)
        return offered, notes

    def _alternative(self, declared: Element, document: Document, number: int) -> Type | None:
        """The type of an alternative; None for the one that says the document is wrong."""
        text = declared.get("type")
        if text is not None:
            name = document.name(declared, text)
            return None if name == _ERROR else self._type_named(name, text, declared)[0]
        inline = first(declared, "complexType", "simpleType")
        if inline is None:
            return None
        found = self._type_of(Component(inline, document))
        if not found.name:
            # So that an address can say which one it means.
            found.name = f"alternative{number}"
        return found

    def _with(self, element: Element, document: Document, kind: Type, offered: list[Type]) -> Type:
        key = (element, document)
        if key not in self._made:
            self._made[key] = Type(
                kind.name,
                value=lambda: kind.value,
                children=(lambda: kind.children) if not kind.leaf else None,
                derived=lambda: tuple(dict.fromkeys((*offered, *kind.derived))),
                namespace=kind.namespace,
                abstract=kind.abstract,
                mixed=kind.mixed,
                documentation=kind.documentation,
            )
        return self._made[key]
