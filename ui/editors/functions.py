"""A function of the script language as the Inspector shows it: signature, meaning, arguments, an example."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QVBoxLayout

from studio.base.i18n import _
from studio.script.functions import FAMILIES, FUNCTIONS
from ui.editors.card import Card
from ui.theme import metrics
from ui.widgets.heads import SectionHead
from ui.widgets.labels import Text


def function_card(name: str) -> Card:
    """The card of a function; KeyError for a name the language does not know."""
    function = FUNCTIONS[name]
    card = Card("math-operations")
    facts = [(argument.name, argument.type) for argument in function.arguments]
    facts.append((_("gives"), function.result))
    card.show_facts(function.name, _(FAMILIES[function.family]), function.explanation, _("Arguments"), facts)
    for title, text in ((_("Signature"), function.signature), (_("Example"), function.example)):
        if text:
            card.add(SectionHead(title))
            card.add(code_box(text))
    return card


def code_box(text: str) -> QFrame:
    """Text in the monospace on a quiet ground."""
    box = QFrame()
    box.setProperty("band", "code")
    column = QVBoxLayout(box)
    column.setContentsMargins(metrics.PAD_CELL, 6, metrics.PAD_CELL, 6)
    column.addWidget(Text(text, mono=True, wrap=True))
    return box
