"""The process that serves: TLS versions, headers, limits, and an end in which running requests are answered."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
import uvicorn

from cloud.access.rights import Need
from cloud.access.routes import Routes
from cloud.app import add, create_app
from cloud.certificate import make_certificate, names_here
from cloud.config import Config, Limits
from cloud.running import make_server, tls_context
from cloud.store.database import Database
from cloud.store.keys import LocalMaster
from studio.base.errors import BadInput


def until(true: object, what: str) -> None:
    for _attempt in range(600):
        if true():  # type: ignore[operator]
            return
        time.sleep(0.05)
    raise AssertionError(what)


@pytest.fixture(scope="module")
def certified(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tls")
    make_certificate(folder / "certificate.pem", folder / "certificate.key", names_here())
    return folder


def handshake(server: ssl.SSLContext, lowest: ssl.TLSVersion, highest: ssl.TLSVersion, trust: Path) -> str:
    """The version two sides agree on, in memory; raises ssl.SSLError when they do not."""
    client = ssl.create_default_context(cafile=str(trust))
    client.set_ciphers("ALL:@SECLEVEL=0")
    client.minimum_version, client.maximum_version = lowest, highest
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    here = client.wrap_bio(to_client, to_server, server_hostname="localhost")
    there = server.wrap_bio(to_server, to_client, server_side=True)
    sides = [here, there]
    for _round in range(10):
        for side in list(sides):
            with contextlib.suppress(ssl.SSLWantReadError):
                side.do_handshake()
                sides.remove(side)
    assert not sides
    return here.version() or ""


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
def test_old_versions_of_tls_are_refused(certified: Path) -> None:
    trust = certified / "certificate.pem"
    ours = tls_context(trust, certified / "certificate.key")
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    old.minimum_version = ssl.TLSVersion.TLSv1
    old.set_ciphers("ALL:@SECLEVEL=0")
    old.load_cert_chain(trust, certified / "certificate.key")
    for version, name in ((ssl.TLSVersion.TLSv1, "TLSv1"), (ssl.TLSVersion.TLSv1_1, "TLSv1.1")):
        # The client does offer it: one that allows it is spoken to.
        assert handshake(old, version, version, trust) == name
        with pytest.raises(ssl.SSLError):
            handshake(ours, version, version, trust)
    for version, name in ((ssl.TLSVersion.TLSv1_2, "TLSv1.2"), (ssl.TLSVersion.TLSv1_3, "TLSv1.3")):
        assert handshake(ours, version, version, trust) == name


def test_only_ciphers_with_forward_secrecy_are_offered(certified: Path) -> None:
    ours = tls_context(certified / "certificate.pem", certified / "certificate.key")
    for cipher in ours.get_ciphers():
        assert cipher["protocol"] == "TLSv1.3" or cipher["name"].startswith("ECDHE-"), cipher["name"]
        assert cipher["aead"], cipher["name"]


def test_a_certificate_that_cannot_be_used_is_named(certified: Path, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="certificate"):
        tls_context(certified / "certificate.pem", tmp_path / "none.key")
    with pytest.raises(BadInput, match="certificate"):
        tls_context(certified / "certificate.key", certified / "certificate.key")


def test_plain_http_is_for_this_machine_only(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/weft.db")
    config = Config(plain_http=True, host="0.0.0.0")
    with pytest.raises(BadInput, match="Plain HTTP"):
        make_server(create_app(config, database=database, master=LocalMaster(bytes(32))), config)
    database.close()


class Slow:
    """Routes that take as long as the test wants."""

    def __init__(self) -> None:
        self.begun, self.may_end = threading.Event(), threading.Event()
        self.routes = Routes("/slow", "slow")

        @self.routes.get("", need=Need.public())
        def slow() -> dict[str, bool]:
            self.begun.set()
            return {"ended": self.may_end.wait(60)}


@contextlib.contextmanager
def running(
    certified: Path, slow: Slow, limits: Limits | None = None
) -> Iterator[tuple[uvicorn.Server, str]]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    database = Database(f"sqlite:///{certified}/weft.db")
    config = Config(folder=certified, port=port, limits=limits or Limits())
    app = create_app(config, database=database, master=LocalMaster(bytes(32)))
    app.router.routes[:] = list(app.router.routes)
    add(app, slow.routes)
    server = make_server(app, config)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        until(lambda: server.started, "the server did not start")
        yield server, f"https://localhost:{port}"
    finally:
        server.should_exit = True
        slow.may_end.set()
        thread.join(60)
        database.close()


def test_running_requests_end_and_new_ones_are_refused(certified: Path) -> None:
    slow = Slow()
    trust = ssl.create_default_context(cafile=str(certified / "certificate.pem"))
    answers: list[httpx.Response] = []
    with running(certified, slow) as (server, url):

        def ask() -> None:
            answers.append(httpx.get(f"{url}/api/v1/slow", verify=trust, timeout=60, trust_env=False))

        asking = threading.Thread(target=ask)
        asking.start()
        assert slow.begun.wait(60)
        server.should_exit = True

        def refused() -> bool:
            try:
                httpx.get(f"{url}/health", verify=trust, timeout=5, trust_env=False)
            except httpx.TransportError:
                return True
            return False

        until(refused, "new requests were still answered")
        assert not answers
        slow.may_end.set()
        asking.join(60)
    assert [answer.json() for answer in answers] == [{"ended": True}]


def test_what_is_too_much_at_once_is_told_to_come_back(certified: Path) -> None:
    slow = Slow()
    trust = ssl.create_default_context(cafile=str(certified / "certificate.pem"))
    with running(certified, slow, replace(Limits(), at_once=1)) as (_server, url):
        asking = threading.Thread(
            target=lambda: httpx.get(f"{url}/api/v1/slow", verify=trust, timeout=60, trust_env=False)
        )
        asking.start()
        assert slow.begun.wait(60)
        busy = httpx.get(f"{url}/health", verify=trust, timeout=60, trust_env=False)
        slow.may_end.set()
        asking.join(60)
    assert (busy.status_code, busy.json()["code"], busy.headers["retry-after"]) == (503, "busy", "2")


def test_init_and_serve_as_processes(tmp_path: Path) -> None:
    """What docs/server.md says to type: a server is up, over TLS, and ends well when it is told to."""
    folder = tmp_path / "server"
    made = [sys.executable, "-m", "cloud", "init", "--email", "ana@example.com", "--folder", str(folder)]
    subprocess.run(made, check=True, stdout=subprocess.DEVNULL)
    assert {entry.name: entry.stat().st_mode & 0o077 for entry in folder.iterdir()} == dict.fromkeys(
        ("weft.db", "master.key", "certificate.pem", "certificate.key", "server.toml"), 0
    )
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = folder / "server.toml"
    settings.write_text(settings.read_text().replace("port = 8470", f"port = {port}"))
    log = tmp_path / "log"
    with log.open("wb") as out:
        command = [sys.executable, "-m", "cloud", "serve", "--folder", str(folder)]
        process = subprocess.Popen(
            command, stdout=out, stderr=out, env=os.environ | {"PYTHONWARNINGS": "default"}
        )
    try:
        trust = ssl.create_default_context(cafile=str(folder / "certificate.pem"))
        url = f"https://127.0.0.1:{port}"

        def answers() -> bool:
            assert process.poll() is None, log.read_text()
            try:
                return httpx.get(f"{url}/ready", verify=trust, timeout=10, trust_env=False).status_code == 200
            except httpx.TransportError:
                return False

        until(answers, "the server did not come up")
        answer = httpx.get(f"{url}/health", verify=trust, timeout=30, trust_env=False)
        assert answer.headers["strict-transport-security"].startswith("max-age=31536000")
        assert "server" not in answer.headers
        with pytest.raises(httpx.TransportError):
            httpx.get(f"http://127.0.0.1:{port}/health", timeout=30, trust_env=False)
        with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
            httpx.get(f"{url}/health", verify=ssl.create_default_context(), timeout=30, trust_env=False)
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    finally:
        process.kill()
        process.wait(30)
    lines = log.read_text().splitlines()
    assert f"Serving https://127.0.0.1:{port}" in lines[0]
    assert '"event": "stopped"' in lines[-1]
    assert not [line for line in lines if "%s" in line or "%d" in line]
    assert len(list((folder / "audit-heads").iterdir())) == 1
