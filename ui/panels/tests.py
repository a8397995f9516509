"""The Tests panel: what the golden tests of a map found, each difference with its record and path, and what none tried."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from studio.base.i18n import _
from ui.widgets.cells import Cell, CellTable
from ui.widgets.heads import EmptyState
from ui.widgets.trees import Rows

ICONS = {
    "passed": ("check-circle-fill", "green"),
    "updated": ("check-circle-fill", "orange"),
    "differs": ("x-circle-fill", "red"),
    "broken": ("warning-fill", "red"),
}
# Of what no test has tried, so many are listed.
_LISTED = 100


@dataclass(frozen=True)
class Row:
    """A line of the list: what (a test) or where in it, how it differs, and what a double click opens."""

    what: str
    where: str
    said: str
    icon: str = ""
    tone: str = "text"
    object: str = ""
    path: str = ""
    hint: str = ""


class TestsPanel(QWidget):
    """`opened` tells that the place of a row is wanted: object and path."""

    opened = Signal(str, str)

    def __init__(self) -> None:
        super().__init__()
        # The map whose tests these are, as it was when they ran.
        self.ref = ""
        self.tried: object = None
        self._found: list[Row] = []
        self._tests: list[Mapping[str, Any]] = []
        self._model: CellTable[Row] = CellTable([_("Test"), _("Difference")], _cells, self)
        self.list = Rows(_("Results of the tests"))
        self.list.setModel(self._model)
        self.list.lay_out(520, 0)
        self._pages = QStackedWidget(self)
        self._pages.addWidget(
            EmptyState(
                "test-tube",
                _("No tests"),
                _("A test holds what the map makes of a sample against what is expected of it."),
            )
        )
        self._pages.addWidget(self.list)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._pages)
        self.list.opened.connect(self._open)

    def show_answer(self, ref: str, answer: Mapping[str, Any], tried: object = None) -> None:
        """Show what the agent has found out about the tests of the transformation `ref`, `tried` as it then was."""
        self.ref, self.tried = ref, tried
        rows = self._found = rows_of(ref, answer)
        self._tests = list(answer["tests"])
        self._model.set_rows(rows)
        self._pages.setCurrentIndex(1 if rows else 0)

    def show_old(self, *, old: bool) -> None:
        """Say above the results that they are of before the last change of the map, and dim them; or no longer."""
        rows = self._found
        if old:
            note = Row(
                _("Before the last change of the map"),
                "",
                _("Run the tests again (Shift+F6)."),
                "clock",
                "orange",
            )
            rows = [note, *(replace(row, tone="text3") for row in rows)]
        self._model.set_rows(rows)

    def test(self) -> Mapping[str, Any] | None:
        """The test of the row at hand, else the first that differs, with both documents; None where none has them."""
        tests = [test for test in self._tests if test.get("made_text")]
        row = self.list.currentIndex().row()
        heads = [each.object for each in self._model.rows[: row + 1] if each.object.startswith("tests/")]
        chosen = [test for test in tests if heads and heads[-1] == f"tests/{test['test']}"]
        return next(iter((*chosen, *(test for test in tests if test["state"] == "differs"), *tests)), None)

    def _open(self, row: int) -> None:
        found = self._model.rows[row]
        if found.object:
            self.opened.emit(found.object, found.path)


def rows_of(ref: str, answer: Mapping[str, Any]) -> list[Row]:
    """The lines of an answer: each test and below it what differs, then what no test has tried."""
    rows: list[Row] = []
    for test in answer["tests"]:
        rows += _of_test(ref, test)
    coverage = answer["coverage"]["transformations"].get(ref)
    return rows + (_of_coverage(ref, coverage) if coverage else [])


def _of_test(ref: str, test: Mapping[str, Any]) -> list[Row]:
    words = {
        "passed": _("passed"),
        "updated": _("taken as expected"),
        "differs": _("differs"),
        "broken": _("not run"),
    }
    icon, tone = ICONS[test["state"]]
    problem = test["problem"]
    said = words[test["state"]]
    hint = ""
    if problem:
        said, hint = problem["message"], problem["mend"]
    rows = [Row(test["name"], "", said, icon, tone, object=f"tests/{test['test']}", hint=hint)]
    for difference in test["differences"]:
        record, path = difference["record"], difference["path"]
        where = _("record {number}").format(number=record) if record is not None else ""
        where = " ▸ ".join(part for part in (where, path) if part)
        rows.append(
            Row("", where, difference["message"], object=f"transformations/{ref}", path=difference["rule"])
        )
    if test["more"]:
        rows.append(Row("", "", _("and {n} more").format(n=test["more"])))
    return rows


def _of_coverage(ref: str, coverage: Mapping[str, Any]) -> list[Row]:
    parts = {
        "rules": _("rules"),
        "conditions": _("sides of conditions"),
        "branches": _("branches"),
        "nodes": _("target nodes"),
    }
    counts = ", ".join(
        f"{word} {coverage[part]['hit']}/{coverage[part]['of']}" for part, word in parts.items()
    )
    rows = [Row(_("Tried by the tests"), "", counts, "test-tube", "text2")]
    words = {
        "rule": _("rule not run"),
        "condition": _("condition never"),
        "branch": _("branch not taken"),
        "node": _("never written"),
    }
    for point in coverage["missing"][:_LISTED]:
        said = f"{words[point['part']]}: {point['label']}".removesuffix(": ")
        rows.append(Row("", point["path"], said, object=f"transformations/{ref}", path=point["path"]))
    return rows


def _cells(row: Row) -> Sequence[Cell]:
    return (
        Cell(row.what, icon=row.icon, icon_tone=row.tone, hint=row.what)
        if row.what
        else Cell(f"    {row.where}", tone="text2", small=True, hint=row.where),
        Cell(row.said, tone="text" if row.icon else "text2", small=True, hint=row.hint or row.said),
    )
