"""A running org for each test that asks for one."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from studio.practice.server import PracticeOrg
from tests.practice.driver import Api


@pytest.fixture
async def api() -> AsyncIterator[Api]:
    """An org without sample records, on plain HTTP, and a client signed in to it."""
    async with PracticeOrg(seed=False) as practice:
        headers = {"Authorization": f"Bearer {practice.ready.access_token}"}
        async with httpx.AsyncClient(base_url=practice.ready.url, headers=headers, timeout=30) as client:
            yield Api(practice, client)
