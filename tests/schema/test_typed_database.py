"""Databases: files of SQLite and DuckDB, addresses and queries; what a column says is kept, no password is shown."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import duckdb
import pytest

from studio.base.errors import BadInput, NotReachable, WeftError
from studio.schema.cache import load_cache, write_cache
from studio.schema.model import Base, Node, Schema
from studio.schema.own import own_text
from studio.schema.read import read_schema, recognise
from studio.schema.typed.database import read_database, read_url
from studio.schema.typed.sql_names import sql_base
from tests.schema.trees import lines

_TABLES = """
create table customer (id integer primary key, name varchar(20) not null, rate numeric(9, 2) default 1.5,
  state varchar default 'it''s new', made timestamp default current_timestamp, code text unique, photo blob);
create table invoice (no integer not null, customer_id integer not null references customer(id),
  primary key (no, customer_id));
create view open_invoices as select i.no, c.name from invoice i join customer c on c.id = i.customer_id;
"""


def _node(schema: Schema, path: str) -> Node:
    place = schema.find(path)
    assert place is not None, path
    return place.node


@pytest.fixture
def sqlite(tmp_path: Path) -> Path:
    file = tmp_path / "shop.data"
    connection = sqlite3.connect(file)
    connection.executescript(_TABLES)
    connection.close()
    return file


def test_a_sqlite_file_shows_its_tables_and_views(sqlite: Path, tmp_path: Path) -> None:
    assert recognise(sqlite) == "database"
    before = sqlite.read_bytes()
    schema = read_schema(sqlite)
    assert [node.name for node in schema.roots] == ["customer", "invoice", "open_invoices"]
    assert lines(schema, "customer") == [
        "customer 0..n customer",
        "customer/id 0..1 INTEGER",
        "customer/name 1 VARCHAR(20)",
        "customer/rate 0..1 NUMERIC(9, 2)",
        "customer/state 0..1 VARCHAR",
        "customer/made 0..1 TIMESTAMP",
        "customer/code 0..1 TEXT",
        "customer/photo 0..1 BLOB",
    ]
    name, rate, state = (_node(schema, f"customer/{one}") for one in ("name", "rate", "state"))
    assert name.value is not None
    assert (name.value.base, name.value.max_length, name.nillable) == (Base.TEXT, 20, False)
    assert rate.value is not None
    assert (rate.value.base, rate.value.total_digits, rate.value.fraction_digits) == (Base.DECIMAL, 9, 2)
    assert (rate.default, state.default) == ("1.5", "it's new")
    made = _node(schema, "customer/made")
    assert (made.default, made.facts["default expression"].lower()) == (None, "current_timestamp")
    assert _node(schema, "customer/id").facts["primary key"] == "true"
    assert _node(schema, "customer/code").facts["unique"] == "true"
    assert _node(schema, "invoice/customer_id").facts["foreign key"] == "customer.id"
    assert _node(schema, "invoice/no").facts["primary key"] == "true"
    assert lines(schema, "open_invoices")[1:] == ["open_invoices/no 0..1 INTEGER", "open_invoices/name 0..1 VARCHAR(20)"]  # fmt: skip
    assert sqlite.read_bytes() == before
    write_cache(schema, tmp_path / "c.schema")
    assert lines(load_cache(tmp_path / "c.schema"), "customer") == lines(schema, "customer")


def test_a_duckdb_file_shows_the_same_with_comments(tmp_path: Path) -> None:
    file = tmp_path / "shop.any"
    with duckdb.connect(str(file)) as connection:
        connection.execute(_TABLES + "comment on column customer.name is 'Its name'; create schema extra;")
        connection.execute("create table extra.one (kind enum('a', 'b''c'), s struct(x int))")
    assert recognise(file) == "database"
    schema = read_schema(file)
    assert [node.name for node in schema.roots] == ["extra.one", "customer", "invoice", "open_invoices"]
    assert _node(schema, "customer/name").documentation == "Its name"
    assert _node(schema, "customer/state").default == "it's new"
    assert _node(schema, "customer/id").facts["primary key"] == "true"
    assert _node(schema, "invoice/customer_id").facts["foreign key"] == "customer.id"
    kind = _node(schema, "extra.one/kind").value
    assert kind is not None
    assert kind.enumeration == ("a", "b'c")


def test_a_table_or_a_query_behind_an_address_is_rows(sqlite: Path) -> None:
    address = f"sqlite:///{sqlite}"
    assert lines(read_url(address, table="invoice")) == [
        "row 0..n invoice",
        "row/no 1 INTEGER",
        "row/customer_id 1 INTEGER",
    ]
    assert lines(
        read_url(address, query="select name, rate * 2 as twice, id from customer where id > 3;")
    ) == [
        "row 0..n query",
        "row/name 0..1 VARCHAR(20)",
        "row/twice 0..1",
        "row/id 0..1 INTEGER",
    ]
    assert len(read_url(address).roots) == 3
    for query in ("select nothing from customer", "delete from customer", "select 1; drop table customer"):
        with pytest.raises(BadInput, match="The database answers"):
            read_url(address, query=query)
    with pytest.raises(BadInput, match="no table or view called lost") as caught:
        read_url(address, table="lost")
    assert caught.value.next_step == "It has: customer, invoice, open_invoices."
    assert len(read_url(address).roots) == 3


def test_tables_are_kept_in_a_file_of_our_own(sqlite: Path, tmp_path: Path) -> None:
    schema = read_schema(sqlite)
    file = tmp_path / "shop.yaml"
    file.write_text(own_text(schema), "utf-8")
    again = read_schema(file)
    assert (again.kind, again.problems) == ("database", ())
    for root in schema.roots:
        assert lines(again, root.name) == lines(schema, root.name)
    for path in ("customer/name", "customer/rate", "customer/photo", "invoice/no"):
        one, other = _node(schema, path), _node(again, path)
        assert (other.value, other.default, other.nillable) == (one.value, one.default, one.nillable)
        assert dict(other.facts) == dict(one.facts)
    row = read_url(f"sqlite:///{sqlite}", table="invoice")
    file.write_text(own_text(row), "utf-8")
    assert lines(read_schema(file))[1:] == lines(row)[1:]


@pytest.mark.parametrize(
    ("name", "base"),
    [
        ("VARCHAR(20)", Base.TEXT),
        ("INTEGER", Base.INTEGER),
        ("bigint", Base.INTEGER),
        ("INTERVAL", Base.TEXT),
        ("NUMERIC(9, 2)", Base.DECIMAL),
        ("DOUBLE PRECISION", Base.FLOAT),
        ("timestamp with time zone", Base.DATETIME),
        ("DATETIME2", Base.DATETIME),
        ("TIME", Base.TIME),
        ("UBIGINT", Base.INTEGER),
        ("bytea", Base.BINARY),
        ("", Base.TEXT),
    ],
)
def test_names_of_types_mean_the_same_in_every_database(name: str, base: Base) -> None:
    assert sql_base(name) is base


def test_no_password_is_shown(tmp_path: Path) -> None:
    for address in (
        f"sqlite:///{tmp_path}/not/there/x.db",
        "sqlite://me:s3cret@host/x",
        "nosuchdatabase://me:s3cret@host/x",
        "me:s3cret",
    ):
        with pytest.raises((NotReachable, BadInput)) as caught:
            read_url(address)
        assert "s3cret" not in str(caught.value)


def test_damaged_and_other_files_are_refused(sqlite: Path, tmp_path: Path) -> None:
    whole = sqlite.read_bytes()
    duck = tmp_path / "d.duckdb"
    with duckdb.connect(str(duck)) as connection:
        connection.execute("create table t (a int)")
    pond = duck.read_bytes()
    cases = [whole[:16], whole[:100] + b"\xff" * 4000, pond[:12], pond[:4096] + b"\x00" * 20000]
    for at, data in enumerate((*cases, b"neither")):
        file = tmp_path / f"{at}.db"
        file.write_bytes(data)
        with pytest.raises(WeftError) as caught:
            read_database(file)
        assert caught.value.file == str(file)
