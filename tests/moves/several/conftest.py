"""Files of several objects, and what the org holds of them afterwards."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path

import pytest
import pytest_asyncio

from studio.connectors.salesforce.rows import encode
from studio.network.client import open_client
from studio.practice.server import PracticeOrg
from tests.moves.conftest import Practice, practice, sign_in

__all__ = ["other", "practice", "table"]
Table = Callable[[str, Sequence[str], Sequence[Sequence[str]]], str]


@pytest.fixture
def table(tmp_path: Path) -> Table:
    """Writes a file of rows; its path as text."""

    def write(name: str, header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
        path = tmp_path / f"{name}.csv"
        path.write_bytes(b"".join(encode(header, rows)))
        return str(path)

    return write


@pytest_asyncio.fixture
async def other(own_home: Path) -> AsyncIterator[Practice]:
    """A second org, where records come from."""
    async with PracticeOrg(seed=False) as server, open_client() as client:
        yield Practice(server, client, await sign_in(client, server))
