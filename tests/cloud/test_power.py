"""A cut of power at any moment, with any part of what was not synced lost: what was acknowledged is there, whole."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from cloud.access.rights import Right
from cloud.projects.segments import DamagedObject
from cloud.projects.storage import Store
from cloud.projects.texts import from_bytes
from cloud.server import Server
from cloud.store.blobs import DamagedBlob, FolderBlobs, Piece
from cloud.store.database import Database
from cloud.store.envelope import Envelope
from cloud.store.tables_projects import revisions, upload_pieces
from tests.cloud.conftest import Organization, Running
from tests.cloud.pushes import new_project
from tests.cloud.test_uploads import begin, send
from tests.project.power import Disk, Recorder

pytestmark = [
    pytest.mark.skipif(os.name == "nt", reason="folders cannot be synced there"),
    pytest.mark.parametrize("server", ["sqlite"], indirect=True),
]
Log = list[tuple[Any, ...]]


@pytest.fixture
def here(server: Running) -> Organization:
    return server.organization(people={"ana": {"test": {Right.READ, Right.WRITE}}})


def snapshot(server: Running) -> bytes:
    """The database as it is now: SQLite has synced it when a transaction ends (see test_database_syncs)."""
    with contextlib.closing(sqlite3.connect(server.folder / Path(server.owner_url).name)) as database:
        return database.serialize()


@contextlib.contextmanager
def commits_noted(server: Running, log: Log) -> Iterator[None]:
    """Put the database into the log after every transaction that wrote."""
    database, real = server.database, server.database.tenant

    @contextlib.contextmanager
    def tenant(org: str, *, user: str | None = None, write: bool = False) -> Iterator[Any]:
        with real(org, user=user, write=write) as opened:
            yield opened
        if write:
            log.append(("database", snapshot(server)))

    database.tenant = tenant  # type: ignore[method-assign]
    try:
        yield
    finally:
        del database.tenant  # type: ignore[method-assign]


@pytest.fixture
def log(here: Organization, server: Running) -> Log:
    """What two pushes and an upload in pieces do to the disk, with each answer noted where it was given."""
    clone = new_project(here, here.ana)
    recorder = Recorder(server.folder)

    def push(files: dict[str, bytes]) -> None:
        made = clone.push(files)
        recorder.log.append(("answer", made["id"]))

    def work() -> None:
        push({"a": b"first" * 30, "b": b"other"})
        push({"a": b"second" * 30, "b": b"other"})
        large = b"in pieces" * 40
        url = begin(clone, large)
        assert send(clone, url, 0, large[:100])[0] == 200
        assert send(clone, url, 100, large[100:])[2]["done"] is True
        push({"a": b"second" * 30, "large": large})

    with commits_noted(server, recorder.log):
        recorder.log.append(("database", snapshot(server)))
        recorder.run(work)
    return recorder.log


def faults(log: Log, server: Running, org: str, place: Path, *, answers_only: bool = False) -> list[str]:
    """What is wrong when power is cut after each operation of the log, or after each commit and answer."""
    chance, wrong = random.Random(3), []
    for length in range(1, len(log) + 1):
        kind = log[length - 1][0]
        if answers_only and kind not in ("database", "answer"):
            continue
        for share in (0.0,) if kind in ("database", "answer") else (0.0, 0.5):
            disk, database, acknowledged = Disk({}, set()), b"", []
            for entry in log[:length]:
                if entry[0] == "database":
                    database = entry[1]
                elif entry[0] == "answer":
                    acknowledged.append(entry[1])
                else:
                    disk.play(entry)
            files, folders = disk.after_cut(chance, share)
            _lay(place, files, folders, database)
            fault = _look(place, server, org, acknowledged)
            if fault:
                wrong.append(f"after {length} ({kind}): {fault}")
    return wrong


def _lay(place: Path, files: dict[str, bytes], folders: set[str], database: bytes) -> None:
    shutil.rmtree(place, ignore_errors=True)
    for folder in ["", *sorted(folders)]:
        (place / folder).mkdir(exist_ok=True)
    for name, data in files.items():
        if (place / name).parent.is_dir():
            (place / name).write_bytes(data)
    (place / "weft.db").write_bytes(database)


def _look(place: Path, server: Running, org: str, acknowledged: list[str]) -> str:
    """Start on what is there, and read every revision whole."""
    database = Database(f"sqlite:///{place / 'weft.db'}", durable=False)
    try:
        found = Server(server.server.config, database, Envelope(database, server.master))
        found.parts["blobs"] = FolderBlobs(place / "blobs")
        with database.tenant(org) as tenant:
            # Whatever a row names is there: pieces of an upload too, the client was told where to go on.
            for row in tenant.rows(select(upload_pieces)):
                piece = Piece(f"{org}/{row.blob_id}", 0, row.length, bytes(row.digest))
                found.parts["blobs"].read(piece)
            rows = tenant.rows(select(revisions).order_by(revisions.c.number))
            if [row.id for row in rows][: len(acknowledged)] != acknowledged:
                return "an acknowledged revision is lost"
            manifest: dict[str, str] = {}
            for row in rows:
                told = from_bytes(found.envelope.open(org, "revisions.manifest", row.id, bytes(row.manifest)))
                manifest = {} if row.whole_number == row.number else manifest
                manifest = {path: digest for path, digest in manifest.items() if path not in told["remove"]}
                manifest |= {path: digest for path, (digest, _size) in told["put"].items()}
                held = Store(found, org).held(tenant, row.project_id, manifest.values())
                for digest in manifest.values():
                    for segment in held.segments[digest]:
                        held.reader.packed(segment, digest)
    except (DamagedObject, DamagedBlob, KeyError) as error:
        return f"half a revision: {error!r}"
    finally:
        database.close()
    return ""


def test_no_cut_of_power_loses_what_was_acknowledged(
    log: Log, here: Organization, server: Running, tmp_path: Path
) -> None:
    assert sum(entry[0] == "answer" for entry in log) == 3
    assert faults(log, server, here.id, tmp_path / "found") == []


def test_every_removed_sync_is_noticed(log: Log, here: Organization, server: Running, tmp_path: Path) -> None:
    syncs = [index for index, entry in enumerate(log) if str(entry[0]).startswith("sync")]
    assert len(syncs) >= 8
    idle = []
    for index in syncs:
        without = [*log[:index], *log[index + 1 :]]
        if not faults(without, server, here.id, tmp_path / "found", answers_only=True):
            idle.append(log[index][:2])
    assert idle == []


def test_database_syncs(server: Running, tmp_path: Path) -> None:
    shutil.copy(server.folder / Path(server.owner_url).name, tmp_path / "copy.db")
    database = Database(f"sqlite:///{tmp_path / 'copy.db'}")
    with database.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
    database.close()
