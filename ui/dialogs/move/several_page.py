"""Several objects in one move: chosen, checked as a whole, run parents first, gone on with after a cut."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

from PySide6.QtWidgets import QStackedWidget, QWidget

from studio.base.errors import WeftError
from studio.base.i18n import _, ngettext
from studio.moves.model import Action
from ui.bridge import numbers
from ui.dialogs.move.guard import agreed
from ui.dialogs.move.page import Desk, Page
from ui.dialogs.move.several_parts import Parts
from ui.dialogs.move.several_plan import Plan
from ui.dialogs.move.several_run import KINDS, Progress
from ui.widgets.buttons import button


class SeveralPage(Page):
    """Three views behind one another; `changed` is called when what the foot says has changed."""

    def __init__(self, desk: Desk, changed: Callable[[], object], fix: Callable[[str], object]) -> None:
        super().__init__(desk, _("Several objects"))
        self._changed = changed
        self.running = self.checking = False
        self.found: dict[str, Any] | None = None
        self.done: dict[str, Any] | None = None
        self._again = False
        # Which check counts: choices change faster than rows are judged.
        self._turn = 0
        self.parts = Parts(desk, self._edited)
        self.plan = Plan(self._relate, changed)
        self.progress = Progress(desk, fix)
        self.stop = button(_("Stop"), self._stop, icon="stop-fill")
        self.head.addWidget(self.stop)
        self._stack = QStackedWidget()
        for view in (self.parts, self.plan, self.progress):
            self._stack.addWidget(view)
        self.column.addWidget(self._stack, 1)
        self._show(self.parts)

    def first(self) -> QWidget:
        """Where the keyboard goes."""
        views: dict[QWidget | None, QWidget] = {self.plan: self.plan.view, self.progress: self.progress.view}
        return views.get(self._stack.currentWidget(), self.parts.path)

    def entered(self) -> None:
        """Read what the org has, once."""
        if self.choices.org is not None and not self.running:
            self.desk.tasks.spawn(self.parts.read(self.choices.org.name))

    def _show(self, view: QWidget) -> None:
        self._stack.setCurrentWidget(view)
        self.stop.setVisible(self.running or self.checking)
        if view is self.parts:
            self.title.setText(_("Several objects"))
            self._say(
                _(
                    "Files called as their objects are, or objects of another org. Parents go first by themselves."
                )
            )
        self._changed()

    def _say(self, text: str, tone: str = "text2") -> None:
        self.about.setText(text)
        self.about.set_tone(tone)

    # What the window's foot says and does.

    @property
    def foot(self) -> str:
        """The button's text; "" hides it."""
        view = self._stack.currentWidget()
        if view is self.parts:
            return _("Check")
        if view is self.plan:
            n = self._rows
            return ngettext("Send {n} row", "Send {n} rows", n).replace("{n}", numbers.count(n))
        return _("Continue") if self._unfinished else _("Another move")

    @property
    def reason(self) -> str:
        """Why the button cannot be pressed; "" when it can."""
        view = self._stack.currentWidget()
        if self.running:
            return _("The move is running.")
        if self.checking:
            return _("The rows are being checked.")
        if view is self.parts:
            return self.parts.reason
        if view is self.plan and not self._rows:
            return _("Every row would be refused.") if self.found else _("The rows are being checked.")
        return ""

    @property
    def _rows(self) -> int:
        """Rows of the first passes that would be sent."""
        if self.found is None:
            return 0
        firsts = [line for line in self.found["steps"] if not line["second"]]
        held = sum(line["held"] for line in firsts) if self.plan.hold.isChecked() else 0
        return int(sum(line["rows"] for line in firsts) - held)

    @property
    def _unfinished(self) -> bool:
        return self.done is not None and self.done["state"] != "done"

    async def next(self) -> None:
        """The foot's button was pressed."""
        view = self._stack.currentWidget()
        if view is self.parts:
            await self._check()
        elif view is self.plan:
            await self._send()
        elif self._unfinished and self.done is not None:
            await self.resume(self.done["run"])
        else:
            self._show(self.parts)

    def back(self) -> bool:
        """One view back; False where the page itself is left."""
        if self.running or self.checking:
            return True
        if self._stack.currentWidget() is self.parts:
            return False
        self._show(self.parts)
        return True

    # Checked.

    def _edited(self) -> None:
        self.found = None
        self._again = False
        self._changed()

    def _relate(self, part: int, relation: dict[str, Any]) -> None:
        """A lookup is filled otherwise: all is judged anew."""
        self.parts.relate(part, relation)
        self.desk.tasks.spawn(self._check())

    @property
    def _asked(self) -> dict[str, Any]:
        return {"parts": list(self.parts.parts), "from": self.parts.source_org, "again": self._again}

    async def _check(self) -> None:
        self._turn += 1
        turn = self._turn
        self.checking, before = True, self._stack.currentWidget()
        self._say(_("Reading the rows and asking the org what it takes …"))
        self._show(self.plan if before is self.plan else self.parts)
        # Of choices made in one go with the arrow keys only the last is judged.
        await asyncio.sleep(0)
        if turn != self._turn:
            return
        found, trouble = None, ""
        try:
            found = await self.desk.mover.ask("several_check", self._read, **self._asked)
        except WeftError as error:
            # What is wrong is mostly a file or a lookup: said on the page.
            trouble = " ".join(part for part in (error.message, error.next_step) if part)
        finally:
            if turn == self._turn:
                self.checking = False
        if turn != self._turn:
            return
        self.found = found
        if found is None:
            self._show(before or self.parts)
            self._say(trouble, "red_text")
            return
        self.title.setText(_("Order, lookups and rows"))
        self.plan.show_found(found)
        n, held = sum(line["rows"] for line in found["steps"] if not line["second"]), found["held"]
        text = ngettext("{n} row checked", "{n} rows checked", n).replace("{n}", numbers.count(n))
        none = ngettext("{n} would not be sent", "{n} would not be sent", held).replace(
            "{n}", numbers.count(held)
        )
        said = _("{checked}, {held}. Nothing has been sent.").format(checked=text, held=none)
        self._say(said)
        self._show(self.plan)

    def _read(self, event: dict[str, Any]) -> None:
        if event["event"] == "read" and event["rows"]:
            self._say(_("Reading the file: {rows} rows …").format(rows=numbers.count(event["rows"])))

    # Sent.

    async def _send(self) -> None:
        org = self.choices.org
        if org is None or self.found is None:
            return
        for line in self.found["steps"]:
            action = Action(line["action"])
            if not line["second"] and not await agreed(
                self, org, action, line["object"], line["rows"], self.foot
            ):
                return
        asked = self._asked | {"hold": self.plan.hold.isChecked(), "confirmed": org.title}
        await self._carry("several_run", asked)

    async def resume(self, run: str) -> None:
        """Go on with a set that was stopped or cut off."""
        await self._carry("several_resume", {"run": run})

    async def _carry(self, do: str, asked: dict[str, Any]) -> None:
        self.running, before = True, self._stack.currentWidget()
        self.stop.setEnabled(True)
        self._started = time.monotonic()
        self.title.setText(_("Sending several objects"))
        self._say(_("Reading the file …"))
        self.progress.begin()
        self._show(self.progress)
        try:
            done = await self.desk.mover.ask(do, self._heard, **asked)
        except BaseException:
            self.running = False
            self._show(before or self.parts)
            raise
        self.running = False
        self.show_done(done)

    def _heard(self, event: dict[str, Any]) -> None:
        if event["event"] != "several":
            return
        steps = event["steps"]
        self.progress.show_steps(steps, over=False)
        if self.stop.isEnabled():
            read = sum(line["read"] for line in steps)
            answered = sum(line["succeeded"] + line["failed"] for line in steps)
            seconds = time.monotonic() - self._started
            figures = {
                "answered": numbers.count(answered),
                "read": numbers.count(read),
                "rate": numbers.count(round(answered / max(seconds, 0.001))),
                "time": numbers.duration(seconds),
            }
            said = _("{answered} of {read} rows answered · {rate} rows/s · {time} so far").format(**figures)
            self._say(f"{event['run']} · {said}")

    def _stop(self) -> None:
        self.stop.setEnabled(False)
        self._say(_("Stopping: jobs are ended, what was applied is counted …"))
        self.desk.mover.stop()

    def show_done(self, done: dict[str, Any]) -> None:
        """Show how a set ended, or how far one of another day is."""
        self.done = done
        self.found = None
        self.progress.show_steps(done["steps"], over=True)
        self._show(self.progress)
        bad = done["read"] - done["succeeded"]
        if done["state"] == "stopped":
            self.title.setText(_("Stopped: what was applied is counted"))
        elif done["state"] != "done":
            self.title.setText(_("Interrupted: it can be resumed"))
        else:
            whole = bad == 0 and not any(done[kind] for kind in KINDS[1:])
            self.title.setText(_("Every row succeeded") if whole else _("Done, but not every row succeeded"))
        if done["trouble"]:
            self._say(" ".join(part for part in done["trouble"] if part), "red_text")
            return
        said = _("{run}: {time}, {calls} API calls").format(
            run=done["run"], time=numbers.duration(done["seconds"]), calls=numbers.count(done["api_calls"])
        )
        self._say(" · ".join([said, *done["warnings"]]))
