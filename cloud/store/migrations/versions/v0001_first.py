"""The first tables."""

from __future__ import annotations

from alembic import context, op

from cloud.store.isolation import protect
from cloud.store.metadata import metadata
from cloud.store.schema import know_tables

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make all tables and their guards."""
    know_tables()
    connection = op.get_bind()
    metadata.create_all(connection)
    protect(connection, context.config.attributes["role"])


def downgrade() -> None:
    """Not offered: see migrate.py."""
    raise NotImplementedError
