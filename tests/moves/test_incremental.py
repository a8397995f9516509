"""Incremental exports: only changes are asked for, deleted and no longer fitting rows go, nothing is ever skipped."""

from __future__ import annotations

import csv
import sqlite3
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from studio.base.errors import BadInput, WeftError
from studio.moves import store
from studio.moves.exports import export, incremental
from studio.moves.exports.export import Export
from studio.moves.exports.incremental import Merged
from studio.moves.exports.windows import parsed
from studio.practice.seed import insert
from tests.moves.conftest import Practice

pytestmark = pytest.mark.network


def rows(path: Path) -> dict[str, str]:
    with path.open(encoding="utf-8", newline="") as file:
        return {row["Name"]: row["Industry"] for row in csv.DictReader(file)}


async def once(practice: Practice, soql: str, target: Path, *, final: str = "", table: str = "") -> Merged:
    asked = Export(soql, "" if final else str(target), final=final, table=table)
    return await incremental.run(await incremental.begin(asked, practice.org), practice.org)


def add(practice: Practice, *names: str, industry: str = "Apparel") -> list[str]:
    return insert(practice.server.org, "Account", [{"Name": name, "Industry": industry} for name in names])


async def change(practice: Practice, record: str, **values: str) -> None:
    body = {"allOrNone": True, "records": [{"attributes": {"type": "Account"}, "id": record, **values}]}
    await practice.org.request("PATCH", f"{practice.org.data}/composite/sobjects", body=body)


async def remove(practice: Practice, record: str) -> None:
    await practice.org.request("DELETE", f"{practice.org.data}/sobjects/Account/{record}")


async def test_changes_are_merged_by_id(practice: Practice, tmp_path: Path) -> None:
    target = tmp_path / "accounts.csv"
    soql = "SELECT Name, Industry FROM Account WHERE Industry = 'Apparel'"
    one, two, three, _four = add(practice, "One", "Two", "Three", "Four")
    add(practice, "Else", industry="Retail")
    first = await once(practice, soql, target)
    assert (first.changed, first.count, first.since) == (4, 4, "")
    assert rows(target) == dict.fromkeys(("One", "Two", "Three", "Four"), "Apparel")
    await change(practice, one, Name="Uno")
    await change(practice, two, Industry="Retail")
    await remove(practice, three)
    add(practice, "Five")
    second = await once(practice, soql, target)
    assert second.since
    assert rows(target) == dict.fromkeys(("Uno", "Four", "Five"), "Apparel")
    # The window reaches back behind the mark: what comes again is there once.
    third = await once(practice, soql, target)
    assert third.count == 3
    assert rows(target) == dict.fromkeys(("Uno", "Four", "Five"), "Apparel")
    assert third.to_data()["read"] == 3
    # An hour later, by the org's clock, only what has changed since is read.
    practice.server.org.clock.move(timedelta(hours=1))
    await once(practice, soql, target)
    practice.server.org.clock.move(timedelta(hours=1))
    add(practice, "Six")
    last = await once(practice, soql, target)
    assert (last.changed, last.count) == (1, 4)


async def test_a_database_as_target(practice: Practice, tmp_path: Path) -> None:
    target = tmp_path / "accounts.db"
    soql = "SELECT Id, Name, AnnualRevenue FROM Account"
    [one] = add(practice, "One")
    await once(practice, soql, target, final=str(target), table="Account")
    await change(practice, one, Name="Uno", AnnualRevenue="12")
    add(practice, "Two")
    await once(practice, soql, target, final=str(target), table="Account")
    found = sqlite3.connect(target).execute('SELECT "Name", "AnnualRevenue" FROM "Account"').fetchall()
    assert sorted(found) == [("Two", None), ("Uno", 12.0)]


async def test_killed_in_the_middle_repeats_the_window(
    practice: Practice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "accounts.csv"
    soql = "SELECT Name, Industry FROM Account"
    [one] = add(practice, "One")
    await once(practice, soql, target)
    await change(practice, one, Name="Uno")
    asked = Export(soql, str(target))

    def cut(*_given: object) -> None:
        raise WeftError("cut")

    for place in ("_write_target", "_save", "_merge"):
        before = rows(target)
        folder = await incremental.begin(asked, practice.org)
        with monkeypatch.context() as broken:
            broken.setattr(incremental, place, cut)
            with pytest.raises(WeftError, match="cut"):
                await incremental.run(folder, practice.org)
        # The target is as before or complete, never in between.
        assert rows(target) in (before, {"Uno": "Apparel"})
    await remove(practice, one)
    add(practice, "Two")
    begun = await incremental.begin(asked, practice.org)
    late = await incremental.begin(asked, practice.org)
    await incremental.run(begun, practice.org)
    assert rows(target) == {"Two": "Apparel"}
    # A run that was cut off and is gone on with after a later one has nothing to add.
    with pytest.raises(BadInput, match="A later run of this export is complete"):
        await incremental.run(late, practice.org)
    # A run cut off while it reads is gone on with.
    folder = await incremental.begin(asked, practice.org)
    saved = export.load(folder)
    export.save(folder, replace(saved, job=""))
    await incremental.run(folder, practice.org)
    assert rows(target) == {"Two": "Apparel"}
    assert list((store.folder() / "marks").glob("*/rows-*.csv"))


@pytest.mark.parametrize(
    ("soql", "said"),
    [
        ("SELECT Name FROM Account LIMIT 5", "it has LIMIT"),
        ("SELECT Industry, COUNT(Id) FROM Account GROUP BY Industry", "it has GROUP BY"),
        ("SELECT Name, (SELECT Id FROM Contacts) FROM Account", "functions or queries"),
        ("SELECT MAX(Name) FROM Account", "functions or queries"),
        ("hello", "no SELECT and FROM"),
    ],
)
def test_queries_that_cannot_be_narrowed(soql: str, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        parsed(soql)


def test_narrowed_queries() -> None:
    moment = "2026-01-02T03:04:05Z"
    query = parsed("select Name from Account where Name = 'LIMIT (where' OR (Industry = 'x') order by Name")
    assert query.since(moment) == (
        "SELECT Name, Id, IsDeleted FROM Account WHERE (Name = 'LIMIT (where' OR (Industry = 'x'))"
        f" AND SystemModstamp >= {moment} order by Name"
    )
    assert parsed("SELECT Id FROM Account").since("") == "SELECT Id, IsDeleted FROM Account"
    assert query.changed(moment) == f"SELECT Id FROM Account WHERE SystemModstamp >= {moment}"
