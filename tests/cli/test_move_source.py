"""weft move from a database and to other files than CSV, from the command line."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from studio.cli.main import run
from studio.moves.places import Connected, place_of
from studio.practice.ready import Ready
from studio.project.create import create
from tests.practice_beside import users_org_beside

pytestmark = pytest.mark.network
Weft = Callable[..., tuple[int, Any, str]]


@pytest.fixture(autouse=True)
def practice(own_home: Path) -> Iterator[Ready]:
    """The user's practice org."""
    with users_org_beside() as ready:
        yield ready


@pytest.fixture
def weft(capsys: pytest.CaptureFixture[str]) -> Weft:
    """Runs a command; its exit code, its standard output (read as JSON when asked for), its standard error."""

    def call(*words: object) -> tuple[int, Any, str]:
        code = run([str(word) for word in words])
        out, err = capsys.readouterr()
        return code, json.loads(out) if "--json" in words and out else out, err

    return call


def test_rows_of_a_table_from_the_command_line(
    weft: Callable[..., tuple[int, Any, str]], tmp_path: Path
) -> None:
    path = tmp_path / "shop.db"
    with sqlite3.connect(path) as made:
        made.execute("CREATE TABLE t (ERP_Id__c TEXT, Name TEXT)")
        made.execute("INSERT INTO t VALUES ('T-1', 'One'), ('T-2', 'Two')")
        made.execute("CREATE TABLE u (a TEXT)")
    made.close()
    words = ("--key", "ERP_Id__c", "--org", "practice", "--json")
    code, _out, err = weft("move", "upsert", "Account", path, *words[:-1])
    assert code == 2
    assert "t, u" in err
    code, summary, err = weft("move", "upsert", "Account", f"sqlite:///{path}", "--table", "t", *words)
    assert (code, summary["succeeded"]) == (0, 2)
    assert "table t" in err
    query = "SELECT ERP_Id__c, '' AS Name FROM t"
    code, report, _err = weft("move", "check", "upsert", "Account", path, "--query", query, *words)
    assert code == 1
    assert report["held"] == 2


def test_a_query_into_a_table_and_a_workbook(weft: Weft, tmp_path: Path) -> None:
    rows = tmp_path / "rows.jsonl"
    rows.write_text('{"ERP_Id__c": "E-1", "Name": "One"}\n{"ERP_Id__c": "E-2", "Name": "Two"}\n')
    assert weft("move", "upsert", "Account", rows, "--key", "ERP_Id__c", "--org", "practice")[0] == 0
    soql = "SELECT ERP_Id__c, Name FROM Account WHERE ERP_Id__c LIKE 'E-%'"
    path = tmp_path / "shop.db"
    for words, wanted in (((), 0), ((), 2), (("--replace",), 0)):
        code, summary, err = weft("move", "export", soql, path, "--org", "practice", "--json", *words)
        assert code == wanted
        if wanted:
            assert "Account already" in err
            assert "--replace" in err
        else:
            assert summary["files"] == {"succeeded": str(path)}
    with sqlite3.connect(path) as made:
        found = made.execute("SELECT * FROM Account ORDER BY 1").fetchall()
    made.close()
    assert found == [("E-1", "One"), ("E-2", "Two")]
    book = tmp_path / "rows.xlsx"
    assert weft("move", "export", soql, book, "--org", "practice")[0] == 0
    assert weft("move", "upsert", "Account", book, "--key", "ERP_Id__c", "--org", "practice")[0] == 0
    code, _out, err = weft("move", "export", soql, tmp_path / "rows.xml", "--org", "practice")
    assert code == 2
    assert ".parquet" in err


def test_a_connection_of_the_project_by_its_name(
    weft: Weft, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = tmp_path / "shop"
    create(project)
    (project / "connections").mkdir(exist_ok=True)
    (project / "connections" / "erp.yaml").write_text(
        "weft: connection/1\nname: ERP\nkind: database\naddress: data/erp.db\n", encoding="utf-8"
    )
    (project / "data").mkdir()
    with sqlite3.connect(project / "data" / "erp.db") as made:
        made.execute("CREATE TABLE t (ERP_Id__c TEXT, Name TEXT)")
        made.execute("INSERT INTO t VALUES ('ZC-1', 'One'), ('ZC-2', 'Two')")
    made.close()
    monkeypatch.chdir(project / "data")
    words = ("--key", "ERP_Id__c", "--org", "practice", "--json")
    code, _out, err = weft("move", "upsert", "Account", "connection:crm", *words[:-1])
    assert code == 2
    assert "There are: erp" in err
    code, summary, _err = weft("move", "upsert", "Account", "connection:erp", *words)
    assert (code, summary["succeeded"]) == (0, 2)
    soql = "SELECT Name, ERP_Id__c FROM Account WHERE ERP_Id__c LIKE 'ZC-%'"
    export = ("move", "export", soql, project / "connections" / "erp", "--org", "practice", "--json")
    assert weft(*export)[0] == 0
    with sqlite3.connect(project / "data" / "erp.db") as made:
        assert made.execute("SELECT Name FROM Account ORDER BY 1").fetchall() == [("One",), ("Two",)]
    made.close()
    code, _out, err = weft(*export)
    assert code == 2
    assert "--replace" in err
    saved = ("--save-as", project / "operations" / "accounts")
    assert weft("move", "upsert", "Account", "connection:erp", "--table", "t", *words, *saved)[0] == 0
    assert 'source: "connection:erp"' in (project / "operations" / "accounts.yaml").read_text(
        encoding="utf-8"
    )
    monkeypatch.chdir(tmp_path)
    assert weft("run", project / "operations" / "accounts")[0] == 0


def test_a_password_goes_to_the_store_and_its_name_to_the_file(
    weft: Weft, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = tmp_path / "shop"
    create(project)
    file = project / "connections" / "server.yaml"
    file.parent.mkdir(exist_ok=True)
    file.write_text(
        "weft: connection/1\nname: Server\nkind: database\naddress: postgresql+psycopg://ana@db.example/erp\n",
        encoding="utf-8",
    )
    (tmp_path / "passphrase").write_text("open sesame", encoding="utf-8")
    (tmp_path / "secret").write_text("s3cret\n", encoding="utf-8")
    monkeypatch.setenv("WEFT_VAULT_PASSPHRASE_FILE", str(tmp_path / "passphrase"))
    monkeypatch.chdir(project)
    assert weft("connection", "password", "connection:server", "--secret-file", tmp_path / "secret")[0] == 0
    text = file.read_text(encoding="utf-8")
    assert "/server/password" in text
    assert "s3cret" not in text
    place = place_of("connection:server")
    assert isinstance(place, Connected)
    assert place.url == "postgresql+psycopg://ana:s3cret@db.example/erp"


def test_a_file_without_a_line_of_names_and_an_export_for_a_spreadsheet(weft: Weft, tmp_path: Path) -> None:
    rows = tmp_path / "rows.csv"
    rows.write_text("N-1;São Paulo\nN-2;Rio; sim\n", encoding="cp1252")
    fields = tmp_path / "map.sdl"
    fields.write_text("A=ERP_Id__c\nB=Name\n")
    words = ("--map", fields, "--key", "ERP_Id__c", "--org", "practice", "--json")
    code, summary, _err = weft("move", "upsert", "Account", rows, "--no-header", *words)
    assert (code, summary["read"], summary["succeeded"], summary["not_sent"]) == (1, 2, 1, 1)
    soql = "SELECT ERP_Id__c, Name FROM Account WHERE ERP_Id__c LIKE 'N-%'"
    out = tmp_path / "out.csv"
    assert weft("move", "export", soql, out, "--csv", "excel", "--org", "practice")[0] == 0
    assert out.read_bytes() == "\ufeffERP_Id__c;Name\r\nN-1;São Paulo\r\n".encode()
    code, _out, err = weft(
        "move", "export", soql, tmp_path / "other.csv", "--csv", "stars", "--org", "practice"
    )
    assert (code, "no style of CSV" in err, (tmp_path / "other.csv").exists()) == (2, True, False)
