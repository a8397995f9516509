"""The orgs a user knows: connection files in the configuration folder, their secrets in the key store."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from studio.base import atomic
from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.base.lazily import Lazily
from studio.base.paths import config_folder
from studio.base.records import dataclass
from studio.base.secrets import PREFIX, SecretStore
from studio.connectors.salesforce.address import DEFAULT_PORT, clean_url, org_address
from studio.connectors.salesforce.session import OrgIdentity

if TYPE_CHECKING:
    from studio.project import folder as projects
    from studio.project import model as project_model
    from studio.project import objects
else:
    # The practice org and an address need no file.
    projects = Lazily("studio.project.folder")
    project_model = Lazily("studio.project.model")
    objects = Lazily("studio.project.objects")

PRACTICE = "practice"
# The app every practice org knows.
PRACTICE_CLIENT = "weft.practice.public"
TOKEN_VARIABLE = "WEFT_ACCESS_TOKEN"
FLOWS = ("web", "device", "jwt", "client", "token", "soap", "password")
# Those a person goes through a page of the org for; what they leave is a refresh token.
BROWSER_FLOWS = ("web", "device")
# The marks by which orgs are told apart; production has one of its own besides.
COLORS = ("teal", "sky", "olive", "indigo", "slate")
SECRETS = ("client_secret", "refresh_token", "password", "access_token", "private_key")
_VERSION = re.compile(r"v?([0-9]{2,3})(?:\.0)?")
_NAME = re.compile(r"[\w][\w .()-]{0,63}", re.UNICODE)


@dataclass(frozen=True)
class OrgLogin:
    """How to sign in to an org. `secrets` maps a field to the name of its secret in the key store.

    `version` is the API version to speak, such as `62.0`; empty is the newest one that both sides know. `port` 0 is any
    free one. `color` is the org's mark; `sort`, `title` and `org_id` are what it said of itself when we were last in it.
    """

    name: str
    url: str
    flow: str = "web"
    client_id: str = ""
    username: str = ""
    port: int = DEFAULT_PORT
    version: str = ""
    secrets: Mapping[str, str] = field(default_factory=dict)
    color: str = ""
    sort: str = ""
    title: str = ""
    org_id: str = ""

    def secret_name(self, secret: str) -> str:
        """The key store's name for one of our secrets."""
        return self.secrets.get(secret, "").removeprefix(PREFIX) or f"orgs/{self.name}/{secret}"


def folder() -> Path:
    """Where the user's orgs are."""
    return config_folder() / "orgs"


def known() -> tuple[OrgLogin, ...]:
    """The user's orgs, by name; a file that cannot be read raises BadInput naming it."""
    files = sorted(folder().glob("*.yaml")) if folder().is_dir() else []
    return tuple(_read(file) for file in files)


def find(name: str, near: Path | None = None) -> OrgLogin:
    """The org called `name`: a connection of the project around `near` first, else one of the user's.

    An https address is an org by itself, its session token in WEFT_ACCESS_TOKEN. Raises BadInput.
    """
    if name == PRACTICE:
        return OrgLogin(PRACTICE, "", PRACTICE)
    if "://" in name:
        return OrgLogin(name, clean_url(name), flow="token")
    project = projects.find_project(near) if near is not None else None
    places = [project / "connections" / f"{name}.yaml"] if project else []
    places.append(folder() / f"{name}.yaml")
    for file in places:
        if _NAME.fullmatch(name) and file.is_file():
            return _read(file)
    names = [PRACTICE, *(org.name for org in known())]
    raise BadInput(
        _("There is no org called {name}; there are {names}.").format(name=name, names=", ".join(names)),
        next_step=_("Add it with: weft org add {name} --url ADDRESS").format(name=name),
    )


def _check_name(name: str) -> None:
    if not _NAME.fullmatch(name) or name.lower() == PRACTICE:
        raise BadInput(
            _("{name} cannot be the name of an org.").format(name=name),
            next_step=_(
                "Use letters, digits, blanks and - _ . ( ), and not practice, which is always there."
            ),
        )


def _taken(name: str) -> BadInput:
    return BadInput(
        _("There is already an org called {name}.").format(name=name),
        file=_file(name),
        next_step=_("Choose another name, or remove it first."),
    )


def add(login: OrgLogin) -> Path:
    """Keep an org; raises BadInput for a name that cannot be a file's or is taken."""
    _check_name(login.name)
    if login.flow not in FLOWS:
        raise BadInput(
            _("There is no sign-in called {flow}.").format(flow=login.flow),
            next_step=_("Choose one of {flows}.").format(flows=", ".join(FLOWS)),
        )
    path = _file(login.name)
    if path.exists():
        raise _taken(login.name)
    clean = replace(
        login,
        url=org_address(login.url),
        version=api_version(login.version) if login.version else "",
        color=color_named(login.color) or _free_color(),
    )
    _write(clean)
    return path


def connection_of(login: OrgLogin) -> project_model.Connection:
    """An org as a connection: how to sign in, what it said of itself, and the names of its secrets."""
    settings: dict[str, object] = {"flow": login.flow, "url": login.url}
    settings |= {"client_id": login.client_id} if login.client_id else {}
    settings |= {"username": login.username} if login.username else {}
    settings |= {"version": login.version} if login.version else {}
    settings |= {"port": login.port} if login.port != DEFAULT_PORT else {}
    of_org = {"color": login.color, "sort": login.sort, "title": login.title, "id": login.org_id}
    found = {name: value for name, value in of_org.items() if value}
    return project_model.Connection(
        login.name,
        "salesforce",
        {"login": settings, **({"org": found} if found else {})},
        dict(login.secrets),
    )


def _write(login: OrgLogin) -> None:
    atomic.write_text(_file(login.name), objects.write_connection(connection_of(login)))


def _file(name: str) -> Path:
    return folder() / f"{name}.yaml"


def own(name: str) -> OrgLogin:
    """An org of the user's own; raises BadInput for one of a project, the practice org, and none."""
    if not _NAME.fullmatch(name) or not _file(name).is_file():
        find(name)
        raise BadInput(
            _("{name} is not one of your own orgs.").format(name=name),
            next_step=_("Orgs of a project are changed and removed there."),
        )
    return _read(_file(name))


def paint(name: str, color: str) -> None:
    """Give an org another mark; raises BadInput for a colour that is none of COLORS."""
    _write(replace(own(name), color=color_named(color)))


def color_named(color: str) -> str:
    """A colour of COLORS or ""; raises BadInput for another."""
    if color and color not in COLORS:
        raise BadInput(
            _("There is no mark in the colour {color}.").format(color=color),
            next_step=_("Choose one of {colors}.").format(colors=", ".join(COLORS)),
        )
    return color


def _free_color() -> str:
    """The mark that fewest orgs have."""
    used = [org.color for org in known()]
    return min(COLORS, key=used.count)


def remember(login: OrgLogin, identity: OrgIdentity) -> OrgLogin:
    """Keep what an org of the user's own says of itself; one that is not is left as it is."""
    told = replace(login, sort=identity.sort, title=identity.name, org_id=identity.id)
    file = _file(login.name)
    # A project's connection may have the name of one of the user's orgs.
    if told != login and _NAME.fullmatch(login.name) and file.is_file() and _read(file) == login:
        _write(told)
    return told


def rename(name: str, new: str, store: SecretStore) -> None:
    """Call an org by another name, its secrets with it; raises BadInput for a name that cannot be or is taken."""
    login = own(name)
    _check_name(new)
    if _file(new).exists():
        raise _taken(new)
    renamed = replace(login, name=new, secrets={key: f"{PREFIX}orgs/{new}/{key}" for key in login.secrets})
    # Killed in between, both are there and both work: nothing has to be signed in to again.
    for secret in SECRETS:
        value = store.get(login.secret_name(secret))
        if value is not None:
            store.put(renamed.secret_name(secret), value)
    _write(renamed)
    _file(name).unlink()
    _forget(login, store)


def remove(name: str, store: SecretStore) -> None:
    """Forget an org of the user and its secrets; raises BadInput when there is none."""
    login = own(name)
    _file(name).unlink()
    _forget(login, store)


def _forget(login: OrgLogin, store: SecretStore) -> None:
    for secret in SECRETS:
        store.remove(login.secret_name(secret))


def _read(file: Path) -> OrgLogin:
    return login_of(objects.read_connection(projects.read_yaml(file), file.stem), file.stem, file)


def login_of(connection: project_model.Connection, name: str, file: Path | None = None) -> OrgLogin:
    """How a connection signs in; raises BadInput where it is not the connection of an org."""
    login = connection.settings.get("login")
    if isinstance(login, Mapping) and connection.kind == "salesforce" and login.get("flow") == PRACTICE:
        return OrgLogin(name, "", PRACTICE)
    if connection.kind != "salesforce" or not isinstance(login, Mapping) or not login.get("url"):
        raise BadInput(
            _(
                "This is not the connection of a Salesforce org: it needs kind: salesforce and login with flow and url."
            ),
            file=file or name,
            next_step=_("Correct the file, or remove it and add the org again."),
        )
    port = str(login.get("port", DEFAULT_PORT))
    given = connection.settings.get("org")
    told = given if isinstance(given, Mapping) else {}
    color = str(told.get("color", ""))
    return OrgLogin(
        name=name,
        url=clean_url(str(login["url"])),
        flow=str(login.get("flow", "web")),
        client_id=str(login.get("client_id", "")),
        username=str(login.get("username", "")),
        port=int(port) if port.isdigit() and int(port) < 65536 else DEFAULT_PORT,
        version=api_version(str(login["version"])) if login.get("version") else "",
        secrets=dict(connection.secrets),
        color=color if color in COLORS else "",
        sort=str(told.get("sort", "")),
        title=str(told.get("title", "")),
        org_id=str(told.get("id", "")),
    )


def api_version(text: str) -> str:
    """An API version as the org writes it: `62` and `v62.0` are `62.0`; raises BadInput for anything else."""
    match = _VERSION.fullmatch(text.strip())
    if match is None:
        raise BadInput(
            _("{version} is no API version.").format(version=text), next_step=_("Write it as 62.0.")
        )
    return f"{match[1]}.0"
