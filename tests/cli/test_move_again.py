"""weft move failed and weft move retry: failed rows written out, corrected and sent again."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.test_move import practice, source, weft

__all__ = ["practice", "source", "weft"]
pytestmark = pytest.mark.network


def test_failed_rows_are_sent_again_once_they_are_mended(
    weft: Callable[..., tuple[int, Any, str]], source: Path
) -> None:
    arguments = ("move", "upsert", "Account", source, "--key", "ERP_Id__c", "--org", "practice", "--json")
    failed = Path(weft(*arguments)[1]["files"]["failed"])
    code, again, _err = weft("move", "retry", "--json")
    assert (code, again["run"], again["read"], again["failed"]) == (1, "M-0002", 1, 1)
    failed.write_text(failed.read_text().replace('"Z-2","",', '"Z-2","Two",'))
    code, again, _err = weft("move", "retry", "m-0001", "--json")
    assert (code, again["read"], again["succeeded"]) == (0, 1, 1)
    with Path(again["files"]["succeeded"]).open(newline="") as file:
        (row,) = csv.DictReader(file)
    assert (row["ERP_Id__c"], row["Name"], row["Note"]) == ("Z-2", "Two", "b")
    # The result of a retry can be sent again as well: no two columns have the same name.
    assert list(row)[:4] == ["weft__row", "weft__id", "weft__answer", "weft__row_1"]
    assert weft("move", "retry", "M-0002")[0] == 0
    code, out, err = weft("move", "retry", "M-0003")
    assert (code, out) == (0, "")
    assert "No row failed" in err
    # Sent twice they would be doubled in an insert: once a row has succeeded it is not sent again.
    code, _out, err = weft("move", "retry", "M-0001")
    assert code == 0
    assert "were sent again already" in err


def test_a_retry_names_the_same_records(weft: Callable[..., tuple[int, Any, str]], tmp_path: Path) -> None:
    """An update whose ids stand in a result file: the retry takes them from where they were, not from its answers."""
    file = tmp_path / "rows.csv"
    file.write_text("Name,NumberOfEmployees\nOne,1\nTwo,2\n")
    inserted = Path(
        weft("move", "insert", "Account", file, "--org", "practice", "--json")[1]["files"]["succeeded"]
    )
    too_long = f'"{"L" * 256}"'
    inserted.write_text(inserted.read_text().replace('"Two"', too_long).replace('"2"\n', '"20"\n'))
    code, updated, err = weft("move", "update", "Account", inserted, "--org", "practice", "--json")
    assert (code, updated["succeeded"], updated["failed"]) == (1, 1, 1)
    failed = Path(updated["files"]["failed"])
    failed.write_text(failed.read_text().replace(too_long, '"Two"'))
    code, again, err = weft("move", "retry", "--json")
    assert (code, again["succeeded"]) == (0, 1), err
    target = tmp_path / "out.csv"
    weft(
        "move",
        "export",
        "SELECT Name, NumberOfEmployees FROM Account WHERE Name = 'Two'",
        target,
        "--org",
        "practice",
    )
    assert target.read_text().split() == ['"Name","NumberOfEmployees"', '"Two","20"']


def test_failed_rows_go_out_into_a_file_and_come_back_corrected(
    weft: Callable[..., tuple[int, Any, str]], source: Path, tmp_path: Path
) -> None:
    weft("move", "upsert", "Account", source, "--key", "ERP_Id__c", "--org", "practice", "--json")
    out = tmp_path / "failed.csv"
    code, _said, err = weft("move", "failed", "--out", out)
    assert (code, "1 failed row written" in err) == (0, True)
    with out.open(newline="") as file:
        (row,) = csv.DictReader(file)
    assert list(row)[:2] == ["weft__row", "weft__answer"]
    row["Name"] = "Two"
    with out.open("w", newline="") as file:
        csv.DictWriter(file, row).writeheader()
        csv.DictWriter(file, row).writerow(row)
    code, done, _err = weft("move", "retry", "M-0001", "--from", out, "--json")
    assert (code, done["read"], done["succeeded"]) == (0, 1, 1)
    code, _said, err = weft("move", "retry", "M-0001", "--from", out)
    assert code == 2
    assert "is no failed row of M-0001 that waits to be sent again" in err
    code, _said, err = weft("move", "failed", "M-0001")
    assert (code, "No file was named" in err) == (2, True)
