"""How the failed records of a plan's source are taken out of an input, by its format; and where that cannot be."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, BinaryIO

from studio.base.lazily import Lazily
from studio.engine.cut.wanted import Cut, Place
from studio.engine.forms import chains
from studio.engine.plan import Plan, Top

if TYPE_CHECKING:
    from studio.engine.cut import delimited as cut_of_delimited
    from studio.engine.cut import edi as cut_of_edi
    from studio.engine.cut import json as cut_of_json
    from studio.engine.cut import records as cut_of_records
    from studio.engine.cut import rows as cut_of_rows
    from studio.engine.cut import xml as cut_of_xml
else:
    cut_of_xml = Lazily("studio.engine.cut.xml")
    cut_of_rows = Lazily("studio.engine.cut.rows")
    cut_of_records = Lazily("studio.engine.cut.records")
    cut_of_json = Lazily("studio.engine.cut.json")
    cut_of_edi = Lazily("studio.engine.cut.edi")
    cut_of_delimited = Lazily("studio.engine.cut.delimited")

Cutter = Callable[[BinaryIO, str, Cut], None]
_WRITTEN_ANEW = ("avro", "database", "excel", "parquet")


def cutter(plan: Plan, places: Iterable[Place], tops: Iterable[Top]) -> Cutter | None:
    """What copies an input of the plan without most records at the places; None where nothing can be cut out of it."""
    places, source = tuple(places), plan.source
    plain: dict[str, Cutter] = {
        "xml": lambda stream, _name, cut: cut_of_xml.cut_xml(stream, cut),
        "json": lambda stream, name, cut: cut_of_json.cut_json(stream, cut, name),
        "lines": lambda stream, name, cut: cut_of_json.cut_lines(stream, cut, name, source.objects),
        "delimited": lambda stream, _name, cut: cut_of_delimited.cut_delimited(stream, source.facts, cut),
    }
    if source.format in plain:
        return plain[source.format]
    if plan.passes != "whole" and any(top.gathers for top in tops):
        # What several records are read with is numbered otherwise than they stand in the input.
        return None
    if source.format == "edi":
        found = len(places) == 1 and cut_of_edi.cuts_edi(plan, places[0].chain)
        return (lambda stream, name, cut: cut_of_edi.cut_edi(plan, stream, name, cut)) if found else None
    if source.format in _WRITTEN_ANEW:
        return (
            (lambda stream, name, cut: cut_of_rows.cut_rows(plan, stream, name, cut))
            if len(places) == 1
            else None
        )
    records = {chain for chain, _form in chains(source.forms)}
    if all(place.chain in records for place in places):
        return lambda stream, name, cut: cut_of_records.cut_records(plan, stream, name, cut)
    return None
