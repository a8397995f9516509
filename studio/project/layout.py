"""Where each object's file is, and which names files may have on every system."""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath

from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.base.patterns import pattern
from studio.project.model import KINDS, PROJECT

PROJECT_FILE = "project.yaml"
_SUFFIXES = {"scripts": ".jb"}
# A JavaScript keeps its ending in its reference: that is how the language is known.
_JAVASCRIPT = ".js"
_FORBIDDEN = pattern(r'[\\:*?"<>|\x00-\x1f\x7f]')
_RESERVED = pattern(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?", re.IGNORECASE)
_LONGEST_NAME = 120


def file_of(id: str) -> str:
    """The relative path of an object's file: `scripts/clean-phone` is in `scripts/clean-phone.jb`.

    A reference that ends in `.js` is its file's name.
    """
    if id == PROJECT:
        return PROJECT_FILE
    kind = id.partition("/")[0]
    if kind == "scripts" and id.endswith(_JAVASCRIPT):
        return id
    return id + _SUFFIXES.get(kind, ".yaml")


def id_of(file: str) -> str | None:
    """The id of the object in a file, None where files of that place and name hold no object."""
    if file == PROJECT_FILE:
        return PROJECT
    kind, _slash, ref = file.partition("/")
    if kind not in KINDS:
        return None
    if kind == "scripts" and ref.endswith(_JAVASCRIPT):
        return file
    suffix = _SUFFIXES.get(kind, ".yaml")
    id = f"{kind}/{ref.removesuffix(suffix)}"
    return id if file_of(id) == file else None


def check_ref(ref: str) -> None:
    """Raise BadInput unless a file may be called so on Windows, macOS and Linux alike, inside its kind's folder."""
    for part in ref.split("/"):
        wrong = not part or part != part.strip() or part.startswith(".") or part.endswith(".")
        if (
            wrong
            or _FORBIDDEN.search(part)
            or _RESERVED.fullmatch(part)
            or len(part.encode()) > _LONGEST_NAME
        ):
            raise BadInput(
                _("This cannot be a name: {name}").format(name=repr(part)),
                path=ref,
                next_step=_(
                    'Use a short name without \\ : * ? " < > | that does not begin or end with a dot or space.'
                ),
            )


def ref_for(name: str, taken: frozenset[str] | set[str] = frozenset()) -> str:
    """A reference made of a title: `Orders to invoices` gives `orders-to-invoices`, numbered where it is taken."""
    base = re.sub(r"[^\w.]+", "-", name.lower()).strip("-._")[:60] or "new"
    if _RESERVED.fullmatch(base):
        base = f"{base}-1"
    lowered = {ref.lower() for ref in taken}
    ref, number = base, 2
    while ref in lowered:
        ref, number = f"{base}-{number}", number + 1
    return ref


def posix(*parts: str) -> str:
    """The parts joined by slashes."""
    return str(PurePosixPath(*parts))


def find_project(file: Path) -> Path | None:
    """The nearest folder, from `file` upwards, that holds project.yaml."""
    start = file.absolute()
    return next((folder for folder in (start, *start.parents) if (folder / PROJECT_FILE).is_file()), None)
