"""The attributes of complex types: own ones, groups, wildcards, and those of the types they come from."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from studio.base.i18n import _
from studio.schema.model import ANY_NAME, MANY, ONCE, OPTIONAL, WILDCARD, Kind, Node, Type
from studio.schema.xml_source import Element, line_of
from studio.schema.xsd.names import TRUE, QName, children, documentation, first
from studio.schema.xsd.symbols import Document, Symbols

# Attributes by full name, in order; None stands for one that is prohibited.
Found = dict[QName, Node | None]

_DEEPEST = 100
WILD: QName = ("", ANY_NAME)


class Attributes:
    """Attribute nodes of one schema. `type_of` gives the type an attribute declaration has."""

    def __init__(
        self, symbols: Symbols, type_of: Callable[[Element, Document], Type], missing: Callable[[QName], str]
    ):
        self._symbols = symbols
        self._type_of = type_of
        self._missing = missing
        self._groups: dict[tuple[Element, Document], Found] = {}

    def inside(self, element: Element, document: Document, depth: int = 0) -> Found:
        """The attributes declared directly in a complex type, derivation or attribute group."""
        found: Found = {}
        for word, child in children(element):
            if word == "attribute":
                name, node = self._attribute(child, document)
                found[name] = node
            elif word == "attributeGroup":
                for name, node in self._group(child, document, depth).items():
                    # Prohibiting means something in a restriction only, not in a group.
                    if node is not None:
                        found.setdefault(name, node)
            elif word == "anyAttribute":
                found[WILD] = self._wildcard(child, document)
        return found

    def default(self, element: Element, document: Document) -> Found:
        """The attributes that every complex type of a schema has (XSD 1.1: its `defaultAttributes`)."""
        name = document.schema.get("defaultAttributes")
        if name is None or element.get("defaultAttributesApply", "true") not in TRUE:
            return {}
        found = self._named_group(document.name(document.schema, name), name, document.schema, 0)
        return {key: node for key, node in found.items() if node is not None}

    def _group(self, child: Element, document: Document, depth: int) -> Found:
        reference = child.get("ref") or ""
        return self._named_group(document.name(child, reference), reference, child, depth)

    def _named_group(self, name: QName | None, reference: str, child: Element, depth: int) -> Found:
        component = self._symbols.find("attributeGroup", name, child)
        if component is None or depth > _DEEPEST:
            label = name or ("", reference)
            return {label: _unresolved(label, self._missing(label), child)}
        known = self._groups.get(component)
        if known is None:
            # A group that holds itself finds this empty entry.
            self._groups[component] = {}
            known = self._groups[component] = self.inside(component.element, component.document, depth + 1)
        return known

    def _attribute(self, element: Element, document: Document) -> tuple[QName, Node | None]:
        use = element.get("use") or ""
        reference = element.get("ref")
        declared, owner = element, document
        if reference is not None:
            name = document.name(element, reference)
            component = self._symbols.find("attribute", name, element)
            if component is None:
                label = name if name and name[1] else ("", reference or "?")
                return label, _unresolved(label, self._missing(label), element)
            declared, owner = component
            name = name or ("", reference)
        else:
            form = element.get("form")
            qualified = form == "qualified" if form else document.qualified_attributes
            namespace = document.namespace if qualified else ""
            name = (element.get("targetNamespace", namespace), (element.get("name") or "").strip())
        if use == "prohibited":
            return name, None
        if not name[1]:
            return ("", "?"), _unresolved(("", "?"), _("This attribute has no name."), element)
        node = Node(
            name[1],
            Kind.ATTRIBUTE,
            self._type_of(declared, owner),
            ONCE if use == "required" or element.get("minOccurs") == "1" else OPTIONAL,
            namespace=name[0],
            default=element.get("default", declared.get("default")),
            fixed=element.get("fixed", declared.get("fixed")),
            documentation=documentation(element) or documentation(declared),
            line=line_of(declared),
            facts={"inheritable": "true"} if _inheritable(element, declared) else {},
        )
        return name, node

    def _wildcard(self, element: Element, document: Document) -> Node:
        facts = {"attribute": "true", **wildcard_facts(element, document)}
        return Node(
            ANY_NAME,
            Kind.ANY,
            WILDCARD,
            MANY,
            facts=facts,
            documentation=documentation(element),
            line=line_of(element),
        )


def wildcard_facts(element: Element, document: Document) -> dict[str, str]:
    """The rule of `any` or `anyAttribute`: which namespaces, how strictly checked, and what `other` is other than."""
    facts = {"namespace": " ".join((element.get("namespace") or "##any").split())}
    facts["process"] = element.get("processContents") or "strict"
    facts["target"] = document.namespace
    # XSD 1.1: what is kept out instead of what is let in.
    if (out := element.get("notNamespace")) is not None:
        facts["not_namespace"] = " ".join(out.split())
    if (names := element.get("notQName")) is not None:
        facts["not_names"] = " ".join(_full(element, document, text) for text in names.split())
    return facts


def admits(facts: Mapping[str, str], name: QName) -> bool:
    """The rule of a wildcard, by its facts, lets in an element or attribute of this name."""
    target = facts.get("target", "")
    spaces = {"##targetNamespace": target, "##local": ""}
    out = facts.get("not_names", "").split()
    if f"{{{name[0]}}}{name[1]}" in out or "##defined" in out:
        return False
    kept_out = facts.get("not_namespace")
    if kept_out is not None:
        return name[0] not in {spaces.get(word, word) for word in kept_out.split()}
    words = facts.get("namespace", "##any").split()
    if "##any" in words:
        return True
    if "##other" in words:
        return name[0] not in (target, "")
    return name[0] in {spaces.get(word, word) for word in words}


def _full(element: Element, document: Document, text: str) -> str:
    name = None if text.startswith("##") else document.name(element, text)
    return text if name is None else f"{{{name[0]}}}{name[1]}"


def _inheritable(element: Element, declared: Element) -> bool:
    return element.get("inheritable", declared.get("inheritable")) in TRUE


def has_attributes(element: Element) -> bool:
    """The type, derivation or group declares attributes of its own."""
    return first(element, "attribute", "attributeGroup", "anyAttribute") is not None


def _unresolved(name: QName, reason: str, element: Element) -> Node:
    message = reason or _("The attribute {name} was not found.").format(name=name[1])
    return Node(
        name[1] or "?",
        Kind.ATTRIBUTE,
        Type(name[1]),
        OPTIONAL,
        namespace=name[0],
        unresolved=message,
        line=line_of(element),
    )
