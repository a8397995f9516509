"""The tables of projects, what is kept of them, and where it is deployed.

What people wrote (contents, paths, hashes of contents, messages, variables) is sealed; what is open are identities,
times, counts and the names of projects and files, so that lists can be made.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    Text,
    UniqueConstraint,
)

from cloud.store.metadata import Instant, sealed, tenant_table


def _of_environment(name: str = "environment_id") -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["org_id", name], ["environments.org_id", "environments.id"])


def _of_project() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["org_id", "project_id"], ["projects.org_id", "projects.id"])


projects = tenant_table(
    "projects",
    Column("id", Text, primary_key=True),
    Column("environment_id", Text, nullable=False),
    Column("name", Text, nullable=False),
    # The name as names are compared: two that differ in case only would be one folder.
    Column("folded", Text, nullable=False),
    sealed("description"),
    Column("created_at", Instant, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("archived_at", Instant),
    Column("version", Integer, nullable=False, default=1),
    # The newest revision and its number; 0 before the first push.
    Column("head_id", Text),
    Column("number", Integer, nullable=False, default=0),
    _of_environment(),
    UniqueConstraint("org_id", "environment_id", "folded"),
)

# Never changed but by a rotation of keys, never deleted.
revisions = tenant_table(
    "revisions",
    Column("id", Text, primary_key=True),
    Column("project_id", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("parent_id", Text),
    # The number of the revision with the last whole manifest; from there on each holds what it changed.
    Column("whole_number", Integer, nullable=False),
    sealed("manifest"),
    sealed("details"),
    Column("author_id", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    _of_project(),
    UniqueConstraint("org_id", "project_id", "number"),
)

# A blob is sealed with a key of its own, so that a rotation never has to write it again.
blobs = tenant_table(
    "blobs",
    Column("id", Text, primary_key=True),
    sealed("key"),
    Column("size", BigInteger, nullable=False),
    Column("created_at", Instant, nullable=False),
)

# What an owner (a project, or an environment for its files) has, by the keyed hash of the content. A large object lies
# in several segments. `digest` is of the stored bytes; `kept` once a revision or a file needs it.
objects = tenant_table(
    "objects",
    Column("owner_id", Text, primary_key=True),
    Column("key", LargeBinary(32), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("blob_id", Text, nullable=False),
    Column("offset", BigInteger, nullable=False),
    Column("length", Integer, nullable=False),
    Column("digest", LargeBinary(32), nullable=False),
    Column("size", Integer, nullable=False),
    Column("kept", Boolean, nullable=False, default=False),
    Column("created_at", Instant, nullable=False),
    ForeignKeyConstraint(["org_id", "blob_id"], ["blobs.org_id", "blobs.id"]),
    Index("ix_objects_blob", "org_id", "blob_id"),
    Index("ix_objects_kept", "org_id", "kept", "created_at"),
)

uploads = tenant_table(
    "uploads",
    Column("id", Text, primary_key=True),
    Column("owner_id", Text, nullable=False),
    Column("key", LargeBinary(32), nullable=False),
    # The hash the content is to have.
    sealed("hash"),
    Column("size", BigInteger, nullable=False),
    Column("received", BigInteger, nullable=False, default=0),
    Column("pieces", Integer, nullable=False, default=0),
    Column("done", Boolean, nullable=False, default=False),
    Column("user_id", Text, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Index("ix_uploads_changed", "org_id", "changed_at"),
)

upload_pieces = tenant_table(
    "upload_pieces",
    Column("upload_id", Text, primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("blob_id", Text, nullable=False),
    Column("length", Integer, nullable=False),
    Column("digest", LargeBinary(32), nullable=False),
    Column("size", Integer, nullable=False),
    ForeignKeyConstraint(["org_id", "upload_id"], ["uploads.org_id", "uploads.id"], ondelete="CASCADE"),
    ForeignKeyConstraint(["org_id", "blob_id"], ["blobs.org_id", "blobs.id"]),
    Index("ix_upload_pieces_blob", "org_id", "blob_id"),
)

# Answers given to requests with an Idempotency-Key, to be given again.
answers_given = tenant_table(
    "answers_given",
    Column("user_id", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("asked", LargeBinary(32), nullable=False),
    sealed("answer", nullable=True),
    Column("created_at", Instant, nullable=False),
    Index("ix_answers_given_created", "org_id", "created_at"),
)

deployments = tenant_table(
    "deployments",
    Column("id", Text, primary_key=True),
    Column("project_id", Text, nullable=False),
    Column("environment_id", Text, nullable=False),
    Column("position", Integer, nullable=False),
    Column("revision_id", Text, nullable=False),
    # What the environment holds since: this revision whole (none: nothing), with what `overrides` puts over it.
    Column("whole_id", Text),
    sealed("overrides"),
    sealed("details"),
    Column("author_id", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    _of_project(),
    _of_environment(),
    ForeignKeyConstraint(["org_id", "revision_id"], ["revisions.org_id", "revisions.id"]),
    UniqueConstraint("org_id", "project_id", "environment_id", "position"),
)

# One row for each project and environment: the lock of its deployments and the last of them.
deployed = tenant_table(
    "deployed",
    Column("project_id", Text, primary_key=True),
    Column("environment_id", Text, primary_key=True),
    Column("position", Integer, nullable=False, default=0),
    Column("deployment_id", Text),
    _of_project(),
    _of_environment(),
)

variables = tenant_table(
    "variables",
    Column("project_id", Text, primary_key=True),
    Column("environment_id", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    sealed("content"),
    Column("changed_at", Instant, nullable=False),
    _of_project(),
    _of_environment(),
)

# Public keys of the organization, the newest last; whoever made one keeps its private half.
sealing_keys = tenant_table(
    "sealing_keys",
    Column("id", Text, primary_key=True),
    Column("public", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("created_by", Text, nullable=False),
)

credentials = tenant_table(
    "credentials",
    Column("project_id", Text, primary_key=True),
    Column("environment_id", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("key_id", Text, nullable=False),
    # Sealed by the client to the organization's key already; the server cannot open what is inside.
    sealed("content"),
    Column("changed_at", Instant, nullable=False),
    _of_project(),
    _of_environment(),
    ForeignKeyConstraint(["org_id", "key_id"], ["sealing_keys.org_id", "sealing_keys.id"]),
)

files = tenant_table(
    "files",
    Column("environment_id", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("version", Text, primary_key=True),
    Column("key", LargeBinary(32), nullable=False),
    sealed("details"),
    Column("size", BigInteger, nullable=False),
    Column("author_id", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    _of_environment(),
)

# How many bytes of blobs an organization has.
storage = tenant_table("storage", Column("bytes", BigInteger, nullable=False, default=0))
