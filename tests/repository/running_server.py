"""The real server on loopback for tests of its client: an organization, three environments, people with real sessions.

`async with site.repository() as repository:` is a client of `ana`, who may do everything; `site.repository("ben")` one
of somebody who reads everywhere, and writes in development only. The server runs in a thread of this process: its
tables, its clock and its log are at hand as `site.running`.
"""

from __future__ import annotations

import contextlib
import logging
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvicorn
from argon2 import PasswordHasher

from cloud.access.rights import Right
from cloud.app import create_app
from cloud.certificate import make_certificate
from cloud.config import Config, Limits
from cloud.identity import accounts as identity
from cloud.identity import passwords
from cloud.identity.passwords import Policy
from cloud.identity.sessions import open_session
from cloud.log import logger
from cloud.running import make_server
from cloud.store.database import Database
from cloud.store.keys import LocalMaster
from cloud.store.schema import make_tables
from studio.network.client import NetworkSettings, open_client
from studio.protocol.projects import NewProject, Project
from studio.repository.accounts import Account
from studio.repository.client import Repository, new_key
from studio.repository.wire import Patience
from tests.cloud.conftest import ALL, MovableClock, Organization, Person, Running, _Collect
from tests.network.origin import NAME

PASSWORD = "quatro cavalos no telhado"
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
STAGES = ("development", "test", "production")
READER = {"development": ALL, "test": {Right.READ}, "production": {Right.READ}}


async def _at_once(_seconds: float) -> None:
    """Tests do not wait between two tries."""


AT_ONCE = Patience(sleep=_at_once)


@dataclass
class Site:
    """A running server; `url` is its address."""

    url: str
    running: Running
    organization: Organization
    certificate: Path | None = None
    tokens: dict[str, str] = field(default_factory=dict)

    def environment(self, name: str) -> str:
        """The id of one of the three environments."""
        return self.organization.environments[name]

    def token(self, name: str = "ana") -> str:
        """A session of somebody's, opened on the server once."""
        if name not in self.tokens:
            self.tokens[name] = self.new_session(self.organization.people[name])
        return self.tokens[name]

    def new_session(self, person: Person, policy: Policy | None = None) -> str:
        """Another session of somebody's."""
        with self.running.database.common(write=True) as common:
            about = {"kind": "desktop", "device": "a test", "address": "127.0.0.1"}
            return open_session(common, person.id, "password", policy or Policy(), **about).token

    def account(self, name: str = "ana", environment: str = "development") -> Account:
        """Somebody's account, as signing in would keep it."""
        person, where = self.organization.people[name], self.organization
        return Account(
            self.url, person.id, person.email, f"{name.title()} Silva", where.id, where.slug.title(),
            self.environment(environment), environment.title(),
        )  # fmt: skip

    def repository(self, name: str = "ana", patience: Patience = AT_ONCE, token: str = "") -> Repository:
        """A client of somebody's; a context manager."""
        client = open_client(NetworkSettings(extra_ca=self.certificate))
        return Repository(self.account(name), token or self.token(name), client, patience)

    async def new_project(
        self, name: str = "Orders", environment: str = "development", by: str = "ana"
    ) -> Project:
        """A project without a revision."""
        async with self.repository(by) as repository:
            return await repository.create_project(NewProject(name, self.environment(environment)), new_key())


def tables(folder: Path) -> Path:
    """A SQLite file with the server's tables, to be copied for each server."""
    file = folder / "weft.db"
    database = Database(f"sqlite:///{file}", durable=False)
    make_tables(database.engine)
    database.close()
    return file


@contextlib.contextmanager
def serving(
    folder: Path, template: Path, *, tls: bool = False, limits: Limits | None = None
) -> Iterator[Site]:
    """A server in a thread; with `tls` under a certificate of its own making, else plain http on loopback."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(template, folder / "weft.db")
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        config = Config(
            folder=folder, port=port, plain_http=not tls, limits=limits or Limits(per_minute=10**6, tries_per_minute=10**6)
        )  # fmt: skip
        if tls:
            names = ["localhost", "127.0.0.1", NAME]
            make_certificate(folder / "certificate.pem", folder / "certificate.key", names)
        clock, master = MovableClock(), LocalMaster(bytes(range(32)))
        database = Database(config.database_url, clock=clock, durable=False)
        app = create_app(config, database=database, master=master)
        log: list[dict[str, Any]] = []
        before, logger.handlers[:] = list(logger.handlers), [_Collect(log)]
        logger.setLevel(logging.INFO)
        logger.propagate = False
        server = make_server(app, config)
        thread = threading.Thread(target=server.run, args=([listening],), name="repository server")
        thread.start()
        try:
            _wait(server)
            nobody: Any = None
            running = Running(
                "sqlite", app, nobody, database, clock, master, folder, config.database_url, log
            )
            with database.common(write=True) as common:
                running.envelope.make_keys(common)
            made = running.organization(
                "weavers",
                {"ana": dict.fromkeys(STAGES, ALL), "ben": READER, "root": "admin"},
                environments_named=STAGES,
            )
            yield Site(config.address, running, made, folder / "certificate.pem" if tls else None)
        finally:
            server.should_exit = True
            thread.join(60)
            logger.handlers[:] = before
            database.close()
    errors = [facts for facts in log if facts["level"] in ("ERROR", "CRITICAL")]
    assert running.expected_errors in (-1, len(errors)), errors


def _wait(server: uvicorn.Server) -> None:
    for _look in range(2000):
        if server.started:
            return
        time.sleep(0.01)
    raise AssertionError("the server did not start")


def give_password(site: Site, name: str = "ana", password: str = PASSWORD) -> str:
    """Let somebody sign in on the server's pages; the address they type."""
    person = site.organization.people[name]
    with site.running.database.common(write=True) as common:
        identity.keep_password(common, person.id, passwords.hashed(password))
    return person.email
