"""`weft deploy` and `weft promote`: what runs in an environment, after its difference was shown."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from studio.base.errors import BadInput, NotReachable
from studio.base.i18n import _
from studio.cli.changes_shown import confirm, is_last, tell_objects, tell_variables
from studio.cli.credentials import seal_into
from studio.cli.printable import printable_line
from studio.cli.signed_in import say
from studio.cli.sync import of_project
from studio.project.folder import project_at
from studio.project.layout import file_of
from studio.protocol.access import Environment
from studio.protocol.deployments import Deployment, Scope
from studio.repository import queue
from studio.repository.client import Repository
from studio.repository.deployments import Plan, carry_out, plan_deployment, plan_promotion
from studio.repository.link import require_link
from studio.repository.sign_in import environment_named

_HERE = Path()
Project = Annotated[Path, typer.Option(metavar="DIR", help=_("The project's folder; the one around here."))]
Message = Annotated[str, typer.Option("--message", "-m", help=_("What it is about."))]
Yes = Annotated[bool, typer.Option("--yes", help=_("Do not ask, but for the last environment."))]
YesProduction = Annotated[
    str,
    typer.Option(
        "--yes-production", metavar="NAME", help=_("The last environment's name: do not ask for it.")
    ),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help=_("Only show what would change."))]
Json = Annotated[bool, typer.Option("--json", help=_("Print one JSON document."))]


def register(app: typer.Typer) -> None:
    """Add the verbs."""
    app.command("deploy", help=_("Put a revision into an environment, after showing what that changes."))(
        _deploy
    )
    app.command("promote", help=_("Put what one environment holds into another."))(_promote)


def _deploy(
    environment: Annotated[str, typer.Argument(metavar="[ENVIRONMENT]", help=_("Its short name."))] = "",
    project: Project = _HERE,
    revision: Annotated[
        str, typer.Option(metavar="NUMBER", help=_("Which revision; the newest when left out."))
    ] = "",
    object: Annotated[
        str, typer.Option(metavar="PATH", help=_("One object only: its file, or kind/name."))
    ] = "",
    variables: Annotated[bool, typer.Option("--variables", help=_("Variables only."))] = False,
    with_credentials: Annotated[
        bool,
        typer.Option("--with-credentials", help=_("Seal the connections' secrets of this computer as well.")),
    ] = False,
    waiting: Annotated[
        bool, typer.Option("--waiting", help=_("Send what was confirmed while the repository was away."))
    ] = False,
    forget: Annotated[
        int, typer.Option(metavar="NUMBER", help=_("Take one that waits off the list."), min=0)
    ] = 0,
    message: Message = "",
    yes: Yes = False,
    yes_production: YesProduction = "",
    dry_run: DryRun = False,
    as_json: Json = False,
) -> int:
    folder = project_at(project)
    if forget:
        queue.remove(folder, forget)
        return 0
    if waiting:
        return asyncio.run(_sent(folder, as_json))
    if not environment or (object and variables):
        raise BadInput(
            _("One object or the variables: not both at once.")
            if environment
            else _("Say which environment."),
            next_step=_("For example: weft deploy test"),
        )
    scope: Scope = "object" if object else "variables" if variables else "whole"
    path = _path(object) if object else None

    async def plan(repository: Repository, known: tuple[Environment, ...]) -> Plan:
        target = environment_named(environment, known)
        of = require_link(folder).project
        return await plan_deployment(repository, of, target, revision=revision, scope=scope, path=path)

    told = _Told(message, yes, yes_production, dry_run, as_json, folder if with_credentials else None)
    return asyncio.run(_done(folder, plan, told))


def _promote(
    source: Annotated[str, typer.Argument(metavar="FROM", help=_("The environment that has it."))],
    target: Annotated[str, typer.Argument(metavar="TO", help=_("The environment to get it."))],
    project: Project = _HERE,
    message: Message = "",
    yes: Yes = False,
    yes_production: YesProduction = "",
    dry_run: DryRun = False,
    as_json: Json = False,
) -> int:
    folder = project_at(project)

    async def plan(repository: Repository, known: tuple[Environment, ...]) -> Plan:
        one, two = (environment_named(name, known) for name in (source, target))
        return await plan_promotion(repository, require_link(folder).project, one, two)

    return asyncio.run(_done(folder, plan, _Told(message, yes, yes_production, dry_run, as_json, None)))


class _Told:
    """What the command line says besides what is to be changed; `sealing`: the project whose secrets go along."""

    def __init__(
        self, message: str, yes: bool, named: str, dry_run: bool, as_json: bool, sealing: Path | None
    ) -> None:
        self.message, self.yes, self.named = message, yes, named
        self.dry_run, self.as_json, self.sealing = dry_run, as_json, sealing


async def _done(folder: Path, plan: Any, told: _Told) -> int:
    async with of_project(folder) as repository:
        known = await repository.environments()
        shown: Plan = await plan(repository, known)
        if not told.as_json:
            _tell(shown)
        made: Deployment | None = None
        if not told.dry_run and (not shown.empty or told.sealing is not None):
            confirm(shown.target, is_last(shown.target, known), told.yes, told.named)
            if told.sealing is not None:
                await seal_into(repository, told.sealing, shown.target)
            if not shown.empty:
                made = await _carried_out(folder, repository, shown, told.message)
    if told.as_json:
        print(json.dumps(_document(shown, made), ensure_ascii=False))  # noqa: T201
    elif made is not None:
        say(
            printable_line(
                _("{environment} holds revision {number} now.").format(
                    environment=shown.target.name, number=made.number
                )
            )
        )
    return 0


async def _carried_out(folder: Path, repository: Repository, shown: Plan, message: str) -> Deployment:
    """Do it; a deployment that was confirmed waits where the repository went away in between."""
    try:
        return await carry_out(repository, shown, message)
    except NotReachable as error:
        if shown.source is None:
            queue.enqueue(folder, shown.deployment(message), shown.key)
            error.next_step = _("It is kept. Send it later with: weft deploy --waiting")
        raise


async def _sent(folder: Path, as_json: bool) -> int:
    async with of_project(folder) as repository:
        sent = await queue.send(folder, repository)
        names = {each.id: each.slug for each in await repository.environments()}
    if as_json:
        print(json.dumps(msgspec.to_builtins(sent), ensure_ascii=False))  # noqa: T201
    else:
        for made in sent.made:
            where = names.get(made.environment, made.environment)
            say(_("{environment} holds revision {number} now.").format(environment=where, number=made.number))
        for one in sent.refused:
            where = names.get(one.deployment.environment, one.deployment.environment)
            told = _("{number}, into {environment}: {reason} Take it off with: weft deploy --forget {number}")
            say(printable_line(told.format(number=one.number, environment=where, reason=one.refused)))
    return 1 if sent.refused or sent.waiting else 0


def _tell(shown: Plan) -> None:
    say(
        _("Revision {number} into {environment}:").format(number=shown.number, environment=shown.target.name)
        if shown.source is None
        else _("What {source} holds (revision {number}) into {environment}:").format(
            source=shown.source.name, number=shown.number, environment=shown.target.name
        )
    )
    tell_objects(shown.objects)
    tell_variables(shown.variables)
    if shown.empty:
        say(_("The environment holds exactly this already."))


def _document(shown: Plan, made: Deployment | None) -> dict[str, Any]:
    return {
        "environment": shown.target.slug,
        "from": shown.source.slug if shown.source else None,
        "revision": shown.number,
        "objects": msgspec.to_builtins(shown.objects),
        "variables": msgspec.to_builtins(shown.variables),
        "deployment": msgspec.to_builtins(made) if made else None,
    }


def _path(name: str) -> str:
    """The file of an object named by its file or by its id."""
    clean = name.replace("\\", "/").removeprefix("./")
    last = clean.rpartition("/")[2]
    return clean if "." in last or clean.count("/") == 0 else file_of(clean)
