"""What the window asks about a field map: an expression tried on the first rows, a map read from and written to a .sdl file."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.base import atomic
from studio.base.errors import WeftError
from studio.base.lazily import Lazily
from studio.connectors.salesforce.describe import ObjectFacts
from studio.moves.desks.carried import Answer, Message
from studio.moves.maps.sdl import read_sdl, sdl_text
from studio.moves.model import Entry, FieldMap

if TYPE_CHECKING:
    from studio.moves.maps import expressions
else:
    # They bring the whole engine, which most moves do without.
    expressions = Lazily("studio.moves.maps.expressions")


def answers(facts_of: Callable[[str], Awaitable[ObjectFacts]]) -> dict[str, Answer]:
    """The desk's answers of this room by name.

    `expression` takes `script`, `header` and `rows` and gives `[[value, reason]]`, or `{"wrong": why}` for one that
    cannot be used. `sdl_read` takes `file`, `object` and `header` and gives the entries; `sdl_write` takes `file` and `map`.
    """

    async def expression(message: Message, *_more: object) -> Any:
        try:
            found = expressions.tried(str(message["script"]), list(message["header"]), message["rows"])
        except WeftError as error:
            return {"wrong": error.message}
        return [list(one) for one in found]

    async def sdl_read(message: Message, *_more: object) -> Any:
        facts = await facts_of(str(message["object"]))
        found = read_sdl(Path(message["file"]), tuple(message["header"]), facts)
        return [asdict(entry) for entry in found.entries]

    async def sdl_write(message: Message, *_more: object) -> Any:
        fields = FieldMap(tuple(map(Entry.from_data, message["map"])))
        file = Path(message["file"])
        atomic.write_bytes(file, sdl_text(fields, file.stem).encode("ascii"))
        return None

    return {"expression": expression, "sdl_read": sdl_read, "sdl_write": sdl_write}
