"""What the nodes in use were when a map last fitted its schemas: kept beside the project, never part of it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

import msgspec

from studio.base import atomic
from studio.base.errors import WeftError
from studio.mapping.losses import Fact, Known
from studio.project.lock import local_folder

_MAX_BYTES = 32 * 1024 * 1024


class _Kept(msgspec.Struct):
    """The file: base and repetition by address, and by the address above it the names that stand beside each other."""

    facts: dict[str, tuple[str, bool]]
    beside: dict[str, tuple[str, ...]]


def note(folder: Path, ref: str, facts: Known) -> bool:
    """Remember the facts of a map's nodes; tells whether they could be kept (a folder may be read-only)."""
    kept = _Kept({}, {})
    for path, fact in facts.items():
        kept.facts[path] = (fact.base, fact.repeats)
        kept.beside[path.rpartition("/")[0]] = fact.beside
    data = msgspec.json.encode(kept)
    try:
        place = local_folder(folder) / "shapes"
        atomic.make_folder(place)
        # A torn file is read as none, and made anew: no reason to make the disk wait.
        (place / file_name(ref)).write_bytes(data)
    except (OSError, WeftError):
        return False
    return True


def noted(folder: Path, ref: str) -> Mapping[str, Fact]:
    """The facts last remembered of a map's nodes; none where there are none or they cannot be read."""
    place = folder / ".weft" / "shapes" / file_name(ref)
    try:
        if place.stat().st_size > _MAX_BYTES:
            return {}
        kept = msgspec.json.decode(place.read_bytes(), type=_Kept)
    except (OSError, ValueError):
        return {}
    return {
        path: Fact(base, repeats, kept.beside.get(path.rpartition("/")[0], ()))
        for path, (base, repeats) in kept.facts.items()
    }


def file_name(ref: str, ending: str = "json") -> str:
    """A file name for any reference: readable, short, and one for each."""
    digest = hashlib.sha256(ref.encode("utf-8", "replace")).hexdigest()[:12]
    kept = "".join(sign if sign.isalnum() and sign.isascii() else "-" for sign in ref.rpartition("/")[2])
    return f"{kept[:60]}-{digest}.{ending}"
