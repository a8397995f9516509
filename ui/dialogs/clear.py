"""What of people's data is to go: four ticks, and beneath them what that would take away and what stays."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from PySide6.QtWidgets import QDialog, QPlainTextEdit, QWidget
from shiboken6 import isValid

from studio.base.i18n import _, ngettext
from ui.bridge.tasks import Tasks
from ui.dialogs.ask import finished
from ui.dialogs.frame import framed
from ui.theme import fonts
from ui.widgets.buttons import button
from ui.widgets.checks import Check
from ui.widgets.labels import Text

# Asks what the given options of the command would do; the answer is its JSON.
Look = Callable[[Sequence[str]], Awaitable[Mapping[str, Any]]]
_SHOWN = 200


class ClearDialog(QDialog):
    """`options` are those of the command that does it; what it would do is shown before it can be done."""

    def __init__(self, parent: QWidget, look: Look, tasks: Tasks) -> None:
        super().__init__(parent)
        self._look, self._tasks = look, tasks
        self._asked = 0
        self._done = button(_("Clear"), self.accept, primary=True)
        column = framed(
            self, _("Clear data of this project"), [button(_("Cancel"), self.reject), self._done], width=560
        )
        text = _(
            "Samples, earlier versions and rows of moves hold data of real people. Take them off this computer; "
            "nobody can bring them back."
        )
        column.addWidget(Text(text, "text2", wrap=True))
        self._ticks = {
            "samples": Check(_("Sample documents")),
            "tests": Check(_("Golden tests and their documents")),
            "history": Check(_("History: the steps that undo knows")),
            "runs": Check(_("Runs, and the rows that moves keep on this computer")),
        }
        for name, tick in self._ticks.items():
            tick.setAccessibleName(tick.text())
            tick.setChecked(name != "tests")
            tick.toggled.connect(self._changed)
            column.addWidget(tick)
        column.addWidget(Text(_("This would go"), step=fonts.SECONDARY, weight=600))
        self._shown = QPlainTextEdit(readOnly=True)
        self._shown.setAccessibleName(_("What would go"))
        self._shown.setMinimumHeight(160)
        column.addWidget(self._shown, 1)
        self._changed()

    @property
    def options(self) -> tuple[str, ...]:
        """The options of `weft clear`."""
        return tuple(
            f"--{name}" if tick.isChecked() else f"--no-{name}" for name, tick in self._ticks.items()
        )

    def _changed(self) -> None:
        self._done.setEnabled(False)
        self._asked += 1
        self._shown.setPlainText(_("Looking…"))
        self._tasks.spawn(self._show(self._asked))

    async def _show(self, asked: int) -> None:
        told = await self._look(self.options)
        # The dialog may have been given up meanwhile, and its widgets with it.
        if asked == self._asked and isValid(self):
            lines = would_go(told)
            self._shown.setPlainText("\n".join(lines) if lines else _("Nothing."))
            self._done.setEnabled(bool(lines))


def would_go(told: Mapping[str, Any]) -> list[str]:
    """What goes, in lines for people; what stays is told only beside it."""
    files = list(told["files"])
    lines = files[:_SHOWN]
    if len(files) > _SHOWN:
        lines.append(_("… and {n} more files").format(n=len(files) - _SHOWN))
    if told["history"]:
        lines.append(_("the project's history: nothing before now can be undone"))
    runs, moves = len(told["runs"]), len(told["moves"])
    if runs:
        lines.append(ngettext("{n} run with its files", "{n} runs with their files", runs).format(n=runs))
    if moves:
        text = ngettext(
            "{n} move with its rows: it cannot be undone any more",
            "{n} moves with their rows: they cannot be undone any more",
            moves,
        )
        lines.append(text.format(n=moves))
    if lines and told["stays"]:
        lines += [
            "",
            *(_("Stays: {name} ({why})").format(name=name, why=why) for name, why in told["stays"].items()),
        ]
    return lines


async def ask_what_to_clear(parent: QWidget, look: Look, tasks: Tasks) -> tuple[str, ...]:
    """The options chosen, none where the dialog was closed."""
    dialog = ClearDialog(parent, look, tasks)
    return dialog.options if await finished(dialog) else ()
