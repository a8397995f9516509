"""The result of a map's test over all records of a sample, for the Inspector."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtWidgets import QPlainTextEdit

from studio.base.i18n import _
from ui.bridge import numbers
from ui.editors.card import Card
from ui.editors.timing_list import Timed, TimingList
from ui.widgets.bars import Bar
from ui.widgets.heads import SectionHead
from ui.widgets.labels import Text
from ui.widgets.log import log_view

# More problems than this are counted, not listed.
LISTED = 20
# As much of the document as is shown, and as many of its lines without scrolling.
SHOWN, LINES = 20_000, 18


def test_card(name: str, sample: str, answer: Mapping[str, Any], opened: Callable[[str], object]) -> Card:
    """The card of an answer of the agent's `test`; `opened` is told the target path of a rule to be shown."""
    read, written = int(answer["records_in"]), int(answer["records_out"])
    failed, left_out = int(answer["failed"]), int(answer["filtered"])
    card = Card("test-tube")
    facts = [
        (_("Records read"), numbers.count(read)),
        (_("Written"), numbers.count(written)),
        (_("Left out by a condition"), numbers.count(left_out)),
        (_("Failed"), numbers.count(failed)),
        (_("Do not fit the schema"), numbers.count(unfit_records(answer))),
        (_("Duration"), numbers.duration(float(answer["seconds"]))),
    ]
    about = _("Every record of {sample} through the map as it is now.").format(sample=sample)
    card.show_facts(name, _("Test"), about, _("Result"), facts)
    bar = Bar(_("Records written, left out and failed"))
    unfit = min(unfit_records(answer), written)
    parts = [(written - unfit, "green"), (unfit, "orange"), (left_out, "border_strong"), (failed, "red")]
    bar.show_parts(parts, read, f"{written} {left_out} {failed}" + (f" {unfit}" if unfit else ""))
    card.add(bar)
    problems = answer.get("problems") or []
    if problems:
        card.add(SectionHead(_("Failed records")))
        for problem in problems[:LISTED]:
            record, path, message = problem
            said = _("Record {record}: {message}").format(record=numbers.count(int(record)), message=message)
            card.add(Text(said, "red_text", wrap=True))
            card.add(Text(str(path), "text3", mono=True, wrap=True))
    misfits = answer.get("unfit") or []
    if misfits:
        card.add(SectionHead(_("What was written does not fit the target's schema")))
        for record, path, message in misfits[:LISTED]:
            number = numbers.count(int(record))
            said = (
                _("Record {record}: {message}").format(record=number, message=message) if record else message
            )
            card.add(Text(said, "orange_text", wrap=True))
            card.add(Text(str(path), "text3", mono=True, wrap=True))
    timings = answer.get("timings") or []
    if timings:
        card.add(SectionHead(_("Durations of the rules")))
        card.add(TimingList([Timed(*each) for each in timings], opened))
    document = str(answer.get("document") or "")
    if document:
        card.add(SectionHead(_("Target document")))
        card.add(_document(document[:SHOWN]))
    return card


def _document(text: str) -> QPlainTextEdit:
    """A document to read: whole lines, with scroll bars where it is wider or longer than what is shown."""
    view = log_view(_("Target document"))
    view.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
    view.setPlainText(text)
    around = round(2 * view.document().documentMargin()) + view.horizontalScrollBar().sizeHint().height()
    view.setFixedHeight(min(view.blockCount(), LINES) * view.fontMetrics().lineSpacing() + around)
    return view


def unfit_records(answer: Mapping[str, Any]) -> int:
    """How many records were written that the target's schema does not admit; 1 where only what is around them is wrong."""
    misfits = answer.get("unfit") or []
    return len({record for record, _path, _message in misfits})
