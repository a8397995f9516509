"""Making the places a server keeps its things in: folder, certificate, settings, database."""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path

from sqlalchemy import URL, Engine, text
from sqlalchemy.engine import make_url

from cloud.certificate import fingerprint, make_certificate, names_here
from cloud.config import NAME, Config
from cloud.store.database import Database
from cloud.store.migrate import upgrade
from studio.base import atomic
from studio.base.errors import BadInput
from studio.base.i18n import _

HEADER = """\
# The Weft repository server. What is not said here has its default; see docs/server.md.
"""
_KEPT = ("host", "port", "public_url", "database", "master_key", "certificate", "private_key", "blobs")


def refuse_existing(folder: Path) -> None:
    """Raise BadInput when the folder holds a server."""
    if (folder / NAME).exists():
        raise BadInput(
            _("There is a server in this folder already."),
            file=folder / NAME,
            next_step=_("Serve it: weft-cloud serve --folder {folder}").format(folder=folder),
        )
    database = folder / "weft.db"
    if database.exists():
        raise BadInput(
            _("There is a database without settings: setting the server up was cut off, or they were lost."),
            file=database,
            next_step=_(
                "Put server.toml back; or, if nothing is in the database, remove it and begin again."
            ),
        )


def make_folder(folder: Path) -> None:
    """A folder only its owner can enter."""
    atomic.make_folder(folder)
    if os.name == "posix":
        folder.chmod(0o700)


def self_made_certificate(config: Config, name: str) -> str:
    """A certificate for the server's names, unless one is there already; returns its fingerprint."""
    certificate, key = config.folder / config.certificate, config.folder / config.private_key
    if certificate.exists() and key.exists():
        return fingerprint(certificate)
    # A key without its certificate is left of a set-up that was cut off.
    key.unlink(missing_ok=True)
    return make_certificate(certificate, key, names_here(name, config.host))


def write(file: Path, config: Config) -> None:
    """The settings that are not left to their defaults."""
    lines = [f"{name} = {json.dumps(value)}\n" for name in _KEPT if (value := getattr(config, name)) != ""]
    atomic.write_text(file, HEADER + "".join(lines))
    if os.name == "posix":
        file.chmod(0o600)


def make_database(config: Config, owner: str) -> str:
    """The tables, on PostgreSQL with a role of the server's own; returns the database's URL for the settings.

    `owner` is the URL of the role that is to own the tables; without it SQLite in the folder, and an empty URL.
    """
    url, role = _used(owner)
    database = Database(owner or config.database_url, pool=2)
    try:
        if role:
            _make_role(database.engine, make_url(url))
        upgrade(database.engine, role)
    finally:
        database.close()
    return url


def _used(owner: str) -> tuple[str, str]:
    """The URL the server will use and its role; both empty for SQLite."""
    if not owner:
        return "", ""
    found = make_url(owner)
    if not found.drivername.startswith("postgresql") or not found.database:
        raise BadInput(
            _("This is not the address of a PostgreSQL database."),
            next_step=_("Write postgresql://owner:password@host/database."),
        )
    role = f"{found.database}_app"
    used = URL.create(
        "postgresql", role, secrets.token_urlsafe(24), found.host, found.port, found.database, found.query
    )
    return used.render_as_string(hide_password=False), role


def _make_role(engine: Engine, used: URL) -> None:
    """The role the server works as: may sign in, and nothing else of its own."""
    with engine.begin() as connection:
        known = text("SELECT 1 FROM pg_roles WHERE rolname = :name")
        if connection.execute(known, {"name": used.username}).first():
            raise BadInput(
                _("The role {name} is there already: another server may be using it.").format(
                    name=used.username
                ),
                next_step=_("Drop it if it is left over, or use another database."),
            )
        quoted = engine.dialect.identifier_preparer.quote(str(used.username))
        # The password holds letters, digits, - and _ only: it was made above.
        connection.exec_driver_sql(f"CREATE ROLE {quoted} LOGIN PASSWORD '{used.password}'")
