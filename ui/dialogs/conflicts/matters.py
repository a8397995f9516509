"""What there is to decide, and what was decided of it so far; nothing is done with it before all of it is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from studio.project.model import Project

# Told instead of a number where many were decided at once.
ALL = -1


class Kind(StrEnum):
    """How something was decided. `BOTH` keeps a file that cannot be joined beside the other, under another name."""

    MINE = "mine"
    THEIRS = "theirs"
    JOIN = "join"
    OWN = "own"
    BOTH = "both"


@dataclass(frozen=True)
class FileVersion:
    """A version of a file whose content is nothing to read: bytes, seconds since 1970 (0: unknown), SHA-256 in hex."""

    size: int
    changed: float = 0.0
    digest: str = ""


@dataclass(frozen=True)
class Matter:
    """One thing both sides changed: a member of an object's file at `keys`, a whole object, or a file.

    `object` is the object's id, empty for other files, `path` the file in the project. The versions are plain data as in
    the file (FileVersion where it cannot be read), None where that side has none. `joined` is what both make together,
    None where they touch the same part. `revision` and those after it tell of theirs: 0 and "" where it is not known.
    """

    number: int
    object: str
    path: str
    keys: tuple[str, ...]
    base: Any
    mine: Any
    theirs: Any
    joined: Any = None
    revision: int = 0
    author: str = ""
    time: float = 0.0
    message: str = ""

    @property
    def rule(self) -> str:
        """The target path of the rule it is about, "" for anything else."""
        of_map = self.object.startswith("transformations/") and len(self.keys) == 2
        return self.keys[1] if of_map and self.keys[0] == "map" else ""

    @property
    def binary(self) -> bool:
        """Its content is nothing to read."""
        return any(isinstance(side, FileVersion) for side in (self.base, self.mine, self.theirs))

    @property
    def place(self) -> str:
        """Where in the object it is, as it is shown."""
        return self.rule or " ▸ ".join(self.keys) or self.path

    @property
    def versions(self) -> tuple[Any, Any, Any]:
        """Base, mine and theirs."""
        return self.base, self.mine, self.theirs


@dataclass(frozen=True)
class Choice:
    """A decision; `value` is what was written for OWN."""

    kind: Kind
    value: Any = None

    def of(self, matter: Matter) -> Any:
        """What stands at the place of a matter then."""
        return {
            Kind.MINE: matter.mine,
            Kind.THEIRS: matter.theirs,
            Kind.JOIN: matter.joined,
            Kind.OWN: self.value,
            Kind.BOTH: matter.mine,
        }[self.kind]


@dataclass(frozen=True)
class Alone:
    """Something that one side alone changed, and that was joined without asking; `mine` says which side."""

    object: str
    place: str
    mine: bool


@dataclass(frozen=True)
class Said:
    """Why something was changed; `revision` 0 is not pushed yet, `author` "" the one who sits here."""

    author: str
    time: float
    text: str
    revision: int = 0


@dataclass(frozen=True)
class Subject:
    """What the window is about: `finish` is given every decision by the matter's number, and ends it.

    `project` answers the state of the moment, `base_revision` the one both started from (0: unknown), `mine_said` why
    the objects were changed here. `their_place` is where theirs comes from, where that is no revision.
    """

    title: str
    folder: Path
    project: Callable[[], Project]
    matters: tuple[Matter, ...]
    finish: Callable[[Mapping[int, Choice]], Awaitable[object]]
    alone: tuple[Alone, ...] = ()
    mine_said: tuple[Said, ...] = ()
    base_revision: int = 0
    their_place: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)


class Deciding(QObject):
    """The matters and their decisions. `changed` tells the number of one that was decided, or otherwise; ALL many at once."""

    changed = Signal(int)

    def __init__(self, matters: Sequence[Matter], choices: Mapping[int, Choice] | None = None) -> None:
        super().__init__()
        self.matters = tuple(matters)
        self._by_number = {matter.number: matter for matter in matters}
        self._by_object: dict[str, list[Matter]] = {}
        for matter in matters:
            self._by_object.setdefault(_of(matter), []).append(matter)
        self.choices = {n: choice for n, choice in (choices or {}).items() if n in self._by_number}

    @property
    def objects(self) -> list[str]:
        """The objects, or files, there is something to decide of, in the order of their matters."""
        return list(self._by_object)

    def of(self, object: str) -> list[Matter]:
        """The matters of an object or file."""
        return self._by_object.get(object, [])

    def get(self, number: int) -> Matter:
        """The matter with a number."""
        return self._by_number[number]

    @property
    def decided(self) -> int:
        """How many are decided."""
        return len(self.choices)

    @property
    def complete(self) -> bool:
        """All are decided."""
        return len(self.choices) == len(self.matters)

    def open(self, object: str) -> int:
        """How many of an object are still to be decided."""
        return sum(matter.number not in self.choices for matter in self.of(object))

    def joined(self, object: str) -> bool:
        """All of an object was decided by joining both."""
        chosen = [self.choices.get(matter.number) for matter in self.of(object)]
        return all(choice is not None and choice.kind is Kind.JOIN for choice in chosen)

    def choose(self, number: int, choice: Choice) -> None:
        """Decide one, or decide it otherwise."""
        if self.choices.get(number) != choice:
            self.choices[number] = choice
            self.changed.emit(number)

    def choose_all(self, kind: Kind) -> None:
        """Decide all of them for one side."""
        for matter in self.matters:
            self.choices[matter.number] = Choice(kind)
        self.changed.emit(ALL)


def _of(matter: Matter) -> str:
    return matter.object or matter.path
