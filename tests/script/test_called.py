"""RunScript: arguments, results, globals, depth, JavaScript, and a run of an operation that uses it."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.agent.activities import PERFORMERS
from studio.agent.run import RunEvent, RunRequest, RunState
from studio.agent.runner import run_operation
from studio.project.model import Activity, Operation, Project
from studio.script.called import CalledScripts
from studio.script.compile import compile_script
from studio.script.errors import LimitReached, RunError
from studio.script.evaluate import evaluate
from studio.script.host import PlainHost
from studio.script.parse import parse
from studio.script.tree import Value
from tests.engine.build import plan, rows, run

SCRIPTS = {
    "sum": "_1 + _2",
    "pricing/price of": "ArgumentList(sku, n); sku + ':' + n + ':' + _3",
    "counter": "$n += 1; x = 5",
    "deep": "$n += 1; RunScript('deep')",
    "to": "If(_1 < 1, 'end', $n += 1; RunScript('to', _1 - 1))",
    "nothing": "Null()",
    "fails": "1 / 0",
    "broken": "1 +",
    "twice.js": "<javascript>Jitterbit.SetVar('$n', Jitterbit.GetVar('$n') * 2); 'done'</javascript>",
}


def ran(text: str, **variables: Value) -> tuple[Value, PlainHost]:
    """What both engines give, and the host of one."""
    found = []
    for engine in (evaluate, lambda script, host: compile_script(script)(host)):
        host = PlainHost(variables=dict(variables))
        host.answers = CalledScripts(host, Project("p", "P", scripts=SCRIPTS)).answers()
        found.append((engine(parse(text), host), host))
    assert found[0][0] == found[1][0]
    assert found[0][1].variables == found[1][1].variables
    return found[0]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("RunScript('<TAG>Scripts/sum</TAG>', 2, 3)", "5"),
        ("RunScript('scripts/sum', 'a')", "a"),
        ("RunScript('<TAG>Scripts/pricing/price of</TAG>', 'A-1', 5) + '|'", "A-1:5:|"),
        ("RunScript('nothing')", None),
        ("x = 1; RunScript('counter'); x", 1),
        ("RunScript('sum', RunScript('sum', 1, 2), 4)", "34"),
        ("ArgumentList(a); a", None),
        ("Eval(RunScript('fails'), 'caught ' + GetLastError())", "caught Division by 0."),
        ("Eval(RunScript('missing'), GetLastError())", "There is no script called missing."),
    ],
)
def test_results_and_arguments(text: str, value: Value) -> None:
    assert ran(text)[0] == value


def test_globals_are_shared_and_locals_are_not() -> None:
    assert ran("RunScript('counter'); RunScript('counter'); $n", n=3)[0] == 5
    assert ran("Eval(RunScript('sum'); _1, 'unset')")[0] is None


def test_javascript_may_be_run_too() -> None:
    assert ran("RunScript('twice') + $n", n=4)[0] == "done8"


def test_scripts_run_one_another_ten_deep_unless_told_otherwise() -> None:
    with pytest.raises(LimitReached, match="more than 10 deep"):
        ran("RunScript('deep')")
    assert ran("RunScript('to', 9)", n=0)[0] == "end"
    with pytest.raises(LimitReached):
        ran("Eval(RunScript('to', 10), 'nothing catches it')", n=0)
    assert ran("$jitterbit.scripting.nesting.max = 31; RunScript('to', 30)", n=0)[0] == "end"
    with pytest.raises(LimitReached):
        ran("$jitterbit.scripting.nesting.max = 100000; RunScript('deep')")


def test_a_script_that_cannot_be_read_is_an_error_with_its_name() -> None:
    with pytest.raises(Exception, match="ends too early") as raised:
        ran("RunScript('broken')")
    assert not isinstance(raised.value, RunError)
    assert raised.value.file == "broken"  # type: ignore[attr-defined]


def test_an_operation_runs_scripts_that_run_others(tmp_path: Path) -> None:
    scripts = {
        "tell": "WriteToOperationLog('it is ' + RunScript('<TAG>Scripts/sum</TAG>', 40, 2))",
        "sum": "_1 + _2",
    }
    activity = Activity("script", {"": "tell"}, ref="tell")
    project = Project(
        "p", "P", operations={"send": Operation("send", activities=(activity,))}, scripts=scripts
    )
    events: list[RunEvent] = []
    request = RunRequest(str(tmp_path), "send", {})
    assert run_operation(project, tmp_path, request, events.append, PERFORMERS) is RunState.SUCCEEDED
    assert "it is 42" in [event.text for event in events if event.kind == "log"]


def test_rules_of_a_map_run_scripts_too() -> None:
    made = plan(
        {"row": {"loop": "row"}, "row/b": "RunScript('sum', [a], '!')"},
        rows({"a": "text"}),
        rows({"b": "text"}),
    )
    project = Project("p", "P", scripts=SCRIPTS)
    text, failures, counts = run(
        made, "a\nx\ny\n", answers=lambda world: CalledScripts(world, project).answers()
    )
    assert (text, failures, counts) == ("b\nx!\ny!\n", [], (2, 2, 0, 0))
    _text, failures, _counts = run(made, "a\nx\n")
    assert "RunScript is not available" in failures[0][2]
