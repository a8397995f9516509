"""Passwords and tokens: in the operating system's key store, or in an encrypted file where there is none."""

from __future__ import annotations

import base64
import binascii
import contextlib
import importlib
import json
import os
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from studio.base import atomic
from studio.base.atomic import told
from studio.base.errors import BadInput, NotAllowed
from studio.base.file_lock import waiting_turn
from studio.base.i18n import _
from studio.base.lazily import Lazily
from studio.base.paths import data_folder

if TYPE_CHECKING:
    from cryptography import exceptions
    from cryptography.hazmat.primitives.ciphers import aead
    from cryptography.hazmat.primitives.kdf import argon2
else:
    # Most runs need no secret, or have it from the key store.
    exceptions = Lazily("cryptography.exceptions")
    aead = Lazily("cryptography.hazmat.primitives.ciphers.aead")
    argon2 = Lazily("cryptography.hazmat.primitives.kdf.argon2")

SERVICE = "weft-studio"
PREFIX = "keyring:"
PASSPHRASE_FILE = "WEFT_VAULT_PASSPHRASE_FILE"
# What programs call the errors of a file of secrets that nobody has opened yet, and of a passphrase that does not fit.
NO_PASSPHRASE = "no_passphrase"
WRONG_PASSPHRASE = "wrong_passphrase"
_KIND = "weft-vault/1"
# argon2id as desktop programs are advised to use it: three passes over 64 MiB in four lanes, about half a second.
_COST = {"iterations": 3, "memory_kib": 64 * 1024, "lanes": 4}
_DEAREST = {"iterations": 16, "memory_kib": 1024 * 1024, "lanes": 16}
_MAXIMUM_FILE = 4 * 1024 * 1024
# What a person has typed into the window, for as long as the process lives.
_given = ""


class Locked(NotAllowed):
    """The file of secrets waits for a passphrase; `code` tells why: NO_PASSPHRASE or WRONG_PASSPHRASE."""

    code = NO_PASSPHRASE


class SecretStore(Protocol):
    """Secrets by name (`<project id>/<connection>/<field>`)."""

    def get(self, name: str) -> str | None:
        """The secret, None where there is none."""

    def put(self, name: str, value: str) -> None:
        """Keep or replace a secret."""

    def remove(self, name: str) -> None:
        """Forget a secret; nothing happens where there is none."""


class KeyStore:
    """The operating system's own store, through keyring."""

    def __init__(self, backend: Any) -> None:
        self._backend = backend

    def get(self, name: str) -> str | None:
        """The secret, None where there is none."""
        with _store_errors():
            found = self._backend.get_password(SERVICE, name)
        return None if found is None else str(found)

    def put(self, name: str, value: str) -> None:
        """Keep or replace a secret."""
        with _store_errors():
            self._backend.set_password(SERVICE, name, value)

    def remove(self, name: str) -> None:
        """Forget a secret; nothing happens where there is none."""
        if self.get(name) is not None:
            with _store_errors():
                self._backend.delete_password(SERVICE, name)


class Vault:
    """An encrypted file: the key comes from a passphrase by argon2id, the content is sealed with AES-256-GCM.

    The head of the file (format, cost, salt) is authenticated with the content: one changed bit anywhere, like a wrong
    passphrase, is refused. Each change writes the whole file anew, atomically, under a new nonce.
    """

    def __init__(self, path: Path, passphrase: Callable[[], str]) -> None:
        self.path = path
        self._passphrase = passphrase
        self._keys: dict[str, bytes] = {}

    def get(self, name: str) -> str | None:
        """The secret, None where there is none; raises NotAllowed for a wrong passphrase or a damaged file."""
        if not self.path.exists():
            return None
        return self._open()[1].get(name)

    def put(self, name: str, value: str) -> None:
        """Keep or replace a secret."""
        with self._changing():
            head, content = self._open()
            self._seal(head, {**content, name: value})

    def remove(self, name: str) -> None:
        """Forget a secret; nothing happens where there is none."""
        if not self.path.exists():
            return
        with self._changing():
            head, content = self._open()
            if content.pop(name, None) is not None:
                self._seal(head, content)

    @contextlib.contextmanager
    def _changing(self) -> Iterator[None]:
        """The whole file is written anew: two programs at once would undo each other's change."""
        # Made beforehand, it takes half a second that nobody else has to wait for.
        self._open()
        with told(self.path), waiting_turn(self.path.with_suffix(".lock")):
            yield

    def _open(self) -> tuple[dict[str, Any], dict[str, str]]:
        if not self.path.exists():
            salt = secrets.token_bytes(16)
            return {"kind": _KIND, "argon2id": _COST, "salt": _text(salt)}, {}
        head, nonce, sealed = self._read()
        try:
            plain = aead.AESGCM(self._key(head)).decrypt(nonce, sealed, _head_bytes(head))
            return head, {str(name): str(value) for name, value in json.loads(plain).items()}
        except exceptions.InvalidTag:
            # Another passphrase may be given to this very store.
            self._keys.clear()
            refused = NotAllowed if self._passphrase is not _given_passphrase else Locked
            error = refused(
                _("The passphrase does not open the file of secrets, or the file was changed."),
                file=self.path,
                next_step=_("Give the right passphrase, or restore the file from a backup."),
            )
            if isinstance(error, Locked):
                error.code = WRONG_PASSPHRASE
            raise error from None

    def _read(self) -> tuple[dict[str, Any], bytes, bytes]:
        try:
            if self.path.stat().st_size > _MAXIMUM_FILE:
                raise ValueError("too large")
            outer = json.loads(self.path.read_bytes())
            head, nonce, sealed = outer["head"], _bytes(outer["nonce"]), _bytes(outer["sealed"])
            if head["kind"] != _KIND or set(outer) != {"head", "nonce", "sealed"} or len(nonce) != 12:
                raise ValueError("not this kind")
            if any(not 0 < int(head["argon2id"][name]) <= most for name, most in _DEAREST.items()):
                raise ValueError("cost out of range")
            if len(_bytes(head["salt"])) < 8:
                raise ValueError("salt too short")
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise BadInput(
                _("The file of secrets is damaged and cannot be read."),
                file=self.path,
                next_step=_("Restore it from a backup, or remove it and enter the secrets again."),
            ) from error
        return head, nonce, sealed

    def _seal(self, head: dict[str, Any], content: dict[str, str]) -> None:
        nonce = secrets.token_bytes(12)
        plain = json.dumps(content, ensure_ascii=False).encode("utf-8")
        sealed = aead.AESGCM(self._key(head)).encrypt(nonce, plain, _head_bytes(head))
        outer = {"head": head, "nonce": _text(nonce), "sealed": _text(sealed)}
        self.path.parent.mkdir(parents=True, exist_ok=True)
        atomic.write_bytes(self.path, json.dumps(outer, indent=1).encode("ascii") + b"\n")
        with contextlib.suppress(OSError):
            self.path.chmod(0o600)

    def _key(self, head: dict[str, Any]) -> bytes:
        salt = str(head["salt"])
        if salt not in self._keys:
            cost = head["argon2id"]
            self._keys[salt] = argon2.Argon2id(
                salt=_bytes(salt),
                length=32,
                iterations=int(cost["iterations"]),
                lanes=int(cost["lanes"]),
                memory_cost=int(cost["memory_kib"]),
            ).derive(self._passphrase().encode("utf-8"))
        return self._keys[salt]


def open_store(ask: Callable[[], str] | None = None, *, vault: Path | None = None) -> SecretStore:
    """The store of this computer: the vault file when a passphrase file is named for it, else the system's key store.

    Where there is neither, `ask` is called for the vault's passphrase when first needed; without it the passphrase that
    `unlock` was given counts, and where none was, the first use raises Locked with what to do.
    """
    path = vault or vault_file()
    named = os.environ.get(PASSPHRASE_FILE)
    if named:
        return Vault(path, lambda: _passphrase_of(Path(named)))
    backend = _system_backend()
    if backend is not None:
        return KeyStore(backend)
    return Vault(path, ask or _given_passphrase)


def vault_file() -> Path:
    """Where the encrypted file of this computer is, or will be."""
    return data_folder() / "secrets.vault"


def unlock(passphrase: str) -> None:
    """From now on this process opens the file of secrets with this passphrase, where no key store and no file is named."""
    global _given
    _given = passphrase


def must_keep() -> None:
    """Raise Locked, with what to do, where this computer has no place for secrets that works without asking."""
    if not os.environ.get(PASSPHRASE_FILE) and _system_backend() is None:
        _given_passphrase()
        # A passphrase that does not fit is told before anything is done whose result has to be kept.
        open_store().get("")


def _system_backend() -> Any | None:
    # keyring looks through every installed back end when imported (a tenth of a second): only when secrets are needed.
    backend = importlib.import_module("keyring").get_keyring()
    module = type(backend).__module__
    if module.startswith(("keyring.backends.fail", "keyring.backends.null", "keyrings.alt")):
        return None
    # A chain is as good as its best member; the plain-text ones of keyrings.alt are never used.
    if module.startswith("keyring.backends.chainer"):
        usable = [b for b in backend.backends if not type(b).__module__.startswith("keyrings.alt")]
        return usable[0] if usable else None
    return backend


@contextlib.contextmanager
def _store_errors() -> Iterator[None]:
    errors = importlib.import_module("keyring.errors")
    try:
        yield
    except errors.KeyringError as error:
        raise NotAllowed(
            _("The system's key store refused: {reason}.").format(reason=str(error) or type(error).__name__),
            next_step=_("Unlock it, or name a passphrase file in WEFT_VAULT_PASSPHRASE_FILE."),
        ) from error


def _passphrase_of(path: Path) -> str:
    try:
        with path.open("rb") as file:
            text = file.read(4096).decode("utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(
            _("The passphrase file named in WEFT_VAULT_PASSPHRASE_FILE cannot be read."),
            file=path,
            next_step=_("Check the path and the file's rights; it holds the passphrase as UTF-8 text."),
        ) from error
    if not text:
        raise BadInput(
            _("The passphrase file named in WEFT_VAULT_PASSPHRASE_FILE is empty."),
            file=path,
            next_step=_("Write the passphrase into it."),
        )
    return text


def _given_passphrase() -> str:
    if _given:
        return _given
    raise Locked(
        _("This computer has no key store, and no passphrase for the file of secrets was given."),
        next_step=_("Name a file that holds a passphrase in WEFT_VAULT_PASSPHRASE_FILE."),
    )


def _head_bytes(head: dict[str, Any]) -> bytes:
    return json.dumps(head, sort_keys=True, separators=(",", ":")).encode("utf-8")


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _bytes(text: Any) -> bytes:
    if not isinstance(text, str):
        raise ValueError("not a text")
    try:
        data = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError("not base64") from error
    # Base64 lets the last character carry unused bits: refuse any spelling but the one we write.
    if _text(data) != text:
        raise ValueError("not our base64")
    return data
