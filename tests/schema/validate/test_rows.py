"""Delimited files against our own descriptions, Salesforce objects and samples."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.base.errors import BadInput
from studio.schema.model import Base, ValueType
from studio.schema.validate.document import check_document
from studio.schema.validate.values import misfit

_SCHEMA = """weft: schema/1
kind: delimited
delimiter: ";"
decimal: ","
records:
  row:
    fields:
      id: {type: integer, required: true}
      name: {type: text, length: 5}
      price: {type: decimal}
      day: {type: date}
"""


def _found(
    folder: Path, rows: str, schema: str = _SCHEMA
) -> list[tuple[int | None, int | None, str | None, str]]:
    (folder / "rows.yaml").write_text(schema, encoding="utf-8")
    (folder / "rows.csv").write_text(rows, encoding="utf-8", newline="")
    found = check_document(str(folder / "rows.yaml"), str(folder / "rows.csv"), None, None, None, None)
    return [(one.record, one.line, one.path, one.message) for one in found]


def test_each_problem_has_its_record_line_and_column(tmp_path: Path) -> None:
    rows = (
        'id;name;price;day\n1;abc;1,50;2026-01-01\nx;abcdefg;1.50;2026-13-01\n"2";"a\nb";3;\n;a;;\n5;a;x;;6\n'
    )
    assert _found(tmp_path, rows) == [
        (2, 3, "row/id", "'x' is no integer."),
        (2, 3, "row/name", "The value has a length of 7, but 5 is the limit."),
        (2, 3, "row/price", "'1.50' is no decimal."),
        (2, 3, "row/day", "'2026-13-01' is no date."),
        (4, 6, "row/id", "id is empty."),
        (5, 7, "row", "The row has 5 cells, but there are 4 columns."),
        (5, 7, "row/price", "'x' is no decimal."),
    ]


def test_columns_are_found_by_their_names_and_missing_ones_told(tmp_path: Path) -> None:
    assert _found(tmp_path, "name;other\nabc;1\n") == [
        (None, 1, "row/id", "The column id is missing."),
        (None, 1, "row", "The schema has no column other."),
    ]
    without = _SCHEMA.replace('decimal: ","', "header: false")
    assert _found(tmp_path, "1;a;1.5;2026-01-01\na;b;;\n", without) == [
        (2, 2, "row/id", "'a' is no integer.")
    ]


def test_a_sample_is_a_description_too(tmp_path: Path) -> None:
    (tmp_path / "sample.csv").write_text("id,day\n1,2026-01-01\n2,2026-01-02\n", encoding="utf-8")
    (tmp_path / "rows.csv").write_text("id,day\n3,2026-01-03\nthree,tomorrow\n", encoding="utf-8")
    found = check_document(str(tmp_path / "sample.csv"), str(tmp_path / "rows.csv"), None, None, None, None)
    assert [(one.record, one.path) for one in found] == [(2, "row/id"), (2, "row/day")]


def test_rows_for_a_salesforce_object(shared: Path, tmp_path: Path) -> None:
    schema = shared / "corpora" / "salesforce" / "describe" / "Account.json"
    rows = tmp_path / "accounts.csv"
    rows.write_text(f"Name,AnnualRevenue,NoSuchField\nAcme,1000,\n{'x' * 300},many,\n", encoding="utf-8")
    found = list(check_document(str(schema), str(rows), None, None, None, None))
    records = {(one.record, one.path) for one in found if one.record}
    assert records == {(2, "row/Name"), (2, "row/AnnualRevenue")}
    assert any("NoSuchField" in one.message for one in found if not one.record)


def test_wrong_bytes_are_refused_with_their_line(tmp_path: Path) -> None:
    schema = _SCHEMA + ""
    (tmp_path / "rows.yaml").write_text(schema.replace("kind:", "encoding: utf-8\nkind:"), encoding="utf-8")
    (tmp_path / "rows.csv").write_bytes(b"id;name\n1;a\n2;\xff\n")
    with pytest.raises(BadInput, match="not utf-8"):
        list(check_document(str(tmp_path / "rows.yaml"), str(tmp_path / "rows.csv"), None, None, None, None))


@pytest.mark.parametrize(
    ("value", "text", "wrong"),
    [
        (ValueType("integer", Base.INTEGER), "12", False),
        (ValueType("integer", Base.INTEGER), "12.0", False),
        (ValueType("integer", Base.INTEGER), "12.5", True),
        (ValueType("byte", Base.INTEGER, minimum="-128", maximum="127"), "128", True),
        (ValueType("decimal", Base.DECIMAL, fraction_digits=2), "1.234", True),
        (ValueType("decimal", Base.DECIMAL, total_digits=3), "1234", True),
        (ValueType("decimal", Base.DECIMAL, above="0"), "0", True),
        (ValueType("decimal", Base.DECIMAL), "NaN", True),
        (ValueType("decimal", Base.DECIMAL), "1_000", True),
        (ValueType("boolean", Base.BOOLEAN), "yes", False),
        (ValueType("boolean", Base.BOOLEAN), "maybe", True),
        (ValueType("date", Base.DATE), "2026-02-29", True),
        (ValueType("date", Base.DATE, format="dd/mm/yyyy"), "28/02/2026", False),
        (ValueType("string", enumeration=("a", "b")), "c", True),
        (ValueType("string", pattern="[a-z]+"), "abc1", True),
        (ValueType("string", pattern="("), "abc1", False),
        (ValueType("string", min_length=2), "a", True),
    ],
)
def test_texts_as_values(value: ValueType, text: str, wrong: bool) -> None:
    assert bool(misfit(value, text, {})) == wrong
