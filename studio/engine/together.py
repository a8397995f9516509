"""Records that a join has made several turns of, when the turns stand apart: they are written or left out together."""

from __future__ import annotations

from collections.abc import Callable

from studio.engine.live import Live


def together(lives: list[Live], make: Callable[[Live], str | None]) -> tuple[list[tuple[str, bool]], int]:
    """The texts of turns in their order, each with whether its record has one before; and how many records have none.

    `make` gives the text of a turn, empty for nothing, None where it fails: the record's other turns are dropped then.
    """
    found: list[tuple[int, str]] = []
    texts: dict[int, int] = {id(live.item): 0 for live in lives}
    for live in lives:
        node = id(live.item)
        if node not in texts:
            continue
        text = make(live)
        if text is None:
            del texts[node]
        elif text:
            texts[node] += 1
            found.append((node, text))
    told: set[int] = set()
    shown = []
    for node, text in found:
        if node in texts:
            shown.append((text, node in told))
            told.add(node)
    return shown, sum(not count for count in texts.values())
