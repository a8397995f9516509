"""JSON in: the values at one place of a document one at a time, JSON lines, or a whole document as Items.

Numbers are kept as the text they had.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from typing import Any, BinaryIO

from studio.base.errors import BadInput, TooLarge
from studio.base.i18n import _
from studio.engine.formats.json_quick import Quick
from studio.engine.formats.units import Broken
from studio.engine.generate.layout import Row
from studio.engine.items import Item, keep
from studio.engine.plan import Shape
from studio.schema.json_text import json_reason

CHUNK = 1 << 16
VALUE_LIMIT = 1 << 27
_SPACE = re.compile(r"[ \t\n\r]*")
_IN_NUMBER = frozenset("0123456789+-.eE")


def _no_constant(text: str) -> Any:
    raise ValueError(_("{text} is not JSON").format(text=text))


# How texts begin whose characters all take several bytes.
_WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE)
DECODER = json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=_no_constant)


class JsonText:
    """The text of a stream, read as far as needed, with the position it is at."""

    def __init__(self, stream: BinaryIO, name: str) -> None:
        self.name = name
        self.taken = 0
        self._stream = stream
        self._text = ""
        self._at = 0
        self._lines = 1
        self._ended = False
        self._decoder: codecs.IncrementalDecoder | None = None

    @property
    def line(self) -> int:
        """The line of the position, from 1."""
        return self._lines + self._text.count("\n", 0, self._at)

    def more(self) -> bool:
        """Read on; False at the end. Raises BadInput for bytes that are no text."""
        if self._ended:
            return False
        data = self._stream.read(max(CHUNK, len(self._text) - self._at))
        self.taken += len(data)
        if self._decoder is None:
            self._decoder = codecs.getincrementaldecoder(encoding_of(data))()
        self._ended = not data
        try:
            text = self._decoder.decode(data, final=self._ended)
        except UnicodeDecodeError as error:
            raise BadInput(
                _("The text is not {encoding}.").format(encoding=error.encoding.upper()),
                file=self.name,
                line=self._lines + self._text.count("\n") + data[: error.start].count(b"\n"),
                next_step=_("Save it as UTF-8."),
            ) from error
        self._lines += self._text.count("\n", 0, self._at)
        self._text = self._text[self._at :] + text
        self._at = 0
        return True

    def peek(self) -> str:
        """The next character that is no blank, empty at the end."""
        while True:
            match = _SPACE.match(self._text, self._at)
            self._at = match.end() if match else self._at
            if self._at < len(self._text):
                return self._text[self._at]
            if not self.more():
                return ""

    def take(self, wanted: str) -> bool:
        """Go past the next character if it is the wanted one."""
        if self.peek() != wanted:
            return False
        self._at += 1
        return True

    def expect(self, wanted: str) -> None:
        """Go past the next character, which must be the wanted one."""
        if not self.take(wanted):
            raise self.wrong(_("{mark} is expected here").format(mark=wanted))

    def value(self) -> Any:
        """The next value, whole. Raises BadInput, or TooLarge over 128 MB of text."""
        value, self._at = self._decoded()
        return value

    def raw(self) -> str:
        """The text of the next value. Raises as `value` does."""
        _value, end = self._decoded()
        text, self._at = self._text[self._at : end], end
        return text

    def _decoded(self) -> tuple[Any, int]:
        """The next value and the position after it."""
        self.peek()
        while True:
            problem: ValueError | RecursionError
            try:
                value, end = DECODER.raw_decode(self._text, self._at)
                if not self._cut(end) or not self.more():
                    return value, end
                continue
            except (ValueError, RecursionError) as error:
                problem = error
            if len(self._text) - self._at > VALUE_LIMIT:
                raise TooLarge(
                    _("One value is larger than {size} MB.").format(size=VALUE_LIMIT >> 20),
                    file=self.name,
                    line=self.line,
                    next_step=_("Check that the document is whole, or split it."),
                )
            if isinstance(problem, RecursionError) or not self._unfinished(problem) or not self.more():
                raise self._broken(problem)

    def _cut(self, end: int) -> bool:
        """Whether a number that ends there may go on in the text that is still to come."""
        # `e+` alone decides nothing: the digit behind it may be in the next piece.
        rest = self._text[end : end + 3]
        return (
            self._text[end - 1] in _IN_NUMBER and len(rest) < 3 and all(mark in _IN_NUMBER for mark in rest)
        )

    def _unfinished(self, problem: ValueError) -> bool:
        """Whether the mistake may only be that the text goes on."""
        if not isinstance(problem, json.JSONDecodeError):
            return False
        return problem.pos >= len(self._text) - 16 or problem.msg.startswith("Unterminated string")

    def _broken(self, problem: ValueError | RecursionError) -> BadInput:
        if isinstance(problem, json.JSONDecodeError):
            self._at = min(problem.pos, len(self._text))
            ended = self._at == len(self._text) or problem.msg.startswith("Unterminated string")
            return self.wrong(_("the document ends too early") if ended else json_reason(problem))
        if isinstance(problem, RecursionError):
            return self.wrong(_("it is nested too deeply"))
        return self.wrong(str(problem))

    def wrong(self, reason: str) -> BadInput:
        """The error for the position."""
        before = self._text[: self._at]
        return BadInput(
            _("The JSON is broken: {reason}.").format(reason=reason),
            file=self.name,
            line=self.line,
            column=len(before) - (before.rfind("\n") + 1) + 1,
            next_step=_("Mend the document there, or ask its sender for a whole one."),
        )

    def end(self) -> None:
        """Nothing but blanks may follow."""
        if self.peek():
            raise self.wrong(_("text follows the end of the document"))


def encoding_of(data: bytes) -> str:
    """What a JSON document's first bytes say; UTF-8 unless they begin with a mark."""
    if data.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    return "utf-8"


class JsonUnits:
    """The values at one place of a document.

    `chain` are the names from the document down, `entries` whether each stands for the entries of an array.
    """

    def __init__(
        self, stream: BinaryIO, name: str, chain: tuple[str, ...], entries: tuple[bool, ...]
    ) -> None:
        self.text = JsonText(stream, name)
        self._steps = tuple(zip(chain, entries, strict=True))

    @property
    def taken(self) -> int:
        """Bytes read so far."""
        return self.text.taken

    def __iter__(self) -> Iterator[Any]:
        yield from self._inside(0)
        self.text.end()

    def _inside(self, depth: int) -> Iterator[Any]:
        text = self.text
        mark = text.peek()
        if mark == "[" and (depth == 0 or not self._steps[depth - 1][1]):
            entry = depth < len(self._steps) and self._steps[depth][1]
            yield from self._array(depth + 1 if entry else depth)
        elif depth == len(self._steps):
            yield text.value()
        elif self._steps[depth][1]:
            yield from self._single(depth)
        elif mark == "{":
            yield from self._members(depth)
        else:
            text.value()

    def _single(self, depth: int) -> Iterator[Any]:
        """One object where an array of them is expected; null stands for none."""
        if self.text.peek() == "n":
            self.text.value()
        else:
            yield from self._inside(depth + 1)

    def _members(self, depth: int) -> Iterator[Any]:
        for name in _members(self.text):
            if name == self._steps[depth][0]:
                yield from self._inside(depth + 1)
            else:
                self.text.value()

    def _array(self, depth: int) -> Iterator[Any]:
        if depth == len(self._steps):
            yield from _entries(self.text)
            return
        self.text.expect("[")
        if self.text.take("]"):
            return
        while True:
            yield from self._inside(depth)
            if not self.text.take(","):
                break
        self.text.expect("]")


class LineUnits:
    """The values of JSON lines; a line that is no JSON is Broken, blank lines are passed over.

    With `objects` a line that holds anything but an object is Broken too. With a `row` most come as Decoded.
    """

    def __init__(self, stream: BinaryIO, name: str, objects: bool = False, row: Row | None = None) -> None:
        self.name = name
        self._quick = Quick(row) if row is not None else None
        self._objects = objects
        self.taken = 0
        self._stream = stream

    def __iter__(self) -> Iterator[Any]:
        decode = DECODER.decode
        decoded = self._quick.decoded if self._quick is not None else None
        number = 0
        while line := self._stream.readline(VALUE_LIMIT):
            number += 1
            if number == 1 and line.startswith(_WIDE):
                raise BadInput(
                    _("The text is UTF-16 or UTF-32; JSON lines are UTF-8."),
                    file=self.name,
                    line=1,
                    next_step=_("Save it as UTF-8."),
                )
            if number == 1:
                line = line.removeprefix(codecs.BOM_UTF8)
            self.taken += len(line)
            if len(line) >= VALUE_LIMIT:
                raise TooLarge(
                    _("One line is longer than {size} MB.").format(size=VALUE_LIMIT >> 20),
                    file=self.name,
                    line=number,
                    next_step=_("Check that the file holds one JSON value a line."),
                )
            try:
                text = line.decode().strip()
                if not text:
                    continue
                if decoded is not None and (found := decoded(text)) is not None:
                    yield found
                    continue
                value = decode(text)
            except RecursionError:
                yield Broken(_("The line is nested too deeply."), number)
            except UnicodeDecodeError:
                yield Broken(_("The line is not UTF-8."), number)
            except ValueError as error:
                reason = json_reason(error) if isinstance(error, json.JSONDecodeError) else str(error)
                yield Broken(_("The line is not JSON: {reason}.").format(reason=reason), number)
            else:
                if self._objects and type(value) is not dict:
                    yield Broken(_no_object(value, text), number)
                else:
                    yield value


def _no_object(value: Any, text: str) -> str:
    """What stands where an object is expected."""
    if value is None:
        return _("The line holds null, not an object.")
    if isinstance(value, list):
        return _("The line holds an array, not an object.")
    shown = text if len(text) <= 40 else text[:39] + "…"
    if isinstance(value, bool):
        return _("The line holds {value}, not an object.").format(value=shown)
    if text.startswith('"'):
        return _("The line holds the text {value}, not an object.").format(value=shown)
    return _("The line holds the number {value}, not an object.").format(value=shown)


def inside(value: Any, chain: tuple[str, ...], entries: tuple[bool, ...]) -> Iterator[Any]:
    """The values at a place below one that is read already."""
    if not chain:
        yield value
    elif entries[0]:
        for entry in value if isinstance(value, list) else [] if value is None else [value]:
            yield from inside(entry, chain[1:], entries[1:])
    elif isinstance(value, list):
        for entry in value:
            yield from inside(entry, chain, entries)
    elif isinstance(value, dict) and chain[0] in value:
        below = value[chain[0]]
        if len(chain) == 1 and isinstance(below, list):
            yield from below
        else:
            yield from inside(below, chain[1:], entries[1:])


def scalar_text(value: Any) -> str | None:
    """The text of a plain value; numbers are text already."""
    if value is True:
        return "true"
    if value is False:
        return "false"
    return value if isinstance(value, str) else None


def fill(item: Item, value: Any, shape: Shape | None) -> Item:
    """Put a value into an Item, pruned to `shape` (None keeps everything); gives the Item."""
    if isinstance(value, dict):
        item.text = ""
        for name, member in value.items():
            wanted, inside = keep(shape, name)
            if wanted:
                _add_member(item, name, member, inside)
    elif isinstance(value, list):
        item.text = ""
        inside = shape.children.get("item") if shape else None
        for entry in value:
            fill(item.add("item"), entry, inside)
    else:
        item.text = scalar_text(value)
    return item


def _add_member(parent: Item, name: str, value: Any, shape: Shape | None) -> None:
    if not isinstance(value, list):
        if shape is not None and shape.entries and value is not None:
            value = [value]
        else:
            fill(parent.add(name), value, shape)
            return
    entries = shape.entries if shape else any(isinstance(entry, (dict, list)) for entry in value)
    if not entries:
        for entry in value:
            fill(parent.add(name), entry, shape)
        return
    array = parent.add(name, "")
    inside = shape.children.get("item") if shape else None
    for entry in value:
        fill(array.add("item"), entry, inside)


def read_lines(lines: LineUnits, shape: Shape | None, strict: bool) -> Item:
    """All JSON lines as the children `item` of a document Item; Broken ones are left out, or with `strict` an error."""
    document = Item("")
    inside = shape.children.get("item") if shape else None
    for value in lines:
        if not isinstance(value, Broken):
            fill(document.add("item"), value, inside)
        elif strict:
            raise value.needed(lines.name)
    return document


def read_tree(stream: BinaryIO, name: str, shape: Shape | None = None) -> Item:
    """A whole document as the children of a document Item; an array's entries are its children `item`."""
    document = Item("")
    inside = shape.children.get("item") if shape else None
    text = JsonText(stream, name)
    mark = text.peek()
    if mark == "{":
        document.text = ""
        for member in _members(text):
            wanted, below = keep(shape, member)
            array = text.peek() == "["
            if wanted and array and below is not None and below.entries:
                entries = document.add(member, "")
                for value in _entries(text):
                    fill(entries.add("item"), value, below.children.get("item"))
            else:
                value = text.value()
                if wanted:
                    _add_member(document, member, value, below)
    elif mark == "[":
        for value in _entries(text):
            fill(document.add("item"), value, inside)
    else:
        fill(document, text.value(), shape)
    text.end()
    return document


def _entries(text: JsonText) -> Iterator[Any]:
    text.expect("[")
    if text.take("]"):
        return
    while True:
        yield text.value()
        if not text.take(","):
            break
    text.expect("]")


def _members(text: JsonText) -> Iterator[str]:
    """The members' names; the caller reads each value before asking for the next."""
    text.expect("{")
    if text.take("}"):
        return
    while True:
        if text.peek() != '"':
            raise text.wrong(_("a member's name is expected here"))
        name = text.value()
        text.expect(":")
        yield name
        if not text.take(","):
            break
    text.expect("}")
