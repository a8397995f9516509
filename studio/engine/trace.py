"""Where a value came from: for a target path, the source nodes and the script behind each of its values."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.engine.interpret import Judge
from studio.engine.items import Item
from studio.engine.outs import Out
from studio.engine.plan import Plan, Read, Target
from studio.engine.skeleton import writer_of
from studio.engine.sources import Source
from studio.engine.world import World
from studio.script.values import exact_arithmetic


@dataclass(frozen=True)
class Origin:
    """A source node that a value was made from: its address with instance numbers, and its text."""

    path: str
    text: str


@dataclass(frozen=True)
class Traced:
    """One value of a target node: the record's number, the value (None where there is none), script and sources.

    `problem` is the reason where the rule failed.
    """

    record: int
    path: str
    value: str | None
    script: str
    sources: tuple[Origin, ...] = ()
    problem: str = ""


def trace(plan: Plan, source: Source, path: str, world: World) -> Iterator[Traced]:
    """Every value of the target node at `path` (as the map writes it), record by record.

    The used part of the input is held in memory. Raises BadInput when no rule makes such a node.
    """
    wanted = next((target for target in plan.root.walk() if target.path == path), None)
    if wanted is None:
        raise _unknown(plan, path)
    document = source.document(plan.shape)
    judge = _Tracing(plan, world, document, writer_of(plan.target).check)
    judge.wanted = path
    judge.collect = []
    top = next((top for top in plan.tops if any(node is wanted for node in top.target.walk())), None)
    with exact_arithmetic():
        if top is None:
            judge.make(wanted)
            yield from judge.taken(0)
            return
        read = top.target.loop.source if top.target.loop else None
        numbers = {id(item): number for number, item in enumerate(judge.nodes(read) if read else (), start=1)}
        for live in judge.instances(top.target)[0]:
            world.record()
            judge.within(live, top.target)
            yield from judge.taken(numbers.get(id(live.item), live.number))


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


class _Tracing(Judge):
    """A judge that notes what the rule at one target path reads."""

    wanted = ""

    def __init__(self, plan: Plan, world: World, document: Item, check: Callable[[str], object]) -> None:
        super().__init__(plan, world, document, check)
        self._noted: list[Traced] = []

    def taken(self, record: int) -> list[Traced]:
        """What was noted since the last call, as values of a record."""
        found = [replace(traced, record=record) for traced in self._noted]
        self._noted.clear()
        return found

    def _one(self, target: Target) -> list[Out]:
        if target.path != self.wanted:
            return super()._one(target)
        read: dict[int, Item] = {}
        failures = self.collect
        self.collect = []

        def notice(item: Item, _read: Read) -> None:
            read.setdefault(id(item), item)

        self.noticed = notice
        outs = super()._one(target)
        self.noticed = None
        problem = self.collect[0].reason if self.collect else ""
        self.collect = failures
        sources = tuple(Origin(address_of(item), item.text or "") for item in read.values())
        for value in [out.text for out in outs] or [None]:
            self._noted.append(Traced(0, target.path, value, _script(target), sources, problem))
        return outs


def _script(target: Target) -> str:
    if target.script is not None:
        return target.script.text
    return target.loop.source.address if target.loop and target.loop.source else ""


def address_of(item: Item) -> str:
    """The address of an instance, with the numbers of those that are not alone."""
    steps = []
    here: Item | None = item
    while here is not None and here.parent is not None:
        name = here.key.rpartition("}")[2].lstrip("@")
        alone = len(here.parent.children.get(here.key, ())) < 2
        steps.append(
            ("@" if here.key.startswith("@") else "") + name + ("" if alone else f"[{here.number()}]")
        )
        here = here.parent
    return "/".join(reversed(steps))
