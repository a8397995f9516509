"""What whoever runs the server does about signing in: lifts an enforced single sign-on, sets mail up."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select, true

from cloud.command.opening import opened
from cloud.config import NAME, load
from cloud.identity.mail import mailer
from cloud.store.tables import organizations
from cloud.store.tables_identity import single_sign_on
from studio.base.errors import BadInput
from tests.cloud.test_commands import done, refused, set_up


def test_an_enforced_single_sign_on_is_lifted(tmp_path: Path) -> None:
    folder = set_up(tmp_path / "server")
    with opened(folder) as server:
        with server.database.common() as common:
            row = common.one(select(organizations))
        assert row is not None
        with server.database.tenant(row.id, write=True) as tenant:
            content = {"issuer": "https://idp.example", "client_id": "weft", "sign_in": "", "certificate": ""}
            now = tenant.now()
            tenant.insert(
                single_sign_on,
                kind="oidc",
                name="x",
                content=content,
                enforced=True,
                worked_at=now,
                changed_at=now,
            )
    assert (
        done("sign-on", "lift", row.slug, "--folder", folder)
        == "Passwords and passkeys let people in again.\n"
    )
    assert done("sign-on", "lift", row.slug, "--folder", folder) == "Nothing was enforced.\n"
    with opened(folder) as server, server.database.tenant(row.id) as tenant:
        assert tenant.value(select(single_sign_on.c.enforced).where(true())) is False
    refused("sign-on", "lift", "no-such", "--folder", folder, match="There is no organization no-such.")


def test_mail_is_set_up_in_the_settings(tmp_path: Path) -> None:
    folder = set_up(tmp_path / "server")
    (folder / "mail.password").write_text("geheim\n")
    said = (folder / NAME).read_text()
    text = '\n[mail]\nserver = "smtps://weft%40example.com@mail.example"\nfrom = "weft@example.com"\n'
    (folder / NAME).write_text(said + text + 'password_file = "mail.password"\n')
    made = mailer(load(folder))
    assert made is not None
    assert (made.host, made.port, made.user, made.password) == (
        "mail.example",
        465,
        "weft@example.com",
        "geheim",
    )
    (folder / NAME).write_text(said + text + "password_file = 7\n")
    with pytest.raises(BadInput, match="mail"):
        load(folder)
