"""Single sign-on by OpenID Connect against a provider of the test's own, whose answers are bent in every way."""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey

from cloud.identity.desktop import challenge_of
from cloud.identity.fetched import LARGEST, Fetch, NotFetched
from cloud.identity.oidc import Attempt, Client, NotTrusted, Provider

ISSUER = "https://idp.example"
CLIENT = Client(ISSUER, "weft", "shared secret", "https://weft.example/sign-in/sso/done")
NOW = 1_800_000_000.0
KEY = RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"})
OTHER = RSAKey.generate_key(2048, {"kid": "one"})
CURVE = ECKey.generate_key("P-256", {"kid": "curve"})


class Idp:
    """A provider whose every part a test may bend."""

    def __init__(self) -> None:
        self.about: dict[str, Any] = {
            "issuer": ISSUER,
            "authorization_endpoint": f"{ISSUER}/authorize",
            "token_endpoint": f"{ISSUER}/token",
            "jwks_uri": f"{ISSUER}/keys",
            "userinfo_endpoint": f"{ISSUER}/me",
            "authorization_response_iss_parameter_supported": True,
        }
        self.keys: list[dict[str, Any]] = [KEY.as_dict(private=False), CURVE.as_dict(private=False)]
        self.token = ""
        self.me: dict[str, Any] = {}
        self.asked: list[httpx.Request] = []

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        found: dict[str, Any] = {
            "/.well-known/openid-configuration": self.about,
            "/keys": {"keys": self.keys},
            "/token": {"access_token": "at", "token_type": "Bearer", "id_token": self.token},
            "/me": self.me,
        }
        return httpx.Response(200, json=found[request.url.path])


@pytest.fixture
def idp() -> Idp:
    return Idp()


@pytest.fixture
def attempt() -> Attempt:
    return Attempt()


def provider(idp: Idp, client: Client = CLIENT) -> Provider:
    fetch = Fetch(transport=httpx.MockTransport(idp.answer))
    fetch.inside = True
    return Provider(client, fetch, lambda: NOW)


def claims(attempt: Attempt, **other: Any) -> dict[str, Any]:
    made = {
        "iss": ISSUER, "aud": "weft", "sub": "s-1", "iat": int(NOW), "exp": int(NOW) + 300, "nonce": attempt.nonce,
        "email": "Ana@Example.com", "email_verified": True, "given_name": "Ana", "family_name": "Souza",
    }  # fmt: skip
    made |= other
    return {name: value for name, value in made.items() if value is not None}


def signed(content: dict[str, Any], key: Any = KEY, alg: str = "RS256", **header: Any) -> str:
    return jwt.encode({"alg": alg, "kid": "one", **header}, content, key, algorithms=[alg])


def back(attempt: Attempt, **other: str) -> dict[str, str]:
    return {"code": "c", "state": attempt.state, "iss": ISSUER, **other}


def test_who_comes_back_with_a_good_token_is_known(idp: Idp, attempt: Attempt) -> None:
    idp.token = signed(claims(attempt))
    who = provider(idp).finish(attempt, back(attempt))
    assert (who.subject, who.email, who.first_name, who.surname) == ("s-1", "ana@example.com", "Ana", "Souza")
    form = parse_qs(idp.asked[-2].content.decode()) if idp.asked[-1].url.path == "/keys" else {}
    assert form["code_verifier"] == [attempt.verifier]
    assert idp.asked[-2].headers["authorization"].startswith("Basic ")


def test_the_way_there_carries_pkce_state_and_nonce(idp: Idp, attempt: Attempt) -> None:
    where = urlsplit(provider(idp).begin(attempt, hint="ana@example.com"))
    asked = {name: values[0] for name, values in parse_qs(where.query).items()}
    assert asked == {
        "response_type": "code", "client_id": "weft", "redirect_uri": CLIENT.redirect, "scope": "openid email profile",
        "state": attempt.state, "nonce": attempt.nonce, "code_challenge": challenge_of(attempt.verifier),
        "code_challenge_method": "S256", "login_hint": "ana@example.com",
    }  # fmt: skip
    assert attempt.verifier not in where.query


@pytest.mark.parametrize(
    ("why", "other"),
    [
        ("wrong audience", {"aud": "another"}),
        ("audience missing", {"aud": None}),
        ("wrong issuer", {"iss": "https://evil.example"}),
        ("issuer missing", {"iss": None}),
        ("expired", {"exp": int(NOW) - 61}),
        ("no expiry", {"exp": None}),
        ("expiry as text", {"exp": "tomorrow"}),
        ("from the future", {"iat": int(NOW) + 3600}),
        ("long ago", {"iat": int(NOW) - 3600}),
        ("wrong nonce", {"nonce": "of another attempt"}),
        ("nonce missing", {"nonce": None}),
        ("nonce is no text", {"nonce": ["x"]}),
        ("for several, whose", {"aud": ["weft", "another"]}),
        ("for another party", {"aud": ["weft", "another"], "azp": "another"}),
        ("another authorized party", {"azp": "another"}),
        ("nobody", {"sub": None}),
        ("subject is no text", {"sub": 7}),
        ("not yet", {"nbf": int(NOW) + 600}),
    ],
)
def test_a_token_that_says_something_else_is_refused(
    idp: Idp, attempt: Attempt, why: str, other: dict[str, Any]
) -> None:
    idp.token = signed(claims(attempt, **other))
    with pytest.raises(NotTrusted):
        provider(idp).finish(attempt, back(attempt))


def by_hand(header: dict[str, Any], content: dict[str, Any], sign: Callable[[bytes], bytes]) -> str:
    """A token as no library would make it."""

    def part(what: bytes) -> str:
        return base64.urlsafe_b64encode(what).decode().rstrip("=")

    text = f"{part(json.dumps(header).encode())}.{part(json.dumps(content).encode())}"
    return f"{text}.{part(sign(text.encode()))}"


def unsigned(content: dict[str, Any]) -> str:
    return by_hand({"alg": "none", "typ": "JWT"}, content, lambda _text: b"")


def by_public_key(content: dict[str, Any]) -> str:
    """Algorithm confusion: the public key, which everybody has, taken as the secret of an HMAC."""
    secret = KEY.as_pem(private=False)
    return by_hand({"alg": "HS256", "kid": "one"}, content, lambda text: hmac.digest(secret, text, "sha256"))


def critical(content: dict[str, Any]) -> str:
    """Signed well, with a header that must be understood and is not."""
    header = {"alg": "RS256", "kid": "one", "crit": ["x"], "x": 1}
    return by_hand(header, content, lambda text: KEY.private_key.sign(text, PKCS1v15(), SHA256()))


def tampered(content: dict[str, Any]) -> str:
    head, _body, signature = signed(content).split(".")
    body = base64.urlsafe_b64encode(json.dumps(content | {"sub": "admin"}).encode()).decode().rstrip("=")
    return f"{head}.{body}.{signature}"


def own_key_in_header(content: dict[str, Any]) -> str:
    return signed(content, OTHER, jwk=OTHER.as_dict(private=False))


def key_at_address(content: dict[str, Any]) -> str:
    return signed(content, OTHER, jku="https://evil.example/keys")


def by_client_secret(content: dict[str, Any]) -> str:
    return signed(content, OctKey.import_key("shared secret" * 4), "HS256")


@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
@pytest.mark.parametrize(
    "make",
    [
        unsigned, by_public_key, tampered, own_key_in_header, key_at_address, by_client_secret,
        lambda content: signed(content, OTHER), critical,
        lambda _content: "a.b.c", lambda _content: "", lambda _content: "é.ü.ß",
    ],
)  # fmt: skip
def test_what_the_provider_did_not_sign_is_refused(
    idp: Idp, attempt: Attempt, make: Callable[[dict[str, Any]], str]
) -> None:
    idp.token = make(claims(attempt))
    with pytest.raises(NotTrusted):
        provider(idp).finish(attempt, back(attempt))


@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
def test_a_symmetric_key_in_the_public_set_signs_nothing(idp: Idp, attempt: Attempt) -> None:
    secret = OctKey.generate_key(256, {"kid": "sym"})
    idp.keys.append(secret.as_dict(private=True))
    idp.token = jwt.encode({"alg": "HS256", "kid": "sym"}, claims(attempt), secret, algorithms=["HS256"])
    with pytest.raises(NotTrusted):
        provider(idp).finish(attempt, back(attempt))


@pytest.mark.parametrize(
    ("why", "other"),
    [
        ("state", {"state": "of another browser"}),
        ("state", {"state": ""}),
        ("mixed_up_issuer", {"iss": "https://evil.example"}),
        ("refused_by_provider", {"code": ""}),
        ("refused_by_provider", {"error": "access_denied"}),
    ],
)
def test_an_answer_that_is_not_to_our_question_is_refused(
    idp: Idp, attempt: Attempt, why: str, other: dict[str, str]
) -> None:
    idp.token = signed(claims(attempt))
    with pytest.raises(NotTrusted, match=why):
        provider(idp).finish(attempt, back(attempt) | other)
    assert not [one for one in idp.asked if one.url.path == "/token"], (
        "no code is redeemed before the answer is ours"
    )


def test_an_answer_without_the_issuer_it_promises_is_refused(idp: Idp, attempt: Attempt) -> None:
    with pytest.raises(NotTrusted, match="no_issuer"):
        provider(idp).finish(attempt, {"code": "c", "state": attempt.state})


def test_keys_may_change_while_we_run(idp: Idp, attempt: Attempt) -> None:
    ready = provider(idp)
    idp.token = signed(claims(attempt))
    ready.finish(attempt, back(attempt))
    fresh = RSAKey.generate_key(2048, {"kid": "two"})
    idp.keys = [fresh.as_dict(private=False)]
    idp.token = jwt.encode({"alg": "RS256", "kid": "two"}, claims(attempt), fresh)
    assert ready.finish(attempt, back(attempt)).subject == "s-1"


def test_elliptic_keys_sign_too(idp: Idp, attempt: Attempt) -> None:
    idp.token = signed(claims(attempt), CURVE, "ES256", kid="curve")
    assert provider(idp).finish(attempt, back(attempt)).subject == "s-1"


def test_an_address_that_is_not_verified_is_none(idp: Idp, attempt: Attempt) -> None:
    for said in (False, "true", None, 1):
        idp.token = signed(claims(attempt, email_verified=said))
        assert provider(idp).finish(attempt, back(attempt)).email == ""


def test_an_organization_may_answer_for_a_provider_that_is_silent(idp: Idp, attempt: Attempt) -> None:
    trusting = replace(CLIENT, trusts_email=True)
    for said, email in ((None, "ana@example.com"), (False, ""), ("true", ""), (True, "ana@example.com")):
        idp.token = signed(claims(attempt, email_verified=said))
        assert provider(idp, trusting).finish(attempt, back(attempt)).email == email


def test_user_info_counts_for_the_same_subject_only(idp: Idp, attempt: Attempt) -> None:
    idp.token = signed(claims(attempt, email=None, email_verified=None))
    idp.me = {"sub": "s-1", "email": "ana@example.com", "email_verified": True}
    assert provider(idp).finish(attempt, back(attempt)).email == "ana@example.com"
    idp.me["sub"] = "s-2"
    with pytest.raises(NotTrusted, match="userinfo_subject"):
        provider(idp).finish(attempt, back(attempt))


def test_another_issuers_description_is_refused(idp: Idp, attempt: Attempt) -> None:
    idp.about["issuer"] = "https://evil.example"
    with pytest.raises(NotTrusted, match="discovery_issuer"):
        provider(idp).begin(attempt)
    del idp.about["token_endpoint"]
    idp.about["issuer"] = ISSUER
    with pytest.raises(NotTrusted, match="discovery_incomplete"):
        provider(idp).begin(attempt)


@pytest.mark.parametrize(
    "url",
    [
        "http://idp.example",
        "ftp://idp.example",
        "https://u:p@idp.example",
        "https:///x",
        "file:///etc/passwd",
        "",
    ],
)
def test_only_https_is_asked(url: str) -> None:
    with pytest.raises(NotFetched):
        Fetch().check(url)


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "169.254.169.254", "10.0.0.1", "0.0.0.0"])
def test_nothing_inside_is_asked(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    asked: list[httpx.Request] = []
    fetch = Fetch(
        transport=httpx.MockTransport(lambda request: asked.append(request) or httpx.Response(200, json={}))
    )
    with pytest.raises(NotFetched, match="inside"):
        fetch.json(f"https://{host}/.well-known/openid-configuration")
    assert asked == []


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(302, headers={"Location": "http://169.254.169.254/"}),
        httpx.Response(500),
        httpx.Response(200, content=b"x" * (LARGEST + 1)),
        httpx.Response(200, content=b"[1]"),
        httpx.Response(200, content=b"<html>"),
    ],
)
def test_strange_answers_are_no_answers(answer: httpx.Response) -> None:
    with pytest.raises(NotFetched):
        Fetch(inside=True, transport=httpx.MockTransport(lambda _request: answer)).json(
            "https://idp.example/x"
        )
