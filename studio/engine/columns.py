"""The columnar back end: DuckDB maps delimited rows to delimited rows by the column; odd rows are left to the judge.

What a row's values must be like for SQL to give the judge's bytes is asked in the same query; a row that is otherwise
comes back with its cells. A file that the two readers of delimited text might not take alike is not read this way.
"""

from __future__ import annotations

import contextlib
import re
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from studio.base.i18n import _
from studio.base.lazily import Lazily
from studio.engine import rows
from studio.engine.batches import Made
from studio.engine.columns_sql import Cell, Column, Translator, quoted, same_letters
from studio.engine.formats.delimited_read import has_header
from studio.engine.formats.delimited_write import DelimitedWriter
from studio.engine.formats.units import Broken
from studio.engine.generate.lines import Declined
from studio.engine.interpret import Judge
from studio.engine.plan import Plan, Target, Top
from studio.engine.sources import Batches
from studio.engine.world import World
from studio.schema.delimited import column_names
from studio.schema.model import Base

if TYPE_CHECKING:
    import duckdb
else:
    duckdb = Lazily("duckdb")

_SAMPLE = 5_000  # rows that show what the columns hold
_FEW = 1_000  # different texts of a column worth keeping what is made of each
_FETCHED = 2_000
_MEMORY_MB = 256
_LONGEST = 500_000  # bytes of a line
_PIECE = 1 << 20
_PLAIN = frozenset({Base.TEXT, Base.BINARY})


@dataclass(frozen=True)
class _Query:
    """The statements that map the rows: types to be made first, and the query itself, whose parameter is the file."""

    types: tuple[str, ...]
    text: str


class ColumnMapper:
    """Maps the rows of an outermost loop by the column, like batches.Mapper; raises Declined, saying why, when made."""

    def __init__(self, plan: Plan, top: Top, depth: int, world: World, judge: Judge) -> None:
        check(plan, top)
        self.engine = "columns"
        self._plan, self._top, self._world, self._judge = plan, top, world, judge
        self._writer = DelimitedWriter(plan.target)
        self._fast = rows.batch_function(plan, top, depth, world, judge)
        self._query(_columns(plan, top, []), "''")

    def made(self, source: Batches) -> Iterator[Made | Broken]:
        """What is made of the source's rows, in their order."""
        sample = [
            row
            for found in islice(source.batches(), 20)
            if not isinstance(found, Broken)
            for row in found.rows
        ]
        done = 0
        try:
            with tempfile.TemporaryDirectory(prefix="weft-") as folder:
                for found in self._by_column(source.stream, Path(folder), sample[:_SAMPLE]):
                    done += len(found.texts)
                    yield found
                return
        except (duckdb.Error, _Odd, Declined):
            self.engine = "rows"  # the file is not as it has to be for this: the rest goes row by row
        yield from self._by_row(source, done)

    def _by_row(self, source: Batches, done: int) -> Iterator[Made | Broken]:
        """The rows after the first `done`, without SQL."""
        left = done
        for batch in source.batches():
            if isinstance(batch, Broken):
                if left:
                    left -= 1
                else:
                    yield batch
                continue
            coming = batch.rows[left:]
            left = max(0, left - len(batch.rows))
            if coming:
                texts, whole = self._fast(coming, chain.from_iterable([[_EVERYTHING] * len(coming)]))
                yield Made(coming, texts, whole)

    def _by_column(self, stream: BinaryIO, folder: Path, sample: list[Sequence[str]]) -> Iterator[Made]:
        file = _named(stream, folder)
        facts = self._plan.source.facts
        names = _header(file, facts, self._plan.source.columns)
        _look(file, facts.get("delimiter") or ",")
        with contextlib.closing(_connection(file, folder)) as connection:
            letters = same_letters(
                lambda text: connection.execute("select upper(?), lower(?)", [text, text]).fetchone() or ()
            )
            query = self._query(_columns(self._plan, self._top, sample), letters)
            for statement in query.types:
                connection.execute(statement)
            connection.execute("set lock_configuration = true")
            connection.execute(query.text.replace("$FILE", _reading(names, facts)), [str(file)])
            while found := connection.fetchmany(_FETCHED):
                yield self._found(found)

    def _found(self, found: list[tuple[Any, ...]]) -> Made:
        texts, cells = zip(*found, strict=True)
        if texts.count(None) == 0 and cells.count(None) == len(cells):
            return Made(texts, list(texts), True)
        # With cells: a row for the judge. Without a text: the condition does not hold.
        shown = [text if row is None else rows.AGAIN for text, row in found]
        return Made(cells, shown, False)

    def _query(self, columns: dict[str, Column], letters: str) -> _Query:
        """The SQL of the whole map; raises Declined."""
        translator = Translator(columns, self._world, letters)
        loop = self._top.target.loop
        assert loop is not None
        cells = {child.tag: self._cell(translator, child) for child in self._top.target.children}
        wanted = translator.condition(loop.when) if loop.when is not None else "true"
        whole = [cells.get(name, Cell(["''"], final=True)) for name in self._writer.columns]
        line = self._line([self._shown(cell, careful=False) for cell in whole])
        looked = dict.fromkeys(column for cell in whole for column in cell.columns)
        together = f", concat({', '.join(looked)}) as looked" if looked else ""
        if looked:
            # Where no mark is in what the cells come from, none is in them but those of the rules' own texts.
            careful = self._line([self._shown(cell, careful=True) for cell in whole])
            marks = (self._writer.delimiter, self._writer.quote)
            marked = " or ".join(f"contains(looked, {quoted(mark)})" for mark in marks)
            line = f"case when {marked} then {careful} else {line} end"
        odd = " or ".join(translator.odd) or "false"
        order = {column.name: number for number, column in enumerate(columns.values())}
        all_cells = ", ".join(f"c{place}" for place in range(len(self._plan.source.columns)))
        numbers = "".join(
            f", try({number.sql}) as n_{name}" for name, number in translator.numbers.items() if name in order
        )
        keyed = [column for column in columns.values() if column.kept]
        places = "".join(
            f", enum_code(try_cast({column.name} as e_{column.name})) + 1 as p_{column.name}"
            for column in keyed
        )
        kept = "".join(f", {found}" for column in keyed for found in _values(column))
        text = (
            f"with r as (select *{places}{numbers} from (select * from $FILE)), s as (select *{kept} from r) "
            f"select {line if loop.when is None else f'case when wanted then {line} end'}, "
            f"case when odd then [{all_cells}] end from "
            f"(select *{together}, coalesce({odd}, true) as odd, {wanted} as wanted from s)"
        )
        return _Query(tuple(map(_keys, keyed)), text)

    def _line(self, cells: list[str]) -> str:
        """The SQL of a line: one call for all of it, as || would write what stands before it anew each time."""
        between = f", {quoted(self._writer.delimiter)}, "
        return f"concat({between.join(cells)}, {quoted(self._writer.newline)})"

    def _cell(self, translator: Translator, target: Target) -> Cell:
        assert target.script is not None
        write = self._judge.writer(target)
        return translator.cell(target.script, lambda value: self._writer.cell(write(value) or ""))

    def _shown(self, cell: Cell, *, careful: bool) -> str:
        """The SQL of what stands in the line for a cell, quoted where it must be; see _query."""
        special, quote = self._writer.special, self._writer.quote
        marked = [text for text in cell.literals if special.search(text)]
        if cell.final or not (careful or marked):
            return ", ".join(cell.pieces)
        if not careful and quote not in "".join(marked) and set(map(quoted, marked)) & set(cell.pieces):
            return f"{quoted(quote)}, {', '.join(cell.pieces)}, {quoted(quote)}"
        text = cell.pieces[0] if len(cell.pieces) == 1 else f"concat({', '.join(cell.pieces)})"
        ends = [mark for mark in "\n\r" if mark in "".join(marked)]
        marks = [quoted(mark) for mark in (self._writer.delimiter, quote, *ends)]
        test = " or ".join(f"contains({text}, {mark})" for mark in marks)
        inside = f"replace({text}, {quoted(quote)}, {quoted(quote * 2)})"
        return f"(case when {test} then concat({quoted(quote)}, {inside}, {quoted(quote)}) else {text} end)"


_EVERYTHING = "".join(map(chr, range(128)))


class _Odd(Exception):
    """The file might be read otherwise by SQL."""


def check(plan: Plan, top: Top) -> None:
    """Raise Declined, saying why, where the plan is not of the kind that is mapped by the column."""
    loop = top.target.loop
    if plan.source.format != "delimited" or plan.target.format != "delimited":
        raise Declined(_("only delimited text is mapped to delimited text by the column"))
    if not top.streams or plan.passes != "stream" or plan.in_order or plan.logs or loop is None:
        raise Declined(_("the records are not mapped one by one"))
    of_path = loop.source.hops[-1].filter if loop.source is not None else None
    if loop.joins or loop.first is not None or of_path is not None or plan.lookups or plan.further:
        raise Declined(_("the loop does more than visit the rows"))
    facts = plan.source.facts
    marks = (facts.get("delimiter") or ",", facts.get("quote", '"'))
    if marks[1] != '"' or len(marks[0]) != 1 or marks[0] in "\"\n\r'\\\x00" or not marks[0].isascii():
        raise Declined(_("the quotes or the delimiter are unusual"))
    if (facts.get("encoding") or "utf-8").lower().replace("_", "-") not in (
        "utf-8",
        "utf8",
        "ascii",
        "us-ascii",
    ):
        raise Declined(_("the text is not UTF-8"))
    writer = DelimitedWriter(plan.target)
    written = writer.delimiter + writer.quote
    unusual = len(writer.quote) != 1 or len(written) != 2 or _WRITTEN.search(written) is not None
    if unusual or len(writer.columns) < 2:
        raise Declined(_("the quotes or the delimiter are unusual"))
    _check_cells(plan, top.target.children)


def _check_cells(plan: Plan, cells: Sequence[Target]) -> None:
    if len({cell.tag for cell in cells}) < len(cells):
        raise Declined(_("a column has several rules"))
    for cell in cells:
        if cell.script is None or cell.when is not None or cell.loop is not None or cell.fixed is not None:
            raise Declined(_("a cell has a condition or a loop"))
        if plan.target.declared and not cell.loose and cell.value.base not in _PLAIN:
            raise Declined(_("the target's types bind what is written"))


def _columns(plan: Plan, top: Top, sample: list[Sequence[str]]) -> dict[str, Column]:
    """The source columns with the texts they have in a sample."""
    found = {}
    for place, name in enumerate(plan.source.columns):
        shape = top.unit.shape.children.get(name)
        texts = frozenset(row[place] for row in sample)
        few = not sample or (len(texts) <= _FEW and len(texts) * 4 <= max(len(sample), 8))
        found[name] = Column(f"c{place}", shape.base if shape is not None else Base.TEXT, texts, few)
    return found


def _keys(column: Column) -> str:
    """The statement that makes a type of the texts of a column."""
    texts = ", ".join(quoted(text) for text in sorted(column.texts))
    return f"create type e_{column.name} as enum ({texts})"


def _values(column: Column) -> Iterator[str]:
    """The columns of what is kept by the texts of a column: looked up by the place of the text."""
    for number, (kind, found) in enumerate(column.kept):
        values = (found.get(text) for text in sorted(column.texts))
        shown = ", ".join("null" if value is None else quoted(value) for value in values)
        yield f"(cast([{shown}] as {kind or 'VARCHAR'}[]))[p_{column.name}] as m_{column.name}_{number}"


def _named(stream: BinaryIO, folder: Path) -> Path:
    """A file with a plain name that holds the stream."""
    name = getattr(stream, "name", None)
    if isinstance(name, str):
        file = Path(name).resolve()
        if file.is_file() and not set(str(file)) & set("*?[]{}\\'\"") and file.suffix.lower() not in _PACKED:
            return file
    stream.seek(0)
    spooled = folder / "input.csv"
    with spooled.open("wb") as out:
        shutil.copyfileobj(stream, out, _PIECE)
    return spooled


_WRITTEN = re.compile(r"[\w.-]")  # what numbers, dates and letters in another case may give
_PACKED = frozenset({".gz", ".zst", ".gzip"})


def _header(file: Path, facts: Any, columns: tuple[str, ...]) -> list[int]:
    """For every column of the file the place it has in the schema; all must be there and no others."""
    if not has_header(facts):
        return list(range(len(columns)))
    with file.open("rb") as stream:
        line = stream.readline(_LONGEST)
    if not line.endswith(b"\n") or b'"' in line or line.strip() == b"":
        raise _Odd
    try:
        names = column_names(line[:-1].decode("utf-8").split(facts.get("delimiter") or ","))
    except UnicodeDecodeError as error:
        raise _Odd from error
    if sorted(names) != sorted(columns):
        raise _Odd
    return [columns.index(name) for name in names]


def _look(file: Path, delimiter: str) -> None:
    """Raise _Odd for a file with anything that readers of delimited text take differently.

    That are carriage returns, blank lines, zero bytes, a mark of the byte order, and quotes anywhere but around whole
    cells on one line, doubled within.
    """
    ends = (delimiter.encode(), b"\n")
    before = b"\n"
    with file.open("rb") as stream:
        while piece := stream.read(_PIECE):
            piece += stream.readline(_LONGEST)
            if b"\r" in piece or b"\x00" in piece or b"\n\n" in piece or (before + piece[:1]) == b"\n\n":
                raise _Odd
            if piece.startswith(b"\xef\xbb\xbf") or (b'"' in piece and not _is_quoted(piece, ends)):
                raise _Odd
            before = piece[-1:]
            if before != b"\n" and stream.read(1):
                raise _Odd


def _is_quoted(piece: bytes, ends: tuple[bytes, bytes]) -> bool:
    """All quotes in whole lines stand around cells, or are doubled inside of them."""
    parts = piece.split(b'"')
    outside, inside = parts[::2], parts[1::2]
    if len(outside) == len(inside) or any(b"\n" in part for part in inside):
        return False
    # What is empty between two quoted parts is a doubled quote.
    between = all(not part or (part.startswith(ends) and part.endswith(ends)) for part in outside[1:-1])
    first = not outside[0] or outside[0].endswith(ends)
    return between and first and (not outside[-1] or outside[-1].startswith(ends))


def _reading(names: list[int], facts: Any) -> str:
    """The rows of the file as texts, empty ones for nothing."""
    kinds = ", ".join(f"'c{place}': 'VARCHAR'" for place in names)
    delimiter = quoted(facts.get("delimiter") or ",")
    header = "true" if has_header(facts) else "false"
    cells = ", ".join(f"c{place}" for place in sorted(names))
    never_null = ", ".join(f"'c{place}'" for place in names)
    return (
        f"(select {cells} from read_csv(?, columns = {{{kinds}}}, auto_detect = false, header = {header}, "
        f"delim = {delimiter}, quote = '\"', escape = '\"', new_line = '\\n', strict_mode = true, "
        f"null_padding = false, force_not_null = [{never_null}], ignore_errors = false, max_line_size = {_LONGEST}, comment = ''))"
    )


def _connection(file: Path, folder: Path) -> duckdb.DuckDBPyConnection:
    """A database in memory that reads one file and its own folder, and nothing else in the world."""
    connection = duckdb.connect(
        ":memory:",
        config={
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "allow_community_extensions": False,
            "memory_limit": f"{_MEMORY_MB}MB",
            "temp_directory": str(folder),
            "preserve_insertion_order": True,
        },
    )
    connection.execute(f"set allowed_paths = [{quoted(str(file))}]")
    connection.execute(f"set allowed_directories = [{quoted(str(folder))}]")
    connection.execute("set enable_external_access = false")
    return connection
