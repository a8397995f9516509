"""The doctor: each step of real ways out through a proxy on loopback, what fails on them, and what it says of it."""

from __future__ import annotations

import asyncio
import json
import ssl
from pathlib import Path

import pytest

from studio.base.errors import BadInput
from studio.network import scripted
from studio.network.doctor import examine
from studio.network.examination import STEPS, Examination, State
from studio.network.guard import GUARD
from studio.network.settings import NetworkPreferences, Way, preferences_file, save, secret_of_proxy
from studio.network.signing_in import credentials
from studio.network.target import read_target
from tests.network.authorities import Issued, root
from tests.network.bare_environment import bare_environment
from tests.network.corporation import Corporation

pytestmark = pytest.mark.network
CORP = root("Corp Inspection CA 2")
GATEWAY = CORP.below("Corp Web Gateway 07", authority=True)
SALESFORCE = "login.salesforce.com"
CANARY = "geheim-canary"


@pytest.fixture(autouse=True)
def first_time(monkeypatch: pytest.MonkeyPatch) -> None:
    GUARD.forget()
    scripted.forget()
    bare_environment(monkeypatch)


def tls(folder: Path, *hosts: str, issuer: Issued = GATEWAY, days: int = 30) -> ssl.SSLContext:
    return issuer.below(hosts[0], hosts, days=days).server(folder)


def trusting(folder: Path, proxy: str, **more: object) -> NetworkPreferences:
    file = folder / "corp.pem"
    file.write_bytes(CORP.pem)
    return NetworkPreferences(Way.EXPLICIT, f"http://{proxy}", extra_ca=(str(file),), **more)  # type: ignore[arg-type]


def states(found: Examination) -> str:
    """One letter a step, in order: fine, failed (!), not reached (-)."""
    marks = {State.FINE: "", State.FAILED: "!", State.NOT_REACHED: "-"}
    names = [step.name for step in found.steps]
    assert names == sorted(names, key=STEPS.index)
    return " ".join(f"{marks[step.state]}{step.name}" for step in found.steps)


def text_of(found: Examination, name: str) -> str:
    return next(step.text for step in found.steps if step.name == name)


def known_here(monkeypatch: pytest.MonkeyPatch, **passwords: str) -> None:
    """Stands in for the key store."""

    class Store:
        def get(self, name: str) -> str | None:
            return passwords.get(name)

        def put(self, name: str, value: str) -> None:
            passwords[name] = value

    monkeypatch.setattr(credentials, "password_store", Store)


async def test_a_way_that_is_open(tmp_path: Path) -> None:
    async with Corporation(tls(tmp_path, SALESFORCE)) as corp:
        found = await examine(
            f"https://{SALESFORCE}/secret/path?token={CANARY}", trusting(tmp_path, corp.address)
        )
        assert states(found) == "setting name connection scheme certificate answer"
        assert found.failed is None
        assert found.verdict == f"The way to {SALESFORCE} is open"
        assert (found.way_out, found.scheme) == (corp.address, "")
        assert text_of(found, "setting") == f"Own setting: http://{corp.address}"
        assert text_of(found, "scheme") == "200: asks for no sign-in"
        assert text_of(found, "answer") == "answered 302 Found"
        assert found.steps[-1].title == "Salesforce"
        assert found.chain is not None
        assert [one.role for one in found.chain.certificates] == ["root", "issuing", "server"]
        assert found.chain.certificates[0].remark == "trusted by this computer"
        assert found.chain.resealed  # trusted, and yet not what Salesforce shows
        assert corp.heard[0].startswith(b"HEAD / HTTP/1.1\r\nHost: login.salesforce.com\r\n")
        assert CANARY not in json.dumps(found.data())


async def test_an_inspecting_gateway_whose_root_is_not_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known_here(monkeypatch)
    async with Corporation(tls(tmp_path, SALESFORCE), login=f"ana:{CANARY}") as corp:
        known_here(monkeypatch, **{secret_of_proxy(corp.address): CANARY})
        preferences = NetworkPreferences(
            Way.EXPLICIT, corp.address, users={corp.address: "ana"}, schemes=("negotiate", "basic")
        )
        save(preferences)
        found = await examine(SALESFORCE)
        assert states(found) == "setting name connection scheme sign-in !certificate -answer"
        assert found.verdict == "The proxy lets you through, but its certificate is not trusted here"
        assert found.detail == "Step 6 of 7 failed. The 5 before it are fine. The last was not reached."
        assert text_of(found, "scheme") == "407: offers NTLM, Basic. Basic chosen"
        assert text_of(found, "sign-in") == "ana with the password kept here → 200"
        assert "issued by “Corp Inspection CA 2”, not in the trust store" in text_of(found, "certificate")
        chain = found.chain
        assert chain is not None
        assert (chain.issuer, chain.version[:3], chain.private, chain.resealed) == (
            "Corp Inspection CA 2",
            "TLS",
            True,
            True,
        )
        assert [(one.name, one.role, one.doubtful) for one in chain.certificates] == [
            ("Corp Inspection CA 2", "root", True),
            ("Corp Web Gateway 07", "issuing", False),
            (SALESFORCE, "server", False),
        ]
        assert chain.certificates[1].fingerprint == GATEWAY.fingerprint.replace(":", "")
        assert found.request == (
            f"Please exclude {SALESFORCE} and *.my.salesforce.com from TLS inspection on {corp.address}, or install the "
            "root certificate “Corp Inspection CA 2” in the trust store of this computer. The proxy itself works: it "
            "accepted Basic for ana with the password kept here."
        )
        assert all(name in found.request for name in found.names)
        assert [remedy.do for remedy in found.remedies] == ["trust", "preferences"]
        # The look at what was refused has told the server nothing.
        assert corp.heard in ([], [b""], [b"", b""])
        assert CANARY not in json.dumps(found.data())


@pytest.mark.parametrize(
    ("wrong", "says", "asks"),
    [
        ("name", "it is for other.test", "renewed or mended"),
        ("expired", "expired on", "renewed or mended"),
        ("self-signed", "not in the trust store", "install the root certificate"),
    ],
)
async def test_certificates_that_are_not_accepted(tmp_path: Path, wrong: str, says: str, asks: str) -> None:
    issuer, host, days = GATEWAY, "a.test", 30
    if wrong == "name":
        host = "other.test"
    if wrong == "expired":
        days = -1
    if wrong == "self-signed":
        issuer = root("Somebody")
    async with Corporation(tls(tmp_path, host, issuer=issuer, days=days)) as corp:
        found = await examine("a.test", trusting(tmp_path, corp.address))
    assert states(found).endswith("!certificate -answer")
    assert says in text_of(found, "certificate")
    assert asks in found.request
    assert found.chain is not None
    assert any(one.doubtful for one in found.chain.certificates)
    assert not found.chain.resealed


async def test_a_server_that_speaks_no_tls(tmp_path: Path) -> None:
    async with Corporation(None) as corp:
        found = await examine("a.test", trusting(tmp_path, corp.address))
    assert states(found).endswith("!certificate -answer")
    assert found.verdict == "No secure connection to a.test comes about"
    assert found.chain is None
    assert found.request


async def test_a_server_that_says_nothing_back(tmp_path: Path) -> None:
    async with Corporation(tls(tmp_path, "a.test"), cuts=True) as corp:
        found = await examine("a.test", trusting(tmp_path, corp.address))
    assert states(found) == "setting name connection scheme certificate !answer"
    assert found.verdict == "The way is open, but a.test does not answer"
    assert corp.address in found.request


async def test_a_wrong_password_is_shown_once_however_often_one_asks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Corporation(tls(tmp_path, "a.test"), login="ana:right") as corp:
        known_here(monkeypatch, **{secret_of_proxy(corp.address): CANARY})
        save(trusting(tmp_path, corp.address, users={corp.address: "ana"}, schemes=("basic",)))
        for _time in range(3):
            found = await examine("a.test")
            assert states(found) == "setting name connection scheme !sign-in -certificate -answer"
            assert found.verdict == "The proxy does not let you in"
            assert "it refused ana" in found.request
            assert [remedy.do for remedy in found.remedies] == ["password", "preferences"]
            assert CANARY not in json.dumps(found.data())
    assert sum(b"Proxy-Authorization" in head for head in corp.asked) == 1


async def test_a_sign_in_nobody_has_answered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known_here(monkeypatch)
    async with Corporation(tls(tmp_path, "a.test"), login="ana:x") as corp:
        save(trusting(tmp_path, corp.address))
        found = await examine("a.test")
    assert states(found) == "setting name connection !scheme -certificate -answer"
    assert found.verdict == "The proxy asks for a sign-in, and none of ours fits"
    assert "It offers NTLM, Basic." in found.request


async def test_a_proxy_that_does_not_allow_the_address(tmp_path: Path) -> None:
    async with Corporation(None, refuses=b"403 Forbidden by policy") as corp:
        found = await examine("https://a.test:8443", trusting(tmp_path, corp.address))
    assert states(found) == "setting name connection !scheme -certificate -answer"
    assert found.verdict == "The proxy does not let us through to a.test"
    assert found.request == (
        f"Please allow connections to a.test:8443 (CONNECT) on {corp.address}: it answered 403."
    )


async def test_a_proxy_that_is_not_there(tmp_path: Path) -> None:
    async with Corporation(None) as corp:
        pass
    found = await examine("a.test", trusting(tmp_path, corp.address))
    assert states(found) == "setting name !connection -scheme -certificate -answer"
    assert found.verdict == "The proxy cannot be reached"
    assert "refuses connections" in found.request
    nowhere = await examine("a.test", NetworkPreferences(Way.EXPLICIT, "proxy.invalid:8080"))
    assert states(nowhere) == "setting !name -connection -scheme -certificate -answer"
    assert "proxy.invalid:8080" in nowhere.request


async def test_every_entry_of_a_scripts_chain_is_tried_and_told(tmp_path: Path) -> None:
    pytest.importorskip("_quickjs", reason="no JavaScript engine for this computer")
    async with Corporation(None) as gone, Corporation(tls(tmp_path, SALESFORCE)) as corp:
        gone.proxy.close()
        await gone.proxy.wait_closed()
        script = tmp_path / "proxy.pac"
        script.write_text(
            "function FindProxyForURL(url, host) {\n"
            '  if (dnsDomainIs(host, ".salesforce.com"))\n'
            f'    return "PROXY {gone.address}; PROXY {corp.address}; DIRECT";\n'
            '  return "DIRECT";\n}\n'
        )
        base = trusting(tmp_path, corp.address)
        preferences = NetworkPreferences(Way.SCRIPT, script=str(script), extra_ca=base.extra_ca)
        found = await examine(SALESFORCE, preferences)
    assert states(found) == "setting script name connection scheme certificate answer"
    assert text_of(found, "script") == (
        f"Line 3, host ends in .salesforce.com → PROXY {gone.address}; PROXY {corp.address}; DIRECT"
    )
    assert text_of(found, "connection").startswith(f"{gone.address}: ")
    assert found.way_out == corp.address


async def test_a_script_that_fails_is_shown_though_the_way_without_it_is_open(tmp_path: Path) -> None:
    script = tmp_path / "proxy.pac"
    script.write_text("function FindProxyForURL() { throw new Error('boo'); }")
    async with Corporation(None) as corp:
        found = await examine(
            f"http://localhost.test:{corp.to}", NetworkPreferences(Way.SCRIPT, script=str(script))
        )
    assert states(found).startswith("setting !script ")
    assert "boo" in text_of(found, "script")
    assert "boo" in found.request


async def test_a_direct_way_and_other_languages_than_http(tmp_path: Path) -> None:
    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"SSH-2.0-Test \x1b[31m\r\n")
        await reader.read()
        writer.close()

    server = await asyncio.start_server(greet, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        found = await examine(f"sftp://127.0.0.1:{port}")
        other = await examine(f"postgresql://127.0.0.1:{port}/db")
    assert states(found) == states(other) == "setting name connection answer"
    assert text_of(found, "answer").startswith("SSH-2.0-Test")
    assert "\x1b" not in text_of(found, "answer")
    assert found.way_out == "direct"
    assert text_of(found, "connection") == f"TCP to 127.0.0.1:{port}"
    async with Corporation(None) as corp:
        pass
    closed = await examine(f"http://127.0.0.1:{corp.to}", NetworkPreferences(Way.NONE))
    assert states(closed) == "setting name !connection -answer"
    assert closed.verdict == "127.0.0.1 cannot be reached"
    assert f"which proxy leads to 127.0.0.1:{corp.to}" in closed.request


async def test_settings_that_cannot_be_used() -> None:
    found = await examine("a.test", NetworkPreferences(Way.EXPLICIT))
    assert states(found) == "!setting -name -connection -certificate -answer"
    assert found.verdict == "The network settings cannot be used"


async def test_preferences_that_are_only_tried_and_a_file_that_is_spoiled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Corporation(tls(tmp_path, "a.test"), login=f"ana:{CANARY}") as corp:
        known_here(monkeypatch, **{secret_of_proxy(corp.address): CANARY})
        users = {corp.address: "ana"}
        found = await examine("a.test", trusting(tmp_path, corp.address, users=users, schemes=("basic",)))
        assert found.failed is None
        assert text_of(found, "sign-in") == "ana with the password kept here → 200"
        found = await examine("a.test", trusting(tmp_path, corp.address, users=users, schemes=("digest",)))
        assert found.verdict == "The proxy asks for a sign-in, and none of ours fits"
        assert "allow none; they allow Digest" in text_of(found, "scheme")
    preferences_file().write_text('{"way": "none", "bypass": 7}')
    found = await examine(f"http://127.0.0.1:{corp.to}")
    assert "bypass" in text_of(found, "setting")


@pytest.mark.parametrize(
    "address", ["", "https://", "a b", "http://[", f"foo://a:b{CANARY}@c", "https://h:99999", "x\n.test"]
)
async def test_what_is_no_address(address: str) -> None:
    with pytest.raises(BadInput) as caught:
        await examine(address)
    assert CANARY not in str(caught.value)


def test_addresses_as_people_write_them() -> None:
    assert read_target("login.salesforce.com").url == "https://login.salesforce.com"
    assert read_target(f"https://ana:{CANARY}@a.test:443/x?y#z").url == "https://a.test"
    assert read_target("a.test:22").speaks == "ssh"
    assert read_target("http://a.test").scheme == "http"
    assert read_target("[2001:db8::1]:8443").name == "[2001:db8::1]:8443"
    assert read_target("postgresql://u:p@db.test/x").name == "db.test:5432"
    assert read_target("https://münchen.test").host == "xn--mnchen-3ya.test"
