"""What a script may refer to where it stands: fields, variables, functions of the surroundings."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass

from studio.schema.model import Base
from studio.script.tree import Path


@dataclass(frozen=True)
class Field:
    """A field of the source: `path` as a script writes it between brackets, its base, whether it gives an array.

    `value` is its text in the record at hand, `note` what else a person may want to know.
    """

    path: str
    base: Base = Base.TEXT
    many: bool = False
    value: str = ""
    note: str = ""


@dataclass(frozen=True)
class Scope:
    """`field` finds what a path means, None where there is nothing; without it paths are not looked at.

    `fields` are those to offer, `variables` the globals known from elsewhere (names without `$`), `locals` those set
    before the script begins. `offered` are functions that the surroundings answer, in lower case. `objects` are the
    project's, by kind (`operations`), where they are known. With `alone` nothing else gives global variables their
    values, so reading one that nothing sets is worth a note. `object` and `path` go into problems.
    """

    field: Callable[[Path], Field | None] | None = None
    fields: Iterable[Field] = ()
    variables: Iterable[str] = ()
    locals: Iterable[str] = ()
    offered: frozenset[str] = frozenset()
    objects: Mapping[str, Collection[str]] | None = None
    alone: bool = False
    object: str | None = None
    path: str | None = None


NOTHING = Scope()
