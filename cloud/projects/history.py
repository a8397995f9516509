"""The revisions of a project: each adds to the ones before, and none is ever written again.

A manifest is kept whole now and then, and in between as what changed: reading one takes the last whole one and at most
32 changes. What comes out is checked against the revision's own hash.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, select

from cloud.access.context import Context
from cloud.errors import not_found
from cloud.projects.segments import DamagedObject
from cloud.projects.texts import from_bytes, to_bytes
from cloud.projects.times import time_text
from cloud.store.database import Tenant
from cloud.store.metadata import new_id
from cloud.store.tables import users
from cloud.store.tables_projects import projects, revisions
from studio.protocol.manifests import Content, Difference, Manifest, applied, difference, tree_hash
from studio.protocol.projects import Revision

# So many changes may lie between a manifest and the last whole one.
CHANGES = 32
# A change that is larger than this part of the manifest is kept whole.
LARGE = 0.25


@dataclass(frozen=True)
class Loaded:
    """A revision with its manifest."""

    revision: Revision
    manifest: dict[str, Content]


def revision_row(tenant: Tenant, project: str, revision: str) -> Row[Any]:
    """A revision of the project; raises Refused (404)."""
    query = select(revisions).where(revisions.c.project_id == project, revisions.c.id == revision)
    row = tenant.one(query)
    if row is None:
        raise not_found()
    return row


def load(ctx: Context, tenant: Tenant, project: str, revision: str) -> Loaded:
    """A revision and its manifest. Raises Refused (404), and DamagedObject when what is stored contradicts itself."""
    return load_row(ctx, tenant, revision_row(tenant, project, revision))


def load_row(ctx: Context, tenant: Tenant, row: Row[Any]) -> Loaded:
    """The same of a row that was read already."""
    query = (
        select(revisions.c.id, revisions.c.number, revisions.c.manifest)
        .where(
            revisions.c.project_id == row.project_id,
            revisions.c.number >= row.whole_number,
            revisions.c.number <= row.number,
        )
        .order_by(revisions.c.number)
    )
    manifest: dict[str, Content] = {}
    for step in tenant.rows(query):
        told = from_bytes(ctx.open("revisions.manifest", step.id, bytes(step.manifest)))
        put = {path: Content(digest, size) for path, (digest, size) in told["put"].items()}
        manifest = applied(manifest, put, told["remove"])
    revision = revisions_of(ctx, tenant, [row])[0]
    if tree_hash(manifest) != revision.tree:
        raise DamagedObject(revision.tree, "the manifest is not what its hash says")
    return Loaded(revision, manifest)


def add(
    ctx: Context,
    tenant: Tenant,
    project: Row[Any],
    before: Manifest,
    after: Manifest,
    message: str,
    restored: str | None = None,
) -> Revision | None:
    """A new revision behind the project's head as `project` has it; None when another one was there first."""
    told = difference(before, after)
    number, revision = project.number + 1, new_id()
    won = tenant.update(
        projects,
        (projects.c.id == project.id) & (projects.c.number == project.number),
        head_id=revision,
        number=number,
    )
    if not won:
        return None
    whole = _whole(tenant, project, told, len(after))
    kept = Difference(dict(after), {}, ()) if whole == number else told
    change = {"put": _plain(kept.added | kept.changed), "remove": kept.removed}
    details = {
        "tree": tree_hash(after), "message": message, "objects": len(after), "restored": restored,
        "size": sum(content.size for content in after.values()),
        "added": len(told.added), "changed": len(told.changed), "removed": len(told.removed),
    }  # fmt: skip
    tenant.insert(
        revisions,
        id=revision,
        project_id=project.id,
        number=number,
        parent_id=project.head_id,
        whole_number=whole,
        manifest=ctx.seal("revisions.manifest", revision, to_bytes(change)),
        details=ctx.seal("revisions.details", revision, to_bytes(details)),
        author_id=ctx.user_id,
        created_at=tenant.now(),
    )
    return revisions_of(ctx, tenant, [revision_row(tenant, project.id, revision)])[0]


def _whole(tenant: Tenant, project: Row[Any], told: Difference, count: int) -> int:
    """The number of the whole manifest the new revision builds on; its own when it is to be whole itself."""
    number: int = project.number + 1
    size = len(told.added) + len(told.changed) + len(told.removed)
    if project.head_id is None or size > count * LARGE:
        return number
    last: int = revision_row(tenant, project.id, project.head_id).whole_number
    return last if number - last <= CHANGES else number


def revisions_of(ctx: Context, tenant: Tenant, rows: Sequence[Row[Any]]) -> list[Revision]:
    """Revisions as they are told, with the names of their authors."""
    names = names_of(tenant, {row.author_id for row in rows})
    made = []
    for row in rows:
        details = from_bytes(ctx.open("revisions.details", row.id, bytes(row.details)))
        made.append(
            Revision(
                id=row.id,
                number=row.number,
                parent=row.parent_id,
                author=row.author_id,
                author_name=names.get(row.author_id, ""),
                time=time_text(row.created_at),
                **details,
            )
        )
    return made


def names_of(tenant: Tenant, people: Iterable[str]) -> dict[str, str]:
    """What members are called; those who left are not in it."""
    query = select(users.c.id, users.c.first_name, users.c.surname).where(users.c.id.in_(sorted(set(people))))
    return {row.id: f"{row.first_name} {row.surname}".strip() for row in tenant.rows(query)}


def _plain(contents: Manifest) -> dict[str, tuple[str, int]]:
    return {path: (content.hash, content.size) for path, content in contents.items()}
