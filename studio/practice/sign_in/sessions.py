"""Who may call: access tokens, refresh tokens and authorization codes, and the apps they are issued to."""

from __future__ import annotations

import json
import secrets
import string
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from studio.practice.clock import Clock

_LETTERS = string.ascii_letters + string.digits + "._"
SESSION_TIME = timedelta(hours=2)
CODE_TIME = timedelta(minutes=15)
# Apps the practice org starts with: one without a secret (a desktop program) and one with.
PUBLIC_APP = "weft.practice.public"
CONFIDENTIAL_APP = "weft.practice.confidential"


@dataclass
class App:
    """A registered app; `secret` None makes it public; no redirects listed means any loopback address."""

    client_id: str
    name: str
    secret: str | None = None
    redirects: tuple[str, ...] = ()
    public_key: str | None = None

    def allows(self, redirect: str) -> bool:
        """Whether codes may be sent to this address: an exact match, or loopback where none is registered."""
        if self.redirects:
            return redirect in self.redirects
        loopback = ("http://127.0.0.1:", "http://localhost:", "http://[::1]:")
        return redirect.startswith(loopback)


@dataclass
class Grant:
    """One token or code: what it is for, whose, and until when; `more` holds what its kind needs."""

    kind: str
    user_id: str
    client_id: str = ""
    scope: str = "api"
    expires: str | None = None
    more: dict[str, str] = field(default_factory=dict)


class Sessions:
    """Tokens in memory; `dump` and `restore` carry them over a restart of a lasting org."""

    def __init__(self, org_id: str, clock: Clock) -> None:
        self._org_id = org_id
        self._clock = clock
        self._grants: dict[str, Grant] = {}
        self.apps: dict[str, App] = {}
        self.register(App(PUBLIC_APP, "Weft Studio"))
        self.register(App(CONFIDENTIAL_APP, "Weft Studio server", secret=secrets.token_urlsafe(24)))

    def register(self, app: App) -> None:
        """Add or replace an app."""
        self.apps[app.client_id] = app

    def open(self, user_id: str, client_id: str = "", scope: str = "api", *, lasting: bool = False) -> str:
        """A new access token, good for two hours of the org's time, or for ever."""
        text = "".join(secrets.choice(_LETTERS) for _place in range(86))
        token = f"{self._org_id[:15]}!AQ{text}"
        expires = None if lasting else self._until(SESSION_TIME)
        self._grants[token] = Grant("access", user_id, client_id, scope, expires)
        return token

    def refresh_token(self, user_id: str, client_id: str, scope: str) -> str:
        """A new refresh token."""
        token = "5Aep" + "".join(secrets.choice(_LETTERS) for _place in range(83))
        self._grants[token] = Grant("refresh", user_id, client_id, scope)
        return token

    def code(self, user_id: str, client_id: str, scope: str, more: dict[str, str], kind: str = "code") -> str:
        """A new authorization code (or `device` code), good once and for 15 minutes."""
        code = "aPrx" + "".join(secrets.choice(_LETTERS) for _place in range(60))
        self._grants[code] = Grant(kind, user_id, client_id, scope, self._until(CODE_TIME), more)
        return code

    def device(self, user_code: str) -> Grant | None:
        """What a device's code that people type stands for."""
        codes = [code for code, grant in self._grants.items() if grant.more.get("user_code") == user_code]
        return self.find(codes[0], "device") if codes else None

    def find(self, token: str, kind: str = "access") -> Grant | None:
        """What a token or code stands for, unless it is of another kind, unknown or too old."""
        grant = self._grants.get(token)
        if grant is None or grant.kind != kind:
            return None
        if grant.expires is not None and self._clock.now() >= datetime.fromisoformat(grant.expires):
            del self._grants[token]
            return None
        return grant

    def close(self, token: str) -> bool:
        """Make a token worthless; whether there was one."""
        return self._grants.pop(token, None) is not None

    def dump(self) -> str:
        """Tokens and apps as text."""
        grants = {
            token: asdict(grant)
            for token, grant in self._grants.items()
            if grant.kind not in ("code", "device")
        }
        return json.dumps({"grants": grants, "apps": [asdict(app) for app in self.apps.values()]})

    def restore(self, text: str) -> None:
        """Take over what `dump` wrote."""
        state: dict[str, Any] = json.loads(text)
        self._grants |= {token: Grant(**values) for token, values in state["grants"].items()}
        for values in state["apps"]:
            self.register(App(**values | {"redirects": tuple(values["redirects"])}))

    def _until(self, time: timedelta) -> str:
        return (self._clock.now() + time).isoformat()


def app_from_data(values: dict[str, Any]) -> App:
    """An app as the control endpoint registers it."""
    redirects: Sequence[str] = values.get("redirects", ())
    return App(
        str(values["client_id"]),
        str(values.get("name", values["client_id"])),
        values.get("secret"),
        tuple(redirects),
        values.get("public_key"),
    )
