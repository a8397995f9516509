"""The documents of a map as tables that DuckDB asks: delimited text and Parquet as they are, rows of a database by way of a file."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from studio.base.i18n import _
from studio.engine.columns_file import MARK, Odd, connected, header, look, named, reading
from studio.engine.columns_joins import document_of, lookup_of
from studio.engine.columns_sql import Column, quoted
from studio.engine.formats.units import Broken
from studio.engine.generate.lines import Declined
from studio.engine.plan import Document, Lookup, Plan, Shape, Target, Top, Unit
from studio.engine.sources import Batches, Source, Streamed
from studio.schema.model import Base

_SAMPLE = 5_000  # rows that show what the columns hold
_FEW = 1_000  # different texts of a column worth keeping what is made of each
_LOOKED_AT = 256  # rows until the next look at whether it is to stop
_UNLIKE = re.compile(f"[\\x00\\n\\r{MARK}]")
_WHOLE = (
    "TINYINT",
    "SMALLINT",
    "INTEGER",
    "BIGINT",
    "HUGEINT",
    "UTINYINT",
    "USMALLINT",
    "UINTEGER",
    "UBIGINT",
)
_BASES = frozenset({Base.TEXT, Base.INTEGER, Base.DECIMAL, Base.DATE, Base.DATETIME, Base.BOOLEAN})


@dataclass(frozen=True)
class Table:
    """The rows of a document as SQL, the file they are in and the first of them."""

    file: Path
    rows: str
    sample: list[Sequence[str]]


@dataclass(frozen=True)
class Side:
    """A document that rows are read of: by which join, none for the main source, and what is used of a row."""

    join: str
    document: Document
    bases: dict[str, Base]
    lookup: Lookup | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Its columns; of other than delimited text those in use."""
        if self.document.format == "delimited":
            return self.document.columns
        return tuple(form.name for form in self.document.forms[0].children if form.name in self.bases)


def sides(plan: Plan, top: Top) -> list[Side]:
    """The documents of a loop, its own first."""
    assert top.target.loop is not None
    found = [Side("", plan.source, _bases(top.unit.shape))]
    for join in top.target.loop.joins:
        lookup = lookup_of(plan, join)
        bases = _bases(lookup.unit.shape) | {read.hops[0].key: read.base for read in lookup.fields}
        found.append(Side(join.name, document_of(plan, lookup), bases, lookup))
    return found


def _bases(shape: Shape) -> dict[str, Base]:
    return {key: child.base for key, child in shape.children.items()}


def check_document(document: Document) -> None:
    """Raise Declined, saying why, for a document whose rows are not read by the column."""
    if document.format in ("parquet", "database"):
        _check_forms(document)
        return
    if document.format != "delimited":
        raise Declined(_("only rows of delimited text, Parquet and databases are read by the column"))
    facts = document.facts
    marks = (facts.get("delimiter") or ",", facts.get("quote", '"'))
    if marks[1] != '"' or len(marks[0]) != 1 or marks[0] in "\"\n\r'\\\x00" or not marks[0].isascii():
        raise Declined(_("the quotes or the delimiter are unusual"))
    known = ("utf-8", "utf8", "ascii", "us-ascii")
    if (facts.get("encoding") or "utf-8").lower().replace("_", "-") not in known:
        raise Declined(_("the text is not UTF-8"))


def _check_forms(document: Document) -> None:
    if len(document.forms) != 1 or any(child.is_record for child in document.forms[0].children):
        raise Declined(_("the source holds more than the rows of one table"))


def check_used(side: Side) -> None:
    """Raise Declined where a column in use holds what is no plain value."""
    if side.document.format == "delimited":
        return
    for form in side.document.forms[0].children:
        if form.name in side.bases and (
            form.children or form.occurs.repeats or side.bases[form.name] not in _BASES
        ):
            raise Declined(_("the column {name} holds more than plain values").format(name=form.name))


def table_of(side: Side, source: Source, folder: Path, place: int, told: Callable[[float], object]) -> Table:
    """A document to ask for rows; raises Odd where readers might take it differently."""
    if side.document.format == "parquet":
        return _parquet(side, source, folder, place)
    if side.document.format == "database":
        return _kept(side, source, folder, place, told)
    assert isinstance(source, Batches)
    file = named(source.stream, folder, f"rows{place}.csv")
    facts = side.document.facts
    names = header(file, facts, side.document.columns)
    look(file, facts.get("delimiter") or ",", lambda: told(0.0))
    found = (batch.rows for batch in islice(source.batches(), 20) if not isinstance(batch, Broken))
    sample: list[Sequence[str]] = [row for rows in found for row in rows]
    return Table(file, reading(file, names, facts), sample[:_SAMPLE])


def _parquet(side: Side, source: Source, folder: Path, place: int) -> Table:
    """The rows of a Parquet file, values as the texts that rules see."""
    assert isinstance(source, Streamed)
    file = named(source.stream, folder, f"rows{place}.parquet")
    with closing(connected([file], folder)) as connection:
        given = f"read_parquet({quoted(str(file))})"
        there = connection.execute(f"describe select * from {given}").fetchall()
        kinds = {str(row[0]): str(row[1]) for row in there}
        if any(name not in kinds for name in side.names):
            raise Odd
        shown = [f"{_text(name, kinds[name])} as c{at}" for at, name in enumerate(side.names)]
        rows = f"(select {', '.join(shown) or '1 as c0'} from {given})"
        sample = connection.execute(f"select * from {rows} limit {_SAMPLE}").fetchall()
    return Table(file, rows, [tuple(map(str, row)) for row in sample])


def _text(name: str, kind: str) -> str:
    """A column as text, empty for null; the query ends where a text is empty or no text of a line."""
    column = '"' + name.replace('"', '""') + '"'
    if kind in _WHOLE or kind.startswith("DECIMAL("):
        return f"coalesce(cast({column} as VARCHAR), '')"
    if kind == "BOOLEAN":
        return f"(case when {column} then 'true' when not {column} then 'false' else '' end)"
    if kind == "VARCHAR":
        odd = " or ".join(f"contains({column}, chr({code}))" for code in (0, 1, 10, 13))
        return f"(case when {column} = '' or {odd} then error('odd') else coalesce({column}, '') end)"
    if kind not in ("DATE", "TIMESTAMP"):
        raise Odd
    form, low, high = "%Y-%m-%d", "1000-01-01", "9999-12-31"
    if kind == "TIMESTAMP":
        form, high = "%Y-%m-%dT%H:%M:%S", "9999-12-31 23:59:59"
    text = f"strftime({column}, {quoted(form)})"
    if kind == "TIMESTAMP":
        text = f"(case when {column} = date_trunc('second', {column}) then {text} else strftime({column}, {quoted(form + '.%f')}) end)"
    inside = f"{column} between {kind} {quoted(low)} and {kind} {quoted(high)}"
    return f"(case when {column} is null then '' when {inside} then {text} else error('odd') end)"


def _kept(side: Side, source: Source, folder: Path, place: int, told: Callable[[float], object]) -> Table:
    """Rows that are read as ever, written where DuckDB reads them."""
    file = folder / f"rows{place}.csv"
    sample: list[Sequence[str]] = []
    with file.open("w", encoding="utf-8", newline="") as out:
        write = csv.writer(out, lineterminator="\n").writerow
        for number, row in enumerate(_rows(side, source)):
            if not number % _LOOKED_AT:
                told(0.0)
            write(row)
            if number < _SAMPLE:
                sample.append(row)
    names = list(range(max(1, len(side.names))))
    return Table(file, reading(file, names, {"header": "no"}), sample)


def _rows(side: Side, source: Source) -> Iterator[Sequence[str]]:
    names = side.names
    chain = (side.document.forms[0].name,)
    top = Top(Target("", ""), chain, True, Unit(chain, (False,), Shape(chain[0])))
    for unit in source.units(top):
        if isinstance(unit, Broken):
            raise Odd
        row = [unit.get(name) for name in names]
        if any(text is not None and (not text or _UNLIKE.search(text)) for text in row):
            raise Odd
        yield [text or "" for text in row] or ("",)


def columns(given: Sequence[Side], tables: Sequence[Table]) -> dict[tuple[str, str], Column]:
    """The columns of the documents by the join and their name, with the texts they have in samples."""
    found = {}
    for number, side in enumerate(given):
        sample = tables[number].sample if tables else []
        for place, name in enumerate(side.names):
            texts = frozenset(row[place] for row in sample)
            few = not sample or (len(texts) <= _FEW and len(texts) * 4 <= max(len(sample), 8))
            own = f"j{number - 1}_c{place}" if number else f"c{place}"
            found[side.join, name] = Column(own, side.bases.get(name, Base.TEXT), texts, few)
    return found
