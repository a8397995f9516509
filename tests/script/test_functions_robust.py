"""No argument breaks a function: whatever it is given, it answers or raises an error of the script, in both engines."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from studio.base.errors import WeftError
from studio.script.compile import compile_script
from studio.script.evaluate import evaluate
from studio.script.examples import example_host
from studio.script.functions import FUNCTIONS, Function
from studio.script.parse import parse
from studio.script.tree import Value
from studio.script.values import text_of
from tests.script.calls import CALLED, PRELUDE, call

# What the ordinary values of random calls leave out.
ODD = (
    "Null()", "''", "-1", "10 ^ 300", "-(10 ^ 30)", "99999999999999999999", "0.000000000000000001", "'99999999999999999999'",
    "{}", "{Null()}", "{{{}}}", "w", "Dict()", "HexToBinary('')", "Date('9999-12-31 23:59:59')", "Date('0001-01-01')",
    "RPadChar('', 'x', 100000)", "'\\n\\r\\t'", "HexToString('00')", "HexToString('f09f9880')", "'<a>'", "'<a/>'", "'$1'",
    "'(a+)+$'", "'{'", "'%ZZ'", "true", "false", "[lines/line]", "[nothing]", "[note]", "'America/Sao_Paulo'",
)  # fmt: skip
_SELF = PRELUDE + "w = {1}; w[0] = w; "
RANDOM = ("GUID", "Random", "RandomString", "GetServerName")


def outcome(run: Callable[[], Value]) -> str:
    try:
        return text_of(run())
    except WeftError as error:
        return f"error: {error.message}"


def both(text: str) -> tuple[str, str]:
    script = parse(text)
    return (
        outcome(lambda: evaluate(script, example_host())),
        outcome(lambda: compile_script(script)(example_host())),
    )


CALLS = [function for function in CALLED if function.name != "Sleep"]


@pytest.mark.parametrize("function", CALLS, ids=lambda function: function.name)
def test_any_arguments_are_answered_or_refused(function: Function, share: Callable[[int], int]) -> None:
    chance = random.Random(function.name)
    for turn in range(share(300) // 3):
        count = chance.randint(function.minimum, min(function.maximum, function.minimum + 2))
        if turn % 3:
            text = f"{function.name}({', '.join(chance.choice(ODD) for _place in range(count))})"
        else:
            text = call(chance, function)
        judged, compiled = both(_SELF + text)
        if function.name not in RANDOM:
            assert compiled == judged, text


@pytest.mark.parametrize("odd", ODD)
def test_functions_of_nodes_take_anything(odd: str) -> None:
    for function in FUNCTIONS.values():
        if function.takes_nodes:
            judged, compiled = both(f"{_SELF}{function.name}({', '.join([odd] * function.minimum)})")
            assert compiled == judged, function.name


@pytest.mark.parametrize(
    "text",
    [
        "LPad('', 10 ^ 15)", "RPadChar('a', 'b', 16000001)", "RandomString(10 ^ 12)", "x = RPad('', 4000000); x + x + x + x + x",
        "Replace(RPad('', 1000000), ' ', RPad('', 1000))", "URLEncode(RPad('', 8000000))", "x = {}; x[10 ^ 9] = 1",
        "Base64Encode(RPad('', 15000000))", "x = RPad('', 5000000); SumString({x, x, x, x})",
        "x = RPadChar('', ',', 3000000); Split(x, ',')", "RegExReplace(RPad('', 20000), ' ', RPad('', 1000))",
        "x = RPad('', 1000000); CreateNode('', 'a', {x,x,x,x,x,x,x,x,x,x,x,x,x,x,x,x,x})",
    ],
)  # fmt: skip
def test_huge_results_stop_the_script(text: str) -> None:
    for engine in (evaluate, lambda script, host: compile_script(script)(host)):
        with pytest.raises(WeftError, match=r"beyond|memory|large|longer"):
            engine(parse(f"Eval({text}, 'caught')" if ";" not in text else text), example_host())
