"""Pushing and pulling: three requests, two requests, all or nothing, and nobody's work is lost."""

from __future__ import annotations

import json

import pytest

from cloud.access.rights import Right
from studio.protocol import limits
from studio.protocol.manifests import Content, hash_of, tree_hash
from studio.protocol.packs import MEDIA_TYPE, Kind, Packed, written
from tests.cloud.conftest import Organization, Running
from tests.cloud.pushes import (
    BOTH_WHEN_FULL,
    SOME,
    Clone,
    change_of,
    manifest_of,
    new_project,
    pack_of,
    unpacked,
)

BOTH = {"test": {Right.READ, Right.WRITE}}


@pytest.fixture
def here(server: Running) -> Organization:
    return server.organization(
        people={"admin": "admin", "ana": BOTH, "rui": BOTH, "eve": {"test": {Right.READ}}}
    )


def test_what_was_pushed_is_pulled(here: Organization) -> None:
    ana = new_project(here, here.ana)
    made = ana.push(SOME, "first")
    assert ana.asked == 3
    assert (made["number"], made["parent"], made["message"], made["author_name"]) == (
        1,
        None,
        "first",
        "Ana Silva",
    )
    assert (made["objects"], made["added"], made["size"]) == (4, 4, sum(map(len, SOME.values())))
    rui = Clone(here.rui, ana.path)
    assert rui.pull() == SOME
    assert rui.asked == 2


@BOTH_WHEN_FULL
def test_only_what_is_missing_travels(here: Organization) -> None:
    ana = new_project(here, here.ana)
    ana.push(SOME)
    changed = {**SOME, "scripts/new.jb": b"1 + 1", "schemas/copy.xsd": SOME["schemas/orders.xsd"]}
    del changed["project.yaml"]
    assert ana.missing(changed).json() == {"pack": [hash_of(b"1 + 1")], "uploads": []}
    made = ana.push(changed)
    assert (made["added"], made["changed"], made["removed"], made["number"]) == (2, 0, 1, 2)
    rui = Clone(here.rui, ana.path)
    rui.pull()
    rui.asked = 0
    ana.push(SOME)
    assert ana.missing({**SOME, "a": b"1 + 1"}).json()["pack"] == []
    assert rui.pull(changed) == SOME
    assert rui.asked == 2


def test_a_push_without_its_contents_is_refused_whole(here: Organization) -> None:
    ana = new_project(here, here.ana)
    refused = ana.commit(SOME)
    assert (refused.status_code, refused.json()["code"]) == (409, "objects_missing")
    assert sorted(refused.json()["pack"]) == sorted(hash_of(data) for data in SOME.values())
    some, *others = SOME.values()
    ana.upload(*others)
    assert ana.commit(SOME).json()["pack"] == [hash_of(some)]
    assert here.ana.get(f"{ana.path}/status").json()["head"] is None
    ana.upload(some)
    assert ana.commit(SOME).status_code == 201


def test_of_two_pushes_from_one_parent_the_second_is_told_both_heads(here: Organization) -> None:
    ana = new_project(here, here.ana)
    first = ana.push(SOME)
    rui = Clone(here.rui, ana.path)
    rui.pull()
    second = ana.push({**SOME, "a.jb": b"1"})
    for refused in (rui.missing({**SOME, "b.jb": b"2"}), rui.commit({**SOME, "b.jb": b"2"})):
        assert (refused.status_code, refused.json()["code"]) == (412, "revision_conflict")
        told = refused.json()["conflict"]
        assert (told["expected"], told["head"]) == (first["id"], second["id"])
        assert (told["number"], told["author_name"]) == (2, "Ana Silva")
    assert "a.jb" in rui.pull(SOME)
    rui.push({**SOME, "a.jb": b"1", "b.jb": b"2"})
    assert here.ana.get(f"{ana.path}/status").json()["number"] == 3


@BOTH_WHEN_FULL
def test_a_change_says_what_it_is_made_from(here: Organization) -> None:
    ana = new_project(here, here.ana)
    body = change_of({}, SOME)
    without = here.ana.post(f"{ana.path}/revisions", json={**body, "message": ""})
    assert (without.status_code, without.json()["code"]) == (428, "if_match_needed")
    for bad in ("*", "none", '"a", "b"', 'W/"none"'):
        refused = here.ana.post(f"{ana.path}/missing", json=body, headers={"if-match": bad})
        assert (refused.status_code, refused.json()["code"]) == (400, "bad_if_match")
    unknown = here.ana.post(f"{ana.path}/missing", json=body, headers={"if-match": '"0192"'})
    assert unknown.json()["conflict"] == {
        "expected": "0192", "head": None, "number": 0, "author_name": "", "time": None,
    }  # fmt: skip


def test_the_same_key_is_answered_the_same_again(here: Organization, server: Running) -> None:
    ana = new_project(here, here.ana)
    ana.upload(*SOME.values())
    first, again = (ana.commit(SOME, "once", key="key-12345678") for _turn in range(2))
    assert first.status_code == again.status_code == 201
    assert (first.json(), first.headers["etag"]) == (again.json(), again.headers["etag"])
    assert again.headers["idempotent-replay"] == "true"
    assert here.ana.get(f"{ana.path}/status").json()["number"] == 1
    other = ana.commit(SOME, "another message", key="key-12345678")
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_key_reused")
    mine = Clone(here.rui, ana.path)
    assert mine.commit(SOME, "once", key="key-12345678").json()["code"] == "revision_conflict"
    ana.head, ana.manifest = first.json()["id"], manifest_of(SOME)
    refused = ana.commit({"a": b"not there"}, key="key-of-a-failure")
    assert refused.json()["code"] == "objects_missing"
    ana.upload(b"not there")
    assert ana.commit({"a": b"not there"}, key="key-of-a-failure").status_code == 201


def refusal(clone: Clone, files: dict[str, bytes], **more: object) -> str:
    answer = clone.post(
        "missing", json=change_of(clone.manifest, files) | more, headers={"if-match": f'"{clone.head}"'}
    )
    return f"{answer.status_code} {answer.json()['code']}"


@BOTH_WHEN_FULL
def test_rules_of_paths_and_sizes_are_the_clients(here: Organization) -> None:
    ana = new_project(here, here.ana)
    assert refusal(ana, {"../x": b""}) == "422 path_not_inside"
    assert refusal(ana, {"a": b"", "A": b""}) == "422 path_case_clash"
    assert refusal(ana, {".weft/lock": b""}) == "422 path_local"
    assert ana.missing({"samples/a": bytes(limits.TEST_DATA_BYTES)}).status_code == 200
    assert refusal(ana, {"samples/a": bytes(limits.TEST_DATA_BYTES + 1)}) == "413 test_data_too_large"
    assert refusal(ana, {}) == "409 nothing_changed"
    assert refusal(ana, SOME, tree="0" * 64) == "422 tree_differs"
    assert refusal(ana, SOME, remove=["not-there"]) == "422 not_there_to_remove"
    twice = change_of({}, {"a": b"1"})["put"] * 2
    assert refusal(ana, {"a": b"1"}, put=twice) == "422 path_twice"
    assert refusal(ana, SOME, more="unknown") == "422 invalid"


@BOTH_WHEN_FULL
def test_the_limit_of_test_data_counts_bytes_after_encoding(here: Organization) -> None:
    ana = new_project(here, here.ana)
    exactly = {"samples/a.json": ("é" * (limits.TEST_DATA_BYTES // 2)).encode()}
    assert len(exactly["samples/a.json"]) == 102_400
    assert len(pack_of(list(exactly.values()))) < 1000
    ana.push(exactly)
    over = {"samples/a.json": exactly["samples/a.json"] + b"x"}
    ana.upload(over["samples/a.json"])
    refused = ana.commit(over)
    assert (refused.status_code, refused.json()["code"]) == (413, "test_data_too_large")
    smaller = {"samples/a.json": Content(hash_of(over["samples/a.json"]), 100)}
    lying = {"put": [{"path": path, "hash": one.hash, "size": one.size} for path, one in smaller.items()]}
    body = lying | {"remove": [], "tree": tree_hash(smaller), "message": ""}
    refused = ana.post("revisions", json=body, headers={"if-match": f'"{ana.head}"'})
    assert refused.json()["code"] == "objects_missing"


def send(clone: Clone, data: bytes, media_type: str = MEDIA_TYPE) -> tuple[int, str]:
    answer = clone.post("objects", content=data, headers={"content-type": media_type})
    return answer.status_code, answer.json().get("code", "")


@BOTH_WHEN_FULL
def test_a_pack_that_is_not_what_it_says_leaves_nothing(here: Organization, server: Running) -> None:
    ana = new_project(here, here.ana)
    good = pack_of([b"one", b"two" * 100])
    assert send(ana, good, "application/zip") == (415, "media_type")
    assert send(ana, b"PK\x03\x04 something else") == (422, "not_a_pack")
    assert send(ana, good[:-10]) == (422, "pack_cut_off")
    assert send(ana, good + b"x") == (422, "not_a_pack")
    lying = b"".join(written([Packed(hash_of(b"other"), Kind.PLAIN, b"this", 4)]))
    assert send(ana, lying) == (422, "object_differs")
    large = b"".join(
        written([Packed(hash_of(b""), Kind.PLAIN, bytes(limits.PACK_OBJECT_BYTES + 1), 2**23 + 1)])
    )
    assert send(ana, large) == (413, "object_too_large")
    assert not [path for path in (server.folder / "blobs").rglob("*") if path.is_file()]
    assert send(ana, good) == (200, "")
    assert ana.upload(b"one", b"three").json() == {"stored": 1, "known": 1}
    assert ana.upload().json() == {"stored": 0, "known": 0}


@BOTH_WHEN_FULL
def test_status_is_answered_with_304_as_long_as_nothing_changed(here: Organization) -> None:
    ana = new_project(here, here.ana)
    at_first = here.eve.get(f"{ana.path}/status")
    assert (at_first.json()["head"], at_first.headers["etag"]) == (None, '"none"')
    made = ana.push(SOME)
    then = here.eve.get(f"{ana.path}/status", headers={"if-none-match": '"none"'})
    assert then.json() | {"project": ""} == {
        "project": "", "head": made["id"], "number": 1, "tree": made["tree"], "time": made["time"],
    }  # fmt: skip
    tag = then.headers["etag"]
    for path in ("status", "pull"):
        same = here.eve.get(f"{ana.path}/{path}", headers={"if-none-match": f'"x", {tag}'})
        assert (same.status_code, same.content) == (304, b"")


@BOTH_WHEN_FULL
def test_an_unknown_base_is_pulled_from_nothing(here: Organization) -> None:
    ana = new_project(here, here.ana)
    assert here.eve.get(f"{ana.path}/pull").json()["head"] is None
    ana.push(SOME)
    other = new_project(here, here.ana, "Other")
    made = other.push({"x": b"1"})
    told = here.eve.get(f"{ana.path}/pull?have={made['id']}").json()
    assert (told["base"], len(told["put"])) == (None, len(SOME))


@BOTH_WHEN_FULL
def test_contents_come_one_by_one_and_from_a_byte_on(here: Organization) -> None:
    ana = new_project(here, here.ana)
    data = bytes(range(256)) * 40
    ana.push({"a": data})
    url = f"{ana.path}/objects/{hash_of(data)}"
    assert here.eve.get(url).content == data
    rest = here.eve.get(url, headers={"range": "bytes=5000-"})
    assert (rest.status_code, rest.content) == (206, data[5000:])
    assert rest.headers["content-range"] == f"bytes 5000-{len(data) - 1}/{len(data)}"
    for bad in ("bytes=10240-", "bytes=1-2", "bytes=-5", "x"):
        assert here.eve.get(url, headers={"range": bad}).status_code == 416
    assert here.eve.get(f"{ana.path}/objects/{hash_of(b'?')}").status_code == 404
    absent = here.eve.post(f"{ana.path}/pack", json={"hashes": [hash_of(b"?"), hash_of(data)]})
    assert (absent.status_code, absent.json()["hashes"]) == (404, [hash_of(b"?")])


@BOTH_WHEN_FULL
def test_what_was_uploaded_and_not_pushed_is_nobodys_to_read(here: Organization) -> None:
    ana = new_project(here, here.ana)
    ana.push(SOME)
    ana.upload(b"draft")
    assert here.ana.get(f"{ana.path}/objects/{hash_of(b'draft')}").status_code == 404
    assert here.ana.post(f"{ana.path}/pack", json={"hashes": [hash_of(b"draft")]}).status_code == 404


@BOTH_WHEN_FULL
def test_a_project_does_not_tell_what_another_holds(here: Organization, server: Running) -> None:
    ana = new_project(here, here.ana)
    ana.push(SOME)
    there = server.organization(people={"zoe": BOTH})
    for clone in (new_project(there, there.zoe), new_project(here, here.ana, "Other")):
        assert len(clone.missing(SOME).json()["pack"]) == len(SOME)
        assert clone.commit(SOME).json()["code"] == "objects_missing"
        wanted = clone.post("pack", json={"hashes": [hash_of(SOME["project.yaml"])]})
        assert wanted.status_code == 404


def test_what_is_stored_shows_nothing(here: Organization, server: Running) -> None:
    ana = new_project(here, here.ana)
    canary = b"canary-7d1f93a6b2"
    ana.push({"secret-folder/x.yaml": canary * 3, canary.decode(): b"1"}, canary.decode())
    files = [path.read_bytes() for path in server.folder.rglob("*") if path.is_file()]
    assert len(files) >= 1
    with server.database.tenant(here.id) as tenant:
        from cloud.store import tables_projects as tables

        for table in (tables.projects, tables.revisions, tables.objects, tables.blobs):
            files.append(repr([tuple(row) for row in tenant.rows(table.select())]).encode())
    hidden = (canary, b"secret-folder", hash_of(canary * 3).encode(), bytes.fromhex(hash_of(canary * 3)))
    assert not [needle for needle in hidden for data in files if needle in data]
    assert not [1 for data in files if repr(bytes.fromhex(hash_of(canary * 3)))[2:-1].encode() in data]


@BOTH_WHEN_FULL
def test_a_pack_names_a_damaged_content_and_gives_the_others(here: Organization, server: Running) -> None:
    ana = new_project(here, here.ana)
    ana.push({"a": b"first" * 100})
    ana.push({"a": b"first" * 100, "b": b"second" * 100})
    blobs = sorted(path for path in (server.folder / "blobs").rglob("*") if path.is_file())
    assert len(blobs) == 2
    data = bytearray(blobs[0].read_bytes())
    data[len(data) // 2] ^= 4
    blobs[0].write_bytes(data)
    hashes = [hash_of(b"first" * 100), hash_of(b"second" * 100)]
    found = unpacked(here.eve.post(f"{ana.path}/pack", json={"hashes": hashes}).content)
    assert sorted(found.values(), key=lambda one: one is None)[1] is None
    [bad] = [digest for digest, content in found.items() if content is None]
    single = here.eve.get(f"{ana.path}/objects/{bad}")
    assert (single.status_code, single.json()["code"], single.json()["hash"]) == (500, "object_damaged", bad)
    server.expected_errors = 2
    logged = [facts for facts in server.log if facts.get("event") == "object_damaged" or "hash" in facts]
    assert json.dumps(logged).count(bad) >= 2
