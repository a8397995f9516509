"""Whole programs for comparing engines: well-formed, seeded, of every statement and operator and many functions."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from random import Random

GLOBALS = ("g", "h", "k", "d")
_LOCALS = ("a", "b", "c", "e")
_TEXTS = (
    '""', '"a"', '"abc"', '"5"', '"10"', '"-2.5"', '"5abc"', '"true"', '"false"', '"0"', '"x y"', '" pad "', '"3.0"',
    "'it'", '"a,b,c"', '"2026"', '"ABC"', '"aXbXc"', '"007"',
)  # fmt: skip
_NUMBERS = ("0", "1", "2", "3", "5", "7", "10", "12", "100", "0.5", "1.5", "2.25", "3.75", "10.1", "0.25")
_DATES = ('Date("2026-03-01 10:11:12")', 'Date("2024-02-29")', 'Date("1999-12-31 23:59:59")')
_OPERATORS = ("+", "+", "-", "*", "/", "<", ">", "<=", ">=", "==", "!=", "&&", "||", "&", "|")
# Functions with the kinds of their arguments: n number, s text, b condition, x anything, a array, d dictionary, p small
# positive number.
_FUNCTIONS = {
    "n": ("Int(x)", "Long(x)", "Double(x)", "Float(x)", "Ceiling(n)", "Floor(n)", "Mod(p, p)", "RoundToInt(p * 2.25)",
          "Length(x)", "StringLength(s)", "Pow(p, p)", "Sqrt(p)", "Floor(Exp(p) * 1000)", "Floor(Log(p) * 1000)", "Floor(Log10(p) * 1000)", "DayOfMonth(t)",
          "MonthOfYear(t)"),
    "s": ("String(x)", "ToUpper(x)", "ToLower(x)", "Trim(s)", "LTrim(s)", "RTrim(s)", "Left(s, p)", "Right(s, p)",
          "Replace(s, s, s)", "Quote(s)", "DQuote(s)", "LPad(s, p)", "LPadChar(s, c, p)", 'Truncate("abcdefgh" + ToUpper(s), p, p)',
          "Round(p)", "URLEncode(s)", "LTrimChars(s, c)", "RTrimChars(s, c)", 'StringToHex("a" + (s))',
          "HexToString(StringToHex(\"a\" + (s)))", "String(t)", "LongDate(t)", "Eval(x, x)", "DayOfWeek(t)"),
    "b": ("Bool(x)", "IsNull(x)", "IsInteger(x)", "HasKey(d, s)", "IsValid(x)", "AddToDict(d, s, x)",
          "RemoveKey(d, s)"),
    "a": ("Split(s, c)", "GetKeys(d)", 'SortArray({p, 10, "5abc", p})', "ReduceDimension({{n}, {n, s}})", "Array()", "Collection()",
          "CollectValues(d, {s, s})"),
    "x": ("If(b, x, x)", "If(b, x)", "Case(b, x, b, x)", "Case(b, x, true, x)", "Null()", "Eval(x, x)"),
}  # fmt: skip

_HOLE = re.compile(r'"[^"]*"|\b[nsbxadtpc]\b')


class Programs:
    """Programs from a seed, one after the other."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)
        self._kinds: dict[str, str] = {}
        self._loops = 0
        self._makers: dict[str, Callable[[int], str]] = {
            "n": self._number, "s": self._text, "b": self._condition, "a": self._array, "d": self._dictionary,
            "t": self._date, "x": self._anything, "p": lambda _depth: self._pick(("1", "2", "3", "4")),
            "c": lambda _depth: self._pick(('","', '"a"', '"X"', '" "')),
        }  # fmt: skip

    def next(self) -> str:
        """One program."""
        self._kinds, self._loops = {}, 0
        count = self._random.choice((1, 1, 2, 2, 3, 3, 4, 5))
        return "; ".join(self._statement(2 if count > 3 else 3) for _number in range(count))

    def _pick(self, choices: Sequence[str]) -> str:
        return self._random.choice(choices)

    def _chance(self, share: float) -> bool:
        return self._random.random() < share

    def _statement(self, depth: int) -> str:
        roll = self._random.random()
        if roll < 0.4:
            return self._assignment(depth)
        if roll < 0.5 and self._kinds:
            return self._compound(depth)
        if roll < 0.6 and self._kinds:
            return self._counted()
        if roll < 0.7 and (target := self._entry()):
            return (
                f"{target} {self._pick(('=', '=', '+=', '-='))} {self._makers[self._pick('nsb')](depth - 1)}"
            )
        if roll < 0.75 and self._loops < 3 and depth > 1:
            return self._loop(depth)
        return self._anything(depth)

    def _target(self) -> str:
        return self._pick(tuple("$" + name for name in GLOBALS)) if self._chance(0.5) else self._pick(_LOCALS)

    def _assignment(self, depth: int) -> str:
        kind = self._pick("nnssbadtx")
        name, value = self._target(), self._makers[kind](depth)
        self._kinds[name] = kind
        return f"{name} = {value}"

    def _compound(self, depth: int) -> str:
        name = self._pick(list(self._kinds))
        kind = self._kinds[name] if self._chance(0.6) else "x"
        return f"{name} {self._pick(('+=', '-='))} {self._makers[kind](depth - 1)}"

    def _counted(self) -> str:
        name, operator = self._pick(list(self._kinds)), self._pick(("++", "--"))
        return f"{name}{operator}" if self._chance(0.5) else f"{operator}{name}"

    def _entry(self) -> str | None:
        names = [name for name, kind in self._kinds.items() if kind in "ad"]
        if not names:
            return None
        name = self._pick(names)
        if self._kinds[name] == "d" or self._chance(0.15):  # text and fractions are no index of an array
            return f"{name}[{self._pick((*_TEXTS, '0.5', 'Null()', 'true'))}]"
        return f"{name}[{self._pick(('0', '1', '2', '3'))}]"

    def _loop(self, depth: int) -> str:
        self._loops += 1
        counter = f"$i{self._loops}"
        body = "; ".join(self._statement(depth - 2) for _number in range(self._random.choice((1, 1, 2))))
        return f"{counter} = 0; While({counter} < {self._pick(('1', '2', '3'))}, {counter}++; {body})"

    def _known(self, kind: str) -> str | None:
        names = [name for name, held in self._kinds.items() if held == kind]
        return self._pick(names) if names and self._chance(0.4) else None

    def _call(self, kind: str, depth: int) -> str:
        def filled(match: re.Match[str]) -> str:
            make = self._makers.get(match[0])
            return make(depth - 1) if make is not None else match[0]

        return _HOLE.sub(filled, self._pick(_FUNCTIONS[kind]))

    def _number(self, depth: int) -> str:
        if depth <= 0 or self._chance(0.25):
            return self._known("n") or self._pick(_NUMBERS)
        roll = self._random.random()
        if roll < 0.55:
            return f"({self._number(depth - 1)} {self._pick('+-*/+-*')} {self._number(depth - 1)})"
        if roll < 0.62:
            return f"{self._number(depth - 1)} {self._pick('+-*')} {self._number(depth - 1)}"
        if roll < 0.67:
            return f"({self._number(0)} ^ {self._pick(('0', '1', '2', '3'))})"
        if roll < 0.72:
            return f"-{self._number(0)}"
        return self._call("n", depth)

    def _text(self, depth: int) -> str:
        if depth <= 0 or self._chance(0.25):
            return self._known("s") or self._pick(_TEXTS)
        if self._chance(0.5):
            return f"{self._text(depth - 1)} + {self._anything(depth - 1)}"
        return self._call("s", depth)

    def _condition(self, depth: int) -> str:
        if depth <= 0 or self._chance(0.2):
            return self._known("b") or self._pick(("true", "false"))
        roll = self._random.random()
        if roll < 0.4:
            kind = self._pick("nsx")
            operator = self._pick(("<", ">", "<=", ">=", "==", "!="))
            return f"({self._makers[kind](depth - 1)} {operator} {self._makers[kind](depth - 1)})"
        if roll < 0.6:
            return f"({self._condition(depth - 1)} {self._pick(('&&', '||', '&', '|'))} {self._condition(depth - 1)})"
        if roll < 0.7:
            return f"(!{self._condition(depth - 1)})"
        return self._call("b", depth)

    def _array(self, depth: int) -> str:
        held = self._known("a")
        if held:
            return held
        if depth > 0 and self._chance(0.3):
            return self._call("a", depth)
        kind = self._pick("nnsx")
        entries = [self._makers[kind](depth - 1) for _number in range(self._random.choice((0, 1, 2, 2, 3)))]
        return "{" + ", ".join(entries) + "}"

    def _dictionary(self, depth: int) -> str:
        held = self._known("d")
        if held or depth < 0:
            return held or "Dict()"
        return self._pick(("Dict()", "Map()"))

    def _date(self, _depth: int) -> str:
        return self._known("t") or self._pick(_DATES)

    def _anything(self, depth: int) -> str:
        roll = self._random.random()
        if depth <= 0:
            if self._kinds and roll < 0.4:
                return self._pick(list(self._kinds))
            return self._pick((*_TEXTS[:8], *_NUMBERS[:8], "true", "false", "Null()", "{1, 2}", "$unset"))
        if roll < 0.25:
            return f"({self._anything(depth - 1)} {self._pick(_OPERATORS)} {self._anything(depth - 1)})"
        if roll < 0.3:
            return f"{self._pick(('-', '!'))}({self._anything(depth - 1)})"
        if roll < 0.35 and (entry := self._entry()):
            return entry
        if roll < 0.45:
            return self._call("x", depth)
        if roll < 0.5:
            operators = (self._pick(_OPERATORS), self._pick(_OPERATORS))
            return (
                f"{self._anything(0)} {operators[0]} {self._anything(0)} {operators[1]} {self._anything(0)}"
            )
        return self._makers[self._pick("nsbadt")](depth)
