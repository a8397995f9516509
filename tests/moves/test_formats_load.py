"""Files as people have them arrive as Salesforce holds them: dates, moments, numbers, yes and no, told and counted."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from studio.moves import store
from studio.moves.journal import Journal
from studio.moves.judging.holds import Effect
from studio.moves.load import Request, check, load, show
from studio.moves.model import Action, Api, Entry, FieldMap, Options
from studio.moves.rows.recognise import Formats
from tests.moves.conftest import Practice, assert_adds_up, files

_HEADER = ("Key", "Employees", "Revenue", "Born", "Due")
_MAP = FieldMap(
    (
        Entry("ERP_Id__c", "Key"),
        Entry("Name", "Key"),
        Entry("NumberOfEmployees", "Employees"),
        Entry("AnnualRevenue", "Revenue"),
    )
)


def _write(path: Path, header: tuple[str, ...], rows: list[tuple[str, ...]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=";").writerows([header, *rows])
    return path


def _accounts(source: Path, **given: Any) -> Request:
    options = Options(chunk_rows=20, api=given.pop("api", Api.BULK))
    return Request(Action.INSERT, "Account", source, map=given.pop("map", _MAP), options=options, **given)


@pytest.mark.parametrize("api", [Api.BULK, Api.COLLECTIONS])
async def test_a_file_of_brazil(practice: Practice, tmp_path: Path, api: Api) -> None:
    rows = [(f"A-{n}", f"{n}.250", f"R$ {n}.234.567,89") for n in range(1, 30)]
    source = _write(tmp_path / "contas.csv", _HEADER[:3], rows)
    summary = await load(_accounts(source, api=api), practice.org)
    assert summary.counts.succeeded == 29
    (one,) = await practice.records(
        "SELECT NumberOfEmployees, AnnualRevenue FROM Account WHERE ERP_Id__c = 'A-7'"
    )
    assert (float(one["NumberOfEmployees"]), float(one["AnnualRevenue"])) == (7250, 7234567)
    assert "AnnualRevenue: 29 values read as numbers with a decimal comma, like 1.234,56." in summary.warnings
    # The result files show what stood in the file.
    assert files(summary)["succeeded"][0]["Revenue"].startswith("R$ ")


async def test_moments_of_a_zone_with_a_summer(practice: Practice, tmp_path: Path) -> None:
    rows = [
        ("plain", "31/12/2018 14:05"),
        ("skipped", "04/11/2018 00:30"),
        ("twice", "17/02/2018 23:30"),
        ("none", ""),
        ("wrong", "soon"),
    ]
    source = _write(tmp_path / "tasks.csv", ("Subject", "When"), rows)
    entries = (Entry("Subject", "Subject"), Entry("ReminderDateTime", "When"))
    asked = Request(
        Action.INSERT, "Task", source, map=FieldMap(entries), formats=Formats("America/Sao_Paulo")
    )
    seen = await show(asked, practice.org)
    assert [(one.format, one.zone) for one in seen.fields][1] == ("DD/MM/YYYY hh:mm", "America/Sao_Paulo")
    cells = [row[1] for row in seen.rows]
    assert [cell.held.value for cell in cells] == [
        "2018-12-31T16:05:00.000Z",
        "",
        "2018-02-18T01:30:00.000Z",
        "",
        "",
    ]
    assert [cell.held.effect for cell in cells][1:] == [
        Effect.REFUSED,
        Effect.SET,
        Effect.EMPTIED,
        Effect.REFUSED,
    ]
    assert "did not have" in cells[1].held.reason
    assert "had twice" in cells[2].doubt

    checked = await check(asked, practice.org)
    assert set(checked.held) == {2, 5}
    told: list[str] = []
    summary = await load(asked, practice.org, note=told.append)
    found = assert_adds_up_with(summary, source)
    assert {row["#"] for row in found["not_sent"]} == {"2", "5"}
    held = {
        r["Subject"]: r["ReminderDateTime"]
        for r in await practice.records("SELECT Subject, ReminderDateTime FROM Task")
    }
    assert held["twice"].startswith("2018-02-18T01:30:00")
    assert held["plain"].startswith("2018-12-31T16:05:00")
    assert any("1 row, 3, has a time that America/Sao_Paulo had twice" in text for text in told)
    with Journal.open(store.move_folder(summary.run)) as journal:
        (entry,) = (entry for entry in journal.move.map.entries if entry.fixes)
        assert (entry.fixes[0].value, entry.fixes[0].zone) == ("DMY", "America/Sao_Paulo")


def assert_adds_up_with(summary: Any, source: Path) -> dict[str, list[dict[str, str]]]:
    """As assert_adds_up, of a file with semicolons."""
    plain = source.with_suffix(".plain")
    with (
        source.open(encoding="utf-8", newline="") as file,
        plain.open("w", encoding="utf-8", newline="") as made,
    ):
        csv.writer(made).writerows(csv.reader(file, delimiter=";"))
    return assert_adds_up(summary, plain)


async def test_unclear_dates_are_not_guessed(practice: Practice, tmp_path: Path) -> None:
    source = _write(tmp_path / "o.csv", ("Name", "Due", "Stage"), [("One", "03/04/2026", "Prospecting")])
    fields = FieldMap((Entry("Name", "Name"), Entry("CloseDate", "Due"), Entry("StageName", "Stage")))
    asked = Request(Action.INSERT, "Opportunity", source, map=fields)
    told: list[str] = []
    summary = await load(asked, practice.org, note=told.append)
    assert summary.counts.succeeded == 0
    assert any("cannot be told" in text for text in told)
    asked = replace(asked, formats=Formats("", {"Due": "DD/MM/YYYY"}), again=True)
    summary = await load(asked, practice.org)
    assert summary.counts.succeeded == 1
    (held,) = await practice.records("SELECT CloseDate FROM Opportunity")
    assert held["CloseDate"] == "2026-04-03"


async def test_a_value_that_is_none_in_its_columns_format_is_not_sent(
    practice: Practice, tmp_path: Path
) -> None:
    source = _write(tmp_path / "a.csv", _HEADER[:2], [("A-1", "1,5"), ("A-2", "2,5"), ("A-3", "x")])
    fields = FieldMap((Entry("ERP_Id__c", "Key"), Entry("Name", "Key"), Entry("AnnualRevenue", "Employees")))
    summary = await load(_accounts(source, map=fields), practice.org)
    assert (summary.counts.succeeded, summary.counts.not_sent) == (2, 1)
    (row,) = files(summary)["not_sent"]
    assert "not a number in the column's format" in row["weft__answer"]
