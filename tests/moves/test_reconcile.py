"""Whose answer is whose: any order, equal rows, missing answers, foreign answers; every row has exactly one end."""

from __future__ import annotations

import csv
import random
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.connectors.files.delimited import DelimitedFile
from studio.connectors.salesforce.ingest import ResultKind
from studio.connectors.salesforce.rows import encode
from studio.moves.carrying.parts import Kind, part_path
from studio.moves.carrying.reconcile import Reconciled, reconcile
from studio.moves.journal import Chunk, Journal
from studio.moves.model import Action, Counts, Duplicates, Entry, FieldMap, Move, Options
from studio.moves.rows.shape import Shaper
from studio.moves.rows.stage import slices, stage

HEADER = ("Key", "Name", "Unsent")
FIELDS = ("ERP_Id__c", "Name")


def prepared(
    folder: Path,
    rows: Sequence[Sequence[str]],
    action: Action = Action.INSERT,
    held: dict[int, str] | None = None,
    options: Options | None = None,
) -> tuple[Journal, Chunk, Shaper]:
    path = folder / "source.csv"
    path.write_bytes(b"".join(encode(HEADER, rows)))
    fields = FieldMap((Entry("ERP_Id__c", "Key"), Entry("Name", "Name")))
    move = Move(action, "Account", str(path), "ERP_Id__c", fields, options=options or Options())
    fingerprint, blocks, _nulls = stage(DelimitedFile.open(path, encoding="utf-8", delimiter=","), folder)
    chunks = [Chunk(n, part) for n, part in enumerate(slices(blocks, most_rows=10**6, most_bytes=10**9), 1)]
    journal = Journal.create(folder, move, fingerprint, chunks, sorted((held or {}).items()), {})
    return journal, chunks[0], Shaper(HEADER, fields)


def results(
    folder: Path,
    succeeded: Sequence[Sequence[str]] = (),
    failed: Sequence[Sequence[str]] = (),
    unprocessed: Sequence[Sequence[str]] = (),
    fields: Sequence[str] = FIELDS,
) -> dict[ResultKind, Path]:
    files = {
        ResultKind.SUCCEEDED: (("sf__Id", "sf__Created", *fields), succeeded),
        ResultKind.FAILED: (("sf__Id", "sf__Error", *fields), failed),
        ResultKind.UNPROCESSED: (tuple(fields), unprocessed),
    }
    paths = {}
    for kind, (header, rows) in files.items():
        paths[kind] = folder / kind.value
        paths[kind].write_bytes(b"".join(encode(header, rows)))
    return paths


def ends(folder: Path) -> dict[int, tuple[str, str, str, list[str]]]:
    """Every row's end by its number: kind, id, answer, and the source row as it stands in the result file."""
    found: dict[int, tuple[str, str, str, list[str]]] = {}
    for kind in Kind:
        path = part_path(folder, 1, kind)
        if path.exists():
            with path.open(encoding="utf-8", newline="") as file:
                for number, record_id, answer, *source in csv.reader(file):
                    assert int(number) not in found
                    found[int(number)] = (kind.value, record_id, answer, source)
    return found


# Few letters, so that equal rows are common; line ends and quotes, so that the CSV is not trivial.
VALUE = st.sampled_from(["", "a", "b", "A", 'q"', "x\r\ny", "x\ny", " a", "#N/A", "ä"])
ROWS = st.lists(st.tuples(VALUE, VALUE, VALUE), min_size=1, max_size=25)


@given(ROWS, st.randoms(use_true_random=False))
def test_an_insert_finds_every_row_whatever_the_order_and_however_many_are_equal(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str, str]], order: random.Random
) -> None:
    folder = tmp_path_factory.mktemp("r")
    held = {n: "kept back" for n in range(1, len(rows) + 1) if order.random() < 0.15}
    journal, chunk, shaper = prepared(folder, rows, held=held)
    sent = [(n, row[:2]) for n, row in enumerate(rows, 1) if n not in held]
    order.shuffle(sent)
    groups: dict[str, list[list[str]]] = {"s": [], "f": [], "u": []}
    expected: dict[tuple[str, str], Counter[str]] = {}
    for n, values in sent:
        which = order.choice("sssfu")
        lead = {"s": [f"001{n:012d}", "true"], "f": ["", f"WRONG:{values[0]}:Name --"], "u": []}[which]
        groups[which].append([*lead, *values])
        expected.setdefault(values, Counter())[which] += 1
    found = reconcile(journal, chunk, shaper, results(folder, groups["s"], groups["f"], groups["u"]))
    journal.close()
    assert (found.unreconciled, found.strays) == (0, 0)
    assert found.counts == Counts(len(groups["s"]), len(groups["f"]), len(groups["u"]), len(held))
    got = ends(folder)
    assert sorted(got) == list(range(1, len(rows) + 1))
    seen: dict[tuple[str, str], Counter[str]] = {}
    ids = Counter(row[0] for row in groups["s"])
    for number, (kind, record_id, answer, source) in got.items():
        assert tuple(source) == rows[number - 1]
        if kind == "not_sent":
            assert answer == held[number]
            continue
        seen.setdefault(rows[number - 1][:2], Counter())[kind[0]] += 1
        if kind == "succeeded":
            ids[record_id] -= 1
    assert seen == expected
    assert not +ids


def test_numbers_the_org_spells_anew_are_the_same_numbers(tmp_path: Path) -> None:
    rows = [("A", "912260000", ""), ("A", "0.50", ""), ("A", "007", ""), ("B", "12,5", ""), ("A", "1E3", "")]
    journal, chunk, shaper = prepared(tmp_path, rows)
    answers = results(
        tmp_path,
        [["1", "true", "A", "1000.0"], ["2", "true", "A", "9.1226E8"], ["3", "true", "A", ".5"], ["4", "true", "A", "007"]],
        [["", "BAD:x:--", "B", "12.5"]],
    )  # fmt: skip
    assert reconcile(journal, chunk, shaper, answers) == Reconciled(Counts(4, 0, 1, 0), 1, 1)
    got = ends(tmp_path)
    assert [got[n][1] for n in (1, 2, 3, 5)] == ["2", "3", "4", "1"]
    assert got[4][0] == "unprocessed"


def test_an_upsert_goes_by_its_key_even_when_the_org_changed_the_values(tmp_path: Path) -> None:
    rows = [("A-1", "One", "x"), ("A-2", "Two", "y"), ("A-3", "Three", "z")]
    journal, chunk, shaper = prepared(tmp_path, rows, Action.UPSERT)
    answers = results(
        tmp_path,
        [["001C", "false", "A-3", "THREE"], ["001A", "true", "A-1", "ONE"]],
        [["", "BAD:no:Name --", "A-2", "TWO"]],
    )
    assert reconcile(journal, chunk, shaper, answers) == Reconciled(Counts(2, 1, 0, 0))
    got = ends(tmp_path)
    assert got[1][:3] == ("succeeded", "001A", "created")
    assert got[3][:3] == ("succeeded", "001C", "updated")
    assert got[2][:3] == ("failed", "", "BAD:no:Name --")


def test_rows_sent_with_equal_keys_go_by_all_their_values(tmp_path: Path) -> None:
    rows = [("A-1", "One", "x"), ("A-1", "Two", "y")]
    journal, chunk, shaper = prepared(
        tmp_path, rows, Action.UPSERT, options=Options(duplicates=Duplicates.SEND)
    )
    answers = results(
        tmp_path, [["001B", "false", "A-1", "Two"]], [["", "DUPLICATE_VALUE:x:--", "A-1", "One"]]
    )
    reconcile(journal, chunk, shaper, answers)
    assert {n: end[0] for n, end in ends(tmp_path).items()} == {1: "failed", 2: "succeeded"}


def test_fields_the_org_leaves_out_or_moves_do_not_matter(tmp_path: Path) -> None:
    rows = [("A-1", "One", "x"), ("A-2", "Two", "y")]
    journal, chunk, shaper = prepared(tmp_path, rows)
    answers = results(tmp_path, [["0012", "true", "Two"]], [["", "E:m:--", "One"]], fields=("name",))
    assert reconcile(journal, chunk, shaper, answers).counts == Counts(1, 1)
    assert ends(tmp_path)[2][1] == "0012"


def test_changed_line_ends_blanks_and_forms_are_borne(tmp_path: Path) -> None:
    rows = [("A-1", "One\r\nLine ", "x"), ("A-2", "Cafe\u0301", "y"), ("A-3", "#N/A", "z")]
    journal, chunk, shaper = prepared(tmp_path, rows)
    answers = results(
        tmp_path,
        [
            ["0011", "true", "A-1", "One\nLine"],
            ["0012", "true", "A-2", "Caf\u00e9"],
            ["0013", "true", "A-3", ""],
        ],
    )
    assert reconcile(journal, chunk, shaper, answers) == Reconciled(Counts(3))
    assert [ends(tmp_path)[n][1] for n in (1, 2, 3)] == ["0011", "0012", "0013"]


def test_a_missing_answer_is_loud_and_the_row_is_not_lost(tmp_path: Path) -> None:
    rows = [("A-1", "One", "x"), ("A-2", "Two", "y")]
    journal, chunk, shaper = prepared(tmp_path, rows)
    found = reconcile(journal, chunk, shaper, results(tmp_path, [["0011", "true", "A-1", "One"]]))
    assert found == Reconciled(Counts(1, 0, 1, 0), unreconciled=1)
    assert ends(tmp_path)[2][:3] == ("unprocessed", "", "sent, but not found in the org's result files")


def test_a_foreign_answer_is_loud(tmp_path: Path) -> None:
    journal, chunk, shaper = prepared(tmp_path, [("A-1", "One", "x")])
    answers = results(tmp_path, [["0011", "true", "A-1", "One"], ["0019", "true", "B-9", "Nine"]])
    assert reconcile(journal, chunk, shaper, answers) == Reconciled(Counts(1), strays=1)


def test_the_same_answer_twice_counts_once(tmp_path: Path) -> None:
    journal, chunk, shaper = prepared(tmp_path, [("A-1", "One", "x"), ("A-2", "Two", "y")])
    once = ["0011", "true", "A-1", "One"]
    found = reconcile(journal, chunk, shaper, results(tmp_path, [once, once, ["0012", "true", "A-2", "Two"]]))
    assert (found.counts, found.strays) == (Counts(2), 1)


def test_an_empty_result_file_without_a_header_is_no_answer(tmp_path: Path) -> None:
    journal, chunk, shaper = prepared(tmp_path, [("A-1", "One", "x")])
    answers = results(tmp_path, [["0011", "true", "A-1", "One"]])
    answers[ResultKind.FAILED].write_bytes(b"")
    answers[ResultKind.UNPROCESSED].write_bytes(b"\n")
    assert reconcile(journal, chunk, shaper, answers) == Reconciled(Counts(1))
