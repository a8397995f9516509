"""A tree as DTD: one declaration for each element name, attributes with their types, no types of texts."""

from __future__ import annotations

from collections import deque

from studio.schema.export.graph import Graph, alternatives, escape, xml_name
from studio.schema.model import Kind, Node, Occurs, Schema, Type
from studio.schema.prefixes import XML

_KINDS = frozenset(("ID", "IDREF", "IDREFS", "NMTOKEN", "NMTOKENS", "ENTITY", "ENTITIES"))

_MOST_WRITTEN = 12


def to_dtd(schema: Schema, roots: tuple[Node, ...] | None = None) -> str:
    """The text of a DTD.

    Left out, as a DTD has no form for them: types and limits of texts, great numbers of
    occurrences, what elements of one name have inside in different places (then it is ANY), documentation.
    """
    return _Writer(schema, roots or schema.roots).text()


class _Writer:
    def __init__(self, schema: Schema, roots: tuple[Node, ...]) -> None:
        # Too large a tree is refused before anything is written.
        Graph(roots)
        self._prefixes = {space: prefix for prefix, space in schema.namespaces.items() if prefix and space}
        self._roots = roots
        self._models: dict[str, str] = {}
        self._lists: dict[str, dict[str, str]] = {}

    def text(self) -> str:
        waiting = deque(root for root in self._roots if root.kind is not Kind.ANY)
        seen: set[tuple[str, Type]] = set()
        while waiting:
            node = waiting.popleft()
            name = self._name(node)
            if (name, node.type) in seen or node.unresolved:
                continue
            seen.add((name, node.type))
            self._declare(name, node)
            waiting.extend(one for one in _elements(node.type) if one.kind is not Kind.ANY)
        lines: list[str] = []
        for name, model in self._models.items():
            lines.append(f"<!ELEMENT {name} {model}>")
            if self._lists.get(name):
                lines.append(f"<!ATTLIST {name}")
                lines += (f"  {text}" for text in self._lists[name].values())
                lines[-1] += ">"
        return "\n".join(lines) + "\n"

    def _name(self, node: Node) -> str:
        # A name whose prefix the tree knows no namespace of is kept as it was.
        name = ":".join(map(xml_name, (node.name or "root").split(":", 1)))
        if node.namespace == XML:
            return f"xml:{name}"
        prefix = self._prefixes.get(node.namespace, "")
        return f"{prefix}:{name}" if prefix and node.namespace else name

    def _declare(self, name: str, node: Node) -> None:
        model = self._model(node.type)
        if self._models.setdefault(name, model) != model:
            self._models[name] = "ANY"
        known = self._lists.setdefault(name, {})
        if node.namespace and ":" not in name:
            known.setdefault("xmlns", f'xmlns CDATA #FIXED "{escape(node.namespace)}"')
        prefix = name.partition(":")[0] if ":" in name else ""
        if prefix:
            known.setdefault(prefix, f'xmlns:{prefix} CDATA #FIXED "{escape(node.namespace)}"')
        for attribute in node.type.children:
            if attribute.kind is Kind.ATTRIBUTE:
                full = self._name(attribute)
                outer = full.partition(":")[0] if ":" in full else ""
                if outer not in ("", "xml"):
                    known.setdefault(outer, f'xmlns:{outer} CDATA #FIXED "{escape(attribute.namespace)}"')
                known.setdefault(f"@{full}", self._attribute(full, attribute))

    def _attribute(self, name: str, node: Node) -> str:
        value = node.value
        kind = value.name if value is not None and value.name in _KINDS else "CDATA"
        if (
            value is not None
            and value.enumeration
            and all(xml_name(one) == one or one.isalnum() for one in value.enumeration)
        ):
            kind = f"({'|'.join(value.enumeration)})"
        if node.fixed is not None:
            return f'{name} {kind} #FIXED "{escape(node.fixed)}"'
        if node.occurs.min:
            return f"{name} {kind} #REQUIRED"
        return (
            f'{name} {kind} "{escape(node.default)}"'
            if node.default is not None
            else f"{name} {kind} #IMPLIED"
        )

    def _model(self, kind: Type) -> str:
        content = [node for node in kind.children if not node.attribute]
        lost = any(node.unresolved and node.kind is Kind.ANY for node in kind.children)
        if lost or any(node.kind is Kind.ANY for node in _elements(kind)):
            return "ANY"
        if kind.value is not None or kind.mixed:
            names = list(dict.fromkeys(map(self._name, _elements(kind))))
            return f"(#PCDATA | {' | '.join(names)})*" if names else "(#PCDATA)"
        parts = [part for part in map(self._particle, content) if part]
        if not parts:
            return "EMPTY"
        return parts[0] if len(parts) == 1 and parts[0].startswith("(") else f"({', '.join(parts)})"

    def _particle(self, node: Node) -> str:
        if node.kind is not Kind.CHOICE:
            return _counted(self._name(node), node.occurs)
        inside: list[str] = []
        for group in alternatives(node):
            parts = [part for part in map(self._particle, group) if part]
            inside += [f"({', '.join(parts)})" if len(parts) > 1 else parts[0]] if parts else []
        return f"({' | '.join(inside)}){_mark(node.occurs)}" if inside else ""


def _counted(name: str, occurs: Occurs) -> str:
    """A name as often as it may stand: small numbers by writing it again."""
    if occurs.max is None or not 1 < occurs.max <= _MOST_WRITTEN or occurs.min > occurs.max:
        return name + _mark(occurs)
    least = max(occurs.min, 1)
    optional = ""
    for _more in range(occurs.max - least):
        optional = f", ({name}{optional})?" if optional else f", {name}?"
    text = f"({', '.join([name] * least)}{optional})"
    return text if occurs.min else f"{text}?"


def _mark(occurs: Occurs) -> str:
    if occurs.repeats:
        return "+" if occurs.min else "*"
    return "" if occurs.min else "?"


def _elements(kind: Type) -> list[Node]:
    """The elements directly inside, looking through choices."""
    found: list[Node] = []
    for node in kind.children:
        if node.kind is Kind.CHOICE:
            found += _elements(node.type)
        elif not node.attribute:
            found.append(node)
    return found
