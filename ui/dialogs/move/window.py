"""The window of a one-shot move: org strip, steps, page, panel, foot. It decides nothing; the mover does the work."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QCloseEvent, QKeyEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout

from studio.base.errors import Cancelled, WeftError
from studio.base.i18n import _, ngettext
from studio.moves.model import Action
from ui.bridge import numbers
from ui.bridge.session import Session
from ui.bridge.tasks import Tasks
from ui.dialogs.ask import ask
from ui.dialogs.move.afterwards import Afterwards
from ui.dialogs.move.choices import Choices, Step, action_name, changed_since
from ui.dialogs.move.choose_pages import ActionPage, ObjectPage, OrgPage
from ui.dialogs.move.guard import confirmed
from ui.dialogs.move.head import OrgHead
from ui.dialogs.move.map_memory import memory_name, remembered
from ui.dialogs.move.map_page import MapPage
from ui.dialogs.move.mover import Mover
from ui.dialogs.move.offer import Offer
from ui.dialogs.move.page import Desk, Page, Pages
from ui.dialogs.move.preflight_page import PreflightPage
from ui.dialogs.move.results_page import ResultsPage
from ui.dialogs.move.run_page import RunPage
from ui.dialogs.move.saving import Saving
from ui.dialogs.move.side import Side
from ui.dialogs.move.source_page import SourcePage
from ui.dialogs.move.steps import StepList
from ui.dialogs.move.trouble import Trouble
from ui.widgets.buttons import button
from ui.widgets.foot import Foot
from ui.widgets.labels import Line, Text

SIZE = QSize(1320, 820)


class MoveWindow(QDialog):
    """Not modal: the studio can be used beside it. Closing it ends its process; a running move is asked about first."""

    def __init__(self, session: Session) -> None:
        # Without a parent: it outlives a change of language, which builds the main window anew.
        super().__init__(None, Qt.WindowType.Window)
        self.setAccessibleName(_("One-shot move"))
        self.resize(SIZE.boundedTo(self.screen().availableSize()))
        self.choices = Choices()
        self.step = Step.ACTION
        self.pages: dict[Step, Page] = {}
        self._mover = Mover()
        self._session = session
        self._tasks = Tasks(self._went_wrong)
        session.ends.append(self.end)
        self._busy = False
        self._closing = False
        self._ending: asyncio.Future[None] | None = None
        self._question: asyncio.Future[int] | None = None
        self._build(Desk(self._mover, self._tasks, self.take, lambda: session.workspace, self._go_on))
        self.show_step(Step.ACTION)
        self._tasks.spawn(self.offer.look(self._mover), quiet=True)

    def _build(self, desk: Desk) -> None:
        self.head = OrgHead(self._to_practice)
        self.steps = StepList(self._asked_for)
        self.later = Afterwards(desk, self)
        self.saving = Saving(desk, self, self, self._session, self.later)
        self.beside: Page | None = None
        self.side = Side(desk, lambda: self.spawn(self._resume()))
        self._makers: dict[Step, Callable[[], Page]] = {
            Step.ACTION: lambda: ActionPage(desk, self.later.export, self.later.several),
            Step.ORG: lambda: OrgPage(desk),
            Step.OBJECT: lambda: ObjectPage(desk),
            Step.SOURCE: lambda: SourcePage(desk),
            Step.MAP: lambda: MapPage(desk),
            Step.PREFLIGHT: lambda: PreflightPage(desk),
            Step.RUN: lambda: RunPage(desk, self.side.show_standing),
            Step.RESULTS: lambda: ResultsPage(desk, self.later.fix),
        }
        self._stack = Pages()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.head)
        self.offer = Offer(lambda line: self.spawn(self.later.go_on(line)))
        column.addWidget(self.offer)
        self.trouble = Trouble()
        column.addWidget(self.trouble)
        middle = QHBoxLayout()
        middle.setSpacing(0)
        self._lines = (Line(vertical=True), Line(vertical=True))
        middle.addWidget(self.steps)
        middle.addWidget(self._lines[0])
        middle.addWidget(self._stack, 1)
        middle.addWidget(self._lines[1])
        middle.addWidget(self.side)
        column.addLayout(middle, 1)
        column.addWidget(self._foot())

    def _foot(self) -> Foot:
        self.leave = button(_("Cancel"), self.close)
        self.earlier = button(_("Earlier moves"), self.show_moves, icon="clock-counter-clockwise")
        self.undo = button(_("Undo…"), self._undo, icon="arrow-u-up-left")
        self.hint = Text("", "text3")
        self.back = button(_("Back"), self._back)
        self.next = button(_("Next"), self._next, primary=True)
        right = (self.hint, self.undo, self.back, self.next)
        return Foot(right, (self.leave, self.earlier, self.saving.open, self.saving.save))

    def page(self, step: Step) -> Page:
        """A step's page, made when it is first wanted."""
        if step not in self.pages:
            made = self.pages[step] = self._makers[step]()
            self._stack.addWidget(made)
            made.show_choices(self.choices)
        return self.pages[step]

    @property
    def org_page(self) -> OrgPage:
        """The page of the orgs."""
        page = self.page(Step.ORG)
        assert isinstance(page, OrgPage)
        return page

    @property
    def running(self) -> bool:
        """A move is being done."""
        page = self.pages.get(Step.RUN)
        return (isinstance(page, RunPage) and page.running) or self.later.running

    def take(self, choices: Choices) -> None:
        """Changed choices, from a page or the panel: everything shows them."""
        self.choices = choices
        for page in self.pages.values():
            page.show_choices(choices)
        self.look()
        page = self.page(self.step)
        if self.step is Step.PREFLIGHT and choices.checked is None:
            page.entered()

    def show_step(self, step: Step) -> None:
        """Bring a step's page to the front."""
        self.step = step
        self.beside = None
        if step is not Step.ORG:
            self.later.wanted = None
        self._show(self.page(step))
        if step is Step.ORG:
            self.org_page.ask(export=self.later.wanted == self.later.export)

    def show_page(self, page: Page) -> None:
        """Bring a page beside the steps to the front: earlier moves, failed rows, an undo."""
        self.beside = page
        if self._stack.indexOf(page) < 0:
            self._stack.addWidget(page)
        self._show(page)

    def show_moves(self) -> None:
        """Show the earlier moves."""
        self.show_page(self.later.moves)

    def _show(self, page: Page) -> None:
        # What is offered is offered at the beginning.
        if page is not self.pages.get(Step.ACTION):
            self.offer.hide()
        self.trouble.hide()
        if self.beside is not None:
            # Before it is shown: with them the window would have to grow for a moment, and would stay so.
            self._show_parts()
        self._stack.setCurrentWidget(page)
        page.show_choices(self.choices)
        page.entered()
        self.look()
        focus = page.first()
        if focus is not None:
            focus.setFocus(Qt.FocusReason.OtherFocusReason)

    def look(self) -> None:
        """Bring strip, steps, panel and foot in line with the choices."""
        choices, step = self.choices, self.step
        running = self.running
        if not running and self._question is not None:
            self._question.cancel()
        self.head.show_org(choices.org)
        self.head.practice.setEnabled(not running)
        self.steps.show_choices(choices, step, locked=running)
        self.side.show_choices(choices, step)
        self._show_parts()
        self.setWindowTitle(self._title())
        reason = self._reason()
        quiet = self.beside is None and step in (Step.RUN, Step.RESULTS)
        self.hint.setText("" if quiet else reason)
        self.back.setVisible(self.beside is not None or step not in (Step.ACTION, Step.RUN))
        self.back.setEnabled(not self._busy)
        text = self._next_text()
        self.next.setVisible(bool(text) and (self.beside is not None or step is not Step.RUN))
        self.next.setEnabled(not reason and not self._busy)
        self.next.setText(text)
        self.next.setAccessibleName(text)
        over = self.beside is not None or step is Step.RESULTS
        self.leave.setText(_("Close") if over else _("Cancel"))
        self.leave.setAccessibleName(self.leave.text())
        self.leave.setVisible(not running)
        self.earlier.setVisible(not running and self.beside is not self.later.moves)
        self.earlier.setEnabled(not self._busy)
        self.saving.look(choices, step, beside=self.beside is not None, running=running, busy=self._busy)
        self._look_undo()

    def _show_parts(self) -> None:
        """A page beside the steps has a table that wants the room."""
        for part in (self.side, self.steps, *self._lines):
            part.setVisible(self.beside is None and self.later.wanted is None)

    def _look_undo(self) -> None:
        """Undo stands on the results of what can be undone; after a trial it says so."""
        summary = self.choices.summary
        can = summary is not None and summary["succeeded"] > 0 and not summary.get("undo_of")
        self.undo.setVisible(can and self.beside is None and self.step is Step.RESULTS)
        self.undo.setEnabled(not self._busy)
        trial = summary is not None and summary["state"] == "trial"
        self.undo.setText(_("Stop here and undo…") if trial else _("Undo…"))
        self.undo.setAccessibleName(self.undo.text())

    def _reason(self) -> str:
        """Why one cannot go on; "" when one can."""
        if self.beside is not None:
            return self.later.foot(self.beside).reason
        if self.step is Step.ORG:
            return "" if self.org_page.picked else _("Choose an org.")
        if self.step is Step.RESULTS:
            return ""
        return self.choices.hint(self.step)

    def _next_text(self) -> str:
        if self.beside is not None:
            return self.later.foot(self.beside).text
        if self.step is Step.RESULTS:
            return self._after_results()
        if self.step is not Step.PREFLIGHT or self.choices.checked is None:
            return _("Next")
        checked = self.choices.checked
        rows = checked["rows"] - self.choices.held
        if 0 < self.choices.first < checked["rows"]:
            text = ngettext("Try the first row", "Try the first {n} rows", self.choices.first)
            return text.replace("{n}", numbers.count(self.choices.first))
        if self.choices.action is Action.DELETE:
            text = ngettext("Delete {n} record", "Delete {n} records", rows)
        elif self.choices.action is Action.HARD_DELETE:
            text = ngettext("Delete {n} record for good", "Delete {n} records for good", rows)
        elif self.choices.action is Action.UNDELETE:
            text = ngettext("Undelete {n} record", "Undelete {n} records", rows)
        else:
            text = ngettext("Send {n} row", "Send {n} rows", rows)
        return text.replace("{n}", numbers.count(rows))

    def _after_results(self) -> str:
        summary = self.choices.summary
        if summary is None or summary["state"] != "trial":
            return _("Another move")
        # No figure: of the rest some may be held back, which the preflight has said.
        return _("Go on with the rest")

    def _title(self) -> str:
        if not self.choices.target_label:
            return _("One-shot move")
        return _("{action} {object} – One-shot move").format(
            action=action_name(self.choices.action), object=self.choices.target_label
        )

    # Going on.

    def _asked_for(self, step: Step) -> None:
        if (step is not self.step or self.beside is not None) and self.choices.reachable(step):
            self.show_step(step)

    def _back(self) -> None:
        if self.beside is not None:
            if not self.beside.back():
                self.show_step(self.step)
        elif self.step is Step.RESULTS:
            # A move of another day has no check to go back to.
            if self.choices.reachable(Step.PREFLIGHT):
                self.show_step(Step.PREFLIGHT)
            else:
                self.show_moves()
        else:
            self.show_step(Step(self.step - 1))

    def _next(self) -> None:
        if self.beside is not None:
            self.later.next(self.beside)
        elif self.step is Step.ORG:
            self.spawn(self._open_org())
        elif self.step is Step.PREFLIGHT:
            self.spawn(self._send())
        elif self.step is Step.RESULTS:
            self._go_on_or_anew()
        else:
            self.later.wanted = None
            self.show_step(Step(self.step + 1))

    def _go_on_or_anew(self) -> None:
        summary = self.choices.summary
        if summary is not None and summary["state"] == "trial":
            self.spawn(self._resume())
            return
        self.take(Choices(action=self.choices.action, org=self.choices.org))
        self.show_step(Step.OBJECT if self.choices.org is not None else Step.ACTION)

    def _go_on(self) -> bool:
        """Enter goes on where one can; tells whether it did."""
        if self.next.isVisible() and self.next.isEnabled():
            self.next.click()
            return True
        return False

    def _undo(self) -> None:
        summary = self.choices.summary
        if summary is not None:
            self.spawn(self.later.undo(str(summary["run"]), str(summary["org"])))

    async def _resume(self) -> None:
        summary = self.choices.summary
        assert summary is not None
        await self.later.sign_in(str(summary["org"]))
        await self.carry("resume", run=summary["run"])

    async def _open_org(self) -> None:
        if await self.org_page.open():
            if self.later.wanted is not None:
                self.later.wanted()
            else:
                self.show_step(Step.OBJECT)

    def _went_wrong(self, error: BaseException) -> None:
        if isinstance(error, WeftError):
            self.trouble.show_error(error)
        else:
            self._session.errors.show(error)

    async def _send(self) -> None:
        if changed_since(self.choices):
            # Its columns may be others now: it is read again, and what of the map still fits stays.
            self.show_step(Step.SOURCE)
            source = self.page(Step.SOURCE)
            assert isinstance(source, SourcePage)
            await source.read()
            self.trouble.tell(
                _(
                    "The file has changed since it was checked. This is what stands in it now; nothing was sent."
                )
            )
            return
        name = await confirmed(self, self.choices, self._next_text())
        if name is not None:
            kept = {"name": memory_name(self.choices), "value": remembered(self.choices)}
            await self._mover.ask("remember", **kept)
            await self.carry("run", confirmed=name)

    async def carry(self, do: str, **asked: Any) -> None:
        """Have rows sent, showing how far it is, then the results; where it cannot begin, all is as before."""
        before, beside = self.step, self.beside
        self.show_step(Step.RUN)
        page = self.page(Step.RUN)
        assert isinstance(page, RunPage)
        try:
            await page.run(do, **asked)
        except BaseException as error:
            self.show_step(before)
            if beside is not None:
                self.show_page(beside)
            if isinstance(error, Cancelled):
                self.trouble.tell(_("Stopped before the first row was sent: nothing has changed in the org."))
            raise
        self.show_step(Step.RESULTS)

    def _to_practice(self) -> None:
        self.org_page.pick_practice()
        self.show_step(Step.ORG)
        self.spawn(self._open_org())

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something the person waits for; the foot's buttons wait with them."""

        async def busy() -> None:
            self._busy = True
            self.look()
            try:
                await work
            finally:
                self._busy = False
                if not self._closing:
                    self.look()

        self._tasks.spawn(busy())

    # Leaving.

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc closes, a running move after a question; Enter goes on where nothing else takes it."""
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._go_on():
            return
        else:
            super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        """A running move is asked about; then its process is ended."""
        if self.running and not self._closing:
            event.ignore()
            self._tasks.spawn(self._ask_to_close())
            return
        if not self._closing:
            self._closing = True
            self._session.tasks.spawn(self.end(), quiet=True)
        super().closeEvent(event)

    async def end(self) -> None:
        """Close the window and its process, once, however many ask for it at the same time."""
        if self._ending is None:
            self._ending = asyncio.ensure_future(self._end())
        await asyncio.shield(self._ending)

    async def _end(self) -> None:
        """In this order: the window, what waits for an answer, the process."""
        self._closing = True
        self.close()
        await self._tasks.close()
        await self._mover.close()
        self._session.ends.remove(self.end)
        self.deleteLater()

    async def _ask_to_close(self) -> None:
        self._question = asyncio.ensure_future(
            ask(
                self,
                _("The move is running"),
                _("Stop it? What was applied is counted, and it can be resumed."),
                _("Stop the move"),
                _("Let it run"),
                primary=1,
            )
        )
        # It may have ended meanwhile: then nobody is asked any more.
        try:
            await asyncio.wait({self._question})
        finally:
            self._question.cancel()
            question, self._question = self._question, None
        if not question.cancelled() and question.result() == 0:
            self._mover.stop()


def open_move(session: Session, *, several: bool = False) -> MoveWindow:
    """Show a new move, of several objects where these are wanted."""
    window = MoveWindow(session)
    window.show()
    if several:
        window.later.several()
    return window
