"""Sync of a project of 5,000 files and 200 MB beside git over smart HTTP, both through one relay that counts bytes.

Ours is the real server in a process of its own (SQLite that syncs every commit) and the client's own functions; git's is
`git http-backend`. git's push has its `add` and `commit` told beside it: that is where it reads and packs, which is part
of our push. A checkout of git does not sync its files; ours does.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from cloud.access.rights import Right
from cloud.app import create_app
from cloud.store.database import Database
from cloud.store.envelope import Envelope
from cloud.store.schema import make_tables
from studio.network.client import NetworkSettings, open_client
from studio.protocol.projects import NewProject
from studio.repository.accounts import Account
from studio.repository.client import Repository, new_key
from studio.repository.link import Link, keep_link
from studio.repository.pull import copy
from studio.repository.push import push
from studio.repository.status import local_status
from tests.bench.cloud_server import MASTER, config_of
from tests.bench.sync_project import change_a_rule, make
from tests.cloud.conftest import MovableClock, Organization, Running

_ROOT = Path(__file__).resolve().parent.parent.parent
Row = dict[str, object]


class Wire:
    """The relay: what has passed through it since it was asked last."""

    def __init__(self, target: int) -> None:
        self.port = _free()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.sync_wire", str(self.port), str(target)],
            cwd=_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        self._line()

    def passed(self) -> dict[str, int]:
        """Bytes up and down, requests, connections."""
        assert self._process.stdin is not None
        self._process.stdin.write("?\n")
        self._process.stdin.flush()
        told: dict[str, int] = json.loads(self._line())
        return told

    def close(self) -> None:
        """End it."""
        self._process.communicate()

    def _line(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline()


def run() -> Iterator[Row]:
    """Seconds, bytes and requests; a ratio is git's figure divided by ours: above 1 we are cheaper."""
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        files, size = make(place / "ours")
        shutil.copytree(place / "ours", place / "gits")
        yield _row("the project", "files", files, "")
        yield _row("the project", "size", size / 1e6, "MB")
        with contextlib.ExitStack() as stack:
            gits = _git(place, stack)
            ours = _ours(place, stack)
        for case, mine in ours.items():
            theirs = gits.get(case, {})
            for metric, value in mine.items():
                peer = theirs.get(metric)
                unit = {"up": "kB", "down": "kB", "requests": ""}.get(metric, "s")
                yield _row(case, metric, value, unit, peer / value if peer is not None and value else None)
                if peer is not None:
                    yield _row(f"{case}, git", metric, peer, unit)
        for case in ("add and commit", "commit of one rule"):
            for metric in ("wall", "CPU of the client"):
                yield _row(f"{case}, git", metric, gits[case][metric], "s")


def _row(case: str, metric: str, value: float, unit: str, ratio: float | None = None) -> Row:
    return {
        "bench": "sync",
        "case": case,
        "metric": metric,
        "value": value,
        "unit": unit,
        "peer": "git",
        "ratio": ratio,
    }


def _measured(work: Callable[[], object], wire: Wire | None = None) -> dict[str, float]:
    if wire is not None:
        wire.passed()
    began, used = time.perf_counter(), _used()
    work()
    told: dict[str, float] = {"wall": time.perf_counter() - began, "CPU of the client": _used() - used}
    if wire is not None:
        passed = wire.passed()
        told |= {"up": passed["up"] / 1000, "down": passed["down"] / 1000, "requests": passed["requests"]}
    return told


def _used() -> float:
    """Seconds of processor this process and the children it has waited for have taken."""
    told = os.times()
    return told.user + told.system + told.children_user + told.children_system


def _median(work: Callable[[], object], times: int = 5) -> dict[str, float]:
    return sorted((_measured(work) for _each in range(times)), key=lambda told: told["wall"])[times // 2]


def _git(place: Path, stack: contextlib.ExitStack) -> dict[str, dict[str, float]]:
    """The same with git."""
    port = _free()
    (place / "git").mkdir()
    _started(stack, "tests.bench.sync_git", place / "git", port)
    wire = Wire(port)
    stack.callback(wire.close)
    here = place / "gits"

    def git(*words: str, at: Path = here) -> None:
        said = {
            "GIT_CONFIG_NOSYSTEM": "1",
            "HOME": str(place),
            "GIT_AUTHOR_NAME": "b",
            "GIT_COMMITTER_NAME": "b",
        }
        said |= {"EMAIL": "b@example.com", "NO_PROXY": "127.0.0.1"}
        subprocess.run(["git", *words], cwd=at, env=os.environ | said, check=True, capture_output=True)

    git("init", "--bare", "-q", str(place / "git/p.git"), at=place)
    git("config", "http.receivepack", "true", at=place / "git/p.git")
    git("init", "-q", "-b", "main")
    git("remote", "add", "origin", f"http://127.0.0.1:{wire.port}/p.git")

    def commit() -> None:
        git("add", "-A")
        git("commit", "-q", "-m", "all")

    told = {"add and commit": _measured(commit)}
    told["first push"] = _measured(lambda: git("push", "-q", "-u", "origin", "main"), wire)
    change_a_rule(here, 1)
    told["commit of one rule"] = _measured(commit)
    told["push of one rule"] = _measured(lambda: git("push", "-q"), wire)
    url = f"http://127.0.0.1:{wire.port}/p.git"
    told["first pull"] = _measured(lambda: git("clone", "-q", url, "c", at=place), wire)
    told["pull of nothing new"] = _measured(lambda: git("pull", "-q"), wire)
    time.sleep(2.5)
    git("status")
    told["status, nothing read anew"] = _median(lambda: git("status", "--short"))
    return told


def _ours(place: Path, stack: contextlib.ExitStack) -> dict[str, dict[str, float]]:
    folder, here, port = place / "server", place / "ours", _free()
    folder.mkdir()
    organization = _organization(folder)
    _started(stack, "tests.bench.cloud_server", folder, port, f"sqlite:///{folder / 'weft.db'}")
    wire = Wire(port)
    stack.callback(wire.close)
    person = organization.people["ana"]
    account = Account(
        f"http://127.0.0.1:{wire.port}", person.id, person.email, "Ana", organization.id, organization.slug
    )

    def asked(work: Callable[[Repository], Any]) -> Any:
        async def do() -> Any:
            async with Repository(account, f"test:{person.id}", open_client(NetworkSettings())) as repository:
                return await work(repository)

        return asyncio.run(do())

    new = NewProject("Large", organization.environments["test"])
    project = asked(lambda repository: repository.create_project(new, new_key())).id
    keep_link(here, Link(account.server, organization.id, project))
    told = {"first push": _measured(lambda: asked(lambda repository: push(here, repository, "all")), wire)}
    time.sleep(2.5)  # what was changed just now is read again: younger than that the disk's clock cannot tell
    local_status(here)
    change_a_rule(here, 1)
    told["push of one rule"] = _measured(
        lambda: asked(lambda repository: push(here, repository, "one")), wire
    )
    told["first pull"] = _measured(
        lambda: asked(lambda repository: copy(repository, project, place / "copied")), wire
    )
    time.sleep(2.5)
    local_status(here)
    told["status, nothing read anew"] = _median(lambda: local_status(here))
    told["push of nothing new"] = _measured(
        lambda: asked(lambda repository: push(here, repository, "")), wire
    )
    return told


def _organization(folder: Path) -> Organization:
    database = Database(f"sqlite:///{folder / 'weft.db'}")
    make_tables(database.engine)
    with database.common(write=True) as common:
        Envelope(database, MASTER).make_keys(common)
    app = create_app(config_of(folder, 1, str(database.engine.url)), database=database, master=MASTER)
    nobody: Any = None
    running = Running("sqlite", app, nobody, database, MovableClock(), MASTER, folder, "")
    made = running.organization(people={"ana": {"test": set(Right)}})
    database.close()
    return made


def _started(stack: contextlib.ExitStack, module: str, folder: Path, port: int, *more: str) -> None:
    """A server in a process of its own, ended with the stack."""
    process = subprocess.Popen(
        [sys.executable, "-m", module, str(folder), str(port), *more], cwd=_ROOT, stderr=subprocess.DEVNULL
    )
    stack.callback(lambda: (process.terminate(), process.wait(40)))
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.1)
    raise RuntimeError(f"{module} did not start")


def _free() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port
