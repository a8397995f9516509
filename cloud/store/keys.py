"""Master keys: what wraps the data keys of organizations. From a file, the environment, or a program that asks a KMS."""

from __future__ import annotations

import base64
import hashlib
import os
import secrets
import shlex
import subprocess
from pathlib import Path
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from studio.base import atomic
from studio.base.errors import BadInput
from studio.base.i18n import _

KEY_BYTES = 32
# How long a program that asks a KMS may take for one key, in seconds.
PROGRAM_SECONDS = 30


class MasterKeyError(BadInput):
    """The master key is not there, not what it should be, or not the one that wrapped this data key."""


class MasterKey(Protocol):
    """Wraps and unwraps data keys; `id` tells master keys apart and may be public."""

    @property
    def id(self) -> str:
        """Which master key this is."""
        ...

    def wrap(self, key: bytes, context: bytes) -> bytes:
        """The data key, readable only through this master key and for the same context."""
        ...

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        """The data key back. Raises MasterKeyError."""
        ...


class LocalMaster:
    """A master key of 32 bytes held in this process's memory."""

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise MasterKeyError(_("A master key has 32 bytes; this one has {n}.").format(n=len(key)))
        self._cipher = AESGCM(key)
        self.id = "local:" + hashlib.sha256(b"weft master key id\0" + key).hexdigest()[:16]

    def wrap(self, key: bytes, context: bytes) -> bytes:
        """AES-256-GCM, a random nonce in front."""
        nonce = os.urandom(12)
        return nonce + self._cipher.encrypt(nonce, key, context)

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        """The data key back. Raises MasterKeyError."""
        try:
            return self._cipher.decrypt(wrapped[:12], wrapped[12:], context)
        except (InvalidTag, ValueError) as error:
            raise _not_ours() from error


class ProgramMaster:
    """A key management service behind a program: `PROGRAM wrap|unwrap CONTEXT`, base64 on its input and output.

    The key never leaves the service; the program signs in there by its own means.
    """

    def __init__(self, command: str) -> None:
        self._command = shlex.split(command)
        if not self._command:
            raise MasterKeyError(_("No program is named that asks the key management service."))
        self.id = "program:" + hashlib.sha256(command.encode()).hexdigest()[:16]

    def wrap(self, key: bytes, context: bytes) -> bytes:
        """Ask the service to wrap a data key."""
        return self._ask("wrap", key, context)

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        """Ask the service for a data key. Raises MasterKeyError."""
        return self._ask("unwrap", wrapped, context)

    def _ask(self, what: str, data: bytes, context: bytes) -> bytes:
        command = [*self._command, what, base64.b64encode(context).decode()]
        try:
            done = subprocess.run(
                command,
                input=base64.b64encode(data),
                capture_output=True,
                timeout=PROGRAM_SECONDS,
                check=True,
            )
            return base64.b64decode(done.stdout.strip(), validate=True)
        except (OSError, ValueError, subprocess.SubprocessError) as error:
            raise MasterKeyError(
                _("The program {name} did not {what} a key.").format(name=self._command[0], what=what),
                next_step=_("Run it by hand to see why; what it was given is base64 on its input."),
            ) from error


def _not_ours() -> MasterKeyError:
    return MasterKeyError(
        _("This master key did not wrap the data keys of this database."),
        next_step=_("Put back the master key the server was set up with; without it nothing can be read."),
    )


def make_key_file(path: Path) -> None:
    """A new master key in a file only its owner can read. Raises FileExistsError when there is one already."""
    atomic.make_folder(path.parent)
    unfinished = path.with_name(f".{path.name}.{os.urandom(4).hex()}.part")
    handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(base64.b64encode(secrets.token_bytes(KEY_BYTES)) + b"\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        # Whole or not at all, and never over a key that is there.
        path.hardlink_to(unfinished)
    finally:
        unfinished.unlink()
    atomic.sync_folder(path.parent)


def master_key(place: str, folder: Path) -> MasterKey:
    """The master key `place` names: `file:PATH` (relative to `folder`), `environment:NAME`, `program:COMMAND`."""
    kind, _colon, rest = place.partition(":")
    if kind == "file":
        return LocalMaster(_decoded(_from_file(folder / rest), str(folder / rest)))
    if kind == "environment":
        found = os.environ.get(rest)
        if not found:
            raise MasterKeyError(
                _("The environment variable {name} should hold the master key and is empty.").format(
                    name=rest
                ),
                next_step=_("Set it to the key: 32 bytes as base64."),
            )
        return LocalMaster(_decoded(found, rest))
    if kind == "program":
        return ProgramMaster(rest)
    raise MasterKeyError(
        _("“{place}” does not say where the master key is.").format(place=place),
        next_step=_("Write file:PATH, environment:NAME or program:COMMAND."),
    )


def master_keys(place: str, older: str, folder: Path) -> list[MasterKey]:
    """The master key in use, and the one it replaces if there is one."""
    return [master_key(each, folder) for each in (place, older) if each]


def _from_file(path: Path) -> str:
    try:
        if os.name == "posix" and path.stat().st_mode & 0o077:
            raise MasterKeyError(
                _("Others than its owner can read the master key."),
                file=path,
                next_step=_("Run: chmod 600 {file}").format(file=path),
            )
        return path.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as error:
        raise MasterKeyError(
            _("The master key cannot be read."),
            file=path,
            next_step=_("Put the file back from where you keep it safe; without it nothing can be read."),
        ) from error


def _decoded(text: str, where: str) -> bytes:
    try:
        return base64.b64decode(text.strip(), validate=True)
    except ValueError as error:
        raise MasterKeyError(_("This is not a master key: 32 bytes as base64."), file=where) from error
