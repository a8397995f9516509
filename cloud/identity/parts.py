"""What identity hangs up in the server: who vouches for callers, and the policies in front of every route."""

from __future__ import annotations

from cloud.identity.breached import Breached
from cloud.identity.fetched import Fetch
from cloud.identity.gates import gate
from cloud.identity.sessions import authenticate
from cloud.server import Server


def set_up(server: Server) -> None:
    """Called once by create_app."""
    server.authenticators += (authenticate,)
    server.gates += (gate,)
    listed = server.config.breached_passwords
    server.parts["breached"] = Breached(server.config.folder / listed) if listed else None
    server.parts["fetch"] = Fetch(inside=server.config.sso_inside)
