"""`weft-cloud` from an empty folder on: what it makes, what it prints, what it refuses."""

from __future__ import annotations

import json
import os
import sqlite3
import tomllib
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from sqlalchemy import create_engine
from typer.testing import CliRunner, Result

from cloud.__main__ import commands
from cloud.command.opening import opened
from cloud.store.database import Database
from cloud.store.metadata import SERVER
from cloud.store.migrate import downgrade, need_harmless_role, newest
from studio.base.errors import BadInput, NotAllowed
from tests.cloud.conftest import KINDS
from tests.cloud.postgres import Postgres


def weft_cloud(*words: str | Path, typed: str = "") -> Result:
    return CliRunner().invoke(commands, [str(word) for word in words], input=typed)


def done(*words: str | Path, typed: str = "") -> str:
    result = weft_cloud(*words, typed=typed)
    assert result.exit_code == 0, (result.output, result.exception)
    return result.output


def refused(*words: str | Path, match: str) -> None:
    result = weft_cloud(*words)
    assert isinstance(result.exception, BadInput), (result.output, result.exception)
    assert match in str(result.exception)


@pytest.fixture
def owner(request: pytest.FixtureRequest) -> Any:
    """`owner(kind)` → options for a fresh PostgreSQL database owned by a role that is no superuser; none for SQLite."""
    made: list[tuple[Postgres, str]] = []

    def options(kind: str) -> list[str]:
        if kind == "sqlite":
            return []
        server: Postgres = request.getfixturevalue("postgresql")
        name = f"made_{os.getpid()}_{len(made)}_{request.node.name.partition('[')[0][-20:]}"
        by_hand(server, f"CREATE ROLE {name} LOGIN CREATEROLE", f"CREATE DATABASE {name} OWNER {name}")
        made.append((server, name))
        return ["--owner", server.url(name, name)]

    yield options
    for server, name in made:
        by_hand(
            server,
            f"DROP DATABASE {name} WITH (FORCE)",
            f"DROP ROLE IF EXISTS {name}_app",
            f"DROP ROLE {name}",
        )


def by_hand(server: Postgres, *statements: str) -> None:
    url = server.url("owner", "postgres").replace("postgresql:", "postgresql+psycopg:")
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    engine.dispose()


@pytest.mark.parametrize("kind", KINDS)
def test_a_server_is_set_up_in_one_step(kind: str, owner: Any, tmp_path: Path) -> None:
    folder = tmp_path / "server"
    said = done("init", "--email", "Ana@Example.com", "--folder", folder, *owner(kind))
    assert str(folder / "master.key") in said
    assert f"weft-cloud serve --folder {folder}" in said
    assert "https://127.0.0.1:8470/set-password" in said
    for name in ("master.key", "certificate.key", "server.toml"):
        assert (folder / name).stat().st_mode & 0o077 == 0, name
    assert folder.stat().st_mode & 0o077 == 0
    settings = tomllib.loads((folder / "server.toml").read_text())
    assert settings["port"] == 8470
    assert ("database" in settings) == (kind == "postgresql")
    certificate = x509.load_pem_x509_certificate((folder / "certificate.pem").read_bytes())
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert "localhost" in names.get_values_for_type(x509.DNSName)
    with opened(folder) as server:
        need_harmless_role(server.database)
        assert server.envelope.stable_key(SERVER, "x")
    assert "ana@example.com" in done("user", "list", "--folder", folder)
    assert done("org", "list", "--folder", folder).startswith("main\tMy organization\t")
    assert "server: whole" in done("audit", "verify", "--folder", folder)
    refused("init", "--email", "a@b.c", "--folder", folder, match="already")


def set_up(folder: Path) -> Path:
    done("init", "--email", "ana@example.com", "--folder", folder)
    return folder


def test_people_and_organizations(tmp_path: Path) -> None:
    at = ("--folder", set_up(tmp_path))
    done("user", "add", "rui@example.com", "--first-name", "Rui", *at)
    refused(
        "user",
        "add",
        "RUI@example.com",
        "--first-name",
        "Rui",
        *at,
        match="account for rui@example.com already",
    )
    refused("user", "add", "nobody", "--first-name", "x", *at, match="not an e-mail")
    done("user", "disable", "rui@example.com", *at)
    assert "disabled" in done("user", "list", *at)
    done("user", "enable", "rui@example.com", *at)
    assert "/set-password" in done("user", "reset", "rui@example.com", *at)
    done("org", "add", "acme", "--administrator", "rui@example.com", *at)
    refused("org", "add", "acme", "--administrator", "rui@example.com", *at, match="taken")
    refused("org", "add", "A b", "--administrator", "rui@example.com", *at, match="small letters")
    refused("org", "add", "new", "--administrator", "no@example.com", *at, match="no account")
    result = weft_cloud("org", "shred", "acme", *at, typed="wrong\n")
    assert isinstance(result.exception, BadInput)
    done("org", "shred", "acme", *at, typed="acme\n")
    assert "shredded" in done("org", "list", *at)
    said = done("audit", "verify", *at)
    assert "acme: whole" in said


def test_the_altered_row_is_named_and_the_exit_code_is_one(tmp_path: Path) -> None:
    at = ("--folder", set_up(tmp_path))
    done("user", "add", "rui@example.com", "--first-name", "Rui", *at)
    assert "Public key" in done("audit", "sign", *at)
    [heads] = (tmp_path / "audit-heads").iterdir()
    assert {json.loads(line)["number"] for line in heads.read_text().splitlines()} == {1, 2}
    done("audit", "verify", "--heads", heads, *at)
    connection = sqlite3.connect(tmp_path / "weft.db")
    connection.execute("DROP TRIGGER audit_entries_update")
    connection.execute("UPDATE audit_entries SET target = 'user/other' WHERE action = 'user.create'")
    connection.commit()
    connection.close()
    result = weft_cloud("audit", "verify", *at)
    assert result.exit_code == 1
    assert "server: entry 2: It is not what was written." in result.output
    assert "main: whole" in result.output


def test_keys(tmp_path: Path) -> None:
    at = ("--folder", set_up(tmp_path))
    said = done("key", "rotate", "--grace", "0", *at)
    assert said.count("now version 2") == 2
    done("key", "make", tmp_path / "new.key")
    settings = tmp_path / "server.toml"
    text = settings.read_text().replace('"file:master.key"', '"file:new.key"')
    settings.write_text(text + 'old_master_key = "file:master.key"\n')
    assert "Wrapped anew: 4." in done("key", "rewrap", *at)
    settings.write_text(text)
    (tmp_path / "master.key").unlink()
    assert "main: whole" in done("audit", "verify", *at)


@pytest.mark.parametrize("kind", KINDS)
def test_backup_and_restore(kind: str, owner: Any, tmp_path: Path) -> None:
    folder, new = set_up(tmp_path / "a"), tmp_path / "b"
    file = tmp_path / "weft.backup"
    assert "Rows: " in done("backup", file, "--folder", folder)
    assert file.stat().st_mode & 0o077 == 0
    refused("backup", file, "--folder", folder, match="there already")
    refused("restore", file, "--folder", new, match="master key cannot be read")
    new.mkdir(exist_ok=True)
    (new / "master.key").write_bytes((folder / "master.key").read_bytes())
    (new / "master.key").chmod(0o600)
    done("restore", file, "--folder", new, *owner(kind))
    assert "main: whole" in done("audit", "verify", "--folder", new)
    assert done("org", "list", "--folder", new) == done("org", "list", "--folder", folder)


def test_another_master_key_restores_nothing(tmp_path: Path) -> None:
    folder, new = set_up(tmp_path / "a"), tmp_path / "b"
    done("backup", tmp_path / "weft.backup", "--folder", folder)
    done("key", "make", new / "master.key")
    refused("restore", tmp_path / "weft.backup", "--folder", new, match="did not wrap")
    assert not (new / "server.toml").exists()


def test_settings_that_cannot_be_meant_are_named(tmp_path: Path) -> None:
    at = ("--folder", set_up(tmp_path))
    settings = tmp_path / "server.toml"
    whole = settings.read_text()
    for text, match in (
        ("port = ", "cannot be read"),
        ("wrong = 1\n", "no setting wrong"),
        ('port = "x"\n', "wrong kind"),
        ('trusted_proxies = ["proxy"]\n', "not a network"),
        ("trusted_proxies = [1]\n", "wrong kind"),
        ("[limits]\nbody = true\n", "wrong kind"),
    ):
        settings.write_text(text)
        refused("user", "list", *at, match=match)
    settings.write_text(whole)
    refused("user", "list", "--folder", tmp_path / "none", match="no server in this folder")


def test_tables_of_another_version_are_refused(tmp_path: Path) -> None:
    at = ("--folder", set_up(tmp_path))
    assert newest() in done("migrate", *at)
    connection = sqlite3.connect(tmp_path / "weft.db")
    connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.commit()
    refused("user", "list", *at, match="newer version")
    refused("migrate", *at, match="newer version")
    connection.execute("DELETE FROM alembic_version")
    connection.commit()
    connection.close()
    refused("user", "list", *at, match="weft-cloud migrate")
    with pytest.raises(BadInput, match="never go back"):
        downgrade()


def test_a_role_that_row_level_security_does_not_hold_is_refused(postgresql: Postgres) -> None:
    for role, fine in (("owner", False), ("weft_app", True)):
        database = Database(postgresql.url(role, "template_weft"))
        try:
            if fine:
                need_harmless_role(database)
            else:
                with pytest.raises(NotAllowed, match="row-level security"):
                    need_harmless_role(database)
        finally:
            database.close()
