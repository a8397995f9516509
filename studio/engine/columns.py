"""The columnar back end: DuckDB maps delimited rows to delimited rows by the column; odd rows are left to the judge.

What a row's values must be like for SQL to give the judge's bytes is asked in the same query; a row that is otherwise
comes back with its cells. A file that the two readers of delimited text might not take alike is not read this way, and
neither is one where it is not known of a row where it belongs.
"""

from __future__ import annotations

import json
import re
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.base.lazily import Lazily
from studio.base.own_folder import own_folder
from studio.engine.columns_file import MARK, Odd, connected
from studio.engine.columns_joins import check_joins
from studio.engine.columns_joins import mark as mark_of
from studio.engine.columns_query import Query, query_of
from studio.engine.columns_records import check_records
from studio.engine.columns_sql import Column, same_letters
from studio.engine.columns_tables import Table, check_document, check_used, sides, table_of
from studio.engine.columns_tables import columns as columns_of
from studio.engine.formats.delimited_write import DelimitedWriter
from studio.engine.generate.lines import Declined
from studio.engine.interpret import Judge
from studio.engine.plan import Lookup, Plan, Target, Top
from studio.engine.sources import Source
from studio.engine.world import World
from studio.schema.model import Base

if TYPE_CHECKING:
    import duckdb
else:
    duckdb = Lazily("duckdb")

_PIECE = 1 << 20
_LOOKED = 0.1  # seconds until the next look at how far a query is, and whether it is to stop
_PLAIN = frozenset({Base.TEXT, Base.BINARY})
_BEGUN = MARK.encode()
_LEFT_OUT = _BEGUN + b"\n"
_MORE = _BEGUN * 2
_UNUSUAL = re.compile(rb"\x01([0-9]+)(\[.*)\n")
Further = Callable[[Lookup], Source]
_WRITTEN = re.compile(r"[\w.-]")  # what numbers, dates and letters in another case may give


class Unlike(Exception):
    """The input is not as it has to be for this: nothing was given, and it is to be mapped otherwise."""


@dataclass(frozen=True)
class Lines:
    """Finished records: their text, how many they are, and how many rows were left out."""

    text: str
    written: int
    filtered: int = 0


@dataclass(frozen=True)
class Unusual:
    """A row for the judge; `number` is its own where rows are put in order, else 0."""

    number: int
    cells: list[str]


class ColumnMapper:
    """Maps the rows of an outermost loop by the column; raises Declined, saying why, when made."""

    def __init__(self, plan: Plan, top: Top, world: World, judge: Judge, *, frugal: bool = False) -> None:
        """`frugal` takes less memory, and more time."""
        check(plan, top)
        self._frugal = frugal
        self._plan, self._top, self._world, self._judge = plan, top, world, judge
        self._sides = sides(plan, top)
        self._query(columns_of(self._sides, ()), "''")

    def made(
        self, source: Source, told: Callable[[float], object], further: Further
    ) -> Iterator[Lines | Unusual]:
        """What becomes of the source's rows, in their order; `told` is given the part that is done, and may raise.

        `further` gives the rows of joins. Raises Unlike, before anything is given, where it cannot be
        done.
        """
        with ExitStack() as stack:
            try:
                folder = stack.enter_context(own_folder(Path(tempfile.gettempdir())))
                left, lines = self._lines(source, folder, told, further)
            except (duckdb.Error, Odd, Declined, BadInput, OSError):
                raise Unlike from None
            if left:
                yield Lines("", 0, left)
            yield from _found(lines)

    def _lines(
        self, source: Source, folder: Path, told: Callable[[float], object], further: Further
    ) -> tuple[int, Path]:
        """A file of what the query gives, and how many rows are left out of it."""
        tables = [
            table_of(side, source if side.lookup is None else further(side.lookup), folder, place, told)
            for place, side in enumerate(self._sides)
        ]
        columns = columns_of(self._sides, tables)
        with closing(connected([table.file for table in tables], folder, frugal=self._frugal)) as connection:
            letters = same_letters(
                lambda text: connection.execute("select upper(?), lower(?)", [text, text]).fetchone() or ()
            )
            query = self._query(columns, letters)
            for statement in query.types:
                connection.execute(statement)
            connection.execute("set lock_configuration = true")
            asked = _Asked(connection, tables, told)
            left, cut = 0, {"$COUNT": "0", "$FROM": "0"}
            if query.counted:
                rows, turns = asked.row(query.counted)
                start, stop = self._cut(turns)
                # Groups that are cut off are no turns: of these it is told how many rows are in none.
                left = rows if self._groups else rows - (stop - start)
                cut = {"$COUNT": str(stop - start), "$FROM": str(start)}
            text = query.text
            if query.unique:
                single = all(count == keys for count, keys in map(asked.row, query.unique))
                # Joined and put in order one after the other: both want memory.
                asked.ask(f"create temp table joined as {query.single if single else query.text}")
                text = f"select line from joined order by rn{'' if single else ', turn'}"
            if query.cut:
                for mark, number in cut.items():
                    text = text.replace(mark, number)
            made = folder / "lines"
            asked.copy(text, made)
        return left, made

    @property
    def _groups(self) -> bool:
        return self._top.target.loop is not None and bool(self._top.target.loop.group)

    def _cut(self, turns: int) -> tuple[int, int]:
        """The first turn to give and the one after the last."""
        loop = self._top.target.loop
        assert loop is not None
        stop = turns if loop.first is None else min(turns, loop.first)
        return (0 if loop.last is None else max(0, stop - loop.last)), stop

    def _query(self, columns: dict[tuple[str, str], Column], letters: str) -> Query:
        def write(target: Target) -> Any:
            return self._judge.writer(target)

        return query_of(self._plan, self._top, columns, self._world, letters, write)


class _Asked:
    """Asks a database, and looks now and then whether it is to stop."""

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, tables: Sequence[Table], told: Callable[[float], object]
    ) -> None:
        self._connection = connection
        self._tables = tables
        self._told = told
        self._far = self._best = 0.0

    def row(self, text: str) -> tuple[int, int]:
        """The two numbers that a query gives."""
        self.ask(text)
        found = self._connection.fetchone()
        assert found is not None
        return int(found[0]), int(found[1])

    def copy(self, text: str, file: Path) -> None:
        """Write the lines that a query gives, as they are."""
        self.ask(
            f"copy ({text}) to '{file}' (format csv, header false, quote '', escape '', delimiter '\x02')"
        )

    def ask(self, text: str) -> None:
        """Run a statement in a thread of its own, as it gives no news of itself."""
        text = text.replace("$FILE", self._tables[0].rows)
        for place, table in enumerate(self._tables[1:]):
            text = text.replace(mark_of(place), table.rows)
        raised: list[BaseException] = []

        def ask() -> None:
            try:
                self._connection.execute(text)
            except BaseException as error:  # goes on in the thread that waits
                raised.append(error)

        thread = threading.Thread(target=ask, name="duckdb")
        thread.start()
        try:
            alive = True
            while alive:
                thread.join(_LOOKED)
                alive = thread.is_alive()
                part = max(0.0, self._connection.query_progress() / 100)
                # How many statements follow is not known: each takes half of what is left.
                self._best = max(self._best, self._far + (1 - self._far) / 2 * min(1.0, part))
                self._told(self._best)
        except BaseException:
            self._connection.interrupt()
            raise
        finally:
            thread.join()
        if raised:
            raise raised[0]
        self._far += (1 - self._far) / 2


def _found(file: Path) -> Iterator[Lines | Unusual]:
    """What a file of lines holds."""
    with file.open("rb") as stream:
        while piece := stream.read(_PIECE):
            piece += stream.readline()
            end = 0
            for unusual in _UNUSUAL.finditer(piece) if _BEGUN in piece else ():
                yield from _lines(piece[end : unusual.start()])
                end = unusual.end()
                yield Unusual(int(unusual[1]), json.loads(unusual[2]))
            yield from _lines(piece[end:] if end else piece)


def _lines(text: bytes) -> Iterator[Lines]:
    """Lines without marks, and how many records they are."""
    filtered = text.count(_LEFT_OUT)
    text = text.replace(_LEFT_OUT, b"") if filtered else text
    more = text.count(_MORE)
    text = text.replace(_MORE, b"") if more else text
    if text or filtered:
        yield Lines(text.decode(), text.count(b"\n") - more, filtered)


def check(plan: Plan, top: Top) -> None:
    """Raise Declined, saying why, where the plan is not of the kind that is mapped by the column."""
    loop = top.target.loop
    if plan.target.format not in ("delimited", "parquet"):
        raise Declined(_("only delimited text and Parquet are written by the column"))
    if not (top.streams or top.arranges or top.follows) or plan.passes != "stream" or loop is None:
        raise Declined(_("the records are not mapped one by one"))
    if plan.in_order or plan.logs:
        raise Declined(_("the order in which the records are mapped matters"))
    of_path = loop.source.hops[-1].filter if loop.source is not None else None
    plain_first = loop.first is not None and not top.arranges
    if plain_first or of_path is not None:
        raise Declined(_("the loop does more than visit the rows"))
    check_document(plan.source)
    check_joins(plan, loop, check_document)
    for side in sides(plan, top):
        check_used(side)
    _check_cells(plan, top.target.children)
    if plan.target.format == "parquet":
        check_records(plan, top)
    else:
        _check_writer(plan)


def _check_writer(plan: Plan) -> None:
    writer = DelimitedWriter(plan.target)
    written = writer.delimiter + writer.quote
    unusual = len(writer.quote) != 1 or len(written) != 2 or _WRITTEN.search(written) is not None
    if unusual or len(writer.columns) < 2:
        raise Declined(_("the quotes or the delimiter are unusual"))


def _check_cells(plan: Plan, cells: Sequence[Target]) -> None:
    if len({cell.tag for cell in cells}) < len(cells):
        raise Declined(_("a column has several rules"))
    for cell in cells:
        if cell.script is None or cell.when is not None or cell.loop is not None or cell.fixed is not None:
            raise Declined(_("a cell has a condition or a loop"))
        if plan.target.format != "delimited":
            continue  # looked at one by one
        if plan.target.declared and not cell.loose and cell.value.base not in _PLAIN:
            raise Declined(_("the target's types bind what is written"))
