"""Values that no two records may share: which rows of a source give one that an earlier row gives already."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

from studio.base.i18n import _
from studio.base.records import dataclass
from studio.connectors.salesforce.describe import ObjectFacts
from studio.connectors.salesforce.rows import NULL
from studio.moves.model import Action, Move
from studio.moves.rows.keys import KeyCheck
from studio.moves.rows.shape import Shaper


@dataclass(frozen=True)
class Doubled:
    """A row whose value of a unique field an earlier row has, which is sent."""

    field: str
    place: int
    row: int
    first: int

    @property
    def reason(self) -> str:
        """For the row, in words."""
        return _("{field}: the same value as in row {row}, and the field is unique").format(
            field=self.field, row=self.first
        )


class Uniques:
    """Watches the columns of fields the org describes as unique, other than the key; a watcher of the staging.

    Rows in `held` are not sent, so they are in nobody's way.
    """

    def __init__(
        self, move: Move, facts: ObjectFacts, shaper: Shaper, folder: Path, held: Collection[int]
    ) -> None:
        self._shaper = shaper
        self._held = held
        key = move.key.lower() if move.action is Action.UPSERT else ""
        self._checks = [
            (place, KeyCheck(folder, facts.by_name[name.lower()]))
            for place, name in enumerate(shaper.fields)
            if name.lower() in facts.by_name and facts.by_name[name.lower()].unique and name.lower() != key
        ]
        if move.action.id_only:
            self._checks = []

    @property
    def needed(self) -> bool:
        """There is a unique field to watch."""
        return bool(self._checks)

    def rows(self, first: int, rows: Sequence[list[str]]) -> None:
        """Take the values of rows numbered from `first`."""
        width, held = self._shaper.width, self._held
        numbers = [
            n for n, row in enumerate(rows, first) if len(row) == width and (not held or n not in held)
        ]
        sent = rows if len(numbers) == len(rows) else [rows[n - first] for n in numbers]
        for place, check in self._checks:
            values = self._shaper.values(place, sent)
            pairs = [(n, value) for n, value in zip(numbers, values, strict=True) if value not in ("", NULL)]
            check.add([n for n, _value in pairs], [value for _n, value in pairs])

    def found(self) -> Iterator[Doubled]:
        """The rows that would be refused, for the first of their fields; forgets everything afterwards."""
        out: set[int] = set()
        for place, check in self._checks:
            for same in check.same():
                left = [row for row in same.rows if row not in self._held and row not in out]
                for row in left[1:]:
                    out.add(row)
                    yield Doubled(self._shaper.fields[place], place, row, left[0])

    def close(self) -> None:
        """Forget everything, temporary files too."""
        with ExitStack() as stack:
            for _place, check in self._checks:
                stack.callback(check.close)
