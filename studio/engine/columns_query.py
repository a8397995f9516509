"""The SQL of a whole map: lines of delimited text out of rows, in the order, groups and number that the loop asks for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from studio.base.i18n import _
from studio.engine.columns_joins import joined
from studio.engine.columns_keys import Keys
from studio.engine.columns_records import Write, record_line
from studio.engine.columns_sql import Cell, Column, Translator, quoted
from studio.engine.formats.delimited_write import DelimitedWriter
from studio.engine.generate.lines import Declined
from studio.engine.plan import Plan, Target, Top
from studio.engine.world import World


@dataclass(frozen=True)
class Query:
    """The statements that map the rows, in which $FILE stands for these.

    `types` are to be made first; `counted` (empty where all rows become lines) gives the number of rows and that of
    turns; `text` the lines without their end, with $FROM and $COUNT for the turns to give where `cut` says so. A line
    that begins with MARK is one for the judge: the row's number, then its cells as JSON; or with nothing more one that
    the condition leaves out; two of them begin a line that is of the same record as the one before it. `unique` give for
    each join how many rows it has and how many keys; where these are as many for all, `single` is a quicker `text`. Of joins
    the lines come in no order: `rn`, and `turn` in `text`, tell it.
    """

    types: tuple[str, ...]
    counted: str
    text: str
    cut: bool
    unique: tuple[str, ...] = ()
    single: str = ""


def query_of(
    plan: Plan, top: Top, columns: Mapping[tuple[str, str], Column], world: World, letters: str, write: Write
) -> Query:
    """The query of a map; raises Declined."""
    return _Asking(plan, top, columns, world, letters, write).query()


class _Asking:
    def __init__(
        self,
        plan: Plan,
        top: Top,
        columns: Mapping[tuple[str, str], Column],
        world: World,
        letters: str,
        write: Write,
    ) -> None:
        loop = top.target.loop
        assert loop is not None
        self._plan = plan
        self._world = world
        self._letters = letters
        self._loop = loop
        self._top = top
        self._columns = columns
        self._write = write
        self._writer = DelimitedWriter(plan.target)
        self._translator = Translator(columns, world, letters)
        self._members = Translator(
            {key: replace(column, kept=[]) for key, column in columns.items()}, world, letters
        )
        self._keys = Keys(self._translator, self._members)
        self._turned = top.arranges or top.follows

    def query(self) -> Query:
        loop, translator = self._loop, self._translator
        if loop.group:
            return self._groups()
        wanted = translator.condition(loop.when) if loop.when is not None else "true"
        if loop.joins:
            return self._joined(wanted)
        # Where rows change their places, one whose place is not known spoils them all.
        bad = dict(translator.odd) if self._turned else {}
        orders = [self._keys.order(order) for order in loop.sort]
        line, together = self._written()
        bad |= self._keys.bad
        rows = (
            "(select *, row_number() over () as rn from $FILE)" if self._turned else "(select * from $FILE)"
        )
        prepared = _prepared(rows, translator)
        found = (
            f"select *{together}, {_any(translator.odd)} as odd, {_any(bad)} as bad, "
            f"coalesce({wanted}, false) as wanted from {prepared}"
        )
        if not self._turned:
            text = f"select {self._marked(line, loop.when is not None)} from ({found})"
            return Query(self._types(), "", text, cut=False)
        filtered = f"(select * from ({found}) where case when bad then error('odd') else wanted end)"
        counted = f"select (select count(*) from {prepared}), (select count(*) from {filtered})"
        if not self._cut and loop.when is None:
            counted = ""
        text = f"select {self._marked(line, False)} from {filtered}{self._ordered(orders)}"
        return Query(self._types(), counted, text, self._cut)

    @property
    def _cut(self) -> bool:
        return self._loop.first is not None or self._loop.last is not None

    def _ordered(self, orders: list[str]) -> str:
        return f" order by {', '.join((*orders, 'rn'))}" + (" limit $COUNT offset $FROM" if self._cut else "")

    def _groups(self) -> Query:
        """The query of a loop whose turns are groups; one with an odd value spoils all, as the judge would need its members."""
        loop, members = self._loop, self._members
        wanted = members.condition(loop.when) if loop.when is not None else "true"
        spoiled = dict(members.odd)
        keys = [self._keys.key(expr) for expr in loop.group or ()]
        orders = [self._keys.order(order) for order in loop.sort]
        line, together = self._written()
        bad = self._translator.odd | self._keys.bad
        found = f"select *{together}, {_any(bad)} as bad"
        # Of the first member only what is asked for is kept.
        asked = f"{found} {line} {orders} {list(self._translator.numbers.values())}"
        own = [column.name for column in self._columns.values() if column.kept or _used(column.name, asked)]
        rows = _prepared("(select *, row_number() over () as rn from $FILE)", members)
        let = f"(select * from {rows} where case when {_any(spoiled)} then error('odd') else {wanted} end)"
        let = let if loop.when is not None else rows
        prepared = _prepared(self._grouped(let, keys, own), self._translator)
        filtered = (
            f"(select * from ({found} from {prepared}) where case when bad then error('odd') else true end)"
        )
        text = f"select {line} from {filtered}{self._ordered(orders)}"
        left = (
            f"(select count(*) from $FILE) - (select count(*) from {let})" if loop.when is not None else "0"
        )
        counted = f"select {left}, (select count(*) from {filtered})"
        return Query(self._types(), counted if self._cut or loop.when is not None else "", text, self._cut)

    def _written(self) -> tuple[str, str]:
        """The SQL of a line, and that of what its cells come from; see _lines."""
        if self._plan.target.format == "parquet":
            return record_line(self._top.target, self._translator, self._write), ""
        return self._lines(self._whole())

    def _whole(self) -> list[Cell]:
        """The cells of a line."""
        cells = {child.tag: self._cell(child) for child in self._top.target.children}
        return [cells.get(name, Cell(["''"], final=True)) for name in self._writer.columns]

    def _joined(self, wanted: str) -> Query:
        """The query of a loop with joins: where a row has several turns, all of them are one record."""
        line, together = self._written()
        rows = joined(self._plan, self._loop, self._columns, self._world, self._letters)
        prepared = _prepared(rows.rows, self._translator)
        there = " and ".join((*(f"{each} is not null" for each in rows.inner), f"coalesce({wanted}, false)"))
        # What the joins leave out nobody reckons with.
        odd = " and ".join((*(f"{each} is not null" for each in rows.inner), _any(self._translator.odd)))
        odd = " or ".join((*rows.odd, f"({odd})"))
        found = f"select *{together}, ({odd}) as odd, ({there}) as wanted from {prepared}"
        single = f"select {self._marked(line, True)} as line, rn from ({found})"
        turns = ", ".join(f"{each} nulls first" for each in rows.orders)
        turn = f"row_number() over (partition by rn order by wanted desc, {turns})"
        told = f"select * replace (bool_or(odd) over (partition by rn) as odd), {turn} as turn from ({found})"
        again = f"case when not odd and turn > 1 then concat(chr(1), chr(1), {line}) else {self._marked(line, True)} end"
        text = f"select {again} as line, rn, turn from ({told}) where turn = 1 or (wanted and not odd)"
        return Query(self._types(), "", text, False, rows.unique, single)

    def _grouped(self, rows: str, keys: list[str], own: list[str]) -> str:
        """A row for each group: some cells of its first member, and what is reckoned of all members."""
        first = ", ".join(("none: 0", *(f"'{name}': {name}" for name in own)))
        shown = "".join(f"f.{name} as {name}, " for name in own)
        totals = "".join(f", {sql} as {name}" for name, sql in self._keys.totals.items())
        names = "".join(f", {name}" for name in self._keys.totals)
        bad = self._keys.member_bad
        together = f", bool_or({_any(bad)}) as bad_member" if bad else ""
        by = [f"k{number}" for number in range(len(keys))]
        rows = f"(select *{''.join(f', {key} as k{number}' for number, key in enumerate(keys))} from {rows})"
        if self._loop.adjacent:
            # Rows come in their order, or it ends.
            new = " or ".join(f"{key} is distinct from lag({key}) over ()" for key in by)
            late = "case when lag(rn) over () >= rn then error('odd') else false end"
            rows = f"(select *, case when {late} or lag(rn) over () is null or {new} then 1 else 0 end as new from {rows})"
            rows = f"(select *, sum(new) over (rows between unbounded preceding and current row) as run from {rows})"
            by = ["run"]
        return (
            f"(select {shown}rn{names}{', bad_member' if bad else ''} from (select arg_min({{{first}}}, rn) as f, "
            f"min(rn) as rn{totals}{together} from {rows} group by {', '.join(by)}))"
        )

    def _types(self) -> tuple[str, ...]:
        asked = zip(self._columns.values(), self._members.columns.values(), strict=True)
        keyed = [column for column, member in asked if column.kept or member.kept]
        return tuple(
            f"create type e_{column.name} as enum ({', '.join(quoted(text) for text in sorted(column.texts))})"
            for column in keyed
        )

    def _marked(self, line: str, filters: bool) -> str:
        """The line, or what stands for one that the judge has to do or the condition leaves out."""
        cells = ", ".join(column.name for (join, _name), column in self._columns.items() if not join)
        number = "rn, " if self._turned else "'0', "
        out = " when not wanted then chr(1)" if filters else ""
        return f"case when odd then concat(chr(1), {number}to_json([{cells}])){out} else {line} end"

    def _lines(self, whole: list[Cell]) -> tuple[str, str]:
        """The SQL of a line, and that of what its cells come from, in which marks are looked for."""
        line = self._line([self._shown(cell, careful=False) for cell in whole])
        looked = dict.fromkeys(column for cell in whole for column in cell.columns)
        if not looked:
            return line, ""
        # Where no mark is in what the cells come from, none is in them but those of the rules' own texts.
        careful = self._line([self._shown(cell, careful=True) for cell in whole])
        marks = (self._writer.delimiter, self._writer.quote)
        marked = " or ".join(f"contains(looked, {quoted(mark)})" for mark in marks)
        return (
            f"case when {marked} then {careful} else {line} end",
            f", concat({', '.join(looked)}) as looked",
        )

    def _line(self, cells: list[str]) -> str:
        """The SQL of a line: one call for all of it, as || would write what stands before it anew each time."""
        between = f", {quoted(self._writer.delimiter)}, "
        end = f", {quoted(chr(13))}" if self._writer.newline != chr(10) else ""
        return f"concat({between.join(cells)}{end})"

    def _cell(self, target: Target) -> Cell:
        assert target.script is not None
        write = self._write(target)
        cell = self._translator.cell(target.script, lambda value: self._writer.cell(write(value) or ""))
        if "\n" in "".join(cell.literals):
            raise Declined(_("a text holds a line end"))
        return cell

    def _shown(self, cell: Cell, *, careful: bool) -> str:
        """The SQL of what stands in the line for a cell, quoted where it must be; see _lines."""
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


def _prepared(rows: str, translator: Translator) -> str:
    """Rows with the numbers in them and what is kept by their texts."""
    keyed = [column for column in translator.columns.values() if column.kept]
    numbers = "".join(f", {number.sql} as n_{name}" for name, number in translator.numbers.items())
    places = "".join(
        f", enum_code(try_cast({column.name} as e_{column.name})) + 1 as p_{column.name}" for column in keyed
    )
    kept = "".join(f", {found}" for column in keyed for found in _values(column))
    return f"(select *{kept} from (select *{places}{numbers} from {rows}))"


def _used(name: str, text: str) -> bool:
    """A column stands in a text of SQL, or what is made of it does."""
    return re.search(rf"(?<![a-z0-9]){name}(?![a-z0-9])", text) is not None


def _any(conditions: Mapping[str, None]) -> str:
    return f"coalesce({' or '.join(conditions)}, true)" if conditions else "false"


def _values(column: Column) -> Iterator[str]:
    """The columns of what is kept by the texts of a column: looked up by the place of the text."""
    for number, (kind, found) in enumerate(column.kept):
        values = [found.get(text) for text in sorted(column.texts)]
        if any(value is not None and "\n" in value for value in values):
            raise Declined(_("a text holds a line end"))
        shown = ", ".join("null" if value is None else quoted(value) for value in values)
        yield f"(cast([{shown}] as {kind or 'VARCHAR'}[]))[p_{column.name}] as m_{column.name}_{number}"
