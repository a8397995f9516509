"""Both sides of a conflict in one, where they touched different parts of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def joined(base: Any, mine: Any, theirs: Any) -> Any:
    """What both sides' changes of some options make together; None where both changed the same one, or it has none.

    The values are plain data as in a file. A key is one part: two changes inside one are not joined.
    """
    if not all(isinstance(side, Mapping) for side in (base, mine, theirs)):
        return None
    made: dict[str, Any] = {}
    for key in dict.fromkeys((*mine, *theirs, *base)):
        before, ours, other = base.get(key), mine.get(key), theirs.get(key)
        if ours != before and other != before and ours != other:
            return None
        value = other if ours == before else ours
        if value is not None:
            made[key] = value
    return made
