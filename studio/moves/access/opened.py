"""An org for the length of a block: signed in to, the practice org started where it does not run."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

from studio.base.secrets import SecretStore
from studio.connectors.salesforce.pace import Pace
from studio.connectors.salesforce.session import Grant, Org, connect
from studio.connectors.salesforce.sign_in import password
from studio.moves.access.orgs import PRACTICE, PRACTICE_CLIENT, OrgLogin
from studio.moves.access.sign_in import Show, open_org
from studio.network.client import open_client
from studio.practice.shared import SharedPractice


@contextlib.asynccontextmanager
async def opened(
    login: OrgLogin,
    store: Callable[[], SecretStore],
    *,
    show: Show = lambda _address, _code: None,
    version: str = "",
    pace: Pace | None = None,
) -> AsyncIterator[Org]:
    """The org of a login. `store` is asked for secrets when one is needed, `show` is given the page for the browser
    and the code to type there.

    Raises BadInput, NotReachable, NotAllowed and SalesforceError.
    """
    async with open_client() as client:
        if login.flow != PRACTICE:
            yield await open_org(client, login, store, show=show, version=version, pace=pace)
            return
        # Starting the process of the practice org takes about a second and would hold up the loop.
        shared = await asyncio.to_thread(SharedPractice)
        try:
            ready = shared.ready

            async def again(_refused: Grant) -> Grant:
                return await password(client, ready.url, ready.username, ready.password, PRACTICE_CLIENT)

            grant = Grant(ready.access_token, ready.url)
            yield await connect(client, grant, renew=again, version=version, pace=pace)
        finally:
            await asyncio.to_thread(shared.close)
