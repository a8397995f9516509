"""weft proxy: how the studio gets out of the building, and a doctor for the way to an address."""

from __future__ import annotations

import asyncio
import getpass
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from studio.agent.talks_to import talks_to
from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.base.secrets import must_keep
from studio.cli.printable import printable_line
from studio.cli.proxy_told import told, told_project
from studio.cli.signed_in import say, secret_store
from studio.moves.desks.desk_orgs import read_secret
from studio.network import settings
from studio.network.doctor import examine, examine_all
from studio.network.examination import Examination
from studio.network.hops import read_hop
from studio.network.routes import route_for
from studio.network.settings import ClientCertificate, Way
from studio.network.trust import locked, tls_context
from studio.project.folder import project_at
from studio.project.layout import find_project

Json = Annotated[bool, typer.Option("--json", help=_("Print one JSON document."))]
_USUAL = "https://login.salesforce.com"
_WAYS = {"none": Way.NONE, "system": Way.SYSTEM, "wpad": Way.SCRIPT}


def register(app: typer.Typer) -> None:
    """Add the verb."""
    group = typer.Typer(help=_("The way out: examine it, show it, set it."), no_args_is_help=True)
    group.command(
        "doctor",
        help=_("Examine the way to an address: which proxy, by which rule, each step, whose certificate."),
    )(doctor)
    group.command("show", help=_("The network preferences, and which way leads out by them."))(show)
    group.command("set", help=_("Choose the way out, its exceptions, sign-ins and authorities."))(choose)
    group.command("password", help=_("Keep user and password of a proxy; the password in the key store."))(
        password
    )
    group.command("certificate", help=_("Show a client certificate to hosts of a pattern."))(certificate)
    app.add_typer(group, name="proxy")


def doctor(
    url: Annotated[str, typer.Argument(metavar="[URL]", help=_("A URL, a host, or host:port."))] = "",
    project: Annotated[
        Path | None, typer.Option(metavar="DIR", help=_("Everything that this project talks to, too."))
    ] = None,
    as_json: Json = False,
) -> int:
    """Exit code 0: open; 3: it is not; 1: it is, but a script failed or something else the project talks to is not."""
    folder = project_at(project) if project is not None else None if url else find_project(Path.cwd())
    talks = talks_to(folder) if folder is not None else ()
    found, others = asyncio.run(_examined(url or ("" if talks else _USUAL), [talk.address for talk in talks]))
    if as_json:
        listed = [{"what": t.what, **o.data()} for t, o in zip(talks, others, strict=True)]
        print(json.dumps({**(found.data() if found else {}), "project": listed}, indent=2))  # noqa: T201
    else:
        lines = [*(told(found) if found else []), *(told_project(others) if talks else [])]
        print("\n".join(lines))  # noqa: T201
    if found is not None and found.failed:
        return 3
    if found is None and all(other.failed for other in others):
        return 3
    bad = any(other.failed for other in others)
    return int(bad or (found is not None and any(step.state.value == "failed" for step in found.steps)))


async def _examined(url: str, addresses: list[str]) -> tuple[Examination | None, list[Examination]]:
    found = await examine(url) if url else None
    return found, [other async for other in examine_all(addresses)]


def show(as_json: Json = False) -> int:
    """Print the preferences; no password is among them."""
    found, problem = settings.load()
    if problem is not None:
        say(str(problem))
    route = asyncio.run(route_for("https", "login.salesforce.com", 443, found))
    data = {
        "file": str(settings.preferences_file()),
        "way": found.way.value,
        "proxy": found.proxy,
        "bypass": found.bypass,
        "script": found.script,
        "schemes": list(found.schemes),
        "users": dict(found.users),
        "trusted": list(found.extra_ca),
        "client_certificates": {p: c.file for p, c in found.client_certificates.items()},
        "rule": route.rule,
        "hops": [str(hop) for hop in route.hops],
        "problem": route.problem,
    }
    if as_json:
        print(json.dumps(data, indent=2))  # noqa: T201
        return 0
    for name, value in data.items():
        text = ", ".join(f"{k} {v}".strip() for k, v in value.items()) if isinstance(value, dict) else value
        text = ", ".join(map(str, text)) if isinstance(text, list) else str(text)
        if text:
            print(f"{name}\t{printable_line(text)}")  # noqa: T201
    return 1 if problem is not None else 0


def choose(
    way: Annotated[
        str,
        typer.Argument(
            metavar="[WAY]",
            help=_(
                "none, system, wpad (look for a script), or a proxy's address: http://host:port, https://…, socks5://…"
            ),
        ),
    ] = "",
    script: Annotated[
        str | None, typer.Option(help=_("The address or file of a proxy script, to be used."))
    ] = None,
    bypass: Annotated[
        str | None, typer.Option(help=_("Hosts reached without proxy: *.corp.test, 10.0.0.0/8, <local>"))
    ] = None,
    schemes: Annotated[
        str | None,
        typer.Option(help=_("Sign-ins a proxy may ask for, best first: negotiate,ntlm,digest,basic")),
    ] = None,
    trust: Annotated[
        list[Path] | None, typer.Option(help=_("A file of certificates to trust besides the system's."))
    ] = None,
    distrust: Annotated[
        list[Path] | None, typer.Option(help=_("A file that is no longer to be trusted."))
    ] = None,
) -> int:
    """Change what is given and leave the rest."""
    found, _problem = settings.load()
    if way:
        kind = _WAYS.get(way.lower())
        found = replace(found, way=kind or Way.EXPLICIT)
        found = replace(found, script="") if kind is Way.SCRIPT else found
        found = found if kind else replace(found, proxy=str(read_hop(way)))
    if script is not None:
        found = replace(found, way=Way.SCRIPT, script=script)
    if bypass is not None:
        found = replace(found, bypass=bypass)
    if schemes is not None:
        found = replace(found, schemes=tuple(name for name in schemes.lower().replace(",", " ").split()))
    added = [str(file.expanduser().resolve()) for file in trust or []]
    for name in added:
        tls_context(Path(name))
    gone = {str(file.expanduser().resolve()) for file in distrust or []}
    files = dict.fromkeys([*found.extra_ca, *added])
    settings.save(replace(found, extra_ca=tuple(name for name in files if name not in gone)))
    say(asyncio.run(route_for("https", "login.salesforce.com", 443)).rule)
    return 0


def password(
    proxy: Annotated[str, typer.Argument(metavar="HOST:PORT", help=_("The proxy."))],
    user: Annotated[str, typer.Option(help=_("The user: name, DOMAIN\\name or name@domain."))] = "",
    logged_in: Annotated[
        bool, typer.Option("--logged-in", help=_("Whoever is logged in to this computer; no password."))
    ] = False,
    secret_file: Annotated[
        Path | None, typer.Option(help=_("A file that holds the password, instead of a prompt."))
    ] = None,
    forget: Annotated[bool, typer.Option("--forget", help=_("Forget user and password."))] = False,
) -> int:
    """Keep who signs in with a proxy; it counts from the next connection on, everywhere."""
    address = read_hop(proxy).address
    name = settings.secret_of_proxy(address)
    found, _problem = settings.load()
    if forget or logged_in:
        users = {k: v for k, v in found.users.items() if k != address} | ({address: ""} if logged_in else {})
        settings.save(replace(found, users=users))
        for kept in settings.secrets_of_proxy(address):
            secret_store().remove(kept)
        return 0
    user = user or found.users.get(address, "")
    if not user:
        raise BadInput(
            _("Which user signs in with {proxy}?").format(proxy=address),
            next_step=_("Give it with --user, or --logged-in."),
        )
    given = (
        read_secret(secret_file)
        if secret_file is not None
        else _asked(_("Password of {user}: ").format(user=user))
    )
    if secret_file is not None:
        must_keep()
    secret_store().put(name, given)
    settings.save(replace(found, users={**found.users, address: user}))
    say(_("The password of {user} for {proxy} is kept.").format(user=user, proxy=address))
    return 0


def certificate(
    pattern: Annotated[str, typer.Argument(metavar="PATTERN", help=_("host, host:port or *.domain"))],
    file: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", help=_("PEM: the certificate with those above it."))
    ] = None,
    key: Annotated[
        Path | None, typer.Option(help=_("PEM: its key, where that is a file of its own."))
    ] = None,
    passphrase_file: Annotated[
        Path | None, typer.Option(help=_("A file that holds the key's passphrase, instead of a prompt."))
    ] = None,
    forget: Annotated[bool, typer.Option("--forget", help=_("Show none any more."))] = False,
) -> int:
    """Keep which client certificate hosts are shown; the passphrase of a locked key goes to the key store."""
    found, _problem = settings.load()
    name = settings.secret_of_certificate(pattern)
    others = {k: v for k, v in found.client_certificates.items() if k != pattern}
    if forget:
        settings.save(replace(found, client_certificates=others))
        secret_store().remove(name)
        return 0
    if file is None:
        raise BadInput(_("Which certificate is to be shown?"), next_step=_("Give its PEM file."))
    shown = ClientCertificate(
        str(file.expanduser().resolve()), str(key.expanduser().resolve()) if key else ""
    )
    passphrase = _passphrase(shown, passphrase_file)
    tls_context((), shown, passphrase)
    if passphrase is not None:
        secret_store().put(name, passphrase)
    settings.save(replace(found, client_certificates={**others, pattern: shown}))
    return 0


def _passphrase(shown: ClientCertificate, file: Path | None) -> str | None:
    if file is not None:
        return read_secret(file)
    if not locked(Path(shown.key or shown.file)):
        return None
    return _asked(_("Passphrase of the key: "))


def _asked(prompt: str) -> str:
    if not sys.stdin.isatty():
        raise BadInput(
            _("There is no terminal to ask on."), next_step=_("Name a file that holds the secret.")
        )
    return getpass.getpass(prompt)
