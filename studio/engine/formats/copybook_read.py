"""Records of a mainframe in, by a copybook: framed by length, by descriptors or by their own counts, bytes as values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO

from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.engine.formats.nested import Data, Misplaced, Part
from studio.engine.formats.typed_values import text_of
from studio.engine.forms import Form
from studio.engine.items import keep
from studio.engine.plan import Document, Shape
from studio.schema.copybook.values import decode
from studio.schema.flat.layout import number
from studio.schema.model import Base, Kind

_HEAD = 1 << 16
_PIECE = 1 << 18
_DESCRIPTOR = 4
# So many records that follow one another by their descriptors are no chance.
_ENOUGH = 3


def parts(document: Document, shape: Shape | None, stream: BinaryIO, name: str) -> CopybookParts:
    """The records of a stream called `name` in messages."""
    return CopybookParts(document, shape, stream, name)


class CopybookParts:
    """The records of a file. See nested.Parts.

    Where the first bytes are descriptors that lead from record to record, those tell the lengths; else a record with a
    table whose size depends on a count is as long as that says, unless the file holds records of the full length only.
    Where `heard` is given a dict, the bytes of each record are put there by its number, ready to stand in a file of the
    same framing; those whose length only their counts tell get a descriptor.
    """

    def __init__(self, document: Document, shape: Shape | None, stream: BinaryIO, name: str) -> None:
        self.taken = 0
        self.heard: dict[int, bytes] | None = None
        self._form = document.forms[0]
        self._shape = None if shape is None else shape.at((self._form.name,)) or Shape("")
        self._stream = stream
        self._name = name
        self._width = number(self._form.facts.get("width"))
        self._encoding = document.facts.get("encoding") or "cp037"
        self._varies = _varies(self._form)
        self._shrinks = False

    def __iter__(self) -> Iterator[Part | Misplaced]:
        head = self._stream.read(_HEAD)
        size = self._stream.seek(0, 2)
        self._stream.seek(0)
        for order in ("big", "little"):
            if _is_described(head, size, self._width, order):
                self._shrinks = True
                return self._described(order)
        if self._varies and size % self._width:
            self._shrinks = True
            return self._counted()
        return self._fixed()

    def _fixed(self) -> Iterator[Part | Misplaced]:
        count = 0
        while data := self._stream.read(self._width):
            count += 1
            self.taken += len(data)
            if len(data) < self._width:
                if data.strip(b"\r\n\x1a\x00\x40"):
                    yield Misplaced(self._short(len(data), self._width), count)
                return
            self._hear(count, data)
            yield self._part(data, count)[0]

    def _described(self, order: str) -> Iterator[Part | Misplaced]:
        count = 0
        while head := self._stream.read(_DESCRIPTOR):
            count += 1
            length = _length(head, order)
            if len(head) < _DESCRIPTOR or not length:
                raise BadInput(
                    _("The descriptor of record {number} at byte {at} gives no length.").format(
                        number=count, at=self.taken + 1
                    ),
                    file=self._name,
                    next_step=_("Get the file again; it may be cut off."),
                )
            data = self._stream.read(length)
            self.taken += _DESCRIPTOR + len(data)
            if len(data) < length:
                yield Misplaced(self._short(len(data), length), count)
                return
            self._hear(count, head + data)
            yield self._part(data, count)[0]

    def _counted(self) -> Iterator[Part | Misplaced]:
        count, kept = 0, b""
        while True:
            if len(kept) < self._width:
                kept += self._stream.read(_PIECE)
            if not kept:
                return
            count += 1
            part, end = self._part(kept[: self._width], count)
            if end > len(kept):
                yield Misplaced(self._short(len(kept), end), count)
                return
            self._hear(count, end.to_bytes(2, "big") + b"\0\0" + kept[:end] if end < 1 << 16 else b"")
            self.taken += end
            kept = kept[end:]
            yield part

    def _hear(self, count: int, data: bytes) -> None:
        if self.heard is not None:
            self.heard[count] = data

    def _short(self, found: int, wanted: int) -> str:
        return _("The record has {found} bytes, {less} less than its {width}.").format(
            found=found, less=wanted - found, width=wanted
        )

    def _part(self, data: bytes, count: int) -> tuple[Part | Misplaced, int]:
        """A record's data, and its length in bytes."""
        taking = _Taking(data, self._encoding, self._varies, self._shrinks)
        values, end = taking.group(self._form, 0, self._shape, False)
        if taking.wrong:
            return Misplaced(taking.wrong, count), end
        return Part((self._form.name,), 1, values, count), end


def _varies(form: Form) -> bool:
    return "depending" in form.facts or any(_varies(child) for child in form.children)


def _length(head: bytes, order: str) -> int:
    """The length a descriptor of four bytes gives; 0 where it is none."""
    if order == "big":
        return 0 if head[2:4].strip(b"\0") else int.from_bytes(head[:2], "big")
    return 0 if head[:2].strip(b"\0") else int.from_bytes(head[2:4], "little")


def _is_described(head: bytes, size: int, width: int, order: str) -> bool:
    at = count = 0
    while at + _DESCRIPTOR <= len(head):
        length = _length(head[at : at + _DESCRIPTOR], order)
        if not 0 < length <= width:
            return False
        at += _DESCRIPTOR + length
        count += 1
    return count >= _ENOUGH or (count > 0 and at == size)


class _Taking:
    """Takes one record apart; `wrong` says what its first bad field is. Tables take their counts alone if it `shrinks`."""

    def __init__(self, data: bytes, encoding: str, varies: bool, shrinks: bool) -> None:
        self.wrong = ""
        self._data = data
        self._encoding = encoding
        self._varies = varies
        self._shrinks = shrinks
        self._counts: dict[str, int] = {}

    def group(self, form: Form, start: int, shape: Shape | None, view: bool) -> tuple[Data, int]:
        """The data of a group that starts at a byte, and where it ends; in a `view` what does not fit is null."""
        origin, shift, end = number(form.facts.get("offset")), 0, start
        data: Data = {}
        for child in form.children:
            at = start + number(child.facts.get("offset")) - origin + shift
            if child.kind is Kind.CHOICE:
                for one in child.children:
                    end = max(end, self._put(data, one, at, shape, True))
                continue
            stop = self._put(data, child, at, shape, view)
            if child.facts.get("level") != "66":
                shift += stop - at - number(child.facts.get("width")) * (child.occurs.max or 1)
                end = max(end, stop)
        return data, end

    def _put(self, data: Data, form: Form, at: int, shape: Shape | None, view: bool) -> int:
        wanted, inside = keep(shape, form.name)
        if not wanted and not self._varies:
            return at + number(form.facts.get("width")) * (form.occurs.max or 1)
        value, stop = self._item(form, at, inside if wanted else Shape(""), view or not wanted)
        if wanted:
            data[form.name] = value
        return stop

    def _item(self, form: Form, at: int, shape: Shape | None, view: bool) -> tuple[Any, int]:
        most = form.occurs.max or 1
        times = most
        if "depending" in form.facts:
            times = max(0, min(most, self._counts.get(form.facts["depending"].upper(), most)))
        elif most == 1:
            return self._one(form, at, shape, view)
        values = []
        start, width = at, number(form.facts.get("width"))
        for _turn in range(times):
            value, at = self._one(form, at, shape, view)
            values.append(value)
        return values, at if self._shrinks else start + width * most

    def _one(self, form: Form, at: int, shape: Shape | None, view: bool) -> tuple[Any, int]:
        if form.kind is not Kind.FIELD:
            return self.group(form, at, shape, view)
        width = number(form.facts.get("width"))
        data = self._data[at : at + width]
        base = form.value.base if form.value else Base.TEXT
        value = decode(data, form.facts, base, self._encoding) if data else None
        text = text_of(value)
        if isinstance(value, int):
            self._counts[form.name.upper()] = value
        if value is None and not view and not self.wrong and data.strip(b"\x00\x40\x20"):
            reason = _("{bytes} is no {type}.").format(
                bytes=data.hex(" ")[:60], type=form.value.name if form.value else ""
            )
            self.wrong = _("Field {name}, byte {at}: {reason}").format(
                name=form.name, at=at + 1, reason=reason
            )
        return text or None, at + width
