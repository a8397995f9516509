"""Pushing: what goes to the repository, and what it is called there."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QDialog, QWidget

from studio.base.i18n import _, ngettext
from ui.bridge import numbers
from ui.bridge.repository import ObjectState
from ui.dialogs.ask import finished
from ui.dialogs.frame import framed
from ui.theme import metrics
from ui.widgets.buttons import button
from ui.widgets.cells import Cell, CellTable
from ui.widgets.fields import Paragraph
from ui.widgets.labels import Text
from ui.widgets.trees import Rows

_MOST = 8


class PushDialog(QDialog):
    """`unsaved` objects are saved first; the message may be left out and begins as `message`."""

    def __init__(
        self,
        parent: QWidget,
        objects: Sequence[ObjectState],
        unsaved: int,
        name_of: Callable[[str], str],
        words: Callable[[ObjectState], tuple[str, str, str]],
        message: str = "",
    ) -> None:
        super().__init__(parent)
        self._name_of, self._words = name_of, words
        self.go = button(
            _("Save and push") if unsaved else _("Push"), self.accept, icon="cloud-arrow-up", primary=True
        )
        buttons = (button(_("Cancel"), self.reject), self.go)
        body = framed(self, _("Push to the repository"), buttons, width=560)
        self.message = Paragraph(message, 3)
        self.message.setAccessibleName(_("What did you change?"))
        self.message.setPlaceholderText(_("For instance: 45 days for everyone, as agreed with finance"))
        label = Text(_("What did you change?"))
        label.setBuddy(self.message)
        hint = _("Your colleagues see it in the history, beside your name. It may be left empty.")
        for widget in (label, self.message, Text(hint, "text3", wrap=True)):
            body.addWidget(widget)
        if unsaved:
            text = ngettext(
                "{n} object has unsaved changes: it is saved first.",
                "{n} objects have unsaved changes: they are saved first.",
                unsaved,
            )
            body.addWidget(Text(text.format(n=numbers.count(unsaved)), "text2", wrap=True))
        if objects:
            body.addWidget(Text(_("What goes to the repository"), weight=600))
            body.addWidget(self._list(objects))
        self.message.setFocus()

    def _list(self, objects: Sequence[ObjectState]) -> Rows:
        def cells(state: ObjectState) -> Sequence[Cell]:
            icon, tone, words = self._words(state)
            return Cell(self._name_of(state.shown), icon=icon, icon_tone=tone), Cell(words, "text2")

        model: CellTable[ObjectState] = CellTable([_("Object"), _("What happened")], cells, self)
        model.set_rows(objects)
        view = Rows(_("What goes to the repository"))
        view.setModel(model)
        view.fit((200, 0), (90, 120))
        view.setFixedHeight(metrics.ROW * min(_MOST, len(objects)) + 4)
        return view


async def ask_push(
    parent: QWidget,
    objects: Sequence[ObjectState],
    unsaved: int,
    name_of: Callable[[str], str],
    words: Callable[[ObjectState], tuple[str, str, str]],
    message: str = "",
) -> str | None:
    """The message to push with; None where the dialog was cancelled."""
    dialog = PushDialog(parent, objects, unsaved, name_of, words, message)
    return dialog.message.toPlainText().strip() if await finished(dialog) else None
