"""Secrets sealed here and opened by whoever has the private half; the server sees neither."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloud.projects.parameters import CREDENTIAL
from studio.base.errors import BadInput, NotAllowed
from studio.base.secrets import SecretStore, Vault, open_store
from studio.project.model import Connection, Project
from studio.protocol import sealed
from studio.protocol.deployments import NewCredential
from studio.repository import sealing
from studio.repository.refusals import Refused
from studio.repository.sealing import KeyNotTrusted, name_of
from tests.cheap_vault import cheap_vault
from tests.repository.running_server import Site

NEEDED = Project(
    "p", "Orders",
    connections={
        "erp": Connection("ERP", "database", secrets={"password": "keyring:p/erp/password"}),
        "crm/prod": Connection("CRM", "salesforce", secrets={"client_secret": "keyring:p/crm/prod/client_secret"}),
        "files": Connection("Files", "files", secrets={"password": "$FROM_ENVIRONMENT"}),
    },
)  # fmt: skip


@pytest.fixture(autouse=True)
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SecretStore:
    cheap_vault(tmp_path, monkeypatch)
    monkeypatch.setattr("studio.base.secrets._COST", {"iterations": 1, "memory_kib": 64, "lanes": 1})
    made = open_store()
    made.put("p/erp/password", "hunter2-ção")
    return made


async def test_sealed_here_opened_by_who_has_the_private_half(site: Site, store: SecretStore) -> None:
    project, test = (await site.new_project()).id, site.environment("test")
    async with site.repository("root") as root, site.repository() as ana:
        secrets = sealing.needed(NEEDED)
        assert [each.name for each in secrets] == ["crm.prod.client_secret", "erp.password"]
        with pytest.raises(BadInput, match="no key for secrets yet"):
            await sealing.seal(ana, project, test, secrets, store)
        key = await sealing.make_key(root, store)
        done = await sealing.seal(ana, project, test, secrets, store)
        assert [each.name for each in done.sealed] == ["erp.password"]
        assert [each.secret for each in done.absent] == ["p/crm/prod/client_secret"]
        kept = await sealing.there(ana, project, test, secrets)
        assert {name: found and found.key for name, found in kept.items()} == {
            "crm.prod.client_secret": None, "erp.password": key.id,
        }  # fmt: skip
        assert await sealing.opened(ana, project, test, "erp.password", store) == "hunter2-ção"
        found = await ana.credential(project, test, "erp.password")
    # What travelled and lies there is not the secret.
    assert b"hunter2" not in base64.b64decode(found.sealed)
    blobs = b"".join(file.read_bytes() for file in site.running.folder.rglob("*") if file.is_file())
    assert b"hunter2" not in blobs


async def test_only_an_administrator_sets_the_key(site: Site, store: SecretStore) -> None:
    async with site.repository() as ana:
        with pytest.raises(Refused) as told:
            await sealing.make_key(ana, store)
        assert told.value.code in ("forbidden", "not_found")
        assert sealing.trusted(ana.account) == ""


async def test_another_key_gets_nothing(site: Site, store: SecretStore) -> None:
    project, test = (await site.new_project()).id, site.environment("test")
    secrets = sealing.needed(NEEDED)
    async with site.repository("root") as root, site.repository() as ana:
        # Made on another computer: here nobody has compared it.
        first = await root.set_sealing_key(sealed.public_text(sealed.new_key().public_key()))
        with pytest.raises(KeyNotTrusted, match="compared") as unknown:
            await sealing.seal(ana, project, test, secrets, store)
        assert unknown.value.key == first.id
        sealing.trust(ana.account, first.id)
        await sealing.seal(ana, project, test, secrets, store)
        with pytest.raises(NotAllowed, match="not on this computer"):
            await sealing.opened(ana, project, test, "erp.password", store)
        # A server, or an administrator, puts another one in its place.
        second = await root.set_sealing_key(sealed.public_text(sealed.new_key().public_key()))
        with pytest.raises(KeyNotTrusted, match="another one") as other:
            await sealing.seal(ana, project, test, secrets, store)
        assert other.value.key == second.id
        assert (await ana.credential(project, test, "erp.password")).stale


async def test_a_key_is_replaced_only_when_that_is_said(site: Site, store: SecretStore) -> None:
    project, test = (await site.new_project()).id, site.environment("test")
    secrets = sealing.needed(NEEDED)
    async with site.repository("root") as root, site.repository() as ana:
        first = await sealing.make_key(root, store)
        await sealing.seal(ana, project, test, secrets, store)
        with pytest.raises(BadInput, match="already"):
            await sealing.make_key(root, store)
        second = await sealing.make_key(root, store, replace=True)
        assert second.id != first.id
        kept = await sealing.there(ana, project, test, secrets)
        assert kept["erp.password"] is not None
        assert kept["erp.password"].stale
        # The old private half stays: what it sealed can still be opened.
        assert await sealing.opened(ana, project, test, "erp.password", store) == "hunter2-ção"


async def test_a_secret_fits_one_place_only(site: Site, store: SecretStore) -> None:
    project, other = (await site.new_project()).id, (await site.new_project("Other")).id
    test, production = site.environment("test"), site.environment("production")
    async with site.repository("root") as root, site.repository() as ana:
        key = await sealing.make_key(root, store)
        await sealing.seal(ana, project, test, sealing.needed(NEEDED), store)
        found = await ana.credential(project, test, "erp.password")
        for where, environment, name in (
            (project, production, "erp.password"), (other, test, "erp.password"), (project, test, "crm.password"),
        ):  # fmt: skip
            await ana.put_credential(where, environment, name, NewCredential(key.id, found.sealed))
            with pytest.raises(sealed.NotSealed):
                await sealing.opened(ana, where, environment, name, store)
        await ana.remove_credential(project, test, "erp.password")
        await ana.remove_credential(project, test, "erp.password")
        assert "erp.password" not in await sealing.there(ana, project, test, ())


async def test_the_private_half_travels_under_a_passphrase(
    site: Site, store: SecretStore, tmp_path: Path
) -> None:
    project, test = (await site.new_project()).id, site.environment("test")
    elsewhere = Vault(tmp_path / "other-computer", lambda: "theirs")
    file = tmp_path / "key.weft-key"
    async with site.repository("root") as root, site.repository() as ana:
        key = await sealing.make_key(root, store)
        await sealing.seal(ana, project, test, sealing.needed(NEEDED), store)
        with pytest.raises(BadInput, match="too short"):
            sealing.export_key(store, ana.account, key.id, file, "short")
        sealing.export_key(store, ana.account, key.id, file, "a long passphrase")
        with pytest.raises(BadInput, match="already a file"):
            sealing.export_key(store, ana.account, key.id, file, "a long passphrase")
        kept = store.get(sealing._secret(ana.account, key.id))
        assert kept is not None
        assert kept.encode() not in file.read_bytes()
        with pytest.raises(NotAllowed, match="passphrase"):
            sealing.import_key(elsewhere, ana.account, file, "a wrong passphrase")
        assert sealing.import_key(elsewhere, ana.account, file, "a long passphrase") == key.id
        assert await sealing.opened(ana, project, test, "erp.password", elsewhere) == "hunter2-ção"
        damaged = bytearray(file.read_bytes())
        damaged[-30] ^= 1
        file.write_bytes(damaged)
        with pytest.raises((BadInput, NotAllowed)):
            sealing.import_key(elsewhere, ana.account, file, "a long passphrase")
    with pytest.raises(BadInput, match="no such file"):
        sealing.import_key(elsewhere, site.account(), tmp_path / "none", "x")


@given(st.text(min_size=1), st.text(min_size=1))
def test_every_secret_has_a_name_the_server_takes(connection: str, field: str) -> None:
    assert CREDENTIAL.matches(name_of(connection, field))


@given(
    st.lists(
        st.tuples(st.text("ab/._-h", min_size=1, max_size=4), st.text("ab._-", min_size=1, max_size=3)),
        unique=True,
    )
)
def test_no_two_secrets_share_a_name(pairs: list[tuple[str, str]]) -> None:
    assert len({name_of(*pair) for pair in pairs}) == len(pairs)
