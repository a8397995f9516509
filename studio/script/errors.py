"""The errors of reading and running scripts."""

from __future__ import annotations

from studio.base.errors import BadInput, NotHere
from studio.base.records import dataclass
from studio.script.tree import Node, Path, Value, line_column


@dataclass(frozen=True)
class Operand:
    """A path beside an operator, as written, and what it gave: of an array the entry that failed, counted from 1."""

    path: Path
    written: str
    value: Value
    entry: int | None = None


class ScriptError(BadInput):
    """A script cannot be read, or failed while running; `offset` is where, when known.

    `operands` are the paths beside the operator that failed; None where no operator has.
    """

    offset: int | None = None
    operands: tuple[Operand, ...] | None = None

    def at(self, text: str, offset: int, file: str | None = None) -> ScriptError:
        """The same error with its place, unless it has one already."""
        if self.line is None:
            self.offset = max(0, min(offset, len(text)))
            self.line, self.column = line_column(text, self.offset)
        if self.file is None:
            self.file = file
        return self


class TooManyMistakes(ScriptError):
    """A script that is read on after mistakes has so many that it is given up."""


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


def caret(text: str, line: int, column: int, width: int = 100) -> str:
    """The line of a text and below it a caret at the column (both from 1); long lines are cut to `width`."""
    lines = text.split("\n")
    if not 1 <= line <= len(lines):
        return ""
    shown = lines[line - 1].rstrip("\r")
    at = max(0, min(column - 1, len(shown)))
    first = max(0, at - width * 2 // 3)
    part = shown[first : first + width]
    blank = "".join("\t" if char == "\t" else " " for char in part[: at - first])
    return f"{part}\n{blank}^"
