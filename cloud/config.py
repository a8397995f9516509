"""How the server is set up: one frozen value, read once from `server.toml` in its folder."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field, fields, replace
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from studio.base.errors import BadInput
from studio.base.i18n import _

NAME = "server.toml"


@dataclass(frozen=True)
class Limits:
    """What one caller may ask for. Bytes and counts; a rate is requests a minute."""

    body: int = 1024 * 1024
    per_minute: int = 1200
    # Sign-in and whatever else tries secrets, for each address.
    tries_per_minute: int = 20
    # Requests carried out at the same time; more are told to come back.
    at_once: int = 400


@dataclass(frozen=True)
class Config:
    """`folder` holds everything the server keeps besides PostgreSQL; relative paths start there.

    `public_url` is how people reach the server (links, redirects and passkeys need it); `database` a URL, by default
    SQLite in the folder; `master_key` is `file:PATH`, `environment:NAME` or `program:COMMAND`; `blobs` is a folder or
    `s3://bucket/prefix`; `trusted_proxies` are the networks whose X-Forwarded-For and -Proto are believed.
    """

    folder: Path = Path()
    host: str = "127.0.0.1"
    port: int = 8470
    public_url: str = ""
    database: str = ""
    master_key: str = "file:master.key"
    # While a master key is replaced: the one before (see `weft-cloud key rewrap`).
    old_master_key: str = ""
    blobs: str = "blobs"
    certificate: str = "certificate.pem"
    private_key: str = "certificate.key"
    # Behind a proxy that ends TLS on the same machine only.
    plain_http: bool = False
    trusted_proxies: tuple[str, ...] = ()
    # An identity provider may be inside this network, and without TLS.
    sso_inside: bool = False
    # Everybody needs a second factor, whatever organizations say.
    second_factor: bool = False
    # A list of passwords known from breaches, see cloud/identity/breached.py.
    breached_passwords: str = ""
    # A program that looks at shared files, see cloud/files/scanner.py.
    scanner: str = ""
    # Where mail is handed in, see cloud/identity/mail.py.
    mail: dict[str, str] = field(default_factory=dict)
    language: str = "en"
    limits: Limits = Limits()

    @property
    def database_url(self) -> str:
        """The database, the default one spelled out."""
        return self.database or f"sqlite:///{self.folder.absolute() / 'weft.db'}"

    @property
    def address(self) -> str:
        """How people reach the server."""
        scheme = "http" if self.plain_http else "https"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return (self.public_url or f"{scheme}://{host}:{self.port}").rstrip("/")


def load(folder: Path) -> Config:
    """The set-up kept in a folder. Raises BadInput naming the file and the setting that is wrong."""
    file = folder / NAME
    try:
        said = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise BadInput(
            _("There is no server in this folder."),
            file=file,
            next_step=_("Make one first: weft-cloud init --folder {folder}").format(folder=folder),
        ) from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadInput(
            _("The server's settings cannot be read: {why}").format(why=error), file=file
        ) from error
    limits: Limits = _filled(Limits(), said.pop("limits", {}), file)
    config: Config = _filled(Config(folder=folder, limits=limits), said, file)
    for network in config.trusted_proxies:
        _need_network(network, file)
    need_address(config, file)
    return config


def need_address(config: Config, file: Path | None = None) -> None:
    """Raise BadInput, naming the file it stands in, for a port or a public address that is none."""
    if not 0 < config.port < 65536:
        raise BadInput(
            _("There is no port {port}: ports go from 1 to 65,535.").format(port=config.port), file=file
        )
    if not config.public_url:
        return
    try:
        parts = urlsplit(config.public_url)
        whole = parts.scheme in ("http", "https") and parts.hostname and (parts.port is None or parts.port)
        plain = not (parts.path.strip("/") or parts.query or parts.fragment or parts.username)
    except ValueError:
        whole = plain = False
    if not whole or not plain or any(sign.isspace() for sign in config.public_url):
        raise BadInput(
            _("“{text}” is not how people reach a server.").format(text=config.public_url),
            file=file,
            next_step=_("Write https:// and a name, with a port if need be: https://weft.example:8470"),
        )


def _need_network(text: str, file: Path) -> None:
    try:
        ip_network(text)
    except ValueError as error:
        raise BadInput(
            _("“{text}” is not a network: write 10.0.0.0/8 or an address.").format(text=text), file=file
        ) from error


def _filled(blank: Any, said: Any, file: Path) -> Any:
    """The settings said, put over the defaults; unknown names and wrong types are refused."""
    known = {each.name: getattr(blank, each.name) for each in fields(blank)}
    if not isinstance(said, dict):
        raise BadInput(_("[limits] is a table of settings."), file=file)
    values: dict[str, Any] = {}
    value: Any
    for name, value in said.items():
        if name not in known or name in ("folder", "limits"):
            raise BadInput(
                _("There is no setting {name}.").format(name=name),
                file=file,
                next_step=_("Known are: {names}").format(names=", ".join(sorted(set(known) - {"folder"}))),
            )
        is_list = isinstance(known[name], tuple)
        fits = type(value) is (list if is_list else type(known[name]))
        parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        if not fits or not all(isinstance(part, str) for part in parts):
            raise BadInput(
                _("The setting {name} has a value of the wrong kind.").format(name=name), file=file
            )
        values[name] = tuple(value) if isinstance(value, list) else value
    return replace(blank, **values)
