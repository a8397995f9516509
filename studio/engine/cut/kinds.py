"""How the failed records of a plan's source are taken out of an input, by its format; and where that cannot be."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import BinaryIO

from studio.engine.cut.delimited import cut_delimited
from studio.engine.cut.edi import cut_edi, cuts_edi
from studio.engine.cut.json import cut_json, cut_lines
from studio.engine.cut.records import cut_records
from studio.engine.cut.rows import cut_rows
from studio.engine.cut.wanted import Cut, Place
from studio.engine.cut.xml import cut_xml
from studio.engine.forms import chains
from studio.engine.plan import Plan, Top

Cutter = Callable[[BinaryIO, str, Cut], None]
_WRITTEN_ANEW = ("avro", "database", "excel", "parquet")


def cutter(plan: Plan, places: Iterable[Place], tops: Iterable[Top]) -> Cutter | None:
    """What copies an input of the plan without most records at the places; None where nothing can be cut out of it."""
    places, source = tuple(places), plan.source
    plain: dict[str, Cutter] = {
        "xml": lambda stream, _name, cut: cut_xml(stream, cut),
        "json": lambda stream, name, cut: cut_json(stream, cut, name),
        "lines": lambda stream, name, cut: cut_lines(stream, cut, name, source.objects),
        "delimited": lambda stream, _name, cut: cut_delimited(stream, source.facts, cut),
    }
    if source.format in plain:
        return plain[source.format]
    if plan.passes != "whole" and any(top.gathers for top in tops):
        # What several records are read with is numbered otherwise than they stand in the input.
        return None
    if source.format == "edi":
        found = len(places) == 1 and cuts_edi(plan, places[0].chain)
        return (lambda stream, name, cut: cut_edi(plan, stream, name, cut)) if found else None
    if source.format in _WRITTEN_ANEW:
        return (lambda stream, name, cut: cut_rows(plan, stream, name, cut)) if len(places) == 1 else None
    records = {chain for chain, _form in chains(source.forms)}
    if all(place.chain in records for place in places):
        return lambda stream, name, cut: cut_records(plan, stream, name, cut)
    return None
