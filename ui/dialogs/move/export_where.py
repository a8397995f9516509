"""Which records: conditions that must all hold, or the query itself with its field names completed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from studio.base.i18n import _
from ui.dialogs.move.word_text import WordText
from ui.theme import metrics
from ui.widgets.buttons import button
from ui.widgets.fields import Combo

_WORDS = ("SELECT", "FROM", "WHERE", "AND", "OR", "ORDER BY", "LIMIT", "LIKE", "IN", "null", "true", "false", "TODAY",
          "LAST_N_DAYS:30")  # fmt: skip

# Types whose values are compared as texts.
_PLAIN = frozenset({"string", "textarea", "picklist", "multipicklist", "email", "phone", "url", "id", "reference",
                    "combobox", "encryptedstring"})  # fmt: skip
# Comparisons that need no value, and what they say as a query.
_WITHOUT_VALUE = {"empty": "=", "filled": "!="}


class Conditions(QWidget):
    """Lines of field, comparison and value; `changed` is called with every change."""

    def __init__(self, changed: Callable[[], object]) -> None:
        super().__init__()
        self._changed = changed
        # The fields a condition may name, each with its type.
        self._fields: dict[str, str] = {}
        self._lines: list[tuple[QWidget, Combo, Combo, QLineEdit]] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(4)
        self.add = button(_("Add a condition"), lambda: self._add({}), icon="plus", small=True)
        self._column.addWidget(self.add, 0, Qt.AlignmentFlag.AlignLeft)

    def show_fields(self, types: Mapping[str, str]) -> None:
        """The fields a condition may name, each with its type."""
        self._fields = dict(types)

    def show_conditions(self, conditions: Sequence[dict[str, Any]]) -> None:
        """Show other conditions, without telling."""
        if list(conditions) == self.conditions:
            return
        for line in self._lines:
            line[0].deleteLater()
        self._lines.clear()
        for one in conditions:
            self._add(one, tell=False)

    @property
    def conditions(self) -> list[dict[str, str]]:
        """What is chosen. One without a field or a value is only begun: it must not filter everything away."""
        found = []
        for _line, field, op, value in self._lines:
            bare = _WITHOUT_VALUE.get(op.currentData())
            if field.currentIndex() > 0 and (bare or value.text().strip()):
                said = "" if bare else value.text()
                found.append(
                    {"field": field.currentText(), "op": bare or str(op.currentData()), "value": said}
                )
        return found

    def _add(self, given: dict[str, Any], *, tell: bool = True) -> None:
        number = len(self._lines) + 1
        line = QWidget()
        row = QHBoxLayout(line)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        field = Combo(_("Field of condition {n}").format(n=number), small=True)
        field.addItems([_("Choose a field"), *self._fields])
        field.setMinimumWidth(130)
        op = Combo(_("Comparison of condition {n}").format(n=number), small=True)
        value = QLineEdit(str(given.get("value", "")))
        value.setAccessibleName(_("Value of condition {n}").format(n=number))
        value.setFixedHeight(metrics.FIELD)
        if given:
            if field.findText(given["field"]) < 0:
                field.addItem(given["field"])
            field.setCurrentText(given["field"])
        _fit(op, value, self._fields.get(field.currentText(), ""))
        if given:
            bare = next((name for name, sign in _WITHOUT_VALUE.items() if sign == given["op"]), "")
            wanted = bare if bare and not value.text() else given["op"]
            op.setCurrentIndex(max(op.findData(wanted), 0))
        made = (line, field, op, value)
        gone = button(_("Remove condition {n}").format(n=number), lambda: self._remove(made), small=True)
        gone.setText("×")

        def chosen(_at: int) -> None:
            _fit(op, value, self._fields.get(field.currentText(), ""))
            compared()

        def compared(_at: int = 0) -> None:
            value.setVisible(op.currentData() not in _WITHOUT_VALUE)
            self._changed()

        field.activated.connect(chosen)
        op.activated.connect(compared)
        value.textEdited.connect(lambda _text: self._changed())
        for widget in (field, op, value, gone):
            row.addWidget(widget, 1 if widget is value else 0)
        value.setHidden(op.currentData() in _WITHOUT_VALUE)
        self._lines.append(made)
        self._column.insertWidget(self._column.count() - 1, line)
        if tell:
            self._changed()

    def _remove(self, made: tuple[QWidget, Combo, Combo, QLineEdit]) -> None:
        self._lines.remove(made)
        made[0].deleteLater()
        self._changed()


def _fit(op: Combo, value: QLineEdit, kind: str) -> None:
    """Offer the comparisons that make sense for a field of this type, and say how its values are written."""
    now = op.currentData()
    plain = kind in _PLAIN or not kind
    texts = {"=": _("is"), "!=": _("is not")}
    if plain:
        texts |= {"contains": _("contains"), "begins": _("begins with")}
    if not plain or not kind:
        texts |= {} if kind == "boolean" else {"<": "<", "<=": "≤", ">": ">", ">=": "≥"}
    if kind != "boolean":
        texts |= {"empty": _("is empty"), "filled": _("is not empty")}
    if list(texts) != [op.itemData(at) for at in range(op.count())]:
        op.clear()
        for sign, text in texts.items():
            op.addItem(text, sign)
        op.setCurrentIndex(max(op.findData(now), 0))
    written = {"boolean": "true", "date": "2026-12-31", "datetime": "2026-12-31T18:00:00Z"}
    number = kind in ("int", "long", "double", "currency", "percent")
    value.setPlaceholderText(written.get(kind, "1234.50" if number else _("Value")))


class QueryText(WordText):
    """The query as text; Ctrl+Space or typing completes the fields' names."""

    def __init__(self) -> None:
        super().__init__(_("Query"), 92)

    def show_fields(self, names: Sequence[str]) -> None:
        """The names that complete."""
        self.show_words([*names, *_WORDS])
