"""Numbers that are none, or beyond all bounds, in operators, indexes and functions."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

from studio.base.errors import WeftError
from studio.script.compile import compile_script
from studio.script.evaluate import evaluate
from studio.script.functions.registry import FUNCTIONS
from studio.script.host import Limits, PlainHost
from studio.script.parse import parse
from studio.script.tree import Value

_VALUES: tuple[Value, ...] = (
    math.inf, -math.inf, math.nan, 1e300, -1e300, Decimal("1e500"), Decimal("1e-500"), 10**30, 2**63, -0.0, 0.1,
    "Infinity", "NaN", "1e999", [math.inf], {"a": math.nan}, b"\xff", datetime(9999, 12, 31), datetime(1, 1, 1),
    True, None,
)  # fmt: skip
_OPERATORS = ("+", "-", "*", "/", "^", "<", ">", "<=", ">=", "==", "!=", "&&", "||")
_STATEMENTS = (
    "-$a", "!$a", "$a++; $a", "x = $a; x += $b; x", "x = $a; x -= $b", "If($a, 1, 2)", "Case($a, 1, $b, 2)",
    "x = {1, 2}; x[$a]", "x = {1, 2}; x[$a] = $b; x", "x = Dict(); x[$a] = $b; x",
)  # fmt: skip
# These wait, or need what only a host has.
_LEFT_OUT = ("Sleep", "RunScript", "RunOperation")


def _script(draw: random.Random) -> str:
    which = draw.random()
    if which < 0.3:
        return f"$a {draw.choice(_OPERATORS)} $b"
    if which < 0.45:
        return draw.choice(_STATEMENTS)
    usable = [
        each for each in FUNCTIONS.values() if each.run and each.name not in _LEFT_OUT and each.minimum <= 3
    ]
    chosen = draw.choice(usable)
    count = draw.randint(chosen.minimum, min(3, chosen.maximum))
    return f"{chosen.name}({', '.join(['$a', '$b', '$c'][:count])})"


def _outcome(text: str, given: dict[str, Value], *, compiled: bool) -> str:
    host = PlainHost(limits=Limits(iterations=50))
    host.variables.update(given)
    try:
        script = parse(text)
        value = compile_script(script)(host) if compiled else evaluate(script, host)
    except WeftError as error:
        return error.message
    return type(value).__name__


def test_every_error_is_one_of_the_script(share: Callable[[int], int]) -> None:
    """Whatever the value: a result, or an error with its message, and the same kind of end in both engines."""
    draw, ends = random.Random(5), {"values": 0, "errors": 0}
    for _turn in range(share(60_000)):
        text = _script(draw)
        given = {name: draw.choice(_VALUES) for name in "abc"}
        judged = _outcome(text, given, compiled=False)
        assert _outcome(text, given, compiled=True) == judged, (text, given)
        ends["errors" if " " in judged else "values"] += 1
    assert min(ends.values()) > 100


def test_an_array_has_no_entry_at_infinity() -> None:
    assert _outcome("x = {1, 2}; x[$a]", {"a": math.inf}, compiled=True) == "NoneType"
    assert _outcome("x = {1, 2}; x[$a]", {"a": math.nan}, compiled=False) == "NoneType"


def test_a_date_less_infinity_leaves_the_calendar() -> None:
    assert "years 1 to 9999" in _outcome(
        "$a - $b", {"a": datetime(2020, 1, 1), "b": math.inf}, compiled=False
    )
