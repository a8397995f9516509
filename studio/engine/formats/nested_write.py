"""Outs of the nested formats as text: each record by the format's encoder, groups around the records piece by piece."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from studio.base.lazily import Lazily
from studio.engine.formats.nested import Data
from studio.engine.forms import Form
from studio.engine.lexical import Writer
from studio.engine.nested import Encoder
from studio.engine.outs import HOLE, Out
from studio.engine.plan import Target
from studio.script.tree import Value

if TYPE_CHECKING:
    import msgspec
else:
    msgspec = Lazily("msgspec")


class NestedWriter:
    """Renders Outs whose leaves hold what the encoder's `leaf` made. See skeleton.Writer."""

    separates = False

    def __init__(self, encoder: Encoder) -> None:
        self.encoder = encoder
        self.opening = encoder.opening

    def check(self, text: str) -> None:
        """A leaf's own writer has checked it."""

    def document(self, root: Out) -> str:
        """The document, with marks in its holes."""
        return self.opening + "".join(self._around(out) for out in root.children)

    def _around(self, out: Out) -> str:
        if out.hole is not None:
            return HOLE
        if out.target.form is None or not _has_hole(out):
            return self.record(out, 0)
        form = out.target.form
        own = [child for child in out.children if not _is_record(child)]
        text = self.encoder.line(form, _data(own)) if form.has_fields else ""
        return text + "".join(self._around(child) for child in out.children if _is_record(child))

    def record(self, out: Out, depth: int) -> str:
        """A record. Raises Unwritable where its values do not go together."""
        del depth
        if out.target.form is None:
            return "".join(self._around(child) for child in out.children)
        return self.encoder.record(out.target.form, _data(out.children))

    def node(self, out: Out, depth: int) -> str:
        """An Out by itself, to look at: a record as it is written, anything else as its text."""
        return self.record(out, depth) if _is_record(out) else (out.text or "")


def _is_record(out: Out) -> bool:
    return out.target.form is not None and out.target.form.is_record


def _has_hole(out: Out) -> bool:
    return any(each.hole is not None for each in out.walk())


def _data(outs: list[Out]) -> Data:
    data: Data = {}
    for out in outs:
        target = out.target
        value = _data(out.children) if target.children or not target.holds_text else out.text
        if target.repeats:
            data.setdefault(target.tag, []).append(value)
        else:
            data[target.tag] = value
    return data


def literal(write: Writer) -> Writer:
    """A leaf's writer, what it gives as a JSON literal."""

    def made(value: Value) -> str | None:
        text = write(value)
        return None if text is None else json.dumps(text, ensure_ascii=False)

    return made


class Finisher:
    """Makes the text of a record out of its data as JSON: the end of a generated function."""

    def __init__(self, encoder: Encoder, target: Target) -> None:
        assert target.form is not None
        self._encoder = encoder
        self._form: Form = target.form

    def __call__(self, text: str) -> str:
        """The record's text; raises Unwritable, and ValueError where there is none."""
        data: Any = msgspec.json.decode(text)
        made = self._encoder.record(self._form, data)
        if not made:
            raise ValueError  # an empty text would count as no record
        return made
