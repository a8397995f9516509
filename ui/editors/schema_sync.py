"""Between the tree of a schema and its text: shows a node's declaration, finds the node declared at a line."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

from studio.schema.declared import Sources, Spot
from studio.schema.model import Node, Schema
from studio.schema.search import hits, prepare
from ui.editors.schema_text import SourceText

# Names of one spelling that are compared with a line that was clicked.
_MOST_TRIED = 60


class TextSync:
    """Reads files in slices, so that the window stays awake; what is asked last wins."""

    def __init__(self, text: SourceText) -> None:
        self._text = text
        self._sources = Sources(())
        self._asked = 0

    def use(self, files: Sequence[str], folder: Path) -> None:
        """Follow another schema's files."""
        self.stop()
        self._sources = Sources(files)
        self._text.use(self._sources, folder)

    def stop(self) -> None:
        """Nothing asked so far is shown any more."""
        self._asked += 1

    @property
    def files(self) -> tuple[str, ...]:
        """The schema's files, the one asked for first."""
        return self._sources.files

    async def show_line(self, file: str, line: int) -> None:
        """A line of a file."""
        if await self._load([file]):
            self._text.show_line(file, line)

    async def show_mark(self, file: str, line: int, column: int | None = None) -> None:
        """A line of a file, lit: something is told about it. With a column, the line that place is shown on."""
        if await self._load([file]):
            at = line if column is None else self._sources.shown_line(file, line, column)
            # What is missing at the end is told one line below it.
            last = min(at, max(1, len(self._sources.lines(file))))
            self._text.show_spot(Spot(file, last, last))

    async def show_declaration(self, node: Node) -> None:
        """The lines that declare a node; the text stays where no file says."""
        if not await self._load(self._sources.files):
            return
        asked = self._asked
        for spot in self._sources.spots(node):
            await asyncio.sleep(0)
            if asked != self._asked:
                return
            if spot is not None:
                self._text.show_spot(spot)
                return
        if not self._text.file and self._sources.files:
            self._text.show_line(self._sources.files[0], 1)

    async def select_declared(self, schema: Schema, file: str, line: int, go: Callable[[str], None]) -> None:
        """Tell `go` the path of the node declared at a line, or of the nearest above it."""
        for _pause in prepare(schema):
            await asyncio.sleep(0)
        tried = 0
        for name, number in self._sources.declared_above(file, line):
            for hit in hits(schema, name, limit=_MOST_TRIED):
                tried += 1
                if tried % 10 == 0:
                    await asyncio.sleep(0)
                place = hit.place(schema) if hit.name.lstrip("@") == name else None
                spot = self._sources.spot_in(place.node, file) if place is not None else None
                if spot is not None and spot.first <= number <= spot.last:
                    self._text.show_spot(spot)
                    go(hit.path)
                    return
            if tried > _MOST_TRIED * 3:
                return

    async def _load(self, files: Sequence[str]) -> bool:
        """Read files little by little; tells whether nothing else was asked for meanwhile."""
        self._asked += 1
        asked, sources = self._asked, self._sources
        for file in files:
            for _pause in sources.load(file):
                await asyncio.sleep(0)
        return asked == self._asked and sources is self._sources
