"""The debugger in the engine: held where it was asked, at every rule, and a run like any other."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from studio.base.errors import Cancelled
from studio.engine.debugging import Debugger, DebuggingJudge, whole
from studio.engine.plan import Expr, Plan
from studio.engine.timings import Timings, timing_judge
from studio.mapping.evidence import Around, Came
from studio.mapping.held import At, Breakpoint, Go, Stop
from tests.engine.build import plan, run, xml
from tests.engine.differ import Maker
from tests.engine.differential import outcome

SOURCE = xml({"o": {"@day": "text", "order*": {"@id": "text", "tax?": "decimal", "line*": {"n": "integer"}}}})
TARGET = xml(
    {
        "b": {
            "day?": "text",
            "bill*": {"id": "text", "row*": {"n": "integer"}, "sum?": "decimal", "x?": "text"},
        }
    }
)
SUM = "total = 0;\ni = 0;\nWhile(i < 2,\n  i++;\n  total += i\n);\n$last = total;\ntotal + [tax]"
RULES: dict[str, Any] = {
    "b/day": "[o/@day]",
    "b/bill": {"loop": "o/order", "when": "[@id] != 'x'"},
    "b/bill/id": "[@id]",
    "b/bill/row": {"loop": "line"},
    "b/bill/row/n": "[n] * 2",
    "b/bill/sum": SUM,
    "b/bill/x": {"when": "[@id] == 'b'", "script": "DebugBreak(); 'b'"},
}
GIVEN = (
    '<o day="mon"><order id="a"><tax>1</tax><line><n>1</n></line><line><n>2</n></line></order>'
    '<order id="x"/><order id="b"><tax>5</tax><line><n>7</n></line></order></o>'
)


class Hands:
    """Follows a run: takes down every place it was held at, and goes on as it was told."""

    def __init__(self, *going: Go, looking: str = "") -> None:
        self.stops: list[Stop] = []
        self.watched: list[str | None] = []
        self._going = list(going)
        self._looking = looking

    def __call__(self, stop: Stop, judge: DebuggingJudge) -> Go:
        self.stops.append(stop)
        if self._looking:
            found = judge.look(stop.path, self._looking)
            self.watched.append(found.problem or found.value)
        return self._going.pop(0) if self._going else Go.RUN

    @property
    def places(self) -> list[tuple[str, str, int]]:
        """What was met, briefly."""
        return [(stop.at, stop.path, stop.line) for stop in self.stops]


def compiled(made: dict[str, Any]) -> Any:
    """Watches as the agent compiles them: the condition of the node."""

    def expr(path: str, script: str) -> Expr | str:
        before = made.get(path, {})
        before = {"script": before} if isinstance(before, str) else dict(before)
        found = plan({**made, path: {**before, "when": script}}, SOURCE, TARGET)
        target = next(each for each in found.root.walk() if each.path == path)
        when = target.loop.when if target.loop is not None else target.when
        assert when is not None
        return when.wrong.message if when.wrong else when

    return expr


def debugged(hands: Hands, *points: Breakpoint, rules: dict[str, Any] = RULES, **more: Any) -> Any:
    """A run by the debugger, and what it gives."""
    made = plan(rules, SOURCE, TARGET)
    assert made.errors == ()
    debugger = Debugger(hands, compiled(rules), points, **more)
    return run(whole(made), GIVEN, "interpret", judge=debugger.judge())


def test_a_rule_is_met_as_often_as_it_runs() -> None:
    hands = Hands()
    assert debugged(hands, Breakpoint("b/bill/row/n")) == run(plan(RULES, SOURCE, TARGET), GIVEN)
    assert [(stop.record, stop.met, stop.turns[-1]) for stop in hands.stops if stop.why == "breakpoint"] == [
        (1, 1, Around("b/bill/row", 1, ("o/order[1]/line[1]",))),
        (1, 2, Around("b/bill/row", 2, ("o/order[1]/line[2]",))),
        (3, 3, Around("b/bill/row", 1, ("o/order[3]/line",))),
    ]
    first = hands.stops[0]
    assert first.script == "[n] * 2"
    assert first.sources == (Came("o/order[1]/line[1]/n", "1", "[n]", 1, 1),)
    assert first.target == (("b/bill/id", "a"),)


def test_a_turn_a_condition_a_number_and_a_script() -> None:
    hands = Hands()
    debugged(hands, Breakpoint("b/bill"), rules={**RULES, "b/bill/x": "'x'"})
    assert [(stop.at, stop.record, stop.sources[0].path) for stop in hands.stops] == [
        ("turn", 1, "o/order[1]"),
        ("turn", 3, "o/order[3]"),
    ]
    hands = Hands()
    debugged(hands, Breakpoint("b/bill", At.CONDITION), rules={**RULES, "b/bill/x": "'x'"})
    assert [stop.sources[0].text for stop in hands.stops] == ["a", "x", "b"]
    hands = Hands()
    debugged(hands, Breakpoint("b/bill/row/n", number=2))
    assert [stop.sources[0].text for stop in hands.stops if stop.why == "breakpoint"] == ["2"]
    hands = Hands()
    debugged(hands, Breakpoint("b/bill/row/n", when="[n] > 1 && [../@id] == 'b'"))
    assert [stop.sources[0].text for stop in hands.stops if stop.why == "breakpoint"] == ["7"]
    hands = Hands()
    debugged(hands, Breakpoint("b/bill/sum", when="[nothing] > 1"))
    assert "nothing" in hands.stops[0].message


def test_a_script_is_followed_line_by_line() -> None:
    hands = Hands(*[Go.OVER] * 4)
    debugged(hands, Breakpoint("b/bill/sum", number=1))
    assert hands.places[:5] == [
        ("rule", "b/bill/sum", 0),
        ("condition", "b/bill/x", 0),
        ("condition", "b/bill", 0),
        ("condition", "b/bill", 0),
        ("turn", "b/bill", 0),
    ]
    hands = Hands(*[Go.INTO] * 12, looking="total")
    debugged(hands, Breakpoint("b/bill/sum", number=1))
    lines = [stop.line for stop in hands.stops]
    assert lines[:9] == [0, 1, 2, 3, 4, 5, 4, 5, 7]
    assert hands.stops[7].locals == (("i", "2"), ("total", "1"))
    assert hands.watched[0] == "The variable total has no value yet."
    assert hands.watched[7] == "1"
    assert dict(hands.stops[9].globals)["last"] == "3"
    assert (hands.stops[9].line, hands.stops[9].column, hands.stops[9].length) == (8, 1, 13)
    assert hands.stops[9].sources[0].path == "o/order[1]/tax"


def test_over_stays_in_the_script_and_out_leaves_it() -> None:
    hands = Hands(Go.INTO, Go.OVER, Go.OVER, Go.OUT, Go.OUT, Go.RUN)
    debugged(hands, Breakpoint("b/bill/sum", number=1))
    assert hands.places[:6] == [
        ("rule", "b/bill/sum", 0),
        ("line", "b/bill/sum", 1),
        ("line", "b/bill/sum", 2),
        ("line", "b/bill/sum", 3),
        ("condition", "b/bill/x", 0),
        ("turn", "b/bill", 0),
    ]


def test_debug_break_and_the_record_shown() -> None:
    hands = Hands()
    debugged(hands)
    assert [(stop.why, stop.at, stop.path, stop.line) for stop in hands.stops] == [
        ("break", "break", "b/bill/x", 1)
    ]
    hands = Hands(Go.OVER, Go.RUN)
    debugged(hands, record=3)
    assert [(stop.record, stop.path) for stop in hands.stops[:2]] == [(3, "b/bill"), (3, "b/bill/id")]


def test_nothing_that_a_watch_does_is_kept() -> None:
    hands = Hands(looking="WriteToOperationLog('seen'); $last = 99; total = 7; $last")
    lines: list[str] = []
    made = plan(RULES, SOURCE, TARGET)
    debugger = Debugger(hands, compiled(RULES), [Breakpoint("b/bill/sum"), Breakpoint("b/bill/x")])
    found = run(whole(made), GIVEN, "interpret", judge=debugger.judge(), log=lines.append)
    assert found == run(made, GIVEN)
    assert lines == []
    assert hands.watched[0] == "99"
    assert "last" not in dict(hands.stops[0].globals)


def test_a_rule_that_fails_is_a_place_too() -> None:
    hands = Hands()
    given = GIVEN.replace("<tax>1</tax>", "<tax>one</tax>")
    made = plan({**RULES, "b/bill/x": "'x'"}, SOURCE, TARGET)
    debugger = Debugger(hands, compiled(RULES), failures=True)
    found = run(whole(made), given, "interpret", judge=debugger.judge())
    assert found == run(made, given)
    assert [(stop.why, stop.path, stop.record) for stop in hands.stops] == [("failure", "b/bill/sum", 1)]
    assert "one" in hands.stops[0].message


def test_whoever_holds_the_run_can_end_it() -> None:
    class Ends(Hands):
        def __call__(self, stop: Stop, judge: DebuggingJudge) -> Go:
            raise Cancelled("Stopped.")

    with pytest.raises(Cancelled):
        debugged(Ends(), Breakpoint("b/bill/id"))


def measured(made: Plan, data: bytes) -> Counter[tuple[str, str]]:
    """How often the scripts of each node run."""
    timings = Timings(made)
    try:
        run(made, data, "interpret", judge=timing_judge(timings))
    except Exception:
        return Counter()
    return Counter({(timing.path, timing.kind): timing.count for timing in timings.found()})


def test_random_maps_give_the_same_and_every_rule_is_met(share: Callable[[int], int]) -> None:
    """A run held at every rule gives the bytes, failures and log of a plain one, and meets each as often as it runs."""
    met = 0
    for seed in range(share(1_500)):
        maker = Maker(seed)
        made, data = maker.made(), maker.document()
        bytes_given = data.encode("utf-8", "surrogatepass")
        plain = outcome(made, data, "interpret")
        counts = measured(made, bytes_given)
        points = [
            Breakpoint(target.path, At.RULE) for target in made.root.walk() if target.script is not None
        ]
        points += [Breakpoint(target.path, At.CONDITION) for target in made.root.walk()]
        hands = Hands()
        debugger = Debugger(hands, lambda _path, _script: "", points)
        lines: list[str] = []
        try:
            found: Any = (
                *run(whole(made), bytes_given, "interpret", judge=debugger.judge(), log=lines.append),
                lines,
            )
        except Exception as error:
            found = getattr(error, "message", str(error)), getattr(error, "path", None)
        assert found == plain, seed
        if not counts:
            continue
        held = Counter((stop.path, stop.at) for stop in hands.stops)
        values = {path: count for (path, at), count in held.items() if at == At.RULE}
        assert values == {path: count for (path, kind), count in counts.items() if kind == "value"}, seed
        met += sum(values.values())
    assert met > 50


def test_stepping_through_everything_changes_nothing(share: Callable[[int], int]) -> None:
    for seed in range(share(1_000)):
        maker = Maker(seed)
        made, data = maker.made(), maker.document()
        plain = outcome(made, data, "interpret")
        hands = Hands(*[Go.INTO] * 100_000)
        debugger = Debugger(hands, lambda _path, _script: "", go=Go.INTO)
        lines: list[str] = []
        try:
            given = io.BytesIO(data.encode("utf-8", "surrogatepass")).getvalue()
            found: Any = (
                *run(whole(made), given, "interpret", judge=debugger.judge(), log=lines.append),
                lines,
            )
        except Exception as error:
            found = getattr(error, "message", str(error)), getattr(error, "path", None)
        assert found == plain, seed
