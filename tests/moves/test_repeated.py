"""Where all rows succeeded and came back as they were sent, joining text by text ends as joining value by value."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.connectors.salesforce.ingest import ResultKind
from studio.moves.carrying import reconcile as joining
from studio.moves.model import Action, Entry, FieldMap
from studio.moves.rows.shape import Shaper
from tests.moves.test_reconcile import FIELDS, HEADER, VALUE, ends, prepared, results

ROWS = st.lists(st.tuples(st.one_of(VALUE, st.text("abcdefgh", min_size=4)), VALUE, VALUE), min_size=1)


@given(ROWS, st.sampled_from([Action.INSERT, Action.UPSERT]), st.randoms(use_true_random=False))
def test_both_ways_give_the_same(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[tuple[str, str, str]],
    action: Action,
    order: random.Random,
) -> None:
    if action is Action.UPSERT:
        rows = list({row[0]: row for row in rows}.values())
    answers = [
        (f"001{n:012d}AAA", order.choice(["true", "false"]), row[0], row[1]) for n, row in enumerate(rows, 1)
    ]
    order.shuffle(answers)
    found = []
    for quick in (True, False):
        folder = tmp_path_factory.mktemp("r")
        journal, chunk, shaper = prepared(folder, rows, action)
        with pytest.MonkeyPatch.context() as patch, journal:
            if not quick:
                patch.setattr(joining, "_all_repeated", lambda *_given: None)
            paths = {ResultKind.SUCCEEDED: results(folder, answers)[ResultKind.SUCCEEDED]}
            found.append((joining.reconcile(journal, chunk, shaper, paths), ends(folder)))
    assert found[0] == found[1]


@given(
    ROWS, st.sampled_from([Action.INSERT, Action.UPSERT]), st.booleans(), st.randoms(use_true_random=False)
)
def test_with_failures_too_both_ways_give_the_same(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[tuple[str, str, str]],
    action: Action,
    verbatim: bool,
    order: random.Random,
) -> None:
    if action is Action.UPSERT:
        rows = list({row[0]: row for row in rows}.values())
    held = {n: "kept back" for n in range(1, len(rows) + 1) if order.random() < 0.1}
    given: dict[str, list[tuple[str, ...]]] = {"s": [], "f": [], "u": [], "lost": []}
    sent = [row for n, row in enumerate(rows, 1) if n not in held]
    for n, row in enumerate(order.sample(sent, len(sent)), 1):
        lead = {"s": (f"001{n:012d}AAA", "true"), "f": ("", "WRONG:x:--"), "u": (), "lost": ()}
        which = order.choices(list(given), (20, 3, 1, 1))[0]
        given[which].append((*lead[which], *row[: 3 if verbatim else 2]))
    fields = (*FIELDS, "Phone") if verbatim else FIELDS
    found = []
    for quick in (True, False):
        folder = tmp_path_factory.mktemp("r")
        journal, chunk, shaper = prepared(folder, rows, action, held)
        if verbatim:
            columns = zip(fields, HEADER, strict=True)
            shaper = Shaper(HEADER, FieldMap(tuple(Entry(field, column) for field, column in columns)))
            assert shaper.verbatim
        with pytest.MonkeyPatch.context() as patch, journal:
            if not quick:
                patch.setattr(joining, "_give_repeated", lambda *_given: False)
            paths = results(folder, given["s"], given["f"], given["u"], fields)
            found.append((joining.reconcile(journal, chunk, shaper, paths), ends(folder)))
    assert found[0] == found[1]
    assert sorted(found[0][1]) == list(range(1, len(rows) + 1))


def test_rows_that_succeeded_among_failures_are_joined_text_by_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [(f"k{n}", 'a "quoted", name', f"{n}") for n in range(50)]
    journal, chunk, shaper = prepared(tmp_path, rows, Action.UPSERT)
    answers = [(f"00{n}", "false", row[0], row[1]) for n, row in enumerate(rows)]
    failed = [("", "WRONG:x:--", *row[:2]) for row in rows[7:9]]
    paths = results(tmp_path, answers[:6:-1][:-2] + answers[:7], failed)
    opened: list[Path] = []
    read = joining._Answers._give_file

    def one_by_one(self: object, kind: ResultKind, path: Path, *more: object) -> None:
        opened.append(path)
        read(self, kind, path, *more)  # type: ignore[arg-type]

    monkeypatch.setattr(joining._Answers, "_give_file", one_by_one)
    with journal:
        found = joining.reconcile(journal, chunk, shaper, paths)
    assert (found.counts.succeeded, found.counts.failed, found.unreconciled) == (48, 2, 0)
    assert paths[ResultKind.SUCCEEDED] not in opened
    assert ends(tmp_path)[8] == ("failed", "", "WRONG:x:--", list(rows[7]))
    assert ends(tmp_path)[50] == ("succeeded", "0049", "updated", list(rows[49]))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text.replace(b'"k2"', b'"other"'),
        lambda text: text.replace(b'"k2"', b"k2"),
        lambda text: text.replace(b"\n", b"\r\n"),
        lambda text: text.replace(b'"ERP_Id__c","Name"', b'"Name","ERP_Id__c"'),
        lambda text: text[: text.index(b'"002')],
        lambda text: text + text.split(b"\n")[1] + b"\n",
    ],
    ids=["a value", "no quotes", "line ends", "columns turned", "a row short", "a row twice"],
)
def test_what_came_back_otherwise_is_looked_at_row_by_row(tmp_path: Path, spoil) -> None:  # type: ignore[no-untyped-def]
    rows = [(f"k{n}", f"name {n}", "") for n in range(1, 4)]
    journal, chunk, shaper = prepared(tmp_path, rows, Action.UPSERT)
    path = results(tmp_path, [(f"00{n}", "true", row[0], row[1]) for n, row in enumerate(rows, 1)])[
        ResultKind.SUCCEEDED
    ]
    path.write_bytes(spoil(path.read_bytes()))
    with journal:
        assert joining._all_repeated(journal, chunk, shaper, {ResultKind.SUCCEEDED: path}) is None


def test_a_clean_chunk_goes_the_quick_way(tmp_path: Path) -> None:
    rows = [(f"k{n}", 'a "quoted", name', f"{n}") for n in range(50)]
    journal, chunk, shaper = prepared(tmp_path, rows)
    answers = [(f"00{n}", "true", row[0], row[1]) for n, row in enumerate(rows)]
    path = results(tmp_path, answers[::-1])[ResultKind.SUCCEEDED]
    with journal:
        found = joining._all_repeated(journal, chunk, shaper, {ResultKind.SUCCEEDED: path})
    assert found is not None
    assert found.counts.succeeded == 50
    assert ends(tmp_path)[7] == ("succeeded", "006", "created", list(rows[6]))
