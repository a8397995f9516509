"""Proxy scripts in use: fetched once in a while, asked once in a while for each host, one after the other.

Both are done anew when this computer's addresses change, as they do with a VPN, and what failed is tried again soon.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

from studio.base import atomic
from studio.base.errors import BadInput
from studio.base.paths import cache_folder
from studio.base.records import dataclass
from studio.network.pac import Answer, ScriptFailed, ask, own_addresses
from studio.network.pac_source import Script, fetch, shown
from studio.network.settings import NetworkPreferences
from studio.network.system import find_script

_SCRIPT_HOLDS = 600.0
_ANSWER_HOLDS = 300.0
_FAILURE_HOLDS = 30.0
_MOST = 1000
_SEARCH = "wpad.json"
_LARGEST = 64 * 1024
_Kept = tuple[float, Any]
_kept: dict[tuple[object, ...], _Kept] = {}
# A start asks for many hosts at once: one process at a time is enough.
_turns: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock] = WeakKeyDictionary()


@dataclass(frozen=True)
class Scripted:
    """A script's answer for a host, the address it was read from, and the seconds it took to be had."""

    answer: Answer
    source: str
    seconds: float = 0.0

    @property
    def origin(self) -> str:
        """Where the script is from, in short: a host where it is from the web."""
        parts = urlsplit(self.source) if "://" in self.source else None
        if parts is not None and parts.scheme in ("http", "https"):
            return parts.netloc.rpartition("@")[2]
        return shown(self.source)


async def scripted(
    source: str,
    scheme: str,
    host: str,
    port: int,
    preferences: NetworkPreferences,
    *,
    explain: bool = False,
) -> Scripted | None:
    """What the script at `source` says of a host; with an empty one it is looked for, and None is that there is none.

    With `explain` everything is asked anew, and which line decided is known. Raises ScriptFailed.
    """
    loop = asyncio.get_running_loop()
    async with _turns.setdefault(loop, asyncio.Lock()):
        here = tuple(own_addresses())
        start = time.monotonic()
        if not source:
            source = await _once(("wpad", here), _SCRIPT_HOLDS, lambda: _found(here, explain), explain)
            if not source:
                return None
        # A file is read each time: whoever writes a script tries it.
        holds = _SCRIPT_HOLDS if source.startswith(("http:", "https:")) else 0.0
        script: Script = await _once(
            ("script", source, here), holds, lambda: fetch(source, preferences), explain
        )
        seconds = time.monotonic() - start
        answer: Answer = await _once(
            ("answer", script.text, scheme, host, port, here),
            _ANSWER_HOLDS,
            lambda: ask(script.text, scheme, host, port, explain=explain),
            explain,
        )
        return Scripted(answer, source, seconds)


async def _found(here: tuple[str, ...], fresh: bool) -> str:
    """The address of the network's script; what another of our processes found here a while ago, unless `fresh`.

    Looking takes seconds where there is none, and every Windows computer looks unless it is told not to.
    """
    file = cache_folder() / _SEARCH
    with contextlib.suppress(OSError, ValueError, TypeError, KeyError, AttributeError):
        kept = json.loads(file.read_bytes()[:_LARGEST])
        if not fresh and kept["here"] == list(here) and 0 <= time.time() - float(kept["at"]) < _SCRIPT_HOLDS:
            return str(kept["script"])
    found = await find_script()
    with contextlib.suppress(BadInput):
        kept = {"here": here, "at": time.time(), "script": found}
        atomic.write_text(file, json.dumps(kept))
    return found


async def _once(
    key: tuple[object, ...], holds: float, work: Callable[[], Awaitable[Any]], fresh: bool
) -> Any:
    """What `work` gave, or raised, not long ago."""
    until, found = _kept.get(key, (0.0, None))
    if fresh or time.monotonic() >= until:
        while len(_kept) >= _MOST:
            _kept.pop(next(iter(_kept)))
        try:
            found = await work()
        except ScriptFailed as error:
            found, holds = error, _FAILURE_HOLDS
        _kept[key] = (time.monotonic() + holds, found)
    if isinstance(found, ScriptFailed):
        raise _again(found)
    return found


def _again(error: ScriptFailed) -> ScriptFailed:
    """The same error as one of its own: an exception that is raised twice grows with each time."""
    return ScriptFailed(error.message, file=error.file, line=error.line, next_step=error.next_step)


def forget() -> None:
    """Ask everything anew: the settings have changed."""
    _kept.clear()
