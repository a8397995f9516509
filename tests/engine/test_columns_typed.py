"""Parquet and database rows by the column: values are the texts that rules see, whole inputs as the judge has them."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from studio.engine.explain import explain
from studio.engine.run import transform
from studio.schema.model import Schema
from studio.schema.read import read_schema
from tests.engine import build
from tests.engine.column_maker import BASES, ColumnMaker, outcome, seeds

TYPES = {
    "integer": "BIGINT",
    "decimal": "DECIMAL(12, 3)",
    "text": "VARCHAR",
    "date": "DATE",
    "datetime": "TIMESTAMP",
}
Row = tuple[str | None, ...]


def parquet(file: Path, rows: list[Row], columns: dict[str, str] = BASES) -> Path:
    """A file of rows in row groups of a few."""
    with duckdb.connect() as connection:
        shown = ", ".join(f"{name} {TYPES[base]}" for name, base in columns.items())
        connection.execute(f"create table t ({shown})")
        if rows:
            connection.executemany(f"insert into t values ({', '.join('?' for _name in columns)})", rows)
        connection.execute(f"copy t to '{file}' (format parquet, row_group_size 2048)")
    return file


def table(file: Path, rows: list[Row], columns: dict[str, str] = BASES) -> Path:
    """A database with the rows; texts and numbers as SQLite has them."""
    file.unlink(missing_ok=True)
    with sqlite3.connect(file) as connection:
        shown = ", ".join(f"{name} {TYPES[base]}" for name, base in columns.items())
        connection.execute(f"create table t ({shown})")
        connection.executemany(f"insert into t values ({', '.join('?' for _name in columns)})", rows)
    connection.close()
    return file


def agree(maker: ColumnMaker, schema: Schema, data: bytes, ended: Counter[str], seed: int) -> None:
    plan = maker.plan(schema)
    assert not plan.errors
    by_column, engine = outcome(plan, data, "columns")
    if str(by_column[0]).startswith("The engine columns cannot run this map"):
        ended["declined"] += 1
        return
    assert by_column == outcome(plan, data, "interpret")[0], seed
    ended[engine] += 1
    ended[maker.kind] += engine == "columns"


def test_random_maps_of_parquet_rows_agree_with_the_judge(
    tmp_path: Path, share: Callable[[int], int]
) -> None:
    # S31, S32, S33, S40: of columns that have types.
    ended: Counter[str] = Counter()
    schema = read_schema(parquet(tmp_path / "schema.parquet", []))
    cases = seeds(share, 2_000, (*range(1, 9), 13, 14, 15, 16, 18, 24, 27, 38))
    for seed in cases:
        maker = ColumnMaker(seed)
        data = parquet(tmp_path / "rows.parquet", maker.typed_rows()).read_bytes()
        agree(maker, schema, data, ended, seed)
    assert ended["columns"] > 0.6 * len(cases)
    assert min(ended[kind] for kind in ("each", "sort", "group", "cut")) > 0.05 * len(cases)


def test_random_maps_of_database_rows_agree_with_the_judge(
    tmp_path: Path, share: Callable[[int], int]
) -> None:
    ended: Counter[str] = Counter()
    file = tmp_path / "rows.db"
    schema = read_schema(table(file, []))
    cases = seeds(share, 1_000, range(10))
    for seed in cases:
        maker = ColumnMaker(seed)
        data = table(file, maker.typed_rows()).read_bytes()
        agree(maker, schema, data, ended, seed)
    assert ended["columns"] > 0.5 * len(cases)


def test_random_maps_to_parquet_give_the_bytes_of_the_judge(
    tmp_path: Path, share: Callable[[int], int]
) -> None:
    # S64: also of columns that must have a value.
    ended: Counter[str] = Counter()
    for seed in range(share(1_000)):
        maker = ColumnMaker(seed)
        optional = maker.draw.random() < 0.8

        def target(cells: dict[str, str], seed: int = seed, optional: bool = optional) -> Schema:
            known = {"[n]": "integer", "[d]": "date", "[p]": "decimal", "[m]": "datetime"}
            columns = {
                name: known.get(script, "text") if seed % 3 else "text" for name, script in cells.items()
            }
            blank: list[Row] = [(None,) * len(columns)] if optional else []
            return read_schema(parquet(tmp_path / "out.parquet", blank, columns))

        plan = maker.plan(None, target)
        assert not plan.errors
        data = maker.document()
        by_column, engine = outcome(plan, data, "columns")
        if str(by_column[0]).startswith("The engine columns cannot run this map"):
            ended["declined"] += 1
            continue
        assert by_column == outcome(plan, data, "interpret")[0], seed
        ended[engine] += 1
    assert ended["columns"] > 0.3 * share(1_000)


def test_rows_of_parquet_are_joined_with_those_of_a_database(tmp_path: Path) -> None:
    main = parquet(
        tmp_path / "main.parquet", [("1", "b"), ("2", "a"), ("3", None)], {"id": "integer", "k": "text"}
    )
    prices = parquet(
        tmp_path / "prices.parquet", [("a", "1.255"), ("b", "2")], {"sku": "text", "price": "decimal"}
    )
    sources = {"prices": read_schema(prices)}
    join = {
        "price": {
            "loop": f"prices::{sources['prices'].roots[0].name}",
            "match": {"sku": "[k]"},
            "kind": "inner",
        }
    }
    rules = {"row": {"loop": "row", "join": join}, "row/id": "[id]", "row/p": "Round([price::price], 2)"}
    plan = build.plan(rules, read_schema(main), build.rows({"id": "text", "p": "text"}), sources=sources)
    assert "By column (--engine columns): yes, in DuckDB" in explain(plan)
    found = {}
    for engine in ("columns", "interpret"):
        stats = transform(plan, main, tmp_path / engine, engine=engine, further={"prices": prices})
        assert stats.engine == engine
        found[engine] = (tmp_path / engine).read_bytes(), stats.records_in, stats.filtered
    assert found["columns"] == found["interpret"] == (b"id,p\n1,2.00\n2,1.26\n", 3, 1)


def test_columns_of_lists_are_declined(tmp_path: Path) -> None:
    file = tmp_path / "lists.parquet"
    duckdb.sql(f"copy (select 1 as id, [1, 2] as l, 0.5::double as f) to '{file}' (format parquet)")
    target = build.rows({"a": "text", "b": "text"})
    plan = build.plan({"row": {"loop": "row"}, "row/a": "[id]", "row/b": "[f]"}, read_schema(file), target)
    assert "the column f holds more than plain values" in explain(plan)


@pytest.mark.parametrize("data", [b"", b"PAR1", b"PAR1 and nothing PAR1"])
def test_a_broken_parquet_file_ends_as_with_the_judge(tmp_path: Path, data: bytes) -> None:
    schema = read_schema(parquet(tmp_path / "schema.parquet", []))
    plan = ColumnMaker(5).plan(schema)
    found = [str(outcome(plan, data, engine)[0][0])[:34] for engine in ("columns", "interpret")]
    assert found == ["This Parquet file cannot be read: "] * 2
