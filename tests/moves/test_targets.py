"""Exports to workbooks, JSON lines, Parquet files and databases: typed by the org's fields, read back as they were."""

from __future__ import annotations

import csv
import datetime
import json
import sqlite3
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
import python_calamine
import sqlalchemy

from studio.base.errors import BadInput, NotReachable, TooLarge
from studio.engine.address import Address
from studio.moves import store
from studio.moves.desks.desk_export import target_of
from studio.moves.exports import export as exporting
from studio.moves.exports.export import Export, ExportSummary
from studio.moves.rows.plan import new_folder
from studio.moves.sources.bring import bring
from studio.moves.sources.kinds import Pick
from studio.moves.targets import delimited
from studio.moves.targets.database import check
from studio.moves.targets.kinds import Answer, Column, Format, Place, Sort, format_of, write
from tests.moves.conftest import Practice, move

HEADER = ["Key", "Name", "Amount", "Count", "Active", "Day", "Changed", "Owner.Name"]
COLUMNS = tuple(
    Column(name, sort, 18 if sort is Sort.NUMBER else 0, 2 if sort is Sort.NUMBER else 0)
    for name, sort in zip(
        HEADER,
        [
            Sort.TEXT, Sort.TEXT, Sort.NUMBER, Sort.WHOLE, Sort.BOOLEAN, Sort.DATE, Sort.MOMENT, Sort.TEXT,
        ],
        strict=True,
    )
)  # fmt: skip
ROWS = [
    ["007", 'A "b", c\nd\u2028é', "1.0E12", "3", "true", "2024-03-31", "2024-03-31T02:30:00.000Z", "Ann"],
    ["=1+1", "", "12.50", "", "false", "", "", ""],
]


@pytest.fixture
def answer(tmp_path: Path) -> Answer:
    path = tmp_path / "answer.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows([HEADER, *ROWS])
    return Answer(path, COLUMNS, 2)


def test_json_lines(answer: Answer, tmp_path: Path) -> None:
    target = tmp_path / "out" / "rows.jsonl"
    write(Format.JSON_LINES, answer, target, "")
    lines = target.read_text(encoding="utf-8").split("\n")
    assert '"Amount": 1000000000000, "Count": 3, "Active": true' in lines[0]
    assert [json.loads(line) for line in lines[:2]] == [
        dict(zip(HEADER, ["007", ROWS[0][1], 10**12, 3, True, *ROWS[0][5:]], strict=True)),
        dict(zip(HEADER, ["=1+1", None, 12.5, None, False, None, None, None], strict=True)),
    ]


def test_a_workbook(answer: Answer, tmp_path: Path) -> None:
    target = tmp_path / "rows.xlsx"
    write(Format.EXCEL, answer, target, "Accounts")
    sheet = python_calamine.CalamineWorkbook.from_path(str(target)).get_sheet_by_name("Accounts")
    assert sheet.to_python() == [
        HEADER,
        ["007", ROWS[0][1], 1e12, 3.0, True, datetime.date(2024, 3, 31), "2024-03-31T02:30:00.000Z", "Ann"],
        ["=1+1", "", 12.5, "", False, "", "", ""],
    ]


def test_parquet(answer: Answer, tmp_path: Path) -> None:
    target = tmp_path / "rows.parquet"
    write(Format.PARQUET, answer, target, "")
    with duckdb.connect(config={"threads": "1"}) as made:
        made.execute("SET TimeZone = 'UTC'")
        found = made.execute(
            f"SELECT * EXCLUDE (Changed), CAST(Changed AS TIMESTAMP) FROM '{target}'"
        ).fetchall()
        kinds = made.execute(f"DESCRIBE SELECT * FROM '{target}'").fetchall()
    assert [row[1] for row in kinds] == [
        "VARCHAR", "VARCHAR", "DECIMAL(18,2)", "BIGINT", "BOOLEAN", "DATE", "TIMESTAMP WITH TIME ZONE", "VARCHAR",
    ]  # fmt: skip
    assert found == [
        ("007", ROWS[0][1], Decimal(10**12), 3, True, datetime.date(2024, 3, 31), "Ann",
         datetime.datetime(2024, 3, 31, 2, 30)),
        ("=1+1", None, Decimal("12.50"), None, False, None, None, None),
    ]  # fmt: skip


@pytest.mark.parametrize("by_address", [False, True])
def test_a_table(answer: Answer, tmp_path: Path, by_address: bool) -> None:
    path = tmp_path / "shop.db"
    place: Place = path
    if by_address:
        sqlite3.connect(path).execute("CREATE TABLE other (a)").connection.close()
        place = Address(f"sqlite:///{path}")
    check(place, "accounts", replace=False)
    write(Format.DATABASE, answer, place, "accounts")
    with sqlite3.connect(path) as made:
        found = made.execute("SELECT * FROM accounts").fetchall()
    made.close()
    assert found == [
        ("007", ROWS[0][1], 1e12, 3, 1, "2024-03-31", "2024-03-31T02:30:00.000Z", "Ann"),
        ("=1+1", None, 12.5, None, 0, None, None, None),
    ]
    with pytest.raises(BadInput, match="already"):
        check(place, "accounts", replace=False)
    check(place, "accounts", replace=True)
    write(Format.DATABASE, answer, place, "accounts")
    with sqlalchemy.create_engine(f"sqlite:///{path}").connect() as again:
        assert again.execute(sqlalchemy.text("SELECT count(*) FROM accounts")).scalar() == 2


@pytest.mark.parametrize("kind", [Format.EXCEL, Format.PARQUET, Format.DATABASE])
def test_values_that_do_not_fit_leave_nothing(answer: Answer, tmp_path: Path, kind: Format) -> None:
    with answer.file.open("a", encoding="utf-8", newline="") as file:
        csv.writer(file).writerow(["x" * 40_000, "", "", "many", "", "", "", ""])
    target = tmp_path / "out.x"
    with pytest.raises(BadInput):
        write(kind, Answer(answer.file, COLUMNS, 3), target, "t")
    assert not [path for path in tmp_path.iterdir() if path.name not in ("answer.csv", "out.x")]
    if kind is Format.DATABASE:
        found = sqlite3.connect(target)
        assert found.execute("SELECT name FROM sqlite_master").fetchall() in ([], [("t",)])
        found.close()
    else:
        assert not target.exists()


def test_more_rows_than_a_sheet_has(answer: Answer, tmp_path: Path) -> None:
    with pytest.raises(TooLarge, match="1,048,575 rows"):
        write(Format.EXCEL, Answer(answer.file, COLUMNS, 1_048_576), tmp_path / "rows.xlsx", "")


def test_names_of_targets() -> None:
    assert format_of(Path("a.CSV")) is Format.CSV
    assert format_of(Path("a.XLSX")) is Format.EXCEL
    assert format_of(Address("postgresql://host/a")) is Format.DATABASE
    with pytest.raises(BadInput, match="xml"):
        format_of(Path("a.xml"))


@pytest.mark.parametrize(
    ("style", "starts", "line_end"),
    [
        ("semicolon", b'Key;Name', b"\n"),
        ("excel", b"\xef\xbb\xbfKey;Name", b"\r\n"),
        ("excel,tab", b"\xef\xbb\xbfKey\tName", b"\r\n"),
    ],
)  # fmt: skip
def test_a_csv_in_a_style(answer: Answer, tmp_path: Path, style: str, starts: bytes, line_end: bytes) -> None:
    target = tmp_path / "out" / "rows.csv"
    chosen = delimited.Style.read(style)
    delimited.write(answer, target, chosen)
    data = target.read_bytes()
    assert data.startswith(starts)
    assert data.endswith(line_end)
    assert bring(target, Pick(), tmp_path).file.first(9) == ROWS
    assert not chosen.plain
    assert delimited.Style.read("comma").plain


def test_an_unknown_style_is_refused() -> None:
    for text in ("dots", "tab,bar"):
        with pytest.raises(BadInput, match="no style"):
            delimited.Style.read(text)
    with pytest.raises(BadInput, match="Only a CSV file"):
        target_of({"soql": "SELECT Id FROM Account", "target": "a.xlsx", "style": "excel"}, "practice")


SOQL = "SELECT ERP_Id__c, Name, AnnualRevenue, NumberOfEmployees, IsDeleted, CreatedDate FROM Account"


def begin(target: Path, table: str = "Account") -> Path:
    folder = new_folder(store.folder())
    asked = Export(SOQL, str(folder / "answer.csv"), "practice", final=str(target), table=table)
    exporting.save(folder, asked)
    return folder


@pytest.mark.network
@pytest.mark.parametrize("name", ["rows.xlsx", "rows.jsonl", "rows.parquet", "rows.db"])
async def test_what_is_exported_can_be_moved_again(
    practice: Practice, accounts: Callable[..., Path], tmp_path: Path, name: str
) -> None:
    values = [[f"00{n}", f'N "{n}"\nx', str(n * 10**11), str(n)] for n in range(1, 25)]
    await move(practice, accounts(values, ("ERP_Id__c", "Name", "AnnualRevenue", "NumberOfEmployees")))
    practice.fault("page-rows=10", "lost-answer,on=GET */results,at=3,times=1000")
    target = tmp_path / "out" / name
    folder = begin(target)
    with pytest.raises(NotReachable):
        await exporting.run(folder, practice.org)
    assert not target.exists()
    practice.server.org.faults.clear("lost-answer")
    summary: ExportSummary = await exporting.run(folder, practice.org)
    assert (summary.rows, summary.file) == (24, str(target))
    assert not (folder / "answer.csv").exists()
    assert [path.name for path in target.parent.iterdir()] == [name]
    found = bring(target, Pick(), tmp_path).file.first(100)
    assert sorted(row[:4] for row in found) == sorted(values)
    assert {row[4] for row in found} == {"false"}
    assert all(row[5].endswith(("Z", "+0000")) for row in found)


@pytest.mark.network
async def test_an_answer_without_rows(practice: Practice, tmp_path: Path) -> None:
    target = tmp_path / "rows.jsonl"
    assert (await exporting.run(begin(target), practice.org)).rows == 0
    assert target.read_bytes() == b""
