"""What remains of a crash: a file the interpreter writes into while it dies, looked at on the next start."""

from __future__ import annotations

import faulthandler
import logging
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import IO

from studio.base.paths import data_folder

FILE = "crash.txt"
LARGEST = 64 * 1024


class CrashFile:
    """`open` begins to watch; `report` is what the last start left behind, "" where it ended well."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or data_folder() / FILE
        self._file: IO[str] | None = None
        self.report = ""

    def open(self) -> None:
        """Read what the last start left, then watch this one. A folder that cannot be written watches nothing."""
        try:
            if self.path.exists():
                self.report = self.path.read_text("utf-8", "replace")[-LARGEST:].strip()
            self._file = self.path.open("w", encoding="utf-8")
        except OSError:
            return
        faulthandler.enable(self._file)

    def close(self) -> None:
        """The program ends well: nothing remains."""
        if self._file is not None:
            faulthandler.disable()
            self._file.close()
            self._file = None
            self.path.unlink(missing_ok=True)


def catch_all(show: Callable[[BaseException], None]) -> Callable[[], None]:
    """Show what nobody caught instead of ending the program; returns the function that stops doing so."""
    before = sys.excepthook, threading.excepthook

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if isinstance(error, KeyboardInterrupt):
            before[0](kind, error, trace)
            return
        logging.getLogger("ui").error("not caught", exc_info=(kind, error, trace))
        show(error)

    sys.excepthook = hook

    def restore() -> None:
        sys.excepthook, threading.excepthook = before

    return restore
