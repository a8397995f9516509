"""Tells the pages' templates the console's own words."""

from __future__ import annotations

from cloud.console import words
from cloud.console.frame import chosen
from cloud.pages.page import knows
from cloud.server import Server

WORDS = (
    words.action_groups,
    words.action_name,
    words.company_name,
    words.device_name,
    words.file_kind,
    words.file_names,
    words.kind_name,
    words.names_of,
    words.pairs,
    words.right_name,
    words.scope_name,
    words.sign_in_note,
    words.via_name,
    words.way_name,
)


def set_up(server: Server) -> None:  # noqa: ARG001
    """Templates of the console use these by name."""
    knows(RIGHTS=words.RIGHTS, chosen=chosen, **{word.__name__: word for word in WORDS})
