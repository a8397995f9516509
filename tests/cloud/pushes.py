"""A client of the tests: keeps a folder's contents as a dictionary and pushes and pulls it as the studio would."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from studio.protocol.manifests import Content, Manifest, applied, difference, hash_of, tree_hash
from studio.protocol.packs import MEDIA_TYPE, Kind, Reader, packed, written
from tests.cloud.conftest import KINDS, Organization, Person
from tests.conftest import FULL

Files = dict[str, bytes]
# What hardly touches the database's own ways is tried on PostgreSQL too in the full run.
BOTH_WHEN_FULL = pytest.mark.parametrize("server", KINDS if FULL else KINDS[:1], indirect=True)
SOME: Files = {
    "project.yaml": b"weft: project/1\nname: Orders\n",
    "environments/test.yaml": b"variables: {host: test}\n",
    "transformations/orders.yaml": b"map: {a: '[b]'}\n" * 50,
    "schemas/orders.xsd": b"<schema/>",
}


def manifest_of(files: Files) -> dict[str, Content]:
    return {path: Content(hash_of(data), len(data)) for path, data in files.items()}


def change_of(before: Manifest, files: Files) -> dict[str, Any]:
    """The body of a push from one manifest to these files."""
    after = manifest_of(files)
    told = difference(before, after)
    put = [
        {"path": path, "hash": content.hash, "size": content.size}
        for path, content in (told.added | told.changed).items()
    ]
    return {"put": put, "remove": list(told.removed), "tree": tree_hash(after)}


def pack_of(contents: list[bytes]) -> bytes:
    return b"".join(written(packed(data) for data in contents))


def unpacked(data: bytes) -> dict[str, bytes | None]:
    """The contents of a pack by hash; None for one the server says is damaged."""
    reader = Reader()
    found = {one.hash: None if one.kind is Kind.DAMAGED else one.plain() for one in reader.feed(data)}
    reader.end()
    return found


@dataclass
class Clone:
    """One person's copy of a project."""

    person: Person
    path: str
    head: str = "none"
    manifest: dict[str, Content] = field(default_factory=dict)
    asked: int = 0

    def post(self, what: str, **more: Any) -> httpx.Response:
        self.asked += 1
        return self.person.post(f"{self.path}/{what}", **more)

    def missing(self, files: Files) -> httpx.Response:
        body = change_of(self.manifest, files)
        return self.post("missing", json=body, headers={"if-match": f'"{self.head}"'})

    def upload(self, *contents: bytes) -> httpx.Response:
        return self.post("objects", content=pack_of(list(contents)), headers={"content-type": MEDIA_TYPE})

    def commit(self, files: Files, message: str = "", key: str = "") -> httpx.Response:
        headers = {"if-match": f'"{self.head}"'} | ({"idempotency-key": key} if key else {})
        body = change_of(self.manifest, files) | {"message": message}
        return self.post("revisions", json=body, headers=headers)

    def push(self, files: Files, message: str = "") -> dict[str, Any]:
        """Three requests at most; the new revision."""
        wanted = self.missing(files)
        assert wanted.status_code == 200, wanted.text
        by_hash = {hash_of(data): data for data in files.values()}
        if wanted.json()["pack"]:
            stored = self.upload(*(by_hash[digest] for digest in wanted.json()["pack"]))
            assert stored.status_code == 200, stored.text
        made = self.commit(files, message)
        assert made.status_code == 201, made.text
        self.head, self.manifest = made.json()["id"], manifest_of(files)
        revision: dict[str, Any] = made.json()
        return revision

    def pull(self, files: Files | None = None) -> Files:
        """What the repository has now, from what is here: two requests at most."""
        self.asked += 1
        have = f"?have={self.head}" if self.head != "none" else ""
        told = self.person.get(f"{self.path}/pull{have}")
        assert told.status_code == 200, told.text
        body = told.json()
        before = self.manifest if body["base"] else {}
        put = {entry["path"]: Content(entry["hash"], entry["size"]) for entry in body["put"]}
        self.manifest = applied(before, put, body["remove"])
        self.head = body["head"]["id"]
        assert tree_hash(self.manifest) == body["head"]["tree"]
        have_now = {hash_of(data): data for data in (files or {}).values()}
        wanted = sorted({content.hash for content in self.manifest.values()} - have_now.keys())
        if wanted:
            answer = self.post("pack", json={"hashes": wanted})
            assert answer.status_code == 200, answer.text
            have_now |= {
                digest: data for digest, data in unpacked(answer.content).items() if data is not None
            }
        return {path: have_now[content.hash] for path, content in self.manifest.items()}


def new_project(
    organization: Organization, person: Person, name: str = "Orders", environment: str = "test"
) -> Clone:
    """A project without a revision."""
    made = person.post(f"{organization.path}/projects", json={"name": name, "environment": environment})
    assert made.status_code == 201, made.text
    return Clone(person, f"{organization.path}/projects/{made.json()['id']}")
