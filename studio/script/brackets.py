"""Brackets that belong together, in a script that may not be finished; those in texts and comments do not count."""

from __future__ import annotations

from functools import lru_cache

from studio.script.cursor import PATH, TOKEN, VALUES

MOST = 200_000
"""Longer texts have no pairs, in characters."""
_CLOSES = {")": "(", "]": "[", "}": "{"}


def partner(text: str, offset: int) -> tuple[int, int | None] | None:
    """The bracket beside an offset (before the one after) and its partner's offset, None where it has none.

    None where no bracket is beside the offset.
    """
    known = _pairs(text)
    for at in (offset - 1, offset):
        if at in known:
            return at, known[at]
    return None


def enclosing(text: str, offset: int) -> tuple[int, int] | None:
    """The innermost pair around an offset."""
    around = ((a, b) for a, b in _pairs(text).items() if b is not None and a < offset <= b)
    return max(around, default=None)


@lru_cache(maxsize=8)
def _pairs(text: str) -> dict[int, int | None]:
    """Every bracket with its partner, in both directions."""
    if len(text) > MOST:
        return {}
    found: dict[int, int | None] = {}
    open: list[tuple[str, int]] = []
    before, at, condition = "", 0, -1
    while (match := TOKEN.match(text, at)) is not None:
        kind, mark, at = match.lastgroup or "", match[0], match.end()
        if kind in ("space", "tag", "open", "torn"):
            continue
        if kind == "mark" and mark in "([{":
            found[match.start()] = None
            open.append((mark, match.start()))
            fresh = before not in (*VALUES, ")", "]", "}") and match.start() != condition
            if mark == "[" and fresh:
                at = condition = _beyond_path(text, at)
        elif kind == "mark" and mark in _CLOSES:
            _close(found, open, mark, match.start())
            if mark == "]" and open and open[-1][0] == "[" and text[at : at + 1] in "/.]":
                # A path goes on behind its condition.
                at = condition = _beyond_path(text, at)
        before = mark if kind == "mark" else kind
    return found


def _beyond_path(text: str, at: int) -> int:
    """Where a path's own letters end: at the bracket of a condition, or at its end."""
    match = PATH.match(text, at)
    return match.end() if match else at


def _close(found: dict[int, int | None], open: list[tuple[str, int]], mark: str, at: int) -> None:
    """Take away what this mark closes; one of another kind in between stays without a partner."""
    found[at] = None
    kinds = [kind for kind, _start in open]
    if _CLOSES[mark] not in kinds:
        return
    while open:
        kind, start = open.pop()
        if kind == _CLOSES[mark]:
            found[at], found[start] = start, at
            return
