"""Records of a mainframe out, by a copybook: every item at its place, tables at their full size."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, BinaryIO

from studio.base.i18n import _
from studio.engine.formats.copybook_values import bytes_writer, nothing
from studio.engine.formats.nested import Data
from studio.engine.forms import Form
from studio.engine.lexical import Unwritable, Writer, plain_writer
from studio.engine.plan import Document, Target
from studio.schema.flat.layout import number
from studio.schema.model import Kind
from studio.script.tree import Value


def encoder(document: Document) -> CopybookEncoder:
    """The encoder of a target."""
    return CopybookEncoder(document)


class CopybookEncoder:
    """Bytes as text, a character each. See nested.Encoder."""

    opening = ""
    encoding = "latin-1"
    convert: Callable[[BinaryIO, BinaryIO], None] | None = None

    def __init__(self, document: Document) -> None:
        self._facts = document.facts
        self._encoding = document.facts.get("encoding") or "cp037"

    def leaf(self, target: Target) -> Writer:
        """The bytes of an item."""
        form = target.form
        assert form is not None
        plain = plain_writer(target.value, True)
        make = bytes_writer(form, self._encoding)

        def write(value: Value) -> str | None:
            text = plain(value)
            return None if text is None or text == "" else make(text).decode("latin-1")

        return write

    def record(self, form: Form, data: Data) -> str:
        """A record."""
        made = bytearray(number(form.facts.get("width")))
        self._group(made, form, data, 0, _counts(form, data))
        return made.decode("latin-1")

    def line(self, form: Form, data: Data) -> str:
        """The record: none has others inside it."""
        return self.record(form, data)

    def _group(self, made: bytearray, form: Form, data: Data, start: int, counts: dict[str, int]) -> None:
        origin = number(form.facts.get("offset"))
        for child in form.children:
            at = start + number(child.facts.get("offset")) - origin
            if child.kind is Kind.CHOICE:
                width = number(child.facts.get("width"))
                made[at : at + width] = " ".encode(self._encoding) * width
                chosen = [one for one in child.children if _holds(data.get(one.name))]
                self._item(made, (chosen or child.children)[0], data, at, counts)
            elif child.facts.get("level") != "66":
                self._item(made, child, data, at, counts)

    def _item(self, made: bytearray, form: Form, data: Data, at: int, counts: dict[str, int]) -> None:
        value = data.get(form.name)
        most, width = form.occurs.max or 1, number(form.facts.get("width"))
        values = value if isinstance(value, list) else [value]
        if len(values) > most:
            raise Unwritable(
                _("{name} holds more instances than the {count} the record has room for.").format(
                    name=form.name, count=most
                )
            )
        if "depending" in form.facts:
            # What the count leaves out of a table is blank.
            made[at : at + most * width] = " ".encode(self._encoding) * (most * width)
            most = len(value) if isinstance(value, list) else 0
        for turn in range(most):
            one = values[turn] if turn < len(values) else None
            place = at + turn * width
            if form.kind is Kind.FIELD:
                made[place : place + width] = self._bytes(form, one, counts)
            else:
                self._group(made, form, one if isinstance(one, dict) else {}, place, counts)

    def _bytes(self, form: Form, value: Any, counts: dict[str, int]) -> bytes:
        count = counts.get(form.name.upper())
        if isinstance(value, str):
            given = value.encode("latin-1")
            if count is not None and given != bytes_writer(form, self._encoding)(str(count)):
                raise Unwritable(
                    _("{name} is not the number of instances, {count}.").format(name=form.name, count=count)
                )
            return given
        if count is not None:
            return bytes_writer(form, self._encoding)(str(count))
        return nothing(form, self._facts)


def _holds(value: Any) -> bool:
    """Some rule has filled it."""
    if isinstance(value, dict):
        return any(_holds(each) for each in value.values())
    return any(_holds(each) for each in value) if isinstance(value, list) else value is not None


def _counts(form: Form, data: Data) -> dict[str, int]:
    """How many instances each table has whose size depends on a count, by the name of the count."""
    found: dict[str, int] = {}
    for child in form.flat():
        value = data.get(child.name)
        if "depending" in child.facts:
            found[child.facts["depending"].upper()] = len(value) if isinstance(value, list) else 0
        for each in value if isinstance(value, list) else [value]:
            if child.children and isinstance(each, dict):
                found.update(_counts(child, each))
    return found
