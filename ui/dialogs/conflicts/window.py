"""The window of conflicts: a tab per object, its matters side by side, one of them in hand, and Finish once all are decided."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QPlainTextEdit,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from studio.agent.embedded import EmbeddedAgent
from studio.base.i18n import _, ngettext
from studio.mapping.letters import loop_letter
from studio.mapping.model import Transformation
from ui.bridge import numbers
from ui.bridge.project_tree import object_icon, object_name
from ui.bridge.tasks import Tasks, breathing
from ui.dialogs.conflicts.around import JoinedPart, Sides, WhyPart
from ui.dialogs.conflicts.matter_row import MatterRow
from ui.dialogs.conflicts.matters import Choice, Deciding, Kind, Matter, Said, Subject
from ui.dialogs.conflicts.own_part import OwnPart
from ui.dialogs.conflicts.table_part import TablePart
from ui.dialogs.conflicts.values import Counts, Values
from ui.theme import fonts, metrics
from ui.widgets.buttons import button, link
from ui.widgets.foot import Foot
from ui.widgets.labels import Line, Text
from ui.widgets.tabs import TabBar, TabFace

SIZE = QSize(800, 1000)
# What a window's frame takes of the screen before it is known: title and borders.
_FRAME = QSize(16, 40)
# It is never made smaller by hand, where the screen has that much.
_SMALLEST = QSize(640, 480)
# So many matters of one object stand side by side at once; the others are one click away.
MOST = 40
# The values are asked for again so long after a change of the project, in milliseconds.
_CALM = 400
# The matters keep so much height; below the other one the messages give way to them.
_LEAST = 120
_LOW = 640


class ConflictWindow(QDialog):
    """Shows `subject`. `later` is given the decisions made so far when the window closes without having finished."""

    def __init__(
        self,
        parent: QWidget,
        subject: Subject,
        agent: EmbeddedAgent,
        tasks: Tasks,
        editor: Callable[[str], QPlainTextEdit],
        *,
        choices: Mapping[int, Choice] | None = None,
        later: Callable[[Mapping[int, Choice]], object] = lambda _choices: None,
    ) -> None:
        super().__init__(parent)
        self.subject = subject
        self.deciding = Deciding(subject.matters, choices)
        self._tasks, self._later = tasks, later
        self._finished = False
        self._chosen = -1
        self._object = ""
        self._shown = MOST
        self._rows: dict[int, MatterRow] = {}
        self._counts: dict[int, Counts] = {}
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(_("{title} – Weft Studio").format(title=subject.title))
        self.setAccessibleName(_("Conflicts"))
        self.setProperty("band", "base")
        room = self._room()
        self.setMinimumSize(_SMALLEST.boundedTo(room))
        self.resize(SIZE.boundedTo(room))
        self._fitted = False
        self.values = Values(agent, subject.folder, tasks)
        self._look_soon = QTimer(self, singleShot=True, interval=_CALM)
        self._look_soon.timeout.connect(lambda: self._look(count=True))
        self._build(editor)
        self._connect()
        self._tabs_changed()
        self.tabs.setCurrentIndex(max(0, self._first_open()))
        self._turn()

    # Building.

    def _build(self, editor: Callable[[str], QPlainTextEdit]) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._head())
        column.addWidget(Line())
        self.tabs = TabBar(_("Objects with conflicts"), editors=True, closable=False)
        for object in self.deciding.objects:
            project = self.subject.project()
            self.tabs.add(self._name(object), TabFace(object_icon(project, object)))
        self.sides = Sides()
        self._holder = QFrame()
        self._holder.setProperty("band", "base")
        self._inside = QVBoxLayout(self._holder)
        self._inside.setContentsMargins(0, 0, 0, 0)
        self._inside.setSpacing(0)
        self._inside.addStretch(1)
        scroll = self._scroll = QScrollArea()
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(self._holder)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setMinimumHeight(_LEAST)
        bar = scroll.verticalScrollBar()
        bar.rangeChanged.connect(lambda _from, to: self.sides.keep_free(bar.width() if to else 0))
        beside = QWidget()
        rows = QVBoxLayout(beside)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(0)
        for widget in (self.tabs, self.sides, Line()):
            rows.addWidget(widget)
        rows.addWidget(scroll, 1)
        self.table = TablePart(self.deciding, self._name)
        self.pages = QStackedWidget()
        self.pages.addWidget(beside)
        self.pages.addWidget(self.table)
        column.addWidget(self._middle(editor), 1)
        column.addWidget(self._foot())

    def _middle(self, editor: Callable[[str], QPlainTextEdit]) -> QScrollArea:
        """Everything between head and foot: it scrolls as a whole where the screen is too low even for the least of it."""
        middle = QFrame()
        middle.setProperty("band", "base")
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.pages, 1)
        self.joined = JoinedPart(self.subject.alone, self._name)
        column.addWidget(self.joined)
        column.addWidget(Line())
        self.own = OwnPart(self.deciding, editor)
        column.addWidget(self.own)
        column.addWidget(Line())
        self.why = WhyPart(self._said())
        column.addWidget(self.why)
        around = QScrollArea()
        around.setFrameShape(QFrame.Shape.NoFrame)
        around.setWidgetResizable(True)
        around.setWidget(middle)
        around.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        return around

    def _head(self) -> QFrame:
        head = QFrame()
        head.setProperty("band", "base")
        row = QHBoxLayout(head)
        row.setContentsMargins(metrics.PAD_DIALOG, 12, metrics.PAD_DIALOG, 12)
        row.setSpacing(12)
        texts = QVBoxLayout()
        texts.setSpacing(2)
        n = len(self.deciding.matters)
        rules = all(matter.rule for matter in self.deciding.matters)
        title = (
            ngettext("{n} rule was changed on both sides", "{n} rules were changed on both sides", n)
            if rules
            else ngettext("{n} thing was changed on both sides", "{n} things were changed on both sides", n)
        )
        texts.addWidget(Text(title.format(n=numbers.count(n)), step=fonts.TITLE, weight=600))
        kept = _("Both versions are kept until you decide. Nothing is pushed before that.")
        if self.subject.their_place:
            kept = _("Both versions are kept until you decide.")
        texts.addWidget(Text(kept, "text2", wrap=True))
        row.addLayout(texts, 1)
        self.as_table = button(_("As a table"), self._turn_table, icon="table")
        row.addWidget(self.as_table)
        return head

    def _foot(self) -> Foot:
        self.said = Text("", "text2")
        self.later_button = button(_("Decide later"), self.close)
        self.all_mine = button(_("Keep all mine"), partial(self.deciding.choose_all, Kind.MINE))
        self.all_theirs = button(_("Take all theirs"), partial(self.deciding.choose_all, Kind.THEIRS))
        self.finish = button(_("Finish"), self._finish, icon="git-merge", primary=True)
        return Foot((self.later_button, self.all_mine, self.all_theirs, self.finish), (self.said,))

    def _said(self) -> list[Said]:
        theirs = {
            (matter.author, matter.time, matter.message, matter.revision)
            for matter in self.deciding.matters
            if matter.message
        }
        found = [Said(author, time, text, revision) for author, time, text, revision in theirs]
        return [*sorted(found, key=lambda said: -said.time), *self.subject.mine_said]

    def _connect(self) -> None:
        self.tabs.currentChanged.connect(lambda _index: self._turn())
        self.deciding.changed.connect(lambda _number: self._tabs_changed())
        self.table.taken.connect(self._take)
        self.own.tried.connect(self._try)
        self.own.untried.connect(self.values.let_own_go)
        self.own.stepped.connect(self._step)
        self.values.arrived.connect(self._arrived)
        self.values.counted.connect(self._counted)
        self.values.stepped.connect(self.own.show_record)
        self.values.tried.connect(self.own.show_result)
        self.values.weighed.connect(self.own.show_likeness)

    # What is shown.

    def _name(self, object: str) -> str:
        known = self.subject.project().get(object) is not None
        return object_name(self.subject.project(), object) if known else object.rpartition("/")[2]

    def _first_open(self) -> int:
        opens = [self.deciding.open(object) for object in self.deciding.objects]
        return next((n for n, count in enumerate(opens) if count), -1)

    def _tabs_changed(self) -> None:
        for index, object in enumerate(self.deciding.objects):
            left = self.deciding.open(object)
            done = _("joined") if self.deciding.joined(object) else _("decided")
            self.tabs.change(index, self._name(object), pill=left, note="" if left else done)
        n = len(self.deciding.matters)
        said = ngettext("{done} of {n} decided", "{done} of {n} decided", n)
        self.said.setText(said.format(done=numbers.count(self.deciding.decided), n=numbers.count(n)))
        complete = self.deciding.complete
        self.finish.setEnabled(complete)
        self.finish.setToolTip("" if complete else _("Not everything is decided yet"))
        self.finish.setDefault(complete)

    def _turn(self) -> None:
        """Show the object of the tab in front."""
        index = self.tabs.currentIndex()
        if index < 0 or self.deciding.objects[index] == self._object:
            return
        self._object = self.deciding.objects[index]
        self._shown = MOST
        while self._inside.count() > 1:
            item = self._inside.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self._rows.clear()
        matters = self.deciding.of(self._object)
        self.sides.show_sides(self.subject, matters)
        self._tasks.spawn(self._fill(self._object, 0), quiet=True)

    async def _fill(self, object: str, start: int) -> None:
        """Make the rows one by one, so that the window goes on meanwhile."""
        letters = self._letters(object)
        matters = self.deciding.of(object)

        def steps() -> Iterator[None]:
            for matter in matters[start : self._shown]:
                if object != self._object or self._finished:
                    return
                self._add(matter, letters.get(matter.rule, ""))
                yield

        async for _step in breathing(steps()):
            pass
        if object != self._object:
            return
        rest = len(matters) - self._shown
        if rest > 0:
            more = _("Show the next {n} of {rest}").format(
                n=numbers.count(min(rest, MOST)), rest=numbers.count(rest)
            )
            self._inside.insertWidget(self._inside.count() - 1, link(more, self._more))
        if start == 0:
            self._fit()
        if start == 0 and matters:
            undecided = [each for each in matters if each.number not in self.deciding.choices]
            self._take((undecided or matters)[0].number)
        self._look(count=True)

    def _room(self) -> QSize:
        """What the screen has for the inside of the window."""
        frame = self.frameGeometry().size() - self.size()
        return self.screen().availableSize() - frame.expandedTo(_FRAME)

    def _fit(self) -> None:
        """Once, when the first rows are there: no higher than they need, and whole on the screen."""
        if self._fitted or self.isMaximized() or self.isFullScreen():
            return
        self._fitted = True
        width = self._scroll.viewport().width()
        rows = self._inside
        wanted = rows.totalHeightForWidth(width) if rows.hasHeightForWidth() else rows.sizeHint().height()
        needed = wanted - self._scroll.height()
        room = self._room()
        height = max(min(self.height() + needed, room.height()), min(_LOW, room.height()))
        down = max(0, self.height() - height) // 2
        self.resize(self.width(), min(height, self.height()))
        screen, frame = self.screen().availableGeometry(), self.frameGeometry()
        x = max(screen.left(), min(frame.left(), screen.right() - frame.width()))
        y = max(screen.top(), min(frame.top() + down, screen.bottom() - frame.height()))
        self.move(x, y)

    def _add(self, matter: Matter, letter: str) -> None:
        row = MatterRow(matter, self.deciding, letter)
        row.taken.connect(self._take)
        self._rows[matter.number] = row
        if matter.number in self._counts:
            self._counted(matter.number, self._counts[matter.number])
        self._inside.insertWidget(self._inside.count() - 1, row)

    def _more(self) -> None:
        item = self._inside.takeAt(self._inside.count() - 2)
        widget = item.widget() if item is not None else None
        if widget is not None:
            widget.deleteLater()
        start, self._shown = self._shown, self._shown + MOST
        self._tasks.spawn(self._fill(self._object, start), quiet=True)

    def _letters(self, object: str) -> dict[str, str]:
        value = self._transformation(object)
        rules = value.mapping.rules if value is not None else ()
        loops = [rule.path for rule in rules if rule.loops]
        return {path: loop_letter(n) for n, path in enumerate(loops)}

    def _transformation(self, object: str) -> Transformation | None:
        value = self.subject.project().get(object)
        return value if isinstance(value, Transformation) else None

    def _take(self, number: int) -> None:
        """Take a matter in hand."""
        if number == self._chosen:
            return
        if self._chosen in self._rows:
            self._rows[self._chosen].show_chosen(chosen=False)
        self._chosen = number
        if number in self._rows:
            self._rows[number].show_chosen(chosen=True)
        matter = self.deciding.get(number)
        if (matter.object or matter.path) != self._object:
            self.tabs.setCurrentIndex(self.deciding.objects.index(matter.object or matter.path))
        self.own.show_matter(matter)
        self.table.show_matter(number)

    def _turn_table(self) -> None:
        table = self.pages.currentWidget() is not self.table
        self.pages.setCurrentIndex(int(table))
        self.as_table.setText(_("Side by side") if table else _("As a table"))
        self.as_table.setAccessibleName(self.as_table.text())
        if table:
            self.table.show_matter(self._chosen)
            self.table.view.setFocus()

    def show_object(self, object: str) -> None:
        """Bring an object's tab to the front."""
        if object in self.deciding.objects:
            self.tabs.setCurrentIndex(self.deciding.objects.index(object))

    # What the versions give.

    def project_changed(self) -> None:
        """The project is another one now: what the versions give may be, too."""
        self._look_soon.start()

    def _look(self, *, count: bool) -> None:
        transformation = self._transformation(self._object)
        shown = [row.matter for row in self._rows.values()]
        if transformation is not None and shown and not self._finished:
            self.values.look(shown, transformation, count=count)

    def _step(self, record: int) -> None:
        self.values.record = record
        self._look(count=False)
        self.own.try_again()

    def _try(self, matter: Matter, value: object) -> None:
        transformation = self._transformation(matter.object)
        if transformation is not None:
            self.values.try_own(matter, value, transformation)

    def _arrived(self, number: int, side: Kind | None, text: str) -> None:
        if number in self._rows:
            self._rows[number].show_result(side, text)

    def _counted(self, number: int, counts: Counts) -> None:
        self._counts[number] = counts
        if number not in self._rows:
            return
        differing, records = numbers.count(counts.differing), numbers.count(counts.records)
        said = ngettext(
            "differs in {n} of {records} records", "differs in {n} of {records} records", counts.differing
        )
        same = _("gives the same in all {records} records").format(records=records)
        self._rows[number].show_note(said.format(n=differing, records=records) if counts.differing else same)

    # Ending.

    def resizeEvent(self, event: QResizeEvent) -> None:
        """On a low screen the matters come first."""
        super().resizeEvent(event)
        self.why.setVisible(self.why.has_lines and self.height() >= _LOW)

    def _finish(self) -> None:
        if self.deciding.complete and not self._finished:
            self._finished = True
            self.finish.setEnabled(False)
            self._tasks.spawn(self._finishing())

    async def _finishing(self) -> None:
        try:
            await self.subject.finish(self.deciding.choices)
        except BaseException:
            # Nothing is decided yet; it can be finished once what is wrong is mended.
            self._finished = False
            self.finish.setEnabled(True)
            raise
        self.close()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter finishes only from the button; Esc decides later."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not self.finish.hasFocus():
            event.accept()
            return
        super().keyPressEvent(event)

    def done(self, code: int) -> None:
        """Not finished: what was decided so far is there again the next time."""
        self._look_soon.stop()
        self._tasks.spawn(self.values.close(), quiet=True)
        if not self._finished:
            self._later(dict(self.deciding.choices))
        super().done(code)
