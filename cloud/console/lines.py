"""The difference between two texts, as lines that came, went and stayed."""

from __future__ import annotations

from difflib import unified_diff

# Of more lines the work could take long, and nobody reads them.
MOST_LINES = 4000


def difference_of(before: str, after: str) -> list[tuple[str, str]] | None:
    """Signs ("+", "-", " ", "@") and lines; None when there are too many lines to look through."""
    one, two = before.splitlines(), after.splitlines()
    if len(one) + len(two) > MOST_LINES:
        return None
    found = list(unified_diff(one, two, lineterm="", n=3))[2:]
    return [(line[:1], "" if line.startswith("@") else line[1:]) for line in found]
