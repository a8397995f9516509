"""The most a check may read that needs the whole document in memory."""

from __future__ import annotations

from pathlib import Path

from studio.base.errors import TooLarge
from studio.base.i18n import _
from studio.schema.source import MEGABYTE, check_file


def check_size(document: Path, limit: int) -> None:
    """Raise TooLarge for a document of more bytes than a check that needs the whole of it may take."""
    if check_file(document) > limit:
        raise TooLarge(
            _("This schema needs the whole document in memory, which is larger than {limit} MB.").format(
                limit=limit // MEGABYTE
            ),
            file=document,
            next_step=_("Check a part of the document."),
        )
