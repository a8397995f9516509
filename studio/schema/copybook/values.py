"""Bytes of a mainframe record as values, by the facts of a copybook's nodes: zoned, packed, binary, floating, text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from studio.schema.copybook.picture import read_picture
from studio.schema.flat.layout import number
from studio.schema.model import Base, Kind, Node

_PLUS, _MINUS = "{ABCDEFGHI", "}JKLMNOPQR"
_NEGATIVE_NIBBLES = (0xB, 0xD)

Value = str | int | float | Decimal | None


def decode_record(
    data: bytes, root: Node, *, encoding: str = "cp037", variable: bool = False
) -> tuple[dict[str, Any], int]:
    """The values of one record by name, and its length in bytes.

    A group is a dict, a repeating item a list, and of a redefinition every view is given. With `variable` a table
    takes only as many places as its count says, else all of them. What is no value of its item becomes None.
    """
    reader = _Reader(data, encoding, variable)
    values, end = reader.group(root, 0)
    return values, end


def described_records(data: bytes, *, big_endian: bool = True) -> Iterator[bytes]:
    """Records that start with a descriptor of four bytes: their length in the first two (or, little-endian, last two)."""
    at = 0
    while at + 4 <= len(data):
        head = data[at : at + 4]
        length = int.from_bytes(head[:2], "big") if big_endian else int.from_bytes(head[2:], "little")
        if not length:
            return
        yield data[at + 4 : at + 4 + length]
        at += 4 + length


def decode(data: bytes, facts: Mapping[str, str], base: Base, encoding: str = "cp037") -> Value:
    """One item's value; None where the bytes are none of its kind (blanks in a number)."""
    usage = facts.get("usage", "display")
    scale = _whole(facts.get("decimals", "0"))
    try:
        match usage:
            case "comp-3" | "comp-6":
                return _scaled(_packed(data, signed=usage == "comp-3"), scale)
            case "binary" | "comp-x" | "index" | "pointer":
                signed = facts.get("picture", "S").upper().startswith("S")
                return _scaled(int.from_bytes(data, "big", signed=signed), scale)
            case "comp-1" | "comp-2":
                return _floating(data)
        text = data.decode(encoding, "replace")
        if base is Base.TEXT:
            return text.rstrip(" \0")
        if "decimals" not in facts or "." in text:
            return _edited(text, facts.get("picture", ""))
        return _scaled(_zoned(text, facts.get("sign", "")), scale)
    except (ValueError, ArithmeticError):
        return None


class _Reader:
    def __init__(self, data: bytes, encoding: str, variable: bool) -> None:
        self._data = data
        self._encoding = encoding
        self._variable = variable
        self._counts: dict[str, int] = {}

    def group(self, node: Node, start: int) -> tuple[dict[str, Any], int]:
        """The values of a group that starts at a byte, and where it ends."""
        origin, shift, end = number(node.facts.get("offset")), 0, start
        values: dict[str, Any] = {}
        for child in node.type.children:
            at = start + number(child.facts.get("offset")) - origin + shift
            if child.kind is Kind.CHOICE:
                for view in child.type.children:
                    values[view.name], stop = self._item(view, at)
                    end = max(end, stop)
                continue
            values[child.name], stop = self._item(child, at)
            if child.facts.get("level") != "66":
                full = number(child.facts.get("width")) * (child.occurs.max or 1)
                shift += stop - at - full
                end = max(end, stop)
        return values, end

    def _item(self, node: Node, at: int) -> tuple[Any, int]:
        most = node.occurs.max or 1
        times = most
        if "depending" in node.facts and self._variable:
            times = max(0, min(most, self._counts.get(node.facts["depending"].upper(), most)))
        if most == 1 and "depending" not in node.facts:
            return self._one(node, at)
        values = []
        for _turn in range(times):
            if at >= len(self._data):
                break
            value, at = self._one(node, at)
            values.append(value)
        return values, at

    def _one(self, node: Node, at: int) -> tuple[Any, int]:
        if node.kind is not Kind.FIELD:
            return self.group(node, at)
        width = number(node.facts.get("width"))
        base = node.value.base if node.value else Base.TEXT
        value = decode(self._data[at : at + width], node.facts, base, self._encoding)
        if isinstance(value, int):
            self._counts[node.name.upper()] = value
        elif isinstance(value, str) and value.isascii() and value.isdigit():
            self._counts[node.name.upper()] = number(value)
        return value, at + width


def _whole(text: str) -> int:
    return int(text) if text.lstrip("-").isdigit() else 0


def _scaled(value: int | None, scale: int) -> Value:
    if value is None or scale == 0:
        return value
    return Decimal(value).scaleb(-scale) if scale > 0 else value * 10**-scale


def _packed(data: bytes, *, signed: bool) -> int | None:
    digits = data.hex()
    sign = int(digits[-1], 16) if signed and digits else 0xC
    digits = digits[:-1] if signed else digits
    if not digits.isdigit() or sign < 0xA:
        return None
    return -int(digits) if sign in _NEGATIVE_NIBBLES else int(digits)


def _zoned(text: str, sign: str) -> int | None:
    """Digits as characters; the sign stands apart, or is punched over the last (or first) digit."""
    text = text.strip()
    if not text:
        return None
    if "separate" in sign or text[0] in "+-" or text[-1] in "+-":
        negative = "-" in (text[0], text[-1])
        return -int(text.strip("+-")) if negative else int(text.strip("+-"))
    at = 0 if sign.startswith("leading") else len(text) - 1
    for marks, factor in ((_PLUS, 1), (_MINUS, -1)):
        digit = marks.find(text[at])
        if digit >= 0:
            return factor * int(f"{text[:at]}{digit}{text[at + 1 :]}")
    return int(text) if text.isascii() and text.isdigit() else None


def _edited(text: str, picture: str) -> Value:
    """A number with inserted characters: its own point, sign before or behind, blanks and currency left out."""
    text = text.strip().upper()
    negative = "-" in text or text.endswith(("CR", "DB"))
    kept = "".join(
        mark for mark in text.removesuffix("CR").removesuffix("DB") if mark.isdigit() or mark == "."
    )
    if picture.upper().startswith("S") and text:
        plus, minus = _PLUS.find(text[-1]), _MINUS.find(text[-1])
        negative = minus >= 0
        kept += str(max(plus, minus)) if max(plus, minus) >= 0 else ""
    if not kept.strip("."):
        return None
    value: Decimal | int
    if "V" in picture.upper():
        value = Decimal(kept).scaleb(-_decimals(picture))
    else:
        value = Decimal(kept) if "." in kept else int(kept)
    return -value if negative else value


def _decimals(picture: str) -> int:
    """Digits behind the V."""
    from_picture = read_picture(picture)
    return from_picture.scale if from_picture else 0


def _floating(data: bytes) -> float | None:
    """A hexadecimal floating number of a mainframe: sign, exponent to the base 16, fraction."""
    if len(data) not in (4, 8):
        return None
    fraction = int.from_bytes(data[1:], "big") / float(1 << (8 * (len(data) - 1)))
    value = fraction * 16.0 ** ((data[0] & 0x7F) - 64)
    return -value if data[0] & 0x80 else value
