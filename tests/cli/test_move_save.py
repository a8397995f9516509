"""A move saved as an operation: weft run does the same move, and its map is one of the project's."""

from __future__ import annotations

import asyncio
import csv
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from studio.base.secrets import open_store
from studio.cli.main import run
from studio.connectors.salesforce.query import query
from studio.moves import store
from studio.moves.access.opened import opened
from studio.moves.access.orgs import find
from studio.practice.ready import Ready
from studio.practice.shared import practice_org
from studio.project import folder as folders
from studio.project.check import problems
from studio.project.edits import rename

pytestmark = pytest.mark.network
Weft = Callable[..., tuple[int, Any, str]]


@pytest.fixture(autouse=True)
def practice(own_home: Path) -> Iterator[Ready]:
    with practice_org() as ready:
        yield ready


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "accounts.csv"
    path.write_text('ERP_Id__c,Name,Phone,Note\nS-1,One,1,a\nS-2,,2,b\nS-3,"Th\nree",3,c\n')
    return path


@pytest.fixture
def weft(capsys: pytest.CaptureFixture[str]) -> Weft:
    def call(*words: object) -> tuple[int, Any, str]:
        code = run([str(word) for word in words])
        out, err = capsys.readouterr()
        return code, json.loads(out) if "--json" in words and out else out, err

    return call


def held(soql: str) -> list[dict[str, str]]:
    """What the practice org holds."""

    async def ask() -> list[dict[str, str]]:
        async with opened(find("practice"), open_store) as org:
            return [dict(record) async for record in query(org, soql)]

    return asyncio.run(ask())


def rows_of(files: dict[str, str]) -> dict[str, list[dict[str, str]]]:
    """The four files without what differs from move to move: the records' ids."""
    found = {}
    for kind in ("succeeded", "failed", "unprocessed", "not_sent"):
        with Path(files[kind]).open(encoding="utf-8", newline="") as file:
            found[kind] = [{k: v for k, v in row.items() if k != "weft__id"} for row in csv.DictReader(file)]
    return found


def test_a_saved_move_is_the_move(weft: Weft, source: Path, tmp_path: Path) -> None:
    words = ("upsert", "Account", source, "--key", "ERP_Id__c", "--org", "practice", "--fix", "Phone=default:0",
             "--blank", "null", "--zone", "America/Sao_Paulo", "--chunk-rows", "50")  # fmt: skip
    place = tmp_path / "project" / "operations" / "accounts"
    code, _out, err = weft("move", *words, "--save-as", place)
    assert code == 0
    assert "Saved:" in err
    assert "1 column is not sent: Note." in err
    assert held("SELECT Id FROM Account WHERE ERP_Id__c IN ('S-1', 'S-3')") == []
    code, ran, err = weft("run", place, "--json")
    assert code == 1
    assert (ran["state"], ran["written"], ran["failed"]) == ("partly", 2, 1)
    code, moved, _err = weft("move", *words, "--json")
    assert code == 1
    first, second = store.record(_run(err)), store.record(moved["run"])
    assert rows_of(ran["files"])["failed"] == rows_of(moved["files"])["failed"]
    assert [row["Name"] for row in rows_of(ran["files"])["succeeded"]] == ["One", "Th\nree"]
    assert replace(first.move, org="") == replace(second.move, org="")
    assert (first.rows, first.counts, first.sha256) == (second.rows, second.counts, second.sha256)
    # What another computer is given holds no secret, and names the source where it lies.
    assert not problems(folders.load(tmp_path / "project").project, tmp_path / "project")


def _run(err: str) -> str:
    return next(line.split()[1].rstrip(".") for line in err.splitlines() if line.startswith("Move M-"))


def test_a_rule_edited_in_the_map_is_what_the_org_then_holds(
    weft: Weft, source: Path, tmp_path: Path
) -> None:
    project = tmp_path / "project"
    place = project / "operations" / "accounts"
    assert (
        weft(
            "move", "upsert", "Account", source, "--key", "ERP_Id__c", "--org", "practice", "--save-as", place
        )[0]
        == 0
    )
    file = project / "transformations" / "accounts.yaml"
    text = file.read_text()
    assert '"[Name]"' in text
    assert "accounts-Account.yaml" in text
    file.write_text(text.replace('"[Name]"', "ToUpper([Name]) + ' / ' + [Note]"))
    code, ran, _err = weft("run", place, "--json")
    assert (code, ran["written"]) == (0, 3)
    found = held(
        "SELECT ERP_Id__c, Name, Phone FROM Account WHERE ERP_Id__c IN ('S-1', 'S-2') ORDER BY ERP_Id__c"
    )
    assert [(one["Name"], one["Phone"]) for one in found] == [("ONE / a", "1"), (" / b", "2")]
    # The transformation renamed in the project is still the move's map.
    before = folders.load(project).project
    folders.save(project, rename(before, "transformations/accounts", "contas"), before)
    assert weft("run", project, "accounts", "--json")[1]["written"] == 3


def test_places_that_cannot_be(weft: Weft, source: Path, tmp_path: Path) -> None:
    words = ("move", "insert", "Account", source, "--org", "practice", "--save-as")
    code, _out, err = weft(*words, tmp_path / "accounts")
    assert code == 2
    assert "PROJECT/operations/NAME" in err
    code, _out, err = weft(*words, tmp_path / "operations" / "x")
    assert code == 2
    assert "project.yaml" in err
    place = tmp_path / "p" / "operations" / "x"
    assert weft(*words, place)[0] == 0
    code, _out, err = weft(*words, place)
    assert code == 2
    assert "There is something called x already." in err
    file = tmp_path / "p" / "operations" / "x.yaml"
    file.write_text(file.read_text().replace("action: insert", "action: insret"))
    code, _out, err = weft("run", place)
    assert code == 2
    assert "cannot be 'insret'" in err


def test_a_move_that_may_harm_is_confirmed_like_any_other(
    weft: Weft, tmp_path: Path, practice: Ready
) -> None:
    source = tmp_path / "gone.csv"
    source.write_text("Id\n001000000000001AAA\n")
    place = tmp_path / "p" / "operations" / "gone"
    assert weft("move", "hard-delete", "Account", source, "--org", "practice", "--save-as", place)[0] == 0
    code, _out, err = weft("run", place)
    plain = weft("move", "hard-delete", "Account", source, "--org", "practice")
    assert (code, "nobody confirmed" in err) == (plain[0], "nobody confirmed" in plain[2])


def test_records_are_looked_up_by_the_saved_move_too(weft: Weft, tmp_path: Path, practice: Ready) -> None:
    source = tmp_path / "rows.csv"
    source.write_text("Name,ParentId\nA,001000000000ZZZ\nB,\n")
    place = tmp_path / "p" / "operations" / "load"
    words = ("move", "insert", "Account", source, "--org", "practice", "--look-up", "--save-as", place)
    assert weft(*words)[0] == 0
    code, ran, _err = weft("run", place, "--json")
    assert (code, ran["read"], ran["written"]) == (1, 2, 1)
