"""A schema at an address, fetched with all it imports and looked at like files that were dropped."""

from __future__ import annotations

import base64
from pathlib import Path

from studio.base import paths
from studio.network.documents import Documents
from studio.project.intake import Intake, of_mirror
from studio.schema.remote import Ask, Fetch, Fetched, Mirror
from studio.schema.source import LARGEST_SCHEMA


def login_header(user: str, secret: str) -> str:
    """What the server of an address is told: user and password, a token alone, or nothing."""
    if user:
        return "Basic " + base64.b64encode(f"{user}:{secret}".encode()).decode("ascii")
    return f"Bearer {secret}" if secret else ""


def fetch_schema(url: str, login: str = "") -> Intake:
    """What a project would take in of the schema at an address. `login` goes to its own server only.

    Raises BadInput for no address, NotReachable and NotAllowed, TooLarge (see `schema.remote`).
    """
    with Documents() as documents:
        mirror = Mirror(url, fetching(documents, login), fetched_folder())
        return of_mirror(mirror.folder, mirror.load())


def fetching(documents: Documents, login: str) -> Fetch:
    """The reader's fetch function on our network client; `login` is shown to the server of the first address only."""

    def fetch(ask: Ask) -> Fetched:
        headers = {"Authorization": login} if login and ask.trusted else {}
        if ask.etag:
            headers["If-None-Match"] = ask.etag
        elif ask.modified:
            headers["If-Modified-Since"] = ask.modified
        found = documents.get(ask.url, headers, limit=LARGEST_SCHEMA)
        return Fetched(found.body, found.etag, found.modified, found.age, found.moved, found.unchanged)

    return fetch


def fetched_folder() -> Path:
    """Where fetched schemas are kept."""
    return paths.cache_folder() / "fetched"
