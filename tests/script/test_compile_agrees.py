"""The compiler means what the judge means: random scripts over random records, whole programs, every function."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.base.errors import WeftError
from studio.script.compile import compile_script
from studio.script.evaluate import evaluate
from studio.script.functions import FUNCTIONS, Function
from studio.script.host import Host, Limits, PlainHost
from studio.script.parse import parse
from studio.script.tree import Script, Value
from tests.script.differences import encoded
from tests.script.programs import Programs
from tests.script.scripts import Record, compiled, judged, records, scripts


@given(scripts, records())
def test_compiled_scripts_do_what_the_judge_says(script: str, record: Record) -> None:
    assert compiled(script, record) == judged(script, record)


Run = Callable[[Script, Host], Value]
ENGINES: tuple[Run, Run] = (evaluate, lambda script, host: compile_script(script)(host))


def outcomes(text: str, **variables: Value) -> list[dict[str, Any]]:
    """What the judge and the compiler make of it: value or error with its place, and the globals."""
    script = parse(text)
    found = []
    for run in ENGINES:
        host = PlainHost(variables=dict(variables), limits=Limits(iterations=20))
        outcome: dict[str, Any] = {}
        try:
            outcome["value"] = repr(encoded(run(script, host)))
        except WeftError as error:
            outcome |= {"error": error.message, "line": error.line, "column": error.column}
        found.append(outcome | {"globals": repr(encoded(dict(host.variables)))})
    return found


def test_whole_programs_end_alike_and_fail_at_the_same_place(share: Callable[[int], int]) -> None:
    programs = Programs(7)
    failed = 0
    for _number in range(share(20_000)):
        program = programs.next().replace("; ", ";\n")
        judge, ours = outcomes(program)
        assert ours == judge, program
        failed += "error" in judge
    assert failed > 10


PURE = [function for function in FUNCTIONS.values() if function.run is not None and function.pure]
_TEXTS = (
    "'abc'",
    "''",
    "'5'",
    "'-2.5x'",
    "'2026-03-01'",
    "'a,b;c'",
    "'%41+b'",
    "'true'",
    "'<a>1</a>'",
    "'UTC'",
    "' x '",
)
_VALUES = (*_TEXTS, "0", "1", "3", "-2", "2.5", "0.1", "true", "false", "Null()", "{}", "{1, '2', 3}", "{{1}, {2}}",
           "Dict()", "Date('2026-03-01 10:11:12')", "12345678901234567890")  # fmt: skip
_LIKELY = {"string": _TEXTS, "number": ("0", "1", "3", "-2", "2.5", "100"), "bool": ("true", "false")}


@st.composite
def calls(draw: st.DrawFn, function: Function) -> tuple[str, list[str]]:
    """A call with constants, and the values for the same call over globals."""
    least, most = function.minimum, min(function.maximum, function.minimum + 2, 5)
    given = []
    for place in range(draw(st.integers(least, most))):
        wanted = function.arguments[min(place, len(function.arguments) - 1)].type
        likely = draw(st.booleans())
        given.append(draw(st.sampled_from(_LIKELY.get(wanted, _VALUES) if likely else _VALUES)))
    return f"{function.name}({', '.join(given)})", given


@pytest.mark.parametrize("function", PURE, ids=lambda function: function.name)
def test_every_function_gives_the_same_compiled(function: Function) -> None:
    @settings(max_examples=max(8, settings.default.max_examples // 10))  # type: ignore[union-attr]
    @given(calls(function))
    def check(made: tuple[str, list[str]]) -> None:
        text, given = made
        names = ", ".join(f"$p{number}" for number in range(len(given)))
        over = "; ".join(
            [*(f"$p{number} = {value}" for number, value in enumerate(given)), f"{function.name}({names})"]
        )
        for script in (text, over, f"x = {text};\nString(x) + $none"):
            judge, ours = outcomes(script)
            assert ours == judge, script

    check()
