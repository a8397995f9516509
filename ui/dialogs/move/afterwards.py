"""What can be done with a move once it has been sent: looked at again, gone on with, corrected, undone, done once more."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

from studio.base.i18n import _, ngettext
from studio.moves.model import Action
from ui.bridge import numbers
from ui.dialogs.move.choices import Choices, OpenOrg, SourceFile, Step
from ui.dialogs.move.choose_pages import fields_of
from ui.dialogs.move.export_page import ExportPage
from ui.dialogs.move.fix_page import FixPage
from ui.dialogs.move.guard import agreed
from ui.dialogs.move.map_memory import mapped_of, whole_map
from ui.dialogs.move.moves_page import Doing, MovesPage
from ui.dialogs.move.page import Desk, Page
from ui.dialogs.move.several_page import SeveralPage
from ui.dialogs.move.undo_page import UndoPage


class Window(Protocol):
    """What the window of the move offers."""

    choices: Choices

    def show_page(self, page: Page) -> None:
        """Bring a page beside the steps to the front."""

    def show_step(self, step: Step) -> None:
        """Bring a step's page to the front."""

    def look(self) -> None:
        """Bring strip, steps, panel and foot in line."""

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something the person waits for."""

    async def carry(self, do: str, **asked: Any) -> None:
        """Have rows sent, showing how far it is, then the results."""


@dataclass(frozen=True)
class Foot:
    """What the foot says of a page beside the steps: the button, and why it cannot be pressed; "" hides it."""

    text: str = ""
    reason: str = ""


class Afterwards:
    """The pages beside the steps, made when they are first wanted."""

    def __init__(self, desk: Desk, window: Window) -> None:
        self._desk, self._window = desk, window
        self._made: dict[str, Page] = {}
        # What an org is being chosen for, when not for a move of one object.
        self.wanted: Callable[[], None] | None = None

    def _page(self, name: str, make: Callable[[], Page]) -> Any:
        if name not in self._made:
            self._made[name] = make()
        return self._made[name]

    @property
    def moves(self) -> MovesPage:
        """The list of earlier moves."""
        spawn = self._window.spawn
        doing = Doing(
            open=lambda line: spawn(self.open(line)),
            go_on=lambda line: spawn(self.go_on(line)),
            fix=lambda line: self.fix(line["run"]),
            again=lambda line: spawn(self.again(line)),
            undo=lambda line: spawn(self.undo(line["run"], line["org"])),
        )
        page: MovesPage = self._page("moves", lambda: MovesPage(self._desk, doing))
        return page

    @property
    def exporting(self) -> ExportPage:
        """The page of exports."""
        page: ExportPage = self._page("export", lambda: ExportPage(self._desk, self._window.look))
        return page

    @property
    def running(self) -> bool:
        """Records are being taken out, or several objects sent."""
        pages = [page for page in self._made.values() if isinstance(page, ExportPage | SeveralPage)]
        return any(page.running for page in pages)

    def export(self) -> None:
        """Show the page of exports; the org is chosen first."""
        self._in_org(self.export, lambda: self.exporting)

    @property
    def objects(self) -> SeveralPage:
        """The page of several objects."""
        page: SeveralPage = self._page(
            "several", lambda: SeveralPage(self._desk, self._window.look, self.fix)
        )
        return page

    def several(self) -> None:
        """Show the page of several objects; the org is chosen first."""
        self._in_org(self.several, lambda: self.objects)

    def _in_org(self, again: Callable[[], None], page: Callable[[], Page]) -> None:
        if self._window.choices.org is None:
            self.wanted = again
            self._window.show_step(Step.ORG)
        else:
            self.wanted = None
            self._window.show_page(page())

    @property
    def fixing(self) -> FixPage:
        """The grid of rows that did not succeed."""
        page: FixPage = self._page("fix", lambda: FixPage(self._desk, self._window.look))
        return page

    @property
    def undoing(self) -> UndoPage:
        """The preview of an undo."""
        page: UndoPage = self._page("undo", lambda: UndoPage(self._desk, self._window.look))
        return page

    def foot(self, page: Page) -> Foot:
        """What the foot says of a page."""
        if isinstance(page, FixPage):
            n = page.ready
            text = ngettext("Resend {n} row", "Resend {n} rows", n).replace("{n}", numbers.count(n))
            waits = _("Change a row first.") if page.shown else _("No row is shown.")
            return Foot(text, "" if n else waits)
        if isinstance(page, UndoPage):
            n = page.ready
            text = ngettext("Undo {n} record", "Undo {n} records", n).replace("{n}", numbers.count(n))
            waits = _("The org is being asked.") if page.found is None else _("There is nothing to undo.")
            return Foot(text, "" if n else waits)
        if isinstance(page, ExportPage):
            return Foot(_("Export"), page.reason)
        if isinstance(page, SeveralPage):
            return Foot(page.foot, page.reason)
        return Foot()

    def next(self, page: Page) -> None:
        """The foot's button was pressed."""
        if isinstance(page, FixPage):
            self._window.spawn(self._resend(page))
        elif isinstance(page, UndoPage):
            self._window.spawn(self._undo(page))
        elif isinstance(page, ExportPage):
            self._desk.tasks.spawn(page.export())
        elif isinstance(page, SeveralPage):
            self._desk.tasks.spawn(page.next())

    # Looking at a move of another day.

    async def open(self, line: dict[str, Any]) -> None:
        """Show a move's results."""
        if line["kind"] == "export":
            await self._old_export(line)
            return
        if line["kind"] == "several":
            await self._old_set(line)
            return
        await self._recall(line["run"])
        self._window.show_step(Step.RESULTS)

    async def _recall(self, run: str) -> dict[str, Any]:
        """Take a move's choices for ours, as far as its journal knows them."""
        found: dict[str, Any] = await self._desk.mover.ask("move", run=run)
        now = self._window.choices
        org = now.org if now.org is not None and now.org.name == found["org"] else None
        summary = {**found["summary"], "source": found["shown"], "org": found["org"]}
        self._window.choices = Choices(
            action=Action(found["action"]),
            org=org,
            target=found["object"],
            target_label=found["object"],
            key=found["key"],
            summary=summary,
        )
        return found

    async def sign_in(self, name: str, near: str = "") -> None:
        """Be signed in to an org, whichever was before; one of the project around `near` before the user's own."""
        now = self._window.choices
        if now.org is None or now.org.name != name:
            found = await self._desk.mover.ask("open", org=name, near=near)
            self._window.choices = replace(self._window.choices, org=OpenOrg.found(name, found))

    async def _old_export(self, line: dict[str, Any]) -> None:
        """Show an export of another day, with its query."""
        found = await self._desk.mover.ask("old_export", run=line["run"])
        await self.sign_in(line["org"])
        self._window.show_page(self.exporting)
        self.exporting.show_done(found)

    async def _old_set(self, line: dict[str, Any]) -> None:
        """Show a move of several objects of another day."""
        found = await self._desk.mover.ask("several_old", run=line["run"])
        await self.sign_in(line["org"])
        self._window.show_page(self.objects)
        self.objects.show_done(found)

    async def go_on(self, line: dict[str, Any]) -> None:
        """Go on with a move that was cut off, stopped or only tried, or with an export."""
        if line["kind"] == "export":
            await self._old_export(line)
            self._desk.tasks.spawn(self.exporting.resume(line["run"]))
            return
        if line["kind"] == "several":
            await self._old_set(line)
            self._desk.tasks.spawn(self.objects.resume(line["run"]))
            return
        await self._recall(line["run"])
        await self.sign_in(line["org"])
        await self._window.carry("resume", run=line["run"])

    async def again(self, line: dict[str, Any]) -> None:
        """The same choices once more, up to the field map; the source is read as it is now."""
        if line["kind"] == "export":
            await self._old_export(line)
            return
        found = await self._recall(line["run"])
        await self.sign_in(found["org"])
        await self.show_map(found, _("as in {run}").format(run=found["run"]))

    async def show_map(self, found: dict[str, Any], why: str) -> None:
        """The field map of choices that were made before; the source is read as it is now."""
        ask = self._desk.mover.ask
        asked = {"object": found["object"], "action": found["action"], "key": found["key"]}
        described = await ask("describe", **asked)
        part = dict(found.get("part", {}))
        shown = await ask(
            "preview",
            source=found["source"],
            **part,
            encoding=found.get("encoding", ""),
            delimiter=found.get("delimiter", ""),
        )
        header = tuple(shown["header"])
        source = SourceFile(
            Path(found["source"]), shown["encoding"], shown["delimiter"], shown["shown"], header,
            tuple(tuple(row) for row in shown["rows"]), found["source"], tuple(part.items()),
        )  # fmt: skip
        entries = mapped_of(found["map"], found.get("scripts", {}), why)
        fitting = [m for m in entries if not m.of_column or m.column in header]
        self._window.choices = replace(
            self._window.choices,
            target_label=described["label"],
            keys=tuple((entry["name"], entry["label"]) for entry in described["keys"]),
            fields=fields_of(described),
            source=source,
            mapped=whole_map(replace(self._window.choices, source=source), fitting),
            blank_leaves=found["blank"] == "leave",
            duplicates=found["duplicates"],
            hold=found["hold"],
            api=found["api"],
            zone=found["zone"],
            first=found["first"],
            summary=None,
        )
        self._window.show_step(Step.MAP)

    # Correcting and undoing.

    def fix(self, run: str) -> None:
        """Show the rows of a move that did not succeed for correcting them."""
        self._window.spawn(self._fix(run))

    async def _fix(self, run: str) -> None:
        await self.fixing.open(run)
        self._window.show_page(self.fixing)
        # Once the page has its size.
        await asyncio.sleep(0)
        self.fixing.grid.show_current()

    async def _resend(self, page: FixPage) -> None:
        summary = self._window.choices.summary
        if summary is None or summary["run"] != page.run:
            await self._recall(page.run)
        await self.sign_in(page.found["org"])
        action = Action(page.found["action"])
        if await self._agreed(page, action, page.found["object"], page.ready):
            await self._window.carry("fix_resend", unchanged=page.unchanged.isChecked())

    async def _agreed(self, page: Page, action: Action, label: str, rows: int, *, undo: bool = False) -> bool:
        org, text = self._window.choices.org, self.foot(page).text
        return org is not None and await agreed(page, org, action, label, rows, text, undo=undo)

    async def _undo(self, page: UndoPage) -> None:
        found = page.found
        assert found is not None
        action = Action.DELETE if found["delete"] else Action.UPDATE
        if await self._agreed(page, action, found["object"], page.ready, undo=True):
            # The source and the map were those of the move: an undo has neither.
            now = self._window.choices
            self._window.choices = Choices(
                action=now.action,
                org=now.org,
                target=now.target,
                target_label=now.target_label,
                key=now.key,
                summary=now.summary,
            )
            await self._window.carry("undo", **page.asked)

    async def undo(self, run: str, org: str) -> None:
        """Show what an undo of a move would do."""
        summary = self._window.choices.summary
        if summary is None or summary["run"] != run:
            await self._recall(run)
        await self.sign_in(org)
        self._window.show_page(self.undoing)
        await self.undoing.open(run)
