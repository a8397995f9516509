"""Deploying and promoting: where to, what of the project, what that changes there; production asks for its name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import (
    QButtonGroup,
    QDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from studio.base.errors import Cancelled, NotReachable, WeftError
from studio.base.i18n import _, ngettext
from ui.bridge import numbers
from ui.bridge.asking import Asked, code_of
from ui.bridge.tasks import Tasks
from ui.dialogs.frame import form
from ui.dialogs.repository.difference import DifferenceView, counts_of
from ui.dialogs.repository.strip import Strip
from ui.theme import fonts, metrics
from ui.widgets.buttons import button
from ui.widgets.cells import Cell, CellTable
from ui.widgets.checks import Radio
from ui.widgets.fields import Combo
from ui.widgets.foot import Foot
from ui.widgets.labels import Line, Text
from ui.widgets.production import Badge, ProductionStrip
from ui.widgets.trees import Rows, fit_rows

Row = Mapping[str, Any]
WHOLE, OBJECT, VARIABLES = "whole", "object", "variables"
_VARIABLES = 4
_SETTLED = 120


class DeployDialog(QDialog):
    """With `promote`, what one environment holds goes to another; else the pushed version of the project goes to one.

    `path` and `name` are of the object in front, "" for none. `done` is told what was deployed, or made to wait.
    """

    def __init__(
        self,
        parent: QWidget,
        asked: Asked,
        tasks: Tasks,
        folder: str,
        front: tuple[str, str],
        name_of: Callable[[str], str],
        done: Callable[[Row], object],
        *,
        promote: bool = False,
        unpushed: int = 0,
        base: int = 0,
    ) -> None:
        super().__init__(parent)
        self._asked, self._tasks, self._folder, self._done = asked, tasks, folder, done
        self._promote, self._front, self._name_of = promote, front, name_of
        self._base = base
        self._environments: Sequence[Row] = ()
        self._plan: Row | None = None
        self._turn = 0
        self._busy = False
        self._waits = False
        # Who goes through a list by its arrow keys wants the last one compared, not each on the way.
        self._soon = QTimer(self, singleShot=True, interval=_SETTLED)
        self._soon.timeout.connect(lambda: self._spawn(self._compare()))
        title = _("Promote from one environment to the next") if promote else _("Deploy")
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        self.setProperty("band", "base")
        self.resize(900, 680)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.production = ProductionStrip()
        column.addWidget(self.production)
        column.addLayout(self._top(title, unpushed))
        column.addWidget(Line())
        column.addWidget(self._middle(), 1)
        self._again = button(_("Compare again"), self._try_again, small=True)
        self._stop = button(_("Stop"), asked.stop, icon="stop-fill", small=True)
        self.strip = Strip(self._again, self._stop)
        column.addWidget(self.strip)
        column.addWidget(self._confirm())
        self.go = button("", self._start, icon="rocket-launch", primary=True)
        self.go.setDefault(True)
        column.addWidget(Foot((button(_("Cancel"), self.close), self.go)))
        self.view.show_waiting(_("Comparing …"))
        self._look()
        self._spawn(self._read())

    def _top(self, title: str, unpushed: int) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setContentsMargins(metrics.PAD_DIALOG, 12, metrics.PAD_DIALOG, 12)
        column.setSpacing(8)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(Text(title, step=fonts.TITLE, weight=600))
        self.badge = Badge()
        head.addWidget(self.badge)
        head.addStretch(1)
        column.addLayout(head)
        if unpushed and not self._promote:
            text = ngettext(
                "What is deployed is what was pushed: {n} changed object here is not part of it yet.",
                "What is deployed is what was pushed: {n} changed objects here are not part of it yet.",
                unpushed,
            )
            column.addWidget(Text(text.format(n=numbers.count(unpushed)), "orange_text", wrap=True))
        grid = form()
        self.source = Combo(_("From"))
        self.target = Combo(_("Environment") if not self._promote else _("To"))
        row = 0
        for combo in (self.source, self.target):
            combo.currentIndexChanged.connect(self._compare_soon)
            if combo is self.target or self._promote:
                label = Text(combo.accessibleName())
                label.setBuddy(combo)
                grid.addWidget(label, row, 0)
                grid.addWidget(combo, row, 1)
                row += 1
        self._scopes(grid, row)
        column.addLayout(grid)
        return column

    def _scopes(self, grid: QGridLayout, row: int) -> None:
        path, name = self._front
        texts = {
            WHOLE: _("The whole project"),
            OBJECT: _("Only {name}").format(name=name) if path else _("Only one object (open it first)"),
            VARIABLES: _("Only the variables"),
        }
        self.scopes = {scope: Radio(text) for scope, text in texts.items()}
        ways = QButtonGroup(self)
        holder = QHBoxLayout()
        holder.setSpacing(16)
        for scope, way in self.scopes.items():
            ways.addButton(way)
            way.setEnabled(scope != OBJECT or bool(path))
            way.setChecked(scope == WHOLE)
            way.toggled.connect(lambda on: self._compare_soon() if on else None)
            holder.addWidget(way)
        holder.addStretch(1)
        if not self._promote:
            grid.addWidget(Text(_("What")), row, 0)
            grid.addLayout(holder, row, 1)

    def _middle(self) -> QWidget:
        middle = QFrame()
        middle.setProperty("band", "base")
        column = QVBoxLayout(middle)
        column.setContentsMargins(metrics.PAD_DIALOG, 8, metrics.PAD_DIALOG, 0)
        column.setSpacing(8)
        self.said = Text("", weight=600, wrap=True)
        column.addWidget(self.said)
        self._newer = Text("", "orange_text", wrap=True)
        column.addWidget(self._newer)
        self.view = DifferenceView(
            self._tasks.spawn, self._places, _("There now"), _("Afterwards"), self._name_of
        )
        column.addWidget(self.view, 1)
        self._variables_title = Text(_("Variables that differ"), weight=600)
        column.addWidget(self._variables_title)
        heads = [_("Variable"), _("There now"), _("Afterwards")]
        self._variables: CellTable[Row] = CellTable(heads, _variable_cells, self)
        self.variables = Rows(_("Variables that differ"), head=True)
        self.variables.setModel(self._variables)
        self.variables.fit((120, 220), (120, 0), (120, 0))
        column.addWidget(self.variables)
        return middle

    def _confirm(self) -> QFrame:
        band = QFrame()
        band.setProperty("band", "base")
        grid = QGridLayout(band)
        grid.setContentsMargins(metrics.PAD_DIALOG, 12, metrics.PAD_DIALOG, 12)
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(1, 1)
        self.message = QLineEdit()
        self.message.setAccessibleName(_("Why"))
        self.message.setPlaceholderText(_("Your colleagues see it in the history; it may be left empty."))
        self.field = QLineEdit()
        self.field.setAccessibleName(_("Name of the environment"))
        self.field.textChanged.connect(self._look)
        self._typed = Text("", wrap=True)
        self._typed.setBuddy(self.field)
        label = Text(_("Why"))
        label.setBuddy(self.message)
        grid.addWidget(label, 0, 0)
        grid.addWidget(self.message, 0, 1)
        grid.addWidget(self._typed, 1, 0, 1, 2)
        grid.addWidget(self.field, 2, 0, 1, 2)
        return band

    # What is shown.

    @property
    def environment(self) -> Row | None:
        """The environment it goes to."""
        chosen = self.target.currentData()
        return next((one for one in self._environments if one["id"] == chosen), None)

    @property
    def scope(self) -> str:
        """What of the project goes there."""
        return next(scope for scope, way in self.scopes.items() if way.isChecked())

    def _look(self) -> None:
        environment = self.environment
        production = environment is not None and bool(environment["production"])
        name = str(environment["name"]) if environment is not None else ""
        for widget in (self.production, self.badge, self.field, self._typed):
            widget.setVisible(production)
        self._typed.setText(
            _("People work with what runs in {name}. Type its name to go on:").format(name=name)
        )
        self.field.setPlaceholderText(name)
        wait = _("Deploy to {name} once the server is there") if self._waits else ""
        verb = _("Promote to {name}") if self._promote else _("Deploy to {name}")
        self.go.setText((wait or verb).format(name=name) if name else self.windowTitle())
        self.go.setAccessibleName(self.go.text())
        named = not production or self.field.text().strip().casefold() == name.casefold()
        plan = self._plan
        something = plan is not None and bool(plan["objects"])
        ready = environment is not None and (something or self._waits)
        self.go.setEnabled(ready and named and not self._busy)
        reason = "" if ready or self._busy else _("There is nothing to deploy.")
        self.go.setToolTip(reason or ("" if named else _("Type the name of the environment first.")))
        newer = plan is not None and not self._promote and plan["number"] > self._base > 0
        self._newer.setVisible(newer)
        if plan is not None and newer:
            text = _("You have version {mine} here: pull first if you want to see what version {n} brought.")
            self._newer.setText(text.format(mine=numbers.count(self._base), n=numbers.count(plan["number"])))
        shown = plan is not None and bool(plan["variables"])
        self._variables_title.setVisible(shown)
        self.variables.setVisible(shown)

    # What is asked.

    def _spawn(self, work: Any) -> None:
        self._turn += 1
        turn = self._turn

        async def alone() -> None:
            try:
                await work
            except WeftError as error:
                # What was asked before another choice was made is nobody's concern any more.
                if turn == self._turn:
                    self._tell(error)
            finally:
                if turn == self._turn:
                    self._busy = False
                    self._look()

        self._busy = True
        self._look()
        self._tasks.spawn(alone())

    def _tell(self, error: WeftError) -> None:
        if isinstance(error, Cancelled):
            self.strip.say(error.message, self._again)
        elif isinstance(error, NotReachable):
            self._offline(error)
        else:
            self.strip.tell(error, self._again)
            if self._plan is None:
                self.view.show_waiting(_("There is nothing to compare."))

    def _offline(self, error: WeftError) -> None:
        if self._promote or not self._environments or self._plan is not None:
            self.strip.tell(error, self._again)
            return
        self._waits = True
        text = _(
            "{what} You can ask for it now all the same: it is deployed when the server is there again, unless "
            "something else was deployed there meanwhile."
        )
        self.strip.say(text.format(what=error.message), self._again)
        self.view.show_waiting(_("What it changes there cannot be seen offline."))

    async def _read(self) -> None:
        found = await self._asked.ask("environments", folder=self._folder)
        self._environments = [one for one in found if "write" in one["rights"] or one.get("known")]
        for combo in (self.source, self.target):
            combo.blockSignals(True)
            for one in found if combo is self.source else self._environments:
                combo.addItem(str(one["name"]), one["id"])
            combo.blockSignals(False)
        if self._promote and self.target.count() > 1:
            self.target.setCurrentIndex(1)
        if not self._environments:
            self.said.setText(_("You may not deploy to any environment of this organization."))
            self.view.show_waiting(_("Ask whoever looks after the server for the right to write in one."))
            return
        await self._compare()

    def _try_again(self) -> None:
        if self._environments:
            self._compare_soon()
        else:
            self._spawn(self._read())

    def _compare_soon(self, *_any: object) -> None:
        if self._environments:
            if self._promote and self.sender() is self.source:
                self._go_on_from_source()
            # What was shown is not what is chosen now.
            self._plan, self._waits = None, False
            self._soon.start()
            self._look()

    def _go_on_from_source(self) -> None:
        """Nothing is promoted to where it comes from: the environment after it is meant."""
        if self.target.currentData() != self.source.currentData() or self.target.count() < 2:
            return
        self.target.blockSignals(True)
        self.target.setCurrentIndex((self.target.currentIndex() + 1) % self.target.count())
        self.target.blockSignals(False)

    async def _compare(self) -> None:
        turn = self._turn
        self._plan, self._waits = None, False
        self.field.clear()
        self.strip.say("")
        self.said.setText("")
        self._variables.set_rows([])
        self.view.show_waiting(_("Comparing …"))
        plan = await self._asked.ask("promote_plan" if self._promote else "deploy_plan", **self._values())
        if turn != self._turn:
            return
        self._plan = plan
        self.said.setText(self._plan_text(plan))
        self.view.show_objects(plan["objects"])
        self._variables.set_rows(plan["variables"])
        fit_rows(self.variables, min(_VARIABLES, len(plan["variables"])), head=True)

    def _values(self) -> dict[str, Any]:
        values = {"folder": self._folder, "target": self.target.currentData()}
        if self._promote:
            return {**values, "source": self.source.currentData()}
        return {**values, "scope": self.scope, "path": self._front[0] if self.scope == OBJECT else ""}

    def _plan_text(self, plan: Row) -> str:
        name = self.target.currentText()
        last = plan["last"]
        if last is None:
            there = _("Nothing was deployed to {name} yet.").format(name=name)
        else:
            there = _("{name} holds version {n}, deployed by {who} {when}.").format(
                name=name, n=numbers.count(last["number"]), who=last["author_name"], when=numbers.when(last["at"])
            )  # fmt: skip
        to = _("With version {n}: {what}.").format(
            n=numbers.count(plan["number"]), what=counts_of(plan["objects"])
        )
        return f"{there} {to}"

    async def _places(self, path: str) -> Sequence[Row]:
        found: Sequence[Row] = await self._asked.ask("plan_difference", path=path, folder=self._folder)
        return found

    def _start(self) -> None:
        if self.go.isEnabled():
            self._spawn(self._deploy())

    async def _deploy(self) -> None:
        values = {**self._values(), "message": self.message.text().strip()}
        if self._waits:
            request = "enqueue"
        else:
            request = "promote" if self._promote else "deploy"
            self.strip.say(_("Deploying …"), self._stop)
        try:
            made = await self._asked.ask(request, **values)
        except WeftError as error:
            if code_of(error) == "deployed_meanwhile":
                self._plan = None
            raise
        self._done(made)
        self.close()


def _variable_cells(row: Row) -> Sequence[Cell]:
    def side(value: Any) -> Cell:
        return Cell("–", "text3") if value is None else Cell(str(value), mono=True, hint=str(value))

    name = Cell(str(row["name"]), icon="sliders-horizontal")
    if not row["apart"]:
        return name, side(row["before"]), side(row["after"])
    # Set for each environment by itself: a promotion leaves it as it is.
    stays = _("stays; where it comes from: {value}").format(
        value="–" if row["after"] is None else row["after"]
    )
    return name, side(row["before"]), Cell(stays, "text2", hint=stays)
