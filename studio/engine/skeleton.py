"""The part of the target around the records: made once, written piece by piece as the records come."""

from __future__ import annotations

from typing import Protocol

from studio.engine.formats.delimited_write import DelimitedWriter
from studio.engine.formats.edi_write import EdiWriter
from studio.engine.formats.json_write import JsonWriter
from studio.engine.formats.nested_write import NestedWriter
from studio.engine.formats.xml_write import XmlWriter
from studio.engine.interpret import Judge
from studio.engine.lexical import Unwritable
from studio.engine.live import RuleFailed
from studio.engine.nested import FORMATS
from studio.engine.outs import HOLE, Out
from studio.engine.plan import Document, Target, Top


class Writer(Protocol):
    """Turns Outs into text of one format."""

    opening: str
    separates: bool
    """Records begin with a comma that the first one in an array does without."""

    def check(self, text: str) -> None:
        """Raise Unwritable for text the format cannot hold."""

    def document(self, root: Out) -> str:
        """The whole document, with marks in its holes."""

    def record(self, out: Out, depth: int) -> str:
        """A record in its hole."""

    def node(self, out: Out, depth: int) -> str:
        """An Out by itself, to look at."""


def writer_of(document: Document) -> Writer:
    """The writer of a target's format."""
    if document.format == "xml":
        return XmlWriter(document)
    if document.format == "delimited":
        return DelimitedWriter(document)
    if document.format == "edi":
        return EdiWriter(document)
    if document.format in FORMATS:
        return NestedWriter(FORMATS[document.format].encoder(document))
    return JsonWriter(document)


def depth_of(root: Target, target: Target, document: Document) -> int:
    """How many levels above a node the writer indents it by."""
    depth = _nesting(root, target, -1)
    if document.format == "json":
        depth += root.children[0].entry
        depth += target.repeats and not target.entry
    return depth


def _nesting(here: Target, wanted: Target, depth: int) -> int:
    if here is wanted:
        return depth
    return max((_nesting(child, wanted, depth + 1) for child in here.children), default=-1)


class Skeleton:
    """Evaluates the rules outside the loops in target order, each when its turn comes.

    `before(n)` is the text up to the records of top loop `n`, `after()` the rest; call `written(n)` once it has some.
    """

    def __init__(self, judge: Judge, root: Target, tops: tuple[Top, ...], writer: Writer) -> None:
        self._judge = judge
        self._root = root
        self._writer = writer
        self._numbers = {id(top.target): number for number, top in enumerate(tops)}
        self._filled: set[int] = set()
        self._made: dict[int, list[Out]] = {}
        self._whens: dict[int, bool] = {}
        self._done = 0

    def reached(self, number: int) -> bool:
        """Whether the nodes around a top loop exist at all: their own conditions hold."""
        return any(out.hole == number for out in self._build(number).walk())

    def written(self, number: int) -> None:
        """The loop's hole has a record."""
        self._filled.add(number)

    def before(self, number: int) -> str:
        """The text that comes before the first record of a top loop."""
        text = self._text(number)
        parts = text.split(HOLE)
        place = len([filled for filled in self._filled if filled < number])
        return self._rest("".join(parts[: place + 1]))

    def after(self) -> str:
        """The text that is left when all records are written."""
        return self._rest(self._text(len(self._numbers)).replace(HOLE, ""))

    def _text(self, until: int) -> str:
        try:
            return self._writer.document(self._build(until))
        except Unwritable as error:
            path = self._root.children[0].path if self._root.children else ""
            raise RuleFailed(path, str(error)) from None

    def _rest(self, text: str) -> str:
        rest = text[self._done :]
        self._done = len(text)
        return rest

    def _build(self, until: int) -> Out:
        """The document with the holes that have records, and that of loop `until`; nothing after that one."""
        document = Out(self._root)
        document.children, _ended = self._children(self._root, until)
        return document

    def _children(self, target: Target, until: int) -> tuple[list[Out], bool]:
        outs: list[Out] = []
        for child in target.children:
            found, ended = self._node(child, until)
            outs += found
            if ended:
                return outs, True
        return outs, False

    def _node(self, target: Target, until: int) -> tuple[list[Out], bool]:
        number = self._numbers.get(id(target))
        if number is not None:
            if number == until:
                return [Out(target, hole=number)], True
            return ([Out(target, hole=number)] if number in self._filled else []), False
        if not target.contains_loop:
            if id(target) not in self._made:
                self._made[id(target)] = self._judge.make(target)
            return self._made[id(target)], False
        if not self._wanted(target):
            return [], False
        out = Out(target)
        out.children, ended = self._children(target, until)
        exists = ended or target.required or target.when is not None or out.has_value
        return ([out] if exists else []), ended

    def _wanted(self, target: Target) -> bool:
        if target.when is None:
            return True
        if id(target) not in self._whens:
            self._whens[id(target)] = self._judge.condition(target.when, target.path)
        return self._whens[id(target)]
