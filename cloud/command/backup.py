"""`weft-cloud backup` and `restore`."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer

from cloud.command.migrate import Owner
from cloud.command.opening import Folder, leave_entry, opened, say, server_of
from cloud.command.places import all_or_nothing, need_place, new_database, self_made_certificate, write
from cloud.config import NAME, Config, load
from cloud.store.backup import back_up, look
from cloud.store.backup import restore as put_back
from cloud.store.blobs import blobs_at
from cloud.store.database import Database
from cloud.store.keys import master_key as master_key_at
from studio.base.i18n import _


def register(app: typer.Typer) -> None:
    """Add the verbs."""
    app.command()(backup)
    app.command()(restore)


def backup(file: Path, folder: Folder = Path()) -> None:
    """Write everything into one file while the server works. The master key is not in it: keep that elsewhere."""
    with opened(folder) as server:
        config = server.config
        count = back_up(server.database, blobs_at(config.blobs, config.folder), file.absolute())
        with server.database.common(write=True) as common:
            leave_entry(common, server, "server.backup", "", {"rows": count.rows, "blobs": count.blobs})
    file.chmod(0o600)
    say(_("Rows: {rows}, blobs: {blobs}.").format(rows=count.rows, blobs=count.blobs))


def restore(
    file: Path,
    folder: Folder = Path(),
    owner: Owner = "",
    master_key: Annotated[
        str, typer.Option(help="Where the master key is; a file is put into the folder first.")
    ] = Config.master_key,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = Config.host,
    port: Annotated[int, typer.Option(help="The port to listen on.")] = Config.port,
    public_url: Annotated[str, typer.Option(help="How people reach it.")] = "",
) -> None:
    """Make a server from a backup: in a folder with only the master key in it, on SQLite or (--owner) PostgreSQL."""
    folder = folder.absolute()
    config = Config(folder=folder, host=host, port=port, public_url=public_url, master_key=master_key)
    need_place(config, (file.name,) if file.absolute().parent == folder else ())
    # Whatever can be wrong with file and key is found before anything is made.
    whole = look(file, master_key_at(master_key, folder))
    with all_or_nothing(folder):
        self_made_certificate(config, urlsplit(public_url).hostname or "")
        with new_database(config, owner) as url:
            config = replace(config, database=url)
            with contextlib.closing(Database(config.database_url, pool=4)) as database:
                count = put_back(whole, database, blobs_at(config.blobs, folder))
                server = server_of(config, database)
                server.envelope.need_master()
                with database.common(write=True) as common:
                    leave_entry(
                        common, server, "server.restore", "", {"rows": count.rows, "blobs": count.blobs}
                    )
            write(folder / NAME, config)
            load(folder)
    say(_("Rows: {rows}, blobs: {blobs}.").format(rows=count.rows, blobs=count.blobs))
    say(_("Start it:  weft-cloud serve --folder {folder}").format(folder=folder))
