"""A source row becomes a row for the org: columns picked in the field map's order, constants added, blanks decided."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, islice
from operator import itemgetter

from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.connectors.salesforce.rows import NULL
from studio.moves.model import Blank, FieldMap
from studio.moves.rows.changing import Change

Row = Sequence[str]
_BLOCK = 1000


class Shaper:
    """Shapes rows of one header. `fields` is the header sent; raises BadInput for a column the source does not have."""

    def __init__(self, header: Sequence[str], fields: FieldMap, blank: Blank = Blank.LEAVE) -> None:
        self.fields = fields.fields
        self.width = len(header)
        at = {name: index for index, name in enumerate(header)}
        constants = [entry.constant for entry in fields.entries if entry.constant is not None]
        picks: list[int] = []
        added = 0
        for entry in fields.entries:
            if entry.constant is not None:
                picks.append(self.width + added)
                added += 1
            elif entry.column in at:
                picks.append(at[entry.column])
            else:
                raise BadInput(
                    _("The source has no column {column}, which the field map sends to {field}.").format(
                        column=entry.column, field=entry.field
                    ),
                    next_step=_("Correct the field map, or add the column."),
                )
        self.picks = tuple(picks)
        self._constants = constants
        self._null = blank is Blank.NULL
        self._pick = _picker(self.picks)
        # Only columns are changed: a constant is as the person wrote it.
        self.changes = {
            at: Change(entry.fixes)
            for at, entry in enumerate(fields.entries)
            if entry.fixes and entry.constant is None
        }
        # What a row may grow by: each empty cell becomes #N/A, each constant comes with its quotes.
        self.growth = sum(len(text.encode()) + 3 for text in constants) + (
            len(NULL) * len(picks) if self._null else 0
        )
        self.growth += sum(change.growth for change in self.changes.values())

    @property
    def verbatim(self) -> bool:
        """Rows are sent as they stand in the source: every column, in order, nothing added, replaced or fixed."""
        return not self._null and not self.changes and self.picks == tuple(range(self.width))

    def column_of(self, field: str) -> int | None:
        """The place of a field in a source row, None for a constant or a field that is not sent."""
        for name, pick in zip(self.fields, self.picks, strict=True):
            if name.lower() == field.lower() and pick < self.width:
                return pick
        return None

    def one(self, row: Row) -> tuple[str, ...]:
        """The row to send for one source row."""
        picked = self._pick([*row, *self._constants]) if self._constants else self._pick(row)
        if self.changes:
            picked = tuple(
                self.changes[at].one(value) if at in self.changes else value
                for at, value in enumerate(picked)
            )
        return tuple(value or NULL for value in picked) if self._null else picked

    def __call__(self, rows: Iterable[Row]) -> Iterator[tuple[str, ...]]:
        """The rows to send, one for each given."""
        if self.changes:
            return chain.from_iterable(self._changed(rows))
        return map(self.one, rows) if self._constants or self._null else map(self._pick, rows)

    def _changed(self, rows: Iterable[Row]) -> Iterator[Iterator[tuple[str, ...]]]:
        """The rows to send, a block of columns at a time."""
        rows, constants = iter(rows), self._constants
        while block := list(islice(rows, _BLOCK)):
            whole = ([*row, *constants] for row in block) if constants else block
            columns: list[Sequence[str]] = list(zip(*map(self._pick, whole), strict=True))
            for at, change in self.changes.items():
                columns[at] = change.column(columns[at])
            if self._null:
                columns = [[value or NULL for value in column] for column in columns]
            yield zip(*columns, strict=True)

    def values(self, place: int, rows: Sequence[Row]) -> Sequence[str]:
        """What rows of the header's width send of the field at a place."""
        pick = self.picks[place]
        if pick >= self.width:
            return [self._constants[pick - self.width]] * len(rows)
        found: Sequence[str] = [row[pick] for row in rows]
        if place in self.changes:
            found = self.changes[place].column(found)
        return [value or NULL for value in found] if self._null else found

    def sent(self, field: str, values: Sequence[str]) -> Sequence[str]:
        """The values of a field's column as they are sent."""
        for at, name in enumerate(self.fields):
            if name.lower() == field.lower() and at in self.changes:
                return self.changes[at].column(values)
        return values


def _picker(picks: tuple[int, ...]) -> Callable[[Row], tuple[str, ...]]:
    if len(picks) == 1:
        only = picks[0]
        return lambda row: (row[only],)
    return itemgetter(*picks)
