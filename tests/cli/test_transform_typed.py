"""weft transform over workbooks, Avro and Parquet: through pipes as from files, and nothing but what was asked for is told."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import duckdb
import fastavro
import pytest
import xlsxwriter


def _parquet(file: Path) -> None:
    with duckdb.connect() as connection:
        connection.execute(
            f"COPY (SELECT 'r' || i AS a, i AS b FROM range(3) t(i)) TO '{file}' (FORMAT parquet)"
        )


def _avro(file: Path) -> None:
    fields = [{"name": "a", "type": "string"}, {"name": "b", "type": "long"}]
    with file.open("wb") as out:
        schema = fastavro.parse_schema({"type": "record", "name": "row", "fields": fields})
        fastavro.writer(out, schema, [{"a": f"r{n}", "b": n} for n in range(3)])


def _workbook(file: Path) -> None:
    with xlsxwriter.Workbook(str(file)) as book:
        sheet = book.add_worksheet("One")
        for at, row in enumerate([["a", "b"], ["r0", 0], ["r1", 1], ["r2", 2]]):
            sheet.write_row(at, 0, row)


@pytest.mark.parametrize(
    ("name", "make"), [("s.parquet", _parquet), ("s.avro", _avro), ("s.xlsx", _workbook)]
)
def test_files_and_pipes(name: str, make: Callable[[Path], None], tmp_path: Path) -> None:
    make(tmp_path / name)
    (tmp_path / "t.csv").write_text("a,b\nr,1\n", encoding="utf-8")
    rules = "map:\n  row: {loop: row}\n  row/a: '[a]'\n  row/b: '[b] + 1'\n"
    text = f"weft: transformation/1\nname: m\nsource: {{schema: {name}}}\ntarget: {{schema: t.csv}}\n{rules}"
    (tmp_path / "m.yaml").write_text(text, encoding="utf-8")
    env = os.environ | {"PYTHONPATH": str(Path(__file__).resolve().parents[2])}
    for place, given in ((name, None), ("-", (tmp_path / name).read_bytes())):
        command = [sys.executable, "-m", "studio", "transform", "m.yaml", place, "-o", "-"]
        done = subprocess.run(command, cwd=tmp_path, env=env, input=given, capture_output=True, check=False)
        assert (done.returncode, done.stderr) == (0, b"")
        assert done.stdout.split() == [b"a,b", b"r0,1", b"r1,2", b"r2,3"]
