"""A transformation as a field map: each row's record stays with its row; refused rows are held back with the reason."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from studio.base.errors import BadInput
from studio.connectors.files.delimited import DelimitedFile
from studio.moves.load import load
from studio.moves.maps.transformed import MADE, apply
from studio.moves.model import Counts, Entry
from tests.moves.conftest import Practice, assert_adds_up, request

HEAD = "weft: transformation/1\nname: Map\nsource: {schema: source.csv, root: row}\ntarget: {schema: target.csv, root: row}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "source.csv").write_text("key,name,city,old name\nK-1,One,Oslo,x\n")
    (tmp_path / "target.csv").write_text("ERP_Id__c,Name,BillingCity,Phone,Description\nA,B,C,D,E\n")
    return tmp_path


def write_map(folder: Path, *rules: str, row: str = "{loop: row}") -> Path:
    path = folder / "map.yaml"
    path.write_text(HEAD + f"map:\n  row: {row}\n" + "".join(f"  row/{rule}\n" for rule in rules))
    return path


def rows_file(folder: Path, *rows: str) -> DelimitedFile:
    path = folder / "rows.csv"
    path.write_text("key,name,city,old name\n" + "".join(row + "\n" for row in rows))
    return DelimitedFile.open(path)


def read(file: DelimitedFile) -> list[list[str]]:
    with file.rows() as rows:
        return list(rows)


def test_plain_columns_and_constants_need_no_engine(folder: Path) -> None:
    fields = write_map(folder, 'ERP_Id__c: "[key]"', 'Name: "[`old name`]"', "Phone: \"'+55 11'\"")
    source = rows_file(folder, "K-1,One,Oslo,x")
    made = apply(fields, source, folder)
    assert made.source is source
    assert made.map.entries == (
        Entry("ERP_Id__c", "key"), Entry("Name", "old name"), Entry("Phone", constant="+55 11"),
    )  # fmt: skip


def test_what_is_computed_stands_beside_the_source(folder: Path) -> None:
    fields = write_map(
        folder, 'ERP_Id__c: "[key]"', "Name: ToUpper([name])", 'Description: "[city] + \\"!\\""'
    )
    made = apply(fields, rows_file(folder, "K-1,One,Oslo,x", 'K-2,"Two, and\nmore",,y'), folder)
    assert made.source.header == ("key", "name", "city", "old name", "→ Name", "→ Description")
    assert read(made.source) == [
        ["K-1", "One", "Oslo", "x", "ONE", "Oslo!"],
        ["K-2", "Two, and\nmore", "", "y", "TWO, AND\nMORE", "!"],
    ]
    # A column that is only carried is read in its own formats, like that of any move.
    assert made.map.entries[:2] == (Entry("ERP_Id__c", "key"), Entry("Name", MADE + "Name"))
    assert made.held == {}
    assert sorted(path.name for path in folder.glob("m*.csv")) == ["mapped.csv"]


def test_refused_and_left_out_rows_are_told_at_their_own_number(folder: Path) -> None:
    fields = write_map(
        folder,
        "ERP_Id__c: \"If(IsNull([key]), RaiseError('no key'), [key])\"",
        "Name: ToUpper([name])",
        row="{loop: row, when: \"[city] != 'skip'\"}",
    )
    made = apply(
        fields,
        rows_file(
            folder,
            "K-1,One,Oslo,x",
            ",Two,Oslo,x",
            "K-3,Three,skip,x",
            "K-4,wide",
            "K-5,Five,Oslo,x",
            ",Six,Oslo,x",
        ),
        folder,
    )
    assert {n: reason.split(":")[0] for n, reason in made.held.items()} == {
        2: "ERP_Id__c",
        3: "left out by the field map",
        4: "the row has 2 values where the header has 4",
        6: "ERP_Id__c",
    }
    assert "no key" in made.held[2]
    assert [row[-1] for row in read(made.source)] == ["ONE", "", "", "", "FIVE", ""]


@pytest.mark.parametrize(
    ("row", "rules", "said"),
    [
        ('{loop: row, sort: [{by: "[name]"}]}', ['Name: "[name]"'], "one record of each row"),
        ("{loop: row, first: 1}", ['Name: "[name]"'], "one record of each row"),
        ("{loop: row}", [], "maps no field"),
        ("{loop: row}", ["Name: ToUpper([nme])"], "nme"),
        ("{loop: row}", ["Name: ToUpper([name]"], "Name|map"),
    ],
)
def test_maps_a_move_cannot_use(folder: Path, row: str, rules: list[str], said: str) -> None:
    with pytest.raises(BadInput, match=said):
        apply(write_map(folder, *rules, row=row), rows_file(folder, "K-1,One,Oslo,x"), folder)


def test_a_map_of_another_kind_of_document(folder: Path) -> None:
    (folder / "source.json").write_text('{"name": "x"}')
    path = folder / "map.yaml"
    path.write_text(HEAD.replace("source.csv, root: row", "source.json") + 'map:\n  row/Name: "[name]"\n')
    with pytest.raises(BadInput, match="delimited file"):
        apply(path, rows_file(folder, "K-1,One,Oslo,x"), folder)
    with pytest.raises(BadInput):
        apply(folder / "gone.yaml", rows_file(folder, "K-1,One,Oslo,x"), folder)


@pytest.mark.network
async def test_a_move_by_a_transformation(practice: Practice, folder: Path) -> None:
    fields = write_map(
        folder,
        "ERP_Id__c: \"If(IsNull([key]), RaiseError('no key'), [key])\"",
        "Name: ToUpper([name])",
        'BillingCity: "[city]"',
    )
    source = rows_file(
        folder, *(f"K-{n:04d},Name {n},Oslo,x" for n in range(1, 46)), ",None,Oslo,x", "K-0001,Twin,Oslo,x"
    )
    summary = await load(replace(request(source.path), map_file=fields), practice.org, mapper=apply)
    assert summary.counts == Counts(44, 0, 0, 3)
    names = await practice.records("SELECT Name FROM Account WHERE ERP_Id__c = 'K-0007'")
    assert names == [{"Name": "NAME 7"}]
    with Path(summary.files["not_sent"]).open(encoding="utf-8", newline="") as file:
        held = list(csv.DictReader(file))
    assert [row["weft__row"] for row in held] == ["1", "46", "47"]
    assert "no key" in held[1]["weft__answer"]
    assert held[1]["name"] == "None"
    plain = write_map(folder, 'ERP_Id__c: "[key]"', 'Name: "[name]"')
    summary = await load(replace(request(source.path), map_file=plain), practice.org, mapper=apply)
    assert_adds_up(summary, source.path)


@pytest.mark.network
async def test_the_sample_projects_customers(
    practice: Practice, tmp_path: Path, share: Callable[[int], int]
) -> None:
    sample = Path(__file__).parents[2] / "resources" / "samples" / "orders"
    with (sample / "samples" / "customers.csv").open(encoding="utf-8", newline="") as file:
        header, *rows = list(csv.reader(file))
    part = tmp_path / "customers.csv"
    with part.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows[: max(90, share(len(rows)))]])
    fields = sample / "transformations" / "customers-to-accounts.yaml"
    summary = await load(replace(request(part), map_file=fields), practice.org, mapper=apply)
    counts = summary.counts
    assert counts.total == summary.read
    assert counts.succeeded > summary.read * 0.9
    assert len(await practice.keys()) == counts.succeeded
