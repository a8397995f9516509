"""Picklist values that do not go with the value of the field that controls them, told from both columns of a row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from studio.base.i18n import _
from studio.base.records import dataclass
from studio.connectors.salesforce.describe import ObjectFacts
from studio.connectors.salesforce.rows import NULL
from studio.moves.formats import yes_no


@dataclass(frozen=True)
class Dependent:
    """A dependent picklist by the places of its column and of the controlling one; `under` in lower case."""

    place: int
    above: int
    under: Mapping[str, frozenset[str]]
    several: bool
    yes_no: bool
    text: str

    def strange(self, values: Sequence[str], above: Sequence[str]) -> list[str]:
        """The values, one a row, that do not go with the controlling value of the same row.

        An empty cell says nothing, as the record may have a value already; one that is in no list is told elsewhere.
        """
        pairs = list(zip(values, above, strict=True))
        wrong = {pair for pair in set(pairs) if not self._fits(*pair)}
        return [pair[0] for pair in pairs if pair in wrong] if wrong else []

    def _fits(self, value: str, above: str) -> bool:
        if value in ("", NULL) or above in ("", NULL):
            return True
        wanted = (yes_no.read(above) or above if self.yes_no else above).lower()
        parts = value.lower().split(";") if self.several else [value.lower()]
        return all(wanted in self.under[part] for part in parts if part in self.under)


def dependents(fields: Sequence[str], facts: ObjectFacts) -> tuple[Dependent, ...]:
    """The dependent picklists among the fields sent whose controlling field is sent too."""
    places = {name.lower(): place for place, name in enumerate(fields)}
    found: list[Dependent] = []
    for name, place in places.items():
        fact = facts.by_name.get(name)
        above = facts.field(fact.controller) if fact is not None and fact.under else None
        if fact is None or above is None or above.name.lower() not in places:
            continue
        under = {value.lower(): frozenset(one.lower() for one in allowed) for value, allowed in fact.under}
        text = _("does not go with the value of {field}").format(field=above.name)
        several, flag = fact.type == "multipicklist", above.type == "boolean"
        found.append(Dependent(place, places[above.name.lower()], under, several, flag, text))
    return tuple(found)
