"""`weft-cloud` from an empty folder on: what it makes, what it prints, what it refuses."""

from __future__ import annotations

import atexit
import functools
import json
import os
import shutil
import socket
import sqlite3
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from sqlalchemy import create_engine
from typer.testing import CliRunner, Result

from cloud.__main__ import commands, main
from cloud.command.opening import opened
from cloud.command.places import keep_private
from cloud.config import load
from cloud.store.database import Database
from cloud.store.keys import MasterKeyError
from cloud.store.metadata import SERVER
from cloud.store.migrate import downgrade, need_harmless_role, newest
from studio import __version__
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


@functools.cache
def _made() -> Path:
    """A server on SQLite, made once a process; nothing in its folder says where that is."""
    place = tempfile.TemporaryDirectory(prefix="weft-server-")
    atexit.register(place.cleanup)
    folder = Path(place.name) / "server"
    done("init", "--email", "ana@example.com", "--folder", folder)
    return folder


def set_up(folder: Path) -> Path:
    """A server of the test's own in a folder."""
    shutil.copytree(_made(), folder, dirs_exist_ok=True)
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
    said = done("audit", "sign", *at)
    assert "ends of 2 chains" in said
    assert str(tmp_path / "audit-heads") in said
    assert "Public key" in said
    assert "today already" in done("audit", "sign", *at)
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
    assert said == "server: now version 2\nmain: now version 2\n"
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


@pytest.mark.parametrize("kind", KINDS)
def test_a_restore_that_is_refused_leaves_nothing(kind: str, owner: Any, tmp_path: Path) -> None:
    folder, new = set_up(tmp_path / "a"), tmp_path / "b"
    file, damaged = tmp_path / "weft.backup", tmp_path / "damaged.backup"
    options = owner(kind)
    done("backup", file, "--folder", folder)
    damaged.write_bytes(file.read_bytes().replace(b"ana@example.com", b"eva@example.com"))
    refused("restore", file, "--folder", new, *options, match="master key cannot be read")
    assert not new.exists()
    done("key", "make", new / "master.key")
    refused("restore", file, "--folder", new, *options, match="did not wrap")
    refused("restore", damaged, "--folder", new, *options, match="damaged")
    refused("restore", tmp_path / "none.backup", "--folder", new, *options, match="not a whole backup")
    (new / "master.key").write_bytes((folder / "master.key").read_bytes())
    refused("restore", damaged, "--folder", new, *options, match="damaged")
    assert [entry.name for entry in new.iterdir()] == ["master.key"]
    done("restore", file, "--folder", new, *options)
    assert "main: whole" in done("audit", "verify", "--folder", new)


@pytest.mark.parametrize(
    ("words", "match"),
    [
        (["--email", "nobody"], "not an e-mail"),
        (["--port", "70000"], "no port 70000"),
        (["--port", "0"], "no port 0"),
        (["--host", "no.such.host.invalid"], "not a name or an address"),
        (["--host", "192.0.2.1"], "not an address of this machine"),
        (["--public-url", "weft.example"], "how people reach"),
        (["--public-url", "https://weft.example/somewhere"], "how people reach"),
        (["--public-url", "https://weft.example:x"], "how people reach"),
        (["--slug", "A b"], "short name"),
        (["--first-name", "Ana\x07"], "A name is one line"),
        (["--organization", " "], "A name is one line"),
        (["--master-key", "environment:WEFT_NO_SUCH_KEY"], "WEFT_NO_SUCH_KEY"),
        (["--master-key", "somewhere"], "does not say where"),
        (["--owner", "mysql://x/y"], "not the address of a PostgreSQL"),
    ],
)
def test_what_no_server_can_be_made_of_is_refused_and_leaves_nothing(
    words: list[str], match: str, tmp_path: Path
) -> None:
    folder = tmp_path / "new" / "server"
    refused("init", "--email", "ana@example.com", *words, "--folder", folder, match=match)
    assert not folder.parent.exists()


def test_a_failed_start_can_be_tried_again(tmp_path: Path) -> None:
    """What stops it in the middle is undone: the second try finds the folder as the first one did."""
    folder = tmp_path / "server"
    folder.mkdir()
    (folder / "certificate.pem").mkdir()
    failed = weft_cloud("init", "--email", "ana@example.com", "--folder", folder)
    assert failed.exit_code != 0
    assert [entry.name for entry in folder.iterdir()] == ["certificate.pem"]
    (folder / "certificate.pem").rmdir()
    done("init", "--email", "ana@example.com", "--folder", folder)
    assert "main: whole" in done("audit", "verify", "--folder", folder)


def test_a_failed_start_on_postgresql_can_be_tried_again(owner: Any, tmp_path: Path) -> None:
    options = owner("postgresql")
    folder = tmp_path / "server"
    folder.mkdir()
    # The settings are written last: everything else is there by then.
    (folder / ".server.toml").mkdir()
    words = ("init", "--email", "ana@example.com", "--folder", folder, *options)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("cloud.command.init.NAME", "no/such/.folder\0")
        assert weft_cloud(*words).exit_code != 0
    assert [entry.name for entry in folder.iterdir()] == [".server.toml"]
    done(*words)
    assert "main: whole" in done("audit", "verify", "--folder", folder)
    other = tmp_path / "other"
    refused(
        "init", "--email", "ana@example.com", "--folder", other, *options, match="in this database already"
    )
    assert not other.exists()
    assert "main: whole" in done("audit", "verify", "--folder", folder)


def test_a_folder_with_other_things_is_refused(tmp_path: Path) -> None:
    (tmp_path / ".profile").write_text("")
    (tmp_path / "letter.txt").write_text("mine")
    tmp_path.chmod(0o755)
    refused("init", "--email", "ana@example.com", "--folder", tmp_path, match="letter.txt")
    assert sorted(entry.name for entry in tmp_path.iterdir()) == [".profile", "letter.txt"]
    assert tmp_path.stat().st_mode & 0o777 == 0o755
    (tmp_path / "letter.txt").unlink()
    done("init", "--email", "ana@example.com", "--folder", tmp_path)


def test_the_first_administrator_has_a_name(tmp_path: Path) -> None:
    done(
        "init",
        "--email",
        "ana@example.com",
        "--first-name",
        "Ana",
        "--surname",
        "Souza",
        "--folder",
        tmp_path,
    )
    assert done("user", "list", "--folder", tmp_path) == "ana@example.com\tAna Souza\truns the server\n"


def test_the_version_is_told() -> None:
    assert done("--version") == f"weft-cloud {__version__}\n"


def test_nobody_else_reads_what_is_kept(tmp_path: Path) -> None:
    folder = set_up(tmp_path / "server")
    config = load(folder)
    (folder / "blobs").mkdir(exist_ok=True)
    for name in ("weft.db", "certificate.pem", "blobs"):
        (folder / name).chmod(0o755)
    keep_private(config)
    assert {entry.name: entry.stat().st_mode & 0o077 for entry in folder.iterdir()} == dict.fromkeys(
        (entry.name for entry in folder.iterdir()), 0
    )


def test_another_master_key_serves_nothing(tmp_path: Path) -> None:
    folder = set_up(tmp_path / "server")
    (folder / "master.key").unlink()
    done("key", "make", folder / "master.key")
    result = weft_cloud("serve", "--folder", folder)
    assert isinstance(result.exception, MasterKeyError)
    assert "did not wrap" in str(result.exception)
    assert result.output == ""


def test_a_port_that_is_taken_is_told_before_anything_else(tmp_path: Path) -> None:
    folder = set_up(tmp_path / "server")
    with socket.create_server(("127.0.0.1", 0)) as there:
        settings = folder / "server.toml"
        port = there.getsockname()[1]
        settings.write_text(settings.read_text().replace("port = 8470", f"port = {port}"))
        result = weft_cloud("serve", "--folder", folder)
    assert isinstance(result.exception, BadInput)
    assert f"port {port}: the port is taken" in str(result.exception)
    assert result.output == ""


def test_settings_that_cannot_be_meant_are_named(tmp_path: Path) -> None:
    at = ("--folder", set_up(tmp_path))
    settings = tmp_path / "server.toml"
    whole = settings.read_text()
    for text, match in (
        ("port = ", "cannot be read"),
        ("port = 65536\n", "no port 65536"),
        ('public_url = "ftp://weft.example"\n', "how people reach"),
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


def test_a_database_that_is_away_is_told_plainly(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = set_up(tmp_path / "server")
    with (folder / "server.toml").open("a") as settings:
        settings.write('database = "postgresql://weft_app:geheim@127.0.0.1:1/weft"\n')
    monkeypatch.setattr(sys, "argv", ["weft-cloud", "user", "list", "--folder", str(folder)])
    before = os.umask(0o022)
    try:
        with pytest.raises(SystemExit) as ended:
            main()
    finally:
        os.umask(before)
    said = capsys.readouterr().err
    assert ended.value.code == 3
    assert said.startswith("The database does not answer: ")
    assert "geheim" not in said
    assert "Traceback" not in said
