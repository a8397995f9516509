"""Bringing the tables of a database to the version of this program; never back."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

from alembic import command
from alembic.config import Config as AlembicConfig
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import Connection, Engine, text

from cloud.store.database import Database
from cloud.store.schema import know_tables
from studio.base.errors import BadInput, NotAllowed
from studio.base.i18n import _

_STEPS = Path(__file__).with_name("migrations")


def _settings() -> AlembicConfig:
    know_tables()
    settings = AlembicConfig()
    settings.set_main_option("script_location", str(_STEPS))
    # The folder's own name is a package's: Alembic is told the folder itself.
    settings.set_main_option("path_separator", "os")
    return settings


def newest() -> str:
    """The version this program works with."""
    head = ScriptDirectory.from_config(_settings()).get_current_head()
    assert head is not None
    return head


def version_of(connection: Connection) -> str | None:
    """The version of a database's tables; None of an empty one."""
    return MigrationContext.configure(connection).get_current_revision()


def upgrade(engine: Engine, role: str = "", to: str = "head") -> tuple[str | None, str]:
    """Run the missing steps as the owner of the tables; returns the versions before and after.

    `role` is the PostgreSQL role the server works as. Raises BadInput for a database newer than this program.
    """
    settings = _settings()
    with engine.connect().execution_options(weft_write=True) as connection, connection.begin():
        before = version_of(connection)
        _need_known(before)
        settings.attributes["connection"] = connection
        settings.attributes["role"] = role
        command.upgrade(settings, to)
        after = version_of(connection)
        if role:
            # The server looks whether the tables are of its version.
            quoted = connection.dialect.identifier_preparer.quote(role)
            connection.exec_driver_sql(f"GRANT SELECT ON alembic_version TO {quoted}")
    assert after is not None
    return before, after


def downgrade(*_anything: object) -> None:
    """Refused: data written since would be lost. Raises BadInput saying what to do instead."""
    raise BadInput(
        _("The tables never go back to an older version."),
        next_step=_("Restore a backup made with that version into an empty folder or database."),
    )


def need_current(database: Database) -> None:
    """Raise BadInput unless the tables are of this program's version."""
    with database.engine.connect() as connection:
        found = version_of(connection)
    _need_known(found)
    if found != newest():
        raise BadInput(
            _("The tables are of version {found}; this program works with {wanted}.").format(
                found=found or "—", wanted=newest()
            ),
            next_step=_("Make a backup, then run: weft-cloud migrate"),
        )


def _need_known(found: str | None) -> None:
    if found is None:
        return
    try:
        ScriptDirectory.from_config(_settings()).get_revision(found)
    except CommandError as error:
        raise BadInput(
            _("The database was written by a newer version of the server (its tables are {found}).").format(
                found=found
            ),
            next_step=_("Install that version; this one is {version}.").format(
                version=version("weft-studio")
            ),
        ) from error


def need_empty(database: Database) -> None:
    """Raise BadInput when a database has tables of a server, of whatever version."""
    with database.engine.connect() as connection:
        if version_of(connection) is not None:
            raise BadInput(
                _("There are tables of a server in this database already."),
                next_step=_("Name another database, or drop this one and make it anew if nothing is in it."),
            )


def need_harmless_role(database: Database) -> None:
    """On PostgreSQL: refuse to work as a role that row-level security does not hold. Raises NotAllowed."""
    if database.kind != "postgresql":
        return
    asks = text(
        "SELECT rolname, rolsuper OR rolbypassrls OR EXISTS (SELECT 1 FROM pg_class WHERE relname = 'members' "
        "AND pg_has_role(current_user, relowner, 'USAGE')) AS free FROM pg_roles WHERE rolname = current_user"
    )
    with database.engine.connect() as connection:
        row = connection.execute(asks).one()
    if row.free:
        raise NotAllowed(
            _("The role {name} could read every organization past row-level security.").format(
                name=row.rolname
            ),
            next_step=_("Let the server sign in as a role that neither owns the tables nor is a superuser."),
        )
