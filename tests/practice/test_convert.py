from __future__ import annotations

from decimal import ROUND_DOWN, Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.practice.catalog import Field, Pick
from studio.practice.convert import SKIP, Failures, from_json, from_text
from studio.practice.failures import ApiError


def one(field: Field, text: str) -> Any:
    """The stored value, or the code of the failure."""
    failures: Failures = {}
    value = from_text(field, [text], failures)[0]
    return failures[0].code if failures else value


TEXT = Field("T", "T", "string", length=5)
MONEY = Field("M", "M", "currency", precision=8, scale=2)
WHOLE = Field("W", "W", "int", digits=9)
PICK = Field("P", "P", "picklist", length=40, restricted=True, picklist=(Pick("Hot"), Pick("Cold", True)))
MULTI = Field("X", "X", "multipicklist", length=40, restricted=True, picklist=(Pick("A"), Pick("B")))


@pytest.mark.parametrize(
    ("field", "text", "stored"),
    [
        (TEXT, "abc", "abc"),
        (TEXT, " a ", " a "),
        (TEXT, "äöü€𝄞", "äöü€𝄞"),
        (TEXT, "abcdef", "STRING_TOO_LONG"),
        (TEXT, "", SKIP),
        (TEXT, "#N/A", None),
        (MONEY, "12.345", 12.34),
        (MONEY, "-0.019", -0.01),
        (MONEY, "1e3", 1000.0),
        (MONEY, "999999.99", 999999.99),
        (MONEY, "1000000", "NUMBER_OUTSIDE_VALID_RANGE"),
        (MONEY, "1,5", "INVALID_TYPE_ON_FIELD_IN_RECORD"),
        (MONEY, "1 000", "INVALID_TYPE_ON_FIELD_IN_RECORD"),
        (MONEY, "NaN", "INVALID_TYPE_ON_FIELD_IN_RECORD"),
        (MONEY, "Infinity", "INVALID_TYPE_ON_FIELD_IN_RECORD"),
        (MONEY, "٣", "INVALID_TYPE_ON_FIELD_IN_RECORD"),
        (WHOLE, "12", 12),
        (WHOLE, "12.0", 12),
        (WHOLE, "12.5", "INVALID_TYPE_ON_FIELD_IN_RECORD"),
        (WHOLE, "9999999999", "NUMBER_OUTSIDE_VALID_RANGE"),
        (Field("B", "B", "boolean"), "TRUE", 1),
        (Field("B", "B", "boolean"), "0", 0),
        (Field("B", "B", "boolean"), "maybe", "INVALID_TYPE_ON_FIELD_IN_RECORD"),
        (Field("B", "B", "boolean"), "#N/A", 0),
        (Field("D", "D", "date"), "2026-03-01", "2026-03-01"),
        (Field("D", "D", "date"), "2026-02-30", "INVALID_TYPE_ON_FIELD_IN_RECORD"),
        (Field("D", "D", "date"), "01/03/2026", "INVALID_TYPE_ON_FIELD_IN_RECORD"),
        (Field("D", "D", "date"), "20260301", "INVALID_TYPE_ON_FIELD_IN_RECORD"),
        (Field("D", "D", "datetime"), "2026-03-01T10:00:00.123+02:00", "2026-03-01T08:00:00.000Z"),
        (Field("D", "D", "datetime"), "2026-03-01T10:00:00+0200", "2026-03-01T08:00:00.000Z"),
        (Field("D", "D", "datetime"), "2026-03-01T10:00:00Z", "2026-03-01T10:00:00.000Z"),
        (Field("D", "D", "datetime"), "2026-03-01", "2026-03-01T00:00:00.000Z"),
        (Field("D", "D", "datetime"), "2026-03-01 10:00", "INVALID_TYPE_ON_FIELD_IN_RECORD"),
        (Field("D", "D", "datetime"), "0001-01-01T00:00:00+23:00", "INVALID_TYPE_ON_FIELD_IN_RECORD"),
        (Field("T", "T", "time"), "09:30", "09:30:00.000Z"),
        (Field("T", "T", "time"), "25:00:00", "INVALID_TYPE_ON_FIELD_IN_RECORD"),
        (Field("E", "E", "email", length=80), "a.b@c.example", "a.b@c.example"),
        (Field("E", "E", "email", length=80), "a.b@c", "INVALID_EMAIL_ADDRESS"),
        (Field("E", "E", "email", length=80), "a b@c.de", "INVALID_EMAIL_ADDRESS"),
        (PICK, "hot", "Hot"),
        (PICK, "Warm", "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"),
        (MULTI, "b;A", "B;A"),
        (MULTI, "A;C", "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"),
        (Field("R", "R", "reference", length=18), "0015500001QdQWa", "0015500001QdQWaAAN"),
        (Field("R", "R", "reference", length=18), "Acme", "MALFORMED_ID"),
    ],
)
def test_values_of_csv_cells(field: Field, text: str, stored: Any) -> None:
    assert one(field, text) == stored


def test_a_too_long_text_says_how_long_it_may_be() -> None:
    failures: Failures = {}
    from_text(Field("Name", "Account Name", "string", length=3), ["ab", "abcd"], failures)
    assert (
        failures[1].in_results
        == "STRING_TOO_LONG:Account Name: data value too large: abcd (max length=3):Name --"
    )


@given(st.decimals(-99999, 99999, places=5))
def test_digits_beyond_the_scale_are_cut_off(number: Decimal) -> None:
    kept = number.quantize(Decimal("0.01"), ROUND_DOWN)
    assert one(MONEY, str(number)) == float(kept)


@given(st.lists(st.text(max_size=8)))
def test_a_column_of_texts_is_the_same_as_its_cells(texts: list[str]) -> None:
    failures: Failures = {}
    together = from_text(TEXT, texts, failures)
    alone = [one(TEXT, text) for text in texts]
    assert [failures[row].code if row in failures else value for row, value in enumerate(together)] == alone


@pytest.mark.parametrize(
    ("field", "value", "stored"),
    [
        (TEXT, None, None),
        (TEXT, "", None),
        (TEXT, SKIP, SKIP),
        (TEXT, "#N/A", "#N/A"),
        (MONEY, 12, 12.0),
        (MONEY, "12.5", 12.5),
        (Field("B", "B", "boolean"), True, 1),
        (Field("B", "B", "boolean"), None, 0),
        (Field("D", "D", "date"), "2026-03-01", "2026-03-01"),
    ],
)
def test_values_of_json(field: Field, value: Any, stored: Any) -> None:
    assert from_json(field, [value], {}) == [stored]


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        (TEXT, 5, "instance of string from VALUE_NUMBER_INT value 5"),
        (TEXT, ["a"], "instance of string from START_ARRAY"),
        (MONEY, "much", "instance of double from VALUE_STRING value much"),
        (MONEY, True, "instance of double from VALUE_TRUE value true"),
        (MONEY, "", "instance of double from VALUE_STRING"),
        (Field("D", "D", "date"), "1.3.2026", "instance of date from VALUE_STRING value 1.3.2026"),
    ],
)
def test_json_of_the_wrong_type_refuses_the_request(field: Field, value: Any, words: str) -> None:
    with pytest.raises(ApiError) as caught:
        from_json(field, [value], {})
    assert caught.value.code == "JSON_PARSER_ERROR"
    assert words in caught.value.message


def test_a_json_value_too_long_fails_its_record_only() -> None:
    failures: Failures = {}
    assert from_json(TEXT, ["ok", "too long"], failures) == ["ok", None]
    assert failures[1].code == "STRING_TOO_LONG"
