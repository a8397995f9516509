"""Lines of Python under construction."""

from __future__ import annotations

import contextlib
from collections.abc import Hashable, Iterator

from studio.base.i18n import _

MOST_NESTED = 18  # Python allows twenty blocks in one another


class Declined(Exception):
    """This back end does not do it; the text says why, for people."""


class Lines:
    """Collects statements. What was computed once in a block is remembered by `known` until the block ends."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._indent = 0
        self._count = 0
        self._known: list[dict[Hashable, str]] = [{}]
        self.base = 1

    def emit(self, text: str) -> None:
        """Add a statement."""
        self.lines.append("    " * self._indent + text)

    def fresh(self, letter: str) -> str:
        """A variable nothing else uses."""
        self._count += 1
        return f"{letter}_{self._count}"

    def let(self, letter: str, expression: str) -> str:
        """A new variable with the expression's value."""
        name = self.fresh(letter)
        self.emit(f"{name} = {expression}")
        return name

    @property
    def flat(self) -> bool:
        """What is emitted here runs for every record: at the level that `base` was set to."""
        return self._indent == self.base

    @contextlib.contextmanager
    def block(self, head: str) -> Iterator[None]:
        """Statements inside `head:`; what they compute is forgotten after them."""
        self.emit(head)
        self._indent += 1
        if self._indent > MOST_NESTED:
            raise Declined(_("blocks are nested too deeply"))
        self._known.append({})
        before = len(self.lines)
        yield
        if len(self.lines) == before:
            self.emit("pass")
        self._known.pop()
        self._indent -= 1

    def known(self, key: Hashable) -> str | None:
        """The variable remembered for a key."""
        return next((found[key] for found in reversed(self._known) if key in found), None)

    def remember(self, key: Hashable, name: str) -> str:
        """Remember a variable; gives it."""
        self._known[-1][key] = name
        return name
