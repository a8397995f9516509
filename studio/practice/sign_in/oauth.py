"""The token endpoint: password, client credentials, authorization code with PKCE, refresh, JWT bearer; revoke."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Awaitable, Callable
from urllib.parse import unquote

from studio.practice.http.message import Response, empty, json_response
from studio.practice.org import Org
from studio.practice.router import Call, Route, route
from studio.practice.sign_in import device, jwt
from studio.practice.sign_in.sessions import App

_VERIFIER = re.compile(r"[A-Za-z0-9\-._~]{43,128}")
JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"


class _Refused(Exception):
    def __init__(self, error: str, description: str) -> None:
        super().__init__(error)
        self.error = error
        self.description = description


async def token(call: Call) -> Response:
    """POST /services/oauth2/token."""
    form = await call.request.form()
    try:
        if "block-apps" in call.org.faults:
            raise _Refused("OAUTH_APP_BLOCKED", "this app is blocked by admin")
        if form.get("response_type") == "device_code":
            return device.begin(call, _app(call, form, secret_needed=False), form.get("scope") or "api")
        grant = _GRANTS.get(form.get("grant_type", ""))
        if grant is None:
            raise _Refused("unsupported_grant_type", "grant type not supported")
        return await grant(call, form)
    except _Refused as refused:
        answer = {"error": refused.error, "error_description": refused.description}
        return json_response(answer, 400, [("Cache-Control", "no-store")])


def _app(call: Call, form: dict[str, str], *, secret_needed: bool = True) -> App:
    """The app that asks, by form or by Basic header; its secret must fit its kind."""
    client_id, secret = form.get("client_id", ""), form.get("client_secret")
    header = call.request.headers.get("authorization")
    if header.lower().startswith("basic "):
        client_id, secret = _basic(header[6:])
    app = call.org.sessions.apps.get(client_id)
    if app is None:
        raise _Refused("invalid_client_id", "client identifier invalid")
    if app.secret is None and secret:
        # A public app has no secret, so one that is sent cannot be right.
        raise _Refused("invalid_client", "invalid client credentials")
    if app.secret is not None and secret_needed and not hmac.compare_digest(app.secret, secret or ""):
        raise _Refused("invalid_client", "invalid client credentials")
    return app


def _basic(text: str) -> tuple[str, str | None]:
    try:
        name, _colon, secret = base64.b64decode(text, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise _Refused("invalid_client", "invalid client credentials") from error
    return unquote(name), unquote(secret)


async def _password(call: Call, form: dict[str, str]) -> Response:
    app = _app(call, form)
    user_id = user_with(call.org, form.get("username", ""), form.get("password", ""))
    if user_id is None:
        raise _Refused("invalid_grant", "authentication failure")
    return _granted(call, app, user_id, "api")


async def _client_credentials(call: Call, form: dict[str, str]) -> Response:
    app = _app(call, form)
    if app.secret is None:
        raise _Refused("invalid_grant", "no client credentials user enabled")
    return _granted(call, app, call.org.user_id, "api")


async def _code(call: Call, form: dict[str, str]) -> Response:
    app = _app(call, form)
    sessions = call.org.sessions
    code = form.get("code", "")
    grant = sessions.find(code, "code")
    sessions.close(code)
    if grant is None or grant.client_id != app.client_id:
        raise _Refused("invalid_grant", "invalid authorization code")
    if grant.more.get("redirect_uri") != form.get("redirect_uri"):
        raise _Refused("redirect_uri_mismatch", "redirect_uri must match configuration")
    _check_verifier(grant.more.get("challenge", ""), form.get("code_verifier", ""))
    return _granted(call, app, grant.user_id, grant.scope)


def _check_verifier(challenge: str, verifier: str) -> None:
    if not challenge:
        return
    digest = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    if not _VERIFIER.fullmatch(verifier) or not hmac.compare_digest(digest, challenge):
        raise _Refused("invalid_grant", "invalid code verifier")


async def _refresh(call: Call, form: dict[str, str]) -> Response:
    app = _app(call, form)
    sessions = call.org.sessions
    old = form.get("refresh_token", "")
    grant = sessions.find(old, "refresh")
    if grant is None or grant.client_id != app.client_id:
        raise _Refused("invalid_grant", "expired access/refresh token")
    rotate = "keep-refresh-token" not in call.org.faults
    if rotate:
        sessions.close(old)
    return _granted(call, app, grant.user_id, grant.scope, refresh=rotate)


async def _jwt(call: Call, form: dict[str, str]) -> Response:
    try:
        claims = jwt.read(form.get("assertion", ""))
        app = call.org.sessions.apps.get(claims.issuer)
        if app is None or app.public_key is None:
            raise _Refused("invalid_client_id", "client identifier invalid")
        audiences = {call.request.base, "https://login.salesforce.com", "https://test.salesforce.com"}
        jwt.check(claims, app.public_key, audiences, call.org.clock.now())
    except jwt.BadToken as error:
        raise _Refused("invalid_grant", str(error)) from error
    user_id = call.org.users.get(claims.subject.lower())
    if user_id is None:
        raise _Refused("invalid_grant", "user hasn't approved this consumer")
    return _granted(call, app, user_id, "api")


async def _device(call: Call, form: dict[str, str]) -> Response:
    app = _app(call, form, secret_needed=False)
    grant = call.org.sessions.find(form.get("code", ""), "device")
    if grant is None or grant.client_id != app.client_id:
        raise _Refused("invalid_grant", "invalid device code")
    if not grant.more["answer"]:
        raise _Refused("authorization_pending", "waiting for the user to authorize the device")
    call.org.sessions.close(form.get("code", ""))
    if grant.more["answer"] != "allow":
        raise _Refused("access_denied", "end-user denied authorization")
    return _granted(call, app, grant.user_id, grant.scope)


_GRANTS: dict[str, Callable[[Call, dict[str, str]], Awaitable[Response]]] = {
    "password": _password,
    "client_credentials": _client_credentials,
    "authorization_code": _code,
    "refresh_token": _refresh,
    "device": _device,
    JWT_GRANT: _jwt,
}


def user_with(org: Org, username: str, password: str) -> str | None:
    """The id of the user with this name; all of them have the practice user's password, which its security token may
    follow."""
    user = org.user
    right = any(
        hmac.compare_digest(password.encode(), known.encode())
        for known in (user.password, user.password + user.security_token)
    )
    return org.users.get(username.lower()) if right else None


def _granted(call: Call, app: App, user_id: str, scope: str, *, refresh: bool | None = None) -> Response:
    org = call.org
    identity = f"{call.request.base}/id/{org.org_id}/{user_id}"
    issued = str(int(org.clock.now().timestamp() * 1000))
    signature = hmac.new((app.secret or "").encode(), (identity + issued).encode(), hashlib.sha256).digest()
    answer = {
        "access_token": org.sessions.open(user_id, app.client_id, scope),
        "signature": base64.b64encode(signature).decode(),
        "scope": scope,
        "instance_url": call.request.base,
        "id": identity,
        "token_type": "Bearer",
        "issued_at": issued,
    }
    wants_refresh = "refresh_token" in scope.split() or "offline_access" in scope.split()
    if wants_refresh if refresh is None else refresh:
        answer["refresh_token"] = org.sessions.refresh_token(user_id, app.client_id, scope)
    org.keep_sessions()
    return json_response(answer, headers=[("Cache-Control", "no-store")])


async def revoke(call: Call) -> Response:
    """POST or GET /services/oauth2/revoke."""
    form = await call.request.form() if call.request.method == "POST" else call.request.query
    if not call.org.sessions.close(form.get("token", "")):
        return json_response({"error": "unsupported_token_type", "error_description": "invalid token"}, 400)
    call.org.keep_sessions()
    return empty(200)


def routes() -> list[Route]:
    """The routes of this module."""
    return [
        route("POST", "/services/oauth2/token", token, open=True),
        route("POST", "/services/oauth2/revoke", revoke, open=True),
        route("GET", "/services/oauth2/revoke", revoke, open=True),
    ]
