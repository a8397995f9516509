"""A hidden field for correlation: each new record carries a text of its own, by which it is found again."""

from __future__ import annotations

import csv
import hashlib
from dataclasses import replace
from pathlib import Path

from studio.base.atomic import told
from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.base.progress import Progress
from studio.connectors.files.delimited import DelimitedFile
from studio.connectors.salesforce.describe import ObjectFacts
from studio.moves.model import Action, Entry, Move

COLUMN = "weft__stamp"
FILE = "stamped.csv"
_LONGEST = 24


def stamp(
    move: Move, source: DelimitedFile, facts: ObjectFacts, folder: Path, progress: Progress
) -> tuple[Move, DelimitedFile]:
    """The move and its rows with a stamp for each, sent to the field `options.correlate`; raises BadInput for a field
    that cannot hold it."""
    field = facts.field(move.options.correlate)
    wrong = field is None or field.type not in ("string", "textarea") or field.length < _LONGEST
    if field is None or wrong or not field.createable or move.action is not Action.INSERT:
        raise BadInput(
            _("{field} cannot carry a stamp for each row.").format(field=move.options.correlate),
            next_step=_("Name a text field of {object} of at least {n} characters, for an insert.").format(
                object=facts.name, n=_LONGEST
            ),
        )
    if field.name.lower() in (name.lower() for name in move.map.fields):
        raise BadInput(
            _("{field} is sent from a column already.").format(field=field.name),
            next_step=_("Name a field that nothing else is sent to."),
        )
    # The same source gets the same stamps, so that inserting it twice is still noticed.
    with source.path.open("rb") as content:
        token = hashlib.file_digest(content, "sha256").hexdigest()[:12]
    path = folder / FILE
    with source.rows() as rows, told(path), path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\n")
        writer.writerow([*source.header, COLUMN])
        for number, row in enumerate(rows, 1):
            progress.check()
            # A row of another width stays one, so that it is held back as it would be.
            writer.writerow([*row, f"{token}-{number}"])
    entries = (*move.map.entries, Entry(field.name, COLUMN))
    stamped = replace(move, map=replace(move.map, entries=entries))
    return stamped, DelimitedFile.open(path, encoding="utf-8", delimiter=",")
