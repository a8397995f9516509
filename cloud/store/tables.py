"""The tables everything else builds on: users, organizations, members, roles, environments, keys."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    Text,
    UniqueConstraint,
)

from cloud.store.metadata import SERVER, Facts, Instant, global_table, tenant_table

organizations = global_table(
    "organizations",
    Column("id", Text, primary_key=True),
    Column("slug", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    # Closed: its keys are destroyed, nothing of it can be read again.
    Column("shredded_at", Instant),
)

# Inside an organization only its own members, and whoever asks, are seen.
users = global_table(
    "users",
    Column("id", Text, primary_key=True),
    # Lower case; what a person signs in with.
    Column("email", Text, nullable=False, unique=True),
    Column("first_name", Text, nullable=False),
    Column("surname", Text, nullable=False),
    Column("phone", Text, nullable=False, default=""),
    Column("company", Facts),
    Column("language", Text, nullable=False, default="en"),
    Column("server_admin", Boolean, nullable=False, default=False),
    Column("created_at", Instant, nullable=False),
    Column("disabled_at", Instant),
    scope=f"(:org = '{SERVER}' OR id = :user OR id IN (SELECT user_id FROM members WHERE org_id = :org))",
)

members = tenant_table(
    "members",
    Column("user_id", Text, primary_key=True),
    Column("joined_at", Instant, nullable=False),
    Column("disabled_at", Instant),
    Index("ix_members_user", "user_id"),
    own="user_id",
)

environments = tenant_table(
    "environments",
    Column("id", Text, primary_key=True),
    Column("slug", Text, nullable=False),
    Column("name", Text, nullable=False),
    # Promotion goes from lower to higher.
    Column("position", Integer, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    UniqueConstraint("org_id", "slug"),
)

roles = tenant_table(
    "roles",
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    # Manages members, roles, environments and policies; gives no right in any environment by itself.
    Column("admin", Boolean, nullable=False, default=False),
    Column("created_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    UniqueConstraint("org_id", "name"),
)

role_rights = tenant_table(
    "role_rights",
    Column("role_id", Text, primary_key=True),
    Column("environment_id", Text, primary_key=True),
    Column("right", Text, primary_key=True),
    ForeignKeyConstraint(["org_id", "role_id"], ["roles.org_id", "roles.id"], ondelete="CASCADE"),
    ForeignKeyConstraint(
        ["org_id", "environment_id"], ["environments.org_id", "environments.id"], ondelete="CASCADE"
    ),
)

member_roles = tenant_table(
    "member_roles",
    Column("user_id", Text, primary_key=True),
    Column("role_id", Text, primary_key=True),
    ForeignKeyConstraint(["org_id", "user_id"], ["members.org_id", "members.user_id"], ondelete="CASCADE"),
    ForeignKeyConstraint(["org_id", "role_id"], ["roles.org_id", "roles.id"]),
)

# Policies of an organization, one row a subject ("audit", "password", "network" …); see each package.
policies = tenant_table(
    "policies",
    Column("subject", Text, primary_key=True),
    Column("content", Facts, nullable=False),
    Column("changed_at", Instant, nullable=False),
)

# Version 0 never changes and names things (see Envelope.stable_key); the highest living version seals.
data_keys = tenant_table(
    "data_keys",
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("master", Text, nullable=False),
    Column("wrapped", LargeBinary),
    Column("created_at", Instant, nullable=False),
    Column("destroyed_at", Instant),
)
