"""What rules take: counted in the judge and in generated code, and nothing of it where nobody asks."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest

from studio.engine import rows as rows_engine
from studio.engine.plan import Plan
from studio.engine.run import transform
from studio.engine.timings import Timings, timing_judge
from tests.engine.build import plan, rows, xml

SOURCE = xml({"o": {"order*": {"@id": "text", "v": "integer", "line*": {"n": "integer"}}}})
TARGET = xml(
    {"b": {"day": "text", "bill*": {"id": "text", "v?": "decimal", "row*": {"n": "integer"}, "x?": "text"}}}
)
RULES: dict[str, Any] = {
    "b/day": "'mon'",
    "b/bill": {"loop": "o/order", "when": "[v] != 7"},
    "b/bill/id": "[@id]",
    "b/bill/v": "12 / [v]",
    "b/bill/row": {"loop": "line[[n] > 1]", "when": "[n] < 9"},
    "b/bill/row/n": "[n] + 1",
    "b/bill/x": {"when": "[v] == 1", "script": "'one'"},
}
GIVEN = (
    "<o>" + "<order id='a'><v>1</v><line><n>1</n></line><line><n>2</n></line><line><n>9</n></line></order>" * 3
    + "<order id='b'><v>7</v></order><order id='c'><v>0</v></order><order id='d'><v>2</v></order></o>"
)  # fmt: skip


def measured(made: Plan, given: str, engine: str) -> tuple[str, dict[tuple[str, str], int], str]:
    """The output, how often each script ran, and the engine."""
    timings, out = Timings(made), io.BytesIO()
    failures: list[Any] = []
    stats = transform(
        made,
        io.BytesIO(given.encode()),
        out,
        engine=engine,
        failures=failures.append,
        judge=timing_judge(timings),
    )
    found = timings.found()
    assert all(timing.seconds > 0 for timing in found)
    assert [timing.seconds for timing in found] == sorted((timing.seconds for timing in found), reverse=True)
    return (
        out.getvalue().decode(),
        {(timing.path, timing.kind): timing.count for timing in found},
        stats.engine,
    )


def test_how_often_each_rule_ran() -> None:
    """The counts follow from the document, by the judge and by generated code, which leaves a failing record to the judge."""
    made = plan(RULES, SOURCE, TARGET)
    judged, counts, engine = measured(made, GIVEN, "interpret")
    assert engine == "interpret"
    assert counts == {
        ("b/day", "value"): 1, ("b/bill", "loop"): 6, ("b/bill/id", "value"): 5, ("b/bill/v", "value"): 5,
        ("b/bill/row", "loop"): 6, ("b/bill/row/n", "value"): 3, ("b/bill/x", "when"): 4, ("b/bill/x", "value"): 3,
    }  # fmt: skip
    generated, again, engine = measured(made, GIVEN, "rows")
    assert (generated, engine) == (judged, "rows")
    assert again == counts


def test_rows_by_the_hundred_are_measured_too() -> None:
    made = plan(
        {"b/bill": {"loop": "row"}, "b/bill/id": "[k]", "b/bill/v": "1 / [v]"},
        rows({"k": "text", "v": "integer"}),
        TARGET,
    )
    given = "k,v\n" + "a,2\n" * 700
    text, counts, engine = measured(made, given, "auto")
    assert engine == "rows"
    assert counts == {("b/bill/id", "value"): 700, ("b/bill/v", "value"): 700}
    plain = io.BytesIO()
    transform(made, io.BytesIO(given.encode()), plain, failures=[].append)
    assert plain.getvalue().decode() == text


def test_nothing_is_measured_where_nobody_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    """The generated code is the same as ever."""
    made = plan(RULES, SOURCE, TARGET)
    sources: list[str] = []
    built = rows_engine._built

    def noting(source: str, *more: Any) -> Any:
        sources.append(source)
        return built(source, *more)

    monkeypatch.setattr(rows_engine, "_built", noting)
    transform(made, io.BytesIO(GIVEN.encode()), io.BytesIO(), engine="rows", failures=[].append)
    measured(made, GIVEN, "rows")
    plain, watched = ([line.strip() for line in source.splitlines()] for source in sources)
    clocks = [line for line in watched if re.match(r"s_\d+ = ", line)]
    assert len(clocks) == 7
    assert not [line for line in plain if re.match(r"s_\d+ = ", line)]
    assert len(watched) <= len(plain) + 3 * len(clocks)
