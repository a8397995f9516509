"""Certificates as they are looked at for people: what is said of each, and whatever a stranger puts into one."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import certifi
import pytest
from cryptography import x509
from hypothesis import given
from hypothesis import strategies as st

from studio.network import chains
from studio.network.chains import name_fits, read_chain
from tests.network.authorities import root

CORP = root("Corp Inspection CA 2")
GATEWAY = CORP.below("Corp Web Gateway 07", authority=True)
SHOWN = GATEWAY.below("login.salesforce.com", ("login.salesforce.com", "*.force.com", "192.0.2.1"))
HOST = "login.salesforce.com"
UNKNOWN = "unable to get local issuer certificate"


def test_a_chain_whose_root_is_shown_or_not() -> None:
    whole = read_chain(
        HOST,
        "TLS 1.3",
        [SHOWN.der, GATEWAY.der, CORP.der],
        "self-signed certificate in certificate chain",
        by_proxy=True,
    )
    assert [(one.name, one.role, one.doubtful) for one in whole.certificates] == [
        ("Corp Inspection CA 2", "root", True), ("Corp Web Gateway 07", "issuing", False), (HOST, "server", False),
    ]  # fmt: skip
    assert whole.certificates[0].fingerprint == CORP.fingerprint.replace(":", "")
    assert date.fromisoformat(whole.certificates[0].until) > date.today()
    assert whole.reason == "issued by “Corp Inspection CA 2”, not in the trust store"
    assert whole.resealed
    cut = read_chain(HOST, "TLS 1.3", [SHOWN.der, GATEWAY.der], UNKNOWN, by_proxy=True)
    assert cut.certificates[0] == replace(
        whole.certificates[0],
        until="",
        fingerprint="",
        remark="not shown, and not in this computer's trust store",
    )
    assert cut.certificates[1:] == whole.certificates[1:]
    alone = read_chain("a.test", "TLS 1.3", [root("a.test").der], "self-signed certificate", by_proxy=False)
    assert [one.role for one in alone.certificates] == ["server"]
    assert alone.certificates[0].doubtful


def test_a_gateway_is_named_only_where_it_is_certain() -> None:
    other = root("Internal").below("erp.corp.test", ("erp.corp.test",))
    found = read_chain("erp.corp.test", "TLS 1.3", [other.der], UNKNOWN, by_proxy=True)
    assert (found.private, found.resealed) == (True, False)
    assert "either the system has an authority of its own, or a gateway" in found.about
    assert (
        "a gateway" not in read_chain("erp.corp.test", "TLS 1.3", [other.der], UNKNOWN, by_proxy=False).about
    )


def test_public_authorities_are_known_by_name_and_key() -> None:
    public = x509.load_pem_x509_certificates(
        Path(certifi.where()).read_bytes()[:8000].rpartition(b"# Issuer")[0]
    )[0]
    shown = public.public_bytes(chains.serialization.Encoding.DER)
    assert not read_chain(HOST, "TLS 1.3", [shown], "", by_proxy=True).private
    name = public.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
    borrowed = root(str(name[0].value) if name else "x")
    assert read_chain(HOST, "TLS 1.3", [borrowed.der], UNKNOWN, by_proxy=True).private


@pytest.mark.parametrize(
    ("host", "fits"),
    [
        (HOST, True), ("LOGIN.salesforce.com.", True), ("a.force.com", True), ("a.b.force.com", False),
        ("force.com", False), ("192.0.2.1", True), ("192.0.2.2", False), ("", False), ("x", False),
    ],
)  # fmt: skip
def test_names(host: str, fits: bool) -> None:
    assert name_fits(SHOWN.certificate, host) == fits


def test_what_a_stranger_writes_into_a_certificate_is_one_short_line() -> None:
    loud = root("x\x1b[2J\n" + "y" * 20)
    assert "\x1b" not in str(read_chain("a.test", "TLS 1.3", [loud.der], UNKNOWN, by_proxy=False))


@given(
    st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), min_size=1, max_size=4),
    st.text(max_size=12),
)
def test_bent_certificates_are_read_or_left_out(bends: list[tuple[int, int]], host: str) -> None:
    data = bytearray(SHOWN.der)
    for at, value in bends:
        data[at % len(data)] = value
    found = read_chain(host, "TLS 1.3", [bytes(data), GATEWAY.der], UNKNOWN, by_proxy=True)
    assert found.certificates == () or found.certificates[-1].role == "server"
