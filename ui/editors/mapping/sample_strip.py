"""The strip above a map whose sample has not what the schema says must be there: what is missing, and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy

from studio.base.i18n import _
from studio.mapping import address
from studio.mapping.evidence import Evidence
from ui.theme import metrics
from ui.widgets.buttons import link
from ui.widgets.labels import Elided, Picture

if TYPE_CHECKING:
    from ui.editors.mapping.editor import MappingEditor


class SampleStrip(QFrame):
    """One sentence while the record shown does not fit the source's schema, with the ways to mend it."""

    def __init__(self, editor: MappingEditor) -> None:
        super().__init__()
        self._editor = editor
        self.setProperty("band", "notice")
        self._said = Elided("")
        self._said.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._other = link(_("Take another sample"), self._choose)
        row = QHBoxLayout(self)
        row.setContentsMargins(metrics.PAD_PANEL, 4, metrics.PAD_PANEL, 4)
        row.setSpacing(8)
        row.addWidget(Picture("warning", "orange_text"))
        row.addWidget(self._said)
        row.addWidget(self._other)
        row.addWidget(link(_("Import the schema anew"), lambda: editor.desk.commands.run("schema.import")))
        row.addStretch(1)
        self.hide()
        editor.map.changed.connect(self.follow)

    def follow(self) -> None:
        """Say it for the record shown now."""
        evidence = self._editor.map.evidence
        shown = evidence is not None and bool(evidence.missing)
        if evidence is not None and shown:
            self._said.setText(*_sentences(evidence))
        if shown == self.isHidden():
            self.setVisible(shown)

    def _choose(self) -> None:
        self._editor.wishes.choose_sample(self._other.mapToGlobal(QPoint(0, self._other.height())))


def _sentences(evidence: Evidence) -> tuple[str, str]:
    """The whole of it, and in fewer words."""
    missing = ", ".join(address.name(path) for path in evidence.missing)
    short = _("The sample does not fit the schema: {missing} must be there and is not.").format(
        missing=missing
    )
    if not evidence.unknown:
        return short, short
    unknown = ", ".join(address.name(path) for path in evidence.unknown)
    whole = _(
        "The sample does not fit the schema: {missing} must be there and is not; {unknown} is there and not in the schema."
    )
    return whole.format(missing=missing, unknown=unknown), short
