"""Allow-lists: who a request comes from behind proxies, what forged headers are worth, and who may come in."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import Headers

from cloud.addresses import Proxies
from cloud.addresses import plain as address
from cloud.identity.allow_list import BadRange, allows, networks
from cloud.store.tables import policies
from tests.cloud.conftest import Running

OFFICE = networks(["203.0.113.0/24", "2001:db8:1::/48", "198.51.100.7"])
PROXIES = Proxies(["10.0.0.0/8", "fd00::/8"])


def caller(peer: str, forwarded: list[str], proxies: Proxies = PROXIES) -> object:
    """Whose request it is, for the server behind these proxies."""
    headers = Headers(raw=[(b"x-forwarded-for", value.encode("latin-1", "replace")) for value in forwarded])
    found, _secure = proxies.resolve({"client": (peer, 4711), "scheme": "https"}, headers)
    return address(found)


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
    assert caller("192.0.2.66", forged) == address("192.0.2.66")
    assert caller("192.0.2.66", forged, Proxies([])) == address("192.0.2.66")


def test_behind_a_proxy_only_what_it_added_counts() -> None:
    # The client forged the first two; the outer proxy saw 192.0.2.66, the inner one the outer.
    assert caller("10.0.0.2", ["203.0.113.9, 203.0.113.10, 192.0.2.66, 10.0.0.1"]) == address("192.0.2.66")
    assert caller("10.0.0.2", ["203.0.113.9", "192.0.2.66", "10.0.0.1"]) == address("192.0.2.66")
    assert caller("::ffff:10.0.0.2", ["[2001:db8:1::5]:9"]) == address("2001:db8:1::5")
    assert caller("10.0.0.2", []) == address("10.0.0.2")
    assert caller("10.0.0.2", ["203.0.113.9, unknown"]) is None
    assert caller("nonsense", ["203.0.113.9"]) is None


addresses = st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6)).map(str)


@given(st.lists(addresses | st.text(max_size=8), max_size=6), addresses)
def test_nothing_a_client_sends_changes_who_it_is(forged: list[str], client: str) -> None:
    seen = address(client)
    if seen is None or PROXIES.trusts(seen):
        return
    # The proxy adds the true address behind whatever came.
    assert caller("10.0.0.2", [",".join(forged), client]) == seen
    assert caller(client, forged) == seen


def test_an_organization_is_reached_from_its_addresses_only(server: Running) -> None:
    organization = server.organization(people={"admin": "admin", "ana": {}})
    path = f"{organization.path}/policies/network"
    saved = organization.admin.put(path, json={"ranges": ["127.0.0.1", "203.0.113.0/24"]})
    assert saved.json() == {"ranges": ["127.0.0.1/32", "203.0.113.0/24"]}
    assert organization.ana.get(f"{organization.path}/policies/password").status_code == 200
    with server.database.tenant(organization.id, write=True) as tenant:
        tenant.update(policies, policies.c.subject == "network", content={"ranges": ["203.0.113.0/24"]})
    for person in (organization.ana, organization.admin):
        for forged in (
            {},
            {"X-Forwarded-For": "203.0.113.9"},
            {"X-Real-IP": "203.0.113.9", "Forwarded": "for=203.0.113.9"},
        ):
            refused = person.get(f"{organization.path}/policies/password", headers=forged)
            assert (refused.status_code, refused.json()["code"]) == (403, "address_not_allowed")
    # Another organization, and one's own account, are reached all the same.
    assert organization.ana.get("/me").status_code == 200


@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
def test_nobody_locks_himself_out(server: Running) -> None:
    organization = server.organization(people={"admin": "admin", "ana": {}})
    path = f"{organization.path}/policies/network"
    refused = organization.admin.put(path, json={"ranges": ["203.0.113.0/24"]})
    assert (refused.status_code, refused.json()["code"]) == (409, "locks_you_out")
    assert organization.admin.get(path).json() == {"ranges": []}
    assert organization.admin.put(path, json={"ranges": ["10.1.2.3/8"]}).json()["code"] == "bad_range"
    assert organization.ana.put(path, json={"ranges": []}).status_code == 403
    assert organization.ana.get(path).status_code == 403
