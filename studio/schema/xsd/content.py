"""Content models as nodes: sequences and groups flattened with their occurrence, choices as one node each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from studio.base.i18n import _
from studio.schema.model import ANY_NAME, ONCE, WILDCARD, Kind, Node, Occurs, Type
from studio.schema.xml_source import Element, line_of
from studio.schema.xsd.attributes import wildcard_facts
from studio.schema.xsd.names import PARTICLES, QName, children, documentation, first
from studio.schema.xsd.symbols import Document, Symbols

Nodes = tuple[Node, ...]

# Groups within groups: far beyond what is written by people, far below what would exhaust the stack.
_DEEPEST = 100
# Beyond this a number of occurrences is as good as unbounded.
_MOST = 10**9
# The facts of a wildcard that say what it admits.
_RULE = ("namespace", "target", "not_namespace", "not_names")


class Content:
    """The element nodes of one schema's content models.

    `element` makes the node of an element declaration or reference, `admitted` gives the known elements a wildcard
    lets in, `missing` says why a name is not there.
    """

    def __init__(
        self,
        symbols: Symbols,
        element: Callable[[Element, Document, Occurs], Node],
        admitted: Callable[[Mapping[str, str]], Callable[[], Nodes]],
        missing: Callable[[QName], str],
    ) -> None:
        self._symbols = symbols
        self._element = element
        self._admitted = admitted
        self._missing = missing
        self._groups: dict[tuple[Element, Document], Nodes] = {}

    def inside(self, element: Element, document: Document) -> Nodes:
        """The nodes of the model in a complex type or derivation: all its particles in order."""
        return merged(self._each(element, document, 0))

    def _each(self, element: Element, document: Document, depth: int) -> Iterable[Node]:
        for word, child in children(element):
            if word in PARTICLES:
                yield from self._particle(word, child, document, depth)

    def _particle(self, word: str, child: Element, document: Document, depth: int) -> Nodes:
        occurs = occurs_of(child)
        if occurs.max == 0:
            return ()
        if depth > _DEEPEST:
            return (self._lost(child, word, _("Groups are nested too deeply here.")),)
        if word == "element":
            return (self._element(child, document, occurs),)
        if word == "any":
            return (self._wildcard(child, document, occurs),)
        if word == "group":
            return scaled(self._group(child, document, depth), occurs)
        if word == "choice":
            alternatives = [
                self._particle(inner, part, document, depth + 1)
                for inner, part in children(child)
                if inner in PARTICLES
            ]
            return choice(alternatives, occurs)
        return scaled(merged(self._each(child, document, depth + 1)), occurs)

    def _group(self, child: Element, document: Document, depth: int) -> Nodes:
        reference = child.get("ref")
        if reference is None:
            # The drafts allow a model inside a group on the spot.
            return merged(self._each(child, document, depth + 1))
        name = document.name(child, reference)
        component = self._symbols.find("group", name, child)
        if component is None:
            return (self._lost(child, reference, self._missing(name or ("", reference))),)
        known = self._groups.get(component)
        if known is None:
            # A group that holds itself finds this empty entry.
            self._groups[component] = ()
            model = first(component.element, "sequence", "choice", "all")
            where = component.element
            known = merged(self._each(where, component.document, depth + 1)) if model is not None else ()
            self._groups[component] = known
        return known

    def opened(self, element: Element, document: Document, mode: str) -> Node:
        """The wildcard of an open content: what it admits may stand between the others, or after them."""
        node = self._wildcard(element, document, Occurs(0, None))
        return replace(node, facts={**node.facts, "open": mode})

    def _wildcard(self, element: Element, document: Document, occurs: Occurs) -> Node:
        facts = wildcard_facts(element, document)
        return Node(
            ANY_NAME,
            Kind.ANY,
            WILDCARD,
            occurs,
            documentation=documentation(element),
            substitutes=self._admitted(facts),
            line=line_of(element),
            facts=facts,
        )

    def _lost(self, element: Element, reference: str, reason: str) -> Node:
        name = reference.rpartition(":")[2] or reference or "?"
        return Node(name, Kind.ANY, WILDCARD, ONCE, unresolved=reason, line=line_of(element))


def occurs_of(element: Element) -> Occurs:
    """The occurrence a particle declares; unreadable numbers count as 1."""
    low, high = element.get("minOccurs"), element.get("maxOccurs")
    if low is None and high is None:
        return ONCE
    least = _number(low)
    if high in ("unbounded", "*"):
        return Occurs(least, None)
    # The drafts let minOccurs alone raise the maximum.
    most = _number(high) if high is not None else max(1, least)
    return Occurs(min(least, most), most if most < _MOST else None)


def _number(text: str | None) -> int:
    text = (text or "1").strip()
    return min(int(text), _MOST) if text.isascii() and text.isdigit() and len(text) < 20 else 1


def scaled(nodes: Nodes, occurs: Occurs) -> Nodes:
    """The nodes of a group that itself occurs so often."""
    if occurs == ONCE:
        return nodes
    return tuple(replace(node, occurs=_times(node.occurs, occurs)) for node in nodes)


def _times(one: Occurs, other: Occurs) -> Occurs:
    most = None if one.max is None or other.max is None else one.max * other.max
    if one.max == 0 or other.max == 0:
        most = 0
    least = min(one.min * other.min, _MOST)
    return Occurs(least, most if most is None or most < _MOST else None)


def merged(nodes: Iterable[Node]) -> Nodes:
    """The nodes with those of the same name made one, where the first stands: an address names both."""
    result: dict[object, Node] = {}
    for node in nodes:
        key = _key(node)
        first_one = result.get(key)
        result[key] = (
            node if first_one is None else replace(first_one, occurs=_plus(first_one.occurs, node.occurs))
        )
    return tuple(result.values())


def _key(node: Node) -> object:
    """Nodes with the same key are one: a name, a wildcard rule, the choice of one group."""
    if node.kind is Kind.CHOICE:
        return node.type
    rule = tuple(map(node.facts.get, _RULE)) if node.kind is Kind.ANY else ()
    return node.kind, node.namespace, node.name, rule


def _plus(one: Occurs, other: Occurs) -> Occurs:
    most = None if one.max is None or other.max is None else one.max + other.max
    return Occurs(min(one.min + other.min, _MOST), most if most is None or most < _MOST else None)


def choice(alternatives: list[Nodes], occurs: Occurs) -> Nodes:
    """One CHOICE node, or the nodes themselves where there is nothing to choose between.

    The members of an alternative of several nodes carry its number as the fact `alternative`; a name found in several
    alternatives stands once, with all their numbers.
    """
    optional = any(all(node.occurs.min == 0 for node in nodes) for nodes in alternatives)
    given = [nodes for nodes in alternatives if nodes]
    if optional:
        occurs = Occurs(0, occurs.max)
    if len(given) <= 1:
        return scaled(given[0], occurs) if given else ()
    members = _members(_spliced(given))
    return (Node("", Kind.CHOICE, Type(children=lambda: members), occurs),)


def _spliced(alternatives: list[Nodes]) -> list[Nodes]:
    """A choice that is itself one alternative adds its own alternatives."""
    result: list[Nodes] = []
    for nodes in alternatives:
        if len(nodes) == 1 and nodes[0].kind is Kind.CHOICE and nodes[0].occurs in (ONCE, Occurs(0, 1)):
            inner = nodes[0].type.children
            if not any("alternative" in node.facts for node in inner):
                result += [(node,) for node in inner]
                continue
        result.append(nodes)
    return result


def _members(alternatives: list[Nodes]) -> Nodes:
    numbers: dict[object, list[int]] = {}
    nodes: dict[object, Node] = {}
    for number, alternative in enumerate(alternatives, 1):
        for node in alternative:
            key = _key(node)
            before = nodes.get(key)
            nodes[key] = (
                node if before is None else replace(before, occurs=_either(before.occurs, node.occurs))
            )
            numbers.setdefault(key, []).append(number)
    several = {number for number, alternative in enumerate(alternatives, 1) if len(alternative) > 1}
    return tuple(
        replace(node, facts={**node.facts, "alternative": " ".join(map(str, numbers[key]))})
        if len(numbers[key]) > 1 or several.intersection(numbers[key])
        else node
        for key, node in nodes.items()
    )


def _either(one: Occurs, other: Occurs) -> Occurs:
    most = None if one.max is None or other.max is None else max(one.max, other.max)
    return Occurs(min(one.min, other.min), most)
