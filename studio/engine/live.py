"""The turns of loops that are under way, and the failure that ends a rule."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from studio.engine.items import Item
from studio.engine.plan import Loop, Read
from studio.engine.steered import Steered
from studio.script.tree import Value
from studio.script.values import text_of


class RuleFailed(Exception):
    """A rule gave no value; `path` is its target path. `line` and `column` say where in its script, when known.

    `turns` are those of the loops inside a record (target path, number), noted by judges of a preview.
    """

    turns: tuple[tuple[str, int], ...] = ()

    def __init__(self, path: str, reason: str, line: int | None = None, column: int | None = None) -> None:
        super().__init__(reason)
        self.path = path
        self.reason = reason
        self.line = line
        self.column = column


_NOTHING: Mapping[str, Item] = {}


class Live:
    """The current instance of a frame: its node, the members of its group, its entry of an `each` array.

    `number` counts the turns of its loop, of which there are `total` where that is known; `steered` is what the
    loop's condition said of the loops below; `joined` are the rows of its joins by their names.
    """

    __slots__ = ("each", "entry", "item", "joined", "members", "number", "steered", "total")

    def __init__(self, item: Item, number: int = 1, joined: Mapping[str, Item] = _NOTHING) -> None:
        self.item = item
        self.joined = joined
        self.number = number
        self.total = 1
        self.steered: Steered | None = None
        self.each = False
        self.entry: Value = None
        self.members: list[Live] = []


def group_key(value: Value) -> object:
    """What groups compare: numbers by value, everything else by kind and text."""
    if value is None or isinstance(value, bool):
        return value, ""
    if isinstance(value, (int, float, Decimal)):
        return "number", value
    return "date" if isinstance(value, datetime) else type(value).__name__, text_of(value)


def numbered(lives: list[Live]) -> list[Live]:
    """The turns that are left, counted anew."""
    for number, live in enumerate(lives, start=1):
        live.number = number
        live.total = len(lives)
    return lives


def members_of(live: Live, read: Read) -> list[Live]:
    """The members of a group that a read begins at."""
    return live.members if read.member is None else live.members[read.member - 1 : read.member]


def cut(lives: list[Live], loop: Loop) -> list[Live]:
    """The turns a loop lets through: its first, of those its last."""
    if loop.first is not None:
        lives = lives[: loop.first]
    if loop.last is not None:
        lives = lives[-loop.last :] if loop.last else []
    return lives
