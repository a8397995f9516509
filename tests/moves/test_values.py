"""The check before sending and the practice org, which share no code, refuse the same values of every type."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from studio.connectors.salesforce.describe import Field
from studio.moves.judging.holds import Effect, holds
from studio.moves.judging.values import id_checksum, plain, value_test
from studio.moves.model import Action
from studio.practice import catalog, convert

_PICKS = ("Retail", "Textile")
# The same fields as an org describes them and as the practice org keeps them.
_FIELDS = {
    "int": (Field("F", "F", "int", digits=8), catalog.Field("F", "F", "int", digits=8)),
    "currency": (
        Field("F", "F", "currency", precision=18, scale=2),
        catalog.Field("F", "F", "currency", precision=18, scale=2),
    ),
    "date": (Field("F", "F", "date"), catalog.Field("F", "F", "date")),
    "datetime": (Field("F", "F", "datetime"), catalog.Field("F", "F", "datetime")),
    "time": (Field("F", "F", "time"), catalog.Field("F", "F", "time")),
    "boolean": (Field("F", "F", "boolean"), catalog.Field("F", "F", "boolean")),
    "email": (Field("F", "F", "email", length=80), catalog.Field("F", "F", "email", length=80)),
    "reference": (Field("F", "F", "reference"), catalog.Field("F", "F", "reference")),
    "picklist": (
        Field("F", "F", "picklist", length=40, restricted=True, values=_PICKS),
        catalog.Field("F", "F", "picklist", 40, restricted=True, picklist=tuple(map(catalog.Pick, _PICKS))),
    ),
    "multipicklist": (
        Field("F", "F", "multipicklist", length=80, restricted=True, values=_PICKS),
        catalog.Field("F", "F", "multipicklist", 80, restricted=True, picklist=tuple(map(catalog.Pick, _PICKS))),
    ),
}  # fmt: skip
_ID = "001000000000ABC"
_SEEDS = [
    "300", "300.0", "-1.5", "1e3", ".5", "5.", "12345678", "9999999999999999.99", "10000000000000000", "١٢", "1_000",
    "2024-02-29", "2023-02-29", "2024-01-01T10:00:00Z", "2024-01-01T10:00:00.1234567+0200", "2024-01-01T10:00",
    "2024-01-01T24:00:00Z", "02/12/2019", "10:30", "10:30:00.123Z", "25:00", "true", "Yes", "OFF", "sim",
    "ana@firma.example", "ana@firma", "ana@@firma.example", "a,b@firma.example", "ana@firma.example.", "a@b..c",
    _ID, _ID + id_checksum(_ID), _ID + "AAA", "Retail", "textile;RETAIL", "Retail;", "Retale",
]  # fmt: skip
_VALUES = st.builds(
    lambda before, seed, after: before + seed + after,
    st.sampled_from(["", "", " ", "\t", "\u00a0", "+", "-"]),
    st.sampled_from(_SEEDS) | st.text("0123456789.-+:eETZ @;ab", min_size=1, max_size=12),
    st.sampled_from(["", "", " ", "\n", "\u00a0", "0", "Z"]),
)


def _both(kind: str, value: str) -> tuple[str, bool]:
    """What our check says of a value, and whether the practice org refuses it."""
    ours, theirs = _FIELDS[kind]
    test = value_test(ours)
    assert test is not None
    failures: convert.Failures = {}
    convert.from_text(theirs, [value], failures)
    return test(value), bool(failures)


@pytest.mark.parametrize("kind", _FIELDS)
@given(value=_VALUES)
@example(value="300 ")
@example(value="0001-01-02T00:00:00Z")
def test_what_is_refused_is_the_same(kind: str, value: str) -> None:
    ours, theirs = _both(kind, value)
    assert bool(ours) == theirs, f"{kind} {value!r}: {ours or 'taken'} here, refused there: {theirs}"


@pytest.mark.parametrize("kind", ["int", "currency", "date", "datetime", "boolean"])
@given(value=_VALUES)
@example(value="1900-02-29")
@example(value="0000-01-01")
def test_what_passes_at_once_is_taken_by_the_org(kind: str, value: str) -> None:
    if re.fullmatch(plain(_FIELDS[kind][0]), value):
        assert _both(kind, value) == ("", False)


@pytest.mark.parametrize(
    ("kind", "value"), [("int", "-12"), ("currency", "1.25"), ("date", "2024-01-31"), ("datetime", "2024-12-30T23:59:59Z")]
)  # fmt: skip
def test_usual_values_pass_at_once(kind: str, value: str) -> None:
    assert re.fullmatch(plain(_FIELDS[kind][0]), value)


def _shown(kind: str, stored: Any) -> str:
    """What the practice org keeps, as people read it."""
    if kind == "boolean":
        return "true" if stored else "false"
    if kind == "datetime":
        moment = datetime.fromisoformat(stored)
        return f"{moment.replace(tzinfo=None).isoformat(timespec='milliseconds')}Z"
    return str(stored)


@pytest.mark.parametrize("kind", _FIELDS)
@given(value=_VALUES)
@example(value="1.239")
@example(value="2024-01-01T10:00:00.1234567+0200")
def test_what_is_held_is_the_same(kind: str, value: str) -> None:
    ours, theirs = _FIELDS[kind]
    failures: convert.Failures = {}
    (stored,) = convert.from_text(theirs, [value], failures)
    held = holds(ours, value, Action.INSERT)
    assert (held.effect is Effect.REFUSED) == bool(failures), (kind, value, held)
    if failures or kind == "time":
        return
    if kind in ("int", "currency"):
        assert float(held.value) == stored, (kind, value)
    elif stored is None:
        assert held.value == ""
    else:
        assert held.value == _shown(kind, stored), (kind, value)


@pytest.mark.parametrize(
    ("kind", "value"),
    [("int", "300 "), ("date", " 2024-02-29"), ("boolean", "true\t"), ("email", "a@b.example\u00a0"), ("picklist", "Retail ")],
)  # fmt: skip
def test_a_blank_at_the_edge_is_named(kind: str, value: str) -> None:
    assert _both(kind, value) == ("a blank before or after the value", True)
    assert _both(kind, value.strip()) == ("", False)


def test_blanks_do_not_hide_another_reason() -> None:
    assert _both("int", "x ")[0] == "not a number with a decimal point"
    assert _both("date", " 2023-02-29")[0] == "not a date as year-month-day"
