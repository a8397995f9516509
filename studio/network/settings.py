"""How this user wants to reach other systems: one frozen dataclass in a small file that all our processes read.

No password is in it: those of proxies are in the key store as `network/<host:port>`, the passphrases of client
certificates' keys as `network/certificate/<host pattern>`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from enum import StrEnum
from pathlib import Path
from typing import Any

from studio.base import atomic
from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.base.paths import config_folder
from studio.base.records import dataclass
from studio.base.system_errors import reason_of
from studio.network.hops import read_hop

FILE = "network.json"
SCHEMES = ("negotiate", "ntlm", "digest", "basic")
_LARGEST = 1024 * 1024

# The n-th function turns preferences of version n into version n + 1.
MIGRATIONS: Sequence[Callable[[dict[str, Any]], dict[str, Any]]] = ()


class Way(StrEnum):
    """Who says which proxy: nobody, the computer, this file, or a script (found by WPAD where none is named)."""

    NONE = "none"
    SYSTEM = "system"
    EXPLICIT = "explicit"
    SCRIPT = "script"


@dataclass(frozen=True)
class ClientCertificate:
    """PEM files: the certificate with those between it and its root, and its key where that is a file of its own."""

    file: str
    key: str = ""


@dataclass(frozen=True)
class NetworkPreferences:
    """What a user has chosen for the way out of the building.

    `proxy` is the address of way EXPLICIT, never with credentials; `bypass` the hosts reached without it (one list
    syntax, see `proxies.bypassed`); `script` the address or file of way SCRIPT, empty to look for it (WPAD); `schemes`
    the sign-ins a proxy may ask for, best first; `users` the user by `host:port` of a proxy, empty for whoever is
    logged in to this computer; `extra_ca` files of certificates trusted beside the system's; `client_certificates` by
    host pattern (`*.corp.test`); `extra` keys of newer versions, kept.
    """

    way: Way = Way.SYSTEM
    proxy: str = ""
    bypass: str = ""
    script: str = ""
    schemes: tuple[str, ...] = SCHEMES
    users: Mapping[str, str] = field(default_factory=dict)
    extra_ca: tuple[str, ...] = ()
    client_certificates: Mapping[str, ClientCertificate] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)


def preferences_file() -> Path:
    """Where the preferences are."""
    return config_folder() / FILE


def load(file: Path | None = None) -> tuple[NetworkPreferences, BadInput | None]:
    """The preferences, and what was wrong with their file: nothing ends over it, defaults stand in for what is wrong."""
    file = file or preferences_file()
    try:
        data = _read(file)
    except FileNotFoundError:
        return NetworkPreferences(), None
    except (OSError, ValueError, RecursionError) as error:
        reason = reason_of(error) if isinstance(error, OSError) else error
        problem = BadInput(
            _("The network preferences could not be read, so the computer's own are used: {reason}").format(
                reason=reason
            ),
            file=file,
            next_step=_("Save the preferences to write the file anew; the old one is kept beside it."),
        )
        return NetworkPreferences(), problem
    for migration in MIGRATIONS[max(0, _version(data) - 1) :]:
        data = migration(data)
    return _preferences(data, file)


def save(preferences: NetworkPreferences, file: Path | None = None) -> None:
    """Write the preferences; raises BadInput for a proxy that is no proxy's address, or where nothing can be written."""
    file = file or preferences_file()
    _check(preferences)
    version = len(MIGRATIONS) + 1
    if file.exists():
        try:
            version = max(version, _version(_read(file)))
        except (OSError, ValueError, RecursionError):
            _keep_aside(file)
    data = {"weft": f"network/{version}", **_plain(preferences)}
    atomic.write_text(file, json.dumps(data, indent=2) + "\n")


_Stamp = tuple[str, int, int, int]
_last: tuple[_Stamp, NetworkPreferences] | None = None


def current() -> NetworkPreferences:
    """The preferences as they are now: the file is looked at each time and read again when it is another one."""
    global _last
    file = preferences_file()
    stamp = _stamp(file)
    if _last is None or _last[0] != stamp:
        _last = (stamp, load(file)[0])
    return _last[1]


def saved_when() -> str:
    """What changes whenever the preferences are saved, also when they are saved as they were."""
    return ":".join(map(str, _stamp(preferences_file())))


def secret_of_proxy(address: str) -> str:
    """The name in the store of secrets of a proxy's password; `address` is its `host:port`."""
    return f"network/{address.lower()}"


def secrets_of_proxy(address: str) -> tuple[str, str]:
    """All the names under which something about a proxy is kept: the password, and that it was refused."""
    return secret_of_proxy(address), f"{secret_of_proxy(address)}/refused"


def secret_of_certificate(pattern: str) -> str:
    """The name in the store of secrets of the passphrase that opens a client certificate's key."""
    return f"network/certificate/{pattern.lower()}"


def _stamp(file: Path) -> _Stamp:
    try:
        found = file.stat()
    except OSError:
        return (str(file), 0, 0, 0)
    return (str(file), found.st_mtime_ns, found.st_size, found.st_ino)


def _check(preferences: NetworkPreferences) -> None:
    if preferences.proxy:
        read_hop(preferences.proxy)
    elif preferences.way is Way.EXPLICIT:
        raise BadInput(
            _("No proxy is named."), next_step=_("Give its address, or choose the computer's own settings.")
        )
    unknown = [scheme for scheme in preferences.schemes if scheme not in SCHEMES]
    if unknown:
        raise BadInput(
            _("There is no sign-in {scheme} with proxies.").format(scheme=unknown[0]),
            next_step=_("Choose among: {names}.").format(names=", ".join(SCHEMES)),
        )


def _read(file: Path) -> dict[str, Any]:
    with file.open("rb") as stream:
        raw = stream.read(_LARGEST + 1)
    if len(raw) > _LARGEST:
        raise ValueError(_("the file is too large"))
    data = json.loads(raw)
    if not isinstance(data, dict):
        raise ValueError(_("the file holds no preferences"))
    return data


def _version(data: Mapping[str, Any]) -> int:
    number = str(data.get("weft", "")).rpartition("/")[2]
    return int(number) if number.isascii() and number.isdigit() and len(number) < 7 else 1


def _preferences(data: Mapping[str, Any], file: Path) -> tuple[NetworkPreferences, BadInput | None]:
    """Each key by its own reader; a value it does not take is left at its default and named."""
    values: dict[str, Any] = {}
    wrong: list[str] = []
    for name in _READERS.keys() & data.keys():
        try:
            values[name] = _READERS[name](data[name])
        except (ValueError, TypeError, KeyError, AttributeError, BadInput):
            wrong.append(name)
    if values.get("way") is Way.EXPLICIT and not values.get("proxy"):
        del values["way"]
        wrong = [*dict.fromkeys([*wrong, "proxy"])]
    extra = {key: value for key, value in data.items() if key not in _READERS and key != "weft"}
    problem = None
    if wrong:
        problem = BadInput(
            _("These network preferences make no sense and are left at their defaults: {names}.").format(
                names=", ".join(sorted(wrong))
            ),
            file=file,
            next_step=_("Enter them again in the preferences, or with weft proxy set."),
        )
    return NetworkPreferences(**values, extra=extra), problem


def _text(value: Any) -> str:
    if not isinstance(value, str) or "\0" in value:
        raise ValueError
    value.encode("utf-8")  # half a character is a ValueError, too
    return value


def _proxy(value: Any) -> str:
    if _text(value):
        read_hop(value)
    return str(value)


def _texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise ValueError
    return tuple(_text(item) for item in value)


def _schemes(value: Any) -> tuple[str, ...]:
    # One of a newer version is no mistake, and none of ours is allowed in its place.
    return tuple(name for name in dict.fromkeys(_texts(value)) if name in SCHEMES)


def _users(value: Any) -> dict[str, str]:
    return {_text(proxy): _text(user) for proxy, user in value.items()}


def _certificates(value: Any) -> dict[str, ClientCertificate]:
    return {
        _text(pattern): ClientCertificate(_text(files["file"]), _text(files.get("key", "")))
        for pattern, files in value.items()
    }


_READERS: Mapping[str, Callable[[Any], Any]] = {
    "way": Way,
    "proxy": _proxy,
    "bypass": _text,
    "script": _text,
    "schemes": _schemes,
    "users": _users,
    "extra_ca": _texts,
    "client_certificates": _certificates,
}


def _plain(preferences: NetworkPreferences) -> dict[str, Any]:
    own: dict[str, Any] = {name: getattr(preferences, name) for name in _READERS}
    own["client_certificates"] = {
        pattern: {"file": files.file, "key": files.key}
        for pattern, files in preferences.client_certificates.items()
    }
    return {**own, **preferences.extra}


def _keep_aside(file: Path) -> None:
    try:
        file.replace(file.with_name(file.name + ".unreadable"))
    except OSError as error:
        raise atomic.cannot_write(file, error) from error
