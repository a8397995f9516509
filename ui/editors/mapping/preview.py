"""The live preview: one record of a sample through the unsaved map, asked of the agent after every edit."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Mapping
from pathlib import Path
from typing import Any, Protocol

from PySide6.QtCore import QObject, QTimer, Signal

from studio.base.errors import WeftError
from studio.mapping.evidence import Evidence
from studio.mapping.model import Transformation
from ui.canvas.scene import said_problem

# After so long (ms) without values it is said that they are still to come.
_PATIENCE = 2_000


class Previewer(Protocol):
    """What a preview needs of the agent."""

    def preview(
        self,
        folder: Path,
        transformation: Transformation,
        sample: str,
        record: int,
        *,
        key: str = "preview",
        turns: Mapping[str, int] | None = None,
    ) -> Awaitable[Evidence | None]:
        """One record through the map; None when a newer question with the same key took its place."""

    def stop_preview(self, key: str) -> None:
        """Give up what was asked for with a key."""


class LivePreview(QObject):
    """Asks for the current record of the current sample.

    `arrived` brings Evidence and whether the map changed since the last one (values may flash then), `failed` the
    error of a sample or map that cannot be previewed, `slow` that the values are still to come, and when that is over. `record` counts from 1; `turns` are those wanted of the loops inside
    it, by target path, None for the first ones or those that fail. `key` is this map's own: only its newer
    questions take the place of older ones, never those of another open map.
    """

    arrived = Signal(object, bool)
    failed = Signal(object)
    slow = Signal(bool)

    def __init__(
        self,
        agent: Previewer,
        folder: Path,
        spawn: Callable[[Coroutine[Any, Any, object]], object],
        *,
        key: str,
    ) -> None:
        super().__init__()
        self._key = key
        self._agent = agent
        self._folder = folder
        self._spawn = spawn
        self.sample = ""
        self.record = 1
        self.records = 0
        self.turns: Mapping[str, int] | None = None
        self._last: tuple[str, int] | None = None
        self._waiting = 0
        self._patience = QTimer(self, singleShot=True, interval=_PATIENCE)
        self._patience.timeout.connect(lambda: self.slow.emit(True))

    def ask(self, transformation: Transformation) -> None:
        """Ask for the values of the current record through this map."""
        if not self.sample:
            return
        self._waiting += 1
        if not self._patience.isActive():
            self._patience.start()
        asked = self._agent.preview(
            self._folder,
            transformation,
            self.sample,
            self.record,
            key=f"preview {self._key}",
            turns=self.turns,
        )
        self._spawn(self._take(asked, self.sample))

    @property
    def waits(self) -> bool:
        """Values are on their way."""
        return self._waiting > 0

    def stop(self) -> None:
        """Give up the values of the current record that are still to come."""
        self._agent.stop_preview(f"preview {self._key}")

    async def result(self, transformation: Transformation, path: str) -> tuple[str | None, str, float]:
        """What a draft gives at one target path: value (None: not written), problem, milliseconds.

        Raises the error of a map that cannot be previewed.
        """
        evidence = await self._agent.preview(
            self._folder,
            transformation,
            self.sample,
            self.record,
            key=f"draft {self._key} {path}",
            turns=self.turns,
        )
        if evidence is None:
            return None, "", -1.0
        seen = evidence.target.get(path)
        problem = next((said_problem(each, evidence) for each in evidence.problems if each.path == path), "")
        return (seen.text if seen else None), problem, evidence.milliseconds

    async def _take(self, asked: Awaitable[Evidence | None], sample: str) -> None:
        try:
            evidence = await asked
        except WeftError as error:
            self.failed.emit(error)
            return
        finally:
            self._waiting -= 1
            if not self._waiting:
                self._patience.stop()
                self.slow.emit(False)
        if evidence is None:
            return
        self.records = evidence.records
        same = self._last == (sample, evidence.record)
        self._last = sample, evidence.record
        self.arrived.emit(evidence, same)


def changed_values(before: Evidence | None, after: Evidence) -> frozenset[str]:
    """The target paths whose values differ between two previews of one record and the same turns."""
    if before is None or before.record != after.record:
        return frozenset()
    if any(
        before.turns[loop].number != turn.number for loop, turn in after.turns.items() if loop in before.turns
    ):
        return frozenset()
    old, new = before.target, after.target
    return frozenset(
        path for path, seen in new.items() if seen.text and (path not in old or old[path].text != seen.text)
    )
