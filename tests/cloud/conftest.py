"""Servers to ask: fresh ones on SQLite and PostgreSQL, with organizations and people in them."""

from __future__ import annotations

import contextlib
import itertools
import logging
import os
import shutil
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import create_engine, text
from starlette.requests import Request

from cloud.access.rights import Right
from cloud.app import create_app
from cloud.config import Config, Limits
from cloud.log import logger
from cloud.server import Server, SignedIn
from cloud.store.database import Database
from cloud.store.envelope import Envelope
from cloud.store.keys import LocalMaster
from cloud.store.metadata import new_id
from cloud.store.schema import make_tables
from cloud.store.tables import (
    environments,
    member_roles,
    members,
    organizations,
    role_rights,
    roles,
    users,
)
from tests.cloud.databases import Engines, Shelf
from tests.cloud.one_entry import each_write_left_one_entry
from tests.cloud.postgres import Postgres, programs

with warnings.catch_warnings():
    # It would rather have httpx's successor, which nothing else here needs.
    warnings.simplefilter("ignore")
    from starlette.testclient import TestClient

KINDS = ("sqlite", "postgresql")
FULL = os.environ.get("WEFT_FULL") == "1"
ALL = frozenset(Right)
_names = itertools.count(1)
_engines = Engines()


class MovableClock:
    """The time of the server, which tests move."""

    def __init__(self) -> None:
        self.at = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.at += timedelta(microseconds=1)
        return self.at

    def move(self, **by: float) -> None:
        self.at += timedelta(**by)


@dataclass
class Person:
    """Somebody who asks the server: `get`, `post` … with the path below /api/v1."""

    id: str
    email: str
    client: TestClient
    headers: dict[str, str]

    def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        full = path if path.startswith("/api/") else f"/api/v1{path}"
        headers = self.headers | more.pop("headers", {})
        return self.client.request(method, full, headers=headers, **more)

    def get(self, path: str, **more: Any) -> httpx.Response:
        return self.ask("GET", path, **more)

    def post(self, path: str, **more: Any) -> httpx.Response:
        return self.ask("POST", path, **more)

    def put(self, path: str, **more: Any) -> httpx.Response:
        return self.ask("PUT", path, **more)

    def patch(self, path: str, **more: Any) -> httpx.Response:
        return self.ask("PATCH", path, **more)

    def delete(self, path: str, **more: Any) -> httpx.Response:
        return self.ask("DELETE", path, **more)


@dataclass
class Organization:
    """An organization with its people and environments (ids by name)."""

    id: str
    slug: str
    people: dict[str, Person]
    environments: dict[str, str]
    roles: dict[str, str]

    @property
    def path(self) -> str:
        return f"/organizations/{self.slug}"

    def __getattr__(self, name: str) -> Person:
        try:
            return self.people[name]
        except KeyError:
            raise AttributeError(name) from None


@dataclass
class Running:
    """A server that answers within this process; `stranger` is somebody not signed in."""

    kind: str
    app: Any
    client: TestClient
    database: Database
    clock: MovableClock
    master: LocalMaster
    folder: Path
    owner_url: str
    log: list[dict[str, Any]] = field(default_factory=list)
    # Errors of the program a test expects (-1: any); any other fails the test at its end.
    expected_errors: int = 0

    @property
    def server(self) -> Server:
        server: Server = self.app.state.server
        return server

    @property
    def envelope(self) -> Envelope:
        return self.server.envelope

    @property
    def stranger(self) -> Person:
        return Person("", "", self.client, {})

    def person(self, name: str = "", *, server_admin: bool = False) -> Person:
        """Somebody known to the server, a member of nothing."""
        id = new_id()
        email = f"{name or 'person'}.{next(_names)}@example.com"
        with self.database.common(write=True) as common:
            common.insert(
                users,
                id=id,
                email=email,
                first_name=name.title() or "Person",
                surname="Silva",
                phone="+55 11 5555 0100",
                server_admin=server_admin,
                created_at=common.now(),
            )
        return Person(id, email, self.client, {"Authorization": f"Bearer test:{id}"})

    def organization(
        self,
        slug: str = "",
        people: Mapping[str, Mapping[str, Any] | str] | None = None,
        *,
        environments_named: tuple[str, ...] = ("development", "test", "production"),
    ) -> Organization:
        """An organization; `people` maps a name to "admin" or to their rights: `{"production": {Right.READ}}`."""
        id = new_id()
        slug = f"{slug or 'org'}-{next(_names)}"
        made = Organization(id, slug, {}, {}, {})
        with self.database.common(write=True) as common:
            now = common.now()
            common.insert(organizations, id=id, slug=slug, name=slug.title(), created_at=now, changed_at=now)
        with self.database.tenant(id, write=True) as tenant:
            self.envelope.make_keys(tenant)
            for position, name in enumerate(environments_named):
                made.environments[name] = new_id()
                tenant.insert(
                    environments,
                    id=made.environments[name],
                    slug=name,
                    name=name.title(),
                    position=position,
                    created_at=now,
                    changed_at=now,
                )
        for name, rights in (people or {"admin": "admin"}).items():
            self.join(made, self.person(name), name, rights)
        return made

    def join(
        self, organization: Organization, person: Person, name: str, rights: Mapping[str, Any] | str
    ) -> Person:
        """Make somebody a member, with a role of their own."""
        role = new_id()
        with self.database.tenant(organization.id, write=True) as tenant:
            now = tenant.now()
            tenant.insert(members, user_id=person.id, joined_at=now)
            tenant.insert(
                roles,
                id=role,
                name=f"role of {name}",
                admin=rights == "admin",
                created_at=now,
                changed_at=now,
            )
            tenant.insert(member_roles, user_id=person.id, role_id=role)
            given = rights if isinstance(rights, Mapping) else {}
            tenant.insert_many(
                role_rights,
                [
                    {"role_id": role, "environment_id": organization.environments[where], "right": str(right)}
                    for where, held in given.items()
                    for right in sorted(held)
                ],
            )
        organization.people[name] = person
        organization.roles[name] = role
        return person


def by_test_token(server: Server, request: Request) -> SignedIn | None:
    """Who the tests say asks: `Authorization: Bearer test:<user id>`, with `:<organization id>` for a narrow token."""
    kind, _space, token = request.headers.get("authorization", "").partition(" ")
    if kind != "Bearer" or not token.startswith("test:"):
        return None
    user, _colon, organization = token.removeprefix("test:").partition(":")
    return SignedIn(user, "token", "test", frozenset([organization]) if organization else None)


class _Collect(logging.Handler):
    def __init__(self, into: list[dict[str, Any]]) -> None:
        super().__init__()
        self._into = into

    def emit(self, record: logging.LogRecord) -> None:
        facts = dict(getattr(record, "facts", {}))
        if record.exc_info:
            facts["error"] = repr(record.exc_info[1])
        self._into.append(facts | {"level": record.levelname})


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Postgres]:
    """A PostgreSQL for this process, with the tables in the database `template_weft`."""
    binaries = programs()
    if binaries is None:
        pytest.skip(
            "NO POSTGRESQL HERE: nothing is proven about it; python3 dev.py test installs it on Debian"
        )
    server = Postgres(binaries)
    _run(server.url("owner", "postgres"), "CREATE ROLE weft_app LOGIN", "CREATE DATABASE template_weft")
    engine = create_engine(server.url("owner", "template_weft").replace("postgresql:", "postgresql+psycopg:"))
    make_tables(engine, "weft_app")
    engine.dispose()
    yield server
    server.close()


@pytest.fixture(scope="session")
def shelf(postgresql: Postgres) -> Shelf:
    """Databases with all tables, used by one test after the other."""
    return Shelf(postgresql)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the tables."""
    file = tmp_path_factory.mktemp("sqlite") / "weft.db"
    database = Database(f"sqlite:///{file}", durable=False)
    make_tables(database.engine)
    database.close()
    return file


def _run(url: str, *statements: str) -> None:
    engine = create_engine(url.replace("postgresql:", "postgresql+psycopg:"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


@pytest.fixture
def database_urls(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    """Makes databases: `database_urls(kind)` → (the server's URL, the owner's URL) of a fresh one with all tables."""
    made: list[tuple[Shelf, str]] = []

    def make(kind: str) -> tuple[str, str]:
        if kind == "sqlite":
            file = tmp_path / f"weft_{next(_names)}.db"
            shutil.copy(request.getfixturevalue("sqlite_template"), file)
            return f"sqlite:///{file}", f"sqlite:///{file}"
        shelf: Shelf = request.getfixturevalue("shelf")
        made.append((shelf, name := shelf.take()))
        return shelf.server.url("weft_app", name), shelf.server.url("owner", name)

    yield make
    for shelf, name in made:
        shelf.give_back(name)


@pytest.fixture(params=KINDS)
def server(request: pytest.FixtureRequest, database_urls: Any, tmp_path: Path) -> Iterator[Running]:
    """A server on each kind of database, without limits of rate."""
    url, owner = database_urls(request.param)
    with serving(request.param, url, owner, tmp_path) as running:
        with running.database.common(write=True) as common:
            running.envelope.make_keys(common)
        yield running
        each_write_left_one_entry(running)


@contextlib.contextmanager
def serving(kind: str, url: str, owner: str, folder: Path) -> Iterator[Running]:
    """A server within this process, on a database that is there."""
    clock = MovableClock()
    database = _engines.database(kind, url, clock)
    master = LocalMaster(bytes(range(32)))
    limits = Limits(per_minute=1_000_000, tries_per_minute=1_000_000)
    config = Config(folder=folder, database=url, public_url="https://weft.example", limits=limits)
    app = create_app(config, database=database, master=master, authenticators=(by_test_token,))
    log: list[dict[str, Any]] = []
    handler = _Collect(log)
    # Of two servers in one test each has its own log: the later one speaks.
    before, logger.handlers[:] = list(logger.handlers), [handler]
    logger.setLevel(logging.INFO)
    logger.propagate = False
    try:
        with TestClient(app, base_url="https://weft.example", client=("127.0.0.1", 50000)) as client:
            running = Running(kind, app, client, database, clock, master, folder, owner, log)
            yield running
    finally:
        logger.handlers[:] = before
        _engines.close(kind, database)
    errors = [facts for facts in log if facts["level"] in ("ERROR", "CRITICAL")]
    assert running.expected_errors in (-1, len(errors)), errors
