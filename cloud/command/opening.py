"""What a command works on: the server's folder, its database and keys."""

from __future__ import annotations

import contextlib
import getpass
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from cloud.audit.entries import Entry, append
from cloud.config import Config, load
from cloud.server import Server
from cloud.store.database import Database, Transaction
from cloud.store.envelope import Envelope
from cloud.store.keys import master_keys
from cloud.store.metadata import new_id
from cloud.store.migrate import need_current

Folder = Annotated[
    Path, typer.Option("--folder", envvar="WEFT_CLOUD_FOLDER", help="Where the server keeps its things.")
]


def say(text: str = "") -> None:
    """What was asked for, on standard output."""
    typer.echo(text)


@contextlib.contextmanager
def opened(folder: Path) -> Iterator[Server]:
    """The server of a folder, not serving; its database is of this program's version. Raises BadInput."""
    config = load(folder)
    database = Database(config.database_url, pool=4)
    try:
        need_current(database)
        yield server_of(config, database)
    finally:
        database.close()


def server_of(config: Config, database: Database) -> Server:
    """The parts of a server."""
    masters = master_keys(config.master_key, config.old_master_key, config.folder)
    return Server(config, database, Envelope(database, *masters))


def leave_entry(transaction: Transaction, server: Server, action: str, target: str, after: object) -> None:
    """The audit's entry of a command: who ran it is the account on this machine."""
    who = f"command:{_account()}"
    append(transaction, server.envelope, Entry(action, target, who, "command", "", new_id(), None, after))


def _account() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid()) if hasattr(os, "getuid") else "?"
