"""Preferences of a test as a user would have set them: the file of the studio's home and the key store."""

from __future__ import annotations

import dataclasses

import httpx

from studio.base.secrets import open_store
from studio.network.client import open_client, reaching, read_body
from studio.network.settings import NetworkPreferences, Way, load, save, secret_of_proxy


def through(address: str, user: str | None = None, password: str | None = None, **further: object) -> None:
    """Everything goes through this proxy, as this user."""
    place = address.partition("://")[2]
    users = {} if user is None else {place: user}
    save(NetworkPreferences(way=Way.EXPLICIT, proxy=address, users=users, **further))  # type: ignore[arg-type]
    if password is not None:
        open_store().put(secret_of_proxy(place), password)


def also(**further: object) -> None:
    """More preferences beside those there are."""
    save(dataclasses.replace(load()[0], **further))  # type: ignore[arg-type]


async def fetched(
    url: str, *, content: bytes | None = None, client: httpx.AsyncClient | None = None
) -> bytes:
    """The body at an address, by the product's client."""
    if client is None:
        async with open_client() as own:
            return await fetched(url, content=content, client=own)
    with reaching(url):
        async with client.stream("GET" if content is None else "POST", url, content=content) as response:
            assert response.status_code == 200
            return await read_body(response)
