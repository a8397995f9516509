"""Windows' settings for proxies: asked of WinHTTP, or read where it keeps them, and its own search for a script.

The structure and the meaning of its members: "WINHTTP_CURRENT_USER_IE_PROXY_CONFIG" and "WinHttpDetectAutoProxyConfigUrl"
in Microsoft's reference of WinHTTP; the values of the registry have the names the control panel writes.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping

from studio.base.records import dataclass
from studio.network.system_settings import Found, SystemSettings

KEY = r"Software\Microsoft\Windows\CurrentVersion\Internet Settings"
_SCHEMES = ("http", "https", "socks")
_DHCP_AND_DNS = 0x1 | 0x2


@dataclass(frozen=True)
class Config:
    """What WinHTTP answers for the user logged in; a text that is not set is empty."""

    detect: bool = False
    script: str = ""
    proxy: str = ""
    bypass: str = ""


def read_config(config: Config) -> SystemSettings:
    """The settings in our form.

    `proxy` is one address for all or a list such as `http=a:8080;https=b:8080;socks=c:1080`, with `;` or blanks between.
    """
    found = Found()
    for entry in re.split(r"[;\s]+", config.proxy.replace("\0", " ").strip()):
        scheme, equals, address = entry.partition("=")
        if not equals:
            for each in ("http", "https"):
                found.take(each, entry, "ProxyServer")
        elif scheme.lower() in _SCHEMES:
            found.take(scheme.lower(), address, "ProxyServer")
    script = config.script.replace("\0", "").strip()
    return SystemSettings(
        "Windows", config.detect, script, found.proxies, config.bypass, tuple(dict.fromkeys(found.unread))
    )


def read_registry(values: Mapping[str, object]) -> Config:
    """The same from the values below KEY, where WinHTTP does not answer; of a kind that does not belong there: not set.

    Whether to look for a script is a bit in `DefaultConnectionSettings` (the ninth byte), with those for the others.
    """

    def text(name: str) -> str:
        value = values.get(name)
        return value if isinstance(value, str) else ""

    blob = values.get("DefaultConnectionSettings")
    flags = blob[8] if isinstance(blob, bytes) and len(blob) > 8 else 0
    enabled = values.get("ProxyEnable")
    used = isinstance(enabled, int) and enabled != 0
    return Config(
        bool(flags & 0x08),
        text("AutoConfigURL"),
        text("ProxyServer") if used else "",
        text("ProxyOverride") if used else "",
    )


def windows_settings() -> SystemSettings:
    """The settings of the user logged in; nothing is set on another system."""
    config = _ask_winhttp()
    return read_config(read_registry(_values()) if config is None else config)


if sys.platform == "win32":
    import ctypes
    import winreg
    from ctypes import wintypes

    class _IeConfig(ctypes.Structure):
        _fields_ = (
            ("fAutoDetect", wintypes.BOOL),
            ("lpszAutoConfigUrl", ctypes.c_void_p),
            ("lpszProxy", ctypes.c_void_p),
            ("lpszProxyBypass", ctypes.c_void_p),
        )

    def _taken(address: int | None) -> str:
        """The text at an address, which is given back to the system."""
        if not address:
            return ""
        text = ctypes.wstring_at(address)
        free = ctypes.windll.kernel32.GlobalFree
        free.argtypes = [ctypes.c_void_p]
        free.restype = ctypes.c_void_p
        free(address)
        return text

    def _ask_winhttp() -> Config | None:
        answer = _IeConfig()
        try:
            if not ctypes.windll.winhttp.WinHttpGetIEProxyConfigForCurrentUser(ctypes.byref(answer)):
                return None
        except OSError:
            return None
        return Config(
            bool(answer.fAutoDetect),
            _taken(answer.lpszAutoConfigUrl),
            _taken(answer.lpszProxy),
            _taken(answer.lpszProxyBypass),
        )

    def _values() -> dict[str, object]:
        found: dict[str, object] = {}
        for key in (KEY, rf"{KEY}\Connections"):
            try:
                with winreg.OpenKey(winreg.HKEY_CURRENT_USER, key) as opened:
                    for number in range(winreg.QueryInfoKey(opened)[1]):
                        name, value, _kind = winreg.EnumValue(opened, number)
                        found[name] = value
            except OSError:
                continue
        return found

    def detected_script() -> str:
        """The address of a script that the network offers (DHCP, then DNS); takes seconds where it offers none."""
        address = ctypes.c_void_p()
        try:
            found = ctypes.windll.winhttp.WinHttpDetectAutoProxyConfigUrl(
                _DHCP_AND_DNS, ctypes.byref(address)
            )
        except OSError:
            return ""
        return _taken(address.value) if found else ""

else:

    def _ask_winhttp() -> Config | None:
        return None

    def _values() -> dict[str, object]:
        return {}

    def detected_script() -> str:
        """Only Windows looks for itself."""
        return ""
