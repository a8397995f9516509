"""The debugger as the window sees it: breakpoints kept per map on this computer, one run that may be held, its watches."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
from PySide6.QtCore import QObject, Signal

from studio.agent.embedded import EmbeddedAgent
from studio.agent.run import error_from_data
from studio.agent.study import Study
from studio.base.errors import WeftError
from studio.base.i18n import _
from studio.mapping.held import Breakpoint, Go, Stop, Watch
from studio.mapping.model import Transformation

# Projects whose breakpoints are kept, the latest.
_PROJECTS = 30
_MOST_LOG = 1_000


@dataclass(frozen=True)
class Wanted:
    """What is to be debugged: the object of a map as it is in the window, and the sample. `record` 0 means all."""

    folder: Path
    ref: str
    transformation: Transformation
    sample: str
    record: int = 0


class Debugging(QObject):
    """One debugger for the window.

    `changed` follows everything, `marked` the breakpoints, `held` a new place, `ended` the end of a run (its result, empty
    where it was stopped); `edit_wanted` asks for the breakpoints at a path (object, path); `logged` follows `log`, the last
    lines that the run has written. `state` is "", `running` or
    `held`.
    """

    changed = Signal()
    marked = Signal()
    held = Signal()
    ended = Signal(object)
    edit_wanted = Signal(str, str)
    logged = Signal()

    def __init__(
        self,
        agent: EmbeddedAgent,
        spawn: Callable[[Coroutine[Any, Any, object]], object],
        keep: Callable[[Mapping[str, Any]], object],
        kept: Mapping[str, Any],
    ) -> None:
        super().__init__()
        self._agent, self._spawn, self._keep = agent, spawn, keep
        self._points: dict[str, dict[str, list[Breakpoint]]] = {}
        self.watches: list[str] = []
        self.failures = False
        self.state = ""
        self.stop_at: Stop | None = None
        self.wanted: Wanted | None = None
        self.looked: tuple[Watch, ...] = ()
        self.log: deque[str] = deque(maxlen=_MOST_LOG)
        # How the last run ended, in words; the window says it.
        self.said = ""
        self._hold = 0
        self._study: Study | None = None
        self._restore(kept)

    # Breakpoints

    def points(self, folder: Path, ref: str) -> tuple[Breakpoint, ...]:
        """The breakpoints of a map."""
        return tuple(self._points.get(str(folder), {}).get(ref, ()))

    def toggle(self, folder: Path, ref: str, path: str, at: str = "") -> bool:
        """Set a breakpoint (before `at`) at a target path, or take those there away; tells whether one is there now."""
        mine = self._mine(folder, ref)
        others = [each for each in mine if each.path != path]
        there = len(others) == len(mine)
        self._set(folder, ref, [*mine, Breakpoint(path, at)] if there else others)
        return there

    def put(self, folder: Path, ref: str, old: Breakpoint | None, new: Breakpoint | None) -> None:
        """Put a breakpoint in the place of another; None for none."""
        mine = self._mine(folder, ref)
        at = mine.index(old) if old in mine else len(mine)
        mine[at : at + 1] = [new] if new is not None and new not in mine else []
        self._set(folder, ref, mine)

    def clear(self, folder: Path, ref: str) -> None:
        """Take all breakpoints of a map away."""
        self._set(folder, ref, [])

    def _mine(self, folder: Path, ref: str) -> list[Breakpoint]:
        return list(self._points.get(str(folder), {}).get(ref, ()))

    def _set(self, folder: Path, ref: str, points: list[Breakpoint]) -> None:
        self._points.setdefault(str(folder), {})[ref] = points
        if not points:
            del self._points[str(folder)][ref]
        self._save()
        self.marked.emit()
        self.changed.emit()
        wanted = self.wanted
        if wanted is not None and (wanted.folder, wanted.ref) == (folder, ref):
            self._say("breakpoints", breakpoints=msgspec.to_builtins(points))

    # Watches

    def watch(self, scripts: list[str]) -> None:
        """Look at these scripts whenever the run is held, and now if it is."""
        self.watches = scripts
        self._save()
        self.looked = tuple(each for each in self.looked if each.script in scripts)
        self._say("watch", watches=scripts)
        self.changed.emit()

    def hold_at_failures(self, *, on: bool) -> None:
        """Hold where a rule fails, or not."""
        self.failures = on
        self._save()
        self._say("failures", on=on)
        self.changed.emit()

    # The run

    def start(self, wanted: Wanted) -> None:
        """Begin a debugged run; without a breakpoint it is held at its first rule."""
        if self._study is not None:
            return
        points = self.points(wanted.folder, wanted.ref)
        some = any(not point.off for point in points) or self.failures
        self.wanted, self.state, self.stop_at, self.looked = wanted, "running", None, ()
        self.log.clear()
        self.logged.emit()
        self._study = self._agent.study(
            "debug",
            wanted.folder,
            wanted.transformation,
            wanted.sample,
            breakpoints=msgspec.to_builtins(points),
            watches=self.watches,
            record=wanted.record,
            failures=self.failures,
            go=(Go.RUN if some or wanted.record else Go.INTO).value,
        )
        self.changed.emit()
        self._spawn(self._follow(self._study))

    def go(self, how: Go) -> None:
        """Go on from where the run is held."""
        if self.state == "held":
            self.state = "running"
            self._say("go", hold=self._hold, how=how.value)
            self.changed.emit()

    def pause(self) -> None:
        """Hold the run at the next place."""
        self._say("pause")

    def stop(self) -> None:
        """End the run, held or not."""
        if self._study is not None:
            self._spawn(self._study.stop())

    def edit(self, ref: str, path: str) -> None:
        """Ask for the breakpoints at a path to be shown for editing."""
        self.edit_wanted.emit(ref, path)

    def _say(self, what: str, **values: Any) -> None:
        if self._study is not None:
            self._spawn(self._study.say(what, **values))

    async def _follow(self, study: Study) -> None:
        result: dict[str, Any] | None = {}
        error: WeftError | None = None
        try:
            async for event in study.events():
                if event["event"] == "ended":
                    result = None if event.get("lost") else event.get("result") or {}
                    error = _error_of(event)
                else:
                    self._take(event)
        finally:
            self._study, self.wanted, self.stop_at, self.state = None, None, None, ""
            self.looked = ()
            self.ended.emit(result)
            self.changed.emit()
        if error is not None:
            raise error

    def _take(self, event: Mapping[str, Any]) -> None:
        kind = event["event"]
        if kind == "held":
            self._hold = event["hold"]
            self.stop_at = msgspec.convert(event["stop"], Stop)
            self.looked = self.stop_at.watches
            self.state = "held"
            self.held.emit()
        elif kind == "watched":
            self.looked = msgspec.convert(tuple(event["watches"]), tuple[Watch, ...])
        elif kind == "log":
            self.log.append(event["text"])
            self.logged.emit()
            return
        self.changed.emit()

    # What is kept

    def _save(self) -> None:
        folders = list(self._points)[-_PROJECTS:]
        points = {
            folder: {ref: msgspec.to_builtins(mine) for ref, mine in self._points[folder].items() if mine}
            for folder in folders
        }
        self._keep({"points": points, "watches": self.watches, "failures": self.failures})

    def _restore(self, kept: Mapping[str, Any]) -> None:
        """Take back what was kept; what is not as expected is left out."""
        try:
            found = msgspec.convert(kept, _Kept)
        except msgspec.ValidationError:
            return
        self._points = found.points
        self.watches, self.failures = found.watches, found.failures


class _Kept(msgspec.Struct):
    """What is kept on this computer."""

    points: dict[str, dict[str, list[Breakpoint]]] = {}
    watches: list[str] = []
    failures: bool = False


def _error_of(event: Mapping[str, Any]) -> WeftError | None:
    if event.get("error"):
        return error_from_data(event["error"])
    if event.get("lost"):
        return WeftError(_("The debugged run's process ended without a word."))
    return None
