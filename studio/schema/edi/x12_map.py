"""X12 implementation maps in XML (loops, segments, elements with names, usage and codes) as schemas."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

from studio.base.errors import BadInput, Problem, Severity
from studio.base.i18n import _
from studio.schema.edi.envelope import X12, level_node, with_envelope
from studio.schema.edi.naming import unique_names
from studio.schema.model import MANY, ONCE, OPTIONAL, Base, Kind, Node, Occurs, Schema, Type, ValueType
from studio.schema.xml_source import Element, line_of, parse_schema

_LOOPS = {"ISA_LOOP": X12[0], "GS_LOOP": X12[1], "ST_LOOP": X12[2]}
_USAGES = {"R": "required", "S": "situational", "N": "not used"}
_MOST_PROBLEMS = 100
_MOST_POSITION = 10_000_000


def read_x12_map(path: Path, *, encoding: str | None = None, within: Path | None = None) -> Schema:
    """The schema of an implementation map; types and external codes come from the lists that lie beside it.

    Facts: `standard`, `transaction`, `version`. Raises BadInput where there is no segment in it.
    """
    root = parse_schema(path, encoding=encoding)
    reader = _Reader(path, within)
    content = reader.children(root, "")
    if not any(True for _one in root.iter("segment")):
        raise BadInput(
            _("There is no segment in this map."),
            file=path,
            line=line_of(root),
            next_step=_("Give the map of a transaction, with its loops and segments."),
        )
    if len(content) == 1 and content[0].name == X12[0].name:
        top = content[0]
    elif len(content) == 1 and content[0].name == X12[2].name:
        top = with_envelope(content[0].type.children, "x12")
    else:
        top = with_envelope(content, "x12")
    facts = {"form": "definition", "standard": "x12", **_identity(root)}
    top = replace(top, documentation=_get(root, "name") or top.documentation)
    return Schema(
        "edi",
        (top,),
        files=(str(path), *reader.lists.files),
        facts=facts,
        inspect=lambda: tuple(_problems(root, path)),
    )


def _identity(root: Element) -> dict[str, str]:
    """The transaction and version that the codes of its envelope allow; else the map's own name."""
    found: dict[str, list[str]] = {"ST01": [], "ST03": [], "GS08": []}
    for element in root.iter("element"):
        name = element.get("xid", "")
        if name in found:
            found[name] += _codes(element)
    transaction = dict.fromkeys(found["ST01"] or [root.get("xid", "")])
    versions = dict.fromkeys(found["ST03"] + found["GS08"])
    return {"transaction": "\n".join(transaction), "version": "\n".join(versions)}


class _Reader:
    """Makes nodes from the elements of a map, children when they are asked for."""

    def __init__(self, path: Path, within: Path | None) -> None:
        self.lists = _Lists(path, within)
        self._types: dict[str, Type] = {}

    def children(self, parent: Element, code: str) -> tuple[Node, ...]:
        """The loops and segments of a loop in the order of their positions, or the elements of a segment."""
        inside = [one for one in parent if one.tag in ("loop", "segment", "element", "composite")]
        if all(_position(one) is not None for one in inside):
            inside.sort(key=lambda one: _position(one) or 0)
        nodes: list[Node] = []
        made: dict[str, int] = {}
        for one in inside:
            if one.tag == "loop":
                nodes.append(self._loop(one))
            elif one.tag == "segment":
                nodes.append(self._segment(one))
            else:
                place = made[code] = made.get(code, 0) + 1
                nodes.append(self._element(one, code, place))
        names = unique_names(
            [node.name for node in nodes], [node.facts.get("tell_text", "") for node in nodes]
        )
        return tuple(
            node if node.name == name else replace(node, name=name)
            for node, name in zip(nodes, names, strict=True)
        )

    def _loop(self, loop: Element) -> Node:
        name = loop.get("xid") or "LOOP"
        level = _LOOPS.get(name)
        facts = _facts(loop)
        if level is not None:
            node = level_node(level, self.children(loop, ""))
            return replace(node, line=line_of(loop), facts={**facts, **node.facts})
        return Node(
            name,
            Kind.SEGMENT,
            Type(name, children=lambda: self.children(loop, "")),
            _occurs(loop, _get(loop, "repeat")),
            documentation=_get(loop, "name"),
            line=line_of(loop),
            facts={**facts, "loop": "true"},
        )

    def _segment(self, segment: Element) -> Node:
        code = segment.get("xid") or "SEG"
        return Node(
            code,
            Kind.SEGMENT,
            Type(code, children=lambda: self.children(segment, code)),
            _occurs(segment, _get(segment, "max_use")),
            documentation=_get(segment, "name"),
            line=line_of(segment),
            facts={"code": code, **_facts(segment), **_tell(segment, code)},
        )

    def _element(self, element: Element, code: str, place: int) -> Node:
        position = _whole(_get(element, "seq")) or place
        name = element.get("xid") or f"{code}{position:02}"
        parts = [one for one in element if one.tag == "element"]
        facts = {"position": str(position), "element": _get(element, "data_ele"), **_facts(element)}
        facts = {key: text for key, text in facts.items() if text}
        repeat = element.get("repeat") or _get(element, "repeat")
        described: dict[str, Any] = {
            "occurs": _occurs(element, repeat or "1"),
            "documentation": _get(element, "name"),
            "line": line_of(element),
        }
        if element.tag == "composite" and parts:
            return Node(
                name,
                Kind.ELEMENT,
                Type(name, children=lambda: self._components(parts, name)),
                facts=facts,
                **described,
            )
        return Node(name, Kind.FIELD, self._type(element), facts=facts, **described)

    def _components(self, parts: list[Element], name: str) -> tuple[Node, ...]:
        nodes = []
        for at, part in enumerate(parts, 1):
            position = _whole(_get(part, "seq")) or at
            node = self._element(part, name, position)
            nodes.append(replace(node, name=part.get("xid") or f"{name}-{position:02}"))
        names = unique_names([node.name for node in nodes])
        return tuple(replace(node, name=given) for node, given in zip(nodes, names, strict=True))

    def _type(self, element: Element) -> Type:
        number = _get(element, "data_ele")
        codes = element.find("valid_codes")
        if codes is None or (not len(codes) and not codes.get("external")):
            if number not in self._types:
                self._types[number] = Type(number or "string", value=self._value(number, ()))
            return self._types[number]
        external = codes.get("external", "")
        return Type(
            number or "string",
            value=self._value(number, tuple(_codes(element)), external, _get(element, "regex")),
        )

    def _value(
        self, number: str, codes: tuple[str, ...], external: str = "", pattern: str = ""
    ) -> Callable[[], ValueType]:
        def made() -> ValueType:
            value = self.lists.types.get(number) or ValueType()
            known = codes + (self.lists.codes.get(external, ()) if external else ())
            return replace(value, enumeration=tuple(dict.fromkeys(known)), pattern=pattern or None)

        return made


class _Lists:
    """The lists of data elements and of codes that lie beside a map, read when first needed."""

    def __init__(self, path: Path, within: Path | None) -> None:
        near = {name: path.parent / name for name in ("dataele.xml", "codes.xml")}
        self._there = {name: file for name, file in near.items() if file.is_file() and _inside(file, within)}
        self.files = tuple(str(file) for file in self._there.values())

    @cached_property
    def types(self) -> dict[str, ValueType]:
        """Types by the number of the data element."""
        return {one.get("ele_num", ""): _value_of(one) for one in self._all("dataele.xml", "data_ele")}

    @cached_property
    def codes(self) -> dict[str, tuple[str, ...]]:
        """Codes by the name of their list."""
        found = {}
        for one in self._all("codes.xml", "codeset"):
            codes = tuple(code.text.strip() for code in one.iter("code") if code.text)
            found[one.findtext("id", "").strip()] = codes
        return found

    def _all(self, name: str, tag: str) -> Iterator[Element]:
        if name in self._there:
            try:
                yield from parse_schema(self._there[name]).iter(tag)
            except BadInput:
                # A broken list costs the types, not the tree.
                return


def _inside(file: Path, within: Path | None) -> bool:
    return within is None or file.resolve().is_relative_to(within.resolve())


def _value_of(element: Element) -> ValueType:
    kind, least, most = (
        element.get("data_type", ""),
        _whole(element.get("min_len")),
        _whole(element.get("max_len")),
    )
    sizes: dict[str, Any] = {"min_length": least or None, "max_length": most or None}
    if kind == "R":
        return ValueType(kind, Base.DECIMAL, **sizes)
    if kind[:1] == "N":
        decimals = _whole(kind[1:])
        return ValueType(
            kind, Base.DECIMAL if decimals else Base.INTEGER, fraction_digits=decimals or None, **sizes
        )
    if kind == "DT":
        return ValueType(
            kind, Base.DATE, format="yyyymmdd" if most == 8 else "yymmdd" if most == 6 else None, **sizes
        )
    if kind == "TM":
        return ValueType(kind, Base.TIME, format="hhmm", **sizes)
    return ValueType(kind or "string", Base.BINARY if kind == "B" else Base.TEXT, **sizes)


def _tell(segment: Element, code: str) -> dict[str, str]:
    """The qualifier that tells a segment from others of its code: its first element, of HL the third."""
    elements = [one for one in segment if one.tag in ("element", "composite")]
    at = 2 if code == "HL" else 0
    if len(elements) <= at:
        return {}
    key = elements[at]
    if key.tag == "composite":
        key = next((one for one in key if one.tag == "element"), key)
    codes = _codes(key)
    if not codes or _get(elements[at], "usage") != "R":
        return {}
    name = key.get("xid") or f"{code}{at + 1:02}"
    return {"tell": "field", "tell_field": name, "tell_text": "\n".join(codes)}


def _codes(element: Element) -> list[str]:
    found = element.find("valid_codes")
    return [one.text.strip() for one in found.iter("code") if one.text] if found is not None else []


def _facts(element: Element) -> dict[str, str]:
    facts = {
        "usage": _USAGES.get(_get(element, "usage"), ""),
        "label": _get(element, "name"),
        "pos": _get(element, "pos"),
    }
    return {key: text for key, text in facts.items() if text}


def _get(element: Element, name: str) -> str:
    """A property of an element, written as an attribute or as an element inside."""
    return (element.get(name) or element.findtext(name) or "").strip()


def _position(element: Element) -> int | None:
    text = _get(element, "pos") if element.tag in ("loop", "segment") else _get(element, "seq")
    return _whole(text) if text.isdigit() else None


def _whole(text: str | None) -> int:
    return (
        min(int(text), _MOST_POSITION) if text and text.isascii() and text.isdigit() and len(text) < 9 else 0
    )


def _occurs(element: Element, most: str) -> Occurs:
    required = _get(element, "usage") == "R"
    if most.startswith(">"):
        return Occurs(1, None) if required else MANY
    top = _whole(most) or 1
    if top == 1:
        return ONCE if required else OPTIONAL
    return Occurs(1 if required else 0, top)


def _problems(root: Element, path: Path) -> Iterator[Problem]:
    """What a look at the whole map shows: elements without their code, usages that mean nothing."""
    count = 0
    for one in root.iter("loop", "segment", "element", "composite"):
        usage = _get(one, "usage")
        message = ""
        if one.tag in ("loop", "segment") and not one.get("xid"):
            message = _("This {tag} has no xid.").format(tag=one.tag)
        elif usage and usage not in _USAGES:
            message = _("The usage {usage} is none of R, S and N.").format(usage=usage[:20])
        if message:
            count += 1
            if count > _MOST_PROBLEMS:
                return
            yield Problem(
                Severity.WARNING, message, str(path), line_of(one), mend=_("Correct the map at this line.")
            )
