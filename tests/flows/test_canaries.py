"""Twenty secrets go through everything the product does; afterwards none of them can be found anywhere it could have got to."""

from __future__ import annotations

import asyncio
import base64
import gzip
import http.server
import os
import resource
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from studio.base import secrets
from studio.moves.access import orgs
from studio.moves.access.orgs import OrgLogin
from studio.network import settings
from studio.network.settings import ClientCertificate, NetworkPreferences, Way
from studio.practice.ready import Ready
from studio.repository import accounts, sealing
from tests.canaries import NAMES, Hunt, canary, watching_processes
from tests.practice_beside import org_beside
from tests.repository.conftest import server_tables, site
from tests.repository.running_server import Site

__all__ = ["server_tables", "site"]


def test_the_hunt_finds_what_is_hidden(tmp_path: Path) -> None:
    secret = canary(NAMES[3])
    (tmp_path / "log.txt").write_text(f"the token {secret} was refused")
    (tmp_path / "wide.txt").write_text(secret, encoding="utf-16")
    (tmp_path / "header.txt").write_bytes(base64.b64encode(f"ana:{secret}\n".encode()))
    (tmp_path / "log.gz").write_bytes(gzip.compress(secret.encode()))
    with zipfile.ZipFile(tmp_path / "a.weft", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("connections/crm.yaml", f"password: {secret}")
    database = sqlite3.connect(tmp_path / "history.db")
    database.execute("pragma journal_mode = wal")
    database.execute("create table texts (data blob)")
    database.execute("insert into texts values (?)", [zlib.compress(secret.encode())])
    database.commit()
    database.close()
    (tmp_path / f"{secret}.txt").write_text("nothing")
    hunt = Hunt()
    hunt.folder(tmp_path)
    places = ("log.txt", "wide.txt", "header.txt", "log.gz › gzip", "a.weft › connections/crm.yaml")
    for where in (*places, "history.db › texts › zlib", f"the name of {secret}.txt"):
        assert any(hit.startswith(NAMES[3]) and hit.endswith(f"in {where}") for hit in hunt.hits), where
    allowed = Hunt(allowed=[path for path in tmp_path.rglob("*.*") if secret not in path.name])
    allowed.folder(tmp_path)
    assert {hit.rpartition(" in ")[2] for hit in allowed.hits} == {f"the name of {secret}.txt"}


@pytest.mark.parametrize("shift", range(3))
def test_base64_is_found_whatever_stands_before_it(shift: int) -> None:
    hunt = Hunt()
    hunt.bytes(base64.b64encode(b"u" * shift + canary(NAMES[0]).encode() + b":more"), "a header")
    assert hunt.hits


class Person:
    """Somebody at a terminal: every command is a process of its own, and what it shows, keeps and is called is hunted."""

    def __init__(self, folder: Path, hunt: Hunt) -> None:
        self.folder, self.hunt = folder, hunt
        self.environment = {
            "WEFT_HOME": str(folder / "home"),
            "TMPDIR": str(folder / "tmp"),
            "WEFT_LOG": "debug",
            "PYTHONFAULTHANDLER": "1",
            "BROWSER": "true",
        }
        self.used: set[str] = set()
        for place in ("home", "tmp"):
            (folder / place).mkdir()

    def secret(self, name: str) -> str:
        """A secret about to be used."""
        self.used.add(name)
        return canary(name)

    def secret_file(self, name: str) -> Path:
        """A file of the person's own that holds a secret: the one place besides the key store where it may be."""
        path = self.folder / "own" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(self.secret(name))
        return path

    def weft(self, *words: object, typed: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
        """Run a command; nobody is at a terminal but what `typed` answers."""
        done = subprocess.run(
            [sys.executable, "-m", "studio", *map(str, words)],
            input=typed,
            capture_output=True,
            text=True,
            env=os.environ | self.environment | environment,
            timeout=120,
            check=False,
        )
        what = "weft " + " ".join(map(str, words[:2]))
        self.hunt.typed(words)
        self.hunt.text(done.stdout, f"what {what} printed")
        self.hunt.text(done.stderr, f"what {what} complained")
        return done

    def leave(self) -> None:
        """Everything that is left on the disk."""
        self.hunt.folder(self.folder)


class Listening(http.server.BaseHTTPRequestHandler):
    """A proxy that wants a password and takes none: what it is sent is what a proxy has to be sent."""

    def do_CONNECT(self) -> None:
        self.send_response(407)
        self.send_header("Proxy-Authenticate", 'Basic realm="corp"')
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_words: object) -> None:
        pass


@pytest.fixture
def proxy() -> Iterator[str]:
    """A proxy on this computer that refuses everybody."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Listening)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), name="a proxy")
    thread.start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def silent() -> Iterator[str]:
    """A web server that takes a connection and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"


def test_none_of_twenty_secrets_is_found(
    site: Site, proxy: str, silent: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Orgs, databases, proxies, certificates and a repository, most of them refusing: each secret is used, none is told."""
    home = tmp_path / "person"
    home.mkdir()
    own = home / "own"
    session = site.token("ana")
    hunt = Hunt(
        allowed=[own / name for name in NAMES] + [home / "own" / "phrase"],
        more={"repository session": session},
    )
    ana = Person(home, hunt)
    monkeypatch.setenv("WEFT_HOME", str(home / "home"))
    with monkeypatch.context() as patch:
        # What its key costs is tested elsewhere; the file says so, and every process pays no more.
        patch.setattr(secrets, "_COST", {"iterations": 1, "memory_kib": 64, "lanes": 1})
        monkeypatch.setenv(secrets.PASSPHRASE_FILE, str(ana.secret_file("vault passphrase")))
        store = secrets.open_store()
        store.put("made", "beforehand")
    with watching_processes(hunt):
        with org_beside(seed=False) as org:
            _orgs(ana, org, silent, store)
        project = home / "orders"
        ana.weft("new", project, "--sample", "orders")
        _connections(ana, project)
        _network(ana, proxy, store)
        _repository(ana, site, project, store, session)
        _crash(ana, silent)
    ana.leave()
    hunt.folder(tmp_path / "server")
    hunt.text("\n".join(map(str, site.running.log)), "the server's log")
    assert ana.used == set(NAMES), f"never given to the product: {set(NAMES) - ana.used}"
    assert hunt.looked > 200
    assert hunt.hits == []


def _orgs(ana: Person, org: Ready, silent: str, store: secrets.SecretStore) -> None:
    """Wrong ones all: what an org refuses is told without it."""
    ways = (("soap", "org password"), ("client", "org client secret"), ("jwt", "org signing key"))
    for flow, name in ways:
        words = (
            "--username",
            "ana@example.com",
            "--client-id",
            "app",
            "--secret-file",
            ana.secret_file(name),
        )
        done = ana.weft("org", "add", f"by-{flow}", "--url", org.url, "--flow", flow, *words)
        assert done.returncode in (2, 3), done.stderr
    source = ana.folder / "rows.csv"
    source.write_text("Name\nOne\n")
    move = ("move", "insert", "Account", source)
    assert ana.weft(*move, "--org", org.url, WEFT_ACCESS_TOKEN=ana.secret("org access token")).returncode in (
        2,
        3,
    )
    orgs.add(OrgLogin("crm", org.url, "web", orgs.PRACTICE_CLIENT, port=0))
    store.put(OrgLogin("crm", org.url, "web").secret_name("refresh_token"), ana.secret("org refresh token"))
    assert ana.weft(*move, "--org", "crm").returncode in (2, 3)


def _connections(ana: Person, project: Path) -> None:
    for name, place in (("source address", "from"), ("target address", "to"), ("connection password", "erp")):
        file = project / f"connections/{place}.yaml"
        file.write_text(
            f"weft: connection/1\nname: {place}\nkind: database\naddress: postgresql+psycopg://ana@127.0.0.1:1/erp\n"
        )
        kept = ana.weft(
            "connection", "password", f"{project}/connections/{place}", "--secret-file", ana.secret_file(name)
        )
        assert kept.returncode == 0, kept.stderr
    asked = ("--table", "accounts", "--org", "practice")
    assert ana.weft("move", "insert", "Account", f"{project}/connections/from", *asked).returncode in (2, 3)
    export = ana.weft("move", "export", "SELECT Id FROM Account", f"{project}/connections/to", *asked)
    assert export.returncode in (2, 3), export.stderr
    secret = ana.secret("variable of a run")
    ran = ana.weft("run", project, "list-order-lines", "--var", f"password={secret}")
    assert ran.returncode == 0, ran.stderr
    for extra in ((), ("--no-samples",)):
        assert ana.weft("export", project, ana.folder / f"out{len(extra)}.weft", *extra).returncode == 0


def _network(ana: Person, proxy: str, store: secrets.SecretStore) -> None:
    address = f"https://ana:{ana.secret('schema address')}@schemas.corp.test/orders.xsd"
    settings.save(
        NetworkPreferences(
            way=Way.EXPLICIT, proxy=f"http://{proxy}", users={proxy: "ana"}, schemes=("basic",)
        )
    )
    store.put(f"network/{proxy}", ana.secret("proxy password"))
    assert ana.weft("schema", address).returncode in (2, 3)
    doctor = ana.weft("proxy", "doctor", "https://login.corp.test", "--json")
    assert doctor.returncode in (1, 2, 3), doctor.stderr
    settings.save(NetworkPreferences())
    by = f"http://ana:{ana.secret('environment proxy')}@{proxy}"
    assert (
        ana.weft("schema", "https://schemas.corp.test/orders.xsd", https_proxy=by, no_proxy="").returncode
        == 3
    )
    key = ec.generate_private_key(ec.SECP256R1())
    sealed = serialization.BestAvailableEncryption(ana.secret("client certificate passphrase").encode())
    pem = ana.folder / "own" / "client.pem"
    pem.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, sealed))
    store.put("network/certificate/*.corp.test", ana.secret("client certificate passphrase"))
    settings.save(NetworkPreferences(client_certificates={"*.corp.test": ClientCertificate(str(pem))}))
    assert ana.weft("schema", "https://schemas.corp.test/orders.xsd").returncode in (2, 3)
    settings.save(NetworkPreferences())


def _repository(ana: Person, site: Site, project: Path, store: secrets.SecretStore, session: str) -> None:
    given = ana.weft("sign-in", site.url, "--token-file", ana.secret_file("personal token"))
    assert given.returncode in (2, 3), given.stderr
    accounts.keep(site.account("ana"), session, store)
    ana.used.add("repository session")
    pushed = ana.weft("push", project, "--new", "Orders", "--message", "first", "--no-samples")
    assert pushed.returncode == 0, pushed.stderr
    assert ana.weft("status", project).returncode == 0
    assert ana.weft(
        "pull", project, WEFT_REPOSITORY_TOKEN=ana.secret("token of the environment")
    ).returncode in (2, 3)
    password = ana.secret("repository password")
    refused = httpx.post(
        f"{site.url}/api/v1/sign-in", json={"email": "ana@example.com", "password": password}
    )
    assert refused.status_code in (401, 403), refused.text
    asyncio.run(_sealed(ana, site, store))


async def _sealed(ana: Person, site: Site, store: secrets.SecretStore) -> None:
    async with site.repository("root") as root:
        key = await sealing.make_key(root, store)
    async with site.repository("ana") as repository:
        sealing.trust(repository.account, key.id)
        file = ana.folder / "key-of-the-organization.json"
        sealing.export_key(store, repository.account, key.id, file, ana.secret("sealing passphrase"))
        project = await site.new_project("Sealed")
        store.put("somewhere/crm/password", ana.secret("sealed credential"))
        needed = sealing.Needed("crm.password", "crm", "password", "somewhere/crm/password")
        done = await sealing.seal(repository, project.id, site.environment("development"), [needed], store)
        assert len(done.sealed) == 1


def _crash(ana: Person, silent: str) -> None:
    """A process dies with secrets in its memory: what it leaves and says holds none, a core file least of all."""
    environment = os.environ | ana.environment | {"WEFT_ACCESS_TOKEN": canary("org access token")}
    words = ["move", "insert", "Account", str(ana.folder / "rows.csv"), "--org", silent]
    ana.hunt.typed(words)
    dying = subprocess.Popen(
        [sys.executable, "-m", "studio", *words],
        cwd=ana.folder,
        env=environment,
        stderr=subprocess.PIPE,
        preexec_fn=_cores,
    )
    time.sleep(3)
    dying.send_signal(signal.SIGABRT)
    assert dying.stderr is not None
    ana.hunt.bytes(dying.stderr.read(), "what a dying process said")
    dying.stderr.close()
    assert dying.wait(60) == -signal.SIGABRT


def _cores() -> None:
    """As on a computer that keeps the memory of whatever dies."""
    resource.setrlimit(resource.RLIMIT_CORE, (resource.getrlimit(resource.RLIMIT_CORE)[1],) * 2)
