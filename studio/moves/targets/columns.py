"""What the columns of a query's answer hold, as the org describes the fields they come from."""

from __future__ import annotations

import re
from collections.abc import Sequence

from studio.connectors.salesforce.describe import Field, ObjectFacts, describe
from studio.connectors.salesforce.errors import SalesforceError
from studio.connectors.salesforce.session import Org
from studio.moves.targets.kinds import Column, Sort

_FROM = re.compile(r"\bFROM\s+([A-Za-z]\w*)", re.IGNORECASE)
_SORTS = {
    "boolean": Sort.BOOLEAN,
    "int": Sort.WHOLE,
    "long": Sort.WHOLE,
    "double": Sort.NUMBER,
    "currency": Sort.NUMBER,
    "percent": Sort.NUMBER,
    "date": Sort.DATE,
    "datetime": Sort.MOMENT,
}


def object_of(soql: str) -> str:
    """The object a query is about; "" where none is named."""
    found = _FROM.search(soql)
    return found[1] if found else ""


async def columns_of(org: Org, soql: str, header: Sequence[str]) -> tuple[Column, ...]:
    """The columns with what they hold; a text where the org does not tell (aggregates, objects of several kinds)."""
    known: dict[str, ObjectFacts | None] = {}

    async def facts(name: str) -> ObjectFacts | None:
        if name not in known:
            try:
                known[name] = await describe(org, name)
            except SalesforceError:
                known[name] = None
        return known[name]

    async def field(path: str) -> Field | None:
        at = await facts(object_of(soql)) if object_of(soql) else None
        *steps, last = path.split(".")
        for step in steps:
            reference = at.by_relationship.get(step.lower()) if at is not None else None
            if reference is None or len(reference.reference_to) != 1:
                return None
            at = await facts(reference.reference_to[0])
        return at.field(last) if at is not None else None

    return tuple([_column(name, await field(name)) for name in header])


def _column(name: str, field: Field | None) -> Column:
    if field is None:
        return Column(name)
    return Column(name, _SORTS.get(field.type, Sort.TEXT), field.precision, field.scale)
