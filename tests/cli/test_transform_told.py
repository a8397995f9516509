"""weft transform tells what is mistyped: keys of the file, numbers of records."""

from __future__ import annotations

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
    assert "(Gift voucher). Mend the record or the rule; without --strict" in capsys.readouterr().err
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
