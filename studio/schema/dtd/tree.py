"""The elements of a DTD as nodes: content models in order, attributes with their types and defaults."""

from __future__ import annotations

from collections import deque

from studio.base.i18n import _
from studio.schema.dtd.declarations import Declarations, Element
from studio.schema.dtd.model import Attribute, Group, Particle
from studio.schema.model import (
    ANY_NAME,
    MANY,
    ONCE,
    OPTIONAL,
    TEXT,
    WILDCARD,
    Kind,
    Node,
    Occurs,
    Type,
    ValueType,
)
from studio.schema.prefixes import XML, Prefixes
from studio.schema.xsd.content import choice, merged, scaled

Nodes = tuple[Node, ...]

_OCCURS = {"": ONCE, "?": OPTIONAL, "*": MANY, "+": Occurs(1, None)}
_LISTS = {"IDREFS": "IDREF", "NMTOKENS": "NMTOKEN", "ENTITIES": "ENTITY"}


class Tree:
    """Nodes of one DTD; an element has one type wherever it stands."""

    def __init__(self, declarations: Declarations, missing: dict[str, str]) -> None:
        self._declarations = declarations
        self._missing = missing
        self._types: dict[str, Type] = {}
        self._prefixes = Prefixes()
        self._spaces = _namespaces(declarations)
        self._prefixes.learn({prefix: space for prefix, space in self._spaces.items() if prefix})

    @property
    def namespaces(self) -> dict[str, str]:
        """Prefixes as the DTD fixes them."""
        return dict(self._prefixes.spaces)

    def roots(self) -> Nodes:
        """Every element, the likeliest root of a document first."""
        elements = self._declarations.elements
        used = used_in(self._declarations)
        reach = _reach(self._declarations)

        def order(name: str) -> tuple[bool, bool, int]:
            inside_others = any(user != name for user in used.get(name, ()))
            return (
                name != self._declarations.root,
                inside_others,
                0 if inside_others else -reach.get(name, 0),
            )

        names = sorted(elements, key=order)
        return self._prefixes.told_apart(self._node(name, ONCE) for name in names)

    def _node(self, name: str, occurs: Occurs) -> Node:
        element = self._declarations.elements.get(name)
        namespace, local = self._named(name)
        if element is None:
            reason = next(
                iter(self._missing.values()), _("The element {name} is not declared.").format(name=name)
            )
            return Node(local, Kind.ELEMENT, WILDCARD, occurs, namespace=namespace, unresolved=reason)
        return Node(
            local, Kind.ELEMENT, self._type(element), occurs, namespace=namespace, line=element.spot.line
        )

    def _named(self, name: str, holder: str | None = None) -> tuple[str, str]:
        """The namespace the DTD fixes for an element's or attribute's name, and the name in it."""
        prefix, colon, local = name.rpartition(":")
        if holder is not None and not colon:
            return "", name
        word = f"xmlns:{prefix}" if colon else "xmlns"
        lists = self._declarations.attributes.get(holder or name)
        declared = lists.named.get(word) if lists is not None and lists.mentions(word) else None
        space = (declared.default if declared is not None else None) or (
            XML if prefix == "xml" else self._spaces.get(prefix, "") if colon else ""
        )
        return (space, local) if space and local else ("", name)

    def _type(self, element: Element) -> Type:
        known = self._types.get(element.name)
        if known is None:
            text = element.text.strip()
            plain = text == "EMPTY" or (
                text.startswith("(") and "".join(text.split()) in ("(#PCDATA)", "(#PCDATA)*")
            )
            leaf = plain and not element.lost and element.name not in self._declarations.attributes
            mixed = text == "ANY" or "#PCDATA" in text
            known = self._types[element.name] = Type(
                "string" if leaf and mixed else "",
                value=TEXT if mixed else None,
                children=None if leaf else lambda: self._children(element),
                mixed=mixed and not plain,
            )
        return known

    def _children(self, element: Element) -> Nodes:
        nodes = [self._attribute(one, element.name) for one in self._attributes(element.name)]
        nodes += self._content(element)
        if element.lost:
            reason = next(
                iter(self._missing.values()),
                _("The entity {name} is not declared.").format(name=f"%{element.lost[0]};"),
            )
            nodes.append(Node("?", Kind.ANY, WILDCARD, OPTIONAL, unresolved=reason, line=element.spot.line))
        return self._prefixes.told_apart(nodes)

    def _content(self, element: Element) -> Nodes:
        if element.kind == "ANY":
            return (Node(ANY_NAME, Kind.ANY, WILDCARD, MANY, substitutes=self._every),)
        return merged(self._particle(element.model)) if element.model is not None else ()

    def _every(self) -> Nodes:
        return tuple(self._node(name, ONCE) for name in self._declarations.elements)

    def _particle(self, item: Particle | Group) -> Nodes:
        occurs = _OCCURS[item.mark]
        if isinstance(item, Particle):
            return (self._node(item.name, occurs),)
        inside = [self._particle(one) for one in item.items]
        if item.joint == "|" and len(inside) > 1:
            return choice(inside, occurs)
        return scaled(merged(node for nodes in inside for node in nodes), occurs)

    def _attributes(self, name: str) -> list[Attribute]:
        """Those a document's writer sees: namespace declarations are not among them."""
        declared = self._declarations.attributes_of(name)
        return [one for one in declared.values() if one.name != "xmlns" and not one.name.startswith("xmlns:")]

    def _attribute(self, attribute: Attribute, holder: str) -> Node:
        namespace, local = self._named(attribute.name, holder)
        value = _value(attribute)
        fixed = attribute.default if attribute.use == "#FIXED" else None
        return Node(
            local,
            Kind.ATTRIBUTE,
            Type(value.name, value=value),
            ONCE if attribute.use == "#REQUIRED" else OPTIONAL,
            namespace=namespace,
            default=attribute.default if fixed is None else None,
            fixed=fixed,
            line=attribute.spot.line,
        )


def _value(attribute: Attribute) -> ValueType:
    kind = attribute.kind
    if attribute.values:
        return ValueType("NMTOKEN" if kind == "ENUMERATION" else kind, enumeration=attribute.values)
    if kind in _LISTS:
        return ValueType(kind, item=ValueType(_LISTS[kind]))
    return ValueType(kind)


def _namespaces(declarations: Declarations) -> dict[str, str]:
    """Prefix → address wherever an xmlns attribute has a default; the first one counts."""
    found: dict[str, str] = {}
    for lists in declarations.attributes.values():
        for name, attribute in lists.named.items() if lists.mentions("xmlns:") else ():
            if name.startswith("xmlns:") and attribute.default:
                found.setdefault(name[6:], attribute.default)
    return found


def used_in(declarations: Declarations) -> dict[str, list[str]]:
    """Element name → the elements whose content models name it."""
    found: dict[str, list[str]] = {}
    for element in declarations.elements.values():
        for name in element.mentioned:
            found.setdefault(name, []).append(element.name)
    return found


def _reach(declarations: Declarations) -> dict[str, int]:
    """How many elements may stand below those that stand in no other."""
    below = {name: element.mentioned for name, element in declarations.elements.items()}
    inner = {child for name, children in below.items() for child in children if child != name}
    found: dict[str, int] = {}
    for start in below.keys() - inner:
        seen = {start}
        waiting = deque(below[start])
        while waiting:
            name = waiting.popleft()
            if name not in seen:
                seen.add(name)
                waiting.extend(below.get(name, ()))
        found[start] = len(seen)
    return found
