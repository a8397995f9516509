"""Avro and Parquet: files written by the libraries themselves read as trees; damaged ones give a located error."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import fastavro
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.base.errors import BadInput, Problem, WeftError
from studio.schema.cache import load_cache, write_cache
from studio.schema.model import Base, Node, Schema
from studio.schema.read import read_schema, recognise
from studio.schema.typed.avro import read_avro
from studio.schema.typed.parquet import read_parquet
from tests.conftest import FULL
from tests.schema.trees import lines

_ORDER: dict[str, Any] = {
    "type": "record",
    "name": "Order",
    "namespace": "com.shop",
    "doc": "What was ordered",
    "aliases": ["Purchase"],
    "fields": [
        {"name": "id", "type": "long", "doc": "Its number"},
        {
            "name": "total",
            "type": ["null", {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2}],
            "default": None,
        },
        {"name": "at", "type": {"type": "long", "logicalType": "timestamp-millis"}},
        {"name": "day", "type": {"type": "int", "logicalType": "date"}, "aliases": ["date"]},
        {"name": "state", "type": {"type": "enum", "name": "State", "symbols": ["NEW", "PAID"]}, "default": "NEW"},
        {"name": "hash", "type": {"type": "fixed", "name": "Md5", "size": 16}},
        {
            "name": "lines",
            "type": {
                "type": "array",
                "items": {
                    "type": "record",
                    "name": "Line",
                    "fields": [
                        {"name": "qty", "type": "int", "default": 1},
                        {"name": "part", "type": ["null", "Line"]},
                    ],
                },
            },
        },
        {"name": "tags", "type": {"type": "map", "values": {"type": "array", "items": "string"}}},
        {"name": "key", "type": ["string", "int"]},
        {"name": "payment", "type": ["null", "Line", "string"]},
    ],
}  # fmt: skip
_TREE = [
    "row 0..n Order",
    "row/id 1 long",
    "row/total 0..1 decimal",
    "row/at 1 timestamp-millis",
    "row/day 1 date",
    "row/state 1 State",
    "row/hash 1 Md5",
    "row/lines 1 Line[]",
    "row/lines/item 0..n Line",
    "row/lines/item/qty 1 int",
    "row/lines/item/part 0..1 Line recursive",
    "row/tags 1 map",
    "row/tags/entry 0..n entry",
    "row/tags/entry/key 1 string",
    "row/tags/entry/value 0..n string",
    "row/key 1 string | int",
    "row/payment 0..1 union",
    "row/payment 1 (one of)",
    "row/payment/Line 1 Line",
    "row/payment/Line/qty 1 int",
    "row/payment/Line/part 0..1 Line recursive",
    "row/payment/string 1 string",
]


def _node(schema: Schema, path: str) -> Node:
    place = schema.find(path)
    assert place is not None, path
    return place.node


def test_an_avro_schema_and_the_head_of_a_container_give_the_same_tree(tmp_path: Path) -> None:
    text, container = tmp_path / "order.json", tmp_path / "orders"
    text.write_text(json.dumps(_ORDER))
    with container.open("wb") as file:
        fastavro.writer(file, fastavro.parse_schema(_ORDER), [], codec="deflate")
    for path in (text, container):
        assert recognise(path) == "avro"
        schema = read_schema(path)
        assert lines(schema) == _TREE
        assert schema.problems == ()
    assert schema.facts["codec"] == "deflate"
    assert _node(schema, "row").documentation == "What was ordered"
    assert _node(schema, "row").facts == {"full name": "com.shop.Order", "aliases": "Purchase"}
    assert _node(schema, "row/day").facts["aliases"] == "date"
    assert _node(schema, "row/id").documentation == "Its number"
    state, total, hashed = (_node(schema, f"row/{name}") for name in ("state", "total", "hash"))
    assert state.default == "NEW"
    assert state.value is not None
    assert state.value.enumeration == ("NEW", "PAID")
    assert total.value is not None
    assert (total.nillable, total.value.base, total.value.total_digits, total.value.fraction_digits) == (
        True,
        Base.DECIMAL,
        9,
        2,
    )
    assert hashed.value is not None
    assert (hashed.value.base, hashed.value.max_length) == (Base.BINARY, 16)
    assert _node(schema, "row/lines/item/qty").default == "1"


def test_avro_survives_the_cache(tmp_path: Path) -> None:
    (tmp_path / "a.avsc").write_text(json.dumps(_ORDER))
    write_cache(read_schema(tmp_path / "a.avsc"), tmp_path / "c.schema")
    assert lines(load_cache(tmp_path / "c.schema")) == _TREE


def test_avro_types_of_other_files_are_found_beside_or_marked(tmp_path: Path) -> None:
    user = {
        "type": "record",
        "name": "User",
        "namespace": "a.b",
        "fields": [{"name": "home", "type": "Address"}, {"name": "lost", "type": ["null", "c.Nowhere"]}],
    }
    (tmp_path / "user.avsc").write_text(json.dumps(user))
    address = {
        "type": "record",
        "name": "Address",
        "namespace": "a.b",
        "fields": [{"name": "city", "type": "string"}],
    }
    (tmp_path / "a.b.Address.avsc").write_text(json.dumps(address))
    schema = read_schema(tmp_path / "user.avsc")
    assert "row/home/city 1 string" in lines(schema)
    assert _node(schema, "row/lost").unresolved == "No type called c.Nowhere is declared."
    assert [(problem.message, problem.file) for problem in schema.problems] == [
        ("No type called c.Nowhere is declared.", str(tmp_path / "user.avsc"))
    ]
    assert len(schema.files) == 2


def test_avro_that_the_library_would_refuse_is_shown_with_a_warning(tmp_path: Path) -> None:
    twice = {
        "type": "record",
        "name": "R",
        "fields": [{"name": "a", "type": "int"}, {"name": "a", "type": "int"}],
    }
    bad = {"type": "record", "name": "R", "fields": [{"name": "a-b", "type": "int", "default": "x"}]}
    (tmp_path / "bad.avsc").write_text(json.dumps(bad))
    assert lines(read_schema(tmp_path / "bad.avsc"))[1] == "row/a-b 1 int"
    (tmp_path / "twice.avsc").write_text(json.dumps(twice))
    for name in ("bad", "twice"):
        problems: tuple[Problem, ...] = read_schema(tmp_path / f"{name}.avsc", kind="avro").problems
        assert len(problems) <= 1
    (tmp_path / "none.avsc").write_text('"string"')
    with pytest.raises(BadInput, match="declares no record"):
        read_schema(tmp_path / "none.avsc", kind="avro")


def _container(tmp_path: Path) -> bytes:
    file = tmp_path / "whole.avro"
    with file.open("wb") as opened:
        fastavro.writer(opened, fastavro.parse_schema(_ORDER), [])
    return file.read_bytes()


def test_damaged_avro_containers_are_refused_in_no_time(tmp_path: Path) -> None:
    whole = _container(tmp_path)
    cases = [whole[:4], whole[:9], whole[:60], whole[:500]]
    # Counts and lengths beyond any file.
    cases += [b"Obj\x01" + b"\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01" + whole[5:], b"Obj\x01" + b"\xff" * 40]
    cases += [b"Obj\x01\x02\xfe\xff\xff\xff\x0fx"]
    for at, data in enumerate(cases):
        file = tmp_path / f"{at}.avro"
        file.write_bytes(data)
        with pytest.raises(BadInput) as caught:
            read_schema(file)
        assert caught.value.file is not None


@settings(max_examples=20_000 if FULL else 150, deadline=None)
@given(
    st.recursive(
        st.one_of(
            st.none(), st.booleans(), st.integers(), st.sampled_from(["record", "int", "R", "array", "map"])
        ),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(
                st.sampled_from(
                    ["type", "name", "fields", "items", "values", "symbols", "size", "doc", "default"]
                ),
                inner,
            )
        ),
        max_leaves=25,
    )
)
def test_any_json_is_an_avro_schema_or_refused(tmp_path_factory: pytest.TempPathFactory, value: Any) -> None:
    file = tmp_path_factory.getbasetemp() / "any.avsc"
    file.write_text(json.dumps(value))
    try:
        schema = read_avro(file)
    except WeftError:
        return
    assert lines(schema)[0].startswith(schema.roots[0].name)


@pytest.fixture
def parquet(tmp_path: Path) -> Path:
    file = tmp_path / "data"
    with duckdb.connect() as connection:
        connection.execute(
            "copy (select 1::int as a, 'x' as b, 1.25::decimal(9, 2) as d, [1, 2] as l,"
            " {'p': 1, 'q': [{'z': date '2020-01-01'}]} as s, map {'k': 2.5::double} as m, now() as t,"
            f" time '10:00' as tm, true as bo, [[1]] as n, blob 'x' as bl, 5::utinyint as ut) to '{file}'"
            " (format parquet)"
        )
    return file


def test_a_parquet_file_is_rows_without_the_wrappings_of_lists_and_maps(
    parquet: Path, tmp_path: Path
) -> None:
    assert recognise(parquet) == "parquet"
    schema = read_schema(parquet)
    assert lines(schema) == [
        "row 0..n row",
        "row/a 1 INTEGER",
        "row/b 1 VARCHAR",
        "row/d 1 DECIMAL(9,2)",
        "row/l 0..n INTEGER",
        "row/s 1 s",
        "row/s/p 0..1 INTEGER",
        "row/s/q 0..1 element[]",
        "row/s/q/item 0..n element",
        "row/s/q/item/z 0..1 DATE",
        "row/m 1 map",
        "row/m/entry 0..n entry",
        "row/m/entry/key 1 VARCHAR",
        "row/m/entry/value 0..1 DOUBLE",
        "row/t 1 TIMESTAMP WITH TIME ZONE",
        "row/tm 1 TIME",
        "row/bo 1 BOOLEAN",
        "row/n 1 INTEGER[]",
        "row/n/item 0..n INTEGER",
        "row/bl 1 BLOB",
        "row/ut 1 UTINYINT",
    ]
    price = _node(schema, "row/d")
    assert price.value is not None
    assert (price.value.base, price.value.total_digits, price.value.fraction_digits) == (Base.DECIMAL, 9, 2)
    assert price.facts["stored as"] == "INT32"
    assert _node(schema, "row/s/p").nillable
    # A name that means several files to the library means one to us.
    odd = tmp_path / "a[1]*.parquet"
    odd.write_bytes(parquet.read_bytes())
    assert lines(read_schema(odd)) == lines(schema)


def test_damaged_parquet_files_are_refused(parquet: Path, tmp_path: Path) -> None:
    whole = parquet.read_bytes()
    size = int.from_bytes(whole[-8:-4], "little")
    footer = len(whole) - 8 - size
    cases = [whole[:4], whole[:-1], whole[:footer] + b"PAR1", whole[:-8] + b"\xff\xff\xff\x7fPAR1"]
    cases += [
        whole[:footer] + b"\xff" * size + whole[-8:],
        whole[: footer + 9] + b"\xff" * 9 + whole[footer + 18 :],
    ]
    for at, data in enumerate(cases):
        file = tmp_path / f"{at}.parquet"
        file.write_bytes(data)
        with pytest.raises(BadInput, match="Parquet") as caught:
            read_parquet(file)
        assert caught.value.file == str(file)
