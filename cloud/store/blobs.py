"""Blobs: large bytes written once under a name of their own, in a folder or a bucket, and checked whenever read.

A blob is there whole once `writing` has ended, whatever kills the machine afterwards, or not at all. Nothing here
knows keys: what is written is sealed already.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Protocol

import obstore
from obstore.exceptions import BaseError
from obstore.store import S3Store

from studio.base import atomic
from studio.base.errors import BadInput
from studio.base.i18n import _

_PART = 1024**2
_SPOOLED = 8 * 1024**2
_PATIENCE = timedelta(seconds=15)
_NAME = re.compile(r"[0-9A-Za-z][0-9A-Za-z_-]{0,63}(?:/[0-9A-Za-z][0-9A-Za-z_-]{0,63})+")


class DamagedBlob(Exception):
    """Stored bytes are gone or are not what was written; `blob` names them. They are never given out."""

    def __init__(self, blob: str, offset: int, reason: str) -> None:
        super().__init__(f"blob {blob} at {offset}: {reason}")
        self.blob, self.offset, self.reason = blob, offset, reason


class BlobsUnreachable(Exception):
    """The place where blobs are kept does not answer, or refuses."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Where stored bytes are, and the SHA-256 they must have."""

    blob: str
    offset: int
    length: int
    digest: bytes


@dataclass(frozen=True, slots=True)
class Found:
    """A blob as the place lists it; `name` None marks what a killed process left unfinished."""

    name: str | None
    place: str
    size: int
    time: datetime


class Blobs(Protocol):
    """Where blobs are kept. Names are of the form `organization/id`."""

    def writing(self, name: str) -> contextlib.AbstractContextManager[IO[bytes]]:
        """A file that becomes the blob when the block ends well, durably, and leaves nothing when it does not."""
        ...

    def read(self, piece: Piece) -> bytes:
        """The bytes of a piece, as they were written. Raises DamagedBlob."""
        ...

    def whole(self, name: str) -> Iterator[bytes]:
        """All the bytes of a blob as they are, in pieces, for a backup. Raises DamagedBlob when it is not there."""
        ...

    def delete(self, place: str) -> None:
        """Remove a blob, or a leftover by its place; one that is not there is fine."""
        ...

    def found(self, organization: str) -> Iterator[Found]:
        """Every blob of an organization, leftovers too."""
        ...

    def ready(self) -> None:
        """Raise when blobs cannot be kept now."""
        ...


def _checked(piece: Piece, data: bytes) -> bytes:
    if len(data) != piece.length:
        raise DamagedBlob(piece.blob, piece.offset, "cut short")
    if hashlib.sha256(data).digest() != piece.digest:
        raise DamagedBlob(piece.blob, piece.offset, "changed")
    return data


def _safe(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise ValueError(f"not the name of a blob: {name!r}")
    return name


class FolderBlobs:
    """Blobs as files: temporary file, fsync, rename, fsync of the folder; new folders are synced into theirs."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._durable: set[Path] = set()
        self._making = threading.Lock()

    @contextlib.contextmanager
    def writing(self, name: str) -> Iterator[IO[bytes]]:
        """See Blobs. Raises NotWritten when the disk is full or read-only."""
        path = self._path(name)
        if path.exists():
            raise FileExistsError(name)
        self._make(path.parent)
        with atomic.writing(path) as file:
            yield file

    def read(self, piece: Piece) -> bytes:
        """See Blobs."""
        try:
            with self._path(piece.blob).open("rb", buffering=0) as file:
                file.seek(piece.offset)
                data = _exactly(file, piece.length)
        except OSError as error:
            raise DamagedBlob(piece.blob, piece.offset, "cannot be read") from error
        return _checked(piece, data)

    def whole(self, name: str) -> Iterator[bytes]:
        """See Blobs."""
        try:
            with self._path(name).open("rb") as file:
                while data := file.read(_PART):
                    yield data
        except OSError as error:
            raise DamagedBlob(name, 0, "cannot be read") from error

    def delete(self, place: str) -> None:
        """See Blobs."""
        with contextlib.suppress(FileNotFoundError):
            (self._folder / place if "." in place else self._path(place)).unlink()

    def found(self, organization: str) -> Iterator[Found]:
        """See Blobs."""
        top = self._folder / _safe(f"{organization}/x").split("/")[0]
        for path in sorted(top.glob("*/*")):
            with contextlib.suppress(FileNotFoundError):
                told = path.stat()
                name = None if path.name.startswith(".") else f"{organization}/{path.name}"
                place = path.relative_to(self._folder).as_posix() if name is None else name
                yield Found(name, place, told.st_size, datetime.fromtimestamp(told.st_mtime, UTC))

    def ready(self) -> None:
        """See Blobs."""
        self._make(self._folder)
        if not os.access(self._folder, os.W_OK):
            raise BlobsUnreachable(f"{self._folder} does not allow writing")

    def _path(self, name: str) -> Path:
        *folders, last = _safe(name).split("/")
        return self._folder.joinpath(*folders, last[-2:], last)

    def _make(self, folder: Path) -> None:
        """Make a folder that survives a power cut: each level is synced into the one above, once a process."""
        if folder in self._durable:
            return
        with self._making, atomic.told(folder):
            missing = [folder, *folder.parents]
            for level in reversed(missing[: missing.index(self._folder) + 1]):
                if level not in self._durable:
                    level.mkdir(parents=level == self._folder, exist_ok=True)
                    atomic.sync_folder(level.parent)
                    self._durable.add(level)


def _exactly(file: IO[bytes], length: int) -> bytes:
    data = file.read(length)
    while len(data) < length and (more := file.read(length - len(data))):
        data += more
    return data


class BucketBlobs:
    """Blobs as objects of a bucket (S3 and what speaks it): one put each, which is whole or not there."""

    def __init__(self, store: S3Store, prefix: str = "") -> None:
        self._store = store
        self._prefix = f"{prefix.strip('/')}/" if prefix.strip("/") else ""

    @contextlib.contextmanager
    def writing(self, name: str) -> Iterator[IO[bytes]]:
        """See Blobs. What does not fit in memory waits in a temporary file, sealed as it is."""
        path = self._prefix + _safe(name)
        with tempfile.SpooledTemporaryFile(_SPOOLED) as file:
            yield file
            file.seek(0)
            with _told(name):
                obstore.put(self._store, path, file)

    def read(self, piece: Piece) -> bytes:
        """See Blobs."""
        path = self._prefix + _safe(piece.blob)
        if not piece.length:
            return _checked(piece, b"")
        try:
            with _told(piece.blob):
                data = obstore.get_range(self._store, path, start=piece.offset, length=piece.length)
        except FileNotFoundError as error:
            raise DamagedBlob(piece.blob, piece.offset, "not there") from error
        return _checked(piece, bytes(data))

    def whole(self, name: str) -> Iterator[bytes]:
        """See Blobs."""
        try:
            with _told(name):
                for data in obstore.get(self._store, self._prefix + _safe(name)):
                    yield bytes(data)
        except FileNotFoundError as error:
            raise DamagedBlob(name, 0, "not there") from error

    def delete(self, place: str) -> None:
        """See Blobs."""
        with contextlib.suppress(FileNotFoundError), _told(place):
            obstore.delete(self._store, self._prefix + _safe(place))

    def found(self, organization: str) -> Iterator[Found]:
        """See Blobs."""
        with _told(organization):
            for group in obstore.list(self._store, self._prefix + organization + "/"):
                for one in group:
                    name = one["path"].removeprefix(self._prefix)
                    yield Found(name, name, one["size"], one["last_modified"])

    def ready(self) -> None:
        """See Blobs."""
        with _told("listing"):
            next(iter(obstore.list(self._store, self._prefix, chunk_size=1)), None)


@contextlib.contextmanager
def _told(name: str) -> Iterator[None]:
    try:
        yield
    except BaseError as error:
        raise BlobsUnreachable(f"{name}: {str(error).splitlines()[0][:200]}") from error


def blobs_at(place: str, folder: Path, options: dict[str, str] | None = None) -> Blobs:
    """The blobs of a configuration: `folder:PATH` (relative to `folder`) or `s3://BUCKET[/PREFIX]`.

    `options` are obstore's for S3 (endpoint, region, access_key_id …); what is not given comes from the environment's
    AWS_ variables or the machine's role.
    """
    if place.startswith("s3://"):
        bucket, _slash, prefix = place.removeprefix("s3://").partition("/")
        return BucketBlobs(_bucket(bucket, options or {}), prefix)
    if "://" not in place:
        return FolderBlobs(folder / place.removeprefix("folder:"))
    raise BadInput(
        _("“{place}” does not say where blobs are kept.").format(place=place),
        next_step=_("Write folder:PATH or s3://BUCKET/PREFIX."),
    )


def _bucket(name: str, options: dict[str, str]) -> S3Store:
    # Plain HTTP only where an address says so: a store of this machine.
    endpoint = options.get("endpoint") or os.environ.get("AWS_ENDPOINT_URL", "")
    plain = endpoint.startswith("http://")
    try:
        return S3Store(
            name,
            config=options,  # type: ignore[arg-type]
            client_options={"allow_http": plain, "connect_timeout": _PATIENCE, "timeout": 4 * _PATIENCE},
            retry_config={"max_retries": 3, "retry_timeout": 2 * _PATIENCE},
        )
    except BaseError as error:
        raise BadInput(
            _("The bucket {name} cannot be used: {reason}.").format(
                name=name, reason=str(error).splitlines()[0]
            ),
            next_step=_("Check the options for S3 in the configuration."),
        ) from error
