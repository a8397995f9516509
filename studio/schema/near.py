"""The names most like one that is not there."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def nearest(name: str, names: Iterable[str], *, most: int = 8) -> list[str]:
    """Up to `most` names that are written almost like `name`, then those that hold it, the shortest first."""
    wanted = name.casefold()
    spelled: dict[str, str] = {}
    for one in names:
        spelled.setdefault(one.casefold(), one)
    if not wanted:
        return []
    alike = difflib.get_close_matches(wanted, spelled, n=most)
    holding = sorted((one for one in spelled if wanted in one), key=len)
    return [spelled[one] for one in dict.fromkeys([*alike, *holding])][:most]
