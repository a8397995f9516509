"""The order of sort keys, as the language's < says."""

from __future__ import annotations

from functools import cmp_to_key
from typing import TypeVar

from studio.script.operators import binary
from studio.script.tree import Value
from studio.script.values import truth_of

Sorted = TypeVar("Sorted")


def compare_values(one: Value, other: Value) -> int:
    """Below 0 where the first comes before the second, above 0 after it. Raises RunError for what has no order."""
    if truth_of(binary("<", one, other)):
        return -1
    return 1 if truth_of(binary(">", one, other)) else 0


_KEY = cmp_to_key(compare_values)


def in_order(pairs: list[tuple[Value, Sorted]], *, descending: bool = False) -> list[Sorted]:
    """What stands beside the keys, sorted by them and else as it was; nulls come first in either direction."""
    nothing = [each for key, each in pairs if key is None]
    known = [pair for pair in pairs if pair[0] is not None]
    known.sort(key=lambda pair: _KEY(pair[0]), reverse=descending)
    return nothing + [each for _value, each in known]
