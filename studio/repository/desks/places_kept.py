"""What was last seen of the environments of a project's organization, for whoever asks for a deployment while offline."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from studio.base import atomic
from studio.base.errors import BadInput
from studio.repository.local import made_place, read, written

FILE = "environments.json"
Row = dict[str, Any]


def kept(folder: Path) -> list[Row]:
    """The environments, each with the `tree` that was deployed there, if that was ever looked at."""
    try:
        found = read(folder, FILE, list[dict[str, Any]]) or []
    except BadInput:
        # It is only a memory: seen again, it is written again.
        return []
    return [one for one in found if {"id", "name", "rights", "production"} <= one.keys()]


def keep(folder: Path, environments: Sequence[Row]) -> None:
    """Keep them, with what is known of the trees."""
    trees = {one["id"]: one["tree"] for one in kept(folder) if "tree" in one}
    rows = [{**one, **({"tree": trees[one["id"]]} if one["id"] in trees else {})} for one in environments]
    _write(folder, rows)


def saw(folder: Path, environment: str, tree: str | None) -> None:
    """What is deployed in an environment was looked at."""
    _write(folder, [{**one, "tree": tree} if one["id"] == environment else one for one in kept(folder)])


def _write(folder: Path, rows: Sequence[Row]) -> None:
    content = written(list(rows))
    file = made_place(folder) / FILE
    if not file.exists() or file.read_bytes() != content:
        atomic.write_bytes(file, content)
