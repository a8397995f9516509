"""The one description of all tables, and how each is narrowed to what its reader may see.

A table of a tenant cannot be read without an organization: wherever a statement names it, what is compiled is
`(SELECT * FROM table WHERE org_id = :weft_org)`, and without a value for `weft_org` nothing is executed. PostgreSQL's
row-level policies are written from the same words (see isolation.py).
"""

from __future__ import annotations

import secrets
import time
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, Column, DateTime, LargeBinary, MetaData, String, Table, Text, bindparam
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.expression import Subquery, select
from sqlalchemy.types import TypeDecorator, TypeEngine

# What belongs to no organization but to the server as a whole is kept as if of an organization of this name.
SERVER = "server"

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Instant(TypeDecorator[datetime]):
    """A moment in UTC: `timestamptz` on PostgreSQL, sortable ISO text on SQLite."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Text where the database has no type for it."""
        chosen = DateTime(timezone=True) if dialect.name == "postgresql" else String(27)
        return dialect.type_descriptor(chosen)

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """To the database; a moment without a zone is refused."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs its zone")
        value = value.astimezone(UTC)
        return value if dialect.name == "postgresql" else value.strftime("%Y-%m-%dT%H:%M:%S.%fZ")

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """From the database."""
        if value is None:
            return None
        if isinstance(value, datetime):
            return value.astimezone(UTC)
        return datetime.strptime(value, "%Y-%m-%dT%H:%M:%S.%f%z")


# Any JSON value.
Facts = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")


class ScopedTable(Table):
    """A table nobody reads whole: `info["scope"]` is the condition put in its place, with :org and :user."""

    inherit_cache = True

    def alias(self, name: str | None = None, flat: bool = False) -> Subquery:  # type: ignore[override]  # noqa: ARG002
        """Another name for it, narrowed all the same."""
        return select(self).subquery(name)


@compiles(ScopedTable)
def _narrowed(table: ScopedTable, compiler: SQLCompiler, **how: Any) -> str:
    plain: str = compiler.visit_table(table, **how)  # type: ignore[no-untyped-call]
    if not how.get("asfrom") or how.get("iscrud"):
        return plain
    condition = str(table.info["scope"])
    for name in ("org", "user"):
        if f":{name}" in condition:
            value = compiler.process(bindparam(f"weft_{name}", required=True, type_=Text()))
            condition = condition.replace(f":{name}", value)
    return f"(SELECT * FROM {plain} WHERE {condition}) AS {plain}"


def tenant_table(name: str, *columns: Any, own: str = "", append_only: bool = False, **more: Any) -> Table:
    """A table of which each row belongs to one organization: `org_id` is the first column and leads the primary key.

    Refer to other tenant tables with `ForeignKeyConstraint(["org_id", "x_id"], ["xs.org_id", "xs.id"])`, so that no
    row points into another organization. `own` names the column holding a user who may also read the row without
    naming the organization. Rows of an `append_only` table are never changed or deleted, by nobody.
    """
    scope = "org_id = :org"
    if own:
        scope = f"(org_id = :org OR (:org = '{SERVER}' AND {own} = :user))"
    info = {"tenant": True, "scope": scope, "check": "org_id = :org", "append_only": append_only}
    org = Column("org_id", Text, primary_key=True, nullable=False)
    return ScopedTable(name, metadata, org, *columns, info=info, **more)


def global_table(name: str, *columns: Any, scope: str = "", **more: Any) -> Table:
    """A table of the server as a whole. With a `scope` (SQL with :org and :user) it too is never read whole."""
    if scope:
        info = {"tenant": False, "scope": scope, "check": "true"}
        return ScopedTable(name, metadata, *columns, info=info, **more)
    return Table(name, metadata, *columns, info={"tenant": False}, **more)


def sealed(name: str, *, nullable: bool = False) -> Column[bytes]:
    """A column whose content the envelope seals: purpose `table.column`, record = the primary key without org_id,
    joined by `/`. Rotation of keys finds these columns by itself."""
    return Column(name, LargeBinary, nullable=nullable, info={"sealed": True})


def is_tenant(table: Table) -> bool:
    """Whether each row of it belongs to one organization."""
    return bool(table.info.get("tenant"))


def new_id() -> str:
    """A new identifier: UUID version 7 as text, which sorts by the time it was made (RFC 9562)."""
    number = (time.time_ns() // 1_000_000) << 80 | secrets.randbits(80)
    number = number & ~(0xF << 76) | 7 << 76
    number = number & ~(0x3 << 62) | 2 << 62
    text = f"{number:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
