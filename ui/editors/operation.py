"""The editor of an operation: its activities in order, a form for the one selected, Run and Stop."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QMenu,
    QScrollArea,
    QSplitter,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from studio.agent.embedded import EmbeddedAgent
from studio.base.i18n import _, ngettext
from studio.project import edits
from studio.project.model import Activity, Operation
from studio.workspace import Changes, Workspace
from ui.commands import Command
from ui.editors.activities import ActivityForm, activity_cell, kind_names, new_activity
from ui.editors.base import Desk, Editor
from ui.editors.card import Card
from ui.editors.forms import Form
from ui.theme import fonts, metrics
from ui.widgets.buttons import button, icon_button, tool_button
from ui.widgets.cells import Cell, CellDelegate, CellTable
from ui.widgets.heads import EmptyState
from ui.widgets.labels import Line, Text
from ui.widgets.trees import Rows, current_row


class OperationEditor(Editor):
    """A chain of activities. Every change is one edit of the project."""

    def __init__(self, workspace: Workspace, agent: EmbeddedAgent, ref: str, desk: Desk) -> None:
        super().__init__(workspace, agent, ref, desk)
        self._ref = ref.partition("/")[2]
        self._card = Card("flow-arrow")
        self._model: CellTable[Activity] = CellTable([_("Activity")], self._cells, self)
        self._list = Rows(_("Activities"))
        self._list.setModel(self._model)
        self._list.setItemDelegate(CellDelegate(self._list, inset=16, height=metrics.ROW_TWO_LINES))
        self._list.lay_out(0)
        self._form: ActivityForm | None = None
        self._follow = Form()
        self._right = QVBoxLayout()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._head())
        split = QSplitter(Qt.Orientation.Horizontal)
        split.setHandleWidth(1)
        split.setChildrenCollapsible(False)
        split.addWidget(self._left_side())
        split.addWidget(self._right_side())
        split.setStretchFactor(1, 1)
        split.setSizes([360, 640])
        column.addWidget(split, 1)
        self._list.selectionModel().currentRowChanged.connect(lambda _now, _before: self._show_activity())
        self._unlisten = workspace.changed.connect(self._change)
        self._load()
        if self._model.rows:
            self._list.setCurrentIndex(self._model.index(0, 0))
        self._show_activity()

    # What the window asks for.

    def title(self) -> str:
        """The operation's own name."""
        return self._operation.name or self._ref

    def inspector(self) -> QWidget:
        """Facts about the operation."""
        return self._card

    def summary(self) -> str:
        """How many activities it has."""
        count = len(self._operation.activities)
        return ngettext("{n} activity", "{n} activities", count).format(n=count)

    def commands(self) -> Sequence[Command]:
        """Activities moved and removed by keyboard."""
        category = _("Operation")

        def chosen() -> str:
            return "" if current_row(self._list) >= 0 else _("no activity is selected")

        def down() -> str:
            last = current_row(self._list) == len(self._model.rows) - 1
            return chosen() or (_("it is the last") if last else "")

        def up() -> str:
            return chosen() or (_("it is the first") if current_row(self._list) == 0 else "")

        return (
            Command("operation.up", _("Move the activity up"), category, lambda: self._move(-1), "arrow-up", ("Alt+Up",), up),
            Command("operation.down", _("Move the activity down"), category, lambda: self._move(1), "arrow-down", ("Alt+Down",), down),
            Command("operation.remove", _("Remove the activity"), category, self._remove, "trash", (), chosen),
        )  # fmt: skip

    def layout_state(self) -> Mapping[str, Any]:
        """Which activity is selected."""
        return {"activity": current_row(self._list)}

    def restore_layout(self, state: Mapping[str, Any]) -> None:
        """Select it again."""
        row = state.get("activity")
        if isinstance(row, int) and 0 <= row < len(self._model.rows):
            self._list.setCurrentIndex(self._model.index(row, 0))

    def commit(self) -> None:
        """Write what is being typed."""
        if self._form is not None:
            self._form.commit()
        self._follow.commit()

    def let_go(self) -> None:
        """Stop following."""
        self._unlisten()

    # Building.

    def _head(self) -> QWidget:
        head = QFrame()
        head.setProperty("band", "header")
        head.setFixedHeight(metrics.TOOLBAR)
        row = QHBoxLayout(head)
        row.setContentsMargins(16, 0, 8, 1)
        row.setSpacing(4)
        self._title = Text("", weight=600)
        row.addWidget(self._title)
        self._about = Text("", "text2", step=fonts.SECONDARY)
        row.addSpacing(8)
        row.addWidget(self._about)
        row.addStretch(1)
        for id in ("run.start", "run.stop"):
            if id in self.desk.commands:
                row.addWidget(tool_button(self.desk.commands.action(id)))
        return head

    def _left_side(self) -> QWidget:
        side = QFrame()
        side.setProperty("band", "base")
        column = QVBoxLayout(side)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._list, 1)
        foot = QFrame()
        foot.setProperty("band", "foot")
        foot.setFixedHeight(metrics.TOOLBAR)
        row = QHBoxLayout(foot)
        row.setContentsMargins(12, 1, 8, 0)
        row.setSpacing(2)
        add = button(_("Add an activity"), lambda: None, icon="plus", small=True)
        menu = QMenu(add)
        for kind, name in kind_names().items():
            menu.addAction(name).triggered.connect(lambda _on=False, kind=kind: self._add(kind))
        add.setMenu(menu)
        row.addWidget(add)
        row.addStretch(1)
        self._buttons: list[QToolButton] = []
        for icon, name, do in (
            ("arrow-up", _("Move the activity up"), lambda: self._move(-1)),
            ("arrow-down", _("Move the activity down"), lambda: self._move(1)),
            ("trash", _("Remove the activity"), self._remove),
        ):
            made = icon_button(icon, name, do)
            self._buttons.append(made)
            row.addWidget(made)
        column.addWidget(foot)
        side.setMinimumWidth(260)
        return side

    def _right_side(self) -> QWidget:
        side = QFrame()
        side.setProperty("band", "base")
        self._right = QVBoxLayout(side)
        self._right.setContentsMargins(24, 20, 24, 20)
        self._right.setSpacing(16)
        scroll = QScrollArea()
        scroll.setAccessibleName(_("Settings of the operation"))
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(side)
        return scroll

    # Following the project.

    @property
    def _operation(self) -> Operation:
        return self.workspace.project.operations.get(self._ref) or Operation(self._ref)

    def _change(self, changes: Changes, initiator: str) -> None:
        if self.ref in changes.objects:
            row = current_row(self._list)
            self._load()
            if self._model.rows:
                self._list.setCurrentIndex(self._model.index(max(0, min(row, len(self._model.rows) - 1)), 0))
            if initiator != self.ref:
                self._show_activity()
        self.renamed.emit()

    def _load(self) -> None:
        operation = self._operation
        self._model.set_rows(operation.activities)
        self._title.setText(self.title())
        self._about.setText(operation.description)
        facts = [(_("Activities"), str(len(operation.activities)))]
        facts += [(_("On success"), ", ".join(operation.on_success) or "–")]
        facts += [(_("On failure"), ", ".join(operation.on_failure) or "–")]
        facts += [(str(key), str(value)) for key, value in operation.options.items()]
        self._card.show_facts(self.title(), _("Operation"), operation.description, _("Runs"), facts)
        self.summarised.emit()

    def _show_activity(self) -> None:
        self.commit()
        while self._right.count():
            item = self._right.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        row = current_row(self._list)
        last = len(self._model.rows) - 1
        for each, possible in zip(self._buttons, (row > 0, 0 <= row < last, row >= 0), strict=True):
            each.setEnabled(possible)
        self._form = None
        if 0 <= row < len(self._model.rows):
            self._form = ActivityForm(
                self._model.rows[row], self.workspace.project, lambda new: self._put(row, new)
            )
            self._right.addWidget(self._form)
        else:
            hint = _("Read a document, transform it, write it: add the first step below the list.")
            self._right.addWidget(EmptyState("flow-arrow", _("No activity yet"), hint))
        self._right.addWidget(Line())
        self._right.addWidget(Text(_("Operation"), step=fonts.TITLE, weight=600))
        self._right.addWidget(self._operation_form())
        self._right.addStretch(1)

    def _operation_form(self) -> Form:
        operation = self._operation
        self._follow = Form()
        self._follow.text(
            _("Name"), operation.name, lambda text: self._edit(lambda old: replace(old, name=text))
        )
        self._follow.paragraph(
            _("Description"),
            operation.description,
            lambda text: self._edit(lambda old: replace(old, description=text)),
        )
        others = [("–", ""), *((value.name, ref) for ref, value in self.workspace.project.operations.items())]
        others += [(ref, ref) for ref in self.workspace.project.of_kind("notifications")]
        self._follow.choice(
            _("On success"),
            others,
            (*operation.on_success, "")[0],
            lambda ref: self._edit(lambda old: replace(old, on_success=_first(old.on_success, ref))),
        )
        self._follow.choice(
            _("On failure"),
            others,
            (*operation.on_failure, "")[0],
            lambda ref: self._edit(lambda old: replace(old, on_failure=_first(old.on_failure, ref))),
        )
        return self._follow

    # Edits.

    def _edit(self, change: Callable[[Operation], Operation]) -> None:
        new = change(self._operation)
        project = edits.put(self.workspace.project, self.ref, new)
        self.workspace.edit(_("Edit {name}").format(name=self.title()), project, initiator=self.ref)

    def _put(self, row: int, activity: Activity) -> None:
        def change(old: Operation) -> Operation:
            activities = list(old.activities)
            if row < len(activities):
                activities[row] = activity
            return replace(old, activities=tuple(activities))

        system = self._model.rows[row].connection
        self._edit(change)
        if activity.connection != system:
            # Another system asks for other fields; the form is in the middle of an event of its own now.
            QTimer.singleShot(0, self._show_activity)

    def _add(self, kind: str) -> None:
        self.commit()
        at = current_row(self._list) + 1 if self._model.rows else 0
        made = new_activity(kind, self.workspace.project)
        self._edit(lambda old: replace(old, activities=(*old.activities[:at], made, *old.activities[at:])))
        self._list.setCurrentIndex(self._model.index(at, 0))
        self._show_activity()

    def _remove(self) -> None:
        row = current_row(self._list)
        if row < 0:
            return
        self._form = None
        self._edit(lambda old: replace(old, activities=old.activities[:row] + old.activities[row + 1 :]))
        self._show_activity()

    def _move(self, by: int) -> None:
        self.commit()
        row = current_row(self._list)
        to = row + by
        if row < 0 or not 0 <= to < len(self._model.rows):
            return

        def change(old: Operation) -> Operation:
            activities = list(old.activities)
            activities.insert(to, activities.pop(row))
            return replace(old, activities=tuple(activities))

        self._edit(change)
        self._list.setCurrentIndex(self._model.index(to, 0))
        self._show_activity()

    def _cells(self, activity: Activity) -> Sequence[Cell]:
        return (activity_cell(activity, self.workspace.project),)


def _first(old: tuple[str, ...], ref: str) -> tuple[str, ...]:
    return (ref, *old[1:]) if ref else old[1:]
