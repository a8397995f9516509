"""EDIFACT directories in XML (messages of segments and groups, beside their segments and data elements) as schemas."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from studio.base.errors import BadInput, Problem, Severity
from studio.base.i18n import _
from studio.schema.edi.envelope import is_service, service_segment, with_envelope
from studio.schema.edi.naming import unique_names
from studio.schema.model import MANY, ONCE, Base, Kind, Node, Occurs, Schema, Type, ValueType
from studio.schema.xml_source import Element, line_of, parse_schema

_RELEASE = re.compile(r"d[0-9]{2}[ab]", re.IGNORECASE)
# A group in a group in a group: no message goes as deep as this.
_DEEPEST = 60


def read_edifact_message(path: Path, *, encoding: str | None = None, within: Path | None = None) -> Schema:
    """The schema of one message of a directory; its segments come from `segments.xml` beside it or one folder up.

    Opened on `segments.xml` itself, every segment is a root. Facts: `standard`, `transaction`, `version`.
    """
    root = parse_schema(path, encoding=encoding)
    if root.tag == "segments":
        library = _Library(path.parent, within, root)
        return Schema(
            "edi",
            tuple(library.all_segments()),
            files=(str(path),),
            facts={"form": "definition", "standard": "edifact"},
        )
    library = _Library(path.parent, within)
    content = library.structure(root, 0)
    if not content:
        raise BadInput(
            _("There is no segment in this message."),
            file=path,
            line=line_of(root),
            next_step=_("Give the definition of a message, with its segments and groups."),
        )
    found = root.find("defaults/data_element[@id='0065']")
    transaction = (found.get("value", "") if found is not None else "") or path.stem.upper()
    release = _RELEASE.search(str(path.parent))
    facts = {
        "form": "definition",
        "standard": "edifact",
        "transaction": transaction,
        "version": f"{release[0][0]}.{release[0][1:]}".upper() if release else "",
    }
    problems = tuple(_missing(root, library, path))
    return Schema(
        "edi",
        (with_envelope(content, "edifact"),),
        files=(str(path), *library.files),
        problems=problems,
        facts=facts,
    )


def _missing(root: Element, library: _Library, path: Path) -> Iterator[Problem]:
    """One message per segment that the directory does not hold."""
    seen: set[str] = set()
    for one in root.iter("segment"):
        code = one.get("id", "")
        if code not in seen and code not in library.segments and not is_service(code):
            seen.add(code)
            yield Problem(
                Severity.WARNING,
                _("The segment {name} is not described in this directory.").format(name=code or "?"),
                str(path),
                line_of(one),
                mend=_("Put segments.xml with its description beside the message."),
            )


class _Library:
    """The segments and data elements of a directory, read when first needed."""

    def __init__(self, folder: Path, within: Path | None, segments: Element | None = None) -> None:
        self._folder = folder
        self._within = within
        self._given = segments
        self._made: dict[str, Type] = {}
        there = (self._near("segments.xml"), self._near("data_elements.xml"))
        self.files = tuple(str(file) for file in there if file is not None)

    def _near(self, name: str) -> Path | None:
        for folder in (self._folder, self._folder.parent):
            file = folder / name
            if file.is_file() and (
                self._within is None or file.resolve().is_relative_to(self._within.resolve())
            ):
                return file
        return None

    @cached_property
    def segments(self) -> dict[str, Element]:
        """The descriptions of segments by code."""
        file = self._near("segments.xml") if self._given is None else None
        root = self._given
        if file is not None:
            try:
                root = parse_schema(file)
            except BadInput:
                root = None
        return {one.get("id", ""): one for one in root.iter("segment")} if root is not None else {}

    @cached_property
    def codes(self) -> dict[str, tuple[str, ...]]:
        """The codes of coded data elements by their number."""
        file = self._near("data_elements.xml")
        try:
            root = parse_schema(file) if file is not None else None
        except BadInput:
            root = None
        if root is None:
            return {}
        return {
            one.get("id", ""): tuple(code.get("id", "") for code in one.iter("code"))
            for one in root.iter("data_element")
        }

    def all_segments(self) -> Iterator[Node]:
        """Every segment of the directory."""
        for code, one in self.segments.items():
            yield Node(
                code,
                Kind.SEGMENT,
                self._type(code),
                ONCE,
                documentation=one.get("desc", ""),
                line=line_of(one),
            )

    def structure(self, parent: Element, depth: int) -> tuple[Node, ...]:
        """The segments and groups inside a message or group."""
        nodes: list[Node] = []
        for one in parent:
            if one.tag == "segment":
                nodes.append(self._segment(one))
            elif one.tag == "group" and depth < _DEEPEST:
                nodes.append(self._group(one, depth))
        names = unique_names([node.name for node in nodes])
        return tuple(replace(node, name=name) for node, name in zip(nodes, names, strict=True))

    def _group(self, group: Element, depth: int) -> Node:
        name = group.get("id") or "group"
        return Node(
            name,
            Kind.SEGMENT,
            Type(name, children=lambda: self.structure(group, depth + 1)),
            _occurs(group, "maxrepeat"),
            line=line_of(group),
            facts={"loop": "true"},
        )

    def _segment(self, one: Element) -> Node:
        code = one.get("id") or "?"
        described = self.segments.get(code)
        if described is None and is_service(code):
            return replace(service_segment(code), occurs=_occurs(one, "maxrepeat"), line=line_of(one))
        return Node(
            code,
            Kind.SEGMENT,
            self._type(code),
            _occurs(one, "maxrepeat"),
            documentation=described.get("desc", "") if described is not None else "",
            unresolved=None if described is not None else _("The directory does not describe this segment."),
            line=line_of(one),
            facts={"code": code, **({"label": described.get("name", "")} if described is not None else {})},
        )

    def _type(self, code: str) -> Type:
        if code not in self._made:
            self._made[code] = Type(code, children=lambda: self._elements(code))
        return self._made[code]

    def _elements(self, code: str) -> tuple[Node, ...]:
        described = self.segments.get(code)
        inside = (
            [one for one in described if one.tag in ("composite_data_element", "data_element")]
            if described is not None
            else []
        )
        return tuple(self._element(one, f"{code}{at:02}", at) for at, one in enumerate(inside, 1))

    def _element(self, one: Element, name: str, position: int) -> Node:
        parts = [part for part in one if part.tag == "data_element"]
        facts = {"position": str(position), "element": one.get("id", ""), "label": one.get("name", "")}
        kind = (
            Type(name, children=self._parts(parts, name))
            if parts
            else Type(one.get("id", ""), value=self._value(one))
        )
        return Node(
            name,
            Kind.ELEMENT if parts else Kind.FIELD,
            kind,
            _occurs(one, "repeat"),
            documentation=one.get("desc", "") or one.get("name", ""),
            line=line_of(one),
            facts={key: text for key, text in facts.items() if text},
        )

    def _parts(self, parts: list[Element], name: str) -> Callable[[], tuple[Node, ...]]:
        return lambda: tuple(self._element(part, f"{name}-{at:02}", at) for at, part in enumerate(parts, 1))

    def _value(self, one: Element) -> Callable[[], ValueType]:
        def made() -> ValueType:
            kind, length = one.get("type", "an"), _whole(one.get("maxlength"))
            # A number of EDIFACT may have decimals, with the decimal mark of its interchange.
            base = Base.DECIMAL if kind == "n" else Base.TEXT
            codes = self.codes.get(one.get("id", ""), ())
            return ValueType(kind, base, enumeration=codes, max_length=length or None)

        return made


def _occurs(element: Element, key: str) -> Occurs:
    least = 1 if element.get("required") == "true" else 0
    most = _whole(element.get(key)) or 1
    if most >= 99999:
        return Occurs(1, None) if least else MANY
    return Occurs(least, most)


def _whole(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 9 else 0
