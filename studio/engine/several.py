"""Several targets of one run: each is written by itself, and a record that fails in one is in none."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import BinaryIO

from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.engine.database_files import Place
from studio.engine.failures import Failure
from studio.engine.plan import Output, Plan, Top
from studio.engine.run_settings import Counts
from studio.engine.running import Run
from studio.engine.streams import on_disk, target

Nodes = Mapping[tuple[str, ...], frozenset[int]]
"""Source nodes by the way to them: their numbers among all nodes at that place."""


Make = Callable[[Plan, BinaryIO, Callable[[Failure], object], Nodes, bool], Run]
"""Makes the run of a plan into a stream: who is told of failures, the nodes to leave out, whether it is run again."""


class Targets:
    """The further targets of a run; `counts` is known of each at the end.

    Streams are opened with `stack`; files appear with it. Raises BadInput where a target is not given a file.
    """

    def __init__(self, plan: Plan, given: Mapping[str, Place], stack: contextlib.ExitStack) -> None:
        _check_names(plan, given)
        self._plan = plan
        self._streams = {each.name: stack.enter_context(target(given[each.name])) for each in plan.outputs}
        self._bad: dict[tuple[str, ...], set[int]] = {}
        self._used: dict[str, Nodes] = {}
        self.counts: dict[str, Counts] = {}

    def nodes(self) -> Nodes:
        """The nodes of records that have failed so far."""
        return {chain: frozenset(numbers) for chain, numbers in self._bad.items()}

    def noting(self, plan: Plan, tell: Callable[[Failure], object]) -> Callable[[Failure], object]:
        """`tell`, with the nodes of failed records remembered."""

        def told(failure: Failure) -> None:
            top = plan.tops[failure.top] if failure.top < len(plan.tops) else None
            if top is not None and not failure.nulled and _plain(top):
                self._bad.setdefault(top.chain, set()).update(failure.nodes)
            tell(failure)

        return told

    def first(self, make: Make, tell: Callable[[Failure], object]) -> None:
        """Write every further target; the main one comes after them, without what failed here."""
        for output in self._plan.outputs:
            told = self.noting(self._plan.writing(output), _renumbered(self._plan, output, tell))
            self._make(output, make, told, again=False)

    def finish(self, make: Make) -> None:
        """Write those again that hold records which have failed elsewhere since."""
        for output in self._plan.outputs:
            stream = self._streams[output.name]
            if self._of(output) != self._used[output.name]:
                stream.seek(0)
                stream.truncate()
                self._make(output, make, lambda _failure: None, again=True)
            on_disk(stream)

    def _of(self, output: Output) -> Nodes:
        """The failed nodes that a target's loops visit."""
        chains = {top.chain for top in output.tops if _plain(top)}
        return {chain: nodes for chain, nodes in self.nodes().items() if chain in chains}

    def _make(self, output: Output, make: Make, told: Callable[[Failure], object], *, again: bool) -> None:
        nodes = self._of(output)
        run = make(self._plan.writing(output), self._streams[output.name], told, nodes, again)
        self.counts[output.name] = Counts(run.read, run.written, run.failed, run.filtered)
        # What failed here is left out already.
        self._used[output.name] = self._of(output)


def _plain(top: Top) -> bool:
    """Its records are the nodes at its place, not groups of them or entries of an array."""
    loop = top.target.loop
    return loop is not None and loop.source is not None and not loop.group


def all_tops(plan: Plan) -> tuple[Top, ...]:
    """The outermost loops of all targets, the main one's first: failures are numbered by them."""
    return (*plan.tops, *(top for output in plan.outputs for top in output.tops))


def _renumbered(plan: Plan, output: Output, tell: Callable[[Failure], object]) -> Callable[[Failure], object]:
    """Failures of a further target with the number of their loop among those of all targets: the first over the same nodes."""
    every = all_tops(plan)
    numbers = {top.chain: number for number, top in reversed([*enumerate(every)]) if _visits(top)}

    def told(failure: Failure) -> None:
        top = output.tops[failure.top] if failure.top < len(output.tops) else None
        tell(replace(failure, top=-1 if top is None else numbers.get(top.chain, -1) if _visits(top) else -1))

    return told


def _visits(top: Top) -> bool:
    """It goes over nodes of the main source."""
    loop = top.target.loop
    return loop is not None and loop.source is not None and bool(top.chain) and not top.further


def _check_names(plan: Plan, given: Mapping[str, Place]) -> None:
    names = [each.name for each in plan.outputs]
    unknown = next((name for name in given if name not in names), None)
    if unknown is not None:
        raise BadInput(
            _("The transformation has no further target {name}.").format(name=unknown),
            next_step=_("Its further targets are: {names}.").format(names=", ".join(names))
            if names
            else _("It has none; leave out --output."),
        )
    missing = next((name for name in names if name not in given), None)
    if missing is not None:
        raise BadInput(
            _("The further target {name} is given no file.").format(name=missing),
            next_step=_("Name one with --output {name}=FILE.").format(name=missing),
        )
