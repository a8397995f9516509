"""`weft status`, `weft push` and `weft pull`: a project and its copy in the repository."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from studio.base.errors import BadInput, NotAllowed, NotReachable, Problem, Severity
from studio.base.i18n import _, ngettext
from studio.base.lazily import Lazily
from studio.base.progress import Progress, Step
from studio.cli.printable import printable
from studio.project.folder import project_at
from studio.repository.link import Link, keep_link, link_of, require_link
from studio.repository.status import ObjectStatus, Status, Where, local_status, status

if TYPE_CHECKING:
    from studio.cli import signed_in
    from studio.protocol import projects
    from studio.repository import client, opened, pull, push
    from studio.repository.client import Repository
else:
    # What was changed here is told without a network, and at once.
    client = Lazily("studio.repository.client")
    opened = Lazily("studio.repository.opened")
    projects = Lazily("studio.protocol.projects")
    pull = Lazily("studio.repository.pull")
    push = Lazily("studio.repository.push")
    signed_in = Lazily("studio.cli.signed_in")

_HERE = Path()
_JSON = typer.Option("--json", help=_("Print one JSON document."))


def register(app: typer.Typer) -> None:
    """Add the verbs."""
    app.command("status", help=_("What changed here and in the repository since both were the same."))(
        _status
    )
    app.command("push", help=_("Make a revision in the repository of what the project holds now."))(_push)
    app.command("pull", help=_("Bring what others pushed into the project, or make a first copy of one."))(
        _pull
    )


def _status(
    project: Annotated[Path, typer.Argument(metavar="PROJECT", help=_("The project's folder."))] = _HERE,
    offline: Annotated[
        bool, typer.Option("--offline", help=_("Ask nobody: only what changed here."))
    ] = False,
    as_json: Annotated[bool, _JSON] = False,
) -> int:
    folder = project_at(project)
    found = local_status(folder) if offline or link_of(folder) is None else asyncio.run(_asked(folder))
    if as_json:
        typer.echo(json.dumps(asdict(found), ensure_ascii=False))
    else:
        _tell_status(found)
    return 1 if found.undecided or found.problems else 0


async def _asked(folder: Path) -> Status:
    """The status beside the repository; what is known here where nobody can be asked."""
    try:
        async with of_project(folder) as repository:
            return await status(folder, repository)
    except (NotReachable, NotAllowed) as error:
        say(_("The repository could not be asked: {reason}").format(reason=error))
        return local_status(folder)


def _push(
    project: Annotated[Path, typer.Argument(metavar="PROJECT", help=_("The project's folder."))] = _HERE,
    message: Annotated[str, typer.Option("--message", "-m", help=_("What this revision is about."))] = "",
    new: Annotated[
        str, typer.Option(help=_("First push: make a project of this name."), metavar="NAME")
    ] = "",
    into: Annotated[
        str, typer.Option(help=_("First push: into a project that is there."), metavar="NAME|ID")
    ] = "",
    server: Annotated[str, typer.Option(help=_("The repository, where you are signed in to several."))] = "",
    organization: Annotated[str, typer.Option(help=_("The organization, by its id."))] = "",
    environment: Annotated[str, typer.Option(help=_("Where a new project is at home."))] = "",
    samples: Annotated[
        bool | None,
        typer.Option("--samples/--no-samples", help=_("Whether sample documents leave this computer.")),
    ] = None,
    as_json: Annotated[bool, _JSON] = False,
) -> int:
    folder = project_at(project)
    found = asyncio.run(
        _pushed(folder, message, _First(server, organization, environment, new, into), samples)
    )
    for problem in found.warnings:
        _tell_problem(problem)
    if as_json:
        typer.echo(json.dumps(asdict(found), ensure_ascii=False))
    else:
        typer.echo(_push_line(found))
    return 0


class _First:
    """Where a project goes that is in no repository yet."""

    def __init__(self, server: str, organization: str, environment: str, new: str, into: str) -> None:
        self.server, self.organization, self.environment = server, organization, environment
        self.new, self.into = new, into

    @contextlib.asynccontextmanager
    async def linked(self, folder: Path) -> AsyncIterator[Repository]:
        """A client, once the folder is linked. Raises BadInput where it is not and nobody says with what."""
        if not (self.new or self.into):
            async with of_project(folder) as repository:
                yield repository
            return
        if self.new and link_of(folder) is not None:
            raise BadInput(
                _("This project is in a repository already."),
                file=folder,
                next_step=_("Push it without --new, or copy the folder without its .weft folder."),
            )
        account = opened.account_for(self.server, self.organization)
        async with opened.opened(account, signed_in.secret_store) as repository:
            if self.into:
                project = await _project_called(repository, self.into)
            else:
                home = await _environment_called(repository, self.environment or account.environment)
                project = (
                    await repository.create_project(projects.NewProject(self.new, home), client.new_key())
                ).id
            keep_link(folder, Link(repository.account.server, repository.account.organization, project))
            yield repository


async def _pushed(folder: Path, message: str, first: _First, samples: bool | None) -> push.Pushed:
    with signed_in.stoppable() as (_stop, progress), shown(progress):
        async with first.linked(folder) as repository:
            if samples is not None:
                keep_link(folder, replace(require_link(folder), samples=samples))
            return await push.push(folder, repository, message, progress=progress)


def _pull(
    project: Annotated[
        str,
        typer.Argument(metavar="PROJECT", help=_("The project's folder; for a first copy its name or id.")),
    ] = ".",
    folder: Annotated[
        Path | None, typer.Argument(metavar="DIR", help=_("A new folder for a first copy."))
    ] = None,
    server: Annotated[str, typer.Option(help=_("The repository, where you are signed in to several."))] = "",
    organization: Annotated[str, typer.Option(help=_("The organization, by its id."))] = "",
    as_json: Annotated[bool, _JSON] = False,
) -> int:
    if folder is not None:
        found = asyncio.run(_copied(project, folder, server, organization))
    else:
        found = asyncio.run(_pulled(project_at(Path(project))))
    for problem in found.problems:
        _tell_problem(problem)
    for path in found.left_out:
        say(_("{path} is hidden, so it stays in the repository and is not written here.").format(path=path))
    if as_json:
        typer.echo(json.dumps(asdict(found), ensure_ascii=False))
    else:
        _tell_pulled(found)
    return 1 if found.undecided or any(one.severity is not Severity.NOTE for one in found.problems) else 0


async def _pulled(folder: Path) -> pull.Pulled:
    with signed_in.stoppable() as (_stop, progress), shown(progress):
        async with of_project(folder) as repository:
            return await pull.pull(folder, repository, progress=progress)


async def _copied(name: str, folder: Path, server: str, organization: str) -> pull.Pulled:
    with signed_in.stoppable() as (_stop, progress), shown(progress):
        async with opened.opened(
            opened.account_for(server, organization), signed_in.secret_store
        ) as repository:
            return await pull.copy(
                repository, await _project_called(repository, name), folder, progress=progress
            )


@contextlib.asynccontextmanager
async def of_project(folder: Path) -> AsyncIterator[Repository]:
    """A client of the repository the project is in. Raises BadInput, NotAllowed."""
    link = require_link(folder)
    async with opened.opened(
        opened.account_for(link.server, link.organization), signed_in.secret_store
    ) as repository:
        yield repository


async def _project_called(repository: Repository, name: str) -> str:
    found = [one for one in await repository.projects() if name in (one.id, one.name)]
    if len(found) == 1:
        return found[0].id
    raise BadInput(
        _("There is no project called {name}.").format(name=repr(name))
        if not found
        else _("Several projects are called {name}.").format(name=repr(name)),
        next_step=_("List them with: weft projects"),
    )


async def _environment_called(repository: Repository, name: str) -> str:
    known = await repository.environments()
    found = [one.id for one in known if name in (one.id, one.slug, one.name)]
    if not name and len(known) == 1:
        found = [known[0].id]
    if len(found) == 1:
        return found[0]
    raise BadInput(
        _("Say in which environment the project is at home."),
        next_step=_("Name one with --environment: {names}.").format(
            names=", ".join(one.slug for one in known)
        ),
    )


@contextlib.contextmanager
def shown(progress: Progress) -> Iterator[None]:
    """A progress bar on a terminal for the length of the block."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
    from rich.progress import Progress as Bar

    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}"))
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None, visible=False)

        def listen(step: Step) -> None:
            bar.update(task, total=step.total, completed=step.done, description=step.text, visible=True)

        progress.listener = listen
        yield


def _tell_status(found: Status) -> None:
    for title, where in (
        (_("In conflict, to be decided with weft conflicts:"), Where.CONFLICT),
        (_("Changed on both sides:"), Where.BOTH),
        (_("Changed here:"), Where.HERE),
        (_("Changed in the repository:"), Where.THERE),
    ):
        several = [one for one in found.objects if one.where is where]
        if several:
            typer.echo(title)
            for one in several:
                typer.echo(f"  {printable(_object_line(one))}")
    for problem in found.problems:
        _tell_problem(problem)
    typer.echo(_standing(found))


def _object_line(one: ObjectStatus) -> str:
    words = {"added": _("added"), "changed": _("changed"), "removed": _("removed"), "": ""}
    sides = [words[change] for change in (one.here, one.there) if change]
    return f"{one.path} ({' / '.join(sides)})" if sides else one.path


def _standing(found: Status) -> str:
    if found.link is None:
        return _("Not in a repository yet. Put it there with: weft push --new NAME")
    parts = [
        _("From revision {base}").format(base=found.base) if found.base else _("Nothing pushed or pulled yet")
    ]
    if found.head is not None:
        parts.append(
            _("the newest one")
            if found.head == found.base
            else _("the newest one is {head}").format(head=found.head)
        )
    if found.undecided:
        parts.append(ngettext("{n} conflict", "{n} conflicts", found.undecided).format(n=found.undecided))
    if found.queued:
        parts.append(
            ngettext("{n} deployment waits", "{n} deployments wait", found.queued).format(n=found.queued)
        )
    return ", ".join(parts) + "."


def _push_line(found: push.Pushed) -> str:
    if found.revision is None:
        return _("There is nothing to push.")
    if not found.made:
        return _("There is nothing to push: revision {number} holds it all.").format(
            number=found.revision.number
        )
    return _("Revision {number}: {put} written, {removed} removed.").format(
        number=found.revision.number, put=found.put, removed=found.removed
    )


def _tell_pulled(found: pull.Pulled) -> None:
    for title, paths in ((_("Taken:"), found.taken), (_("Joined with your changes:"), found.joined)):
        _tell_list(title, paths)
    _tell_list(_("In conflict, both versions are kept:"), found.clashed)
    if found.revision is None:
        typer.echo(_("Nothing was pushed to this project yet."))
    elif not (found.taken or found.joined or found.clashed):
        typer.echo(_("Nothing new: revision {number}.").format(number=found.revision.number))
    else:
        typer.echo(_("Now from revision {number}.").format(number=found.revision.number))
    if found.undecided:
        say(
            ngettext(
                "{n} conflict is to be decided.", "{n} conflicts are to be decided.", found.undecided
            ).format(n=found.undecided)
            + " "
            + _("See: weft conflicts list")
        )


def _tell_list(title: str, paths: Iterable[str]) -> None:
    several = list(paths)
    if several:
        typer.echo(title)
        for path in several:
            typer.echo(f"  {printable(path)}")


def say(text: str) -> None:
    """A line for the person, on standard error."""
    typer.echo(text, err=True)


def _tell_problem(problem: Problem) -> None:
    place = f"{problem.place}: " if problem.place else ""
    say(printable(f"{place}{problem.message} {problem.mend}".rstrip()))
