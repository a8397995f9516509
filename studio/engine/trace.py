"""Where a value came from: for a target path, the source nodes, the turns of the loops and the places in the scripts."""

from __future__ import annotations

import difflib
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO, cast

from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.engine.address import Address
from studio.engine.at_hand import ExprAtHand
from studio.engine.failures import Failure
from studio.engine.items import Item
from studio.engine.live import Live, RuleFailed
from studio.engine.outs import Out
from studio.engine.plan import Plan, Read, Target
from studio.engine.run import transform
from studio.schema.path import document_of
from studio.script import tree
from studio.script.values import text_of


@dataclass(frozen=True)
class Origin:
    """A source node that a value was made from: its address with instance numbers, its text (None for null).

    `read` is the path that led to it, at `line` and `column` of `script`; both are empty where a function looked at it.
    """

    path: str
    text: str | None
    read: str = ""
    line: int | None = None
    column: int | None = None
    script: str = ""


@dataclass(frozen=True)
class TurnOf:
    """A turn of a loop around the value: the loop's target path, which turn it is, the source node, or the group's.

    `entry` is the text of the entry where the loop goes through an array.
    """

    path: str
    number: int
    nodes: tuple[str, ...] = ()
    entry: str | None = None


@dataclass(frozen=True)
class Traced:
    """One value of a target node: the record's number, the value (None where there is none), script and sources.

    `record` is 0 outside the records. `problem` is the reason where the rule failed, or the record before it came to the rule.
    `turns` are those of the loops around it, the outermost first.
    """

    record: int
    path: str
    value: str | None
    script: str
    sources: tuple[Origin, ...] = ()
    problem: str = ""
    turns: tuple[TurnOf, ...] = ()


def trace(
    plan: Plan,
    input: Path | BinaryIO | Address,
    path: str,
    told: Callable[[Traced], object],
    *,
    record: int | None = None,
    first: bool = False,
    **options: Any,
) -> None:
    """Tell every value of the target node at `path` (as the map writes it), record by record.

    With `record` only those of that record, with `first` only of the first record that has any. `options` are those
    of transform(). Raises BadInput when no rule makes such a node, and what transform() raises.
    """
    options["outputs"] = {}
    output = next((each for each in plan.outputs if each.name == document_of(path)), None)
    plan = plan.writing(output) if output is not None else replace(plan, outputs=())
    paths = [target.path for target in plan.root.walk()]
    if path not in paths:
        # `name` and `name[1]` are the same node.
        same = [each for each in paths if each.replace("[1]", "") == path.replace("[1]", "")]
        if not same:
            raise _unknown(plan, path)
        path = same[0]
    asked = _Asked(path, told, record, first)

    class Asking(_Tracing):
        """It is told what is asked for."""

    Asking.asked = asked
    options.setdefault("log", lambda _line: None)
    try:
        found = transform(
            numbered(plan), input, cast("BinaryIO", _Nowhere()), engine="interpret", judge=Asking,
            failures=asked.failed, policy="set-aside", **options,
        )  # fmt: skip
    except _Enough:
        return
    if record is not None and record > found.records_in:
        raise BadInput(
            _("There is no record {number}; the input has {count}.").format(
                number=record, count=found.records_in
            ),
            file=input if isinstance(input, Path) else None,
            next_step=_("Give the number of a record of the input, or first."),
        )


def numbered(plan: Plan) -> Plan:
    """The plan read in such a way that every node's number among its siblings is known."""
    several = any(top.arranges for top in plan.tops) or any(
        shape is not None and shape.repeats
        for top in plan.tops
        for shape in (plan.shape.at(top.chain[:length]) for length in range(1, len(top.chain)))
    )
    return replace(plan, passes="whole", watch=()) if several else plan


class _Enough(Exception):
    """What was asked for has been told."""


class _Nowhere(io.RawIOBase):
    """Takes the output."""

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        return len(data)


@dataclass
class _Asked:
    """What is asked for, and of how many records it was told."""

    path: str
    tell: Callable[[Traced], object]
    record: int | None
    first: bool
    told: bool = False

    def wants(self, record: int) -> bool:
        """Whether values of this record are asked for."""
        return self.record is None or record == self.record

    def over(self, record: int) -> None:
        """A record is done: raise _Enough where no other is asked for."""
        if (self.first and self.told) or (record > 0 and record == self.record):
            raise _Enough

    def failed(self, failure: Failure) -> None:
        """A record failed before the rule was reached."""
        if self.wants(failure.record):
            self.tell(
                Traced(failure.record, self.path, None, "", problem=f"{failure.path}: {failure.reason}")
            )
            self.told = True
            self.over(failure.record)


def _unknown(plan: Plan, path: str) -> BadInput:
    paths = [target.path for target in plan.root.walk() if target.script is not None]
    near = difflib.get_close_matches(path, paths, n=1, cutoff=0.5)
    return BadInput(
        _("No rule makes {path}.").format(path=path),
        path=path,
        next_step=_("Did you mean {name}?").format(name=near[0])
        if near
        else _("Choose one of the map's target paths."),
    )


class _Tracing(ExprAtHand):
    """A judge that notes what the rule at one target path reads."""

    asked: _Asked

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.collect: list[RuleFailed] | None = []
        self._tops = {id(top.target) for top in self.plan.tops}
        self._turns: list[tuple[Target, Live]] = []
        self._numbers: Mapping[int, int] = {}
        self._path: tree.Path | None = None
        self.world.reader = self._reading(self.world.reader)
        self.world.nodes = self._reading(self.world.nodes)

    def _reading(self, reader: Callable[[tree.Path], Any]) -> Callable[[tree.Path], Any]:
        """The reader, with its path remembered while it reads; the conditions in it read others meanwhile."""

        def read(path: tree.Path) -> Any:
            before, self._path = self._path, path
            try:
                return reader(path)
            finally:
                self._path = before

        return read

    def within(self, live: Live, target: Target) -> list[Out]:
        """A turn of a loop, remembered while it lasts."""
        outermost = id(target) in self._tops
        if outermost:
            numbers = self.turn[1]
            self._numbers = {id(live.item): numbers[0]} if len(numbers) == 1 else {}
        self._turns.append((target, live))
        try:
            outs = super().within(live, target)
        finally:
            self._turns.pop()
        if outermost:
            self.collect = []
            self.asked.over(self.turn[0])
        return outs

    def _one(self, target: Target) -> list[Out]:
        record = self.turn[0] if self._turns else 0
        if target.path != self.asked.path or not self.asked.wants(record):
            return super()._one(target)
        read: dict[tuple[int, int], Origin] = {}
        failures, self.collect = self.collect, []

        def notice(item: Item, found: Read) -> None:
            origin = self._origin(item, found, target)
            read.setdefault((id(item), hash((origin.line, origin.column, origin.script))), origin)

        self.noticed = notice
        try:
            outs = super()._one(target)
        finally:
            self.noticed = None
        problem = self.collect[0].reason if self.collect else ""
        self.collect = failures
        sources, turns = tuple(read.values()), tuple(self._turn_of(*each) for each in self._turns)
        for value in [out.text for out in outs] or [None]:
            self.asked.tell(Traced(record, target.path, value, _script(target), sources, problem, turns))
        self.asked.told = True
        return outs

    def _origin(self, item: Item, read: Read, target: Target) -> Origin:
        """A node, and the path in a script that read it."""
        path, expr = self._path, self.at_hand
        if path is None and expr is not None and expr.carried is read and expr.script is not None:
            path = cast("tree.Path", expr.script.only)
        address = self._address(item, read)
        if path is None or expr is None or expr.script is None:
            return Origin(address, item.text)
        line, column = expr.script.place(path.start)
        other = "" if expr is target.script else expr.text
        return Origin(address, item.text, expr.script.source(path), line, column, other)

    def _turn_of(self, target: Target, live: Live) -> TurnOf:
        entry = (text_of(live.entry) if live.entry is not None else "") if live.each else None
        nodes = () if live.each else tuple(self._address(each.item) for each in live.members or [live])
        return TurnOf(target.path, live.number, nodes, entry)

    def _address(self, item: Item, read: Read | None = None) -> str:
        address = address_of(item, self._numbers)
        joined = read is not None and read.joined and "::" not in address
        return f"{read.joined}::{address}" if read is not None and joined else address


def _script(target: Target) -> str:
    if target.script is not None:
        return target.script.text
    return target.loop.source.address if target.loop and target.loop.source else ""


def address_of(item: Item, numbers: Mapping[int, int] | None = None) -> str:
    """The address of an instance, with the numbers of those that are not alone.

    `numbers` are those of nodes (by their id) that stand apart from their siblings.
    """
    steps = []
    here: Item | None = item
    while here is not None and here.parent is not None:
        name = here.key.rpartition("}")[2].lstrip("@")
        number = (numbers or {}).get(id(here), 0)
        if not number and len(here.parent.children.get(here.key, ())) > 1:
            number = here.number()
        steps.append(("@" if here.key.startswith("@") else "") + name + (f"[{number}]" if number else ""))
        here = here.parent
    further = here.key if here is not None and here.key.endswith("::") else ""
    return further + "/".join(reversed(steps))
