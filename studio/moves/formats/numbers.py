"""Numbers as users' files hold them: `1.234,56`, `R$ 1,234.56`, `(12)`, and which mark stands before the decimals."""

from __future__ import annotations

import re
from enum import StrEnum


class Mark(StrEnum):
    """What stands before the decimals; the other one groups thousands."""

    POINT = "."
    COMMA = ","


# What may stand around a number: currencies by sign or code, blanks of any kind.
_AROUND = r"(?:R\$|US\$|A\$|C\$|\$|€|£|¥|BRL|USD|EUR|GBP|[\s\u00a0\u202f])*"
_TEXT = re.compile(rf"{_AROUND}(?P<open>\()?{_AROUND}(?P<sign>[-+\u2212])?{_AROUND}(?P<body>[0-9.,][0-9.,'’\s\u00a0\u202f]*?"
                   rf"(?:[eE][+-]?[0-9]{{1,3}})?)(?P<after>-)?{_AROUND}(?P<percent>%)?(?P<close>\))?{_AROUND}")  # fmt: skip
_BLANKS = re.compile(r"(?<=[0-9])['’\s\u00a0\u202f](?=[0-9]{3}(?![0-9]))")
_GROUPED = {
    Mark.POINT: re.compile(r"[1-9][0-9]{0,2}(?:,[0-9]{3})+(?:\.[0-9]*)?"),
    Mark.COMMA: re.compile(r"[1-9][0-9]{0,2}(?:\.[0-9]{3})+(?:,[0-9]*)?"),
}
_PLAIN = {
    Mark.POINT: re.compile(r"(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?"),
    Mark.COMMA: re.compile(r"(?:[0-9]+,?[0-9]*|,[0-9]+)(?:[eE][+-]?[0-9]{1,3})?"),
}


def read(text: str, mark: Mark, *, whole: bool = False, percent: bool = False) -> str | None:
    """The number as an org takes it, every digit kept; None where the text is none in this format.

    `whole` refuses decimals other than zeros; `percent` takes a percent sign, which says what the field is in anyway.
    """
    match = _TEXT.fullmatch(text)
    if match is None or (match["percent"] and not percent) or bool(match["open"]) != bool(match["close"]):
        return None
    body = _BLANKS.sub("", match["body"])
    if _GROUPED[mark].fullmatch(body):
        body = body.replace("," if mark is Mark.POINT else ".", "")
    elif not _PLAIN[mark].fullmatch(body):
        return None
    body = body.replace(",", ".")
    if whole and "." in body and body.partition(".")[2].strip("0"):
        return None
    signs = (match["open"] or "") + (match["after"] or "") + (match["sign"] or "").replace("+", "")
    if len(signs) > 1:
        return None
    return f"-{body}" if signs else body


def pattern(mark: Mark) -> str:
    """How numbers are written in a format, for people."""
    return "1,234.56" if mark is Mark.POINT else "1.234,56"


def mark_of(text: str) -> Mark | None:
    """The format a person names: `1.234,56`, `,` or `comma`; None for anything else."""
    word = text.strip().lower()
    named = {"comma": Mark.COMMA, "vírgula": Mark.COMMA, "virgula": Mark.COMMA, "point": Mark.POINT, "dot": Mark.POINT,
             "ponto": Mark.POINT}  # fmt: skip
    if word in named:
        return named[word]
    last = max(word, key=lambda c: (c in ",.", 0), default="")
    positions = {mark: word.rfind(mark.value) for mark in Mark}
    if last not in ",." or not last or re.search(r"[^0-9.,#x]", word):
        return None
    return max(positions, key=lambda mark: positions[mark])
