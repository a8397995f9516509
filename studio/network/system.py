"""What this computer's own settings say about proxies, read anew after a few seconds; empty where it keeps none."""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import sys
import time

from studio.network import wpad
from studio.network.system_linux import GSETTINGS, kde_file, read_gnome, read_kde_file, uses_gnome, uses_kde
from studio.network.system_macos import COMMAND, read_scutil
from studio.network.system_settings import SystemSettings
from studio.network.system_windows import detected_script, windows_settings

_FRESH = 15.0
_SECONDS = 5.0
_DETECT_SECONDS = 12.0
_last: tuple[float, SystemSettings] | None = None


async def system_settings(*, fresh: bool = False) -> SystemSettings:
    """The settings of this user on this computer; `fresh` asks even where they were read a moment ago."""
    global _last
    if fresh or _last is None or time.monotonic() - _last[0] > _FRESH:
        _last = (time.monotonic(), await _read())
    return _last[1]


async def find_script() -> str:
    """The address of the script the network offers, empty where it offers none."""
    if sys.platform == "win32":
        try:
            async with asyncio.timeout(_DETECT_SECONDS):
                return await asyncio.get_running_loop().run_in_executor(None, detected_script)
        except TimeoutError:
            return ""
    return await wpad.find()


async def _read() -> SystemSettings:
    if sys.platform == "win32":
        return windows_settings()
    if sys.platform == "darwin":
        return read_scutil(await _printed(*COMMAND))
    if uses_gnome(os.environ):
        return read_gnome(await _printed(*GSETTINGS))
    if uses_kde(os.environ):
        return read_kde_file(kde_file(os.environ))
    return SystemSettings("Linux")


async def _printed(*command: str) -> str:
    """What a program of the system prints; nothing where it is not there or does not end in time."""
    try:
        process = await asyncio.create_subprocess_exec(
            *command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
    except OSError:
        return ""
    try:
        async with asyncio.timeout(_SECONDS):
            told, _none = await process.communicate()
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.communicate()
        return ""
    return told.decode("utf-8", "replace")
