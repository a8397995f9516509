"""What projects refuse, beyond what every part of the server does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from cloud.errors import Refused
from studio.base.i18n import _
from studio.protocol import limits
from studio.protocol.manifests import BadManifest
from studio.protocol.packs import BadPack
from studio.protocol.projects import Conflict

_TOO_LARGE = {
    "object_too_large",
    "pack_too_large",
    "project_too_large",
    "too_many_objects",
    "test_data_too_large",
}


def revision_conflict(conflict: Conflict) -> Refused:
    """412: somebody pushed meanwhile; both heads are named."""
    return Refused(
        412,
        "revision_conflict",
        _("Somebody pushed to this project meanwhile."),
        next_step=_("Pull, look at what differs, and push again: your changes are still yours."),
        conflict=asdict(conflict),
    )


def objects_missing(pack: Sequence[str], uploads: Sequence[str]) -> Refused:
    """409: a change names contents the repository does not have."""
    return Refused(
        409,
        "objects_missing",
        _("Contents this change names are not in the repository."),
        next_step=_("Upload them and push again."),
        pack=list(pack),
        uploads=list(uploads),
    )


def broken_rule(error: BadManifest | BadPack) -> Refused:
    """413 or 422: a path, a size or a pack breaks a rule both sides know."""
    status = 413 if error.code in _TOO_LARGE else 422
    return Refused(status, error.code, error.message, error.path or "", error.next_step)


def tree_differs() -> Refused:
    """422: what the change leads to is not what its maker says."""
    return Refused(
        422,
        "tree_differs",
        _("The change does not lead to the state it says it leads to."),
        next_step=_("Pull and push again."),
    )


def damaged(digest: str) -> Refused:
    """500: it is stored, but not as it was."""
    return Refused(
        500,
        "object_damaged",
        _("A content stored here is damaged and is not given out."),
        digest,
        _(
            "Whoever runs the server: restore it from a backup. Whoever has it: push it again as a changed file."
        ),
        hash=digest,
    )


def archived() -> Refused:
    """409: the project is at rest."""
    return Refused(
        409,
        "project_archived",
        _("This project is archived."),
        next_step=_("Take it out of the archive first."),
    )


def split(sizes: dict[str, int], missing: Sequence[str]) -> tuple[list[str], list[str]]:
    """Hashes that fit into a pack, and those that come as uploads."""
    small = [digest for digest in missing if sizes[digest] <= limits.PACK_OBJECT_BYTES]
    return small, [digest for digest in missing if sizes[digest] > limits.PACK_OBJECT_BYTES]
