"""The errors of reading and running scripts."""

from __future__ import annotations

from studio.base.errors import BadInput, NotHere
from studio.script.tree import Node, line_column


class ScriptError(BadInput):
    """A script cannot be read, or failed while running; `offset` is where, when known."""

    offset: int | None = None

    def at(self, text: str, offset: int, file: str | None = None) -> ScriptError:
        """The same error with its place, unless it has one already."""
        if self.line is None:
            self.offset = max(0, min(offset, len(text)))
            self.line, self.column = line_column(text, self.offset)
        if self.file is None:
            self.file = file
        return self


class RunError(ScriptError):
    """An operation of a running script failed: what `Eval` and `IsValid` catch."""


class LimitReached(ScriptError):
    """A script used up its time, steps or memory; no script can catch this."""


class Unavailable(RunError, NotHere):
    """A function of the language that this program does not offer here."""


def syntax_error(
    message: str, text: str, offset: int, file: str | None = None, next_step: str = ""
) -> ScriptError:
    """A ScriptError at an offset of `text`."""
    error = ScriptError(message, next_step=next_step)
    error.at(text, offset, file)
    return error


def placed(error: ScriptError, text: str, node: Node, file: str | None = None) -> ScriptError:
    """Give an error raised by an operation the place of the node it belongs to."""
    return error.at(text, node.start, file)
