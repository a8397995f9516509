"""Elements and types of one schema as nodes and shared types, each made when first asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from typing import NamedTuple

from studio.base.i18n import _
from studio.schema.model import ANYTHING, ONCE, TEXT, Kind, Node, Occurs, Type, ValueType
from studio.schema.xml_source import Element, line_of
from studio.schema.xsd import arrays, newer
from studio.schema.xsd.alternatives import Alternatives
from studio.schema.xsd.attributes import WILD, Attributes, Found, admits
from studio.schema.xsd.content import Content, Nodes, merged
from studio.schema.xsd.names import LOCAL, TRUE, XSD_NAMESPACES, QName, documentation, first, local_name
from studio.schema.xsd.prefixes import Prefixes
from studio.schema.xsd.symbols import Component, Document, Symbols
from studio.schema.xsd.values import BUILTINS, Values

# Types derived from each other further than this are not written by people.
_LONGEST_CHAIN = 2000


class Own(NamedTuple):
    """What a complex type declares besides what it takes over from its base."""

    attributes: Found
    content: Nodes
    restricts: bool
    item: arrays.Item | None


class Types:
    """Makes nodes for declarations. `missing` maps a namespace to the location of a file of it that is not there."""

    def __init__(self, symbols: Symbols, missing: dict[str, str]) -> None:
        self.symbols = symbols
        self.values = Values(symbols)
        self.prefixes = Prefixes(symbols.documents)
        self._missing = missing
        self._attributes = Attributes(
            symbols, self._attribute_type, lambda name: self.reason("attribute", name)
        )
        self._content = Content(
            symbols, self.local_element, self._admitted, lambda name: self.reason("group", name)
        )
        self._types: dict[tuple[Element, Document], Type] = {}
        self._owns: dict[Component, Own] = {}
        self._bases: dict[Component, Component | None] = {}
        self._texts: dict[Component, ValueType | None] = {}
        self._builtins: dict[str, Type] = {}
        self._unknown: dict[QName, Type] = {}
        self._nodes: dict[tuple[Element, Document, Occurs], Node] = {}
        self._open: dict[tuple[str | None, ...], Admitted] = {}
        self._newer = Alternatives(self.type_named, self.type_of, self._types_of)

    # Elements

    def global_element(self, component: Component, occurs: Occurs = ONCE, said: str = "") -> Node:
        """The node of a global element, `said` being the documentation at the place that refers to it."""
        element, document = component
        key = (element, document, occurs)
        known = self._nodes.get(key)
        if known is None or said:
            namespace = document.namespace
            made = self._element(element, document, occurs, namespace, said)
            if said:
                return made
            known = self._nodes[key] = made
        return known

    def element_named(self, name: QName | None, label: str, user: Element, occurs: Occurs = ONCE) -> Node:
        """The node of a global element by name; a marked one where there is none. `label` is the name as written."""
        component = self.symbols.find("element", name, user)
        if component is None and name is not None and name[0] in XSD_NAMESPACES and name[1] == "schema":
            # .NET sends a schema along with a data set: any XML, as far as a mapping goes.
            return Node("schema", Kind.ELEMENT, self.builtin("anyType"), occurs, namespace=name[0])
        if component is None:
            return self.lost(name or ("", label), self.reason("element", name or ("", label)), occurs, user)
        return self.global_element(component, occurs, documentation(user) if local_name(user) else "")

    def local_element(self, element: Element, document: Document, occurs: Occurs) -> Node:
        """The node of an element declaration, or reference, inside a content model."""
        reference = element.get("ref")
        if reference is not None:
            return self.element_named(document.name(element, reference), reference, element, occurs)
        key = (element, document, occurs)
        known = self._nodes.get(key)
        if known is None:
            form = element.get("form")
            qualified = form == "qualified" if form else document.qualified_elements
            namespace = element.get("targetNamespace", document.namespace if qualified else "")
            known = self._nodes[key] = self._element(element, document, occurs, namespace, "")
        return known

    def _element(
        self, element: Element, document: Document, occurs: Occurs, namespace: str, said: str
    ) -> Node:
        name = (element.get("name") or "").strip()
        if not name:
            return self.lost(("", "?"), _("This element has no name."), occurs, element)
        kind, reason = self._element_type(element, document)
        facts = {"abstract": "true"} if element.get("abstract") in TRUE else {}
        if self._any_newer:
            kind, more = self._newer.element(element, document, kind)
            facts |= more
        is_head = (namespace, name) in self._members and element.getparent() is document.schema
        return Node(
            name,
            Kind.ELEMENT,
            kind,
            occurs,
            namespace=namespace,
            default=element.get("default"),
            fixed=element.get("fixed"),
            nillable=element.get("nillable") in TRUE,
            documentation=said or documentation(element) or kind.documentation,
            unresolved=reason,
            substitutes=(lambda: self._substitutes((namespace, name))) if is_head else None,
            line=line_of(element),
            facts=facts,
        )

    @cached_property
    def _any_newer(self) -> bool:
        return any(document.newer for document in self.symbols.documents)

    def _types_of(self, element: Element, document: Document) -> Iterator[Component]:
        """The type declarations an element's type comes from, its own first."""
        text = element.get("type")
        if text is not None:
            found = self.symbols.find("type", document.name(element, text), element)
        else:
            inline = first(element, "complexType", "simpleType")
            found = Component(inline, document) if inline is not None else None
        if found is not None:
            yield from self._chain(found)

    def _element_type(self, element: Element, document: Document) -> tuple[Type, str | None]:
        text = element.get("type")
        if text is not None:
            return self.type_named(document.name(element, text), text, element)
        inline = first(element, "complexType", "simpleType")
        if inline is not None:
            return self.type_of(Component(inline, document)), None
        return self._type_of_head(element, document), None

    def _type_of_head(self, element: Element, document: Document) -> Type:
        """An element that says nothing of its type has that of the head of its substitution group."""
        for _step in range(_LONGEST_CHAIN):
            head = element.get("substitutionGroup")
            found = (
                self.symbols.find("element", document.name(element, head.split()[0]), element)
                if head
                else None
            )
            if found is None:
                break
            element, document = found
            if element.get("type") is not None or first(element, "complexType", "simpleType") is not None:
                return self._element_type(element, document)[0]
        return self.builtin("anyType")

    def lost(self, name: QName, reason: str, occurs: Occurs, user: Element) -> Node:
        """The marked node for an element whose declaration is not there."""
        return Node(
            name[1] or "?",
            Kind.ELEMENT,
            Type(name[1]),
            occurs,
            namespace=name[0],
            unresolved=reason,
            line=line_of(user),
        )

    def reason(self, table: str, name: QName) -> str:
        """Why a name is not there: its file is missing, or nobody declares it."""
        if ":" in name[1]:
            prefix, _colon, local = name[1].rpartition(":")
            return _("The prefix {prefix} of {name} is not declared.").format(prefix=prefix, name=local)
        text = _NOT_FOUND[table]().format(name=name[1], namespace=name[0] or _("no namespace"))
        location = self._missing.get(name[0])
        if location:
            return _("{reason} The file {location} is missing.").format(reason=text, location=location)
        return text

    # Types

    def type_named(self, name: QName | None, label: str, user: Element) -> tuple[Type, str | None]:
        """The shared type of a name, and why it is not there if so."""
        if name is not None and name[0] in XSD_NAMESPACES:
            return self.builtin(name[1]), None
        component = self.symbols.find("type", name, user)
        if component is not None:
            return self.type_of(component), None
        asked = name or ("", label)
        if asked not in self._unknown:
            self._unknown[asked] = Type(asked[1], namespace=asked[0])
        return self._unknown[asked], self.reason("type", asked)

    def builtin(self, name: str) -> Type:
        """The shared type of a built-in name."""
        if name not in self._builtins:
            derived = self._derived_of(("", name))
            if name in ("anyType", "ur-type"):
                made = Type(
                    "anyType", value=TEXT, mixed=True, children=lambda: ANYTHING.children, derived=derived
                )
            else:
                made = Type(name, value=self.values.builtin(name), derived=derived)
            self._builtins[name] = made
        return self._builtins[name]

    def type_of(self, component: Component) -> Type:
        """The shared type of a global or anonymous type declaration."""
        known = self._types.get(component)
        if known is None:
            known = self._types[component] = self._make(component)
        return known

    def _make(self, component: Component) -> Type:
        element, document = component
        name = (element.get("name") or "").strip()
        said = documentation(element)
        if local_name(element) == "simpleType":
            return Type(
                name,
                value=lambda: self.values.of(component),
                namespace=document.namespace,
                derived=self._derived_of((document.namespace, name)) if name else None,
                documentation=said,
            )
        return Type(
            name,
            value=lambda: self._text(component),
            children=(lambda: self._children(component))
            if document.gives or _may_have_children(element)
            else None,
            derived=self._derived_of((document.namespace, name)) if name else None,
            namespace=document.namespace,
            abstract=element.get("abstract") in TRUE,
            mixed=_is_mixed(element),
            documentation=said,
        )

    def _attribute_type(self, element: Element, document: Document) -> Type:
        text = element.get("type")
        if text is not None:
            return self.type_named(document.name(element, text), text, element)[0]
        inline = first(element, "simpleType")
        return (
            self.type_of(Component(inline, document)) if inline is not None else self.builtin("anySimpleType")
        )

    def _text(self, component: Component) -> ValueType | None:
        passed: list[Component] = []
        value: ValueType | None = None
        for step in self._chain(component):
            if step in self._texts:
                value = self._texts[step]
                break
            passed.append(step)
            element, document = step
            if first(element, "simpleContent") is not None or _holds_text(element, document):
                value = self.values.of(step)
                break
            if _is_mixed(element):
                value = TEXT
                break
        # What says nothing itself has the text of what it comes from.
        self._texts |= dict.fromkeys(passed, value)
        return value

    def _children(self, component: Component) -> Nodes:
        attributes: Found = {}
        content: list[Node] = []
        chain = list(self._chain(component))
        for step in reversed(chain):
            own = self._own(step)
            if own.restricts:
                # What a restriction does not repeat of the content is gone, and so is a wildcard for attributes.
                content = []
                attributes.pop(WILD, None)
            for name, node in own.attributes.items():
                if node is None:
                    attributes.pop(name, None)
                else:
                    attributes[name] = node
            content += own.content
        item = next((own.item for own in map(self._own, chain) if own.item is not None), None)
        if item is not None and not any(node.kind is Kind.ELEMENT for node in content):
            content = [self._array_item(item)]
        nodes = (*(node for node in attributes.values() if node is not None), *merged(content))
        return self.prefixes.told_apart(nodes)

    def _own(self, component: Component) -> Own:
        """What one type of a chain declares itself; kept, as every type derived from it asks again."""
        known = self._owns.get(component)
        if known is None:
            element, document = component
            derivation = _derivation(element)
            inner = element if derivation is None else derivation
            content = self._content.inside(inner, document)
            known = self._owns[component] = Own(
                self._attributes.default(element, document) | self._attributes.inside(inner, document),
                content + self._opened(element, derivation, document, content),
                derivation is not None and local_name(derivation) == "restriction",
                arrays.item_type(element, document),
            )
        return known

    def _opened(
        self, element: Element, derivation: Element | None, document: Document, content: Nodes
    ) -> Nodes:
        if not document.newer:
            return ()
        found = newer.open_content(element, derivation, document.schema, bool(content) or _is_mixed(element))
        if found is None:
            return ()
        above = found.getparent()
        mode = above.get("mode") if above is not None else None
        return (self._content.opened(found, document, mode or "interleave"),)

    def _array_item(self, item: arrays.Item) -> Node:
        kind, reason = self.type_named(item.name, item.label, item.element)
        for _level in range(item.nested):
            inner = arrays.item_node(kind, reason, item.element)
            kind, reason = Type("Array", children=lambda node=inner: (node,)), None  # type: ignore[misc]
        return arrays.item_node(kind, reason, item.element)

    def _chain(self, component: Component) -> Iterator[Component]:
        """The complex type and those it comes from, nearest first, for as long as they are found."""
        seen: set[Component] = set()
        at: Component | None = component
        while at is not None and at not in seen and len(seen) < _LONGEST_CHAIN:
            yield at
            seen.add(at)
            if at not in self._bases:
                self._bases[at] = self._base(at)
            at = self._bases[at]

    def _base(self, component: Component) -> Component | None:
        derivation = _derivation(component.element)
        text = derivation.get("base") if derivation is not None else None
        if not text or derivation is None:
            return None
        return self.symbols.find("type", component.document.name(derivation, text), derivation)

    # Derived types, substitution groups, wildcards

    @cached_property
    def _heirs(self) -> dict[QName, list[Component]]:
        found: dict[QName, list[Component]] = {}
        for name, component in self.symbols.all("type"):
            derivation = _derivation(component.element)
            if derivation is None:
                derivation = first(component.element, "restriction")
            text = derivation.get("base") if derivation is not None else None
            base = component.document.name(derivation, text) if text and derivation is not None else None
            if base is not None and base != name:
                base = ("", base[1]) if base[0] in XSD_NAMESPACES else base
                found.setdefault(base, []).append(component)
        return found

    @cached_property
    def _members(self) -> dict[QName, list[Component]]:
        found: dict[QName, list[Component]] = {}
        for _name, component in self.symbols.all("element"):
            for text in (component.element.get("substitutionGroup") or "").split():
                head = component.document.name(component.element, text)
                if head is not None:
                    found.setdefault(head, []).append(component)
        return found

    def _derived_of(self, name: QName) -> DerivedTypes:
        return DerivedTypes(self, name)

    def derived(self, name: QName) -> tuple[Type, ...]:
        """Every type that comes from the one called `name`, nearest first, without abstract ones.

        For anything but the types of which all others come, simple types are left out: choosing one changes nothing
        in the tree.
        """
        if name in (("", "anyType"), ("", "ur-type"), ("", "anySimpleType")):
            found = [self.type_of(component) for _name, component in self.symbols.all("type")]
            found += [self.builtin(simple) for simple in (*BUILTINS, "anySimpleType")]
            return tuple(kind for kind in found if not kind.abstract)
        below = _descend(self._heirs, name)
        found = [self.type_of(one) for one in below if local_name(one.element) == "complexType"]
        return tuple(kind for kind in found if not kind.abstract)

    def _substitutes(self, head: QName) -> Nodes:
        found = _descend(self._members, head)
        return tuple(self.global_element(c) for c in found if c.element.get("abstract") not in TRUE)

    def _admitted(self, facts: Mapping[str, str]) -> Admitted:
        key = tuple(map(facts.get, ("namespace", "target", "not_namespace", "not_names")))
        if key not in self._open:
            self._open[key] = Admitted(self, facts)
        return self._open[key]

    def let_in(self, facts: Mapping[str, str]) -> Iterator[Node]:
        """The known elements that a wildcard of these facts admits, each made when it is asked for."""
        return (
            self.global_element(component)
            for name, component in self.symbols.all("element")
            if admits(facts, name) and component.element.get("abstract") not in TRUE
        )


class DerivedTypes:
    """Finds the types derived from a name when called, so that asking costs nothing until the choice is opened."""

    def __init__(self, types: Types, name: QName) -> None:
        self._types = types
        self._name = name

    def __call__(self) -> tuple[Type, ...]:
        """The types, none of them abstract."""
        return self._types.derived(self._name)


class Admitted:
    """The known elements that a wildcard admits, for all wildcards alike; thousands are looked at one by one."""

    def __init__(self, types: Types, facts: Mapping[str, str]) -> None:
        self._types = types
        self._facts = facts
        self._all: Nodes | None = None

    def __call__(self) -> Nodes:
        """All of them."""
        if self._all is None:
            self._all = tuple(self._types.let_in(self._facts))
        return self._all

    def one_by_one(self) -> Iterator[Node]:
        """The same, made while they are looked at."""
        return iter(self._all) if self._all is not None else self._types.let_in(self._facts)


def _descend(below: dict[QName, list[Component]], name: QName) -> Iterable[Component]:
    seen: dict[Element, Component] = {}
    waiting = list(below.get(name, ()))
    for component in waiting:
        if component.element not in seen:
            seen[component.element] = component
            own = (component.document.namespace, (component.element.get("name") or "").strip())
            waiting += below.get(own, ())
    return seen.values()


def _derivation(element: Element) -> Element | None:
    content = first(element, "complexContent", "simpleContent")
    if content is not None:
        return first(content, "extension", "restriction")
    if element.get("base") and local_name(element) == "complexType":
        return element
    return None


def _is_mixed(element: Element) -> bool:
    content = first(element, "complexContent")
    if content is not None and content.get("mixed") is not None:
        return content.get("mixed") in TRUE
    return (element.get("mixed") or "").strip() in TRUE or element.get("content") == "mixed"


def _holds_text(element: Element, document: Document) -> bool:
    """A simple type; in the drafts also a complex type that names a simple base itself."""
    if local_name(element) == "simpleType":
        return True
    name = document.name(element, element.get("base") or "") if element.get("base") else None
    return name is not None and name[0] in XSD_NAMESPACES


def _may_have_children(element: Element) -> bool:
    return any(LOCAL.get(child.tag, "annotation") != "annotation" for child in element)


# Functions, so that each sentence is translated when it is needed.
_NOT_FOUND: dict[str, Callable[[], str]] = {
    "type": lambda: _("The type {name} of {namespace} was not found."),
    "element": lambda: _("The element {name} of {namespace} was not found."),
    "attribute": lambda: _("The attribute {name} of {namespace} was not found."),
    "group": lambda: _("The group {name} of {namespace} was not found."),
}
