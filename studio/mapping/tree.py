"""A schema tree asked by address: places with instance numbers and type picks, and their order in the schema."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from studio.base.errors import BadInput
from studio.base.records import dataclass
from studio.mapping import address
from studio.schema.model import TEXT, Kind, Node, Place, Type, find_place
from studio.schema.path import Step, document_of, parse_path

# Behind everything the schema knows, so that rules whose node has gone keep together at the end.
_NOWHERE = 1 << 30
_FURTHER = 1 << 29
# An element's own text comes before all that is in it.
_FIRST = -1
_OWN_TEXT = Step("text()")

Order = tuple[tuple[int, str, int, str], ...]


class Tree:
    """One side of a transformation. Places once found are kept: make a Tree once per schema.

    `further` are the trees of the further documents on this side by name, each made with that `name`: their addresses
    begin with it (`prices::row`), and this tree finds them too.

    Only what is asked for is expanded. An address may carry instance numbers (`party[2]`), which the place's own path
    keeps, and type picks (`party~Company`), which give the place the picked type. `text()` at its end is an
    element's own text. Prefixes that no name needs are accepted; the place's path is without them.
    """

    def __init__(
        self, root: Place | None, further: Mapping[str, Tree] | None = None, *, name: str = ""
    ) -> None:
        if root is not None and name:
            root = replace(root, path=f"{name}::{root.path}")
        self.root = root
        self.name = name
        self.further = further or {}
        self._places: dict[str, Place | None] = {root.path: root} if root else {}
        self._orders: dict[str, Order] = {}
        self._inside: dict[Type, dict[tuple[str, bool], list[_Way]]] = {}

    @property
    def lead(self) -> str:
        """What an address starts with: a slash below an unnamed root, the document's name before it."""
        lead = f"{self.name}::" if self.name else ""
        return lead + "/" if self.root is not None and not self.root.node.name else lead

    def of(self, path: str) -> Tree | None:
        """The tree of the document an address is in; None where there is no document of its name."""
        if not self.further and not self.name:
            return None if document_of(path) else self
        name = document_of(path)
        return self if name == self.name else self.further.get(name)

    def find(self, path: str) -> Place | None:
        """The place at an address, None where the schema has none."""
        if path in self._places:
            return self._places[path]
        tree = self.of(path)
        found = self._find(path) if tree is self else tree.find(path) if tree is not None else None
        self._places[path] = found
        return found

    def below(self, above: Place, step: Step) -> Place | None:
        """What `find` gives for the step below a place of this tree, found without reading an address again."""
        path = f"{above.path}/{step}"
        if path in self._places:
            return self._places[path]
        way = None
        if step.index is None and not step.is_text and self._places.get(above.path) is above:
            way = self._way(above, step)
        if way is None:
            return self.find(path)
        place = above
        for node in way.nodes:
            place = place.child(node)
        found = self._places[path] = place.picked(step.type) if step.type else place
        return found

    def canonical(self, path: str) -> str:
        """The address as the tree writes it; the given one where the schema has no such node."""
        place = self.find(path)
        return path if place is None else place.path

    def order(self, path: str) -> Order:
        """What to sort addresses by to have them in schema order, parents first, instances in turn."""
        known = self._orders.get(path)
        if known is None and not self.name and document_of(path):
            tree = self.further.get(document_of(path))
            # The further documents come after the main one, in the order of their names' writing.
            rank = list(self.further).index(document_of(path)) if tree is not None else _NOWHERE
            inside = tree.order(path) if tree is not None else ((_NOWHERE, path, 0, ""),)
            known = self._orders[path] = ((_FURTHER + rank, "", 0, ""), *inside)
        if known is None:
            up = address.parent(path)
            known = (*(self.order(up) if up is not None else ()), self._position(path, up))
            self._orders[path] = known
        return known

    def _position(self, path: str, up: str | None) -> tuple[int, str, int, str]:
        step = _last(path)
        if step is None:
            return (_NOWHERE, path, 0, "") if path else (0, "", 0, "")
        above = self.find(up) if up is not None else None
        if step.is_text and above is not None:
            return _FIRST, step.name, 0, ""
        way = self._way(above, step) if above else None
        position = way.position if way else (0 if up is None else self._open_position(above, step))
        # By the number first: of `a~B[2]` and `a~C[1]` the second comes first.
        return position, step.name, step.index or 0, step.type or ""

    def _find(self, path: str) -> Place | None:
        up = address.parent(path)
        if up is None:
            return self._find_root(path)
        above, step = self.find(up), _last(path)
        if above is None or step is None:
            return None
        if step.is_text:
            return _own_text(above) if step == _OWN_TEXT else None
        way = self._way(above, step)
        if way is None:
            return self._find_open(above, step)
        place = above
        for node in way.nodes:
            place = place.child(node)
        return _instance(place, step)

    def _find_root(self, path: str) -> Place | None:
        step = _last(path)
        if self.root is None or step is None or step.name != self.root.node.name:
            return None
        step = replace(step, document="")
        return _instance(self.root, step)

    def _find_open(self, above: Place, step: Step) -> Place | None:
        """A node the schema does not name, where a wildcard admits it."""
        if not any(place.node.kind is Kind.ANY for place in above.flat_children()):
            return None
        top = replace(above, path="", node=replace(above.node, name=""))
        found = find_place(top, "/" + str(replace(step, index=None, type=None)))
        return _instance(above.child(found.node), step) if found else None

    def _open_position(self, above: Place | None, step: Step) -> int:
        """The position of the wildcard that admits a node the schema does not name."""
        if above is not None:
            for position, nodes in enumerate(_flat(above.node.type.children)):
                if nodes[-1].kind is Kind.ANY and nodes[-1].attribute == step.attribute:
                    return position
        return _NOWHERE

    def _way(self, above: Place, step: Step) -> _Way | None:
        ways = self._ways(above.node.type).get((step.name, step.attribute), ())
        if step.prefix is not None:
            ways = [way for way in ways if way.nodes[-1].prefix in ("", step.prefix)]
        # Names of several namespaces may stand beside one without a prefix, where one of them was drawn.
        wanted = step.prefix or ""
        return next((way for way in ways if way.nodes[-1].prefix == wanted), ways[0] if ways else None)

    def _ways(self, kind: Type) -> Mapping[tuple[str, bool], Sequence[_Way]]:
        known = self._inside.get(kind)
        if known is None:
            known = {}
            for position, nodes in enumerate(_flat(kind.children)):
                node = nodes[-1]
                known.setdefault((node.name, node.attribute), []).append(_Way(nodes, position))
            self._inside[kind] = known
        return known


@dataclass(frozen=True)
class Trees:
    """The two schema trees a mapping stands between."""

    source: Tree
    target: Tree


@dataclass(frozen=True)
class _Way:
    """From a type down to a child, through the choices around it; its position in the type."""

    nodes: tuple[Node, ...]
    position: int


def _flat(nodes: tuple[Node, ...], above: tuple[Node, ...] = ()) -> list[tuple[Node, ...]]:
    found: list[tuple[Node, ...]] = []
    for node in nodes:
        if node.kind is Kind.CHOICE:
            found += _flat(node.type.children, (*above, node))
        else:
            found.append((*above, node))
    return found


def _own_text(place: Place) -> Place | None:
    """The text directly inside an element, as a place below it; None where it has none."""
    node = place.node
    if node.kind is not Kind.ELEMENT or (node.value is None and not node.type.mixed):
        return None
    return place.child(Node(_OWN_TEXT.name, Kind.FIELD, Type(node.type.name, value=node.value or TEXT)))


def _last(path: str) -> Step | None:
    try:
        steps = parse_path(path)
    except BadInput:
        return None
    return steps[-1] if steps else None


def _instance(place: Place, step: Step) -> Place | None:
    found = place.picked(step.type) if step.type else place
    if found is None or step.index is None:
        return found
    return replace(found, path=f"{found.path}[{step.index}]")
