"""What all records of the sample show of a map: which fail, which hold a value, what none of them tries."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt

from studio.agent.run import error_from_data
from studio.agent.study import Study
from studio.base.i18n import _, ngettext
from studio.mapping import address
from studio.mapping.evidence import Evidence
from studio.project.edits import sample_of
from ui.bridge import numbers
from ui.canvas.link_index import Side
from ui.commands import Command, always
from ui.editors.mapping.evidence_bar import EvidenceBar

if TYPE_CHECKING:
    from ui.editors.mapping.editor import MappingEditor

FAILING, FOUND, COVERAGE = "failing", "found", "coverage"


class MapEvidence(QObject):
    """Asks a study, shows what it says in the bar, and steps through what was found. `mode` is "" or one of the above."""

    def __init__(self, editor: MappingEditor) -> None:
        super().__init__(editor)
        self._editor = editor
        self.bar = EvidenceBar()
        self.mode = ""
        self._study: Study | None = None
        self._never: list[str] = []
        self.bar.asked.connect(self._find)
        self.bar.stepped.connect(self.step)
        self.bar.stopped.connect(self._stop)
        self.bar.closed.connect(self.close)
        self._said = ""
        self._records: dict[int, str] = {}
        self._so_far: list[int] = []
        self._at = 0
        self._waits = False
        self._give_up: Callable[[], None] | None = None
        editor.preview.slow.connect(self._slow)
        editor.map.edited.connect(self._stale)
        # After the map has taken the values in.
        editor.preview.arrived.connect(self._arrived, Qt.ConnectionType.QueuedConnection)

    def let_go(self) -> None:
        """The map is being closed."""
        self._stop()

    # What a person asks

    def failing(self) -> None:
        """Step only through the records in which a rule fails, or through all again."""
        if self.mode == FAILING:
            self.close()
            return
        self._begin(FAILING, "warning", _("Looking for records that fail…"), "records", which="failing")

    def find(self) -> None:
        """Ask which records to look for."""
        self._stop()
        self._leave()
        self.mode = FOUND
        editor = self._editor
        path = editor.canvas.path(Side.SOURCE)
        place = editor.map.trees.source.find(path) if path else None
        offered = [(path, _("in {field}").format(field=address.name(path)))] if place is not None else []
        self.bar.ask_for([*offered, ("", _("in any field"))])

    def _find(self, path: str, text: str) -> None:
        self._begin(
            FOUND, "magnifying-glass", _("Looking…"), "records", which="holding", path=path, text=text
        )

    def coverage(self) -> None:
        """Mark what no record of the samples tries, or take the marks away."""
        if self.mode == COVERAGE:
            self.close()
            return
        self._begin(COVERAGE, "test-tube", _("Trying every record of the samples…"), "coverage")

    def go_to_record(self) -> None:
        """Put the cursor into the number of the record."""
        self._editor.bar.stepper.enter()

    def close(self) -> None:
        """All records again, no marks."""
        self._stop()
        self._leave()
        self.bar.hide()
        self._editor.canvas.target.setFocus()

    def step(self, by: int) -> None:
        """The next record found, or the next row with something never tried."""
        editor = self._editor
        if self.mode == COVERAGE and self._never:
            path = editor.canvas.path(Side.TARGET)
            at = self._never.index(path) if path in self._never else (-1 if by > 0 else 0)
            editor.show_node(Side.TARGET, self._never[(at + by) % len(self._never)])
        elif self.mode:
            editor.records.step_by(by)

    # The study

    def _begin(self, mode: str, icon: str, said: str, what: str, **values: Any) -> None:
        self._stop()
        self._leave()
        self.mode = mode
        editor = self._editor
        editor.commit()
        transformation = editor.map.transformation
        self.bar.begin(icon, said)
        study = editor.agent.study(
            what, editor.workspace.folder, transformation, sample_of(transformation), **values
        )
        self._study = study
        editor.desk.spawn(self._follow(study))
        editor.desk.commands.refresh_soon()

    async def _follow(self, study: Study) -> None:
        ended: Mapping[str, Any] = {}
        async for event in study.events():
            if event["event"] == "ended":
                ended = event
            elif event["event"] == "progress" and study is self._study:
                self._show_so_far(event)
        if study is not self._study:
            return
        self._study = None
        if ended.get("result") is not None:
            self._show(ended["result"])
            return
        self.bar.end(_("Stopped."), steps=bool(self._so_far))
        self._editor.desk.commands.refresh_soon()
        if ended.get("error"):
            self.close()
            raise error_from_data(ended["error"])

    def _show_so_far(self, event: Mapping[str, Any]) -> None:
        """What is known before the end: the first record found can be looked at, marks go as records try the rows."""
        self.bar.show_progress(event["done"], event.get("share", 0.0))
        if event.get("never") is not None:
            self._editor.marks.show_never({path: tuple(said) for path, said in event["never"].items()})
        found = event.get("records")
        if found:
            here = self._editor.preview.record
            before = any(n >= here for n in self._so_far)
            self._so_far += found
            self._editor.bar.stepper.show_only(tuple(self._so_far))
            # Where the end of the search would lead, too.
            there = next((n for n in found if n >= here), here)
            if not before and there != here:
                self._editor.records.step_to(there)

    def _show(self, result: Mapping[str, Any]) -> None:
        if self.mode == COVERAGE:
            self._show_coverage(result)
        else:
            self._show_records(result)
        self._editor.desk.commands.refresh_soon()

    def _show_records(self, result: Mapping[str, Any]) -> None:
        editor = self._editor
        records, of = result["records"], result["of"]
        places = [result["paths"][at] for at in result["at"]] or [""] * len(records)
        self._records = dict(zip(records, places, strict=True))
        self._at = 0
        names = {"n": numbers.count(len(records)), "of": numbers.count(of)}
        if self.mode == FAILING:
            said = _("{n} of {of} records fail.").format(**names) if records else _("No record fails.")
        else:
            said = _("Found in {n} of {of} records.").format(**names) if records else _("No record has that.")
        self._said = said
        self.bar.end(said, steps=bool(records))
        editor.bar.stepper.show_only(tuple(records) if records else None)
        if records and editor.preview.record not in records:
            editor.records.step_to(next((n for n in records if n > editor.preview.record), records[0]))
        elif records and editor.map.evidence is not None:
            self._arrived(editor.map.evidence, False)

    def _arrived(self, evidence: Evidence, _edited: bool) -> None:
        """A record found is shown: bring what it was found for into sight, once."""
        if self.mode not in (FAILING, FOUND) or self._study is not None:
            return
        if evidence.record == self._at or evidence.record not in self._records:
            return
        self._at = evidence.record
        canvas = self._editor.canvas
        side, path = Side.SOURCE, self._records[evidence.record]
        if self.mode == FAILING and evidence.problems:
            problem = evidence.problems[0]
            side, path = Side.TARGET, problem.path
            why = _("In this record {name} fails: {message}").format(
                name=address.name(path), message=problem.message
            )
            self.bar.say(f"{self._said} {why}")
        if path:
            # The focus stays where it is: who typed what to find goes on with the keys of the field.
            canvas.select(side, path)
            canvas.show_partners(side)

    def _show_coverage(self, result: Mapping[str, Any]) -> None:
        never = {path: tuple(said) for path, said in result["never"].items()}
        self._editor.marks.show_never(never)
        self._never = list(never)
        records = ngettext("{n} record", "{n} records", result["records"]).format(
            n=numbers.count(result["records"])
        )
        if not never:
            self.bar.end(_("{records} try everything in this map.").format(records=records), steps=False)
            return
        empty = sum(said[0] == _("Never had a value.") for said in never.values())
        said = _("{records}: {empty} fields never had a value, {rows} rows have something that never ran.")
        self.bar.end(
            said.format(records=records, empty=numbers.count(empty), rows=numbers.count(len(never))),
            steps=True,
        )

    def _slow(self, slow: bool) -> None:
        """The values of the record take long: say so, with a way to stop it."""
        if slow and not self.mode and self.bar.isHidden():
            self._waits = True
            self.bar.begin("info", _("The values of this record are still being worked out…"))
        elif not slow and self._waits:
            self._waits = False
            self.bar.hide()

    def wait_for(self, said: str, give_up: Callable[[], None]) -> None:
        """Say that something is being looked for, with a way to stop it; what was found of the records goes first."""
        if not self.mode:
            self._waits, self._give_up = False, give_up
            self.bar.begin("info", said)

    def waited(self) -> None:
        """It is over."""
        if self._give_up is not None:
            self._give_up = None
            self.bar.hide()

    def _stop(self) -> None:
        if self._give_up is not None:
            self._give_up()
        study = self._study
        if study is None and self._waits:
            self._editor.preview.stop()
        if study is not None:
            self._editor.desk.spawn(study.stop())

    def _leave(self) -> None:
        self._waits = False
        self._study = None
        self.mode = ""
        self._never = []
        self._records, self._so_far = {}, []
        self._editor.bar.stepper.show_only(None)
        self._editor.marks.show_never(None)
        self._editor.desk.commands.refresh_soon()

    def _stale(self) -> None:
        said, more = self.bar.said.text(), _("The map has changed since.")
        if self.mode and said and more not in said and self._study is None:
            self._said = f"{self._said} {more}"
            self.bar.say(f"{said} {more}")

    # Commands

    def commands(self) -> list[Command]:
        """What can be asked of all records."""
        category = _("Map")
        return [
            Command("map.go_to_record", _("Go to record"), category, self.go_to_record, "hash", ("Ctrl+Shift+G",),
                    self._no_sample),
            Command("map.find_record", _("Find a record…"), category, self.find, "magnifying-glass", ("Ctrl+G",),
                    self._no_sample, hint=_("Find the records in which a field has a value")),
            Command("map.failing", _("Only records that fail"), category, self.failing, "warning", ("Ctrl+Alt+F",),
                    self._no_sample, checked=lambda: self.mode == FAILING),
            Command("map.coverage", _("Coverage over all records"), category, self.coverage, "eye-slash", ("Ctrl+Alt+C",),
                    self._no_sample, checked=lambda: self.mode == COVERAGE,
                    hint=_("Mark what no record of the samples tries")),
            Command("map.next_found", _("Next one found"), category, lambda: self.step(1), "caret-down", ("F7",), self._nothing),
            Command("map.previous_found", _("Previous one found"), category, lambda: self.step(-1), "caret-up",
                    ("Shift+F7",), self._nothing),
            Command("map.provenance", _("Where the value comes from or goes to"), category,
                    self._editor.provenance.ask, "path", ("Ctrl+Alt+W",), self._no_sample),
        ]  # fmt: skip

    def _no_sample(self) -> str:
        return always() if sample_of(self._editor.map.transformation) else _("the map has no sample")

    def _nothing(self) -> str:
        return "" if self.mode and self._study is None else _("nothing was looked for")
