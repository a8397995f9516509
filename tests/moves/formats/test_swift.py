"""A block read at once is what its values are when each is read with care, and its format is told the same."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.moves.rows.changing import Change
from studio.moves.rows.value_fix import Fix, FixKind
from tests.moves.test_recognise import told

_ZONES = [
    "",
    "America/Sao_Paulo",
    "Europe/Lisbon",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "-03:30",
]
_MOMENTS = st.builds(
    lambda minutes, form, tail: (datetime(1899, 12, 30) + timedelta(minutes=minutes)).strftime(form) + tail,
    st.integers(0, 200 * 366 * 1440),
    st.sampled_from(["%d/%m/%Y %H:%M", "%d-%m-%Y %H:%M:%S", "%Y-%m-%dT%H:%M", "%m.%d.%Y %I:%M %p", "%d/%m/%Y", "%d %b %Y %H:%M"]),
    st.sampled_from(["", "", "", " ", "Z", "+02:00", ".5", ":60"]),
)  # fmt: skip
_NUMBERS = st.builds(
    lambda before, seed, after: before + seed + after,
    st.sampled_from(["", "", "-", "+", "(", " ", "R$ "]),
    st.from_regex(r"[0-9]{1,4}([.,][0-9]{1,4}){0,3}", fullmatch=True) | st.text("0123456789.,-", max_size=9),
    st.sampled_from(["", "", ")", "%", "-", "e3", "\n1"]),
)
_FIXES = [
    *(Fix(FixKind.MOMENT, order, zone) for order in ("DMY", "MDY", "YMD") for zone in _ZONES),
    *(Fix(FixKind.NUMBER, mark + kind) for mark in ".," for kind in ("", "int", "percent")),
]


@given(st.sampled_from(_FIXES), st.data())
def test_a_block_is_read_as_each_of_its_values(fix: Fix, data: st.DataObject) -> None:
    seeds = _MOMENTS if fix.kind is FixKind.MOMENT else _NUMBERS
    values = data.draw(st.lists(seeds | st.sampled_from(["", "#N/A", "x"]), max_size=6))
    change = Change((fix,))
    with_care = [change.outcome(value) for value in values]
    assert change.column(values) == [one.value for one in with_care]
    assert dict(change.told(values)) == {
        value: one for value, one in zip(values, with_care, strict=True) if one.reason or one.doubt
    }
    assert change.counted(values)[0] == sum(bool(one.changed_by) for one in with_care)


def test_the_days_on_which_clocks_change_are_read_with_care() -> None:
    change = Change((Fix(FixKind.MOMENT, "DMY", "America/Sao_Paulo"),))
    values = [
        "03/11/2018 23:30",
        "04/11/2018 00:30",
        "04/11/2018 01:00",
        "17/02/2018 23:30",
        "18/02/2018 00:00",
    ]
    assert change.column(values) == [
        "2018-11-04T02:30:00Z", "04/11/2018 00:30", "2018-11-04T03:00:00Z", "2018-02-18T01:30:00Z", "2018-02-18T03:00:00Z",
    ]  # fmt: skip
    outcomes = change.told(values)
    assert set(outcomes) == {values[1], values[3]}
    assert "did not have" in outcomes[values[1]].reason
    assert "had twice" in outcomes[values[3]].doubt


@pytest.mark.parametrize(("field", "seeds"), [("AnnualRevenue", _NUMBERS), ("Seen__c", _MOMENTS), ("Founded__c", _MOMENTS)])  # fmt: skip
@given(st.data())
def test_a_format_does_not_depend_on_how_rows_come_in_blocks(
    field: str, seeds: st.SearchStrategy[str], data: st.DataObject
) -> None:
    values = [v for v in data.draw(st.lists(seeds, min_size=1, max_size=5)) if "\n" not in v]
    whole, half = told(field, values), told(field, [*values, *([""] * len(values))])
    assert (whole.fix, bool(whole.question), whole.answers) == (half.fix, bool(half.question), half.answers)
