"""Runs that hold documents to their schemas: records that do not fit fail, an output that does not fit is told."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from studio.base.errors import BadInput, Problem
from studio.base.yaml_read import read
from studio.cli.main import run
from studio.engine.checked import transform_checked
from studio.engine.compile import compile_plan
from studio.engine.failures import Failure
from studio.mapping.model import Transformation
from studio.project.objects import read_transformation, write_transformation
from studio.schema.read import read_schema

_ORDERS = """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="orders"><xs:complexType><xs:sequence>
<xs:element name="order" minOccurs="0" maxOccurs="unbounded"><xs:complexType><xs:sequence>
<xs:element name="qty" type="xs:integer"/><xs:element name="day" type="xs:date"/></xs:sequence>
<xs:attribute name="id" use="required"/></xs:complexType></xs:element></xs:sequence></xs:complexType></xs:element></xs:schema>
"""
_LINES = """{"$schema": "http://json-schema.org/draft-07/schema#", "type": "object", "properties": {"list": {"type": "array",
"items": {"type": "object", "properties": {"no": {"type": "string", "maxLength": 3}, "day": {"type": "string"}}}}}}
"""
_MAP = """weft: transformation/1
name: Orders to lines
source: {schema: orders.xsd, root: orders}
target: {schema: lines.json}
validate: [input, output]
map:
  /list/item: {loop: orders/order}
  /list/item/no: "[@id]"
"""
_DOCUMENT = """<orders><order id="1"><qty>1</qty><day>2026-01-01</day></order>
<order id="2"><qty>1</qty><day>tomorrow</day></order>
<order><qty>1</qty><day>2026-01-01</day></order>
<order id="long one"><qty>1</qty><day>2026-01-01</day></order></orders>"""


@pytest.fixture
def transformation(tmp_path: Path) -> Transformation:
    for name, text in {
        "orders.xsd": _ORDERS,
        "lines.json": _LINES,
        "map.yaml": _MAP,
        "in.xml": _DOCUMENT,
        "project.yaml": "weft: project/1\nname: P\nid: 6f1a3c1e\n",
    }.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return read_transformation(read(_MAP.encode()), "map")


def test_the_option_is_kept_in_the_file_and_wrong_ones_are_refused(transformation: Transformation) -> None:
    assert transformation.validate == ("input", "output")
    assert read_transformation(read(write_transformation(transformation).encode()), "map") == transformation
    assert "validate" not in write_transformation(replace(transformation, validate=()))
    with pytest.raises(BadInput, match="not everything") as caught:
        read_transformation(read(_MAP.replace("[input, output]", "[everything]").encode()), "map")
    assert caught.value.line == 5


@pytest.mark.parametrize("whole", [False, True])
def test_records_that_do_not_fit_fail_with_their_number_and_reason(
    tmp_path: Path, transformation: Transformation, whole: bool
) -> None:
    plan = compile_plan(
        transformation, read_schema(tmp_path / "orders.xsd"), read_schema(tmp_path / "lines.json")
    )
    failures: list[Failure] = []
    told: list[Problem] = []
    stats = transform_checked(
        replace(plan, passes="whole") if whole else plan,
        transformation,
        tmp_path,
        tmp_path / "in.xml",
        tmp_path / "out.json",
        told=told.append,
        failures=failures.append,
    )
    assert (stats.records_in, stats.records_out, stats.failed) == (4, 2, 2)
    assert [(one.record, one.reason) for one in failures] == [
        (2, "Line 2: orders/order[2]/day: 'tomorrow' is no date."),
        (3, "Line 3: orders/order[3]: The attribute id is missing."),
    ]
    assert [(one.record, one.path, one.message) for one in told] == [
        (2, "/list/item[2]/no", "The value has a length of 8, but 3 is the limit.")
    ]


def test_a_document_that_does_not_fit_outside_its_records_is_refused(
    tmp_path: Path, transformation: Transformation
) -> None:
    plan = compile_plan(
        transformation, read_schema(tmp_path / "orders.xsd"), read_schema(tmp_path / "lines.json")
    )
    (tmp_path / "in.xml").write_text(_DOCUMENT.replace("</orders>", "\n<more/></orders>"), encoding="utf-8")
    with pytest.raises(BadInput, match="does not fit its schema: more may not stand here") as caught:
        transform_checked(plan, transformation, tmp_path, tmp_path / "in.xml", tmp_path / "out.json")
    assert (caught.value.line, caught.value.path) == (5, "orders/more")
    assert not (tmp_path / "out.json").exists()


def test_the_command_lists_what_fails_and_what_does_not_fit(
    tmp_path: Path, transformation: Transformation, capsys: pytest.CaptureFixture[str]
) -> None:
    del transformation
    arguments = ["transform", str(tmp_path / "map.yaml"), str(tmp_path / "in.xml")]
    assert run([*arguments, "-o", str(tmp_path / "out.json")]) == 1
    said = capsys.readouterr().err
    assert "4 records read: 2 written, 2 failed, 0 left out." in said
    assert "/list/item[2]/no" in said
    assert "The value has a length of 8" in said
