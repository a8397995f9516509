"""A backup made while the server works, put back into either kind of database: every revision comes back."""

from __future__ import annotations

import io
import tarfile
import threading
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from cloud.access.rights import Right
from cloud.audit.verify import verify
from cloud.store.backup import back_up, look, restore
from cloud.store.database import Database
from cloud.store.keys import LocalMaster
from cloud.store.tables_projects import revisions
from studio.base.errors import BadInput
from tests.cloud.conftest import KINDS, Organization, Person, Running, serving
from tests.cloud.pushes import SOME, Clone, new_project

MASTER = LocalMaster(bytes(range(32)))
WRITER = {"ana": {"test": {Right.READ, Right.WRITE}}, "admin": "admin"}


def back(server: Running, file: Path) -> Any:
    return back_up(server.database, server.server.parts["blobs"], file)


def put_back(file: Path, url: str, folder: Path) -> None:
    from cloud.store.blobs import blobs_at

    database = Database(url, durable=False)
    try:
        restore(look(file, MASTER), database, blobs_at("blobs", folder))
    finally:
        database.close()


def again(person: Person, running: Running) -> Person:
    """The same person, at another server."""
    return Person(person.id, person.email, running.client, person.headers)


def states(running: Running, here: Organization, person: Person, project: str) -> list[dict[str, bytes]]:
    """What each revision holds, oldest first."""
    found = []
    for row in revision_rows(running, here, project):
        path = f"{here.path}/projects/{project}"
        manifest = again(person, running).get(f"{path}/revisions/{row.id}/manifest")
        assert manifest.status_code == 200, manifest.text
        clone = Clone(again(person, running), path)
        hashes = sorted({entry["hash"] for entry in manifest.json()})
        from tests.cloud.pushes import unpacked

        data = unpacked(clone.post("pack", json={"hashes": hashes}).content)
        assert None not in data.values()
        found.append({entry["path"]: data[entry["hash"]] or b"" for entry in manifest.json()})
    return found


def revision_rows(running: Running, here: Organization, project: str) -> list[Any]:
    with running.database.tenant(here.id) as tenant:
        query = select(revisions).where(revisions.c.project_id == project).order_by(revisions.c.number)
        return list(tenant.rows(query))


@pytest.mark.parametrize("onto", KINDS)
def test_every_revision_comes_back(server: Running, database_urls: Any, tmp_path: Path, onto: str) -> None:
    here, there = server.organization(people=WRITER), server.organization(people=WRITER)
    clone = new_project(here, here.ana)
    pushed = [SOME, SOME | {"new.yaml": b"new"}, {"only.yaml": b"left"}]
    for files in pushed:
        clone.push(files)
    project = clone.path.rpartition("/")[2]
    file = tmp_path / "weft.backup"
    count = back(server, file)
    assert count.rows > 20
    url, owner = database_urls(onto)
    folder = tmp_path / "restored"
    folder.mkdir()
    put_back(file, url, folder)
    with serving(onto, url, owner, folder) as running:
        assert states(running, here, here.ana, project) == pushed
        assert again(there.ana, running).get(f"{here.path}/projects/{project}").status_code == 404
        with running.database.tenant(here.id) as tenant:
            assert verify(tenant, running.envelope) is None
        more = Clone(again(here.ana, running), clone.path)
        more.pull()
        more.push({"after.yaml": b"restored"})


def test_a_backup_shows_nothing_that_is_sealed(server: Running, tmp_path: Path) -> None:
    here = server.organization(people=WRITER)
    new_project(here, here.ana).push({"a.yaml": b"canary-content"}, "canary-message")
    file = tmp_path / "weft.backup"
    back(server, file)
    data = file.read_bytes()
    for canary in (b"canary-content", b"canary-message", b"a.yaml", bytes(range(32))):
        assert canary not in data


def test_a_backup_made_while_others_push_is_of_one_moment(
    server: Running, database_urls: Any, tmp_path: Path
) -> None:
    here = server.organization(people=WRITER)
    clone = new_project(here, here.ana)
    project = clone.path.rpartition("/")[2]
    acknowledged: list[dict[str, bytes]] = []
    stop = threading.Event()

    def push() -> None:
        while not stop.is_set():
            files = SOME | {"count.yaml": str(len(acknowledged)).encode()}
            clone.push(files)
            acknowledged.append(files)

    thread = threading.Thread(target=push)
    thread.start()
    try:
        while len(acknowledged) < 2:
            assert thread.is_alive()
        before = len(acknowledged)
        back(server, tmp_path / "weft.backup")
        after = len(acknowledged) + 1
    finally:
        stop.set()
        thread.join()
    url, owner = database_urls(server.kind)
    folder = tmp_path / "restored"
    folder.mkdir()
    put_back(tmp_path / "weft.backup", url, folder)
    with serving(server.kind, url, owner, folder) as running:
        found = states(running, here, here.ana, project)
    assert before <= len(found) <= after
    assert found == acknowledged[: len(found)]


@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
def test_a_damaged_backup_is_refused_whole(server: Running, database_urls: Any, tmp_path: Path) -> None:
    here = server.organization(people=WRITER)
    new_project(here, here.ana).push(SOME)
    file = tmp_path / "weft.backup"
    back(server, file)
    whole = file.read_bytes()
    url, _owner = database_urls("sqlite")
    with tarfile.open(fileobj=io.BytesIO(whole)) as tar:
        places = {entry.name: entry.offset_data for entry in tar if entry.size}
    damaged = tmp_path / "damaged.backup"
    for name, place in places.items():
        changed = bytearray(whole)
        changed[place] ^= 1
        damaged.write_bytes(bytes(changed))
        with pytest.raises(BadInput, match=r"damaged|not a whole backup") as told:
            put_back(damaged, url, tmp_path)
        assert name in str(told.value) or name == "checksums.json"
    for length in (0, 100, len(whole) // 2):
        damaged.write_bytes(whole[:length])
        with pytest.raises(BadInput, match=r"damaged|not a whole backup"):
            put_back(damaged, url, tmp_path)
    put_back(file, url, tmp_path / "restored")
    with pytest.raises(BadInput, match="not empty"):
        put_back(file, url, tmp_path / "twice")
    with pytest.raises(BadInput, match="there already"):
        back(server, file)
