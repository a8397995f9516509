"""Fixes as a person writes them: `Name=cut`, `Rating=map:Quente>Hot`, `Industry=default:Retail`, `*=trim`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.connectors.salesforce.describe import Field, ObjectFacts
from studio.moves.judging.fix_offers import with_fix
from studio.moves.model import Duplicates, Entry, FieldMap, Move
from studio.moves.rows.changing import emptying
from studio.moves.rows.recognise import format_fix
from studio.moves.rows.value_fix import Fix, FixKind

_KINDS = "trim, cut[:LENGTH], default:VALUE, map:OLD>NEW, empty, date:FORMAT, number:FORMAT, yes-no, drop, keep-first"


def with_asked(move: Move, texts: Sequence[str], facts: ObjectFacts, zone: str = "") -> Move:
    """The move with the fixes asked for, in order; raises BadInput for one that cannot be read or fits no mapped field."""
    for text in texts:
        name, equals, what = text.partition("=")
        if not equals or not name or not what:
            raise BadInput(
                _("{text} does not name a field and its fix.").format(text=text),
                next_step=_("Write FIELD=FIX, with one of {kinds}.").format(kinds=_KINDS),
            )
        move = _with_one(move, name, what, facts, zone)
    return move


def _with_one(move: Move, name: str, what: str, facts: ObjectFacts, zone: str) -> Move:
    places = _places(move.map.entries, name)
    if not places:
        raise BadInput(
            _("A fix is given for {name}, which is no mapped field or column.").format(name=name),
            next_step=_("The mapped fields are {fields}.").format(fields=", ".join(move.map.fields)),
        )
    if what == "drop":
        left = (entry for at, entry in enumerate(move.map.entries) if at not in places)
        return replace(move, map=FieldMap(tuple(left)))
    if what == "keep-first":
        return replace(move, options=replace(move.options, duplicates=Duplicates.FIRST))
    entries = list(move.map.entries)
    for at in places:
        fact = facts.field(entries[at].field)
        fixes = entries[at].fixes
        for fix in _fixes(what, fact, name, zone):
            fixes = with_fix(fixes, fix)
        entries[at] = replace(entries[at], fixes=fixes)
    return replace(move, map=FieldMap(tuple(entries)))


def _places(entries: Sequence[Entry], name: str) -> list[int]:
    """The mapped columns a name means: a field, a column, or all of them."""
    lower = name.lower()
    return [
        at
        for at, entry in enumerate(entries)
        if entry.constant is None and (name == "*" or lower in (entry.field.lower(), entry.column.lower()))
    ]


def _fixes(text: str, fact: Field | None, name: str, zone: str) -> Iterator[Fix]:
    kind, _colon, value = text.partition(":")
    if kind == "trim":
        yield Fix(FixKind.TRIM)
    elif kind == "yes-no":
        yield Fix(FixKind.YES_NO)
    elif kind == "cut" and (length := _length(value, fact)):
        yield Fix(FixKind.CUT, str(length))
    elif kind == "default" and value:
        yield Fix(FixKind.DEFAULT, value)
    elif kind == "map" and ">" in value:
        old, _mark, new = value.partition(">")
        yield Fix(FixKind.MAP, pairs=((old, new),))
    elif kind == "empty" and fact is not None:
        yield emptying(fact)
    elif kind in ("date", "number") and fact is not None:
        yield format_fix(fact, value, zone)
    elif not (name == "*" and kind == "cut"):
        raise BadInput(
            _("{text} is no fix for {name}.").format(text=text, name=name),
            next_step=_("Give one of {kinds}.").format(kinds=_KINDS),
        )


def _length(text: str, fact: Field | None) -> int:
    if text:
        return int(text) if text.isascii() and text.isdigit() else 0
    return fact.length if fact is not None else 0
