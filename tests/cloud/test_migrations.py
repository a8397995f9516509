"""The tables a database gets step by step are those the program works with: the same columns, keys and guards."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine, inspect

from cloud.store.database import Database
from cloud.store.metadata import metadata
from cloud.store.migrate import _settings, newest, upgrade, version_of
from cloud.store.schema import make_tables
from tests.cloud.conftest import KINDS
from tests.cloud.postgres import Postgres


@pytest.fixture
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    """`empty(kind)` → the engine of a new database, as the owner of what will be in it."""
    made: list[tuple[Engine, str]] = []

    def make(kind: str) -> Engine:
        name = f"empty_{len(made)}"
        if kind == "sqlite":
            engine = Database(f"sqlite:///{tmp_path}/{name}.db", durable=False).engine
        else:
            server: Postgres = request.getfixturevalue("postgresql")
            administer(server, f"CREATE DATABASE {name}")
            engine = create_engine(server.url("owner", name).replace("postgresql:", "postgresql+psycopg:"))
        made.append((engine, name))
        return engine

    yield make
    for engine, name in made:
        engine.dispose()
        if engine.dialect.name == "postgresql":
            administer(request.getfixturevalue("postgresql"), f"DROP DATABASE {name} WITH (FORCE)")


def administer(server: Postgres, statement: str) -> None:
    url = server.url("owner", "postgres").replace("postgresql:", "postgresql+psycopg:")
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(statement)
    engine.dispose()


GUARDS = {
    "sqlite": ["SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name"],
    "postgresql": [
        "SELECT tablename, policyname, cmd, qual, with_check FROM pg_policies ORDER BY 1, 2",
        "SELECT relname, relrowsecurity, relforcerowsecurity FROM pg_class WHERE relkind = 'r' AND "
        "relnamespace = 'public'::regnamespace AND relname <> 'alembic_version' ORDER BY 1",
        "SELECT table_name, privilege_type FROM information_schema.role_table_grants WHERE grantee = 'weft_app' "
        "AND table_name <> 'alembic_version' ORDER BY 1, 2",
    ],
}


def described(engine: Engine) -> dict[str, Any]:
    """Columns, keys and indexes of every table, and what guards them."""
    found: dict[str, Any] = {}
    look = inspect(engine)
    for name in sorted(set(look.get_table_names()) - {"alembic_version"}):
        columns = {each["name"]: (str(each["type"]), each["nullable"]) for each in look.get_columns(name)}
        found[name] = {
            "columns": columns,
            "key": look.get_pk_constraint(name)["constrained_columns"],
            "foreign": sorted(
                str(
                    (
                        each["constrained_columns"],
                        each["referred_table"],
                        each["referred_columns"],
                        each["options"],
                    )
                )
                for each in look.get_foreign_keys(name)
            ),
            "unique": sorted(str(each["column_names"]) for each in look.get_unique_constraints(name)),
            "indexes": sorted(
                str((each["column_names"], bool(each["unique"]))) for each in look.get_indexes(name)
            ),
        }
    with engine.connect() as connection:
        for query in GUARDS[engine.dialect.name]:
            found[query] = [tuple(row) for row in connection.exec_driver_sql(query)]
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_what_migrations_make_is_what_the_program_works_with(kind: str, empty: Any) -> None:
    migrated, made = empty(kind), empty(kind)
    role = "weft_app" if kind == "postgresql" else ""
    assert upgrade(migrated, role) == (None, newest())
    assert upgrade(migrated, role) == (newest(), newest())
    make_tables(made, role)
    assert described(migrated) == described(made)
    with migrated.connect() as connection:
        assert version_of(connection) == newest()
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_every_step_follows_one_other(empty: Any) -> None:
    steps = list(ScriptDirectory.from_config(_settings()).walk_revisions())
    assert [step.down_revision for step in steps[:-1]] == [step.revision for step in steps[1:]]
    assert steps[-1].down_revision is None
    for step in steps:
        with pytest.raises(NotImplementedError):
            step.module.downgrade()


def test_a_step_that_fails_leaves_nothing(empty: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """On SQLite too the tables come with the step or not at all."""
    engine = empty("sqlite")
    steps = ScriptDirectory.from_config(_settings())
    [first] = [step for step in steps.walk_revisions() if step.down_revision is None]
    made = first.module.upgrade

    def fails() -> None:
        made()
        raise RuntimeError("the disk is full")

    monkeypatch.setattr("alembic.script.ScriptDirectory.from_config", lambda _settings: steps)
    monkeypatch.setattr(first.module, "upgrade", fails)
    with pytest.raises(RuntimeError, match="disk is full"):
        upgrade(engine)
    monkeypatch.undo()
    assert upgrade(engine) == (None, newest())
