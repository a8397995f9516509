"""Compiled scripts end: at the limits of turns, steps, seconds, text and arrays, and whenever somebody stops them."""

from __future__ import annotations

import pytest

from studio.base.errors import Cancelled
from studio.script.compile import compile_script
from studio.script.errors import LimitReached, RunError
from studio.script.host import Limits, PlainHost
from studio.script.parse import parse


def run(text: str, host: PlainHost) -> object:
    return compile_script(parse(text))(host)


def test_a_loop_without_end_is_stopped_where_it_stands() -> None:
    with pytest.raises(RunError, match="50 times") as caught:
        run("x = 0;\n  While(true, x++)", PlainHost(limits=Limits(iterations=50)))
    assert (caught.value.line, caught.value.column) == (2, 3)


def test_the_limit_of_turns_is_what_the_script_sets() -> None:
    text = "$jitterbit.scripting.while.max_iterations = 7; x = 0; Eval(While(true, x++), 0); x"
    assert run(text, PlainHost()) == 7


def test_loops_in_loops_share_the_limit_of_steps() -> None:
    text = "a = 0; While(a < 40, a++; b = 0; While(b < 40, b++))"
    assert run(text, PlainHost(limits=Limits(steps=2_000))) is None
    with pytest.raises(LimitReached, match="1000 steps"):
        run(text, PlainHost(limits=Limits(steps=1_000)))


def test_time_runs_out_in_a_loop_and_nothing_catches_it() -> None:
    host = PlainHost(limits=Limits(seconds=-1.0))
    with pytest.raises(LimitReached, match="seconds"):
        run("Eval(While(true, 1), 'caught')", host)


def test_a_running_loop_is_stopped_from_outside() -> None:
    asked = 0

    def stopped() -> bool:
        nonlocal asked
        asked += 1
        return asked > 3

    host = PlainHost(stopped=stopped)
    with pytest.raises(Cancelled):
        run("$n = 0; While(true, $n++; IsValid(1 / 0))", host)
    assert 3 * 16 <= int(str(host.variables["n"])) < 5 * 16


@pytest.mark.parametrize(
    "text",
    [
        "$x = 'ab'; While(true, $x = $x + $x)",
        "$x = 'ab'; While(true, $x += $x)",
        "x = 'ab'; While(true, x = x + '-' + x)",
        "x = {1}; i = 1; While(true, i = i * 10; x[i] = 1)",
        "x = 'abcdefgh'; While(true, x = Replace(x, 'a', x))",
    ],
)
def test_texts_and_arrays_do_not_grow_for_ever(text: str) -> None:
    with pytest.raises(LimitReached):
        run(text, PlainHost())


def test_scripts_that_call_one_another_for_ever_are_given_up() -> None:
    script = compile_script(parse("RunScript('again')"))
    host = PlainHost()
    host.answers = {"runscript": lambda *_names: script(host)}
    with pytest.raises(LimitReached, match="nested too deeply"):
        script(host)
