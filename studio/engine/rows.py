"""The row back end: a function generated for an outermost loop, from a record as it is read to its output text.

Whatever a generated function raises sends the record to the judge, which does it right or says what is wrong.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterable, Sequence
from json.encoder import encode_basestring
from typing import Any

from studio.base.errors import Cancelled
from studio.base.i18n import _
from studio.engine.formats.delimited_write import DelimitedWriter
from studio.engine.formats.edi_layout import is_opening
from studio.engine.formats.edi_marks import Places, Values
from studio.engine.formats.json_quick import Decoded
from studio.engine.formats.nested_write import Finisher, literal
from studio.engine.formats.xml_read import own_text, type_of
from studio.engine.formats.xml_scanning import Scanned
from studio.engine.formats.xml_write import ILLEGAL, any_half, any_illegal, escape, escape_value, spacing
from studio.engine.generate import outside
from studio.engine.generate.clean import Clean, makes_characters
from studio.engine.generate.emit import Emitter
from studio.engine.generate.emit_edi import EdiEmitter
from studio.engine.generate.emit_json import JsonEmitter, NestedEmitter
from studio.engine.generate.emit_row import RowEmitter
from studio.engine.generate.emit_xml import XmlEmitter
from studio.engine.generate.fill import BatchFill, CellFill, JsonFill, NestedFill, XmlFill
from studio.engine.generate.hoisting import hoist
from studio.engine.generate.layout import Ref, Row, layout, numbered, unpacked
from studio.engine.generate.lines import Declined, Lines
from studio.engine.generate.reads import Frame, Members, Reads
from studio.engine.generate.scripts import HOST, Scripts
from studio.engine.generate.sharing import UNKNOWN
from studio.engine.interpret import Judge
from studio.engine.lexical import DECIMAL, INTEGER, JSON_DECIMAL, JSON_INTEGER
from studio.engine.nested import FORMATS
from studio.engine.packed import filler, keeps_whole
from studio.engine.plan import Join, Plan, Read, Top
from studio.engine.world import World
from studio.script.compile import Constants
from studio.script.runtime import numbers

Record = Callable[[Any], "str | None"]
"""A record → its text; None where the loop's condition does not hold, empty where its path's filter does not."""
Gathered = Callable[[Any], "list[str | None]"]
"""A unit that holds several records → what Record gives for each; AGAIN where the judge has to do it."""
AGAIN = "\x00again"
Batched = Callable[[Sequence[Any], Iterable[str]], "tuple[list[str | None], bool]"]
"""Rows and the lines they stand in → what Record gives for each, AGAIN for the judge; whether all of it is text."""

__all__ = [
    "AGAIN",
    "Batched",
    "Declined",
    "Gathered",
    "Record",
    "batch_function",
    "gathered_function",
    "group_function",
    "record_function",
]  # fmt: skip
_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"


class Again(Exception):
    """The record is not as the generated code takes it to be."""


def record_function(plan: Plan, top: Top, depth: int, world: World, judge: Judge) -> Record:
    """The function for the records of an outermost loop.

    `judge` evaluates what is read outside the records, once. Raises Declined for what this back end does not do.
    """
    if top.arranges and top.target.loop is not None and top.target.loop.group:
        raise Declined(_("groups are not made of rows"))
    function: Record = _function(plan, top, depth, world, judge)
    return _logging(function, world) if plan.logs else function


def gathered_function(plan: Plan, top: Top, depth: int, world: World, judge: Judge) -> Gathered:
    """The same for a loop whose units hold several records."""
    if plan.logs:
        raise Declined(_("records that are read together write to the log"))
    function: Gathered = _function(plan, top, depth, world, judge)
    return function


def batch_function(
    plan: Plan, top: Top, depth: int, world: World, judge: Judge, few: frozenset[str] = frozenset()
) -> Batched:
    """The function for rows of delimited text that are read together; `few` are columns with few different texts."""
    if plan.logs:
        raise Declined(_("records that are read together write to the log"))
    _check(plan, top)
    lines, constants = Lines(), Constants()
    builder = _Builder(plan, top, judge, lines, constants, world)
    builder.build_batch(depth, few)
    function: Any = _built("\n".join(lines.lines) + "\n", constants, world, plan)
    batched: Batched = function
    return batched


def group_function(
    plan: Plan, top: Top, depth: int, world: World, judge: Judge, few: frozenset[str] = frozenset()
) -> Record:
    """The function for groups of neighbouring rows of delimited text; a record is the list of a group's rows."""
    if plan.in_order or plan.logs or plan.source.format != "delimited":
        raise Declined(_("groups are not made of rows"))
    lines, constants = Lines(), Constants()
    builder = _Builder(plan, top, judge, lines, constants, world)
    with lines.block("def record(g_group):"):
        builder.build_group(depth, few)
    return _built("\n".join(lines.lines) + "\n", constants, world, plan)


def _check(plan: Plan, top: Top) -> None:
    if plan.in_order:
        raise Declined(_("scripts change what other rules read"))
    if not (top.streams or top.arranges):
        raise Declined(_("records are not taken one by one"))


def _function(plan: Plan, top: Top, depth: int, world: World, judge: Judge) -> Callable[[Any], Any]:
    _check(plan, top)
    lines, constants = Lines(), Constants()
    with lines.block("def record(g_record):"):
        builder = _Builder(plan, top, judge, lines, constants, world)
        if top.gathers:
            builder.build_gathered(depth)
        else:
            builder.build(depth)
    source = "\n".join(lines.lines) + "\n"
    return _built(source, constants, world, plan)


class _Builder:
    """Puts the parts of one function together."""

    def __init__(
        self, plan: Plan, top: Top, judge: Judge, lines: Lines, constants: Constants, world: World
    ) -> None:
        self._plan = plan
        self._world = world
        self._top = top
        self._judge = judge
        self._lines = lines
        self._constants = constants
        self._frames = [Frame({})]
        self._reads = Reads(
            lines, self._frames, lambda expr: self._scripts.condition(expr), self._outside, top.unit.chain
        )
        self._scripts = Scripts(lines, constants, self._reads, world)
        self._scripts.timings = judge.timings
        self._rows: BatchFill | None = None

    def build(self, depth: int) -> None:
        """Emit everything for a unit that is the record."""
        self._frames.append(Frame({self._top.chain: self._fill()}))
        self._record(depth, "return {}")

    def build_gathered(self, depth: int) -> None:
        """Emit everything for a unit that holds several records."""
        lines, chain = self._lines, self._top.chain
        ref = self._fill()
        lines.emit("g_out = []")
        rows = {self._top.unit.chain: ref}
        head, turn = 0, ref
        with contextlib.ExitStack() as loops:
            for length in range(len(self._top.unit.chain) + 1, len(chain) + 1):
                place = ref.row.index.get(("list", chain[:length]))
                if place is not None:
                    turn = numbered(ref.row.rows[chain[:length]], lines.fresh("q") + "_")
                    head = len(lines.lines)
                    loops.enter_context(lines.block(f"for {unpacked(turn)} in {ref.name(place)}:"))
                    ref = rows[chain[:length]] = turn
            self._frames.append(Frame(rows))
            with lines.block("try:"):
                start = len(lines.lines)
                self._record(depth, "g_out.append({}); continue")
            if head and self._scripts.timings is None:
                hoist(lines, head, start, self._constants.names, re.findall(r"\w+", unpacked(turn)))
            lines.emit("except g_Cancelled: raise")
            lines.emit("except Exception: g_out.append(g_AGAIN)")
        lines.emit("return g_out")

    def build_batch(self, depth: int, few: frozenset[str]) -> None:
        """Emit everything for rows that are read together."""
        lines, top = self._lines, self._top
        self._rows = BatchFill(self._plan.source.columns)
        ref, cells = self._rows.record(layout(top.unit.shape, top.unit.chain), few)
        self._reads.cells = cells
        self._frames.append(Frame({top.chain: ref}))
        with lines.block("def record(g_rows, g_lines):"):
            lines.emit("g_out = []; g_add = g_out.append; g_whole = True")
            head = len(lines.lines)
            with lines.block("while True:"):
                with lines.block("try:"):
                    turn = len(lines.lines)
                    lines.base = 4
                    with lines.block("for"):
                        self._record(depth, "g_add({}); continue", "g_whole = False; ")
                    lines.emit("return g_out, g_whole")
                lines.emit("except g_Cancelled: raise")
                lines.emit("except Exception: g_add(g_AGAIN); g_whole = False")
        written = "\n".join(lines.lines[turn:])
        numbers = [cell for cell in cells.values() if re.search(rf"\b{cell.number}\b", written)]
        along = [
            "g_rows",
            "g_lines",
            *(f"k_numbers([g_row[{cell.text[1:]}] for g_row in g_rows])" for cell in numbers),
        ]
        names = [f"({', '.join(self._rows.head)},)", "g_line", *(f"n{cell.text[1:]}" for cell in numbers)]
        lines.lines[turn] = f"            for {', '.join(names)} in g_turns:"
        lines.lines.insert(head, f"    g_turns = zip({', '.join(along)})")

    def build_group(self, depth: int, few: frozenset[str]) -> None:
        """Emit everything for a group of rows: its own values are those of the first."""
        row = layout(self._top.unit.shape, self._top.unit.chain)
        fill = BatchFill(self._plan.source.columns)
        ref, self._reads.cells = fill.member(row, few, "c")
        self._reads.members = Members("g_group", lambda prefix: fill.member(row, few, prefix), fill.place)
        self._lines.emit(f"{ref.taken} = g_group[0]")
        self._frames.append(Frame({self._top.chain: ref}))
        self._record(depth, "return {}")

    def _record(self, depth: int, give: str, odd: str = "") -> None:
        """Emit a record's text, the row of the record at hand; `give` is the statement that ends it with a result."""
        loop = self._top.target.loop
        assert loop is not None
        assert loop.source is not None
        emit = self._lines.emit
        of_path = loop.source.hops[-1].filter
        if of_path is not None:
            emit(f"if not {self._scripts.condition(of_path)}: {odd}{give.format(repr(''))}")
        if not loop.joins:
            if loop.when is not None:
                emit(f"if not {self._scripts.condition(loop.when)}: {odd}{give.format(None)}")
            emit(give.format(self._text(depth)))
            return
        if loop.first is not None:
            raise Declined(_("the first turns of a join are taken"))
        if self._rows is not None:
            raise Declined(_("rows that are read together are joined"))
        emit("g_turns = []")
        with contextlib.ExitStack() as blocks:
            self._emitter().joined(loop, blocks)
            if loop.when is not None:
                emit(f"if not {self._scripts.condition(loop.when)}: continue")
            emit(f"g_turns.append({self._text(depth)})")
        emit(give.format("''.join(g_turns) or None"))

    def _text(self, depth: int) -> str:
        """Emit the text of one turn; the variable it is in."""
        emit = self._lines.emit
        if any(".tick()" in line for line in self._lines.lines):
            emit(f"{HOST}.record()")
        emitter = self._emitter()
        text = self._lines.let("x", emitter.record(emitter.one(self._top.target, depth).text))
        if self._may_hold_anything():
            emit(f"if g_illegal({text}): raise g_Again")
        elif self._plan.source.format == "lines":
            emit(f"if g_odd and g_illegal({text}): raise g_Again")
        return text

    def _asker(self, join: Join) -> tuple[Row, str]:
        """The layout of a join's rows, and the name of the function that finds them."""
        lookup = next(each for each in self._plan.lookups if each.key == join.lookup)
        shape = lookup.unit.shape
        if keeps_whole(shape):
            raise Declined(_("a script looks at a whole node"))
        row = layout(shape, (lookup.key, lookup.unit.chain[-1]))
        return row, self._constants.add(self._world.asker(join, row))

    def _fill(self) -> Ref:
        row = layout(self._top.unit.shape, self._top.unit.chain)
        source = self._plan.source
        if self._top.arranges and source.format != "delimited":
            return self._kept(row)
        if source.format == "xml":
            ref = numbered(row, "a")
            with self._lines.block("if type(g_record) is g_Scanned:"):
                self._lines.emit(f"{unpacked(ref)} = g_record[0]")
            with self._lines.block("else:"):
                return XmlFill(self._lines).record(row, "g_record")
        if source.format == "lines":
            ref = numbered(row, "a")
            with self._lines.block("if type(g_record) is g_Decoded:"):
                self._lines.emit(f"{unpacked(ref)} = g_record[0]")
                self._lines.emit("g_odd = g_record[2]")
            with self._lines.block("else:"):
                self._lines.emit("g_odd = True")
                return JsonFill(self._lines).record(row, "g_record")
        if source.format == "delimited":
            return CellFill(self._lines, source.columns).record(row, "g_record")
        if source.format == "edi":
            return JsonFill(self._lines).record(row, self._lines.let("j", "g_record.value"))
        if source.format in FORMATS:
            return NestedFill(self._lines).record(row, "g_record")
        return JsonFill(self._lines).record(row, "g_record")

    def _kept(self, row: Row) -> Ref:
        """Records that were put in order come as they were kept: see engine.packed."""
        if keeps_whole(row.shape):
            raise Declined(_("a script looks at a whole node"))
        ref = numbered(row, "a")
        self._lines.emit(f"{unpacked(ref)} = {self._constants.add(filler(row))}(g_record)")
        self._lines.emit("g_odd = True")
        return ref

    def _emitter(self) -> Emitter:
        target = self._plan.target
        if target.format in FORMATS:
            return self._nested_emitter()
        kinds = {"xml": XmlEmitter, "delimited": RowEmitter, "edi": EdiEmitter}
        kind: type[Emitter] = kinds.get(target.format, JsonEmitter)
        emitter = kind(
            self._lines, self._reads, self._scripts, self._constants, self._frames, self._judge.writer
        )
        emitter.declared = target.declared
        emitter.asker = self._asker
        if isinstance(emitter, XmlEmitter):
            emitter.line, emitter.indent = spacing(target)
        elif isinstance(emitter, JsonEmitter):
            emitter.compact = target.format == "lines"
        elif isinstance(emitter, EdiEmitter):
            assert target.messages is not None
            emitter.places, emitter.values = Places(target.messages), Values(target)
        elif isinstance(emitter, RowEmitter):
            emitter.writer = DelimitedWriter(target)
            emitter.plain_digits = not set("-.0123456789") & {emitter.writer.delimiter, emitter.writer.quote}
            if self._rows is not None:
                emitter.clean = Clean(self._plan)
        return emitter

    def _nested_emitter(self) -> Emitter:
        if not self._top.target.repeats or self._top.target.form is None:
            raise Declined(_("the records are not those of the target's format"))
        writer = self._judge.writer
        emitter = NestedEmitter(
            self._lines, self._reads, self._scripts, self._constants, self._frames,
            lambda target: literal(writer(target)),
        )  # fmt: skip
        encoder = FORMATS[self._plan.target.format].encoder(self._plan.target)
        emitter.finish = self._constants.add(Finisher(encoder, self._top.target))
        emitter.declared = self._plan.target.declared
        return emitter

    def _outside(self, read: Read) -> str:
        """A value outside the record: an attribute of a node around it, or what the judge reads once for all."""
        if self._plan.source.messages is not None and self._is_opening(read):
            return self._opening_above(read)
        if self._is_one_of_several(read):
            return self._attribute_above(read)
        return self._constants.add(outside.texts(self._judge, read, self._top.chain))

    def _is_one_of_several(self, read: Read) -> bool:
        """The node around the records that the read comes from is another one for other records."""
        chain = read.origin or ()
        above = [self._plan.shape.at(chain[:length]) for length in range(1, len(chain) + 1)]
        return any(shape is not None and shape.repeats for shape in above)

    def _is_opening(self, read: Read) -> bool:
        """It leads into the segment that opens a level of EDI around the record."""
        depth = len(read.chain) - len(read.hops)
        around = read.origin is not None and 0 < depth < len(self._top.unit.chain)
        return around and is_opening(self._plan.source.messages, read.chain, depth)

    def _opening_above(self, read: Read) -> str:
        """A value of the segment that opens a level around the record."""
        depth = len(read.chain) - len(read.hops)
        plain = not any(hop.every or hop.filter or hop.type or (hop.index or 1) > 1 for hop in read.hops)
        if not plain or not read.holds_text:
            raise Declined(_("a value of one of several nodes around the records is read"))
        way = "".join(f".get({hop.key!r}, {{}})" for hop in read.hops[:-1])
        return self._lines.let("x", f"g_record.above[{depth - 1}]{way}.get({read.hops[-1].key!r})")

    def _attribute_above(self, read: Read) -> str:
        up = len(self._top.unit.chain) - (len(read.chain) - len(read.hops))
        if self._plan.source.format != "xml" or len(read.hops) != 1 or not read.hops[0].key.startswith("@"):
            raise Declined(_("a value of one of several nodes around the records is read"))
        return self._lines.let("x", f"g_record{'.getparent()' * up}.get({read.hops[0].key[1:]!r})")

    def _may_hold_anything(self) -> bool:
        """Whether a text may hold characters that the target cannot: XML sources and usual functions make none."""
        plan = self._plan
        if plan.target.format in FORMATS or plan.target.format == "edi":
            return False  # its leaves' writers have looked at every character
        # Only JSON can write half a character; a control character, which XML alone refuses, any format but XML.
        if plan.source.format == "json" or (
            plan.source.format not in ("xml", "lines") and plan.target.format == "xml"
        ):
            return True
        return any(
            makes_characters(expr, plan, ILLEGAL) for target in plan.root.walk() for expr in target.exprs()
        )


def _built(source: str, constants: Constants, world: World, plan: Plan) -> Record:
    space = dict(constants.names)
    space.update(
        g_AGAIN=AGAIN,
        g_Again=Again,
        g_Cancelled=Cancelled,
        g_element=_element if plan.target.options.get("pretty") != "false" else _compact_element,
        g_escape=escape,
        g_escape_value=escape_value,
        g_illegal=any_illegal if plan.target.format == "xml" else any_half,
        g_decimal=DECIMAL.match,
        g_integer=INTEGER.match,
        g_json_decimal=JSON_DECIMAL,
        g_json_integer=JSON_INTEGER,
        g_missing=object(),
        g_mixed=lambda element: own_text(element, mixed=True),
        g_nil=_is_nil,
        g_quoted=encode_basestring,
        g_scalar=_scalar,
        g_type=type_of,
        g_unknown=UNKNOWN,
        k_numbers=numbers,
        g_Decoded=Decoded,
        g_Scanned=Scanned,
    )
    space[HOST] = world
    try:
        exec(compile(source, "<record>", "exec"), space)
    except (SyntaxError, RecursionError, MemoryError) as error:
        raise Declined(_("the generated code is too large")) from error
    function: Record = space["record"]
    return function


def _logging(function: Record, world: World) -> Record:
    """The function, its lines in the log only of records that it finishes: the judge writes those of the others."""

    def logging(record: Any) -> str | None:
        with world.held():
            return function(record)

    return logging


def _element(start: str, content: str, end: str) -> str:
    """An element on lines of its own; its start is without the closing mark."""
    return f"{start}>\n{content}{end}" if content else f"{start}/>\n"


def _compact_element(start: str, content: str, end: str) -> str:
    """The same without line ends."""
    return f"{start}>{content}{end}" if content else f"{start}/>"


def _is_nil(element: Any) -> bool:
    return str(element.get(_NIL, "")).strip() in ("true", "1")


def _scalar(value: Any) -> str:
    if value is True:
        return "true"
    if value is False:
        return "false"
    raise Again
