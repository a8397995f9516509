"""Tells the pages' templates the console's own words."""

from __future__ import annotations

from cloud.console.frame import chosen
from cloud.console.words import RIGHTS, device_name, right_name, way_name
from cloud.pages.page import knows
from cloud.server import Server


def set_up(server: Server) -> None:  # noqa: ARG001
    """Templates of the console use these by name."""
    knows(RIGHTS=RIGHTS, chosen=chosen, right_name=right_name, way_name=way_name, device_name=device_name)
