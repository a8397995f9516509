"""Records of any format as they are read, shown as JSON: for formats out of which nothing can be cut."""

from __future__ import annotations

import json
from typing import Any

from studio.engine.cut.wanted import Cut, Found, address
from studio.engine.formats.units import Broken
from studio.engine.items import Item
from studio.engine.plan import Top
from studio.engine.sources import Source

_EVERY = 256


def show_units(source: Source, top: Top, cut: Cut) -> None:
    """Tell the records that are looked for; ends with the last of them."""
    (place,) = cut.places
    for number, unit in enumerate(source.units(top), start=1):
        if not number % _EVERY:
            cut.check()
        if number in place.shown:
            steps = [
                (key, number if each == len(place.chain) else 0) for each, key in enumerate(place.chain, 1)
            ]
            if isinstance(unit, Broken):
                cut.tell(Found(place, number, address(steps), unit.line, ""))
            else:
                text = json.dumps(_data(source.item(unit, top, Item(""), whole=True)), ensure_ascii=False)
                cut.tell(Found(place, number, address(steps), None, text))
        if number >= place.last:
            return


def _data(item: Item) -> Any:
    """The node as JSON data: its text, or what is in it by name."""
    if not item.children:
        return item.text
    found: dict[str, Any] = {}
    for key, same in item.children.items():
        values = [_data(each) for each in same]
        found[key] = values[0] if len(values) == 1 else values
    return found
