"""A COBOL copybook as a schema: one root per 01 record, redefinitions as choices, offset, width and usage as facts."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from studio.base.errors import BadInput, Problem, Severity
from studio.base.i18n import _
from studio.schema.copybook.items import Item, Parser
from studio.schema.copybook.layout import Laid, lay_out
from studio.schema.copybook.picture import Picture
from studio.schema.copybook.source import tokens
from studio.schema.model import MANY, ONCE, Base, Kind, Node, Occurs, Schema, Type, ValueType
from studio.schema.source import MEGABYTE, decode, read_bytes

_LARGEST = 8 * MEGABYTE
# What data of a mainframe is in, unless told otherwise.
EBCDIC = "cp037"


def read_copybook(path: Path, *, encoding: str | None = None) -> Schema:
    """The schema of a copybook; `encoding` is the copybook's own, that of the data is the fact `encoding` (EBCDIC).

    What is wrong in it is a located problem; raises BadInput where no item is found at all.
    """
    text, _name = decode(read_bytes(path, _LARGEST), encoding, file=path)
    parser = Parser(tokens(text), str(path))
    items = parser.items()
    if not items:
        raise _nothing(path, parser)
    for name, line in parser.copies:
        parser.problem(
            _("The copybook {name} is included here but not read.").format(name=name),
            line,
            1,
            _("Put its text in place of the COPY statement."),
            Severity.WARNING,
        )
    roots = tuple(_roots(items, path, parser))
    facts = {"encoding": EBCDIC, "byte_order": "big", "newline": "none", "unit": "byte"}
    return Schema("copybook", roots, files=(str(path),), problems=tuple(parser.problems), facts=facts)


def _nothing(path: Path, parser: Parser) -> BadInput:
    problem: Problem | None = next(iter(parser.problems), None)
    return BadInput(
        problem.message if problem else _("There is no data description in this copybook."),
        file=path,
        line=problem.line if problem and problem.line else 1,
        column=problem.column if problem else None,
        next_step=_("Give a copybook with entries such as 01 RECORD. and 05 NAME PIC X(10)."),
    )


def _roots(items: list[Item], path: Path, parser: Parser) -> Iterable[Node]:
    records = [item for item in items if item.level in (1, 77)]
    loose = [item for item in items if item.level not in (1, 77)]
    if loose:
        # A fragment to be copied into a record: its items are one.
        records.append(Item(1, path.stem or "RECORD", loose[0].line, loose[0].column, children=loose))
        records.sort(key=lambda item: item.line)
    taken: set[str] = set()
    for item in records:
        laid = lay_out(item, parser.problem)
        name = _free_name(item.name, taken)
        if item.level == 77 or not item.children:
            yield _leaf(laid, name, MANY if item.level == 1 else ONCE)
            continue
        yield Node(
            name,
            Kind.SEGMENT,
            _group_type(laid, name, item),
            MANY,
            line=item.line,
            facts={"width": str(laid.size), **_shared_facts(laid)},
        )


def _group_type(laid: Laid, name: str, record: Item | None = None) -> Type:
    return Type(name, children=lambda: _children(laid, record))


def _children(laid: Laid, record: Item | None) -> tuple[Node, ...]:
    taken: set[str] = set()
    nodes: list[Node] = []
    for child in laid.children:
        made = [_node(one, taken) for one in (child, *child.views)]
        if len(made) == 1:
            nodes.append(made[0])
        else:
            facts = {
                "offset": str(child.offset),
                "width": str(max(one.total for one in (child, *child.views))),
            }
            views = tuple(made)
            nodes.append(
                Node(
                    "",
                    Kind.CHOICE,
                    _choice(views),
                    line=child.item.line,
                    facts={**facts, "views": "redefines"},
                )
            )
    for item in record.children if record else ():
        if item.level == 66 and item.renames:
            nodes.append(_renamed(item, laid, taken))
    return tuple(nodes)


def _choice(views: tuple[Node, ...]) -> Type:
    return Type(children=lambda: views)


def _node(laid: Laid, taken: set[str]) -> Node:
    item = laid.item
    name = _free_name(item.name, taken)
    occurs = Occurs(item.least, item.most)
    if not item.children:
        return _leaf(laid, name, occurs)
    return Node(
        name,
        Kind.ELEMENT,
        _group_type(laid, name),
        occurs,
        line=item.line,
        facts={"offset": str(laid.offset), "width": str(laid.size), **_shared_facts(laid)},
    )


def _leaf(laid: Laid, name: str, occurs: Occurs) -> Node:
    item = laid.item
    value = _value(item.picture, laid.usage)
    facts = {"offset": str(laid.offset), "width": str(laid.size), "usage": laid.usage}
    if item.picture is not None:
        facts["picture"] = item.picture.text
        signed = item.picture.signed or item.separate
        if signed and laid.usage == "display" and item.picture.kind == "number":
            facts["sign"] = f"{item.sign or 'trailing'}{' separate' if item.separate else ''}"
        if item.picture.kind == "number":
            facts["decimals"] = str(item.picture.scale)
    marks = {"justified": item.justified, "blank_when_zero": item.blank_zero, "synchronized": item.sync}
    facts |= {key: "true" for key, given in marks.items() if given}
    return Node(
        name,
        Kind.FIELD,
        Type(value.name, value=value),
        occurs,
        default=item.value,
        line=item.line,
        facts={**facts, **_shared_facts(laid)},
    )


def _shared_facts(laid: Laid) -> dict[str, str]:
    item = laid.item
    facts = {"level": f"{item.level:02}"}
    if item.redefines:
        facts["redefines"] = item.redefines
    if item.depending:
        facts["depending"] = item.depending
    if laid.moves:
        facts["moved_by"] = laid.moves
    if item.filler:
        facts["filler"] = "true"
    if item.conditions:
        facts["conditions"] = "\n".join(f"{name}: {value}" for name, value in item.conditions)
    return facts


def _value(picture: Picture | None, usage: str) -> ValueType:
    if usage in ("comp-1", "comp-2"):
        return ValueType("float" if usage == "comp-1" else "double", Base.FLOAT)
    if picture is None:
        return ValueType("integer", Base.INTEGER) if usage in ("index", "pointer") else ValueType()
    if picture.kind in ("number", "edited") and picture.digits:
        digits = max(picture.digits, picture.scale, picture.digits - min(0, picture.scale))
        if picture.scale > 0:
            return ValueType("decimal", Base.DECIMAL, total_digits=digits, fraction_digits=picture.scale)
        return ValueType("integer", Base.INTEGER, total_digits=digits)
    return ValueType(max_length=picture.characters or None)


def _renamed(item: Item, record: Laid, taken: set[str]) -> Node:
    """A RENAMES entry: another view from one item to the end of another."""
    assert item.renames is not None
    first, last = (_find(record, name.upper()) for name in item.renames)
    start = first.offset if first else 0
    width = last.offset + last.total - start if first and last else 0
    lost = None if first and last else _("The items it renames are not in this record.")
    value = ValueType(max_length=width or None)
    if first is last and first is not None and not first.item.children:
        value = _value(first.item.picture, first.usage)
    return Node(
        _free_name(item.name, taken),
        Kind.FIELD,
        Type(value.name, value=value),
        ONCE,
        line=item.line,
        unresolved=lost,
        facts={
            "level": "66",
            "offset": str(start),
            "width": str(max(0, width)),
            "renames": " ".join(dict.fromkeys(item.renames)),
        },
    )


def _find(laid: Laid, name: str) -> Laid | None:
    waiting = [laid]
    while waiting:
        one = waiting.pop()
        if one.item.name.upper() == name:
            return one
        waiting += [*reversed(one.children), *one.views]
    return None


def _free_name(name: str, taken: set[str]) -> str:
    made, number = name, 1
    while made.upper() in taken:
        number += 1
        made = f"{name}_{number}"
    taken.add(made.upper())
    return made
