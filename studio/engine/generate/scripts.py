"""Rules' scripts inside generated code: compiled by the language's own compiler, fed from slots."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from time import perf_counter
from typing import Any

from studio.base.i18n import _
from studio.engine.generate.lines import Declined, Lines
from studio.engine.generate.reads import Reads
from studio.engine.measures import Measures
from studio.engine.plan import Expr, Read
from studio.engine.world import World
from studio.schema.model import Base
from studio.script import tree
from studio.script.compile import Constants, Generated, Keep, Kept, PathCode, TooDeep, generate
from studio.script.evaluate import evaluate
from studio.script.functions import find
from studio.script.runtime import Cache, KeptTexts
from studio.script.tree import Value
from studio.script.values import typed

HOST = "g_world"
_COUNTING = frozenset(
    {"getinstance", "recordcount", "sourceinstancecount", "targetinstancecount", "countsourcerecords"}
)


_LAZY = frozenset({"if", "case", "ifnull", "ifempty", "tablelookup"})


def is_plain(node: tree.Expression | tree.Script) -> bool:
    """It gives the same for the same text, and does nothing else."""
    if isinstance(node, tree.Call):
        function = find(node.name)
        if function is None or function.takes_nodes:
            return False
        return node.name.lower() in _LAZY or (
            function.pure and function.run is not None and not function.wants_host and not function.lazy
        )
    return isinstance(node, (tree.Literal, tree.Binary, tree.Unary)) or (
        isinstance(node, tree.Path) and node.plain
    )


def _outer(node: tree.Expression) -> Iterator[tree.Expression | tree.Script]:
    """The node and everything inside it but the filters of paths."""
    waiting: list[tree.Expression | tree.Script] = [node]
    while waiting:
        here = waiting.pop()
        yield here
        if not isinstance(here, tree.Path):
            waiting += tree.children(here)


def _looks_up(node: tree.Expression) -> bool:
    """All it reads is the key of a value table, of which there are not many."""
    if isinstance(node, tree.Call) and node.name.lower() == "tablelookup":
        fixed = (each for place, each in enumerate(node.arguments) if place != 1)
        return len(node.arguments) > 1 and all(isinstance(each, tree.Literal) for each in fixed)
    below = node.arguments if isinstance(node, tree.Call) else ()
    return bool(below) and all(isinstance(each, tree.Literal) or _looks_up(each) for each in below)


def keeper(
    script: tree.Script,
    node: tree.Expression,
    bases: Mapping[tree.Path, Base],
    world: World,
    *,
    blank: bool = True,
) -> Callable[[Any], Value]:
    """What the judge makes of an expression in a script, whose paths all read one text, from that text.

    With `blank` the empty text stands for null.
    """
    script = replace(script, statements=(node,))
    alone = World(world.tables, {}, clock=world.now)

    def value(text: str | None) -> Value:
        alone.reader = lambda path: typed((text or None) if blank else text, bases[path])
        alone.record()
        return evaluate(script, alone)

    return value


class Scripts:
    """Emits scripts into `lines`, their paths read through `reads`."""

    def __init__(self, lines: Lines, constants: Constants, reads: Reads, world: World | None = None) -> None:
        self._world = world
        self._lines = lines
        self._constants = constants
        self._reads = reads
        self.timings: Measures | None = None

    def emit(self, expr: Expr) -> Generated:
        """Emit the statements of a script; its value is then that of the expression, to be used once and here."""
        if expr.script is None or expr.wrong is not None:
            raise Declined(_("a script has errors"))
        for node in tree.walk(expr.script):
            if isinstance(node, tree.Call) and node.name.lower() in _COUNTING:
                raise Declined(_("a script counts instances"))
        if any(read.whole for _path, read in expr.reads):
            raise Declined(_("a script looks at a whole node"))
        reads = {path: self._path_code(read) for path, read in expr.reads}
        try:
            found = generate(
                expr.script, lambda path: reads[path], self._constants, host=HOST, kept=self._kept(expr)
            )
        except TooDeep:
            raise Declined(_("a script is nested too deeply")) from None
        for statement in found.statements:
            self._lines.emit(statement)
        return found

    def _path_code(self, read: Read) -> PathCode:
        column = self._reads.column(read)
        if column is None:
            value = self._reads.value(read)
            cell = self._reads.cell(value)
            if cell is None:
                return PathCode(value, read.base, read.array)
            return PathCode(value, read.base, blank=cell.text, number=None if cell.few else cell.number)
        rows, place = column
        return PathCode(f"[g_y[{place}] for g_y in {rows}]", read.base, many=True, column=column)

    def _kept(self, expr: Expr) -> Kept | None:
        """What says of a script's expressions that they are worth keeping: those of one text with
        few different values."""
        world, script = self._world, expr.script
        if world is None or script is None:
            return None
        reads = dict(expr.reads)

        def kept(node: tree.Expression) -> Keep | None:
            paths = [each for each in _outer(node) if isinstance(each, tree.Path)]
            # Of a value table's key it does not matter which node the text is read from.
            any_path = _looks_up(node) and all(path in reads for path in paths)
            plain = (is_plain(each) or (any_path and isinstance(each, tree.Path)) for each in _outer(node))
            if not paths or not all(plain):
                return None
            if any(reads[path].array for path in paths):
                return None
            if not (self._reads.cells or _looks_up(node)):
                return None
            found = {self._reads.value(reads[path]) for path in paths}
            if len(found) != 1:
                return None
            text, bases = next(iter(found)), {path: reads[path].base for path in paths}
            cell = self._reads.cell(text)
            if cell is not None:
                return Keep(cell.text, keeper(script, node, bases, world), Cache) if cell.few else None
            if not _looks_up(node) or not text.isidentifier():
                return None
            return Keep(text, keeper(script, node, bases, world, blank=False), KeptTexts)

        return kept

    def condition(self, expr: Expr) -> str:
        """Emit a script; an expression of its truth, to be used once and here."""
        with self.timed(expr) as timed:
            condition = self.emit(expr).condition
            return self._lines.let("b", condition) if timed else condition

    @contextlib.contextmanager
    def timed(self, expr: Expr) -> Iterator[bool]:
        """Measure what is emitted inside, where somebody asked for it; whether it is."""
        number = self.timings.number(expr) if self.timings is not None else None
        if number is None or self.timings is None:
            yield False
            return
        started = self._lines.let("s", f"{self._constants.add(perf_counter)}()")
        yield True
        self._lines.emit(f"{self._constants.add(self.timings.add)}({number}, {started})")
