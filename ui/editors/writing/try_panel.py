"""A script tried out: with variables or a record of a sample, in a process of its own; its result, log and variables."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPlainTextEdit, QSplitter, QVBoxLayout, QWidget

from studio.agent.embedded import EmbeddedAgent
from studio.agent.overlay import overlay_of
from studio.agent.study import Study
from studio.agent.unsaved import transformation_to_text
from studio.base.i18n import _
from studio.project.edits import sample_of
from studio.script.editing import offset_of
from studio.script.javascript.source import is_javascript
from studio.workspace import Workspace
from ui import theme
from ui.bridge.project_tree import object_name
from ui.editors.base import Desk
from ui.editors.mapping.script_edit import ScriptEdit
from ui.theme import fonts, metrics
from ui.widgets.buttons import button, icon_button
from ui.widgets.cells import Cell, CellTable
from ui.widgets.fields import Combo, FilterField
from ui.widgets.heads import PanelHead
from ui.widgets.labels import Elided, Text
from ui.widgets.log import append_log, log_view
from ui.widgets.trees import Rows

HEIGHT = 300
# How long a trial may take, in seconds.
SECONDS = ("5", "60", "600")


@dataclass(frozen=True)
class Change:
    """A variable before and after ("": there is none)."""

    name: str
    before: str
    after: str


class TryPanel(QFrame):
    """Runs the text of `edit`. `left` tells that it was closed, `began` and `ended` a trial."""

    left = Signal()
    began = Signal()
    ended = Signal()

    def __init__(
        self,
        edit: ScriptEdit,
        workspace: Workspace,
        agent: EmbeddedAgent,
        desk: Desk,
        ref: Callable[[], str] = lambda: "",
    ) -> None:
        super().__init__()
        self.setProperty("band", "base")
        self.setAccessibleName(_("Try the script"))
        self._edit, self._workspace, self._agent, self._desk, self._ref = edit, workspace, agent, desk, ref
        self._study: Study | None = None
        self._held = False
        self._table: CellTable[Change] = CellTable((_("Variable"), _("Before"), _("After")), _cells, self)
        self._make_controls()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._head())
        column.addWidget(self._given())
        column.addWidget(self._found(), 1)
        self.fill_sources()
        self._show_state()
        # The text the last trial ran.
        self._tried = ""
        edit.textChanged.connect(self._age)

    # Building

    def _make_controls(self) -> None:
        self._run = button(_("Run"), self.run, icon="play", primary=True)
        self._step = button(_("Step"), self.step, icon="arrow-bend-down-right")
        self._stop = button(_("Stop"), self.stop, icon="stop")
        self._source = Combo(_("Source of the trial"), small=True)
        self._source.currentIndexChanged.connect(lambda _index: self._show_state())
        self._record = FilterField(_("Record of the trial"), "1", "hash")
        self._record.setFixedWidth(84)
        self._record.setText("1")
        self._limit = Combo(_("Time limit"), small=True)
        for seconds in SECONDS:
            self._limit.addItem(_("{n} s").format(n=seconds), seconds)
        self._limit.setCurrentIndex(1)
        self._variables = QPlainTextEdit()
        self._variables.setAccessibleName(_("Variables at the start"))
        self._variables.setPlaceholderText(_("Variables, one a line: name = value"))
        self._variables.setFont(theme.mono())
        self._variables.setFrameShape(QPlainTextEdit.Shape.NoFrame)
        self._variables.setTabChangesFocus(True)
        self._log = log_view(_("Log of the trial"), _("What the script writes to the log."))
        self._result = Elided("", "text", step=fonts.RESULT, weight=600, mono=True)
        self._said = Elided("", "text2", step=fonts.SECONDARY)
        self._trouble = Text("", "red_text", step=fonts.SECONDARY, wrap=True)
        self._list = Rows(_("Variables of the trial"), head=True)
        self._list.setModel(self._table)
        self._list.fit((80, 160), (60, 0), (60, 0))

    def _head(self) -> QWidget:
        head = PanelHead(Text(_("Try the script"), weight=600), height=metrics.TREE_HEAD + 4)
        head.add(self._said, 1)
        for made in (self._run, self._step, self._stop):
            head.add(made)
        self._close = icon_button("x", _("Close the trial"), self.leave)
        head.add(self._close)
        return head

    def _given(self) -> QWidget:
        line = QWidget()
        row = QHBoxLayout(line)
        row.setContentsMargins(metrics.PAD_PANEL, 6, metrics.PAD_PANEL, 6)
        row.setSpacing(8)
        row.addWidget(Text(_("Reads"), "text2"))
        row.addWidget(self._source)
        row.addWidget(self._record)
        row.addStretch(1)
        row.addWidget(Text(_("At most"), "text2"))
        row.addWidget(self._limit)
        return line

    def _found(self) -> QWidget:
        shown = QWidget()
        column = QVBoxLayout(shown)
        column.setContentsMargins(metrics.PAD_PANEL, 6, metrics.PAD_PANEL, 0)
        column.setSpacing(4)
        column.addWidget(self._result)
        column.addWidget(self._trouble)
        column.addWidget(self._log, 1)
        split = QSplitter()
        split.setHandleWidth(1)
        split.setChildrenCollapsible(False)
        # As far from the edges as what stands beside it.
        given = QWidget()
        inside = QVBoxLayout(given)
        inside.setContentsMargins(metrics.PAD_PANEL, 6, 0, 0)
        inside.addWidget(self._variables)
        for widget, stretch in ((given, 1), (shown, 2), (self._list, 2)):
            split.addWidget(widget)
            split.setStretchFactor(split.count() - 1, stretch)
        return split

    def stay(self) -> None:
        """There is nothing to close it for."""
        self._close.hide()

    def fill_sources(self) -> None:
        """Offer the maps that have a sample; a script of the project reads none."""
        self._source.clear()
        self._source.addItem(_("no source"), "")
        project = self._workspace.project
        if not self._ref():
            for ref, map in project.transformations.items():
                if sample_of(map) and _place(map) is not None:
                    self._source.addItem(object_name(project, f"transformations/{ref}"), ref)

    @property
    def source(self) -> str:
        """The map whose sample is read, "" for none."""
        return str(self._source.currentData() or "")

    def choose_source(self, ref: str) -> None:
        """Read the sample of this map, if it is still offered."""
        self._source.setCurrentIndex(max(0, self._source.findData(ref)))

    # Running

    @property
    def running(self) -> bool:
        """A trial is going on."""
        return self._study is not None

    def run(self) -> None:
        """Run the script, or let one that is held go on."""
        self._go("run")

    def step(self) -> None:
        """Run to the next statement."""
        self._go("step")

    def stop(self) -> None:
        """End the trial."""
        if self._study is not None:
            self._desk.spawn(self._study.stop())

    def leave(self) -> None:
        """Close it; a trial going on is stopped."""
        self.stop()
        self.hide()
        self.left.emit()

    def _go(self, how: str) -> None:
        if self._study is not None:
            if self._held:
                self._held = False
                self._desk.spawn(self._study.say("go", how=how))
                self._show_state()
            return
        self._clear()
        study = self._study = self._new_study(how)
        self._show_state()
        self.began.emit()
        self._desk.spawn(self._follow(study))

    def _new_study(self, how: str) -> Study:
        text = self._tried = self._edit.toPlainText()
        workspace = self._workspace
        values: dict[str, Any] = {
            "variables": variables_of(self._variables.toPlainText()),
            "seconds": float(self._limit.currentData()),
            "javascript": is_javascript(text, self._ref() or "pad"),
            "step": how == "step",
        }
        map = workspace.project.transformations.get(str(self._source.currentData()))
        place = _place(map) if map is not None else None
        if map is None or place is None:
            values["overlay"] = overlay_of(workspace.project, workspace.unsaved)
        else:
            number = self._record.text().strip()
            values |= {
                "path": place,
                "record": max(1, int(number)) if number.isdecimal() else 1,
                "sample": sample_of(map),
                "transformation": transformation_to_text(map),
            }
        return self._agent.try_script(workspace.folder, text, **values)

    async def _follow(self, study: Study) -> None:
        async for event in study.events():
            if study is not self._study:
                continue
            match event["event"]:
                case "log":
                    append_log(self._log, [("info", event["text"])])
                case "held":
                    self._show_held(event)
                case "ended":
                    self._study, self._held = None, False
                    self._show_end(event)
                    self._show_state()
                    self.ended.emit()

    # What is shown

    def _clear(self) -> None:
        self._log.clear()
        self._table.set_rows(())
        self._result.setText("")
        self._trouble.setText("")
        self._said.setText(_("Running…"))

    def _age(self) -> None:
        """A mistake told of a text that has changed since is told no longer."""
        if self._study is None and self._trouble.text() and self._edit.toPlainText() != self._tried:
            self._trouble.setText("")
            self._said.setText("")
            self._show_state()

    def _show_state(self) -> None:
        going, held = self._study is not None, self._held
        reads = bool(self._source.currentData())
        self._run.setText(_("Go on") if held else _("Run"))
        self._run.setAccessibleName(self._run.text())
        self._run.setEnabled(not going or held)
        self._step.setEnabled((not going or held) and not reads)
        self._step.setToolTip(_("A script that reads a record runs as a whole.") if reads else "")
        self._stop.setEnabled(going)
        self._record.setVisible(reads)
        self._trouble.setVisible(bool(self._trouble.text()))
        self._result.setVisible(bool(self._result.text()) and not self._trouble.text())

    def _show_held(self, event: Mapping[str, Any]) -> None:
        self._held = True
        start, end = event["start"], event["end"]
        self._edit.show_offsets(start, end)
        line = self._edit.toPlainText().count("\n", 0, start) + 1
        self._said.setText(_("Held at line {line}").format(line=line))
        self._table.set_rows([Change(name, "", value) for name, value in event["variables"]])
        self._show_state()

    def _show_end(self, event: Mapping[str, Any]) -> None:
        result = event.get("result")
        if result is None:
            error = event.get("error") or {}
            stopped = _("Stopped.") if event.get("stopped") else _("The script's process ended.")
            self._tell_trouble(error.get("message") or stopped, error.get("line"), error.get("column"))
            return
        before, after = dict(result["before"]), dict(result["after"])
        names = [name for name in after if after[name] != before.get(name)]
        names += [name for name in before if name not in names]
        own = [Change(name, "", value) for name, value in result["own"]]
        changed = [Change(f"${name}", before.get(name, ""), after.get(name, "")) for name in names]
        self._table.set_rows([*own, *changed])
        if result["problem"]:
            self._tell_trouble(result["problem"], result["line"], result["column"])
        elif not result["met"]:
            self._tell_trouble(_("The record does not come to the place of the script."), None, None)
        else:
            self._result.setText(result["value"])
            self._said.setText(_("Result"))

    def _tell_trouble(self, message: str, line: int | None, column: int | None) -> None:
        self._said.setText(_("No result"))
        if line:
            self._edit.show_offsets(offset_of(self._edit.toPlainText(), line, column or 1))
            message = _("{message} (line {line}, column {column})").format(
                message=message, line=line, column=column or 1
            )
        self._trouble.setText(message)

    @property
    def result(self) -> str:
        """What the last trial gave, or why it gave nothing."""
        return self._trouble.text() or self._result.text()

    @property
    def changes(self) -> Sequence[Change]:
        """The variables listed."""
        return self._table.rows


def variables_of(text: str) -> dict[str, str]:
    """`name = value` lines as variables; a `$` before a name is left out, a line without a name too."""
    found = {}
    for line in text.split("\n"):
        name, equals, value = line.partition("=")
        if equals and name.strip().removeprefix("$"):
            found[name.strip().removeprefix("$")] = value.strip()
    return found


def _place(map: Any) -> str | None:
    """The target path whose rule a script of the pad stands for: the first that loops, else the first."""
    rules = map.mapping.rules
    return next((rule.path for rule in rules if rule.loop), rules[0].path if rules else None)


def _cells(change: Change) -> Sequence[Cell]:
    changed = change.before != change.after
    return (
        Cell(change.name, mono=True, small=True, weight=600 if changed else 400, hint=change.name),
        Cell(change.before, "text2", mono=True, small=True, hint=change.before),
        Cell(change.after, "text" if changed else "text2", mono=True, small=True, hint=change.after),
    )
