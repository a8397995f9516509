"""Avro, Parquet, Excel and databases as sources and targets: types, nesting, what fails a record, what ends a run."""

from __future__ import annotations

import datetime
import io
import sqlite3
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import fastavro
import pytest
import python_calamine
import xlsxwriter

from studio.base.errors import BadInput
from studio.engine.address import Address
from studio.engine.failures import Failure
from studio.engine.plan import Plan
from studio.engine.run import transform
from studio.schema.model import Kind, Node, Schema
from studio.schema.own import read_own
from studio.schema.read import read_schema
from tests.engine.build import plan, rows, run, xml

_LINE = {
    "type": "record",
    "name": "Line",
    "fields": [{"name": "sku", "type": "string"}, {"name": "qty", "type": "int"}],
}
_OTHER = {"type": "record", "name": "Other", "fields": [{"name": "x", "type": "int"}]}
_AVRO = {
    "type": "record",
    "name": "Order",
    "namespace": "a.b",
    "fields": [
        {"name": "id", "type": "long"},
        {"name": "name", "type": ["null", "string"]},
        {
            "name": "price",
            "type": {"type": "bytes", "logicalType": "decimal", "precision": 8, "scale": 2},
        },
        {"name": "day", "type": {"type": "int", "logicalType": "date"}},
        {"name": "at", "type": {"type": "long", "logicalType": "timestamp-micros"}},
        {"name": "tags", "type": {"type": "array", "items": "string"}},
        {"name": "lines", "type": {"type": "array", "items": _LINE}},
        {"name": "counts", "type": {"type": "map", "values": "int"}},
        {"name": "ok", "type": "boolean"},
        {"name": "color", "type": {"type": "enum", "name": "Color", "symbols": ["RED", "BLUE"]}},
        {"name": "raw", "type": "bytes"},
        {"name": "next", "type": ["null", "Order"], "default": None},
        {"name": "alt", "type": ["null", "Line", _OTHER], "default": None},
    ],
}
_MOMENT = datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.UTC)


def copying(root: Node) -> dict[str, Any]:
    """The rules that carry a row to one of the same schema, two levels of nesting deep."""
    rules: dict[str, Any] = {root.name: {"loop": root.name}}
    _copy(root, root.name, "", rules, 0)
    return rules


def _copy(node: Node, path: str, lead: str, rules: dict[str, Any], depth: int) -> None:
    for child in node.type.children:
        here, read = f"{path}/{child.name}", lead + child.name
        if child.kind is Kind.CHOICE:
            _copy(child, path, lead, rules, depth)
        elif child.kind is Kind.FIELD:
            rules[here] = f"[{read}]"
        elif child.occurs.repeats:
            rules[here] = {"loop": read}
            _copy(child, here, "", rules, depth + 1)
        elif depth < 2:
            _copy(child, here, read + "/", rules, depth + 1)


def same(made: Plan, given: Path | bytes) -> bytes:
    """The output of the judge, after asking the row back end for the same bytes."""
    assert made.errors == (), made.errors
    outputs = []
    for engine in ("interpret", "rows"):
        out = io.BytesIO()
        failures: list[Failure] = []
        source = given if isinstance(given, Path) else io.BytesIO(given)
        stats = transform(made, source, out, engine=engine, failures=failures.append)
        assert failures == []
        assert stats.engine == engine
        outputs.append(out.getvalue())
    assert outputs[0] == outputs[1]
    return outputs[0]


def _orders(count: int) -> list[dict[str, Any]]:
    return [
        {
            "id": number, "name": None if number % 2 else "naïve", "price": Decimal("10.50"),
            "day": datetime.date(2026, 1, 2), "at": _MOMENT, "tags": ["a", "b"][:number],
            "lines": [{"sku": "s", "qty": 1}, {"sku": "t", "qty": 2}][:number], "counts": {"k": number},
            "ok": True, "color": "RED", "raw": b"\x00\xff", "next": None,
            "alt": ("a.b.Other", {"x": 3}) if number else None,
        }
        for number in range(count)
    ]  # fmt: skip


def _avro(count: int) -> bytes:
    out = io.BytesIO()
    fastavro.writer(out, fastavro.parse_schema(_AVRO), _orders(count))
    return out.getvalue()


def _read_avro(data: bytes) -> list[Any]:
    return list(fastavro.reader(io.BytesIO(data), return_named_type=True))


def test_avro_records_pass_through_unchanged(tmp_path: Path) -> None:
    given = _avro(3)
    (tmp_path / "orders.avro").write_bytes(given)
    schema = read_schema(tmp_path / "orders.avro")
    rules = {path: rule for path, rule in copying(schema.roots[0]).items() if "/next" not in path}
    made = same(plan(rules, schema, schema), given)
    assert _read_avro(made) == _read_avro(given)
    # The mark between blocks is not drawn by lot.
    assert made == same(plan(rules, schema, schema), tmp_path / "orders.avro")


def test_types_of_other_files_are_part_of_what_is_written(tmp_path: Path) -> None:
    (tmp_path / "Line.avsc").write_text(
        '{"type":"record","name":"Line","fields":[{"name":"qty","type":"int"},'
        '{"name":"p","type":{"type":"bytes","logicalType":"decimal","precision":4,"scale":2}}]}'
    )
    (tmp_path / "Order.avsc").write_text(
        '{"type":"record","name":"Order","fields":[{"name":"one","type":"Line"},{"name":"two","type":"Line"}]}'
    )
    schema = read_schema(tmp_path / "Order.avsc")
    source = xml({"top": {"r*": {"@a?": "integer"}}})
    rules = {
        "row": {"loop": "top/r"},
        "row/one/qty": "[@a]",
        "row/one/p": "[@a] / 4",
        "row/two/qty": "2",
        "row/two/p": "1",
    }
    made = same(plan(rules, source, schema), b"<top><r a='1'/><r a='2'/></top>")
    records: list[Any] = list(fastavro.reader(io.BytesIO(made)))
    assert [(each["one"]["qty"], each["one"]["p"]) for each in records] == [
        (1, Decimal("0.25")),
        (2, Decimal("0.50")),
    ]


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ("<id>9223372036854775808</id>", "9223372036854775808 does not fit a whole number of 64 bits."),
        ("<id>x</id>", "'x' (string) is not a whole number."),
        ("<price>1.001</price>", "1.001 has more than 2 decimals."),
        ("<price>1234567.00</price>", "1234567.00 has more digits than the 8 there is room for."),
        ("<color>GREEN</color>", "'GREEN' is none of the values allowed: RED, BLUE."),
        ("<raw>?</raw>", "'?' is not base 64."),
        ("", "The field id must have a value."),
    ],
)
def test_what_avro_cannot_hold_fails_the_record(tmp_path: Path, values: str, reason: str) -> None:
    (tmp_path / "orders.avro").write_bytes(_avro(0))
    schema = read_schema(tmp_path / "orders.avro")
    names = ("id", "price", "color", "raw")
    source = xml({"top": {"r*": dict.fromkeys([f"{name}?" for name in names], "text")}})
    rules: dict[str, Any] = {f"row/{name}": f"[{name}]" for name in names if f"<{name}>" in values}
    made = plan({"row": {"loop": "top/r"}, **rules}, source, schema)
    for engine in ("interpret", "auto"):
        out, failures = io.BytesIO(), list[Failure]()
        stats = transform(
            made,
            io.BytesIO(f"<top><r>{values}</r></top>".encode()),
            out,
            engine=engine,
            failures=failures.append,
        )
        assert (stats.failed, stats.records_out) == (1, 0)
        assert failures[0].reason == reason


def _parquet(folder: Path) -> Path:
    file = folder / "rows.parquet"
    duckdb.sql(
        "copy (select * from (values (1, 'x', 1.50::decimal(8,2), date '2026-01-01', timestamp '2026-01-01 10:00:00.5',"
        " [1, 2], [{a: 1, b: 'z'}], {x: 1, y: 'v'}, map{'k': 5}, true, 'ab'::blob, 0.1::double,"
        " timestamptz '2026-01-01 10:00:00+02', time '03:04:05'),"
        " (2, null, null, null, null, null, null, null, null, null, null, null, null, null))"
        f" t(i, n, p, d, t, l, sl, st, m, b, bl, f, tz, ti)) to '{file}' (format parquet)"
    )
    return file


def _asked(query: str) -> list[Any]:
    found = duckdb.sql(query)
    assert found is not None
    return found.fetchall()


def test_parquet_rows_pass_through_unchanged(tmp_path: Path) -> None:
    file = _parquet(tmp_path)
    schema = read_schema(file)
    made = tmp_path / "made.parquet"
    made.write_bytes(same(plan(copying(schema.roots[0]), schema, schema), file))
    select = "select * exclude (st), st.x, st.y from read_parquet('{}')"
    cast = "select * replace (tz::varchar as tz) from ({})"
    one, other = (_asked(cast.format(select.format(each))) for each in (file, made))
    assert one == other
    kinds = [_asked(f"describe select * from read_parquet('{each}')") for each in (file, made)]
    assert [row[:2] for row in kinds[0]] == [row[:2] for row in kinds[1]]
    # The same from a stream that has no name.
    assert made.read_bytes() == same(plan(copying(schema.roots[0]), schema, schema), file.read_bytes())


def test_numbers_and_truths_keep_their_value_however_a_text_writes_them(tmp_path: Path) -> None:
    file = tmp_path / "made.parquet"
    duckdb.sql(
        f"copy (select 1::bigint as n, 2::utinyint as u, true as t, 1.5::double as d) to '{file}' (format parquet)"
    )
    schema = read_schema(file)
    source = rows({"n": "integer", "u": "integer", "t": "boolean", "d": "float"})
    rules = {"row": {"loop": "row"}, **{f"row/{name}": f"[{name}]" for name in "nutd"}}
    file.write_bytes(same(plan(rules, source, schema), b"n,u,t,d\n007,+5,1,1e3\n-0,0,false,2\n"))
    assert _asked(f"select * from read_parquet('{file}')") == [
        (7, 5, True, 1000.0), (0, 0, False, 2.0),
    ]  # fmt: skip


def _workbook(folder: Path) -> Path:
    file = folder / "sheet.xlsx"
    with xlsxwriter.Workbook(str(file)) as book:
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        sheet = book.add_worksheet("Data")
        sheet.write(0, 0, "A title")
        sheet.write_row(2, 0, ["id", "name", "day", "at", "amount", "ok"])
        for row in range(3, 6):
            sheet.write_number(row, 0, row)
            sheet.write_string(row, 1, f"00{row}")
            sheet.write_datetime(row, 2, datetime.datetime(2026, 1, row), day)
            sheet.write_datetime(row, 3, datetime.datetime(2026, 1, row, 4, 5, 6), moment)
            sheet.write_number(row, 4, row / 8)
            sheet.write_boolean(row, 5, row == 4)
        sheet.write_formula(5, 4, "=NA()", None, "#N/A")
        book.add_worksheet("Other").write_row(0, 0, ["b", "c"])
    return file


def test_sheets_are_read_by_their_header_and_written_with_types(tmp_path: Path) -> None:
    """S63"""
    file = _workbook(tmp_path)
    schema = read_schema(file)
    made = plan(copying(schema.roots[0]), schema, schema)
    outputs = []
    for engine in ("interpret", "rows"):
        out, failures = io.BytesIO(), list[Failure]()
        transform(made, file, out, engine=engine, failures=failures.append)
        assert [(each.record, each.reason) for each in failures] == [
            (3, "Line 6: Field amount: the cell holds an error")
        ]
        outputs.append(out.getvalue())
    assert outputs[0] == outputs[1]
    rows = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(outputs[0])).get_sheet_by_name("Data")
    assert rows.to_python() == [
        ["id", "name", "day", "at", "amount", "ok"],
        [3, "003", datetime.date(2026, 1, 3), datetime.datetime(2026, 1, 3, 4, 5, 6), 0.375, False],
        [4, "004", datetime.date(2026, 1, 4), datetime.datetime(2026, 1, 4, 4, 5, 6), 0.5, True],
    ]


def test_numbers_a_cell_cannot_hold_exactly_keep_their_digits(tmp_path: Path) -> None:
    schema = read_schema(_workbook(tmp_path))
    source = xml({"top": {"r*": {"@a?": "text"}}})
    made = same(
        plan({"row": {"loop": "top/r"}, "row/amount": "[@a]"}, source, schema),
        b"<top><r a='12345678901234567890'/><r a='1.10'/><r a='=1+1'/></top>",
    )
    rows = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(made)).get_sheet_by_index(0).to_python()
    assert [row[4] for row in rows[1:]] == ["12345678901234567890", 1.1, "=1+1"]


_TABLE = """weft: schema/1
kind: database
table: {table}
records:
  row:
    fields:
      id: {{type: INTEGER, required: true}}
      name: {{type: VARCHAR, required: true, length: 6}}
      price: {{type: "DECIMAL(10,2)"}}
      day: {{type: DATE}}
      at: {{type: DATETIME}}
      ok: {{type: BOOLEAN}}
      raw: {{type: BLOB}}
"""
_COLUMNS = "id integer primary key, name varchar(6) not null, price decimal(10,2), day date, at datetime, ok boolean, raw blob"


def _described(folder: Path, table: str, more: str = "") -> Schema:
    file = folder / f"{table}.yaml"
    file.write_text(_TABLE.format(table=table).replace("records:", more + "records:", 1))
    return read_own(file)


def _database(folder: Path, rows: int) -> Path:
    file = folder / "orders.db"
    with sqlite3.connect(file) as connection:
        connection.execute(f"create table orders({_COLUMNS})")
        connection.execute(f"create table made({_COLUMNS})")
        values = [
            (n, f"n{n}", n * 1.25, "2026-01-02", "2026-01-02 10:00:00.000000", n % 2, b"ab")
            for n in range(rows)
        ]
        connection.executemany("insert into orders values(?,?,?,?,?,?,?)", values)
        connection.execute("insert into orders(id, name) values (99999, '')")
    connection.close()
    return file


def _rows(file: Path, table: str) -> list[Any]:
    with sqlite3.connect(file) as connection:
        found = connection.execute(f"select * from {table} order by id").fetchall()
    connection.close()
    return found


def test_rows_go_from_table_to_table_in_one_transaction(tmp_path: Path) -> None:
    """S64"""
    file = _database(tmp_path, 2500)
    address = Address(f"sqlite:///{file}")
    made = plan(
        copying(_described(tmp_path, "orders").roots[0]),
        _described(tmp_path, "orders"),
        _described(tmp_path, "made"),
    )
    stats = transform(made, address, address)
    assert (stats.records_in, stats.records_out, stats.engine) == (2501, 2501, "rows")
    assert _rows(file, "made") == _rows(file, "orders")
    # The last row is there already: none of the others is written twice.
    with sqlite3.connect(file) as connection:
        connection.execute("delete from made where id < 99999")
    connection.close()
    with pytest.raises(BadInput, match="refuses rows 2001 to 2501: UNIQUE constraint failed"):
        transform(made, address, address, engine="interpret")
    assert len(_rows(file, "made")) == 1


def test_a_query_is_read_and_a_file_of_rows_written(tmp_path: Path) -> None:
    file = _database(tmp_path, 3)
    query = "query: select *, 1 as more from orders where id > 1 order by id desc\n"
    source = _described(tmp_path, "orders", query)
    made = plan(copying(source.roots[0]), source, _described(tmp_path, "made"))
    assert same(made, file).decode() == (
        "id,name,price,day,at,ok,raw\n99999,,,,,,\n2,n2,2.5,2026-01-02,2026-01-02T10:00:00,false,YWI=\n"
    )


def test_what_a_column_cannot_hold_fails_the_record(tmp_path: Path) -> None:
    file = _database(tmp_path, 0)
    source = xml({"top": {"r*": {"@id?": "text", "@name?": "text", "@price?": "text"}}})
    rules = {
        "row": {"loop": "top/r"},
        "row/id": "[@id]",
        "row/name": "[@name]",
        "row/price": "[@price]",
    }
    made = plan(rules, source, _described(tmp_path, "made"))
    given = (
        b"<top><r id='1' name='much too long'/><r id='2' name='ok' price='1.50'/><r name='no id'/>"
        b"<r id='x' name='text'/></top>"
    )
    failures: list[Failure] = []
    transform(made, io.BytesIO(given), Address(f"sqlite:///{file}"), failures=failures.append)
    assert [(each.record, each.reason) for each in failures] == [
        (1, "'much too long' has 13 characters; the field name takes 6."),
        (3, "The field id must have a value."),
        (4, "'x' (string) is not a whole number."),
    ]
    assert [row[:3] for row in _rows(file, "made")] == [(2, "ok", 1.5)]


def test_addresses_do_not_show_passwords() -> None:
    shown = str(Address("postgresql://me:p@ss:w@db.example/x?password=secret&a=1"))
    assert shown == "postgresql://me:***@db.example/x?password=***&a=1"
    assert "secret" not in repr(Address("mysql://h/x?pwd=secret"))


@pytest.mark.parametrize(
    ("table", "url", "reason"),
    [
        ("none", "sqlite:///{}", "no such table: none"),
        ("orders", "sqlite:///{}.missing", "There is no such file."),
        ("orders", "nothing://user:hidden@host/x", "not the address of a database"),
    ],
)
def test_a_table_or_database_that_is_not_there(tmp_path: Path, table: str, url: str, reason: str) -> None:
    file = _database(tmp_path, 1)
    schema = _described(tmp_path, table)
    made = plan(copying(schema.roots[0]), schema, schema)
    with pytest.raises(BadInput, match=reason) as caught:
        transform(made, Address(url.format(file)), io.BytesIO())
    assert "hidden" not in str(caught.value)
    wrong = plan({"row": {"loop": "top/r"}}, xml({"top": {"r*": {"@id?": "text"}}}), schema)
    with pytest.raises(BadInput, match="address of a database"):
        transform(wrong, Address(f"sqlite:///{file}"), io.BytesIO())


def _damage(data: bytes) -> list[bytes]:
    half = len(data) // 2
    return [data[:half], data[:-9], data[:half] + bytes(64) + data[half + 64 :], b"garbage" * 40, b""]


@pytest.mark.parametrize("kind", ["avro", "parquet", "excel"])
def test_damaged_files_end_the_run_with_a_sentence(tmp_path: Path, kind: str) -> None:
    if kind == "avro":
        file = tmp_path / "orders.avro"
        file.write_bytes(_avro(40))
    else:
        file = _parquet(tmp_path) if kind == "parquet" else _workbook(tmp_path)
    schema = read_schema(file)
    target = xml({"out": {"row*": {"a?": "text"}}})
    name = schema.roots[0].type.children[1].name
    made = plan({"out/row": {"loop": "row"}, "out/row/a": f"[{name}]"}, schema, target)
    ended = 0
    for data in _damage(file.read_bytes()):
        try:
            run(made, data)
        except BadInput as error:
            # The name of a copy that was made of what came through a pipe means nothing.
            ended += bool(error.message and error.next_step and "file.parquet" not in error.message)
    assert ended >= 4


@pytest.mark.parametrize(("width", "groups"), [(20, 1), (4_000, 2)])
def test_a_group_of_rows_of_parquet_is_held_by_memory(tmp_path: Path, width: int, groups: int) -> None:
    """Wide rows come in smaller groups; one row may be larger than any of them."""
    file = tmp_path / "made.parquet"
    with duckdb.connect() as connection:
        connection.execute(f"COPY (SELECT 1 AS id, 'x' AS text) TO '{file}' (FORMAT parquet)")
        schema = read_schema(file)
        source = xml({"top": {"r*": {"@id?": "text"}}})
        script = f"If([@id] == '2999', RPad('z', 300000), RPad([@id], {width}))"
        rules = {"row": {"loop": "top/r"}, "row/id": "[@id]", "row/text": script}
        given = "<top>" + "".join(f"<r id='{n}'/>" for n in range(3000)) + "</top>"
        stats = transform(plan(rules, source, schema), io.BytesIO(given.encode()), file)
        assert (stats.records_out, stats.failed) == (3000, 0)
        found = connection.execute(
            f"SELECT count(DISTINCT row_group_id) FROM parquet_metadata('{file}')"
        ).fetchall()
        assert found == [(groups,)]
        rows = connection.execute(f"SELECT id, length(text) FROM '{file}'").fetchall()
    assert rows == [(n, 300_000 if n == 2999 else width) for n in range(3000)]
