"""weft move several from the command line: plans, folders, files; the summary, the exit code, resume and status."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from studio.cli.main import run
from studio.moves.model import MoveState
from studio.moves.several import kept
from studio.practice.ready import Ready
from tests.practice_beside import users_org_beside

pytestmark = pytest.mark.network
Weft = Callable[..., tuple[int, Any, str]]


@pytest.fixture(autouse=True)
def practice(own_home: Path) -> Iterator[Ready]:
    with users_org_beside() as ready:
        yield ready


@pytest.fixture
def weft(capsys: pytest.CaptureFixture[str]) -> Weft:
    def call(*words: object) -> tuple[int, Any, str]:
        code = run([str(word) for word in words])
        out, err = capsys.readouterr()
        return code, json.loads(out) if "--json" in words and out else out, err

    return call


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "load"
    made.mkdir()
    (made / "accounts.csv").write_text("Id,ERP_Id__c,Name,ParentId\n1,S-1,One,2\n2,S-2,Two,\n3,S-3,,1\n")
    (made / "Contacts.csv").write_text("LastName,AccountId\nAnn,1\nBob,3\n")
    (made / "notes.md").write_text("not a source")
    return made


def test_a_folder_of_files(weft: Weft, folder: Path) -> None:
    words = ("move", "several", folder, "--key", "Account=ERP_Id__c", "--org", "practice", "--json")
    code, judged, _err = weft(*words, "--check")
    assert code == 1
    assert [(step["object"], step["rows"], step["held"]) for step in judged["steps"]] == [
        ("Account", 3, 1), ("Contact", 2, 1), ("Account", 1, 0),
    ]  # fmt: skip
    assert judged["steps"][1]["rows_held"][0]["answer"] == "AccountId: its Account 3 (row 3) was not sent"
    assert weft("move", "status", "--json")[1] == []
    code, said, _err = weft(
        "move", "several", folder, "--key", "Account=ERP_Id__c", "--org", "practice", "--plan"
    )
    assert code == 0
    assert said.splitlines()[0] == "1. Account: upsert by ERP_Id__c, 3 rows of accounts.csv"
    assert said.splitlines()[2].startswith("3. Account: fill what had to wait")
    code, found, err = weft(*words)
    assert code == 1
    assert "1. Account: upsert by ERP_Id__c" in err
    assert [found[name] for name in ("read", "succeeded", "failed", "unprocessed", "not_sent")] == [
        6,
        4,
        1,
        0,
        1,
    ]
    assert [(step["object"], step["pass"], step["succeeded"]) for step in found["steps"]] == [
        ("Account", 1, 2), ("Contact", 1, 1), ("Account", 2, 1),
    ]  # fmt: skip
    assert json.loads((kept.folder_of("S-0001") / "summary.json").read_text()) == found
    step = found["steps"][0]
    alone = json.loads((kept.folder_of(step["run"]) / "summary.json").read_text())
    assert (alone["run"], alone["failed"], alone["files"]) == (step["run"], 1, step["files"])
    # What is over stays as it is, whoever asks.
    assert weft("move", "resume", "s-0001", "--json")[:2] == (1, found)
    code, shown, err = weft("move", "status", "S-0001")
    assert code == 0
    # Why rows failed, object by object, the commonest reason first.
    assert err.splitlines()[0] == "Account:"
    assert err.splitlines()[1].split()[:3] == ["1", "REQUIRED_FIELD_MISSING", "(Name):"]
    assert "Account, second pass" in shown
    assert weft("move", "status")[1].splitlines()[0].startswith("S-0001")


def test_a_plan_in_yaml(weft: Weft, folder: Path) -> None:
    plan = folder / "plan.yaml"
    plan.write_text(
        "weft: moves/1\n"
        "org: practice\n"
        "objects:\n"
        "  - {object: Account, source: accounts.csv, fields: {Name: Name, ERP_Id__c: ERP_Id__c}}\n"
        "  - object: Contact\n"
        "    source: Contacts.csv\n"
        "    fields: [LastName]\n"
        "    relations:\n"
        "      AccountId: {column: AccountId, object: Account, by: Id, missing: empty}\n"
    )
    code, found, _err = weft("move", "several", plan, "--json")
    assert code == 1
    assert [(step["object"], step["succeeded"], step["not_sent"]) for step in found["steps"]] == [
        ("Account", 2, 0), ("Contact", 1, 1),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("objects: []", "No object was named"),
        ("weft: transformation/1", "This is no plan of a move of several objects"),
        ("objects:\n  - source: a.csv", ":2:5: It does not say which object it is"),
        ("objects:\n  - {object: Account, sauce: a.csv}", "sauce is nothing a plan knows"),
        ("objects:\n  - {object: Account, source: a.csv, action: eat}", "action must be one of insert"),
        ("objects:\n  - {object: Account}", "Account has no source"),
        ("objects:\n  - {object: Account, source: no.csv}", "no.csv"),
    ],
)
def test_plans_that_cannot_be(weft: Weft, tmp_path: Path, text: str, said: str) -> None:
    plan = tmp_path / "plan.yaml"
    plan.write_text(text)
    code, _out, err = weft("move", "several", plan, "--org", "practice")
    assert code == 2
    assert said in err
    assert "Traceback" not in err


def test_words_that_cannot_be(weft: Weft, folder: Path, tmp_path: Path) -> None:
    assert "No org was named" in weft("move", "several", folder)[2]
    code, _out, err = weft("move", "several", folder, "--org", "practice", "--key", "Lead=Email")
    assert (code, "lead is not among the objects" in err) == (2, True)
    (tmp_path / "empty").mkdir()
    assert "holds no files of rows" in weft("move", "several", tmp_path / "empty", "--org", "practice")[2]
    odd = tmp_path / "oddments.csv"
    odd.write_text("Name\nx\n")
    assert (
        "No object of the org is called as the file is"
        in weft("move", "several", odd, "--org", "practice")[2]
    )
    assert "There is no move called S-0042" in weft("move", "resume", "S-0042")[2]


def test_a_set_that_was_cut_off_is_the_one_that_goes_on(weft: Weft, folder: Path) -> None:
    (folder / "accounts.csv").write_text("Id,Name\n1,One\n3,Three\n")
    assert weft("move", "several", folder, "--org", "practice")[0] == 0
    found = kept.load("S-0001")
    kept.save(
        kept.folder_of("S-0001"),
        replace(
            found, state=MoveState.INTERRUPTED, steps=(found.steps[0], replace(found.steps[1], state=""))
        ),
    )
    code, again, _err = weft("move", "resume", "--json")
    # That the second object's move has run was not written any more: it is found, and not repeated.
    assert code == 0
    assert again == found.summary()
    assert [one["run"] for one in weft("move", "status", "--json")[1]] == ["S-0001", "M-0002", "M-0001"]


def test_an_incremental_export(weft: Weft, folder: Path, tmp_path: Path) -> None:
    target = tmp_path / "out.jsonl"
    words = ("move", "export", "SELECT Name FROM Account", target, "--org", "practice", "--incremental")
    code, first, _err = weft(*words, "--json")
    assert (code, first["since"]) == (0, "")
    assert weft("move", "several", folder, "--org", "practice")[0] == 1
    code, second, _err = weft(*words, "--json")
    assert (code, second["read"] - first["read"]) == (0, 2)
    assert second["since"]
    names = [json.loads(line)["Name"] for line in target.read_text().splitlines()]
    assert sorted(names)[-1] == "Two"
    assert len(names) == second["read"] == second["succeeded"]
    code, _out, err = weft(*words, "--all")
    assert (code, "leaves deleted records out" in err) == (2, True)
    # Gone on with, a run that is complete has nothing to add.
    code, _out, err = weft("move", "resume", second["run"], "--json")
    assert code == 0
    assert "is finished: there is nothing left to do" in err


def test_a_trial_the_rest_a_retry_and_the_way_back(weft: Weft, folder: Path) -> None:
    words = ("move", "several", folder, "--key", "Account=ERP_Id__c", "--org", "practice", "--json")
    code, tried, _err = weft(*words, "--first", "1")
    assert (code, tried["state"], tried["succeeded"]) == (0, "trial", 2)
    assert weft("move", "retry", tried["run"], "--json")[0] == 2
    code, found, _err = weft("move", "resume", tried["run"], "--json")
    assert (code, found["state"]) == (1, "done")
    assert (found["succeeded"], found["failed"], found["not_sent"]) == (4, 1, 1)
    code, _found, err = weft("move", "failed", tried["run"], "--out", folder / "failed.csv")
    failed = next(step["run"] for step in found["steps"] if step["failed"])
    assert (code, failed in err) == (2, True)
    assert weft("move", "failed", failed, "--out", folder / "failed.csv")[0] == 0
    text = (folder / "failed.csv").read_text().replace('"S-3",""', '"S-3","Three"')
    (folder / "failed.csv").write_text(text)
    assert weft("move", "retry", tried["run"], "--from", folder / "failed.csv")[0] == 2
    assert weft("move", "retry", failed, "--from", folder / "failed.csv", "--json")[0] == 0
    code, found, _err = weft("move", "retry", tried["run"], "--json")
    assert (code, found["succeeded"], found["failed"], found["not_sent"]) == (0, 7, 0, 0)
    code, out, err = weft("move", "retry", tried["run"])
    assert (code, "nothing to send again" in err) == (0, True)
    code, out, _err = weft("move", "undo", tried["run"], "--dry-run")
    assert (code, "insert Contact" in out, "deleted" in out) == (0, True, True)
    code, back, _err = weft("move", "undo", tried["run"], "--json")
    assert (code, back["undo_of"], back["succeeded"]) == (0, tried["run"], 7)
    assert weft("move", "undo", tried["run"])[0] == 2
