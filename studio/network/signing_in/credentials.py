"""Who we are for a proxy: a user of the preferences with the key store's password, or of the environment's address."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import field
from typing import Protocol
from urllib.parse import unquote, urlsplit

from studio.base.errors import WeftError
from studio.base.paths import data_folder
from studio.base.records import dataclass
from studio.base.secrets import PASSPHRASE_FILE, SecretStore, open_store
from studio.network.hops import read_hop
from studio.network.proxies import ProxyRules
from studio.network.settings import NetworkPreferences, current, secret_of_proxy


@dataclass(frozen=True)
class Login:
    """A user (`name`, `DOMAIN\\name` or `name@domain`) and a password, which is never shown."""

    user: str
    password: str = field(repr=False)


@dataclass(frozen=True)
class LoggedIn:
    """Whoever is logged in to this computer: their ticket, or what Windows knows of them."""


class Credentials(Protocol):
    """Where users and passwords of proxies come from."""

    def for_proxy(self, address: str) -> Login | LoggedIn | None:
        """Who we are for the proxy at `host:port`; None where nobody has said. May wait for a key store."""


class StoredCredentials:
    """The users of the preferences (those given, or as they are at the time), then those in the environment's addresses."""

    def __init__(self, preferences: NetworkPreferences | None = None) -> None:
        self._preferences = preferences

    def for_proxy(self, address: str) -> Login | LoggedIn | None:
        """Read anew each time, so that a password entered now counts now."""
        user = (self._preferences or current()).users.get(address)
        if user == "":
            return LoggedIn()
        if user is not None:
            password = password_store().get(secret_of_proxy(address))
            return None if password is None else Login(user, password)
        rules = ProxyRules.from_environment()
        return AddressCredentials((rules.https, rules.http)).for_proxy(address)


class AddressCredentials:
    """User and password as they stand in addresses of proxies, percent-encoded: `http://user:p%40ss@host:port`."""

    def __init__(self, addresses: Iterable[str | None]) -> None:
        self._addresses = tuple(address for address in addresses if address)

    def __repr__(self) -> str:
        return "AddressCredentials(…)"

    def for_proxy(self, address: str) -> Login | LoggedIn | None:
        """The user and password of the address that leads to this proxy."""
        for given in self._addresses:
            try:
                if read_hop(given, credentials=True).address != address:
                    continue
            except WeftError:
                continue  # whoever chooses a way says what is wrong with it
            parts = urlsplit(given if "://" in given else f"http://{given}")
            if parts.username:
                return Login(unquote(parts.username), unquote(parts.password or ""))
        return None


_opened: tuple[tuple[str, str], SecretStore] | None = None


def password_store() -> SecretStore:
    """One store for all: it remembers the key that its passphrase takes half a second to become."""
    global _opened
    place = (str(data_folder()), os.environ.get(PASSPHRASE_FILE, ""))
    if _opened is None or _opened[0] != place:
        _opened = (place, open_store())
    return _opened[1]
