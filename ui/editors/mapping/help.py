"""What the script bar shows of the language: completions and the signature of the call around the cursor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Item:
    """One completion: what is shown (`name`, `detail`, its `value` in this record, `note`) and what is written.

    `back` is how far before the end of `text` the cursor goes (inside the parentheses of a call).
    """

    name: str
    text: str
    detail: str = ""
    value: str = ""
    note: str = ""
    icon: str = "text-t"
    back: int = 0


@dataclass(frozen=True)
class Completions:
    """The completions for the text between `start` and `end`, best first; `typed` is what they match."""

    start: int = 0
    end: int = 0
    items: tuple[Item, ...] = ()
    typed: str = ""


@dataclass(frozen=True)
class Signature:
    """A function's name, its arguments, which of them the cursor is in (-1: none) and what it gives."""

    name: str
    arguments: tuple[str, ...]
    current: int
    result: str
    note: str = ""


class Helper(Protocol):
    """Knows the language and the fields around a rule."""

    def complete(self, text: str, cursor: int) -> Completions:
        """What may stand at the cursor."""

    def signature(self, text: str, cursor: int) -> Signature | None:
        """The call around the cursor."""

    def hover(self, text: str, cursor: int) -> str:
        """What is known of the name there that the function reference does not tell, "" for nothing."""


NOTHING = Completions()
