"""weft move from a database and to other files than CSV, from the command line."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from studio.cli.main import run
from studio.practice.ready import Ready
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
