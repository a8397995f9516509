"""Random maps from and to fixed-width files and delimited files of several, nested kinds of records."""

from __future__ import annotations

from typing import Any

from studio.schema.model import Base, Kind, Node, Occurs, Schema, Type, ValueType
from tests.engine.differ import Maker, Shape

_WIDTH = 24
_OCCURS = {"": Occurs(1, 1), "?": Occurs(0, 1), "*": Occurs(0, None)}


class RecordMaker(Maker):
    """Makes cases with a source or a target of one of the two kinds, mostly of both."""

    kinds = ("fixed", "records", "records", "xml", "lines")

    def _shape(self, kind: str) -> Shape:
        if kind not in ("fixed", "records"):
            return super()._shape(kind)
        return _single(self._node(0 if kind == "fixed" else 2, kind == "fixed", False))

    def _top(self, kind: str, shape: Shape) -> str:
        return shape.name if kind in ("fixed", "records") else super()._top(kind, shape)

    def schema(self, kind: str, shape: Shape) -> Schema:
        """The schema of documents holding many of a shape."""
        if kind not in ("fixed", "records"):
            return super().schema(kind, shape)
        facts = {"encoding": "utf-8", "delimiter": ",", "quote": '"'}
        root = self._record_node(shape, MANY, fixed=kind == "fixed")
        # A description somebody wrote binds by its types; one made of a sample does not.
        file = self.draw.choice(("test.yaml", "test.txt"))
        return Schema("fixed" if kind == "fixed" else "delimited", (root,), files=(file,), facts=facts)

    def _record_node(self, shape: Shape, occurs: Occurs, fixed: bool) -> Node:
        tell = Node("kind", Kind.FIELD, Type("text", value=ValueType()), fixed=shape.name)
        inside = [] if fixed else [tell]
        for each in shape.inside:
            if not each.base:
                inside.append(self._record_node(each, _OCCURS[each.occurs], fixed))
                continue
            facts = {"width": str(_WIDTH)}
            if each.base in ("integer", "decimal") and self.maybe(0.5):
                facts |= {"align": "right"} | ({"pad": "0"} if self.maybe(0.5) else {})
            kind = Type(each.base, value=ValueType(each.base, Base(each.base)))
            inside.append(Node(each.name, Kind.FIELD, kind, _OCCURS[each.occurs], facts=facts))
        made = tuple(inside)
        return Node(shape.name, Kind.SEGMENT, Type(shape.name, children=lambda: made), occurs)

    def document(self) -> str:
        """The input."""
        if self.source not in ("fixed", "records"):
            return super().document()
        made = [self._text(self.record) for _record in range(self.draw.randint(0, 6))]
        if self.maybe(0.05):
            made.insert(self.draw.randint(0, len(made)), "of no kind, at all,\n")
        return "".join(made)

    def _text(self, shape: Shape) -> str:
        """A record with those inside it, now and then out of order or too long."""
        values = [
            self.text(each.base) if self._count(each.occurs) else "" for each in shape.inside if each.base
        ]
        if self.source == "fixed":
            line = "".join(value.replace("\n", " ").ljust(_WIDTH) for value in values)
            return line + ("x" if self.maybe(0.04) else "") + "\n"
        cells = ['"' + value.replace('"', '""') + '"' for value in values]
        cells += ['"more"'] if self.maybe(0.03) else []
        text = ",".join([shape.name, *cells]) + "\n"
        inner = [each for each in shape.inside if not each.base]
        if self.maybe(0.04):
            inner.reverse()
        for each in inner:
            text += "".join(self._text(each) for _instance in range(self._count(each.occurs)))
        return text


def _single(shape: Shape) -> Shape:
    """Fields of records do not repeat here."""
    for each in shape.inside:
        if each.base:
            each.occurs = "?" if each.occurs == "*" else each.occurs
        else:
            _single(each)
    return shape


MANY: Any = Occurs(0, None)
