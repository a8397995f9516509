"""Rows for the org: the right columns in the right order, constants, blanks left or emptied."""

from __future__ import annotations

import pytest

from studio.base.errors import BadInput
from studio.moves.model import Blank, Entry, FieldMap
from studio.moves.rows.shape import Shaper

HEADER = ("Key", "Name", "City")


def shaped(entries: list[Entry], row: list[str], blank: Blank = Blank.LEAVE) -> tuple[str, ...]:
    shaper = Shaper(HEADER, FieldMap(tuple(entries)), blank)
    (one,) = shaper([row])
    assert one == shaper.one(row)
    return one


def test_columns_are_picked_in_the_maps_order() -> None:
    entries = [Entry("BillingCity", "City"), Entry("Name", "Name")]
    assert shaped(entries, ["k", "n", "c"]) == ("c", "n")
    assert shaped(entries[:1], ["k", "n", "c"]) == ("c",)


def test_a_column_may_feed_two_fields_and_a_constant_any_row() -> None:
    entries = [Entry("Name", "Name"), Entry("Site", "Name"), Entry("Type", constant="Customer")]
    assert shaped(entries, ["k", "n", "c"]) == ("n", "n", "Customer")
    assert shaped([Entry("Type", constant="")], ["k", "n", "c"]) == ("",)


def test_blanks_are_left_or_become_null() -> None:
    entries = [Entry("Name", "Name"), Entry("BillingCity", "City"), Entry("Type", constant="T")]
    assert shaped(entries, ["k", "", "c"]) == ("", "c", "T")
    assert shaped(entries, ["k", "", "c"], Blank.NULL) == ("#N/A", "c", "T")


def test_only_a_map_of_every_column_in_order_goes_verbatim() -> None:
    whole = [Entry("ERP_Id__c", "Key"), Entry("Name", "Name"), Entry("BillingCity", "City")]
    assert Shaper(HEADER, FieldMap(tuple(whole))).verbatim
    assert not Shaper(HEADER, FieldMap(tuple(whole)), Blank.NULL).verbatim
    assert not Shaper(HEADER, FieldMap(tuple(whole[:2]))).verbatim
    assert not Shaper(HEADER, FieldMap(tuple(reversed(whole)))).verbatim
    assert not Shaper(HEADER, FieldMap((*whole, Entry("Type", constant="x")))).verbatim


def test_the_key_is_found_among_the_columns() -> None:
    shaper = Shaper(
        HEADER, FieldMap((Entry("Name", "Name"), Entry("ERP_Id__c", "Key"), Entry("T", constant="t")))
    )
    assert shaper.column_of("erp_id__C") == 0
    assert shaper.column_of("T") is None
    assert shaper.column_of("Phone") is None


def test_a_missing_column_is_named() -> None:
    with pytest.raises(BadInput, match="no column Town, which the field map sends to BillingCity"):
        Shaper(HEADER, FieldMap((Entry("BillingCity", "Town"),)))
