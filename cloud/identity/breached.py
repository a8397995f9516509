"""Passwords known from breaches: a list on this machine is looked into, and nobody outside is asked.

The list is that of Have I Been Pwned as its downloader writes it, SHA-1, ordered by hash: lines `HASH:COUNT`. It may
have any size: it is never read whole.
"""

from __future__ import annotations

import hashlib
import mmap
import re
from pathlib import Path

from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.base.system_errors import unreadable

_DIGITS = 40
_LINE = re.compile(rb"[0-9A-Fa-f]{40}(:[0-9]+)?\s*")


class Breached:
    """The list in a file. Raises BadInput for a file that is none."""

    def __init__(self, file: Path) -> None:
        try:
            with file.open("rb") as opened:
                self._data = mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ)
        except (OSError, ValueError) as error:
            raise unreadable(
                file, error if isinstance(error, OSError) else OSError(_("it is empty"))
            ) from error
        first, last = self._line(0), self._line(max(0, len(self._data) - 2))
        if not (_LINE.fullmatch(first) and _LINE.fullmatch(last) and first <= last):
            self._data.close()
            raise BadInput(
                _("This is not a list of breached passwords: lines of a SHA-1 hash, ordered by it."),
                file=file,
                next_step=_("Download that of Have I Been Pwned as one file, SHA-1, ordered by hash."),
            )

    def holds(self, password: str) -> bool:
        """Whether the password is in the list."""
        wanted = hashlib.sha1(password.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()
        sought = wanted.upper().encode()
        low, high = 0, len(self._data)
        # Places in the file: the line around the middle one decides on which side to go on.
        while low < high:
            middle = (low + high) // 2
            start = self._data.rfind(b"\n", 0, middle) + 1
            found = self._data[start : start + _DIGITS].upper()
            if found == sought:
                return True
            if found < sought:
                end = self._data.find(b"\n", middle)
                low = len(self._data) if end < 0 else end + 1
            else:
                high = start
        return False

    def _line(self, place: int) -> bytes:
        """The line a place is in."""
        start = self._data.rfind(b"\n", 0, place) + 1
        end = self._data.find(b"\n", start)
        return self._data[start : len(self._data) if end < 0 else end]
