"""Plans kept on disk, so that a transformation that has run before starts without reading its schemas and map again.

A kept plan counts only while everything it was made of is as it was, to the byte, and the program and Python are the
same. It is data: the reader makes records of the plan's own types and nothing else, and takes no file that another
user could have written. Whatever is odd about it, the plan is made anew as if there were none.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import pickle
import stat
import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from studio import __version__
from studio.base import atomic
from studio.base.errors import BadInput
from studio.base.i18n import language
from studio.base.paths import cache_folder
from studio.engine.plan import Plan
from studio.mapping.model import Transformation
from studio.project.tables import Tables
from studio.script.tree import Value

Planned = tuple[Transformation, Path, Plan, dict[str, Value]]
"""The transformation, the project's folder, the plan, and the project's variables."""

_MAGIC = b"weft-plan-1\n"
_MOST_FILES, _MOST_BYTES = 64, 96 << 20
_LARGEST, _LARGEST_READ = 32 << 20, 16 << 20
# Where the types that a plan consists of are defined; of these modules only data classes and enumerations are made.
_MODULES = frozenset(
    {
        "studio.base.errors",
        "studio.engine.formats.edi_layout",
        "studio.engine.forms",
        "studio.engine.plan",
        "studio.mapping.model",
        "studio.schema.drawn",
        "studio.schema.model",
        "studio.script.tree",
    }
)
_PLAIN = frozenset(
    {("decimal", "Decimal"), ("datetime", "datetime"), ("datetime", "date"), ("datetime", "time")}
)
_PROTOCOL = 5


def find(file: Path) -> Planned | None:
    """The kept plan of a transformation's file, if it is still what planning would give; else None."""
    try:
        data = _own_bytes(_entry(file))
        found = _read(data) if data is not None else None
    except (OSError, ValueError, TypeError, KeyError, AttributeError, EOFError, RecursionError, MemoryError):
        return None
    except (pickle.UnpicklingError, ImportError, IndexError, ArithmeticError, BadInput):
        return None
    if found is not None:
        with contextlib.suppress(OSError):
            os.utime(_entry(file))  # the ones not used for longest go first
    return found


def keep(
    file: Path, planned: Planned, files: Iterable[Path], folders: Iterable[Path], absent: Iterable[Path]
) -> None:
    """Keep a plan with what it was made of; nothing is kept, and nothing told, where that is not possible."""
    try:
        made = {
            "product": _product(),
            "files": [[str(each), _digest(each)] for each in files],
            "folders": [[str(each), _names(each)] for each in folders],
            "absent": [str(each) for each in absent],
        }
        transformation, folder, plan, variables = planned
        body = pickle.dumps(
            (transformation, str(folder), replace(plan, tables={}), variables), protocol=_PROTOCOL
        )
        head = json.dumps({**made, "body": _sum(body)}).encode("utf-8", "surrogateescape")
        data = b"".join((_MAGIC, _sum(head).encode(), b"\n", str(len(head)).encode(), b"\n", head, body))
        entry = _entry(file, make=True)
        if len(data) <= _LARGEST and _is_private(entry.parent):
            atomic.clear_leftovers(entry)
            atomic.write_bytes(entry, data)
            _shorten(entry.parent)
    except (OSError, ValueError, TypeError, AttributeError, RecursionError, MemoryError):
        return
    except (pickle.PicklingError, BadInput):
        return


def _entry(file: Path, *, make: bool = False) -> Path:
    """The file of a transformation's plan. Raises OSError where the user has no folder for it."""
    folder = cache_folder() / "plans"
    if make:
        folder.mkdir(mode=0o700, exist_ok=True)
    about = f"{file.resolve()}\n{file.name}\n{language()}"
    return folder / f"{_sum(about.encode('utf-8', 'surrogateescape'))}.plan"


def _read(data: bytes) -> Planned | None:
    """The plan, None where something it was made of is another now. Raises about anything for damaged bytes."""
    if not data.startswith(_MAGIC):
        return None
    digest, size, rest = data[len(_MAGIC) :].split(b"\n", 2)
    head, body = rest[: int(size)], memoryview(rest)[int(size) :]
    if _sum(head).encode() != digest:
        return None
    made = json.loads(head)
    if made["product"] != _product() or any(Path(each).exists() for each in made["absent"]):
        return None
    if any(_names(Path(name)) != names for name, names in made["folders"]):
        return None
    if any(_digest(Path(name)) != digest for name, digest in made["files"]) or made["body"] != _sum(body):
        return None
    transformation, folder, plan, variables = _Reader(io.BytesIO(body)).load()
    sound = isinstance(plan, Plan) and isinstance(transformation, Transformation)
    if not sound or type(folder) is not str or type(variables) is not dict:
        return None
    return transformation, Path(folder), replace(plan, tables=Tables(Path(folder))), variables


class _Reader(pickle.Unpickler):
    """Makes records of a plan's types, and nothing that does anything."""

    def find_class(self, module: str, name: str) -> Any:
        """The type; raises UnpicklingError for any other name there is."""
        if (module, name) in _PLAIN:
            return super().find_class(module, name)
        if module in _MODULES and name.isidentifier():
            found = super().find_class(module, name)
            is_ours = isinstance(found, type) and found.__module__ == module
            if is_ours and (hasattr(found, "__dataclass_fields__") or hasattr(found, "__members__")):
                return found
        raise pickle.UnpicklingError(f"{module}.{name} is no part of a plan")


def _own_bytes(entry: Path) -> bytes | None:
    """A file's content, if nobody but the user (or the system's administrator) could have written it."""
    if not _is_private(entry.parent):
        return None
    try:
        handle = os.open(entry, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0))
    except FileNotFoundError:
        return None
    with open(handle, "rb") as file:  # noqa: PTH123
        found = os.fstat(handle)
        if not stat.S_ISREG(found.st_mode) or found.st_size > _LARGEST or not _is_ours(found):
            return None
        return file.read(_LARGEST + 1)


def _is_private(folder: Path) -> bool:
    try:
        found = folder.lstat()
    except FileNotFoundError:
        return False
    return stat.S_ISDIR(found.st_mode) and _is_ours(found)


def _is_ours(found: os.stat_result) -> bool:
    """Of this user, and for no other to write; Windows keeps the folder it is in to its user."""
    if sys.platform == "win32":
        return True
    return found.st_uid == os.geteuid() and not found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)


def _shorten(folder: Path) -> None:
    """Remove what was used longest ago until few enough plans are left, and parts of files that nobody writes."""
    with os.scandir(folder) as entries:
        there = sorted((each.stat().st_mtime_ns, each.stat().st_size, each.path) for each in entries)
    size = 0
    for number, (_time, bytes_, path) in enumerate(reversed(there), start=1):
        size += bytes_
        if number > _MOST_FILES or size > _MOST_BYTES:
            atomic.discard(Path(path))


def _product() -> str:
    """The program, to the time of change of each of its modules, and the Python it runs on."""
    parts = [__version__, sys.version, sys.executable, language()]
    if getattr(sys, "frozen", False):
        parts.append(str(os.stat(sys.executable).st_mtime_ns))  # noqa: PTH116
    else:
        parts += _modules(str(Path(__file__).resolve().parent.parent))
    return _sum("\n".join(parts).encode("utf-8", "surrogateescape"))


def _modules(folder: str) -> list[str]:
    found, further = [], []
    with os.scandir(folder) as entries:
        for each in entries:
            if each.name.endswith(".py"):
                at = each.stat()
                found.append(f"{each.name} {at.st_mtime_ns} {at.st_size}")
            elif each.name.isidentifier() and each.name != "__pycache__" and each.is_dir():
                further.append(each.path)
    return sorted(found) + [line for each in sorted(further) for line in (each, *_modules(each))]


def _digest(file: Path) -> str:
    """Of a file's content. Raises ValueError for one too large to look at for each run, OSError where it is no file."""
    with file.open("rb") as stream:
        data = stream.read(_LARGEST_READ + 1)
    if len(data) > _LARGEST_READ:
        raise ValueError
    return _sum(data)


def _names(folder: Path) -> str:
    """Of the names in a folder."""
    return _sum("\n".join(sorted(os.listdir(folder))).encode("utf-8", "surrogateescape"))  # noqa: PTH208


def _sum(data: bytes | memoryview) -> str:
    return hashlib.blake2b(data, digest_size=20).hexdigest()
