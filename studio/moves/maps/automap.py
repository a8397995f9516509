"""Which column goes to which field: by name, label or spelling; then by what its words and its values mean."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING

from studio.base.i18n import _
from studio.base.lazily import Lazily
from studio.base.records import dataclass
from studio.connectors.salesforce.describe import Field, ObjectFacts
from studio.moves.carrying.parts import ID, OUR_COLUMNS
from studio.moves.model import Action, Entry, FieldMap

if TYPE_CHECKING:
    from studio.moves.maps import meant
else:
    # Columns named as the fields are need no look at what words mean.
    meant = Lazily("studio.moves.maps.meant")

_OWN = frozenset(name.lower() for name in (*OUR_COLUMNS, "sf__Id", "sf__Created", "sf__Error"))


class Why(StrEnum):
    """What speaks for a column and a field belonging together, strongest first."""

    NAME = "name"
    RELATION = "relation"
    LABEL = "label"
    SPELLING = "spelling"
    MEANING = "meaning"
    VALUES = "values"

    @property
    def shown(self) -> str:
        """In words."""
        return {
            Why.NAME: _("same name"),
            Why.RELATION: _("key of a related record"),
            Why.LABEL: _("same label"),
            Why.SPELLING: _("spelled alike"),
            Why.MEANING: _("same meaning"),
            Why.VALUES: _("values of such a field"),
        }[self]


_WRITTEN = (Why.NAME, Why.RELATION, Why.LABEL, Why.SPELLING)


@dataclass(frozen=True)
class Match:
    """A column, the field it should fill, and why."""

    column: str
    field: str
    why: Why

    @property
    def maybe(self) -> str:
        """A weak match in words."""
        return _("perhaps {field}: {why}").format(field=self.field, why=self.why.shown)


@dataclass(frozen=True)
class Automap:
    """The matches in the source's order, and the columns nothing was found for.

    `proposed` are weak ones, of columns that are not sent until somebody chooses so: they are among the unmapped.
    """

    matches: tuple[Match, ...]
    unmapped: tuple[str, ...]
    proposed: tuple[Match, ...] = ()

    @property
    def map(self) -> FieldMap:
        """The field map they make."""
        return FieldMap(tuple(Entry(match.field, match.column) for match in self.matches))


def automap(
    header: Sequence[str],
    facts: ObjectFacts,
    action: Action,
    key: str = "",
    samples: Mapping[str, Sequence[str]] | None = None,
) -> Automap:
    """Match columns to the fields the action may write; each field is given once, to the strongest match.

    A label two fields share matches neither. For a delete only the Id is sent. The columns of our own result files are
    left out, except that their id stands for Id where records are found by it. `samples` are values by column.
    """
    allowed = [field for field in facts.fields if may_send(field, action, key)]
    taken: dict[str, str] = {}
    found: dict[str, Match] = {}
    for why in _WRITTEN:
        for column in header:
            if column in found or column.lower() in _OWN:
                continue
            field = _match(column, facts, allowed, why, action)
            if field and field.lower() not in taken:
                taken[field.lower()] = column
                found[column] = Match(column, field, why)
    if action.by_id and "id" not in taken and ID in header:
        found[ID] = Match(ID, "Id", Why.NAME)
        taken["id"] = ID
    # A dot leads to a related record: its field is not one of this object's.
    rest = [name for name in header if name not in found and name.lower() not in _OWN and "." not in name]
    proposed: dict[str, Match] = {}
    for one in meant.meant(rest, allowed, facts, samples or {}, taken) if rest else ():
        match = Match(one.column, one.field, Why.VALUES if one.values else Why.MEANING)
        (found if one.sure else proposed)[one.column] = match
    return Automap(
        tuple(found[column] for column in header if column in found),
        tuple(column for column in header if column not in found),
        tuple(proposed[column] for column in header if column in proposed),
    )


def may_send(field: Field, action: Action, key: str) -> bool:
    """The action may carry a value for the field."""
    if field.type in ("address", "location", "base64"):
        return False
    if field.type == "id":
        return action.by_id or (action is Action.UPSERT and key.lower() == "id")
    if action.id_only:
        return False
    if action is Action.UPSERT:
        return field.createable or field.updateable or field.name.lower() == key.lower()
    return field.createable if action is Action.INSERT else field.updateable


def _match(column: str, facts: ObjectFacts, allowed: Iterable[Field], why: Why, action: Action) -> str:
    if why is Why.RELATION:
        related = facts.field(column) if "." in column and not action.id_only else None
        return column if related is not None and related.relationship else ""
    wanted = _form(column, why)
    if not wanted:
        return ""
    names = {field.name for field in allowed if wanted in _forms(field, why)}
    return names.pop() if len(names) == 1 else ""


def _forms(field: Field, why: Why) -> set[str]:
    if why is Why.NAME:
        return {_form(field.name, why)}
    if why is Why.LABEL:
        return {_form(field.label, why)}
    return {_form(field.name, why), _form(field.label, why)}


def _form(text: str, why: Why) -> str:
    text = text.strip().lower()
    if why is not Why.SPELLING:
        return text
    return re.sub(r"[\W_]+", "", text.removesuffix("__c"))
