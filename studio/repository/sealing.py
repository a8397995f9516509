"""Secrets on their way into an environment: sealed here to the organization's public key, opened where the private half is.

The private half lies in the key store of whoever made it, and travels as a file under a passphrase only. People compare
the key's id (SHA-256 of its public half) with the one who made it before anything is sealed to it: a server that offers
another key gets nothing.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from studio.base import atomic
from studio.base.errors import BadInput, NotAllowed
from studio.base.file_lock import waiting_turn
from studio.base.i18n import _
from studio.base.paths import config_folder
from studio.base.records import dataclass
from studio.base.secrets import PREFIX, SecretStore, Vault
from studio.project.model import Project
from studio.protocol import sealed
from studio.protocol.deployments import Credential, NewCredential, SealingKey
from studio.repository.accounts import Account
from studio.repository.client import Repository

_PLAIN = re.compile(r"[0-9A-Za-z][0-9A-Za-z_-]*(?:/[0-9A-Za-z_-]+)*")
_FIELD = re.compile(r"[0-9A-Za-z_-]+")
_LONGEST = 128
_IN_FILE = "sealing key"
_LEAST_PASSPHRASE = 8


@dataclass(frozen=True)
class Needed:
    """A secret a connection names: `name` is what it is called on the server, `secret` in this computer's key store."""

    name: str
    connection: str
    field: str
    secret: str


@dataclass(frozen=True)
class Sealed:
    """What was sealed and sent, and what this computer's key store does not hold."""

    sealed: tuple[Needed, ...]
    absent: tuple[Needed, ...]


class KeyNotTrusted(NotAllowed):
    """The organization's key was not compared yet, or is another one than that which was; `key` is its id."""

    def __init__(self, message: str, key: str, next_step: str) -> None:
        super().__init__(message, next_step=next_step)
        self.key = key


def needed(project: Project) -> tuple[Needed, ...]:
    """The secrets a project's connections name, in order."""
    found = []
    for ref, connection in sorted(project.connections.items()):
        for field, reference in sorted(connection.secrets.items()):
            if reference.startswith(PREFIX):
                found.append(Needed(name_of(ref, field), ref, field, reference.removeprefix(PREFIX)))
    return tuple(found)


def name_of(connection: str, field: str) -> str:
    """What the server calls a connection's secret: `crm.prod.password` for `crm/prod`; a hash where that has no such form."""
    plain = f"{connection.replace('/', '.')}.{field}"
    if _PLAIN.fullmatch(connection) and _FIELD.fullmatch(field) and len(plain) <= _LONGEST:
        return plain
    digest = hashlib.sha256(b"\0".join(part.encode() for part in (connection, field))).hexdigest()
    return f"h-{digest[:40]}"


async def make_key(repository: Repository, store: SecretStore, *, replace: bool = False) -> SealingKey:
    """Make the organization's key pair: the private half is kept here before the public one is sent.

    Raises BadInput where there is a key and `replace` does not say that its secrets may become stale; Refused.
    """
    now = await repository.sealing_key()
    if now is not None and not replace:
        raise BadInput(
            _("The organization has a key already: {key}.").format(key=now.id),
            next_step=_("Import its private half, or replace it: secrets sealed to it must be sealed again."),
        )
    private = sealed.new_key()
    public = sealed.public_text(private.public_key())
    _keep(store, repository.account, private)
    made = await repository.set_sealing_key(public)
    trust(repository.account, made.id)
    return made


def export_key(store: SecretStore, account: Account, key: str, file: Path, passphrase: str) -> None:
    """Write the private half of a key into a new file that only the passphrase opens (argon2id, AES-256-GCM).

    Raises BadInput for a passphrase that is too short, for a file that exists, and where the private half is not here.
    """
    private = private_key(store, account, key)
    if len(passphrase) < _LEAST_PASSPHRASE:
        raise BadInput(_("The passphrase is too short: {n} characters at least.").format(n=_LEAST_PASSPHRASE))
    if file.exists():
        raise BadInput(_("There is already a file of this name."), file=file)
    said = {"server": account.server, "organization": account.organization, "private": _text(private)}
    Vault(file, lambda: passphrase).put(_IN_FILE, msgspec.json.encode(said).decode())


def import_key(store: SecretStore, account: Account, file: Path, passphrase: str) -> str:
    """Keep the private half from such a file; its key's id. Raises BadInput, and NotAllowed for a wrong passphrase."""
    if not file.exists():
        raise BadInput(_("There is no such file."), file=file)
    kept = Vault(file, lambda: passphrase).get(_IN_FILE)
    try:
        said = msgspec.json.decode(kept or "", type=dict[str, str])
        private = X25519PrivateKey.from_private_bytes(base64.b64decode(said["private"], validate=True))
    except (msgspec.DecodeError, KeyError, ValueError) as error:
        raise BadInput(_("This file holds no key for secrets."), file=file) from error
    if said.get("organization") != account.organization:
        raise BadInput(
            _("This key belongs to another organization."),
            file=file,
            next_step=_("Choose that organization first: weft sign-in {server} --organization NAME").format(
                server=said.get("server", "SERVER")
            ),
        )
    key = _keep(store, account, private)
    trust(account, key)
    return key


def private_key(store: SecretStore, account: Account, key: str) -> X25519PrivateKey:
    """The private half of a key; raises NotAllowed where this computer does not have it."""
    kept = store.get(_secret(account, key))
    if kept is None:
        raise NotAllowed(
            _("The private half of the key {key} is not on this computer.").format(key=key),
            next_step=_("Import it from a file of whoever made it: weft credentials import-key FILE"),
        )
    try:
        return X25519PrivateKey.from_private_bytes(base64.b64decode(kept, validate=True))
    except (ValueError, binascii.Error) as error:
        raise BadInput(_("The private half of the key {key} is damaged.").format(key=key)) from error


def trusted(account: Account) -> str:
    """The id of the key people compared for this organization; empty as long as nobody did."""
    return _trusts().get(_organization(account), "")


def trust(account: Account, key: str) -> None:
    """From now on secrets of this organization are sealed to this key (its id)."""
    file = _trust_file()
    with waiting_turn(file.with_suffix(".lock")):
        known = _trusts() | {_organization(account): key}
        atomic.write_bytes(file, msgspec.json.format(msgspec.json.encode(known), indent=1) + b"\n")


async def key_to_seal_to(repository: Repository) -> SealingKey:
    """The organization's key, which has been compared. Raises KeyNotTrusted, BadInput where there is none or it lies."""
    key = await repository.sealing_key()
    if key is None:
        raise BadInput(
            _("The organization has no key for secrets yet."),
            next_step=_("An administrator makes it: weft credentials make-key"),
        )
    sealed.public_key(key.public)
    if sealed.key_id(key.public) != key.id:
        raise BadInput(_("The server's key is not the one it says it is."))
    before = trusted(repository.account)
    if not before:
        raise KeyNotTrusted(
            _("Nobody has compared the organization's key on this computer yet: {key}").format(key=key.id),
            key.id,
            _("Compare it with whoever made it, then: weft credentials trust {key}").format(key=key.id),
        )
    if before != key.id:
        raise KeyNotTrusted(
            _("The organization's key is another one than the one compared before: {key}").format(key=key.id),
            key.id,
            _("Ask whoever made it whether it was replaced; only then: weft credentials trust {key}").format(
                key=key.id
            ),
        )
    return key


async def seal(
    repository: Repository, project: str, environment: str, secrets: Iterable[Needed], store: SecretStore
) -> Sealed:
    """Seal the secrets of this computer's key store and send them. Raises KeyNotTrusted, BadInput, Refused."""
    key = await key_to_seal_to(repository)
    public = sealed.public_key(key.public)
    done: list[Needed] = []
    absent: list[Needed] = []
    for each in secrets:
        value = store.get(each.secret)
        if value is None:
            absent.append(each)
            continue
        place = _place(repository, project, environment, each.name)
        data = base64.b64encode(sealed.seal(public, value.encode("utf-8"), place)).decode()
        await repository.put_credential(project, environment, each.name, NewCredential(key.id, data))
        done.append(each)
    return Sealed(tuple(done), tuple(absent))


async def opened(
    repository: Repository, project: str, environment: str, name: str, store: SecretStore
) -> str:
    """A secret, for whoever holds the private half of the key it is sealed to. Raises NotAllowed, NotSealed, Refused."""
    found = await repository.credential(project, environment, name)
    private = private_key(store, repository.account, found.key)
    try:
        data = base64.b64decode(found.sealed, validate=True)
        return sealed.opened(private, data, _place(repository, project, environment, name)).decode("utf-8")
    except ValueError as error:
        raise sealed.NotSealed(
            _("What the server keeps of {name} is no secret.").format(name=name)
        ) from error


async def there(
    repository: Repository, project: str, environment: str, secrets: Iterable[Needed]
) -> Mapping[str, Credential | None]:
    """By name: those the connections need, None where the environment has none, and further ones it has."""
    kept = {each.name: each for each in await repository.credentials(project, environment)}
    return {each.name: kept.get(each.name) for each in secrets} | kept


def _place(repository: Repository, project: str, environment: str, name: str) -> tuple[str, ...]:
    return (repository.account.organization, project, environment, name)


def _keep(store: SecretStore, account: Account, private: X25519PrivateKey) -> str:
    key = sealed.key_id(sealed.public_text(private.public_key()))
    store.put(_secret(account, key), _text(private))
    return key


def _text(private: X25519PrivateKey) -> str:
    return base64.b64encode(private.private_bytes_raw()).decode("ascii")


def _secret(account: Account, key: str) -> str:
    return f"repository/{urlsplit(account.server).netloc}/{account.organization}/sealing/{key}"


def _organization(account: Account) -> str:
    return f"{account.server}/{account.organization}"


def _trusts() -> dict[str, str]:
    file = _trust_file()
    try:
        return msgspec.json.decode(file.read_bytes(), type=dict[str, str])
    except FileNotFoundError:
        return {}
    except (OSError, msgspec.DecodeError, RecursionError) as error:
        raise BadInput(
            _("The list of keys that were compared cannot be read."),
            file=file,
            next_step=_("Remove the file and compare the keys again."),
        ) from error


def _trust_file() -> Path:
    return config_folder() / "sealing-keys.json"
