"""Signing in at another screen: a code is shown, typed into a page of the org, and asked about until it was."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable

import httpx

from studio.base.errors import NotReachable
from studio.base.i18n import _
from studio.connectors.salesforce.refusals import SignInRefused, refusal
from studio.connectors.salesforce.session import Grant
from studio.connectors.salesforce.sign_in import token_answer, token_call

_LONGEST_WAIT = 60.0
# What an org that names no interval is asked at, and by how much one that is asked too often is left alone longer (s).
_INTERVAL = 5.0


async def sign_in(
    client: httpx.AsyncClient,
    url: str,
    client_id: str,
    show: Callable[[str, str], object],
    *,
    patience: float = 600.0,
    interval: float | None = None,
) -> Grant:
    """Show the page and the code, then wait for a person to type it there.

    `interval` overrules how often (s) the org wants to be asked. Raises SignInRefused where the org has no device flow
    for this app or the person says no, NotReachable after `patience` seconds.
    """
    form = {"response_type": "device_code", "client_id": client_id, "scope": "api refresh_token"}
    begun = await token_answer(client, url, form)
    try:
        asked = json.loads(begun)
        code, typed, page = asked["device_code"], str(asked["user_code"]), str(asked["verification_uri"])
        wait = min(max(float(asked.get("interval", _INTERVAL)), 1.0), _LONGEST_WAIT)
    except (ValueError, KeyError, TypeError) as error:
        raise refusal("unsupported_response_type", _("the org gave no code")) from error
    show(page, typed)
    wait, until = interval or wait, time.monotonic() + patience
    while time.monotonic() < until:
        await asyncio.sleep(wait)
        try:
            form = {"grant_type": "device", "client_id": client_id, "code": str(code)}
            return await token_call(client, url, form)
        except SignInRefused as refused:
            if refused.code == "slow_down":
                wait = min(wait + _INTERVAL, _LONGEST_WAIT)
            elif refused.code != "authorization_pending":
                raise
    raise NotReachable(
        _("Nobody entered the code within {minutes} minutes.").format(minutes=round(patience / 60)),
        next_step=_("Start the sign-in again."),
    )
