"""Code that takes a record apart: one pass over an lxml element, a JSON value or a list of cells into slots."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from studio.base.i18n import _
from studio.engine.generate.layout import Chain, Ref, Row, numbered, unpacked
from studio.engine.generate.lines import Declined, Lines
from studio.engine.generate.reads import Cell
from studio.engine.plan import Shape


def begin(lines: Lines, row: Row, prefix: str) -> Ref:
    """The row's variables, empty."""
    ref = numbered(row, prefix)
    singles = [ref.name(place) for (kind, _chain), place in row.index.items() if kind != "list"]
    if singles:
        lines.emit(" = ".join(singles) + " = None")
    for (kind, _chain), place in row.index.items():
        if kind == "list":
            lines.emit(f"{ref.name(place)} = []")
    return ref


class XmlFill:
    """Fills rows from lxml elements. A node that should be single and is not sends the record to the judge."""

    def __init__(self, lines: Lines) -> None:
        self._lines = lines

    def record(self, row: Row, variable: str) -> Ref:
        """The record's row from its element."""
        ref = begin(self._lines, row, "a")
        self._node(ref, row.shape, row.chain, variable)
        return ref

    def _node(self, ref: Ref, shape: Shape, chain: Chain, variable: str) -> None:
        emit = self._lines.emit
        index = ref.row.index
        if ("text", chain) in index:
            emit(f"{ref.name(index['text', chain])} = {_text(shape, variable)}")
        if ("present", chain) in index:
            nil = f"None if g_nil({variable}) else ''" if shape.nillable else "''"
            emit(f"{ref.name(index['present', chain])} = {nil}")
        if ("type", chain) in index:
            emit(f"{ref.name(index['type', chain])} = g_type({variable})")
        for key in shape.children:
            if key.startswith("@"):
                name = ref.name(index["text", (*chain, key)])
                emit(f"{name} = {variable}.get({key[1:]!r})")
        elements = [(key, child) for key, child in shape.children.items() if not key.startswith("@")]
        if elements:
            self._children(ref, elements, chain, variable)

    def _children(self, ref: Ref, elements: Sequence[tuple[str, Shape]], chain: Chain, variable: str) -> None:
        lines = self._lines
        seen = {key: lines.fresh("f") for key, child in elements if _needs_flag(child)}
        for flag in seen.values():
            lines.emit(f"{flag} = False")
        child_name = lines.fresh("c")
        with lines.block(f"for {child_name} in {variable}[:]:"):
            tag = lines.let("t", f"{child_name}.tag")
            word = "if"
            for key, child in elements:
                with lines.block(f"{word} {tag} == {key!r}:"):
                    self._child(ref, child, (*chain, key), child_name, seen.get(key))
                word = "elif"

    def _child(self, ref: Ref, shape: Shape, chain: Chain, variable: str, flag: str | None) -> None:
        lines = self._lines
        if shape.repeats:
            row = ref.row.rows[chain]
            inner = begin(lines, row, lines.fresh("r") + "_")
            self._node(inner, shape, chain, variable)
            lines.emit(f"{ref.name(ref.row.index['list', chain])}.append({unpacked(inner)})")
            return
        if flag is not None:
            lines.emit(f"if {flag}: raise g_Again")
            lines.emit(f"{flag} = True")
        else:
            name = ref.name(ref.row.index["text", chain])
            lines.emit(f"if {name} is not None: raise g_Again")
        self._node(ref, shape, chain, variable)


def _needs_flag(shape: Shape) -> bool:
    """More than a plain text: its slot alone does not say whether it was there before."""
    return not shape.repeats and (bool(shape.children) or shape.nillable or not shape.text)


def _text(shape: Shape, variable: str) -> str:
    text = f"g_mixed({variable})" if shape.mixed else f"{variable}.text or ''"
    return f"None if g_nil({variable}) else {text}" if shape.nillable else text


class JsonFill:
    """Fills rows from JSON values. A value of another shape than the schema's sends the record to the judge."""

    def __init__(self, lines: Lines) -> None:
        self._lines = lines

    def record(self, row: Row, variable: str) -> Ref:
        """The record's row from its value."""
        ref = begin(self._lines, row, "a")
        self._node(ref, row.shape, row.chain, variable)
        return ref

    def _node(self, ref: Ref, shape: Shape, chain: Chain, variable: str) -> None:
        """A value that is not null."""
        lines = self._lines
        index = ref.row.index
        if ("present", chain) in index:
            lines.emit(f"{ref.name(index['present', chain])} = ''")
        if shape.entries:
            if set(shape.children) - {"item"} or shape.text:
                raise Declined(_("a JSON array is an object elsewhere"))
            if shape.children:
                self._entries(ref, shape.children["item"], (*chain, "item"), variable)
            return
        if not shape.children:
            if shape.text:
                self._leaf(ref.name(index["text", chain]), variable)
            return
        lines.emit(f"if type({variable}) is not dict: raise g_Again")
        if shape.text:
            lines.emit(f"{ref.name(index['text', chain])} = ''")
        for key, child in shape.children.items():
            self._member(ref, child, (*chain, key), variable)

    def _leaf(self, name: str, variable: str) -> None:
        self._lines.emit(f"{name} = {variable} if type({variable}) is str else g_scalar({variable})")

    def _member(self, ref: Ref, shape: Shape, chain: Chain, variable: str) -> None:
        lines = self._lines
        key = chain[-1]
        if shape.repeats:
            value = lines.let("j", f"{variable}.get({key!r}, g_missing)")
            with lines.block(f"if {value} is not g_missing:"):
                self._entries(ref, shape, chain, value)
            return
        value = lines.let("j", f"{variable}.get({key!r})")
        with lines.block(f"if {value} is not None:"):
            self._node(ref, shape, chain, value)

    def _entries(self, ref: Ref, shape: Shape, chain: Chain, variable: str) -> None:
        lines = self._lines
        if chain not in ref.row.rows:
            raise Declined(_("an array's entries are taken for a single value"))
        lines.emit(f"if type({variable}) is not list: raise g_Again")
        entry = lines.fresh("j")
        with lines.block(f"for {entry} in {variable}:"):
            inner = begin(lines, ref.row.rows[chain], lines.fresh("r") + "_")
            with lines.block(f"if {entry} is not None:"):
                self._node(inner, shape, chain, entry)
            lines.emit(f"{ref.name(ref.row.index['list', chain])}.append({unpacked(inner)})")


class NestedFill(JsonFill):
    """Fills rows from nested plain data: lists stand exactly where a node may repeat, entries of arrays included."""

    def _node(self, ref: Ref, shape: Shape, chain: Chain, variable: str) -> None:
        super()._node(ref, replace(shape, entries=False), chain, variable)


class BatchFill:
    """Takes the rows of a batch apart, all cells in variables: empty ones are empty texts."""

    def __init__(self, columns: Sequence[str]) -> None:
        self._places = {name: place for place, name in enumerate(columns)}
        self.head = ["_"] * len(columns)

    def member(self, row: Row, few: frozenset[str], prefix: str) -> tuple[Ref, dict[str, Cell]]:
        """One of several rows, in variables that begin with `prefix`; their numbers are looked up one by one."""
        head = ["_"] * len(self.head)
        names: dict[int, str] = {}
        cells: dict[str, Cell] = {}
        for (kind, chain), place in row.index.items():
            if kind == "present":
                names[place] = "''"
                continue
            column = self._places[chain[1]]
            names[place] = head[column] = f"{prefix}{column}"
            cells[names[place]] = Cell(names[place], None, chain[1] in few)
        return Ref(row, names.__getitem__, f"({', '.join(head)},)"), cells

    def place(self, name: str) -> int:
        """Where a column stands in a row."""
        return self._places[name]

    def record(self, row: Row, few: frozenset[str]) -> tuple[Ref, dict[str, Cell]]:
        """The record's row, and its cells by their variables; `few` are the columns with few different texts."""
        names: dict[int, str] = {}
        cells: dict[str, Cell] = {}
        for (kind, chain), place in row.index.items():
            if kind == "present":
                names[place] = "''"
            elif kind == "text" and len(chain) == 2:
                column = self._places[chain[1]]
                names[place] = self.head[column] = f"c{column}"
                cells[f"c{column}"] = Cell(f"c{column}", f"n{column}", chain[1] in few)
            else:
                raise Declined(_("a row holds more than cells"))
        return Ref(row, names.__getitem__), cells


class CellFill:
    """Fills the row of a delimited record from its cells; empty ones are null."""

    def __init__(self, lines: Lines, columns: Sequence[str]) -> None:
        self._lines = lines
        self._places = {name: place for place, name in enumerate(columns)}

    def record(self, row: Row, variable: str) -> Ref:
        """The record's row from its cells."""
        ref = numbered(row, "a")
        for (kind, chain), place in row.index.items():
            name = ref.name(place)
            if kind == "present":
                self._lines.emit(f"{name} = ''")
            elif kind == "text" and len(chain) == 2:
                self._lines.emit(f"{name} = {variable}[{self._places[chain[1]]}] or None")
            else:
                raise Declined(_("a row holds more than cells"))
        return ref
