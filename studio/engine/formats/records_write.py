"""Fixed-width and delimited records of several kinds out: a line for each record, those inside it behind it."""

from __future__ import annotations

import codecs
from collections.abc import Callable
from functools import lru_cache
from typing import BinaryIO

from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.engine.formats.columns import Field, fields, found, surplus
from studio.engine.formats.delimited_write import DelimitedWriter
from studio.engine.formats.fixed_values import padded, value_writer
from studio.engine.formats.nested import Data
from studio.engine.forms import Form
from studio.engine.lexical import Unwritable, Writer, plain_writer
from studio.engine.plan import Document, Target
from studio.schema.flat.layout import number, record_width
from studio.schema.flat.tell import field_named
from studio.schema.model import Node
from studio.script.tree import Value


def encoder(document: Document) -> RecordEncoder:
    """The encoder of a target."""
    return FixedEncoder(document) if document.format == "fixed" else CellEncoder(document)


class RecordEncoder:
    """What both have in common. See nested.Encoder."""

    opening = ""
    convert: Callable[[BinaryIO, BinaryIO], None] | None = None

    def __init__(self, document: Document) -> None:
        self.encoding = document.facts.get("encoding") or "utf-8"
        self._document = document
        self._facts = document.facts
        self._newline = {"none": "", "\r\n": "\r\n"}.get(document.facts.get("newline", "\n"), "\n")
        try:
            codecs.lookup(self.encoding)
        except LookupError as error:
            raise BadInput(
                _("The encoding {name} is not known.").format(name=self.encoding),
                next_step=_("Choose another encoding in the schema, such as utf-8 or windows-1252."),
            ) from error

    def leaf(self, target: Target) -> Writer:
        """The writer of a field."""
        raise NotImplementedError

    def record(self, form: Form, data: Data) -> str:
        """A record and those inside it, in the order of the schema."""
        text = self.line(form, data) if form.has_fields else ""
        for child in form.children:
            if not child.is_record:
                continue
            inside = data.get(child.name)
            for each in inside if isinstance(inside, list) else () if inside is None else (inside,):
                text += self.record(child, each)
        return text

    def line(self, form: Form, data: Data) -> str:
        """One record alone."""
        more = surplus(data, form.node)
        if more is not None:
            raise Unwritable(
                _("{name} holds more instances than the {count} the record has room for.").format(
                    name=more[0], count=more[1]
                )
            )
        return self._line(form.node, data) + self._newline

    def _line(self, node: Node, data: Data) -> str:
        raise NotImplementedError

    def encodable(self, text: str) -> int:
        """The bytes a text takes; raises Unwritable for characters that the encoding has not."""
        try:
            return len(text.encode(self.encoding))
        except UnicodeEncodeError as error:
            raise Unwritable(
                _("The character {character} does not exist in {encoding}.").format(
                    character=repr(text[error.start]), encoding=self.encoding
                )
            ) from None


class FixedEncoder(RecordEncoder):
    """Fields at their places; what no rule fills is padding, a constant, or what tells the record's kind."""

    def __init__(self, document: Document) -> None:
        super().__init__(document)
        self._length = number(document.facts.get("length"))
        self._bytes = document.facts.get("unit") == "byte" and len("é".encode(self.encoding, "replace")) > 1

    def leaf(self, target: Target) -> Writer:
        """The characters of a field, all of them."""
        form = target.form
        assert form is not None
        declared = self._document.declared
        write = value_writer(form.name, form.value or target.value, form.facts, self._facts, declared)

        def checked(value: Value) -> str | None:
            text = write(value)
            if text is None:
                return None
            if self._newline and ("\n" in text or "\r" in text):
                raise Unwritable(_("The text holds a line end, which ends the record."))
            size = self.encodable(text)
            if self._bytes and size != len(text):
                text = self._in_bytes(text, form, size)
            return text

        return checked

    def _in_bytes(self, text: str, form: Form, size: int) -> str:
        """The padding that is left where characters take several bytes."""
        width, pad = number(form.facts.get("width")), form.facts.get("pad", " ")
        right = form.facts.get("align") == "right"
        while size > width and text[: 1 if right else None][-1:] == pad:
            text = text[1:] if right else text[:-1]
            size -= 1
        if size > width:
            raise Unwritable(
                _("{value} has {found} bytes; the field {name} takes {width}.").format(
                    value=repr(text[:60]), found=size, name=form.name, width=width
                )
            )
        return text

    def _line(self, node: Node, data: Data) -> str:
        pieces: list[str] = []
        at = 0
        tidy = True
        for one in fields(node):
            column = one.column
            text = found(data, one.steps)
            if text is None:
                text = padded(column.node.fixed or "", column.node.facts, column.width)
            if column.start != at:
                tidy = False
            pieces.append(text)
            at = column.start + column.width
        line = "".join(pieces) if tidy else _placed(fields(node), pieces)
        line = _told(line, node)
        more = self.encodable(line) - len(line) if self._bytes else 0
        return line.ljust((self._length or record_width(node)) - more)


def _placed(places: tuple[Field, ...], pieces: list[str]) -> str:
    """Texts at their places; where fields lie over each other, the last that holds something counts."""
    line = ""
    for one, text in zip(places, pieces, strict=True):
        start = one.column.start
        if text.strip() or len(line) <= start:
            line = line.ljust(start)
            line = line[:start] + text + line[start + len(text) :]
    return line


def _told(line: str, node: Node) -> str:
    """The line with the text that tells its kind, where no rule has put anything there."""
    tell = node.facts.get("tell")
    text = node.facts.get("tell_text", "").split("\n")[0]
    start = 0
    if tell == "at":
        start = max(0, number(node.facts.get("tell_at")) - 1)
    elif tell == "field":
        start = _start(node)
    elif tell != "prefix":
        return line
    line = line.ljust(start + len(text))
    blank = not line[start : start + len(text)].strip()
    return line[:start] + text + line[start + len(text) :] if blank else line


@lru_cache(maxsize=512)
def _start(node: Node) -> int:
    told = field_named(node, node.facts.get("tell_field", ""))
    return next((one.column.start for one in fields(node) if one.column.node is told), 0)


class CellEncoder(RecordEncoder):
    """Cells with quotes only where they are needed; empty ones at the end of a record are kept."""

    def __init__(self, document: Document) -> None:
        super().__init__(document)
        self._cells = DelimitedWriter(document)
        self._newline = ""

    def leaf(self, target: Target) -> Writer:
        """A cell's text without quotes."""
        write = plain_writer(target.value, self._document.declared and not target.loose)

        def checked(value: Value) -> str | None:
            text = write(value)
            if text is not None:
                self._cells.check(text)
                self.encodable(text)
            return text

        return checked

    def _line(self, node: Node, data: Data) -> str:
        cells = [found(data, one.steps) or one.column.node.fixed or "" for one in fields(node)]
        tell = node.facts.get("tell")
        at = 0
        if tell == "at":
            at = max(0, number(node.facts.get("tell_at")) - 1)
        elif tell == "field":
            told = field_named(node, node.facts.get("tell_field", ""))
            at = next((one.at for one in fields(node) if one.column.node is told), 0)
        if tell in ("prefix", "at", "field") and at < len(cells) and not cells[at]:
            cells[at] = node.facts.get("tell_text", "").split("\n")[0]
        return self._cells.line(cells)
