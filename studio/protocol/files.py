"""Schema, driver and plug-in files an environment's agents and designers share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from studio.protocol.fields import Time

FileKind = Literal["schema", "driver", "plugin"]


@dataclass(frozen=True)
class StoredFile:
    """One version of a file; its content never changes, `hash` is the SHA-256 of its bytes."""

    kind: FileKind
    name: str
    version: str
    hash: str
    size: int
    author: str
    time: Time


@dataclass(frozen=True)
class FilePage:
    """Files by kind, name and version."""

    items: tuple[StoredFile, ...]
    after: str | None = None
