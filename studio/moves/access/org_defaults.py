"""Which org is meant when none is named: one per project, and one for everywhere else; a person's own choice."""

from __future__ import annotations

import json
from pathlib import Path

from studio.base import atomic
from studio.moves.access import orgs
from studio.project.layout import find_project

# The entry for moves that belong to no project.
_EVERYWHERE = ""


def default(near: Path) -> str:
    """The org to take around `near`, "" where none was chosen."""
    chosen = _chosen()
    project = find_project(near)
    return chosen.get(_key(project), "") or chosen.get(_EVERYWHERE, "")


def use(name: str, near: Path) -> Path | None:
    """Take the org called `name` from now on in the project around `near`, or everywhere without one; "" takes none.

    Returns the project; raises BadInput for an org that is not known.
    """
    if name:
        orgs.find(name, near)
    project = find_project(near)
    _keep({**_chosen(), _key(project): name})
    return project


def renamed(name: str, new: str) -> None:
    """An org is called `new` now; "" where it has gone."""
    chosen = _chosen()
    if name in chosen.values():
        _keep({key: new if value == name else value for key, value in chosen.items()})


def _key(project: Path | None) -> str:
    return str(project.resolve()) if project is not None else _EVERYWHERE


def _file() -> Path:
    return orgs.folder() / "defaults.json"


def _chosen() -> dict[str, str]:
    try:
        found = json.loads(_file().read_text("utf-8"))
        return {str(key): str(value) for key, value in found.items()}
    except (OSError, ValueError, AttributeError):
        # Not there, or spoiled: then none was chosen, and every move says so.
        return {}


def _keep(chosen: dict[str, str]) -> None:
    kept = {key: value for key, value in sorted(chosen.items()) if value}
    atomic.write_text(_file(), json.dumps(kept, ensure_ascii=False, indent=1) + "\n")
