"""Workbooks whose cells do not begin in the first column."""

from __future__ import annotations

import io
from pathlib import Path

import xlsxwriter

from studio.engine.failures import Failure
from studio.engine.run import transform
from studio.schema.read import read_schema
from tests.engine.build import plan
from tests.engine.test_typed_formats import copying


def test_a_cell_with_an_error_is_found_beside_an_empty_column(tmp_path: Path) -> None:
    file = tmp_path / "b.xlsx"
    with xlsxwriter.Workbook(str(file)) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 2, ["name", "amount"])
        sheet.write_row(1, 2, ["a", 1])
        sheet.write(2, 2, "b")
        sheet.write_formula(2, 3, "=1/0", None, "#DIV/0!")
    schema = read_schema(file)
    made = plan(copying(schema.roots[0]), schema, schema)
    failures = list[Failure]()
    transform(made, file, io.BytesIO(), failures=failures.append)
    assert [(each.record, each.reason) for each in failures] == [
        (2, "Line 3: Field amount: the cell holds an error")
    ]
