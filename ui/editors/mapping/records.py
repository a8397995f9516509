"""Which record of which sample a map is tried with: asked for when it may have changed, shown when it comes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from studio.base.errors import WeftError
from studio.base.i18n import _
from studio.mapping.evidence import Evidence
from studio.mapping.model import Transformation
from studio.project.edits import sample_of
from ui.canvas.link_index import Side
from ui.editors.mapping.preview import changed_values

if TYPE_CHECKING:
    from ui.editors.mapping.editor import MappingEditor


class MapRecords(QObject):
    """Asks the live preview for the record in hand and brings what it says to the map.

    `error` is why there are no values, "" if there are; `flash` the target paths whose values the last edit changed.
    """

    def __init__(self, editor: MappingEditor) -> None:
        super().__init__(editor)
        self._editor = editor
        self._owed = False
        # What was asked for before the project had it.
        self._ahead: Transformation | None = None
        self._last: Evidence | None = None
        self.error = ""
        self.flash: frozenset[str] = frozenset()
        self._ask_soon = QTimer(self, singleShot=True, interval=0)
        self._ask_soon.timeout.connect(self._ask_if_shown)
        editor.preview.arrived.connect(self._arrived)
        editor.preview.failed.connect(self._failed)
        editor.map.edited.connect(self.take_sample)
        editor.map.coming.connect(self._ask_ahead)
        editor.bar.stepper.stepped.connect(self.step_to)

    def take_sample(self) -> None:
        """Try the map with its sample, which may be another one than a moment ago."""
        editor, preview = self._editor, self._editor.preview
        before, preview.sample = preview.sample, sample_of(editor.map.transformation)
        if before != preview.sample:
            preview.record, preview.turns = 1, None
            source = editor.map.transformation.source.schema.rpartition("/")[2]
            editor.canvas.heads[Side.SOURCE].show_title(source, self.side_note(Side.SOURCE))
        editor.bar.stepper.show_sample(preview.sample)
        if before and not preview.sample:
            editor.bar.stepper.show_record(1, 0)
            editor.map.show_evidence(None)
        self._ask()

    def side_note(self, side: Side) -> str:
        """What stands beside the title of a tree."""
        if side is Side.TARGET:
            return _("target")
        sample = self._editor.preview.sample.rpartition("/")[2]
        return _("source · sample {name}").format(name=sample) if sample else _("source")

    def _ask(self) -> None:
        # Of the tabs that come back at once only the one left in front asks; the others wait until they are shown.
        self._owed = True
        self._ask_if_shown()

    def ask_soon(self) -> None:
        """Ask for the values that were wanted while another tab stood in front."""
        self._ask_soon.start()

    def _ask_ahead(self, transformation: Transformation) -> None:
        if self._editor.isVisible() and sample_of(transformation) == self._editor.preview.sample:
            self._ahead = transformation
            self._editor.preview.ask(transformation)

    def _ask_if_shown(self) -> None:
        if self._owed and self._editor.isVisible():
            self._owed = False
            ahead, self._ahead = self._ahead, None
            if ahead is not self._editor.map.transformation:
                self._editor.preview.ask(self._editor.map.transformation)

    def _arrived(self, evidence: Evidence, edited: bool) -> None:
        self.error = ""
        self.flash = changed_values(self._last, evidence) if edited else frozenset()
        self._last = evidence
        self._editor.bar.stepper.show_record(evidence.record, evidence.records)
        self._editor.map.show_evidence(evidence)
        self.flash = frozenset()

    def _failed(self, error: WeftError) -> None:
        self.error = str(error)
        self._last = None
        self._editor.map.show_evidence(None)

    # Which record and turns

    def step_to(self, record: int) -> None:
        """Show another record of the sample."""
        self._editor.bar.commit()
        self._editor.preview.record, self._editor.preview.turns = max(1, record), None
        self._ask()

    def show_turns(self, turns: Mapping[str, int] | None) -> None:
        """Show these turns (by target path) of the loops in the record; None for the first, or those that fail."""
        self._editor.bar.commit()
        self._editor.preview.turns = turns
        self._ask()

    def beyond(self, by: int) -> int | None:
        """The record one further on or back than the one asked for last; None where there is none."""
        return self._editor.bar.stepper.beyond(by, self._editor.preview.record)

    def step_by(self, by: int) -> None:
        """Show the next record, or the one before, of those that are stepped through."""
        wanted = self.beyond(by)
        if wanted is not None:
            self.step_to(wanted)
