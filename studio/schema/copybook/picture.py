"""PICTURE strings: what they hold, their digits and decimals, and how many characters and bytes they take."""

from __future__ import annotations

import re
from dataclasses import dataclass

# Beyond any real field; a larger count in brackets is a slip.
_MOST = 10_000_000

_UNIT = re.compile(r"(CR|DB|.)(?:\(([0-9]+)\))?", re.IGNORECASE | re.DOTALL)
_TEXT_MARKS = frozenset("XANGU")
_DIGITS = frozenset("9Z*")
_EDITS = frozenset("Z*+-$BE0/,.")
_ALLOWED = _TEXT_MARKS | _DIGITS | _EDITS | frozenset("SVP") | {"CR", "DB"}


@dataclass(frozen=True)
class Picture:
    """A picture: `kind` is text, national, number or edited (a number or text with inserted characters).

    `characters` are those it takes in DISPLAY (S, V and P take none), `digits` the positions of digits, `scale` the
    decimals (below zero where P scales up), `signed` whether it can be negative, `bytes_each` of one character.
    """

    text: str
    kind: str = "text"
    characters: int = 0
    digits: int = 0
    scale: int = 0
    signed: bool = False
    bytes_each: int = 1


def read_picture(text: str) -> Picture | None:
    """The meaning of a picture, None where it is none."""
    found = units(text)
    if not found:
        return None
    marks = {mark for mark, _count in found}
    if not marks <= _ALLOWED:
        return None
    characters = sum(count * len(mark) for mark, count in found if mark not in ("S", "V", "P"))
    if marks & _TEXT_MARKS:
        kind = "national" if marks <= set("NG") else "text" if marks <= _TEXT_MARKS | {"9"} else "edited"
        return Picture(text, kind, characters, bytes_each=2 if marks <= set("NG") else 1)
    if not marks & (_DIGITS | set("+-$")):
        return None
    digits, scale = _digits(found)
    edited = bool(marks & (_EDITS | {"CR", "DB"}))
    signed = bool(marks & {"S", "+", "-", "CR", "DB"})
    return Picture(text, "edited" if edited else "number", characters, digits, scale, signed)


def units(text: str) -> list[tuple[str, int]]:
    """The marks of a picture, each with how often it is repeated; none where it is no picture."""
    made: list[tuple[str, int]] = []
    at = 0
    while at < len(text):
        match = _UNIT.match(text, at)
        if match is None:
            return []
        count = int(match[2]) if match[2] and len(match[2]) < 9 else 1 if not match[2] else _MOST + 1
        if count > _MOST or (match[2] and count == 0):
            return []
        made.append((match[1].upper(), count))
        at = match.end()
    return made


def _digits(units: list[tuple[str, int]]) -> tuple[int, int]:
    """Positions of digits, and how many of them are decimals; P counts for the scale only."""
    floating = {mark for mark in "+-$" if sum(count for one, count in units if one == mark) > 1}
    digits = scale = 0
    behind_point = False
    for at, (mark, count) in enumerate(units):
        if mark == "V" or (mark == "." and at < len(units) - 1):
            behind_point = True
        elif mark in _DIGITS or mark in floating:
            digits += count
            scale += count if behind_point else 0
        elif mark == "P":
            # Before the first digit P scales down (0.000ddd), behind the last one up (ddd000).
            if digits == 0:
                behind_point = True
                scale += count
            else:
                scale -= count
    # The first of a floating sign or currency is no digit.
    return max(0, digits - len(floating)), scale


_BINARY = ((4, 2), (9, 4), (18, 8))


def binary_bytes(digits: int) -> int:
    """Bytes of a binary number: 2, 4 or 8, beyond 18 digits as many as its values need."""
    for most, size in _BINARY:
        if digits <= most:
            return size
    return (int(digits * 3.3219280948873626) + 1 + 1 + 7) // 8


def storage_bytes(picture: Picture | None, usage: str, *, separate: bool) -> int:
    """The bytes an elementary item takes by its picture and usage."""
    fixed = {"comp-1": 4, "comp-2": 8, "index": 4, "pointer": 4}
    if usage in fixed:
        return fixed[usage]
    if picture is None:
        return 0
    match usage:
        case "comp-3":
            return picture.digits // 2 + 1
        case "comp-6":
            return (picture.digits + 1) // 2
        case "binary":
            return binary_bytes(picture.digits)
        case "comp-x":
            return (
                picture.characters
                if picture.kind == "text"
                else max(1, (int(picture.digits * 3.33) + 7) // 8)
            )
    return picture.characters * picture.bytes_each + (1 if separate else 0)
