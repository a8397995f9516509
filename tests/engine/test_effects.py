"""Rules S8, S36, S39: what scripts do besides giving a value, in generated code too."""

from __future__ import annotations

import pytest

from tests.engine.build import both, plan, run
from tests.engine.test_loops import DATA, SOURCE, TARGET, cells


def test_raised_errors_in_generated_code() -> None:
    """S36 S39"""
    rules = {
        "out/row": {"loop": "r/i", "when": "If([n] == 5, RaiseError('five'), [n] != 1)"},
        "out/row/a": "If(IsNull([@k]), RaiseError('no k in ' + [t]), [@k])",
        "out/row/b": "Eval(RaiseError([t]), $jitterbit.other + 'caught')",
        "out/row/in": {"loop": "sub", "when": "If([n] == 9, RaiseError('nine'), true)"},
        "out/row/in/d": "[n]",
    }
    made = plan(rules, SOURCE, TARGET)
    assert not made.in_order
    text, failures, counts = both(made, DATA)
    assert cells(text) == ["b"]
    assert cells(text, "b") == ["caught"]
    assert failures == [(3, "out/row/in", "nine"), (4, "out/row/a", "no k in z"), (5, "out/row", "five")]
    assert counts == (5, 1, 3, 1)


def test_a_filter_may_fail_after_the_one_it_lets_through() -> None:
    """S8 S39"""
    script = "[sub[If([n] == 2, RaiseError('two'), true)][1]/n]"
    _text, failures, counts = both(
        plan({"out/row": {"loop": "r/i"}, "out/row/a": script}, SOURCE, TARGET), DATA
    )
    assert (failures, counts) == ([(1, "out/row/a", "two")], (5, 4, 1, 0))


def test_a_rule_that_reads_the_latest_error_needs_the_order() -> None:
    """S36"""
    for read in (
        "GetLastError()",
        "$jitterbit.operation.last_error",
        "Get('jitterbit.operation.last_error')",
    ):
        rules = {"out/row": {"loop": "r/i"}, "out/row/a": read, "out/row/b": "Eval(RaiseError([t]), [n])"}
        text = both(plan(rules, SOURCE, TARGET), DATA, fast=False)[0]
        assert plan(rules, SOURCE, TARGET).in_order
        assert cells(text) == ["x", "y", "z"]
        assert not plan({**rules, "out/row/b": "[n]"}, SOURCE, TARGET).in_order


@pytest.mark.parametrize(
    "script", ["WriteToOperationLog('a' + [@k])", "If(true, WriteToOperationLog('a' + [@k]))"]
)
def test_lines_in_the_log(script: str) -> None:
    """S36: the lines of a record that fails are those before the failure, and no line is written twice."""
    rules = {
        "out/first": "WriteToOperationLog('first')",
        "out/row": {"loop": "r/i", "when": "WriteToOperationLog('when'); [n] != 3"},
        "out/row/a": script,
        "out/row/b": "If([t] == 'y', RaiseError('y'))",
        "out/row/c": "WriteToOperationLog('c'); [n]",
    }
    made = plan(rules, SOURCE, TARGET)
    logs: list[list[str]] = []
    for engine in ("interpret", "rows"):
        logs.append([])
        outcome = run(made, DATA, engine, log=logs[-1].append)
        assert outcome[1] == [(3, "out/row/b", "y")]
    judged, generated = logs
    assert judged == generated
    assert judged == "first when when aa c when ab when a c when aa c".split()
    filtered = plan({"out/row": {"loop": "r/i[WriteToOperationLog('x') == 'x']"}}, SOURCE, TARGET)
    assert filtered.in_order
