"""Columns of a fixed-width sample proposed by position statistics: where fields start, what they hold, record kinds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from studio.base.errors import BadInput, Problem, Severity
from studio.base.i18n import _
from studio.schema.infer import Guess
from studio.schema.model import MANY, ONCE, OPTIONAL, Kind, Node, Schema, Type
from studio.schema.source import MEGABYTE, decode, read_head

_HEAD = MEGABYTE // 4
_MOST_LINES = 2000
_WIDEST = 20_000
_MOST_KINDS = 12
_MOST_LOOKED_AT = 1_000_000
# A field starts where so many more records have a character than at the position before.
_JUMP = 0.4


def read_fixed_sample(path: Path, *, encoding: str | None = None) -> Schema:
    """The schema of a fixed-width sample: a proposal of fields by position, one record kind or several.

    Facts: `encoding`, `newline`, `length`. Raises BadInput for an empty file or one with records too wide to be one.
    """
    data = read_head(path, _HEAD)
    cut = len(data) == _HEAD
    text, name = decode(data, encoding, file=path, whole=not cut)
    newline = "\r\n" if "\r\n" in text else "\n"
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if cut and len(lines) > 1:
        lines.pop()
    lines = lines[:_MOST_LINES]
    records = [line for line in lines if line.strip() and not _is_filler(line)]
    if not records:
        raise BadInput(
            _("The file is empty, so it shows no columns."),
            file=path,
            next_step=_("Give a sample with a header line or some rows."),
        )
    widest = max(map(len, records))
    if widest > _WIDEST:
        raise BadInput(
            _("The first record has {count} characters, more than {limit}.").format(
                count=widest, limit=_WIDEST
            ),
            file=path,
            line=1,
            next_step=_("Describe the file in a schema with newline: none and the length of its records."),
        )
    roots = _roots(records)
    facts = {"encoding": name, "newline": newline, "unit": "character", "length": str(_usual(records))}
    return Schema("fixed", roots, files=(str(path),), problems=_uneven(lines, path), facts=facts)


def looks_fixed(text: str) -> bool:
    """Several lines of one length with the same columns of blanks: fixed width rather than delimited."""
    lines = [line.rstrip("\r") for line in text.split("\n")[:200]]
    lines = [line for line in lines[:-1] if line.strip()]
    if len(lines) < 3:
        return False
    width = _usual(lines)
    even = sum(len(line) == width for line in lines) >= len(lines) * 0.8
    if not even or width < 8 or any(mark in line for mark in "\t;|" for line in lines):
        return False
    commas = Counter(line.count(",") for line in lines).most_common(1)[0][0]
    same = len(set(map(len, lines))) == 1 or len(lines) > 4
    # Keys of one length, one per line, are a single column.
    filled_up = sum(" " in line.strip() for line in lines) >= len(lines) * 0.5
    return not commas and same and filled_up and (len(field_starts(lines)) > 1 or bool(_kinds(lines)))


def field_starts(lines: Sequence[str]) -> list[int]:
    """The positions (from 0) at which fields start, by where characters stand in most records."""
    width = max(map(len, lines))
    # One endless record among thousands must not cost their product.
    lines = lines[: max(50, _MOST_LOOKED_AT // width)]
    width = max(map(len, lines))
    padded = [line.ljust(width) for line in lines]
    shares, kinds = [], []
    for column in zip(*padded, strict=True):
        filled = [character for character in column if character != " "]
        shares.append(len(filled) / len(column))
        kinds.append(_kind(filled))
    starts = [0]
    for at in range(1, width):
        before, here = shares[at - 1], shares[at]
        after_blanks = here - before >= _JUMP and before <= 1 - 2 * _JUMP + 0.15
        number = not before and here > 0 and kinds[at] in ("9", "-", "+")
        # Nothing between two full fields: only the kind of character tells, as far as it does.
        change = before > 0.95 < here and _changes(kinds, at)
        fall = before - here >= _JUMP and kinds[at - 1] == kinds[at] == "9"
        if after_blanks or number or change or fall:
            starts.append(at)
    return [_pulled(at, shares, starts) for at in starts]


def _changes(kinds: list[str], at: int) -> bool:
    if (kinds[at - 1], kinds[at]) == ("9", "A"):
        return True
    return (kinds[at - 1], kinds[at : at + 6]) == ("A", ["9"] * 6)


def _pulled(at: int, shares: list[float], starts: list[int]) -> int:
    """A right-aligned number is wider than its longest value here: the blanks before it are its own."""
    end = _next(starts, at, len(shares))
    if at and shares[at] < 0.95 <= shares[end - 1]:
        while at > 1 and shares[at - 1] == 0:
            at -= 1
    return at


def _next(starts: list[int], at: int, width: int) -> int:
    return next((other for other in starts if other > at), width)


def _kind(characters: list[str]) -> str:
    """9 for digits, A for letters, the character itself where it never changes, ? for a mix, blank for none."""
    found = set(characters)
    if not found:
        return " "
    if all(character.isdigit() for character in found):
        return "9"
    if all(character.isalpha() for character in found):
        return "A"
    return found.pop() if len(found) == 1 else "?"


def _is_filler(line: str) -> bool:
    return len(line) > 8 and len(set(line)) == 1


def _usual(lines: Sequence[str]) -> int:
    return Counter(map(len, lines)).most_common(1)[0][0]


def _kinds(records: list[str]) -> list[str]:
    """The first characters that tell kinds of records: where a header and a trailer have one of their own."""
    count = Counter(record[0] for record in records)
    if (
        2 < len(count) <= _MOST_KINDS
        and count[records[0][0]] == count[records[-1][0]] == 1
        and " " not in count
    ):
        return list(count)
    return []


def _roots(records: list[str]) -> tuple[Node, ...]:
    kinds = _kinds(records)
    if not kinds:
        return (_record("row", records, ""),)
    return tuple(_record(f"record{kind}", [one for one in records if one[0] == kind], kind) for kind in kinds)


def _record(name: str, records: list[str], tell: str) -> Node:
    starts = field_starts(records)
    if tell and len(starts) and (len(starts) == 1 or starts[1] != 1):
        starts = [0, 1, *starts[1:]]
    width = max(map(len, records))
    ends = [*starts[1:], width]
    fields = tuple(
        _field(at, start, end, records)
        for at, (start, end) in enumerate(zip(starts, ends, strict=True), 1)
        if end > start
    )
    facts = {"tell": "prefix", "tell_text": tell} if tell else {}
    occurs = ONCE if tell and len(records) == 1 else MANY
    return Node(name, Kind.SEGMENT, Type(name, children=lambda: fields), occurs, facts=facts)


def _field(at: int, start: int, end: int, records: list[str]) -> Node:
    guess = Guess()
    right = 0
    for record in records:
        text = record[start:end]
        guess.see(text.strip())
        right += bool(text.strip()) and text[:1] == " " and text[-1:] != " "
    facts = {"start": str(start + 1), "width": str(end - start), **guess.facts()}
    if right > len(records) * 0.3:
        facts["align"] = "right"
    return Node(
        f"column{at}",
        Kind.FIELD,
        Type(guess.value_type().name, value=guess.value_type()),
        OPTIONAL,
        nillable=guess.empty > 0,
        facts=facts,
    )


def _uneven(lines: list[str], path: Path) -> tuple[Problem, ...]:
    width = _usual([line for line in lines if line.strip()])
    other = [at for at, line in enumerate(lines, 1) if line.strip() and len(line) != width]
    if not other:
        return ()
    return (
        Problem(
            Severity.WARNING,
            _("This record has {found} characters, most have {width}; records like this: {count}.").format(
                found=len(lines[other[0] - 1]), width=width, count=len(other)
            ),
            str(path),
            other[0],
            mend=_("Check the record; trailing blanks may have been cut."),
        ),
    )
