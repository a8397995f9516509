"""Fields by what a person types of their names, so that thousands of them answer at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property

from studio.script.scope import Field

Rank = tuple[int, int]
"""How well a name fits, best first: 0 exactly, 1 by its beginning, 2 inside, 3 by its capitals, 4 by letters in order."""
_KEPT = 4


class FieldIndex:
    """The fields of a scope, searched without regard to letter case."""

    def __init__(self, fields: Iterable[Field]) -> None:
        self.given = fields
        self.fields = tuple(fields)
        self._names = [field.path.lower() for field in self.fields]
        self._lasts = [name.rpartition("/")[2].lstrip("@") for name in self._names]
        self._lengths = [len(name) for name in self._names]

    @cached_property
    def _capitals(self) -> list[str]:
        """The capital letters of each name, small."""
        strip = re.compile(r"[^A-Z]+").sub
        return [strip("", field.path).lower() for field in self.fields]

    def ranked(self, typed: str, most: int) -> Iterator[tuple[Rank, int]]:
        """The best fields for what was typed, each by its number with its rank; no more than `most`."""
        wanted = typed.strip().lower()
        if not wanted:
            yield from (((5, 0), number) for number in range(min(most, len(self.fields))))
            return
        seen: set[int] = set()
        for rank, find in enumerate(
            (self._same, self._beginning, self._inside, self._by_capitals, self._by_letters)
        ):
            worth = self._places(wanted) if rank == 2 else self._lengths.__getitem__
            # Equal ones stay in the order of the fields.
            for number in sorted((each for each in find(wanted) if each not in seen), key=worth):
                if len(seen) >= most:
                    return
                seen.add(number)
                yield (rank, worth(number) if rank else 0), number

    def _places(self, wanted: str) -> Callable[[int], int]:
        return lambda number: self._names[number].index(wanted)

    def _same(self, wanted: str) -> list[int]:
        return [number for number, name in enumerate(self._names) if name == wanted]

    def _beginning(self, wanted: str) -> list[int]:
        pairs = enumerate(zip(self._names, self._lasts, strict=True))
        return [
            number for number, (name, last) in pairs if name.startswith(wanted) or last.startswith(wanted)
        ]

    def _inside(self, wanted: str) -> list[int]:
        return [number for number, name in enumerate(self._names) if wanted in name]

    def _by_capitals(self, wanted: str) -> list[int]:
        if len(wanted) < 2:
            return []
        return [number for number, capitals in enumerate(self._capitals) if capitals.startswith(wanted)]

    def _by_letters(self, wanted: str) -> list[int]:
        """Names that hold the letters in order: each gap ends at the next letter, so there is one way to match."""
        if len(wanted) < 3:
            return []
        fits = re.compile("".join(rf"[^{re.escape(char)}]*{re.escape(char)}" for char in wanted)).match
        return [number for number, name in enumerate(self._names) if fits(name)]


_indexes: list[FieldIndex] = []


def index_of(fields: Iterable[Field]) -> FieldIndex:
    """The index of a scope's fields; those of the last few scopes are kept."""
    for index in _indexes:
        if index.given is fields:
            return index
    index = FieldIndex(fields)
    _indexes.insert(0, index)
    del _indexes[_KEPT:]
    return index
