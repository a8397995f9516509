"""Variables that nobody overwrites unseen, and secrets the server keeps without being able to open them."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from sqlalchemy import select

from cloud.access.rights import Right
from cloud.store import tables_projects
from studio.protocol import limits, sealed
from tests.cloud.conftest import Organization, Running
from tests.cloud.pushes import BOTH_WHEN_FULL, new_project

CANARY = b"canary-51c2e0aa77"
PEOPLE = {
    "admin": "admin",
    "ana": {"test": {Right.READ, Right.WRITE}},
    "eve": {"test": {Right.READ}},
    "agent": {"test": {Right.EXECUTE}},
}


@pytest.fixture
def here(server: Running) -> Organization:
    return server.organization(people=PEOPLE)


@pytest.fixture
def path(here: Organization) -> str:
    return f"{new_project(here, here.ana).path}/environments/test"


def test_variables_are_replaced_only_as_they_were_seen(here: Organization, path: str) -> None:
    url = f"{path}/variables"
    empty = here.eve.get(url)
    assert (empty.json(), empty.headers["etag"]) == ({"values": {}, "version": 0}, '"0"')

    def put(values: dict[str, Any], tag: str) -> Any:
        return here.ana.put(url, json={"values": values}, headers={"if-match": tag})

    first = put({"host": "a", "token": "x\ny"}, '"0"')
    assert (first.json()["version"], first.headers["etag"]) == (1, '"1"')
    assert put({"host": "late"}, '"0"').status_code == 412
    assert put({"host": "b"}, '"1"').json() == {"values": {"host": "b"}, "version": 2}
    assert here.eve.get(url).json()["values"] == {"host": "b"}
    assert here.eve.put(url, json={"values": {}}, headers={"if-match": '"2"'}).status_code == 403
    for bad in (
        {"a b": "x"},
        {"": "x"},
        {"a": 1},
        {"a": "\0"},
        {"a": "x" * (limits.VARIABLE_CHARACTERS + 1)},
    ):
        assert put(bad, '"2"').status_code == 422


def a_key(here: Organization) -> tuple[Any, str]:
    private = sealed.new_key()
    public = sealed.public_text(private.public_key())
    made = here.admin.put(f"{here.path}/sealing-key", json={"public": public})
    assert made.status_code == 200, made.text
    return private, made.json()["id"]


def secret(here: Organization, key: Any, place: str = "crm.password") -> str:
    where = (here.id, "project", "test", place)
    return base64.b64encode(sealed.seal(key.public_key(), CANARY, where)).decode()


def test_a_secret_comes_back_as_it_was_sealed_and_opens_at_the_keys_owner_only(
    here: Organization, path: str, server: Running
) -> None:
    assert here.eve.get(f"{here.path}/sealing-key").status_code == 404
    private, key = a_key(here)
    public = here.eve.get(f"{here.path}/sealing-key").json()
    assert public["public"] == sealed.public_text(private.public_key())
    assert public["id"] == key == sealed.key_id(public["public"])
    url = f"{path}/credentials/crm.password"
    kept = here.ana.put(url, json={"key": key, "sealed": secret(here, private)})
    assert (kept.status_code, kept.json()["stale"]) == (200, False)
    names = here.eve.get(f"{path}/credentials").json()["items"]
    assert [(item["name"], item["sealed"]) for item in names] == [("crm.password", "")]
    assert [here.people[who].get(url).status_code for who in ("ana", "eve")] == [403, 403]
    got = base64.b64decode(here.agent.get(url).json()["sealed"])
    assert sealed.opened(private, got, (here.id, "project", "test", "crm.password")) == CANARY
    with pytest.raises(sealed.NotSealed):
        sealed.opened(private, got, (here.id, "project", "production", "crm.password"))
    with server.database.tenant(here.id) as tenant:
        row = tenant.one(select(tables_projects.credentials))
    assert row is not None
    inner = server.envelope.open(
        here.id,
        "credentials.content",
        f"{row.project_id}/{row.environment_id}/{row.name}",
        bytes(row.content),
    )
    assert CANARY not in inner
    assert CANARY not in bytes(row.content)
    stored = [file.read_bytes() for file in server.folder.rglob("*") if file.is_file()]
    assert not [1 for data in stored if CANARY in data]
    assert here.ana.delete(url).status_code == 204
    assert here.ana.delete(url).status_code == 404


@BOTH_WHEN_FULL
def test_secrets_sealed_to_a_replaced_key_are_stale(here: Organization, path: str) -> None:
    old, old_id = a_key(here)
    url = f"{path}/credentials/crm.password"
    here.ana.put(url, json={"key": old_id, "sealed": secret(here, old)})
    new, new_id = a_key(here)
    assert here.agent.get(url).json()["stale"] is True
    refused = here.ana.put(url, json={"key": old_id, "sealed": secret(here, old)})
    assert (refused.status_code, refused.json()["code"], refused.json()["key"]) == (
        409,
        "another_key",
        new_id,
    )
    assert here.ana.put(url, json={"key": new_id, "sealed": secret(here, new)}).json()["stale"] is False
    again = here.admin.put(f"{here.path}/sealing-key", json={"public": sealed.public_text(old.public_key())})
    assert (again.status_code, again.json()["code"]) == (409, "key_replaced")


@BOTH_WHEN_FULL
def test_what_is_no_key_and_what_is_not_sealed_is_refused(here: Organization, path: str) -> None:
    url = f"{here.path}/sealing-key"
    for bad in ("", "AAAA", base64.b64encode(bytes(32)).decode(), "*" * 44):
        assert here.admin.put(url, json={"public": bad}).status_code == 422
    _private, key = a_key(here)
    assert here.ana.put(url, json={"public": base64.b64encode(b"x" * 32).decode()}).status_code == 403
    short = base64.b64encode(b"open secret").decode()
    for bad in (short, "AAA", "not base64!", "A" * (2 * limits.SEALED_BYTES)):
        refused = here.ana.put(f"{path}/credentials/x", json={"key": key, "sealed": bad})
        assert refused.status_code == 422


@BOTH_WHEN_FULL
def test_settings_of_a_project_nobody_may_see_are_not_there(here: Organization, server: Running) -> None:
    other = server.organization(people={"zoe": {"test": {Right.READ, Right.WRITE}}})
    hidden = new_project(other, other.zoe)
    theirs = hidden.path.replace(other.path, here.path)
    assert here.ana.get(f"{theirs}/environments/test/variables").status_code == 404
    assert here.agent.get(f"{theirs}/environments/test/credentials/x").status_code == 404
