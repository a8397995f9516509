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
from studio.repository.addresses import clean_server
from studio.repository.client import Repository


def account_for(server: str = "", organization: str = "") -> Account:
    """The account to work with on a server (that of WEFT_REPOSITORY_SERVER or the one used last where none is named), in an organization (its id).

    With a token for the server in WEFT_REPOSITORY_TOKEN nobody needs to have signed in: the organization is that of the
    project, or named. Raises NotAllowed.
    """
    server = server or os.environ.get(accounts.SERVER_VARIABLE, "").strip()
    place = clean_server(server) if server else ""
    found = accounts.current(place)
    if found is None and organization and accounts.token_given(place):
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
