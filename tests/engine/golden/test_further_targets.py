"""Golden tests of a map with further targets: each is compared, and what is found of each becomes what is expected."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.agent.golden import run_golden
from studio.engine.golden.model import Outcome, State
from studio.engine.golden.report import line
from studio.engine.golden.running import Bench, run_test
from studio.engine.golden.update import update
from studio.project.folder import load_transformation

_RECORDS = "weft: schema/1\nkind: delimited\nrecords:\n  row:\n    fields:\n      id: {type: text}\n      qty: {type: decimal}\n"
_LOG = """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="log"><xs:complexType><xs:sequence>
<xs:element name="made" type="xs:string"/><xs:element name="entry" minOccurs="0" maxOccurs="unbounded"><xs:complexType><xs:sequence>
<xs:element name="n" type="xs:decimal"/></xs:sequence></xs:complexType></xs:element></xs:sequence></xs:complexType></xs:element></xs:schema>"""
FILES = {
    "project.yaml": "weft: project/1\nname: P\nid: 12345678\n",
    "schemas/rows.yaml": _RECORDS,
    "schemas/log.xsd": _LOG,
    "transformations/t.yaml": """weft: transformation/1
name: T
source: {schema: schemas/rows.yaml, root: row}
target: {schema: schemas/rows.yaml, root: row}
targets:
  audit: {schema: schemas/log.xsd, root: log}
  copy: {schema: schemas/rows.yaml, root: row}
map:
  row: {loop: row}
  row/id: "[id]"
  audit::log/made: Now()
  audit::log/entry: {loop: row}
  audit::log/entry/n: "[qty]"
  copy::row: {loop: row, when: "[qty] > 1"}
  copy::row/id: "[id]"
""",
    "samples/in.csv": "id,qty\na,1\nb,20\n",
    "tests/t/one.yaml": """weft: test/1
input: samples/in.csv
expected: tests/t/one.csv
outputs: {audit: tests/t/audit.xml, copy: tests/t/copy.csv}
ignore: ["audit::log/made"]
tolerances:
  audit::log/entry/n: {absolute: 0.5}
  row/id: {whitespace: any}
""",
    "tests/t/one.csv": "id,qty\na,\nb,\n",
    "tests/t/audit.xml": "<log><made>then</made><entry><n>1.5</n></entry><entry><n>20</n></entry></log>",
    "tests/t/copy.csv": "id,qty\nb,\n",
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        write(tmp_path, name, text)
    return tmp_path


def write(folder: Path, name: str, text: str) -> None:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")


def ran(folder: Path) -> Outcome:
    return run_test(Bench(folder), "t/one")


def told(outcome: Outcome) -> list[tuple[str, int | None, str | None, str | None]]:
    return [(each.path, each.record, each.expected, each.found) for each in outcome.differences]


def test_every_target_is_compared_under_its_own_tolerances(project: Path) -> None:
    assert (ran(project).state, ran(project).differences) == (State.PASSED, ())
    write(project, "tests/t/audit.xml", FILES["tests/t/audit.xml"].replace(">20<", ">21<"))
    write(project, "tests/t/copy.csv", "id,qty\nb ,\n")
    assert told(ran(project)) == [
        ("audit::log/entry[2]/n", 2, "21", "20"),
        ("copy::row/id", 1, "b ", "b"),
    ]
    assert "audit::log/entry[2]/n" in line(ran(project).differences[0])


def test_what_is_found_of_each_becomes_what_is_expected(project: Path) -> None:
    write(project, "tests/t/audit.xml", "<log/>")
    text = FILES["tests/t/one.yaml"].replace(", copy: tests/t/copy.csv", "")
    write(project, "tests/t/one.yaml", text)
    outcome = ran(project)
    assert outcome.state is State.DIFFERS
    # Nothing is expected of one of them yet, which is no reason to pass it over.
    assert ("copy::", None, None, None) in told(outcome)
    bench = Bench(project)
    assert [each.state for each in update(bench, [run_test(bench, "t/one")])] == [State.UPDATED]
    assert (project / "tests/t/one.copy.csv").read_text() == "id,qty\nb,\n"
    assert "copy: tests/t/one.copy.csv" in (project / "tests/t/one.yaml").read_text()
    assert (project / "tests/t/one.csv").read_text() == FILES["tests/t/one.csv"]
    assert ran(project).state is State.PASSED


def test_the_window_takes_the_results_of_all_targets(project: Path) -> None:
    """As the Tests panel asks for it: unsaved text of tests, documents written, the rule behind each difference."""
    write(project, "tests/t/copy.csv", "id,qty\nx,\n")
    made = load_transformation(project / "transformations/t.yaml")
    texts = {"t/one": FILES["tests/t/one.yaml"]}
    first = run_golden(project, "t", made, texts)
    assert [(each["path"], each["rule"]) for each in first["tests"][0]["differences"]] == [
        ("copy::row/id", "copy::row/id")
    ]
    assert run_golden(project, "t", made, texts, take=True)["tests"][0]["state"] == "updated"
    assert (project / "tests/t/copy.csv").read_text() == "id,qty\nb,\n"


def test_a_target_the_map_lacks_is_told(project: Path) -> None:
    write(project, "tests/t/one.yaml", FILES["tests/t/one.yaml"].replace("copy:", "other:"))
    outcome = ran(project)
    assert outcome.state is State.BROKEN
    assert outcome.problem is not None
    assert "no further target other" in outcome.problem.message
