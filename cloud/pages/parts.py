"""Tells the server that refusals are shown to people as pages."""

from __future__ import annotations

from cloud.pages.refusals import refusal_page, wants_page
from cloud.server import Server


def set_up(server: Server) -> None:
    """Hang up the maker of error pages."""
    server.parts["refusal_page"] = (wants_page, refusal_page)
