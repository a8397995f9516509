"""weft transform with further sources and targets: options, defaults, refusals."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.cli.main import run

MAP = """weft: transformation/1
name: Lines with prices
source: {schema: schemas/lines.yaml, root: row}
sources:
  prices: {schema: schemas/prices.csv, root: row}
  rates: {schema: schemas/rates.yaml, root: row, sample: samples/rates.csv}
target: {schema: schemas/out.yaml, root: row}
targets:
  audit: {schema: schemas/audit.yaml, root: row}
map:
  row:
    loop: row
    join:
      p: {loop: "prices::row", match: {sku: "[sku]"}, kind: left}
      r: {loop: "rates::row", match: {code: "[p::currency]"}, kind: left}
  row/sku: "[sku]"
  row/value: "Round([qty] * [p::price] * IfNull([r::rate], 1), 2)"
  audit::row: {loop: row, when: "[qty] > 1"}
  audit::row/what: "'many of ' + [sku]"
"""
FILES = {
    "project.yaml": "weft: project/1\nname: Prices\nid: 6f1a3c1f\n",
    "transformations/lines.yaml": MAP,
    "schemas/lines.yaml": "weft: schema/1\nkind: delimited\nrecords: {row: {fields: {sku: {type: text}, qty: {type: integer}}}}\n",
    "schemas/rates.yaml": "weft: schema/1\nkind: delimited\nrecords: {row: {fields: {code: {type: text}, rate: {type: decimal}}}}\n",
    "schemas/out.yaml": "weft: schema/1\nkind: delimited\nrecords: {row: {fields: {sku: {type: text}, value: {type: decimal}}}}\n",
    "schemas/audit.yaml": "weft: schema/1\nkind: delimited\nrecords: {row: {fields: {what: {type: text}}}}\n",
    "schemas/prices.csv": "sku,price,currency\na,1.50,EUR\nb,2,USD\n",
    "samples/rates.csv": "code,rate\nUSD,0.5\n",
    "lines.csv": "sku,qty\na,2\nb,1\nc,3\nb,x\n",
    "other.csv": "sku,price,currency\nc,7,EUR\na,1,EUR\nb,1,EUR\n",
}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project whose map has three sources and two targets."""
    for name, text in FILES.items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def weft(*words: str) -> int:
    """The exit code of weft transform."""
    return run(["transform", "transformations/lines.yaml", *words])


def test_defaults(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A source without a file is read from its sample or its own schema; a target goes beside the main one."""
    assert weft("lines.csv", "-o", "out.csv") == 1
    said = capsys.readouterr().err
    assert "schemas/prices.csv" in said
    assert "samples/rates.csv" in said
    assert (project / "out.csv").read_text() == "sku,value\na,3.00\nb,1.00\nc,0.00\n"
    assert (project / "out.audit.csv").read_text() == "what\nmany of a\nmany of c\n"
    assert "row/value" in (project / "out.csv.failures.csv").read_text()


def test_named_files(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """--input and --output name them; the project's own are not mentioned then."""
    assert (
        weft("lines.csv", "-o", "out.csv", "--input", "prices=other.csv", "--output", "audit=logs/a.csv") == 1
    )
    assert "schemas/prices.csv" not in capsys.readouterr().err
    assert (project / "out.csv").read_text() == "sku,value\na,2.00\nb,1.00\nc,21.00\n"
    assert (project / "logs/a.csv").read_text().count("many") == 2
    assert not (project / "out.audit.csv").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["-o", "out.csv", "--input", "price=other.csv"], "no further source price"),
        (["-o", "out.csv", "--input", "prices"], "--input prices"),
        (["-o", "out.csv", "--input", "prices=gone.csv"], "gone.csv"),
        (["-o", "out.csv", "--output", "log=x.csv"], "no further target log"),
        (["-o", "out.csv", "--output", "audit=out.csv"], "out.csv"),
        (["-o", "out.csv", "--output", "audit=schemas/prices.csv"], "prices.csv"),
        (["--strict"], "audit is given no file"),
    ],
)
def test_refusals(project: Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str) -> None:
    """What cannot be meant is told before anything is written."""
    assert weft("lines.csv", *words) == 2
    assert said in capsys.readouterr().err
    assert not (project / "out.csv").exists()
    assert (project / "schemas/prices.csv").read_text() == FILES["schemas/prices.csv"]


def test_explain_and_trace(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The page names all documents; a trace of either target names the rows that were joined."""
    del project
    assert weft("--explain") == 0
    page = capsys.readouterr().out
    assert "Further source rates" in page
    assert "joins r: each row of rates::row whose code = [p::currency], or none" in page
    assert "Further target audit" in page
    assert weft("lines.csv", "--trace", "row/value", "--record", "2") == 0
    traced = capsys.readouterr().out
    assert "= '1.00'" in traced
    assert "prices::row/price" in traced
    assert weft("lines.csv", "--trace", "audit::row/what", "--record", "1") == 0
    assert "many of a" in capsys.readouterr().out


def test_check_knows_all_documents(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """weft check finds nothing wrong with it, and a field that a further document has not."""
    assert run(["check", "."]) == 0, capsys.readouterr()
    file = project / "transformations/lines.yaml"
    file.write_text(MAP.replace("[p::price]", "[p::prise]").replace("audit::row/what", "audit::row/whet"))
    assert run(["check", "."]) == 1
    said = capsys.readouterr().out
    assert "whet" in said
    assert "prise" in said
