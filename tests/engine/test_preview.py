"""Preview, trace and explanation: one record as evidence, where values come from, the plan as text."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from studio.base.errors import BadInput
from studio.engine.compile import compile_plan
from studio.engine.explain import explain
from studio.engine.preview import Previews
from studio.mapping.evidence import LoopCount, RuleProblem, Seen
from studio.schema.read import read_schema
from tests.engine.build import json_items, plan, rows, run, xml
from tests.engine.open_maps import open_map
from tests.ui.open_project import write_open

SOURCE = xml(
    {"r": {"@day": "text", "i*": {"@id": "text", "v?": "decimal", "l*": {"n": "integer", "t?": "text"}}}},
    "urn:s",
)
TARGET = xml(
    {
        "o": {
            "day?": "text",
            "row*": {"@id": "text", "twice?": "decimal", "in*": {"n?": "text"}, "sum?": "text"},
        }
    }
)
RULES = {
    "o/day": "[r/@day]",
    "o/row": {"loop": "r/i", "when": "[@id] != 'c'"},
    "o/row/@id": "[@id]",
    "o/row/twice": "[v] * 2",
    "o/row/in": {"loop": "l", "when": "[n] > 1"},
    "o/row/in/n": "[n] + [t]",
    "o/row/sum": "Sum([l/n])",
}
DATA = """<r xmlns="urn:s" day="mon"><i id="a"><v>1.5</v><l><n>1</n></l><l><n>2</n><t>x</t></l></i><i id="b"><v>bad</v></i>
<i id="c"><l><n>7</n></l></i></r>"""


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    """The sample as a file."""
    (tmp_path / "s.xml").write_text(DATA)
    return tmp_path / "s.xml"


@pytest.mark.parametrize("path", ["r/j", "nowhere/i", "r/[", "r/i[[nothing] == 1]"])
def test_a_loop_that_leads_nowhere_is_one_problem(path: str, sample: Path) -> None:
    rules = RULES | {"o/row": {"loop": path, "when": "[@id] != 'c'"}}
    made = plan(rules, SOURCE, TARGET)
    assert [problem.path for problem in made.errors] == ["o/row"]
    assert made.errors[0].message.startswith(f"The loop cannot read {path}: ")
    found = Previews().evidence(made, sample, 2)
    assert found.problems == (RuleProblem("o/row", made.errors[0].message),)
    assert found.target == {"o": Seen(""), "o/day": Seen("mon")}
    assert found.loops["o/row"] == LoopCount(0, 0)
    with pytest.raises(BadInput, match="The loop cannot read") as caught:
        run(made, DATA)
    assert caught.value.path == "o/row"


def test_an_absolute_path_below_a_lost_loop_is_still_read(sample: Path) -> None:
    rules = {
        "o/row": {"loop": "nowhere"},
        "o/row/@id": "[/r/@day]",
        "o/row/in": {"loop": "l"},
        "o/row/in/n": "[n]",
    }
    made = plan(rules, SOURCE, TARGET)
    assert [problem.path for problem in made.problems] == ["o/row"]
    assert made.root.children[0].children[0].children[0].script.reads[0][1].address == "r/@day"  # type: ignore[union-attr]
    assert Previews().evidence(made, sample, 1).records == 1


def test_evidence_of_a_record(sample: Path) -> None:
    found = Previews().evidence(plan(RULES, SOURCE, TARGET), sample, 1)
    assert (found.record, found.records, found.problems) == (1, 3, ())
    assert found.source == {
        "r": Seen("", 1), "r/@day": Seen("mon"), "r/i": Seen("", 1), "r/i/@id": Seen("a"), "r/i/v": Seen("1.5"),
        "r/i/l": Seen("", 2), "r/i/l/n": Seen("2", 2), "r/i/l/t": Seen("x"),  # the loop inside leaves the first one out
    }  # fmt: skip
    assert found.target == {
        "o": Seen(""), "o/day": Seen("mon"), "o/row": Seen(""), "o/row/@id": Seen("a"), "o/row/twice": Seen("3"),
        "o/row/in": Seen(""), "o/row/in/n": Seen("2x"), "o/row/sum": Seen("3"),
    }  # fmt: skip
    assert found.loops == {"o/row": LoopCount(3, 2), "o/row/in": LoopCount(2, 1)}
    assert found.document.split() == (
        ["<row", 'id="a">', "<twice>3</twice>", "<in>", "<n>2x</n>", "</in>", "<sum>3</sum>", "</row>"]
    )
    assert found.milliseconds > 0


def test_rules_that_fail_and_records_left_out(sample: Path) -> None:
    previews = Previews()
    made = plan(RULES, SOURCE, TARGET)
    found = previews.evidence(made, sample, 2)
    (problem,) = found.problems
    assert problem.path == "o/row/twice"
    assert "o/row/twice" not in found.target
    assert found.target["o/row/@id"] == Seen("b")
    left_out = previews.evidence(made, sample, 3)
    assert (left_out.record, left_out.document, "o/row" in left_out.target) == (3, "", False)
    assert previews.evidence(made, sample, 99).record == 3
    assert previews.evidence(made, sample, 0).record == 1


def test_broken_rules_do_not_hide_the_others(sample: Path) -> None:
    made = plan({**RULES, "o/row/twice": "[w] * 2", "o/row/sum": "Rund([v])"}, SOURCE, TARGET)
    assert len(made.errors) == 2
    found = Previews().evidence(made, sample, 1)
    assert {problem.path for problem in found.problems} == {"o/row/twice", "o/row/sum"}
    assert all(isinstance(problem, RuleProblem) and problem.message for problem in found.problems)
    assert found.target["o/row/@id"] == Seen("a")


def test_the_sample_is_parsed_once_and_loops_are_counted_once(sample: Path) -> None:
    previews = Previews()
    first = previews.evidence(plan(RULES, SOURCE, TARGET), sample, 1)
    documents = dict(previews._samples)
    edited = plan({**RULES, "o/row/sum": "'other'"}, SOURCE, TARGET)
    assert previews.evidence(edited, sample, 1).target["o/row/sum"] == Seen("other")
    assert previews._samples == documents
    assert len(previews._counts) == 1
    looped = plan({**RULES, "o/row/in": {"loop": "l"}}, SOURCE, TARGET)
    assert previews.evidence(looped, sample, 1).loops["o/row/in"] == LoopCount(2, 2)
    assert first.loops["o/row/in"] == LoopCount(2, 1)
    sample.write_text(DATA.replace("mon", "tue"))
    assert previews.evidence(edited, sample, 1).target["o/day"] == Seen("tue")


def test_evidence_equals_the_run(sample: Path) -> None:
    made = plan({key: value for key, value in RULES.items() if key != "o/row/twice"}, SOURCE, TARGET)
    text = run(made, DATA)[0]
    previews = Previews()
    shown = [previews.evidence(made, sample, number).document for number in (1, 2, 3)]
    assert "".join(shown) in text


def test_other_formats_and_maps_without_records(tmp_path: Path) -> None:
    (tmp_path / "s.csv").write_text("a,b\n1,x\n,y\n")
    made = plan(
        {"o/row": {"loop": "row"}, "o/row/@id": "[b]", "o/row/sum": "[a]"},
        rows({"a": "integer", "b": "text"}),
        TARGET,
    )
    found = Previews().evidence(made, tmp_path / "s.csv", 2)
    assert (found.records, found.source["row/b"], found.target["o/row/@id"]) == (2, Seen("y"), Seen("y"))
    (tmp_path / "s.json").write_text('[{"a": {"b": "1"}, "c": [1, 2]}]')
    made = plan(
        {"o/row": {"loop": "item"}, "o/row/@id": "[a/b]"},
        json_items({"a": {"b": "text"}, "c*": "integer"}),
        TARGET,
    )
    found = Previews().evidence(made, tmp_path / "s.json", 1)
    assert found.source["item/c"] == Seen("1", 2)
    made = plan({"o/day": "Count([item])"}, json_items({"a": "text"}), TARGET)
    found = Previews().evidence(made, tmp_path / "s.json", 1)
    assert (found.record, found.records, found.target["o/day"]) == (1, 1, Seen("1"))
    assert "<day>1</day>" in found.document


def test_a_broken_sample(tmp_path: Path) -> None:
    (tmp_path / "s.xml").write_text("<r><i></r>")
    with pytest.raises(BadInput, match="broken"):
        Previews().evidence(plan(RULES, SOURCE, TARGET), tmp_path / "s.xml", 1)


def test_a_large_sample_is_read_in_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("studio.engine.preview.LARGE", 1000)
    monkeypatch.setattr("studio.engine.preview._RECORDS", 5)
    (tmp_path / "s.xml").write_text('<r xmlns="urn:s">' + '<i id="a"><v>1</v></i>' * 100 + "</r>")
    found = Previews().evidence(plan(RULES, SOURCE, TARGET), tmp_path / "s.xml", 5)
    assert (found.records, found.target["o/row/twice"]) == (5, Seen("2"))


def test_explanations() -> None:
    text = explain(plan(RULES, SOURCE, TARGET))
    assert "o/row" in text
    assert "[v] * 2" in text
    assert "Engine: rows" in text
    assert "v  decimal" in text
    sorted_ = explain(plan({**RULES, "o/row": {"loop": "r/i", "sort": [{"by": "[v]"}]}}, SOURCE, TARGET))
    assert "on disk beyond" in sorted_
    given = {**RULES, "o/row": {"loop": "r/i", "last": 2}, "o/row/@id": "[@id] + CountSourceRecords()"}
    assert "held in memory" in explain(plan(given, SOURCE, TARGET))
    assert "sorted by [v]" in sorted_
    twice = explain(plan({**RULES, "o/day": "Sum([r/i/v])"}, SOURCE, TARGET))
    assert "read twice: r/i/v is read outside its record" in twice
    globals_ = explain(plan({**RULES, "o/row/sum": "$n = 1"}, SOURCE, TARGET))
    assert "interpret, because scripts change what other rules read" in globals_
    assert "no wrong in" in explain(plan({"o/day": "[r/wrong]"}, SOURCE, TARGET))


def test_kinds_picked_or_read_are_told_apart(tmp_path: Path) -> None:
    """Each has its own values, counted where no loop visits the rows; all together are what the node itself shows."""
    folder = write_open(tmp_path)
    schema = read_schema(folder / "schemas/in.xsd")
    sample = tmp_path / "in.xml"
    kinds = ["Person", "q:Company", "Company"]
    party = "".join(
        f'<row><party xsi:type="{kind}"><name>{kind}</name><tax>{at}</tax></party></row>'
        for at, kind in enumerate(kinds)
    )
    sample.write_text(
        f'<in xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:q="urn:q">{party}</in>'
    )
    given = open_map({"out/tax": "[/in/row[1]/party~Company/tax]"}, roots=("in", ""))
    given = replace(given, picks={"source": ("in/row/party~Person",)})
    made = compile_plan(given, schema, xml({"out": {"tax?": "text"}}))
    assert set(made.kinds) == {"in/row/party~Company", "in/row/party~Person"}
    found = Previews().evidence(made, sample, 1).source
    assert found["in/row/party"].count == 3
    assert found["in/row/party~Company"].count == 2
    # The first row holds none, and rows beside it are only counted: nothing of two rows stands side by side.
    assert found["in/row/party~Company/tax"] == Seen("", 2)
    assert found["in/row/party~Person/name"] == Seen("Person", 1)
    assert "in/row/party~Person/born" not in found


def test_members_picked_are_told_apart(shared: Path, tmp_path: Path) -> None:
    schema = read_schema(shared / "corpora/xsd/bpmn-2.0/BPMN20.xsd")
    sample = tmp_path / "p.bpmn"
    sample.write_text(
        '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="urn:p"><process id="p">'
        '<task id="a" name="Pack"/><startEvent id="s"/><task id="b"/></process></definitions>'
    )
    task = "definitions/rootElement~process/flowElement~task"
    given = open_map({"out/n": "'x'"}, roots=("definitions", ""))
    given = replace(given, picks={"source": ("definitions/rootElement~process", task)})
    made = compile_plan(given, schema, xml({"out": {"n": "text"}}))
    found = Previews().evidence(made, sample, 1).source
    assert found[f"{task}/@id"] == Seen("a", 2)
    assert found[f"{task}/@name"] == Seen("Pack", 1)
    assert not any("~startEvent" in path for path in found)
