"""Connections of a project as source and target: found by name, their passwords from the store, unknown ones told."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import duckdb
import pytest

from studio.base.errors import BadInput, NotAllowed, WeftError
from studio.base.secrets import PASSPHRASE_FILE, open_store
from studio.connectors.files.delimited import DelimitedFile
from studio.moves.places import Connected, is_named, place_of, settled
from studio.moves.sources.bring import bring
from studio.moves.sources.kinds import Pick
from studio.moves.targets.kinds import Answer, Column, Format, Sort, check_table, format_of, write
from studio.project.create import create


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "orders"
    create(folder)
    connection(folder, "erp", "address: data/erp.db")
    connection(folder, "lake", "address: duckdb:///data/lake.duckdb")
    connection(folder, "files", "folder: in", kind="files")
    (folder / "data").mkdir()
    with sqlite3.connect(folder / "data" / "erp.db") as made:
        made.execute("create table accounts (code integer primary key, name text)")
        made.executemany("insert into accounts values (?, ?)", [(1, "Ana"), (2, "Bruno")])
    made.close()
    with duckdb.connect(str(folder / "data" / "lake.duckdb")) as lake:
        lake.execute("create table accounts as select 7 as code, 'Carla' as name")
    return folder


def connection(folder: Path, name: str, more: str, *, kind: str = "database") -> None:
    file = folder / "connections" / f"{name}.yaml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"weft: connection/1\nname: {name}\nkind: {kind}\n{more}\n", encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "rows"), [("erp", [["1", "Ana"], ["2", "Bruno"]]), ("lake", [["7", "Carla"]])]
)
def test_rows_come_through_a_connection(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, rows: list[list[str]]
) -> None:
    monkeypatch.chdir(project / "data")
    for number, text in enumerate((f"connection:{name}", str(project / "connections" / name))):
        place = place_of(text)
        assert str(place) == str(project / "connections" / name)
        folder = tmp_path / f"work{number}"
        folder.mkdir()
        found = bring(place, Pick(), folder)
        with found.file.rows() as read:
            assert list(read) == rows
    assert settled(f"connection:{name}", Path.cwd()) == str(project / "connections" / name)


@pytest.mark.parametrize(("name", "kind"), [("erp", Format.DATABASE), ("lake", Format.DUCKDB)])
def test_an_answer_goes_through_a_connection(project: Path, tmp_path: Path, name: str, kind: Format) -> None:
    csv = tmp_path / "answer.csv"
    csv.write_text('Id,Total,Open\n"001",12.50,true\n"002",,false\n', encoding="utf-8")
    columns = (Column("Id"), Column("Total", Sort.NUMBER, 10, 2), Column("Open", Sort.BOOLEAN))
    place = place_of(str(project / "connections" / name))
    assert format_of(place) is kind
    with pytest.raises(BadInput, match="accounts"):
        check_table(place, "accounts", False)
    check_table(place, "accounts", True)
    check_table(place, "orders", False)
    write(kind, Answer(csv, columns, 2), place, "orders")
    back = tmp_path / "back"
    back.mkdir()
    found = bring(place, Pick(table="orders"), back)
    with found.file.rows() as read:
        assert [(row[0], float(row[1] or 0), row[2]) for row in read] == [
            ("001", 12.5, "true"),
            ("002", 0, "false"),
        ]
    # One row fewer than the org counted: the table that was there stays.
    if kind is Format.DUCKDB:
        with pytest.raises(BadInput, match="2 of 3"):
            write(kind, Answer(csv, columns, 3), place, "accounts")
        kept = bring(place, Pick(table="accounts"), back)
        assert kept.file.header == ("code", "name")


def test_a_duckdb_file_that_is_not_there_is_made_whole_or_not(tmp_path: Path) -> None:
    csv = tmp_path / "answer.csv"
    csv.write_text("Id,Total\n1,x\n", encoding="utf-8")
    columns = (Column("Id"), Column("Total", Sort.WHOLE))
    target = tmp_path / "new.duckdb"
    with pytest.raises(BadInput, match="database answers"):
        write(format_of(target), Answer(csv, columns, 1), target, "t")
    assert not target.exists()
    write(format_of(target), Answer(csv, (Column("Id"), Column("Total")), 1), target, "t")
    with duckdb.connect(str(target), read_only=True) as made:
        assert made.execute("select * from t").fetchall() == [("1", "x")]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("connection:crm", "There are: erp, files, lake"),
        ("connection:files", "its kind is files"),
        ("connection:../erp", "erp"),
        ("connections/nothing", "There are: erp, files, lake"),
    ],
)
def test_names_that_lead_nowhere(
    project: Path, monkeypatch: pytest.MonkeyPatch, text: str, said: str
) -> None:
    monkeypatch.chdir(project)
    with pytest.raises(WeftError) as caught:
        place_of(text)
    assert said in str(caught.value)


def test_outside_a_project_and_plain_files(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BadInput, match="no project here"):
        place_of("connection:erp")
    # A file of the name is a file; a folder called so outside a project is nothing special.
    (project / "connections" / "rows.csv").write_text("Name\nAna\n", encoding="utf-8")
    assert place_of(str(project / "connections" / "rows.csv")) == project / "connections" / "rows.csv"
    assert not is_named(str(tmp_path / "connections" / "erp"))


def test_the_password_comes_from_the_store_and_is_shown_nowhere(
    project: Path, tmp_path: Path, own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "passphrase").write_text("open sesame", encoding="utf-8")
    monkeypatch.setenv(PASSPHRASE_FILE, str(tmp_path / "passphrase"))
    connection(
        project,
        "server",
        'address: "postgresql+psycopg://ana@db.example/erp"\nsecrets: {password: "keyring:id/server/password"}',
    )
    name = str(project / "connections" / "server")
    with pytest.raises(NotAllowed, match="weft connection password"):
        place_of(name)
    open_store().put("id/server/password", "s3cr@t")
    place = place_of(name)
    assert isinstance(place, Connected)
    assert place.url == "postgresql+psycopg://ana:s3cr%40t@db.example/erp"
    assert "s3cr" not in f"{place} {place!r}"


def test_the_header_of_a_delimited_file_is_untouched(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("Name\nAna\n", encoding="utf-8")
    place = place_of(str(tmp_path / "a.csv"))
    assert isinstance(place, Path)
    assert DelimitedFile.open(place, encoding="utf-8", delimiter=",").header == ("Name",)
