"""Record ids: 15 case-sensitive characters, plus three that let a reader without case tell them apart."""

from __future__ import annotations

from collections.abc import Iterable

DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_CHECK = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
# Every org has a two-character instance after the key prefix, then a reserved zero.
INSTANCE = "Wf"
_BASE = len(DIGITS)
_TAIL_DIGITS = 9
_VALUE = {digit: value for value, digit in enumerate(DIGITS)}
_LOW = 2
_LOW_RANGE = _BASE**_LOW


def checksum(fifteen: str) -> str:
    """The three characters that follow a 15-character id: per five characters, which of them are capitals."""
    return "".join(_CHECK[_capitals(fifteen[start : start + 5])] for start in (0, 5, 10))


def _capitals(part: str) -> int:
    return sum(1 << place for place, letter in enumerate(part) if "A" <= letter <= "Z")


_PAIRS = [high + low for high in DIGITS for low in DIGITS]
_PAIR_CAPITALS = [_capitals(pair) << 3 for pair in _PAIRS]


def record_id(prefix: str, number: int) -> str:
    """The 18-character id of the `number`-th record of the object with this key prefix."""
    return record_ids(prefix, number, 1)[0]


def record_ids(prefix: str, first: int, count: int) -> list[str]:
    """`count` ids in a row; made by the hundred thousand, so the part that stays the same is computed once."""
    ids: list[str] = []
    number, end = first, first + count
    while number < end:
        high, low = divmod(number, _LOW_RANGE)
        stop = min(_LOW_RANGE, low + end - number)
        head = prefix + INSTANCE + "0" + _text(high, _TAIL_DIGITS - _LOW)
        check = checksum(head + "00")[:2]
        capitals = _capitals(head[10:])
        pairs = zip(_PAIRS[low:stop], _PAIR_CAPITALS[low:stop], strict=True)
        ids += [f"{head}{pair}{check}{_CHECK[capitals | bits]}" for pair, bits in pairs]
        number += stop - low
    return ids


def _text(number: int, width: int) -> str:
    letters = ""
    for _place in range(width):
        number, digit = divmod(number, _BASE)
        letters = DIGITS[digit] + letters
    return letters


def number_of(record: str) -> int:
    """The number an id of this org was made from."""
    number = 0
    for letter in record[6:15]:
        number = number * _BASE + _VALUE[letter]
    return number


def full_id(text: str) -> str | None:
    """The 18-character form of a 15- or 18-character id; None when it is neither or its check fails."""
    if len(text) not in (15, 18) or not text.isascii() or not text.isalnum():
        return None
    check = checksum(text[:15])
    if len(text) == 18 and text[15:].upper() != check:
        return None
    return text[:15] + check


def full_ids(texts: Iterable[str]) -> dict[str, str | None]:
    """Each distinct text with its 18-character form."""
    return {text: full_id(text) for text in set(texts)}
