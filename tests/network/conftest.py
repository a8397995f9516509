"""What the tests of ways out share: no memory of proxies from one test to the next, a cheap key store, certificates."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from studio.network import trust, tunnel
from studio.network.guard import GUARD
from tests.cheap_vault import cheap_vault
from tests.network.authorities import Issued, root
from tests.network.origin import NAME, own_name


@pytest.fixture(autouse=True)
def nothing_known_of_proxies(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Each test meets its proxies for the first time, and none of the environment."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "NTLM_USER_FILE"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    GUARD.forget()
    tunnel.forget()
    yield
    # The system's certificates stay in a context once read, also those a test has named.
    trust._made.clear()


@pytest.fixture
def key_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A place for passwords."""
    return cheap_vault(tmp_path, monkeypatch)


@dataclass
class Certified:
    """A company's authority, its file, and contexts for servers by what is wrong with them."""

    authority: Issued
    folder: Path

    @property
    def file(self) -> Path:
        return self.folder / "authority.pem"

    def server(self, *hosts: str, days: int = 30, clients: Issued | None = None) -> ssl.SSLContext:
        names = hosts or (NAME, own_name()[0], "127.0.0.1")
        return self.authority.below("server", names, days=days).server(self.folder, clients=clients)


@pytest.fixture(scope="session")
def certified(tmp_path_factory: pytest.TempPathFactory) -> Certified:
    """Made once for all tests of a process."""
    made = Certified(root("Corp Root"), tmp_path_factory.mktemp("certified"))
    made.file.write_bytes(made.authority.pem)
    return made
