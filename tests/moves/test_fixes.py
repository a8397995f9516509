"""Fixes for all rows: what they do to values, which are offered for what was found, how the command line names them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from studio.base.errors import BadInput
from studio.connectors.salesforce.describe import Field
from studio.moves import store
from studio.moves.journal import Journal
from studio.moves.judging.asked_fixes import with_asked
from studio.moves.judging.fix_offers import Offer, offers, with_fix
from studio.moves.judging.preflight import Finding
from studio.moves.load import Request, check, load
from studio.moves.model import Action, Blank, Duplicates, Entry, FieldMap, Move
from studio.moves.rows.changing import Change, emptying
from studio.moves.rows.shape import Shaper
from studio.moves.rows.value_fix import Fix, FixKind
from tests.moves.conftest import Practice, files
from tests.moves.facts import ACCOUNT

_PICKS = Field("Rating", "Rating", "picklist", length=40, restricted=True, values=("Hot", "Cold"),
               labels=(("Quente", "Hot"), ("Frio", "Cold")))  # fmt: skip


@pytest.mark.parametrize(
    ("fixes", "before", "after"),
    [
        ((Fix(FixKind.TRIM),), " a\u00a0", "a"),
        ((Fix(FixKind.CUT, "3"),), "ab cd", "ab"),
        ((Fix(FixKind.DEFAULT, "x"),), "", "x"),
        ((Fix(FixKind.DEFAULT, "x"),), "#N/A", "#N/A"),
        ((Fix(FixKind.MAP, pairs=(("Quente", "Hot"),)),), " QUENTE", "Hot"),
        ((emptying(Field("F", "F", "email")),), "no address", ""),
        ((emptying(Field("F", "F", "email")), Fix(FixKind.DEFAULT, "a@b.example")), "no address", "a@b.example"),
        ((Fix(FixKind.DATE, "DMY"), emptying(Field("F", "F", "date"))), "soon", ""),
        ((Fix(FixKind.DATE, "DMY"),), "31/12/2026 23:59", "2026-12-31"),
        ((Fix(FixKind.NUMBER, ","), emptying(Field("F", "F", "currency", precision=5, scale=2))), "12.345,6", ""),
        ((Fix(FixKind.YES_NO),), "Não", "false"),
    ],
)  # fmt: skip
def test_what_a_fix_does(fixes: tuple[Fix, ...], before: str, after: str) -> None:
    change = Change(fixes)
    assert change.outcome(before).reason == ""
    assert change.column([before, before]) == [after, after]
    assert [Fix.from_data(fix.to_data()) for fix in fixes] == list(fixes)
    assert all(fix.shown for fix in fixes)
    entry = Entry("Name", "c", fixes=fixes)
    move = Move(Action.INSERT, "Account", "f.csv", map=FieldMap((entry,)))
    assert Move.from_data(move.to_data()) == move


def test_fixes_are_counted_each_and_many_values_need_little_memory() -> None:
    change = Change((Fix(FixKind.TRIM), Fix(FixKind.CUT, "2")))
    assert change.counted(["a", " a", " abc", "abc", ""]) == {0: 2, 1: 2}
    for start in range(0, 60_000, 1000):
        change.column([str(n) for n in range(start, start + 1000)])
    assert len(change._known) <= 21_000


def test_fixed_rows_are_the_same_one_by_one_and_in_columns() -> None:
    entries = (
        Entry("Founded__c", "d", fixes=(Fix(FixKind.DATE, "DMY"),)),
        Entry("Name", constant=" x "),
        Entry("Phone", "p"),
    )
    shaper = Shaper(("d", "p"), FieldMap(entries), Blank.NULL)
    rows = [["31/12/2026", "1"], ["", ""], ["?", "2"]]
    assert list(shaper(rows)) == [shaper.one(row) for row in rows]
    assert shaper.one(rows[0]) == ("2026-12-31", " x ", "1")
    assert not shaper.verbatim


def _best(fact: Field, values: list[str], **given: bool) -> list[Offer]:
    return list(offers(fact, Finding("?", len(values), [], values), **given))


@pytest.mark.parametrize(
    ("fact", "values", "fix", "sample"),
    [
        (ACCOUNT.by_name["founded__c"], ["31/12/2026"], Fix(FixKind.DATE, "DMY"), ("31/12/2026", "2026-12-31")),
        (ACCOUNT.by_name["annualrevenue"], ["1.234,5"], Fix(FixKind.NUMBER, ","), ("1.234,5", "1234.5")),
        (ACCOUNT.by_name["active__c"], ["sim"], Fix(FixKind.YES_NO), ("sim", "true")),
        (ACCOUNT.by_name["phone"], ["1" * 50], Fix(FixKind.CUT, "40"), ("1" * 50, "1" * 40)),
        (ACCOUNT.by_name["industry"], ["Retail "], Fix(FixKind.TRIM), ("Retail ", "Retail")),
        (_PICKS, ["quente", "fríO", "?"], Fix(FixKind.MAP, pairs=(("quente", "Hot"), ("fríO", "Cold"))), ("quente", "Hot")),
        (_PICKS, ["Hott"], Fix(FixKind.MAP, pairs=(("Hott", "Hot"),)), ("Hott", "Hot")),
    ],
)  # fmt: skip
def test_what_helps_is_offered_first(
    fact: Field, values: list[str], fix: Fix, sample: tuple[str, str]
) -> None:
    found = _best(fact, values)
    assert found[0].fix == fix
    assert found[0].samples[0] == sample
    assert all(offer.mends for offer in found)


def test_nothing_is_offered_that_would_harm() -> None:
    key = ACCOUNT.by_name["erp_id__c"]
    assert not [o for o in _best(key, ["x" * 30], key=True) if o.fix is None or o.fix.kind is FixKind.EMPTY]
    name = ACCOUNT.by_name["name"]
    found = offers(name, Finding("empty", 3))
    assert [(offer.fix, offer.asks) for offer in found] == [(Fix(FixKind.DEFAULT), "value")]


def test_one_format_a_column() -> None:
    had = (Fix(FixKind.DATE, "MDY"), Fix(FixKind.TRIM))
    assert with_fix(had, Fix(FixKind.DATE, "DMY")) == (Fix(FixKind.DATE, "DMY"), Fix(FixKind.TRIM))
    assert with_fix(had, Fix(FixKind.TRIM)) == had


def test_as_a_person_writes_them() -> None:
    fields = FieldMap(
        (Entry("Name", "N"), Entry("Founded__c", "F"), Entry("Phone", "P"), Entry("Site", constant=""))
    )
    move = Move(Action.INSERT, "Account", "", map=fields)
    texts = [
        "*=trim",
        "name=cut",
        "F=date:DD/MM/YYYY",
        "Name=default:Nobody",
        "Phone=drop",
        "Name=keep-first",
        "F=empty",
    ]
    found = with_asked(move, texts, ACCOUNT)
    assert found.options.duplicates is Duplicates.FIRST
    assert [entry.field for entry in found.map.entries] == ["Name", "Founded__c", "Site"]
    assert [fix.kind for fix in found.map.entries[0].fixes] == [FixKind.TRIM, FixKind.CUT, FixKind.DEFAULT]
    assert found.map.entries[0].fixes[1].value == "255"
    assert [fix.kind for fix in found.map.entries[1].fixes] == [FixKind.DATE, FixKind.TRIM, FixKind.EMPTY]
    assert found.map.entries[2].fixes == ()
    for text in ("Name", "Name=", "Nothing=trim", "Name=melt", "Name=cut:x", "Name=map:x", "Name=date:DMY"):
        with pytest.raises(BadInput):
            with_asked(move, [text], ACCOUNT)


async def test_fixes_are_saved_told_and_seen_by_the_org(practice: Practice, tmp_path: Path) -> None:
    source = tmp_path / "a.csv"
    source.write_text("ERP_Id__c,Name,Phone,Industry\nF-1, One ," + "5" * 60 + ",retale\nF-2,,1,Retail\n")
    asked = Request(Action.INSERT, "Account", source)
    before = (await check(asked, practice.org)).report
    assert before.failing == 2
    asked = replace(
        asked, fixes=("Name=trim", "Name=default:Nobody", "Phone=cut", "Industry=map:retale>Retail")
    )
    assert (await check(asked, practice.org)).report.failing == 0
    summary = await load(asked, practice.org)
    assert summary.counts.succeeded == 2
    held = await practice.records("SELECT Name, Phone, Industry FROM Account ORDER BY Name")
    assert [(r["Name"], len(r["Phone"]), r["Industry"]) for r in held] == [
        ("Nobody", 1, "Retail"),
        ("One", 40, "Retail"),
    ]
    assert "Phone: 1 value cut to 40 characters." in summary.warnings
    assert files(summary)["succeeded"][0]["Phone"] == "5" * 60
    with Journal.open(store.move_folder(summary.run)) as journal:
        assert journal.move.map.entries[2].fixes == (Fix(FixKind.CUT, "40"),)
