"""Schemas from an address for the command line: the network client put behind the reader's fetch function."""

from __future__ import annotations

import base64
import os
from pathlib import Path
from urllib.parse import unquote, urlsplit

from studio.base import paths
from studio.network.documents import Documents
from studio.schema.model import Schema
from studio.schema.remote import Ask, Fetched, is_address, read_remote
from studio.schema.source import LARGEST_SCHEMA

__all__ = ["is_address", "read_address"]


def read_address(
    url: str, *, kind: str | None = None, root: str | None = None, encoding: str | None = None
) -> Schema:
    """The schema at an address. A user and password in it, or WEFT_FETCH_TOKEN, go to its own server only."""
    login = _login(url)
    with Documents() as documents:

        def fetch(ask: Ask) -> Fetched:
            headers = {"Authorization": login} if login and ask.trusted else {}
            if ask.etag:
                headers["If-None-Match"] = ask.etag
            elif ask.modified:
                headers["If-Modified-Since"] = ask.modified
            found = documents.get(ask.url, headers, limit=LARGEST_SCHEMA)
            return Fetched(found.body, found.etag, found.modified, found.age, found.moved, found.unchanged)

        return read_remote(url, fetch, folder(), kind=kind, root=root, encoding=encoding)


def folder() -> Path:
    """Where fetched schemas are kept."""
    return paths.cache_folder() / "fetched"


def _login(url: str) -> str:
    parts = urlsplit(url)
    if parts.username is not None:
        pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        return "Basic " + base64.b64encode(pair.encode()).decode("ascii")
    token = os.environ.get("WEFT_FETCH_TOKEN", "")
    return f"Bearer {token}" if token else ""
