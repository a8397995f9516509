"""Pieces of generated Python: expressions with what is known of them, and the lines that must run before."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator
from dataclasses import field
from decimal import Decimal
from typing import Any

from studio.base.records import dataclass
from studio.schema.model import Base
from studio.script.errors import ScriptError
from studio.script.kinds import INT, NULL, NUMBER, TEXT, Kinds, kinds_of_value
from studio.script.runtime import RUNTIME
from studio.script.tree import Value

_NOTHING = object()
MAX_DEPTH = 10
"""Brackets in brackets of a generated expression; deeper ones go into a variable first."""
MAX_INDENT = 40


class TooDeep(ScriptError):
    """The script is nested too deeply for generated Python; the judge can run it."""


@dataclass(frozen=True)
class Items:
    """An array computed entry by entry: `element` over variables that run along lists of the same length."""

    along: tuple[tuple[str, str], ...]
    element: str
    leaf: bool = True

    def loop(self, element: str | None = None) -> str:
        """The list comprehension."""
        variables = ", ".join(variable for variable, _list in self.along)
        lists = [source for _variable, source in self.along]
        along = lists[0] if len(lists) == 1 else f"zip({', '.join(lists)}, strict=True)"
        return f"[{element or self.element} for {variables} in {along}]"


@dataclass(frozen=True)
class Guard:
    """A value of unknown kind: where `test` holds, `short` is right; `joined` are the pieces of a text that it joins.

    `names` are the variables that must be text for it, `long` is the way that is always right.
    """

    test: str
    short: str
    long: str
    joined: tuple[str, ...] = ()
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Code:
    """A Python expression for a script's expression.

    `value` is always right. `fast` is a short way for decimals (or truth) that raises one of FAST where it does not
    apply; `sure` says that it gives a decimal, `composite` that taking it is worth a try statement. `stable` means that
    evaluating it again, or later, changes nothing, `safe` that it cannot fail and does nothing. `decimal`: where the short way applies the judge's value is a decimal,
    too, not a whole number. `nulled` is the short way of a field with 0 for null, `loose` that of a sum or difference
    with null left out, which may be a whole number to the judge. `text` is its text as `+` joins it, `parts` are the pieces of a
    joined text. `constant` is its value where known. Of a field, `raw` is its text and `base` its type; `many` is an
    array of fields that may be looked at but not changed. `guard` is a short way for the usual kinds, part of `value`.
    `blank` is a field's text with the empty text for null; `written` the text that a value which is written as it is has.
    """

    value: str
    kinds: Kinds
    stable: bool = False
    safe: bool = False
    fast: str | None = None
    sure: bool = False
    composite: bool = False
    decimal: bool = False
    nulled: str | None = None
    loose: str | None = None
    text: str | None = None
    parts: tuple[str, ...] = ()
    bounded: bool = True
    constant: Any = _NOTHING
    items: Items | None = None
    raw: str | None = None
    base: Base | None = None
    many: str | None = None
    guard: Guard | None = None
    blank: str | None = None
    written: str | None = None
    depth: int = 0

    @property
    def known(self) -> bool:
        """It is a constant."""
        return self.constant is not _NOTHING

    @property
    def plain(self) -> str:
        """The expression of its text as functions and `+` take it; null is empty."""
        if self.text is not None:
            return self.text
        if self.kinds == TEXT:
            return self.value
        if self.kinds == TEXT | NULL:
            return f"({self.value} or '')"
        return f"s_plain({self.value})"


def altered(code: Code, **changes: Any) -> Code:
    """The code with other values in some fields: dataclasses.replace, but quick."""
    made: Code = object.__new__(Code)
    made.__dict__.update(code.__dict__, **changes)
    return made


class Constants:
    """The names that generated code finds around it: helpers, constants, and fresh variables.

    One object serves all scripts of a plan; `names` goes into the globals the code is executed with. Names begin with
    `s_`, or are a letter, `_` and a number (`t_1`): use others for your own.
    """

    def __init__(self) -> None:
        self.names: dict[str, Any] = dict(RUNTIME)
        self._known: dict[Any, str] = {}
        self._count = 0

    def add(self, value: Any, key: Any = None) -> str:
        """The name of a constant; equal keys share one."""
        if key is not None and key in self._known:
            return self._known[key]
        name = f"k_{len(self.names)}"
        self.names[name] = value
        if key is not None:
            self._known[key] = name
        return name

    def decimal(self, number: int | float | Decimal) -> str:
        """The name of a number as a decimal, a float by its shortest text."""
        key = ("decimal", type(number), number)
        if key in self._known:
            return self._known[key]
        return self.add(Decimal(repr(number)) if isinstance(number, float) else Decimal(number), key)

    def fresh(self, letter: str = "t") -> str:
        """A variable no other code uses."""
        self._count += 1
        return f"{letter}_{self._count}"


def constant(value: Value, constants: Constants) -> Code:
    """The code of a known value."""
    kinds = kinds_of_value(value)
    if isinstance(value, str):
        shown = repr(value) if len(value) < 500 else constants.add(value, ("text", value))
        return Code(shown, TEXT, stable=True, text=shown, parts=(shown,), constant=value, written=shown)
    if value is None:
        return Code("None", kinds, stable=True, text="''", constant=None)
    if isinstance(value, (bool, int, float)):
        finite = isinstance(value, bool) or math.isfinite(value)
        shown = repr(value) if finite else constants.add(value)
        if isinstance(value, int) and value < 0:
            shown = f"({shown})"
        fast = None if isinstance(value, bool) or not finite else constants.decimal(value)
        return Code(shown, kinds, stable=True, fast=fast, constant=value)
    kinds = NUMBER if isinstance(value, Decimal) else Kinds.DATE | Kinds.BINARY
    return Code(constants.add(value), kinds, stable=True, constant=value)


@dataclass
class Line:
    """A line of generated code: how far it is indented, and the offset in the script it comes from."""

    indent: int
    text: str
    offset: int


@dataclass
class Writer:
    """Collects lines. `exact` says that one of them reckons with decimals, so that exact_arithmetic() is needed."""

    constants: Constants
    lines: list[Line] = field(default_factory=list)
    indent: int = 0
    offset: int = 0
    exact: bool = False

    def emit(self, text: str) -> None:
        """Add a line."""
        self.lines.append(Line(self.indent, text, self.offset))

    @contextlib.contextmanager
    def block(self, head: str) -> Iterator[None]:
        """Lines inside `head:`; an empty block passes."""
        self.emit(head)
        self.indent += 1
        if self.indent > MAX_INDENT:
            raise TooDeep("")
        before = len(self.lines)
        yield
        if len(self.lines) == before:
            self.emit("pass")
        self.indent -= 1

    @contextlib.contextmanager
    def captured(self) -> Iterator[list[Line]]:
        """Lines written inside are not added but given, one level deeper."""
        kept, self.lines = self.lines, []
        self.indent += 1
        if self.indent > MAX_INDENT:
            raise TooDeep("")
        try:
            yield self.lines
        finally:
            self.indent -= 1
            self.lines = kept

    def use(self, code: Code) -> str:
        """The expression that gives the value, the short way first where there is one."""
        return self.settled(code).value if code.composite else code.value

    def settled(self, code: Code) -> Code:
        """The value in a variable of its own, evaluated here."""
        name = self.constants.fresh()
        if code.composite and code.fast is not None:
            self.exact = True
            self.emit(f"try: {name} = {code.fast}")
            self.emit(f"except s_FAST: {name} = {code.value}")
        else:
            self.emit(f"{name} = {code.value}")
        return altered(
            code, value=name, stable=True, fast=None, sure=False, composite=False, decimal=False, nulled=None, loose=None, text=None,
            parts=(name,) if code.kinds == TEXT else (), items=None, many=None, guard=None, blank=None, written=None, depth=0,
        )  # fmt: skip

    def steady(self, code: Code) -> Code:
        """The code, in a variable unless it may be evaluated again as it is."""
        return code if code.stable and not code.composite else self.settled(code)

    def shallow(self, code: Code) -> Code:
        """The code, in a variable when its expression has become too deep."""
        return self.settled(code) if code.depth > MAX_DEPTH else code


def as_fast(code: Code) -> str | None:
    """The expression of an operand in a short way of decimals, None where it has none."""
    if code.fast is not None:
        return code.fast
    if code.stable and code.kinds.only(INT | Kinds.DECIMAL | NULL) and not code.known:
        return code.value
    return None
