"""Paths into XML as XPath writes them: steps, attributes, text and conditions; evaluated so that a host can stop it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import field
from typing import Any, NamedTuple

from studio.base.i18n import _
from studio.base.records import dataclass
from studio.script.errors import RunError
from studio.script.functions.xml_query import Compare, Logic, Number, Operand, Query, Route, Step, Text, Use
from studio.script.values import check_entries, number_prefix

Element = Any


class Leaf(NamedTuple):
    """An attribute (`name` with `@`) or a piece of text (`name` empty) of an element; `place` tells pieces apart."""

    element: Element
    name: str
    place: int
    text: str


@dataclass(frozen=True)
class Top:
    """What is above the outermost elements."""

    elements: tuple[Element, ...]


Here = Any
"""A place: an element, a Leaf or the Top."""


@dataclass
class Search:
    """One search; `spaces` are the namespaces by prefix, `tick` is called now and then and may raise."""

    top: Top
    spaces: dict[str, str]
    tick: Callable[[], None]
    _steps: int = 0
    _order: dict[Element, int] = field(default_factory=dict)

    def find(self, query: Query, start: Here) -> list[Here]:
        """The places the query leads to, in document order."""
        found: dict[Here, None] = {}
        for route in query.routes:
            found.update(dict.fromkeys(self.along(route, start)))
        places = list(found)
        if len(query.routes) > 1 or any(step.deep for route in query.routes for step in route.steps):
            places.sort(key=self._place)
        return places

    def _place(self, here: Here) -> tuple[int, int]:
        if not self._order:
            number = 0
            for top in self.top.elements:
                for element in top.iter():
                    number += 1
                    self._order[element] = number
        if isinstance(here, Leaf):
            return self._order[here.element], here.place + 1
        return self._order.get(here, 0), 0

    def along(self, route: Route, start: Here) -> list[Here]:
        """The places a route leads to from one place."""
        here: list[Here] = [self.top if route.absolute else start]
        for step in route.steps:
            reached: dict[Here, None] = {}
            for origin in here:
                for each in self._origins(origin, step):
                    reached.update(dict.fromkeys(self._kept(self._candidates(each, step), step)))
                    check_entries(len(reached))
            here = list(reached)
        return here

    def _count(self) -> None:
        self._steps += 1
        if not self._steps & 1023:
            self.tick()

    def _origins(self, origin: Here, step: Step) -> Iterator[Here]:
        yield origin
        if not step.deep or isinstance(origin, Leaf):
            return
        for top in origin.elements if isinstance(origin, Top) else [origin]:
            for element in top.iter():
                self._count()
                if element is not origin and isinstance(element.tag, str):
                    yield element

    def _candidates(self, origin: Here, step: Step) -> Iterator[Here]:
        self._count()
        if step.name == ".":
            yield origin
        elif step.name == "..":
            yield from self._parent(origin)
        elif isinstance(origin, Leaf):
            return
        elif isinstance(origin, Top):
            if not step.attribute and step.name != "text()":
                yield from (each for each in origin.elements if self._named(each.tag, step.name))
        elif step.attribute:
            for place, (name, value) in enumerate(origin.attrib.items()):
                if self._named(name, step.name):
                    yield Leaf(origin, "@" + _local(name), place, value)
        elif step.name == "text()":
            yield from _pieces(origin)
        else:
            for child in origin:
                self._count()
                if isinstance(child.tag, str) and self._named(child.tag, step.name):
                    yield child

    def _parent(self, origin: Here) -> Iterator[Here]:
        if isinstance(origin, Leaf):
            yield origin.element
        elif not isinstance(origin, Top):
            yield self.top if origin in self.top.elements else origin.getparent()

    def _named(self, tag: str, wanted: str) -> bool:
        if wanted in ("*", "node()"):
            return True
        prefix, colon, name = wanted.rpartition(":")
        if not colon:
            return _local(tag) == name and (not self.spaces or "}" not in tag)
        space = self.spaces.get(prefix)
        if space is None:
            raise RunError(
                _("The prefix {prefix} of the path has no namespace.").format(prefix=prefix),
                next_step=_("Give it as a further argument, such as {prefix}=urn:orders.").format(
                    prefix=prefix
                ),
            )
        return tag == f"{{{space}}}{name}" or (name == "*" and tag.startswith(f"{{{space}}}"))

    def _kept(self, candidates: Iterator[Here], step: Step) -> list[Here]:
        kept = list(candidates)
        for condition in step.conditions:
            last = len(kept)
            kept = [
                each
                for number, each in enumerate(kept, 1)
                if self._holds(self.value(condition, each, number, last), number)
            ]
        return kept

    def _holds(self, value: object, number: int) -> bool:
        if isinstance(value, float):
            return value == number
        return _truth(value)

    # Conditions

    def value(self, operand: Operand, here: Here, number: int, last: int) -> object:
        """The value of an expression at a place: text, float, bool or a list of places."""
        self._count()
        if isinstance(operand, (Text, Number)):
            return operand.value
        if isinstance(operand, Query):
            return self.find(operand, here)
        if isinstance(operand, Logic):
            results = (_truth(self.value(each, here, number, last)) for each in operand.parts)
            return all(results) if operand.every else any(results)
        if isinstance(operand, Compare):
            left = self.value(operand.left, here, number, last)
            return compare(operand.operator, left, self.value(operand.right, here, number, last))
        return self._used(operand, here, number, last)

    def _used(self, use: Use, here: Here, number: int, last: int) -> object:
        if use.name in ("position", "last"):
            return float(number if use.name == "position" else last)
        given = [self.value(each, here, number, last) for each in use.arguments]
        if use.name == "not":
            return not _truth(given[0])
        if use.name == "count":
            if not isinstance(given[0], list):
                raise RunError(_("count needs a path."))
            return float(len(given[0]))
        first = given[0] if given else [here]
        return _FUNCTIONS[use.name](first, *given[1:])


def _local(name: str) -> str:
    return name.rpartition("}")[2]


def _pieces(element: Element) -> Iterator[Leaf]:
    place = len(element.attrib)
    for text in (element.text, *(child.tail for child in element)):
        if text:
            yield Leaf(element, "", place, text)
        place += 1


def text_at(here: Here) -> str:
    """The text of a place: an attribute's value, everything written in an element."""
    if isinstance(here, Leaf):
        return here.text
    if isinstance(here, Top):
        return "".join(text_at(each) for each in here.elements)
    return "".join(here.itertext())


def name_at(here: Here) -> str:
    """The name of a place, without its prefix; empty for text."""
    if isinstance(here, Leaf):
        return here.name.removeprefix("@")
    return "" if isinstance(here, Top) else _local(here.tag)


def _text(value: object) -> str:
    if isinstance(value, list):
        return text_at(value[0]) if value else ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:g}"
    return str(value)


def _number(value: object) -> float:
    if isinstance(value, (bool, float)):
        return float(value)
    text = _text(value).strip()
    try:
        return float(text)
    except ValueError:
        return float(number_prefix(text)) if text[:1].isdigit() else float("nan")


def _truth(value: object) -> bool:
    if isinstance(value, float):
        return value == value and value != 0
    return bool(value)


def compare(operator: str, left: object, right: object) -> bool:
    """Whether a comparison holds; one of several places is enough."""
    for one in _alternatives(left):
        for other in _alternatives(right):
            if _compared(operator, one, other):
                return True
    return False


def _alternatives(value: object) -> list[object]:
    return [text_at(each) for each in value] if isinstance(value, list) else [value]


def _compared(operator: str, left: object, right: object) -> bool:
    if operator in ("=", "!="):
        if isinstance(left, bool) or isinstance(right, bool):
            same = _truth(left) == _truth(right)
        elif isinstance(left, float) or isinstance(right, float):
            same = _number(left) == _number(right)
        else:
            same = left == right
        return same == (operator == "=")
    first, second = _number(left), _number(right)
    return {"<": first < second, "<=": first <= second, ">": first > second, ">=": first >= second}[operator]


_FUNCTIONS: dict[str, Callable[..., object]] = {
    "contains": lambda text, part: _text(part) in _text(text),
    "starts-with": lambda text, part: _text(text).startswith(_text(part)),
    "normalize-space": lambda text: " ".join(_text(text).split()),
    "string-length": lambda text: float(len(_text(text))),
    "string": _text,
    "number": _number,
    "name": lambda places: name_at(places[0]) if isinstance(places, list) and places else "",
    "local-name": lambda places: name_at(places[0]) if isinstance(places, list) and places else "",
    "true": lambda _here: True,
    "false": lambda _here: False,
}
