"""What the database itself refuses: rows of another organization, and any change of what is only ever added to."""

from __future__ import annotations

import re

from sqlalchemy import Connection, Table

from cloud.store.metadata import metadata

_SETTINGS = {name: f"NULLIF(current_setting('app.{name}', true), '')" for name in ("org", "user")}


def protect(connection: Connection, role: str = "", tables: list[Table] | None = None) -> None:
    """Make the database guard these tables (all by default); `role` is the PostgreSQL role the server works as."""
    chosen = metadata.sorted_tables if tables is None else tables
    make = _postgresql if connection.dialect.name == "postgresql" else _sqlite
    for statement in (line for table in chosen for line in make(table, role)):
        connection.exec_driver_sql(statement)


def _in_policy(condition: str) -> str:
    return re.sub(r":(org|user)", lambda found: _SETTINGS[found[1]], condition)


def _postgresql(table: Table, role: str) -> list[str]:
    name = f'"{table.name}"'
    lines = []
    if "scope" in table.info:
        seen, made = _in_policy(table.info["scope"]), _in_policy(table.info["check"])
        lines += [
            f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY",
            f"ALTER TABLE {name} FORCE ROW LEVEL SECURITY",
            f"CREATE POLICY seen ON {name} FOR SELECT USING ({seen})",
            f"CREATE POLICY made ON {name} FOR INSERT WITH CHECK ({made})",
            # Rows of an organization are changed from inside it only, whoever may see them from outside.
            f"CREATE POLICY changed ON {name} FOR UPDATE USING ({_both(seen, made)}) WITH CHECK ({made})",
            f"CREATE POLICY gone ON {name} FOR DELETE USING ({_both(seen, made)})",
        ]
    if role:
        rights = "SELECT, INSERT" if table.info.get("append_only") else "SELECT, INSERT, UPDATE, DELETE"
        lines.append(f'GRANT {rights} ON {name} TO "{role}"')
    return lines


def _both(seen: str, made: str) -> str:
    return seen if made == "true" else f"({seen}) AND ({made})"


def _sqlite(table: Table, _role: str) -> list[str]:
    if not table.info.get("append_only"):
        return []
    return [
        f'CREATE TRIGGER "{table.name}_{verb.lower()}" BEFORE {verb} ON "{table.name}" '
        f"BEGIN SELECT RAISE(ABORT, '{table.name} is only ever added to'); END"
        for verb in ("UPDATE", "DELETE")
    ]
