"""Single sign-on by OpenID Connect: the code flow with PKCE, state and nonce; what comes back is believed only if it is proven.

Core 1.0 section 3.1.3.7 and RFC 9700: signature by a key of the provider's own set with an algorithm we name, issuer,
audience, `azp`, expiry, nonce; the answer's `iss` where it is sent (RFC 9207).
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from cloud.identity.desktop import challenge_of
from cloud.identity.fetched import Fetch

# Signatures by a pair of keys only: with a shared secret, or without any, everybody who knows the public key could sign.
ALGORITHMS = (
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "PS384",
    "PS512",
    "ES256",
    "ES384",
    "ES512",
    "EdDSA",
    "Ed25519",
)
LEEWAY_SECONDS = 60
_OLDEST_SECONDS = 600
# Headers nobody knows are ignored unless they are marked critical (RFC 7515).
_HEADERS = JWSRegistry(algorithms=list(ALGORITHMS), strict_check_header=False)


class NotTrusted(Exception):
    """The answer proves nothing; `why` is a code for the audit log."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True)
class Client:
    """What was agreed with the provider."""

    issuer: str
    client_id: str
    client_secret: str
    redirect: str
    # Some providers say nothing about whether an address is verified: the organization answers for them.
    trusts_email: bool = False
    scopes: tuple[str, ...] = ("openid", "email", "profile")


@dataclass(frozen=True)
class Attempt:
    """What only we and this browser know of a sign-in under way."""

    state: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    nonce: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48))


@dataclass(frozen=True)
class Identity:
    """Whom the provider vouches for; `email` is "" unless the provider says it is verified."""

    subject: str
    email: str
    first_name: str = ""
    surname: str = ""
    strength: tuple[str, ...] = ()


class Provider:
    """One provider as its discovery document describes it; keys are fetched anew when an unknown one signs."""

    def __init__(self, client: Client, fetch: Fetch, clock: Callable[[], float]) -> None:
        self.client = client
        self._fetch = fetch
        self._clock = clock
        self._found: Mapping[str, Any] | None = None
        self._keys: KeySet | None = None

    def about(self) -> Mapping[str, Any]:
        """The discovery document; raises NotTrusted when it is another issuer's, NotFetched when there is none."""
        if self._found is None:
            where = self.client.issuer.rstrip("/") + "/.well-known/openid-configuration"
            found = self._fetch.json(where)
            if found.get("issuer") != self.client.issuer:
                raise NotTrusted("discovery_issuer")
            for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
                if not isinstance(found.get(name), str):
                    raise NotTrusted("discovery_incomplete")
                self._fetch.check(found[name])
            self._found = found
        return self._found

    def begin(self, attempt: Attempt, hint: str = "") -> str:
        """Where the browser is sent."""
        asked = {
            "response_type": "code",
            "client_id": self.client.client_id,
            "redirect_uri": self.client.redirect,
            "scope": " ".join(self.client.scopes),
            "state": attempt.state,
            "nonce": attempt.nonce,
            "code_challenge": challenge_of(attempt.verifier),
            "code_challenge_method": "S256",
        }
        if hint:
            asked["login_hint"] = hint
        where = str(self.about()["authorization_endpoint"])
        return f"{where}{'&' if urlsplit(where).query else '?'}{urlencode(asked)}"

    def finish(self, attempt: Attempt, answer: Mapping[str, str]) -> Identity:
        """Who came back with this answer (the redirect's query); raises NotTrusted or NotFetched."""
        if not hmac.compare_digest(attempt.state.encode(), answer.get("state", "").encode()):
            raise NotTrusted("state")
        if "iss" in answer and answer["iss"] != self.client.issuer:
            raise NotTrusted("mixed_up_issuer")
        if self.about().get("authorization_response_iss_parameter_supported") is True and "iss" not in answer:
            raise NotTrusted("no_issuer")
        if "error" in answer or not answer.get("code"):
            raise NotTrusted("refused_by_provider")
        got = self._tokens(answer["code"], attempt.verifier)
        token = got.get("id_token")
        if not isinstance(token, str):
            raise NotTrusted("no_id_token")
        claims = self.claims(token, attempt.nonce)
        return self._identity(claims, got.get("access_token"))

    def claims(self, token: str, nonce: str) -> dict[str, Any]:
        """The claims of an ID token that is ours, fresh and signed; raises NotTrusted."""
        claims = self._signed(token)
        registry = jwt.JWTClaimsRegistry(
            now=int(self._clock()),
            leeway=LEEWAY_SECONDS,
            iss={"essential": True, "value": self.client.issuer},
            sub={"essential": True},
            aud={"essential": True, "value": self.client.client_id},
            exp={"essential": True},
            iat={"essential": True},
        )
        try:
            registry.validate(claims)
        except JoseError as error:
            raise NotTrusted(f"claim: {error}") from error
        said = claims.get("nonce")
        if not isinstance(said, str) or not hmac.compare_digest(said.encode(), nonce.encode()):
            raise NotTrusted("nonce")
        self._check_parties(claims)
        return claims

    def _check_parties(self, claims: Mapping[str, Any]) -> None:
        audience = claims["aud"]
        others = isinstance(audience, list) and len(audience) > 1
        authorized = claims.get("azp")
        if (authorized is None and others) or (
            authorized is not None and authorized != self.client.client_id
        ):
            raise NotTrusted("azp")
        if not isinstance(claims["sub"], str) or not 0 < len(claims["sub"]) <= 255:
            raise NotTrusted("sub")
        if self._clock() - float(claims["iat"]) > _OLDEST_SECONDS:
            raise NotTrusted("too_old")

    def _signed(self, token: str) -> dict[str, Any]:
        """The content, if a key of the provider signed it; unknown keys are looked for once more."""
        for fresh in (False, True):
            try:
                return jwt.decode(
                    token, self._key_set(fresh), algorithms=list(ALGORITHMS), registry=_HEADERS
                ).claims
            except (JoseError, ValueError, TypeError, KeyError) as error:
                if fresh:
                    raise NotTrusted(f"signature: {type(error).__name__}") from error
        raise NotTrusted("signature")

    def _key_set(self, fresh: bool) -> KeySet:
        if self._keys is None or fresh:
            found = self._fetch.json(str(self.about()["jwks_uri"]))
            try:
                # A symmetric key in a public set is no secret: nothing signed with it proves anything.
                usable = [
                    key for key in found["keys"] if key.get("kty") != "oct" and key.get("use", "sig") == "sig"
                ]
                self._keys = KeySet.import_key_set({"keys": usable})
            except (JoseError, KeyError, TypeError, AttributeError, ValueError) as error:
                raise NotTrusted("keys") from error
        return self._keys

    def _tokens(self, code: str, verifier: str) -> Mapping[str, Any]:
        asked = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.client.redirect,
            "code_verifier": verifier,
        }
        if not self.client.client_secret:
            asked["client_id"] = self.client.client_id
            return self._fetch.form(str(self.about()["token_endpoint"]), asked)
        secret = (self.client.client_id, self.client.client_secret)
        ways = self.about().get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        if "client_secret_basic" in ways:
            return self._fetch.form(str(self.about()["token_endpoint"]), asked, secret)
        asked |= {"client_id": secret[0], "client_secret": secret[1]}
        return self._fetch.form(str(self.about()["token_endpoint"]), asked)

    def _identity(self, claims: Mapping[str, Any], access: Any) -> Identity:
        """The person; what the ID token leaves out is asked of the user-info address, for the same subject only."""
        where = self.about().get("userinfo_endpoint")
        told = dict(claims)
        if "email" not in told and isinstance(where, str) and isinstance(access, str):
            more = self._fetch.json(where, access)
            if more.get("sub") != claims["sub"]:
                raise NotTrusted("userinfo_subject")
            told = {**more, **told}
        # What the provider says counts; only where it is silent, what was agreed.
        verified = told.get("email_verified", self.client.trusts_email) is True
        return Identity(
            subject=claims["sub"],
            email=_text(told, "email").casefold() if verified else "",
            first_name=_text(told, "given_name"),
            surname=_text(told, "family_name"),
            strength=tuple(str(one) for one in told.get("amr", []) if isinstance(told.get("amr"), list)),
        )


def _text(told: Mapping[str, Any], name: str) -> str:
    value = told.get(name)
    return value.strip()[:254] if isinstance(value, str) else ""
