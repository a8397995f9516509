"""How the open project stands with the repository, as the window shows it: asked of a process, never waited for.

Offline nothing changes but a sentence: what is known stays, what was asked for waits.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from studio.base.errors import Cancelled, NotReachable, WeftError
from studio.base.i18n import _
from studio.base.paths import config_folder
from ui.bridge.asking import Asked, Event
from ui.bridge.vault import vault

# What has changed here is looked at so soon after the last change, and the server asked so often, in milliseconds.
LOOK_AFTER = 400
ASK_EVERY = 60_000
_FIRST_LOOK = 900


@dataclass(frozen=True)
class ObjectState:
    """One object or file of the project: what happened to it `here` and `there` ("", added, changed, removed)."""

    path: str
    object: str
    where: str
    here: str
    there: str

    @property
    def shown(self) -> str:
        """What the project tree calls it."""
        return self.object or self.path


@dataclass(frozen=True)
class Standing:
    """A project that is shared: its name there, the revision here and (None: not known) there, what differs."""

    project: str
    server: str
    base: int
    head: int | None
    objects: tuple[ObjectState, ...]
    undecided: int
    queued: tuple[Mapping[str, Any], ...]

    @property
    def to_push(self) -> int:
        """How many objects changed here."""
        return sum(bool(one.here) for one in self.objects)

    @property
    def to_pull(self) -> int:
        """How many objects changed there."""
        return sum(bool(one.there) for one in self.objects)


class Repository(QObject):
    """`changed` follows everything that is known anew. One process answers, one thing at a time.

    `deployed` tells of a deployment that had waited for the server and was made now.

    `account` is who is signed in (None: nobody), `standing` how the open project stands (None: not shared), `doing`
    what is going on in words, `done` of `total` how far it is, `offline` why the server did not answer or said no,
    `trouble` the same in a few words, `unsent_message` what was written for a push that did not come about.
    """

    changed = Signal()
    deployed = Signal(object)

    def __init__(
        self, spawn: Callable[[Coroutine[Any, Any, object]], object], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.clerk = clerk()
        self.account: Mapping[str, Any] | None = None
        self.standing: Standing | None = None
        self.doing = ""
        self.done, self.total = 0, 0
        self.offline = self.trouble = ""
        self.unsent_message = ""
        self.asked_at = 0.0
        self._spawn = spawn
        self._folder: Path | None = None
        self._marks: dict[str, ObjectState] = {}
        self._looking = False
        self._soon = QTimer(self, singleShot=True, interval=LOOK_AFTER)
        self._soon.timeout.connect(lambda: self._spawn(self.look()))
        self._again = QTimer(self, interval=ASK_EVERY)
        self._again.timeout.connect(lambda: self._spawn(self.look(ask=True)))

    def follow(self, folder: Path | None) -> None:
        """Another project is open, or none."""
        self._folder, self.standing, self._marks = folder, None, {}
        self.offline, self.asked_at, self.unsent_message = "", 0.0, ""
        self._soon.stop()
        self._again.stop()
        self.changed.emit()
        if self.known or (folder is not None and is_linked(folder)):
            self._soon.start(_FIRST_LOOK)

    def look_soon(self) -> None:
        """Files of the project were written."""
        if self.standing is not None:
            self._soon.start(LOOK_AFTER)

    def mark(self, id: str) -> ObjectState | None:
        """What differs about an object or file of the project."""
        return self._marks.get(id)

    @property
    def known(self) -> bool:
        """Somebody has signed in on this computer."""
        return (config_folder() / "accounts.json").exists()

    async def look(self, *, ask: bool = False) -> None:
        """See what has changed here, and with `ask` (or when it is time) what has changed there; never raises."""
        if self.doing or self._looking:
            return
        self._looking = True
        try:
            await self._look_here()
            wanted = ask or time.time() - self.asked_at > ASK_EVERY / 1000
            if self.standing is not None and self.account is not None and wanted:
                await self._look_there()
        except Cancelled:
            pass
        except WeftError as error:
            self._troubled(error)
        finally:
            self._looking = False
        self.changed.emit()

    async def _look_here(self) -> None:
        if self.known or self.account is not None:
            self.account = await self.clerk.ask("account")
        folder = self._folder
        if folder is None or not is_linked(folder):
            self._take(folder, None)
            return
        self._take(folder, await self.clerk.ask("local_status", folder=str(folder)))
        self._again.start()
        self.changed.emit()

    async def _look_there(self) -> None:
        folder = self._folder
        found = await self.clerk.ask("status", folder=str(folder))
        self.asked_at, self.offline = time.time(), ""
        self._take(folder, found)
        for made in found["made"]:
            self.deployed.emit(made)

    def _troubled(self, error: WeftError) -> None:
        self.offline = f"{error.message} {error.next_step}".strip()
        away = _("the server cannot be reached; you can go on working")
        self.trouble = away if isinstance(error, NotReachable) else error.message.rstrip(".")

    def _take(self, folder: Path | None, told: Mapping[str, Any] | None) -> None:
        if folder != self._folder:
            return
        before, self.standing = self.standing, standing_of(told) if told is not None else None
        if before is not None and self.standing is not None:
            self.standing = _remembering(self.standing, before)
        self._marks = {one.shown: one for one in self.standing.objects} if self.standing is not None else {}

    async def do(
        self, said: str, request: str, on_event: Event = lambda _event: None, /, **values: Any
    ) -> Any:
        """Have something done that the window shows as going on (`said`); raises what goes wrong."""
        vault.ask_again()
        if self._looking:
            # Whoever waits for something goes before what nobody asked for.
            self.clerk.stop()
        self.doing, self.done, self.total = said, 0, 0
        self.changed.emit()

        def heard(event: dict[str, Any]) -> None:
            if event["event"] == "step":
                self.done, self.total = int(event["done"]), int(event["total"] or 0)
                self.doing = str(event.get("text") or "") or said
                self.changed.emit()
            else:
                on_event(event)

        try:
            result = await self.clerk.ask(request, heard, **values)
            # What is there may be something else now: it is asked for again.
            self.offline, self.asked_at = "", 0.0
        except NotReachable as error:
            self._troubled(error)
            raise
        finally:
            self.doing = ""
            self.changed.emit()
            if self._folder is not None and (self.known or is_linked(self._folder)):
                self._soon.start(0)
        return result

    def stop(self) -> None:
        """Stop what is going on."""
        self.clerk.stop()

    async def close(self) -> None:
        """End the process."""
        self._soon.stop()
        self._again.stop()
        await self.clerk.close()


def clerk() -> Asked:
    """A process that speaks with the repository."""
    return Asked("studio.repository.desks.worker", _died, stop_waiting=True)


def is_linked(folder: Path) -> bool:
    """Whether a project's folder belongs to a project of a repository."""
    return (folder / ".weft" / "repository" / "link.json").exists()


def standing_of(told: Mapping[str, Any]) -> Standing:
    """How a project stands, from what the process told."""
    return Standing(
        str(told["project"]),
        str(told["server"]),
        int(told["base"]),
        told["head"],
        tuple(ObjectState(**one) for one in told["objects"]),
        int(told["undecided"]),
        tuple(told["queued"]),
    )


def _remembering(now: Standing, before: Standing) -> Standing:
    """What is there was not asked this time: it is as it was, as long as the files come from the same version."""
    if now.head is not None or before.head is None or (now.base, now.server) != (before.base, before.server):
        return now
    there = {one.path: one for one in before.objects if one.there}
    found = []
    for one in now.objects:
        seen = there.pop(one.path, None)
        where = one.where if seen is None or one.where == "conflict" else "both"
        found.append(replace(one, where=where, there=seen.there if seen is not None else ""))
    left = (replace(one, where="there", here="") for one in there.values() if one.where != "conflict")
    return replace(now, head=before.head, objects=(*found, *left))


def _died() -> WeftError:
    return WeftError(
        _("The process that speaks with the repository ended unexpectedly."),
        next_step=_("Nothing is lost: what was going on is picked up when you do it again."),
    )
