"""A script evaluated statement by statement, so that somebody may hold it at each and look at its variables."""

from __future__ import annotations

import decimal
from collections.abc import Callable, Iterator

from studio.base.i18n import _
from studio.script import special, tree
from studio.script.errors import LimitReached
from studio.script.evaluate import Evaluation
from studio.script.functions import find
from studio.script.host import Host
from studio.script.tree import Value
from studio.script.values import EXACT

# Of these functions, the arguments from this place on are carried out one or the other, or again and again.
_BRANCHES = {"If": 1, "Case": 0, "While": 1, "Eval": 0, "IfNull": 1, "IfEmpty": 1}


def stops(script: tree.Script) -> Iterator[tree.Expression]:
    """The places one may stop at: every statement, and what If, Case, While and Eval carry out or leave."""
    for node in tree.walk(script):
        if isinstance(node, (tree.Script, tree.Block)):
            yield from node.statements
        elif isinstance(node, tree.Call):
            function = find(node.name)
            first = _BRANCHES.get(function.name) if function is not None else None
            if first is None or function is None or function.name not in special.RULES:
                continue
            inside = node.arguments[1::2] if function.name == "Case" else node.arguments[first:]
            yield from (each for each in inside if not isinstance(each, tree.Block))


class Following(Evaluation):
    """An evaluation that tells `met` of every place one may stop at, before it is carried out."""

    def __init__(
        self,
        script: tree.Script,
        host: Host,
        places: frozenset[int],
        met: Callable[[Following, tree.Expression], object],
    ) -> None:
        super().__init__(script, host, {})
        self._places = places
        self._met = met
        self.node: tree.Expression | None = None

    def value(self, node: tree.Expression) -> Value:
        """The value of an expression, told before."""
        if id(node) in self._places:
            self.node = node
            self._met(self, node)
        return super().value(node)

    def whole(self) -> Value:
        """What evaluate() gives and raises."""
        with decimal.localcontext(EXACT):
            try:
                return self.run()
            except RecursionError:
                message = _("The script is nested too deeply to be run here.")
                raise LimitReached(message, file=self.script.file) from None
