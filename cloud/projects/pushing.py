"""A push: what it would need, and then the new revision itself, all or nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, select

from cloud.access.context import Context
from cloud.errors import conflict
from cloud.projects import history, refusals
from cloud.projects.catalogue import project_row
from cloud.projects.storage import Store
from cloud.projects.times import time_text
from cloud.store.database import Tenant
from cloud.store.tables_projects import revisions
from studio.base.i18n import _
from studio.protocol.manifests import BadManifest, Content, applied, check, tree_hash
from studio.protocol.projects import Change, Conflict, Missing, Push, Revision, contents


@dataclass(frozen=True)
class Planned:
    """A change that fits: the project it was made for, and the manifests before and after it."""

    project: Row[Any]
    before: dict[str, Content]
    after: dict[str, Content]
    put: dict[str, Content]

    @property
    def sizes(self) -> dict[str, int]:
        """The contents it brings, with their sizes."""
        return {content.hash: content.size for content in self.put.values()}


def plan(ctx: Context, tenant: Tenant, project: str, parent: str | None, change: Change | Push) -> Planned:
    """Hold a change against the project's head. Raises Refused: 409, 412 with both heads, 413, 422."""
    row = project_row(tenant, project)
    if row.archived_at is not None:
        raise refusals.archived()
    if row.head_id != parent:
        raise conflicting(tenant, project, parent)
    before = history.load(ctx, tenant, project, parent).manifest if parent else {}
    put = contents(change.put)
    try:
        if len(put) != len(change.put):
            raise BadManifest("path_twice", _("A path is named twice."))
        after = applied(before, put, change.remove)
        check(after, before)
    except BadManifest as error:
        raise refusals.broken_rule(error) from error
    if after == before:
        raise conflict(_("There is nothing to push: the repository has all of it."), "nothing_changed")
    if tree_hash(after) != change.tree:
        raise refusals.tree_differs()
    return Planned(row, before, after, put)


def missing(tenant: Tenant, store: Store, planned: Planned) -> Missing:
    """Which contents the repository does not have yet."""
    sizes = planned.sizes
    there = {content.hash for content in planned.before.values()}
    asked = [digest for digest in sizes if digest not in there]
    known = store.known(tenant, planned.project.id, asked)
    small, large = refusals.split(sizes, [digest for digest in asked if digest not in known])
    return Missing(tuple(small), tuple(large))


def commit(ctx: Context, tenant: Tenant, store: Store, planned: Planned, message: str) -> Revision:
    """The new revision. The project's row is taken first: of many at once one wins, the others are told who."""
    project = planned.project
    made = history.add(ctx, tenant, project, planned.before, planned.after, message)
    if made is None:
        raise conflicting(tenant, project.id, project.head_id)
    absent = store.keep(tenant, project.id, planned.sizes)
    if absent:
        raise refusals.objects_missing(*refusals.split(planned.sizes, absent))
    audit(ctx, made, project.id)
    return made


def restore(
    ctx: Context, tenant: Tenant, project: str, parent: str | None, old: str, message: str
) -> Revision:
    """A new revision equal to an old one. Raises Refused: 404, 409, 412."""
    row = project_row(tenant, project)
    if row.archived_at is not None:
        raise refusals.archived()
    if row.head_id != parent or parent is None:
        raise conflicting(tenant, project, parent)
    wanted = history.load(ctx, tenant, project, old)
    before = history.load(ctx, tenant, project, parent).manifest
    if wanted.manifest == before:
        raise conflict(_("The project is in this state already."), "nothing_changed")
    made = history.add(ctx, tenant, row, before, wanted.manifest, message, restored=old)
    if made is None:
        raise conflicting(tenant, project, parent)
    audit(ctx, made, project)
    return made


def conflicting(tenant: Tenant, project: str, expected: str | None) -> Exception:
    """The refusal that names the revision a change was made from and the one that is there now."""
    row = project_row(tenant, project)
    head = tenant.one(select(revisions).where(revisions.c.id == row.head_id)) if row.head_id else None
    if head is None:
        return refusals.revision_conflict(Conflict(expected, None))
    names = history.names_of(tenant, [head.author_id])
    name = names.get(head.author_id, "")
    return refusals.revision_conflict(
        Conflict(expected, head.id, head.number, name, time_text(head.created_at))
    )


def audit(ctx: Context, made: Revision, project: str) -> None:
    """What the audit says of a new revision; paths and messages stay in the revision."""
    counts = {"added": made.added, "changed": made.changed, "removed": made.removed}
    after = {"revision": made.id, "number": made.number, **counts}
    if made.restored:
        after["restored"] = made.restored
    ctx.audit(f"project/{project}", before={"revision": made.parent}, after=after)
