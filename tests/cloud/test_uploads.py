"""Large contents go on where they were cut, at any byte, and become what their hash says or nothing."""

from __future__ import annotations

import base64
import hashlib
import itertools
import random

import pytest

from cloud.access.rights import Right
from studio.protocol import limits
from studio.protocol.manifests import hash_of
from tests.cloud.conftest import Running
from tests.cloud.pushes import BOTH_WHEN_FULL, Clone, new_project

TYPE = "application/offset+octet-stream"
LARGE = random.Random(4).randbytes(300_000)


@pytest.fixture
def ana(server: Running) -> Clone:
    here = server.organization(
        people={"ana": {"test": {Right.READ, Right.WRITE}}, "rui": {"test": {Right.WRITE}}}
    )
    clone = new_project(here, here.ana)
    clone.rui = here.rui  # type: ignore[attr-defined]
    return clone


def begin(ana: Clone, data: bytes, size: int | None = None) -> str:
    body = {"hash": hash_of(data), "size": len(data) if size is None else size}
    made = ana.person.post(f"{ana.path}/uploads", json=body)
    assert made.status_code == 201
    return f"{ana.path}/uploads/{made.json()['id']}"


def send(
    ana: Clone, url: str, offset: int, data: bytes, **headers: str
) -> tuple[int, str, dict[str, object]]:
    told = {"content-type": TYPE, "upload-offset": str(offset)} | headers
    answer = ana.person.patch(url, content=data, headers=told)
    return answer.status_code, answer.headers.get("upload-offset", ""), answer.json()


def checksum(data: bytes) -> str:
    return "sha256 " + base64.b64encode(hashlib.sha256(data).digest()).decode()


def test_pieces_of_any_size_become_the_content(ana: Clone) -> None:
    url = begin(ana, LARGE)
    cuts = [0, 1, 5, 70_000, 70_001, 299_999, 300_000]
    for start, end in itertools.pairwise(cuts):
        piece = LARGE[start:end]
        status, offset, told = send(ana, url, start, piece, **{"upload-checksum": checksum(piece)})
        assert (status, offset, told["done"]) == (200, str(end), end == len(LARGE))
        looked = ana.person.get(url)
        assert (looked.headers["upload-offset"], looked.json()["offset"]) == (str(end), end)
    assert ana.missing({"big": LARGE}).json() == {"pack": [], "uploads": []}
    assert ana.commit({"big": LARGE}).status_code == 201
    object_url = f"{ana.path}/objects/{hash_of(LARGE)}"
    assert ana.person.get(object_url).content == LARGE
    for start in (0, 1, 4, 5, 6, 69_999, 70_000, 299_999):
        assert ana.person.get(object_url, headers={"range": f"bytes={start}-"}).content == LARGE[start:]
    refused = ana.person.post(f"{ana.path}/pack", json={"hashes": [hash_of(LARGE)]})
    assert (refused.status_code, refused.json()["code"]) == (413, "object_too_large")


@BOTH_WHEN_FULL
def test_a_piece_from_another_byte_or_changed_on_its_way_is_refused(ana: Clone) -> None:
    url = begin(ana, LARGE)
    assert send(ana, url, 0, LARGE[:1000])[0] == 200
    for wrong in (0, 999, 1001):
        status, offset, told = send(ana, url, wrong, LARGE[wrong : wrong + 10])
        assert (status, offset, told["code"]) == (409, "1000", "offset_differs")
    status, _offset, told = send(ana, url, 1000, b"changed", **{"upload-checksum": checksum(b"another")})
    assert (status, told["code"]) == (422, "piece_differs")
    assert send(ana, url, 1000, LARGE[1000:])[2]["done"] is True
    assert send(ana, url, 300_000, b"")[0] == 409


@BOTH_WHEN_FULL
def test_a_whole_that_is_not_what_its_hash_says_is_removed(ana: Clone, server: Running) -> None:
    url = begin(ana, LARGE)
    assert send(ana, url, 0, LARGE[:1000])[0] == 200
    wrong = LARGE[1000:-1] + bytes([LARGE[-1] ^ 1])
    status, _offset, told = send(ana, url, 1000, wrong)
    assert (status, told["code"]) == (422, "upload_differs")
    assert ana.person.get(url).status_code == 404
    assert ana.missing({"big": LARGE}).json()["pack"] == [hash_of(LARGE)]


@BOTH_WHEN_FULL
def test_no_piece_is_larger_than_what_is_left(ana: Clone) -> None:
    url = begin(ana, b"12345")
    status, _offset, told = send(ana, url, 0, b"123456")
    assert (status, told["code"]) == (413, "piece_too_large")
    assert send(ana, url, 0, b"12345")[2]["done"] is True
    big = begin(ana, LARGE, size=limits.UPLOAD_BYTES)
    status, _offset, told = send(ana, big, 0, bytes(limits.UPLOAD_PIECE_BYTES + 1))
    assert status == 413
    too_large = ana.person.post(
        f"{ana.path}/uploads", json={"hash": hash_of(b""), "size": limits.UPLOAD_BYTES + 1}
    )
    assert too_large.status_code == 422


@BOTH_WHEN_FULL
def test_a_content_that_is_there_needs_no_bytes(ana: Clone) -> None:
    ana.push({"a": b"known"})
    made = ana.person.post(f"{ana.path}/uploads", json={"hash": hash_of(b"known"), "size": 5}).json()
    assert (made["done"], made["offset"]) == (True, 5)
    nothing = begin(ana, b"")
    assert send(ana, nothing, 0, b"")[2]["done"] is True
    assert ana.commit({"a": b"known", "empty": b""}).status_code == 201


@BOTH_WHEN_FULL
def test_uploads_are_ones_own_and_can_be_given_up(ana: Clone) -> None:
    url = begin(ana, LARGE)
    assert ana.rui.get(url).status_code == 404  # type: ignore[attr-defined]
    assert ana.rui.delete(url).status_code == 404  # type: ignore[attr-defined]
    assert ana.person.delete(url).status_code == 204
    assert ana.person.get(url).status_code == 404
    assert ana.person.delete(url).status_code == 404


def test_a_size_is_a_whole_number_however_json_writes_it(ana: Clone) -> None:
    for size, status in ((5.0, 201), (5, 201), (5.5, 422), ("5", 422), (True, 422)):
        body = {"hash": hash_of(b"12345"), "size": size}
        assert ana.person.post(f"{ana.path}/uploads", json=body).status_code == status, size
