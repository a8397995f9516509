"""The functions a proxy script may call, each by what browsers do with it, and against plain ways of saying the same."""

from __future__ import annotations

import fnmatch
import ipaddress
import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.network.pac_functions import DAYS, MONTHS, Surroundings, fits, functions, sort_addresses

KNOWN = {
    "intranet": ["10.1.2.3"],
    "www.corp.test": ["10.9.9.9", "2001:db8::5"],
    "six.corp.test": ["2001:db8::6"],
}
NOON = datetime(2026, 11, 23, 12, 30, 15, tzinfo=UTC)  # a Monday


def call(name: str, *given: object, now: datetime = NOON, mine: tuple[str, ...] = ()) -> object:
    local = now.astimezone(UTC).replace(tzinfo=None) + timedelta(hours=5)
    around = Surroundings(lambda host: KNOWN.get(host, []), mine, lambda zone: now if zone else local)
    return functions(around)[name](*given)


@pytest.mark.parametrize(
    ("name", "given", "result"),
    [
        ("isPlainHostName", ["www"], True),
        ("isPlainHostName", ["www.corp.test"], False),
        ("isPlainHostName", ["2001:db8::1"], False),
        ("dnsDomainIs", ["www.corp.test", ".corp.test"], True),
        ("dnsDomainIs", ["www", ".corp.test"], False),
        ("dnsDomainIs", ["xcorp.test", "corp.test"], True),
        ("localHostOrDomainIs", ["www.corp.test", "www.corp.test"], True),
        ("localHostOrDomainIs", ["www", "www.corp.test"], True),
        ("localHostOrDomainIs", ["www.other.test", "www.corp.test"], False),
        ("localHostOrDomainIs", ["ww", "www.corp.test"], False),
        ("dnsDomainLevels", ["www"], 0),
        ("dnsDomainLevels", ["a.corp.test"], 2),
        ("shExpMatch", ["http://a.corp.test/x", "*.corp.test/*"], True),
        ("shExpMatch", ["a.corp.test", "*.corp.tes"], False),
        ("shExpMatch", ["a+b", "a+?"], True),
        ("convert_addr", ["104.16.41.2"], 1745889538),
        ("convert_addr", ["300.1.1.1"], 0),
        ("dnsResolve", ["intranet"], "10.1.2.3"),
        ("dnsResolve", ["gone.test"], None),
        ("dnsResolve", ["six.corp.test"], None),
        ("dnsResolve", ["10.0.0.1"], "10.0.0.1"),
        ("isResolvable", ["www.corp.test"], True),
        ("isResolvable", ["six.corp.test"], False),
        ("isInNet", ["intranet", "10.1.0.0", "255.255.0.0"], True),
        ("isInNet", ["10.2.2.3", "10.1.0.0", "255.255.0.0"], False),
        ("isInNet", ["10.2.2.3", "10.1.0.0", "255.0.255.0"], False),
        ("isInNet", ["gone.test", "0.0.0.0", "0.0.0.0"], False),
        ("isInNet", ["10.1.1.1", "10.1", "255.0.0.0"], False),
        ("myIpAddress", [], "127.0.0.1"),
        ("dnsResolveEx", ["www.corp.test"], "10.9.9.9;2001:db8::5"),
        ("dnsResolveEx", ["gone.test"], ""),
        ("isResolvableEx", ["six.corp.test"], True),
        ("isInNetEx", ["six.corp.test", "2001:db8::/32"], True),
        ("isInNetEx", ["www.corp.test", "10.9.0.0/16"], True),
        ("isInNetEx", ["www.corp.test", "nonsense"], False),
        ("sortIpAddressList", ["10.2.3.9;2001:db8::1;10.2.3.4"], "2001:db8::1;10.2.3.4;10.2.3.9"),
        ("sortIpAddressList", ["10.2.3.9;x"], ""),
        ("weekdayRange", ["MON"], True),
        ("weekdayRange", ["TUE", "FRI"], False),
        ("weekdayRange", ["sat", "tue"], True),
        ("weekdayRange", ["MON", "WED", "GMT"], True),
        ("weekdayRange", ["GMT"], False),
        ("weekdayRange", ["MONDAY"], False),
        ("dateRange", [23], True),
        ("dateRange", [1, 15], False),
        ("dateRange", ["NOV"], True),
        ("dateRange", ["OCT", "DEC"], True),
        ("dateRange", ["NOV", "FEB"], True),
        ("dateRange", ["JAN", "MAR"], False),
        ("dateRange", [2026], True),
        ("dateRange", [1995, 1997], False),
        ("dateRange", [23, "NOV"], True),
        ("dateRange", [24, "NOV", 2026], False),
        ("dateRange", [1, "JUN", 15, "AUG"], False),
        ("dateRange", [20, "NOV", 24, "NOV"], True),
        ("dateRange", [1, "JUN", 1995, 15, "AUG", 2095], True),
        ("dateRange", ["OCT", 1995, "MAR", 1996], False),
        ("dateRange", ["OCT", 2026, "MAR", 2027, "GMT"], True),
        ("dateRange", [], False),
        ("dateRange", ["FOO"], False),
        ("timeRange", [12, "GMT"], True),
        ("timeRange", [17], True),
        ("timeRange", [9, 12, "GMT"], True),
        ("timeRange", [12, 30, 12, 31, "GMT"], True),
        ("timeRange", [12, 31, 13, 0, "GMT"], False),
        ("timeRange", [12, 30, 0, 12, 30, 15, "GMT"], True),
        ("timeRange", [12, 30, 16, 12, 31, 0, "GMT"], False),
        ("timeRange", [22, 13, "GMT"], True),
        ("timeRange", [], False),
        ("timeRange", ["9", "17"], False),
        ("alert", ["hello"], None),
    ],
)
def test_each_function(name: str, given: list[object], result: object) -> None:
    assert call(name, *given) == result


def test_the_own_address() -> None:
    mine = ("10.1.1.1", "2001:db8::9")
    assert call("myIpAddress", mine=mine) == "10.1.1.1"
    assert call("myIpAddressEx", mine=mine) == "10.1.1.1;2001:db8::9"


few = st.text(st.sampled_from("ab.*?"), max_size=8)


@given(few.map(lambda t: t.translate({42: 97, 63: 98})), few)
def test_patterns_are_those_of_a_shell(text: str, pattern: str) -> None:
    assert fits(text, pattern) == bool(re.fullmatch(fnmatch.translate(pattern), text))


def test_no_pattern_takes_long() -> None:
    assert not fits("a" * 20_000, "*a" * 40 + "b")


@given(st.ip_addresses(v=4), st.ip_addresses(v=4), st.integers(0, 32))
def test_networks(host: ipaddress.IPv4Address, start: ipaddress.IPv4Address, bits: int) -> None:
    network = ipaddress.ip_network((start, bits), strict=False)
    assert call("isInNet", str(host), str(start), str(network.netmask)) == (host in network)
    assert call("isInNetEx", str(host), str(network)) == (host in network)


@given(st.lists(st.ip_addresses().filter(lambda one: getattr(one, "scope_id", None) is None), max_size=6))
def test_sorting_loses_nothing(addresses: list[object]) -> None:
    ordered = sort_addresses(";".join(map(str, addresses))).split(";") if addresses else []
    assert sorted(ordered) == sorted(map(str, addresses))


moments = st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC))


@given(moments, st.sampled_from(DAYS), st.sampled_from(DAYS))
def test_days_of_the_week(now: datetime, first: str, last: str) -> None:
    days = [first]
    while days[-1] != last:
        days.append(DAYS[(DAYS.index(days[-1]) + 1) % 7])
    assert call("weekdayRange", first, last, "GMT", now=now) == (DAYS[now.weekday()] in days)


@given(moments, moments, moments)
def test_dates_between_two_days(now: datetime, one: datetime, other: datetime) -> None:
    first, last = sorted([one, other])
    ends = [part for end in (first, last) for part in (end.day, MONTHS[end.month - 1], end.year)]
    assert call("dateRange", *ends, "GMT", now=now) == (first.date() <= now.date() <= last.date())


@given(moments, moments, moments)
def test_times_between_two_moments(now: datetime, first: datetime, last: datetime) -> None:
    ends = [part for end in (first, last) for part in (end.hour, end.minute, end.second)]
    start, here, end = ((t.hour, t.minute, t.second) for t in (first, now, last))
    expected = start <= here <= end if start <= end else here >= start or here <= end
    assert call("timeRange", *ends, "GMT", now=now) == expected


anything = st.none() | st.booleans() | st.integers(-9, 3000) | st.floats() | st.text(max_size=8)


@given(st.sampled_from(sorted(functions(Surroundings(lambda _: [])))), st.lists(anything, max_size=8))
def test_whatever_a_script_gives_them_they_answer(name: str, given: list[object]) -> None:
    found = call(name, *given)
    assert found is None or isinstance(found, bool | int | str)
