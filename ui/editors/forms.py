"""Forms of labelled fields that write a value when it has been typed or chosen."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QGridLayout, QLineEdit, QWidget

from ui import theme
from ui.theme import metrics
from ui.widgets.fields import Combo
from ui.widgets.labels import Text

Write = Callable[[str], object]


class Form(QWidget):
    """Rows of label and field; `commit` writes what is being typed."""

    def __init__(self) -> None:
        super().__init__()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(16)
        self._grid.setVerticalSpacing(8)
        self._grid.setColumnMinimumWidth(0, 96)
        self._grid.setColumnStretch(1, 1)
        self._typed: list[Callable[[], None]] = []

    def text(self, label: str, value: str, write: Write, *, mono: bool = False, hint: str = "") -> QLineEdit:
        """A line of text, written when Enter is pressed or the field is left."""
        field = QLineEdit(value)
        field.setCursorPosition(0)
        field.setPlaceholderText(hint)
        field.setMaximumWidth(520)
        if mono:
            field.setFont(theme.mono())
        known = [value]

        def commit() -> None:
            if field.text() != known[0]:
                known[0] = field.text()
                write(field.text())

        field.editingFinished.connect(commit)
        self._typed.append(commit)
        self._add(label, field)
        return field

    def choice(self, label: str, choices: Sequence[tuple[str, str]], value: str, write: Write) -> Combo:
        """One of several (text, value); a value that is none of them is shown as it is."""
        combo = Combo(label, small=True)
        known = list(choices)
        if value not in [each for _text, each in known]:
            known.insert(0, (value, value))
        for text, each in known:
            combo.addItem(text, each)
        combo.setCurrentIndex([each for _text, each in known].index(value))
        combo.setMaximumWidth(520)
        combo.activated.connect(lambda _index: write(str(combo.currentData())))
        self._add(label, combo)
        return combo

    def note(self, text: str) -> None:
        """A line of explanation below the fields."""
        self._grid.addWidget(Text(text, "text3", step=-1, wrap=True), self._grid.rowCount(), 1)

    def commit(self) -> None:
        """Write what is being typed."""
        for write in self._typed:
            write()

    def _add(self, label: str, field: QWidget) -> None:
        row = self._grid.rowCount()
        field.setAccessibleName(label)
        field.setMinimumHeight(metrics.FIELD)
        text = Text(label, "text2")
        text.setBuddy(field)
        self._grid.addWidget(text, row, 0)
        self._grid.addWidget(field, row, 1)
