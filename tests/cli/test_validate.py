"""weft validate: problems on stdout with their place, the count on stderr, the exit code."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from studio.cli.main import run

_SCHEMA = """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="rows"><xs:complexType><xs:sequence>
<xs:element name="row" type="xs:int" maxOccurs="unbounded"/></xs:sequence></xs:complexType></xs:element></xs:schema>"""


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "rows.xsd").write_text(_SCHEMA, encoding="utf-8")
    (tmp_path / "good.xml").write_text("<rows><row>1</row></rows>", encoding="utf-8")
    (tmp_path / "bad.xml").write_text("<rows><row>1</row>\n<row>x</row><row>y</row></rows>", encoding="utf-8")
    return tmp_path


def test_a_document_that_fits(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["validate", str(files / "rows.xsd"), str(files / "good.xml")]) == 0
    out, err = capsys.readouterr()
    assert out == ""
    assert err == "The document fits the schema.\n"


def test_problems_as_lines_and_as_json(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["validate", str(files / "rows.xsd"), str(files / "bad.xml")]
    assert run(arguments) == 1
    out, err = capsys.readouterr()
    assert (
        out.splitlines()[0]
        == f"{files / 'bad.xml'}:2 rows/row[2]: Record 2: 'x' is no int. Correct the value."
    )
    assert err == "2 problems were found.\n"
    assert run([*arguments, "--json", "--limit", "1"]) == 1
    data = json.loads(capsys.readouterr().out)
    assert data["valid"] is False
    assert [(one["record"], one["path"], one["line"]) for one in data["problems"]] == [(2, "rows/row[2]", 2)]


def test_what_cannot_be_checked_is_bad_input(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["validate", str(files / "good.xml"), str(files / "bad.xml")]) == 2
    assert "sample" in capsys.readouterr().err
    assert run(["validate", str(files / "none.xsd"), str(files / "bad.xml")]) == 2
    assert "does not exist" in capsys.readouterr().err
