"""How much memory the process holds, so that a script cannot take all of it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from studio.base.i18n import _
from studio.base.lazily import Lazily
from studio.script.errors import LimitReached

if TYPE_CHECKING:
    import ctypes
else:
    ctypes = Lazily("ctypes")

resource: ModuleType | None
try:
    import resource
except ImportError:  # Windows
    resource = None

GROWTH = 1 << 31
"""Most bytes the process may grow while scripts run; half of the machine's memory where that is less."""

_start: int | None = None
_limit = GROWTH


def check() -> None:
    """Raise LimitReached when the process has grown too much since this was first asked."""
    global _start, _limit
    held = used()
    if _start is None:
        _start = held
        _limit = min(GROWTH, installed() // 2)
    elif held - _start > _limit:
        raise LimitReached(
            _("The script uses too much memory."),
            next_step=_("Keep fewer or shorter values in variables and arrays."),
        )


def used() -> int:
    """Bytes of memory the process holds now; its most ever on macOS; 0 where the system does not tell."""
    return _USED.get(sys.platform, _unix_used)()


def _linux_used() -> int:
    try:
        return int(Path("/proc/self/statm").read_bytes().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return 0


def _unix_used() -> int:
    return int(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss) if resource is not None else 0


def installed() -> int:
    """Bytes of the machine's memory; 8 GB where the system does not tell."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return 8 << 30


@cache
def _counters() -> type[Any]:
    """PROCESS_MEMORY_COUNTERS of the Windows API."""
    sizes = ("peak", "working", "pp", "p", "npp", "np", "page", "peak_page")
    numbers = (("cb", ctypes.c_uint32), ("faults", ctypes.c_uint32))
    return type(
        "Counters",
        (ctypes.Structure,),
        {"_fields_": (*numbers, *((name, ctypes.c_size_t) for name in sizes))},
    )


def _windows_used() -> int:
    counters = _counters()()
    counters.cb = ctypes.sizeof(counters)
    windll = getattr(ctypes, "windll", None)
    if windll is None:
        return 0
    windll.kernel32.GetCurrentProcess.restype = ctypes.c_void_p
    process = ctypes.c_void_p(windll.kernel32.GetCurrentProcess())
    done = windll.psapi.GetProcessMemoryInfo(process, ctypes.byref(counters), counters.cb)
    return int(counters.working) if done else 0


_USED: dict[str, Callable[[], int]] = {"linux": _linux_used, "win32": _windows_used}
