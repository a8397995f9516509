"""Deployments: a revision put into an environment whole, in one object, or in its variables; promotions between two.

What an environment holds is the last whole revision with what was put over it. A deployment names the tree it was
decided on: where something else is there by now, it is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, select

from cloud.access.context import Context
from cloud.errors import Refused, conflict, not_found
from cloud.projects import history, refusals
from cloud.projects.catalogue import project_row
from cloud.projects.texts import from_bytes, to_bytes
from cloud.projects.times import time_text
from cloud.store.database import Tenant
from cloud.store.metadata import new_id
from cloud.store.tables_projects import deployed, deployments
from studio.base.i18n import _
from studio.protocol.deployments import Deployment, Scope, holds_variables
from studio.protocol.manifests import BadManifest, Content, Difference, Manifest, check, difference, tree_hash


@dataclass(frozen=True)
class State:
    """What an environment holds of a project: `manifest` None where nothing was deployed yet."""

    position: int
    last: Row[Any] | None
    whole: str | None
    base: dict[str, Content]
    manifest: dict[str, Content] | None

    @property
    def tree(self) -> str | None:
        """The hash of what is there."""
        return None if self.manifest is None else tree_hash(self.manifest)


@dataclass(frozen=True)
class Wanted:
    """What an environment is to hold: a whole revision (none: nothing) and what goes over it."""

    revision: str
    number: int
    whole: str | None
    base: dict[str, Content]
    manifest: dict[str, Content]
    scope: Scope
    path: str | None = None
    promoted_from: str | None = None


def state(ctx: Context, tenant: Tenant, project: str, environment: str, *, lock: bool = False) -> State:
    """What the environment (its id) holds; with `lock` no other deployment changes it before the transaction ends."""
    here = (deployed.c.project_id == project) & (deployed.c.environment_id == environment)
    if lock:
        tenant.insert_new(deployed, project_id=project, environment_id=environment, position=0)
        row = tenant.one(select(deployed).where(here).with_for_update())
    else:
        row = tenant.one(select(deployed).where(here))
    if row is None or row.deployment_id is None:
        return State(0, None, None, {}, None)
    last = tenant.one(select(deployments).where(deployments.c.id == row.deployment_id))
    assert last is not None
    base = history.load(ctx, tenant, project, last.whole_id).manifest if last.whole_id else {}
    over = from_bytes(ctx.open("deployments.overrides", last.id, bytes(last.overrides)))
    manifest = dict(base)
    for path, content in over.items():
        manifest.pop(path, None)
        if content is not None:
            manifest[path] = Content(content[0], content[1])
    return State(row.position, last, last.whole_id, base, manifest)


def need_visible(ctx: Context, tenant: Tenant, project: str, environment: str) -> None:
    """Where nothing is deployed, only who has a right in the project's home learns that it exists. Raises Refused (404)."""
    row = project_row(tenant, project)
    here = (deployed.c.project_id == project) & (deployed.c.environment_id == environment)
    last = tenant.value(select(deployed.c.deployment_id).where(here))
    if last is None and not ctx.rights(row.environment_id):
        raise not_found()


def wanted(loaded: history.Loaded, now: State, scope: Scope, path: str | None) -> Wanted:
    """What a deployment of a revision makes of what is there. Raises Refused (422) for a scope and path that disagree."""
    revision, new = loaded.revision, loaded.manifest
    if (scope == "object") != (path is not None):
        raise _bad_scope()
    if scope == "whole":
        return Wanted(revision.id, revision.number, revision.id, new, new, scope)
    before = now.manifest or {}
    if scope == "variables":
        after = {key: content for key, content in before.items() if not holds_variables(key)}
        after |= {key: content for key, content in new.items() if holds_variables(key)}
    else:
        assert path is not None
        if path not in new and path not in before:
            raise _bad_scope()
        after = {key: content for key, content in before.items() if key != path}
        after |= {path: new[path]} if path in new else {}
    return Wanted(revision.id, revision.number, now.whole, now.base, after, scope, path)


def promoted(source: State, environment: str, number: int) -> Wanted:
    """What a promotion puts into its target: exactly what the source holds. Raises Refused (409) where that is nothing."""
    if source.last is None or source.manifest is None:
        raise conflict(_("Nothing is deployed in the environment to promote from."), "nothing_deployed")
    last = source.last
    return Wanted(
        last.revision_id, number, source.whole, source.base, source.manifest, "whole", None, environment
    )


def deploy(
    ctx: Context, tenant: Tenant, project: str, environment: str, seen: str | None, want: Wanted, message: str
) -> Deployment:
    """Put it there; `tenant` holds the lock of `state`. Raises Refused: 412 when something else than `seen` is there."""
    now = state(ctx, tenant, project, environment, lock=True)
    if now.tree != seen:
        raise deployed_meanwhile(seen, now.tree)
    try:
        check(want.manifest)
    except BadManifest as error:
        raise refusals.broken_rule(error) from error
    told = difference(now.manifest or {}, want.manifest)
    if now.manifest is not None and not told:
        raise conflict(_("The environment holds exactly this already."), "nothing_changed")
    made = new_id()
    details = {
        "number": want.number, "scope": want.scope, "path": want.path, "promoted_from": want.promoted_from,
        "tree": tree_hash(want.manifest), "message": message,
        "added": len(told.added), "changed": len(told.changed), "removed": len(told.removed),
    }  # fmt: skip
    tenant.insert(
        deployments,
        id=made,
        project_id=project,
        environment_id=environment,
        position=now.position + 1,
        revision_id=want.revision,
        whole_id=want.whole,
        overrides=ctx.seal(
            "deployments.overrides", made, to_bytes(_over(difference(want.base, want.manifest)))
        ),
        details=ctx.seal("deployments.details", made, to_bytes(details)),
        author_id=ctx.user_id,
        created_at=tenant.now(),
    )
    here = (deployed.c.project_id == project) & (deployed.c.environment_id == environment)
    tenant.update(deployed, here, position=now.position + 1, deployment_id=made)
    ctx.audit(
        f"project/{project}",
        before={"environment": environment, "tree": seen},
        after={
            "environment": environment,
            "deployment": made,
            "revision": want.revision,
            "scope": want.scope,
        },
    )
    return told_of(ctx, tenant, [made])[0]


def told_of(ctx: Context, tenant: Tenant, made: Iterable[str]) -> list[Deployment]:
    """Deployments as they are told, by identity."""
    return told_rows(ctx, tenant, tenant.rows(select(deployments).where(deployments.c.id.in_(list(made)))))


def told_rows(ctx: Context, tenant: Tenant, rows: Sequence[Row[Any]]) -> list[Deployment]:
    """Deployments as they are told."""
    names = history.names_of(tenant, {row.author_id for row in rows})
    return [
        Deployment(
            id=row.id,
            environment=row.environment_id,
            revision=row.revision_id,
            author=row.author_id,
            author_name=names.get(row.author_id, ""),
            time=time_text(row.created_at),
            **from_bytes(ctx.open("deployments.details", row.id, bytes(row.details))),
        )
        for row in rows
    ]


def deployed_meanwhile(seen: str | None, tree: str | None) -> Refused:
    """412: what was shown is not what is there."""
    return Refused(
        412,
        "deployed_meanwhile",
        _("Somebody deployed to this environment meanwhile."),
        next_step=_("Look at the difference again before you deploy."),
        seen=seen,
        tree=tree,
    )


def _over(told: Difference) -> dict[str, tuple[str, int] | None]:
    """What goes over a whole revision: contents, and None for what is not to be there."""
    put: Manifest = told.added | told.changed
    contents: dict[str, tuple[str, int] | None] = {path: (one.hash, one.size) for path, one in put.items()}
    return contents | dict.fromkeys(told.removed)


def _bad_scope() -> Refused:
    return Refused(
        422,
        "scope",
        _("Scope and path do not fit: one object needs the path of one that is there, all else needs none."),
    )
