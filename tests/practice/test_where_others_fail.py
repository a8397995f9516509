"""Files that other clients damage or cannot send, and queries they cannot read: shown failing there, passing here."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from simple_salesforce import Salesforce
from simple_salesforce.exceptions import SalesforceOperationError

from studio.cli.main import run
from studio.practice.process import start_practice
from studio.practice.ready import Ready
from tests.practice.driver import DATA

pytestmark = pytest.mark.network
LINES = "first\r\nsecond"
PARTED = "left\u2028right\x0b\x85end"


@pytest.fixture
def ready(own_home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ready]:
    with start_practice(https=True, seed=False) as found:
        monkeypatch.setenv("WEFT_ACCESS_TOKEN", found.access_token)
        yield found


@pytest.fixture
def other(ready: Ready, monkeypatch: pytest.MonkeyPatch) -> Iterator[Salesforce]:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(ready.ca))
    made = Salesforce(instance_url=ready.https_url, session_id=ready.access_token, version="62.0")
    yield made
    made.session.close()


def write(path: Path, rows: list[list[str]], encoding: str = "utf-8") -> str:
    with path.open("w", newline="", encoding=encoding) as file:
        csv.writer(file, lineterminator="\n").writerows(rows)
    return str(path)


def descriptions(ready: Ready, like: str) -> list[str]:
    text = f"SELECT Description FROM Account WHERE Name LIKE '{like}%' ORDER BY Name"
    headers = {"Authorization": f"Bearer {ready.access_token}"}
    answer = httpx.get(f"{ready.url}{DATA}/query", params={"q": text}, headers=headers)
    return [record["Description"] for record in answer.json()["records"]]


def moved(ready: Ready, path: str, capsys: pytest.CaptureFixture[str], code: int = 0) -> dict[str, object]:
    assert run(["move", "insert", "Account", path, "--org", ready.url, "--json"]) == code
    summary: dict[str, object] = json.loads(capsys.readouterr().out)
    return summary


def test_a_mark_at_the_beginning_of_the_file(
    ready: Ready, other: Salesforce, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path / "a.csv", [["Name", "Description"], ["A", "x"]], "utf-8-sig")
    with pytest.raises(SalesforceOperationError, match="Field name not found : \ufeffName"):
        other.bulk2.Account.insert(path, wait=0.05)
    assert descriptions(ready, "A") == []
    assert moved(ready, path, capsys)["succeeded"] == 1
    assert descriptions(ready, "A") == ["x"]


def test_line_ends_inside_values(
    ready: Ready, other: Salesforce, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    theirs = write(tmp_path / "theirs.csv", [["Name", "Description"], ["T", LINES]])
    other.bulk2.Account.insert(theirs, wait=0.05)
    assert descriptions(ready, "T") == ["first\nsecond"]
    ours = write(tmp_path / "ours.csv", [["Name", "Description"], ["O", LINES]])
    assert moved(ready, ours, capsys)["succeeded"] == 1
    assert descriptions(ready, "O") == [LINES]


def test_signs_that_are_no_line_ends_in_results(
    ready: Ready, other: Salesforce, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path / "a.csv", [["Name", "Description"], ["P", PARTED], ["x" * 300, PARTED]])
    (job,) = other.bulk2.Account.insert(path, wait=0.05)
    good = other.bulk2.Account.get_successful_records(job["job_id"])
    assert next(iter(csv.DictReader(good.splitlines())))["Description"] != PARTED
    assert next(iter(csv.DictReader(io.StringIO(good, newline=""))))["Description"] == PARTED
    files = moved(ready, path, capsys, code=1)["files"]
    assert isinstance(files, dict)
    for name in ("succeeded", "failed"):
        with Path(files[name]).open(newline="", encoding="utf-8-sig") as file:
            assert [row["Description"] for row in csv.DictReader(file)] == [PARTED]
