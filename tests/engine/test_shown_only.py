"""Schemas that open and map while no run reads or writes their documents: said before anything is run."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.base.errors import Severity
from studio.schema.read import read_schema
from tests.engine.build import plan, xml

_OUT = xml({"out": {"row*": {"a?": "text"}}})
_FIXED = "weft: schema/1\nkind: fixed\nrecords:\n  row:\n    fields:\n      a: {width: 3}\n"
_NESTED = (
    "weft: schema/1\nkind: delimited\nrecords:\n  row:\n    tell: H\n    fields: {a: text}\n"
    "    records:\n      line: {tell: L, fields: {b: text}}\n"
)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (_FIXED, "Documents of the kind fixed cannot be read or written by a run yet."),
        (_NESTED, "Records inside records of a delimited file cannot be read or written by a run yet."),
    ],
)
def test_what_no_run_reads_is_a_problem_of_the_plan(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "own.yaml").write_text(text)
    schema = read_schema(tmp_path / "own.yaml")
    made = plan({"out/row": {"loop": "row"}, "out/row/a": "[a]"}, schema, _OUT)
    assert [one.message for one in made.problems if one.severity is Severity.ERROR] == [message]
    (tmp_path / "own.yaml").write_text(text.replace("fixed", "delimited").split("    records:")[0])
    plain = plan({"out/row": {"loop": "row"}, "out/row/a": "[a]"}, read_schema(tmp_path / "own.yaml"), _OUT)
    assert not [one for one in plain.problems if one.severity is Severity.ERROR]
