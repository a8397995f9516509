"""The audit's tables: entries only ever added to, the last of each organization, and the daily signed heads."""

from __future__ import annotations

from sqlalchemy import Column, Integer, LargeBinary, Text

from cloud.store.metadata import Instant, sealed, tenant_table

audit_entries = tenant_table(
    "audit_entries",
    # From 1, without gaps.
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("action", Text, nullable=False),
    Column("target", Text, nullable=False),
    # A user's id, or the name of a command.
    Column("actor", Text, nullable=False),
    Column("via", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("request_id", Text, nullable=False),
    # SHA-256 of the salted details, which lie beside: the chain outlives rotation and shredding of keys.
    Column("details_hash", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    append_only=True,
)

# What was before and after: apart from the entry, because its key may change and it may be shredded.
audit_details = tenant_table(
    "audit_details",
    Column("number", Integer, primary_key=True, autoincrement=False),
    sealed("content"),
)

# One row an organization: whoever adds an entry holds it.
audit_heads = tenant_table(
    "audit_heads",
    Column("number", Integer, nullable=False),
    Column("hash", LargeBinary, nullable=False),
)

signed_heads = tenant_table(
    "audit_signed_heads",
    Column("day", Text, primary_key=True),
    Column("number", Integer, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Column("signature", LargeBinary, nullable=False),
    append_only=True,
)
