"""The part of a script around a cursor or a selection that has a value of its own, and how to ask for it."""

from __future__ import annotations

from dataclasses import dataclass

from studio.base.errors import Severity
from studio.script import tree
from studio.script.check import check
from studio.script.errors import ScriptError
from studio.script.lossless import read
from studio.script.parse import MAX_TEXT, parse
from studio.script.scope import NOTHING

_WITH_VALUE = (tree.Local, tree.Global, tree.Call, tree.Path, tree.Index, tree.Binary, tree.Unary, tree.Array)


@dataclass(frozen=True)
class Part:
    """From `start` to `end` stands something whose value the script `asking` gives: it, after what runs before it."""

    start: int
    end: int
    text: str
    asking: str


def part_at(text: str, start: int, end: int) -> Part | None:
    """The part that is selected, or (where `start` is `end`) the innermost one around the cursor.

    None for literals, for what is given a value, inside conditions of paths, and where the part cannot be read.
    """
    if len(text) > MAX_TEXT or "<trans>" in text:
        return None
    found = _selected(text, start, end) if start != end else _around(text, start)
    if found is None or found == (0, len(text.strip())):
        return None
    script = read(text).script
    first = next((each for each in script.statements if each.start <= found[0] < each.end), None)
    before = text[: first.start] if first is not None else ""
    shown = text[found[0] : found[1]]
    try:
        asking = parse(before + shown)
    except ScriptError:
        return None
    if any(problem.severity is Severity.ERROR for problem in check(asking, NOTHING)):
        # Half a word is selected.
        return None
    return Part(*found, shown, before + shown)


def _selected(text: str, start: int, end: int) -> tuple[int, int] | None:
    chosen = text[start:end]
    if not chosen.strip():
        return None
    start += len(chosen) - len(chosen.lstrip())
    return start, start + len(chosen.strip())


def _around(text: str, at: int) -> tuple[int, int] | None:
    nodes = tree.without_filters(read(text).script)
    given = {id(node.target) for node in nodes if isinstance(node, (tree.Assign, tree.Increment))}
    around = [
        node
        for node in nodes
        if isinstance(node, _WITH_VALUE)
        and node.start <= at <= node.end
        and id(node) not in given
        and not tree.is_hole(node)
    ]
    best = min(around, key=lambda node: (node.end - node.start, -node.start), default=None)
    return (best.start, best.end) if best is not None else None
