"""Allow-lists: who a request comes from behind proxies, what forged headers are worth, and who may come in."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloud.identity.allow_list import BadRange, address, allows, locks_out, networks, real_caller

OFFICE = networks(["203.0.113.0/24", "2001:db8:1::/48", "198.51.100.7"])
PROXIES = networks(["10.0.0.0/8", "fd00::/8"])


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("203.0.113.9:4711", "203.0.113.9"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("::FFFF:cb00:7109", "203.0.113.9"),
        ("[2001:db8:1::5]:443", "2001:db8:1::5"),
        ('"[2001:db8:1::5]"', "2001:db8:1::5"),
        ("fe80::1%eth0", "fe80::1"),
    ],
)
def test_an_address_as_it_is_written(written: str, meant: str) -> None:
    assert address(written) == ipaddress.ip_address(meant)


@pytest.mark.parametrize(
    "written", ["", "unknown", "_hidden", "1.2.3", "1.2.3.4.5", "0x7f.1", "127.1", "010.0.0.1", "a:b"]
)
def test_no_address(written: str) -> None:
    assert address(written) is None


def test_ipv4_in_ipv6_is_ipv4_on_both_sides() -> None:
    assert allows(networks(["::ffff:203.0.113.0/120"]), address("203.0.113.200"))
    assert not allows(networks(["::ffff:203.0.113.0/120"]), address("203.0.114.1"))
    assert allows(OFFICE, address("::ffff:203.0.113.9"))


def test_inside_and_outside() -> None:
    assert allows(OFFICE, address("2001:db8:1:ffff::1"))
    assert not allows(OFFICE, address("2001:db8:2::1"))
    assert allows(OFFICE, address("198.51.100.7"))
    assert not allows(OFFICE, address("198.51.100.8"))
    assert not allows(OFFICE, None)
    assert allows((), None)


@pytest.mark.parametrize(
    "line", ["10.1.2.3/8", "300.0.0.1", "example.com", "10.0.0.0/33", "", "10.0.0.0-10.0.0.9"]
)
def test_a_line_that_is_no_range_is_named(line: str) -> None:
    with pytest.raises(BadRange) as refused:
        networks(["10.0.0.0/8", line])
    assert refused.value.line == line


def test_a_list_has_an_end() -> None:
    assert len(networks([f"10.0.{n}.0/24" for n in range(200)])) == 200
    with pytest.raises(BadRange):
        networks([f"10.0.{n}.0/24" for n in range(201)])


def test_a_stranger_may_write_what_he_likes() -> None:
    forged = ["203.0.113.9", "203.0.113.9, 10.0.0.1"]
    assert real_caller("192.0.2.66", forged, PROXIES) == address("192.0.2.66")
    assert real_caller("192.0.2.66", forged, ()) == address("192.0.2.66")


def test_behind_a_proxy_only_what_it_added_counts() -> None:
    # The client forged the first two; the outer proxy saw 192.0.2.66, the inner one the outer.
    assert real_caller("10.0.0.2", ["203.0.113.9, 203.0.113.10, 192.0.2.66, 10.0.0.1"], PROXIES) == address(
        "192.0.2.66"
    )
    assert real_caller("10.0.0.2", ["203.0.113.9", "192.0.2.66", "10.0.0.1"], PROXIES) == address(
        "192.0.2.66"
    )
    assert real_caller("::ffff:10.0.0.2", ["[2001:db8:1::5]:9"], PROXIES) == address("2001:db8:1::5")
    assert real_caller("10.0.0.2", [], PROXIES) == address("10.0.0.2")
    assert real_caller("10.0.0.2", ["203.0.113.9, unknown"], PROXIES) is None
    assert real_caller("nonsense", ["203.0.113.9"], PROXIES) is None


addresses = st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6)).map(str)


@given(st.lists(addresses | st.text(max_size=8), max_size=6), addresses)
def test_nothing_a_client_sends_changes_who_it_is(forged: list[str], client: str) -> None:
    seen = address(client)
    if seen is None or any(seen.version == one.version and seen in one for one in PROXIES):
        return
    # The proxy adds the true address behind whatever came.
    assert real_caller("10.0.0.2", [",".join(forged), client], PROXIES) == seen
    assert real_caller(client, forged, PROXIES) == seen


def test_a_list_that_shuts_out_its_author_is_known() -> None:
    assert locks_out(OFFICE, address("192.0.2.1"))
    assert not locks_out(OFFICE, address("203.0.113.77"))
    assert not locks_out((), address("192.0.2.1"))
    assert locks_out(OFFICE, None)
