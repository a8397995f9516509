"""The exceptions table of the network reference, for our own matcher."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.network.proxies import Address, ProxyRules, bypassed, fitting, is_loopback, shown

HOSTS = [
    ("corp.test", 443),
    ("a.corp.test", 443),
    ("xcorp.test", 443),
    ("10.1.2.3", 443),
    ("10.9.9.9", 443),
    ("a.corp.test", 8443),
    ("intranet", 443),
]

# D direct, P through the proxy, in the order of HOSTS.
TABLE = {
    "corp.test": "DDPPPDP",
    ".corp.test": "DDPPPDP",
    "*.corp.test": "PDPPPDP",
    "10.0.0.0/8": "PPPDDPP",
    "10.1.2.3": "PPPDPPP",
    "10.1.*": "PPPDPPP",
    "corp.test:8443": "PPPPPDP",
    "<local>": "PPPPPPD",
    "*": "DDDDDDD",
    "": "PPPPPPP",
    "intranet, .corp.test": "DDPPPDD",
    "10.0.0.0/99": "PPPPPPP",
}


@pytest.mark.parametrize("rules", TABLE)
def test_exceptions(rules: str) -> None:
    assert "".join("D" if bypassed(rules, host, port) else "P" for host, port in HOSTS) == TABLE[rules]


def test_ipv6_and_case_and_the_final_dot() -> None:
    assert bypassed("[2001:db8::1]:8443", "2001:db8::1", 8443)
    assert not bypassed("[2001:db8::1]:8443", "2001:db8::1", 443)
    assert bypassed("2001:db8::/32", "[2001:db8::5]")
    assert bypassed("CORP.test", "A.Corp.Test.")


def test_entries_as_windows_and_macos_write_them() -> None:
    windows = "*.corp.test;<local>;10.*;https://only.test"
    assert bypassed(windows, "a.corp.test") == "*.corp.test"
    assert bypassed(windows, "intranet") == "<local>"
    assert bypassed(windows, "10.1.2.3") == "10.*"
    assert bypassed(windows, "only.test")
    assert bypassed(windows, "10.example.test")  # a wildcard fits names too, as it does there
    macos = "*.local, 169.254/16, 10.0/8"
    assert bypassed(macos, "printer.local") == "*.local"
    assert bypassed(macos, "169.254.7.7") == "169.254/16"
    assert bypassed(macos, "10.200.0.1") == "10.0/8"
    assert not bypassed(macos, "169.253.7.7")


def test_this_computer_goes_through_the_proxy_only_where_the_list_says_so() -> None:
    assert fitting("", "127.0.0.1") == "localhost"
    assert fitting("<-loopback>", "127.0.0.1") == ""
    assert fitting("<-loopback>;127.0.0.1", "127.0.0.1") == "127.0.0.1"


label = st.from_regex(r"[a-z][a-z0-9]{0,6}", fullmatch=True)
domain = st.lists(label, min_size=1, max_size=3).map(".".join)


@given(
    domain, label, st.integers(1, 65535), st.lists(domain, max_size=4), st.sampled_from([",", ";", " ", ", "])
)
def test_a_domain_covers_what_is_below_it_wherever_it_stands(
    name: str, below: str, port: int, others: list[str], between: str
) -> None:
    listed = between.join([*others, name.upper()])
    assert bypassed(listed, f"{below}.{name}", port)
    assert bypassed(listed, f"{name}.", port)
    assert not bypassed(name, f"{below}{name}", port)
    assert bypassed(f"*.{name}", f"{below}.{name}")
    assert not bypassed(f"*.{name}", name)
    assert bypassed(f"{name}:{port}", name, port)
    assert not bypassed(f"{name}:{port}", name, port + 1)
    assert bool(bypassed("<local>", name)) == ("." not in name)


@given(st.ip_addresses(), st.ip_addresses(), st.integers(0, 128))
def test_a_network_covers_its_addresses(host: Address, start: Address, bits: int) -> None:
    network = ipaddress.ip_network((start.packed, min(bits, start.max_prefixlen)), strict=False)
    assert bool(bypassed(str(network), str(host))) == (host in network)
    assert bypassed(str(host), f"[{host}]" if host.version == 6 else str(host))


@given(st.text(max_size=40), st.text(max_size=40))
def test_any_text_is_answered(rules: str, host: str) -> None:
    assert bypassed(rules, host, 443) in ("", *rules.lower().replace(",", " ").replace(";", " ").split())


def test_the_environment() -> None:
    rules = ProxyRules.from_environment(
        {"HTTPS_PROXY": "proxy.corp.test:3128", "all_proxy": "http://any.test", "NO_PROXY": "in.test"}
    )
    assert rules.choose("https", "out.test", 443) == "http://proxy.corp.test:3128"
    assert rules.choose("http", "out.test", 80) == "http://any.test"
    assert rules.choose("https", "a.in.test", 443) is None


def test_lower_case_wins_and_a_cgi_header_is_not_a_proxy() -> None:
    both = ProxyRules.from_environment({"https_proxy": "http://lower", "HTTPS_PROXY": "http://upper"})
    assert both.https == "http://lower"
    cgi = ProxyRules.from_environment({"HTTP_PROXY": "http://attacker", "REQUEST_METHOD": "GET"})
    assert cgi.http is None


def test_this_computer_is_always_direct() -> None:
    rules = ProxyRules(https="http://proxy", http="http://proxy")
    for host in ("127.0.0.1", "localhost", "LOCALHOST", "[::1]", "x.localhost", "127.9.9.9"):
        assert is_loopback(host)
        assert rules.choose("http", host, 8080) is None
    assert not is_loopback("localhost.evil.test")


def test_a_proxy_is_shown_without_its_password() -> None:
    assert shown("http://joao:s3cr%3Aet@proxy.test:3128") == "http://proxy.test:3128"
