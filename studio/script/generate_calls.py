"""Calls to Python: the lazy functions as statements, the commonest others in place, the rest as calls."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from studio.schema.model import Base
from studio.script import tree
from studio.script.code import Code, as_fast, constant
from studio.script.errors import RunError
from studio.script.evaluate import called
from studio.script.functions import Function
from studio.script.functions.masks import iso_by_mask, shows_days
from studio.script.generate_operators import Operators
from studio.script.inline import INLINED
from studio.script.kinds import ANY, NULL, NUMBER, TEXT, kinds_of_call
from studio.script.quick import READY, UNKNOWN
from studio.script.runtime import Cache, KeptTexts
from studio.script.special import check_pairs, variable
from studio.script.tree import Value
from studio.script.values import truth_of, typed

_DAYS = 40_000  # kept of these: the days of a hundred years
# Functions of a date: what they make of a field is remembered by the field's text.
_REMEMBERED = frozenset(
    {
        "FormatDate", "CVTDate", "Date", "DateAdd", "DayOfMonth", "DayOfWeek", "MonthOfYear", "LastDayOfMonth",
        "GeneralDate", "LongDate", "MediumDate", "ShortDate", "LongTime", "MediumTime", "ShortTime",
        "ConvertTimeZone", "GetUTCFormattedDate", "GetUTCFormattedDateTime",
    }
)  # fmt: skip


def _iso_short(function: Function, base: Base, values: Sequence[Value]) -> Callable[[str], str | None] | None:
    """The short way of FormatDate with a known mask."""
    if function.name != "FormatDate" or base not in (Base.TEXT, Base.DATE, Base.DATETIME):
        return None
    mask = values[1]
    return iso_by_mask(mask) if isinstance(mask, str) else None


_TIME = re.compile("T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]").fullmatch
"""What follows the day in the usual form, looked for from there on."""


def by_day(short: Callable[[str], str | None], mask: str) -> Cache | None:
    """A cache from a day to its text, for masks that show nothing of the time."""
    if not shows_days(mask):
        return None

    def day(text: str) -> str:
        shown = short(text + "T00:00:00")
        if shown is None:
            raise ValueError(text)
        return shown

    return Cache(day, _DAYS)


class ByDay(Cache):
    """A date's text → what is made of it; of dates with a usual time only the days are kept, there being fewer."""

    def __init__(self, make: Callable[[Any], Any], days: Cache) -> None:
        super().__init__(make, _DAYS)
        self._days = days

    def __missing__(self, text: Any) -> Any:
        if text is not None and _TIME(text, 10):
            try:
                return self._days[text[:10]]
            except ValueError:
                pass
        return super().__missing__(text)


class Compiler(Operators):
    """The generator with all functions."""

    def call(self, node: tree.Call) -> Code:
        """The code of a call; one that cannot work raises its error when it is reached."""
        try:
            function = called(node)
            lazy = self._lazy.get(function.name)
            if lazy is not None:
                return lazy(self, node)
        except RunError as error:
            return Code(f"s_stated({self.constants.add(error)})", ANY)
        arguments = self._given(function, node) if function.takes_nodes else self.operands(node.arguments)
        folded = self._folded_call(function, arguments)
        if folded is not None:
            return folded
        inline = INLINED.get(function.name)
        code = inline(self.writer, arguments) if inline is not None else None
        for rule in (self._remembered, self._ready):
            code = code or rule(function, arguments)
        if not function.pure or function.wants_host:
            self.forget()
        return code or self._plain_call(function, arguments)

    def _given(self, function: Function, node: tree.Call) -> list[Code]:
        """The arguments of a function that looks at source nodes: a path there is the node itself."""
        given = []
        for argument, wanted in zip(node.arguments, function.each(), strict=False):
            if wanted.takes_node and isinstance(argument, tree.Path):
                code = Code(f"{self.host}.node({self.constants.add(argument)})", ANY)
            else:
                code = self.code(argument)
            given.append(self.writer.settled(code))
        return given

    def _folded_call(self, function: Function, arguments: Sequence[Code]) -> Code | None:
        run = function.run
        if run is None or not function.pure or function.wants_host:
            return None
        return self.folded(lambda: run(*(code.constant for code in arguments)), arguments)

    def _plain_call(self, function: Function, arguments: Sequence[Code]) -> Code:
        if function.name == "Format" or not (
            function.family in _WITHOUT_DECIMALS or function.name in _CAREFUL
        ):
            self.writer.exact = True
        given = self.values(arguments)
        kinds = kinds_of_call(function, [code.kinds for code in arguments])
        if function.run is None:
            shown = "".join(f"{value}, " for value in given)
            value = f"{self.host}.ask({function.name!r}, ({shown}))"
        else:
            name = self.constants.add(function.run, ("function", function.name))
            value = f"{name}({', '.join([self.host, *given] if function.wants_host else given)})"
        depth = max((code.depth for code in arguments), default=0) + 1
        return Code(value, kinds, depth=depth, bounded=_is_bounded(function, arguments))

    def _remembered(self, function: Function, arguments: Sequence[Code]) -> Code | None:
        """A date function of one field: its results are kept by the field's text."""
        run = function.run
        raws = [place for place, code in enumerate(arguments) if not code.known]
        if function.name not in _REMEMBERED or run is None or len(raws) != 1:
            return None
        place = raws[0]
        raw, base = arguments[place].raw, arguments[place].base
        if raw is None or base is None:
            return self._kept(function, arguments, place)
        values: list[Value] = [None if code.raw else code.constant for code in arguments]

        short = _iso_short(function, base, values)

        def make(text: str | None) -> Value:
            if short is not None and text is not None and (shown := short(text)) is not None:
                return shown
            return run(*values[:place], typed(text, base), *values[place + 1 :])

        known = tuple(repr(value) for value in values)
        days = by_day(short, str(values[1])) if short is not None and base is Base.DATETIME else None
        cache = Cache(make, _DAYS) if days is None else ByDay(make, days)
        name = self.constants.add(cache, ("remembered", function.name, place, base, known))
        if days is not None and arguments[place].blank is not None:
            return Code(self._by_day(name, days, raw), kinds_of_call(function, [arguments[place].kinds]))
        return Code(
            f"{name}[{raw}]", kinds_of_call(function, [code.kinds for code in arguments]), bounded=True
        )

    def _by_day(self, name: str, days: Cache, raw: str) -> str:
        """A date's text from that of its day, where the rest of the field is a time of the day."""
        day, rest = self.constants.add(days), self.constants.add(_TIME)
        return f"({day}[{raw}[:10]] if {rest}({raw}, 10) else {name}[{raw}])"

    def _kept(self, function: Function, arguments: Sequence[Code], place: int) -> Code | None:
        """A date function of something that may be text: its results are kept by short texts."""
        run = function.run
        given = arguments[place]
        if (
            run is None
            or not given.kinds & TEXT
            or (given.kinds.only(TEXT | NULL) and given.base is not None)
        ):
            return None
        values = [code.constant if code.known else None for code in arguments]

        def make(text: str | None) -> Value:
            return run(*values[:place], text, *values[place + 1 :])

        known = tuple(repr(value) for value in values)
        kept = self.constants.add(KeptTexts(make), ("kept", function.name, place, known))
        given = self.writer.steady(given)
        codes = [*arguments[:place], given, *arguments[place + 1 :]]
        call = self._plain_call(function, codes)
        test = f"type({given.value}) is str or {given.value} is None"
        return Code(f"({kept}[{given.value}] if {test} else {call.value})", call.kinds, depth=2, bounded=True)

    def _ready(self, function: Function, arguments: Sequence[Code]) -> Code | None:
        """A function made ready for its constant arguments."""
        make = READY.get(function.name)
        if make is None:
            return None
        constants = [code.constant if code.known else UNKNOWN for code in arguments]
        try:
            run = make(constants)
        except RunError:
            return None
        if run is None:
            return None
        name = self.constants.add(run, ("ready", function.name, tuple(map(repr, constants[1:]))))
        given = self.values([code for code in arguments if not code.known][:1] or arguments[:1])
        shown = ", ".join([self.host, *given] if function.wants_host else given)
        depth = arguments[0].depth + 1
        return Code(f"{name}({shown})", kinds_of_call(function, []), depth=depth, bounded=False)

    # Lazy functions

    def _if(self, node: tree.Call) -> Code:
        rest = node.arguments[2] if len(node.arguments) > 2 else None
        return self._either(node.arguments[0], node.arguments[1], lambda: self._lazily(rest))

    def _lazily(self, node: tree.Expression | None) -> Code:
        code = self.code(node) if node is not None else constant(None, self.constants)
        return self.writer.settled(code) if code.composite else code

    def _either(self, test: tree.Expression, first: tree.Expression, second: Callable[[], Code]) -> Code:
        """The first where the condition holds, else the second."""
        tested = self.code(test)
        chosen = self.folded(lambda: truth_of(tested.constant), [tested])
        if chosen is not None:
            return self._lazily(first) if chosen.constant else second()
        condition = self.condition(tested, test)
        with self.writer.captured() as then_lines, self.sometimes():
            then = self._lazily(first)
        with self.writer.captured() as else_lines, self.sometimes():
            otherwise = second()
        kinds = then.kinds | otherwise.kinds
        bounded = then.bounded and otherwise.bounded
        depth = max(then.depth, otherwise.depth) + 1
        if not then_lines and not else_lines:
            value = f"({then.value} if {condition} else {otherwise.value})"
            written = None
            if then.written is not None and otherwise.written is not None:
                written = f"({then.written} if {condition} else {otherwise.written})"
            return Code(value, kinds, depth=depth, bounded=bounded, written=written)
        name = self.constants.fresh()
        for head, lines, code in ((f"if {condition}:", then_lines, then), ("else:", else_lines, otherwise)):
            with self.writer.block(head):
                self.writer.lines += lines
                self.writer.emit(f"{name} = {code.value}")
        return Code(name, kinds, stable=True, bounded=bounded)

    def _case(self, node: tree.Call) -> Code:
        check_pairs(node)
        return self._cases(node.arguments)

    def _cases(self, arguments: Sequence[tree.Expression]) -> Code:
        if not arguments:
            return constant(None, self.constants)
        return self._either(arguments[0], arguments[1], lambda: self._cases(arguments[2:]))

    def _while(self, node: tree.Call) -> Code:
        turns = self.constants.fresh("n")
        self.writer.emit(f"{turns} = 0")
        self.forget()
        with self.sometimes(), self.writer.block("while True:"):
            condition = self.condition(self.code(node.arguments[0]), node.arguments[0])
            self.writer.emit(f"if not {condition}: break")
            self.writer.emit(f"if {turns} >= s_limit({self.host}): raise s_too_many(s_limit({self.host}))")
            self.writer.emit(f"{turns} += 1")
            self.writer.emit(f"{self.host}.tick()")
            body = self.code(node.arguments[1])
            if not body.stable or body.composite:
                self.writer.settled(body)
            self.forget()
        return constant(None, self.constants)

    def _attempt(
        self, tried: tree.Expression, found: Callable[[Code], str], failed: Callable[[], str]
    ) -> Code:
        name, error = self.constants.fresh(), self.constants.fresh("e")
        with self.sometimes(), self.writer.block("try:"):
            code = self.writer.settled(self.code(tried))
            self.writer.emit(f"{name} = {found(code)}")
        self.forget()
        with self.sometimes(), self.writer.block(f"except s_RunError as {error}:"):
            self.writer.emit(f"s_caught({self.host}, {error})")
            self.writer.emit(f"{name} = {failed()}")
        return Code(name, ANY, stable=True, bounded=False)

    def _eval(self, node: tree.Call) -> Code:
        def instead() -> str:
            return f"s_as_text({self.writer.use(self.code(node.arguments[1]))})"

        return self._attempt(node.arguments[0], lambda code: f"s_as_text({code.value})", instead)

    def _is_valid(self, node: tree.Call) -> Code:
        return self._attempt(node.arguments[0], lambda _code: "True", lambda: "False")

    def _if_null(self, node: tree.Call) -> Code:
        return self._default(node, lambda code: f"{code.value} is not None")

    def _if_empty(self, node: tree.Call) -> Code:
        return self._default(
            node,
            lambda code: (
                code.value
                if code.kinds.only(TEXT | NULL)
                else f"{code.value} is not None and {code.value} != ''"
            ),
        )

    def _default(self, node: tree.Call, present: Callable[[Code], str]) -> Code:
        given = self.writer.steady(self.code(node.arguments[0]))
        if given.known:
            empty = given.constant is None or (given.constant == "" and node.name.lower() == "ifempty")
            return self.code(node.arguments[1]) if empty else given
        condition = present(given)
        with self.writer.captured() as lines, self.sometimes():
            instead = self._lazily(node.arguments[1])
        kinds = (given.kinds & ~NULL) | instead.kinds
        bounded = given.bounded and instead.bounded
        if lines:
            name = self.constants.fresh()
            self.writer.emit(f"{name} = {given.value}")
            with self.writer.block(f"if not ({condition}):"):
                self.writer.lines += lines
                self.writer.emit(f"{name} = {instead.value}")
            return Code(name, kinds, stable=True, bounded=bounded)
        fast = None
        if given.sure and not given.composite and node.name.lower() == "ifnull" and instead.known:
            number = as_fast(instead)
            fast = f"({given.fast} if {given.fast} is not None else {number})" if number else None
        value = f"({given.value} if {condition} else {instead.value})"
        written = None
        if given.blank is not None and given.base is not Base.BOOLEAN and instead.written is not None:
            there = given.blank if given.base is Base.TEXT else f"{given.blank}.strip()"
            written = f"({given.blank} if {there} else {instead.written})"
        text = written if kinds == TEXT else None
        if text is not None:
            value = text
        return Code(
            value,
            kinds,
            stable=given.stable and instead.stable,
            fast=fast,
            bounded=bounded,
            text=text,
            written=written,
        )

    def _argument_list(self, node: tree.Call) -> Code:
        variables = [variable(node, place) for place in range(len(node.arguments))]
        name = self.writer.settled(Code(f"{self.host}.ask('ArgumentList', ())", ANY)).value
        self.writer.emit(f"{name} = {name} if isinstance({name}, list) else []")
        for place, target in enumerate(variables):
            self.store(target, Code(f"({name}[{place}] if len({name}) > {place} else None)", ANY))
        return constant(None, self.constants)

    def _init_counter(self, node: tree.Call) -> Code:
        target = variable(node, 0)
        if len(node.arguments) == 1:
            return self.store(target, constant(0, self.constants))
        first = self.writer.use(self.code(node.arguments[1]))
        return self.store(target, Code(f"s_number({first})", NUMBER))

    def _get_name(self, node: tree.Call) -> Code:
        return constant(variable(node, 0).name, self.constants)

    _lazy: ClassVar[dict[str, Callable[..., Code]]] = {
        "If": _if,
        "Case": _case,
        "While": _while,
        "Eval": _eval,
        "IsValid": _is_valid,
        "IfNull": _if_null,
        "IfEmpty": _if_empty,
        "ArgumentList": _argument_list,
        "InitCounter": _init_counter,
        "GetName": _get_name,
    }


def _is_bounded(function: Function, arguments: Sequence[Code]) -> bool:
    """The result cannot be much longer than the arguments."""
    if function.name in _FILLED and arguments[-1].known:
        return isinstance(arguments[-1].constant, int) and arguments[-1].constant <= 1000
    short = function.pure and function.family in ("text", "number", "date") and function.name not in _GROWING
    return short and all(code.bounded for code in arguments)


# Families and functions that do not reckon with decimals, or only in a context of their own.
_WITHOUT_DECIMALS = frozenset({"text", "date", "logic", "array", "log", "hash"})
_CAREFUL = frozenset(
    {"IsNull", "Length", "Null", "String", "TableLookup", "Int", "Long", "Double", "Float", "Bool"}
)
_FILLED = frozenset({"LPad", "LPadChar", "RPad", "RPadChar"})
_GROWING = _FILLED | {"Replace", "RegExReplace"}
