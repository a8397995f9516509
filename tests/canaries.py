"""Twenty secrets that must be seen nowhere, and the hunt for them: in files, archives, databases, output, process lists."""

from __future__ import annotations

import base64
import bz2
import gzip
import io
import sqlite3
import threading
import time
import urllib.parse
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.conftest import child_processes

# Where a person's secrets come from: one canary each.
NAMES = (
    "org password", "org client secret", "org access token", "org refresh token", "org signing key",
    "connection password", "source address", "target address", "schema address", "vault passphrase",
    "proxy password", "environment proxy", "client certificate passphrase", "variable of a run",
    "repository password", "repository session", "personal token", "token of the environment",
    "sealing passphrase", "sealed credential",
)  # fmt: skip
_SMALLEST = 4  # bytes of a compressed stream that is worth opening
_DEEPEST = 4


def canary(name: str) -> str:
    """The secret of one place: text of which nothing else in the world holds a part."""
    return f"Canary{NAMES.index(name):02}x{zlib.crc32(name.encode()):08x}Zq7"


def forms(secret: str) -> dict[str, bytes]:
    """A secret as it may stand somewhere: as it is, in other encodings, escaped, hexadecimal, in base64 of any alignment."""
    data = secret.encode()
    found = {
        "plain": data,
        "UTF-16": secret.encode("utf-16-le"),
        "reversed": data[::-1],
        "hexadecimal": data.hex().encode(),
        "percent": urllib.parse.quote(secret, safe="").encode(),
    }
    for shift in range(3):
        # The characters at both ends depend on their neighbours.
        text = base64.b64encode(b"\0" * shift + data)
        found[f"base64 {shift}"] = text[(shift * 8 + 5) // 6 : len(text) - 4]
    return found


class Hunt:
    """What was looked through, and every canary found in it; `allowed` are files that may hold what the user put there, `more` secrets that were not ours to choose."""

    def __init__(self, allowed: Iterable[Path] = (), more: Mapping[str, str] | None = None) -> None:
        self.looked = 0
        self.hits: list[str] = []
        self._allowed = {path.resolve() for path in allowed}
        self._typed: set[tuple[str, ...]] = set()
        secrets = {name: canary(name) for name in NAMES} | dict(more or {})
        self._forms = {
            (name, form): data for name, secret in secrets.items() for form, data in forms(secret).items()
        }

    def folder(self, place: Path) -> None:
        """Every file below a folder."""
        for path in sorted(place.rglob("*")):
            if path.is_file() and not path.is_symlink() and path.resolve() not in self._allowed:
                self.bytes(path.read_bytes(), str(path.relative_to(place)))
                self.bytes(str(path).encode(), f"the name of {path.name}")

    def typed(self, words: Iterable[object]) -> None:
        """A command line as the person typed it: only what the product makes of it is ours to keep quiet."""
        self._typed.add(tuple(map(str, words)))

    def process(self, line: bytes) -> None:
        """The command line of a process, as everybody on the computer can see it."""
        words = tuple(line.decode("utf-8", "replace").split("\0")[:-1])
        if not any(words[-len(typed) :] == typed for typed in self._typed):
            self.bytes(line, f"the process list: {line[:80]!r}")

    def text(self, text: str, where: str) -> None:
        """Something that was shown, sent or listed."""
        self.bytes(text.encode("utf-8", "replace"), where)

    def bytes(self, data: bytes, where: str) -> None:
        """These bytes and whatever is packed in them."""
        for inside, part in _opened(data, where):
            self.looked += 1
            self.hits += [
                f"{name} ({form}) in {inside}" for (name, form), one in self._forms.items() if one in part
            ]


def _opened(data: bytes, where: str, depth: int = 0) -> Iterator[tuple[str, bytes]]:
    yield where, data
    if depth == _DEEPEST:
        return
    for inside, part in _parts(data):
        yield from _opened(part, f"{where} › {inside}", depth + 1)


def _parts(data: bytes) -> Iterator[tuple[str, bytes]]:
    if data.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for name in archive.namelist():
                yield name, archive.read(name)
    elif data.startswith(b"\x1f\x8b"):
        yield "gzip", gzip.decompress(data)
    elif data.startswith(b"BZh"):
        yield "bzip2", bz2.decompress(data)
    elif data.startswith(b"SQLite format 3\0"):
        yield from _cells(data)
    elif len(data) > _SMALLEST and data[0] == 0x78:
        try:
            yield "zlib", zlib.decompress(data)
        except zlib.error:
            return


def _cells(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Every value of a database that is packed: the others stand in its bytes as they are."""
    database = sqlite3.connect(":memory:")
    try:
        # One in memory has no write-ahead log: the head says so.
        database.deserialize(data[:18] + b"\x01\x01" + data[20:])
        tables = [row[0] for row in database.execute("select name from sqlite_master where type = 'table'")]
        for table in tables:
            for row in database.execute(f'select * from "{table}"'):
                for value in row:
                    if isinstance(value, bytes) and value[:1] == b"\x78":
                        yield table, value
    finally:
        database.close()


@contextmanager
def watching_processes(hunt: Hunt) -> Iterator[None]:
    """While the block lasts the command lines of all our children are looked at again and again, as others can see them."""
    seen: set[bytes] = set()
    over = threading.Event()

    def look() -> None:
        while not over.is_set():
            for child in child_processes():
                try:
                    seen.add(Path(f"/proc/{child}/cmdline").read_bytes())
                except OSError:
                    continue
            time.sleep(0.01)

    watcher = threading.Thread(target=look, name="process list")
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()
    for line in seen:
        hunt.process(line)
