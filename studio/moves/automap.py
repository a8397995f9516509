"""Which column goes to which field: by the field's name, its label, or either with spelling set aside."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from enum import StrEnum

from studio.base.i18n import _
from studio.base.records import dataclass
from studio.connectors.salesforce.describe import Field, ObjectFacts
from studio.moves.model import Action, Entry, FieldMap
from studio.moves.parts import ID, OUR_COLUMNS

_OWN = frozenset(name.lower() for name in (*OUR_COLUMNS, "sf__Id", "sf__Created", "sf__Error"))


class Why(StrEnum):
    """What speaks for a column and a field belonging together, strongest first."""

    NAME = "name"
    RELATION = "relation"
    LABEL = "label"
    SPELLING = "spelling"

    @property
    def shown(self) -> str:
        """In words."""
        return {
            Why.NAME: _("same name"),
            Why.RELATION: _("key of a related record"),
            Why.LABEL: _("same label"),
            Why.SPELLING: _("spelled alike"),
        }[self]


@dataclass(frozen=True)
class Match:
    """A column, the field it should fill, and why."""

    column: str
    field: str
    why: Why


@dataclass(frozen=True)
class Automap:
    """The matches in the source's order, and the columns nothing was found for."""

    matches: tuple[Match, ...]
    unmapped: tuple[str, ...]

    @property
    def map(self) -> FieldMap:
        """The field map they make."""
        return FieldMap(tuple(Entry(match.field, match.column) for match in self.matches))


def automap(header: Sequence[str], facts: ObjectFacts, action: Action, key: str = "") -> Automap:
    """Match columns to the fields the action may write; each field is given once, to the strongest match.

    A label two fields share matches neither. For a delete only the Id is sent. The columns of our own result files are
    left out, except that their id stands for Id where records are found by it.
    """
    allowed = [field for field in facts.fields if may_send(field, action, key)]
    taken: dict[str, str] = {}
    found: dict[str, Match] = {}
    for why in Why:
        for column in header:
            if column in found or column.lower() in _OWN:
                continue
            field = _match(column, facts, allowed, why, action)
            if field and field.lower() not in taken:
                taken[field.lower()] = column
                found[column] = Match(column, field, why)
    if action.by_id and "id" not in taken and ID in header:
        found[ID] = Match(ID, "Id", Why.NAME)
    matches = tuple(found[column] for column in header if column in found)
    return Automap(matches, tuple(column for column in header if column not in found))


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
