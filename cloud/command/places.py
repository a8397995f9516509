"""Making the places a server keeps its things in: folder, certificate, settings, database."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path

import typer
from sqlalchemy import URL, Engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from cloud.audit.heads import FOLDER
from cloud.certificate import fingerprint, make_certificate, names_here
from cloud.config import NAME, Config, need_address
from cloud.listening import need_listening
from cloud.store.database import Database
from cloud.store.metadata import metadata
from cloud.store.migrate import need_empty, upgrade
from studio.base import atomic
from studio.base.errors import BadInput
from studio.base.i18n import _

HEADER = """\
# The Weft repository server. What is not said here has its default; see docs/server.md.
"""
_KEPT = ("host", "port", "public_url", "database", "master_key", "certificate", "private_key", "blobs")


def need_place(config: Config, own: tuple[str, ...] = ()) -> None:
    """Raise BadInput when a server cannot be made so: its folder holds something, or it could not listen there.

    What is the server's own may be in the folder before it: master key, certificate, and the files named by `own`.
    """
    need_address(config)
    need_listening(config.host)
    refuse_existing(config.folder)
    kind, _colon, rest = config.master_key.partition(":")
    known = {config.certificate, config.private_key, "lost+found", *own}
    known |= {Path(rest).parts[0]} if kind == "file" and rest else set()
    if not config.folder.is_dir():
        return
    # What begins with a dot are marks of the system's, and what a set-up that was cut off left.
    others = [entry.name for entry in sorted(config.folder.iterdir()) if not entry.name.startswith(".")]
    others = [name for name in others if name not in known]
    if others:
        raise BadInput(
            _("This folder holds other things, {name} for one: a server has its folder to itself.").format(
                name=others[0]
            ),
            file=config.folder,
            next_step=_("Name a new or an empty folder with --folder."),
        )


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


def keep_private(config: Config) -> None:
    """Take from others what servers before this one let them read in the folder; new files are made private."""
    if os.name != "posix":
        return
    names = ("weft.db", "weft.db-wal", "weft.db-shm", config.certificate, NAME)
    for path in (config.folder / name for name in names):
        with contextlib.suppress(OSError):
            if path.stat().st_mode & 0o077:
                path.chmod(0o600)
    for path in (config.folder / name for name in ("blobs", FOLDER)):
        with contextlib.suppress(OSError):
            if path.stat().st_mode & 0o077:
                path.chmod(0o700)


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


@contextlib.contextmanager
def all_or_nothing(folder: Path) -> Iterator[None]:
    """Make a folder only its owner can enter; what fails inside the block leaves nothing new in it, or no folder."""
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    before = set(folder.iterdir()) if not missing and folder.is_dir() else set()
    try:
        make_folder(folder)
        yield
    except BaseException:
        with contextlib.suppress(OSError):
            for entry in set(folder.iterdir()) - before:
                shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
            for each in missing:
                each.rmdir()
        raise


@contextlib.contextmanager
def new_database(config: Config, owner: str) -> Iterator[str]:
    """The tables, on PostgreSQL with a role of the server's own; the block is given the URL for the settings.

    `owner` is the URL of the role that is to own the tables; without it SQLite in the folder, and an empty URL. On
    PostgreSQL what fails inside the block takes tables and role away again. Raises BadInput when tables are there.
    """
    url, role = _used(owner)
    database = Database(owner or config.database_url, pool=2)
    try:
        need_empty(database)
        if role:
            _make_role(database.engine, make_url(url))
        try:
            upgrade(database.engine, role)
            yield url
        except BaseException:
            if role:
                _take_away(database.engine, role)
            raise
    finally:
        database.close()


def _take_away(engine: Engine, role: str) -> None:
    """What was made in a PostgreSQL database that had nothing of ours, out again; what cannot be is left and told."""
    quote = engine.dialect.identifier_preparer.quote
    names = [*(table.name for table in metadata.sorted_tables), "alembic_version"]
    try:
        with engine.begin() as connection:
            for name in names:
                connection.exec_driver_sql(f"DROP TABLE IF EXISTS {quote(name)} CASCADE")
            connection.exec_driver_sql(f"DROP ROLE {quote(role)}")
    except SQLAlchemyError:
        typer.echo(
            _("The database could not be emptied again: drop it and make it anew before the next try."),
            err=True,
        )


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
