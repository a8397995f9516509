"""Forms of labelled fields that write a value when it has been typed or chosen."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLineEdit, QWidget

from ui import theme
from ui.theme import metrics
from ui.widgets.fields import Combo, Paragraph
from ui.widgets.labels import Text

Write = Callable[[str], object]
# No field is wider than a line one can still read.
WIDEST = 520
LABELS = 96


class Form(QWidget):
    """Rows of label and field; `commit` writes what is being typed."""

    def __init__(self) -> None:
        super().__init__()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(16)
        self._grid.setVerticalSpacing(8)
        self._grid.setColumnMinimumWidth(0, LABELS)
        # The fields grow until they are wide enough; what is left then stays empty at the right.
        self._grid.setColumnStretch(1, 1000)
        self._grid.setColumnStretch(2, 1)
        self._typed: list[Callable[[], None]] = []

    def text(self, label: str, value: str, write: Write, *, mono: bool = False, hint: str = "") -> QLineEdit:
        """A line of text, written when Enter is pressed or the field is left."""
        field = QLineEdit(value)
        field.setCursorPosition(0)
        field.setPlaceholderText(hint)
        if mono:
            field.setFont(theme.mono())
        self._follow(field, value, write)
        self._add(label, field)
        return field

    def paragraph(self, label: str, value: str, write: Write) -> Paragraph:
        """Some words that need more than a line, written when the field is left."""
        field = Paragraph(value)
        self._follow(field, field.text(), write)
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
        combo.activated.connect(lambda _index: write(str(combo.currentData())))
        self._add(label, combo)
        return combo

    def note(self, text: str) -> None:
        """A line of explanation below the fields."""
        made = Text(text, "text3", step=-1, wrap=True)
        made.setMaximumWidth(WIDEST)
        self._grid.addWidget(made, self._grid.rowCount(), 1)

    def commit(self) -> None:
        """Write what is being typed."""
        for write in self._typed:
            write()

    def _follow(self, field: QLineEdit | Paragraph, value: str, write: Write) -> None:
        known = [value]

        def commit() -> None:
            if field.text() != known[0]:
                known[0] = field.text()
                write(field.text())

        (field.left if isinstance(field, Paragraph) else field.editingFinished).connect(commit)
        self._typed.append(commit)

    def _add(self, label: str, field: QWidget) -> None:
        row = self._grid.rowCount()
        field.setAccessibleName(label)
        field.setMinimumHeight(metrics.FIELD)
        field.setMaximumWidth(WIDEST)
        text = Text(label, "text2")
        text.setMinimumHeight(metrics.FIELD)
        text.setBuddy(field)
        self._grid.addWidget(text, row, 0, Qt.AlignmentFlag.AlignTop)
        self._grid.addWidget(field, row, 1)
