"""The first rows of a source as Salesforce will hold them: what stands in the file, what is sent, what is held."""

from __future__ import annotations

from collections.abc import Sequence

from studio.base.records import dataclass
from studio.connectors.salesforce.describe import ObjectFacts
from studio.moves.judging.holds import Effect, Holds, holds
from studio.moves.model import Move
from studio.moves.rows.recognise import Known
from studio.moves.rows.shape import Shaper


@dataclass(frozen=True)
class FieldSeen:
    """A field that is sent: where from, how its column is read, and what is not clear about it."""

    field: str
    label: str
    type: str
    column: str
    format: str = ""
    zone: str = ""
    question: str = ""


@dataclass(frozen=True)
class CellSeen:
    """A value in the file, as it is sent, and what becomes of its field; a doubt was decided."""

    source: str
    sent: str
    held: Holds
    doubt: str = ""


@dataclass(frozen=True)
class ValuesPreview:
    """The first rows; the cells stand in the fields' order."""

    fields: tuple[FieldSeen, ...]
    rows: tuple[tuple[CellSeen, ...], ...]


def values_preview(
    move: Move,
    header: Sequence[str],
    rows: Sequence[Sequence[str]],
    facts: ObjectFacts,
    known: Sequence[Known],
) -> ValuesPreview:
    """What the org will hold of `rows` (of the header's width), of a move whose map has the fixes that read its columns."""
    shaper = Shaper(header, move.map, move.options.blank)
    sent = list(zip(*shaper(rows), strict=True)) if rows else [()] * len(shaper.fields)
    found = {one.field: one for one in known}
    fields: list[FieldSeen] = []
    columns: list[list[CellSeen]] = []
    for at, entry in enumerate(move.map.entries):
        fact = facts.field(entry.field)
        direct = fact if fact is not None and fact.name.lower() == entry.field.lower() else None
        reads = next((fix for fix in entry.fixes if fix.kind.reads), None)
        told = found.get(entry.field)
        fields.append(
            FieldSeen(
                entry.field,
                fact.label if fact is not None else entry.field,
                fact.type if fact is not None else "",
                entry.column if entry.constant is None else "",
                (told.pattern if told is not None and told.pattern else reads.shown) if reads else "",
                (reads.zone or "UTC") if reads is not None and reads.kind.value == "moment" else "",
                told.question if told is not None else "",
            )
        )
        change = shaper.changes.get(at)
        cells: list[CellSeen] = []
        for row, value in zip(rows, sent[at], strict=True):
            raw = row[header.index(entry.column)] if entry.constant is None else entry.constant
            outcome = change.told((raw,)).get(raw) if change is not None else None
            if outcome is not None and outcome.reason:
                cells.append(CellSeen(raw, value, Holds("", Effect.REFUSED, outcome.reason)))
            else:
                doubt = outcome.doubt if outcome is not None else ""
                cells.append(CellSeen(raw, value, holds(direct, value, move.action), doubt))
        columns.append(cells)
    return ValuesPreview(tuple(fields), tuple(zip(*columns, strict=True)) if rows else ())
