"""A backup: one file with every row and blob as of one moment, what is sealed still sealed; and back, into either kind
of database. Master keys are not in it."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from sqlalchemy import LargeBinary, Row, Table, select

from cloud.store.blobs import Blobs
from cloud.store.database import Database, Whole
from cloud.store.envelope import key_context
from cloud.store.keys import MasterKey
from cloud.store.metadata import SERVER, Instant, is_tenant, metadata
from cloud.store.migrate import newest
from cloud.store.tables import data_keys, organizations, users
from studio.base import atomic
from studio.base.errors import BadInput
from studio.base.i18n import _

FORMAT = 1
_HEAD = "backup.json"
_SUMS = "checksums.json"
_ROWS_AT_ONCE = 500
_LINE_MOST = 512 * 1024**2


@dataclass(frozen=True)
class Count:
    """What a backup holds."""

    rows: int
    blobs: int


def back_up(database: Database, blobs: Blobs | None, file: Path) -> Count:
    """Write a backup while the server works: all rows of one moment, and the blobs they need.

    Raises BadInput when the file is there already or cannot be written.
    """
    if file.exists():
        raise BadInput(_("This file is there already."), file=file)
    rows = 0
    names: list[str] = []
    with atomic.writing(file) as out, tarfile.open(fileobj=out, mode="w:") as tar:
        sums: dict[str, str] = {}
        head = {
            "format": FORMAT,
            "tables": newest(),
            "kind": database.kind,
            "at": database.clock().isoformat(),
        }
        _add_bytes(tar, sums, _HEAD, json.dumps(head).encode())
        with database.whole() as whole:
            chains = _chains(whole)
            for table in metadata.sorted_tables:
                rows += _add_table(tar, sums, whole, table, chains, names)
        for name in names if blobs is not None else []:
            assert blobs is not None
            _add_stream(tar, sums, f"blobs/{name}", blobs.whole(name))
        _add_bytes(tar, {}, _SUMS, json.dumps(sums).encode())
    return Count(rows, len(names))


def _chains(whole: Whole) -> list[str]:
    whole.enter(SERVER)
    return [SERVER, *(row.id for row in whole.rows(select(organizations.c.id).order_by(organizations.c.id)))]


def _add_table(
    tar: tarfile.TarFile,
    sums: dict[str, str],
    whole: Whole,
    table: Table,
    chains: list[str],
    names: list[str],
) -> int:
    count = 0

    def lines() -> Iterator[bytes]:
        nonlocal count
        for org in chains if is_tenant(table) else [SERVER]:
            whole.enter(org)
            # What a user may see of a table from outside is not asked for: no user is set.
            for row in whole.each(select(table)):
                count += 1
                if table.name == "blobs":
                    names.append(f"{row.org_id}/{row.id}")
                yield json.dumps(_told(table, row), ensure_ascii=False).encode() + b"\n"

    _add_stream(tar, sums, f"tables/{table.name}.jsonl", lines())
    return count


def _told(table: Table, row: Row[Any]) -> list[Any]:
    """A row as JSON, in the order of its columns: bytes as base64, moments as ISO 8601."""
    values = []
    for value in row:
        if isinstance(value, bytes | memoryview):
            value = base64.b64encode(bytes(value)).decode()
        elif isinstance(value, datetime):
            value = value.isoformat()
        values.append(value)
    assert len(values) == len(table.columns)
    return values


def _add_bytes(tar: tarfile.TarFile, sums: dict[str, str], name: str, data: bytes) -> None:
    sums[name] = hashlib.sha256(data).hexdigest()
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(data), 0o600
    tar.addfile(entry, io.BytesIO(data))


def _add_stream(tar: tarfile.TarFile, sums: dict[str, str], name: str, parts: Iterator[bytes]) -> None:
    """An entry whose size is known only at its end: it waits in a temporary file where it is large."""
    digest = hashlib.sha256()
    with tempfile.SpooledTemporaryFile(8 * 1024**2) as file:
        for part in parts:
            digest.update(part)
            file.write(part)
        entry = tarfile.TarInfo(name)
        entry.size, entry.mode = file.tell(), 0o600
        file.seek(0)
        tar.addfile(entry, file)
    sums[name] = digest.hexdigest()


@dataclass(frozen=True)
class WholeBackup:
    """A backup that was looked through: every part is what was written, and can be put back here."""

    file: Path
    parts: tuple[str, ...]


def look(file: Path, master: MasterKey) -> WholeBackup:
    """Look a backup through before anything is made of it.

    Raises BadInput when the file is damaged or of other tables, MasterKeyError when `master` does not open its keys.
    """
    sums = _checked(file)
    with tarfile.open(file, mode="r:") as tar:
        _need_same(json.loads(_member(tar, _HEAD).read()), file)
        _need_master(_member(tar, f"tables/{data_keys.name}.jsonl"), master)
    return WholeBackup(file, tuple(sums))


def _need_master(source: IO[bytes], master: MasterKey) -> None:
    """One data key of each master key that wrapped any: a key management service is not asked for thousands."""
    tried: set[str] = set()
    for row in _rows(source, data_keys):
        if row["wrapped"] is not None and row["master"] not in tried:
            tried.add(row["master"])
            master.unwrap(row["wrapped"], key_context(row["org_id"], row["version"]))


def restore(backup: WholeBackup, database: Database, blobs: Blobs | None) -> Count:
    """Put a backup into a database with tables and no rows: all of it, or nothing.

    Raises BadInput when the database holds something.
    """
    rows = count = 0
    with tarfile.open(backup.file, mode="r:") as tar, database.whole(write=True) as whole:
        _need_empty(whole)
        for table in metadata.sorted_tables:
            rows += _restore_table(_member(tar, f"tables/{table.name}.jsonl"), whole, table)
        for name in (each for each in backup.parts if each.startswith("blobs/") and blobs is not None):
            assert blobs is not None
            with blobs.writing(name.removeprefix("blobs/")) as out:
                source = _member(tar, name)
                while data := source.read(1024**2):
                    out.write(data)
            count += 1
    return Count(rows, count)


def _need_empty(whole: Whole) -> None:
    """Every server has keys of its own from its first minute."""
    whole.enter(SERVER)
    for table in (data_keys, organizations, users):
        if whole.one(select(table).limit(1)) is not None:
            raise BadInput(
                _("The database is not empty."), next_step=_("Restore into a new folder or database.")
            )


def _restore_table(source: IO[bytes], whole: Whole, table: Table) -> int:
    count = 0
    waiting: list[dict[str, Any]] = []
    org = SERVER
    whole.enter(SERVER)
    for row in _rows(source, table):
        its = row["org_id"] if is_tenant(table) else SERVER
        if its != org or len(waiting) >= _ROWS_AT_ONCE:
            whole.insert_many(table, waiting)
            waiting = []
        if its != org:
            whole.enter(its)
            org = its
        waiting.append(row)
        count += 1
    whole.insert_many(table, waiting)
    return count


def _rows(source: IO[bytes], table: Table) -> Iterator[dict[str, Any]]:
    """The rows of a part of the file."""
    while line := source.readline(_LINE_MOST):
        yield {
            column.name: _meant(column.type, value)
            for column, value in zip(table.columns, json.loads(line), strict=True)
        }


def _meant(kind: Any, value: Any) -> Any:
    if value is None:
        return None
    if isinstance(kind, LargeBinary):
        return base64.b64decode(value, validate=True)
    return datetime.fromisoformat(value) if isinstance(kind, Instant) else value


def _need_same(head: dict[str, Any], file: Path) -> None:
    if head.get("format") != FORMAT or head.get("tables") != newest():
        raise BadInput(
            _(
                "This backup was made by another version of the server (tables {found}, here {wanted})."
            ).format(found=head.get("tables"), wanted=newest()),
            file=file,
            next_step=_("Restore it with that version, then upgrade."),
        )


def _checked(file: Path) -> dict[str, str]:
    """The checksums of the file's parts, each found true. Raises BadInput naming the part that is not."""
    try:
        with tarfile.open(file, mode="r:") as tar:
            found = {entry.name: _sum(tar, entry) for entry in tar if entry.isreg()}
            told = json.loads(_member(tar, _SUMS).read())
    except (OSError, tarfile.TarError, ValueError) as error:
        raise BadInput(_("This is not a whole backup."), file=file) from error
    found.pop(_SUMS, None)
    wrong = sorted(name for name in told.keys() | found.keys() if told.get(name) != found.get(name))
    if wrong:
        raise BadInput(
            _("The backup is damaged: {part} is not what was written.").format(part=wrong[0]),
            file=file,
            next_step=_("Take another copy of it."),
        )
    return found


def _sum(tar: tarfile.TarFile, entry: tarfile.TarInfo) -> str:
    source = tar.extractfile(entry)
    assert source is not None
    return hashlib.file_digest(source, "sha256").hexdigest()  # type: ignore[arg-type]


def _member(tar: tarfile.TarFile, name: str) -> IO[bytes]:
    try:
        found = tar.extractfile(name)
    except KeyError as error:
        raise tarfile.TarError(name) from error
    assert found is not None
    return found
