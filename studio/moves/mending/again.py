"""Failed rows sent again as a move of their own, corrected in the table or in a file that a person edited."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from studio.base import atomic
from studio.base.errors import BadInput
from studio.base.i18n import _, ngettext
from studio.connectors.files.delimited import DelimitedFile
from studio.connectors.salesforce.rows import encode
from studio.moves import store
from studio.moves.carrying.parts import ANSWER, ROW
from studio.moves.carrying.run import alone
from studio.moves.load import Request
from studio.moves.mending import family, fix_edits
from studio.moves.mending.fix import Fix, View
from studio.moves.mending.locks import Order
from studio.moves.rows.recognise import Formats

_MOST_NAMED = 5


@contextmanager
def sending(fix: Fix, *, unchanged: bool = False) -> Iterator[Request]:
    """The load of the rows shown. While the block lasts nobody else sends rows of the same move again.

    Of those that were kept back the ones somebody has changed, or all of them, `unchanged` too.

    Raises BadInput without any row to send, and while another process is at it.
    """
    record = fix.record
    fix.must_be_over()
    with alone(store.move_folder(record.run)):
        fix.leave_out(family.sent_again(record))
        if not fix.ready(unchanged=unchanged):
            raise BadInput(
                _("There is no row to send again."),
                next_step=_("Rows that another move has in hand are left out: see weft move status."),
            )
        order = Order(record, list(fix.header), [reason.code for reason in fix.reasons()])
        source = family.new_file(record, order(fix.rows_shown(unsent=True, ready=not unchanged)))
        try:
            yield order.eased(request(fix, source), family.retries(record))
        finally:
            # What became a move is told by its journal; a file nothing came of is of no use.
            if not any(child.move.source == str(source) for child in family.children(record)):
                atomic.discard(source)
            fix.leave_out(family.sent_again(record))


def request(fix: Fix, source: Path) -> Request:
    """A load like the first one, of rows it failed with."""
    move = fix.record.move
    return Request(
        move.action,
        move.object,
        source,
        key=move.key,
        org=move.org,
        map=family.field_map(fix.record),
        encoding="utf-8",
        delimiter=",",
        options=replace(move.options, first=0),
        again=True,
        formats=Formats(zone=str(fix.record.facts.get("zone", ""))),
    )


def write_out(fix: Fix, file: Path) -> int:
    """Write the rows shown, as they are now, for a person to correct: number, answer, then the own columns."""
    with atomic.writing(file) as out:
        for data in encode([ROW, ANSWER, *fix.header], fix.rows_shown(unsent=True)):
            out.write(data)
    return fix.shown


def read_in(fix: Fix, file: Path) -> int:
    """Take values from a file that `write_out` wrote and a person corrected; exactly its rows are shown then.

    Columns are known by their names and rows by their number, in any order; what is not in the file stays. Raises
    BadInput for a row that did not fail or is in hand already, one that is there twice, and a column nobody knows.
    """
    source = DelimitedFile.open(file)
    if ROW not in source.header:
        raise BadInput(
            _("The file has no column {name}, which says which row is meant.").format(name=ROW),
            file=file,
            next_step=_("Make one with: weft move failed {run} --out FILE").format(run=fix.record.run),
        )
    ours = {name for name in source.header if name.startswith("weft__")}
    unknown = [name for name in source.header if name not in fix.header and name not in ours]
    if unknown:
        raise BadInput(
            _("{run} has no column {column}.").format(run=fix.record.run, column=unknown[0]),
            file=file,
            next_step=_("It has: {columns}.").format(columns=", ".join(fix.header)),
        )
    places = {at: fix.header.index(name) for at, name in enumerate(source.header) if name in fix.header}
    known = dict(fix.db.execute("SELECT number, at FROM row WHERE NOT sent"))
    cells, seen = _cells(source, places, known, fix.record.run)
    fix.show(View())
    changed = fix_edits.put(fix, _("Values of {file}").format(file=file.name), cells)
    fix.only(seen)
    return changed


def _cells(
    source: DelimitedFile, places: dict[int, int], known: dict[int, int], run: str
) -> tuple[list[tuple[int, int, str]], list[int]]:
    at_number = source.header.index(ROW)
    cells, seen, wrong = list[tuple[int, int, str]](), dict[int, None](), list[str]()
    with source.rows() as rows:
        for row in rows:
            text = row[at_number].strip() if len(row) > at_number else ""
            at = known.get(int(text)) if text.isdecimal() else None
            if at is None or at in seen or len(row) != len(source.header):
                wrong.append(text or "?")
                continue
            seen[at] = None
            cells += [(at, column, row[place]) for place, column in places.items()]
    if wrong:
        raise BadInput(
            ngettext(
                "Row {rows} of the file is no failed row of {run} that waits to be sent again, or is there twice.",
                "Rows {rows} of the file are no failed rows of {run} that wait to be sent again, or are there twice.",
                len(wrong),
            ).format(rows=", ".join(wrong[:_MOST_NAMED]) + (", …" if wrong[_MOST_NAMED:] else ""), run=run),
            file=source.path,
            next_step=_("Leave these rows out of the file."),
        )
    return cells, list(seen)
