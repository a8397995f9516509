"""What Alembic runs: the steps, inside one transaction, on the connection migrate.py hands over."""

from __future__ import annotations

from alembic import context

from cloud.store.metadata import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
