"""Golden tests of a project: run, differ, updated; what they exercise; files that are wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import xlsxwriter
from lxml import etree

from studio.base.errors import BadInput
from studio.cli.main import run
from studio.engine.golden.coverage import Point
from studio.engine.golden.model import Outcome, State
from studio.engine.golden.report import line
from studio.engine.golden.running import Bench, run_test
from studio.project.lock import Lock

FILES = {
    "project.yaml": "weft: project/1\nname: P\nid: 12345678\nvariables: {who: us}\n",
    "schemas/in.yaml": "weft: schema/1\nkind: delimited\nrecords:\n  row:\n    fields:\n"
    "      id: {type: text}\n      qty: {type: decimal}\n      kind: {type: text}\n",
    "schemas/out.xsd": """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" elementFormDefault="qualified">
<xs:element name="out"><xs:complexType><xs:sequence>
 <xs:element name="made" type="xs:string"/>
 <xs:element name="o" minOccurs="0" maxOccurs="unbounded"><xs:complexType><xs:sequence>
  <xs:element name="id" type="xs:string"/><xs:element name="qty" type="xs:decimal" minOccurs="0"/>
  <xs:element name="size" type="xs:string" minOccurs="0"/><xs:element name="who" type="xs:string" minOccurs="0"/>
 </xs:sequence></xs:complexType></xs:element>
</xs:sequence></xs:complexType></xs:element></xs:schema>""",
    "transformations/t.yaml": """weft: transformation/1
name: T
source: {schema: schemas/in.yaml, root: row}
target: {schema: schemas/out.xsd, root: out}
map:
  out/made: FormatDate(Now(), "yyyy-mm-dd")
  out/o: {loop: row, when: "[kind] != 'skip'"}
  out/o/id: "[id]"
  out/o/qty: If([kind] == "bad", RaiseError("bad kind"), [qty])
  out/o/size: Case([qty] > 100, "large", [qty] > 10, "medium", true, "small")
  out/o/who: If([qty] > 5, $who)
""",
    "samples/in.csv": "id,qty,kind\na,1,x\nb,20,x\n",
    "tests/t/first.yaml": "weft: test/1\ninput: samples/in.csv\nexpected: tests/t/first.xml\nnow: 2026-03-01T12:00:00\n",
    "tests/t/first.xml": """<out><made>2026-03-01</made><o><id>a</id><qty>1</qty><size>small</size></o>
<o><id>b</id><qty>20</qty><size>medium</size><who>us</who></o></out>""",
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        write(tmp_path, name, text)
    return tmp_path


def write(folder: Path, name: str, text: str) -> None:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


def ran(folder: Path, text: str = "", ref: str = "t/first") -> Outcome:
    if text:
        write(folder, f"tests/{ref}.yaml", "weft: test/1\n" + text)
    return run_test(Bench(folder), ref)


def told(outcome: Outcome) -> list[str]:
    return [line(each) for each in outcome.differences]


BASE = "input: samples/in.csv\nexpected: tests/t/first.xml\n"


def test_a_test_passes(project: Path) -> None:
    outcome = ran(project)
    assert (outcome.state, outcome.differences, outcome.records) == (State.PASSED, (), 2)


def test_without_its_time_it_differs_by_the_day(project: Path) -> None:
    assert [text.partition(":")[0] for text in told(ran(project, BASE))] == ["out/made"]
    assert ran(project, BASE + "ignore: [out/made]\n").state is State.PASSED
    late = "tolerances:\n  out/made: {seconds: 999999999}\n"
    assert ran(project, BASE + late).state is State.PASSED


def test_variables_of_a_test_go_over_those_of_the_project(project: Path) -> None:
    text = BASE + "now: 2026-03-01T12:00:00+01:00\nvariables: {who: them}\n"
    assert told(ran(project, text)) == ["record 2, out/o[2]/who: expected us, found them"]


def test_failures_are_part_of_what_is_expected(project: Path) -> None:
    write(project, "samples/in.csv", "id,qty,kind\na,1,x\nb,20,x\nc,1,bad\n")
    now = BASE + "now: 2026-03-01\n"
    assert told(ran(project, now)) == ["record 3, out/o/qty: the record failed: bad kind"]
    assert (
        ran(project, now + "failures:\n  - {record: 3, path: out/o/qty, reason: bad}\n").state is State.PASSED
    )
    assert ran(project, now + "failures:\n  - {record: 3}\n").state is State.PASSED
    wrong = ran(project, now + "failures:\n  - {record: 2, reason: bad}\n")
    assert told(wrong) == [
        "record 2: expected the record to fail: bad",
        "record 3, out/o/qty: the record failed: bad kind",
    ]


def test_texts_in_the_test_itself(project: Path) -> None:
    text = 'input_text: "id,qty,kind\\nz,1,x\\n"\nexpected_text: "<out><made/><o><id>z</id><qty>1</qty><size>small</size></o></out>"\n'
    assert ran(project, text + "ignore: out/made\n").state is State.PASSED


@pytest.mark.parametrize(
    ("text", "line_", "said"),
    [
        ("input: samples/in.csv\nexpect: x\n", 3, "A test has no 'expect'."),
        ("expected: tests/t/first.xml\n", 1, "The test does not say what goes in."),
        (BASE + "input_text: x\n", 4, "A test has input or input_text, not both."),
        (BASE + "now: tomorrow\n", 4, "'tomorrow' is not a time."),
        (BASE + "ignore: [out//made]\n", 4, "'out//made' is not a path of the target document."),
        (BASE + "tolerances:\n  out/o/qty: {absolut: 1}\n", 5, "There is no tolerance called 'absolut'."),
        (BASE + "tolerances:\n  out/o/qty: {absolute: -1}\n", 5, "'-1' is not a number from 0."),
        (BASE + "tolerances:\n  out/o/qty: {order: some}\n", 5, "Write order: any, or leave it out."),
        (BASE + "failures:\n  - {row: 1}\n", 5, "A failure that is expected has no 'row'."),
        (BASE + "failures:\n  - {record: x}\n", 5, "record must be a whole number, not 'x'."),
        ("input: samples/gone.csv\n", None, "The test's input is missing. (samples/gone.csv)"),
        ("input: ../secret\n", None, "This path leads out of the project: ../secret"),
        ("input: [", 3, "This is not YAML"),
    ],
)
def test_a_wrong_test_is_told_with_its_place(project: Path, text: str, line_: int | None, said: str) -> None:
    outcome = ran(project, text)
    assert outcome.state is State.BROKEN
    problem = outcome.problem
    assert problem is not None
    assert problem.message.startswith(said)
    assert problem.line == line_
    assert problem.file in ("tests/t/first.yaml", "../secret")
    assert problem.mend


def test_a_test_of_no_map_and_one_of_a_map_that_cannot_run(project: Path) -> None:
    outcome = ran(project, BASE, "gone/first")
    assert outcome.problem is not None
    assert outcome.problem.message == "There is no transformation called gone."
    write(project, "transformations/t.yaml", FILES["transformations/t.yaml"].replace("[id]", "[idd]"))
    outcome = ran(project)
    assert outcome.state is State.BROKEN
    assert outcome.problem is not None
    assert outcome.problem.path == "out/o/id"
    write(project, "tests/alone.yaml", "weft: test/1\ninput: samples/in.csv\n")
    alone = run_test(Bench(project), "alone")
    assert alone.problem is not None
    assert alone.problem.message == "The test is not in the folder of a transformation."


def test_an_expected_document_that_is_broken(project: Path) -> None:
    write(project, "tests/t/first.xml", "<out>\n<made></out>")
    outcome = ran(project)
    assert outcome.problem is not None
    assert (outcome.problem.file, outcome.problem.line) == ("tests/t/first.xml", 2)


def test_coverage_says_what_no_test_went_through(project: Path) -> None:
    bench = Bench(project)
    run_test(bench, "t/first")
    coverage = bench.coverage["t"]
    assert coverage.counts() == {"rule": (6, 6), "condition": (1, 2), "branch": (5, 7), "node": (6, 6)}
    assert coverage.missing() == [
        Point("condition", "out/o", "does not hold: [kind] != 'skip'"),
        Point("branch", "out/o/qty", 'If [kind] == "bad"', 1),
        Point("branch", "out/o/size", "Case [qty] > 100", 1),
    ]
    write(project, "samples/more.csv", "id,qty,kind\nc,1000,x\nd,1,skip\ne,1,bad\n")
    more = "input: samples/more.csv\nignore: ['**']\nexpected_text: <out/>\nfailures: [{record: 3}]\n"
    write(project, "tests/t/more.yaml", "weft: test/1\n" + more)
    assert run_test(bench, "t/more").state is State.PASSED
    assert coverage.missing() == []


def test_a_record_that_fails_writes_no_nodes(project: Path) -> None:
    write(project, "samples/in.csv", "id,qty,kind\na,1,bad\n")
    bench = Bench(project)
    run_test(bench, "t/first")
    missing = {point.path for point in bench.coverage["t"].missing() if point.part == "node"}
    assert missing == {"out/o", "out/o/id", "out/o/qty", "out/o/size", "out/o/who"}


# The command


def test_the_command_prints_and_ends_by_what_it_found(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["test", str(project)]) == 0
    out, err = capsys.readouterr()
    assert out.startswith(
        "passed t/first\nt: rules 6/6, sides of conditions 1/2, branches 5/7, target nodes 6/6\n"
    )
    assert "  branch not taken: out/o/size Case [qty] > 100\n" in out
    assert err == "1 of 1 test passed.\n"
    write(project, "samples/in.csv", "id,qty,kind\na,1,x\nb,21,x\n")
    assert run(["test", str(project)]) == 1
    assert "differs t/first\n  record 2, out/o[2]/qty: expected 20, found 21\n" in capsys.readouterr().out
    write(project, "tests/t/second.yaml", "weft: test/1\n")
    assert run(["test", str(project), "--only", "t/first"]) == 1
    assert run(["test", str(project), "--only", "t"]) == 2
    capsys.readouterr()
    assert run(["test", str(project), "--only", "u"]) == 2
    assert "There is no test called u." in capsys.readouterr().err


def test_a_project_without_tests(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, "project.yaml", FILES["project.yaml"])
    assert run(["test", str(tmp_path)]) == 0
    assert "The project has no tests." in capsys.readouterr().err
    assert run(["test", str(tmp_path / "nowhere")]) == 2


def test_json_and_junit(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(project, "samples/in.csv", "id,qty,kind\na,1,x\nb\x07,20,x\n")
    write(project, "tests/t/second.yaml", "weft: test/1\n")
    file = project / "out.xml"
    assert run(["test", str(project), "--json", "--junit", str(file)]) == 2
    data = json.loads(capsys.readouterr().out)
    assert (data["passed"], data["differs"], data["broken"]) == (0, 1, 1)
    first, second = data["tests"]
    assert first["state"] == "differs"
    assert second["problem"]["line"] == 1
    assert data["coverage"]["total"]["rules"] == {"hit": 6, "of": 6}
    assert data["coverage"]["transformations"]["t"]["missing"][0]["part"] == "condition"
    root = etree.parse(file).getroot()
    assert dict(root.attrib) | {"time": ""} == {
        "name": "weft test",
        "tests": "2",
        "failures": "1",
        "errors": "1",
        "time": "",
    }
    assert root.xpath("testsuite/@name") == ["t"]
    assert root.xpath("//testcase[failure]/@name") == ["first"]
    assert "the record failed" in root.xpath("string(//failure)")
    assert root.xpath("//testcase[error]/@file") == ["tests/t/second.yaml"]


def test_update_takes_what_is_found(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(project, "samples/in.csv", "id,qty,kind\na,1,x\nb,21,x\nc,1,bad\n")
    write(
        project,
        "tests/t/new.yaml",
        "weft: test/1\nname: New\ninput: samples/in.csv\nnow: 2026-03-02\nfailures: [{record: 3}]\n",
    )
    inline = "weft: test/1\nname: Inline\ninput: samples/in.csv\nexpected_text: <out/>\nnow: 2026-03-02\n"
    write(project, "tests/t/inline.yaml", inline)
    assert run(["test", str(project), "--update"]) == 0
    out = capsys.readouterr().out
    assert (
        "updated t/first\n  record 3, out/o/qty: the record failed: bad kind\n  record 2, out/o[2]/qty: expected 20, found 21\n"
        in out
    )
    assert (project / "tests/t/new.xml").is_file()
    assert "expected: tests/t/new.xml\n" in (project / "tests/t/new.yaml").read_text()
    assert "  - {record: 3" not in (project / "tests/t/inline.yaml").read_text()
    assert "<made>2026-03-02</made>" in (project / "tests/t/inline.yaml").read_text()
    assert run(["test", str(project)]) == 0
    before = {file: file.read_bytes() for file in (project / "tests").rglob("*.*")}
    assert run(["test", str(project), "--update"]) == 0
    assert {file: file.read_bytes() for file in (project / "tests").rglob("*.*")} == before


def test_an_update_writes_all_or_nothing(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(project, "samples/in.csv", "id,qty,kind\na,2,x\n")
    write(project, "tests/t/other.yaml", FILES["tests/t/first.yaml"].replace("2026", "2027"))
    before = (project / "tests/t/first.xml").read_bytes()
    assert run(["test", str(project), "--update"]) == 2
    assert "Two tests expect this one file" in capsys.readouterr().err
    (project / "tests/t/other.yaml").unlink()
    held = Lock.take(project)
    try:
        assert run(["test", str(project), "--update"]) == 2
    finally:
        held.release()
    assert (project / "tests/t/first.xml").read_bytes() == before


def test_a_tolerated_difference_is_not_written(project: Path) -> None:
    write(project, "tests/t/first.yaml", "weft: test/1\n" + BASE + "ignore: [out/made]\n")
    before = (project / "tests/t/first.xml").read_bytes()
    assert run(["test", str(project), "--update"]) == 0
    assert (project / "tests/t/first.xml").read_bytes() == before


def test_the_samples_tests_pass_and_go_through_everything(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["new", str(tmp_path / "p"), "--sample", "orders"]) == 0
    capsys.readouterr()
    assert run(["test", str(tmp_path / "p"), "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert data["passed"] == 3
    assert [found["missing"] for found in data["coverage"]["transformations"].values()] == [[], [], []]


def test_a_text_that_cannot_be_read_raises_nothing_else(project: Path) -> None:
    with pytest.raises(BadInput):
        Bench(project).plan("gone")


FIXED = """weft: schema/1
kind: fixed
records:
  row:
    fields:
      id: {type: text, width: 4}
      qty: {type: integer, width: 5}
"""


def test_formats_without_a_text_of_their_own(project: Path) -> None:
    """Fixed-width lines and workbooks are compared as a run reads them."""
    write(project, "schemas/flat.yaml", FIXED)
    workbook = xlsxwriter.Workbook(project / "schemas" / "book.xlsx")
    sheet = workbook.add_worksheet("row")
    for number, cells in enumerate((("id", "qty"), ("x", 1))):
        sheet.write_row(number, 0, cells)
    workbook.close()
    for name, schema in (("flat", "schemas/flat.yaml"), ("book", "schemas/book.xlsx")):
        root = "row"
        write(
            project,
            f"transformations/{name}.yaml",
            f"weft: transformation/1\nname: N\nsource: {{schema: schemas/in.yaml, root: row}}\n"
            f"target: {{schema: {schema}, root: {root}}}\nmap:\n"
            f'  {root}: {{loop: row}}\n  {root}/id: "[id]"\n  {root}/qty: "[qty]"\n',
        )
        write(project, f"tests/{name}/one.yaml", "weft: test/1\nname: One\ninput: samples/in.csv\n")
        assert run(["test", str(project), "--only", name, "--update"]) == 0
        assert ran(project, ref=f"{name}/one").state is State.PASSED
        write(project, "samples/in.csv", "id,qty,kind\na,1,x\nb,21,x\n")
        assert [text.partition(":")[2] for text in told(ran(project, ref=f"{name}/one"))] == [
            " expected 20, found 21"
        ]
        write(project, "samples/in.csv", FILES["samples/in.csv"])
