"""`weft credentials`: secrets of a project's connections, sealed for an environment; and the key they are sealed to."""

from __future__ import annotations

import asyncio
import getpass
import json
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from studio.base.errors import BadInput, NotAllowed
from studio.base.i18n import _, ngettext
from studio.cli.changes_shown import confirm, is_last
from studio.cli.printable import printable_line
from studio.cli.signed_in import say, secret_store
from studio.cli.sync import of_project
from studio.moves.desks.desk_orgs import read_secret
from studio.project import folder as folders
from studio.project.folder import project_at
from studio.protocol.access import Environment
from studio.repository import sealing
from studio.repository.client import Repository
from studio.repository.link import require_link
from studio.repository.opened import account_for, opened
from studio.repository.sign_in import environment_named

T = TypeVar("T")
_HERE = Path()
_Environment = Annotated[str, typer.Argument(metavar="ENVIRONMENT", help=_("Its short name."))]
_Project = Annotated[Path, typer.Option(metavar="DIR", help=_("The project's folder; the one around here."))]
_Server = Annotated[str, typer.Option(help=_("The repository, where you are signed in to several."))]
_PassphraseFile = Annotated[
    Path | None, typer.Option(help=_("A file that holds the passphrase, instead of a prompt."))
]
_File = Annotated[Path, typer.Argument(metavar="FILE")]
_Json = Annotated[bool, typer.Option("--json", help=_("Print one JSON document."))]


def register(app: typer.Typer) -> None:
    """Add the verb."""
    group = typer.Typer(
        no_args_is_help=True, help=_("Secrets sealed for an environment, and the key they are sealed to.")
    )
    group.command("seal", help=_("Seal the secrets of the project's connections and send them."))(_seal)
    group.command("list", help=_("Which sealed secrets an environment has, and which it lacks."))(_list)
    group.command("open", help=_("Open a sealed secret into the key store of this computer."))(_open)
    group.command("remove", help=_("Remove a sealed secret."))(_remove)
    group.command("key", help=_("The organization's key, to be compared with whoever made it."))(_key)
    group.command("trust", help=_("The organization's key has been compared: seal to it."))(_trust)
    group.command("make-key", help=_("Make the organization's key; its private half stays here."))(_make)
    group.command("export-key", help=_("Write the private half into a file under a passphrase."))(_export)
    group.command("import-key", help=_("Take the private half from such a file."))(_import)
    app.add_typer(group, name="credentials")


def _seal(
    environment: _Environment,
    project: _Project = _HERE,
    yes: Annotated[bool, typer.Option("--yes", help=_("Do not ask, but for the last environment."))] = False,
    yes_production: Annotated[
        str, typer.Option(metavar="NAME", help=_("The last environment's name: do not ask for it."))
    ] = "",
) -> int:
    folder = project_at(project)

    async def work(repository: Repository, where: Environment) -> int:
        confirm(where, is_last(where, await repository.environments()), yes, yes_production)
        return 1 if (await seal_into(repository, folder, where)).absent else 0

    return _there(folder, environment, work)


async def seal_into(repository: Repository, folder: Path, where: Environment) -> sealing.Sealed:
    """Seal what the connections of the project need, and tell what this computer does not hold."""
    needed = sealing.needed(folders.load(folder).project)
    project = require_link(folder).project
    done = await sealing.seal(repository, project, where.id, needed, secret_store())
    count = len(done.sealed)
    say(
        ngettext("{n} secret is sealed for {place}.", "{n} secrets are sealed for {place}.", count).format(
            n=count, place=where.name
        )
    )
    for each in done.absent:
        say(
            _("The secret {field} of {connection} is not on this computer.").format(
                field=each.field, connection=each.connection
            )
        )
    return done


def _list(environment: _Environment, project: _Project = _HERE, as_json: _Json = False) -> int:
    folder = project_at(project)
    needed = sealing.needed(folders.load(folder).project)

    async def work(repository: Repository, where: Environment) -> int:
        found = await sealing.there(repository, require_link(folder).project, where.id, needed)
        called = {each.name: f"{each.connection} {each.field}" for each in needed}
        rows = [
            {
                "name": name,
                "needed": name in called,
                "sealed": each.time if each else None,
                "stale": bool(each and each.stale),
            }
            for name, each in sorted(found.items())
        ]
        if as_json:
            print(json.dumps(rows, ensure_ascii=False))  # noqa: T201
        else:
            for row in rows:
                print(row["name"], called.get(str(row["name"]), ""), _state(row), sep="\t")  # noqa: T201
        return 1 if any(row["needed"] and (row["stale"] or not row["sealed"]) for row in rows) else 0

    return _there(folder, environment, work)


def _state(row: dict[str, Any]) -> str:
    if not row["sealed"]:
        return _("missing")
    return _("to be sealed again") if row["stale"] else str(row["sealed"])


def _open(
    environment: _Environment,
    name: Annotated[str, typer.Argument(metavar="NAME", help=_("As weft credentials list shows it."))],
    project: _Project = _HERE,
    show: Annotated[bool, typer.Option("--print", help=_("Print it instead of keeping it."))] = False,
) -> int:
    folder = project_at(project)

    async def work(repository: Repository, where: Environment) -> int:
        of = require_link(folder).project
        value = await sealing.opened(repository, of, where.id, name, secret_store())
        if show:
            print(value)  # noqa: T201
            return 0
        for each in sealing.needed(folders.load(folder).project):
            if each.name == name:
                secret_store().put(each.secret, value)
                say(_("The secret {name} is kept on this computer.").format(name=printable_line(name)))
                return 0
        raise BadInput(
            _("No connection of this project needs a secret called {name}.").format(name=name),
            next_step=_("Print it with --print."),
        )

    return _there(folder, environment, work)


def _remove(
    environment: _Environment, name: Annotated[str, typer.Argument(metavar="NAME")], project: _Project = _HERE
) -> int:
    folder = project_at(project)

    async def work(repository: Repository, where: Environment) -> int:
        await repository.remove_credential(require_link(folder).project, where.id, name)
        return 0

    return _there(folder, environment, work)


def _key(server: _Server = "", as_json: _Json = False) -> int:
    async def work(repository: Repository) -> int:
        key = await repository.sealing_key()
        trusted = sealing.trusted(repository.account)
        same = key is not None and key.id == trusted
        if as_json:
            print(json.dumps({"key": key.id if key else None, "trusted": same}))  # noqa: T201
        elif key is None:
            say(_("The organization has no key for secrets yet."))
        else:
            print(key.id, key.created, _("compared") if same else _("not compared"), sep="\t")  # noqa: T201
        return 0

    return _in_organization(server, work)


def _trust(key: Annotated[str, typer.Argument(metavar="KEY")], server: _Server = "") -> int:
    async def work(repository: Repository) -> int:
        now = await repository.sealing_key()
        if now is None or now.id != key.strip().lower():
            raise BadInput(
                _("This is not the organization's key, which is {key}.").format(key=now.id if now else "–"),
                next_step=_("Ask whoever made the key for its id, and compare all of it."),
            )
        sealing.trust(repository.account, now.id)
        return 0

    return _in_organization(server, work)


def _make(
    server: _Server = "",
    replace: Annotated[
        bool, typer.Option("--replace", help=_("Replace the key there is: secrets must be sealed again."))
    ] = False,
) -> int:
    async def work(repository: Repository) -> int:
        made = await sealing.make_key(repository, secret_store(), replace=replace)
        print(made.id)  # noqa: T201
        say(
            _(
                "Its private half is in the key store of this computer and nowhere else: keep a copy with weft credentials "
                "export-key FILE. Without it nobody opens what is sealed."
            )
        )
        return 0

    return _in_organization(server, work)


def _export(file: _File, passphrase_file: _PassphraseFile = None, server: _Server = "") -> int:
    async def work(repository: Repository) -> int:
        key = await repository.sealing_key()
        if key is None:
            raise BadInput(_("The organization has no key for secrets yet."))
        phrase = _passphrase(passphrase_file, twice=True)
        sealing.export_key(secret_store(), repository.account, key.id, file, phrase)
        return 0

    return _in_organization(server, work)


def _import(file: _File, passphrase_file: _PassphraseFile = None, server: _Server = "") -> int:
    account = account_for(server)
    phrase = _passphrase(passphrase_file, twice=False)
    print(sealing.import_key(secret_store(), account, file, phrase))  # noqa: T201
    return 0


def _passphrase(file: Path | None, *, twice: bool) -> str:
    if file is not None:
        return read_secret(file)
    if not sys.stdin.isatty():
        raise NotAllowed(
            _("A passphrase is needed."), next_step=_("Name a file that holds it with --passphrase-file.")
        )
    given = getpass.getpass(_("Passphrase: "))
    if twice and getpass.getpass(_("Once more: ")) != given:
        raise BadInput(_("The two are not the same."))
    return given


def _there(folder: Path, environment: str, work: Callable[[Repository, Environment], Awaitable[T]]) -> T:
    async def done() -> T:
        async with of_project(folder) as repository:
            return await work(repository, environment_named(environment, await repository.environments()))

    return asyncio.run(done())


def _in_organization(server: str, work: Callable[[Repository], Awaitable[T]]) -> T:
    async def done() -> T:
        async with opened(account_for(server), secret_store) as repository:
            return await work(repository)

    return asyncio.run(done())
