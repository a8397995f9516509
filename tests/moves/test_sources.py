"""Sources that are no delimited files: what their values become, and how hostile ones end."""

from __future__ import annotations

import csv
import datetime
import sqlite3
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest
import xlsxwriter

from studio.base.errors import BadInput, TooLarge, WeftError
from studio.engine.address import Address
from studio.moves.sources.bring import Brought, bring, preview
from studio.moves.sources.cells import plain_number
from studio.moves.sources.kinds import Kind, Pick, Place, kind_of

UTC = datetime.UTC


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., tuple[Brought, list[list[str]]]]:
    """Brings a source; what was brought, and its rows under its header."""
    folder = tmp_path / "move"
    folder.mkdir()

    def call(place: Place, **pick: Any) -> tuple[Brought, list[list[str]]]:
        found = bring(place, Pick(**pick), folder)
        with found.file.path.open(encoding="utf-8", newline="") as file:
            return found, list(csv.reader(file, strict=True))

    return call


Read = Callable[..., tuple[Brought, list[list[str]]]]


@pytest.fixture
def book(tmp_path: Path) -> Callable[[Callable[[Any, Any], None]], Path]:
    """Writes a workbook; the sheets are made by the function given."""

    def write(make: Callable[[Any, Any], None]) -> Path:
        path = tmp_path / "book.xlsx"
        with xlsxwriter.Workbook(str(path)) as made:
            make(made, made.add_worksheet("Accounts"))
        return path

    return write


Book = Callable[[Callable[[Any, Any], None]], Path]


def test_cells_of_a_workbook_become_what_is_sent(read: Read, book: Book) -> None:
    def make(made: Any, sheet: Any) -> None:
        day, moment, clock, code = (
            made.add_format({"num_format": form})
            for form in ("dd/mm/yyyy", "yyyy-mm-dd hh:mm:ss", "hh:mm", "00000")
        )
        sheet.write_row(0, 0, ["Key", "Big", "Price", "Day", "Moment", "Time", "Yes", "Zip", "Text"])
        sheet.write_row(1, 0, ["A-1", 1e12, 0.1 + 0.2])
        sheet.write_datetime(1, 3, datetime.datetime(2024, 3, 31), day)
        sheet.write_datetime(1, 4, datetime.datetime(2024, 3, 31, 2, 30, 15), moment)
        sheet.write_datetime(1, 5, datetime.time(9, 5), clock)
        sheet.write_boolean(1, 6, True)
        sheet.write_number(1, 7, 1234, code)
        sheet.write_string(1, 8, "007\n€")
        # A row with nothing in it is no row.
        sheet.write_row(3, 0, ["A-2", -1.5e-7, 123456789012345])
        sheet.write_string(3, 7, "00042")

    brought, rows = read(book(make))
    assert rows[1:] == [
        [
            "A-1",
            "1000000000000",
            "0.3",
            "2024-03-31",
            "2024-03-31T02:30:15",
            "09:05:00",
            "true",
            "01234",
            "007\n€",
        ],
        ["A-2", "-0.00000015", "123456789012345", "", "", "", "", "00042", ""],
    ]
    assert brought.shown == "Excel, sheet Accounts, column names in row 1"
    assert not brought.held


def test_the_header_is_found_below_a_title_and_can_be_named(read: Read, book: Book) -> None:
    def make(made: Any, sheet: Any) -> None:
        sheet.write(1, 1, "Customers of 2024")
        sheet.write_row(4, 1, ["Key", "Name", "City"])
        sheet.write_row(5, 1, ["A", "B", "C"])
        sheet.write_row(6, 1, ["D", "E", "F"])
        made.add_worksheet("Second").write_column(0, 0, ["Only", "x"])

    path = book(make)
    assert read(path)[1] == [["Key", "Name", "City"], ["A", "B", "C"], ["D", "E", "F"]]
    assert read(path, header_row=6)[1] == [["A", "B", "C"], ["D", "E", "F"]]
    assert read(path, sheet="Second")[1] == [["Only"], ["x"]]
    seen = preview(path, Pick(), 1)
    assert (seen.choices, seen.chosen, seen.header_row) == (("Accounts", "Second"), "Accounts", 5)
    assert seen.rows == (("A", "B", "C"),)


def test_a_cell_that_holds_an_error_holds_its_row_back(read: Read, book: Book) -> None:
    def make(made: Any, sheet: Any) -> None:
        sheet.write_row(0, 1, ["Key", "Total", "Note"])
        sheet.write_row(1, 1, ["A", 1, "x"])
        sheet.write(2, 1, "B")
        sheet.write_formula(2, 2, "=1/0", None, "#DIV/0!")
        sheet.write_formula(3, 2, "=1+1", None, 2)

    brought, rows = read(book(make))
    assert rows[1:] == [["A", "1", "x"], ["B", "", ""], ["", "2", ""]]
    assert list(brought.held) == [2]
    assert brought.held[2] == "Total: cell C3 holds an error"


def test_a_merged_header_is_named_by_its_column(read: Read, book: Book) -> None:
    def make(made: Any, sheet: Any) -> None:
        sheet.merge_range(0, 0, 0, 1, "Name")
        sheet.write(0, 2, "City")
        sheet.write_row(1, 0, ["Ann", "Lee", "Rome"])

    with pytest.raises(BadInput, match="Column B") as caught:
        read(book(make))
    assert "merged" in (caught.value.next_step or "")


def test_columns_without_name_and_values_are_no_columns(read: Read, book: Book) -> None:
    def make(made: Any, sheet: Any) -> None:
        sheet.write_row(0, 0, ["Key", "", "Name"])
        sheet.write_row(1, 0, ["A", "", "B"])

    assert read(book(make))[1] == [["Key", "Name"], ["A", "B"]]


@pytest.mark.parametrize(
    ("pick", "said"),
    [
        ({"sheet": "Acounts"}, "Accounts"),
        ({"header_row": 9}, "Row 9"),
        ({"table": "Accounts"}, "databases"),
        ({"sheet": "Empty"}, "empty"),
    ],
)
def test_what_is_not_in_a_workbook(read: Read, book: Book, pick: dict[str, Any], said: str) -> None:
    def make(made: Any, sheet: Any) -> None:
        sheet.write_row(0, 0, ["Key", "Name"])
        sheet.write_row(1, 0, ["A", "B"])
        made.add_worksheet("Empty")

    path = book(make)
    with pytest.raises(BadInput, match=said) as caught:
        read(path, **pick)
    assert caught.value.file == str(path)


def test_locked_old_broken_and_huge_workbooks(read: Read, tmp_path: Path, book: Book) -> None:
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000)
    locked, old, cut = (tmp_path / name for name in ("locked.xlsx", "old.xls", "cut.xlsx"))
    locked.write_bytes(ole + "EncryptedPackage".encode("utf-16-le"))
    old.write_bytes(ole)
    whole = book(lambda _made, sheet: sheet.write_row(0, 0, ["a", "b"]))
    cut.write_bytes(whole.read_bytes()[:-400])
    named = tmp_path / "named.xlsx"
    named.write_text("a,b\n1,2\n")
    for path, said in ((locked, "password"), (old, "old form"), (cut, "damaged"), (named, "damaged")):
        with pytest.raises(BadInput, match=said):
            read(path)
    far = tmp_path / "far.xlsx"
    with xlsxwriter.Workbook(str(far)) as made:
        sheet = made.add_worksheet()
        sheet.write_row(0, 0, [f"c{n}" for n in range(20)])
        sheet.write(1_048_575, 19, "x")
    with pytest.raises(TooLarge, match="5,000,000 cells"):
        read(far)


def test_every_row_a_sheet_can_have(read: Read, tmp_path: Path) -> None:
    path = tmp_path / "long.xlsx"
    with xlsxwriter.Workbook(str(path), {"constant_memory": True}) as made:
        sheet = made.add_worksheet()
        sheet.write(0, 0, "Key")
        sheet.write(1_048_575, 0, "last")
    assert read(path)[1] == [["Key"], ["last"]]


def test_json_lines_keep_digits_and_flatten_objects(read: Read, tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(
        '\ufeff{"Key": "A", "Amount": 1E+12, "Price": 12.50, "Active": true, "Account": {"ERP_Id__c": "007"}}\n\n'
        '{"Key": "B", "Amount": 12345678901234567890123, "Other": null, "Tags": ["x", 1.0], "Active": false}\n',
        encoding="utf-8",
    )
    assert read(path)[1] == [
        ["Key", "Amount", "Price", "Active", "Account.ERP_Id__c", "Other", "Tags"],
        ["A", "1000000000000", "12.50", "true", "007", "", ""],
        ["B", "12345678901234567890123", "", "false", "", "", '["x", "1.0"]'],
    ]


@pytest.mark.parametrize(
    "bad",
    [
        '{"Key": "B"',
        '{"Key": NaN}',
        '["Key"]',
        '{"Key": 1, "Key": 2}',
        '{"a": {"b": 1}, "a.b": 2}',
        '{"Key": ' + "[" * 50_000 + "]" * 50_000 + "}",
        '{"Key": "\udcff"}',
    ],
)
def test_a_bad_json_line_is_named(read: Read, tmp_path: Path, bad: str) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_bytes(b'{"Key": "A"}\n' + bad.encode("utf-8", "surrogateescape") + b"\n")
    with pytest.raises(BadInput, match="Line 2") as caught:
        read(path)
    assert (caught.value.file, caught.value.line) == (str(path), 2)


def test_texts_that_cannot_be_sent_hold_their_rows_back(read: Read, tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text('{"K": "a\\u0000"}\n{"K": "ok \\ud83d\\ude00"}\n{"K": "\\ud83d"}\n')
    brought, rows = read(path)
    assert list(brought.held) == [1, 3]
    assert rows[2] == ["ok \U0001f600"]


def test_values_of_parquet(read: Read, tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    with duckdb.connect(config={"threads": "1"}) as made:
        made.execute("SET TimeZone = 'America/Sao_Paulo'")
        made.execute(
            "COPY (SELECT 'A' AS \"Key\", 1e12::DOUBLE AS big, 1.1::FLOAT AS small, 12.50::DECIMAL(10,2) AS price,"
            " DATE '2024-03-31' AS day, TIMESTAMP '2024-03-31 02:30:00' AS moment,"
            " TIMESTAMPTZ '2024-03-31 02:30:00-03' AS zoned, TIME '09:05:00' AS clock, true AS yes,"
            " {'ERP_Id__c': '007'} AS \"Account\", NULL::INTEGER AS none, 9223372036854775807 AS long,"
            f" [1, 2] AS list) TO '{path}' (FORMAT parquet)"
        )
    header, row = read(path)[1]
    assert dict(zip(header, row, strict=True)) == {
        "Key": "A", "big": "1000000000000", "small": "1.1", "price": "12.50", "day": "2024-03-31",
        "moment": "2024-03-31T02:30:00", "zoned": "2024-03-31T05:30:00Z", "clock": "09:05:00", "yes": "true",
        "Account.ERP_Id__c": "007", "none": "", "long": "9223372036854775807", "list": "[1, 2]",
    }  # fmt: skip


def test_broken_parquet(read: Read, tmp_path: Path) -> None:
    path, cut = tmp_path / "rows.parquet", tmp_path / "cut.parquet"
    with duckdb.connect(config={"threads": "1"}) as made:
        made.execute(f"COPY (SELECT i AS a FROM range(5000) AS t(i)) TO '{path}' (FORMAT parquet)")
    data = path.read_bytes()
    cut.write_bytes(data[: len(data) // 2])
    with pytest.raises(BadInput, match="cannot be read") as caught:
        read(cut)
    assert caught.value.file == str(cut)
    spoiled = bytearray(data)
    spoiled[4:3000] = b"\xff" * 2996
    cut.write_bytes(spoiled)
    with pytest.raises(BadInput, match="cannot be read"):
        read(cut)


@pytest.fixture
def sqlite(tmp_path: Path) -> Path:
    path = tmp_path / "shop.db"
    with sqlite3.connect(path) as made:
        made.execute(
            "CREATE TABLE customers (id TEXT PRIMARY KEY, zip TEXT, since DATETIME, active BOOLEAN, credit REAL, n INT)"
        )
        rows = [("C-2", "00042", "2024-03-31 02:30:00", 0, 1e12, None), ("C-1", None, None, 1, 0.5, 3)]
        made.executemany("INSERT INTO customers VALUES (?, ?, ?, ?, ?, ?)", rows)
        made.execute("CREATE TABLE others (a TEXT)")
    made.close()
    return path


def test_tables_and_queries(read: Read, sqlite: Path) -> None:
    wanted = [
        ["id", "zip", "since", "active", "credit", "n"],
        ["C-1", "", "", "true", "0.5", "3"],
        ["C-2", "00042", "2024-03-31T02:30:00", "false", "1000000000000", ""],
    ]
    assert kind_of(sqlite) is Kind.DATABASE
    for place in (sqlite, Address(f"sqlite:///{sqlite}")):
        assert read(place, table="customers")[1] == wanted
        query = "SELECT id, zip AS code FROM customers WHERE active = 0"
        assert read(place, query=query)[1] == [["id", "code"], ["C-2", "00042"]]


@pytest.mark.parametrize(
    ("pick", "said"),
    [
        ({}, "several tables"),
        ({"table": "custmers"}, "no table"),
        ({"query": "SELECT nothing FROM customers"}, "nothing"),
        ({"query": "DELETE FROM customers"}, "database answers"),
        ({"query": "SELECT id, id FROM customers"}, "same name"),
        ({"query": "SELECT id FROM customers WHERE 0"}, "no rows"),
        ({"table": "a", "query": "b"}, "not from both"),
        ({"sheet": "a"}, "workbooks"),
    ],
)
def test_what_a_database_does_not_have(read: Read, sqlite: Path, pick: dict[str, str], said: str) -> None:
    before = sqlite.read_bytes()
    with pytest.raises(BadInput, match=said) as caught:
        read(sqlite, **pick)
    assert caught.value.file
    assert sqlite.read_bytes() == before


def test_a_duckdb_file(read: Read, tmp_path: Path) -> None:
    path = tmp_path / "shop.duckdb"
    with duckdb.connect(str(path), config={"threads": "1"}) as made:
        made.execute("CREATE TABLE t (k VARCHAR, n DECIMAL(9,2))")
        made.execute("INSERT INTO t VALUES ('007', 12.5)")
    assert read(path)[1] == [["k", "n"], ["007", "12.50"]]
    assert read(path, query="SELECT n FROM t")[1] == [["n"], ["12.50"]]
    with pytest.raises(BadInput, match="database answers"):
        read(path, query=f"SELECT * FROM read_csv('{__file__}')")


def test_a_password_is_in_no_error(read: Read) -> None:
    with pytest.raises(WeftError) as caught:
        read(Address("sqlite://user:geheim@host/nowhere.db"), table="t")
    assert "geheim" not in str(caught.value)


def test_an_encoding_is_for_text(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text('{"a": 1}\n')
    with pytest.raises(BadInput, match="delimited files"):
        bring(path, Pick(), tmp_path, encoding="cp1252")


def test_a_zip_that_is_no_workbook(read: Read, tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("rows.csv", "a,b\n1,2\n")
    with pytest.raises(BadInput, match="no workbook"):
        read(path)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("1E+12", "1000000000000"), ("1.50", "1.50"), ("1.0", "1"), ("-0.0", "0"), ("1e-7", "0.0000001"), ("100", "100"),
        ("1e999", "1e999"), ("nan", "nan"), ("0", "0"), ("120e-1", "12"),
    ],
)  # fmt: skip
def test_numbers_in_digits(text: str, plain: str) -> None:
    assert plain_number(text) == plain
