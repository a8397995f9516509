"""Databases for tests, made once and used again: emptied between tests, with what SQLAlchemy has learned about queries."""

from __future__ import annotations

import copy
import itertools
import threading
from dataclasses import dataclass, field
from typing import Any

import psycopg
from sqlalchemy import event
from sqlalchemy.engine import make_url

from cloud.store.database import Clock, Database
from tests.cloud.postgres import Postgres

_numbers = itertools.count(1)
# Tables with anything in them lose it; the others are not touched.
_EMPTY = """
DO $$
DECLARE found text; full_ones text[] := '{}'; there boolean;
BEGIN
  FOR found IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
    EXECUTE format('SELECT EXISTS (SELECT FROM %I)', found) INTO there;
    IF there THEN full_ones := full_ones || quote_ident(found); END IF;
  END LOOP;
  IF array_length(full_ones, 1) > 0 THEN
    EXECUTE 'TRUNCATE ' || array_to_string(full_ones, ', ') || ' CASCADE';
  END IF;
END $$
"""


@dataclass
class Shelf:
    """Databases of a PostgreSQL, each used by one test at a time; `template_weft` has the tables."""

    server: Postgres
    _free: list[str] = field(default_factory=list)

    def take(self) -> str:
        """The name of an empty one."""
        if self._free:
            return self._free.pop()
        name = f"weft_{next(_numbers)}"
        self._ask("postgres", f"CREATE DATABASE {name} TEMPLATE template_weft")
        return name

    def give_back(self, name: str) -> None:
        """It is emptied for the next; one somebody still holds on to is dropped instead."""
        try:
            self._ask(name, "SET lock_timeout = '5s'", _EMPTY)
        except psycopg.Error:
            self._ask("postgres", f"DROP DATABASE {name} WITH (FORCE)")
        else:
            self._free.append(name)

    def _ask(self, name: str, *statements: str) -> None:
        with psycopg.connect(self.server.url("owner", name), autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)


class Engines:
    """One engine for each kind of database, which goes to wherever the test at work has its own."""

    def __init__(self) -> None:
        self._first: dict[str, Database] = {}
        self._where: dict[str, str] = {}

    def database(self, kind: str, url: str, clock: Clock) -> Database:
        """The database at `url`. A second of the kind at the same time has an engine of its own."""
        if self._where.get(kind):
            return Database(url, clock=clock, durable=False)
        if kind not in self._first:
            self._first[kind] = Database(url, clock=clock, durable=False)
            event.listen(self._first[kind].engine, "do_connect", self._connect_of(kind))
        self._where[kind] = url
        made = copy.copy(self._first[kind])
        made.clock, made.url, made._writing = clock, url, threading.Lock()
        return made

    def close(self, kind: str, database: Database) -> None:
        """All its connections end."""
        database.close()
        if kind in self._first and database.engine is self._first[kind].engine:
            self._where[kind] = ""

    def _connect_of(self, kind: str) -> Any:
        def connect(dialect: Any, _record: object, arguments: list[Any], named: dict[str, Any]) -> None:
            assert self._where[kind], "a database is asked after its test has ended"
            arguments[:], known = dialect.create_connect_args(make_url(self._where[kind]))
            named.clear()
            named.update(known)

        return connect
