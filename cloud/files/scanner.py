"""A program that looks at every shared file before it is given to others: a virus scanner, where one is set up.

It reads the content on its standard input and ends with 0 (clean), 1 (not to be kept) or anything else (it could not
look): what `clamdscan -` does. What could not be looked at is not kept.
"""

from __future__ import annotations

import logging
import shlex
import subprocess
import tempfile
from collections.abc import Iterable

from cloud.errors import Refused
from cloud.log import event
from studio.base.errors import BadInput
from studio.base.i18n import _

SECONDS = 300
_IN_MEMORY = 8 * 1024**2


class Scanner:
    """The program of a command line; an empty one looks at nothing. Raises BadInput for a line that is none."""

    def __init__(self, command: str) -> None:
        try:
            self._command = shlex.split(command)
        except ValueError as error:
            raise BadInput(_("The setting {name} is no command line.").format(name="scanner")) from error

    def __bool__(self) -> bool:
        return bool(self._command)

    def need_clean(self, parts: Iterable[bytes]) -> None:
        """Have a content looked at. Raises Refused: 422 for one that is not clean, 503 when that is not known."""
        with tempfile.SpooledTemporaryFile(_IN_MEMORY) as content:
            for part in parts:
                content.write(part)
            content.seek(0)
            # A file of its own: the program reads it from there at its own pace.
            content.rollover()
            try:
                ended = subprocess.run(
                    self._command,
                    stdin=content,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    timeout=SECONDS,
                    check=False,
                ).returncode
            except (OSError, subprocess.SubprocessError) as error:
                event("scanner_failed", level=logging.ERROR, error=error)
                ended = -1
        if ended == 1:
            event("scanner_refused", level=logging.WARNING)
            raise Refused(
                422,
                "not_clean",
                _("The virus scanner of this server does not let this file pass."),
                next_step=_("Look at the file where it comes from. It was not kept."),
            )
        if ended != 0:
            event("scanner_failed", level=logging.ERROR, code=ended)
            raise Refused(
                503,
                "scanner_failed",
                _("The virus scanner of this server could not look at this file."),
                next_step=_("Try again later; whoever runs the server finds the reason in its log."),
                headers={"Retry-After": "60"},
            )
