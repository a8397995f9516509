"""Rules' scripts inside generated code: compiled by the language's own compiler, fed from slots."""

from __future__ import annotations

from studio.base.i18n import _
from studio.engine.generate.lines import Declined, Lines
from studio.engine.generate.reads import Reads
from studio.engine.plan import Expr, Read
from studio.script import tree
from studio.script.compile import Constants, Generated, PathCode, TooDeep, generate

HOST = "g_world"
_COUNTING = frozenset(
    {"getinstance", "recordcount", "sourceinstancecount", "targetinstancecount", "countsourcerecords"}
)


class Scripts:
    """Emits scripts into `lines`, their paths read through `reads`."""

    def __init__(self, lines: Lines, constants: Constants, reads: Reads) -> None:
        self._lines = lines
        self._constants = constants
        self._reads = reads

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
            found = generate(expr.script, lambda path: reads[path], self._constants, host=HOST)
        except TooDeep:
            raise Declined(_("a script is nested too deeply")) from None
        for statement in found.statements:
            self._lines.emit(statement)
        return found

    def _path_code(self, read: Read) -> PathCode:
        column = self._reads.column(read)
        if column is None:
            return PathCode(self._reads.value(read), read.base, read.array)
        rows, place = column
        return PathCode(f"[g_y[{place}] for g_y in {rows}]", read.base, many=True, column=column)

    def condition(self, expr: Expr) -> str:
        """Emit a script; an expression of its truth, to be used once and here."""
        return self.emit(expr).condition
