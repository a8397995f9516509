"""Linux desktops' settings for proxies: GNOME's (and those that keep them there), asked of gsettings, and KDE's file."""

from __future__ import annotations

import configparser
import re
from collections.abc import Mapping
from pathlib import Path

from studio.network.system_settings import Found, SystemSettings

GSETTINGS = ("gsettings", "list-recursively", "org.gnome.system.proxy")
# Desktops that keep their proxy where GNOME does.
_GNOME = frozenset(
    {"gnome", "unity", "x-cinnamon", "cinnamon", "mate", "budgie", "pantheon", "pop", "ubuntu"}
)
_LINE = re.compile(r"org\.gnome\.system\.proxy(?:\.(\w+))? ([\w-]+) (.*)")
_QUOTED = re.compile(r"'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\"")
_LARGEST = 256 * 1024
# The values of ProxyType.
_MANUAL, _SCRIPT, _DETECT = "1", "2", "3"


def uses_gnome(environment: Mapping[str, str]) -> bool:
    """The desktop keeps its settings where GNOME does."""
    return bool(_GNOME & set(environment.get("XDG_CURRENT_DESKTOP", "").lower().split(":")))


def uses_kde(environment: Mapping[str, str]) -> bool:
    """The desktop is KDE's."""
    return "kde" in environment.get("XDG_CURRENT_DESKTOP", "").lower().split(":")


def read_gnome(output: str) -> SystemSettings:
    """What gsettings prints, in our form; names and passwords it holds are not looked at."""
    told: dict[str, str] = {}
    for line in output.splitlines():
        entry = _LINE.fullmatch(line.strip())
        if entry is not None and not entry[2].startswith("authentication"):
            told[f"{entry[1]}.{entry[2]}" if entry[1] else entry[2]] = entry[3]
    mode, script = _text(told, "mode"), _text(told, "autoconfig-url")
    if mode == "auto":
        return SystemSettings("GNOME", detect=not script, script=script)
    if mode != "manual":
        return SystemSettings("GNOME")
    found = Found()
    for scheme in ("http", "https", "socks"):
        host, port = _text(told, f"{scheme}.host"), told.get(f"{scheme}.port", "").rpartition(" ")[2]
        if host and port != "0":
            host = f"[{host}]" if host.count(":") > 1 else host
            found.take(scheme, f"{host}:{port}" if port else host, f"{scheme} host")
    if told.get("use-same-proxy") == "true" and "http" in found.proxies:
        found.proxies.setdefault("https", found.proxies["http"])
    ignored = ", ".join(_strings(told.get("ignore-hosts", "")))
    return SystemSettings("GNOME", proxies=found.proxies, bypass=ignored, unread=tuple(found.unread))


def kde_file(environment: Mapping[str, str]) -> Path:
    """Where KDE keeps them."""
    return Path(environment.get("XDG_CONFIG_HOME") or "~/.config").expanduser() / "kioslaverc"


def read_kde(text: str) -> SystemSettings:
    """The content of KDE's file, in our form; a proxy there is `http://host port`, with a blank or a colon."""
    parser = configparser.ConfigParser(
        interpolation=None, strict=False, delimiters=("=",), comment_prefixes=("#",)
    )
    try:
        parser.read_string(text)
        told = dict(parser["Proxy Settings"])
    except (configparser.Error, KeyError):
        return SystemSettings("KDE")
    kind = told.get("proxytype", "0")
    if kind in (_SCRIPT, _DETECT):
        script = told.get("proxy config script", "") if kind == _SCRIPT else ""
        return SystemSettings("KDE", detect=not script, script=script)
    if kind != _MANUAL or told.get("reversedexception") == "true":
        # With the list turned round it names the only hosts that do go through the proxy: nobody else has that.
        unread = ("ReversedException",) if kind == _MANUAL else ()
        return SystemSettings("KDE", unread=unread)
    found = Found()
    for scheme in ("http", "https", "socks"):
        address = re.sub(r"\s+(\d+)$", r":\1", told.get(f"{scheme}proxy", "").strip())
        found.take(scheme, address, f"{scheme}Proxy")
    return SystemSettings(
        "KDE", proxies=found.proxies, bypass=told.get("noproxyfor", ""), unread=tuple(found.unread)
    )


def read_kde_file(file: Path) -> SystemSettings:
    """The file as it is now; nothing is set where it is not there."""
    try:
        with file.open(encoding="utf-8", errors="replace") as stream:
            return read_kde(stream.read(_LARGEST))
    except OSError:
        return SystemSettings("KDE")


def _text(told: Mapping[str, str], key: str) -> str:
    return next(iter(_strings(told.get(key, ""))), "")


def _strings(value: str) -> list[str]:
    return [re.sub(r"\\(.)", r"\1", one or other) for one, other in _QUOTED.findall(value)]
