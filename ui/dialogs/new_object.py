"""Makes an object of the project: its name, and what its kind needs to begin with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtWidgets import QDialog, QLineEdit, QWidget

from studio.base.i18n import _
from ui.dialogs.ask import finished
from ui.dialogs.frame import form, framed
from ui.widgets.buttons import button
from ui.widgets.fields import Combo
from ui.widgets.labels import Text

Choices = Sequence[tuple[str, str]]


class NewObjectDialog(QDialog):
    """A name and some choices (label → (text, value)); every choice must be made."""

    def __init__(
        self,
        parent: QWidget,
        title: str,
        choices: Mapping[str, Choices],
        hint: str = "",
        *,
        name: str = "",
        done: str = "",
    ) -> None:
        super().__init__(parent)
        self._done = button(done or _("Create"), self.accept, primary=True)
        buttons = (button(_("Cancel"), self.reject), self._done)
        body = framed(self, title, buttons, width=460, spacing=16)
        grid = form()
        body.addLayout(grid)
        if hint:
            body.addWidget(Text(hint, "text2", wrap=True))
        self.name = QLineEdit(name)
        self.name.setAccessibleName(_("Name"))
        grid.addWidget(Text(_("Name")), 0, 0)
        grid.addWidget(self.name, 0, 1)
        self.choices: dict[str, Combo] = {}
        for row, (label, values) in enumerate(choices.items(), 1):
            combo = Combo(label)
            for text, value in values:
                combo.addItem(text, value)
            self.choices[label] = combo
            grid.addWidget(Text(label), row, 0)
            grid.addWidget(combo, row, 1)
        self.name.textChanged.connect(self._look)
        self._look()

    def _look(self) -> None:
        chosen = all(combo.currentIndex() >= 0 for combo in self.choices.values())
        self._done.setEnabled(bool(self.name.text().strip()) and chosen)


async def ask_new_object(
    parent: QWidget,
    title: str,
    choices: Mapping[str, Choices],
    hint: str = "",
    *,
    name: str = "",
    done: str = "",
) -> tuple[str, list[str]] | None:
    """The name and the values chosen, in order; None where the dialog was cancelled."""
    dialog = NewObjectDialog(parent, title, choices, hint, name=name, done=done)
    if not await finished(dialog):
        return None
    return dialog.name.text().strip(), [str(combo.currentData()) for combo in dialog.choices.values()]
