"""weft transform tells what is mistyped: keys of the file, numbers of records."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from studio.base.paths import resource
from studio.cli.main import run
from studio.project.check import problems_of_folder
from studio.project.create import create

NAME = "transformations/orders-to-invoices.yaml"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The sample project."""
    create(tmp_path / "orders", sample="orders")
    monkeypatch.chdir(tmp_path / "orders")
    return tmp_path / "orders"


def test_mistyped_keys(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = project / NAME
    file.write_text(file.read_text("utf-8") + "mapp: {}\nweather: fine\n", "utf-8")
    last = file.read_text("utf-8").count("\n")
    found = [(each.line, each.message, each.mend) for each in problems_of_folder(project)]
    assert found[0] == (last - 1, "There is no key mapp here.", "Did you mean map?")
    assert found[1][:2] == (last, "The key weather is not known to this version.")
    sample = next((resource("samples") / "orders" / "samples").glob("orders*.xml"))
    assert run(["transform", NAME, str(sample), "-o", "out.xml"]) == 1
    said = capsys.readouterr().err
    assert f"{NAME}:{last - 1}: There is no key mapp here. Did you mean map?" in said
    # One message, one sentence after the other.
    assert run(["transform", NAME, str(sample), "-o", "out.xml", "--strict"]) == 2
    said = capsys.readouterr().err
    assert "(Gift voucher). Mend the record or the rule, or have failing records set aside" in said
    # The window tells the same: no option of the command line.
    assert "--strict" not in said
    assert "mapp" in file.read_text("utf-8")


def test_mistyped_keys_of_rules(project: Path) -> None:
    file = project / NAME
    wrong = """parked:
  invoices/invoice:
    loop: orders/order
    wehn: "true"
    join: {p: {loop: "x::row", match: {}, knid: left}}
"""
    text = file.read_text("utf-8")
    assert "parked:" not in text
    file.write_text(text + wrong, "utf-8")
    found = [each for each in problems_of_folder(project) if "There is no key" in each.message]
    line = text.count("\n") + 4
    assert [(each.line, each.message, each.mend, each.path) for each in found] == [
        (line, "There is no key wehn here.", "Did you mean when?", "invoices/invoice"),
        (line + 1, "There is no key knid here.", "Did you mean kind?", "invoices/invoice"),
    ]


def test_a_record_that_is_not_there(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sample = str(next((resource("samples") / "orders" / "samples").glob("orders*.xml")))
    assert run(["transform", NAME, sample, "--trace", "invoices/invoice/@number", "--record", "99999"]) == 2
    assert "There is no record 99999; the input has " in capsys.readouterr().err
    assert run(["transform", NAME, sample, "-o", "out.xml", "--record", "1"]) == 2
    assert "--trace" in capsys.readouterr().err
    assert not (project / "out.xml").exists()


def test_a_path_with_the_number_one(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """S27"""
    sample = str(next((resource("samples") / "orders" / "samples").glob("orders*.xml")))
    said = []
    for path in ("invoices/invoice/@number", "invoices/invoice[1]/@number"):
        assert run(["transform", NAME, sample, "--trace", path, "--record", "1"]) == 0
        said.append(capsys.readouterr().out)
    assert said[0]
    assert said[0] == said[1]


def test_a_test_of_a_broken_map_names_the_map(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = project / NAME
    text = file.read_text("utf-8")
    assert "invoices/invoice/lineCount" in text
    file.write_text(text.replace("invoices/invoice/lineCount", "invoices/invoice/linesCount", 1), "utf-8")
    assert run(["test", str(project), "--only", "orders-to-invoices"]) == 2
    assert f"{NAME} invoices/invoice/linesCount: " in capsys.readouterr().out


def test_the_first_failed_records_and_how_many_there_were(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Three are named, with their lines; the last line counts all."""
    text = (project / "samples/orders.xml").read_text("utf-8")
    (project / "in.xml").write_text(text.replace("<qty>40<", "<qty>six<", 1), "utf-8")
    assert run(["transform", NAME, "in.xml", "-o", "out.xml"]) == 1
    said = capsys.readouterr().err.splitlines()
    assert said[0] == (
        "Record 1 (line 3), invoices/invoice/net: * cannot be used between string and number."
        " Entry 2 of [lines/line/qty] is “six”, which is no integer."
    )
    listed = (project / "out.xml.failures.csv").read_text("utf-8")
    assert listed.count("invoices/invoice/line/taxRate,There is no tax rate") == 4
    assert [line.split(",")[0].startswith("Record ") for line in said] == [True] * 3 + [False] * 3
    assert "out.xml.failures.csv" in said[3]
    assert "out.xml.failures.records.xml" in said[4]
    assert said[5:] == ["830 records read: 507 written, 5 failed, 318 left out."]


def test_without_a_list_every_failed_record_is_told(project: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Output to stdout: the document there, a line for each record on stderr, and the counts or the statistics last."""
    assert run(["transform", NAME, "samples/orders.xml", "-o", "out.xml"]) == 1
    capfd.readouterr()
    before = set(project.iterdir())
    assert run(["transform", NAME, "samples/orders.xml"]) == 1
    found = capfd.readouterr()
    assert found.out == (project / "out.xml").read_text("utf-8")
    said = found.err.splitlines()
    assert [line.split(",")[0] for line in said[:-1]] == [
        "Record 62",
        "Record 303",
        "Record 539",
        "Record 768",
    ]
    assert said[-1] == "830 records read: 508 written, 4 failed, 318 left out."
    assert run(["transform", NAME, "samples/orders.xml", "--stats", "--failures", "bad.csv"]) == 1
    assert json.loads(capfd.readouterr().err)["failed"] == 4
    assert {file.name for file in set(project.iterdir()) - before} == {"bad.csv", "bad.records.xml"}


def test_fields_without_a_value_are_told_of_each_record_once(
    project: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    text = (project / "samples/few-orders.xml").read_text("utf-8")
    (project / "in.xml").write_text(text.replace("<qty>40<", "<qty>six<", 1), "utf-8")
    assert run(["transform", NAME, "in.xml", "-o", "out.xml", "--policy", "null-field"]) == 1
    said = capfd.readouterr().err.splitlines()
    assert [line.split(" (")[0] for line in said[:2]] == ["Record 1", "Record 10"]
    assert "All of them" in said[2]
    assert said[-2] == "3 fields whose rules failed were left without a value."
    assert said[-1] == "10 records read: 8 written, 0 failed, 2 left out."


@pytest.mark.parametrize(
    "more", [[], ["-o", "out.xml"], ["-o", "sqlite:///out.db"], ["--trace", "invoices/invoice"]]
)
def test_a_file_that_is_not_there_is_told_first(
    project: Path, more: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Not after what is doubtful about the map, nor instead of it what the output lacks."""
    file = project / NAME
    file.write_text(file.read_text("utf-8") + "mapp: {}\n", "utf-8")
    assert run(["transform", NAME, "nowhere.xml", *more]) == 2
    assert capsys.readouterr().err == "nowhere.xml: There is no such file. Check the name and the folder.\n"


def test_a_database_needs_a_list(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["transform", NAME, "samples/few-orders.xml", "-o", f"sqlite:///{project}/out.db"]) == 2
    assert "leaves no place for the records that fail. Name a file" in capsys.readouterr().err
