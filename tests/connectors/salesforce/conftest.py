"""A running practice org and an HTTP client, for the tests of the connector."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest_asyncio

from studio.connectors.salesforce.pace import Pace
from studio.connectors.salesforce.session import Grant, Org, connect
from studio.network.client import open_client
from studio.practice.server import PracticeOrg

QUICK = Pace(first=0.01, most=0.05, patience=3)


@pytest_asyncio.fixture
async def server(own_home: Path) -> AsyncIterator[PracticeOrg]:
    async with PracticeOrg(seed=False) as practice:
        yield practice


@pytest_asyncio.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with open_client() as made:
        yield made


@pytest_asyncio.fixture
async def org(server: PracticeOrg, client: httpx.AsyncClient) -> Org:
    return await connect(client, Grant(server.ready.access_token, server.ready.url), pace=QUICK)
