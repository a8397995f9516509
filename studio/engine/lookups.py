"""The rows that joins find, each lookup indexed once: in memory while they are few, else in a file that is thrown away."""

from __future__ import annotations

import contextlib
import marshal
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.base.database import writing_database
from studio.base.i18n import _
from studio.base.lazily import Lazily
from studio.base.progress import Progress
from studio.engine.formats.units import Broken
from studio.engine.generate.layout import Row
from studio.engine.interpret import Judge
from studio.engine.items import Item
from studio.engine.match import match_key
from studio.engine.packed import Packed, filler, pack, unpack
from studio.engine.plan import Join, Lookup, Plan, Shape, Target, Top
from studio.engine.sources import Source
from studio.engine.world import Asker
from studio.schema.model import Base
from studio.script.tree import Value
from studio.script.values import typed

if TYPE_CHECKING:
    import sqlite3
    import tempfile
else:
    tempfile = Lazily("tempfile")
    sqlite3 = Lazily("sqlite3")

# What the rows kept in memory may take, in bytes as far as it can be told; more go to disk.
IN_MEMORY = 48_000_000
# Answers remembered, so that a value asked for again is not looked for again.
_REMEMBERED = 20_000
_BATCH = 2_000
_EVERY = 4096

Open = Callable[[Lookup, Shape], Source]


class Index:
    """One lookup's rows by the key of their fields, in the order they stand in their document."""

    def __init__(self, lookup: Lookup, limit: int = IN_MEMORY) -> None:
        self.lookup = lookup
        self.bases = [read.base for read in lookup.fields]
        self.rows = 0
        self._limit = limit
        self._size = 0
        self._held: dict[str, list[Packed]] = {}
        self._disk: _Disk | None = None

    @property
    def spilled(self) -> bool:
        """The rows are on disk."""
        return self._disk is not None

    def add(self, key: str, packed: Packed) -> None:
        """Keep a row."""
        self.rows += 1
        if self._disk is not None:
            self._disk.add(key, packed)
            return
        self._held.setdefault(key, []).append(packed)
        self._size += 180 + len(key) + _size(packed)
        if self._size > self._limit:
            self._disk = _Disk()
            for held, rows in self._held.items():
                for row in rows:
                    self._disk.add(held, row)
            self._held = {}

    def finish(self) -> None:
        """All rows are there: from now on they are asked for."""
        if self._disk is not None:
            self._disk.finish()

    def find(self, key: str | None) -> list[Packed]:
        """The rows of a key, none for null."""
        if key is None:
            return []
        if self._disk is not None:
            return self._disk.find(key)
        return self._held.get(key, [])

    def close(self) -> None:
        """Throw the file away."""
        if self._disk is not None:
            self._disk.close()


def _size(packed: Packed) -> int:
    """About how many bytes a packed row takes."""
    if type(packed) is tuple:
        return 56 + 8 * len(packed) + sum(_size(each) for each in packed)
    return 0 if packed is None else 50 + len(packed)


class _Disk:
    """Rows in an SQLite file of its own, sorted by key when all are there."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="weft-lookup-")
        self._path = Path(self._folder.name) / "rows"
        self._waiting: list[tuple[bytes, bytes]] = []
        with self._writing():
            self._database = sqlite3.connect(self._path, isolation_level=None)
            for setting in (
                "journal_mode=off", "synchronous=off", "locking_mode=exclusive", "cache_size=-24000", "temp_store=file",
            ):  # fmt: skip
                self._database.execute(f"pragma {setting}")
            self._database.execute("create table rows (key blob, packed blob)")
            self._database.execute("begin")

    def _writing(self) -> contextlib.AbstractContextManager[None]:
        return writing_database(self._path)

    def add(self, key: str, packed: Packed) -> None:
        """Keep a row."""
        self._waiting.append((_bytes(key), marshal.dumps(packed)))
        if len(self._waiting) >= _BATCH:
            self._flush()

    def _flush(self) -> None:
        with self._writing():
            self._database.executemany("insert into rows values (?, ?)", self._waiting)
        self._waiting.clear()

    def finish(self) -> None:
        """Sort."""
        self._flush()
        with self._writing():
            self._database.execute("create index keys on rows (key)")
            self._database.execute("commit")

    def find(self, key: str) -> list[Packed]:
        """The rows of a key, in the order they came."""
        found = self._database.execute("select packed from rows where key = ? order by rowid", (_bytes(key),))
        return [marshal.loads(packed) for (packed,) in found]  # written above, by this process

    def close(self) -> None:
        """Throw it away."""
        self._database.close()
        self._folder.cleanup()


def _bytes(key: str) -> bytes:
    """A key as a database takes it: JSON has texts with half a character, which are no text there."""
    return key.encode("utf-8", "surrogatepass")


class Lookups:
    """All lookups of a run. Close it at the end."""

    def __init__(
        self,
        plan: Plan,
        open: Open,
        *,
        progress: Progress | None = None,
        limit: int = IN_MEMORY,
        most: int | None = None,
    ) -> None:
        """`limit` is what may be in memory, in bytes; of each document the first `most` rows are read, else all."""
        self._plan = plan
        self._open = open
        self._progress = progress or Progress()
        self._limit = limit
        self._most = most
        self._indexes: dict[str, Index] = {}
        self._items: dict[tuple[str, str], list[Item]] = {}

    def build(self, judge: Judge) -> None:
        """Read all rows; `judge` stands at the document and evaluates the conditions of their paths."""
        for lookup in self._plan.lookups:
            index = self._indexes[lookup.key] = Index(lookup, self._limit)
            if lookup.document:
                self._read(index, judge)
            else:
                self._take(index, judge.nodes(lookup.source))
            index.finish()

    @property
    def built(self) -> bool:
        """All rows have been read."""
        return len(self._indexes) == len(self._plan.lookups)

    def close(self) -> None:
        """Throw away what is on disk."""
        for index in self._indexes.values():
            index.close()

    def index(self, key: str) -> Index:
        """The index of a lookup."""
        return self._indexes[key]

    def joined(self, join: Join, values: list[Value]) -> list[Item]:
        """The rows of a join as the judge reads them."""
        index = self._indexes[join.lookup]
        key = match_key(values, index.bases)
        if key is None:
            return []
        known = self._items.get((join.lookup, key))
        if known is None:
            shape = index.lookup.unit.shape
            document = Item(f"{index.lookup.document}::") if index.lookup.document else None
            known = [unpack(packed, shape, document) for packed in index.find(key)]
            if len(self._items) >= _REMEMBERED:
                self._items.clear()
            self._items[join.lookup, key] = known
        return known

    def asker(self, join: Join, row: Row) -> Asker:
        """What generated code asks: the tuples of the rows for the values."""
        index = self._indexes[join.lookup]
        fill = filler(row)
        bases = index.bases
        remembered: dict[str, list[tuple[Any, ...]]] = {}

        def ask(values: list[Value]) -> list[tuple[Any, ...]]:
            key = match_key(values, bases)
            if key is None:
                return []
            known = remembered.get(key)
            if known is None:
                if len(remembered) >= _REMEMBERED:
                    remembered.clear()
                known = remembered[key] = [fill(packed) for packed in index.find(key)]
            return known

        return ask

    def _read(self, index: Index, judge: Judge) -> None:
        lookup = index.lookup
        shape = around(lookup)
        source = self._open(lookup, shape)
        top = Top(Target("", ""), lookup.unit.chain, True, lookup.unit)
        columns = _columns(lookup, self._plan)
        if columns is not None:
            self._cells(index, self._units(source, top), columns)
        else:
            document = Item("")
            self._take(index, self._wanted(lookup, judge, self._items_of(source, top, document)))

    def _units(self, source: Source, top: Top) -> Iterator[Any]:
        for number, unit in enumerate(islice(source.units(top), self._most), start=1):
            if not number % _EVERY:
                self._progress.check()
            if isinstance(unit, Broken):
                raise unit.needed(_("the rows of a join"))
            yield unit

    def _items_of(self, source: Source, top: Top, document: Item) -> Iterator[Item]:
        for unit in self._units(source, top):
            yield source.item(unit, top, document)

    def _wanted(self, lookup: Lookup, judge: Judge, items: Iterable[Item]) -> Iterator[Item]:
        condition = lookup.source.hops[-1].filter
        return (item for item in items if condition is None or judge.holds(condition, item))

    def _take(self, index: Index, items: Iterable[Item]) -> None:
        lookup = index.lookup
        for item in items:
            key = match_key([_field(item, read.hops, read.base) for read in lookup.fields], index.bases)
            if key is not None:
                index.add(key, pack(item, lookup.unit.shape))

    def _cells(self, index: Index, rows: Iterable[list[str]], columns: Mapping[str, int]) -> None:
        """Rows of cells, quicker than by way of Items."""
        lookup = index.lookup
        fields = [(columns[read.hops[0].key], read.base) for read in lookup.fields]
        places = [columns[key] for key in lookup.unit.shape.children]
        for row in rows:
            key = match_key([typed(row[place] or None, base) for place, base in fields], index.bases)
            if key is not None:
                index.add(key, ("", None, tuple(row[place] or None for place in places)))


def around(lookup: Lookup) -> Shape:
    """What is read of the document that a lookup's rows are in."""
    unit = lookup.unit
    shape = unit.shape
    for place in range(len(unit.chain) - 1, -1, -1):
        above = unit.chain[place - 1] if place else ""
        shape = Shape(above, {unit.chain[place]: shape}, repeats=place > 1, entries=unit.entries[place])
    return shape


def _columns(lookup: Lookup, plan: Plan) -> dict[str, int] | None:
    """The columns of a delimited document, where its rows need nothing but their cells."""
    document = next(each.document for each in plan.further if each.name == lookup.document)
    shape = lookup.unit.shape
    plain = document.format == "delimited" and lookup.source.hops[-1].filter is None
    if not plain or shape.whole or any(len(read.hops) != 1 for read in lookup.fields):
        return None
    return {name: place for place, name in enumerate(document.columns)}


def _field(item: Item, hops: tuple[Any, ...], base: Base) -> Value:
    here: Item | None = item
    for hop in hops:
        here = here.first(hop.key) if here is not None else None
    return typed(here.text, base) if here is not None else None
