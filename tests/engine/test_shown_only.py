"""Schemas that open and map while no run reads or writes their documents: said before anything is run."""

from __future__ import annotations

from pathlib import Path

from studio.base.errors import Severity
from studio.schema.read import read_schema
from tests.engine.build import plan, xml

_OUT = xml({"out": {"row*": {"a?": "text"}}})
_PROTO = 'syntax = "proto3";\nmessage Row { string a = 1; }\n'


def test_what_no_run_reads_is_a_problem_of_the_plan(tmp_path: Path) -> None:
    (tmp_path / "own.proto").write_text(_PROTO)
    schema = read_schema(tmp_path / "own.proto")
    root = schema.roots[0].name
    made = plan({"out/row": {"loop": root}, "out/row/a": "[a]"}, schema, _OUT)
    found = [one.message for one in made.problems if one.severity is Severity.ERROR]
    assert found == ["Documents of the kind protobuf cannot be read or written by a run yet."]
