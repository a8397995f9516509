"""Where all values of one record came from: what the window shows of a value, and the other way of a source node."""

from __future__ import annotations

from typing import Any, cast

from studio.engine.at_hand import ExprAtHand
from studio.engine.focused import Focused
from studio.engine.items import Item
from studio.engine.live import Live
from studio.engine.outs import Out
from studio.engine.plan import Read, Target
from studio.engine.trace import Origin, Traced, TurnOf, address_of
from studio.script import tree
from studio.script.values import exact_arithmetic, text_of

# So many values of a record are told: one of more is looked at in parts by nobody.
_MOST = 50_000


class Provenance(ExprAtHand, Focused):
    """A judge that notes, of one record, what every rule reads."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._keeps = False
        self.traced: list[Traced] = []
        self._around: list[tuple[Target, Live]] = []
        self._read: list[dict[tuple[int, int, str], Origin]] = []
        self._target: Target | None = None
        self._path: tree.Path | None = None
        self.world.reader = self._reading(self.world.reader)
        self.world.nodes = self._reading(self.world.nodes)
        self.noticed = self._notice

    def _reading(self, reader: Any) -> Any:
        def read(path: tree.Path) -> Any:
            before, self._path = self._path, path
            try:
                return reader(path)
            finally:
                self._path = before

        return read

    def values_of(self, record: int) -> list[Traced]:
        """Every value of a record, in the order of the target, with the nodes that its rule and its condition read."""
        self.record = record
        self.traced = []
        with exact_arithmetic():
            self.make(self.plan.root)
        return self.traced

    def within(self, live: Live, target: Target) -> list[Out]:
        """A turn of a loop, remembered while it lasts."""
        self._around.append((target, live))
        try:
            return super().within(live, target)
        finally:
            self._around.pop()

    def _outs(self, target: Target) -> list[Out]:
        if target.script is None and target.when is None:
            return super()._outs(target)
        before = self._target
        self._target = target
        self._read.append({})
        failures = len(self.collected)
        place = len(self.traced)
        try:
            outs = super()._outs(target)
        finally:
            read = self._read.pop()
            self._target = before
        problem = self.collected[failures].reason if len(self.collected) > failures else ""
        if target.script is not None and len(self.traced) < _MOST:
            text = outs[0].text if outs else None
            turns = tuple(self._turn_of(*each) for each in self._around)
            found = Traced(
                self.record, target.path, text, target.script.text, tuple(read.values()), problem, turns
            )
            self.traced.insert(place, found)
        return outs

    def _notice(self, item: Item, read: Read) -> None:
        if not self._read:
            return
        path, expr = self._path, self.at_hand
        if path is None and expr is not None and expr.carried is read and expr.script is not None:
            path = cast("tree.Path", expr.script.only)
        address = address_of(item)
        if read.joined and "::" not in address:
            address = f"{read.joined}::{address}"
        origin = Origin(address, item.text)
        if path is not None and expr is not None and expr.script is not None:
            line, column = expr.script.place(path.start)
            own = self._target is not None and expr is self._target.script
            origin = Origin(
                address, item.text, expr.script.source(path), line, column, "" if own else expr.text
            )
        self._read[-1].setdefault((id(item), origin.column or 0, origin.script + origin.read), origin)

    def _turn_of(self, target: Target, live: Live) -> TurnOf:
        entry = (text_of(live.entry) if live.entry is not None else "") if live.each else None
        nodes = () if live.each else tuple(address_of(each.item) for each in live.members or [live])
        return TurnOf(target.path, live.number, nodes, entry)
