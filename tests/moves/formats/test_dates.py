"""Dates as users write them: what they say, in which orders they can be read, and zones with their jumps."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.base.errors import BadInput
from studio.moves.formats import dates
from studio.moves.formats.dates import Order, When

_DAY = date(2026, 12, 31)
_TWO = time(14, 5)


@pytest.mark.parametrize(
    ("text", "order", "when"),
    [
        ("31/12/2026", Order.DMY, When(_DAY)),
        ("12/31/2026", Order.MDY, When(_DAY)),
        ("31.12.26", Order.DMY, When(_DAY)),
        ("26-12-31", Order.YMD, When(_DAY)),
        ("2026-12-31 14:05", Order.MDY, When(_DAY, _TWO)),
        ("2026/12/31", Order.DMY, When(_DAY)),
        ("31/12/2026 2:05 PM", Order.DMY, When(_DAY, _TWO)),
        ("31/12/2026 12:05 a.m.", Order.DMY, When(_DAY, time(0, 5))),
        ("31/12/2026 14h05", Order.DMY, When(_DAY, _TWO)),
        ("31/12/2026 às 14:05", Order.DMY, When(_DAY, _TWO)),
        ("2026-12-31T14:05:00.25-03:00", Order.YMD, When(_DAY, time(14, 5, 0, 250000), -180)),
        ("Thu, 31 Dec 2026 14:05:00 +0000", Order.YMD, When(_DAY, _TWO, 0)),
        ("31-dez-26", Order.MDY, When(_DAY)),
        ("31 de dezembro de 2026", Order.YMD, When(_DAY)),
        ("quinta-feira, 31 de dezembro de 2026", Order.YMD, When(_DAY)),
        ("Dec 31st, 2026 at 2:05 pm", Order.YMD, When(_DAY, _TWO)),
        ("20261231", Order.YMD, When(_DAY)),
        ("31122026", Order.DMY, When(_DAY)),
        ("20261231140500", Order.YMD, When(_DAY, _TWO)),
        ("46387", Order.EXCEL, When(_DAY)),
        ("46387,25", Order.EXCEL, When(_DAY, time(6))),
        ("44925", Order.EXCEL_1904, When(_DAY)),
        ("59", Order.EXCEL, When(date(1900, 2, 28))),
        ("61", Order.EXCEL, When(date(1900, 3, 1))),
        ("1798725900", Order.UNIX, When(_DAY, _TWO, 0)),
        ("1798725900000", Order.UNIX_MS, When(_DAY, _TWO, 0)),
    ],
)
def test_reads(text: str, order: Order, when: When) -> None:
    assert dates.read(text, order) == when
    assert dates.read(f" {text} ", order) == when


@pytest.mark.parametrize(
    ("text", "orders"),
    [
        ("03/04/2026", {Order.DMY, Order.MDY}),
        ("31/04/2026", set()),
        ("13/04/2026", {Order.DMY}),
        ("2026-04-03", {Order.YMD, Order.DMY, Order.MDY}),
        ("3 Apr 2026", {Order.YMD, Order.DMY, Order.MDY}),
        ("12122012", {Order.DMY, Order.MDY}),
        ("2026", set()),
        ("12:30", set()),
        ("60", set()),
        ("31/12/2026 25:00", set()),
        ("29/02/2023", set()),
        ("٣١/١٢/٢٠٢٦", set()),
        ("", set()),
    ],
)  # fmt: skip
def test_the_orders_a_text_can_be_read_in(text: str, orders: set[Order]) -> None:
    assert dates.orders(text) == orders


@given(st.dates(date(1900, 1, 1), date(2199, 12, 31)), st.sampled_from(["/", "-", "."]))
def test_what_is_written_in_an_order_is_read_in_it(day: date, mark: str) -> None:
    assert dates.read(day.strftime(f"%d{mark}%m{mark}%Y"), Order.DMY) == When(day)
    assert dates.read(f"{day.month}{mark}{day.day}{mark}{day.year}", Order.MDY) == When(day)
    assert dates.read(day.strftime("%d %B %Y"), Order.MDY) == When(day)
    serial = (day - date(1899, 12, 30)).days
    assert serial <= 60 or dates.read(str(serial), Order.EXCEL) == When(day)


@given(st.text("0123456789/-.: TZapmdezjan+°", max_size=24))
def test_no_text_breaks_it(text: str) -> None:
    for order in Order:
        when = dates.read(text, order)
        assert when is None or isinstance(when.day, date)


def test_a_summer_that_begins_and_ends() -> None:
    zone = dates.zone_of("America/Sao_Paulo")
    day = date(2018, 11, 4)
    with pytest.raises(dates.NoSuchTime):
        dates.in_utc(When(day, time(0, 30)), zone)
    # A day without a time begins when it begins.
    assert dates.in_utc(When(day), zone) == (datetime(2018, 11, 4, 3, tzinfo=UTC), False)
    assert dates.in_utc(When(day, time(1)), zone) == (datetime(2018, 11, 4, 3, tzinfo=UTC), False)
    twice = When(date(2018, 2, 17), time(23, 30))
    assert dates.in_utc(twice, zone) == (datetime(2018, 2, 18, 1, 30, tzinfo=UTC), True)
    assert dates.in_utc(When(_DAY, _TWO), zone) == (datetime(2026, 12, 31, 17, 5, tzinfo=UTC), False)
    assert dates.in_utc(When(_DAY, _TWO, 120), zone)[0] == datetime(2026, 12, 31, 12, 5, tzinfo=UTC)


def test_names_of_formats_and_zones() -> None:
    named = {
        "DD/MM/YYYY": Order.DMY, "mdy": Order.MDY, "yyyy-mm-dd hh:mm": Order.YMD, "dd/mm/aaaa": Order.DMY, "excel": Order.EXCEL,
        "D.M.YY HH:MM AM/PM": Order.DMY, "Excel1904": Order.EXCEL_1904, "unix": Order.UNIX, "iso": Order.YMD,
    }  # fmt: skip
    assert {text: dates.order_of(text) for text in named} == named
    for text in ("", "DD", "fortnight"):
        with pytest.raises(BadInput, match="no format of dates"):
            dates.order_of(text)
    assert dates.in_utc(When(_DAY, _TWO), dates.zone_of("-03:00"))[0].hour == 17
    for name in ("Brasil", "../etc/passwd", "+99:00"):
        with pytest.raises(BadInput, match="no time zone"):
            dates.zone_of(name)


def test_a_pattern_for_people() -> None:
    assert dates.pattern("31/12/2026 2:05 PM", Order.DMY) == "DD/MM/YYYY hh:mm AM/PM"
    assert dates.pattern("12-31-26", Order.MDY) == "MM-DD-YY"
    assert dates.pattern("46387", Order.EXCEL) == "Excel"
    assert dates.pattern("31 dez 2026", Order.YMD) == "DD MMM YYYY"
