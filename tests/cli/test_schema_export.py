"""weft schema --export and --with: trees written in other forms, schemas from several samples."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from lxml import etree

from studio.cli.main import run


def test_a_sample_becomes_a_schema(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.json").write_text('{"id": 1, "lines": [{"qty": 2}]}')
    (tmp_path / "b.json").write_text('{"id": 1.5}')
    given = ["schema", str(tmp_path / "a.json"), "--with", str(tmp_path / "b.json"), "--export"]
    assert run([*given, "json-schema"]) == 0
    made = json.loads(capsys.readouterr().out)
    root = made["$defs"][made["$ref"].rpartition("/")[2]]
    assert root["required"] == ["id"]
    assert root["properties"]["id"]["type"] == "number"
    assert run([*given, "xsd", "--output", str(tmp_path / "out.xsd")]) == 0
    assert capsys.readouterr().out == ""
    etree.XMLSchema(etree.parse(str(tmp_path / "out.xsd")))


def test_several_namespaces_need_a_file_to_go_to(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.xml").write_text('<a xmlns="urn:a"><b xmlns="urn:b">1</b></a>')
    assert run(["schema", str(tmp_path / "a.xml"), "--export", "xsd"]) == 2
    assert "--output" in capsys.readouterr().err
    assert (
        run(["schema", str(tmp_path / "a.xml"), "--export", "xsd", "--output", str(tmp_path / "o.xsd")]) == 0
    )
    validator = etree.XMLSchema(etree.parse(str(tmp_path / "o.xsd")))
    assert validator.validate(etree.parse(str(tmp_path / "a.xml")))
    assert sorted(path.name for path in tmp_path.glob("*.xsd")) == ["o-1.xsd", "o.xsd"]


def test_one_root_as_header_and_a_form_that_is_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.dtd").write_text("<!ELEMENT a (b, c)> <!ELEMENT b (#PCDATA)> <!ELEMENT c (#PCDATA)>")
    assert run(["schema", str(tmp_path / "a.dtd"), "--root", "a", "--export", "csv"]) == 0
    assert capsys.readouterr().out.split() == ["b,c"]
    assert run(["schema", str(tmp_path / "a.dtd"), "--export", "pdf"]) == 2
    assert "pdf" in capsys.readouterr().err


def test_problems_of_what_is_exported_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.json").write_text(
        '{"$schema": "http://json-schema.org/draft-07/schema#", "properties": {"a": {"$ref": "gone.json"}}}'
    )
    assert run(["schema", str(tmp_path / "a.json"), "--export", "xsd"]) == 1
    assert "gone.json" in capsys.readouterr().err
