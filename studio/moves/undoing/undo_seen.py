"""Some of the records an undo is about, to be looked at before it: their names, and what each value is now and would be."""

from __future__ import annotations

import csv
from itertools import islice

from studio.base.records import dataclass
from studio.connectors.salesforce import retrieve
from studio.connectors.salesforce.describe import ObjectFacts
from studio.connectors.salesforce.session import Org
from studio.moves.model import Action
from studio.moves.undoing.undo_rows import Staged, Step

# What records are called by, where they have it.
_NAMES = ("Name", "Subject", "Title", "CaseNumber", "DeveloperName")


@dataclass(frozen=True)
class Was:
    """A field whose value would change: as it is now, and as it would be."""

    field: str
    now: str
    back: str


@dataclass(frozen=True)
class Seen:
    """A record: what would be done with it, its id and name, why it would be left alone, the values that would change."""

    action: Action
    id: str
    name: str
    reason: str
    values: tuple[Was, ...]


async def seen(staged: Staged, facts: ObjectFacts, org: Org, most: int) -> tuple[Seen, ...]:
    """The first records of each step; raises NotReachable, SalesforceError."""
    name = next((each for each in _NAMES if facts.field(each)), "")
    found: list[Seen] = []
    for step in staged.steps:
        rows = _first(step, most)
        ids = [row[0] for row in rows]
        fields = list(dict.fromkeys(["Id", *([name] if name else []), *step.fields[1:]]))
        there = step.action in (Action.UPDATE, Action.DELETE)
        now = await retrieve.by_ids(org, facts.name, ids, fields) if ids and there else {}
        for number, row in enumerate(rows, 1):
            record = now.get(row[0][:15])
            values: tuple[Was, ...] = ()
            if step.action is Action.UPDATE and record is not None:
                pairs = zip(step.fields[1:], row[1:], strict=True)
                values = tuple(
                    Was(field, is_now, back)
                    for field, given in pairs
                    if (is_now := _text(record.get(field))) != (back := "" if given == "#N/A" else given)
                )
            called = _text(record.get(name)) if record is not None and name else ""
            found.append(Seen(step.action, row[0], called, step.held.get(number, ""), values))
    return tuple(found)


def _first(step: Step, most: int) -> list[list[str]]:
    with step.path.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        next(rows, None)
        return list(islice(rows, most))


def _text(value: object) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)
