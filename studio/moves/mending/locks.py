"""Rows refused because their parent was locked: sent again in the parents' order, in small jobs, one after the other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.moves.judging.values import id_checksum
from studio.moves.load import Request
from studio.moves.model import Entry
from studio.moves.store import MoveRecord

LOCKED = "UNABLE_TO_LOCK_ROW"
_LARGEST = 1000
_PIECES = 10
# After so many retries of retries, another one would be no different.
MOST_RETRIES = 5


class Order:
    """Puts failed rows (number, answer, own values) in their parents' order where one was locked, and counts them.

    `codes` are the org's reasons of the failures.
    """

    def __init__(self, record: MoveRecord, header: list[str], codes: Iterable[str]) -> None:
        at = {name: place for place, name in enumerate(header)}
        self._parents = [at[e.column] for e in record.move.map.entries if _refers(e) and e.column in at]
        self.locked = LOCKED in codes
        self.rows = 0

    def __call__(self, rows: Iterable[list[str]]) -> Iterator[list[str]]:
        """The rows, number and own values."""
        taken = list(rows)
        self.rows = len(taken)
        if self.locked and taken:
            parents = self._ids(taken)
            taken.sort(key=lambda row: ([row[2 + at] for at in parents], int(row[0])))
        return ([number, *values] for number, _answer, *values in taken)

    def _ids(self, rows: list[list[str]]) -> list[int]:
        """The columns that name a parent: by their field, or by ids in them."""
        first = rows[0][2:]
        return self._parents or [at for at, value in enumerate(first) if _is_id(value)]

    def eased(self, request: Request, retries: int) -> Request:
        """The request with smaller jobs, one at a time; raises BadInput after MOST_RETRIES of them in a row."""
        if not self.locked:
            return request
        if retries >= MOST_RETRIES:
            raise BadInput(
                _("The rows were sent {n} times, and their records are still locked.").format(n=retries + 1),
                next_step=_(
                    "Wait until whoever changes these records is done; the rows stay in the result file."
                ),
            )
        size = max(1, min(_LARGEST, -(-self.rows // _PIECES)))
        return replace(request, options=replace(request.options, chunk_rows=size, parallel=1))


def _refers(entry: Entry) -> bool:
    return "." in entry.field or (entry.field.endswith("Id") and entry.field != "Id")


def _is_id(value: str) -> bool:
    return len(value) == 18 and id_checksum(value[:15]) == value[15:]
