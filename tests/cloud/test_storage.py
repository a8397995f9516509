"""Room for what an organization keeps: counted, limited, checked and collected, over HTTP and by `weft-cloud storage`."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest

from cloud.access.rights import Right
from cloud.command.opening import opened
from cloud.projects.parts import set_up
from cloud.projects.storage import Store
from cloud.store.blobs import BlobsUnreachable
from cloud.store.metadata import new_id
from cloud.store.rotation import rotate
from cloud.store.tables import organizations, policies
from studio.protocol.manifests import hash_of
from studio.protocol.packs import packed
from tests.cloud.conftest import Running
from tests.cloud.pushes import BOTH_WHEN_FULL, SOME, Clone, new_project
from tests.cloud.test_commands import done, refused, weft_cloud


def test_an_organization_has_so_much_room_and_is_told(server: Running) -> None:
    here = server.organization(people={"admin": "admin", "ana": {"test": {Right.READ, Right.WRITE}}})
    ana = new_project(here, here.ana)
    ana.push(SOME)
    usage = here.admin.get(f"{here.path}/storage").json()
    assert (usage["objects"], sum(usage["by_project"].values())) == (len(SOME), usage["bytes"])
    assert here.ana.get(f"{here.path}/storage").status_code == 403
    with server.database.tenant(here.id, write=True) as tenant:
        content = {"bytes": usage["bytes"] + 500}
        tenant.insert(policies, subject="storage", content=content, changed_at=tenant.now())
    assert ana.upload(bytes(range(256))).status_code == 200
    refusal = ana.upload(bytes(range(255, -1, -1)) * 2)
    assert (refusal.status_code, refusal.json()["code"]) == (413, "storage_full")
    assert str(content["bytes"]) in refusal.json()["title"]
    url = ana.person.post(f"{ana.path}/uploads", json={"hash": hash_of(b"x" * 999), "size": 999}).json()["id"]
    late = ana.person.patch(
        f"{ana.path}/uploads/{url}",
        content=b"x" * 999,
        headers={"content-type": "application/offset+octet-stream", "upload-offset": "0"},
    )
    assert late.json()["code"] == "storage_full"
    assert Clone(here.ana, ana.path).pull() == SOME


def test_the_verbs_of_storage(tmp_path: Path) -> None:
    folder = tmp_path / "server"
    done("init", "--folder", folder, "--email", "root@example.com")
    assert "as it was written" in done("storage", "check", "--folder", folder)
    with opened(folder) as server:
        set_up(server)
        with server.database.common() as common:
            org = common.rows(organizations.select())[0].id
        store = Store(server, org)
        owner = new_id()
        writer = store.writer(owner)
        for content in (b"kept", b"not kept"):
            writer.add(store.names.key(owner, hash_of(content)), packed(content))
        writer.finish()
        with server.database.tenant(org, write=True) as tenant:
            store.add_blob(tenant, writer)
            store.add_objects(tenant, owner, writer.segments)
            assert store.keep(tenant, owner, {hash_of(b"kept"): 4}) == []
    assert f"main\t{writer.size}\t" in done("storage", "list", "--folder", folder)
    done("storage", "allow", "main", "12345", "--folder", folder)
    assert f"main\t{writer.size}\t12345" in done("storage", "list", "--folder", folder)
    refused("storage", "allow", "nobody", "1", "--folder", folder, match="no organization nobody")
    assert "main: 0 blobs" in done("storage", "collect", "--folder", folder)
    [blob] = [path for path in (folder / "blobs").rglob("*") if path.is_file()]
    blob.write_bytes(b"\0" + blob.read_bytes()[1:])
    found = weft_cloud("storage", "check", "--folder", folder)
    assert (found.exit_code, writer.id in found.output) == (1, True)


@BOTH_WHEN_FULL
def test_keys_rotated_while_an_upload_is_on_its_way(server: Running) -> None:
    here = server.organization(people={"ana": {"test": {Right.READ, Right.WRITE}}})
    ana = new_project(here, here.ana)
    ana.push(SOME)
    project = ana.path.rpartition("/")[2]
    store = Store(server.server, here.id)
    writer = store.writer(project)
    writer.add(store.names.key(project, hash_of(b"long on its way")), packed(b"long on its way"))
    assert rotate(server.database, server.envelope, here.id, grace=0) == 2
    writer.finish()
    with server.database.tenant(here.id, write=True) as tenant:
        store.add_blob(tenant, writer)
        store.add_objects(tenant, project, writer.segments)
    assert rotate(server.database, server.envelope, here.id, grace=0) == 3
    late = {**SOME, "late": b"long on its way"}
    assert ana.missing(late).json() == {"pack": [], "uploads": []}
    ana.push(late)
    assert Clone(here.ana, ana.path).pull() == late


@BOTH_WHEN_FULL
def test_a_disk_that_is_full_and_a_bucket_that_is_gone_change_nothing(
    server: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = server.organization(people={"ana": {"test": {Right.READ, Right.WRITE}}})
    ana = new_project(here, here.ana)

    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        refusal = ana.upload(b"content")
    assert (refusal.status_code, refusal.json()["code"]) == (507, "storage_cannot_write")
    kept = server.server.parts["blobs"]
    server.server.parts["blobs"] = Unreachable()
    gone = ana.upload(b"content")
    assert (gone.status_code, gone.json()["code"]) == (503, "storage_unreachable")
    server.server.parts["blobs"] = kept
    assert not [path for path in (server.folder / "blobs").rglob("*") if path.is_file()]
    ana.push({"a": b"content"})
    assert Clone(here.ana, ana.path).pull() == {"a": b"content"}


class Unreachable:
    """A place for blobs that is gone."""

    @contextlib.contextmanager
    def writing(self, name: str) -> Iterator[IO[bytes]]:
        raise BlobsUnreachable(name)
        yield
