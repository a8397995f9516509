"""Building a schema by hand: records and fields added, changed, moved and removed; every edit makes a new schema."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.schema.model import MANY, ONCE, OPTIONAL, Base, Kind, Node, Occurs, Schema, Type, ValueType
from studio.schema.path import parse_path

# The types offered, as our files write them.
TYPES: Mapping[str, Base] = {
    "text": Base.TEXT,
    "integer": Base.INTEGER,
    "decimal": Base.DECIMAL,
    "float": Base.FLOAT,
    "boolean": Base.BOOLEAN,
    "date": Base.DATE,
    "datetime": Base.DATETIME,
    "time": Base.TIME,
    "binary": Base.BINARY,
}
# The kinds that can be made and edited by hand.
EDITABLE = ("delimited", "fixed")
# What a field may say beyond name, type and occurrence: as texts, whole numbers where the format wants them.
NUMBERS = ("length", "digits", "scale", "width", "start")
_OF_VALUE = {"length": "max_length", "digits": "total_digits", "scale": "fraction_digits"}
_SETTINGS = {
    "delimited": {"delimiter": ",", "quote": '"', "encoding": "utf-8", "header": "true"},
    "fixed": {"encoding": "utf-8", "newline": "\n", "unit": "character"},
}

Nodes = tuple[Node, ...]


def blank(kind: str, record: str = "row") -> Schema:
    """A schema of one record without fields; `kind` is one of EDITABLE."""
    return Schema(kind, (_record(record, ()),), facts=_SETTINGS[kind])


def editable(schema: Schema) -> bool:
    """It can be edited by hand: flat files in our own format."""
    return schema.kind in EDITABLE and all(file.endswith((".yaml", ".yml")) for file in schema.files)


def add_field(schema: Schema, above: str, name: str, *, after: str = "") -> Schema:
    """A text field in the record at a path, behind its field `after` or the last; raises BadInput for a bad name."""
    field = Node(name, Kind.FIELD, Type("string", value=ValueType()), OPTIONAL)
    return _added(schema, above, field, after)


def add_record(schema: Schema, above: str, name: str, *, after: str = "") -> Schema:
    """A record without fields inside the record at a path; with `above` empty one beside the others."""
    return _added(schema, above, _record(name, ()), after)


def rename(schema: Schema, path: str, name: str) -> Schema:
    """A record or field under another name; raises BadInput where that cannot be one, or is taken beside it."""

    def change(siblings: Nodes, at: int) -> Nodes:
        _check_name(name, (*siblings[:at], *siblings[at + 1 :]))
        return _put(siblings, at, replace(siblings[at], name=name))

    return _at(schema, path, change)


def retype(schema: Schema, path: str, name: str) -> Schema:
    """A field of another type, one of TYPES or another name; its limits stay where they make sense."""
    base = TYPES.get(name, Base.TEXT)

    def change(node: Node) -> Node:
        _only_field(node)
        before = node.value or ValueType()
        digits = base in (Base.DECIMAL, Base.INTEGER)
        value = replace(
            before,
            name="string" if name == "text" else name,
            base=base,
            max_length=before.max_length if base in (Base.TEXT, Base.BINARY) else None,
            total_digits=before.total_digits if digits else None,
            fraction_digits=before.fraction_digits if base is Base.DECIMAL else None,
            format=before.format if base is not Base.BOOLEAN else None,
        )
        return replace(node, type=Type(value.name, value=value))

    return _changed(schema, path, change)


def set_occurs(schema: Schema, path: str, occurs: Occurs) -> Schema:
    """How often a record or field stands in what is around it."""
    return _changed(schema, path, lambda node: replace(node, occurs=occurs))


def describe(schema: Schema, path: str, key: str, text: str) -> Schema:
    """Say or take back something of a record or field: `length`, `digits`, `scale`, `format`, `default`, `width`,
    `start`, `description` …; raises BadInput where it has to be a whole number."""
    text = text.strip()
    if key in NUMBERS and text and not (text.isascii() and text.isdigit() and 0 < int(text) < 10**6):
        raise BadInput(
            _("This has to be a whole number above zero: {text}.").format(text=text),
            path=path,
            next_step=_("Write digits only, or nothing."),
        )

    def change(node: Node) -> Node:
        if key == "default":
            return replace(node, default=text or None)
        if key in _OF_VALUE or key == "format":
            _only_field(node)
            said: dict[str, str | int | None] = {
                _OF_VALUE.get(key, key): (int(text) if key in NUMBERS else text) if text else None
            }
            value = replace(node.value or ValueType(), **said)  # type: ignore[arg-type]
            return replace(node, type=Type(value.name, value=value))
        facts = {name: old for name, old in node.facts.items() if name != key}
        facts = facts | {key: text} if text else facts
        words = text if key == "description" else node.documentation
        return replace(node, facts=facts, documentation=words)

    return _changed(schema, path, change)


def move(schema: Schema, path: str, by: int) -> Schema:
    """A record or field further down (`by` 1) or up (-1) among its like; at the end it stays where it is."""

    def change(siblings: Nodes, at: int) -> Nodes:
        record = siblings[at].kind is Kind.SEGMENT
        like = [n for n, node in enumerate(siblings) if (node.kind is Kind.SEGMENT) == record]
        goal = like.index(at) + by
        if not 0 <= goal < len(like):
            return siblings
        swapped = list(siblings)
        other = like[goal]
        swapped[at], swapped[other] = swapped[other], swapped[at]
        return tuple(swapped)

    return _at(schema, path, change)


def remove(schema: Schema, path: str) -> Schema:
    """Without a record or field and all in it; raises BadInput for the last record."""
    if len(schema.roots) == 1 and len(parse_path(path)) == 1:
        raise BadInput(
            _("A schema has at least one record."), path=path, next_step=_("Add another one first.")
        )
    return _at(schema, path, lambda siblings, at: (*siblings[:at], *siblings[at + 1 :]))


def with_setting(schema: Schema, key: str, text: str) -> Schema:
    """Another delimiter, quote, encoding …; raises BadInput where it cannot be."""
    if key == "delimiter" and len(text) != 1:
        raise BadInput(
            _("The delimiter is one character."), next_step=_("Give a comma, a semicolon, a tab …")
        )
    if key == "quote" and len(text) > 1:
        raise BadInput(_("The quote is one character, or empty for none."))
    return replace(schema, facts={**schema.facts, key: text})


def free_name(schema: Schema, above: str, wanted: str) -> str:
    """`wanted`, numbered where the record at a path (or the top) has one of that name."""
    taken = {node.name for node in _inside(schema, above)}
    name, number = wanted, 2
    while name in taken:
        name, number = f"{wanted}{number}", number + 1
    return name


def _record(name: str, children: Nodes) -> Node:
    return Node(name, Kind.SEGMENT, Type(name, children=lambda: children), MANY)


def _inside(schema: Schema, above: str) -> Nodes:
    if not above:
        return schema.roots
    place = schema.find(above)
    return place.node.type.children if place is not None else ()


def _added(schema: Schema, above: str, node: Node, after: str) -> Schema:
    siblings = _inside(schema, above)
    _check_name(node.name, siblings)
    names = [one.name for one in siblings]
    at = names.index(after) + 1 if after in names else len(siblings)
    if node.kind is not Kind.SEGMENT:
        # Fields stand before records.
        at = min(at, sum(1 for one in siblings if one.kind is not Kind.SEGMENT))
    grown = (*siblings[:at], node, *siblings[at:])
    if not above:
        return replace(schema, roots=grown)
    return _changed(schema, above, lambda record: _holding(record, grown))


def _holding(node: Node, children: Nodes) -> Node:
    if node.kind is Kind.FIELD:
        raise BadInput(
            _("A field holds no other fields."), path=node.name, next_step=_("Add them to a record.")
        )
    kind = Type(node.type.name, children=lambda: children, documentation=node.type.documentation)
    return replace(node, type=kind)


def _changed(schema: Schema, path: str, change: Callable[[Node], Node]) -> Schema:
    return _at(schema, path, lambda siblings, at: _put(siblings, at, change(siblings[at])))


def _at(schema: Schema, path: str, change: Callable[[Nodes, int], Nodes]) -> Schema:
    """The schema with the node at a path and its siblings changed; raises BadInput where there is none."""

    def inside(nodes: Nodes, names: list[str]) -> Nodes:
        at = next((number for number, node in enumerate(nodes) if node.name == names[0]), None)
        if at is None:
            raise BadInput(_("The schema has no such node."), path=path, next_step=_("Check the name."))
        if len(names) == 1:
            return change(nodes, at)
        return _put(nodes, at, _holding(nodes[at], inside(nodes[at].type.children, names[1:])))

    names = [step.name for step in parse_path(path)]
    return replace(schema, roots=inside(schema.roots, names)) if names else schema


def _put(nodes: Nodes, at: int, node: Node) -> Nodes:
    return (*nodes[:at], node, *nodes[at + 1 :])


def _check_name(name: str, siblings: Nodes) -> None:
    if not name.strip() or name != name.strip() or not name.isprintable():
        raise BadInput(
            _("This cannot be a name: {name}").format(name=repr(name)), next_step=_("Write a short name.")
        )
    if any(node.name == name for node in siblings):
        raise BadInput(
            _("There is a {name} here already.").format(name=name), next_step=_("Choose another name.")
        )


def _only_field(node: Node) -> None:
    if not node.type.leaf:
        raise BadInput(
            _("A record has no type of its own."), path=node.name, next_step=_("Say it of its fields.")
        )


def occurs_of(text: str) -> Occurs:
    """`1`, `0..1`, `2..5`, `1..n`; raises BadInput for anything else."""
    low, dots, high = text.strip().partition("..")
    if low == "n" and not dots:
        return MANY
    try:
        least = int(low)
        most = None if high == "n" else int(high) if dots else least
    except ValueError:
        least, most = 1, 0
    if least < 0 or (most is not None and (most < least or most == 0)):
        raise BadInput(
            _("This is no number of times: {text}.").format(text=text or "–"),
            next_step=_("Write {examples}.").format(examples="1, 0..1, 2..5, 0..n"),
        )
    return ONCE if (least, most) == (1, 1) else Occurs(least, most)
