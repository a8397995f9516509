"""A server ready to be asked: the account that is signed in there, its token, and a client, closed at the end."""

from __future__ import annotations

import contextlib
import os
from collections.abc import AsyncIterator, Callable
from dataclasses import replace

from studio.base.secrets import SecretStore
from studio.network.client import NetworkSettings, open_client
from studio.repository import accounts
from studio.repository.accounts import Account
from studio.repository.client import Repository
from studio.repository.wire import clean_server


def account_for(server: str = "", organization: str = "") -> Account:
    """The account to work with on a server (the one used last where none is named), in an organization (its id).

    With WEFT_REPOSITORY_TOKEN set and a server and organization named, nobody needs to have signed in. Raises NotAllowed.
    """
    place = clean_server(server) if server else ""
    found = accounts.current(place)
    if found is None and place and organization and os.environ.get(accounts.TOKEN_VARIABLE, "").strip():
        found = Account(place, "", "", "", organization, "")
    if found is None:
        found = accounts.needed(place)
    if organization and found.organization != organization:
        found = replace(
            found, organization=organization, organization_name="", environment="", environment_name=""
        )
    return found


@contextlib.asynccontextmanager
async def opened(
    account: Account, store: Callable[[], SecretStore], settings: NetworkSettings | None = None
) -> AsyncIterator[Repository]:
    """A client of the account's server; raises NotAllowed where there is no token."""
    token = accounts.token_of(account, store)
    async with Repository(account, token, open_client(settings)) as repository:
        yield repository
