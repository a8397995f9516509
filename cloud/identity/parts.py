"""What identity hangs up in the server: who vouches for callers, and the policies in front of every route."""

from __future__ import annotations

from cloud.identity.fetched import Fetch
from cloud.identity.gates import gate
from cloud.identity.sessions import authenticate
from cloud.server import Server


def set_up(server: Server) -> None:
    """Called once by create_app."""
    server.authenticators += (authenticate,)
    server.gates += (gate,)
    server.parts["fetch"] = Fetch(inside=server.config.sso_inside)
