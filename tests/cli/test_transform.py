"""weft transform: output, exit codes, failures, statistics, explanations and traces."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from studio.base.paths import resource
from studio.cli.main import run

ORDERS = """<?xml version="1.0"?>
<orders><order id="1"><qty>2</qty><price>1.50</price></order><order id="2"><qty>0</qty><price>7</price></order>
<order id="3"><qty>4</qty><price>abc</price></order></orders>
"""
ORDERS_XSD = """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="orders"><xs:complexType><xs:sequence>
<xs:element name="order" minOccurs="0" maxOccurs="unbounded"><xs:complexType><xs:sequence>
<xs:element name="qty" type="xs:integer"/><xs:element name="price" type="xs:decimal"/></xs:sequence>
<xs:attribute name="id" use="required"/></xs:complexType></xs:element></xs:sequence></xs:complexType></xs:element></xs:schema>
"""
BILLS_XSD = """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="bills"><xs:complexType><xs:sequence>
<xs:element name="bill" minOccurs="0" maxOccurs="unbounded"><xs:complexType><xs:sequence>
<xs:element name="kind" type="xs:string" minOccurs="0"/><xs:element name="total" type="xs:decimal"/></xs:sequence>
<xs:attribute name="no" use="required"/></xs:complexType></xs:element></xs:sequence></xs:complexType></xs:element></xs:schema>
"""
MAP = """weft: transformation/1
name: Orders to bills
source: {schema: schemas/orders.xsd, root: orders}
target: {schema: schemas/bills.xsd, root: bills}
map:
  bills/bill: {loop: orders/order, when: "[qty] > 0"}
  bills/bill/@no: "[@id]"
  bills/bill/kind: "TableLookup('kinds', [@id], 'word', $standard)"
  bills/bill/total: "[qty] * [price]"
"""
BILLS = """<?xml version="1.0" encoding="UTF-8"?>
<bills>
  <bill no="1">
    <kind>first</kind>
    <total>3</total>
  </bill>
</bills>
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with one transformation."""
    for name, text in {
        "project.yaml": "weft: project/1\nname: Bills\nid: 6f1a3c1e\nvariables: {standard: other}\n",
        "schemas/orders.xsd": ORDERS_XSD,
        "schemas/bills.xsd": BILLS_XSD,
        "transformations/bills.yaml": MAP,
        "tables/kinds.csv": "key,word\n1,first\n",
        "orders.xml": ORDERS,
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    returncode: int
    stdout: str
    stderr: str


Weft = Callable[..., Done]


@pytest.fixture
def weft(project: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Weft:
    """The command, run in the project's folder."""
    monkeypatch.chdir(project)

    def call(*arguments: str, stdin: str | None = None) -> Done:
        if stdin is not None:
            monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode())))
        code = run(["transform", *arguments])
        out, err = capfd.readouterr()
        return Done(code, out, err)

    return call


@pytest.mark.parametrize("engine", ["auto", "interpret", "rows"])
def test_a_run_with_a_failing_record(project: Path, weft: Weft, engine: str) -> None:
    done = weft("transformations/bills.yaml", "orders.xml", "-o", "out.xml", "--stats", "--engine", engine)
    assert done.returncode == 1
    assert (project / "out.xml").read_text() == BILLS
    found = json.loads(done.stderr)
    assert {key: found[key] for key in ("records_in", "records_out", "failed", "filtered")} == {
        "records_in": 3, "records_out": 1, "failed": 1, "filtered": 1,
    }  # fmt: skip
    assert set(found) >= {
        "records_in", "records_out", "failed", "filtered", "nulled", "seconds", "mb_in", "peak_mb", "engine"
    }  # fmt: skip
    assert found["engine"] == ("interpret" if engine == "interpret" else "rows")
    assert (project / "out.xml.failures.csv").read_text().splitlines()[1].startswith("3,bills/bill/total,")


def test_standard_input_and_output(project: Path, weft: Weft) -> None:
    done = weft("transformations/bills.yaml", "-", "-o", "-", "--failures", "bad.jsonl", stdin=ORDERS)
    assert (done.returncode, done.stdout) == (1, BILLS)
    assert done.stderr.endswith("\n3 records read: 1 written, 1 failed, 1 left out.\n")
    assert json.loads((project / "bad.jsonl").read_text())["record"] == 3
    done = weft("transformations/bills.yaml", "orders.xml")
    assert (done.returncode, done.stdout) == (1, BILLS)
    assert done.stderr == (
        "Record 3, bills/bill/total: * cannot be used between number and string. [price] is “abc”, which is no number.\n"
        "3 records read: 1 written, 1 failed, 1 left out.\n"
    )
    assert {each.name for each in project.iterdir()} >= {"orders.xml", "bad.jsonl"}
    assert not list(project.glob("*.failures*"))


def test_a_reader_that_goes_away(project: Path) -> None:
    """S50: the exit code tells that records are missing, and what had failed by then is listed."""
    order = "<order id='1'><qty>2</qty><price>1.5</price></order>"
    bad = "<order id='2'><qty>2</qty><price>x</price></order>"
    (project / "many.xml").write_text(f"<orders>{order}{bad}{order * 20_000}</orders>")
    code = "import sys; from studio.cli.main import run; sys.exit(run(['transform', *sys.argv[1:]]))"
    line = ["transformations/bills.yaml", "many.xml", "-o", "-", "--failures", "bad.csv"]
    with subprocess.Popen(
        [sys.executable, "-c", code, *line],
        cwd=project,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        assert running.stdout.read(100)
        running.stdout.close()
        told = running.stderr.read()
        assert running.wait() == 1
    assert told == "The reader of the output has gone; the records after it were not made.\n"
    assert "[price] is “x”, which is no number." in (project / "bad.csv").read_text(encoding="utf-8")
    assert "<price>x</price>" in (project / "bad.records.xml").read_text()


def test_a_folder_that_is_made_is_said(project: Path, weft: Weft) -> None:
    done = weft("transformations/bills.yaml", "orders.xml", "-o", "new/deep/out.xml")
    assert "The folder new/deep was not there and has been made." in done.stderr.replace("\\", "/")
    assert (project / "new/deep/out.xml").is_file()
    done = weft("transformations/bills.yaml", "orders.xml", "-o", "new/deep/out.xml")
    assert "The folder" not in done.stderr


def test_strict(project: Path, weft: Weft) -> None:
    done = weft("transformations/bills.yaml", "orders.xml", "-o", "out.xml", "--strict")
    assert done.returncode == 2
    assert "orders.xml:3" in done.stderr
    assert "bills/bill/total" in done.stderr
    assert "Record 3 failed" in done.stderr
    assert not (project / "out.xml").exists()


def test_all_is_well(project: Path, weft: Weft) -> None:
    (project / "orders.xml").write_text(ORDERS.replace("abc", "2"))
    done = weft("transformations/bills.yaml", "orders.xml", "-o", "out.xml")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert "<kind>other</kind>" in (project / "out.xml").read_text()
    assert not (project / "out.xml.failures.csv").exists()


def test_explain(project: Path, weft: Weft) -> None:
    done = weft("transformations/bills.yaml", "--explain")
    assert done.returncode == 0
    for part in (
        "Orders to bills",
        "one orders/order, for each bills/bill",
        "Engine: rows",
        "total = [qty] * [price]",
    ):
        assert part in done.stdout


@pytest.mark.parametrize("name", ["orders-to-invoices", "orders-to-csv", "customers-to-accounts"])
def test_the_sample_project_runs_generated(name: str, weft: Weft) -> None:
    done = weft(str(resource("samples") / "orders" / "transformations" / f"{name}.yaml"), "--explain")
    assert (done.returncode, done.stderr) == (0, "")
    assert "Engine: rows" in done.stdout


def test_trace(project: Path, weft: Weft) -> None:
    done = weft("transformations/bills.yaml", "orders.xml", "--trace", "bills/bill/total")
    assert done.returncode == 1
    assert done.stdout.splitlines()[:5] == [
        "record 1: bills/bill/total = '3'",
        "  by [qty] * [price]",
        "  turn 1 of bills/bill: orders/order[1]",
        "  orders/order[1]/qty = '2'  by [qty] at 1:1",
        "  orders/order[1]/price = '1.50'  by [price] at 1:9",
    ]
    assert "record 3: bills/bill/total = nothing" in done.stdout
    done = weft(
        "transformations/bills.yaml",
        "orders.xml",
        "--trace",
        "bills/bill/total",
        "--record",
        "first",
        "--json",
    )
    found = json.loads(done.stdout)
    assert (done.returncode, found["record"], found["value"]) == (0, 1, "3")
    assert found["sources"][1] == {
        "path": "orders/order[1]/price", "text": "1.50", "read": "[price]", "line": 1, "column": 9, "script": "",
    }  # fmt: skip
    done = weft("transformations/bills.yaml", "orders.xml", "--trace", "bills/bill/total", "--record", "3")
    assert done.stdout.startswith("record 3: bills/bill/total = nothing\n  failed: ")
    assert (
        weft(
            "transformations/bills.yaml", "orders.xml", "--trace", "bills/bill/total", "--record", "0"
        ).returncode
        == 2
    )
    done = weft("transformations/bills.yaml", "orders.xml", "--trace", "bills/bill/totals")
    assert done.returncode == 2
    assert "bills/bill/total?" in done.stderr


def test_timings(project: Path, weft: Weft) -> None:
    done = weft("transformations/bills.yaml", "orders.xml", "-o", "out.xml", "--timings", "--json")
    assert (project / "out.xml").read_text() == BILLS
    found = {(each["path"], each["kind"]): each["count"] for each in json.loads(done.stderr.splitlines()[-1])}
    assert found["bills/bill/total", "value"] >= 2
    assert found["bills/bill", "loop"] >= 3
    done = weft("transformations/bills.yaml", "orders.xml", "-o", "out.xml", "--timings")
    assert any(line.endswith("bills/bill/total = [qty] * [price]") for line in done.stderr.splitlines())


@pytest.mark.parametrize(
    ("before", "after", "parts"),
    [
        ("[qty] * [price]", "[qty] * [prize]", ["bills.yaml:9", "bills/bill/total", "prize", "price"]),
        ("[qty] * [price]", "Rund([qty], 2)", ["bills.yaml:9", "Rund"]),
        ("[qty] * [price]", "[qty", ["bills.yaml:9"]),
        ("bills/bill/total:", "bills/bill/totale:", ["bills.yaml:9", "totale"]),
        ("loop: orders/order", "loop: orders/ordr", ["bills.yaml:6", "ordr"]),
        ("schemas/bills.xsd", "schemas/nope.xsd", ["nope.xsd"]),
        ("schemas/bills.xsd", "../bills.xsd", ["../bills.xsd"]),
        ("weft: transformation/1", "weft: transformation/99", ["bills.yaml"]),
        ("name: Orders", "name: [", ["bills.yaml:"]),
    ],
)
def test_maps_that_cannot_run(project: Path, weft: Weft, before: str, after: str, parts: list[str]) -> None:
    file = project / "transformations/bills.yaml"
    file.write_text(MAP.replace(before, after))
    done = weft("transformations/bills.yaml", "orders.xml", "-o", "out.xml")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    for part in parts:
        assert part in done.stderr
    assert not (project / "out.xml").exists()


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (["nope.yaml", "orders.xml", "-o", "out.xml"], "nope.yaml"),
        (["transformations/bills.yaml", "nope.xml", "-o", "out.xml"], "nope.xml"),
        (["transformations/bills.yaml", "orders.xml", "-o", "out.xml", "--engine", "warp"], "warp"),
        (["transformations/bills.yaml", "orders.xml", "-o", "out.xml", "--engine", "columns"], "columns"),
        (
            ["transformations/bills.yaml", "orders.xml", "-o", "out.xml", "--input", "a=b.csv"],
            "no further source a",
        ),
        (["transformations/bills.yaml"], "document"),
        (["transformations/bills.yaml", "project.yaml", "-o", "out.xml"], "project.yaml"),
    ],
)
def test_bad_use(project: Path, weft: Weft, arguments: list[str], part: str) -> None:
    done = weft(*arguments)
    assert done.returncode == 2
    assert part in done.stderr
    assert "Traceback" not in done.stderr
    assert not (project / "out.xml").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ["-o", "orders.xml"],
        ["-o", "./schemas/../orders.xml"],
        ["-o", "link.xml"],
        ["-o", "hard.xml"],
        ["-o", "transformations/bills.yaml"],
        ["-o", "out.xml", "--failures", "orders.xml"],
        ["-o", "out.xml", "--failures", "out.xml"],
    ],
)
def test_what_a_run_reads_is_never_written_over(weft: Weft, project: Path, arguments: list[str]) -> None:
    (project / "link.xml").symlink_to(project / "orders.xml")
    (project / "hard.xml").hardlink_to(project / "orders.xml")
    done = weft("transformations/bills.yaml", "orders.xml", *arguments)
    assert done.returncode == 2
    assert "would be overwritten" in done.stderr
    assert (project / "orders.xml").read_text() == ORDERS
    assert (project / "transformations/bills.yaml").read_text() == MAP
    assert not (project / "out.xml").exists()


def test_an_empty_delimited_file_is_bad_input(project: Path, weft: Weft) -> None:
    (project / "schemas" / "orders.csv").write_text("id,qty,price\n1,2,3.50\n")
    changed = MAP.replace("schemas/orders.xsd, root: orders", "schemas/orders.csv, root: row").replace(
        "loop: orders/order", "loop: row"
    )
    (project / "transformations" / "bills.yaml").write_text(changed.replace("[@id]", "[id]"))
    (project / "empty.csv").write_bytes(b"")
    done = weft("transformations/bills.yaml", "empty.csv", "-o", "out.xml")
    assert done.returncode == 2
    assert "empty.csv" in done.stderr
    assert "The file is empty" in done.stderr
    assert not (project / "out.xml").exists()
    (project / "empty.csv").write_text("id,qty,price\n")
    assert weft("transformations/bills.yaml", "empty.csv", "-o", "out.xml").returncode == 0
