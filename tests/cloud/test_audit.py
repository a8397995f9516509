"""The audit: what is in it, and that no row of it is altered, taken out or put elsewhere unseen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine

from cloud.access.rights import Right
from cloud.audit.entries import Entry, append
from cloud.audit.heads import FOLDER, public_key, read_heads, sign_today
from cloud.audit.policy import MASK, masked
from cloud.audit.verify import Finding, verify
from cloud.daily import Daily
from cloud.store.metadata import new_id
from cloud.store.rotation import shred
from studio.base.errors import BadInput
from tests.cloud.conftest import Organization, Running


def with_entries(server: Running) -> Organization:
    """An organization with five entries, as five requests of its administrator leave them."""
    here = server.organization(people={"admin": "admin", "ana": {"test": {Right.READ}}})
    with server.database.tenant(here.id, write=True) as tenant:
        for name in ("one", "two", "three", "four", "five"):
            after = {"name": name}
            entry = Entry("role.create", "role/x", here.admin.id, "token", "127.0.0.1", new_id(), None, after)
            append(tenant, server.envelope, entry)
    return here


def found(server: Running, here: Organization, heads: dict[int, bytes] | None = None) -> Finding | None:
    with server.database.tenant(here.id) as tenant:
        return verify(tenant, server.envelope, heads)


def by_hand(server: Running, *statements: str) -> None:
    """As whoever holds the disk or the database's password."""
    engine = create_engine(server.owner_url.replace("postgresql:", "postgresql+psycopg:"))
    try:
        with engine.begin() as connection:
            if server.kind == "sqlite":
                for name in ("audit_entries_update", "audit_entries_delete"):
                    connection.exec_driver_sql(f"DROP TRIGGER {name}")
            for statement in statements:
                connection.exec_driver_sql(statement)
    finally:
        engine.dispose()


def test_a_chain_that_nobody_touched_is_whole(server: Running) -> None:
    here = with_entries(server)
    assert found(server, here) is None
    with server.database.common() as common:
        assert verify(common, server.envelope) is None


FIELDS = [
    "action = 'x'", "target = target || 'x'", "actor = 'x'", "via = 'x'", "address = '1.2.3.4'",
    "request_id = 'x'", "hash = details_hash", "details_hash = hash",
]  # fmt: skip


def test_the_first_altered_row_is_named(server: Running) -> None:
    everybody = [with_entries(server) for _change in FIELDS]
    by_hand(
        server,
        *(
            f"UPDATE audit_entries SET {change} WHERE number IN (3, 5) AND org_id = '{here.id}'"
            for change, here in zip(FIELDS, everybody, strict=True)
        ),
    )
    for change, here in zip(FIELDS, everybody, strict=True):
        finding = found(server, here)
        assert finding is not None, change
        assert finding.number == 3, change


OTHERS = {
    "the moment": (
        "UPDATE audit_entries SET at = (SELECT at FROM audit_entries WHERE number = 1 AND org_id = :own) "
        "WHERE number = 2", 2,
    ),
    "taken out": ("DELETE FROM audit_entries WHERE number = 2", 2),
    "the first taken out": ("DELETE FROM audit_entries WHERE number = 1", 1),
    "the last taken out": ("DELETE FROM audit_entries WHERE number = 5", 5),
    "two exchanged": (
        "UPDATE audit_entries SET number = number - 10 WHERE number IN (2, 3); "
        "UPDATE audit_entries SET number = 3 - number - 8 WHERE number < 0", 2,
    ),
    "details taken out": ("DELETE FROM audit_details WHERE number = 4", 4),
    "details of another": (
        "UPDATE audit_details SET content = (SELECT content FROM audit_details WHERE number = 1 AND org_id = :own) "
        "WHERE number = 4", 4,
    ),
    "the end cut with its head": (
        "DELETE FROM audit_entries WHERE number = 5; UPDATE audit_heads SET number = 4 WHERE number = 5", 4,
    ),
}  # fmt: skip


def test_what_is_moved_or_missing_is_named(server: Running) -> None:
    everybody = {what: with_entries(server) for what in OTHERS}
    lines = []
    for what, here in everybody.items():
        for line in OTHERS[what][0].split("; "):
            lines.append(f"{line.replace(':own', repr(here.id))} AND org_id = '{here.id}'")
    by_hand(server, *lines)
    for what, here in everybody.items():
        finding = found(server, here)
        assert finding is not None, what
        assert finding.number == OTHERS[what][1], what


def test_a_chain_rewritten_as_a_whole_is_told_by_a_signed_head(server: Running) -> None:
    """Whoever can compute hashes can write a chain that fits: what was signed and kept elsewhere does not."""
    here = with_entries(server)
    assert sign_today(server.server) == 1
    assert sign_today(server.server) == 0
    [file] = (server.folder / FOLDER).iterdir()
    heads = read_heads(file, public_key(server.server))
    assert set(heads) == {here.id}
    assert found(server, here, heads[here.id]) is None
    by_hand(
        server,
        "DELETE FROM audit_entries WHERE number > 4",
        "UPDATE audit_heads SET number = 4, hash = (SELECT hash FROM audit_entries e WHERE e.number = 4 "
        "AND e.org_id = audit_heads.org_id) WHERE number = 5",
    )
    assert found(server, here) is None
    finding = found(server, here, heads[here.id])
    assert finding is not None
    assert finding.number == 5


def test_a_head_somebody_else_signed_is_refused(server: Running, tmp_path: Path) -> None:
    with_entries(server)
    sign_today(server.server)
    [file] = (server.folder / FOLDER).iterdir()
    changed = tmp_path / "changed.jsonl"
    changed.write_text(file.read_text().replace('"number": 5', '"number": 4'))
    with pytest.raises(BadInput, match="not signed by this server"):
        read_heads(changed, public_key(server.server))


def test_heads_are_signed_every_day(server: Running) -> None:
    here = with_entries(server)
    sign_today(server.server)
    server.clock.move(days=1)
    sign_today(server.server)
    said = here.admin.get(f"{here.path}/audit/heads").json()
    assert [head["day"] for head in said["items"]] == ["2026-11-21", "2026-11-20"]
    assert said["public_key"] == public_key(server.server)


def test_a_task_that_fails_does_not_keep_the_others_from_running(server: Running) -> None:
    with_entries(server)
    done: list[str] = []

    def fails(_server: object) -> None:
        raise RuntimeError("secret")

    server.server.daily = (fails, lambda _server: done.append("after"))
    server.expected_errors = 1
    Daily(server.server).once()
    assert done == ["after"]
    assert len(list((server.folder / FOLDER).iterdir())) == 1


def entries(here: Organization, query: str = "") -> Any:
    return here.admin.get(f"{here.path}/audit{query}").json()


def test_administrators_read_who_did_what(server: Running) -> None:
    here = with_entries(server)
    page = entries(here, "?limit=2")
    assert [entry["number"] for entry in page["items"]] == [5, 4]
    assert [entry["number"] for entry in entries(here, f"?limit=9&before={page['before']}")["items"]] == [
        3,
        2,
        1,
    ]
    first = page["items"][0]
    assert (first["action"], first["actor"], first["via"]) == ("role.create", here.admin.id, "token")
    assert (first["before"], first["after"]["name"]) == (None, "five")
    assert first["address"] == "127.0.0.1"
    assert len(first["request_id"]) == 36
    assert here.ana.get(f"{here.path}/audit").status_code == 403
    assert len(entries(here, "?action=role.")["items"]) == 5
    assert entries(here, "?action=member.")["items"] == []
    assert entries(here, f"?actor={here.ana.id}")["items"] == []


def test_the_organization_chooses_how_much_is_recorded(server: Running) -> None:
    here = with_entries(server)
    path = f"{here.path}/audit/policy"
    assert here.admin.get(path).json() == {"values": True, "reads": True, "sign_ins": True, "refused": False}
    here.ana.get(f"{here.path}/audit")
    assert entries(here)["items"][0]["action"] == "role.create"
    wanted = {"values": False, "reads": True, "sign_ins": True, "refused": True}
    assert here.admin.put(path, json=wanted).status_code == 200
    here.ana.get(f"{here.path}/audit")
    refused = entries(here)["items"][0]
    assert (refused["action"], refused["actor"]) == ("refused", here.ana.id)
    assert refused["target"] == "GET /api/v1/organizations/{org}/audit"
    here.admin.post(f"{here.path}/roles", json={"name": "six"})
    made = entries(here)["items"][0]
    assert (made["action"], made["after"]) == ("role.create", None)
    assert found(server, here) is None


def test_what_is_called_a_secret_is_masked() -> None:
    said = {"name": "x", "password": "p", "inner": [{"client_secret": "s", "apiKey": "k", "totp": True}]}
    assert masked(said) == {
        "name": "x",
        "password": MASK,
        "inner": [{"client_secret": MASK, "apiKey": MASK, "totp": True}],
    }


def test_the_chain_outlives_the_keys(server: Running) -> None:
    here = with_entries(server)
    shred(server.database, server.envelope, here.id)
    assert found(server, here) is None
    by_hand(server, "UPDATE audit_entries SET action = 'x' WHERE number = 2")
    finding = found(server, here)
    assert finding is not None
    assert finding.number == 2
