"""Failed rows corrected and sent again: errors on their cells, edits taken back and kept, no row sent twice."""

from __future__ import annotations

import asyncio
import csv
from collections.abc import Callable
from pathlib import Path

import pytest

from studio.base.errors import BadInput
from studio.moves import store
from studio.moves.desks.desk_history import HistoryDesk
from studio.moves.load import load, resume
from studio.moves.mending import again, family, fix_edits
from studio.moves.mending.fix import FILE, Fix, View
from studio.moves.model import Action, Counts, Summary
from tests.moves.conftest import Practice, files, move

pytestmark = pytest.mark.network
LONG = "L" * 300
ROWS = [
    ("F-1", "One", "a"),
    ("F-2", "", "b"),
    ("F-3", LONG, "line\nbreak"),
    ("F-4", "Four", "ção"),
    ("F-5", "", 'c,"d"'),
]


async def failing(practice: Practice, accounts: Callable[..., Path]) -> Summary:
    """A move of five rows of which three fail: two without a name, one with a name that is too long."""
    summary = await move(practice, accounts(ROWS))
    assert summary.counts == Counts(succeeded=2, failed=3)
    return summary


async def resend(practice: Practice, fix: Fix) -> Summary:
    with again.sending(fix) as request:
        return await load(request, practice.org)


async def test_each_error_stands_on_the_cell_the_org_names(
    practice: Practice, accounts: Callable[..., Path]
) -> None:
    summary = await failing(practice, accounts)
    with Fix.open(summary.run) as fix:
        assert fix.header == ("ERP_Id__c", "Name", "Note")
        assert [(r.code, r.columns, r.rows) for r in fix.reasons()] == [
            ("REQUIRED_FIELD_MISSING", (1,), 2),
            ("STRING_TOO_LONG", (1,), 1),
        ]
        assert [(row.number, row.wrong, row.values) for row in fix.page(0, 10)] == [
            (2, (1,), ROWS[1]),
            (3, (1,), ROWS[2]),
            (5, (1,), ROWS[4]),
        ]
        assert fix.show(View(reason=1)) == 2
        assert fix.show(View(text="BREAK")) == 1
        assert fix.show(View(sort=2, down=True)) == 3
        assert [row.number for row in fix.page(0, 2)] == [3, 5]


async def test_edits_are_taken_back_done_again_and_kept(
    practice: Practice, accounts: Callable[..., Path]
) -> None:
    summary = await failing(practice, accounts)
    with Fix.open(summary.run) as fix:
        fix.show(View(reason=1))
        assert fix_edits.set_all(fix, 1, "Nobody") == 2
        fix.show(View())
        assert fix_edits.cut(fix, 1, 255) == 1
        assert fix_edits.replace(fix, 2, "BREAK", "end") == 1
        assert fix_edits.map_values(fix, 1, {"Nobody": "Someone", "Else": "x"}) == 2
        assert fix_edits.fill_down(fix, 2, 0, 1) == 1
        assert fix_edits.write(fix, 1, 1, [["P1", "P2", "beyond"], ["P3"], ["below"]]) == 3
        assert fix_edits.set_all(fix, 0, "F-2") == 2
        assert [row.values for row in fix.page(0, 3)] == [
            ("F-2", "Someone", "b"), ("F-2", "P1", "P2"), ("F-2", "P3", "c,\"d\""),
        ]  # fmt: skip
        assert fix_edits.undo(fix)
        assert [row.changed for row in fix.page(0, 3)] == [(1,), (1, 2), (1,)]
    with Fix.open(summary.run) as fix:
        assert fix_edits.steps(fix) == fix_edits.Steps("Paste", "Set ERP_Id__c")
        while fix_edits.undo(fix):
            pass
        assert [row.values for row in fix.page(0, 3)] == [ROWS[1], ROWS[2], ROWS[4]]
        assert not any(row.changed for row in fix.page(0, 3))
        while fix_edits.redo(fix):
            pass
        assert fix.page(1, 1)[0].values == ("F-2", "P1", "P2")
        fix_edits.undo(fix)
        # Nothing that changes nothing is a step, and a new edit ends what could be done again.
        assert fix_edits.set_all(fix, 2, "z") == 3
        assert fix_edits.set_all(fix, 2, "z") == 0
        assert fix_edits.steps(fix) == fix_edits.Steps("Set Note", "")
        assert fix.show(View(changed=True)) == 3


async def test_only_rows_shown_are_sent_and_their_numbers_join_the_first(
    practice: Practice, accounts: Callable[..., Path]
) -> None:
    summary = await failing(practice, accounts)
    with Fix.open(summary.run) as fix:
        fix.show(View(reason=1))
        fix_edits.write(fix, 1, 1, [["Five"]])
        second = await resend(practice, fix)
        assert second.counts == Counts(succeeded=1, failed=1)
        # What failed again can be sent again from here; what succeeded cannot.
        assert fix.show(View()) == 2
        assert [row.number for row in fix.page(0, 5)] == [2, 3]
    found = files(second)
    assert [(row["weft__row_1"], row["Note"]) for row in found["succeeded"]] == [("5", 'c,"d"')]
    together = family.together(store.record(summary.run))
    assert together == family.Together(("M-0001", "M-0002"), 5, Counts(succeeded=3, failed=2))
    with Fix.open(second.run) as fix:
        assert fix.header == ("ERP_Id__c", "Name", "Note")
        assert [(row.number, row.wrong) for row in fix.page(0, 5)] == [(2, (1,))]
        fix_edits.set_all(fix, 1, "Two")
        third = await resend(practice, fix)
        assert third.counts == Counts(succeeded=1)
        with pytest.raises(BadInput, match="no row to send"):
            await resend(practice, fix)
    assert family.together(store.record(third.run)) == family.Together(
        ("M-0001", "M-0002", "M-0003"), 5, Counts(succeeded=4, failed=1)
    )
    assert await practice.keys() == ["F-1", "F-2", "F-4", "F-5"]


async def test_a_row_in_the_hands_of_a_move_that_was_cut_is_not_sent_again(
    practice: Practice, accounts: Callable[..., Path]
) -> None:
    summary = await move(practice, accounts(ROWS), Action.INSERT)
    with Fix.open(summary.run) as fix:
        fix_edits.set_all(fix, 1, "Name")
        with again.sending(fix) as request:
            pass
        # Nothing came of it: no file stays, every row can be sent.
        assert not Path(str(request.source)).exists()
        assert fix.show(View()) == 3
        stop = asyncio.Event()
        stop.set()
        with again.sending(fix) as request:
            stopped = await load(request, practice.org, stop=stop)
        assert stopped.counts == Counts(not_sent=3)
        assert fix.show(View()) == 0
        done = await resume(stopped.run, practice.org)
        assert done.counts == Counts(succeeded=3)
    assert await practice.keys() == ["F-1", "F-2", "F-3", "F-4", "F-5"]


async def test_a_file_corrected_elsewhere_is_taken_by_row_number(
    practice: Practice, accounts: Callable[..., Path], tmp_path: Path
) -> None:
    summary = await failing(practice, accounts)
    out = tmp_path / "mend.csv"
    with Fix.open(summary.run) as fix:
        assert again.write_out(fix, out) == 3
        out.write_text(f"Name,weft__row\nFive,5\n{'S' * 20},3\n")
        assert again.read_in(fix, out) == 2
        assert (await resend(practice, fix)).counts == Counts(succeeded=2)
    held = await practice.records("SELECT ERP_Id__c, Name FROM Account ORDER BY ERP_Id__c")
    assert [(one["ERP_Id__c"], one["Name"][:5]) for one in held][1:] == [
        ("F-3", "SSSSS"), ("F-4", "Four"), ("F-5", "Five"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("weft__row,Name\n4,x\n", "Row 4 of the file is no failed row of M-0001"),
        ("weft__row,Name\n2,x\n2,y\n", "Row 2 of the file is no failed row"),
        ("weft__row,Name\nmany,x\n3\n", "Rows many, 3 of the file are no failed rows"),
        ("weft__row,Nam\n2,x\n", "M-0001 has no column Nam"),
        ("Name\nx\n", "has no column weft__row"),
    ],
)
async def test_a_file_that_does_not_fit_is_refused_whole(
    practice: Practice, accounts: Callable[..., Path], tmp_path: Path, text: str, told: str
) -> None:
    summary = await failing(practice, accounts)
    wrong = tmp_path / "wrong.csv"
    wrong.write_text(text)
    with Fix.open(summary.run) as fix:
        with pytest.raises(BadInput, match=told):
            again.read_in(fix, wrong)
        assert fix_edits.steps(fix).undo == ""


async def test_a_result_file_corrected_by_hand_counts_until_the_table_was_edited(
    practice: Practice, accounts: Callable[..., Path]
) -> None:
    summary = await failing(practice, accounts)
    failed = Path(summary.files["failed"])
    Fix.open(summary.run).close()
    failed.write_text(failed.read_text().replace('"F-2",""', '"F-2","Hand"'))
    with Fix.open(summary.run) as fix:
        assert fix.page(0, 1)[0].values[1] == "Hand"
        fix_edits.set_all(fix, 2, "mine")
    failed.write_text(failed.read_text().replace("Hand", "Later"))
    with Fix.open(summary.run) as fix:
        assert fix.page(0, 1)[0].values[1:] == ("Hand", "mine")
    (failed.parent / FILE).unlink()
    failed.unlink()
    with pytest.raises(BadInput, match=r"failed\.csv"):
        Fix.open(summary.run)


async def test_rows_sent_again_are_read_in_their_columns_format(
    practice: Practice, accounts: Callable[..., Path]
) -> None:
    """Alone, 1.500 would be one and a half; beside 1.234,50 it is fifteen hundred, and stays that."""
    rows = [("G-1", "One", "1.234,50"), ("G-2", "", "1.500"), ("G-3", "Three", "7,25")]
    summary = await move(practice, accounts(rows, ("ERP_Id__c", "Name", "AnnualRevenue")))
    assert summary.counts == Counts(succeeded=2, failed=1)
    with Fix.open(summary.run) as fix:
        fix_edits.set_all(fix, 1, "Two")
        again_summary = await resend(practice, fix)
    assert again_summary.counts == Counts(succeeded=1)
    found = await practice.records("SELECT AnnualRevenue FROM Account WHERE ERP_Id__c = 'G-2'")
    assert [float(row["AnnualRevenue"]) for row in found] == [1500.0]


async def test_rows_kept_back_are_sent_once_they_were_changed(
    practice: Practice, accounts: Callable[..., Path]
) -> None:
    rows = [*ROWS[:3], ("", "Keyless", "d"), ("F-9", "Twin", "e"), ("F-9", "Other twin", "f")]
    summary = await move(practice, accounts(rows), hold=True)
    assert summary.counts == Counts(succeeded=1, not_sent=5)
    # Whoever asks for failed rows only is not given those kept back.
    with Fix.open(summary.run) as fix:
        assert fix.left == 0
    with Fix.open(summary.run, held=True) as fix:
        assert [(r.code, r.columns, r.rows) for r in fix.reasons()] == [("", (0,), 3), ("", (1,), 2)]
        assert [row.number for row in fix.page(0, 9)] == [2, 3, 4, 5, 6]
        assert (fix.shown, fix.ready(), fix.ready(unchanged=True)) == (5, 0, 5)
        with pytest.raises(BadInput, match="no row to send again"), again.sending(fix):
            pass
        fix_edits.write(fix, 0, 1, [["Two"]])
        fix_edits.write(fix, 2, 0, [["F-4"]])
        fix_edits.write(fix, 3, 0, [["F-8"]])
        assert (fix.ready(), fix.edited) == (3, 3)
        again_summary = await resend(practice, fix)
        assert again_summary.counts == Counts(succeeded=3)
        assert (fix.left, fix.ready()) == (2, 0)
    together = family.together(store.record(summary.run))
    assert together is not None
    assert (together.read, together.counts) == (6, Counts(succeeded=4, not_sent=2))
    # The twin that nobody touched is alone with its key now: it may go as it is.
    with Fix.open(summary.run, held=True) as fix:
        fix.show(View(text="twin"))
        with again.sending(fix, unchanged=True) as request:
            last = await load(request, practice.org)
        assert last.counts == Counts(succeeded=1)
        assert fix.left == 1
    held = await practice.records("SELECT Name FROM Account WHERE ERP_Id__c LIKE 'F-%'")
    assert {record["Name"] for record in held} == {"One", "Two", "Keyless", "Twin", "Other twin"}


async def test_a_row_kept_back_once_more_waits_on(practice: Practice, accounts: Callable[..., Path]) -> None:
    summary = await move(practice, accounts([*ROWS[:2]]), hold=True)
    with Fix.open(summary.run, held=True) as fix:
        fix_edits.write(fix, 0, 2, [["no cure"]])
        assert (await resend(practice, fix)).counts == Counts(not_sent=1)
        assert fix.left == 1
        fix_edits.write(fix, 0, 1, [["Two"]])
        assert (await resend(practice, fix)).counts == Counts(succeeded=1)
        assert fix.left == 0
    together = family.together(store.record(summary.run))
    assert together is not None
    assert together.counts == Counts(succeeded=2)


async def test_a_result_file_is_copied_as_a_spreadsheet_reads_it(
    practice: Practice, accounts: Callable[..., Path]
) -> None:
    summary = await failing(practice, accounts)
    asked = {"file": summary.files["failed"], "style": "excel,semicolon"}
    copy = await HistoryDesk().answers["result_copy"](asked, None, None, None)  # type: ignore[arg-type]
    assert Path(copy).name == "failed-excel-semicolon.csv"
    with Path(copy).open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file, delimiter=";"))
    assert rows[0][-3:] == ["ERP_Id__c", "Name", "Note"]
    assert [row[-3:] for row in rows[1:]] == [list(ROWS[at]) for at in (1, 2, 4)]
    assert Path(copy).read_bytes().startswith(b"\xef\xbb\xbf")
