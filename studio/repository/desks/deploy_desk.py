"""Deployments for the window: what one would change, the variables with both values, then exactly what was shown."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any, cast

from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.protocol.deployments import Scope
from studio.repository import deployments, sign_in
from studio.repository.changes import ObjectChange, VariableChange
from studio.repository.client import Repository
from studio.repository.deployments import Plan
from studio.repository.desks import places_kept
from studio.repository.desks.counter import Answer, Counter, Message, Tell, seconds, stoppable
from studio.repository.desks.plainly import Place, told_parts
from studio.repository.desks.version_desk import object_data
from studio.repository.link import Link


class DeployDesk:
    """Answers about environments; what was shown last is what is deployed."""

    def __init__(self, counter: Counter) -> None:
        self._counter = counter
        self._plan: Plan | None = None
        self.answers: dict[str, Answer] = {
            "deploy_plan": self._deploy_plan,
            "promote_plan": self._promote_plan,
            "plan_difference": self._plan_difference,
            "deploy": self._carry_out,
            "promote": self._carry_out,
            "credentials": self._credentials,
        }

    async def _deploy_plan(self, message: Message, _tell: Tell, stop: asyncio.Event, *_more: Any) -> Any:
        folder = Path(str(message["folder"]))
        repository, link = await self._counter.of_folder(folder)
        scope, path = cast("Scope", str(message["scope"])), str(message.get("path") or "") or None

        async def plan() -> Any:
            there = await repository.environments()
            target = sign_in.environment_named(str(message["target"]), there)
            made = await deployments.plan_deployment(repository, link.project, target, scope=scope, path=path)
            places_kept.saw(folder, target.id, made.planned.target_tree)
            return await self._told(repository, link, made)

        self._plan = None
        return await stoppable(plan(), stop)

    async def _promote_plan(self, message: Message, _tell: Tell, stop: asyncio.Event, *_more: Any) -> Any:
        repository, link = await self._counter.of_folder(Path(str(message["folder"])))
        names = str(message["source"]), str(message["target"])
        if names[0] == names[1]:
            raise BadInput(_("These are the same environment."), next_step=_("Choose two different ones."))

        async def plan() -> Any:
            there = await repository.environments()
            source, target = (sign_in.environment_named(name, there) for name in names)
            made = await deployments.plan_promotion(repository, link.project, source, target)
            return await self._told(repository, link, made)

        self._plan = None
        return await stoppable(plan(), stop)

    async def _told(self, repository: Repository, link: Link, plan: Plan) -> Any:
        last = (await repository.deployed(link.project, plan.target.id)).last
        self._plan = plan
        return {
            "number": plan.number,
            "objects": [object_data(change) for change in plan.objects],
            "variables": [_variable_data(change) for change in plan.variables],
            "last": None
            if last is None
            else {"number": last.number, "author_name": last.author_name, "at": seconds(last.time)},
        }

    async def _plan_difference(self, message: Message, *_more: Any) -> Any:
        path = str(message["path"])
        plan = self._plan
        found = next((one for one in plan.objects if one.path == path), None) if plan is not None else None
        return _parts(found) if found is not None else []

    async def _carry_out(self, message: Message, _tell: Tell, stop: asyncio.Event, *_more: Any) -> Any:
        repository, _link = await self._counter.of_folder(Path(str(message["folder"])))
        plan, wanted = self._plan, (str(message["target"]), str(message.get("source") or ""))
        if plan is None or wanted != (plan.target.id, plan.source.id if plan.source is not None else ""):
            raise BadInput(_("What is to be deployed was not compared yet."), next_step=_("Compare again."))
        work = deployments.carry_out(repository, plan, str(message.get("message") or ""))
        made = await stoppable(work, stop)
        return {"number": made.number, "environment": plan.target.name}

    async def _credentials(self, message: Message, _tell: Tell, stop: asyncio.Event, *_more: Any) -> Any:
        """The names of the sealed secrets an environment has; never the secrets."""
        repository, link = await self._counter.of_folder(Path(str(message["folder"])))
        found = await stoppable(repository.credentials(link.project, str(message["environment"])), stop)
        return [{"name": one.name, "stale": one.stale, "at": seconds(one.time)} for one in found]


def _parts(change: ObjectChange) -> list[Place]:
    """The rules of an object that differ; of a file that is one whole, that it does."""
    if change.parts:
        return told_parts(change.parts)
    texts = {"added": (None, _("new")), "removed": (_("there now"), None)}
    before, after = texts.get(change.change, (_("as it was"), _("changed")))
    return [{"place": _("the whole file"), "before": before, "after": after}]


def _variable_data(change: VariableChange) -> dict[str, Any]:
    return {"name": change.name, "before": change.before, "after": change.after, "apart": change.apart}
