"""The repository server: one process on SQLite and PostgreSQL, 100 clients at once, beside a bare FastAPI route.

All share one machine's cores with the clients, which is said in the figures: a request costs both sides. People are
known by the tests' token; signing in is not measured. PostgreSQL and SQLite sync every commit.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
from sqlalchemy import create_engine, text

from cloud.access.rights import Right
from cloud.app import create_app
from cloud.store.database import Database
from cloud.store.envelope import Envelope
from cloud.store.schema import make_tables
from studio.protocol.packs import MEDIA_TYPE
from tests.bench.cloud_server import MASTER, config_of
from tests.bench.http_load import Answer, Ask, Load, Plan, measured
from tests.cloud.conftest import MovableClock, Organization, Running, TestClient, by_test_token
from tests.cloud.postgres import Postgres, programs
from tests.cloud.pushes import Clone, Files, change_of, manifest_of, new_project, pack_of

CLIENTS = 100
SECONDS = 20.0 if os.environ.get("WEFT_FULL") == "1" else 6.0
OBJECTS = 25
_ROOT = Path(__file__).resolve().parent.parent.parent


def run() -> Iterator[dict[str, object]]:
    """Requests a second, the 99th percentile, and the server's processor time a request; ratios are to bare FastAPI's."""
    bare: tuple[float, float] | None = None
    for kind in ("bare", "sqlite", "postgresql"):
        if kind == "postgresql" and programs() is None:
            continue
        with tempfile.TemporaryDirectory() as name, _database(kind, Path(name)) as url:
            here, clones = _filled(url, Path(name)) if url else (None, [])
            with _serving(Path(name), kind, url) as (port, process):
                for case, plans in _cases(here, clones):
                    before = _used(process)
                    load = asyncio.run(measured(port, plans, SECONDS))
                    each = (_used(process) - before) / load.answered * 1000
                    bare = bare or (load.per_second, each)
                    yield from _rows(f"{case}, {kind}", load, each, bare)


def _used(process: int) -> float:
    told = psutil.Process(process).cpu_times()
    return told.user + told.system


def _rows(case: str, load: Load, each: float, bare: tuple[float, float]) -> Iterator[dict[str, object]]:
    row = {"bench": "cloud", "case": case, "peer": "bare FastAPI"}
    yield {
        **row,
        "metric": "requests",
        "value": load.per_second,
        "unit": "/s",
        "ratio": load.per_second / bare[0],
    }
    late = load.percentile(0.99) * 1000
    yield {**row, "metric": "99th percentile", "value": late, "unit": "ms", "ratio": None}
    yield {
        **row,
        "metric": "CPU of the server a request",
        "value": each,
        "unit": "ms",
        "ratio": each / bare[1],
    }
    if load.wrong:
        yield {
            **row,
            "metric": "answers that were no success",
            "value": load.wrong,
            "unit": "",
            "ratio": None,
        }


def _cases(here: Organization | None, clones: list[Clone]) -> Iterator[tuple[str, list[Plan]]]:
    if here is None:
        yield "one route", [_again(Ask("GET", "/bare")) for _each in range(CLIENTS)]
        return
    known = [{**clone.person.headers, "if-none-match": f'"{clone.head}"'} for clone in clones]
    yield (
        "status, not changed",
        [
            _again(Ask("GET", f"/api/v1{clone.path}/status", known[at], good=304))
            for at, clone in enumerate(clones)
        ],
    )
    yield "pull of one change (2 requests)", [_pulls(clone) for clone in clones]
    yield "push of one change (3 requests)", [_pushes(clone) for clone in clones]


def _again(ask: Ask) -> Plan:
    while True:
        yield ask


def _pulls(clone: Clone) -> Plan:
    """As a client that has the revision before: what leads to the head, and a pack of it."""
    changed = json.dumps({"hashes": [clone.manifest["f/0"].hash]}).encode()
    headers = clone.person.headers | {"content-type": "application/json"}
    while True:
        yield Ask("GET", f"/api/v1{clone.path}/pull?have={clone.first}", clone.person.headers)  # type: ignore[attr-defined]
        yield Ask("POST", f"/api/v1{clone.path}/pack", headers, changed)


def _pushes(clone: Clone) -> Plan:
    """One rule changed, again and again: what is missing, the pack, the revision."""
    files: Files = dict(clone.files)  # type: ignore[attr-defined]
    base = f"/api/v1{clone.path}"
    number = 0
    while True:
        number += 1
        files["f/1"] = b"map: {a: '[b%d]'}\n" % number * 40
        change = change_of(clone.manifest, files)
        headers = clone.person.headers | {"content-type": "application/json", "if-match": f'"{clone.head}"'}
        yield Ask("POST", f"{base}/missing", headers, json.dumps(change).encode())
        packed = clone.person.headers | {"content-type": MEDIA_TYPE}
        yield Ask("POST", f"{base}/objects", packed, pack_of([files["f/1"]]))
        answer: Answer | None = yield Ask(
            "POST", f"{base}/revisions", headers, json.dumps(change).encode(), good=201
        )
        if answer is not None and answer.status == 201:
            clone.head, clone.manifest = json.loads(answer.body)["id"], manifest_of(files)


@contextlib.contextmanager
def _database(kind: str, folder: Path) -> Iterator[str]:
    """The URL of a fresh database with all tables; nothing for the bare route."""
    if kind == "bare":
        yield ""
    elif kind == "sqlite":
        url = f"sqlite:///{folder / 'weft.db'}"
        database = Database(url)
        make_tables(database.engine)
        database.close()
        yield url
    else:
        binaries = programs()
        assert binaries is not None
        server = Postgres(binaries, durable=True)
        try:
            owner = server.url("owner", "postgres").replace("postgresql:", "postgresql+psycopg:")
            engine = create_engine(owner, isolation_level="AUTOCOMMIT")
            with engine.connect() as connection:
                connection.execute(text("CREATE ROLE weft_app LOGIN"))
            make_tables(engine, "weft_app")
            engine.dispose()
            yield server.url("weft_app", "postgres")
        finally:
            server.close()


def _filled(url: str, folder: Path) -> tuple[Organization, list[Clone]]:
    """An organization with a project of so many objects and two revisions for each client."""
    database = Database(url)
    with database.common(write=True) as common:
        Envelope(database, MASTER).make_keys(common)
    app = create_app(
        config_of(folder, 1, url), database=database, master=MASTER, authenticators=(by_test_token,)
    )
    with TestClient(app) as client:
        running = Running("", app, client, database, MovableClock(), MASTER, folder, "")
        here = running.organization(people={"ana": {"test": set(Right)}})
        clones = []
        for number in range(CLIENTS):
            clone = new_project(here, here.ana, f"Project {number}")
            files = {f"f/{at}": b"project %d, object %d\n" % (number, at) * 30 for at in range(OBJECTS)}
            clone.first = clone.push(files)["id"]  # type: ignore[attr-defined]
            files["f/0"] = b"changed %d" % number
            clone.push(files)
            clone.files = files  # type: ignore[attr-defined]
            clones.append(clone)
    database.close()
    return here, clones


@contextlib.contextmanager
def _serving(folder: Path, kind: str, url: str) -> Iterator[tuple[int, int]]:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.cloud_server", str(folder), str(port), url or kind],
        cwd=_ROOT,
        env=os.environ | {"PYTHONPATH": str(_ROOT)},
        stderr=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            time.sleep(0.1)
        yield port, process.pid
    finally:
        process.terminate()
        process.wait(40)
