"""Which project of which repository a folder belongs to."""

from __future__ import annotations

from pathlib import Path

from studio.base import atomic
from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.base.records import dataclass
from studio.repository.local import made_place, read, written

FILE = "link.json"


@dataclass(frozen=True)
class Link:
    """Server address, ids of organization and project; without `samples` sample documents stay on this computer."""

    server: str
    organization: str
    project: str
    samples: bool = True


def link_of(folder: Path) -> Link | None:
    """What the folder is linked with, None where it is not. Raises BadInput."""
    return read(folder, FILE, Link)


def require_link(folder: Path) -> Link:
    """What the folder is linked with; raises BadInput where it is not."""
    found = link_of(folder)
    if found is None:
        raise BadInput(
            _("This project is not in a repository yet."),
            file=folder,
            next_step=_("Put it there with: weft push PROJECT --new NAME"),
        )
    return found


def keep_link(folder: Path, link: Link) -> None:
    """Link the folder. Raises BadInput where it belongs to another project already."""
    now = link_of(folder)
    if now is not None and (now.server, now.project) != (link.server, link.project):
        raise BadInput(
            _("This folder belongs to another project of {server}.").format(server=now.server),
            file=folder,
            next_step=_("Copy the folder without its .weft folder, and link the copy."),
        )
    atomic.write_bytes(made_place(folder) / FILE, written(link))
