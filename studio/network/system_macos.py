"""macOS' settings for proxies, from what `scutil --proxy` prints: the dictionary SCDynamicStoreCopyProxies gives.

The command is part of every macOS; its output has been the same for twenty years, and reading it holds no memory of
another library. The keys are those of `SCSchemaDefinitions.h`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from studio.network.system_settings import Found, SystemSettings

COMMAND = ("/usr/sbin/scutil", "--proxy")
_LINE = re.compile(r"\s*(?P<key>[^:]+?) : (?P<value>.*)")
_DEEPEST = 20


def read_scutil(output: str) -> SystemSettings:
    """The settings in our form; whatever makes no sense is left out."""
    told = _block(iter(output.splitlines()[1:]), 0)
    found = Found()
    for scheme, key in (("http", "HTTP"), ("https", "HTTPS"), ("socks", "SOCKS")):
        if _on(told, f"{key}Enable"):
            host, port = _text(told, f"{key}Proxy"), _text(told, f"{key}Port")
            host = f"[{host}]" if host.count(":") > 1 else host
            found.take(scheme, f"{host}:{port}" if host and port else host, f"{key}Proxy")
    listed = told.get("ExceptionsList")
    entries = (
        [value for value in listed.values() if isinstance(value, str)] if isinstance(listed, dict) else []
    )
    if _on(told, "ExcludeSimpleHostnames"):
        entries.append("<local>")
    return SystemSettings(
        "macOS",
        _on(told, "ProxyAutoDiscoveryEnable"),
        _text(told, "ProxyAutoConfigURLString") if _on(told, "ProxyAutoConfigEnable") else "",
        found.proxies,
        ", ".join(entries),
        tuple(found.unread),
    )


def _block(lines: Iterator[str], depth: int) -> dict[str, Any]:
    """The entries up to the closing brace; those of a list are under their numbers."""
    told: dict[str, Any] = {}
    for line in lines:
        if line.strip() == "}":
            break
        entry = _LINE.fullmatch(line)
        if entry is None:
            continue
        value = entry["value"]
        if re.fullmatch(r"<(dictionary|array)> \{", value) and depth < _DEEPEST:
            told[entry["key"]] = _block(lines, depth + 1)
        else:
            told[entry["key"]] = value.strip()
    return told


def _text(told: dict[str, Any], key: str) -> str:
    value = told.get(key)
    return value if isinstance(value, str) else ""


def _on(told: dict[str, Any], key: str) -> bool:
    return _text(told, key) == "1"
