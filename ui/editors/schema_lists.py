"""What is wrong with a schema, and what of the project uses it: two lists whose rows lead there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from studio.base.errors import Problem, Severity
from studio.base.i18n import _, ngettext
from studio.project.dependents import Dependent, Role
from studio.project.model import Project
from ui.bridge.numbers import count
from ui.bridge.project_tree import object_icon, object_name
from ui.editors.base import Desk
from ui.widgets.cells import Cell, CellTable
from ui.widgets.heads import EmptyState
from ui.widgets.labels import Text
from ui.widgets.trees import Rows

_ORDER = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.NOTE: 2}
_ICONS = {
    Severity.ERROR: ("x-circle-fill", "red"),
    Severity.WARNING: ("warning-fill", "orange"),
    Severity.NOTE: ("info", "text2"),
}


class SchemaProblems(QStackedWidget):
    """Located problems; `opened` tells the one whose place is wanted."""

    opened = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._model: CellTable[Problem] = CellTable(
            [_("Problem"), _("Where"), _("How to mend it")], _problem_cells, self
        )
        self.list = Rows(_("Problems of the schema"), head=True)
        self.list.setModel(self._model)
        self.list.fit((200, 0), (120, 220), (120, 360))
        self.addWidget(
            EmptyState("check", _("No problems"), _("All files of the schema were found and read."))
        )
        self.addWidget(self.list)
        self.list.opened.connect(lambda row: self.opened.emit(self._model.rows[row]))
        self.list.selectionModel().currentRowChanged.connect(self._explain)

    def show_problems(self, problems: Sequence[Problem]) -> None:
        """Show these, errors first."""
        self._model.set_rows(sorted(problems, key=lambda problem: _ORDER[problem.severity]))
        self.setCurrentIndex(1 if problems else 0)

    def _explain(self) -> None:
        self.list.setAccessibleDescription(_("Enter shows the place."))


def _problem_cells(problem: Problem) -> Sequence[Cell]:
    icon, role = _ICONS[problem.severity]
    name = (problem.file or "").replace("\\", "/").rpartition("/")[2]
    where = f"{name}:{problem.line}" if problem.line is not None else name
    return (
        Cell(problem.message, icon=icon, icon_tone=role, hint=problem.message),
        Cell(" ".join(part for part in (where, problem.path) if part), tone="text2", small=True, link=True, hint=problem.place),
        Cell(problem.mend, tone="text2", small=True, hint=problem.mend),
    )  # fmt: skip


@dataclass(frozen=True)
class Use:
    """A row: an object of the project, what it uses the schema for, and the rule that touches the node, if any."""

    id: str
    words: str
    path: str = ""


class SchemaUses(QStackedWidget):
    """The objects that use the schema, and the rules that touch the current node."""

    def __init__(self, desk: Desk, project: Callable[[], Project]) -> None:
        super().__init__()
        self._project = project
        self._objects: CellTable[Use] = CellTable([_("Object"), _("Uses the schema")], self._cells, self)
        self._rules: CellTable[Use] = CellTable([_("Rule"), _("In the map")], self._rule_cells, self)
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self._node = Text("", "text2", wrap=True)
        self._node.setContentsMargins(8, 8, 8, 8)
        for name, model in ((_("Uses of the schema"), self._objects), (_("Rules of the node"), self._rules)):
            listed = Rows(name, head=True)
            listed.setModel(model)
            listed.fit((160, 0), (160, 0))
            listed.opened.connect(
                lambda row, model=model: desk.open(model.rows[row].id, model.rows[row].path)
            )
            column.addWidget(listed, 1)
            if model is self._objects:
                column.addWidget(self._node)
        self._rule_list = listed
        self.addWidget(
            EmptyState(
                "arrows-left-right",
                _("Nothing uses this schema"),
                _("Make a transformation that reads or writes it."),
            )
        )
        self.addWidget(page)
        self.show_rules("", ())

    def show_objects(self, found: Sequence[Dependent]) -> None:
        """Show what uses the schema."""
        self._objects.set_rows([Use(each.id, _words(each)) for each in found])
        self.setCurrentIndex(1 if found else 0)

    def show_rules(self, path: str, rules: Sequence[Use]) -> None:
        """Show the rules that touch a node; no path: none is selected."""
        self._rules.set_rows(rules)
        self._rule_list.setVisible(bool(rules))
        if not path:
            self._node.setText(_("Select a node in the tree to see the rules that touch it."))
        elif rules:
            told = ngettext("{n} rule touches {path}", "{n} rules touch {path}", len(rules))
            self._node.setText(told.format(n=count(len(rules)), path=path))
        else:
            self._node.setText(_("No rule touches {path}.").format(path=path))

    def _cells(self, use: Use) -> Sequence[Cell]:
        return (
            Cell(
                object_name(self._project(), use.id), icon=object_icon(self._project(), use.id), hint=use.id
            ),
            Cell(use.words, tone="text2", small=True),
        )

    def _rule_cells(self, use: Use) -> Sequence[Cell]:
        return (
            Cell(use.path, mono=True, hint=use.path, tail=True),
            Cell(object_name(self._project(), use.id), tone="text2", small=True, hint=use.words),
        )


def _words(each: Dependent) -> str:
    words = {
        Role.SOURCE: _("reads it"),
        Role.TARGET: _("writes it"),
        Role.SAMPLE: _("is tried with it"),
        Role.RUNS: _("runs a map that uses it"),
        Role.TESTS: _("tests a map that uses it"),
    }[each.role]
    return f"{words} ({each.use.root})" if each.use is not None and each.use.root else words
