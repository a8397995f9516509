"""Loads into the practice org that go as they should: every row where it belongs, every value as it was."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from studio.base.errors import BadInput, Cancelled
from studio.base.progress import Progress
from studio.moves import store
from studio.moves.load import Request, check, load
from studio.moves.model import Action, Blank, Counts, Duplicates, MoveState, Standing
from tests.moves.conftest import Practice, assert_adds_up, move, request

pytestmark = pytest.mark.network
Accounts = Callable[..., Path]


async def test_insert_update_upsert_delete(practice: Practice, accounts: Accounts, tmp_path: Path) -> None:
    source = accounts(45)
    inserted = await move(practice, source, Action.INSERT)
    assert (inserted.counts, inserted.state, inserted.exit_code) == (Counts(45), MoveState.DONE, 0)
    rows = assert_adds_up(inserted, source)["succeeded"]
    assert {row["answer"] for row in rows} == {"created"}
    known = {r["ERP_Id__c"]: r["Id"] for r in await practice.records("SELECT Id, ERP_Id__c FROM Account")}
    assert {row["ERP_Id__c"]: row["id"] for row in rows} == known

    source = accounts([(f"A-{n:04d}", f"New {n}", "") for n in range(40, 61)])
    upserted = await move(practice, source)
    answers = [row["answer"] for row in assert_adds_up(upserted, source)["succeeded"]]
    assert (answers.count("updated"), answers.count("created")) == (6, 15)
    assert await practice.keys() == [f"A-{n:04d}" for n in range(1, 61)]

    ids = [(known[f"A-{n:04d}"], f"Third {n}", "") for n in range(1, 11)]
    source = accounts(ids, ("Id", "Name", "Note"))
    updated = await move(practice, source, Action.UPDATE)
    assert {row["answer"] for row in assert_adds_up(updated, source)["succeeded"]} == {"updated"}
    assert await practice.records("SELECT Name FROM Account WHERE ERP_Id__c = 'A-0003'") == [
        {"Name": "Third 3"}
    ]

    deleted = await move(practice, source, Action.DELETE)
    assert {row["answer"] for row in assert_adds_up(deleted, source)["succeeded"]} == {"deleted"}
    assert await practice.keys() == [f"A-{n:04d}" for n in range(11, 61)]


async def test_the_result_of_an_insert_undoes_it(practice: Practice, accounts: Accounts) -> None:
    inserted = await move(practice, accounts(25), Action.INSERT)
    undo = await move(practice, Path(inserted.files["succeeded"]), Action.DELETE)
    assert undo.counts == Counts(25)
    assert await practice.keys() == []


async def test_failures_keep_the_orgs_words(practice: Practice, accounts: Accounts) -> None:
    source = accounts([("A-1", "One", "a"), ("A-2", "", "b"), ("A-3", "x" * 256, "c")])
    summary = await move(practice, source)
    assert (summary.counts, summary.exit_code) == (Counts(1, 2), 1)
    failed = assert_adds_up(summary, source)["failed"]
    assert failed[0]["answer"].startswith("REQUIRED_FIELD_MISSING:")
    assert failed[1]["answer"].startswith("STRING_TOO_LONG:")


# Mode 8 of the reference: order not guaranteed, whole rows twice.
async def test_equal_rows_of_an_insert_are_all_inserted_and_all_told(
    practice: Practice, accounts: Accounts
) -> None:
    source = accounts([("", "Same", str(n % 3)) for n in range(33)])
    summary = await move(practice, source, Action.INSERT)
    rows = assert_adds_up(summary, source)["succeeded"]
    assert len({row["id"] for row in rows}) == 33
    assert len(await practice.records("SELECT Id FROM Account WHERE Name = 'Same'")) == 33


# Mode 11: keys twice in the file, keys empty.
@pytest.mark.parametrize(
    ("rule", "names", "counts"),
    [
        (Duplicates.HOLD, {"A-2": "Two"}, Counts(1, 0, 0, 3)),
        (Duplicates.FIRST, {"A-1": "First", "A-2": "Two"}, Counts(2, 0, 0, 2)),
        (Duplicates.LAST, {"A-1": "Last", "A-2": "Two"}, Counts(2, 0, 0, 2)),
    ],
)
async def test_rows_with_the_same_key(
    practice: Practice, accounts: Accounts, rule: Duplicates, names: dict[str, str], counts: Counts
) -> None:
    source = accounts([("A-1", "First", ""), ("a-1", "Middle", ""), ("A-2", "Two", ""), ("A-1", "Last", "")])
    summary = await move(practice, source, duplicates=rule)
    assert summary.counts == counts
    held = assert_adds_up(summary, source)["not_sent"]
    assert all("ERP_Id__c" in row["answer"] and "ow" in row["answer"] for row in held)
    found = await practice.records("SELECT ERP_Id__c, Name FROM Account")
    assert {record["ERP_Id__c"]: record["Name"] for record in found} == names


async def test_the_org_judges_equal_keys_when_they_are_sent(practice: Practice, accounts: Accounts) -> None:
    source = accounts([("A-1", "First", ""), ("A-1", "Second", ""), ("A-2", "Two", "")])
    summary = await move(practice, source, duplicates=Duplicates.SEND)
    rows = assert_adds_up(summary, source)
    assert summary.counts.total == 3
    assert all(row["answer"].startswith("DUPLICATE_VALUE") for row in rows["failed"])
    assert summary.counts.failed >= 1


async def test_an_empty_key_is_held_back_unless_allowed(practice: Practice, accounts: Accounts) -> None:
    source = accounts([("", "None", ""), ("A-1", "One", ""), ("#N/A", "Null", "")])
    summary = await move(practice, source)
    assert summary.counts == Counts(1, 0, 0, 2)
    held = assert_adds_up(summary, source)["not_sent"]
    assert [row["answer"] for row in held] == ["ERP_Id__c is empty"] * 2
    allowed = await move(practice, source, empty_keys=True)
    assert allowed.counts == Counts(3)
    assert len(await practice.records("SELECT Id FROM Account")) == 3


# Mode 13: marks, line ends inside values, characters that look like line ends, other encodings.
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
async def test_values_arrive_as_they_were(
    practice: Practice, tmp_path: Path, encoding: str, end: str
) -> None:
    values = [
        "CR\r\nLF",
        "lone\nLF",
        "lone\rCR",
        "U+2028\u2028x",
        'quo"te, and; more',
        "ção €",
        "\U0001f9f6 yarn",
        "VT\x0bx",
    ]
    lines = ["ERP_Id__c,Name,Description"]
    lines += [f'A-{n},Name {n},"' + value.replace('"', '""') + '"' for n, value in enumerate(values)]
    source = tmp_path / "values.csv"
    source.write_bytes((end.join(lines) + end).encode(encoding))
    summary = await move(practice, source)
    assert summary.counts == Counts(len(values))
    found = await practice.records("SELECT Description FROM Account ORDER BY ERP_Id__c")
    assert [record["Description"] for record in found] == values
    with Path(summary.files["succeeded"]).open(encoding="utf-8", newline="") as file:
        text = file.read()
    assert all('"' + value.replace('"', '""') + '"' in text for value in values)


async def test_bytes_that_make_no_character_stop_before_anything_is_sent(
    practice: Practice, tmp_path: Path
) -> None:
    source = tmp_path / "latin.csv"
    source.write_bytes(b"ERP_Id__c,Name\nA-1,Good\nA-2,S\xe3o\n")
    with pytest.raises(BadInput, match="Row 2, column Name"):
        await load(replace(request(source), encoding="utf-8"), practice.org)
    assert practice.calls("POST", "ingest") == 0
    assert list(store.records()) == []
    assert not store.folder().exists()


# Mode 14: blank or null, and #N/A in the data.
async def test_blank_leaves_or_empties(practice: Practice, accounts: Accounts) -> None:
    header = ("ERP_Id__c", "Name", "Phone")
    await move(practice, accounts([("A-1", "One", "11"), ("A-2", "Two", "22")], header))
    await move(practice, accounts([("A-1", "One", ""), ("A-2", "Two", "#N/A")], header))
    phones = "SELECT Phone FROM Account ORDER BY ERP_Id__c"
    assert [record["Phone"] for record in await practice.records(phones)] == ["11", None]
    summary = await move(practice, accounts([("A-1", "One", "")], header), blank=Blank.NULL)
    assert summary.counts == Counts(1)
    assert [record["Phone"] for record in await practice.records(phones)] == [None, None]


async def test_na_in_the_data_is_said(practice: Practice, accounts: Accounts) -> None:
    notes: list[str] = []
    source = accounts([("A-1", "One", "#N/A"), ("A-2", "Two", "#N/A")], ("ERP_Id__c", "Name", "Phone"))
    summary = await load(request(source), practice.org, note=notes.append)
    assert summary.warnings == ("2 cells hold #N/A, which empties the field.",)
    assert summary.warnings[0] in notes


# Mode 15: nothing is cut silently (see the failures above); mode 16: a date goes through no zone.
async def test_dates_are_not_shifted(
    practice: Practice, accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "Pacific/Kiritimati")
    header = ("ERP_Id__c", "LastName", "Birthdate")
    source = accounts([("", "Silva", "1980-02-29")], header)
    summary = await load(
        Request(Action.INSERT, "Contact", source, options=request(source).options), practice.org
    )
    assert summary.counts == Counts(1)
    assert await practice.records("SELECT Birthdate FROM Contact") == [{"Birthdate": "1980-02-29"}]


# Mode 19: split by rows and bytes at record boundaries.
async def test_a_chunk_is_never_larger_than_asked(practice: Practice, accounts: Accounts) -> None:
    source = accounts([(f"A-{n}", f'multi\nline "{n}" ' + "x" * 100, "") for n in range(30)])
    summary = await move(practice, source, chunk_rows=7, chunk_bytes=700)
    assert summary.counts == Counts(30)
    assert practice.calls("POST", "ingest") >= 6
    assert len(await practice.keys()) == 30


async def test_rows_of_another_width_are_not_sent(practice: Practice, tmp_path: Path) -> None:
    source = tmp_path / "ragged.csv"
    source.write_text("ERP_Id__c,Name,Phone\nA-1,One,11\nA-2,Two\nA-3,Three,33,44\nA-4,Four,44\n")
    summary = await move(practice, source)
    assert summary.counts == Counts(2, 0, 0, 2)
    rows = Path(summary.files["not_sent"]).read_text().splitlines()
    assert rows[1].startswith('"2","","the row has 2 values where the header has 3"')
    assert await practice.keys() == ["A-1", "A-4"]


# Mode 22: the source may change or go as soon as it was read; the same bytes are not inserted twice unasked.
async def test_the_source_may_go_during_the_run(practice: Practice, accounts: Accounts) -> None:
    source = accounts(60)
    kept = source.read_bytes()

    def remove(_standing: Standing) -> None:
        source.unlink(missing_ok=True)

    summary = await load(request(source), practice.org, listener=remove)
    assert not source.exists()
    source.write_bytes(kept)
    assert summary.counts == Counts(60)
    assert_adds_up(summary, source)


async def test_the_same_bytes_are_not_inserted_twice_unasked(practice: Practice, accounts: Accounts) -> None:
    source = accounts([("", "Only", "")])
    await move(practice, source, Action.INSERT)
    with pytest.raises(BadInput, match=r"already inserted into Account by M-0001.*--again"):
        await move(practice, source, Action.INSERT)
    assert (await move(practice, source, Action.INSERT, again=True)).counts == Counts(1)


async def test_unknown_and_label_headers(practice: Practice, accounts: Accounts) -> None:
    notes: list[str] = []
    source = accounts([("A-1", "One", "x")], ("erp_id__c", "Account Name", "Nothing we know"))
    summary = await load(request(source), practice.org, note=notes.append)
    assert summary.counts == Counts(1)
    assert notes[:-2] == [
        "Column Account Name goes to Name (same label).",
        "1 column is not sent: Nothing we know.",
    ]
    with pytest.raises(BadInput, match="No column"):
        await move(practice, accounts([("A-1", "One", "x")], ("what", "is", "this")), Action.INSERT)
    with pytest.raises(BadInput, match="Column 2 has no name"):
        await move(practice, accounts([("A-1", "One", "x")], ("ERP_Id__c", "", "Name")))
    assert practice.calls("POST", "ingest") == 1


@pytest.mark.parametrize(
    ("object_name", "key", "said"),
    [
        ("Acount", "ERP_Id__c", "no object Acount"),
        ("Account", "", "needs a key"),
        ("Account", "Phone", "found by"),
    ],
)
async def test_what_cannot_work_is_said_first(
    practice: Practice, accounts: Accounts, object_name: str, key: str, said: str
) -> None:
    with pytest.raises(BadInput, match=said):
        await load(Request(Action.UPSERT, object_name, accounts(1), key=key), practice.org)
    assert practice.calls("POST", "ingest") == 0


async def test_a_file_without_rows(practice: Practice, accounts: Accounts) -> None:
    with pytest.raises(BadInput, match="no rows"):
        await move(practice, accounts(0))


async def test_holding_back_what_would_fail(practice: Practice, accounts: Accounts) -> None:
    source = accounts([("A-1", "One", ""), ("A-2", "", ""), ("A-3", "x" * 256, ""), ("A-3", "Three", "")])
    checked = await check(request(source), practice.org)
    report, held = checked.report, checked.held
    assert (report.rows, report.failing) == (4, 3)
    assert sorted(held) == [2, 3, 4]
    assert practice.calls("POST", "ingest") == 0
    summary = await move(practice, source, hold=True)
    assert summary.counts == Counts(1, 0, 0, 3)
    held_rows = assert_adds_up(summary, source)["not_sent"]
    assert "Name: empty, but required" in held_rows[0]["answer"]


async def test_progress_tells_rows_chunks_and_calls(practice: Practice, accounts: Accounts) -> None:
    seen: list[Standing] = []
    practice.fault("processing=0.3")
    summary = await load(request(accounts(50)), practice.org, listener=seen.append)
    assert all(standing.read == 50 == standing.counts.total for standing in seen)
    assert seen[-1].counts == summary.counts == Counts(50)
    assert [chunk.rows for chunk in seen[-1].chunks] == [20, 20, 10]
    assert any(chunk.state == "submitted" for standing in seen for chunk in standing.chunks)
    assert seen[-1].calls > 0
    assert 0 < seen[-1].used <= seen[-1].allowed
    assert Standing.from_data(seen[-1].to_data()) == seen[-1]


async def test_staging_can_be_stopped_and_leaves_nothing(practice: Practice, accounts: Accounts) -> None:
    progress = Progress()
    progress.stop()
    with pytest.raises(Cancelled):
        await load(request(accounts(5)), practice.org, progress=progress)
    assert list(store.folder().iterdir()) == []


async def test_all_is_cleared_away_but_results_and_journal(practice: Practice, accounts: Accounts) -> None:
    summary = await move(practice, accounts(30))
    folder = store.move_folder(summary.run)
    assert sorted(path.name for path in folder.iterdir()) == [
        ".weft", "before", "failed.csv", "journal.sqlite", "not-sent.csv", "succeeded.csv", "summary.json",
        "unprocessed.csv",
    ]  # fmt: skip


async def test_results_go_where_asked_and_never_over_earlier_ones(
    practice: Practice, accounts: Accounts, tmp_path: Path
) -> None:
    from dataclasses import replace

    asked = replace(request(accounts(3)), results=tmp_path / "results")
    first, second = await load(asked, practice.org), await load(asked, practice.org)
    assert Path(first.files["succeeded"]) == tmp_path / "results" / "M-0001" / "succeeded.csv"
    assert Path(second.files["succeeded"]) == tmp_path / "results" / "M-0002" / "succeeded.csv"
    assert Path(first.files["succeeded"]).exists()
