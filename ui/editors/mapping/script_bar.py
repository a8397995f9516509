"""The bar below the canvas: whose rule it is, its script, what it gives for the record shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum

from PySide6.QtCore import QPoint, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QButtonGroup, QFrame, QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from studio.base.i18n import _
from studio.mapping import address
from ui.bridge.numbers import locale
from ui.editors.mapping.help import Item
from ui.editors.mapping.record_stepper import RecordStepper
from ui.editors.mapping.script_edit import Mistake, ScriptEdit
from ui.editors.mapping.turn_stepper import TurnStepper
from ui.editors.writing.problem_label import ProblemLabel
from ui.theme import fonts, metrics
from ui.widgets.buttons import icon_button
from ui.widgets.labels import Elided, KeyCap, Line, Text

_PAUSE = 120
_RESULT_WIDTH, _SMALL_RESULT = 300, 208
# The name of the node has at least so much room, else the head stands on two lines; it has gaps and a button, too.
_LEAST_NAME = 64
_GAPS = 130
_NARROWEST = 480
# Between the trees it stands below the script.
_RESULT_HEIGHT = 96
_WIDEST = 16_777_215


class Part(Enum):
    """Which part of a rule is being written."""

    SCRIPT = "script"
    WHEN = "when"
    LOOP = "loop"


class ScriptBar(QFrame):
    """Shows and edits one part of one rule.

    `committed` tells target path, part and text; `drafted` the same while typing pauses; `weighed` a completion with
    the text it would give ("" ends it); `left` that the writing ended and the focus should go back; `turned` another
    rule, `point_wanted` that a breakpoint is wanted on a part, or no longer.
    """

    committed = Signal(str, object, str)
    drafted = Signal(str, object, str)
    weighed = Signal(str, object, str)
    wide_wanted = Signal()
    problem_wanted = Signal()
    point_wanted = Signal(object)
    turned = Signal()
    left = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("band", "base")
        self.path = ""
        self.part = Part.SCRIPT
        self._texts: Mapping[Part, str] = {}
        # Where a drag is over the text.
        self._over = QPoint()
        self._wide = False
        # Whether the head is on two lines, and between the trees.
        self._stood: tuple[bool, bool] | None = None
        self.stepper = RecordStepper()
        self.turns = TurnStepper()
        self.edit = ScriptEdit(_("Script of the rule"))
        self.edit.committed.connect(self._enter)
        self.edit.cancelled.connect(self._cancel)
        self.edit.left.connect(self.commit)
        self.edit.gutter_clicked.connect(self._ask_point)
        self.edit.weighing.connect(self._weigh)
        self._pause = QTimer(self, singleShot=True, interval=_PAUSE)
        self._pause.timeout.connect(self._draft)
        self.edit.textChanged.connect(self._pause.start)
        self._crumbs = Text("", "text2")
        self._crumbs.setTextFormat(Qt.TextFormat.RichText)
        self._problem = ProblemLabel()
        self._problem.clicked.connect(self.problem_wanted)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._head())
        column.addWidget(self._second)
        column.addLayout(self._third)
        self._body = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._body.setContentsMargins(0, 0, 0, 0)
        self._body.setSpacing(0)
        self._body.addWidget(self.edit, 1)
        self._lines = Line(vertical=True), Line()
        for line in self._lines:
            self._body.addWidget(line)
        self._panel = self._result_panel()
        self._body.addWidget(self._panel)
        column.addLayout(self._body, 1)
        self.setMinimumHeight(metrics.SCRIPT_HEAD + 56)
        self.show_wide(wide=False)
        self.show_rule("", {})

    def _head(self) -> QWidget:
        head = QFrame()
        head.setProperty("band", "header")
        head.setFixedHeight(metrics.SCRIPT_HEAD)
        row = QHBoxLayout(head)
        row.setContentsMargins(metrics.PAD_PANEL, 0, 4, 0)
        row.setSpacing(8)
        row.addWidget(self._crumbs)
        self._parts = QButtonGroup(self)
        self._part_buttons: dict[Part, QToolButton] = {}
        for part, text, key in (
            (Part.SCRIPT, _("Value"), "F4"), (Part.WHEN, _("Condition"), "C"), (Part.LOOP, _("Loop"), "L"),
        ):  # fmt: skip
            made = QToolButton()
            made.setText(text)
            made.setCheckable(True)
            made.setAccessibleName(text)
            made.setToolTip(_("{text} of the rule ({key})").format(text=text, key=key))
            made.setFont(fonts.font(fonts.SECONDARY))
            made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            made.clicked.connect(lambda _on, part=part: self.write(part))
            self._parts.addButton(made)
            self._part_buttons[part] = made
            row.addWidget(made)
        # Between the trees there is no room for the way to the node: its name, as much of it as there is room for.
        self._here = Elided("", weight=600)
        row.addWidget(self._here, 1)
        row.addWidget(icon_button("arrows-out-simple", _("Wide editor"), self.wide_wanted.emit))
        self._cap = KeyCap("Shift+F4")
        row.addWidget(self._cap)
        self._before_stepper = Line(vertical=True)
        row.addWidget(self._before_stepper)
        self._row = row
        self._second = QFrame()
        self._second.setProperty("band", "header")
        self._second.setFixedHeight(metrics.SCRIPT_HEAD)
        second = QHBoxLayout(self._second)
        second.setContentsMargins(metrics.PAD_PANEL, 0, 4, 0)
        second.setSpacing(8)
        self._second_row = second
        self._third = QHBoxLayout()
        self._third.setContentsMargins(metrics.PAD_PANEL, 0, 4, 0)
        return head

    def show_wide(self, *, wide: bool) -> None:
        """Stand high between the trees, or flat below them: problem and record get a line of their own, or none."""
        self._wide = wide
        self._stand()
        self.edit.setLineWrapMode(
            ScriptEdit.LineWrapMode.WidgetWidth if wide else ScriptEdit.LineWrapMode.NoWrap
        )
        across = QBoxLayout.Direction.LeftToRight
        self._body.setDirection(QBoxLayout.Direction.TopToBottom if wide else across)
        for line, shown in zip(self._lines, (not wide, wide), strict=True):
            line.setVisible(shown)
        self._panel.setMinimumHeight(_RESULT_HEIGHT if wide else 0)
        self._show_note()

    def _stand(self) -> None:
        """Put the parts of the head where there is room for them."""
        stacked = self._wide or self.width() < self._around() + _LEAST_NAME
        if self._stood != (stacked, self._wide):
            self._stood = stacked, self._wide
            if stacked:
                self._second_row.addWidget(self._problem, 1)
                (self._third if self._wide else self._second_row).addWidget(self.turns)
                self._second_row.addWidget(self.stepper)
            else:
                self._row.insertWidget(self._row.indexOf(self._here) + 1, self._problem, 1)
                self._row.addWidget(self.turns)
                self._row.addWidget(self.stepper)
            self.setMinimumHeight(metrics.SCRIPT_HEAD * (2 if stacked and not self._wide else 1) + 56)
            width = _SMALL_RESULT if stacked else _RESULT_WIDTH
            self._panel.setMinimumWidth(0 if self._wide else width)
            self._panel.setMaximumWidth(_WIDEST if self._wide else width)
        self._second.setVisible(stacked)
        for widget in (self._cap, self._before_stepper):
            widget.setVisible(not stacked)
        self._name_node()

    def _around(self, *, steppers: bool = True) -> int:
        """What the line of the head needs beside the name of the node."""
        inside: list[QWidget] = [*self._part_buttons.values()]
        inside += (self._cap, self.turns, self.stepper) if steppers else ()
        return sum(each.sizeHint().width() for each in inside) + _GAPS

    def _name_node(self) -> None:
        """The way to the node where there is room for it, else its name, as much of it as fits."""
        if self._stood is None:
            return
        room = self.width() - self._around(steppers=not self._stood[0])
        whole = not self._wide and room >= self._crumbs.sizeHint().width()
        self._crumbs.setVisible(whole)
        # Without a problem beside them nothing else keeps the parts at the left.
        self._here.setVisible(not whole or self._stood[0])
        name = address.name(self.path) if self.path else _("No rule")
        self._here.setText("" if whole else name)

    def minimumSizeHint(self) -> QSize:
        """Room for the parts on two lines: the window may be small."""
        hint = super().minimumSizeHint()
        return hint if self._wide else QSize(min(hint.width(), _NARROWEST), hint.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """More room or less for the head."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._stand()

    def _result_panel(self) -> QWidget:
        panel = QWidget()
        self._result_of = Elided("", "text2", step=fonts.SECONDARY)
        self._result = Elided("", "text", step=fonts.RESULT, weight=600, mono=True)
        # A problem is a sentence: it needs its lines, not the size of a value.
        self._trouble = Text("", "red_text", step=fonts.SECONDARY, wrap=True)
        self._trouble.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._result_note = Elided("", "text2", step=fonts.SMALL)
        # What the part under the cursor gives stands in the place of the note, where there is no room for both.
        self._part = Elided("", "text", step=fonts.SECONDARY, mono=True)
        self._part.hide()
        column = QVBoxLayout(panel)
        column.setContentsMargins(metrics.PAD_PANEL, 4, metrics.PAD_PANEL, 4)
        column.setSpacing(1)
        for widget in (self._result_of, self._trouble, self._result, self._result_note, self._part):
            column.addWidget(widget)
        column.addStretch(1)
        return panel

    def sizeHint(self) -> QSize:
        """A line or two of script."""
        return QSize(600, metrics.SCRIPT_HEAD + 66)

    # What is shown

    def show_rule(self, path: str, texts: Mapping[Part, str]) -> None:
        """Show the rule of a target path ("": none).

        What is being typed for the same rule stays, also while another window (the function reference) is in front.
        """
        if path != self.path:
            # Whoever leads elsewhere (a schema that changed, a filter): what was typed is the rule it was typed for.
            self.commit()
        typing = path == self.path and self.dirty
        moved, self.path, before = path != self.path, path, self._texts
        self.turned.emit()
        self._texts = dict(texts)
        if typing and before.get(self.part, "") == self._texts.get(self.part, ""):
            return
        if moved and path and not self._texts.get(self.part) and not self.edit.hasFocus():
            self.part = Part.SCRIPT
        self._show(anew=moved)

    def _show(self, *, anew: bool = True) -> None:
        steps = [address.name(step) for step in (*reversed(address.ancestors(self.path)), self.path) if step]
        shown = [f"<b>{_escaped(step)}</b>" if step is steps[-1] else _escaped(step) for step in steps[-2:]]
        self._crumbs.setText("  ▸  ".join(shown) if self.path else _("No rule"))
        self._crumbs.setAccessibleName(" ▸ ".join(steps))
        self._name_node()
        self.edit.setReadOnly(not self.path)
        self.edit.setPlaceholderText(
            _("Write a script, or press Ctrl+Space.")
            if self.path
            else _("Select a target field to write its rule.")
        )
        for part, made in self._part_buttons.items():
            made.setEnabled(bool(self.path))
            made.setChecked(part is self.part)
        text = self._texts.get(self.part, "")
        if not anew and self.edit.toPlainText() == text:
            # What stands there is what is kept: cursor, selection and the text's own undo stay.
            self._pause.stop()
            return
        self.edit.show_text(text)
        self._pause.stop()
        self.show_problem("")
        self.show_result("", None)

    def _ask_point(self, _line: int) -> None:
        if self.path:
            self.point_wanted.emit(self.part)

    def show_point(self, mark: tuple[str, str, str] | None) -> None:
        """Show the icon (with colour role and words) of a breakpoint of the rule, or that the run is held there."""
        self.edit.setAccessibleDescription(mark[2] if mark else "")
        hint = _("A click here sets a breakpoint on the rule, or takes it away (F9).") if self.path else ""
        self.edit.show_points({1: mark[:2]} if mark else {}, hint)

    def show_problem(self, message: str, mistakes: Sequence[Mistake] = ()) -> None:
        """Say what is wrong and underline where."""
        self._problem.setText(message)
        self.edit.show_mistakes(mistakes)

    def say_problem(self, message: str) -> None:
        """Say one of the problems underlined."""
        self._problem.setText(message)

    def show_spot(self, part: Part, start: int, end: int) -> None:
        """Select a place in a part of the rule."""
        self.write(part)
        self.edit.show_offsets(start, end)

    def show_result(
        self, title: str, value: str | None, note: str = "", problem: str = "", milliseconds: float = -1.0
    ) -> None:
        """What the rule gives: value (None: not written), a note, or the problem instead."""
        self._result_of.setText(title)
        if not title:
            value = ""
        self._trouble.setText(problem)
        self._trouble.setToolTip(problem)
        self._trouble.setVisible(bool(problem))
        self._result.setVisible(not problem)
        self._show_note()
        self._result.setText(_("not in this record") if value is None else value)
        parts = [note] if note else []
        if milliseconds >= 0:
            parts.append(_("{time} ms").format(time=locale().toString(milliseconds, "f", 1)))
        self._result_note.setText(" · ".join(parts))

    def show_part(self, said: str) -> None:
        """Say what the part under the cursor gives ("": nothing)."""
        self._part.setText(said)
        self._show_note()

    def _show_note(self) -> None:
        wide, trouble = self._wide, bool(self._trouble.text())
        part = bool(self._part.text()) and (wide or not trouble)
        self._part.setVisible(part)
        self._result_note.setVisible(not trouble and (wide or not part))

    @property
    def part_result(self) -> str:
        """What is said of the part under the cursor."""
        return self._part.text()

    @property
    def result(self) -> str:
        """The value shown, or the problem in its place."""
        return self._trouble.text() or self._result.text()

    @property
    def trouble(self) -> str:
        """The problem shown in place of the value."""
        return self._trouble.text()

    @property
    def problem(self) -> str:
        """The problem shown."""
        return self._problem.text()

    # Writing

    @property
    def dirty(self) -> bool:
        """What is written differs from the rule."""
        return bool(self.path) and self.edit.toPlainText() != self._texts.get(self.part, "")

    def write(self, part: Part) -> None:
        """Put the focus into one part of the rule."""
        if not self.path:
            return
        if part is not self.part:
            self.commit()
            self.part = part
            self._show()
        self.edit.setFocus()

    def insert(self, text: str) -> None:
        """Write something at the cursor of the script."""
        if self.part is Part.LOOP:
            self.write(Part.SCRIPT)
        self.edit.setFocus()
        self.edit.insert(text)

    def commit(self) -> None:
        """Hand over what was written, if it differs."""
        self._pause.stop()
        if self.dirty:
            text = self.edit.toPlainText()
            self._texts = {**self._texts, self.part: text}
            self.committed.emit(self.path, self.part, text)

    def _enter(self) -> None:
        self.commit()
        self.left.emit()

    def _cancel(self) -> None:
        if self.dirty:
            self._show()
        self.left.emit()

    def _draft(self) -> None:
        if self.path and not self.edit.completing:
            self.drafted.emit(self.path, self.part, self.edit.toPlainText())

    def _weigh(self, item: Item | None, text: str) -> None:
        if item is None:
            self._draft()
        else:
            # What stands there is not finished: no scolding while the list is open.
            self.show_problem("")
        self.weighed.emit(self.path, item, text)

    # A drop of fields (see canvas.gestures.DropZone)

    def row_at_screen(self, point: QPoint) -> int:
        """0 over the text of a rule that can be written, else -1."""
        self._over = self.edit.viewport().mapFromGlobal(point)
        return 0 if self.path and self.edit.viewport().rect().contains(self._over) else -1

    def show_drop(self, row: int) -> None:
        """Move the cursor along with what would be dropped."""
        if row == 0:
            self.edit.setTextCursor(self.edit.cursorForPosition(self._over))

    def scroll_near_edge(self, _point: QPoint) -> None:
        """A script is short: nothing scrolls."""


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")
