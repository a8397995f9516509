"""What the writers of typed formats have in common: records are kept as JSON lines until all are there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, BinaryIO

import msgspec

from studio.engine.formats.nested import Data
from studio.engine.formats.typed_values import leaf_writer
from studio.engine.forms import Form
from studio.engine.lexical import Writer
from studio.engine.plan import Document, Target


class LineEncoder:
    """An encoder whose records are JSON lines; `convert` makes the file of them. See nested.Encoder."""

    opening = ""
    encoding = "utf-8"
    convert: Callable[[BinaryIO, BinaryIO], None] | None = None

    def __init__(self, document: Document) -> None:
        self.document = document

    def leaf(self, target: Target) -> Writer:
        """The text of a value, which its type can hold."""
        kind = target.form.value if target.form is not None and target.form.value else target.value
        return leaf_writer(kind, self.document.declared)

    def record(self, form: Form, data: Data) -> str:
        """A record, looked at by `check`."""
        self.check(form, data)
        return msgspec.json.encode(data).decode() + "\n"

    def line(self, form: Form, data: Data) -> str:
        """The record: none has others inside it."""
        return self.record(form, data)

    def check(self, form: Form, data: Data) -> None:
        """Raise Unwritable where the values of a record do not go together."""


def records(lines: BinaryIO) -> Iterator[Any]:
    """The records of JSON lines."""
    decode = msgspec.json.Decoder().decode
    for line in lines:
        yield decode(line)
