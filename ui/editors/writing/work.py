"""What can be done with the names, problems and brackets of a script being written."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QAction, QMouseEvent, QTextCursor

from studio.base.errors import WeftError
from studio.base.i18n import _
from studio.project import names
from studio.project.names import Steps, Text, Use
from studio.script.brackets import partner
from studio.script.references import Name, Occurrence, Sort
from studio.script.system_variables import system_variable
from studio.workspace import Workspace
from ui.editors.base import Desk
from ui.editors.mapping.script_edit import ScriptEdit
from ui.editors.writing.names_panel import NamesPanel
from ui.editors.writing.places import open_use
from ui.widgets.code import units

# How long the search for a name may work between two events, in seconds.
_SLICE = 0.01
# More places are not listed.
MOST = 5_000
# The commands of a script's text.
IDS = ("script.define", "script.uses", "script.rename", "script.tell", "script.bracket", "help.reference")


@dataclass(frozen=True)
class Surroundings:
    """Where a text stands. `here` answers object, target path and part; `keep` takes over what is written.

    `reference` shows a function, `field` a source address (False where it is unknown), `steps` tells from which steps
    relative paths are read. Without an object (`here` answers "") the text is nobody's but the writer's.
    """

    workspace: Workspace
    desk: Desk
    here: Callable[[], tuple[str, str, str]]
    keep: Callable[[], object]
    reference: Callable[[str], object]
    field: Callable[[str], bool] = lambda _address: False
    steps: Steps = lambda _object, _path, _part: ()


class ScriptWork(QObject):
    """Carries out the commands of one text; `told` says a problem that was stepped to ("" none is left)."""

    told = Signal(str)

    def __init__(self, edit: ScriptEdit, around: Surroundings, panel: NamesPanel) -> None:
        super().__init__(edit)
        self._edit = edit
        self._around = around
        self._panel = panel
        self._number = 0
        edit.work = self
        edit.viewport().installEventFilter(self)
        panel.wanted.connect(lambda use: open_use(around.desk, use))
        panel.left.connect(self._come_back)

    def actions(self) -> Iterator[QAction]:
        """What the menu of the text offers."""
        table = self._around.desk.commands
        table.refresh()
        return (table.action(id) for id in IDS if id in table)

    # Names

    def name(self) -> Occurrence | None:
        """The innermost name around the cursor."""
        at = self._edit.offset
        around = [each for each in self._names() if each.start <= at <= each.end]
        return min(around, key=lambda each: (each.end - each.start, -each.start), default=None)

    def _text(self) -> Text:
        object, path, part = self._around.here()
        return Text(object, path, part, self._edit.toPlainText())

    def _names(self) -> tuple[Occurrence, ...]:
        text = self._text()
        context = self._around.steps(text.object, text.path, text.part) if text.path else ()
        return names.occurrences(text, context)

    def define(self) -> None:
        """Go to where the name around the cursor comes from."""
        found = self.name()
        if found is None:
            self._around.desk.tell(_("There is no name at the cursor."))
            return
        name = found.name
        match name.sort:
            case Sort.FUNCTION:
                self._around.reference(name.name)
            case Sort.OBJECT:
                self._open_object(name)
            case Sort.FIELD:
                if not self._around.field(name.name):
                    self._around.desk.tell(_("The source has no field {name}.").format(name=name.name))
            case Sort.LOCAL | Sort.GLOBAL:
                self._define_variable(found)

    def _open_object(self, name: Name) -> None:
        id = names.object_id(self._around.workspace.project, name)
        if id is None:
            self._around.desk.tell(_("There is no such object in the project."))
            return
        self._around.keep()
        self._around.desk.open(id, "")

    def _define_variable(self, found: Occurrence) -> None:
        name = found.name
        here = [each for each in self._names() if each.name == name and each.sets]
        if here and not (name.sort is Sort.GLOBAL and any(each.start == found.start for each in here)):
            self._edit.show_offsets(here[0].start, here[0].end)
        elif name.sort is Sort.LOCAL:
            said = _("{name} gets no value in this script.") if not here else _("{name} gets its value here.")
            self._around.desk.tell(said.format(name=name.name))
        elif (known := system_variable(name.name)) is not None:
            self._around.desk.tell(known.explanation)
        else:
            self._around.keep()
            self._spawn(name, self._show_setters)

    def _show_setters(self, name: Name, uses: list[Use], _working: bool) -> None:
        setters = [use for use in uses if use.sets]
        if len(setters) == 1:
            self._panel.hide()
            open_use(self._around.desk, setters[0])
        elif setters:
            title = _("Where {name} gets its value").format(name=f"${name.name}")
            self._panel.show_uses(title, setters)
            self._panel.enter()
        else:
            self._around.desk.tell(
                _("Nothing in the project gives {name} a value.").format(name=f"${name.name}")
            )

    def uses(self) -> None:
        """List everywhere the name around the cursor stands."""
        found = self.name()
        if found is None:
            self._around.desk.tell(_("There is no name at the cursor."))
        elif self._own(found.name):
            self._number += 1
            self._panel.show_uses(_title(found.name), self._own_uses(found.name))
            self._panel.enter()
        else:
            self._around.keep()
            self._spawn(found.name, self._show_uses)

    def _show_uses(self, name: Name, uses: list[Use], working: bool) -> None:
        self._panel.show_uses(_title(name), uses[:MOST], working=working)
        if not working:
            self._panel.enter()

    def _own(self, name: Name) -> bool:
        """The name is this text's alone."""
        return name.sort is Sort.LOCAL or not self._around.here()[0]

    def _own_uses(self, name: Name) -> list[Use]:
        text = self._text()
        return [names.use_of(text, each) for each in self._names() if names.same(each.name, name)]

    def rename(self) -> None:
        """Ask for another name for the variable or object around the cursor, showing every place that changes."""
        found = self.name()
        tell = self._around.desk.tell
        if found is None:
            tell(_("There is no name at the cursor."))
        elif found.name.sort is Sort.FIELD:
            tell(_("A field is called as its schema says."))
        elif self._own(found.name) and found.name.sort in (Sort.LOCAL, Sort.GLOBAL):
            self._ask_own(found.name)
        elif not names.renamable(found.name):
            tell(_("{name} belongs to the language and keeps its name.").format(name=found.name.name))
        else:
            self._around.keep()
            self._spawn(found.name, self._ask)

    def _ask(self, name: Name, uses: list[Use], working: bool) -> None:
        if working:
            return
        workspace = self._around.workspace
        old = name.name.partition("/")[2] if name.sort is Sort.OBJECT else f"${name.name}"

        def check(new: str) -> None:
            names.check(workspace.project, name, new)

        def do(new: str) -> None:
            label = _("Rename {name}").format(name=old)
            try:
                done = names.rename(workspace.project, name, new)
            except WeftError as error:
                self._around.desk.show_error(error)
                return
            workspace.edit(label, done.project, initiator="rename")
            self._around.desk.tell(_("{old} is called {new} now.").format(old=old, new=new))

        self._panel.ask_name(_("Rename {name}").format(name=old), old, uses[:MOST], check, do)

    def _ask_own(self, name: Name) -> None:
        self._number += 1
        lead = "$" if name.sort is Sort.GLOBAL else ""

        def check(new: str) -> None:
            names.check_own(self._text(), name, new)

        def do(new: str) -> None:
            text = self._edit.toPlainText()
            cursor = QTextCursor(self._edit.document())
            cursor.beginEditBlock()
            for use in sorted(self._own_uses(name), key=lambda use: -use.start):
                cursor.setPosition(units(text, use.start))
                cursor.setPosition(units(text, use.end), QTextCursor.MoveMode.KeepAnchor)
                cursor.insertText(new.removeprefix("$"))
            cursor.endEditBlock()

        old = lead + name.name
        self._panel.ask_name(_("Rename {name}").format(name=old), old, self._own_uses(name), check, do)

    # The search

    def _spawn(self, name: Name, then: Callable[[Name, list[Use], bool], object]) -> None:
        self._number += 1
        self._around.desk.spawn(self._search(self._number, name, then))

    async def _search(self, number: int, name: Name, then: Callable[[Name, list[Use], bool], object]) -> None:
        """Look through the project in slices, so that the window goes on meanwhile."""
        found: list[Use] = []
        until = time.perf_counter() + _SLICE
        for use in names.uses(self._around.workspace.project, name, self._around.steps):
            if use is not None:
                found.append(use)
            if time.perf_counter() > until:
                await asyncio.sleep(0)
                until = time.perf_counter() + _SLICE
            if number != self._number:
                return
        then(name, found, False)

    def _come_back(self) -> None:
        if self._edit.isVisible():
            self._edit.setFocus()

    # Problems and brackets

    def step(self, by: int) -> None:
        """Go to the next problem, or with -1 to the one before."""
        found = sorted(self._edit.mistakes, key=lambda each: (each.start, each.end))
        if not found:
            self._around.desk.tell(_("There is no problem in this script."))
            return
        at = self._edit.selection_start
        later = [n for n, each in enumerate(found) if each.start > at]
        earlier = [n for n, each in enumerate(found) if each.start < at]
        number = (later or [0])[0] if by > 0 else (earlier or [len(found) - 1])[-1]
        # One problem, and the cursor on it: selected anew.
        each = found[number]
        self._edit.show_offsets(each.start, each.end)
        self._edit.setFocus()
        said = _("{n} of {total}: {message}").format(n=number + 1, total=len(found), message=each.message)
        self.told.emit(said)

    def to_bracket(self) -> None:
        """Go to the bracket that belongs to the one beside the cursor, or to the one that opens around it."""
        text, at = self._edit.toPlainText(), self._edit.offset
        pair = partner(text, at)
        here, there = pair or (0, None)
        if there is not None:
            # The cursor stands outside both, so that the way back is the same.
            self._edit.show_offsets(there + 1 if there > here else there)
            return
        around = self._edit.enclosing_brackets()
        if around is not None:
            self._edit.show_offsets(around[0])
        else:
            self._around.desk.tell(_("There is no bracket here."))

    def tell(self) -> None:
        """Show beside the cursor what is known of the name there."""
        if not self._edit.hover.show_here():
            self._around.desk.tell(_("There is no name at the cursor."))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A click with Ctrl goes where the name comes from."""
        clicked = event.type() is QEvent.Type.MouseButtonRelease and isinstance(event, QMouseEvent)
        if clicked and isinstance(event, QMouseEvent):
            control = event.modifiers() == Qt.KeyboardModifier.ControlModifier
            if control and event.button() is Qt.MouseButton.LeftButton:
                self._edit.setTextCursor(self._edit.cursorForPosition(event.position().toPoint()))
                self.define()
                return True
        return super().eventFilter(watched, event)


def _title(name: Name) -> str:
    shown = f"${name.name}" if name.sort is Sort.GLOBAL else name.name
    return _("Where {name} stands").format(name=shown)
