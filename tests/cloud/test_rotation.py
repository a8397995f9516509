"""New keys while the server works, and keys that are destroyed."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select

from cloud.store import envelope as envelope_module
from cloud.store.database import Database
from cloud.store.envelope import Envelope, KeyGone, version_of
from cloud.store.keys import LocalMaster, MasterKeyError
from cloud.store.metadata import SERVER
from cloud.store.rotation import reseal, rewrap, rewrite_keys, rotate, sealed_columns, shred
from cloud.store.tables import data_keys
from cloud.store.tables_audit import audit_details
from tests.cloud.conftest import Organization, Running


def sealed(server: Running, here: Organization) -> list[int]:
    with server.database.tenant(here.id) as tenant:
        rows = tenant.rows(select(audit_details.c.content).order_by(audit_details.c.number))
    return [version_of(bytes(row.content)) for row in rows]


def names(here: Organization) -> list[str]:
    return [entry["after"]["name"] for entry in here.admin.get(f"{here.path}/audit").json()["items"]]


def add_role(here: Organization, name: str) -> None:
    assert here.admin.post(f"{here.path}/roles", json={"name": name}).status_code == 201


def test_everything_is_sealed_anew_and_the_old_key_destroyed(server: Running) -> None:
    here, there = server.organization(), server.organization()
    for organization in (here, there):
        add_role(organization, "one")
    stable = server.envelope.stable_key(here.id, "objects")
    old = server.envelope.seal(here.id, "t.c", "1", b"not in a table")
    assert rotate(server.database, server.envelope, here.id, grace=0) == 2
    assert sealed(server, here) == [2]
    assert sealed(server, there) == [1]
    add_role(here, "two")
    assert sealed(server, here) == [2, 2]
    assert names(here) == ["two", "one"]
    assert server.envelope.stable_key(here.id, "objects") == stable
    with pytest.raises(KeyGone):
        server.envelope.open(here.id, "t.c", "1", old)
    with server.database.tenant(here.id) as tenant:
        rows = tenant.rows(select(data_keys).order_by(data_keys.c.version))
    assert [(row.version, row.wrapped is None) for row in rows] == [(0, False), (1, True), (2, False)]
    assert rotate(server.database, server.envelope, SERVER, grace=0) == 2


def test_rotation_while_others_write(server: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another process with its own memory of keys goes on sealing with the old one for a while: nothing is lost."""
    # However long this test takes, the other process has not looked at the keys again.
    monkeypatch.setattr("cloud.store.envelope.FRESH_SECONDS", 1e9)
    here = server.organization()
    add_role(here, "before")
    late = Envelope(server.database, server.master)
    late.seal(here.id, "t.c", "1", b"")  # it knows version 1 now
    done: list[str] = []
    stop = threading.Event()

    def write() -> None:
        while not stop.is_set():
            name = f"role {len(done)}"
            if here.admin.post(f"{here.path}/roles", json={"name": name}).status_code == 201:
                done.append(name)

    def meanwhile(_seconds: float) -> None:
        with server.database.tenant(here.id, write=True) as tenant:
            content = late.seal(
                here.id, "audit_details.content", "1000000", b"x" * 16 + b'{"after": {"name": "late"}}'
            )
            assert version_of(content) == 1
            tenant.insert(audit_details, number=1_000_000, content=content)

    thread = threading.Thread(target=write)
    thread.start()
    try:
        while len(done) < 3:
            assert thread.is_alive()
        rotate(server.database, server.envelope, here.id, pause=meanwhile)
    finally:
        stop.set()
        thread.join()
    assert set(sealed(server, here)) == {2}
    assert len(sealed(server, here)) == len(done) + 2
    with server.database.tenant(here.id) as tenant:
        kept = tenant.value(select(audit_details.c.content).where(audit_details.c.number == 1_000_000))
    assert b"late" in server.envelope.open(here.id, "audit_details.content", "1000000", bytes(kept))


def test_a_key_rotated_elsewhere_is_noticed(server: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    here = server.organization()
    other = Envelope(server.database, server.master)
    assert version_of(other.seal(here.id, "t.c", "1", b"x")) == 1
    rotate(server.database, server.envelope, here.id, grace=0)
    # What another one has sealed with the new key opens at once.
    new = server.envelope.seal(here.id, "t.c", "1", b"new")
    assert other.open(here.id, "t.c", "1", new) == b"new"
    stale = Envelope(server.database, server.master)
    monkeypatch.setattr(envelope_module, "FRESH_SECONDS", -1.0)
    assert version_of(stale.seal(here.id, "t.c", "1", b"x")) == 2


def test_a_value_changed_meanwhile_is_not_overwritten(
    server: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = server.organization()
    add_role(here, "one")
    with server.database.tenant(here.id, write=True) as tenant:
        server.envelope.add_key(tenant, 2)
    server.envelope.forget(here.id)
    opens: Callable[..., bytes] = server.envelope.open

    def open_and_change(*where: str) -> bytes:
        found = opens(*where)
        changed = server.envelope.seal(
            here.id, "audit_details.content", "1", b"y" * 16 + b'{"after": {"name": "new"}}'
        )
        with server.database.tenant(here.id, write=True) as tenant:
            tenant.update(audit_details, audit_details.c.number == 1, content=changed)
        return found

    monkeypatch.setattr(server.envelope, "open", open_and_change)
    assert reseal(server.database, server.envelope, here.id, 2) == 0
    monkeypatch.undo()
    assert names(here) == ["new"]


def test_a_new_master_key_while_the_server_works(server: Running) -> None:
    here = server.organization()
    add_role(here, "one")
    new = LocalMaster(os.urandom(32))
    between = Envelope(server.database, new, server.master)
    assert rewrap(server.database, between) == 4
    assert rewrap(server.database, between) == 0
    alone = Envelope(server.database, new)
    assert alone.stable_key(here.id, "x") == server.envelope.stable_key(here.id, "x")
    with pytest.raises(MasterKeyError):
        Envelope(server.database, server.master).seal(here.id, "t.c", "1", b"x")


def test_a_shredded_organization_is_gone(server: Running) -> None:
    here, there = server.organization(), server.organization()
    add_role(here, "one")
    kept = server.envelope.seal(here.id, "t.c", "1", b"x")
    with server.database.tenant(here.id) as tenant:
        wrapped = [bytes(row.wrapped) for row in tenant.rows(select(data_keys))]
    shred(server.database, server.envelope, here.id)
    for use in (server.envelope, Envelope(server.database, server.master)):
        with pytest.raises(KeyGone):
            use.open(here.id, "t.c", "1", kept)
        with pytest.raises(KeyGone):
            use.seal(here.id, "t.c", "1", b"x")
    assert here.admin.get(here.path).status_code == 404
    assert here.admin.get("/organizations").json()["items"] == []
    assert there.admin.get(there.path).status_code == 200
    if server.kind == "sqlite":
        disk = b"".join(file.read_bytes() for file in server.folder.glob("*.db*"))
        assert not [key for key in wrapped if key in disk]
    else:
        with contextlib.closing(Database(server.owner_url, pool=1)) as owner:
            assert [key for key in wrapped if key in files_of(owner)], "there is nothing to get rid of"
            rewrite_keys(owner)
            assert not [key for key in wrapped if key in files_of(owner)]


def files_of(owner: Database) -> bytes:
    """What stands in the files of a PostgreSQL database, as somebody with the disk would find it."""
    with owner.engine.connect() as connection:
        connection.exec_driver_sql("CHECKPOINT")
        where = "SELECT current_setting('data_directory'), pg_relation_filepath('data_keys')"
        data, file = connection.exec_driver_sql(where).one()
    return b"".join(each.read_bytes() for each in (Path(data) / file).parent.iterdir() if each.is_file())


def test_every_sealed_column_is_named_with_its_table() -> None:
    found = {f"{table.name}.{column.name}" for table, column in sealed_columns(SERVER)}
    assert "audit_details.content" in found
    tenants = {f"{table.name}.{column.name}" for table, column in sealed_columns("some")}
    assert tenants <= found
    # A process that has imported nothing else finds them all: a column left out would lose its key.
    alone = (
        "from cloud.store.rotation import sealed_columns; "
        "print(*(f'{table.name}.{column.name}' for table, column in sealed_columns('server')))"
    )
    done = subprocess.run([sys.executable, "-c", alone], capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) == found
    assert {"projects.description", "revisions.manifest", "blobs.key"} <= found
