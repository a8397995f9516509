"""The failed rows a table shows: fetched by pages as they come into sight, never all at once."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, Qt

from studio.base.i18n import _
from ui.bridge import numbers
from ui.widgets.cells import Cell, Index, cell_data

PAGE = 100
# Pages kept; the one used longest ago goes first.
_KEPT = 60
# The columns before the source's own.
LEADING = 2
WRONG = Qt.ItemDataRole.UserRole + 11
CHANGED = Qt.ItemDataRole.UserRole + 12
_ROOT = QModelIndex()
# Number, answer, columns at fault, values, columns changed.
Row = Sequence[Any]
Fetch = Callable[[int, int], Coroutine[Any, Any, list[Row]]]
Spawn = Callable[[Coroutine[Any, Any, object]], object]


class FixRows(QAbstractTableModel):
    """Row number, answer, then the source's columns, which can be written; `write` is told place, column and text."""

    def __init__(
        self, parent: QObject, fetch: Fetch, spawn: Spawn, write: Callable[[int, int, str], object]
    ) -> None:
        super().__init__(parent)
        self._fetch, self._spawn, self._write = fetch, spawn, write
        self._header: tuple[str, ...] = ()
        self._count = 0
        self._pages: dict[int, list[Row]] = {}
        self._asked: set[int] = set()
        self._age = 0

    @property
    def header(self) -> tuple[str, ...]:
        """The source's columns."""
        return self._header

    def show(self, header: Sequence[str], count: int) -> None:
        """Other rows, or the same in another order."""
        self.beginResetModel()
        self._header, self._count = tuple(header), count
        self._forget()
        self.endResetModel()

    def refresh(self) -> None:
        """The same rows with other values: what is in sight is fetched anew, what was there shows until it has come."""
        self._age += 1
        self._asked.clear()
        old, self._pages = self._pages, {}
        for page in sorted(old)[-3:]:
            self._ask(page)
        self._pages = {page: rows for page, rows in old.items() if page in self._asked}

    def _forget(self) -> None:
        self._age += 1
        self._pages.clear()
        self._asked.clear()

    def row(self, place: int) -> Row | None:
        """A row, where it has been fetched; otherwise it is asked for."""
        page = place // PAGE
        rows = self._pages.get(page)
        if rows is None:
            self._ask(page)
            return None
        at = place - page * PAGE
        return rows[at] if at < len(rows) else None

    def _ask(self, page: int) -> None:
        if page not in self._asked:
            self._asked.add(page)
            self._spawn(self._bring(page, self._age))

    async def _bring(self, page: int, age: int) -> None:
        rows = await self._fetch(page * PAGE, PAGE)
        if age != self._age:
            return
        self._pages.pop(page, None)
        self._pages[page] = rows
        while len(self._pages) > _KEPT:
            oldest = next(iter(self._pages))
            del self._pages[oldest]
            self._asked.discard(oldest)
        last = min(self._count, (page + 1) * PAGE) - 1
        self.dataChanged.emit(self.index(page * PAGE, 0), self.index(last, self.columnCount() - 1))

    # Qt's questions.

    def rowCount(self, parent: Index = _ROOT) -> int:
        """Qt's question."""
        return 0 if parent.isValid() else self._count

    def columnCount(self, parent: Index = _ROOT) -> int:
        """Qt's question."""
        return 0 if parent.isValid() else LEADING + len(self._header)

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Own columns can be written."""
        found = super().flags(index)
        return found | Qt.ItemFlag.ItemIsEditable if index.column() >= LEADING else found

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Qt's question."""
        row = self.row(index.row()) if index.isValid() else None
        if row is None:
            return None
        number, answer, wrong, values, changed = row
        column = index.column() - LEADING
        if role == WRONG:
            # What was changed is no longer what was refused.
            return (column in wrong and column not in changed) or (column == -1 and not wrong)
        if role == CHANGED:
            return column in changed
        if column < 0:
            figure = Cell(numbers.count(number), tone="text2", right=True)
            return cell_data(figure if column == -2 else Cell(answer, hint=answer), role)
        if role == Qt.ItemDataRole.EditRole:
            return values[column]
        at_fault = column in wrong and column not in changed
        return cell_data(value_cell(values[column], answer if at_fault else ""), role)

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """A cell was written: the table behind takes it, then what is shown is brought anew."""
        if role != Qt.ItemDataRole.EditRole or index.column() < LEADING:
            return False
        if str(value) != self.data(index, Qt.ItemDataRole.EditRole):
            self._write(index.row(), index.column() - LEADING, str(value))
        return True

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        """Qt's question."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return (_("Row"), _("Why it did not succeed"), *self._header)[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if section == 0 else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        return None


def value_cell(value: str, answer: str) -> Cell:
    """A value of a row; with the org's answer where it is at fault."""
    if not value and answer:
        return Cell(_("empty"), tone="red_text", italic=True, mono=True, hint=answer)
    tone = "red_text" if answer else "text"
    return Cell(value.replace("\n", " ⏎ "), tone=tone, mono=True, hint=answer)


def reason_cells(row: dict[str, Any], header: Sequence[str]) -> Sequence[Cell]:
    """A reason for which rows did not succeed, with the columns at fault, and how many there are."""
    title = row["code"].replace("_", " ").capitalize() or row["message"] or _("All of them")
    names = ", ".join(header[at] for at in row.get("columns", ()))
    count = Cell(numbers.count(row["rows"]), tone="text2", right=True)
    hint = ": ".join(part for part in (row["message"] or title, names) if part)
    return Cell(title, weight=400 if row["id"] else 600, note=names, hint=hint), count
