"""Asks a proxy script which way a host is reached: in a process of its own that is killed when it takes too long."""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import ipaddress
import json
import re
import socket
import subprocess
from collections.abc import Sequence
from typing import Any

from studio.base.child import python_command
from studio.base.errors import BadInput, NotHere
from studio.base.i18n import _
from studio.base.records import dataclass
from studio.network.hops import DIRECT, Hop, read_hop
from studio.network.pac_lines import in_words

SECONDS = 2.0
"""How long a script may think, names it looks up included."""
MEMORY = 64 << 20
"""Bytes the engine may use for a script's values."""
_SPACE = 1 << 30
_STACK = 512 << 10
_START = 30.0
_LOOK_UP = 1.0
_LONGEST_ANSWER = 64 * 1024
_MOST_HOPS = 32
_WORDS = {"PROXY": "http", "HTTP": "http", "HTTPS": "https", "SOCKS": "socks5", "SOCKS5": "socks5"}


class ScriptFailed(BadInput):
    """A proxy script cannot be had, cannot run, takes too long, or says what no browser understands."""


@dataclass(frozen=True)
class Answer:
    """What a script says of a host: the chain of ways, its own words, the seconds it thought, and the line that decided."""

    hops: tuple[Hop, ...]
    text: str
    seconds: float = 0.0
    line: int = 0
    words: str = ""


async def ask(
    script: str, scheme: str, host: str, port: int, *, explain: bool = False, seconds: float = SECONDS
) -> Answer:
    """The script's answer for a host; only scheme, host and port are shown to it, never a path.

    Raises ScriptFailed, and NotHere where no engine exists for this computer.
    """
    if importlib.util.find_spec("_quickjs") is None:
        raise NotHere(
            _("Proxy scripts cannot run on this computer: there is no JavaScript engine for it."),
            next_step=_("Name the proxy itself: weft proxy set ADDRESS"),
        )
    usual = {"https": 443, "http": 80}.get(scheme)
    name = f"[{host}]" if ":" in host else host
    asked = {
        "script": script.encode("utf-8", "replace").decode("utf-8").replace("\0", "\ufffd"),
        "url": f"{scheme}://{name}/" if port == usual else f"{scheme}://{name}:{port}/",
        "host": host,
        "mine": own_addresses(),
        "explain": explain,
        "memory": MEMORY,
        "space": _SPACE,
        "stack": _STACK,
        "seconds": int(seconds) + 1,
    }
    told = await _in_child(asked, seconds)
    if told["do"] == "memory":
        raise ScriptFailed(
            _("The proxy script needs more than {n} MB of memory.").format(n=MEMORY >> 20), next_step=_mend()
        )
    if told["do"] == "failed":
        raise ScriptFailed(
            _("The proxy script failed: {reason}.").format(reason=str(told["message"]).rstrip(".")),
            line=told["line"] or None,
            next_step=_mend(),
        )
    text, line = told["text"], told["line"]
    words = in_words(script, line, host) if line else ""
    return Answer(read_chain(text), text or "", told["seconds"], line, words)


def read_chain(text: str | None) -> tuple[Hop, ...]:
    """`PROXY a:8080; HTTPS b; SOCKS5 c; SOCKS d; DIRECT` → the ways in order; nothing at all is direct, as in browsers.

    Entries of kinds nobody here speaks (SOCKS4, QUIC) are left out. Raises ScriptFailed where nothing is left.
    """
    entries = [entry.strip() for entry in (text or "").split(";")]
    entries = [entry for entry in entries if entry]
    if not entries:
        return (DIRECT,)
    hops: list[Hop] = []
    for entry in entries[:_MOST_HOPS]:
        with contextlib.suppress(BadInput):
            hops.append(_hop(entry))
    if not hops:
        said = re.sub(r"[^\x20-\x7e]", "?", (text or "")[:80])
        raise ScriptFailed(
            _("The proxy script says {said}, which names no proxy and no direct way.").format(
                said=repr(said)
            ),
            next_step=_mend(),
        )
    return tuple(dict.fromkeys(hops))


def _hop(entry: str) -> Hop:
    word, _blank, address = entry.partition(" ")
    if word.upper() == "DIRECT" and not address.strip():
        return DIRECT
    kind = _WORDS.get(word.upper())
    if kind is None:
        raise BadInput(word)
    # Some scripts write whole addresses where host and port belong.
    return read_hop(f"{kind}://{address.strip().rpartition('://')[2]}", credentials=True)


def own_addresses() -> list[str]:
    """This computer's addresses towards everywhere else, IPv4 first; nothing is sent to learn them."""
    found = []
    for family, beyond in ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1")):
        with contextlib.suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((beyond, 9))
            found.append(str(probe.getsockname()[0]).partition("%")[0])
    return found


async def _in_child(asked: dict[str, Any], seconds: float) -> dict[str, Any]:
    process = await asyncio.create_subprocess_exec(
        *python_command("studio.network.pac_child"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        limit=_LONGEST_ANSWER,
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
    )
    try:
        async with asyncio.timeout(_START):
            await _say(process, asked)
            told = await _hear(process)
        if told["do"] != "ready":
            return {"do": "failed", "message": _("its process did not start"), "line": 0}
        async with asyncio.timeout(seconds):
            while (told := await _hear(process))["do"] == "resolve":
                await _say(process, await _look_up(str(told["name"])))
            await _gone(process)  # it ends by itself
            return told
    except TimeoutError:
        raise ScriptFailed(
            _("The proxy script gave no answer within {n} seconds and was ended.").format(n=f"{seconds:g}"),
            next_step=_mend(),
        ) from None
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
        await _gone(process)


async def _gone(process: asyncio.subprocess.Process) -> None:
    """Wait for its end; what it still had to say is read first, as a pipe that is full would keep it from being noticed."""
    assert process.stdout is not None
    assert process.stdin is not None
    process.stdin.close()
    while await process.stdout.read(_LONGEST_ANSWER):
        pass
    await process.wait()
    with contextlib.suppress(OSError):
        await process.stdin.wait_closed()


async def _say(process: asyncio.subprocess.Process, what: object) -> None:
    assert process.stdin is not None
    with contextlib.suppress(OSError):  # one that has gone is noticed when nothing is heard
        process.stdin.write(json.dumps(what).encode("ascii") + b"\n")
        await process.stdin.drain()


async def _hear(process: asyncio.subprocess.Process) -> dict[str, Any]:
    assert process.stdout is not None
    try:
        line = await process.stdout.readline()
    except ValueError:
        return {"do": "failed", "message": _("its answer is too long"), "line": 0}
    if not line:
        # Held to its memory by the system instead of by the engine.
        return {"do": "memory"}
    told: dict[str, Any] = json.loads(line)
    return told


async def _look_up(name: str) -> Sequence[str]:
    """The addresses of a name, IPv4 first; none where it is unknown or nobody answers in time."""
    try:
        async with asyncio.timeout(_LOOK_UP):
            found = await asyncio.get_running_loop().getaddrinfo(name, None, type=socket.SOCK_STREAM)
    except (OSError, TimeoutError, UnicodeError, ValueError):
        return []
    addresses = dict.fromkeys(str(one[4][0]).partition("%")[0] for one in found)
    return sorted(addresses, key=lambda one: ipaddress.ip_address(one).version)


def _mend() -> str:
    return _("Tell whoever keeps the script, or name the proxy itself: weft proxy set ADDRESS")
