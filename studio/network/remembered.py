"""Refusals kept for our other processes: each run is a process of its own, and ten of them would lock a user out.

They are in the key store beside the password they are about, as a digest of what was refused: nothing of it is in a file.
"""

from __future__ import annotations

import hashlib
import json
import time

from studio.base.errors import WeftError
from studio.network.refusals import ProxyRefused
from studio.network.settings import secrets_of_proxy
from studio.network.signing_in import credentials
from studio.network.signing_in.credentials import LoggedIn, Login

# For so long (s) another process does not try either: directories count wrong passwords over half an hour.
FOR = 1800.0


def find(address: str, login: Login | LoggedIn | None, how: str) -> ProxyRefused | None:
    """The refusal of just this user, password and `how` (schemes, preferences), where another process kept one."""
    if not isinstance(login, Login):
        return None
    try:
        kept = json.loads(credentials.password_store().get(_name(address)) or "{}")
        if kept.get("of") != _digest(login, how) or not 0 <= time.time() - float(kept["at"]) < FOR:
            return None
        error = ProxyRefused(str(kept["message"]), next_step=str(kept["next_step"]))
        error.proxy, error.status, error.tried = address, int(kept["status"]), str(kept["tried"])
        error.offered = tuple(map(str, kept["offered"]))
    except (WeftError, ValueError, TypeError, KeyError, AttributeError):
        return None
    return error


def keep(address: str, login: Login | LoggedIn | None, how: str, error: ProxyRefused) -> None:
    """Tell the other processes; nothing happens where there is no key store."""
    if not isinstance(login, Login):
        return
    kept = {
        "of": _digest(login, how),
        "at": time.time(),
        "message": error.message,
        "next_step": error.next_step,
        "status": error.status,
        "offered": error.offered,
        "tried": error.tried,
    }
    try:
        credentials.password_store().put(_name(address), json.dumps(kept))
    except WeftError:
        return


def _name(address: str) -> str:
    return secrets_of_proxy(address)[1]


def _digest(login: Login, how: str) -> str:
    return hashlib.sha256("\0".join([login.user, login.password, how]).encode("utf-8")).hexdigest()
