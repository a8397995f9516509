"""EDI definitions in JSON (delimiters, segments and segment groups with tags, fields, components) as schemas."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from studio.base.errors import BadInput, Problem, Severity
from studio.base.i18n import _
from studio.schema.edi.envelope import with_envelope
from studio.schema.edi.naming import unique_names
from studio.schema.json_text import read_json
from studio.schema.model import MANY, OPTIONAL, Base, Kind, Node, Occurs, Schema, Type, ValueType

_BASES = {"int": Base.INTEGER, "integer": Base.INTEGER, "float": Base.DECIMAL, "decimal": Base.DECIMAL}
_NONE = "NOT_USED"
_MOST_DEPTH = 60
_PARTS = (("components", 1), ("subcomponents", 2))


def read_json_map(path: Path, *, encoding: str | None = None) -> Schema:
    """The schema of a definition: node names are its tags. Facts: delimiters, `standard`.

    References to segments that are not there become marked nodes and one problem each.
    """
    value, _lines, _name = read_json(path, encoding=encoding)
    if not isinstance(value, dict) or not isinstance(value.get("segments"), list):
        raise BadInput(
            _("There are no segments in this definition."),
            file=path,
            line=1,
            next_step=_("Give a definition with its delimiters and segments."),
        )
    reader = _Reader(value, path)
    content = reader.units(value["segments"], 0)
    ignored = [str(one) for one in value.get("ignoreSegments") or () if isinstance(one, str)]
    standard = _standard(value, ignored)
    top = with_envelope(content, standard) if standard else _message(content)
    facts = {"form": "definition", "standard": standard or "own", "transaction": str(value.get("name") or "")}
    given = value.get("delimiters")
    for ours, theirs in (
        ("segment", "segment"),
        ("element", "field"),
        ("component", "component"),
        ("repetition", "repetition"),
    ):
        text = given.get(theirs) if isinstance(given, dict) else None
        if isinstance(text, str):
            facts[ours] = "" if text == _NONE else text
    return Schema("edi", (top,), files=(str(path),), problems=tuple(reader.problems), facts=facts)


def _standard(value: dict[str, Any], ignored: list[str]) -> str:
    """The envelope its messages have, where the definition shows one."""
    if "UNB" in ignored or "UNH" in ignored:
        return "edifact"
    return "x12" if "ISA" in ignored or isinstance(value.get("envelope"), dict) else ""


def _message(content: tuple[Node, ...]) -> Node:
    return Node("message", Kind.SEGMENT, Type("message", children=lambda: content), MANY)


class _Reader:
    def __init__(self, value: dict[str, Any], path: Path) -> None:
        known = value.get("segmentDefinitions")
        self._known: dict[str, Any] = known if isinstance(known, dict) else {}
        self._path = path
        self._types: dict[str, Type] = {}
        self.problems: list[Problem] = []

    def units(self, given: Any, depth: int) -> tuple[Node, ...]:
        """Segments and groups in a list of the definition."""
        nodes = (
            [self._unit(one, depth) for one in given if isinstance(one, dict)]
            if isinstance(given, list)
            else []
        )
        names = unique_names([node.name for node in nodes])
        return tuple(_renamed(node, name) for node, name in zip(nodes, names, strict=True))

    def _unit(self, one: dict[str, Any], depth: int) -> Node:
        occurs = _occurs(one)
        if isinstance(one.get("segments"), list):
            inner = self.units(one["segments"], depth + 1) if depth < _MOST_DEPTH else ()
            name = str(one.get("tag") or one.get("name") or "group")
            return Node(
                name, Kind.SEGMENT, Type(name, children=lambda: inner), occurs, facts={"loop": "true"}
            )
        reference = one.get("ref")
        if reference is None:
            return self._segment(one, occurs, None)
        described = self._known.get(str(reference))
        if isinstance(described, dict):
            return self._segment(
                {**described, **{"tag": one.get("tag") or described.get("tag")}}, occurs, str(reference)
            )
        self.problems.append(
            Problem(
                Severity.ERROR,
                _("The segment {name} is used but not defined.").format(name=str(reference)[:60]),
                str(self._path),
                mend=_("Add it to segmentDefinitions."),
            )
        )
        return Node(
            str(reference), Kind.SEGMENT, Type(str(reference)), occurs, unresolved=_("It is not defined.")
        )

    def _segment(self, one: dict[str, Any], occurs: Occurs, shared: str | None) -> Node:
        code = str(one.get("code") or one.get("tag") or "SEG")
        name = str(one.get("tag") or code)
        fields = one.get("fields")
        kind = self._types.get(shared or "")
        if kind is None:
            kind = Type(name, children=self._children(fields, 0, skip_code=True))
            if shared:
                self._types[shared] = kind
        return Node(name, Kind.SEGMENT, kind, occurs, facts={"code": code})

    def _children(self, given: Any, level: int, *, skip_code: bool = False) -> Callable[[], tuple[Node, ...]]:
        fields = [one for one in given if isinstance(one, dict)] if isinstance(given, list) else []
        if skip_code and fields and fields[0].get("tag") == "code":
            fields = fields[1:]

        def made() -> tuple[Node, ...]:
            nodes = [self._field(one, at, level) for at, one in enumerate(fields, 1)]
            names = unique_names([node.name for node in nodes])
            return tuple(_renamed(node, name) for node, name in zip(nodes, names, strict=True))

        return made

    def _field(self, one: dict[str, Any], position: int, level: int) -> Node:
        name = str(one.get("tag") or f"field{position}")
        least = 1 if one.get("required") is True else 0
        occurs = Occurs(least, None) if one.get("repeat") is True else Occurs(least, 1)
        facts = {"position": str(position)}
        parts = next(
            (one[key] for key, at in _PARTS if at > level and isinstance(one.get(key), list) and one[key]),
            None,
        )
        if parts is not None:
            kind = Type(name, children=self._children(parts, level + 1))
            return Node(name, Kind.ELEMENT, kind, occurs, facts=facts)
        word = str(one.get("dataType") or "string")
        value = ValueType(word, _BASES.get(word, Base.TEXT), max_length=_length(one.get("length")))
        return Node(name, Kind.FIELD, Type(value.name, value=value), occurs, facts=facts)


def _renamed(node: Node, name: str) -> Node:
    if node.name == name:
        return node
    return Node(
        name, node.kind, node.type, node.occurs, unresolved=node.unresolved, facts=node.facts, line=node.line
    )


def _number(given: Any) -> int | None:
    try:
        return int(str(given))
    except ValueError:
        return None


def _length(given: Any) -> int | None:
    if isinstance(given, dict):
        given = given.get("max")
    number = _number(given)
    return number if number is not None and 0 < number < 10**7 else None


def _occurs(one: dict[str, Any]) -> Occurs:
    least, most = _number(one.get("minOccurances", 0)), _number(one.get("maxOccurances", 1))
    low = max(0, min(least or 0, 10**6))
    if most is None or most == 0:
        return OPTIONAL
    return Occurs(low, None) if most < 0 or most >= 99999 else Occurs(min(low, most), most)
