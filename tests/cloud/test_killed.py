"""A server killed at every one of its writes, and at random under load: what it acknowledged is there, whole."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from cloud.access.rights import Right
from cloud.app import create_app
from cloud.store.database import Database
from cloud.store.envelope import Envelope
from studio.protocol.manifests import hash_of
from tests.cloud.conftest import MovableClock, Organization, Person, Running
from tests.cloud.pushes import Clone, Files, manifest_of, new_project
from tests.cloud.serving import MASTER, config_of

pytestmark = pytest.mark.skipif(
    not hasattr(os, "fork"), reason="servers are killed with SIGKILL, where there is one"
)
ROOT = Path(__file__).resolve().parent.parent.parent


@dataclass
class Machine:
    """Starts servers on one folder and kills them."""

    process: subprocess.Popen[str]
    folder: Path
    here: Organization
    port: int = 0
    child: int = 0
    client: httpx.Client = field(default_factory=lambda: httpx.Client(trust_env=False, timeout=60))

    def start(self, at: int = 0) -> None:
        """A server that kills itself at its so-manieth write; it is there when this returns."""
        with socket.socket() as one:
            one.bind(("127.0.0.1", 0))
            self.port = one.getsockname()[1]
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{self.port} {at}\n")
        self.process.stdin.flush()
        self.child = int(self.process.stdout.readline())
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            with contextlib.suppress(httpx.HTTPError):
                if self.client.get(f"{self.url}/health").status_code == 200:
                    return
            time.sleep(0.02)
        raise AssertionError("the server did not start")

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def kill(self) -> None:
        """End it as a power switch would, and wait until it is gone."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.child, signal.SIGKILL)
        while Path(f"/proc/{self.child}").exists():
            time.sleep(0.005)

    def person(self, client: httpx.Client | None = None) -> Person:
        """Ana, who asks the server as it is now."""
        return _Remote(self.here.ana.id, "", client or self.client, self.here.ana.headers, self)  # type: ignore[arg-type]


@dataclass
class _Remote(Person):
    machine: Machine | None = None

    def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        assert self.machine is not None
        headers = self.headers | more.pop("headers", {})
        return self.client.request(method, f"{self.machine.url}/api/v1{path}", headers=headers, **more)


@pytest.fixture
def machine(tmp_path: Path, sqlite_template: Path) -> Iterator[Machine]:
    folder = tmp_path / "server"
    folder.mkdir()
    shutil.copy(sqlite_template, folder / "weft.db")
    config = config_of(folder, 1)
    database = Database(config.database_url)
    with database.common(write=True) as common:
        Envelope(database, MASTER).make_keys(common)
    app = create_app(config, database=database, master=MASTER)
    running = Running("sqlite", app, None, database, MovableClock(), MASTER, folder, "")  # type: ignore[arg-type]
    here = running.organization(people={"ana": {"test": {Right.READ, Right.WRITE}}})
    database.close()
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.cloud.serving", str(folder)],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    made = Machine(process, folder, here)
    yield made
    made.kill()
    made.client.close()
    process.stdin.close()  # type: ignore[union-attr]
    process.wait(30)
    process.stdout.close()


def whole(machine: Machine, path: str, known: dict[str, Files], last: int = 200) -> list[str]:
    """The revisions the server has, the last of them read back: those that were acknowledged are what was pushed."""
    person = machine.person()
    told = person.get(f"{path}/revisions?limit=200").json()["items"]
    for item in told[:last]:
        entries = person.get(f"{path}/revisions/{item['id']}/manifest").json()
        contents = {}
        for entry in entries:
            got = person.get(f"{path}/objects/{entry['hash']}")
            assert got.status_code == 200, got.text
            contents[entry["path"]] = got.content
        assert contents == known.get(item["id"], contents)
    assert [item["number"] for item in told] == list(range(len(told), 0, -1))
    return [item["id"] for item in told]


def test_killed_at_every_write_of_a_push(machine: Machine, share: Callable[[int], int]) -> None:
    # Each start costs seconds on a machine at work: the quick run takes every seventh write.
    step = 1 if share(1000) == 1000 else 7
    machine.start()
    clone = new_project(machine.here, machine.person(), "Killed")
    known = {clone.push({"first": b"1"})["id"]: {"first": b"1"}}
    at, survived = 0, 0
    while not survived:
        machine.kill()
        at += step
        machine.start(at)
        files = {"first": b"1", "second": b"pushed while killed at %d" % at}
        before = dict(clone.manifest), clone.head
        try:
            clone.missing(files)
            clone.upload(files["second"])
            answer = clone.commit(files, key=f"killed-at-{at}")
            assert answer.status_code == 201
            survived = answer.status_code
        except httpx.HTTPError:
            machine.kill()
            machine.start()
            found = whole(machine, clone.path, known, 2)
            assert set(known) <= set(found)
            # Whoever got no answer asks again, and gets exactly one revision of it.
            assert (clone.manifest, clone.head) == before
            answer = clone.commit(files, key=f"killed-at-{at}")
            if answer.status_code == 409:
                assert answer.json()["code"] == "objects_missing"
                clone.upload(files["second"])
                answer = clone.commit(files, key=f"killed-at-{at}")
            assert answer.status_code == 201
        made = answer.json()
        clone.head, clone.manifest = made["id"], manifest_of(files)
        known[made["id"]] = files
    assert at > 8
    assert sorted(whole(machine, clone.path, known)) == sorted(known)


def test_killed_at_random_under_parallel_pushes(machine: Machine, share: Callable[[int], int]) -> None:
    chance = random.Random(21)
    machine.start()
    clones = [new_project(machine.here, machine.person(), f"Project {number}") for number in range(3)]
    known: dict[str, dict[str, Files]] = {clone.path: {} for clone in clones}
    for turn in range(max(2, share(100) // 10)):
        stop = threading.Event()
        threads = [
            threading.Thread(target=pushing, args=(machine, clone.path, known[clone.path], stop, turn))
            for clone in clones
        ]
        for thread in threads:
            thread.start()
        goal = sum(map(len, known.values())) + chance.randrange(3, 12)
        deadline = time.monotonic() + 60
        while sum(map(len, known.values())) < goal and time.monotonic() < deadline:
            time.sleep(chance.random() / 100)
        machine.kill()
        stop.set()
        for thread in threads:
            thread.join(60)
        machine.start()
        for path, acknowledged in known.items():
            assert set(acknowledged) <= set(whole(machine, path, acknowledged))
    assert sum(map(len, known.values())) >= 6


def pushing(machine: Machine, path: str, known: dict[str, Files], stop: threading.Event, turn: int) -> None:
    """Push one change after the other until the server is gone, noting what it acknowledged."""
    with (
        httpx.Client(trust_env=False, timeout=60) as client,
        contextlib.suppress(httpx.HTTPError, AssertionError),
    ):
        clone = Clone(machine.person(client), path)
        files: Files = (
            clone.pull() if client.get(_status(machine, path), headers=_auth(machine)).json()["head"] else {}
        )
        number = 0
        while not stop.is_set():
            number += 1
            files = {**files, f"f{number % 5}": b"turn %d, change %d of %s" % (turn, number, path.encode())}
            known[clone.push(files)["id"]] = files


def _status(machine: Machine, path: str) -> str:
    return f"{machine.url}/api/v1{path}/status"


def _auth(machine: Machine) -> dict[str, str]:
    return machine.here.ana.headers


def test_a_cut_in_the_middle_of_a_piece_costs_only_what_was_on_its_way(machine: Machine) -> None:
    machine.start()
    clone = new_project(machine.here, machine.person(), "Cut")
    content = bytes(range(256)) * 40
    body = {"hash": hash_of(content), "size": len(content)}
    upload = clone.person.post(f"{clone.path}/uploads", json=body).json()
    url, at = f"{clone.path}/uploads/{upload['id']}", 0
    # A busy server may not have read what came when the line is cut; then it is asked to again, with more time.
    for patience in (0.3, 1.5, 8, 40):
        head = [
            f"PATCH /api/v1{url} HTTP/1.1", "host: localhost", f"content-length: {len(content)}",
            "content-type: application/offset+octet-stream", "upload-offset: 0",
            f"authorization: {machine.here.ana.headers['Authorization']}",
        ]  # fmt: skip
        with socket.create_connection(("127.0.0.1", machine.port)) as line:
            line.sendall("\r\n".join(head).encode() + b"\r\n\r\n" + content[:437])
            time.sleep(patience)
        deadline = time.monotonic() + patience
        while not at and time.monotonic() < deadline:
            at = clone.person.get(url).json()["offset"]
            time.sleep(0.02)
        if at:
            break
    assert 0 < at <= 437
    headers = {"content-type": "application/offset+octet-stream", "upload-offset": str(at)}
    assert clone.person.patch(url, content=content[at:], headers=headers).json()["done"] is True
    assert clone.commit({"cut": content}).status_code == 201
    assert machine.person().get(f"{clone.path}/objects/{hash_of(content)}").content == content
