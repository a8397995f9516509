"""Records that the judge makes: those at hand one by one, and those of a document in memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from studio.base.i18n import _
from studio.engine.formats.units import Broken
from studio.engine.lexical import Unwritable
from studio.engine.live import Live, RuleFailed
from studio.engine.plan import Expr, Loop, Top
from studio.engine.run_settings import Turn
from studio.engine.skeleton import Writer
from studio.engine.stopping import failed
from studio.engine.telling import Telling
from studio.engine.together import together
from studio.engine.world import World
from studio.script.errors import ScriptError


class ByJudge(Telling):
    """The part of a run that needs nothing but the judge; `_world` and `_writer` are the run's."""

    _world: World
    _writer: Writer

    def _broken(self, unit: Broken, top: Top, turn: Turn) -> None:
        line = unit.line + self._settings.line
        reason = _("Line {line}: {reason}").format(line=line, reason=unit.reason)
        self._set_aside(RuleFailed(top.chain[-1], reason), turn)

    def _let(self, loop: Loop, live: Live) -> list[Live]:
        """The turns that joins make of a candidate and the loop's condition lets through."""
        lives = self._judge.joined(loop, live)
        if loop.when is not None:
            lives = [live for live in lives if self._judge.lets(loop.when, live)]
        return lives

    def _record(self, lives: list[Live], top: Top, depth: int, turn: Turn) -> Iterator[str]:
        """The text of one record, or a failure; it has several turns where a join gives them."""
        if self._settings.taken:
            turn = self._placed(turn, lives[0], top)
            if self._elsewhere(turn, top):
                self.failed += 1
                return
        self._judge.turn = turn.record, turn.nodes
        self._judge.nulled = [] if self._settings.nulls else None
        try:
            outs = [out for live in lives for out in self._judge.within(live, top.target)]
        except RuleFailed as failure:
            self._judge.nulled = None
            self._set_aside(failure, self._placed(turn, lives[0], top))
            return
        if self._judge.nulled:
            self._tell_nulled(self._placed(turn, lives[0], top))
        if not outs:
            self.filtered += 1
            return
        try:
            text = "".join([self._writer.record(out, depth) for out in outs])
        except Unwritable as error:
            self._set_aside(RuleFailed(top.target.path, str(error)), self._placed(turn, lives[0], top))
            return
        yield text

    def _from_memory(self, top: Top, depth: int) -> Iterator[str]:
        """The turns of a loop over a document that is read whole: grouped, sorted and cut as the loop says."""
        loop = top.target.loop
        assert loop is not None
        if loop.source is None:
            lives, left_out = self._judge.instances(top.target)
            turns = {id(live): Turn(number) for number, live in enumerate(lives, start=left_out + 1)}
        else:
            kept, numbers = self._candidates(loop, top)
            lives = self._judge.arranged(kept, top.target)
            turns = {id(live): Turn(numbers[id(live.item)]) for live in lives}
            left_out = 0 if loop.group else len(numbers) - len({id(live.item) for live in lives})
            if loop.group:
                self.read -= len(numbers) - len(lives)
        self.filtered += left_out
        if loop.source is None:
            self.read += len(lives) + left_out
        if loop.joins and not loop.group:
            yield from self._scattered(lives, top, depth, turns)
            return
        for live in lives:
            self._world.record()
            self._settings.progress.check()
            yield from self._record([live], top, depth, turns[id(live)])

    def _scattered(self, lives: list[Live], top: Top, depth: int, turns: Mapping[int, Turn]) -> Iterator[str]:
        """The records of a sorted loop that joins: the turns of one node may stand apart, and fail together."""

        def make(live: Live) -> str | None:
            self._world.record()
            self._settings.progress.check()
            before, filtered = self.failed, self.filtered
            text = "".join(self._record([live], top, depth, turns[id(live)]))
            self.filtered = filtered
            return text if self.failed == before else None

        texts, left_out = together(lives, make)
        self.filtered += left_out
        for text, again in texts:
            self.written -= again  # records are counted, and each once
            yield text

    def _candidates(self, loop: Loop, top: Top) -> tuple[list[Live], dict[int, int]]:
        """The turns a loop goes on with, and the number of each of their nodes in the order of the document."""
        kept: list[Live] = []
        numbers: dict[int, int] = {}
        keys = [*(loop.group or ()), *(() if loop.group else [order.by for order in loop.sort])]
        try:
            found = self._judge.candidates(loop)
        except ScriptError as error:
            raise RuleFailed(top.target.path, error.message, error.line, error.column) from error
        for live in found:
            self.read += 1
            self._world.record()
            if self.read in self._settings.refused:
                self._broken(self._settings.refused[self.read], top, self._placed(Turn(self.read), live, top))
            elif lives := self._kept_turns(loop, live, keys, top):
                numbers[id(live.item)] = self.read
                kept += lives
        return kept, numbers

    def _kept_turns(self, loop: Loop, live: Live, keys: list[Expr], top: Top) -> list[Live]:
        """The turns of a candidate whose keys can be told; counted where there are none."""
        try:
            lives = self._let(loop, live)
            for turn in lives:
                for key in keys:
                    self._judge.of(key, turn)
        except ScriptError as error:
            self._set_aside(failed(error, top), self._placed(Turn(self.read), live, top))
            return []
        self.filtered += not lives
        return lives
