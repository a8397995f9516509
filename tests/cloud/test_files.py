"""Files of an environment: a version never becomes another, and only what was uploaded whole gets a name."""

from __future__ import annotations

import random
from dataclasses import replace

import httpx
import pytest

from cloud.access.rights import Right
from cloud.projects.collecting import collect
from studio.protocol import limits
from studio.protocol.manifests import hash_of
from tests.cloud.conftest import Organization, Person, Running
from tests.cloud.pushes import BOTH_WHEN_FULL, Clone
from tests.cloud.test_uploads import begin, send

DRIVER = random.Random(8).randbytes(70_000)


@pytest.fixture
def here(server: Running) -> Organization:
    return server.organization(
        people={
            "ana": {"test": {Right.READ, Right.WRITE}},
            "eve": {"test": {Right.READ}, "production": {Right.READ}},
        }
    )


@pytest.fixture
def path(here: Organization) -> str:
    return f"{here.path}/environments/test"


def bring(here: Organization, path: str, data: bytes) -> None:
    clone = replace(Clone(here.ana, path))
    url = begin(clone, data)
    half = len(data) // 2
    assert send(clone, url, 0, data[:half])[0] == 200
    assert send(clone, url, half, data[half:])[2]["done"] is True


def name(
    who: Person, path: str, data: bytes, version: str = "42.7.3", kind: str = "driver"
) -> httpx.Response:
    body = {"hash": hash_of(data), "size": len(data)}
    return who.put(f"{path}/files/{kind}/postgresql.jar/{version}", json=body)


@BOTH_WHEN_FULL
def test_a_file_is_uploaded_named_and_read_by_others(here: Organization, path: str) -> None:
    refused = name(here.ana, path, DRIVER)
    assert (refused.status_code, refused.json()["uploads"]) == (409, [hash_of(DRIVER)])
    bring(here, path, DRIVER)
    made = name(here.ana, path, DRIVER)
    assert (made.status_code, made.json()["hash"], made.json()["size"]) == (200, hash_of(DRIVER), len(DRIVER))
    url = f"{path}/files/driver/postgresql.jar/42.7.3"
    got = here.eve.get(url)
    assert (got.content, got.headers["etag"]) == (DRIVER, f'"{hash_of(DRIVER)}"')
    assert got.headers["content-disposition"] == 'attachment; filename="postgresql.jar-42.7.3"'
    assert here.eve.get(url, headers={"range": "bytes=60000-"}).content == DRIVER[60_000:]
    assert here.eve.get(url.replace("/test/", "/production/")).status_code == 404
    assert name(here.eve, path, DRIVER, "43").status_code == 403
    assert here.eve.delete(url).status_code == 403


def test_a_version_never_becomes_another(here: Organization, path: str) -> None:
    bring(here, path, DRIVER)
    bring(here, path, b"another")
    assert name(here.ana, path, DRIVER).status_code == 200
    assert name(here.ana, path, DRIVER).status_code == 200
    refused = name(here.ana, path, b"another")
    assert (refused.status_code, refused.json()["code"]) == (409, "version_exists")
    assert name(here.ana, path, b"another", "42.7.4").status_code == 200
    kinds = here.eve.get(f"{path}/files?kind=driver&limit=1").json()
    assert ([item["version"] for item in kinds["items"]], kinds["after"]) == (
        ["42.7.3"], "driver/postgresql.jar/42.7.3",
    )  # fmt: skip
    rest = here.eve.get(f"{path}/files?after={kinds['after']}").json()
    assert [item["version"] for item in rest["items"]] == ["42.7.4"]
    assert here.eve.get(f"{path}/files?kind=schema").json()["items"] == []


@BOTH_WHEN_FULL
def test_a_removed_file_goes_with_a_later_collection(here: Organization, path: str, server: Running) -> None:
    bring(here, path, DRIVER)
    name(here.ana, path, DRIVER, "1")
    name(here.ana, path, DRIVER, "2")
    url = f"{path}/files/driver/postgresql.jar"
    assert here.ana.delete(f"{url}/1").status_code == 204
    assert here.ana.delete(f"{url}/1").status_code == 404
    server.clock.move(days=3)
    collect(server.server, here.id)
    assert here.eve.get(f"{url}/2").content == DRIVER
    here.ana.delete(f"{url}/2")
    assert collect(server.server, here.id).blobs == 0
    server.clock.move(days=3)
    assert collect(server.server, here.id).blobs == 2
    assert name(here.ana, path, DRIVER, "3").json()["code"] == "objects_missing"


@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
def test_names_and_sizes_have_limits(here: Organization, path: str) -> None:
    body = {"hash": "0" * 64, "size": 1}
    for bad in ("%2e%2e/1", "a%2fb/1", "a%00/1", ".hidden/1", "x" * 129 + "/1", "a/%20"):
        assert here.ana.put(f"{path}/files/schema/{bad}", json=body).status_code in (404, 422)
    assert here.ana.put(f"{path}/files/virus/a/1", json=body).status_code == 422
    for kind, most in limits.FILE_BYTES.items():
        over = {"hash": "0" * 64, "size": most + 1}
        assert here.ana.put(f"{path}/files/{kind}/a/1", json=over).json()["code"] == "file_too_large"
        allowed = {"hash": "0" * 64, "size": most}
        assert here.ana.put(f"{path}/files/{kind}/a/1", json=allowed).json()["code"] == "objects_missing"
