"""What a run counts of its records, and how it tells of those that fail."""

from __future__ import annotations

from studio.engine.failures import Failure
from studio.engine.interpret import Judge
from studio.engine.items import Item
from studio.engine.live import Live, RuleFailed
from studio.engine.plan import Plan, Top
from studio.engine.run_settings import Settings, Turn
from studio.engine.stopping import stopped


class Telling:
    """`read`, `written`, `failed` and `filtered` count the turns of the outermost loops.

    `nulled` counts the fields that were left without a value.
    """

    _judge: Judge

    def __init__(self, plan: Plan, settings: Settings) -> None:
        self.plan = plan
        self.read = self.written = self.failed = self.filtered = self.nulled = 0
        self._settings = settings
        self._document = Item("")
        self._top = 0
        self._shift = 0
        self._known: dict[int, int] | None = None

    def _no_turn(self) -> None:
        """What was read is a node that the filter in the loop's path passes over."""
        self.read -= 1
        self._shift += 1

    def _here(self) -> Turn:
        """The turn of the node that was read last."""
        return Turn(self.read, (self.read + self._shift,))

    def _elsewhere(self, turn: Turn, top: Top) -> bool:
        """The record has failed in another target."""
        loop = top.target.loop
        taken = self._settings.taken.get(top.chain) if loop is not None and not loop.group else None
        return taken is not None and bool(turn.nodes) and taken.issuperset(turn.nodes)

    def _placed(self, turn: Turn, live: Live, top: Top) -> Turn:
        """A turn with its source nodes; those of a document in memory are counted when the first is asked for."""
        loop = top.target.loop
        if turn.nodes or loop is None or loop.source is None:
            return turn
        if self._known is None:
            items = [self._document]
            for key in top.chain:
                items = [each for item in items for each in item.children.get(key, ())]
            self._known = {id(item): number for number, item in enumerate(items, start=1)}
        found = {self._known.get(id(each.item), 0) for each in live.members or [live]}
        return turn._replace(nodes=tuple(sorted(number for number in found if number)))

    def _set_aside(self, failure: RuleFailed, turn: Turn) -> None:
        if self._settings.strict:
            node = turn.nodes[0] if turn.nodes else 0
            raise stopped(self._settings.name, failure, turn.record, self._top, node)
        self.failed += 1
        if not self._elsewhere(turn, self.plan.tops[self._top]):
            self._tell(failure, turn, nulled=False)

    def _tell(self, failure: RuleFailed, turn: Turn, *, nulled: bool) -> None:
        self._settings.failed(
            Failure(
                turn.record, failure.path, failure.reason, failure.line, failure.column, self._top, turn.nodes, nulled
            )
        )  # fmt: skip

    def _tell_nulled(self, turn: Turn) -> None:
        """The fields of a record that is written without them."""
        nulled, self._judge.nulled = self._judge.nulled, None
        for failure in nulled or ():
            self.nulled += 1
            self._tell(failure, turn, nulled=True)
