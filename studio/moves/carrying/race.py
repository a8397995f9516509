"""A lost race: between the org's look for a key and its insert, somebody else made the record; one more try changes it."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from studio.connectors.salesforce import collections
from studio.connectors.salesforce.errors import row_error
from studio.connectors.salesforce.session import Org
from studio.moves.carrying.parts import Kind, line, part_path, write_part
from studio.moves.carrying.reconcile import Reconciled
from studio.moves.carrying.record import record
from studio.moves.journal import Chunk, Journal
from studio.moves.model import Action, Move
from studio.moves.rows.shape import Shaper

# How the org refuses keys that are twice in one batch: no race, and a second try would apply both.
_TWICE = "duplicate external id specified"


def lost(move: Move, answer: str) -> bool:
    """A row of an upsert was refused because its key had just been taken."""
    if move.action is not Action.UPSERT:
        return False
    error = row_error(answer)
    if error.code != "DUPLICATE_VALUE" or error.message.lower().startswith(_TWICE):
        return False
    named = {name.lower() for name in error.fields}
    return move.key.lower() in named or (not named and move.key.lower() in error.message.lower())


async def tried_again(
    org: Org, journal: Journal, shaper: Shaper, chunk: Chunk, found: Reconciled
) -> Reconciled:
    """The chunk's ends after its lost races were sent once more; a kill in between repeats that, which does no harm.

    Raises NotReachable, SalesforceError.
    """
    if journal.move.action is not Action.UPSERT or not found.counts.failed:
        return found
    failed = list(_part(part_path(journal.folder, chunk.number, Kind.FAILED)))
    raced = {at: row for at, (answer, _text, row) in enumerate(failed) if lost(journal.move, answer)}
    if not raced:
        return found
    move, won = journal.move, dict[int, tuple[str, str]]()
    places = list(raced)
    for start in range(0, len(places), collections.MOST):
        part = places[start : start + collections.MOST]
        records = [record(move.object, shaper.fields, shaper.one(raced[at][3:])) for at in part]
        for at, answer in zip(
            part, await collections.upsert(org, move.object, move.key, records), strict=True
        ):
            if not answer.error:
                won[at] = answer.id, "created" if answer.created else "updated"
    succeeded = [
        text for _answer, text, _row in _part(part_path(journal.folder, chunk.number, Kind.SUCCEEDED))
    ]
    for at, (id_, word) in won.items():
        number, text = raced[at][0], failed[at][1]
        succeeded.append(line(int(number), id_, word, text[_own(raced[at]) :]))
    write_part(journal.folder, chunk.number, Kind.SUCCEEDED, succeeded)
    left = [text for at, (_answer, text, _row) in enumerate(failed) if at not in won]
    write_part(journal.folder, chunk.number, Kind.FAILED, left)
    counts = replace(found.counts, succeeded=len(succeeded), failed=len(left))
    return replace(found, counts=counts)


def _own(row: list[str]) -> int:
    """Where the source's own values begin in a result line."""
    number, id_, answer = row[:3]
    return len(line(int(number), id_, answer, ""))


def _part(path: Path) -> Iterator[tuple[str, str, list[str]]]:
    """Each row of a part: its answer, its text as it stands, its values."""
    if not path.exists():
        return
    taken: list[str] = []

    def lines() -> Iterator[str]:
        with path.open(encoding="utf-8", newline="\n") as file:
            for text in file:
                taken.append(text)
                yield text

    for row in csv.reader(lines(), strict=True):
        yield row[2], "".join(taken), row
        taken.clear()
