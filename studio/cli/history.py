"""`weft history` and `weft restore`: the revisions of a project, and an old one made new."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from studio.base.i18n import _
from studio.cli.changes_shown import agreed, tell_objects
from studio.cli.deploy import DryRun, Json, Message, Project
from studio.cli.printable import printable_line
from studio.cli.signed_in import say
from studio.cli.sync import of_project
from studio.project.folder import project_at
from studio.protocol.projects import Revision
from studio.repository import deployments
from studio.repository.link import require_link

_HERE = Path()


def register(app: typer.Typer) -> None:
    """Add the verbs."""
    app.command("history", help=_("The revisions of a project, newest first."))(_history)
    app.command("restore", help=_("Make a new revision that is equal to an old one."))(_restore)


def _history(
    project: Project = _HERE,
    limit: Annotated[int, typer.Option(help=_("How many at most."), min=1, max=100_000)] = 20,
    as_json: Json = False,
) -> int:
    folder = project_at(project)
    found = asyncio.run(_listed(folder, limit))
    if as_json:
        print(json.dumps(msgspec.to_builtins(found), ensure_ascii=False))  # noqa: T201
        return 0
    for each in found:
        changed = f"+{each.added} ~{each.changed} -{each.removed}"
        about = printable_line(each.message.partition("\n")[0])
        print(each.number, each.time, printable_line(each.author_name), changed, about, sep="\t")  # noqa: T201
    return 0


async def _listed(folder: Path, limit: int) -> tuple[Revision, ...]:
    async with of_project(folder) as repository:
        return await deployments.history(repository, require_link(folder).project, limit)


def _restore(
    revision: Annotated[str, typer.Argument(metavar="REVISION", help=_("Its number."))],
    project: Project = _HERE,
    message: Message = "",
    yes: Annotated[bool, typer.Option("--yes", help=_("Do not ask."))] = False,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> int:
    return asyncio.run(_restored(project_at(project), revision, message, yes, dry_run, as_json))


async def _restored(
    folder: Path, revision: str, message: str, yes: bool, dry_run: bool, as_json: bool
) -> int:
    async with of_project(folder) as repository:
        shown = await deployments.plan_restore(repository, require_link(folder).project, revision)
        if not as_json:
            say(
                _("A new revision equal to {number} changes, against {head}:").format(
                    number=shown.revision.number, head=shown.head.number
                )
            )
            tell_objects(shown.objects)
        made: Revision | None = None
        if not shown.objects:
            say(_("The newest revision is equal to it already."))
        elif not dry_run:
            agreed(yes, _("Nobody confirmed the restoring. Nothing was changed."))
            made = await deployments.restore(repository, shown, message)
    if as_json:
        objects, new = msgspec.to_builtins(shown.objects), msgspec.to_builtins(made)
        print(json.dumps({"objects": objects, "revision": new}, ensure_ascii=False))  # noqa: T201
    elif made is not None:
        say(_("Revision {number} is made. Bring it here with: weft pull").format(number=made.number))
    return 0
