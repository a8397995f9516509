"""Who is signed in, and where: answers about the account, its organizations, environments and projects."""

from __future__ import annotations

import asyncio
import threading
import webbrowser
from dataclasses import replace
from pathlib import Path
from typing import Any

from studio.base.errors import NotAllowed, NotReachable
from studio.base.i18n import _
from studio.base.secrets import must_keep
from studio.network import settings
from studio.network.trust import tls_context
from studio.protocol.projects import NewProject, Project
from studio.repository import accounts, sign_in
from studio.repository.client import Repository, new_key
from studio.repository.desks import places_kept
from studio.repository.desks.counter import (
    Answer,
    Counter,
    Message,
    Tell,
    account_data,
    environment_data,
    revision_data,
    stoppable,
)
from studio.repository.link import Link, keep_link
from studio.repository.opened import account_for
from studio.repository.refusals import SignedOut


class AccountDesk:
    """Answers about people and places."""

    def __init__(self, counter: Counter) -> None:
        self._counter = counter
        self.answers: dict[str, Answer] = {
            "account": self._account,
            "sign_in": self._sign_in,
            "sign_out": self._sign_out,
            "trust": self._trust,
            "places": self._places,
            "choose": self._choose,
            "environments": self._environments,
            "projects": self._projects,
            "share": self._share,
        }

    async def _account(self, *_asked: Any) -> Any:
        found = accounts.current()
        return account_data(found) if found is not None else None

    async def _sign_in(self, message: Message, tell: Tell, stop: asyncio.Event, *_more: Any) -> Any:
        await asyncio.to_thread(must_keep)
        server, token = str(message["server"]), str(message.get("token", ""))

        def show(address: str) -> None:
            tell("browser", address=address)
            # Beside the loop, which has to answer the browser while some browsers' starters wait for their end.
            threading.Thread(target=webbrowser.open, args=(address,), daemon=True, name="browser").start()

        if not token:
            work = sign_in.sign_in(server, show=show, store=self._counter.secrets)
            return account_data(await stoppable(work, stop))
        try:
            work = sign_in.with_token(server, token, store=self._counter.secrets)
            return account_data(await stoppable(work, stop))
        except SignedOut as error:
            raise NotAllowed(
                _("The server does not know this token, or it is over."),
                next_step=_("Make a new one on the server's page, under your account."),
            ) from error

    async def _sign_out(self, message: Message, _tell: Tell, stop: asyncio.Event, *_more: Any) -> Any:
        account = accounts.needed(str(message["server"]))
        told = await stoppable(sign_in.sign_out(account, store=self._counter.secrets), stop)
        await self._counter.close()
        return {"told": told}

    async def _trust(self, message: Message, *_more: Any) -> Any:
        """Trust a file of certificates beside the system's; raises BadInput where it holds none."""
        file = Path(str(message["file"])).absolute()
        tls_context([file])
        preferences, problem = settings.load()
        if problem is not None:
            raise problem
        if str(file) not in preferences.extra_ca:
            settings.save(replace(preferences, extra_ca=(*preferences.extra_ca, str(file))))

    async def _places(self, _message: Message, _tell: Tell, stop: asyncio.Event, *_more: Any) -> Any:
        """The organizations, each with the environments one has a right in."""
        account = account_for()

        async def look() -> list[dict[str, Any]]:
            found = []
            for one in await (await self._counter.current()).organizations():
                there = await self._counter.of(replace(account, organization=one.id))
                found.append({"id": one.id, "name": one.name, "environments": await _environments(there)})
            return found

        return await stoppable(look(), stop)

    async def _choose(self, message: Message, _tell: Tell, stop: asyncio.Event, *_more: Any) -> Any:
        wanted, environment = str(message["organization"]), str(message.get("environment") or "")

        async def choose() -> Any:
            account = account_for()
            if account.organization != wanted:
                organization = await (
                    await self._counter.of(replace(account, organization=wanted))
                ).organization()
                account = replace(
                    account, organization=wanted, organization_name=organization.name, environment="",
                    environment_name="",
                )  # fmt: skip
            there = await (await self._counter.of(account)).environments()
            chosen = next((one for one in there if one.id == environment), None)
            if chosen is not None:
                account = accounts.in_environment(account, chosen.id, chosen.name)
            accounts.choose(account)
            return account_data(account)

        return await stoppable(choose(), stop)

    async def _environments(self, message: Message, _tell: Tell, stop: asyncio.Event, *_more: Any) -> Any:
        """Those of the folder's organization where one is named, else of the account's; offline, those last seen."""
        folder = Path(str(message["folder"])) if message.get("folder") else None
        repository = await self._repository(message)
        try:
            found = await stoppable(_environments(repository), stop)
        except NotReachable:
            known = places_kept.kept(folder) if folder is not None else []
            if not known:
                raise
            return known
        if folder is not None:
            places_kept.keep(folder, found)
        return found

    async def _repository(self, message: Message) -> Repository:
        if message.get("folder"):
            return (await self._counter.of_folder(Path(str(message["folder"]))))[0]
        return await self._counter.current()

    async def _projects(self, _message: Message, _tell: Tell, stop: asyncio.Event, *_more: Any) -> Any:
        found = await stoppable((await self._counter.current()).projects(), stop)
        return [_project_data(project) for project in found]

    async def _share(self, message: Message, _tell: Tell, stop: asyncio.Event, *_more: Any) -> Any:
        """Link a folder with a project: a new one, or one that is there."""
        folder, samples = Path(str(message["folder"])), bool(message["samples"])
        repository = await self._counter.current()

        async def link() -> Project:
            if message.get("project"):
                return await repository.project(str(message["project"]))
            if not message.get("environment"):
                raise NotAllowed(_("You may not make a project in any environment of this organization."))
            new = NewProject(str(message["name"]), str(message["environment"]))
            return await repository.create_project(new, new_key())

        project = await stoppable(link(), stop)
        account = repository.account
        keep_link(folder, Link(account.server, account.organization, project.id, samples))
        return _project_data(project)


async def _environments(repository: Repository) -> list[dict[str, Any]]:
    there = await repository.environments()
    return [environment_data(one, there) for one in there]


def _project_data(project: Project) -> dict[str, Any]:
    return {
        "id": project.id,
        "name": project.name,
        "description": project.description,
        "head": revision_data(project.head) if project.head is not None else None,
    }
