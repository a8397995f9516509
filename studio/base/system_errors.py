"""What the operating system refused, in words a person can use."""

from __future__ import annotations

from pathlib import Path

from studio.base.errors import BadInput
from studio.base.i18n import _


def reason_of(error: OSError) -> str:
    """Why the system refused, without its numbers and names."""
    return error.strerror or str(error)


def unreadable(file: str | Path | None, error: OSError) -> BadInput:
    """The error for a file that the system will not let us read."""
    return BadInput(
        _("The file could not be read: {reason}.").format(reason=reason_of(error)),
        file=file,
        next_step=_("Check that it is a file and that you may read it."),
    )
