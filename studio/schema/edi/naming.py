"""Names for the children of a loop or segment: the code, and where several share it, the qualifier that tells them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

_PLAIN = re.compile(r"[^\w.-]+")


def unique_names(names: Sequence[str], qualifiers: Sequence[str] = ()) -> list[str]:
    """The names, those that occur several times made different: by their qualifier (`REF_EV`), else by number."""
    count = Counter(names)
    taken: set[str] = set()
    made: list[str] = []
    for at, name in enumerate(names):
        qualifier = _PLAIN.sub("", qualifiers[at].split("\n")[0]) if at < len(qualifiers) else ""
        wanted = f"{name}_{qualifier}" if qualifier and count[name] > 1 else name
        free, number = wanted, 1
        while free in taken:
            number += 1
            free = f"{wanted}_{number}"
        taken.add(free)
        made.append(free)
    return made
