"""weft move from the command line: exit codes, JSON summaries, records that stay in the practice org."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from studio.base.errors import BadInput
from studio.cli.main import run
from studio.moves.journal import ChunkState, Journal
from studio.moves.model import Counts, MoveState
from studio.practice.faults import parse
from studio.practice.ready import Ready
from tests.practice_beside import org_beside, users_org_beside

pytestmark = pytest.mark.network
COUNTS = ("succeeded", "failed", "unprocessed", "not_sent")


@pytest.fixture(autouse=True)
def practice(own_home: Path) -> Iterator[Ready]:
    """The user's practice org, running for the whole test, as it is beside an open window."""
    with users_org_beside() as ready:
        yield ready


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "accounts.csv"
    path.write_text('ERP_Id__c,Name,Note\nZ-1,One,a\nZ-2,,b\nZ-3,"Th\nree",c\n')
    return path


@pytest.fixture
def weft(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, Any, str]]:
    """Runs a command; its exit code, its standard output (read as JSON when asked for), its standard error."""

    def call(*words: object) -> tuple[int, Any, str]:
        code = run([str(word) for word in words])
        out, err = capsys.readouterr()
        return code, json.loads(out) if "--json" in words and out else out, err

    return call


def test_an_upsert_and_its_summary(weft: Callable[..., tuple[int, Any, str]], source: Path) -> None:
    code, summary, err = weft(
        "move", "upsert", "Account", source, "--key", "ERP_Id__c", "--org", "practice", "--json"
    )
    assert code == 1
    assert [summary[name] for name in COUNTS] == [2, 1, 0, 0]
    assert summary["read"] == sum(summary[name] for name in COUNTS)
    assert {"run", "seconds", "api_calls"} <= set(summary)
    assert set(summary["files"]) == set(COUNTS)
    for name, path in summary["files"].items():
        with Path(path).open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        assert len(rows) == summary[name]
        assert all(
            set(row) == {"weft__row", "weft__id", "weft__answer", "ERP_Id__c", "Name", "Note"} for row in rows
        )
    assert "1 column is not sent: Note." in err


def test_consecutive_commands_see_the_records(
    weft: Callable[..., tuple[int, Any, str]], source: Path, tmp_path: Path
) -> None:
    good = tmp_path / "good.csv"
    good.write_text("ERP_Id__c,Name\nZ-1,One\nZ-2,Two\n")
    arguments = ("move", "upsert", "Account", good, "--key", "ERP_Id__c", "--org", "practice", "--json")
    assert weft(*arguments)[0] == 0
    assert weft(*arguments)[0] == 0
    target = tmp_path / "out.csv"
    code, summary, _err = weft(
        "move", "export", "SELECT ERP_Id__c, Name FROM Account WHERE ERP_Id__c LIKE 'Z-%'", target,
        "--org", "practice", "--json",
    )  # fmt: skip
    assert (code, summary["read"], summary["succeeded"]) == (0, 2, 2)
    with target.open(encoding="utf-8", newline="") as file:
        assert sorted(csv.reader(file)) == [["ERP_Id__c", "Name"], ["Z-1", "One"], ["Z-2", "Two"]]
    code, found, _err = weft("move", "status", "--json")
    assert [record["action"] for record in found] == ["upsert", "upsert", "export"]
    assert {record["state"] for record in found} == {"done"}
    assert weft("move", "status", "M-0003", "--json")[1]["read"] == 2
    assert weft("move", "status", "m-0001", "--json")[1]["succeeded"] == 2
    text = weft("move", "status")[1]
    assert len(text.splitlines()) == 3


def test_what_is_finished_needs_no_resume(
    weft: Callable[..., tuple[int, Any, str]], source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "out.csv"
    arguments = ("move", "upsert", "Account", source, "--key", "ERP_Id__c", "--org", "practice", "--json")
    moved = weft(*arguments)[1]
    exported = weft("move", "export", "SELECT Id FROM Account", target, "--org", "practice", "--json")[1]
    # No org is asked: it may be out of reach by now.
    monkeypatch.setattr("studio.cli.move.signed_in", None)
    code, again, err = weft("move", "resume", "m-0001", "--json")
    assert (code, again) == (0, moved)
    assert all(Path(file).is_file() for file in again["files"].values())
    assert "M-0001 is finished: there is nothing left to do." in err
    assert weft("move", "resume", "M-0002", "--json")[:2] == (0, exported)
    code, out, _err = weft("move", "resume")
    assert code == 0
    assert moved["files"]["failed"] in out
    code, _out, err = weft("move", "resume", "M-0009")
    assert code == 2
    assert "There is no move called M-0009; there are M-0002, M-0001." in err


def test_messy_files_are_told_as_a_person_would(
    weft: Callable[..., tuple[int, Any, str]], tmp_path: Path
) -> None:
    file = tmp_path / "rows.csv"
    arguments = ("move", "upsert", "Account", file, "--key", "ERP_Id__c", "--org", "practice")
    file.write_bytes(b"ERP_Id__c;Name\nM-1;One\n")
    code, _out, err = weft(*arguments, "--delimiter", ",")
    assert code == 2
    assert (
        "The first line holds: ERP_Id__c;Name. It was read as one column: name the file's delimiter." in err
    )
    file.write_bytes(b"M-1,One\nM-2,Two\n")
    code, _out, err = weft(*arguments)
    assert code == 2
    assert "The first line holds: M-1, One. Name the columns" in err
    file.write_bytes(b"number,Name\nM-1,One\n")
    code, _out, err = weft(*arguments)
    assert code == 2
    assert (
        "Name the column that holds it ERP_Id__c, or give a field map; the columns are number, Name." in err
    )
    file.write_bytes(b"sep=;\r\nERP_Id__c;Name\r\nM-1;One, Ltd\r\n")
    assert weft(*arguments)[0] == 0
    file.write_bytes(b"PK\x03\x04" + b"\0" * 100)
    code, _out, err = weft(*arguments)
    assert code == 2
    assert "workbook" in err


def test_the_commonest_reasons_are_shown(weft: Callable[..., tuple[int, Any, str]], tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    file.write_text(
        f"ERP_Id__c,Name,NumberOfEmployees\nR-1,,1\nR-2,{'L' * 256},300\nR-3,,3\nR-4,Four,4\nR-5,A,5\nR-5,B,5\n"
    )
    code, _out, err = weft("move", "upsert", "Account", file, "--key", "ERP_Id__c", "--org", "practice")
    assert code == 1
    # Notes on the way the rows go stand between them.
    lines = [text for text in err.splitlines() if not text.startswith(("Sent by", "The records are kept"))]
    assert lines[0].startswith("2 rows are held back; the first, row 5: ERP_Id__c appears more than once")
    assert lines[1].split(None, 1) == [
        "2",
        "REQUIRED_FIELD_MISSING (Name): row 1: Required fields are missing: [Name]",
    ]
    assert lines[2].split()[:5] == ["1", "STRING_TOO_LONG", "(Name):", "row", "2:"]
    assert len(lines) == 3
    code, out, _err = weft(
        "move", "check", "upsert", "Account", file, "--key", "ERP_Id__c", "--org", "practice"
    )
    assert code == 1
    lines = out.splitlines()
    assert lines[0].split() == ["Field", "Type", "Filled", "Failing"]
    assert any("empty, but required (2); longer than 255 characters (1: LLL" in line for line in lines)
    assert "row 5: ERP_Id__c appears more than once: rows 5, 6" in lines
    assert lines[-1] == "6 rows checked, 5 would be refused; nothing has been sent."


def test_insert_update_and_delete(weft: Callable[..., tuple[int, Any, str]], tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    file.write_text("Name;Phone\nOne;11\nTwo;22\n", encoding="utf-16")
    code, summary, _err = weft("move", "insert", "Account", file, "--org", "practice", "--json")
    assert (code, summary["succeeded"]) == (0, 2)
    inserted = Path(summary["files"]["succeeded"])
    assert weft("move", "update", "Account", inserted, "--org", "practice", "--json")[0] == 0
    assert weft("move", "delete", "Account", inserted, "--org", "practice", "--json")[1]["succeeded"] == 2
    code, _out, err = weft("move", "insert", "Account", file, "--org", "practice")
    assert code == 2
    assert "--again" in err
    assert weft("move", "insert", "Account", file, "--org", "practice", "--again")[0] == 0


def test_a_data_loader_map(weft: Callable[..., tuple[int, Any, str]], tmp_path: Path) -> None:
    file, fields = tmp_path / "rows.csv", tmp_path / "rows.sdl"
    file.write_text("Kunde,Nummer\nOne,Z-1\n")
    fields.write_text('Kunde=Name\nNummer=ERP_Id__c\n"Retail"=Industry\n')
    arguments = ("--key", "ERP_Id__c", "--map", fields, "--org", "practice", "--json")
    code, summary, _err = weft("move", "upsert", "Account", file, *arguments)
    assert (code, summary["succeeded"]) == (0, 1)
    target = tmp_path / "out.csv"
    weft(
        "move", "export", "SELECT Industry FROM Account WHERE ERP_Id__c = 'Z-1'", target, "--org", "practice"
    )
    assert target.read_text().split() == ['"Industry"', '"Retail"']


def test_a_check_sends_nothing(weft: Callable[..., tuple[int, Any, str]], source: Path) -> None:
    code, found, _err = weft(
        "move", "check", "upsert", "Account", source, "--key", "ERP_Id__c", "--org", "practice", "--json"
    )
    assert code == 1
    assert (found["rows"], found["held"]) == (3, 1)
    assert found["rows_held"] == [{"row": 2, "answer": "Name: empty, but required"}]
    (name,) = [one for one in found["fields"] if one["field"] == "Name"]
    assert [(one["text"], one["fails"]) for one in name["findings"]] == [("empty, but required", True)]
    assert weft("move", "status", "--json")[1] == []


def test_a_check_asks_the_org_where_that_is_wanted_and_says_what_it_costs(
    weft: Callable[..., tuple[int, Any, str]], tmp_path: Path
) -> None:
    source = tmp_path / "rows.csv"
    source.write_text("Name,ParentId\nA,001000000000ZZZ\n")
    asked = ("move", "check", "insert", "Account", source, "--org", "practice", "--json")
    code, _found, err = weft(*asked)
    assert (code, "With --look-up:" in err, "values: 1, API calls: about 1" in err) == (0, True, True)
    code, found, err = weft(*asked, "--look-up")
    assert (code, found["held"], "With --look-up" in err) == (1, 1, False)
    assert (
        weft(*("move", "insert", "Account", source, "--org", "practice", "--json"), "--look-up")[1][
            "not_sent"
        ]
        == 1
    )


def test_an_address_with_the_session_in_the_environment(
    weft: Callable[..., tuple[int, Any, str]], source: Path, practice: Ready, monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments = ("move", "upsert", "Account", source, "--key", "ERP_Id__c", "--org", practice.url)
    assert weft(*arguments)[0] == 2
    monkeypatch.setenv("WEFT_ACCESS_TOKEN", practice.access_token)
    assert weft(*arguments)[0] == 1
    monkeypatch.setenv("WEFT_ACCESS_TOKEN", "00Dwrong!token")
    code, _out, err = weft(*arguments)
    assert code == 3
    assert "INVALID_SESSION_ID" in err


def test_an_org_out_of_reach(
    weft: Callable[..., tuple[int, Any, str]], source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from studio.connectors.salesforce.pace import Pace

    monkeypatch.setattr(Pace.__init__, "__defaults__", (0.01, 0.01, 1.0, 300.0, 0.05))
    monkeypatch.setenv("WEFT_ACCESS_TOKEN", "00D!x")
    code, _out, err = weft("move", "insert", "Account", source, "--org", "http://127.0.0.1:9")
    assert code == 3
    assert "127.0.0.1:9 cannot be reached: it refuses connections. Check the address" in err
    assert weft("move", "status", "--json")[1] == []


def control(practice: Ready, method: str, data: dict[str, Any]) -> None:
    """Break the practice org, or mend it."""
    headers = {"Authorization": f"Bearer {practice.access_token}"}
    answer = httpx.request(method, f"{practice.url}/practice/faults", json=data, headers=headers)
    assert answer.is_success, answer.text


def command(*words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "studio", *words],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ.copy(),
        cwd=Path(__file__).parent.parent.parent,
    )  # fmt: skip


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl+C of a child is sent as SIGINT")
def test_ctrl_c_stops_and_resume_goes_on(
    weft: Callable[..., tuple[int, Any, str]], tmp_path: Path, own_home: Path, practice: Ready
) -> None:
    control(practice, "POST", {"name": "processing", "value": 30})
    source = tmp_path / "many.csv"
    source.write_text("ERP_Id__c,Name\n" + "".join(f"Y-{n},N {n}\n" for n in range(100)))
    words = ["move", "insert", "Account", str(source), "--org", "practice", "--chunk-rows", "10", "--json"]
    process = command(*words)
    moves = own_home / "data" / "moves" / "M-0001"
    for _wait in range(2400):
        if _holds(moves, ChunkState.SUBMITTED):
            break
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 130, err
    summary = json.loads(out)
    assert summary["state"] == MoveState.STOPPED
    assert sum(summary[name] for name in COUNTS) == summary["read"] == 100
    assert summary["succeeded"] < 100
    control(practice, "DELETE", {})
    code, found, _err = weft("move", "resume", "--json")
    assert code == 0
    assert Counts(*(found[name] for name in COUNTS)) == Counts(100)
    target = tmp_path / "out.csv"
    weft(
        "move",
        "export",
        "SELECT ERP_Id__c FROM Account WHERE ERP_Id__c LIKE 'Y-%'",
        target,
        "--org",
        "practice",
    )
    with target.open() as file:
        assert sorted(row[0] for row in csv.reader(file)) == sorted(
            ["ERP_Id__c", *(f"Y-{n}" for n in range(100))]
        )


# Where the command is killed: what holds it there, and the state of a chunk that says it is there.
KILLED = {
    "uploading": ({"name": "delay", "value": 60, "on": "PUT */batches", "at": 3}, ChunkState.UPLOADING),
    "polling": ({"name": "processing", "value": 3}, ChunkState.SUBMITTED),
    "fetching": (
        {"name": "slow", "value": 40, "on": "GET */successfulResults"}, ChunkState.SUBMITTED,
    ),
}  # fmt: skip


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is sent")
@pytest.mark.parametrize(
    ("action", "where"),
    [("upsert", "uploading"), ("upsert", "polling"), ("insert", "uploading"), ("insert", "fetching")],
)
def test_killed_and_resumed(
    weft: Callable[..., tuple[int, Any, str]], tmp_path: Path, own_home: Path, practice: Ready,
    action: str, where: str,
) -> None:  # fmt: skip
    """kill -9 of the command at work: a resume brings every row to its end, once."""
    fault, state = KILLED[where]
    control(practice, "POST", fault)
    source = tmp_path / "many.csv"
    rows = {f"K-{n:03d}": f"N {n}" for n in range(100)}
    source.write_text("ERP_Id__c,Name\n" + "".join(f"{key},{name}\n" for key, name in rows.items()))
    key = ("--key", "ERP_Id__c") if action == "upsert" else ()
    process = command(
        "move", action, "Account", str(source), *key, "--org", "practice", "--chunk-rows", "10", "--parallel", "2"
    )  # fmt: skip
    seen = _wait_for(own_home / "data" / "moves" / "M-0001", state, where == "fetching")
    process.send_signal(signal.SIGKILL)
    _out, err = process.communicate(timeout=30)
    assert (process.returncode, seen) == (-signal.SIGKILL, True), err
    control(practice, "DELETE", {})
    assert weft("move", "status", "--json")[1][0]["state"] == "interrupted"
    code, found, err = weft("move", "resume", "--json")
    assert code == 0, err
    assert Counts(*(found[name] for name in COUNTS)) == Counts(100)
    assert found["unreconciled"] == 0
    with Path(found["files"]["succeeded"]).open(newline="") as file:
        told = list(csv.DictReader(file))
    assert sorted(int(row["weft__row"]) for row in told) == list(range(1, 101))
    assert {row["ERP_Id__c"]: row["Name"] for row in told} == rows
    target = tmp_path / "out.csv"
    query = "SELECT Id, ERP_Id__c, Name FROM Account WHERE ERP_Id__c LIKE 'K-%'"
    weft("move", "export", query, target, "--org", "practice")
    with target.open(newline="") as file:
        held = list(csv.DictReader(file))
    assert sorted((row["Id"], row["ERP_Id__c"], row["Name"]) for row in held) == sorted(
        (row["weft__id"], row["ERP_Id__c"], row["Name"]) for row in told
    )


def _wait_for(move: Path, state: ChunkState, downloading: bool) -> bool:
    """Wait until a chunk of the move is in a state, and its results are being fetched if asked; tells whether it is."""
    for _wait in range(400):
        if _holds(move, state) and (not downloading or any(move.glob("parts/*.download"))):
            return True
        time.sleep(0.05)
    return False


def _holds(move: Path, state: ChunkState) -> bool:
    """A chunk of the move is in a state; the journal may not be there yet, or just be made."""
    try:
        with Journal.open(move) as journal:
            return any(chunk.state is state for chunk in journal.chunks())
    except BadInput:
        return False


def test_the_module_runs_as_a_program(source: Path, own_home: Path) -> None:
    process = command("move", "upsert", "Account", str(source), "--key", "ERP_Id__c", "--org", "practice")
    out, err = process.communicate(timeout=60)
    assert process.returncode == 1, err
    assert "Succeeded" in out
    assert "M-0001" in out


def test_the_faults_of_a_separate_org(tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
                                      weft: Callable[..., tuple[int, Any, str]]) -> None:  # fmt: skip
    """A job the org gives up: rows stay unprocessed, the command says so with exit code 1."""
    source = tmp_path / "rows.csv"
    source.write_text("ERP_Id__c,Name\n" + "".join(f"X-{n},N {n}\n" for n in range(30)))
    faults = [parse("batch-rows=10"), parse("fail-after=1")]
    with org_beside(faults=faults, seed=False) as other:
        monkeypatch.setenv("WEFT_ACCESS_TOKEN", other.access_token)
        code, summary, _err = weft("move", "insert", "Account", source, "--org", other.url, "--api", "bulk",
                                   "--json")  # fmt: skip
    assert code == 1
    assert [summary[name] for name in COUNTS] == [10, 0, 20, 0]
    assert "ended a job early" in summary["warnings"][0]
