"""The further sources of a run: opened, read as far as rules ask for them, their rows indexed for joins."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.base.lazily import Lazily
from studio.base.progress import Progress
from studio.engine.address import Address
from studio.engine.generate.layout import Row
from studio.engine.interpret import Judge
from studio.engine.items import Item
from studio.engine.plan import Further, Join, Lookup, Plan, Shape
from studio.engine.sources import Source, open_source
from studio.engine.streams import opened
from studio.engine.world import Asker, World
from studio.script.errors import ScriptError
from studio.script.tree import Value

if TYPE_CHECKING:
    from studio.engine import lookups
else:
    lookups = Lazily("studio.engine.lookups")

Given = Mapping[str, Path | BinaryIO | Address]


class FurtherSources:
    """The further sources of one run, by their names; what is opened is closed with `stack`.

    Of the documents that joins ask, the first `most` rows are read where that is given. Raises BadInput where a document
    is not given or cannot be read.
    """

    def __init__(
        self, plan: Plan, given: Given, stack: contextlib.ExitStack, progress: Progress | None = None,
        most: int | None = None, *, later: bool = False,
    ) -> None:  # fmt: skip
        """`later` says that what joins ask is built when the first asks."""
        self._plan = plan
        _check_names(plan, given)
        self._streams = {name: opened(given[name], stack) for name in _needed(plan)}
        self.lookups = lookups.Lookups(plan, self._open, progress=progress, most=most)
        stack.callback(self.lookups.close)
        self._documents: dict[str, Item] = {}
        self._judge: Judge | None = None
        self._later = later and not any(map(_needs_judge, plan.lookups))

    def serve(self, world: World) -> None:
        """Let a world's joins ask for rows."""
        world.joined, world.asker = self.lookups.joined, self.lookups.asker
        if self._later and not self.lookups.built:
            world.joined, world.asker = partial(self._joined, world), partial(self._asker, world)

    def _joined(self, world: World, join: Join, values: list[Value]) -> list[Item]:
        self._build_now(world)
        return self.lookups.joined(join, values)

    def _asker(self, world: World, join: Join, row: Row) -> Asker:
        self._build_now(world)
        return self.lookups.asker(join, row)

    def _build_now(self, world: World) -> None:
        if not self.lookups.built:
            assert self._judge is not None
            self._build(self._judge)
        world.joined, world.asker = self.lookups.joined, self.lookups.asker

    def begin(self, document: Item, judge: Judge) -> None:
        """Hang what is read whole into the main document, as its rules find it, and build what joins ask."""
        for further in self._plan.further:
            if further.shape.children:
                if further.name not in self._documents:
                    found = self._source(further, further.shape).document(further.shape)
                    self._documents[further.name] = found
                self.hang(document, further.name, self._documents[further.name])
        self._judge = judge
        if not self.lookups.built and not self._later:
            self._build(judge)

    def _build(self, judge: Judge) -> None:
        try:
            self.lookups.build(judge)
        except ScriptError as error:
            raise BadInput(
                _("The rows of a join cannot be read: {reason}").format(reason=error.message),
                next_step=error.next_step or _("Mend the path of the join."),
            ) from error

    @property
    def size(self) -> int:
        """The bytes of the documents that joins ask, as far as it is known how many they are."""
        return sum(
            self._streams[name][2] for name in {lookup.document for lookup in self._plan.lookups} if name
        )

    def rows(self, lookup: Lookup) -> Source:
        """The source of a lookup's rows."""
        return self._open(lookup, lookups.around(lookup))

    @staticmethod
    def hang(document: Item, name: str, found: Item) -> None:
        """Put a further document below the main one."""
        found.key = f"{name}::"
        found.parent = None
        document.children[found.key] = [found]

    def _source(self, further: Further, shape: Shape) -> Source:
        name, stream, _size = self._streams[further.name]
        return open_source(self._plan.reading(further, shape), stream, name)

    def _open(self, lookup: Lookup, shape: Shape) -> Source:
        further = next(each for each in self._plan.further if each.name == lookup.document)
        return self._source(further, shape)


def _needs_judge(lookup: Lookup) -> bool:
    """Its rows cannot be read but where the judge stands at the document."""
    return not lookup.document or any(hop.filter is not None for hop in lookup.source.hops)


def _needed(plan: Plan) -> list[str]:
    """The further sources that a run reads."""
    asked = {lookup.document for lookup in plan.lookups}
    return [each.name for each in plan.further if each.shape.children or each.name in asked]


def _check_names(plan: Plan, given: Given) -> None:
    names = [each.name for each in plan.further]
    unknown = next((name for name in given if name not in names), None)
    if unknown is not None:
        raise BadInput(
            _("The transformation has no further source {name}.").format(name=unknown),
            next_step=_("Its further sources are: {names}.").format(names=", ".join(names))
            if names
            else _("It has none; leave out --input."),
        )
    missing = next((name for name in _needed(plan) if name not in given), None)
    if missing is not None:
        raise BadInput(
            _("The further source {name} is not given.").format(name=missing),
            next_step=_("Give its document with --input {name}=FILE.").format(name=missing),
        )
