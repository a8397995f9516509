"""Deployments for the window: what one would change, the variables that differ with both values, then the deployment itself."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from studio.base import yaml_read
from studio.base.errors import BadInput, WeftError
from studio.base.i18n import _
from studio.base.records import dataclass
from studio.protocol.deployments import (
    VARIABLE_FILE,
    VARIABLE_FOLDER,
    Deployed,
    NewDeployment,
    NewPromotion,
    Planned,
    Scope,
)
from studio.protocol.projects import Entry
from studio.repository.client import Repository, new_key
from studio.repository.desks import places_kept
from studio.repository.desks.counter import Answer, Counter, Message, Tell, seconds, stoppable
from studio.repository.desks.plainly import places
from studio.repository.desks.version_desk import contents_of, objects_of
from studio.repository.link import Link


@dataclass(frozen=True)
class _Plan:
    """What was shown last: what is to go where, from the tree that was there."""

    planned: Planned
    key: str
    number: int
    revision: str
    before: Mapping[str, Entry]
    after: Mapping[str, Entry]
    source: str = ""
    target: str = ""


class DeployDesk:
    """Answers about environments; what was shown last is what is deployed."""

    def __init__(self, counter: Counter) -> None:
        self._counter = counter
        self._plan: _Plan | None = None
        self.answers: dict[str, Answer] = {
            "deploy_plan": self._deploy_plan,
            "promote_plan": self._promote_plan,
            "plan_difference": self._plan_difference,
            "deploy": self._deploy,
            "promote": self._promote,
            "credentials": self._credentials,
        }

    async def _deploy_plan(self, message: Message, _tell: Tell, stop: asyncio.Event, *_more: Any) -> Any:
        repository, link = await self._counter.of_folder(Path(str(message["folder"])))
        return await stoppable(self._planned(repository, link, message), stop)

    async def _planned(self, repository: Repository, link: Link, message: Message) -> Any:
        target, scope = str(message["target"]), cast("Scope", str(message["scope"]))
        self._plan = None
        status = await repository.status(link.project)
        if status is None or status.head is None:
            raise BadInput(_("Nothing was pushed yet."), next_step=_("Push the project first."))
        path = str(message.get("path") or "") or None
        told = await repository.plan_deployment(link.project, target, status.head, scope, path)
        there = await repository.deployed(link.project, target)
        places_kept.saw(Path(str(message["folder"])), target, there.tree)
        new = {one.path: one for one in await repository.manifest(link.project, status.head)}
        before = {one.path: one for one in there.entries}
        self._plan = _Plan(told, new_key(), status.number, status.head, before, new, target=target)
        names = await _slugs(repository)
        here = await _file_values(repository, link.project, new, names.get(target, ""))
        values = await _values(repository, link.project, target, before, names.get(target, ""))
        return self._told(there, here, values)

    async def _promote_plan(self, message: Message, _tell: Tell, stop: asyncio.Event, *_more: Any) -> Any:
        repository, link = await self._counter.of_folder(Path(str(message["folder"])))
        return await stoppable(self._promotion(repository, link, message), stop)

    async def _promotion(self, repository: Repository, link: Link, message: Message) -> Any:
        source, target = str(message["source"]), str(message["target"])
        self._plan = None
        if source == target:
            raise BadInput(_("These are the same environment."), next_step=_("Choose two different ones."))
        told = await repository.plan_promotion(link.project, source, target)
        sides = [await repository.deployed(link.project, one) for one in (source, target)]
        after, before = ({one.path: one for one in side.entries} for side in sides)
        last = sides[0].last
        number = last.number if last is not None else 0
        self._plan = _Plan(told, new_key(), number, "", before, after, source, target)
        names = await _slugs(repository)
        here = await _values(repository, link.project, source, after, names.get(source, ""))
        there = await _values(repository, link.project, target, before, names.get(target, ""))
        return self._told(sides[1], here, there)

    def _told(self, there: Deployed, here: Mapping[str, str], values: Mapping[str, str]) -> Any:
        plan = self._plan
        assert plan is not None
        differing = sorted(name for name in here.keys() | values.keys() if here.get(name) != values.get(name))
        last = there.last
        return {
            "number": plan.number,
            "objects": objects_of(plan.planned.difference),
            "variables": [
                {"name": name, "here": here.get(name), "there": values.get(name)} for name in differing
            ],
            "last": None
            if last is None
            else {"number": last.number, "author_name": last.author_name, "at": seconds(last.time)},
        }

    async def _plan_difference(self, message: Message, _tell: Tell, stop: asyncio.Event, *_more: Any) -> Any:
        repository, link = await self._counter.of_folder(Path(str(message["folder"])))
        plan, path = self._shown(), str(message["path"])
        entries = [plan.before.get(path), plan.after.get(path)]

        async def read() -> Any:
            found = {
                **await _deployed_contents(repository, link.project, plan.target, entries[0]),
                **(
                    await _deployed_contents(repository, link.project, plan.source, entries[1])
                    if plan.source
                    else await contents_of(repository, link.project, [entries[1]])
                ),
            }
            return places(path, *(found.get(one.hash) if one else None for one in entries))

        return await stoppable(read(), stop)

    def _shown(self, target: str = "", source: str = "") -> _Plan:
        """What was shown last; raises BadInput where something else is asked for by now."""
        plan = self._plan
        if plan is None or (target and (target, source) != (plan.target, plan.source)):
            raise BadInput(_("What is to be deployed was not compared yet."), next_step=_("Compare again."))
        return plan

    async def _deploy(self, message: Message, _tell: Tell, stop: asyncio.Event, *_more: Any) -> Any:
        repository, link = await self._counter.of_folder(Path(str(message["folder"])))
        plan = self._shown(str(message["target"]))
        wish = NewDeployment(
            plan.target,
            plan.revision,
            cast("Scope", str(message["scope"])),
            plan.planned.target_tree,
            str(message.get("path") or "") or None,
            str(message.get("message") or ""),
        )
        made = await stoppable(repository.deploy(link.project, wish, plan.key), stop)
        return {
            "number": made.number,
            "environment": (await _names(repository)).get(plan.target, plan.target),
        }

    async def _promote(self, message: Message, _tell: Tell, stop: asyncio.Event, *_more: Any) -> Any:
        repository, link = await self._counter.of_folder(Path(str(message["folder"])))
        plan = self._shown(str(message["target"]), str(message["source"]))
        wish = NewPromotion(
            plan.source,
            plan.target,
            plan.planned.source_tree,
            plan.planned.target_tree,
            str(message.get("message") or ""),
        )
        made = await stoppable(repository.promote(link.project, wish, plan.key), stop)
        return {
            "number": made.number,
            "environment": (await _names(repository)).get(plan.target, plan.target),
        }

    async def _credentials(self, message: Message, _tell: Tell, stop: asyncio.Event, *_more: Any) -> Any:
        """The names of the sealed secrets an environment has; never the secrets."""
        repository, link = await self._counter.of_folder(Path(str(message["folder"])))
        work = repository.credentials(link.project, str(message["environment"]))
        return [
            {"name": one.name, "stale": one.stale, "at": seconds(one.time)}
            for one in await stoppable(work, stop)
        ]


async def _names(repository: Repository) -> dict[str, str]:
    return {one.id: one.name for one in await repository.environments()}


async def _slugs(repository: Repository) -> dict[str, str]:
    return {one.id: one.slug for one in await repository.environments()}


async def _deployed_contents(
    repository: Repository, project: str, environment: str, entry: Entry | None
) -> dict[str, bytes]:
    if entry is None:
        return {}
    return {
        digest: data async for digest, data in repository.pack_of_deployed(project, environment, [entry.hash])
    }


async def _values(
    repository: Repository, project: str, environment: str, entries: Mapping[str, Entry], slug: str
) -> dict[str, str]:
    """The variables that count in an environment: those of its files, over them those set in the repository."""
    wanted = [entries[path].hash for path in _variable_files(slug) if path in entries]
    contents = (
        {digest: data async for digest, data in repository.pack_of_deployed(project, environment, wanted)}
        if wanted
        else {}
    )
    set_there = await repository.variables(project, environment)
    return {**_of_files(entries, contents, slug), **set_there.values}


async def _file_values(
    repository: Repository, project: str, entries: Mapping[str, Entry], slug: str
) -> dict[str, str]:
    """The variables of a version's own files."""
    wanted = [entries.get(path) for path in _variable_files(slug)]
    return _of_files(entries, await contents_of(repository, project, wanted), slug)


def _variable_files(slug: str) -> tuple[str, ...]:
    return (VARIABLE_FILE, f"{VARIABLE_FOLDER}{slug}.yaml")


def _of_files(entries: Mapping[str, Entry], contents: Mapping[str, bytes], slug: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for path in _variable_files(slug):
        entry = entries.get(path)
        if entry is not None and entry.hash in contents:
            found |= _variables(path, contents[entry.hash])
    return found


def _variables(path: str, content: bytes) -> dict[str, str]:
    try:
        told = yaml_read.read(content, file=path).plain()
    except WeftError:
        return {}
    values = told.get("variables") if isinstance(told, dict) else None
    return {str(name): str(value) for name, value in values.items()} if isinstance(values, dict) else {}
