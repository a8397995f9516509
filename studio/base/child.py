"""Starting a process of our own: the same program in a source tree, an installed wheel and a frozen bundle."""

from __future__ import annotations

import contextlib
import os
import runpy
import signal
import sys
import threading
import time
from types import ModuleType
from typing import TYPE_CHECKING

from studio.base.lazily import Lazily

if TYPE_CHECKING:
    import ctypes
    import platform
else:
    platform = Lazily("platform")
    ctypes = Lazily("ctypes")

resource: ModuleType | None
try:
    import resource
except ImportError:  # Windows
    resource = None

PROCESS_FLAG = "--process"


def leave_no_core() -> None:
    """A process that dies leaves no picture of its memory, in which its secrets are; its children inherit that."""
    if resource is not None:
        # A limit that may only be lowered is low enough.
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def python_command(module: str, *arguments: str) -> list[str]:
    """The command line that runs one of our modules as a program of its own."""
    if getattr(sys, "frozen", False):
        return [sys.executable, PROCESS_FLAG, module, *arguments]
    return [sys.executable, "-m", module, *arguments]


def run_as_process(argv: list[str]) -> bool:
    """In the frozen bundle's entry: run the module named after the flag; False when it was not asked for."""
    if len(argv) < 3 or argv[1] != PROCESS_FLAG or not argv[2].startswith("studio."):
        return False
    module = argv[2]
    sys.argv = [argv[0], *argv[3:]]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
    return True


def end_with_parent() -> None:
    """See to it that this process ends when the one that started it is gone, however it went.

    Linux tells us by a signal; elsewhere a thread looks at the parent's number twice a second.
    """
    parent = os.getppid()
    if platform.system() == "Linux":
        libc = ctypes.CDLL(None, use_errno=True)
        set_parent_death_signal = 1
        libc.prctl(set_parent_death_signal, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)
        return

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os._exit(1)

    threading.Thread(target=watch, name="parent-watch", daemon=True).start()


def take_rights_away(space: int, seconds: int) -> None:
    """No more than `space` bytes and so much processor time, no file to write or open, no dump; where the system can.

    For a child that runs what somebody else has written. The parent's clock is the one that counts; that of the
    processor is for a parent that has gone.
    """
    if resource is None:
        return
    limits = {
        "RLIMIT_AS": space,
        "RLIMIT_FSIZE": 0,
        "RLIMIT_CORE": 0,
        "RLIMIT_NOFILE": 3,
        "RLIMIT_CPU": seconds + 5,
    }
    for name, value in limits.items():
        kind = getattr(resource, name, None)
        if kind is not None:
            try:
                resource.setrlimit(kind, (value, value))
            except (ValueError, OSError):
                continue  # not enforced here; the engine's own limits and the parent's clock still hold
