"""What the operating system refused, in words a person can use."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from studio.base.errors import BadInput
from studio.base.i18n import N_, _

# The system speaks the language it was set up in, or English; these are said in the language of the person.
_REASONS = {
    errno.ENOENT: N_("No such file or directory"),
    errno.EACCES: N_("Permission denied"),
    errno.EPERM: N_("Operation not permitted"),
    errno.EISDIR: N_("Is a directory"),
    errno.ENOTDIR: N_("Not a directory"),
    errno.EEXIST: N_("File exists"),
    errno.ENOTEMPTY: N_("Directory not empty"),
    errno.ENOSPC: N_("No space left on device"),
    errno.EROFS: N_("Read-only file system"),
    errno.EMFILE: N_("Too many open files"),
    errno.ENFILE: N_("Too many open files in system"),
    errno.ENAMETOOLONG: N_("File name too long"),
    errno.EIO: N_("Input/output error"),
    errno.EBUSY: N_("Device or resource busy"),
    errno.EFBIG: N_("File too large"),
    errno.EINVAL: N_("Invalid argument"),
    errno.EPIPE: N_("Broken pipe"),
    errno.ECONNREFUSED: N_("Connection refused"),
    errno.ECONNRESET: N_("Connection reset by peer"),
    errno.EHOSTUNREACH: N_("No route to host"),
    errno.ENETUNREACH: N_("Network is unreachable"),
    errno.ETIMEDOUT: N_("Connection timed out"),
    errno.EADDRINUSE: N_("Address already in use"),
    errno.EADDRNOTAVAIL: N_("Cannot assign requested address"),
}


def reason_of(error: OSError) -> str:
    """Why the system refused, without its numbers and names, in the language of the person where we know the reason."""
    known = _REASONS.get(error.errno or 0)
    # Libraries give numbers of their own, and some say more than the system does.
    plain = getattr(error, "winerror", None) or error.strerror == os.strerror(error.errno or 0)
    return _(known) if known and plain else error.strerror or str(error)


def unreadable(file: str | Path | None, error: OSError) -> BadInput:
    """The error for a file that the system will not let us read."""
    return BadInput(
        _("The file could not be read: {reason}.").format(reason=reason_of(error)),
        file=file,
        next_step=_("Check that it is a file and that you may read it."),
    )
