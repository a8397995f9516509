"""Code for target nodes: when they exist, how often, and their text; what the text looks like is for the formats."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable
from typing import Any

from studio.base.i18n import _
from studio.base.records import dataclass
from studio.engine.generate.layout import Ref, Row, numbered, unpacked
from studio.engine.generate.lines import Declined, Lines
from studio.engine.generate.reads import Frame, Reads
from studio.engine.generate.scripts import Scripts
from studio.engine.generate.sharing import share
from studio.engine.lexical import Writer
from studio.engine.plan import Expr, Join, Loop, Target
from studio.schema.model import Base
from studio.script import tree
from studio.script.compile import Constants, Generated, Kinds
from studio.script.runtime import Cache
from studio.script.tree import Value
from studio.script.values import typed


@dataclass(frozen=True)
class Leaf:
    """The text of a leaf: an expression, whether it may be None, whether it may need escaping."""

    text: str
    nullable: bool = True
    safe: bool = False


@dataclass(frozen=True)
class Piece:
    """What a node adds to its parent's text: an expression; `test` is the condition that it has a value.

    `usual` is its text where the variable `filled` is neither None nor empty, as the inside of an f-string.
    """

    text: str
    test: str
    usual: str | None = None
    filled: str = ""


_GRAMMARS = (Base.INTEGER, Base.DECIMAL)


class Emitter:
    """The part all formats share.

    `declared`: the target's types bind what is written. `nothing`: null is not written as the empty text is. `plain`: a
    number is written as it is read, and with `plain_digits` it never needs quotes. `asker` gives the layout of a join's
    rows and the name of the function that finds them.
    """

    asker: Callable[[Join], tuple[Row, str]]

    declared = True
    nothing = True
    plain = True
    plain_digits = True

    def __init__(
        self, lines: Lines, reads: Reads, scripts: Scripts, constants: Constants, frames: list[Frame],
        writer: Callable[[Target], Writer],
    ) -> None:  # fmt: skip
        self.lines = lines
        self._reads = reads
        self._scripts = scripts
        self._constants = constants
        self._frames = frames
        self._writer = writer

    # What a format says

    def leaf(self, target: Target, leaf: Leaf, depth: int) -> str:
        """The expression of one leaf's text in its parent; the leaf is written whatever its value."""
        raise NotImplementedError

    def usual(self, target: Target, leaf: Leaf, depth: int) -> str | None:
        """The text of a leaf that holds some, as the inside of an f-string; None where that gains nothing."""
        raise NotImplementedError

    def complex(
        self, target: Target, own: Leaf | None, pieces: list[tuple[Target, Piece]], depth: int
    ) -> str:
        """The expression of a node's text in its parent, from those of the nodes in it."""
        raise NotImplementedError

    def record(self, text: str) -> str:
        """The expression of a whole record's text, from that of its node."""
        return text

    # Nodes

    def node(self, target: Target, depth: int) -> Piece:
        """Emit a node in the current frames."""
        if target.loop is not None:
            return self._loop(target, target.loop, depth)
        if target.when is None:
            return self.one(target, depth)
        text, test = self.lines.fresh("o"), self.lines.fresh("b")
        self.lines.emit(f"{text} = ''")
        self.lines.emit(f"{test} = False")
        with self.lines.block(f"if {self.condition(target.when)}:"):
            piece = self.one(target, depth)
            self.lines.emit(f"{text} = {piece.text}")
            self.lines.emit(f"{test} = {'True' if _stands(target) else piece.test}")
        return Piece(text, test)

    def one(self, target: Target, depth: int) -> Piece:
        """Emit a single instance, whatever its loop or condition."""
        if target.fixed is not None:
            return Piece(self.leaf(target, Leaf(repr(target.fixed), nullable=False), depth), "False")
        if not target.children and target.holds_text:
            return self._leaf(target, depth)
        own = self._text(target, target.script) if target.script is not None else None
        if own is not None and own.text.startswith("*"):
            raise Declined(_("a node with children takes an array"))
        pieces = [(child, self.node(child, depth + 1)) for child in target.children]
        tests = [piece.test for _child, piece in pieces if piece.test != "False"]
        if own is not None:
            tests.append(f"{own.text} is not None" if own.nullable else "True")
        test = "True" if "True" in tests else " or ".join(tests) or "False"
        if test not in ("True", "False"):
            test = self.lines.let("b", test)
        if target.required or target.loop is not None or target.when is not None or test == "True":
            return Piece(self.lines.let("o", self.complex(target, own, pieces, depth)), test)
        text = self.lines.let("o", "''")
        with self.lines.block(f"if {test}:"):
            self.lines.emit(f"{text} = {self.complex(target, own, pieces, depth)}")
        return Piece(text, test)

    def _leaf(self, target: Target, depth: int) -> Piece:
        if target.script is None:
            text = self.leaf(target, Leaf("None"), depth) if target.required else "''"
            return Piece(text, "False")
        found = self._text(target, target.script)
        if found.text.startswith("*"):
            return self._leaves(target, found.text[1:], depth)
        shown = self.leaf(target, found, depth)
        usual = self.usual(target, found, depth) if target.required or not found.nullable else None
        if not found.nullable:
            return Piece(shown, "True", usual, found.text)
        if not target.required:
            shown = f"('' if {found.text} is None else {shown})"
        return Piece(shown, f"{found.text} is not None", usual, found.text)

    def _leaves(self, target: Target, texts: str, depth: int) -> Piece:
        """One instance per text of a list that holds no None."""
        lines = self.lines
        parts = lines.let("m", "[]")
        entry = lines.fresh("x")
        with lines.block(f"for {entry} in {texts}:"):
            lines.emit(f"{parts}.append({self.leaf(target, self._ready(target, entry), depth)})")
        text = lines.let("o", f"''.join({parts})")
        if target.required:
            lines.emit(f"if not {parts}: {text} = {self.leaf(target, Leaf('None'), depth)}")
        return Piece(text, f"bool({parts})")

    def _ready(self, target: Target, variable: str) -> Leaf:
        """A text in a variable, made fit for the output."""
        return self.escaped(target, Leaf(variable, nullable=False))

    # Texts

    def _text(self, target: Target, expr: Expr) -> Leaf:
        """The text of a rule's value; an expression that begins with * is a list of texts."""
        with self._scripts.timed(expr):
            return self._made(target, expr)

    def _made(self, target: Target, expr: Expr) -> Leaf:
        carried = expr.carried
        if carried is not None and not carried.array and carried.holds_text:
            return self.carried(target, self._reads.value(carried), carried.base)
        code = self._scripts.emit(expr)
        if code.kinds & Kinds.ARRAY and target.repeats:
            name = self._constants.add(_texts_of(self._writer(target)))
            return Leaf("*" + self.lines.let("l", f"{name}({code.expression})"))
        only = _literals(expr.script.only if expr.script is not None else None)
        safe = bool(only) and all(map(self.harmless, only))
        if code.written is not None and self.passes(target) and self.plain:
            self.joins(code.parts)
            text = self.lines.let("x", code.written)
            return self.escaped(target, Leaf(text, nullable=code.kinds != Kinds.TEXT, safe=safe))
        at_once = self.at_once(target, expr, code)
        if at_once is not None:
            return at_once
        if rounds(expr) and (target.value.base is Base.DECIMAL or self.passes(target)) and self.plain:
            return Leaf(self.lines.let("x", code.expression), nullable=False, safe=self.plain_digits)
        if code.is_text and self.passes(target):
            text = self.lines.let("x", code.expression)
            self.joins(code.parts)
            return self.escaped(target, Leaf(text, nullable=code.kinds != Kinds.TEXT, safe=safe))
        write = self._constants.add(self._writer(target))
        text = self.lines.let("x", f"{write}({code.expression})")
        return self.escaped(target, Leaf(text, safe=self.safe(target)))

    def at_once(self, target: Target, expr: Expr, code: Generated) -> Leaf | None:
        """A rule's value, ready for the output, where the format makes it better than the writer; else None."""
        del target, expr, code
        return None

    def joins(self, parts: tuple[str, ...]) -> None:
        """Told what the next text to be escaped is joined from."""

    def carried(self, target: Target, raw: str, base: Base) -> Leaf:
        """A field's text, blank text of other types than text being nothing."""
        cell = self._reads.cell(raw)
        if cell is not None and self.passes(target) and not self.nothing:
            shown = cell.text if base is Base.TEXT else f"'' if {cell.text}.isspace() else {cell.text}"
            return self.escaped(target, Leaf(self.lines.let("x", shown), nullable=False))
        if self.passes(target):
            if base is Base.TEXT:
                return self.escaped(target, Leaf(raw))
            text = self.lines.let("x", f"{raw} if {raw} and not {raw}.isspace() else None")
            return self.escaped(target, Leaf(text))
        made = f"{self.carrier(target, base)}[{raw}]"
        if base is target.value.base and base in _GRAMMARS and self.plain:
            # Numbers of many different texts would only pass through the cache.
            if base is Base.INTEGER:
                bare = cell.text if cell is not None else raw
                guard = "" if cell is not None else f"{raw} and "
                made = f"{bare} if {guard}{bare}.isdecimal() and {bare}.isascii() else {made}"
            else:
                made = f"{raw} if {raw} and g_{base.value}({raw}) else {made}"
        return self.escaped(target, Leaf(self.lines.let("x", made), safe=self.safe(target)))

    def carrier(self, target: Target, base: Base) -> str:
        """A cache from a field's text to the text a target holds."""
        write = self._writer(target)

        same = self.binds(target) and base is target.value.base and base in (Base.DATE, Base.DATETIME)

        def make(raw: str | None) -> str | None:
            value = raw if same else typed(raw, base)
            return write(raw if isinstance(value, bool) else value)

        key = ("carry", base, target.value, target.path)
        return self._constants.add(Cache(make), key)

    def passes(self, target: Target) -> bool:
        """Text is written as it is: the target's type is text, or only guessed."""
        return target.value.base in (Base.TEXT, Base.BINARY) or not self.binds(target)

    def binds(self, target: Target) -> bool:
        """What is written must have a form that the target's type allows."""
        return self.declared and not target.loose

    def safe(self, target: Target) -> bool:
        """What the writer gives never needs escaping."""
        raise NotImplementedError

    def harmless(self, text: str) -> bool:
        """A text stands in the output as it is, whatever the target."""
        del text
        return False

    def escaped(self, target: Target, leaf: Leaf) -> Leaf:
        """The text fit for the output, in a variable."""
        raise NotImplementedError

    def condition(self, expr: Expr) -> str:
        """Emit a condition; its truth."""
        return self._scripts.condition(expr)

    # Loops

    def _loop(self, target: Target, loop: Loop, depth: int) -> Piece:
        if loop.source is None or loop.group or loop.sort:
            raise Declined(_("a loop inside the record groups, sorts or takes an array"))
        lines = self.lines
        rows, ref = self._reads.rows(loop.source)
        frame = self._frame(loop, ref)
        if loop.joins and (loop.first is not None or loop.last is not None):
            raise Declined(_("a loop inside the record joins rows and takes some of them"))
        if loop.first is not None or loop.last is not None:
            rows = self._cut(loop, rows, ref, frame)
        parts = lines.let("m", "[]")
        with contextlib.ExitStack() as blocks:
            blocks.enter_context(lines.block(f"for {unpacked(ref)} in {rows}:"))
            start = len(lines.lines)
            self._frames.append(frame)
            self.joined(loop, blocks)
            if loop.when is not None and loop.first is None and loop.last is None:
                lines.emit(f"if not {self.condition(loop.when)}: continue")
            piece = self.one(target, depth)
            if _stands(target):
                lines.emit(f"{parts}.append({piece.text})")
            else:
                lines.emit(f"if {piece.test}: {parts}.append({piece.text})")
            self._frames.pop()
        share(lines, start, re.findall(r"\w+", unpacked(ref)))
        return Piece(lines.let("o", f"''.join({parts})"), f"bool({parts})")

    def joined(self, loop: Loop, blocks: contextlib.ExitStack) -> None:
        """Open a block for each join of the loop whose frame is the last one: its turns are what stands inside."""
        lines = self.lines
        for join in loop.joins:
            given = [lines.let("v", self._scripts.emit(expr).expression) for expr in join.given]
            row, ask = self.asker(join)
            found = f"{ask}([{', '.join(given)}])"
            if join.left:
                nothing: tuple[object, ...] = tuple(
                    [] if kind == "list" else None for kind, _chain in row.index
                )
                found += f" or ({nothing!r},)"
            ref = numbered(row, lines.fresh("q") + "_")
            blocks.enter_context(lines.block(f"for {unpacked(ref)} in {found}:"))
            self._frames[-1].joined[join.name] = ref

    def _frame(self, loop: Loop, ref: Ref) -> Frame:
        assert loop.source is not None
        level = self._frames[loop.source.level]
        return Frame({**level.rows, ref.row.chain: ref})

    def _cut(self, loop: Loop, rows: str, ref: Ref, frame: Frame) -> str:
        """The rows a condition lets through, the first or last of them."""
        lines = self.lines
        kept = rows
        if loop.when is not None:
            kept = lines.let("l", "[]")
            with lines.block(f"for {unpacked(ref)} in {rows}:"):
                self._frames.append(frame)
                lines.emit(f"if {self.condition(loop.when)}: {kept}.append({unpacked(ref)})")
                self._frames.pop()
        if loop.first is not None:
            kept = lines.let("l", f"{kept}[:{loop.first}]")
        if loop.last is not None:
            kept = lines.let("l", f"{kept}[-{loop.last}:]" if loop.last else "()")
        return kept


def _stands(target: Target) -> bool:
    """Each turn of its loop, or its condition, gives an instance even where it has no value."""
    return bool(target.children) or target.required or target.fixed is not None or not target.holds_text


def rounds(expr: Expr) -> bool:
    """The rule is a call of Round: its text is a decimal number in every notation."""
    only = expr.script.only if expr.script is not None else None
    return isinstance(only, tree.Call) and only.name.lower() == "round"


def _literals(node: tree.Expression | None) -> list[str]:
    """The only texts that an expression can have; none where it can have others."""
    if isinstance(node, tree.Literal) and isinstance(node.value, str):
        return [node.value]
    if not isinstance(node, tree.Call) or node.name.lower() != "if" or len(node.arguments) < 2:
        return []
    found = [_literals(each) for each in node.arguments[1:]]
    return [text for each in found for text in each] if all(found) else []


def _texts_of(write: Writer) -> Callable[[Value], list[str]]:
    """An array's texts (or a single value's), nulls left out."""

    def texts(value: Value) -> list[Any]:
        found = [write(entry) for entry in (value if isinstance(value, list) else [value])]
        return [text for text in found if text is not None]

    return texts
