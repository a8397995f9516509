"""The first tables, as they were when the first version was released: written down, not made from today's."""

from __future__ import annotations

from pathlib import Path

from alembic import context, op

revision = "0001"
down_revision = None

_FOLDER = Path(__file__).resolve().parent.parent
# In the file the place of the role the server works as.
_ROLE = "weft_role"


def upgrade() -> None:
    """Make all tables and their guards."""
    connection = op.get_bind()
    role: str = context.config.attributes["role"]
    text = (_FOLDER / f"first.{connection.dialect.name}.sql").read_text(encoding="utf-8")
    for statement in text.split("\n;;\n"):
        if statement.startswith("GRANT") and not role:
            continue
        connection.exec_driver_sql(statement.replace(_ROLE, role) if role else statement)


def downgrade() -> None:
    """Not offered: see migrate.py."""
    raise NotImplementedError
