from __future__ import annotations

import base64
import hashlib
import json
import re
import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from studio.practice.sign_in.sessions import CONFIDENTIAL_APP, PUBLIC_APP
from tests.practice.driver import Api

TOKEN = "/services/oauth2/token"
BACK = "http://127.0.0.1:1717/OauthRedirect"
# The shape the vendor's own command line accepts.
SHAPE = re.compile(r"00D\w{12,15}![\w.]+")


def secret(api: Api) -> str:
    found = api.practice.org.sessions.apps[CONFIDENTIAL_APP].secret
    assert found is not None
    return found


async def token(api: Api, **form: str) -> httpx.Response:
    return await api.client.post(TOKEN, data=form)


def refusal(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]


async def works(api: Api, access: str) -> bool:
    answer = await api.get("/limits", headers={"Authorization": f"Bearer {access}"})
    return answer.status_code == 200


def pkce() -> tuple[str, str]:
    verifier = "v" * 64
    return verifier, base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(
        b"="
    ).decode()


async def code(api: Api, client_id: str = PUBLIC_APP, **more: str) -> dict[str, str]:
    """Allow an app and return what the browser carries back."""
    asked = {"response_type": "code", "client_id": client_id, "redirect_uri": BACK, "state": "s t",
             "scope": "api refresh_token", **more}  # fmt: skip
    page = await api.client.get("/services/oauth2/authorize", params=asked)
    assert page.status_code == 200, page.text
    assert "Allow" in page.text
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', page.text)) | {"answer": "allow"}
    answer = await api.client.post("/services/oauth2/authorize", data=fields)
    assert answer.status_code == 302
    back = urlsplit(answer.headers["location"])
    assert answer.headers["location"].startswith(BACK + "?")
    return {name: values[0] for name, values in parse_qs(back.query).items()}


async def test_the_ready_token_and_what_is_no_token(api: Api) -> None:
    assert SHAPE.fullmatch(api.practice.ready.access_token)
    assert await works(api, api.practice.ready.access_token)
    assert not await works(api, "nonsense")
    answer = await api.client.get("/services/data/v62.0/limits", headers={"Authorization": ""})
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (401, "INVALID_SESSION_ID")
    assert (await api.client.get("/services/data", headers={"Authorization": ""})).status_code == 200
    assert (await api.get("/practice", headers={"Authorization": ""})).status_code == 401


async def test_password(api: Api) -> None:
    user = api.practice.org.user
    form = {
        "grant_type": "password",
        "client_id": CONFIDENTIAL_APP,
        "client_secret": secret(api),
        "username": user.username,
    }
    answer = await token(api, **form, password=user.password)
    found = answer.json()
    assert answer.status_code == 200
    assert set(found) == {
        "access_token",
        "signature",
        "scope",
        "instance_url",
        "id",
        "token_type",
        "issued_at",
    }
    assert found["instance_url"] == api.practice.ready.url
    assert found["id"] == f"{api.practice.ready.url}/id/{api.practice.org.org_id}/{user.id}"
    assert abs(int(found["issued_at"]) / 1000 - time.time()) < 60
    assert SHAPE.fullmatch(found["access_token"])
    assert await works(api, found["access_token"])
    assert (await token(api, **form, password=user.password + user.security_token)).status_code == 200
    assert refusal(await token(api, **form, password="wrong")) == (400, "invalid_grant")
    assert refusal(await token(api, **form | {"client_secret": "no"}, password=user.password)) == (
        400,
        "invalid_client",
    )
    assert refusal(await token(api, **form | {"client_id": "no"}, password=user.password)) == (
        400,
        "invalid_client_id",
    )
    assert refusal(await token(api, grant_type="telepathy")) == (400, "unsupported_grant_type")


async def test_client_credentials_by_header_or_form(api: Api) -> None:
    by_header = await api.client.post(
        TOKEN,
        data={"grant_type": "client_credentials"},
        auth=(CONFIDENTIAL_APP, secret(api)),
        headers={"Authorization": ""},
    )
    assert by_header.status_code == 200
    assert await works(api, by_header.json()["access_token"])
    form = {"grant_type": "client_credentials", "client_id": CONFIDENTIAL_APP, "client_secret": secret(api)}
    assert (await token(api, **form)).status_code == 200
    assert refusal(await token(api, grant_type="client_credentials", client_id=PUBLIC_APP)) == (
        400,
        "invalid_grant",
    )


async def test_the_web_flow_of_a_public_app(api: Api) -> None:
    verifier, challenge = pkce()
    back = await code(api, code_challenge=challenge, code_challenge_method="S256")
    assert back["state"] == "s t"
    form = {
        "grant_type": "authorization_code",
        "client_id": PUBLIC_APP,
        "redirect_uri": BACK,
        "code": back["code"],
    }
    answer = await token(api, **form, code_verifier=verifier)
    assert answer.status_code == 200
    assert await works(api, answer.json()["access_token"])
    assert answer.json()["refresh_token"]
    assert refusal(await token(api, **form, code_verifier=verifier)) == (400, "invalid_grant")


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"code_verifier": "w" * 64}, "invalid_grant"),
        ({"code_verifier": "short"}, "invalid_grant"),
        ({"redirect_uri": BACK + "/other"}, "redirect_uri_mismatch"),
        ({"client_secret": "made up"}, "invalid_client"),
        ({"client_id": CONFIDENTIAL_APP}, "invalid_client"),
    ],
)
async def test_a_code_is_good_for_its_own_app_only(api: Api, change: dict[str, str], error: str) -> None:
    verifier, challenge = pkce()
    back = await code(api, code_challenge=challenge, code_challenge_method="S256")
    form = {"grant_type": "authorization_code", "client_id": PUBLIC_APP, "redirect_uri": BACK,
            "code": back["code"], "code_verifier": verifier}  # fmt: skip
    assert refusal(await token(api, **form | change)) == (400, error)


async def test_a_code_lives_fifteen_minutes(api: Api) -> None:
    verifier, challenge = pkce()
    back = await code(api, code_challenge=challenge, code_challenge_method="S256")
    await api.post("/practice/clock", {"seconds": 16 * 60})
    form = {"grant_type": "authorization_code", "client_id": PUBLIC_APP, "redirect_uri": BACK,
            "code": back["code"], "code_verifier": verifier}  # fmt: skip
    assert refusal(await token(api, **form)) == (400, "invalid_grant")


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        ({}, "invalid_request"),
        ({"code_challenge": "x" * 43, "code_challenge_method": "plain"}, "invalid_request"),
        ({"response_type": "token", "code_challenge": "x" * 43}, "unsupported_response_type"),
    ],
)
async def test_what_the_sign_in_page_sends_back(api: Api, asked: dict[str, str], error: str) -> None:
    params = {"response_type": "code", "client_id": PUBLIC_APP, "redirect_uri": BACK, "state": "x"} | asked
    answer = await api.client.get("/services/oauth2/authorize", params=params)
    assert answer.status_code == 302
    back = parse_qs(urlsplit(answer.headers["location"]).query)
    assert (back["error"], back["state"]) == ([error], ["x"])


async def test_the_sign_in_page_sends_nobody_to_strangers_and_denies(api: Api) -> None:
    params = {"response_type": "code", "client_id": PUBLIC_APP, "redirect_uri": "https://evil.example/"}
    answer = await api.client.get("/services/oauth2/authorize", params=params)
    assert answer.status_code == 400
    assert "location" not in answer.headers
    params = {"response_type": "code", "client_id": '"><script>', "redirect_uri": BACK}
    assert "<script>" not in (await api.client.get("/services/oauth2/authorize", params=params)).text
    form = {
        "response_type": "code",
        "client_id": PUBLIC_APP,
        "redirect_uri": BACK,
        "code_challenge": "x" * 43,
        "answer": "deny",
    }
    denied = await api.client.post("/services/oauth2/authorize", data=form)
    assert "error=access_denied" in denied.headers["location"]


async def test_a_registered_address_must_match_exactly(api: Api) -> None:
    await api.post("/practice/apps", {"client_id": "mine", "secret": "s", "redirects": [BACK]})
    base = {"response_type": "code", "client_id": "mine"}
    page = await api.client.get("/services/oauth2/authorize", params=base | {"redirect_uri": BACK})
    assert page.status_code == 200
    page = await api.client.get("/services/oauth2/authorize", params=base | {"redirect_uri": BACK + "/"})
    assert page.status_code == 400


async def test_refreshing_replaces_the_refresh_token(api: Api) -> None:
    verifier, challenge = pkce()
    back = await code(api, code_challenge=challenge, code_challenge_method="S256")
    form = {
        "grant_type": "authorization_code",
        "client_id": PUBLIC_APP,
        "redirect_uri": BACK,
        "code": back["code"],
    }
    first = (await token(api, **form, code_verifier=verifier)).json()
    refresh = {"grant_type": "refresh_token", "client_id": PUBLIC_APP}
    second = (await token(api, **refresh, refresh_token=first["refresh_token"])).json()
    assert second["refresh_token"] != first["refresh_token"]
    assert await works(api, second["access_token"])
    assert refusal(await token(api, **refresh, refresh_token=first["refresh_token"])) == (
        400,
        "invalid_grant",
    )
    api.fault("keep-refresh-token")
    third = (await token(api, **refresh, refresh_token=second["refresh_token"])).json()
    assert "refresh_token" not in third
    assert (await token(api, **refresh, refresh_token=second["refresh_token"])).status_code == 200


async def test_sessions_end_after_two_hours_or_when_revoked(api: Api) -> None:
    form = {"grant_type": "client_credentials", "client_id": CONFIDENTIAL_APP, "client_secret": secret(api)}
    first, second = [(await token(api, **form)).json()["access_token"] for _n in range(2)]
    assert (await api.client.post("/services/oauth2/revoke", data={"token": first})).status_code == 200
    assert not await works(api, first)
    assert refusal(await api.client.post("/services/oauth2/revoke", data={"token": first})) == (
        400,
        "unsupported_token_type",
    )
    await api.post("/practice/clock", {"hours": 1.9})
    assert await works(api, second)
    await api.post("/practice/clock", {"hours": 0.2})
    assert not await works(api, second)
    assert await works(api, api.practice.ready.access_token)


def signed(key: rsa.RSAPrivateKey, claims: dict[str, Any], algorithm: str = "RS256") -> str:
    def part(value: Any) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    text = f"{part({'alg': algorithm})}.{part(claims)}"
    signature = key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())
    return f"{text}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


async def test_a_signed_assertion(api: Api) -> None:
    key, other = (rsa.generate_private_key(65537, 2048) for _n in range(2))
    pem = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    await api.post("/practice/apps", {"client_id": "signer", "secret": "s", "public_key": pem.decode()})
    user = api.practice.org.user.username
    claims = {"iss": "signer", "sub": user, "aud": "https://login.salesforce.com", "exp": time.time() + 120}
    grant = {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer"}
    good = await token(api, **grant, assertion=signed(key, claims))
    assert good.status_code == 200
    assert "refresh_token" not in good.json()
    assert await works(api, good.json()["access_token"])
    bad = [signed(other, claims), signed(key, claims | {"exp": time.time() - 1}), signed(key, claims | {"exp": time.time() + 999}),
           signed(key, claims | {"aud": "https://elsewhere.example"}), signed(key, claims | {"sub": "nobody"}),
           signed(key, claims, "none"), "a.b", "", signed(key, claims)[:-20]]  # fmt: skip
    for assertion in bad:
        assert refusal(await token(api, **grant, assertion=assertion)) == (400, "invalid_grant")
    assert refusal(await token(api, **grant, assertion=signed(key, claims | {"iss": "no"}))) == (
        400,
        "invalid_client_id",
    )


async def test_a_device_without_a_browser(api: Api) -> None:
    asked = {"response_type": "device_code", "client_id": PUBLIC_APP, "scope": "api refresh_token"}
    begun = (await token(api, **asked)).json()
    assert set(begun) == {"device_code", "user_code", "verification_uri", "interval"}
    poll = {"grant_type": "device", "client_id": PUBLIC_APP, "code": begun["device_code"]}
    assert refusal(await token(api, **poll)) == (400, "authorization_pending")
    assert "user_code" in (await api.client.get(begun["verification_uri"])).text
    wrong = await api.client.post(begun["verification_uri"], data={"user_code": "WRONG", "answer": "allow"})
    assert wrong.status_code == 400
    form = {"user_code": begun["user_code"].lower(), "answer": "allow"}
    assert (await api.client.post(begun["verification_uri"], data=form)).status_code == 200
    found = (await token(api, **poll)).json()
    assert await works(api, found["access_token"])
    assert found["refresh_token"]
    assert refusal(await token(api, **poll)) == (400, "invalid_grant")
    denied = (await token(api, **asked)).json()
    await api.client.post(
        denied["verification_uri"], data={"user_code": denied["user_code"], "answer": "deny"}
    )
    assert refusal(await token(api, **poll | {"code": denied["device_code"]})) == (400, "access_denied")


async def test_blocked_apps(api: Api) -> None:
    api.fault("block-apps")
    form = {"grant_type": "client_credentials", "client_id": CONFIDENTIAL_APP, "client_secret": secret(api)}
    assert refusal(await token(api, **form)) == (400, "OAUTH_APP_BLOCKED")
    params = {"response_type": "code", "client_id": PUBLIC_APP, "redirect_uri": BACK}
    answer = await api.client.get("/services/oauth2/authorize", params=params)
    assert "error=OAUTH_APP_BLOCKED" in answer.headers["location"]


async def test_who_is_signed_in(api: Api) -> None:
    org, base = api.practice.org, api.practice.ready.url
    info = (await api.get("/services/oauth2/userinfo")).json()
    assert info["sub"] == f"{base}/id/{org.org_id}/{org.user_id}"
    assert (info["preferred_username"], info["organization_id"]) == (org.user.username, org.org_id)
    assert info["urls"]["partner"] == f"{base}/services/Soap/u/{{version}}/{org.org_id[:15]}"
    identity = (await api.get(f"/id/{org.org_id}/{org.user_id}")).json()
    assert (identity["username"], identity["user_id"]) == (org.user.username, org.user_id)
    assert (await api.get(f"/id/{org.org_id}/005000000000000AAA")).status_code == 403
    user = (await api.get(f"/sobjects/User/{org.user_id}")).json()
    assert user["Username"] == org.user.username
    found = (await api.get(f"/sobjects/Organization/{org.org_id}")).json()
    assert (found["IsSandbox"], found["NamespacePrefix"], found["InstanceName"]) == (False, None, "PRAC1")


def envelope(body: str, kind: str = "partner", head: str = "") -> bytes:
    return (
        f'<env:Envelope xmlns:env="http://schemas.xmlsoap.org/soap/envelope/" xmlns:urn="urn:{kind}.soap.sforce.com">'
        f"<env:Header>{head}</env:Header><env:Body>{body}</env:Body></env:Envelope>"
    ).encode()


def login(username: str, password: str) -> bytes:
    return envelope(
        f"<urn:login><urn:username>{username}</urn:username><urn:password>{password}</urn:password></urn:login>"
    )


async def soap(api: Api, content: bytes, path: str = "/services/Soap/u/64.0") -> tuple[int, str]:
    answer = await api.client.post(path, content=content, headers={"Authorization": ""})
    return answer.status_code, answer.text


async def test_soap_login_and_logout(api: Api) -> None:
    user, org = api.practice.org.user, api.practice.org
    status, text = await soap(api, login(user.username, user.password))
    assert status == 200
    session = re.search("<sessionId>(.*?)</sessionId>", text)
    assert session is not None
    assert await works(api, session[1])
    assert f"<serverUrl>{api.practice.ready.url}/services/Soap/u/64.0/{org.org_id[:15]}</serverUrl>" in text
    assert f"<userId>{org.user_id}</userId>" in text
    header = f"<urn:SessionHeader><urn:sessionId>{session[1]}</urn:sessionId></urn:SessionHeader>"
    assert (await soap(api, envelope("<urn:logout/>", head=header)))[0] == 200
    assert not await works(api, session[1])


async def test_soap_logins_that_are_refused(api: Api) -> None:
    user = api.practice.org.user
    good = login(user.username, user.password)
    cases = [
        (login(user.username, "wrong"), "/services/Soap/u/64.0", "INVALID_LOGIN"),
        (good, "/services/Soap/u/65.0", "UNSUPPORTED_API_VERSION"),
        (envelope("<urn:merge/>"), "/services/Soap/u/64.0", "INVALID_OPERATION"),
        (b"<a", "/services/Soap/u/64.0", "UNKNOWN_EXCEPTION"),
        (b'<!DOCTYPE x [<!ENTITY a "b">]>' + good, "/services/Soap/u/64.0", "UNKNOWN_EXCEPTION"),
    ]
    for content, path, code_ in cases:
        status, text = await soap(api, content, path)
        assert (status, f"<sf:exceptionCode>{code_}</sf:exceptionCode>" in text) == (500, True)
    api.fault("no-soap-login")
    assert "INVALID_OPERATION" in (await soap(api, good))[1]
    assert (await soap(api, good, "/services/Soap/q/64.0"))[0] == 404
