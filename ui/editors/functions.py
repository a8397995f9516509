"""A function of the script language as a page: signature, meaning, arguments, an example with its value, when it fails."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from studio.base.i18n import _
from studio.script.functions import FAMILIES, FUNCTIONS, Argument
from studio.script.reference import argument_text, type_name
from ui.editors.card import Card
from ui.theme import fonts, metrics
from ui.widgets.heads import SectionHead
from ui.widgets.labels import Text


def function_card(name: str) -> Card:
    """The card of a function; KeyError for a name the language does not know."""
    function = FUNCTIONS[name]
    card = Card("math-operations")
    card.show_facts(function.name, _(FAMILIES[function.family]), function.explanation, _("Signature"), ())
    card.add(code_box(f"{function.signature} → {type_name(function.result)}"))
    if function.arguments:
        card.add(SectionHead(_("Arguments")))
    for argument in function.arguments:
        card.add(_argument(argument))
    if function.example:
        card.add(SectionHead(_("Example")))
        card.add(code_box("\n→ ".join(part for part in (function.example, function.gives) if part)))
    if function.failure:
        card.add(SectionHead(_("Fails")))
        card.add(Text(function.failure, "text2", wrap=True))
    return card


def _argument(argument: Argument) -> QWidget:
    """Name and type in one line, what it is below."""
    holder = QWidget()
    column = QVBoxLayout(holder)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    row = QHBoxLayout()
    row.setSpacing(12)
    row.addWidget(Text(argument.name, mono=True))
    row.addStretch(1)
    row.addWidget(Text(argument_text(argument), "text3", step=fonts.SECONDARY))
    column.addLayout(row)
    if argument.explanation:
        column.addWidget(Text(argument.explanation, "text2", wrap=True))
    return holder


def code_box(text: str) -> QFrame:
    """Text in the monospace on a quiet ground."""
    box = QFrame()
    box.setProperty("band", "code")
    column = QVBoxLayout(box)
    column.setContentsMargins(metrics.PAD_CELL, 6, metrics.PAD_CELL, 6)
    column.addWidget(Text(text, mono=True, wrap=True))
    return box
