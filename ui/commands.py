"""The command table: everything a person can do, with its name, keys and the reason it cannot be done now.

Menus, toolbar, palette and shortcuts all read this one table. An editor binds its own commands while it is in front;
a command bound by nobody stays listed, disabled, with its reason.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QKeySequence

from ui import theme

Work = Coroutine[Any, Any, object]
Do = Callable[[], object]


def always() -> str:
    """A command that can be done at any time."""
    return ""


def never(reason: str) -> Callable[[], str]:
    """The `when` of a command that cannot be done now, and why."""
    return lambda: reason


@dataclass(frozen=True)
class Command:
    """One thing a person can do.

    `id` is `subject.verb`; `text` and `category` are translated, without mnemonic; `icon` a Phosphor name; `keys` in
    Qt's portable form (`Ctrl+Z`), the first is shown. `when` answers "" if it can be done now, else the translated
    reason. `do` may return a coroutine, which is then awaited on the loop. `label`, if given, answers the text of the
    moment (`Undo “map dueDate”`). `checked` makes it a switch. With `local` the keys act only while a widget the
    action was added to has the focus.
    """

    id: str
    text: str
    category: str
    do: Do
    icon: str = ""
    keys: tuple[str, ...] = ()
    when: Callable[[], str] = always
    label: Callable[[], str] | None = None
    checked: Callable[[], bool] | None = None
    local: bool = False
    hint: str = ""

    @property
    def shown(self) -> str:
        """The text of the moment."""
        return self.label() if self.label else self.text

    @property
    def tooltip(self) -> str:
        """What it does and its shortcut."""
        text = self.hint or self.shown.rstrip("….")
        return f"{text} ({native(self.keys[0])})" if self.keys else text


def native(keys: str) -> str:
    """Keys as this system writes them: `Ctrl+Shift+P`, `⇧⌘P`."""
    return QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText)


class CommandTable(QObject):
    """All commands by id. `spawn` awaits what a command returns, if it returns a coroutine.

    `changed` follows every look at the `when`s; `done` tells the id of a command that was just carried out.
    """

    changed = Signal()
    done = Signal(str)

    def __init__(self, spawn: Callable[[Work], object], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._spawn = spawn
        self._stacks: dict[str, list[Command]] = {}
        self._actions: dict[str, QAction] = {}
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self.refresh)

    def bind(self, commands: Iterable[Command]) -> Callable[[], None]:
        """Register commands; one with an id already there takes its place until the returned function is called."""
        bound = list(commands)
        for command in bound:
            self._stacks.setdefault(command.id, []).append(command)
        self.refresh_soon()

        def unbind() -> None:
            for command in bound:
                stack = self._stacks.get(command.id, [])
                if command in stack:
                    stack.remove(command)
            self.refresh_soon()

        return unbind

    def get(self, id: str) -> Command:
        """The command now answering to an id; KeyError for an id nobody registered."""
        return self._stacks[id][-1]

    def __contains__(self, id: str) -> bool:
        return bool(self._stacks.get(id))

    def __iter__(self) -> Iterator[Command]:
        """The commands in the order their ids were first registered."""
        return (stack[-1] for stack in self._stacks.values() if stack)

    def reason(self, id: str) -> str:
        """Why the command cannot be done now; "" if it can."""
        return self.get(id).when()

    def run(self, id: str) -> bool:
        """Do it, if it can be done now; tells whether it was."""
        command = self.get(id)
        if command.when():
            return False
        result = command.do()
        if isinstance(result, Coroutine):
            self._spawn(result)
        self.done.emit(id)
        self.refresh_soon()
        return True

    def action(self, id: str) -> QAction:
        """The one action of a command, for menus, tool buttons and widgets; it follows the table."""
        if id not in self._actions:
            command = self.get(id)
            action = QAction(self)
            action.setObjectName(id)
            action.setShortcuts([QKeySequence(keys) for keys in command.keys])
            if command.local:
                action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            if command.icon:
                action.setIcon(theme.icon(command.icon))
            action.setCheckable(command.checked is not None)
            action.triggered.connect(lambda: self.run(id))
            self._actions[id] = action
            self._show(command, action)
        return self._actions[id]

    def refresh_soon(self) -> None:
        """Look at every `when` again before the next event is handled."""
        # Not started anew while it waits: a steady stream of changes would put it off for ever.
        if not self._soon.isActive():
            self._soon.start()

    def refresh_now(self) -> None:
        """Do what `refresh_soon` put off, if it did: a key is about to be matched with the shortcuts."""
        if self._soon.isActive():
            self._soon.stop()
            self.refresh()

    def refresh(self) -> None:
        """Bring the actions up to date: text, enabled or not, checked or not."""
        for id, action in self._actions.items():
            if id in self:
                self._show(self.get(id), action)
            else:
                action.setEnabled(False)
        self.changed.emit()

    def _show(self, command: Command, action: QAction) -> None:
        reason = command.when()
        # Buttons show the text as it is; a menu takes & for a mnemonic.
        action.setIconText(command.shown)
        action.setText(command.shown.replace("&", "&&"))
        action.setEnabled(not reason)
        action.setToolTip(f"{command.tooltip}\n{reason}" if reason else command.tooltip)
        if command.checked:
            action.setChecked(command.checked())
