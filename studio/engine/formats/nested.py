"""Documents as nested plain data: dicts by name, a list exactly where the schema lets a node repeat, texts, None.

A reader gives parts in document order; here they become the units of a loop, or a document of Items.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Protocol

from studio.base.records import dataclass
from studio.engine.formats.units import Broken
from studio.engine.items import Item, keep
from studio.engine.plan import Shape

Chain = tuple[str, ...]
Data = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Part:
    """A record with what is directly in it: `chain` are the names down to it, the last `opens` of them begin with it.

    `line` is where it stands, from 1: a line of the text, or the number of the row.
    """

    chain: Chain
    opens: int
    data: Data
    line: int


@dataclass(frozen=True, slots=True)
class Misplaced(Broken):
    """A stretch of input that is no record: it spoils the unit around it at `chain`, or stands for one by itself."""

    chain: Chain = ()


class Parts(Protocol):
    """A document as its parts, read once from its beginning."""

    taken: int
    """Bytes read so far."""

    def __iter__(self) -> Iterator[Part | Misplaced]:
        """The parts in document order; raises BadInput where the document is broken."""


class Growing:
    """Puts parts into one another as they come; `lists` are the chains of nodes that may repeat."""

    def __init__(self, lists: frozenset[Chain]) -> None:
        self._lists = lists
        self._open: list[Data] = [{}]

    def add(self, part: Part, start: int) -> Data | None:
        """Take a part; gives the new data at `start` names down where it begins there, else None."""
        depth = len(part.chain) - part.opens
        del self._open[depth + 1 :]
        begun = None
        for level in range(depth, len(part.chain)):
            here: Data = part.data if level == len(part.chain) - 1 else {}
            chain = part.chain[: level + 1]
            above = self._open[level] if level < len(self._open) else {}
            if level + 1 == start:
                begun = here
            elif level + 1 > start:
                _put(above, chain[-1], here, chain in self._lists)
            self._open.append(here)
        return begun


def _put(above: Data, name: str, data: Data, many: bool) -> None:
    if many:
        above.setdefault(name, []).append(data)
    else:
        above.setdefault(name, data)


def units(
    parts: Iterable[Part | Misplaced], chain: Chain, lists: frozenset[Chain]
) -> Iterator[Data | Broken]:
    """The data at a chain of records, one at a time; deeper chains than records go are followed by `below`.

    What is misplaced inside a unit spoils it; elsewhere it counts as a unit that is broken.
    """
    growing = Growing(lists)
    depth = len(chain)
    unit: Data | None = None
    spoiled: Broken | None = None
    for part in parts:
        if isinstance(part, Misplaced):
            if unit is not None and part.chain[:depth] == chain:
                spoiled = spoiled or part
                continue
            if unit is not None:
                yield spoiled or unit
                unit = spoiled = None
            yield part
            continue
        inside = part.chain[:depth] == chain
        if unit is not None and not (inside and len(part.chain) - part.opens >= depth):
            yield spoiled or unit
            unit = spoiled = None
        begun = growing.add(part, depth)
        if inside and begun is not None:
            unit = begun
    if unit is not None:
        yield spoiled or unit


def below(data: Any, chain: Chain) -> Iterator[Any]:
    """The data at the end of further names, of all instances on the way."""
    if not chain:
        if data is not None:
            yield data
        return
    found = data.get(chain[0]) if isinstance(data, dict) else None
    for each in found if isinstance(found, list) else () if found is None else (found,):
        yield from below(each, chain[1:])


def fill(item: Item, data: Any, shape: Shape | None) -> Item:
    """Put data into an Item, pruned to `shape` (None keeps everything); gives the Item."""
    if not isinstance(data, dict):
        item.text = data if isinstance(data, str) else None
        return item
    item.text = ""
    for name, member in data.items():
        wanted, inside = keep(shape, name)
        if not wanted:
            continue
        for each in member if isinstance(member, list) else (member,):
            fill(item.add(name), each, inside)
    return item
