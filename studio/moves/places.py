"""What the source or the target of a move is called: a file, the address of a database, or a connection of a project."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.base.errors import BadInput, NotAllowed
from studio.base.i18n import _
from studio.base.lazily import Lazily
from studio.base.records import dataclass
from studio.engine import address as addresses
from studio.engine.address import Address, is_address

if TYPE_CHECKING:
    import sqlalchemy

    from studio.base import secrets
    from studio.project import folder as folders
    from studio.project import layout, objects
    from studio.project.model import Connection
else:
    # Most moves name a file, and need none of these for it.
    sqlalchemy = Lazily("sqlalchemy")
    secrets = Lazily("studio.base.secrets")
    folders = Lazily("studio.project.folder")
    layout = Lazily("studio.project.layout")
    objects = Lazily("studio.project.objects")

PREFIX = "connection:"
KIND = "database"
_FOLDER = "connections"
# Databases that are files: what their addresses begin with.
_IN_FILES = ("sqlite", "duckdb")


@dataclass(frozen=True, repr=False)
class Connected(Address):
    """A project's connection to a database, by its name; `file` is the database's, where it is a file.

    As text it is where the connection is, `PROJECT/connections/NAME`: it can be looked up again, and holds no secret.
    """

    project: Path = Path()
    ref: str = ""
    file: Path | None = None

    def __str__(self) -> str:
        return str(self.project / _FOLDER / self.ref)

    __repr__ = __str__


Place = Path | Address


def place_of(text: str, near: Path | None = None) -> Place:
    """What a person or a saved move calls a source or a target.

    `connection:NAME` is looked for in the project around `near` (the current folder when left out). A connection's
    password comes from the store of secrets. Raises BadInput and NotAllowed.
    """
    found = _named(text, near)
    return _connected(*found) if found is not None else addresses.place_of(text)


def connection_named(text: str, near: Path | None = None) -> tuple[Path, str, Path, Connection]:
    """The project, the name, the file and what is in it of the connection a person names. Raises BadInput."""
    project, ref = _named(text, near) or _of_project(text, near or Path.cwd())
    return project, ref, *_read(project, ref)


def is_named(text: str) -> bool:
    """It names a connection, as far as its text and the folders tell."""
    return text.startswith(PREFIX) or _in_project(text) is not None


def settled(text: str, folder: Path) -> str:
    """A name that means the same from any folder: what is relative is taken from `folder`."""
    if is_address(text):
        return text
    if text.startswith(PREFIX):
        project, ref = _of_project(text, folder)
        return str(project / _FOLDER / ref)
    return str((folder / text).absolute())


def file_of(place: Place) -> Path | None:
    """The file of a place; None for a database that is none."""
    if isinstance(place, Connected):
        return place.file
    return place if isinstance(place, Path) else None


def _named(text: str, near: Path | None) -> tuple[Path, str] | None:
    return _of_project(text, near or Path.cwd()) if text.startswith(PREFIX) else _in_project(text)


def _of_project(text: str, near: Path) -> tuple[Path, str]:
    name = text.removeprefix(PREFIX).strip()
    project = layout.find_project(near)
    if project is None:
        raise BadInput(
            _("There is no project here that could have a connection {name}.").format(name=name),
            file=str(near),
            next_step=_("Go to the project's folder, or write PROJECT/connections/NAME."),
        )
    return project, name


def _in_project(text: str) -> tuple[Path, str] | None:
    """The project and the name in `PROJECT/connections/NAME`; None where the text is something else."""
    if _FOLDER not in text or is_address(text):
        return None
    path = Path(text).expanduser()
    if path.suffix != ".yaml" and path.is_file():
        return None
    parts = (path.with_suffix("") if path.suffix == ".yaml" else path).parts
    if _FOLDER not in parts[:-1]:
        return None
    at = len(parts) - 1 - parts[::-1].index(_FOLDER)
    project = Path(*parts[:at]).absolute()
    return (project, "/".join(parts[at + 1 :])) if (project / layout.PROJECT_FILE).is_file() else None


def _read(project: Path, ref: str) -> tuple[Path, Connection]:
    layout.check_ref(ref)
    file = project / _FOLDER / f"{ref}.yaml"
    if not file.is_file():
        raise BadInput(
            _("There is no connection called {name}.").format(name=repr(ref)),
            file=project / _FOLDER,
            next_step=_("There are: {names}.").format(names=", ".join(_there(project)) or "–"),
        )
    return file, objects.read_connection(folders.read_yaml(file), ref)


def _connected(project: Path, ref: str) -> Connected:
    file, connection = _read(project, ref)
    if connection.kind != KIND:
        raise BadInput(
            _("The connection {name} leads to no database: its kind is {kind}.").format(
                name=ref, kind=connection.kind
            ),
            file=file,
            next_step=_(
                "Rows come from a file or from a connection with kind: database; an org is named with --org."
            ),
        )
    address = str(connection.settings.get("address") or "").strip()
    if not address:
        raise BadInput(
            _("The connection {name} has no address.").format(name=ref),
            file=file,
            next_step=_("Add address: with a database file, or like postgresql+driver://user@host/name."),
        )
    scheme, mark, rest = address.partition("://")
    if not mark or scheme.partition("+")[0].lower() in _IN_FILES:
        path = rest.removeprefix("/").partition("?")[0] if mark else address
        inside = project / Path(path).expanduser()
        kind = scheme.partition("+")[0].lower() if mark else "sqlite"
        return Connected(f"{kind}:///{inside}", project, ref, inside)
    return Connected(_with_password(address, connection, file), project, ref)


def _with_password(address: str, connection: Connection, file: Path) -> str:
    reference = connection.secrets.get("password", "")
    if not reference:
        return address
    password = secrets.open_store().get(reference.removeprefix(secrets.PREFIX))
    if password is None:
        raise NotAllowed(
            _("The password of the connection {name} is not in the store of secrets.").format(
                name=connection.name
            ),
            file=file,
            next_step=_("Keep it with: weft connection password {file}").format(file=file.with_suffix("")),
        )
    try:
        url: Any = sqlalchemy.engine.make_url(address)
    except sqlalchemy.exc.ArgumentError:
        raise BadInput(
            _("This is not the address of a database that can be read."),
            file=file,
            next_step=_("Write it like postgresql+driver://user@host/name."),
        ) from None
    return str(url.set(password=password).render_as_string(hide_password=False))


def _there(project: Path) -> list[str]:
    base = project / _FOLDER
    return sorted(file.relative_to(base).with_suffix("").as_posix() for file in base.rglob("*.yaml"))
