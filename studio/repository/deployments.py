"""Deploying, promoting, restoring: the difference first, as people read it; then exactly what was shown, or a refusal."""

from __future__ import annotations

from dataclasses import field

from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.base.records import dataclass
from studio.protocol.access import Environment
from studio.protocol.deployments import (
    Deployed,
    Deployment,
    NewDeployment,
    NewPromotion,
    Planned,
    Scope,
)
from studio.protocol.projects import Restore, Revision
from studio.repository.changes import (
    ObjectChange,
    VariableChange,
    after_change,
    by_path,
    contents_of,
    object_changes,
    variable_changes,
    worth,
)
from studio.repository.client import Repository, new_key
from studio.repository.refusals import Refused

_TRIES = 3


@dataclass(frozen=True)
class Plan:
    """What a deployment or promotion (`source` is where from) would change in `target`, as of one moment.

    `variables`: what they are worth in the target before and after; of a promotion besides, those set differently in
    the two environments (`apart`; before: the target's, after: the source's), which a promotion leaves as they are.
    `key` makes carrying it out twice harmless.
    """

    project: str
    target: Environment
    source: Environment | None
    revision: str
    number: int
    scope: Scope
    path: str | None
    planned: Planned
    objects: tuple[ObjectChange, ...]
    variables: tuple[VariableChange, ...]
    key: str = field(default_factory=new_key)

    @property
    def empty(self) -> bool:
        """Nothing would be different."""
        return not self.objects and self.planned.target_tree is not None

    def deployment(self, message: str = "") -> NewDeployment:
        """The request of a deployment: refused where something else is there by then."""
        seen = self.planned.target_tree
        return NewDeployment(self.target.id, self.revision, self.scope, seen, self.path, message)

    def promotion(self, message: str = "") -> NewPromotion:
        """The request of a promotion: refused where either side is not as it was shown."""
        assert self.source is not None
        planned = self.planned
        return NewPromotion(self.source.id, self.target.id, planned.source_tree, planned.target_tree, message)


@dataclass(frozen=True)
class RestorePlan:
    """What a new revision equal to `revision` changes against `head`."""

    project: str
    head: Revision
    revision: Revision
    objects: tuple[ObjectChange, ...]
    key: str = field(default_factory=new_key)


async def plan_deployment(
    repository: Repository,
    project: str,
    target: Environment,
    *,
    revision: str = "",
    scope: Scope = "whole",
    path: str | None = None,
) -> Plan:
    """What deploying a revision (id or number; empty: the newest) would change: all of it, one object's file (`path`), or
    its variables only. Raises BadInput where there is no such revision, and Refused."""
    chosen = await revision_named(repository, project, revision)
    for _try in range(_TRIES):
        planned = await repository.plan_deployment(project, target.id, chosen.id, scope, path)
        there = await repository.deployed(project, target.id)
        if there.tree == planned.target_tree:
            break
    else:
        raise _moving(target)
    before = by_path(there.entries)
    after = after_change(before, planned.difference)
    contents = await contents_of(
        before,
        after,
        lambda hashes: repository.pack_of_deployed(project, target.id, hashes),
        lambda hashes: repository.pack(project, hashes),
    )
    set_there = (await repository.variables(project, target.id)).values
    values = [worth(side, contents, target.slug, set_there) for side in (before, after)]
    objects = object_changes(planned.difference, before, contents)
    variables = variable_changes(values[0], values[1])
    return Plan(project, target, None, chosen.id, chosen.number, scope, path, planned, objects, variables)


async def plan_promotion(
    repository: Repository, project: str, source: Environment, target: Environment
) -> Plan:
    """What promoting what `source` holds would change in `target`. Raises BadInput where that is nothing, and Refused."""
    for _try in range(_TRIES):
        planned = await repository.plan_promotion(project, source.id, target.id)
        held = await repository.deployed(project, source.id)
        there = await repository.deployed(project, target.id)
        if (held.tree, there.tree) == (planned.source_tree, planned.target_tree):
            break
    else:
        raise _moving(target)
    last = _last(held, source)
    before, after = by_path(there.entries), by_path(held.entries)
    contents = await contents_of(
        before,
        after,
        lambda hashes: repository.pack_of_deployed(project, target.id, hashes),
        lambda hashes: repository.pack_of_deployed(project, source.id, hashes),
    )
    ours = (await repository.variables(project, target.id)).values
    theirs = (await repository.variables(project, source.id)).values
    values = [worth(side, contents, target.slug, ours) for side in (before, after)]
    variables = variable_changes(values[0], values[1]) + variable_changes(ours, theirs, apart=True)
    objects = object_changes(planned.difference, before, contents)
    return Plan(
        project, target, source, last.revision, last.number, "whole", None, planned, objects, variables
    )


async def carry_out(repository: Repository, plan: Plan, message: str = "") -> Deployment:
    """Deploy or promote exactly what was shown; a second time with the same plan does nothing further.

    Raises DeployedMeanwhile where something else is there by now.
    """
    if plan.source is not None:
        return await repository.promote(plan.project, plan.promotion(message), plan.key)
    return await repository.deploy(plan.project, plan.deployment(message), plan.key)


async def history(repository: Repository, project: str, most: int = 50) -> tuple[Revision, ...]:
    """The newest revisions, at most so many, newest first."""
    found: list[Revision] = []
    after: str | None = None
    while len(found) < most:
        page = await repository.revisions(project, after, min(most - len(found), 200))
        found += page.items
        if not page.after or not page.items:
            break
        after = page.after
    return tuple(found)


async def revision_named(repository: Repository, project: str, name: str) -> Revision:
    """A revision by its number or id, the newest where nothing is named. Raises BadInput where there is none."""
    if not name:
        page = await repository.revisions(project, limit=1)
        if not page.items:
            raise BadInput(
                _("Nothing was pushed to this project yet."), next_step=_("Push it first: weft push")
            )
        return page.items[0]
    if name.isascii() and name.isdigit() and len(name) < 10:
        page = await repository.revisions(project, str(int(name) + 1), 1)
        if page.items and page.items[0].number == int(name):
            return page.items[0]
        raise _no_revision(name)
    try:
        return await repository.revision(project, name)
    except Refused as error:
        if error.status not in (404, 422):
            raise
        raise _no_revision(name) from error


async def plan_restore(repository: Repository, project: str, name: str) -> RestorePlan:
    """What restoring a revision (number or id) would change. Raises BadInput where there is none."""
    revision = await revision_named(repository, project, name)
    head = await revision_named(repository, project, "")
    told = await repository.difference(project, revision.id, head.id)
    before = by_path(await repository.manifest(project, head.id))
    after = after_change(before, told)

    contents = await contents_of(
        before,
        after,
        lambda hashes: repository.pack(project, hashes),
        lambda hashes: repository.pack(project, hashes),
    )
    return RestorePlan(project, head, revision, object_changes(told, before, contents))


async def restore(repository: Repository, plan: RestorePlan, message: str = "") -> Revision:
    """A new revision equal to the old one; nothing in between is lost. Raises RevisionConflict where somebody pushed since
    the difference was shown."""
    wanted = Restore(plan.revision.id, message)
    return await repository.restore(plan.project, plan.head.id, wanted, plan.key)


def _last(held: Deployed, source: Environment) -> Deployment:
    if held.last is None:
        raise BadInput(
            _("Nothing is deployed in {environment} yet.").format(environment=source.name),
            next_step=_("Deploy to it first: weft deploy {environment}").format(environment=source.slug),
        )
    return held.last


def _moving(target: Environment) -> BadInput:
    return BadInput(
        _("Somebody deploys to {environment} right now.").format(environment=target.name),
        next_step=_("Look at the difference again in a moment."),
    )


def _no_revision(name: str) -> BadInput:
    return BadInput(
        _("There is no revision {name} of this project.").format(name=name),
        next_step=_("See the revisions there are: weft history"),
    )
