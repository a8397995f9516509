"""`weft-cloud migrate`: the tables to this program's version."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy.engine import make_url

from cloud.command.opening import Folder, say
from cloud.config import load
from cloud.store.database import Database
from cloud.store.migrate import upgrade
from studio.base.i18n import _

Owner = Annotated[
    str,
    typer.Option(
        envvar="WEFT_CLOUD_OWNER",
        help="PostgreSQL: the URL of the role that owns the tables. It is not kept.",
    ),
]


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command()(migrate)


def migrate(folder: Folder = Path(), owner: Owner = "") -> None:
    """Bring the tables to the version of this program. Make a backup first; there is no way back."""
    config = load(folder)
    role = make_url(config.database_url).username or ""
    database = Database(owner or config.database_url, pool=2)
    try:
        before, after = upgrade(database.engine, role)
    finally:
        database.close()
    if before == after:
        say(_("The tables are of version {version}; there was nothing to do.").format(version=after))
    else:
        say(_("The tables are now of version {version}.").format(version=after))
