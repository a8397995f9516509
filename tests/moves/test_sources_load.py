"""Moves whose rows come from workbooks, JSON lines, Parquet files and databases, against the practice org."""

from __future__ import annotations

import datetime
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest
import xlsxwriter

from studio.base.errors import BadInput
from studio.engine.address import Address
from studio.moves import store
from studio.moves.carrying.run import Interrupted
from studio.moves.load import check, load, resume
from studio.moves.maps.transformed import apply
from studio.moves.mending.again import sending
from studio.moves.mending.fix import Fix
from studio.moves.model import Action, Counts, Summary
from studio.moves.sources.kinds import Pick, Place
from tests.moves.conftest import Practice, files, request

pytestmark = pytest.mark.network
ROWS = [
    ("A-1", "One", 1e12, datetime.date(2024, 3, 31)),
    ("A-2", "", 0.5, None),
    ("007", "Seven", 3, datetime.date(1999, 12, 31)),
]
HEADER = ("ERP_Id__c", "Name", "AnnualRevenue", "Day")


def workbook(path: Path) -> Place:
    path = path / "accounts.xlsx"
    with xlsxwriter.Workbook(str(path), {"default_date_format": "yyyy-mm-dd"}) as made:
        made.add_worksheet("Cover").write(0, 0, "Nothing here")
        sheet = made.add_worksheet("Rows")
        sheet.write_row(2, 0, HEADER)
        for at, row in enumerate(ROWS, 3):
            sheet.write_row(at, 0, ["" if value is None else value for value in row])
    return path


def json_lines(path: Path) -> Place:
    path = path / "accounts.jsonl"
    path.write_text(
        '{"ERP_Id__c": "A-1", "Name": "One", "AnnualRevenue": 1E+12, "Day": "2024-03-31"}\n'
        '{"ERP_Id__c": "A-2", "Name": null, "AnnualRevenue": 0.5}\n'
        '{"Day": "1999-12-31", "AnnualRevenue": 3, "ERP_Id__c": "007", "Name": "Seven"}\n'
    )
    return path


def parquet(path: Path) -> Place:
    path = path / "accounts.parquet"
    with duckdb.connect(config={"threads": "1"}) as made:
        made.execute("CREATE TABLE t (ERP_Id__c VARCHAR, Name VARCHAR, AnnualRevenue DOUBLE, Day DATE)")
        made.executemany("INSERT INTO t VALUES (?, ?, ?, ?)", ROWS)
        made.execute(f"COPY t TO '{path}' (FORMAT parquet)")
    return path


def database(path: Path) -> Place:
    path = path / "accounts.db"
    with sqlite3.connect(path) as made:
        made.execute("CREATE TABLE t (ERP_Id__c TEXT, Name TEXT, AnnualRevenue REAL, Day DATE)")
        made.executemany(
            "INSERT INTO t VALUES (?, ?, ?, ?)", [(*row[:3], row[3] and row[3].isoformat()) for row in ROWS]
        )
    made.close()
    return Address(f"sqlite:///{path}")


KINDS = [(workbook, Pick(sheet="Rows")), (json_lines, Pick()), (parquet, Pick()), (database, Pick(table="t"))]


@pytest.mark.parametrize(("make", "pick"), KINDS)
async def test_the_same_rows_from_every_kind_of_source(
    practice: Practice, tmp_path: Path, make: Callable[[Path], Place], pick: Pick
) -> None:
    place = make(tmp_path)
    notes: list[str] = []
    summary = await load(replace(request(tmp_path), source=place, pick=pick), practice.org, note=notes.append)
    assert summary.counts == Counts(succeeded=2, failed=1)
    found = files(summary)
    columns = ["weft__row", "weft__id", "weft__answer", *HEADER]
    assert list(found["failed"][0]) == columns
    assert [row["weft__row"] for row in found["succeeded"]] == ["1", "3"]
    assert [row["Day"] for row in found["succeeded"]] == ["2024-03-31", "1999-12-31"]
    assert found["failed"][0]["weft__row"] == "2"
    held = await practice.records("SELECT ERP_Id__c, Name, AnnualRevenue FROM Account ORDER BY ERP_Id__c")
    assert [(one["ERP_Id__c"], one["Name"], float(one["AnnualRevenue"])) for one in held] == [
        ("007", "Seven", 3.0),
        ("A-1", "One", 1e12),
    ]
    assert any(note.startswith("Read: ") for note in notes)
    assert not (store.folder() / summary.run / "brought.csv").exists()


async def test_a_table_that_changes_meanwhile_is_sent_as_it_was(practice: Practice, tmp_path: Path) -> None:
    """Failure mode 24: the rows were staged, a resume never asks the database again."""
    path = tmp_path / "shop.db"
    with sqlite3.connect(path) as made:
        made.execute("CREATE TABLE t (ERP_Id__c TEXT, Name TEXT)")
        made.executemany("INSERT INTO t VALUES (?, ?)", [(f"A-{n:03}", f"N {n}") for n in range(50)])
    practice.fault("unavailable=0,on=PUT */batches,at=2,times=1000")
    with pytest.raises(Interrupted) as caught:
        await load(replace(request(path), pick=Pick(table="t")), practice.org)
    made.execute("DELETE FROM t WHERE ERP_Id__c > 'A-030'")
    made.execute("INSERT INTO t VALUES ('A-000x', 'new')")
    made.commit()
    made.close()
    practice.server.org.faults.clear("unavailable")
    summary = await resume(caught.value.summary.run, practice.org)
    assert summary.counts == Counts(succeeded=50)
    assert await practice.keys() == [f"A-{n:03}" for n in range(50)]


async def test_cells_with_errors_are_not_sent_and_told_by_a_check(practice: Practice, tmp_path: Path) -> None:
    path = tmp_path / "errors.xlsx"
    with xlsxwriter.Workbook(str(path)) as made:
        sheet = made.add_worksheet()
        sheet.write_row(0, 0, ["ERP_Id__c", "Name"])
        sheet.write_row(1, 0, ["A-1", "One"])
        sheet.write(2, 0, "A-2")
        sheet.write_formula(2, 1, "=NA()", None, "#N/A")
    held = (await check(request(path), practice.org)).held
    assert held == {2: "Name: cell B3 holds an error"}
    summary = await load(request(path), practice.org)
    assert summary.counts == Counts(succeeded=1, not_sent=1)
    assert files(summary)["not_sent"][0]["weft__answer"] == held[2]


async def test_the_same_workbook_is_not_inserted_twice(practice: Practice, tmp_path: Path) -> None:
    place = workbook(tmp_path)
    asked = replace(request(tmp_path, Action.INSERT), source=place, pick=Pick(sheet="Rows"))
    summary = await load(asked, practice.org)
    with pytest.raises(BadInput, match="already inserted"):
        await load(asked, practice.org)
    with Fix.open(summary.run) as fix, sending(fix) as again:
        retried: Summary = await load(again, practice.org)
    assert retried.counts == Counts(failed=1)


async def test_a_transformation_reads_any_source(practice: Practice, tmp_path: Path) -> None:
    (tmp_path / "source.csv").write_text("ERP_Id__c,Name,AnnualRevenue,Day\nA,B,1,2024-01-01\n")
    (tmp_path / "target.csv").write_text("ERP_Id__c,Name\nA,B\n")
    (tmp_path / "map.yaml").write_text(
        "weft: transformation/1\nname: Map\nsource: {schema: source.csv, root: row}\n"
        "target: {schema: target.csv, root: row}\nmap:\n  row: {loop: row}\n"
        '  row/ERP_Id__c: "[ERP_Id__c]"\n  row/Name: ToUpper([Name])\n'
    )
    asked = replace(request(tmp_path), source=json_lines(tmp_path), map_file=tmp_path / "map.yaml")
    summary = await load(asked, practice.org, mapper=apply)
    assert summary.counts == Counts(succeeded=2, failed=1)
    held = await practice.records("SELECT Name FROM Account ORDER BY Name")
    assert [one["Name"] for one in held] == ["ONE", "SEVEN"]
