"""Who is signed in: the OpenID user information and the older identity address."""

from __future__ import annotations

from typing import Any

from studio.practice import lookups
from studio.practice.failures import ApiError
from studio.practice.http.message import Response, json_response
from studio.practice.router import Call, Route, route

_USER_FIELDS = ("Username", "Name", "FirstName", "LastName", "Email", "LastModifiedDate", "CommunityNickname")


async def user_info(call: Call) -> Response:
    """GET or POST /services/oauth2/userinfo."""
    assert call.grant is not None
    user = await call.org.run(_user, call, call.grant.user_id)
    base = call.request.base
    identity = f"{base}/id/{call.org.org_id}/{call.grant.user_id}"
    answer = {
        "sub": identity, "user_id": call.grant.user_id, "organization_id": call.org.org_id,
        "preferred_username": user["Username"], "nickname": user["CommunityNickname"], "name": user["Name"],
        "email": user["Email"], "email_verified": True, "given_name": user["FirstName"],
        "family_name": user["LastName"], "zoneinfo": "GMT",
        "photos": {"picture": f"{base}/profilephoto/005/F", "thumbnail": f"{base}/profilephoto/005/T"},
        "profile": f"{base}/{call.grant.user_id}", "picture": f"{base}/profilephoto/005/F", "address": {},
        "urls": _urls(call), "active": True, "user_type": "STANDARD", "language": "en_US", "locale": "en_US",
        "utcOffset": 0, "updated_at": user["LastModifiedDate"], "is_app_installed": True,
    }  # fmt: skip
    return json_response(answer)


async def identity(call: Call) -> Response:
    """GET /id/ORG/USER."""
    assert call.grant is not None
    org, user_id = call.match["org"], call.match["user"]
    if org[:15] != call.org.org_id[:15] or user_id[:15] != call.grant.user_id[:15]:
        raise ApiError(403, "Bad_Id", "Missing or invalid organization or user id")
    user = await call.org.run(_user, call, call.grant.user_id)
    answer = {
        "id": f"{call.request.base}/id/{call.org.org_id}/{call.grant.user_id}", "asserted_user": True,
        "user_id": call.grant.user_id, "organization_id": call.org.org_id, "username": user["Username"],
        "nick_name": user["CommunityNickname"], "display_name": user["Name"], "email": user["Email"],
        "email_verified": True, "first_name": user["FirstName"], "last_name": user["LastName"], "timezone": "GMT",
        "photos": {"picture": None, "thumbnail": None}, "addr_street": None, "addr_city": None,
        "addr_state": None, "addr_country": None, "addr_zip": None, "mobile_phone": None,
        "mobile_phone_verified": False, "is_lightning_login_user": False,
        "status": {"created_date": None, "body": None}, "urls": _urls(call), "active": True,
        "user_type": "STANDARD", "language": "en_US", "locale": "en_US", "utcOffset": 0,
        "last_modified_date": user["LastModifiedDate"], "is_app_installed": True,
    }  # fmt: skip
    return json_response(answer)


def _user(call: Call, user_id: str) -> dict[str, Any]:
    sobject = call.org.catalog.get("User")
    assert sobject is not None
    rows = lookups.by_id(call.org.store.connection(), sobject, [user_id], _USER_FIELDS)
    return dict(zip(_USER_FIELDS, rows[user_id][1:], strict=True))


def _urls(call: Call) -> dict[str, str]:
    base, org = call.request.base, call.org.org_id[:15]
    data = f"{base}/services/data/v{{version}}"
    return {
        "enterprise": f"{base}/services/Soap/c/{{version}}/{org}",
        "metadata": f"{base}/services/Soap/m/{{version}}/{org}",
        "partner": f"{base}/services/Soap/u/{{version}}/{org}",
        "rest": f"{data}/",
        "sobjects": f"{data}/sobjects/",
        "search": f"{data}/search/",
        "query": f"{data}/query/",
        "recent": f"{data}/recent/",
        "tooling_soap": f"{base}/services/Soap/T/{{version}}/{org}",
        "tooling_rest": f"{data}/tooling/",
        "profile": f"{base}/{call.org.user_id}",
        "custom_domain": base,
    }


async def recent(_call: Call) -> Response:
    """GET /recent: nothing has been looked at."""
    return json_response([])


def routes() -> list[Route]:
    """The routes of this module."""
    return [
        route("GET", "/services/oauth2/userinfo", user_info, counted=False),
        route("POST", "/services/oauth2/userinfo", user_info, counted=False),
        route("GET", "/id/{org}/{user}", identity, counted=False),
        route("GET", "/services/data/v{version}/recent", recent),
    ]
