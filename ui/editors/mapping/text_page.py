"""The map as the text of its file: edited here or on the canvas, each follows the other."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping

from PySide6.QtCore import QEvent, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QHelpEvent, QKeyEvent, QTextCursor
from PySide6.QtWidgets import QFrame, QToolTip, QVBoxLayout, QWidget

from studio.base.errors import BadInput, Problem, Severity
from studio.base.i18n import _
from studio.project import text_drafts
from studio.project.map_text import Extent, Reading, by_path, extent_at, map_text, reading, written_extents
from ui.bridge.map_text import MapTextColours
from ui.editors.mapping.helped_edit import HelpedEdit
from ui.editors.mapping.map_state import MapState
from ui.editors.mapping.signature_box import HEIGHT
from ui.editors.mapping.text_language import TextLanguage, alike
from ui.theme import fonts, metrics
from ui.widgets.code import offset, units
from ui.widgets.fields import FilterField
from ui.widgets.labels import Text

# How long a pause in typing is, in milliseconds.
PAUSE = 600
# How long the text may be read between two events, in seconds.
_SLICE = 0.01
# More is not underlined.
_MOST = 200
_TONES = {Severity.ERROR: "red", Severity.WARNING: "orange"}


class TextPage(QWidget):
    """`placed` tells the target path of the rule the cursor has come to; `left` that the canvas is wanted again,
    `wronged` that it can no longer be read, or can again.

    A text that can be read is the map after each pause in typing, one step of the history; one that cannot stays as
    it is, its place underlined, and the map stays as it was. It takes the file's own form when the cursor leaves it.
    """

    placed = Signal(str)
    left = Signal()
    point_wanted = Signal(str)
    wronged = Signal()

    def __init__(self, map: MapState) -> None:
        super().__init__()
        self._map = map
        self._meant = map.transformation
        self._extents: tuple[Extent, ...] = ()
        self._error: BadInput | None = None
        self._comment: int | None = None
        self._told: Mapping[str, Problem] = {}
        self._moving = False
        self._typed = False
        self.code = _Code(self)
        self.code.helper = TextLanguage(map)
        self._colours = MapTextColours(self.code.document())
        self._find = FilterField(_("Find in the text"), _("Find in the text"), "magnifying-glass")
        self._find_band = QFrame()
        self._find_band.setProperty("band", "header")
        self._find_band.setFixedHeight(metrics.TREE_HEAD)
        finding = QVBoxLayout(self._find_band)
        finding.setContentsMargins(metrics.PAD_PANEL, 0, metrics.PAD_PANEL, 0)
        finding.addWidget(self._find)
        self._find_band.hide()
        self._find.returnPressed.connect(self._find_next)
        self._find.textChanged.connect(lambda _text: self._find_next(here=True))
        self._find.left.connect(self._leave_find)
        self._said = Text("", "red_text", step=fonts.SECONDARY, wrap=True)
        self._said.setContentsMargins(12, 4, 12, 4)
        self._said.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._find_band)
        column.addWidget(self.code, 1)
        column.addWidget(self._said)
        self._pause = QTimer(self, singleShot=True, interval=PAUSE)
        self._pause.timeout.connect(self._read)
        # The reading going on, a slice at a time; another letter ends it.
        self._reading: tuple[str, Iterator[Reading | None]] | None = None
        self._pump = QTimer(self, interval=0)
        self._pump.timeout.connect(self._read_on)
        self.code.textChanged.connect(self._note_typing)
        self.code.cursorPositionChanged.connect(self._tell_place)
        self.code.gutter_clicked.connect(self._point_at)
        self.setFocusProxy(self.code)
        # A text left with a mistake comes back as it was left.
        self._kept = text_drafts.kept(map.workspace.folder, map.ref)
        self._was_wrong = self.wrong

    def show_map(self) -> None:
        """Show the map as it is now, unless the text means it already or cannot be read yet."""
        if self._kept is not None:
            kept, self._kept = self._kept, None
            self.code.setPlainText(kept)
            self.commit()
            self.code.go_to_line(self._error.line or 1 if self._error is not None else 1)
        if (
            self._error is None
            and not self._typed
            and (self._meant is not self._map.transformation or not self._extents)
        ):
            self._rewrite()
        self._mark()

    def go_to(self, path: str) -> bool:
        """Put the cursor on the rule of a target path, or on the nearest one above it; tells whether there is one."""
        places = by_path(self._extents)
        while path and path not in places:
            path = path.rpartition("/")[0]
        if not path:
            return False
        here = extent_at(self._extents, self._line())
        if here is None or here.path != path:
            self._moving = True
            self.code.go_to_line(places[path].first, 3)
            self._moving = False
        return True

    def ask_find(self) -> None:
        """Put the cursor into the field that finds: Return finds the next one, Esc leaves."""
        self._find_band.show()
        chosen = self.code.textCursor().selectedText()
        if chosen:
            self._find.setText(chosen)
        self._find.selectAll()
        self._find.setFocus()

    def _find_next(self, *, here: bool = False) -> None:
        wanted = self._find.text()
        if here:
            cursor = self.code.textCursor()
            cursor.setPosition(cursor.selectionStart())
            self.code.setTextCursor(cursor)
        if wanted and not self.code.find(wanted):
            # From the top again.
            cursor = self.code.textCursor()
            self.code.moveCursor(QTextCursor.MoveOperation.Start)
            if not self.code.find(wanted):
                self.code.setTextCursor(cursor)

    def _leave_find(self) -> None:
        self._find_band.hide()
        self.code.setFocus()

    def commit(self) -> None:
        """Make the text the map, if it can be read."""
        if self._typed:
            self._read()
            while self._reading is not None:
                self._read_step(*self._reading)

    def _read(self) -> None:
        self._pause.stop()
        text = self.code.toPlainText()
        self._reading = text, reading(self._map.ref, text, self._map.transformation)
        self._pump.start()

    def _read_on(self) -> None:
        until = time.perf_counter() + _SLICE
        while self._reading is not None and time.perf_counter() < until:
            self._read_step(*self._reading)

    def _read_step(self, text: str, steps: Iterator[Reading | None]) -> None:
        found = next(steps)
        if found is not None:
            self._end_reading()
            self._typed = False
            self._take(text, found)

    def _end_reading(self) -> None:
        self._reading = None
        self._pump.stop()

    def _take(self, text: str, reading: Reading) -> None:
        self._error, self._comment = reading.error, reading.comment
        if self._error is not None:
            text_drafts.keep(self._map.workspace.folder, self._map.ref, text)
        else:
            text_drafts.forget(self._map.workspace.folder, self._map.ref)
        if reading.value is not None:
            self._extents = reading.extents
            self._meant = reading.value
            if reading.value is not self._map.transformation:
                label = _("Text of {name}").format(name=reading.value.name)
                self._map.put(label, reading.value)
        self._mark()

    def settle(self) -> None:
        """The cursor leaves: take over what was written, and give it the form the file will have."""
        self.commit()
        if self._error is None and self._comment is None:
            self._rewrite()
            self._mark()

    def take_back(self) -> None:
        """Give up a text that cannot be read: show the map again."""
        self._pause.stop()
        self._end_reading()
        self._typed = False
        self._error = None
        text_drafts.forget(self._map.workspace.folder, self._map.ref)
        self._rewrite()
        self._mark()

    @property
    def wrong(self) -> bool:
        """The text cannot be read, so the map is not what stands here."""
        return self._error is not None or self._kept is not None

    def problem_at(self, line: int) -> str:
        """What is wrong with the rule at a line, "" for nothing."""
        if self._error is not None:
            return self._error.message if line == self._error.line else ""
        here = extent_at(self._extents, line)
        problem = self._told.get(here.path) if here is not None else None
        return problem.message if problem is not None else ""

    def _note_typing(self) -> None:
        self._typed = True
        self._end_reading()
        self._pause.start()

    def _line(self) -> int:
        return self.code.textCursor().blockNumber() + 1

    def _tell_place(self) -> None:
        self._say()
        if self._moving or self._error is not None or self._typed:
            return
        here = extent_at(self._extents, self._line())
        if here is not None:
            self.placed.emit(here.path)

    def _rewrite(self) -> None:
        """Replace only what differs, so that the cursor, the scrolling and the steps of the text's own undo stay."""
        self._meant = self._map.transformation
        now, text = self.code.toPlainText(), map_text(self._map.ref, self._meant)
        if now != text:
            start = alike(now, text)
            end = alike(now[start:][::-1], text[start:][::-1])
            self._moving = True
            blocked = self.code.blockSignals(True)
            cursor = QTextCursor(self.code.document())
            cursor.setPosition(units(now, start))
            cursor.setPosition(units(now, len(now) - end), QTextCursor.MoveMode.KeepAnchor)
            cursor.insertText(text[start : len(text) - end])
            self.code.blockSignals(blocked)
            self._moving = False
        self._comment = None
        self._extents = written_extents(text, self._meant)

    def _mark(self) -> None:
        problems = [p for p in self._map.problems if p.path and p.severity in _TONES]
        # The worst of a rule's problems is the one that is told.
        problems.sort(key=lambda problem: problem.severity is not Severity.ERROR)
        self._told = {}
        for problem in problems:
            self._told.setdefault(problem.path or "", problem)
        if self._error is not None:
            place = (self._error.line or 1, self._error.column or 1)
            self.code.mark_places([place])
        else:
            self.code.mark_extents(self._underlined())
        self._show_points()
        self._say()
        if self.wrong != self._was_wrong:
            self._was_wrong = self.wrong
            self.wronged.emit()

    def _point_at(self, line: int) -> None:
        extent = extent_at(self._extents, line)
        if extent is not None:
            self.point_wanted.emit(extent.path)

    def _show_points(self) -> None:
        notes, places = self._map.notes, by_path(self._extents)
        marks = {
            places[path].first: notes.mark(path) for path in {*notes.points, notes.held} if path in places
        }
        hint = _("A click here sets a breakpoint on the rule, or takes it away (F9).")
        self.code.show_points({line: mark[:2] for line, mark in marks.items() if mark}, hint)

    def _underlined(self) -> list[tuple[int, int, str]]:
        starts = [0]
        text = self.code.toPlainText()
        for line in text.split("\n"):
            starts.append(starts[-1] + len(line) + 1)
        found: list[tuple[int, int, str]] = []
        for path, place in by_path(self._extents).items():
            problem = self._told.get(path)
            if problem is not None and place.last < len(starts) and len(found) < _MOST:
                first = starts[place.first - 1]
                line = text[first : starts[place.first]]
                indent = len(line) - len(line.lstrip())
                found.append((first + indent, starts[place.last] - 1, _TONES[problem.severity]))
        return found

    def _say(self) -> None:
        line = self._line()
        told, tone = "", "red_text"
        if self._error is not None:
            told = _(
                "Line {line}: {message} The map stays as it was until this is corrected; Esc takes it back."
            )
            told = told.format(line=self._error.line or 1, message=self._error.message)
        elif problem := self.problem_at(line):
            told = _("Line {line}: {message}").format(line=line, message=problem)
        elif self._comment is not None:
            tone = "text2"
            told = _("Line {line}: comments are not kept; the note of a rule is.").format(line=self._comment)
        self._said.set_tone(tone)
        self._said.setText(told)
        if bool(told) and not self._said.isVisible():
            # The strip takes room from the text: the line that is written on stays in sight.
            QTimer.singleShot(0, self.code, self.code.ensureCursorVisible)
        self._said.setVisible(bool(told))


class _Code(HelpedEdit):
    def __init__(self, page: TextPage) -> None:
        super().__init__(_("Map as text"))
        self._page = page

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The list's keys first; Tab writes spaces, Return keeps the indent, Esc takes back what cannot be read, else it
        goes back to the canvas."""
        returns = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if returns and self.completing and self.is_written():
            self.close_list()
        if self.completing and self.list_key(event):
            return
        plain = event.modifiers() == Qt.KeyboardModifier.NoModifier
        if event.key() == Qt.Key.Key_Space and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.complete()
        elif event.key() == Qt.Key.Key_Tab and plain:
            self.textCursor().insertText("  ")
        elif returns:
            before = self.textCursor().block().text()[: self.textCursor().positionInBlock()]
            self.textCursor().insertText("\n" + " " * (len(before) - len(before.lstrip(" "))))
            self.ensureCursorVisible()
        elif event.key() == Qt.Key.Key_Escape:
            if self._page.wrong:
                self._page.take_back()
            else:
                self._page.left.emit()
        else:
            before_keys = self.document().revision()
            super().keyPressEvent(event)
            if self.document().revision() != before_keys:
                self.after_typing(event.text())

    def signature_place(self) -> QPoint:
        """Over the line that is written; under the first one, where there is no room."""
        line = self.cursorRect()
        above = line.topRight() + QPoint(160, 0)
        below = line.bottomRight() + QPoint(160, 2 * line.height())
        return self.viewport().mapToGlobal(above if above.y() > HEIGHT else below)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Another control has the keys: the text takes its own form."""
        super().focusOutEvent(event)
        self.close_help()
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self._page.settle()

    def event(self, event: QEvent) -> bool:
        """What is wrong, or known of a name, is told where the pointer rests on it."""
        if event.type() is QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            under = self.cursorForPosition(self.viewport().mapFrom(self, event.pos()))
            told = self._page.problem_at(under.blockNumber() + 1)
            if not told and self.helper is not None:
                text = self.toPlainText()
                told = self.helper.hover(text, offset(text, under.position()))
            if told:
                QToolTip.showText(event.globalPos(), told, self)
            else:
                QToolTip.hideText()
            return True
        return super().event(event)
