"""What tests of the repository's client share: a running server, and one that speaks TLS."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from cloud.identity import passwords
from tests.repository.running_server import CHEAP, Site, serving, tables


@pytest.fixture(scope="session")
def server_tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the server's tables."""
    return tables(tmp_path_factory.mktemp("server-tables"))


@pytest.fixture
def site(server_tables: Path, tmp_path: Path) -> Iterator[Site]:
    """A running server on plain http, this computer only."""
    with serving(tmp_path / "server", server_tables) as running:
        yield running


@pytest.fixture
def secure_site(server_tables: Path, tmp_path: Path) -> Iterator[Site]:
    """A running server under a certificate of its own making."""
    with serving(tmp_path / "server", server_tables, tls=True) as running:
        yield running


@pytest.fixture
def cheap_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a password costs is tested elsewhere."""
    monkeypatch.setattr(passwords, "_hasher", CHEAP)
