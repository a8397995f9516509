"""Fields given by expressions beside the map found by itself; rows whose expression fails are held back with the reason."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from studio.base.errors import BadInput
from studio.cli import moving
from studio.connectors.files.delimited import DelimitedFile
from studio.moves.load import Mapped, load
from studio.moves.maps.expressions import compute, tried
from studio.moves.model import Action, Counts, Entry, FieldMap
from tests.moves.conftest import Practice, files, request
from tests.moves.facts import ACCOUNT


def made(folder: Path, *sets: str, action: Action = Action.INSERT) -> Mapped:
    path = folder / "rows.csv"
    path.write_text('key,first name,qty,phone\nK-1,"Ana, A",2,11\nK-2,Bia,x,22\nK-3,,4,33\n')
    source = DelimitedFile.open(path)
    fields = FieldMap((Entry("ERP_Id__c", "key"), Entry("Phone", "phone")))
    work = folder / "work"
    work.mkdir()
    asked = replace(request(path, action), map=fields)
    return compute(sets)(asked, fields, ACCOUNT, source, work, None)


def test_columns_constants_and_expressions(tmp_path: Path) -> None:
    found = made(tmp_path, 'name=ToUpper([first name]) + "!"', 'Region__c="South"', "Phone=[key]")
    assert found.map.entries == (
        Entry("ERP_Id__c", "key"),
        Entry("Name", "→ Name"),
        Entry("Region__c", constant="South"),
        Entry("Phone", "key"),
    )
    with found.source.rows() as rows:
        assert [row[-1] for row in rows] == ["ANA, A!", "BIA!", "!"]
    assert found.held == {}
    assert [path.name for path in (tmp_path / "work").iterdir()] == ["mapped.csv"]


def test_rows_that_fail_are_held_back_with_field_and_reason(tmp_path: Path) -> None:
    found = made(tmp_path, "AnnualRevenue=If([qty] == 'x', RaiseError('no number'), Double([qty]) * 2)")
    assert list(found.held) == [2]
    assert found.held[2].startswith("AnnualRevenue: ")
    assert "no number" in found.held[2]


def test_a_parent_is_found_by_an_expression(tmp_path: Path) -> None:
    found = made(tmp_path, 'Parent.ERP_Id__c="P-" + [key]')
    assert found.map.entries[-1] == Entry("Parent.ERP_Id__c", "→ Parent.ERP_Id__c")
    with found.source.rows() as rows:
        assert [row[-1] for row in rows] == ["P-K-1", "P-K-2", "P-K-3"]


@pytest.mark.parametrize(
    ("sets", "said"),
    [
        (["Name"], "does not say what"),
        (["Name="], "does not say what"),
        (["Name=[key]", "name=[qty]"], "twice"),
        (["Nme=[key]"], "no field Nme"),
        (["CreatedDate=[key]"], "cannot be given a value"),
        (["Name=ToUpper([key]"], "."),
        (["Name=[no such column]"], "no such column"),
    ],
)
def test_what_is_wrong_is_said_before_anything_is_sent(tmp_path: Path, sets: list[str], said: str) -> None:
    with pytest.raises(BadInput, match=said):
        made(tmp_path, *sets)


def test_expressions_do_not_go_into_a_transformation_or_a_saved_move(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="neither into a transformation"):
        moving.compute(["Name=[a]"], tmp_path / "map.yaml")
    with pytest.raises(BadInput, match="nor into a saved move"):
        moving.compute(["Name=[a]"], None, tmp_path / "operations" / "x")
    assert moving.compute([], tmp_path / "map.yaml") is None


NUMBER = "NumberOfEmployees=If([qty] == 'no', RaiseError('no number'), Int([qty]) * 10)"


async def test_a_whole_move(practice: Practice, tmp_path: Path) -> None:
    path = tmp_path / "new.csv"
    path.write_text(
        "ERP_Id__c,company,Telefone,qty\nX-1,one,111 222 333,1\nX-2,two,111 222 334,2\nX-3,three,111,no\n"
    )
    sets = compute(["Name=ToUpper([company])", 'Description="set"', NUMBER])
    summary = await load(replace(request(path, Action.INSERT), compute=sets), practice.org)
    assert summary.counts == Counts(2, 0, 0, 1)
    records = await practice.records(
        "SELECT Name, Description, Phone, NumberOfEmployees FROM Account WHERE ERP_Id__c != null ORDER BY Name"
    )
    assert list(map(dict[str, object], records)) == [
        {"Name": "ONE", "Description": "set", "Phone": "111 222 333", "NumberOfEmployees": 10},
        {"Name": "TWO", "Description": "set", "Phone": "111 222 334", "NumberOfEmployees": 20},
    ]
    (held,) = files(summary)["not_sent"]
    assert (held["weft__row"], held["company"]) == ("3", "three")
    assert held["weft__answer"].startswith("NumberOfEmployees: ")


def test_an_expression_is_tried_on_rows_at_hand() -> None:
    header, rows = ("first name", "n"), [("Ada", "1"), ("Bob", "x")]
    assert tried("ToUpper([first name]) + [n]", header, rows) == [("ADA1", ""), ("BOBx", "")]
    assert tried('"same"', header, rows) == [("same", ""), ("same", "")]
    assert tried("[n]", header, rows) == [("1", ""), ("x", "")]
    with pytest.raises(BadInput, match="no nobody"):
        tried("[nobody]", header, rows)
