"""The errors a person may see: each names the thing, the place and the next step."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Any

from studio.base.records import dataclass


class WeftError(Exception):
    """An error written for people.

    `message` is one translated sentence saying what happened; `file`, `line` and `column` (from 1) and `path`
    (a node's address inside a document) say where; `next_step` says what to do. `exit_code` is what the command
    line ends with (see the command-line contract).
    """

    exit_code = 2

    def __init__(
        self,
        message: str,
        *,
        file: str | Path | None = None,
        line: int | None = None,
        column: int | None = None,
        path: str | None = None,
        next_step: str = "",
    ) -> None:
        super().__init__(message)
        self.message = message
        self.file = str(file) if file is not None else None
        self.line = line
        self.column = column
        self.path = path
        self.next_step = next_step

    @property
    def place(self) -> str:
        """`file:line:column path`, leaving out what is not known."""
        return place_text(self.file, self.line, self.column, self.path)

    def said(self) -> dict[str, Any]:
        """Everything it says, as JSON data: what its constructor takes."""
        return {
            "message": self.message,
            "file": self.file,
            "line": self.line,
            "column": self.column,
            "path": self.path,
            "next_step": self.next_step,
        }

    def __str__(self) -> str:
        text = f"{self.place}: {self.message}" if self.place else self.message
        return f"{text} {self.next_step}".rstrip()


class BadInput(WeftError):
    """A file or an argument cannot be used as it is."""


class TooLarge(BadInput):
    """Input exceeds a documented limit of size, depth or time."""


class NotReachable(WeftError):
    """A system did not answer, or not in time."""

    exit_code = 3


class NotAllowed(WeftError):
    """A system answered and refused."""

    exit_code = 3


class Cancelled(WeftError):
    """The user stopped it."""

    exit_code = 130


class NotHere(WeftError):
    """The language or format knows it; this program, on this machine, does not offer it."""


class Severity(StrEnum):
    """How bad a problem is: an error stops a run, a warning does not, a note informs."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True)
class Problem:
    """Something wrong with a project that does not stop it from being opened.

    `object` is the project object's reference (`transformations/orders-to-invoices`), `path` a node's address or a
    rule's target path inside it, `mend` one sentence on how to put it right; `record` counts a document's records
    from 1.
    """

    severity: Severity
    message: str
    file: str | None = None
    line: int | None = None
    column: int | None = None
    object: str | None = None
    path: str | None = None
    mend: str = ""
    record: int | None = None

    @property
    def place(self) -> str:
        """`file:line:column path`, leaving out what is not known."""
        return place_text(self.file, self.line, self.column, self.path)


def place_text(file: str | None, line: int | None, column: int | None, path: str | None) -> str:
    """Join the known parts of a place: `orders.xsd:12:4 orders/order`."""
    where = file or ""
    if line is not None:
        where += f":{line}" if where else str(line)
        if column is not None:
            where += f":{column}"
    return " ".join(part for part in (where, path or "") if part)
