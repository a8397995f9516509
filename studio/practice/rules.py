"""What an administrator sets up beside the objects: validation, duplicates, assignment, record types' values, access.

Read from the table `resources/practice/rules.txt`, whose first lines say how it is written.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field, replace

from studio.practice.catalog import Catalog, SObject

_FIELD = re.compile(r'"(\w+)"')


@dataclass(frozen=True)
class Validation:
    """A record for which `condition` (SQL over `columns`) holds is refused with `message`."""

    name: str
    condition: str
    field: str
    message: str

    @property
    def columns(self) -> tuple[str, ...]:
        """The fields the condition looks at."""
        return tuple(dict.fromkeys(_FIELD.findall(self.condition)))


@dataclass(frozen=True)
class Assignment:
    """New records whose `field` is `value` go to the user."""

    field: str
    value: str
    username: str


@dataclass
class Access:
    """What one user may not do: fields by object, rights by object, all in lower case."""

    hidden: set[tuple[str, str]] = field(default_factory=set)
    locked: set[tuple[str, str]] = field(default_factory=set)
    denied: dict[str, set[str]] = field(default_factory=dict)

    def view(self, catalog: Catalog) -> Catalog:
        """The objects as this user sees them."""
        seen = Catalog()
        for sobject in catalog:
            seen.add(self._of(sobject))
        return seen

    def _of(self, sobject: SObject) -> SObject:
        name = sobject.name.lower()
        fields = tuple(
            replace(one, createable=False, updateable=False)
            if (name, one.name.lower()) in self.locked
            else one
            for one in sobject.fields
            if (name, one.name.lower()) not in self.hidden
        )
        denied = self.denied.get(name, set())
        return replace(
            sobject,
            fields=fields,
            createable=sobject.createable and "insert" not in denied,
            updateable=sobject.updateable and "update" not in denied,
            deletable=sobject.deletable and "delete" not in denied,
        )


@dataclass
class Rules:
    """Everything, by object name or by user name in lower case."""

    validations: dict[str, list[Validation]] = field(default_factory=lambda: defaultdict(list))
    duplicates: dict[str, tuple[str, ...]] = field(default_factory=dict)
    assignments: dict[str, list[Assignment]] = field(default_factory=lambda: defaultdict(list))
    picks: dict[tuple[str, str, str], tuple[str, ...]] = field(default_factory=dict)
    access: dict[str, Access] = field(default_factory=lambda: defaultdict(Access))

    def picks_of(self, sobject: str, record_type: str, name: str) -> tuple[str, ...] | None:
        """The values a record type offers for a picklist; None where it offers all."""
        return self.picks.get((sobject.lower(), record_type.lower(), name.lower()))


def read_rules(text: str) -> Rules:
    """The rules of a table. Raises ValueError for a line that does not read."""
    rules = Rules()
    for line in text.splitlines():
        if line.strip() and not line.startswith("#"):
            kind, _space, rest = line.strip().partition(" ")
            _READERS[kind](rules, [part.strip() for part in rest.split(" | ")])
    return rules


def _validate(rules: Rules, parts: list[str]) -> None:
    sobject, name, condition, *rest = parts
    named, message = rest if len(rest) == 2 else ("", rest[0].removeprefix("| "))
    rules.validations[sobject.lower()].append(Validation(name, condition, named, message))


def _duplicate(rules: Rules, parts: list[str]) -> None:
    rules.duplicates[parts[0].lower()] = tuple(_listed(parts[1]))


def _assign(rules: Rules, parts: list[str]) -> None:
    named, _equals, value = parts[1].partition("=")
    rules.assignments[parts[0].lower()].append(Assignment(named, value, parts[2]))


def _picks(rules: Rules, parts: list[str]) -> None:
    sobject, record_type, name = parts[0].lower().split(".")
    rules.picks[sobject, record_type, name] = tuple(value.strip() for value in parts[1].split(";"))


def _fields(parts: list[str]) -> set[tuple[str, str]]:
    found = set()
    for text in _listed(parts[1]):
        sobject, _dot, name = text.lower().partition(".")
        found.add((sobject, name))
    return found


def _hide(rules: Rules, parts: list[str]) -> None:
    rules.access[parts[0].lower()].hidden |= _fields(parts)


def _lock(rules: Rules, parts: list[str]) -> None:
    rules.access[parts[0].lower()].locked |= _fields(parts)


def _deny(rules: Rules, parts: list[str]) -> None:
    for text in _listed(parts[1]):
        sobject, *rights = text.split()
        rules.access[parts[0].lower()].denied[sobject.lower()] = set(rights)


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",")]


_READERS = {
    "validate": _validate, "duplicate": _duplicate, "assign": _assign, "picks": _picks, "hide": _hide,
    "lock": _lock, "deny": _deny,
}  # fmt: skip
