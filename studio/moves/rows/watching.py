"""What staging sees of each row besides its values: its width, its key, and which rows share one."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from studio.base.i18n import _
from studio.connectors.salesforce.describe import Field, ObjectFacts
from studio.connectors.salesforce.rows import NULL
from studio.moves.judging.preflight import Finding, Report, show, with_finding
from studio.moves.model import Action, Duplicates, Move
from studio.moves.rows.doubled import Doubled
from studio.moves.rows.keys import KeyCheck, SameKey
from studio.moves.rows.shape import Shaper
from studio.moves.rows.stage import Slice, read_rows

# Values shown and tried of the rows of a finding.
_READ = 100


class Watching:
    """Sees the rows go by: their widths and their keys."""

    def __init__(
        self, move: Move, shaper: Shaper, facts: ObjectFacts, folder: Path, held: Mapping[int, str]
    ) -> None:
        self.held: dict[int, str] = dict(held)
        self.judged: set[int] = set()
        self._move = move
        self._width = shaper.width
        name = "Id" if move.action.by_id else move.key if move.action is Action.UPSERT else ""
        self._key_name = name
        self._key = shaper.column_of(name) if name else None
        self._field: Field | None = facts.field(name) if name else None
        self._shaper = shaper
        self.keys = KeyCheck(folder, self._field)
        # Rows refused for their keys: without one, and with one that another row has.
        self._empty = array("q")
        self._shared = array("q")
        self._same: dict[str, list[Doubled]] = {}

    def refuse(self, row: int, reason: str) -> None:
        """Hold a row back; the first reason stays."""
        self.held.setdefault(row, reason)
        self.judged.discard(row)

    def judge(self, row: int, reason: str) -> None:
        """Hold a row back for its values."""
        if row not in self.held:
            self.held[row] = reason
            self.judged.add(row)

    def rows(self, first: int, rows: Sequence[list[str]]) -> None:
        """Look at rows numbered from `first`."""
        width = self._width
        if set(map(len, rows)) != {width}:
            for number, row in enumerate(rows, first):
                if len(row) != width:
                    self.refuse(
                        number,
                        _("the row has {found} values where the header has {width}").format(
                            found=len(row), width=width
                        ),
                    )
        if self._key is not None:
            self._look_at_keys(first, rows, self._key)

    def _look_at_keys(self, first: int, rows: Sequence[list[str]], at: int) -> None:
        keys = self._shaper.sent(self._key_name, [row[at] if len(row) > at else "" for row in rows])
        numbers: Sequence[int] = range(first, first + len(rows))
        wrong = [n for n, row in zip(numbers, rows, strict=True) if len(row) != self._width]
        refused = [n for n in numbers if n in self.held] if self.held else []
        if "" in keys or NULL in keys or wrong or refused:
            needed = not self._move.options.empty_keys or self._move.action.by_id
            empty = [n for n, key in zip(numbers, keys, strict=True) if key in ("", NULL)]
            for number in empty if needed else ():
                self.refuse(number, _("{field} is empty").format(field=self._key_name))
                self._empty.append(number)
            out = {*empty, *wrong, *refused}
            keys = [key for n, key in zip(numbers, keys, strict=True) if n not in out]
            numbers = [n for n in numbers if n not in out]
        if self._move.options.duplicates is not Duplicates.SEND:
            self.keys.add(numbers, keys)

    def hold_duplicates(self) -> None:
        """Hold back the rows that share a key with another, all or all but one."""
        rule = self._move.options.duplicates
        for same in self.keys.same():
            for row, reason in self._losers(same, rule):
                self.refuse(row, reason)
                self._shared.append(row)

    def hold_doubled(self, found: Iterator[Doubled]) -> None:
        """Hold back rows whose value of a unique field an earlier row has."""
        for one in found:
            self.judge(one.row, one.reason)
            self._same.setdefault(one.field, []).append(one)

    def add_to(self, report: Report, folder: Path, size: int) -> Report:
        """The report with what was found of keys and unique fields; `size` is how many bytes are staged in `folder`."""
        key = next((one for one in report.fields if one.field.lower() == self._key_name.lower()), None)
        if key is not None and not any(finding.text == _("empty, but required") for finding in key.findings):
            report = self._with(report, key.field, _("empty, and records are found by it"), self._empty, {})
        if key is not None:
            text = _("more than one row has this value")
            if self._move.options.duplicates is not Duplicates.HOLD:
                text = _("another row with this value is sent")
            values = self._values(folder, key.field, self._shared, size)
            report = self._with(report, key.field, text, self._shared, values)
        for name, found in self._same.items():
            rows = [one.row for one in found]
            text = _("an earlier row has the same value, and the field is unique")
            report = self._with(report, name, text, rows, self._values(folder, name, rows, size))
        return replace(report, failing=len(self.held))

    def _with(
        self, report: Report, name: str, text: str, rows: Sequence[int], values: Mapping[int, str]
    ) -> Report:
        if not rows:
            return report
        finding = Finding(text, len(rows))
        for row in sorted(values):
            show(finding, values[row])
        # A row may have been counted already for what its value is.
        told = sum(
            1 for row in rows if self.held.get(row, "").startswith(f"{name}: ") and name not in self._same
        )
        return with_finding(report, name, finding, len(rows) - told)

    def _values(self, folder: Path, name: str, rows: Sequence[int], size: int) -> dict[int, str]:
        """What the first of these rows send of a field."""
        wanted = sorted(rows)[:_READ]
        last = wanted[-1] if wanted else 0
        place = self._shaper.fields.index(name)
        found: dict[int, str] = {}
        for number, row in enumerate(read_rows(folder, Slice(1, last, 0, size)), 1) if last else ():
            if number in wanted:
                found[number] = self._shaper.values(place, [row])[0]
            if number == last:
                break
        return found

    def _losers(self, same: SameKey, rule: Duplicates) -> Iterator[tuple[int, str]]:
        if rule is Duplicates.HOLD:
            shown, more = ", ".join(str(row) for row in same.rows[:5]), len(same.rows) - 5
            text = _("{field} appears more than once: rows {rows}")
            if more > 0:
                text = _("{field} appears more than once: rows {rows} and {more} more")
            for row in same.rows:
                yield row, text.format(field=self._key_name, rows=shown, more=more)
            return
        kept = same.rows[0 if rule is Duplicates.FIRST else -1]
        for row in same.rows:
            if row != kept:
                yield (
                    row,
                    _("{field} is the same as in row {row}, which is sent").format(
                        field=self._key_name, row=kept
                    ),
                )
