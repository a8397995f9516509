"""`weft-cloud serve`: the server itself."""

from __future__ import annotations

import contextlib
import signal
from pathlib import Path

import typer

from cloud.app import create_app
from cloud.command.opening import Folder
from cloud.command.places import keep_private
from cloud.config import load
from cloud.daily import Daily
from cloud.listening import close, listen
from cloud.log import event
from cloud.running import log_to, make_server
from cloud.store.database import Database
from cloud.store.migrate import need_current, need_harmless_role
from studio import __version__
from studio.base.i18n import _


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command()(serve)


def serve(folder: Folder = Path()) -> None:
    """Serve the repository until told to stop (Ctrl+C, SIGTERM): then running requests end and new ones are refused."""
    config = load(folder)
    keep_private(config)
    database = Database(config.database_url, pool=40)
    try:
        need_current(database)
        need_harmless_role(database)
        app = create_app(config, database=database)
        app.state.server.envelope.need_master()
        server = make_server(app, config)
        daily = Daily(app.state.server)
        sockets = listen(config.host, config.port)
        typer.echo(_("Serving {address} — stop with Ctrl+C.").format(address=config.address))
        log_to()
        event("started", version=__version__, database=database.kind, address=config.address)
        # uvicorn ends well and then sends itself the signal it was ended with: by then there is nothing to do.
        signal.signal(signal.SIGTERM, lambda *_signal: None)
        daily.start()
        try:
            with contextlib.suppress(SystemExit):
                server.run(sockets)
        finally:
            close(sockets)
            daily.stop()
            event("stopped")
    finally:
        database.close()
