"""What the window asks about the way out of the building: what is set, whom we trust, and an examination of one address."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec

from studio.agent.talks_to import talks_to
from studio.base.errors import BadInput, WeftError
from studio.base.i18n import _
from studio.base.line_worker import Message
from studio.base.secrets import SecretStore, must_keep, open_store
from studio.base.stopping import unless_stopped
from studio.network import settings
from studio.network.doctor import examine, examine_all
from studio.network.hops import read_hop
from studio.network.routes import route_for
from studio.network.settings import (
    NetworkPreferences,
    secret_of_certificate,
    secret_of_proxy,
    secrets_of_proxy,
)
from studio.network.trust import tls_context

Tell = Callable[..., None]
# Any address outside: asked only which way it would go.
_OUTSIDE = ("https", "www.example.com", 443)


class NetworkDesk:
    """Answers one question after the other; nothing secret is in an answer."""

    def __init__(self, _stack: contextlib.AsyncExitStack) -> None:
        self._store: SecretStore | None = None
        self.answers = {
            "preferences": self.preferences,
            "keep": self.keep,
            "sign_in": self.sign_in,
            "forget_user": self.forget_user,
            "system": self.system,
            "certificates": self.certificates,
            "trust": self.trust,
            "examine": self.examine,
            "project": self.project,
        }

    async def preferences(self, *_asked: Any) -> Any:
        """The network preferences as plain data, and what is wrong with their file."""
        found, problem = settings.load()
        return {"preferences": plain(found), "problem": problem.said() if problem is not None else None}

    async def keep(self, message: Message, *_more: Any) -> Any:
        """Save the preferences; `passphrases` open the keys of client certificates, by host pattern."""
        preferences = read_preferences(message["preferences"])
        for file in preferences.extra_ca:
            tls_context([Path(file).expanduser()])
        passphrases = dict(message.get("passphrases") or {})
        for pattern, certificate in preferences.client_certificates.items():
            tls_context(
                (), certificate, passphrases.get(pattern) or self._kept(secret_of_certificate(pattern))
            )
        before, _problem = settings.load()
        settings.save(replace(preferences, extra=before.extra))
        for pattern, passphrase in passphrases.items():
            self._secrets().put(secret_of_certificate(pattern), passphrase)
        for proxy in before.users.keys() - preferences.users.keys():
            self._forget(proxy)
        return None

    async def sign_in(self, message: Message, *_more: Any) -> Any:
        """Keep who signs in with a proxy: a user with a password, or (no user) whoever is logged in to this computer.

        Every client reads it anew, so that it counts from the next connection on.
        """
        proxy = read_hop(str(message["proxy"])).address
        user, password = str(message.get("user") or ""), str(message.get("password") or "")
        found, problem = settings.load()
        if problem is not None:
            raise problem
        if user and password:
            await asyncio.to_thread(must_keep)
            self._secrets().put(secret_of_proxy(proxy), password)
        elif user and self._kept(secret_of_proxy(proxy)) is None:
            raise BadInput(_("The user {user} has no password here.").format(user=user))
        settings.save(replace(found, users={**found.users, proxy: user}))
        return {"proxy": proxy}

    async def forget_user(self, message: Message, *_more: Any) -> Any:
        """Forget who signs in with a proxy, and the password."""
        proxy = str(message["proxy"])
        found, _problem = settings.load()
        settings.save(replace(found, users={k: v for k, v in found.users.items() if k != proxy}))
        self._forget(proxy)
        return None

    def _forget(self, proxy: str) -> None:
        for name in secrets_of_proxy(proxy):
            self._secrets().remove(name)

    async def system(self, message: Message, _tell: Tell, stop: asyncio.Event, *_more: Any) -> Any:
        """Which way leads out by the preferences given, or by those kept: its rule in words, and its proxies."""
        told = message.get("preferences")
        chosen = read_preferences(told) if told is not None else None
        found = await unless_stopped(route_for(*_OUTSIDE, chosen), stop, _("Stopped."))
        problem = getattr(found, "problem", "")
        return {"rule": found.rule, "hops": [str(hop) for hop in found.hops], "problem": problem}

    async def trust(self, message: Message, *_more: Any) -> Any:
        """Trust the certificates of a file beside the system's; raises BadInput where it holds none."""
        file = str(Path(str(message["file"])).absolute())
        tls_context([Path(file)])
        found, problem = settings.load()
        if problem is not None:
            raise problem
        if file not in found.extra_ca:
            settings.save(replace(found, extra_ca=(*found.extra_ca, file)))
        return None

    async def certificates(self, message: Message, *_more: Any) -> Any:
        """Of files of certificates: who they are, until when, or what is wrong with each."""
        return [await asyncio.to_thread(_certificate, str(file)) for file in message["files"]]

    async def examine(self, message: Message, _tell: Tell, stop: asyncio.Event, *_more: Any) -> Any:
        """An examination of the way to an address (see studio.network.examination), as plain data."""
        told = message.get("preferences")
        chosen = read_preferences(told) if told is not None else None
        found = await unless_stopped(examine(str(message["url"]), chosen), stop, _("Stopped."))
        return msgspec.to_builtins(found)

    async def project(self, message: Message, tell: Tell, stop: asyncio.Event, *_more: Any) -> Any:
        """Examine every address a project talks to: all are told first, then each as soon as it is known."""
        talks = await asyncio.to_thread(talks_to, Path(str(message["folder"])))
        addresses = [talk.address for talk in talks]
        tell("addresses", addresses=addresses)

        async def look() -> None:
            waiting = iter(addresses)
            async for found in examine_all(addresses):
                tell("address", address=next(waiting), examination=msgspec.to_builtins(found))

        await unless_stopped(look(), stop, _("Stopped."))
        return {"addresses": len(addresses)}

    def _secrets(self) -> SecretStore:
        if self._store is None:
            self._store = open_store()
        return self._store

    def _kept(self, name: str) -> str | None:
        try:
            return self._secrets().get(name)
        except WeftError:
            return None


def plain(preferences: NetworkPreferences) -> dict[str, Any]:
    """Preferences as JSON data."""
    found: dict[str, Any] = msgspec.to_builtins(preferences)
    return found


def read_preferences(data: Mapping[str, Any]) -> NetworkPreferences:
    """The preferences of `plain`."""
    return msgspec.convert(data, NetworkPreferences)


def _certificate(file: str) -> dict[str, str]:
    """Whose certificate a file holds first, who issued it, until when (ISO date); `problem` where it cannot be used."""
    try:
        tls_context([Path(file).expanduser()])
        x509 = importlib.import_module("cryptography.x509")
        data = Path(file).expanduser().read_bytes()
        found = (
            x509.load_pem_x509_certificate(data)
            if b"-----BEGIN CERTIFICATE-----" in data
            else x509.load_der_x509_certificate(data)
        )
    except (WeftError, OSError, ValueError) as error:
        return {"file": file, "problem": error.message if isinstance(error, WeftError) else str(error)}
    return {
        "file": file,
        "name": _common_name(found.subject, x509),
        "issuer": _common_name(found.issuer, x509),
        "until": found.not_valid_after_utc.date().isoformat(),
    }


def _common_name(name: Any, x509: Any) -> str:
    for oid in (
        x509.NameOID.COMMON_NAME,
        x509.NameOID.ORGANIZATIONAL_UNIT_NAME,
        x509.NameOID.ORGANIZATION_NAME,
    ):
        found = name.get_attributes_for_oid(oid)
        if found:
            return str(found[0].value)
    return str(name.rfc4514_string())
