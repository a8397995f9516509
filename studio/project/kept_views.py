"""How each object of a project was looked at last: folding, scrolling, sizes; kept for the user, outside the project."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from studio.base import atomic
from studio.base.paths import config_folder

_FOLDER = "views"
# A file of more is not read; the objects looked at longest ago are left out of it.
LARGEST = 2 * 1024 * 1024
# So many projects are remembered.
MOST = 60

Views = Mapping[str, Mapping[str, Any]]


def load(folder: Path) -> dict[str, Mapping[str, Any]]:
    """By object id what was kept, the one looked at last at the end; nothing where the file makes no sense."""
    try:
        with _file(folder).open("rb") as stream:
            data = json.loads(stream.read(LARGEST + 1))
    except (OSError, ValueError, RecursionError):
        return {}
    found = data.get("views") if isinstance(data, dict) else None
    if not isinstance(found, dict):
        return {}
    return {id: view for id, view in found.items() if isinstance(view, dict)}


def save(folder: Path, views: Views) -> None:
    """Keep these; raises BadInput where they cannot be written."""
    parts = [f"{json.dumps(id)}: {json.dumps(view, ensure_ascii=False)}" for id, view in views.items()]
    room = LARGEST - 1024 - 4 * len(str(folder))
    kept: list[str] = []
    for part in reversed(parts):
        room -= len(part.encode("utf-8", "replace")) + 2
        if room < 0:
            break
        kept.append(part)
    body = ",\n".join(reversed(kept))
    text = f'{{"folder": {json.dumps(str(folder.absolute()))}, "views": {{\n{body}\n}}}}\n'
    file = _file(folder)
    fresh = not file.exists()
    atomic.write_text(file, text.encode("utf-8", "replace").decode())
    if fresh:
        _forget_others(file.parent)


def _file(folder: Path) -> Path:
    name = hashlib.sha256(str(folder.absolute()).encode("utf-8", "surrogateescape")).hexdigest()[:24]
    return config_folder() / _FOLDER / f"{name}.json"


def _forget_others(place: Path) -> None:
    with contextlib.suppress(OSError):
        files = sorted(place.glob("*.json"), key=lambda file: file.stat().st_mtime)
        for file in files[:-MOST]:
            atomic.discard(file)
