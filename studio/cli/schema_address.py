"""Schemas from an address for the command line: the network client put behind the reader's fetch function."""

from __future__ import annotations

import os
from urllib.parse import unquote, urlsplit

from studio.agent.addresses import fetched_folder, fetching, login_header
from studio.network.documents import Documents
from studio.schema.model import Schema
from studio.schema.remote import is_address, read_remote

__all__ = ["is_address", "read_address"]


def read_address(
    url: str, *, kind: str | None = None, root: str | None = None, encoding: str | None = None
) -> Schema:
    """The schema at an address. A user and password in it, or WEFT_FETCH_TOKEN, go to its own server only."""
    with Documents() as documents:
        fetch = fetching(documents, _login(url))
        return read_remote(url, fetch, fetched_folder(), kind=kind, root=root, encoding=encoding)


def _login(url: str) -> str:
    parts = urlsplit(url)
    if parts.username is not None:
        return login_header(unquote(parts.username), unquote(parts.password or ""))
    return login_header("", os.environ.get("WEFT_FETCH_TOKEN", ""))
