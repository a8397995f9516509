"""Whom we trust: real handshakes with authorities made for the test, client certificates, and what is never accepted."""

from __future__ import annotations

import asyncio
import itertools
import os
import ssl
import subprocess
import sys
import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.base.errors import BadInput, NotAllowed
from studio.network.settings import ClientCertificate, NetworkPreferences, secret_of_certificate
from studio.network.trust import certificate_pattern, context_for, extra_files, tls_context
from tests.network.authorities import Issued, root

pytestmark = pytest.mark.network
ROOT, OTHER = root("Corp Root"), root("Other Root")
GATEWAY = ROOT.below("Corp Gateway", authority=True)
CLIENT = root("Client Root").below("ana")


class Kept(dict[str, str]):
    """A store of secrets that holds what a test puts in."""

    put, remove = dict.__setitem__, dict.__delitem__


@pytest.fixture(autouse=True)
def no_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WEFT_EXTRA_CA", raising=False)


@asynccontextmanager
async def serving(context: ssl.SSLContext) -> AsyncIterator[int]:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        shown = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
        writer.write(b"you showed one" if shown else b"you showed none")
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=context)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await server.wait_closed()


async def ask(port: int, context: ssl.SSLContext, host: str = "a.corp.test") -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context, server_hostname=host)
    try:
        return await reader.read()
    finally:
        writer.close()


async def refused(port: int, context: ssl.SSLContext, host: str) -> bool:
    """No word came back; in TLS 1.3 a client learns only with the first answer that it should have shown one."""
    try:
        return await ask(port, context, host) == b""
    except ssl.SSLError as error:
        return not isinstance(error, ssl.SSLCertVerificationError)
    except ConnectionError:
        return True


def server_of(folder: Path, issuer: Issued = GATEWAY, **more: Issued) -> ssl.SSLContext:
    return issuer.below("a.corp.test", ("a.corp.test", "a.other.test")).server(folder, **more)


def pem(folder: Path, *shown: Issued, name: str = "ca.pem") -> str:
    file = folder / name
    file.write_bytes(b"".join(one.pem for one in shown))
    return str(file)


@pytest.mark.parametrize("write", ["root", "gateway alone", "der", "with a notice", "two files"])
async def test_an_extra_authority_is_trusted_beside_the_systems(tmp_path: Path, write: str) -> None:
    file = tmp_path / "extra.crt"
    content = {
        "gateway alone": GATEWAY.pem,
        "der": ROOT.der,
        "with a notice": "# Autoridade da empresa é esta\r\n".encode("latin-1") + OTHER.pem + ROOT.pem,
    }.get(write, ROOT.pem)
    file.write_bytes(content)
    files = (pem(tmp_path, OTHER), str(file)) if write == "two files" else (str(file),)
    async with serving(server_of(tmp_path)) as port:
        assert await ask(port, context_for("a.corp.test", port, NetworkPreferences(extra_ca=files)))
        with pytest.raises(ssl.SSLCertVerificationError, match="unable to get local issuer"):
            await ask(port, context_for("a.corp.test", port, NetworkPreferences()))


async def test_the_environments_file_counts_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    both = os.pathsep.join([pem(tmp_path, OTHER, name="o.pem"), pem(tmp_path, ROOT)])
    monkeypatch.setenv("WEFT_EXTRA_CA", both)
    async with serving(server_of(tmp_path)) as port:
        assert await ask(port, context_for("a.corp.test", port, NetworkPreferences()))
    assert len(extra_files(NetworkPreferences(extra_ca=(both.split(os.pathsep)[0],)))) == 2


@pytest.mark.parametrize("wrong", ["name", "expired", "not signed by it", "old TLS"])
async def test_what_is_never_accepted(tmp_path: Path, wrong: str) -> None:
    preferences = NetworkPreferences(extra_ca=(pem(tmp_path, ROOT),))
    issuer = OTHER if wrong == "not signed by it" else GATEWAY
    shown = issuer.below("a.corp.test", ("a.corp.test",), days=-1 if wrong == "expired" else 30)
    context = shown.server(tmp_path)
    if wrong == "old TLS":
        with warnings.catch_warnings(action="ignore"):
            context.minimum_version = ssl.TLSVersion.TLSv1
            context.maximum_version = ssl.TLSVersion.TLSv1_1
        context.set_ciphers("ALL:@SECLEVEL=0")
    host = "b.corp.test" if wrong == "name" else "a.corp.test"
    async with serving(context) as port:
        with pytest.raises((ssl.SSLError, ConnectionError)):
            await ask(port, context_for(host, port, preferences), host)


@pytest.mark.parametrize(("locked", "apart", "extra"), list(itertools.product((True, False), repeat=3)))
async def test_client_certificates_with_the_systems_store_and_extra_authorities(
    tmp_path: Path, locked: bool, apart: bool, extra: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    clients = root("Clients")
    me = clients.below("ana")
    key = me.key_pem("s3cr:et ã" if locked else "")
    (tmp_path / "me.pem").write_bytes(me.pem + (b"" if apart else key))
    (tmp_path / "me.key").write_bytes(key if apart else b"")
    trusted = pem(tmp_path, ROOT)
    if not extra:
        monkeypatch.setenv("SSL_CERT_FILE", trusted)  # the system's store, as OpenSSL is told of another one
    preferences = NetworkPreferences(
        extra_ca=(trusted,) if extra else (),
        client_certificates={
            "*.corp.test": ClientCertificate(
                str(tmp_path / "me.pem"), str(tmp_path / "me.key") if apart else ""
            )
        },
    )
    secrets = Kept({secret_of_certificate("*.corp.test"): "s3cr:et ã"}) if locked else Kept()
    async with serving(server_of(tmp_path, clients=clients)) as port:
        assert await ask(port, context_for("a.corp.test", port, preferences, secrets)) == b"you showed one"
        # Another host is shown nothing, and this server therefore says no.
        unknown = context_for("a.other.test", port, preferences, secrets)
        assert await refused(port, unknown, "a.other.test")


def test_the_same_files_give_the_same_context_until_one_changes(tmp_path: Path) -> None:
    preferences = NetworkPreferences(extra_ca=(pem(tmp_path, ROOT),))
    first = context_for("a.test", 443, preferences)
    assert context_for("b.test", 443, preferences) is first
    pem(tmp_path, ROOT, OTHER)
    assert context_for("a.test", 443, preferences) is not first


@pytest.mark.parametrize(
    ("certificate", "key", "kept", "says"),
    [
        ("gone.pem", "", None, "No such file"),
        ("text.pem", "", None, "no certificate with its key"),
        ("me.pem", "gone.key", None, "No such file"),
        ("me.pem", "other.key", None, "do not belong together"),
        ("me.pem", "me.key", "wrong", "does not open it"),
        ("me.pem", "me.key", None, "no passphrase is kept"),
        ("me.pem", "", None, "no certificate with its key"),
    ],
)
def test_a_client_certificate_that_cannot_be_used_names_its_file(
    tmp_path: Path, certificate: str, key: str, kept: str | None, says: str
) -> None:
    (tmp_path / "me.pem").write_bytes(CLIENT.pem)
    (tmp_path / "me.key").write_bytes(CLIENT.key_pem("right"))
    (tmp_path / "other.key").write_bytes(ROOT.key_pem())
    (tmp_path / "text.pem").write_text("hello")
    named = ClientCertificate(str(tmp_path / certificate), str(tmp_path / key) if key else "")
    preferences = NetworkPreferences(client_certificates={"a.test": named})
    secrets = Kept({secret_of_certificate("a.test"): kept} if kept else {})
    with pytest.raises((BadInput, NotAllowed), match=says) as caught:
        context_for("a.test", 443, preferences, secrets)
    assert caught.value.file == str(tmp_path / (key or certificate))
    assert kept is None or kept not in str(caught.value)
    assert context_for("b.test", 443, preferences, secrets)


@pytest.mark.parametrize(
    "content", [b"", b"hello", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"]
)
def test_a_file_of_authorities_that_holds_none_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "not.pem").write_bytes(content)
    for name in ("not.pem", "gone.pem"):
        with pytest.raises(BadInput, match=name):
            tls_context(tmp_path / name)


def test_the_most_exact_pattern_counts() -> None:
    files = ClientCertificate("x")
    patterns = dict.fromkeys(["*", "*.corp.test", "a.corp.test", "a.corp.test:8443", "*.test"], files)
    assert certificate_pattern(patterns, "A.corp.test.", 8443) == "a.corp.test:8443"
    assert certificate_pattern(patterns, "a.corp.test", 443) == "a.corp.test"
    assert certificate_pattern(patterns, "b.corp.test", 443) == "*.corp.test"
    assert certificate_pattern(patterns, "corp.test", 443) == "*.test"
    assert certificate_pattern(patterns, "::1", 443) == "*"
    assert certificate_pattern({"corp.test": files}, "a.corp.test", 443) is None


@given(st.dictionaries(st.text(max_size=12), st.just(ClientCertificate("x"))), st.text(max_size=12))
def test_any_pattern_is_answered(patterns: dict[str, ClientCertificate], host: str) -> None:
    assert certificate_pattern(patterns, host, 443) in (None, *patterns)


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="the system itself is asked there")
def test_authorities_of_the_system_are_read_once_and_again_when_they_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = tmp_path / "store.pem"
    store.write_bytes(root("One").pem)
    monkeypatch.setenv("SSL_CERT_FILE", str(store))
    first = tls_context()
    assert tls_context() is first
    assert len(first.get_ca_certs()) == 1
    store.write_bytes(root("One").pem + root("Two").pem)
    assert len(tls_context().get_ca_certs()) == 2


def test_a_program_that_carries_its_own_openssl_finds_the_distributions_store() -> None:
    """As in a frozen Linux build: the folder its OpenSSL was compiled for is not there."""
    program = (
        "import ssl\n"
        "ssl.get_default_verify_paths = lambda: ssl.DefaultVerifyPaths(None, None, '', '/gone', '', '/gone')\n"
        "from studio.network import trust\n"
        "if not any(file.is_file() for file in trust._STORES): print('none here'); raise SystemExit\n"
        "print(len(trust.tls_context().get_ca_certs()))"
    )
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    if told.strip() == "none here":
        pytest.skip("this computer has no store of certificates")
    assert int(told) > 0
