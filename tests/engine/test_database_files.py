"""Paths at which databases are: rows go into them, and nothing takes their place."""

from __future__ import annotations

import io
import sqlite3
from pathlib import Path

import duckdb
import pytest

from studio.base.errors import BadInput
from studio.engine.plan import Plan
from studio.engine.run import transform
from studio.schema.own import read_own
from tests.engine.build import plan, xml

SOURCE = {"top": {"r*": {"@id?": "text", "@name?": "text"}}}
GIVEN = b"<top><r id='1' name='one'/><r id='2' name='two'/><r id='x' name='bad'/></top>"
TABLE = """weft: schema/1
kind: database
table: made
records: {row: {fields: {id: {type: INTEGER, required: true}, name: {type: VARCHAR}}}}
"""
RULES = {"row": {"loop": "top/r"}, "row/id": "[@id]", "row/name": "[@name]"}


@pytest.fixture
def made(tmp_path: Path) -> Plan:
    """A map into a table."""
    (tmp_path / "made.yaml").write_text(TABLE)
    return plan(RULES, xml(SOURCE), read_own(tmp_path / "made.yaml"))


@pytest.fixture
def document() -> Plan:
    """A map into a document."""
    return plan(
        {"out/r": {"loop": "top/r"}, "out/r/@id": "[@id]"},
        xml(SOURCE),
        xml({"out": {"r*": {"@id?": "text"}}}),
    )


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A SQLite file with an empty table."""
    file = tmp_path / "shop.sqlite"
    with sqlite3.connect(file) as connection:
        connection.execute("create table made(id integer, name text)")
    connection.close()
    return file


@pytest.fixture
def duck(tmp_path: Path) -> Path:
    """A DuckDB file."""
    file = tmp_path / "shop.out"
    with duckdb.connect(str(file)) as connection:
        connection.execute("create table made(id integer, name text)")
    return file


@pytest.mark.parametrize("jobs", [1, 2])
def test_rows_go_into_the_database_at_a_path(tmp_path: Path, made: Plan, shop: Path, jobs: int) -> None:
    """S64"""
    stats = transform(made, io.BytesIO(GIVEN), shop, jobs=jobs)
    assert (stats.records_out, stats.failed) == (2, 1)
    with sqlite3.connect(shop) as connection:
        assert connection.execute("select * from made").fetchall() == [(1, "one"), (2, "two")]
    connection.close()
    # Records that fail are kept beside the database as beside any other file.
    assert (tmp_path / "shop.sqlite.failures.csv").read_text().splitlines()[1].startswith("3,row/id,")


def test_a_database_is_never_overwritten(
    tmp_path: Path, document: Plan, made: Plan, shop: Path, duck: Path
) -> None:
    """S64"""
    refused = "This file is a database; it would be overwritten."
    for file, run in ((shop, document), (duck, document), (duck, made)):
        before = file.read_bytes()
        reason = refused if run is document else "cannot be written into a DuckDB file"
        with pytest.raises(BadInput, match=reason) as caught:
            transform(run, io.BytesIO(GIVEN), file)
        assert caught.value.file == str(file)
        assert "nothing was changed" in str(caught.value)
        assert file.read_bytes() == before
    before = shop.read_bytes()
    with pytest.raises(BadInput, match=refused):
        transform(document, io.BytesIO(GIVEN), tmp_path / "out.xml", failures=shop)
    assert shop.read_bytes() == before
    assert not (tmp_path / "out.xml").exists()


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("new.sqlite", None, "There is no such database"),
        ("new.duckdb", None, "cannot be written into a DuckDB file"),
        ("text.db", "id,name\n", "called a database and is none"),
    ],
)
def test_text_is_not_written_to_what_is_called_a_database(
    tmp_path: Path, made: Plan, name: str, text: str | None, reason: str
) -> None:
    file = tmp_path / name
    if text is not None:
        file.write_text(text)
    with pytest.raises(BadInput, match=reason):
        transform(made, io.BytesIO(GIVEN), file)
    assert (file.read_text() if file.exists() else None) == text
    transform(made, io.BytesIO(GIVEN), tmp_path / "rows.csv")
    assert (tmp_path / "rows.csv").read_text() == "id,name\n1,one\n2,two\n"
