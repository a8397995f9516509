"""What the source nodes hold in one record of a sample and around it, by address."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from studio.engine.items import Item
from studio.engine.kinds import by_place, of_kind
from studio.engine.plan import Join, Plan
from studio.mapping.evidence import Seen
from studio.schema.path import Step

# What becomes of a node: its text is told, it is only counted, or only where others like it are told.
_SHOWN, _COUNTED, _BESIDE = 2, 1, 0
_Waiting = tuple[Item, str, int]
_NUMBERS = re.compile(r"\[[^\]]*\]")


def source_values(plan: Plan, document: Item, record: Item | None, turns: list[Item]) -> dict[str, Seen]:
    """The first text and the number of instances by address; other records are not looked at.

    What is of a kind that the map tells apart is there by the address of that kind too.
    `turns` are the nodes looked at of the loops inside the record: beside them, others of their kind are only counted.
    """
    walk = _Walk(plan, document, record, turns)
    waiting: list[_Waiting] = [(document, "", _SHOWN)]
    while waiting:
        waiting += walk.below(*waiting.pop())
    return {
        path: Seen(seen.text, seen.count + walk.more.get(path, 0)) if path in walk.more else seen
        for path, seen in walk.found.items()
    }


def joined_values(plan: Plan, rows: Iterable[tuple[Join, Item]]) -> dict[str, Seen]:
    """What the rows of joins hold, by address in the further document that they are in: the first text, how many.

    Of a row only what rules read is known.
    """
    lookups = {each.key: each for each in plan.lookups}
    found: dict[str, Seen] = {}
    for join, row in rows:
        lookup = lookups[join.lookup]
        if not lookup.document:
            continue
        waiting = [(row, _NUMBERS.sub("", lookup.source.address))]
        while waiting:
            item, path = waiting.pop()
            before = found.get(path)
            found[path] = Seen(before.text, before.count + 1) if before else Seen(_shown_text(item), 1)
            waiting += [
                (each, f"{path}/{_step(key)}")
                for key, same in item.children.items()
                for each in reversed(same)
            ]
    return found


class _Walk:
    """What was found so far; `more` counts the instances beside those looked at."""

    def __init__(self, plan: Plan, document: Item, record: Item | None, turns: list[Item]) -> None:
        self.found: dict[str, Seen] = {}
        self.more: dict[str, int] = {}
        self._kinds = by_place(plan.kinds)
        self._on_the_way = _way_to(document, record)
        self._beside: dict[tuple[int, str], Item] = {}
        for item in turns:
            here: Item | None = item
            while here is not None and here.parent is not None and here is not record:
                self._beside[id(here.parent), here.key] = here
                here = here.parent
        self._leads = {"": "" if plan.source.root else "/"}
        self._leads |= {
            f"{each.name}::": f"{each.name}::" + ("" if each.document.root else "/") for each in plan.further
        }

    def below(self, item: Item, path: str, shown: int) -> list[_Waiting]:
        """The instances inside one, with their addresses, to be looked at from the last to the first."""
        waiting: list[_Waiting] = []
        only = self._on_the_way.get(id(item))
        for key, items in item.children.items():
            if not items:
                continue  # an array without entries
            if key == "" and path in self._leads:
                waiting += [(each, path, shown) for each in items]
            elif key.endswith("::"):
                waiting += [(each, key, shown) for each in items]
            else:
                lead = self._leads.get(path, f"{path}/")
                here = [only] if only is not None and only.key == key else items
                place = lead + _step(key)
                waiting += self._instances(item, place, key, here, shown)
                for kind, wanted in self._kinds.get(place, ()):
                    those = of_kind(here, wanted)
                    waiting += self._instances(item, kind, key, those, shown) if those else []
        return waiting

    def _instances(self, parent: Item, path: str, key: str, items: list[Item], shown: int) -> list[_Waiting]:
        chosen = self._beside.get((id(parent), key))
        looked_at = [chosen] if chosen is not None and any(each is chosen for each in items) else items
        if shown:
            before = self.found.get(path)
            text = before.text if before else _shown_text(looked_at[0]) if shown == _SHOWN else ""
            self.found[path] = Seen(text, len(looked_at) + (before.count if before else 0))
        # The first instance is to be seen first: what waits is emptied from its end. Of nodes that no loop visits only
        # the first is shown with what is in it: values of several would stand side by side as if they were of one.
        if shown and looked_at is items:
            return [(each, path, shown if each is items[0] else _COUNTED) for each in reversed(items)]
        others = len(items) - (len(looked_at) if shown else 0)
        self.more[path] = self.more.get(path, 0) + others
        return [(each, path, shown if each is chosen else _BESIDE) for each in reversed(items)]


def _way_to(document: Item, record: Item | None) -> dict[int, Item]:
    """From each item around the record the one that leads on to it."""
    way: dict[int, Item] = {}
    here, top = record, None
    while here is not None and here.parent is not None:
        way[id(here.parent)] = here
        top, here = here, here.parent
    if top is not None and here is not None and not here.key.endswith("::"):
        way[id(document)] = top  # it may stand for the sample, with the further sources in it
    return way


def _shown_text(item: Item) -> str:
    """The item's own text; the white space between the nodes of a container is not a value."""
    text = item.text or ""
    return "" if item.children and not text.strip() else text


@lru_cache(maxsize=20_000)
def _step(key: str) -> str:
    attribute = key.startswith("@")
    name = key.removeprefix("@")
    return str(Step(name.rpartition("}")[2], attribute))
