from __future__ import annotations

import contextlib
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.practice.failures import ApiError
from studio.practice.soql.dates import PERIODS, span
from studio.practice.soql.lex import string_value
from studio.practice.soql.parse import parse
from studio.practice.soql.tree import Aggregate, Both, Comparison, Literal, Not, Path


def wrong(text: str) -> ApiError:
    with pytest.raises(ApiError) as caught:
        parse(text)
    return caught.value


def test_a_query_with_everything() -> None:
    query = parse(
        "SELECT Id, Owner.Name, COUNT(Id) total FROM Account a WHERE (Name LIKE 'A%' OR NOT Phone = null) "
        "AND CreatedDate = LAST_N_DAYS:7 GROUP BY Id, Owner.Name HAVING COUNT(Id) > 1 "
        "ORDER BY Owner.Name DESC NULLS LAST, Id LIMIT 5 OFFSET 10 FOR VIEW"
    )
    assert [item.text for item in query.select if isinstance(item, Path)] == ["Id", "Owner.Name"]
    assert query.select[2] == Aggregate("count", Path(("Id",), 29), "total", 23)
    assert (query.source, query.alias, query.limit, query.offset) == ("Account", "a", 5, 10)
    assert isinstance(query.where, Both)
    both, since = query.where.conditions
    assert isinstance(both, Both)
    assert both.word == "or"
    assert isinstance(both.conditions[1], Not)
    assert isinstance(since, Comparison)
    assert since.values[0] == Literal("period", "last_n_days", since.values[0].at, 7)
    assert [(order.descending, order.nulls_last) for order in query.order] == [(True, True), (False, False)]


@pytest.mark.parametrize(
    ("text", "place", "word"),
    [
        ("SELECT Id FORM Account", 11, "FORM"),
        ("SELECT FROM Account", 13, "Account"),
        ("SELECT Id FROM Account WHERE", 29, "<EOF>"),
        ("SELECT Id FROM Account WHERE Name = 'a' AND Name = 'b' OR Name = 'c'", 56, "OR"),
        ("SELECT Id FROM Account LIMIT ten", 30, "ten"),
        ("SELECT Id FROM Account WHERE Name IN 'a'", 38, "'a'"),
        ("SELECT Id FROM Account WHERE Name == 'a'", 36, "="),
        ("SELECT Id FROM Account; DROP TABLE x", 23, ";"),
        ("SELECT Id FROM Account WHERE Name = 'a", 37, "'"),
        ("DELETE FROM Account", 1, "DELETE"),
        ("SELECT MAX() FROM Account", 8, "MAX"),
        ("", 1, "<EOF>"),
    ],
)
def test_a_query_that_does_not_read_is_pointed_at(text: str, place: int, word: str) -> None:
    error = wrong(text)
    assert error.code == "MALFORMED_QUERY"
    assert f"ERROR at Row:1:Column:{place}" in error.message
    assert f"'{word}'" in error.message


def test_the_place_counts_lines() -> None:
    assert "Row:2:Column:6" in wrong("SELECT Id\nFROM 'x'").message


def test_depth_length_and_offset_have_limits() -> None:
    deep = "(" * 60 + "Name = 'a'" + ")" * 60
    assert wrong(f"SELECT Id FROM Account WHERE {deep}").code == "MALFORMED_QUERY"
    negated = "NOT " * 5000 + "Name = 'a'"
    assert wrong(f"SELECT Id FROM Account WHERE {negated}").code == "MALFORMED_QUERY"
    assert "100000" in wrong("SELECT Id FROM Account WHERE Name = '" + "x" * 100_000 + "'").message
    assert wrong("SELECT Id FROM Account LIMIT 1 OFFSET 2001").code == "NUMBER_OUTSIDE_VALID_RANGE"


@given(st.text(max_size=60))
def test_quoted_text_means_what_was_quoted(text: str) -> None:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n")
    query = parse(f"SELECT Id FROM Account WHERE Name = '{escaped}'")
    assert isinstance(query.where, Comparison)
    assert string_value(query.where.values[0].text) == text


WORDS = ["SELECT", "Id", "FROM", "Account", "WHERE", "(", ")", "AND", "NOT", "IN", "'x'", ",", "=", "5", "NULL", "LIMIT",
         "COUNT", "ORDER BY", "LAST_N_DAYS", ":", "2026-01-01", "LIKE", ".", "\\", "é", "'"]  # fmt: skip


@given(st.lists(st.sampled_from(WORDS), max_size=14))
def test_nonsense_is_refused_and_never_crashes(words: list[str]) -> None:
    with contextlib.suppress(ApiError):
        parse(" ".join(words))


@pytest.mark.parametrize(
    ("name", "count", "first", "after"),
    [
        ("today", 0, "2026-03-18", "2026-03-19"),
        ("yesterday", 0, "2026-03-17", "2026-03-18"),
        ("this_week", 0, "2026-03-15", "2026-03-22"),
        ("last_week", 0, "2026-03-08", "2026-03-15"),
        ("next_month", 0, "2026-04-01", "2026-05-01"),
        ("last_month", 0, "2026-02-01", "2026-03-01"),
        ("this_quarter", 0, "2026-01-01", "2026-04-01"),
        ("last_quarter", 0, "2025-10-01", "2026-01-01"),
        ("next_year", 0, "2027-01-01", "2028-01-01"),
        ("last_fiscal_quarter", 0, "2025-10-01", "2026-01-01"),
        ("last_90_days", 0, "2025-12-18", "2026-03-19"),
        ("next_n_days", 3, "2026-03-19", "2026-03-22"),
        ("last_n_days", 1, "2026-03-17", "2026-03-19"),
        ("last_n_months", 2, "2026-01-01", "2026-03-01"),
        ("next_n_weeks", 2, "2026-03-22", "2026-04-05"),
        ("n_days_ago", 3, "2026-03-15", "2026-03-16"),
        ("n_months_ago", 3, "2025-12-01", "2026-01-01"),
    ],
)
def test_date_literals_are_spans_of_days(name: str, count: int, first: str, after: str) -> None:
    start, end = span(name, count, date(2026, 3, 18))
    assert (start.isoformat(), end.isoformat()) == (first, after)


@given(st.sampled_from(sorted(PERIODS)), st.integers(1, 400), st.dates(date(1990, 1, 1), date(2100, 1, 1)))
def test_every_period_has_a_beginning_before_its_end(name: str, count: int, today: date) -> None:
    start, end = span(name, count, today)
    assert start < end
    if name.startswith("this"):
        assert start <= today < end
    if name.startswith("n_days"):
        assert end - start == timedelta(1)


def test_a_period_beyond_the_calendar_is_an_error() -> None:
    for name, count in (("last_n_years", 99999), ("next_n_days", 10**9)):
        with pytest.raises((OverflowError, ValueError)):
            span(name, count, date(2026, 1, 1))


def fields(query: Any) -> list[str]:
    return [item.text for item in query.select]


def test_functions_that_only_change_the_display_give_the_field() -> None:
    assert fields(parse("SELECT toLabel(Industry), FORMAT(Amount) FROM Account")) == ["Industry", "Amount"]
