"""Scripts that run at once: the judge does their first evaluations, and those that go on being asked are compiled."""

from __future__ import annotations

from collections.abc import Callable

from studio.script import tree
from studio.script.compile import compile_script
from studio.script.evaluate import evaluate
from studio.script.host import Host
from studio.script.tree import Value

FIRST = 24
"""Evaluations by the judge before a script is compiled: less than compiling costs, most rules of a map never get there."""


class Warming:
    """A script ready to run. Ask for `run` at each call: it becomes the compiled function once that pays."""

    __slots__ = ("_left", "run", "script")

    def __init__(self, script: tree.Script, *, first: int = FIRST) -> None:
        self.script = script
        self._left = first
        self.run: Callable[[Host], Value] = self._judged
        """The script's value in a host: as `evaluate`."""

    @property
    def compiled(self) -> bool:
        """The script runs as Python."""
        return self.run != self._judged

    def _judged(self, host: Host) -> Value:
        # Compiling a script that goes round in circles pays within its first evaluation.
        if self._left <= 0 or circles(self.script):
            self.run = compile_script(self.script)
            return self.run(host)
        self._left -= 1
        return evaluate(self.script, host)


def circles(script: tree.Script) -> bool:
    """The script has a loop."""
    if "while" not in script.text.lower():
        return False
    return any(isinstance(node, tree.Call) and node.name.lower() == "while" for node in tree.walk(script))
