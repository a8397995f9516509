"""SOAP sign-in, for the clients that still use it, and who one is."""

from __future__ import annotations

from typing import Any

from studio.practice.failures import ApiError
from studio.practice.http.message import Response
from studio.practice.router import Call
from studio.practice.sign_in.oauth import user_with
from studio.practice.soap.message import Asked, answer, element

# From this version on there is no login() any more.
_NO_LOGIN_SINCE = 65


def log_in(call: Call, asked: Asked) -> Response:
    """login(): a session for a username and a password."""
    if float(call.match["soap"]) >= _NO_LOGIN_SINCE:
        raise ApiError(500, "UNSUPPORTED_API_VERSION", "SOAP API login() is not available in this version")
    if "no-soap-login" in call.org.faults:
        raise ApiError(500, "INVALID_OPERATION", "SOAP API login() is disabled by default in this org")
    user_id = user_with(call.org, asked.text("username"), asked.text("password"))
    if user_id is None:
        message = "Invalid username, password, security token; or user locked out."
        raise ApiError(500, "INVALID_LOGIN", message)
    org, base = call.org, call.request.base
    path = f"{call.match['soap']}/{org.org_id[:15]}"
    token = org.sessions.open(user_id)
    org.keep_sessions()
    result = {
        "metadataServerUrl": f"{base}/services/Soap/m/{path}", "passwordExpired": False, "sandbox": False,
        "serverUrl": f"{base}/services/Soap/{call.match['kind']}/{path}", "sessionId": token, "userId": user_id,
        "userInfo": user_info(call, user_id),
    }  # fmt: skip
    return answer(asked, element("result", result))


def log_out(call: Call, asked: Asked) -> Response:
    """logout(): the session is worth nothing any more."""
    if not call.org.sessions.close(asked.head("SessionHeader/sessionId")):
        raise ApiError(500, "INVALID_SESSION_ID", "Invalid Session ID found in SessionHeader")
    call.org.keep_sessions()
    return answer(asked, "")


def user_info(call: Call, user_id: str) -> dict[str, Any]:
    """What login() and getUserInfo() say of a user."""
    org = call.org
    sql = 'SELECT "Name", "Username", "Email", "ProfileId" FROM "User" WHERE "Id" = ?'
    name, username, email, profile = org.store.connection().execute(sql, (user_id,)).fetchone()
    return {
        "accessibilityMode": False, "chatterExternal": False, "currencySymbol": "$",
        "orgAttachmentFileSizeLimit": 5_242_880, "orgDefaultCurrencyIsoCode": "USD",
        "orgDefaultCurrencyLocale": "en_US", "orgDisallowHtmlAttachments": False,
        "orgHasPersonAccounts": False, "organizationId": org.org_id, "organizationMultiCurrency": False,
        "organizationName": "Weft Practice", "profileId": profile, "roleId": "", "sessionSecondsValid": 7200,
        "userDefaultCurrencyIsoCode": "", "userEmail": email, "userFullName": name, "userId": user_id,
        "userLanguage": "en_US", "userLocale": "en_US", "userName": username, "userTimeZone": "GMT",
        "userType": "Standard", "userUiSkin": "Theme3",
    }  # fmt: skip
