"""Making the tables in an empty database. Every module with tables is named here, so that metadata knows them all."""

from __future__ import annotations

import importlib
import importlib.util

from sqlalchemy import Engine

from cloud.store.isolation import protect
from cloud.store.metadata import metadata

TABLES = (
    "cloud.store.tables",
    "cloud.store.tables_audit",
    "cloud.store.tables_identity",
    "cloud.store.tables_projects",
)


def know_tables() -> None:
    """Import every module that declares tables."""
    for name in TABLES:
        if importlib.util.find_spec(name):
            importlib.import_module(name)


def make_tables(engine: Engine, role: str = "") -> None:
    """All tables with their guards; `role` is the PostgreSQL role the server works as."""
    know_tables()
    with engine.begin() as connection:
        metadata.create_all(connection)
        protect(connection, role)
