"""JSON and JSON lines without the values nobody wants; the others as they were written."""

from __future__ import annotations

import codecs
import io
from collections.abc import Callable
from typing import BinaryIO

from studio.engine.cut.wanted import Chain, Cut, Found, Place, address
from studio.engine.formats.json_read import DECODER, VALUE_LIMIT, JsonText

_EVERY = 1024


def cut_json(stream: BinaryIO, cut: Cut, name: str) -> None:
    """Copy a document without the values that are not kept. Arrays around them stay, if need be empty."""
    stream.seek(0)
    out = _Out(cut.write)
    _Walk(cut, out, JsonText(stream, name), dict.fromkeys((place.chain for place in cut.places), 0)).inside(
        ()
    )
    if not out.written:
        cut.write(b"[]")
    cut.write(b"\n")


def cut_lines(stream: BinaryIO, cut: Cut, name: str, objects: bool) -> None:
    """Copy the lines that are kept or hold values that are; ends with the last that is looked for."""
    stream.seek(0)
    lines = _Lines(cut, name, objects)
    while line := stream.readline(VALUE_LIMIT):
        lines.line += 1
        if lines.line == 1:
            line = line.removeprefix(codecs.BOM_UTF8)
        if line.strip():
            lines.take(line)
        if lines.over():
            return


class _Lines:
    """Takes line after line; `line` is the number of the last, `_item` that of the last that is not blank."""

    def __init__(self, cut: Cut, name: str, objects: bool) -> None:
        self.line = 0
        self._item = 0
        self._cut = cut
        self._name = name
        self._objects = objects
        self._numbers = dict.fromkeys((place.chain for place in cut.places), 0)
        self._deep = any(len(place.chain) > 1 for place in cut.places)

    def over(self) -> bool:
        """Nothing more is looked for."""
        if not self.line % _EVERY:
            self._cut.check()
        return all(self._numbers[place.chain] >= place.last for place in self._cut.places)

    def take(self, line: bytes) -> None:
        """A line that is not blank."""
        self._item += 1
        if not self._deep or not _is_value(line, self._objects):
            kept = [self._counted(place, line) for place in self._cut.places]
            if any(kept):
                self._cut.write(line.rstrip(b"\r\n") + b"\n")
            return
        pieces: list[bytes] = []
        inner = Cut(self._cut.places, pieces.append, self._cut.tell)
        walk = _Walk(inner, _Out(pieces.append), JsonText(io.BytesIO(line), self._name), self._numbers)
        walk.line = self.line
        walk.step("item", self._item)
        if walk.kept:
            self._cut.write(b"".join(pieces) + b"\n")

    def _counted(self, place: Place, line: bytes) -> bool:
        """A line counts as one node, whatever it holds; whether it is kept."""
        self._numbers[place.chain] += 1
        here = self._numbers[place.chain]
        if here in place.shown:
            text = line.decode("utf-8", "replace").strip()
            self._cut.tell(Found(place, here, address([("item", self._item)]), self.line, text))
        return here in place.kept


def _is_value(line: bytes, objects: bool) -> bool:
    """The line can be read as what stands in JSON lines."""
    try:
        value = DECODER.decode(line.decode().strip())
    except (ValueError, RecursionError):
        return False
    return not objects or isinstance(value, dict)


class _Out:
    """Writes text; what is announced by `lead` comes before the next that is written, or not at all."""

    def __init__(self, write: Callable[[bytes], object]) -> None:
        self._write = write
        self._leads: list[str] = []
        self.written = 0

    def put(self, text: str) -> None:
        """Write."""
        self._write(("".join(self._leads) + text).encode("utf-8", "surrogatepass"))
        self._leads.clear()
        self.written += 1

    def lead(self, text: str) -> int:
        """Announce a text; gives what `unlead` wants."""
        self._leads.append(text)
        return self.written

    def unlead(self, mark: int) -> bool:
        """Take the last announced text back if nothing came after it; whether something has."""
        if self.written > mark:
            return True
        self._leads.pop()
        return False


class _Walk:
    """Goes through a document as the reader of records does, and copies it."""

    def __init__(self, cut: Cut, out: _Out, text: JsonText, numbers: dict[Chain, int]) -> None:
        self.cut = cut
        self.out = out
        self.text = text
        self.kept = False
        self.line: int | None = None
        self._numbers = numbers
        self._way: list[tuple[str, int]] = []
        self._entries = {
            place.chain[: length + 1]: entry
            for place in cut.places
            for length, entry in enumerate(place.entries)
        }

    def step(self, key: str, number: int) -> None:
        """What is at the next step of the way."""
        self._way.append((key, number))
        self.inside(tuple(each for each, _number in self._way))
        self._way.pop()

    def inside(self, chain: Chain) -> None:
        """The value at a chain of keys on the way to a place, or at one."""
        mark = self.text.peek()
        place = self.cut.at(chain)
        entry = self._entry_below(chain)
        if mark == "[" and not (chain and self._entries[chain]):
            self._array((*chain, entry) if entry else chain)
        elif place is not None and not self.cut.below(chain):
            self._unit(place)
        elif entry:
            if mark == "n":
                self.out.put(self.text.raw())
            else:
                self.step(entry, 1)
        elif mark == "{":
            self._note(place)
            self._members(chain)
        else:
            self._note(place)
            self.out.put(self.text.raw())

    def _entry_below(self, chain: Chain) -> str:
        """The key of the entries of an array here, if that is what the way goes on with."""
        found = (
            below[-1]
            for below, entry in self._entries.items()
            if entry and len(below) == len(chain) + 1 and below[:-1] == chain
        )
        return next(found, "")

    def _array(self, chain: Chain) -> None:
        """The entries stand at `chain`: that of the array, or of its entries where those are a step of their own."""
        text, out = self.text, self.out
        text.expect("[")
        out.put("[")
        own = len(chain) > len(self._way)
        place = self.cut.at(chain)
        whole = place is not None and not self.cut.below(chain)
        first, number = True, 0
        ended = text.take("]")
        while not ended:
            number += 1
            mark = out.lead("" if first else ",")
            if own:
                self._way.append((chain[-1], number))
            elif self._way:
                self._way[-1] = self._way[-1][0], number
            if whole and place is not None:
                self._unit(place)
            else:
                self.inside(chain)
            if own:
                self._way.pop()
            first = not out.unlead(mark) and first
            ended = not text.take(",")
            if ended:
                text.expect("]")
        out.put("]")

    def _members(self, chain: Chain) -> None:
        text, out = self.text, self.out
        text.expect("{")
        out.put("{")
        first = True
        ended = text.take("}")
        while not ended:
            name = text.raw()
            text.expect(":")
            mark = out.lead(f"{'' if first else ','}{name}:")
            key = DECODER.decode(name)
            below = (*chain, key)
            if self.cut.at(below) is not None or self.cut.below(below):
                self.step(key, 0)
            else:
                out.put(text.raw())
            first = not out.unlead(mark) and first
            ended = not text.take(",")
            if ended:
                text.expect("}")
        out.put("}")

    def _note(self, place: Place | None) -> None:
        """Count a node that stays because another place is inside it."""
        if place is not None:
            self._count(place, "")

    def _count(self, place: Place, raw: str, line: int = 0) -> int:
        self._numbers[place.chain] += 1
        number = self._numbers[place.chain]
        if not number % _EVERY:
            self.cut.check()
        if number in place.shown:
            self.cut.tell(Found(place, number, address(self._way), self.line or line or self.text.line, raw))
        return number

    def _unit(self, place: Place) -> None:
        number = self._numbers[place.chain] + 1
        self.text.peek()
        line = self.text.line if number in place.shown and self.line is None else 0
        raw = self.text.raw()
        if self._count(place, raw, line) in place.kept:
            self.kept = True
            self.out.put(raw)
