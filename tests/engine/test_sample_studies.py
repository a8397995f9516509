"""What the records of a sample show of a map: what they try, which fail, which hold a value, where values come from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from studio.base.progress import Progress
from studio.engine.preview import Previews
from studio.engine.provenance import Provenance
from studio.engine.run import transform
from studio.engine.sample_coverage import Tried, try_sample
from studio.engine.sample_records import OneByOne, failing, failing_in_run, holding, runs_alike
from tests.engine.build import plan, run, xml

SOURCE = xml({"o": {"@day": "text", "order*": {"@id": "text", "v?": "decimal", "line*": {"n": "integer"}}}})
TARGET = xml(
    {"b": {"day?": "text", "bill*": {"id": "text", "v?": "decimal", "row*": {"n": "integer"}, "s?": "text"}}}
)
RULES: dict[str, Any] = {
    "b/day": "[o/@day]",
    "b/bill": {"loop": "o/order", "when": "[@id] != 'never'"},
    "b/bill/id": "[@id]",
    "b/bill/v": {"when": "Length([v]) > 0", "script": "10 / [v]"},
    "b/bill/row": {"loop": "line[[n] > 1]"},
    "b/bill/row/n": "If([n] > 99, 0, [n])",
    "b/bill/s": "Sum([line/n])\n + [/o/@day]",
}
GIVEN = (
    '<o day="mon"><order id="a"><v>2</v><line><n>1</n></line><line><n>2</n></line></order>'
    '<order id="b"><v>two</v></order><order id="c"><v>4</v><line><n>7</n></line></order></o>'
)


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    file = tmp_path / "s.xml"
    file.write_text(GIVEN)
    return file


def test_what_was_never_seen_is_said_at_its_node(sample: Path, tmp_path: Path) -> None:
    made = plan({**RULES, "b/day": "Null()"}, SOURCE, TARGET)
    tried = Tried()
    told: list[int] = []
    try_sample(made, sample, tmp_path / "out", tried, told.append)
    assert (tried.records, tried.failed) == (3, 1)
    assert tried.sentences(made) == {
        "b/day": ["Never had a value."],
        "b/bill": ["In no record the condition does not hold: [@id] != 'never'."],
        "b/bill/v": ["In no record the condition does not hold: Length([v]) > 0."],
        "b/bill/row/n": ["The branch was never taken: If [n] > 99."],
    }


@pytest.mark.parametrize("branch", ["[n] > 1", "[n] > 99"])
def test_what_is_tried_is_told_meanwhile_and_once_all_is_the_rest_is_only_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, branch: str
) -> None:
    rules = {"b/bill": {"loop": "o/order"}, "b/bill/id": "[@id]", "b/bill/v": "10 / [v]"}
    rules |= {"b/bill/row": {"loop": "line"}, "b/bill/row/n": f"If({branch}, 0, [n])"}
    order = '<order id="{n}"><v>{n}</v><line><n>1</n></line><line><n>2</n></line></order>'
    sample = tmp_path / "s.xml"
    sample.write_text(f"<o>{''.join(order.format(n=n % 50) for n in range(100))}</o>")
    engines: list[str] = []

    def noting(*given: Any, **how: Any) -> Any:
        engines.append(how["engine"])
        return transform(*given, **how)

    monkeypatch.setattr("studio.engine.sample_coverage.transform", noting)
    found: list[Tried] = []
    for every in (1e9, 0.0):
        monkeypatch.setattr("studio.engine.sample_coverage._EVERY", every)
        tried, told = Tried(), []
        made = plan(rules, SOURCE, TARGET)

        def so_far(record: int, tried: Tried = tried, told: list[Any] = told) -> None:
            told.append((record, len(tried.coverage.hit)))

        try_sample(made, sample, tmp_path / "out", tried, so_far)
        found.append(tried)
    assert (found[0].records, found[0].failed) == (found[1].records, found[1].failed) == (100, 2)
    assert found[0].coverage == found[1].coverage
    assert found[0].sentences(made) == found[1].sentences(made)
    whole = branch == "[n] > 1"
    assert engines == ["interpret", "interpret", *(["auto"] if whole else [])]
    assert found[0].everything == whole
    assert len(told) < 10 if whole else len(told) >= 99
    assert told == sorted(told)


def test_the_records_that_fail_are_those_of_a_run(sample: Path) -> None:
    made = plan(RULES, SOURCE, TARGET)
    judge = Previews().focused(made, sample, None, None, OneByOne)
    found = list(failing(judge))
    assert found == [(1, 3, False), (2, 3, True), (3, 3, False)]
    assert {record for record, _path, _reason in run(made, GIVEN)[1]} == {2}


def test_a_run_finds_the_same_records_as_the_judge(tmp_path: Path) -> None:
    values = ["2", "two", "", "4", "0", "x", "9", "never", "7", "-"]
    orders = "".join(
        f'<order id="{v if v == "never" else n}"><v>{v}</v></order>' for n, v in enumerate(values * 40)
    )
    sample = tmp_path / "s.xml"
    sample.write_text(f'<o day="mon">{orders}</o>')
    made = plan(RULES, SOURCE, TARGET)
    assert runs_alike(made)
    judge = Previews().focused(made, sample, None, None, OneByOne)
    wanted = [number for number, _of, fails in failing(judge) if fails]
    told: list[int] = []
    assert failing_in_run(made, sample, {}, told.append, Progress()) == 400
    assert told == wanted
    assert len(wanted) == 160


@pytest.mark.parametrize(
    "loop", [{"sort": [{"by": "[@id]"}]}, {"group": {"by": ["[v]"]}}, {"first": 2}, {"last": 1}]
)
def test_where_records_are_numbered_otherwise_no_run_looks_for_them(loop: dict[str, Any]) -> None:
    assert not runs_alike(plan({**RULES, "b/bill": {"loop": "o/order", **loop}}, SOURCE, TARGET))


@pytest.mark.parametrize(
    ("path", "text", "records"),
    [("", "", [1, 2, 3]), ("o/order/v", "", [1, 2, 3]), ("o/order/line/n", "7", [3]), ("o/order/@id", "B", [2]),
     ("o/order/line", "7", []), ("", "two", [2]), ("o/order/line/n", "", [1, 3])],
)  # fmt: skip
def test_records_that_hold_a_value(path: str, text: str, records: list[int], sample: Path) -> None:
    judge = Previews().focused(plan(RULES, SOURCE, TARGET), sample, None, None, OneByOne)
    assert [number for number, _of, found in holding(judge, path, text) if found] == records


def test_where_the_values_of_a_record_come_from(sample: Path) -> None:
    judge = Previews().focused(plan(RULES, SOURCE, TARGET), sample, None, None, Provenance)
    values = {each.path: each for each in judge.values_of(1)}
    assert list(values) == ["b/day", "b/bill/id", "b/bill/v", "b/bill/row/n", "b/bill/s"]
    assert [(each.path, each.read, each.script) for each in values["b/bill/v"].sources] == [
        ("o/order[1]/v", "[v]", "Length([v]) > 0"),
        ("o/order[1]/v", "[v]", ""),
    ]
    row = values["b/bill/row/n"]
    assert [(turn.path, turn.number, turn.nodes) for turn in row.turns] == [
        ("b/bill", 1, ("o/order[1]",)),
        ("b/bill/row", 1, ("o/order[1]/line[2]",)),
    ]
    assert [(each.path, each.line) for each in values["b/bill/s"].sources] == [
        ("o/order[1]/line[1]/n", 1),
        ("o/order[1]/line[2]/n", 1),
        ("o/@day", 2),
    ]
    failed = {each.path: each for each in judge.values_of(2)}["b/bill/v"]
    assert "two" in failed.problem
    assert failed.value is None
